//! What goes into the store and what comes out of it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use compiler::ir::{Program, ProgramHash, Reentry, StepId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use super::Opening;
use super::trigger::{ListeningChange, Signal, Watching};
use crate::hex;
use crate::machine::identify::Lookup;
use crate::machine::input::Event;
use crate::machine::{CallFailure, Ending, Heard, Listening, MailSpec, ReasonCode, idempotency_key};

/// A run's identity, derived from what started it: the acceptance number of the event and the workflow. So starting a run
/// twice is a look-up. Written `1207-9f3a01bc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    /// The number that the event was accepted under.
    pub acceptance: i64,
    /// The first four bytes of the SHA-256 of the workflow's name.
    pub workflow: u32,
}

impl RunId {
    /// The run that an accepted event starts in a workflow.
    pub fn new(acceptance: i64, workflow: &str) -> RunId {
        let digest = Sha256::digest(workflow.as_bytes());
        let workflow = digest.iter().take(4).fold(0, |key, byte| key << 8 | u32::from(*byte));
        RunId { acceptance, workflow }
    }
}

impl RunId {
    /// The key of a step of the run, for the outside: no other step, run or store has it.
    pub fn key(self, store_identity: u64, step: &StepId) -> String {
        idempotency_key(&self.within(store_identity), step)
    }

    /// The run as no run of any other store is called.
    pub fn within(self, store_identity: u64) -> String {
        let mut text = String::with_capacity(48);
        hex::push(&mut text, &store_identity.to_be_bytes());
        text.push('/');
        self.push(&mut text);
        text
    }

    /// The run's text, behind what is there.
    fn push(self, text: &mut String) {
        text.push_str(itoa::Buffer::new().format(self.acceptance));
        text.push('-');
        hex::push(text, &self.workflow.to_be_bytes());
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(32);
        self.push(&mut text);
        out.write_str(&text)
    }
}

/// A text that is no run id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run id looks like `1207-9f3a01bc`")]
pub struct RunIdError;

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<RunId, RunIdError> {
        let (acceptance, workflow) = text.split_once('-').ok_or(RunIdError)?;
        let acceptance = acceptance.parse().map_err(|_| RunIdError)?;
        let workflow = u32::from_str_radix(workflow, 16).map_err(|_| RunIdError)?;
        Ok(RunId { acceptance, workflow })
    }
}

/// An event to be accepted, with the runs that it starts.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Whose keys its id is unique among: the name of the caller's token, or the empty text.
    pub source: SmolStr,
    /// The dedup key; `None` for an event without one, which gets the id in `event_id`.
    pub key: Option<SmolStr>,
    /// The event's id: the key, or a new one.
    pub event_id: SmolStr,
    /// SHA-256 of what the caller sent, in a canonical form: the same key with another one is refused.
    pub payload_hash: [u8; 32],
    /// The event type.
    pub name: SmolStr,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// The declared parameters as a JSON object, fitted to their types.
    pub params: String,
    /// The program that the event is pinned to.
    pub program: ProgramHash,
    /// The runs that it starts, in order.
    pub starts: Vec<Start>,
    /// Workflows that it starts no run in, known before anything is looked up, with the reason code: `where`.
    pub kept_out: Vec<(SmolStr, &'static str)>,
    /// Whose runs may listen to it.
    pub signals: Vec<Signal>,
    /// How many runs led to it, each by what it wrote or raised: 0 for an event from outside.
    pub depth: u32,
}

/// A run that an event asks for.
#[derive(Clone, Debug)]
pub struct Start {
    /// The workflow.
    pub workflow: SmolStr,
    /// Which contact.
    pub contact: StartContact,
    /// Whether that contact may enter again.
    pub reentry: Reentry,
    /// Whether it is kept out while a run of it goes on.
    pub one_at_a_time: bool,
    /// The events that the run listens to.
    pub listening: Option<Arc<Listening>>,
    /// Who has its first turn kept with its admission, and is told of that; `None` when the run is found in the store.
    pub opening: Option<Arc<dyn Opening>>,
}

/// Which contact a run is about.
#[derive(Clone, Debug)]
pub enum StartContact {
    /// To be looked up, or made.
    Lookup(Lookup),
    /// Found before; when it is gone meanwhile, there is no run.
    Known(i64),
    /// Known before: the run ends so at once, for nobody can be looked up.
    Nobody(Ending),
}

