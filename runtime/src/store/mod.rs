//! The durable store: a dozen verbs about events, runs, attempts and timers; nothing above it knows SQL.
//!
//! A verb that changes something answers after its transaction is committed with fsync. Transactions of callers that
//! wait at the same time are committed together.

pub mod acceptance;
pub mod contact;
pub mod erasure;
#[cfg(test)]
pub(crate) mod hooked;
mod opening;
pub mod progress;
pub mod query;
pub mod record;
pub mod run_id;
pub mod sqlite;
pub mod trigger;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use compiler::ir::{Identifier, ProgramHash};
use jiff::Timestamp;
use smol_str::SmolStr;

pub use acceptance::*;
pub use contact::*;
pub use erasure::*;
pub use opening::{Admissions, Opening};
pub use progress::*;
pub use query::*;
pub use record::*;
pub use run_id::*;
pub use trigger::*;

use crate::machine::identify::Lookup;
use crate::machine::{Ending, LoadedProgram};

/// What a verb answers, later.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The durable store of one daemon.
pub trait Store: Send + Sync + 'static {
    /// Accepts events: each one's dedup key is checked, the event kept, its contacts found or made, and its runs admitted,
    /// all in one atomic act. A run that has an [`Opening`] may have its first turn in the same act, and the opening is told
    /// when it is durable. Answers in the order given. Two calls with one key never both make a row. With `all_or_none` a
    /// reused key keeps every event of the call out: those that would have been kept are answered [`Accepted::Withheld`].
    fn accept(&self, acceptances: Vec<Acceptance>, all_or_none: bool) -> Pending<'_, Vec<Accepted>>;

    /// Has somebody told of the runs that are admitted from now on and have no [`Opening`], in place of who was told before.
    fn tell(&self, admissions: Weak<dyn Admissions>);

    /// Makes what one turn of a run did durable, as one atomic act. Repeating it is harmless.
    fn record(&self, progress: Arc<Progress>) -> Pending<'_, Recorded>;

    /// Runs that have not ended and wait for no time, oldest first, after a run: what a restart resumes.
    fn unfinished(&self, after: Option<RunId>, limit: usize) -> Pending<'_, Vec<RunRecord>>;

    /// Runs whose time has come, in the order of their times, and the time of the next one after these.
    fn due(&self, now: Timestamp, limit: usize) -> Pending<'_, (Vec<RunRecord>, Option<Timestamp>)>;

    /// Runs that rest and to which something happened that they listen to, oldest first.
    fn signalled(&self, limit: usize) -> Pending<'_, Vec<RunRecord>>;

    /// The events that a run listens to and has not taken in, after an acceptance number, in their order.
    fn heard(&self, run: RunId, after: i64, limit: usize) -> Pending<'_, Vec<EventRecord>>;

    /// The programs that runs which listen are pinned to.
    fn listening_programs(&self) -> Pending<'_, Vec<ProgramHash>>;

    /// Finds a contact, or makes it; or says how a run ends without one.
    fn identify(&self, lookup: Lookup, at: Timestamp) -> Pending<'_, Result<ContactRecord, Ending>>;

    /// A run.
    fn run(&self, id: RunId) -> Pending<'_, Option<RunRecord>>;

    /// Lets a run that waits go on at a time, whatever it waited for; `false` when it does not wait.
    fn wake(&self, run: RunId, at: Timestamp) -> Pending<'_, bool>;

    /// Lets the pauses before attempts of calls and deliveries keep their length when the wall clock was set. How many were
    /// moved.
    fn shift_rests(&self, set: ClockSet) -> Pending<'_, u64>;

    /// Lets a run go on that had failed, from a state.
    fn revive(&self, revival: Revival) -> Pending<'_, Revived>;

    /// Lets a run that goes on wait for a person.
    fn park(&self, run: RunId, reason: String, reason_code: &'static str) -> Pending<'_, ()>;

    /// Programs of another version of the representation that runs are pinned to which have not ended.
    fn foreign_programs(&self, ir_version: u32) -> Pending<'_, Vec<ProgramHash>>;

    /// Runs, newest first. A page may have fewer than were asked for, and others behind it.
    fn runs(&self, query: RunQuery) -> Pending<'_, Page<RunSummary>>;

    /// How the last attempts of all runs went, newest first; without those that have no outcome yet.
    fn recent_attempts(&self, limit: usize) -> Pending<'_, Vec<AttemptOutcome>>;

    /// The attempts that were begun since a time and the runs that rest for a limit, as far as these can be found in a moment:
    /// the last attempts, and the runs that are woken next. Nothing where no program has a limit.
    fn lately(&self, since: Timestamp) -> Pending<'_, Lately>;

    /// The attempts of a run, in the order they were made.
    fn attempts(&self, run: RunId) -> Pending<'_, Vec<AttemptRecord>>;

    /// An event, by its own id.
    fn event(&self, id: String) -> Pending<'_, Option<EventRecord>>;

    /// Events, newest first.
    fn events(&self, query: EventQuery) -> Pending<'_, Page<EventRecord>>;

    /// Makes or changes a contact: found by any identifier that the fields hold. Fields that are null are removed.
    fn put_contact(&self, change: ContactChange) -> Pending<'_, Result<PutContact, ContactConflict>>;

    /// The same for several, in one atomic act, in their order.
    fn put_contacts(&self, changes: Vec<ContactChange>) -> Pending<'_, Vec<Result<PutContact, ContactConflict>>>;

    /// The number of the contact that has an identifier in normal form.
    fn find_contact(&self, by: Identifier, value: SmolStr) -> Pending<'_, Option<i64>>;

    /// A contact.
    fn contact(&self, id: i64) -> Pending<'_, Option<ContactRecord>>;

    /// Contacts of a segment after a number, up to another, by number: so many at most, and of so many that are looked at.
    fn members(&self, segment: Segment, after: i64, up_to: i64, limit: usize) -> Pending<'_, Members>;

    /// Where schedules stand.
    fn schedules(&self) -> Pending<'_, Vec<ScheduleRecord>>;

    /// Keeps these schedules, each from the time that goes with it where it is new, and forgets all others.
    fn set_schedules(&self, schedules: Vec<(String, Timestamp)>) -> Pending<'_, Vec<ScheduleRecord>>;

    /// Begins a schedule's time, for all contacts that there are now. Where it stands then.
    fn begin_tick(&self, schedule: String, tick: Timestamp) -> Pending<'_, Option<ScheduleRecord>>;

    /// Accepts a part of a schedule's time and notes how far it has come, as one atomic act. `None` when that was done before
    /// or the schedule is gone; nothing is kept then.
    fn tick(&self, batch: TickBatch) -> Pending<'_, Option<Vec<Accepted>>>;

    /// Makes ready to find the members of a program's segments quickly. Part of the work; `false` when none is left.
    fn index_segments(&self, program: Arc<LoadedProgram>) -> Pending<'_, bool>;

    /// Makes ready to find contacts by a part of a name quickly. Part of the work; `false` when none is left that is worth
    /// while.
    fn index_contacts(&self) -> Pending<'_, bool>;

    /// Contacts that have an identifier or a part of a name, or belong to a segment, by number. A page may have fewer than were
    /// asked for, and others behind it.
    fn contacts(&self, query: ContactQuery) -> Pending<'_, Page<ContactRecord>>;

    /// Begins to erase a contact: it is taken away, and its runs are cancelled. Or goes on with an erasure that was begun.
    /// `None` when there is no such contact.
    fn forget(&self, contact: i64, at: Timestamp) -> Pending<'_, Option<Forgetting>>;

    /// Erases what the next runs of the contact have left.
    fn forget_own(&self, forgetting: Forgetting, runs: usize) -> Pending<'_, Forgetting>;

    /// Records that name the person, among the next so many; and the key behind which to go on.
    fn forget_search(&self, needles: String, place: Place, limit: usize) -> Pending<'_, (Vec<i64>, Option<i64>)>;

    /// Takes the person's name out of records that were found.
    fn forget_strike(&self, needles: String, table: Table, keys: Vec<i64>) -> Pending<'_, Erased>;

    /// Notes that an erasure is done: what the person was recognised by is forgotten too.
    fn forget_end(&self, contact: i64) -> Pending<'_, ()>;

    /// Erasures that were begun and not ended.
    fn forgetting(&self) -> Pending<'_, Vec<Forgetting>>;

    /// When a contact was erased.
    fn forgotten_at(&self, contact: i64) -> Pending<'_, Option<Timestamp>>;

    /// Lets nothing that was erased be read from the disk; `false` when some of it may be left.
    fn scour(&self, needles: String) -> Pending<'_, bool>;

    /// What the keys that receivers see are made with.
    fn keys(&self) -> Keys;

    /// Keeps a compiled program under its hash, and notes that it is the last to be activated, from this time on.
    fn put_program(&self, hash: ProgramHash, json: String, at: Timestamp) -> Pending<'_, ()>;

    /// Notes which commit a program was loaded from. A commit alone stands over one with changes.
    fn put_commit(&self, hash: ProgramHash, commit: Commit) -> Pending<'_, ()>;

    /// The commit that a program was loaded from, if it was one.
    fn commit_of(&self, hash: ProgramHash) -> Pending<'_, Option<Commit>>;

    /// Which program ran from when on, newest first.
    fn activations(&self, limit: usize) -> Pending<'_, Vec<Activation>>;

    /// A kept program.
    fn program(&self, hash: ProgramHash) -> Pending<'_, Option<String>>;

    /// The program that was kept last.
    fn last_program(&self) -> Pending<'_, Option<ProgramHash>>;

    /// Messages, newest first.
    fn messages(&self, query: MessageQuery) -> Pending<'_, Page<MessageRecord>>;

    /// Messages in the outbox after a number, oldest first: what is written as files again after a restart.
    fn outbox_after(&self, number: i64, limit: usize) -> Pending<'_, Vec<MessageRecord>>;

    /// Notes that the files of all messages up to a number are on disk.
    fn outbox_written(&self, number: i64) -> Pending<'_, ()>;

    /// The number up to which [`Store::outbox_written`] was noted.
    fn outbox_mark(&self) -> Pending<'_, i64>;

    /// Notes that a daemon starts: whatever attempts were begun before, none of them goes on.
    fn note_start(&self) -> Pending<'_, ()>;

    /// How much there is of everything, for the start's report.
    fn counts(&self) -> Pending<'_, Counts>;

    /// History that may be taken out: of the next so many events after a number, those that were received before a time and
    /// are over.
    fn aged(&self, before: Timestamp, after: i64, limit: usize) -> Pending<'_, Aged>;

    /// Takes out events with all that came of them, but for those of which something goes on by now.
    fn prune(&self, events: Vec<i64>) -> Pending<'_, Pruned>;

    /// How much was taken out since the store was made.
    fn pruned(&self) -> Pending<'_, Pruned>;

    /// How many bytes of the file are in use.
    fn size(&self) -> Pending<'_, u64>;

    /// How the runs stand that have not ended, for who looks on.
    fn census(&self, now: Timestamp) -> Pending<'_, Census>;

    /// Where runs stand that have not ended: so many of them after a number, in the order of their numbers, and the number to
    /// go on after; `None` at the end.
    fn standings(&self, after: i64, limit: usize) -> Pending<'_, (Vec<Standing>, Option<i64>)>;

    /// Whether the disk is full: nothing new is accepted then, and no call begun. It passes by itself.
    fn is_full(&self) -> bool;
}

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another daemon holds the data folder.
    #[error("the data folder `{folder}` is in use by another daemon{}", .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Locked {
        /// The data folder.
        folder: String,
        /// The process that holds it, when it could be read.
        pid: Option<u32>,
    },
    /// The store was written by a newer version, or is no store.
    #[error("{0}")]
    Format(String),
    /// The disk is full, or the store's log has reached its limit; nothing was written, and it may be tried again later.
    #[error("the disk of the data folder is full")]
    Full,
    /// This one request cannot be carried out; nothing of it was written, and the store goes on.
    #[error("the store refused: {0}")]
    Refused(String),
    /// The cursor was not given out by this list.
    #[error("the cursor is not one of this list")]
    Cursor,
    /// Reading or writing failed. After this nothing is committed any more.
    #[error("the store failed: {0}")]
    Failed(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether the same request may go well another time: the store goes on, and nothing of this request was written.
    pub fn passes(&self) -> bool {
        matches!(self, StoreError::Full | StoreError::Refused(_))
    }

    /// Logs what has to rest for an error that passes. That the disk is full the store says itself, once, and whatever rests
    /// for it comes again and again.
    pub(crate) fn note_rest(&self, what: &str) {
        match self {
            StoreError::Full => tracing::debug!(error = %self, "{what}"),
            _ => tracing::warn!(error = %self, "{what}"),
        }
    }
}
