//! Acceptance: an event is checked against its type, pinned to the program that runs, and kept together with the runs that
//! it starts. Nothing in here looks anything up: contacts are found where the event is kept, in the same atomic act.

use std::sync::Arc;

use compiler::ir::Trigger;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use uuid::Uuid;

use super::programs::ActiveProgram;
use crate::machine::expression::{Scope, evaluate};
use crate::machine::input::Event;
use crate::machine::{LoadedProgram, LoadedWorkflow, ReasonCode, Saved, identify};
use crate::store::{Acceptance, DEPTH_LIMIT, Signal, Start, StartContact};
use crate::trace::Trace;
use crate::value::{Mismatch, Value, fit, to_json};

/// An event as a caller sent it.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Whose keys its id is unique among: the name of the caller's token, or the empty text.
    pub source: SmolStr,
    /// The event type.
    pub name: SmolStr,
    /// The dedup key; without one there is no dedup.
    pub key: Option<SmolStr>,
    /// When it happened; the time of its acceptance when the caller did not say.
    pub occurred_at: Option<Timestamp>,
    /// The parameters.
    pub params: Value,
    /// The trace that it came with.
    pub trace: Option<Trace>,
}

/// What became of an event that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is kept.
    Accepted {
        /// Its id.
        id: SmolStr,
        /// Whether it was kept before.
        duplicate: bool,
        /// Parameters that its type does not have; they are not kept.
        ignored: Vec<SmolStr>,
    },
    /// Nothing was kept.
    Refused(EventRefusal),
    /// Nothing is wrong with it; another event of an all-or-none call was refused, so nothing was kept.
    Withheld,
}

/// Why an event is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventRefusal {
    /// No program runs yet.
    NoProgram,
    /// The program has no such event.
    UnknownType {
        /// The name.
        name: SmolStr,
        /// The nearest event type.
        nearest: Option<SmolStr>,
    },
    /// Parameters do not fit their types.
    Params(Vec<Mismatch>),
    /// The key was used for another event.
    KeyReused {
        /// The key.
        key: SmolStr,
    },
}

/// An event that fits, and what keeping it takes.
pub(crate) struct Checked {
    pub(crate) event: Arc<Event>,
    pub(crate) acceptance: Acceptance,
    /// The workflows of the acceptance's starts, in the same order.
    pub(crate) workflows: Vec<Arc<LoadedWorkflow>>,
    pub(super) ignored: Vec<SmolStr>,
    pub(super) trace: Option<Trace>,
}

/// Checks an event against the program that runs, and works out the runs that it starts.
pub(super) fn check(program: &ActiveProgram, new: NewEvent, now: Timestamp) -> Result<Checked, EventRefusal> {
    check_as(program, new, now, || SmolStr::new(Uuid::now_v7().hyphenated().to_string()))
}

/// The same; an event without a key gets a fresh id.
pub(crate) fn check_as(
    program: &ActiveProgram,
    new: NewEvent,
    now: Timestamp,
    fresh_id: impl FnOnce() -> SmolStr,
) -> Result<Checked, EventRefusal> {
    let Some(ty) = program.event_type(&new.name) else {
        let names = program.loaded.ir.events.keys().map(SmolStr::as_str);
        let nearest = compiler::suggest::nearest(&new.name, names).map(SmolStr::new);
        return Err(EventRefusal::UnknownType { name: new.name, nearest });
    };
    let (ignored, trace) = (undeclared(&new.params, ty), new.trace);
    let params = fit(new.params, ty).map_err(EventRefusal::Params)?;
    let stored = to_json(&params);
    let Value::Record(params) = params else { return Err(EventRefusal::Params(vec![])) };
    let id = new.key.clone().unwrap_or_else(fresh_id);
    let event =
        Arc::new(Event { id, name: new.name, occurred_at: new.occurred_at.unwrap_or(now), params: params.clone() });
    let (workflows, starts, kept_out) = starts(&program.loaded, &event, now);
    let signals = signals(program, &event, None, now);
    let acceptance = Acceptance {
        source: new.source,
        key: new.key,
        event_id: event.id.clone(),
        payload_hash: payload_hash(&event.name, new.occurred_at, &stored),
        name: event.name.clone(),
        occurred_at: event.occurred_at,
        received_at: now,
        params: stored,
        program: program.loaded.hash.clone(),
        starts,
        kept_out,
        signals,
        depth: 0,
        first_state: first_state(trace.as_ref()),
    };
    Ok(Checked { event, acceptance, workflows, ignored, trace })
}

