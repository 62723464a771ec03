//! Workflows that start each other by the events that they raise: a circle never ends.
//!
//! Conditions are not looked at. A circle that ends by one ends by chance, and a slip in it sends messages without end.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::cycle::cycles;
use crate::check::memo::Checked;
use crate::diagnostic::Diagnostic;
use crate::ir::{Trigger, Workflow};
use crate::source::Span;

/// The workflows that raise events, by name.
type Workflows<'w> = BTreeMap<&'w str, &'w Checked<Workflow>>;

/// Reports every circle at the `emit` that closes it.
pub(crate) fn report_cycles<'w>(
    workflows: impl Iterator<Item = (&'w SmolStr, &'w Checked<Workflow>)>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    // One that raises nothing is in no circle.
    let emitting = workflows.filter(|(_, checked)| !checked.emitted.is_empty());
    let workflows: Workflows<'_> = emitting.map(|(name, checked)| (name.as_str(), checked)).collect();
    let mut started: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, checked) in &workflows {
        for event in events(checked) {
            started.entry(event).or_default().insert(name);
        }
    }
    let below = |checked: &Checked<Workflow>| {
        checked.emitted.iter().filter_map(|(event, _)| started.get(event.as_str())).flatten().copied().collect()
    };
    let graph = workflows.iter().map(|(name, checked)| (*name, below(checked))).collect();
    for members in cycles(&graph) {
        report(&members, &workflows, diagnostics);
    }
}

/// The events that start a workflow.
fn events(checked: &Checked<Workflow>) -> impl Iterator<Item = &str> {
    checked.lowered.iter().flat_map(|workflow| &workflow.triggers).filter_map(|trigger| match trigger {
        Trigger::Event { event, .. } => Some(event.as_str()),
        Trigger::Schedule { .. } | Trigger::ContactChanged { .. } => None,
    })
}

fn report(members: &[&str], workflows: &Workflows<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // The event by which each member starts the next one.
    let steps = members.iter().zip(members.iter().cycle().skip(1)).filter_map(|(from, to)| {
        let starts: BTreeSet<&str> = events(workflows.get(to)?).collect();
        let (event, span) = workflows.get(from)?.emitted.iter().find(|(event, _)| starts.contains(event.as_str()))?;
        Some((*to, event, *span))
    });
    let mut steps: Vec<(&str, &SmolStr, Span)> = steps.collect();
    let Some((first, event, span)) = steps.pop() else { return };
    let message = if steps.is_empty() {
        format!("`{event}` starts the workflow `{first}` again, in which it is raised")
    } else {
        format!("`{event}` starts the workflow `{first}` again, which led here")
    };
    let mut finding = Diagnostic::new(Code::EmitCycle, span)
        .message(message)
        .hint("raise an event that none of these workflows starts with");
    for (workflow, event, span) in steps {
        finding = finding.also(span, format!("`{event}` starts `{workflow}`"));
    }
    diagnostics.push(finding);
}
