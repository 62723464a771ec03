//! Values that a type has now and that a `match`, or a chain of `if`, has no way for: it named every one of them before.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::catalogue::{Risk, Slug};
use super::change::Change;
use super::filter::{self, Scope};
use super::{step, words};
use crate::ir::{Program, Statement, Step, Type, Workflow, Written, each_step};
use crate::pair::pairs;

/// Whether anything that workflows read is of another type in the other program.
pub(super) fn types_differ(base: &Program, head: &Program) -> bool {
    base.contact != head.contact
        || pairs(&base.events, &head.events).any(|(_, pair)| !pair.is_same())
        || pairs(&base.webhooks, &head.webhooks).any(|(_, pair)| !pair.is_same())
}

/// Reports the steps of a workflow that leave out what they did not, though their own words may be as they were.
pub(super) fn compare(
    name: &SmolStr,
    (base, head): (&Program, &Program),
    workflow: &Workflow,
    changes: &mut Vec<Change>,
) {
    let (before, after) = (Scope::within((base, base), workflow), Scope::within((head, head), workflow));
    let leads = step::before_sends(&workflow.steps);
    each_step(&workflow.steps, &mut |step| {
        let (Statement::If { otherwise, .. } | Statement::Match { otherwise, .. }) = &step.statement else { return };
        let ways = filter::ways(&step.statement);
        if !otherwise.is_empty() || !filter::one_holds(&before, &ways) || filter::one_holds(&after, &ways) {
            return;
        }
        let address = format!("workflow.{name}/{}", step.id.0);
        let change = Change::new(Slug::BranchConditionChanged, address, format!("workflow {name}")).in_workflow(name);
        let change = change.before(format!("{}: every value has a way", words::head(&step.statement)));
        let change = change.after(match left_out(&after, step) {
            Some(values) => format!("no way for {values}"),
            None => "not every value has a way".to_owned(),
        });
        let sent = sent(step);
        let change = match sent.is_empty() {
            true => change,
            false => change.detail(format!("who has no way gets none of what the others get: {}", sent.join(", "))),
        };
        // Some of the ways hold people back from a message behind them; this one holds nobody.
        let goes_on = leads.contains(step.id.0.as_str()) && step.statement.blocks().any(step::ends);
        changes.push(if goes_on {
            change.risk(Risk::Danger).detail("who has no way goes on to the messages behind it")
        } else {
            change
        });
    });
}

/// The values that no arm names.
fn left_out(scope: &Scope<'_>, step: &Step) -> Option<String> {
    let Statement::Match { value, arms, .. } = &step.statement else { return None };
    let named: Vec<String> = arms.iter().flat_map(|arm| &arm.values).map(ToString::to_string).collect();
    let ty = scope.ty(value)?;
    let mut values: Vec<String> = match ty.required() {
        Type::Union(members) => members.iter().map(ToString::to_string).collect(),
        Type::Bool => vec!["true".to_owned(), "false".to_owned()],
        _ => return Some(format!("another {} in {}", ty.required(), Written(value))),
    };
    if ty.is_optional() {
        values.push("null".to_owned());
    }
    values.retain(|value| !named.contains(value));
    (!values.is_empty()).then(|| values.join(", "))
}

/// The messages of the ways of a step.
fn sent(step: &Step) -> Vec<String> {
    let mut sent = BTreeSet::new();
    for block in step.statement.blocks() {
        each_step(block, &mut |step| {
            if let Statement::Send { message, .. } = &step.statement {
                sent.insert(message.to_string());
            }
        });
    }
    sent.into_iter().collect()
}
