//! Checks that stand before a message on every way to it: conditions on whether the contact may be written to.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::catalogue::Slug;
use super::change::Change;
use super::filter::{self, Order, Scope, meant, negated};
use super::step::ends;
use crate::ir::{
    Access, BinaryOperator, Block, Expression, Program, Root, Statement, Trigger, Type, Workflow, Written,
};

/// Reports checks that stood before a message and do not any more. Segments count as what they ask, so one that asks less
/// is told at every workflow that relies on it.
pub(super) fn compare(
    name: &SmolStr,
    (base, base_workflow): (&Program, &Workflow),
    (head, head_workflow): (&Program, &Workflow),
    changes: &mut Vec<Change>,
) {
    let (before, after) = (guards(base, base_workflow), guards(head, head_workflow));
    for (message, sends) in &before {
        let Some(sends_now) = after.get(message) else { continue };
        let mut asked: Vec<&Expression> = Vec::new();
        for condition in sends.iter().flat_map(|send| &send.holding).filter(|condition| is_consent(base, condition)) {
            if !asked.contains(&condition) {
                asked.push(condition);
            }
        }
        for condition in asked {
            let holds = |send: &&Guarded<'_>| {
                let is_it = |there| {
                    matches!(
                        filter::order(&Scope::within((base, head), head_workflow), condition, there),
                        Order::Same | Order::Narrower
                    )
                };
                send.holding.iter().any(is_it)
            };
            let (held, holding) = (sends.iter().filter(holds).count(), sends_now.iter().filter(holds).count());
            // A further `send` without the check is told as such; here one that had it has lost it.
            if holding < held && sends_now.len() - holding > sends.len() - held {
                let address = format!("workflow.{name}/send:{message}");
                let change = Change::new(Slug::ConsentCheckRemoved, address, format!("workflow {name}"));
                let written = Written(condition);
                let change = change.in_workflow(name).value(Written(condition));
                let change = change.before(format!("send {message} only if {written}"));
                let bare = sends_now.iter().find(|send| !holds(send));
                changes.push(match bare {
                    Some(send) => change.part(format!("workflow.{name}/{}", send.step)),
                    None => change,
                });
            }
        }
    }
}

/// What holds whenever a message is sent, by message.
type Guards<'p> = BTreeMap<SmolStr, Vec<Guarded<'p>>>;

/// One `send`, and the conditions that hold there, taken apart at each `and`.
struct Guarded<'p> {
    step: &'p str,
    holding: Vec<Expression>,
}

fn guards<'p>(program: &'p Program, workflow: &'p Workflow) -> Guards<'p> {
    let mut walk = Walk { program, holding: Vec::new(), found: Guards::new() };
    if let Some(members) = members(&workflow.triggers) {
        walk.hold(&members);
    }
    walk.block(&workflow.steps);
    walk.found
}

/// Whom schedules start runs for, where nothing else starts one: a member of one of their segments.
fn members(triggers: &[Trigger]) -> Option<Expression> {
    let segments: Option<Vec<Expression>> = triggers
        .iter()
        .map(|trigger| match trigger {
            Trigger::Schedule { segment, .. } => Some(Expression::InSegment(segment.clone())),
            Trigger::Event { .. } | Trigger::ContactChanged { .. } => None,
        })
        .collect();
    segments?.into_iter().reduce(|one, other| joined(BinaryOperator::Or, one, other))
}

struct Walk<'p> {
    program: &'p Program,
    holding: Vec<Expression>,
    found: Guards<'p>,
}

impl<'p> Walk<'p> {
    /// Notes that a condition holds from here on.
    fn hold(&mut self, condition: &Expression) {
        apart(meant(self.program, condition), &mut self.holding);
    }

    /// Notes that whoever is behind a statement came by one of its ways, where some end within one.
    fn hold_passed(&mut self, statement: &Statement) {
        let partly = statement.blocks().any(|block| matches!(passing(block), Passing::When(_)));
        if partly && let Passing::When(condition) = passing_by(statement) {
            self.hold(&condition);
        }
    }

    fn block(&mut self, block: &'p Block) {
        let depth = self.holding.len();
        for step in block {
            match &step.statement {
                Statement::Send { message, .. } => {
                    let guarded = Guarded { step: &step.id.0, holding: self.holding.clone() };
                    self.found.entry(message.clone()).or_default().push(guarded);
                }
                Statement::If { branches, otherwise } => {
                    let outside = self.holding.len();
                    for branch in branches {
                        let before = self.holding.len();
                        self.hold(&branch.condition);
                        self.block(&branch.block);
                        self.holding.truncate(before);
                        // The later branches, and what follows if this one ends, run only where it was false.
                        self.hold(&negated(&branch.condition));
                    }
                    self.block(otherwise);
                    self.holding.truncate(outside);
                    if !otherwise.is_empty()
                        && ends(otherwise)
                        && let [only] = branches.as_slice()
                        && !ends(&only.block)
                    {
                        self.hold(&only.condition);
                    }
                    for branch in branches.iter().take_while(|branch| ends(&branch.block)) {
                        self.hold(&negated(&branch.condition));
                    }
                    self.hold_passed(&step.statement);
                }
                Statement::Match { value, arms, otherwise } => {
                    let outside = self.holding.len();
                    for arm in arms {
                        self.hold(&filter::is_one_of(value, &arm.values));
                        self.block(&arm.block);
                        self.holding.truncate(outside);
                    }
                    arms.iter().for_each(|arm| self.hold(&negated(&filter::is_one_of(value, &arm.values))));
                    self.block(otherwise);
                    self.holding.truncate(outside);
                    for arm in arms.iter().filter(|arm| ends(&arm.block)) {
                        self.hold(&negated(&filter::is_one_of(value, &arm.values)));
                    }
                    self.hold_passed(&step.statement);
                }
                other => {
                    other.blocks().for_each(|inner| self.block(inner));
                    self.hold_passed(other);
                }
            }
        }
        self.holding.truncate(depth);
    }
}