/// What became of an event.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// It is kept.
    New {
        /// The number it was accepted under; it grows.
        acceptance: i64,
        /// What became of each run that it asked for, in order.
        runs: Vec<Admission>,
        /// Whether runs listened to it.
        heard: bool,
    },
    /// The same event was accepted before.
    Duplicate {
        /// The number it was accepted under.
        acceptance: i64,
    },
    /// An event with this key and other content was accepted before; nothing was kept.
    KeyReused,
    /// Nothing is wrong with it, but another event of an all-or-none call was refused; nothing was kept.
    Withheld,
}

/// What became of a run that an event asked for.
#[derive(Clone, Debug)]
pub enum Admission {
    /// It is admitted, with this contact.
    Admitted {
        /// The run.
        run: RunId,
        /// Its contact.
        contact: ContactRecord,
        /// What became of its first turn, when it is kept too.
        opened: Option<Recorded>,
    },
    /// It has ended at once; the ending is kept with it.
    Ended {
        /// The run.
        run: RunId,
        /// How.
        ending: Ending,
    },
    /// The contact was kept out; no run was made, and the event says so.
    KeptOut {
        /// `once`, `one_at_a_time` or `contact_not_found`.
        reason_code: &'static str,
    },
}

/// What one turn of a run did.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The run.
    pub run: RunId,
    /// How often its progress was recorded before this turn, as the turn knows: when it was recorded more often, another
    /// turn was faster and this one is stale. `None` does not ask.
    pub revision: Option<u32>,
    /// Its state, as JSON ([`crate::machine::Saved`]).
    pub saved: Arc<str>,
    /// Where it stands.
    pub status: RunStatus,
    /// Why, when it has ended.
    pub reason: Option<String>,
    /// Why, for programs.
    pub reason_code: Option<SmolStr>,
    /// When it is to be woken, and the step that waits.
    pub wake_at: Option<(StepId, Timestamp)>,
    /// When this was.
    pub at: Timestamp,
    /// Attempts that are about to be made.
    pub attempts_started: Vec<AttemptStarted>,
    /// Attempts that have ended.
    pub attempts_ended: Vec<AttemptEnded>,
    /// Messages that are sent by being kept, or whose delivery has begun or ended.
    pub messages: Vec<MessageChange>,
    /// Fields of the contact that were written, as JSON values; `null` removes.
    pub contact_fields: Vec<(SmolStr, String)>,
    /// The run's contact; needed when `contact_fields` is not empty.
    pub contact: Option<i64>,
    /// What starts when one of these fields becomes another value.
    pub watching: Option<Watching>,
    /// Events that the run raised; those that were accepted before are passed over.
    pub raised: Vec<Acceptance>,
    /// What changed about the events that the run listens to; `None` for a run that never listens.
    pub listening: Option<ListeningChange>,
}

/// What became of a run's progress.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// All of it is kept.
    Kept {
        /// The contact as it now is, when the turn wrote to it and it still exists.
        contact: Option<ContactRecord>,
        /// Identifiers that the turn wrote and another contact has: these fields were left as they were.
        taken: Vec<SmolStr>,
        /// For each of the turn's messages the number that it got, when it is new.
        messages: Vec<Option<i64>>,
        /// What became of the events that the turn raised, in order.
        raised: Vec<Accepted>,
    },
    /// The run had already ended, as when somebody cancelled it meanwhile, or another turn of it was faster. Outcomes of attempts and of deliveries that
    /// had begun are kept, for history is never lost; the rest is not, and nothing that it announced may be done.
    Stale,
}

