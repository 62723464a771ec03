//! A run and its state.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compiler::ir::StepId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use super::effect::{CallSpec, Effect, Ending, MailSpec};
use super::expression::{Answer, Scope};
use super::identify::Lookup;
use super::input::{Event, Heard, Input};
use super::program::{LoadedProgram, LoadedWorkflow};
use super::step::Turn;
use crate::trace::Trace;
use crate::value::read_kept;

/// The kind of the record that says on what event a run has left.
pub(super) const EXIT: &str = "exit on";

/// The format of [`Saved`] that this version writes.
pub const SAVED_FORMAT: u32 = 1;

/// A workflow on its way for one contact.
#[derive(Clone, Debug)]
pub struct Run {
    /// The program that it started on, to its end.
    pub program: Arc<LoadedProgram>,
    /// The workflow.
    pub workflow: Arc<LoadedWorkflow>,
    /// The event that started it.
    pub event: Arc<Event>,
    /// Where it stands.
    pub saved: Saved,
    /// What `saved` holds of the outside, decoded.
    known: Known,
}

/// What a run knows of the outside: decoded from [`Saved`].
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// `saved.results`.
    pub(super) answers: Vec<Answer>,
    /// `saved.heard`.
    pub(super) heard: Vec<Heard>,
    /// `saved.aliases`.
    pub(super) aliases: Vec<(SmolStr, Arc<Event>)>,
}

/// Why a run cannot be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// What was kept is not a run's state.
    #[error("the kept state of the run cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// What was kept is of another format.
    #[error("the kept state of the run has format {found}; this wf reads format {SAVED_FORMAT}")]
    UnknownFormat {
        /// The format that it names.
        found: u32,
    },
    /// The answer of a call does not fit the webhook of the program that the run is pinned to.
    #[error("the kept answer `{name}` cannot be read: {message}")]
    Answer {
        /// The name that it is stored under.
        name: SmolStr,
        /// What is wrong.
        message: String,
    },
}

/// Where a run stands: everything that is kept between two turns, as plain data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Saved {
    /// [`SAVED_FORMAT`] when this version wrote it.
    pub format: u32,
    /// The way to the statement it stands at: index in the block, then branch and index in it, and so on.
    pub cursor: Vec<u32>,
    /// What successful calls answered, by the name they are stored under, as JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<SavedResult>,
    /// Events that a `wait for` to come may still take.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heard: Vec<SavedEvent>,
    /// Events that `wait for … as NAME` took, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<(SmolStr, SavedEvent)>,
    /// Events that were accepted before this do not count for a `wait for`: a waiting step ended then, or will.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listens_from: Option<Timestamp>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// What it has done so far, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepRecord>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// The statement that a person has sent it back to, after it had failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retried: Option<Retried>,
    /// The trace that the event came with; its calls belong to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

/// The answer of a successful call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedResult {
    /// The name that it is stored under.
    pub name: SmolStr,
    /// The webhook, whose `returns` says how to read the value.
    pub webhook: SmolStr,
    /// The value as JSON.
    pub value: Box<serde_json::value::RawValue>,
}

/// An event that a run was told of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedEvent {
    /// Its id.
    pub id: SmolStr,
    /// Its type.
    pub name: SmolStr,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// Its parameters as a JSON object.
    pub params: Box<serde_json::value::RawValue>,
}

/// What a run waits for. The input that ends the wait names the same step; any other is stale and dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// The outcome of a call.
    Call {
        /// The statement.
        step: StepId,
        /// The call: kept whole, so that every attempt sends the same, also after a restart.
        spec: Arc<CallSpec>,
    },
    /// The outcome of a delivery.
    Send {
        /// The statement.
        step: StepId,
        /// The mail.
        spec: Arc<MailSpec>,
    },
    /// An event of the contact, for so long.
    Event {
        /// The statement.
        step: StepId,
        /// When it gives up.
        until: Timestamp,
    },
    /// Another contact.
    Identify {
        /// The statement.
        step: StepId,
        /// How it is looked up.
        lookup: Lookup,
    },
    /// Whether another contact has a value that is to be set.
    Claim {
        /// The statement.
        step: StepId,
        /// The field.
        field: SmolStr,
        /// Its new value.
        value: String,
        /// What history says when it is set.
        told: String,
    },
    /// A time.
    Sleep {
        /// The statement.
        step: StepId,
        /// When.
        until: Timestamp,
    },
}

/// A statement that a failed run was sent back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// The statement.
    pub step: StepId,
    /// The number of its last attempt before: these do not count for its schedule any more.
    pub after: u32,
}

