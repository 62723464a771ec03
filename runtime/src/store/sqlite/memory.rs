//! A store in memory, on the thread of whoever calls: what tests of programs are rehearsed on.
//!
//! Its verbs are those of the store in a file, and so are the decisions in them: who is found, who is kept out, which runs
//! listen. What it keeps is undone by [`MemoryStore::clear`], which costs next to nothing, so that each test begins with an
//! empty one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use smol_str::SmolStr;

use super::contact::Fields;
use super::fault::Fault;
use super::known::Known;
use super::{Options, accept, contact, event, identify, list, listening, open, progress, run, schedule};
use crate::machine::Ending;
use crate::machine::identify::Lookup;
use crate::store::{
    Acceptance, Accepted, ContactChange, ContactConflict, ContactRecord, EventRecord, Members, Page, Progress,
    PutContact, Recorded, RunId, RunQuery, RunRecord, RunSummary, ScheduleRecord, Segment, StoreError, TickBatch,
};

/// A store in memory. See the verbs of [`crate::store::Store`].
pub struct MemoryStore {
    state: Mutex<State>,
    window: Duration,
}

struct State {
    connection: Connection,
    known: Known,
}

impl MemoryStore {
    /// An empty store.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn new() -> Result<MemoryStore, StoreError> {
        let connection = open::in_memory(0)?;
        connection.execute_batch("BEGIN").map_err(Fault::from)?;
        let state = Mutex::new(State { connection, known: Known::default() });
        Ok(MemoryStore { state, window: Options::default().dedup_window })
    }

    /// Forgets all that was kept.
    ///
    /// # Errors
    /// When the store fails.
    pub fn clear(&self) -> Result<(), StoreError> {
        let mut state = self.state();
        state.known = Known::default();
        state.connection.execute_batch("ROLLBACK; BEGIN").map_err(Fault::from)?;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, work: impl FnOnce(&Connection, &Known) -> Result<T, Fault>) -> Result<T, StoreError> {
        let state = self.state();
        work(&state.connection, &state.known).map_err(StoreError::from)
    }

    /// Accepts an event with the runs that it starts.
    ///
    /// # Errors
    /// When the store fails; so of all that follow.
    pub fn accept(&self, acceptance: &Acceptance) -> Result<Accepted, StoreError> {
        self.with(|connection, known| accept::accept_one(connection, known, acceptance, self.window))
    }

    /// Keeps what a turn of a run did.
    pub fn record(&self, progress: &Progress) -> Result<Recorded, StoreError> {
        self.with(|connection, known| progress::record(connection, known, progress, self.window))
    }

    /// Finds a contact, or makes it.
    pub fn identify(&self, lookup: &Lookup, at: Timestamp) -> Result<Result<ContactRecord, Ending>, StoreError> {
        self.with(|connection, known| {
            Ok(identify::identify(connection, known, lookup, at)?.map(|identified| identified.contact))
        })
    }

    /// Makes or changes a contact.
    pub fn put_contact(&self, change: &ContactChange) -> Result<Result<PutContact, ContactConflict>, StoreError> {
        self.with(|connection, known| contact::put(connection, known, change, self.window))
    }

    /// Makes a contact, with a number of the caller's choice.
    pub fn make_contact(
        &self,
        id: Option<i64>,
        fields: &[(SmolStr, String)],
        at: Timestamp,
    ) -> Result<ContactRecord, StoreError> {
        self.with(|connection, known| {
            let mut given = Fields::default();
            for (name, json) in fields {
                given.set(name, json)?;
            }
            contact::insert_as(connection, known, id, &given, at)
        })
    }

    /// A contact.
    pub fn contact(&self, id: i64) -> Result<Option<ContactRecord>, StoreError> {
        self.with(|connection, _| contact::get(connection, id))
    }

    /// Contacts of a segment after a number, up to another.
    pub fn members(&self, segment: &Segment, after: i64, up_to: i64, limit: usize) -> Result<Members, StoreError> {
        self.with(|connection, _| list::members(connection, segment, after, up_to, limit))
    }

    /// A run.
    pub fn run(&self, id: RunId) -> Result<Option<RunRecord>, StoreError> {
        self.with(|connection, _| run::get(connection, id))
    }

    /// Runs, newest first.
    pub fn runs(&self, query: &RunQuery) -> Result<Page<RunSummary>, StoreError> {
        self.with(|connection, _| run::list(connection, query))
    }

    /// Runs whose time has come, and the time of the next one.
    pub fn due(&self, now: Timestamp, limit: usize) -> Result<(Vec<RunRecord>, Option<Timestamp>), StoreError> {
        self.with(|connection, _| run::due(connection, now, limit))
    }

    /// Runs that rest and to which something happened.
    pub fn signalled(&self, limit: usize) -> Result<Vec<RunRecord>, StoreError> {
        self.with(|connection, _| run::signalled(connection, limit))
    }

    /// The events that a run listens to and has not taken in.
    pub fn heard(&self, run: RunId, after: i64, limit: usize) -> Result<Vec<EventRecord>, StoreError> {
        self.with(|connection, _| listening::heard(connection, run, after, limit))
    }

    /// An event by its id.
    pub fn event(&self, id: &str) -> Result<Option<EventRecord>, StoreError> {
        self.with(|connection, _| event::find(connection, id))
    }

    /// The workflows that an event started no run of, with the reason codes.
    pub fn kept_out(&self, acceptance: i64) -> Result<Vec<(SmolStr, SmolStr)>, StoreError> {
        self.with(|connection, _| {
            Ok(event::get(connection, acceptance)?.map(|event| event.kept_out).unwrap_or_default())
        })
    }

    /// Keeps these schedules.
    pub fn set_schedules(&self, schedules: &[(String, Timestamp)]) -> Result<Vec<ScheduleRecord>, StoreError> {
        self.with(|connection, _| schedule::set(connection, schedules))
    }

    /// Begins a schedule's time.
    pub fn begin_tick(&self, schedule: &str, tick: Timestamp) -> Result<Option<ScheduleRecord>, StoreError> {
        self.with(|connection, _| schedule::begin(connection, schedule, tick))
    }

    /// Accepts a part of a schedule's time.
    pub fn tick(&self, batch: &TickBatch) -> Result<Option<Vec<Accepted>>, StoreError> {
        self.with(|connection, known| schedule::tick(connection, known, batch, self.window))
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