/// Of a statement with more ways than this it is not asked who gets behind it.
const MOST_WAYS: usize = 32;

/// Who gets behind some steps.
enum Passing {
    All,
    Nobody,
    When(Expression),
}

impl Passing {
    fn and(self, other: Passing) -> Passing {
        match (self, other) {
            (Passing::Nobody, _) | (_, Passing::Nobody) => Passing::Nobody,
            (Passing::All, passing) | (passing, Passing::All) => passing,
            (Passing::When(one), Passing::When(two)) => Passing::When(joined(BinaryOperator::And, one, two)),
        }
    }

    fn or(self, other: Passing) -> Passing {
        match (self, other) {
            (Passing::All, _) | (_, Passing::All) => Passing::All,
            (Passing::Nobody, passing) | (passing, Passing::Nobody) => passing,
            (Passing::When(one), Passing::When(two)) => Passing::When(joined(BinaryOperator::Or, one, two)),
        }
    }
}

/// Who gets behind the steps of a block.
fn passing(block: &Block) -> Passing {
    block.iter().fold(Passing::All, |passing, step| passing.and(passing_by(&step.statement)))
}

/// Who gets behind a statement. Which way of a `split` or a `wait for` somebody takes no condition says.
fn passing_by(statement: &Statement) -> Passing {
    let blocks = || statement.blocks().map(passing);
    match statement {
        Statement::Stop { .. } | Statement::Fail { .. } => Passing::Nobody,
        Statement::If { .. } | Statement::Match { .. } => {
            if blocks().all(|block| matches!(block, Passing::All)) {
                return Passing::All;
            }
            let conditions = filter::ways(statement);
            if conditions.len() > MOST_WAYS {
                return Passing::All;
            }
            let mut reached = Passing::All;
            let mut passed = Passing::Nobody;
            for (number, block) in blocks().enumerate() {
                let condition = conditions.get(number);
                let here = condition.map_or(Passing::All, |condition| Passing::When(condition.clone()));
                let way = reached.and(here);
                reached = conditions
                    .iter()
                    .take(number + 1)
                    .map(|it| Passing::When(negated(it)))
                    .fold(Passing::All, Passing::and);
                passed = passed.or(way.and(block));
            }
            passed
        }
        Statement::Split(_) | Statement::WaitFor { .. } => blocks().fold(Passing::Nobody, Passing::or),
        _ => Passing::All,
    }
}

fn joined(operator: BinaryOperator, left: Expression, right: Expression) -> Expression {
    Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

/// Takes a condition apart into what all must hold.
fn apart(condition: Expression, into: &mut Vec<Expression>) {
    match condition {
        Expression::Binary { operator: BinaryOperator::And, left, right } => {
            apart(*left, into);
            apart(*right, into);
        }
        Expression::Not(inner) => match *inner {
            Expression::Binary { operator: BinaryOperator::Or, left, right } => {
                apart(negated(&left), into);
                apart(negated(&right), into);
            }
            other => into.push(Expression::Not(Box::new(other))),
        },
        other => into.push(other),
    }
}

/// Whether a condition is on whether somebody may be written to: on a field that is true or false, or on a field or segment
/// whose name says so.
fn is_consent(program: &Program, condition: &Expression) -> bool {
    match condition {
        Expression::Reference { root: Root::Contact, path } => {
            let Some(Access::Field(field)) = path.first() else { return false };
            names_consent(field)
                || program.contact.field_type(field).is_some_and(|ty| matches!(ty.required(), Type::Bool))
        }
        Expression::InSegment(segment) => {
            names_consent(segment)
                || program.segments.get(segment).is_some_and(|segment| is_consent(program, &segment.condition))
        }
        Expression::Not(inner) | Expression::IsSet(inner) | Expression::Negate(inner) => is_consent(program, inner),
        Expression::Binary { left, right, .. } => is_consent(program, left) || is_consent(program, right),
        Expression::List(items) => items.iter().any(|item| is_consent(program, item)),
        Expression::Literal(_) | Expression::Reference { .. } | Expression::Text(_) | Expression::Record(_) => false,
    }
}

/// Whether a name says that it is about whether somebody may be written to.
pub(super) fn names_consent(name: &str) -> bool {
    const WORDS: [&str; 9] = ["consent", "subscri", "opt", "suppress", "marketing", "gdpr", "block", "do_not", "unsub"];
    let name = name.to_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}
