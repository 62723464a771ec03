//! Events that runs raise: accepted with what the run did, under an id that is derived from the step, so that doing the
//! step again never makes two.

use std::sync::Arc;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::accept;
use super::programs::ActiveProgram;
use crate::machine::LoadedProgram;
use crate::machine::input::Event;
use crate::store::Acceptance;
use crate::trace::Trace;
use crate::value::{Record, Value, fit, to_json};

/// Whose keys the ids of raised events are unique among. No caller's token has a name like it.
const SOURCE: SmolStr = SmolStr::new_static("(emit)");

/// An event that a run has raised.
pub(crate) struct Raised {
    /// The key of the step.
    pub(crate) id: SmolStr,
    /// The event type.
    pub(crate) event: SmolStr,
    /// Its parameters, fitted by the program of the run.
    pub(crate) params: Arc<Record>,
    /// The run's contact.
    pub(crate) contact: Option<i64>,
    /// How many runs led to it.
    pub(crate) depth: u32,
    /// The trace that the run's event came with.
    pub(crate) trace: Option<Trace>,
}

impl Raised {
    /// What keeping it takes. It starts what the program that runs now says, as any event does; where that program has no
    /// such event any more, it starts nothing and is heard all the same.
    pub(crate) fn accept(self, active: Option<&ActiveProgram>, own: &LoadedProgram, now: Timestamp) -> Acceptance {
        let stored = to_json(&Value::Record(self.params.clone()));
        let fitted =
            active.and_then(|active| match fit(Value::Record(self.params.clone()), active.event_type(&self.event)?) {
                Ok(Value::Record(params)) => Some((active.loaded.clone(), params)),
                _ => None,
            });
        let event = |params| Event { id: self.id.clone(), name: self.event.clone(), occurred_at: now, params };
        let (event, program, starts, kept_out) = match fitted {
            Some((program, params)) => {
                let event = event(params);
                let (_, starts, kept_out) = accept::starts(&program, &event, now);
                (event, program.hash.clone(), starts, kept_out)
            }
            None => (event(self.params.clone()), own.hash.clone(), vec![], vec![]),
        };
        let signals = active.map(|active| accept::signals(active, &event, self.contact, now)).unwrap_or_default();
        let (starts, kept_out) = accept::bounded(self.depth, starts, kept_out);
        Acceptance {
            source: SOURCE,
            key: Some(self.id.clone()),
            event_id: self.id,
            payload_hash: accept::payload_hash(&self.event, None, &stored),
            name: self.event,
            occurred_at: now,
            received_at: now,
            params: stored,
            program,
            starts,
            kept_out,
            signals,
            depth: self.depth,
            first_state: accept::first_state(self.trace.as_ref()),
        }
    }
}
