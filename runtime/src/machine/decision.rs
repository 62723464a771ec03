//! What decided: the conditions that a run came to, each with the values that it had then.
//!
//! Almost nothing is kept for this. The event, the answers of calls and the program never change, so a condition over them is
//! computed once more when somebody looks; only of the contact, which does change, a decision keeps the fields that it read.

use std::collections::BTreeMap;
use std::sync::Arc;

use compiler::ir::{
    Access, BinaryOperator, Contact, Expression, Identification, Part, Program, Root, Statement, Step, StepId, Trigger,
    Workflow, written_in_parts,
};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::expression::{Scope, condition, evaluate};
use super::input::{Card, Event};
use super::run::{EXIT, Run, Seen, StepRecord};
use crate::value::{HIDDEN, Record, Value, fit, read, to_json};

/// So many characters of a value are shown.
const SHOWN: usize = 200;
/// So many values of one condition are shown, and so many conditions of one statement.
const MANY: usize = 64;

/// A condition, or another expression that decided, with what it was worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What it is to its statement: `if`, `else if`, `match`, `where`, `until`, `for`, `to`, `in`, `identify by …`, or `segment NAME`.
    pub of: SmolStr,
    /// As an author writes it.
    pub expression: String,
    /// What it was worth: JSON, `•••` for what is sensitive, or why it had no value. `None` when that is not known any more.
    pub value: Option<String>,
    /// What its parts were worth, in the order of the text. A part that was not looked at is not among them.
    pub parts: Vec<Worth>,
}

/// What a part of an expression was worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Worth {
    /// The character of the text that the part is known by: the first of a reference, that of an operation's operator.
    pub at: usize,
    /// The part as an author writes it.
    pub expression: String,
    /// Its value as JSON, or `•••`.
    pub value: String,
}

/// What decided at each of a run's steps, in their order.
pub fn of_run(run: &Run) -> Vec<Vec<Decision>> {
    run.saved.steps.iter().map(|record| of_step(run, record)).collect()
}

/// Why an event was let into a workflow, or not: the `where` of each trigger that it might have come in by.
pub fn of_trigger(program: &Program, workflow: &Workflow, event: &Event) -> Vec<Decision> {
    let mut seer = Seer::of_event(program, event);
    for trigger in &workflow.triggers {
        if let Trigger::Event { event: name, filter: Some(filter) } = trigger
            && *name == event.name
        {
            seer.decide("where".into(), filter);
        }
    }
    seer.decisions
}

/// Why an event was let into a workflow, and what its contact was looked up by.
pub fn of_entry(program: &Program, workflow: &Workflow, event: &Event) -> Vec<Decision> {
    let mut decisions = of_trigger(program, workflow, event);
    // A schedule and a change bring their contact.
    let by_event = |trigger: &Trigger| matches!(trigger, Trigger::Event { event: name, .. } if *name == event.name);
    if workflow.triggers.iter().any(by_event) {
        let mut seer = Seer::of_event(program, event);
        seer.identification(workflow.identification.as_ref());
        decisions.append(&mut seer.decisions);
    }
    decisions
}

fn of_step(run: &Run, record: &StepRecord) -> Vec<Decision> {
    let (card, unknown) = as_seen(&run.program.ir.contact, &record.seen);
    let mut scope = run.scope(record.started_at);
    scope.contact = Some(&card);
    let mut seer = Seer { scope, unknown, decisions: vec![] };
    if record.kind == EXIT {
        let exits = run.workflow.ir.exits.iter().filter(|exit| Some(&exit.event) == record.label.as_ref());
        exits.filter_map(|exit| exit.filter.as_ref()).for_each(|filter| seer.decide("where".into(), filter));
        return seer.decisions;
    }
    let Some(step) = find(&run.workflow.ir.steps, &record.id) else { return vec![] };
    match &step.statement {
        Statement::If { branches, .. } => {
            let taken = record.branch.and_then(|branch| usize::try_from(branch).ok());
            for (index, branch) in branches.iter().enumerate() {
                seer.decide(if index == 0 { "if".into() } else { "else if".into() }, &branch.condition);
                // One that has no value, or is not known any more, is the last that was looked at, unless it was another.
                let goes_on = condition(&branch.condition, &seer.scope) == Ok(false);
                if taken.map_or(!goes_on, |taken| taken == index) {
                    break;
                }
            }
        }
        Statement::Match { value, .. } => seer.decide("match".into(), value),
        Statement::Wait { duration } => seer.decide("for".into(), duration),
        Statement::WaitUntil { time, zone } => {
            seer.decide("until".into(), time);
            zone.iter().for_each(|zone| seer.decide("in".into(), zone));
        }
        Statement::WaitFor { filter, up_to, .. } => {
            // Only an event that came has values.
            if let Some(filter) = filter.as_ref().filter(|_| record.branch == Some(0)) {
                seer.decide("where".into(), filter);
            }
            seer.decide("up to".into(), up_to);
        }
        Statement::Call { identification, .. } => seer.identification(identification.as_ref()),
        Statement::Send { to, between, .. } => {
            to.iter().for_each(|to| seer.decide("to".into(), to));
            between.iter().for_each(|window| seer.decide("in".into(), &window.zone));
            // What has gone from the card since then tells nothing.
            seer.decisions.retain(|decision| decision.value.is_some());
        }
        _ => {}
    }
    seer.decisions
}

