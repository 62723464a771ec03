//! What follows from an event that a step raises: the workflows that it starts, and what those do.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::ir::{Program, Statement, Trigger, Workflow, Written, each_step};

/// So many workflows are told.
const MOST_TOLD: usize = 5;

/// What an event leads to.
pub(super) struct Followed {
    /// A line for each workflow, as people read it.
    pub(super) lines: Vec<String>,
    /// Whether somebody may get a message by it.
    pub(super) sends: bool,
}

/// What the workflows do that an event starts, and those that they start in turn.
pub(super) fn followed(program: &Program, event: &SmolStr, verb: &str) -> Followed {
    let (mut lines, mut sends) = (Vec::new(), false);
    let mut events = vec![event];
    let mut met: BTreeSet<&SmolStr> = events.iter().copied().collect();
    while let Some(event) = events.pop() {
        for (name, workflow) in &program.workflows {
            for trigger in &workflow.triggers {
                let Trigger::Event { event: own, filter } = trigger else { continue };
                if own != event {
                    continue;
                }
                let condition = filter.as_ref().map(|it| format!(" where {}", Written(it))).unwrap_or_default();
                let deeds = deeds(program, workflow);
                sends |= deeds.sends;
                lines.push(format!("{verb} workflow {name} (on {event}{condition}): {}", deeds.words));
                events.extend(deeds.raises.into_iter().filter(|raised| met.insert(raised)));
            }
            if workflow.exits.iter().any(|exit| exit.event == *event) {
                lines.push(format!("{event} ends runs of workflow {name}"));
            }
        }
    }
    let left = lines.len().saturating_sub(MOST_TOLD);
    if left > 0 {
        lines.truncate(MOST_TOLD);
        lines.push(format!("and {left} more"));
    }
    Followed { lines, sends }
}

/// What a workflow does to others.
struct Deeds<'p> {
    words: String,
    sends: bool,
    raises: Vec<&'p SmolStr>,
}

fn deeds<'p>(program: &Program, workflow: &'p Workflow) -> Deeds<'p> {
    let (mut words, mut sends, mut raises) = (Vec::new(), false, Vec::new());
    each_step(&workflow.steps, &mut |step| {
        let told = match &step.statement {
            Statement::Send { message, .. } => {
                sends = true;
                let declared = program.messages.get(message);
                let mail = declared.is_some_and(|it| it.email.is_some()).then_some("email");
                let others = declared.iter().flat_map(|it| it.channels.keys()).map(SmolStr::as_str);
                let ways: Vec<&str> = mail.into_iter().chain(others).collect();
                format!("sends {message} ({})", ways.join(", "))
            }
            Statement::Call { webhook, .. } => format!("calls {webhook}"),
            Statement::Set { field, .. } => format!("sets contact.{field}"),
            Statement::Emit { event, .. } => {
                raises.push(event);
                format!("raises {event}")
            }
            _ => return,
        };
        if !words.contains(&told) {
            words.push(told);
        }
    });
    let words = if words.is_empty() { "neither sends nor calls anything".to_owned() } else { words.join(", ") };
    Deeds { words, sends, raises }
}