/// What is to be remembered of a run that has not had its first turn: the trace that it belongs to.
pub(super) fn first_state(trace: Option<&Trace>) -> Option<String> {
    let saved = Saved { trace: Some(trace?.clone()), ..Saved::new() };
    serde_json::to_string(&saved).ok()
}

/// The parameters that the event type does not have.
fn undeclared(params: &Value, ty: &compiler::ir::Type) -> Vec<SmolStr> {
    let (Value::Record(params), compiler::ir::Type::Record(declared)) = (params, ty) else { return vec![] };
    params.iter().map(|(name, _)| name).filter(|name| !declared.contains_key(*name)).cloned().collect()
}

/// Workflows that an event starts no run in, with the reason code.
pub(super) type KeptOut = Vec<(SmolStr, &'static str)>;

pub(super) type Starts = (Vec<Arc<LoadedWorkflow>>, Vec<Start>, KeptOut);

/// The runs that an event starts, and the workflows whose `where` keeps it out.
pub(super) fn starts(program: &LoadedProgram, event: &Event, now: Timestamp) -> Starts {
    let (mut workflows, mut starts, mut kept_out) = (vec![], vec![], vec![]);
    let scope = Scope::of_event(event, now);
    for workflow in program.started_by(&event.name) {
        if let Some(reason_code) = refuses(workflow, &event.name, &scope) {
            kept_out.push((workflow.name.clone(), reason_code));
            continue;
        }
        let Some(identification) = &workflow.ir.identification else { continue };
        let contact = match identify::lookup(identification, &scope) {
            Ok(lookup) => StartContact::Lookup(lookup),
            Err(ending) => StartContact::Nobody(ending),
        };
        starts.push(Start {
            workflow: workflow.name.clone(),
            contact,
            reentry: workflow.ir.reentry,
            one_at_a_time: workflow.ir.one_at_a_time,
            listening: workflow.listening.clone(),
            opening: None,
        });
        workflows.push(workflow.clone());
    }
    (workflows, starts, kept_out)
}

/// Whose runs may listen to an event. `contact` is that of the run which raised it.
pub(super) fn signals(program: &ActiveProgram, event: &Event, contact: Option<i64>, now: Timestamp) -> Vec<Signal> {
    let mut signals: Vec<Signal> = vec![];
    for program in program.listening.iter() {
        for workflow in program.heard_in(&event.name) {
            let Some(listening) = &workflow.listening else { continue };
            let ways = identify::heard(workflow.ir.identification.as_ref(), &Scope::of_event(event, now));
            match signals.iter_mut().find(|signal| signal.ways == ways) {
                Some(signal) => signal.listeners.push(listening.key),
                None if ways.is_empty() && contact.is_none() => {}
                None => signals.push(Signal { ways, contact, listeners: vec![listening.key] }),
            }
        }
    }
    signals
}

/// Why none of a workflow's triggers takes the event; `None` when one does. A condition that cannot be computed is not met,
/// and is told apart from one that is false.
fn refuses(workflow: &LoadedWorkflow, event: &SmolStr, scope: &Scope<'_>) -> Option<&'static str> {
    let mut reason_code = "where";
    for trigger in &workflow.ir.triggers {
        let Trigger::Event { event: name, filter } = trigger else { continue };
        if name != event {
            continue;
        }
        let Some(filter) = filter else { return None };
        match evaluate(filter, scope) {
            Ok(Value::Bool(true)) => return None,
            Ok(_) => {}
            Err(_) => reason_code = ReasonCode::ExpressionFailed.as_str(),
        }
    }
    Some(reason_code)
}

/// What tells two events with one key apart: type, given time and fitted parameters. The program is not part of it, so a
/// reload between two sends of one event makes no difference.
pub(super) fn payload_hash(name: &str, occurred_at: Option<Timestamp>, params: &str) -> [u8; 32] {
    let occurred_at = occurred_at.map(|at| at.to_string()).unwrap_or_default();
    let mut hasher = Sha256::new();
    for text in [name, &occurred_at, params] {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher.finalize().into()
}

/// What is left to start when so many runs have led to an event: beyond a limit nothing is, so that workflows which start
/// each other come to an end.
pub(super) fn bounded(depth: u32, starts: Vec<Start>, mut kept_out: KeptOut) -> (Vec<Start>, KeptOut) {
    if depth <= DEPTH_LIMIT {
        return (starts, kept_out);
    }
    kept_out.extend(starts.into_iter().map(|start| (start.workflow, "chain_too_long")));
    (vec![], kept_out)
}