/// The statement of an id.
fn find<'w>(block: &'w [Step], id: &StepId) -> Option<&'w Step> {
    block.iter().find_map(|step| {
        if step.id == *id {
            return Some(step);
        }
        // Branches are numbered from 0 on.
        step.statement.blocks().find_map(|steps| find(steps, id))
    })
}

/// Which of the contact's fields are not known any more.
enum Unknown {
    /// All of them.
    All,
    /// All but these; of some only the beginning.
    But(BTreeMap<SmolStr, bool>),
}

/// The contact as a decision found it.
fn as_seen(contact: &Contact, seen: &[Seen]) -> (Card, Unknown) {
    let (mut fields, mut known) = (Record::new(), BTreeMap::new());
    for Seen { field, json, is_cut } in seen {
        let value = match is_cut {
            true => Value::from(format!("{json}…").as_str()),
            false => read(json).unwrap_or_default(),
        };
        let typed = contact.field_type(field).and_then(|ty| fit(value.clone(), &ty.optional()).ok());
        fields.set(field.clone(), typed.unwrap_or(value));
        known.insert(field.clone(), *is_cut);
    }
    (Card { id: 0, fields: Arc::new(fields) }, Unknown::But(known))
}

/// Computes expressions once more.
struct Seer<'a> {
    scope: Scope<'a>,
    unknown: Unknown,
    decisions: Vec<Decision>,
}