/// A statement that a run has come to, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The statement.
    pub id: StepId,
    /// Its kind: `call`, `send`, `wait`, `if`, `set`, `stop`, `fail` …
    pub kind: SmolStr,
    /// What it names: the webhook, the message, the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<SmolStr>,
    /// When the run came to it.
    pub started_at: Timestamp,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How it went: `succeeded`, `failed: …`, the branch that was taken, the value that was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The number of the branch that the run entered: those of an `if` or a `match` in their order, `else` last; `on failure`
    /// is 0; of a `wait for` 0 when the event came and 1 when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<u32>,
    /// The contact's fields that decided, as they were then, each as JSON. All else that a condition reads is kept anyway.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
}

/// A field of the contact as a decision found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The field.
    pub field: SmolStr,
    /// Its value as JSON, or the beginning of it.
    pub json: String,
    /// Whether only the beginning was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

impl Saved {
    /// The state of a run that has not begun.
    pub fn new() -> Saved {
        Saved {
            format: SAVED_FORMAT,
            cursor: vec![0],
            results: vec![],
            heard: vec![],
            aliases: vec![],
            listens_from: None,
            waiting: None,
            steps: vec![],
            ending: None,
            retried: None,
            trace: None,
        }
    }
}

impl Default for Saved {
    fn default() -> Saved {
        Saved::new()
    }
}

impl Run {
    /// A run that has not begun.
    pub fn new(program: Arc<LoadedProgram>, workflow: Arc<LoadedWorkflow>, event: Arc<Event>) -> Run {
        Run { program, workflow, event, saved: Saved::new(), known: Known::default() }
    }

    /// A run as it was kept: the JSON of [`Saved`]. The answers are decoded here, once.
    ///
    /// # Errors
    /// When the text is no state of a run of this program.
    pub fn resume(
        program: Arc<LoadedProgram>,
        workflow: Arc<LoadedWorkflow>,
        event: Arc<Event>,
        saved_json: &str,
    ) -> Result<Run, ResumeError> {
        let saved: Saved = serde_json::from_str(saved_json)?;
        if saved.format != SAVED_FORMAT {
            return Err(ResumeError::UnknownFormat { found: saved.format });
        }
        let mut answers = Vec::with_capacity(saved.results.len());
        for result in &saved.results {
            let error = |message: String| ResumeError::Answer { name: result.name.clone(), message };
            let webhook = program.ir.webhooks.get(&result.webhook);
            let webhook = webhook.ok_or_else(|| error(format!("there is no webhook `{}`", result.webhook)))?;
            let value = read_kept(&webhook.returns, result.value.get()).map_err(error)?;
            answers.push(Answer { name: result.name.clone(), webhook: result.webhook.clone(), value });
        }
        let decoded = |kept: &SavedEvent| {
            let params = kept.params.get();
            Arc::new(Event::restore(&program.ir, &kept.name, &kept.id, kept.occurred_at, params))
        };
        let heard = saved.heard.iter().map(|kept| Heard { event: decoded(kept), received_at: kept.received_at });
        let aliases = saved.aliases.iter().map(|(name, kept)| (name.clone(), decoded(kept)));
        let known = Known { answers, heard: heard.collect(), aliases: aliases.collect() };
        Ok(Run { program, workflow, event, saved, known })
    }

    /// Takes what happened and says what to do. A stale input, one that the run does not wait for, changes nothing.
    pub fn feed(&mut self, input: &Input<'_>) -> Vec<Effect> {
        let Run { program, workflow, event, saved, known } = self;
        Turn::new(program, workflow, event, saved, known, input).run(input)
    }

    /// What its expressions see at a time, but for the contact.
    pub(super) fn scope(&self, at: Timestamp) -> Scope<'_> {
        let mut scope = Scope::of_event(&self.event, at);
        scope.program = Some(&self.program.ir);
        scope.data = &self.known.answers;
        scope.aliases = &self.known.aliases;
        scope
    }

    /// The step that the run rests at.
    pub fn resting_step(&self) -> Option<&StepId> {
        self.saved.waiting.as_ref().map(Waiting::step)
    }
}

impl Waiting {
    /// The statement that waits.
    pub fn step(&self) -> &StepId {
        match self {
            Waiting::Call { step, .. }
            | Waiting::Send { step, .. }
            | Waiting::Event { step, .. }
            | Waiting::Identify { step, .. }
            | Waiting::Claim { step, .. }
            | Waiting::Sleep { step, .. } => step,
        }
    }
}

/// The key that every attempt of one step of one run carries, so that its receiver can tell a repetition: URL-safe, 43
/// characters, without a dot (Standard Webhooks joins it to the time with one).
pub fn idempotency_key(run_id: &str, step: &StepId) -> String {
    let mut hasher = Sha256::new();
    for part in [run_id.as_bytes(), step.0.as_bytes()] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    URL_SAFE_NO_PAD.encode(hasher.finalize())
}

#[cfg(test)]
mod tests;
