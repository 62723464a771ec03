//! What a turn of a run did, and what becomes of that.

use std::sync::Arc;

use compiler::ir::StepId;
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::acceptance::{Acceptance, Accepted};
use super::contact::ContactRecord;
use super::record::RunStatus;
use super::run_id::RunId;
use super::trigger::{ListeningChange, Watching};
use crate::machine::{CallFailure, Listening, MailSpec};

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

/// That the wall clock was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSet {
    /// By so much, a moment ago.
    By {
        /// How far it went forward; less than nothing when it was set back.
        jump: SignedDuration,
        /// The time now.
        now: Timestamp,
    },
    /// Perhaps, while no daemon ran: what was kept at a time that has not come yet tells.
    Unseen {
        /// The time now.
        now: Timestamp,
    },
}