impl<'a> Seer<'a> {
    /// Of what an event says alone.
    fn of_event(program: &'a Program, event: &'a Event) -> Seer<'a> {
        let mut scope = Scope::of_event(event, event.occurred_at);
        scope.program = Some(program);
        Seer { scope, unknown: Unknown::All, decisions: vec![] }
    }

    /// Notes what a contact was looked up by, way by way.
    fn identification(&mut self, identification: Option<&'a Identification>) {
        for way in identification.iter().flat_map(|identification| &identification.ways) {
            self.decide(format_smolstr!("identify by {}", way.by), &way.value);
        }
    }

    /// Notes what an expression was worth; one that is written out says it already.
    fn decide(&mut self, of: SmolStr, expression: &'a Expression) {
        let known = self.decisions.iter().any(|decision| decision.of == of && of.starts_with("segment "));
        if known || self.decisions.len() >= MANY || matches!(expression, Expression::Literal(_)) {
            return;
        }
        let (text, parts) = written_in_parts(expression);
        let mut looked_at = Vec::new();
        self.look(expression, &mut looked_at);
        let mut worth = Vec::new();
        for (at, part) in parts {
            let plain = matches!(
                part,
                Expression::Literal(_) | Expression::Text(_) | Expression::List(_) | Expression::Record(_)
            );
            if plain || worth.len() >= MANY || !looked_at.iter().any(|looked| std::ptr::eq(*looked, part)) {
                continue;
            }
            if let Some(value) = self.worth(part) {
                let at = text.get(..at).map_or(0, |before| before.chars().count());
                worth.push(Worth { at, expression: written_in_parts(part).0, value });
            }
        }
        self.decisions.push(Decision { of, value: self.worth(expression), expression: text, parts: worth });
        for part in looked_at {
            if let Expression::InSegment(name) = part
                && let Some(segment) = self.scope.program.and_then(|program| program.segments.get(name))
            {
                self.decide(format_smolstr!("segment {name}"), &segment.condition);
            }
        }
    }

    /// The parts that were looked at: what follows a false `and` was not.
    fn look<'e>(&self, expression: &'e Expression, looked_at: &mut Vec<&'e Expression>) {
        looked_at.push(expression);
        match expression {
            Expression::Literal(_) | Expression::InSegment(_) => {}
            Expression::Reference { path, .. } => {
                for access in path {
                    if let Access::Index(index) = access {
                        self.look(index, looked_at);
                    }
                }
            }
            Expression::Text(parts) => {
                for part in parts {
                    if let Part::Value { value, .. } = part {
                        self.look(value, looked_at);
                    }
                }
            }
            Expression::List(items) => items.iter().for_each(|item| self.look(item, looked_at)),
            Expression::Record(fields) => fields.iter().for_each(|(_, value)| self.look(value, looked_at)),
            Expression::Not(operand) | Expression::Negate(operand) | Expression::IsSet(operand) => {
                self.look(operand, looked_at);
            }
            Expression::Binary { operator, left, right } => {
                self.look(left, looked_at);
                let follows = match operator {
                    BinaryOperator::And => self.is(left, &Value::Bool(true)),
                    BinaryOperator::Or => self.is(left, &Value::Bool(false)) || self.is(left, &Value::Null),
                    BinaryOperator::Default => self.is(left, &Value::Null),
                    _ => true,
                };
                if follows {
                    self.look(right, looked_at);
                }
            }
        }
    }

    fn is(&self, expression: &Expression, value: &Value) -> bool {
        self.knows(expression, 0) && evaluate(expression, &self.scope).as_ref() == Ok(value)
    }

    /// What a part was worth, for people.
    fn worth(&self, part: &Expression) -> Option<String> {
        let is_cut = |name: &SmolStr| matches!(&self.unknown, Unknown::But(known) if known.get(name) == Some(&true));
        let beginning = match part {
            Expression::Reference { root: Root::Contact, path } => {
                matches!(path.as_slice(), [Access::Field(name)] if is_cut(name))
            }
            _ => false,
        };
        if !beginning && !self.knows(part, 0) {
            return None;
        }
        let scope = self.scope.clone().noting_sensitive();
        let value = match evaluate(part, &scope) {
            Ok(value) => value,
            Err(error) => return Some(error.to_string()),
        };
        let tells_nothing = matches!(value, Value::Null | Value::Bool(_));
        if !tells_nothing && !scope.sensitive_texts().is_empty() {
            return Some(HIDDEN.to_owned());
        }
        let json = to_json(&value);
        let mut shown: String = json.chars().take(SHOWN).collect();
        if shown.len() < json.len() {
            shown.push('…');
        }
        Some(shown)
    }

    /// Whether all that an expression reads is known still.
    fn knows(&self, expression: &Expression, depth: u32) -> bool {
        let all = |expressions: &mut dyn Iterator<Item = &Expression>| {
            let mut known = true;
            expressions.for_each(|part| known &= self.knows(part, depth));
            known
        };
        match expression {
            Expression::Literal(_) => true,
            Expression::Reference { root, path } => {
                let field = match path.first() {
                    Some(Access::Field(name)) => Some(name),
                    _ => None,
                };
                let known = match (root, &self.unknown) {
                    (Root::Contact, Unknown::All) => false,
                    (Root::Contact, Unknown::But(known)) => field.is_some_and(|name| known.get(name) == Some(&false)),
                    _ => true,
                };
                known
                    && all(&mut path.iter().filter_map(|access| match access {
                        Access::Index(index) => Some(&**index),
                        Access::Field(_) => None,
                    }))
            }
            Expression::Text(parts) => all(&mut parts.iter().filter_map(|part| match part {
                Part::Value { value, .. } => Some(value),
                Part::Literal(_) => None,
            })),
            Expression::List(items) => all(&mut items.iter()),
            Expression::Record(fields) => all(&mut fields.iter().map(|(_, value)| value)),
            Expression::Not(operand) | Expression::Negate(operand) | Expression::IsSet(operand) => {
                self.knows(operand, depth)
            }
            Expression::InSegment(name) => {
                let segment = self.scope.program.and_then(|program| program.segments.get(name));
                // Segments name each other only so deep, and never in a circle.
                depth < 32 && segment.is_some_and(|segment| self.knows(&segment.condition, depth + 1))
            }
            Expression::Binary { operator, left, right } => {
                // What was not looked at need not be known.
                let settled = |value: bool| self.is(left, &Value::Bool(value));
                let left_decides = match operator {
                    BinaryOperator::And => settled(false),
                    BinaryOperator::Or => settled(true),
                    BinaryOperator::Default => self.knows(left, depth) && !self.is(left, &Value::Null),
                    _ => false,
                };
                self.knows(left, depth) && (left_decides || self.knows(right, depth))
            }
        }
    }
}
