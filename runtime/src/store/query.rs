//! What is asked of the store, in parts and in numbers.

use std::fmt;
use std::sync::Arc;

use compiler::ir::ProgramHash;
use jiff::Timestamp;
use smol_str::SmolStr;

use super::contact::ContactRecord;
use super::record::RunStatus;
use super::run_id::RunId;
use crate::machine::LoadedProgram;

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<String>,
}

/// Which runs.
#[derive(Clone, Debug, Default)]
pub struct RunQuery {
    /// Of this workflow.
    pub workflow: Option<String>,
    /// In one of these states; empty means any.
    pub status: Vec<RunStatus>,
    /// Of this contact.
    pub contact: Option<i64>,
    /// Admitted at or after.
    pub from: Option<Timestamp>,
    /// Admitted before.
    pub to: Option<Timestamp>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// Of this type.
    pub name: Option<String>,
    /// That started a run of this contact.
    pub contact: Option<i64>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// Which contacts.
#[derive(Clone, Debug, Default)]
pub struct ContactQuery {
    /// An identifier, or a part of a name or of an identifier.
    pub text: Option<String>,
    /// Of this segment.
    pub segment: Option<Segment>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// A segment of a program, with the way to decide it that the machine has.
#[derive(Clone)]
pub struct Segment {
    /// The program that declares it, and the fields of the contact card.
    pub program: Arc<LoadedProgram>,
    /// Its name.
    pub name: SmolStr,
    /// Decides for one contact: what the store cannot tell by itself is asked here.
    pub holds: fn(&LoadedProgram, &str, &ContactRecord) -> bool,
}

impl Segment {
    /// Whether a contact belongs to it.
    pub fn has(&self, contact: &ContactRecord) -> bool {
        (self.holds)(&self.program, &self.name, contact)
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "segment {} of {}", self.name, self.program.hash.short())
    }
}

/// Contacts in the order of their numbers, up to where was looked.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// The contacts.
    pub contacts: Vec<ContactRecord>,
    /// The number up to which was looked; `None` when nothing is left behind it.
    pub come_to: Option<i64>,
}

/// Which messages.
#[derive(Clone, Debug, Default)]
pub struct MessageQuery {
    /// To this contact.
    pub contact: Option<i64>,
    /// Of this run.
    pub run: Option<RunId>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// What was taken out of history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Events.
    pub events: u64,
    /// Runs.
    pub runs: u64,
    /// Attempts.
    pub attempts: u64,
    /// Messages.
    pub messages: u64,
}

/// History that is old and over, and may be taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aged {
    /// The numbers of events, each with the `Message-ID`s of the mails that came of it and lie in the outbox as files.
    pub events: Vec<(i64, Vec<String>)>,
    /// The number after which to go on; `None` when there is nothing behind it.
    pub next: Option<i64>,
}

/// How the runs stand that have not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Runs that go on.
    pub running: u64,
    /// Runs that wait for a time, or for a person.
    pub waiting: u64,
    /// Of these, runs whose time has come.
    pub due: u64,
}

/// Runs that have not ended and stand at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Their workflow.
    pub workflow: String,
    /// The program that they are pinned to.
    pub program: ProgramHash,
    /// The step that they came to last; `None` before the first.
    pub step: Option<String>,
    /// How many.
    pub runs: u64,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accepted events.
    pub events: u64,
    /// Runs that have not ended.
    pub unfinished_runs: u64,
    /// Runs that wait for a time.
    pub waiting_runs: u64,
    /// Runs that go on now whose last attempt has no outcome and was begun after the start before the last one that was noted: what
    /// the last end of the daemon cut off. What an earlier end cut off was counted then.
    pub unknown_attempts: u64,
    /// Contacts.
    pub contacts: u64,
}
