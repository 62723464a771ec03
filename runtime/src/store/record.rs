//! What comes out of the store: runs, attempts, messages, events and programs as they are kept.

use std::sync::Arc;

use compiler::ir::{Program, ProgramHash, StepId};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::contact::ContactRecord;
use super::progress::MessageChange;
use super::run_id::RunId;
use crate::machine::input::Event;
use crate::machine::{CallFailure, Ending, Heard, ReasonCode};

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

/// An attempt as it is kept.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// The statement.
    pub step: StepId,
    /// 1 for the first.
    pub number: u32,
    /// When it was begun.
    pub started_at: Timestamp,
    /// Whether it was begun after the last [`crate::store::Store::note_start`].
    pub of_this_start: bool,
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

/// A message as it is kept.
#[derive(Clone, Debug)]
pub struct MessageRecord {
    /// Its number; it grows.
    pub number: i64,
    /// The run that sent it.
    pub run: RunId,
    /// When the run was admitted.
    pub run_accepted_at: Timestamp,
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

/// The statement of a program that attempts are made for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttemptPlace {
    /// The program that the run is pinned to.
    pub program: ProgramHash,
    /// Its workflow.
    pub workflow: SmolStr,
    /// The statement.
    pub step: StepId,
}

/// Up to when runs rest that stand at one place, because a limit was used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestsUntil {
    /// Where they stand.
    pub place: AttemptPlace,
    /// How many.
    pub runs: u64,
    /// When the last of them is woken.
    pub until: Timestamp,
}

/// What counts for the limits of webhooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// Attempts and when they were begun, newest first.
    pub attempts: Vec<(AttemptPlace, Timestamp)>,
    /// Runs that rest for a limit.
    pub resting: Vec<RestsUntil>,
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