/// Where a run stands. The names are those of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunStatus {
    /// It goes on, or will as soon as there is room.
    Running,
    /// It waits for a time or an event, or is parked.
    Waiting,
    /// Its last statement was done.
    Completed,
    /// It ended by a `stop`.
    Stopped,
    /// It ended by an `exit on` event.
    Exited,
    /// It could not go on.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl RunStatus {
    /// Every status.
    pub const ALL: [RunStatus; 7] = [
        RunStatus::Running,
        RunStatus::Waiting,
        RunStatus::Completed,
        RunStatus::Stopped,
        RunStatus::Exited,
        RunStatus::Failed,
        RunStatus::Cancelled,
    ];

    /// The name that the API uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Waiting => "waiting",
            RunStatus::Completed => "completed",
            RunStatus::Stopped => "stopped",
            RunStatus::Exited => "exited",
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
        }
    }

    /// The status of a name.
    pub fn from_name(name: &str) -> Option<RunStatus> {
        RunStatus::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// How an ending is kept: status, reason for people, reason for programs.
    pub fn of(ending: &Ending) -> (RunStatus, Option<String>, Option<SmolStr>) {
        let named = |code: &ReasonCode| Some(SmolStr::new_static(code.as_str()));
        match ending {
            Ending::Completed => (RunStatus::Completed, None, None),
            Ending::Stopped { reason, reason_code } => (RunStatus::Stopped, reason.clone(), named(reason_code)),
            Ending::Exited { event } => {
                (RunStatus::Exited, Some(event.to_string()), Some(SmolStr::new_static("exited")))
            }
            Ending::Failed { reason, reason_code } => (RunStatus::Failed, Some(reason.clone()), named(reason_code)),
            Ending::Cancelled => (RunStatus::Cancelled, None, Some(SmolStr::new_static("cancelled"))),
        }
    }

    /// Whether nothing follows.
    pub const fn has_ended(self) -> bool {
        !matches!(self, RunStatus::Running | RunStatus::Waiting)
    }
}

/// An attempt of a call or a delivery that is about to be made.
#[derive(Clone, Debug)]
pub struct AttemptStarted {
    /// The statement.
    pub step: StepId,
    /// 1 for the first.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// The request, secrets masked: the API's `request` object as JSON.
    pub request: String,
}

/// An attempt that has ended.
#[derive(Clone, Debug)]
pub struct AttemptEnded {
    /// The statement.
    pub step: StepId,
    /// 1 for the first.
    pub number: u32,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The address that was connected to.
    pub address: Option<String>,
    /// The answer, secrets masked: the API's `response` object as JSON.
    pub response: Option<String>,
    /// Why it failed.
    pub error: Option<CallFailure>,
}

/// An attempt as it is kept.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// The statement.
    pub step: StepId,
    /// 1 for the first.
    pub number: u32,
    /// When it was begun.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds; `None` while it goes on, or when the daemon died in it.
    pub duration_ms: Option<u64>,
    /// The address that was connected to.
    pub address: Option<String>,
    /// The request as JSON.
    pub request: String,
    /// The answer as JSON.
    pub response: Option<String>,
    /// Why it failed.
    pub error: Option<CallFailure>,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub struct MessageChange {
    /// The statement.
    pub step: StepId,
    /// The mail.
    pub mail: MailSpec,
    /// Its stable `Message-ID`, without the angle brackets.
    pub message_id: String,
    /// Where it stands.
    pub status: MessageStatus,
    /// When.
    pub at: Timestamp,
    /// Why it failed.
    pub error: Option<String>,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStatus {
    /// It is in the outbox folder, or will be after a restart.
    Outbox,
    /// It is being handed to the mail server.
    Sending,
    /// The mail server has taken it.
    Sent,
    /// It was refused for good.
    Failed,
}

impl MessageStatus {
    /// The name that the API uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            MessageStatus::Outbox => "outbox",
            MessageStatus::Sending => "sending",
            MessageStatus::Sent => "sent",
            MessageStatus::Failed => "failed",
        }
    }
}

/// A message as it is kept.
#[derive(Clone, Debug)]
pub struct MessageRecord {
    /// Its number; it grows.
    pub number: i64,
    /// The run that sent it.
    pub run: RunId,
    /// The contact.
    pub contact: Option<i64>,
    /// What became of it.
    pub change: MessageChange,
}

/// How an attempt went.
#[derive(Clone, Debug)]
pub struct AttemptOutcome {
    /// The run.
    pub run: RunId,
    /// Its workflow.
    pub workflow: SmolStr,
    /// The program that it is pinned to.
    pub program: ProgramHash,
    /// The statement.
    pub step: StepId,
    /// When it was made.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Why it failed; `None` when it did not.
    pub error: Option<CallFailure>,
}

