//! What a program does otherwise than another: the semantic difference that a reviewer reads.
//!
//! Both sides are compiled programs, so layout, order and comments never show. Changes of declarations and steps come first;
//! what was derived from the programs ([`crate::audit`]) is compared as such, so an edit of something shared shows where it
//! reaches. Nothing that compiles to another program is without a change: what has no kind of its own is
//! [`Slug::DeclarationChanged`].

// What a change is.
mod catalogue;
mod change;
mod text;

// Comparing.
mod align;
mod data;
mod declaration;
mod facts;
mod guard;
mod header;
mod links;
mod membership;
mod message;
mod rename;
mod request;
mod step;
mod tests;
mod unhandled;
mod usage;
mod visible;
mod way_out;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

pub(crate) use align::{Aligned, align};
pub use catalogue::{Risk, Runs, Slug};
pub use change::{Accepted, Change};
pub use facts::spoken;
pub(crate) use header::trigger as trigger_words;
pub use text::{Fate, Run, Words};
pub(crate) use words::head as step_words;

use crate::audit::Audit;
use crate::filter;
use crate::ir::{Expression, Program, Statement, Test, Trigger, each_step};
use crate::pair::{Pair, pairs};

/// What differs between two programs.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// Every change: by risk, then in the order in which a reviewer asks.
    pub changes: Vec<Change>,
    /// The old program under the names that its parts have on the new side, where any has another.
    pub renamed: Option<Program>,
    /// What was derived from the old program.
    pub base: Audit,
    /// What was derived from the new program.
    pub head: Audit,
}

/// One of the two programs that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The program.
    pub program: &'a Program,
    /// Its tests; nothing where they are not known, as in a compiled file.
    pub tests: Option<&'a [Arc<Test>]>,
}

/// Compares two programs and their tests.
pub fn diff(base: Side<'_>, head: Side<'_>) -> Diff {
    let mut changes = Vec::new();
    let named_anew = rename::renamed(base.program, head.program, &mut changes);
    let old = named_anew.as_ref().map_or(base.program, |(program, _)| program);
    programs(old, head.program, &mut changes);
    if changes.is_empty() && base.program != head.program {
        changes.push(Change::new(Slug::DeclarationChanged, "program", "the program"));
    }
    if let (Some(base), Some(head)) = (base.tests, head.tests) {
        // A test that goes alone, with the behaviour as it was, hides nothing today.
        let behaviour_changed = !changes.is_empty();
        let renamed = named_anew.as_ref().map(|(_, renames)| renames.tests(base));
        tests::compare(renamed.as_deref().unwrap_or(base), head, behaviour_changed, &mut changes);
    }
    let base_facts = Audit::of(old);
    let head_facts = Audit::after(head.program, old, &base_facts);
    facts::compare(&base_facts, &head_facts, &message::sensitive(head.program), &mut changes);
    reach(base.program, head.program, &mut changes);
    usage::note(head.program, &head_facts, &mut changes);
    changes.dedup();
    let renamed = named_anew.map(|(program, _)| program);
    let mut diff = Diff { changes, renamed, base: base_facts, head: head_facts };
    diff.sort();
    diff
}

impl Diff {
    /// Puts the changes into their order: what nobody has accepted first, by risk, then as a reviewer asks.
    pub fn sort(&mut self) {
        self.changes.sort_by(|one, other| {
            let accepted = one.accepted.is_some().cmp(&other.accepted.is_some());
            let risk = other.risk.cmp(&one.risk);
            accepted.then(risk).then(one.slug.cmp(&other.slug)).then_with(|| one.address.cmp(&other.address))
        });
    }
}

fn programs(base: &Program, head: &Program, changes: &mut Vec<Change>) {
    data::compare(base, head, changes);
    membership::rate(base, head, changes);
    request::compare(base, head, changes);
    message::compare(base, head, changes);
    workflows(base, head, changes);
}

