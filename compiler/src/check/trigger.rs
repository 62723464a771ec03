//! What starts a workflow, and what is known of the event then.

use crate::catalogue::Code;
use crate::check::later::not_yet;
use crate::diagnostic::Diagnostic;
use crate::ir;
use crate::names::{Entry, Names};
use crate::syntax::ast::{self, HeaderKind, Trigger};
use crate::types::{self, Environment, EventScope, Schema};

/// What the `on` lines say together.
pub(crate) struct Triggers {
    /// The triggers that run.
    pub(crate) lowered: Vec<ir::Trigger>,
    /// The event of a run.
    pub(crate) event: EventScope,
    /// Whether an event starts it, so that it must be said which contact a run is about.
    pub(crate) needs_contact: bool,
}

/// Checks the `on` lines of a workflow.
pub(crate) fn check(
    names: &Names<'_>,
    schema: &Schema,
    workflow: &Entry<'_, ast::Workflow>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Triggers {
    let headers = &workflow.node.headers;
    let mut lowered = Vec::new();
    let mut types = Vec::new();
    let mut needs_contact = false;
    // Whether something about the event is hidden by what could not be read or does not run yet.
    let mut hidden = headers.iter().any(|header| header.node == HeaderKind::Broken);
    let mut triggers = 0_usize;
    for header in headers {
        let HeaderKind::On(trigger) = &header.node else { continue };
        triggers += 1;
        match trigger {
            Trigger::Event { event, condition } => {
                needs_contact = true;
                let known = names.event(event, diagnostics).is_some();
                let scope = if known { schema.event_of([event.node.clone()]) } else { EventScope::Unknown };
                let environment = Environment::trigger(names, schema, scope);
                let filter = condition.as_ref().map(|filter| types::condition(&environment, filter, diagnostics));
                hidden |= !known;
                types.push(event.node.clone());
                lowered.push(ir::Trigger::Event { event: event.node.clone(), filter });
            }
            Trigger::Schedule { segment, .. } => {
                hidden = true;
                if let Some(segment) = segment {
                    names.segment(segment, diagnostics);
                }
                diagnostics.push(not_yet(header.span, "`on schedule`"));
            }
            Trigger::ContactChanged { .. } => {
                hidden = true;
                diagnostics.push(not_yet(header.span, "`on contact.FIELD changed`"));
            }
        }
    }
    if triggers == 0 && !hidden {
        diagnostics.push(
            Diagnostic::new(Code::MissingTrigger, workflow.name.span)
                .message(format!("nothing starts the workflow `{}`", workflow.name.node))
                .hint("add an `on EVENT` line above the first step"),
        );
        hidden = true;
    }
    let event = if hidden { EventScope::Unknown } else { schema.event_of(types) };
    Triggers { lowered, event, needs_contact }
}