/// A run that had failed and is to go on.
#[derive(Clone, Debug)]
pub struct Revival {
    /// The run.
    pub run: RunId,
    /// The turns that it had when its state was read.
    pub revision: u32,
    /// The state that it goes on from.
    pub saved: String,
    /// The events that it listens to again.
    pub listening: Option<Arc<Listening>>,
    /// Whether its contact may have no other run of the workflow that goes on.
    pub one_at_a_time: bool,
    /// When.
    pub at: Timestamp,
}

/// What became of a run that had failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revived {
    /// It goes on.
    Going,
    /// Another run of the workflow goes on for its contact.
    Busy,
    /// It does not stand as it was read any more.
    Changed,
}

/// The commit that a project's folder was at when a program was loaded from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its full name, in hexadecimal digits.
    pub id: String,
    /// Whether the folder held something else than the commit.
    pub has_changes: bool,
}

/// That a program began to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// When.
    pub at: Timestamp,
    /// The program.
    pub program: ProgramHash,
}

/// An event as it is kept.
#[derive(Clone, Debug)]
pub struct EventRecord {
    /// The number it was accepted under.
    pub acceptance: i64,
    /// Its id.
    pub id: SmolStr,
    /// Its type.
    pub name: SmolStr,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// Its parameters as a JSON object.
    pub params: String,
    /// The program that it is pinned to.
    pub program: ProgramHash,
    /// Its runs.
    pub runs: Vec<RunId>,
    /// Workflows that it started no run in, with the reason code.
    pub kept_out: Vec<(SmolStr, SmolStr)>,
    /// How many runs led to it.
    pub depth: u32,
}

impl EventRecord {
    /// What a run of a program hears of it.
    pub fn heard(&self, program: &Program) -> Heard {
        let event = Event::restore(program, &self.name, &self.id, self.occurred_at, &self.params);
        Heard { event: Arc::new(event), received_at: self.received_at }
    }
}

/// A run as it is kept, with what is needed to go on.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// The run.
    pub summary: RunSummary,
    /// Its state as JSON; `None` before its first turn.
    pub saved: Option<String>,
    /// The event that started it.
    pub event: EventRecord,
    /// Its contact.
    pub contact: Option<ContactRecord>,
}

/// A run in a list.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// The run.
    pub id: RunId,
    /// The workflow.
    pub workflow: SmolStr,
    /// The program that it is pinned to.
    pub program: ProgramHash,
    /// Its contact.
    pub contact: Option<i64>,
    /// The id of the event that started it.
    pub event: SmolStr,
    /// Where it stands.
    pub status: RunStatus,
    /// Why.
    pub reason: Option<String>,
    /// Why, for programs.
    pub reason_code: Option<SmolStr>,
    /// When it was admitted.
    pub started_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it will go on by itself.
    pub wake_at: Option<Timestamp>,
    /// How often its progress was recorded.
    pub revision: u32,
}

/// A contact as it is kept.
#[derive(Clone, Debug)]
pub struct ContactRecord {
    /// Its number.
    pub id: i64,
    /// All its fields but `id`, `created_at` and `updated_at`, as a JSON object.
    pub fields: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A contact to be made or changed.
#[derive(Clone, Debug)]
pub struct ContactChange {
    /// The number, when the caller gave one; such a contact must exist.
    pub id: Option<i64>,
    /// The fields as names and JSON values; `null` removes. Identifiers among them are in normal form.
    pub fields: Vec<(SmolStr, String)>,
    /// When.
    pub at: Timestamp,
    /// What starts when a field becomes another value.
    pub watching: Option<Watching>,
}

/// What became of a contact.
#[derive(Clone, Debug)]
pub struct PutContact {
    /// The contact as it is now.
    pub contact: ContactRecord,
    /// Whether it is new.
    pub created: bool,
    /// Whether anything of it is other than before.
    pub changed: bool,
    /// What became of the runs that the change asked for.
    pub raised: Vec<Accepted>,
}

/// A contact that cannot be made or changed so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContactConflict {
    /// The identifiers belong to different contacts.
    #[error("the identifiers belong to different contacts: {}", .0.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))]
    Several(Vec<i64>),
    /// There is no contact of this number.
    #[error("there is no contact {0}")]
    Unknown(i64),
    /// No identifier was given.
    #[error("a contact needs one of `id`, `external_id`, `phone`, `email`")]
    NoIdentifier,
}
