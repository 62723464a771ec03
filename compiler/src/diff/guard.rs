//! Checks that stand before a message on every way to it: conditions on whether the contact may be written to.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::catalogue::Slug;
use super::change::Change;
use super::filter::{self, Order};
use super::step::ends;
use crate::ir::{Access, Block, Expression, Program, Root, Statement, Type, Workflow, Written};

/// Reports checks that stood before a message and do not any more.
pub(super) fn compare(
    name: &SmolStr,
    (base, base_workflow): (&Program, &Workflow),
    head_workflow: &Workflow,
    changes: &mut Vec<Change>,
) {
    let (before, after) = (guards(base_workflow), guards(head_workflow));
    for (message, sends) in &before {
        let Some(sends_now) = after.get(message) else { continue };
        let mut asked: Vec<&Expression> = Vec::new();
        for condition in sends.iter().flatten().filter(|condition| is_consent(base, condition)) {
            if !asked.contains(&condition) {
                asked.push(condition);
            }
        }
        for condition in asked {
            let holds = |guards: &&Vec<Expression>| {
                guards.iter().any(|there| matches!(filter::order(condition, there), Order::Same | Order::Narrower))
            };
            let (held, holding) = (sends.iter().filter(holds).count(), sends_now.iter().filter(holds).count());
            // A further `send` without the check is told as such; here one that had it has lost it.
            if holding < held && sends_now.len() - holding > sends.len() - held {
                let address = format!("workflow.{name}/send:{message}");
                let change = Change::new(Slug::ConsentCheckRemoved, address, format!("workflow {name}"));
                let written = Written(condition);
                changes.push(
                    change
                        .in_workflow(name)
                        .value(Written(condition))
                        .before(format!("send {message} only if {written}")),
                );
            }
        }
    }
}

/// What holds whenever a message is sent, by message: for each `send` its conditions.
type Guards = BTreeMap<SmolStr, Vec<Vec<Expression>>>;

fn guards(workflow: &Workflow) -> Guards {
    let mut found = Guards::new();
    walk(&workflow.steps, &mut Vec::new(), &mut found);
    found
}

fn walk(block: &Block, holding: &mut Vec<Expression>, found: &mut Guards) {
    let depth = holding.len();
    for step in block {
        match &step.statement {
            Statement::Send { message, .. } => {
                found.entry(message.clone()).or_default().push(holding.clone());
            }
            Statement::If { branches, otherwise } => {
                let outside = holding.len();
                for branch in branches {
                    holding.push(branch.condition.clone());
                    walk(&branch.block, holding, found);
                    holding.pop();
                    // The later branches, and what follows if this one ends, run only where it was false.
                    holding.push(negated(&branch.condition));
                }
                walk(otherwise, holding, found);
                let behind: Vec<Expression> = branches
                    .iter()
                    .take_while(|branch| ends(&branch.block))
                    .map(|branch| negated(&branch.condition))
                    .collect();
                holding.truncate(outside);
                if !otherwise.is_empty()
                    && ends(otherwise)
                    && let [only] = branches.as_slice()
                    && !ends(&only.block)
                {
                    holding.push(only.condition.clone());
                }
                holding.extend(behind);
            }
            other => {
                for inner in crate::audit::blocks(other) {
                    walk(inner, holding, found);
                }
            }
        }
    }
    holding.truncate(depth);
}

fn negated(condition: &Expression) -> Expression {
    match condition {
        Expression::Not(inner) => (**inner).clone(),
        other => Expression::Not(Box::new(other.clone())),
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

fn names_consent(name: &str) -> bool {
    const WORDS: [&str; 9] = ["consent", "subscri", "opt", "suppress", "marketing", "gdpr", "block", "do_not", "unsub"];
    let name = name.to_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}
