//! Checks that stand before a message on every way to it: conditions on whether the contact may be written to.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::catalogue::Slug;
use super::change::Change;
use super::filter::{self, Order, Scope, meant, negated};
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
    segments?.into_iter().reduce(|one, other| one.with(BinaryOperator::Or, other))
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
                }
                other => other.blocks().for_each(|inner| self.block(inner)),
            }
            // Whoever is behind a statement came by one of its ways.
            if let Passing::When(condition) = passing_by(&step.statement) {
                self.hold(&condition);
            }
        }
        self.holding.truncate(depth);
    }
}

/// Of a statement with more ways than this it is not asked who gets behind it.
const MOST_WAYS: usize = 32;

/// Who gets behind some steps.
#[derive(Clone)]
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
            (Passing::When(one), Passing::When(two)) => Passing::When(one.with(BinaryOperator::And, two)),
        }
    }

    fn or(self, other: Passing) -> Passing {
        match (self, other) {
            (Passing::All, _) | (_, Passing::All) => Passing::All,
            (Passing::Nobody, passing) | (passing, Passing::Nobody) => passing,
            (Passing::When(one), Passing::When(two)) => Passing::When(one.with(BinaryOperator::Or, two)),
        }
    }
}

/// Who gets behind the steps of a block.
fn passing(block: &Block) -> Passing {
    block.iter().fold(Passing::All, |passing, step| passing.and(passing_by(&step.statement)))
}

/// Who gets behind a statement: of each way, who does not take it or gets behind its block. Which way of a `split` or a `wait
/// for` somebody takes no condition says.
fn passing_by(statement: &Statement) -> Passing {
    let blocks = || statement.blocks().map(passing);
    match statement {
        Statement::Stop { .. } | Statement::Fail { .. } => Passing::Nobody,
        Statement::If { .. } | Statement::Match { .. } => {
            let conditions = filter::ways(statement);
            if conditions.len() > MOST_WAYS {
                return Passing::All;
            }
            // Who takes an earlier way does not take this one; of the arms of a `match` none shuts out another.
            let arms_apart = matches!(statement, Statement::Match { .. });
            let (mut earlier, mut passed) = (Passing::Nobody, Passing::All);
            for (number, block) in blocks().enumerate() {
                let not_this = match conditions.get(number) {
                    Some(condition) if arms_apart => Passing::When(negated(condition)),
                    Some(condition) => earlier.clone().or(Passing::When(negated(condition))),
                    None => earlier.clone(),
                };
                // Whoever ends there has not got behind: what is said of the earlier way says it already.
                if let Some(condition) = conditions.get(number).filter(|_| !matches!(block, Passing::Nobody)) {
                    earlier = earlier.or(Passing::When(condition.clone()));
                }
                passed = passed.and(not_this.or(block));
            }
            passed
        }
        Statement::Split(_) | Statement::WaitFor { .. } => blocks().fold(Passing::Nobody, Passing::or),
        _ => Passing::All,
    }
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