fn workflows(base: &Program, head: &Program, changes: &mut Vec<Change>) {
    let segments_differ = base.segments != head.segments;
    let types_differ = unhandled::types_differ(base, head);
    for (name, pair) in pairs(&base.workflows, &head.workflows) {
        let same = pair.is_same();
        if same && !segments_differ && !types_differ {
            continue;
        }
        let (address, title) = (format!("workflow.{name}"), format!("workflow {name}"));
        let change = |slug| Change::new(slug, address.clone(), title.clone()).in_workflow(name);
        let starts = |triggers: &[Trigger]| triggers.iter().map(header::trigger).collect::<Vec<_>>().join(", ");
        match pair {
            Pair::Added(new) => {
                changes.push(change(Slug::WorkflowAdded).after(starts(&new.triggers)));
                step::added(name, (head, new), changes);
            }
            Pair::Removed(old) => changes.push(change(Slug::WorkflowRemoved).before(starts(&old.triggers))),
            Pair::Both(old, new) => {
                // Where nothing but the identities of steps differs, nothing is told: they follow names, and those were told.
                if !same && !rename::same_steps(old, new) {
                    let known = changes.len();
                    let renamed = rename::with_results_of(old, new);
                    let old = renamed.as_ref().unwrap_or(old);
                    header::compare(name, (base, old), (head, new), changes);
                    step::compare(name, (base, old), (head, new), changes);
                    if changes.len() == known {
                        changes.push(change(Slug::DeclarationChanged));
                    }
                }
                // What a segment asks may have changed, or what a field can be, and the workflow not.
                if !same || segments_differ {
                    guard::compare(name, (base, old), (head, new), changes);
                }
                if types_differ {
                    unhandled::compare(name, (base, head), new, changes);
                }
            }
        }
    }
}

/// Notes at each change of something shared which workflows use it, on either side.
fn reach(base: &Program, head: &Program, changes: &mut [Change]) {
    if !changes.iter().any(|change| change.workflow.is_none() && change.reaches.is_empty()) {
        return;
    }
    let mut users: BTreeMap<String, BTreeSet<SmolStr>> = BTreeMap::new();
    for program in [base, head] {
        for (name, workflow) in &program.workflows {
            for used in uses(program, workflow) {
                users.entry(used).or_default().insert(name.clone());
            }
        }
    }
    for change in changes.iter_mut().filter(|change| change.workflow.is_none() && change.reaches.is_empty()) {
        let owner = users.iter().find(|(used, _)| {
            change.address.strip_prefix(used.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if let Some((_, workflows)) = owner {
            change.reaches = workflows.iter().cloned().collect();
        }
    }
}

/// The addresses of what a workflow uses.
pub(crate) fn uses(program: &Program, workflow: &crate::ir::Workflow) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let request = |kind: &str, name: &SmolStr, connector: Option<&SmolStr>, used: &mut BTreeSet<String>| {
        used.insert(format!("{kind}.{name}"));
        used.extend(connector.map(|connector| format!("connector.{connector}")));
    };
    for trigger in &workflow.triggers {
        match trigger {
            Trigger::Event { event, .. } => used.insert(format!("event.{event}")),
            Trigger::Schedule { segment, .. } => used.insert(format!("segment.{segment}")),
            Trigger::ContactChanged { field } => used.insert(format!("contact.{field}")),
        };
    }
    used.extend(workflow.exits.iter().map(|exit| format!("event.{}", exit.event)));
    each_step(&workflow.steps, &mut |step| match &step.statement {
        Statement::Call { webhook, .. } => {
            let connector = program.webhooks.get(webhook).and_then(|webhook| webhook.connector.as_ref());
            request("webhook", webhook, connector, &mut used);
        }
        Statement::Send { message, .. } => {
            used.insert(format!("message.{message}"));
            for channel in program.messages.get(message).into_iter().flat_map(|message| message.channels.keys()) {
                let connector = program.channels.get(channel).and_then(|channel| channel.request.connector.as_ref());
                request("channel", channel, connector, &mut used);
            }
        }
        Statement::WaitFor { event, .. } | Statement::Emit { event, .. } => {
            used.insert(format!("event.{event}"));
        }
        Statement::Set { field, .. } => {
            used.insert(format!("contact.{field}"));
        }
        Statement::If { branches, .. } => {
            branches.iter().for_each(|branch| segments(&branch.condition, &mut used));
        }
        _ => {}
    });
    used
}

fn segments(condition: &Expression, used: &mut BTreeSet<String>) {
    match condition {
        Expression::InSegment(segment) => {
            used.insert(format!("segment.{segment}"));
        }
        Expression::Not(inner) => segments(inner, used),
        Expression::Binary { left, right, .. } => {
            segments(left, used);
            segments(right, used);
        }
        _ => {}
    }
}
