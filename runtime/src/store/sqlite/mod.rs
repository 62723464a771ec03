//! The store in one SQLite file.
//!
//! A thread that writes commits what callers have queued, together; a few threads read beside it. What a verb does is plain
//! functions over a connection, one subject a file. Nothing here is asked for a time: it arrives with what is kept.

mod accept;
mod attempt;
mod body;
mod changed;
mod column;
mod contact;
mod cursor;
mod event;
mod fault;
mod folder;
mod folding;
mod forget;
mod identify;
mod known;
mod limited;
mod list;
mod listening;
mod memory;
mod message;
mod notes;
mod open;
mod outcome;
mod part;
mod program;
mod progress;
mod reader;
mod rests;
mod retention;
mod run;
mod schedule;
mod search;
mod segment;
#[cfg(test)]
pub(crate) mod simulated;
mod soundness;
mod standing;
mod stretch;
mod told;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use compiler::ir::{Identifier, ProgramHash};
use jiff::Timestamp;
use rusqlite::Connection;
use smol_str::SmolStr;

use self::fault::{Failure, Fault};
use self::folder::Folder;
use self::known::Known;
use self::reader::Readers;
use self::soundness::Soundness;
use self::told::Listener;
use self::writer::{Need, Writer};
use super::*;
use crate::metrics::Timing;

pub use self::memory::MemoryStore;
pub use self::open::NEWEST as NEWEST_FORMAT;
pub use self::writer::Traffic;

/// What may be chosen about a store.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// For how long an event's key keeps a second event with it out.
    pub dedup_window: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options { dedup_window: Duration::from_secs(7 * 24 * 60 * 60) }
    }
}

/// A store in one SQLite file, in a data folder that it holds until it is closed.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    failure: Failure,
    keys: Keys,
    options: Options,
    known: Arc<Known>,
    commits: Timing,
    soundness: Mutex<Soundness>,
    listener: Listener,
}

impl SqliteStore {
    /// Opens the store of a data folder; makes both where they are missing. Blocks.
    pub fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
        SqliteStore::open_with(folder, Options::default())
    }

    /// The same, with what may be chosen.
    pub fn open_with(folder: &Path, options: Options) -> Result<SqliteStore, StoreError> {
        let failure = Failure::none();
        let folder = Folder::take(folder)?;
        let path = folder.store();
        let left = soundness::was_left(&path);
        let connection = open::writer(&path)?;
        let keys = open::keys(&connection).map_err(StoreError::from)?;
        let readers = Readers::start(&path, failure.clone())?;
        let soundness = match left {
            true => Soundness::check(&path, failure.clone())?,
            false => Soundness::assumed(),
        };
        let commits = Timing::commits();
        let known = Arc::<Known>::default();
        let writer = Writer::start(connection, folder, failure.clone(), known.clone(), commits.clone())?;
        let soundness = Mutex::new(soundness);
        let listener = Listener::default();
        Ok(SqliteStore { writer, readers, failure, keys, options, known, commits, soundness, listener })
    }

    /// Carries out what is queued, puts everything into the one file, and frees the folder. Every later verb answers
    /// [`StoreError::Closed`].
    pub async fn close(&self) {
        let readers = self.close_readers();
        self.writer.close(readers).await;
    }

    /// Lets all that reads come to its end, and hands out the threads to be waited for.
    fn close_readers(&self) -> Vec<JoinHandle<()>> {
        let checking = self.soundness.lock().unwrap_or_else(PoisonError::into_inner).close();
        self.readers.close().into_iter().chain(checking).collect()
    }

    /// Ends when the store has failed, with the reason: the daemon must then end too.
    pub fn failed(&self) -> impl Future<Output = StoreError> + Send + use<> {
        self.failure.clone().wait()
    }

    /// How much was written since the store was opened.
    pub fn traffic(&self) -> Traffic {
        self.writer.traffic()
    }

    /// How long commits take.
    pub fn commit_times(&self) -> Timing {
        self.commits.clone()
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Pending<'_, T> {
        Box::pin(self.writer.run(Need::Begins, work))
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Pending<'_, T> {
        Box::pin(self.readers.run(work))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.writer.close_now(self.close_readers());
    }
}

impl Store for SqliteStore {
    fn accept(&self, acceptances: Vec<Acceptance>, all_or_none: bool) -> Pending<'_, Vec<Accepted>> {
        let window = self.options.dedup_window;
        let (known, listener) = (Arc::clone(&self.known), self.listener.clone());
        Box::pin(self.writer.run_then(Need::Begins, move |connection| {
            let accepted = accept::accept(connection, &known, &acceptances, all_or_none, window)?;
            let sequel = listener.accepted(&acceptances, &accepted);
            Ok((accepted, sequel))
        }))
    }

    fn note_start(&self) -> Pending<'_, ()> {
        let known = Arc::clone(&self.known);
        // A daemon starts though the disk is full.
        Box::pin(self.writer.run(Need::Ends, move |connection| attempt::note_start(connection, &known)))
    }

    fn tell(&self, admissions: Weak<dyn Admissions>) {
        self.listener.set(admissions);
    }

    fn record(&self, progress: Arc<Progress>) -> Pending<'_, Recorded> {
        let (known, window) = (Arc::clone(&self.known), self.options.dedup_window);
        let listener = self.listener.clone();
        // What has happened is kept though the disk is full; what is about to happen has to wait.
        let need = if progress.attempts_started.is_empty() { Need::Ends } else { Need::Begins };
        Box::pin(self.writer.run_then(need, move |connection| {
            let recorded = progress::record(connection, &known, &progress, window)?;
            let sequel = listener.recorded(&recorded);
            Ok((recorded, sequel))
        }))
    }

    fn wake(&self, run: RunId, at: Timestamp) -> Pending<'_, bool> {
        let known = Arc::clone(&self.known);
        self.write(move |connection| progress::wake(connection, &known, run, at))
    }

    fn shift_rests(&self, set: ClockSet) -> Pending<'_, u64> {
        Box::pin(async move {
            if let ClockSet::Unseen { now } = set
                && self
                    .readers
                    .run(rests::newest)
                    .await?
                    .is_none_or(|newest| newest.duration_since(now) < ClockSet::LEAST)
            {
                return Ok(0);
            }
            let (mut shifted, mut after) = (0, Some(i64::MIN));
            while let Some(number) = after {
                let (found, next) = self.readers.run(move |connection| rests::find(connection, set, number)).await?;
                after = next;
                if !found.is_empty() {
                    let known = Arc::clone(&self.known);
                    shifted +=
                        self.writer.run(Need::Ends, move |connection| rests::shift(connection, &known, &found)).await?;
                }
            }
            Ok(shifted)
        })
    }

    fn revive(&self, revival: Revival) -> Pending<'_, Revived> {
        let known = Arc::clone(&self.known);
        self.write(move |connection| progress::revive(connection, &known, &revival))
    }

    fn park(&self, run: RunId, reason: String, reason_code: &'static str) -> Pending<'_, ()> {
        let known = Arc::clone(&self.known);
        self.write(move |connection| progress::park(connection, &known, run, &reason, reason_code))
    }

    fn foreign_programs(&self, ir_version: u32) -> Pending<'_, Vec<ProgramHash>> {
        self.read(move |connection| program::foreign(connection, ir_version))
    }

    fn unfinished(&self, after: Option<RunId>, limit: usize) -> Pending<'_, Vec<RunRecord>> {
        Box::pin(async move {
            let runs = self.readers.run(move |connection| run::unfinished(connection, after, limit)).await?;
            if !runs.is_empty() {
                // A run may be read a moment before whoever opens it is told that it is admitted. He comes first.
                self.writer.run(Need::Ends, |_| Ok(())).await?;
            }
            Ok(runs)
        })
    }

    fn due(&self, now: Timestamp, limit: usize) -> Pending<'_, (Vec<RunRecord>, Option<Timestamp>)> {
        self.read(move |connection| run::due(connection, now, limit))
    }

    fn signalled(&self, limit: usize) -> Pending<'_, Vec<RunRecord>> {
        self.read(move |connection| run::signalled(connection, limit))
    }

    fn heard(&self, run: RunId, after: i64, limit: usize) -> Pending<'_, Vec<EventRecord>> {
        self.read(move |connection| listening::heard(connection, run, after, limit))
    }

    fn listening_programs(&self) -> Pending<'_, Vec<ProgramHash>> {
        self.read(listening::programs)
    }

    fn identify(&self, lookup: Lookup, at: Timestamp) -> Pending<'_, Result<ContactRecord, Ending>> {
        let known = Arc::clone(&self.known);
        self.write(move |connection| {
            Ok(identify::identify(connection, &known, &lookup, at)?.map(|identified| identified.contact))
        })
    }

    fn run(&self, id: RunId) -> Pending<'_, Option<RunRecord>> {
        self.read(move |connection| run::get(connection, id))
    }

    fn runs(&self, query: RunQuery) -> Pending<'_, Page<RunSummary>> {
        self.read(move |connection| run::list(connection, &query))
    }

    fn attempts(&self, run: RunId) -> Pending<'_, Vec<AttemptRecord>> {
        let known = Arc::clone(&self.known);
        self.read(move |connection| match progress::run_number(connection, run)? {
            Some(number) => attempt::list(connection, &known, number),
            None => Ok(vec![]),
        })
    }

    fn event(&self, id: String) -> Pending<'_, Option<EventRecord>> {
        self.read(move |connection| event::find(connection, &id))
    }

    fn events(&self, query: EventQuery) -> Pending<'_, Page<EventRecord>> {
        self.read(move |connection| event::list(connection, &query))
    }

    fn put_contact(&self, change: ContactChange) -> Pending<'_, Result<PutContact, ContactConflict>> {
        let (known, window) = (Arc::clone(&self.known), self.options.dedup_window);
        let listener = self.listener.clone();
        Box::pin(self.writer.run_then(Need::Begins, move |connection| {
            let put = contact::put(connection, &known, &change, window)?;
            let sequel = listener.put(put.iter());
            Ok((put, sequel))
        }))
    }

    fn put_contacts(&self, changes: Vec<ContactChange>) -> Pending<'_, Vec<Result<PutContact, ContactConflict>>> {
        let (known, window) = (Arc::clone(&self.known), self.options.dedup_window);
        let listener = self.listener.clone();
        Box::pin(self.writer.run_then(Need::Begins, move |connection| {
            let puts = changes.iter().map(|change| contact::put(connection, &known, change, window));
            let puts: Vec<_> = puts.collect::<Result<_, Fault>>()?;
            let sequel = listener.put(puts.iter().flatten());
            Ok((puts, sequel))
        }))
    }

    fn find_contact(&self, by: Identifier, value: SmolStr) -> Pending<'_, Option<i64>> {
        self.read(move |connection| contact::find_id(connection, by, &value))
    }

    fn contact(&self, id: i64) -> Pending<'_, Option<ContactRecord>> {
        self.read(move |connection| contact::get(connection, id))
    }

    fn members(&self, segment: Segment, after: i64, up_to: i64, limit: usize) -> Pending<'_, Members> {
        self.read(move |connection| list::members(connection, &segment, after, up_to, limit))
    }

    fn schedules(&self) -> Pending<'_, Vec<ScheduleRecord>> {
        self.read(schedule::list)
    }

    fn set_schedules(&self, schedules: Vec<(String, Timestamp)>) -> Pending<'_, Vec<ScheduleRecord>> {
        self.write(move |connection| schedule::set(connection, &schedules))
    }

    fn begin_tick(&self, schedule: String, tick: Timestamp) -> Pending<'_, Option<ScheduleRecord>> {
        self.write(move |connection| schedule::begin(connection, &schedule, tick))
    }

    fn tick(&self, batch: TickBatch) -> Pending<'_, Option<Vec<Accepted>>> {
        let (known, window) = (Arc::clone(&self.known), self.options.dedup_window);
        let listener = self.listener.clone();
        Box::pin(self.writer.run_then(Need::Begins, move |connection| {
            let ticked = schedule::tick(connection, &known, &batch, window)?;
            let sequel = ticked.as_ref().and_then(|accepted| listener.accepted(&batch.events, accepted));
            Ok((ticked, sequel))
        }))
    }

    fn index_segments(&self, program: Arc<LoadedProgram>) -> Pending<'_, bool> {
        self.write(move |connection| segment::keep(connection, &program))
    }

    fn index_contacts(&self) -> Pending<'_, bool> {
        Box::pin(async move {
            let enough = if self.writer.is_busy() { search::FAR_BEHIND } else { search::WORTHWHILE };
            // Mostly there is nothing to do, and nobody who writes is asked.
            if self.readers.run(move |connection| search::behind(connection, enough)).await? < enough {
                return Ok(false);
            }
            self.writer.run(Need::Derives, search::go_on).await?;
            Ok(true)
        })
    }

    fn contacts(&self, query: ContactQuery) -> Pending<'_, Page<ContactRecord>> {
        self.read(move |connection| list::contacts(connection, &query))
    }

    fn forget(&self, contact: i64, at: Timestamp) -> Pending<'_, Option<Forgetting>> {
        let known = Arc::clone(&self.known);
        // It frees room, and must not wait for any.
        Box::pin(self.writer.run(Need::Ends, move |connection| forget::begin(connection, &known, contact, at)))
    }

    fn forget_own(&self, forgetting: Forgetting, runs: usize) -> Pending<'_, Forgetting> {
        Box::pin(self.writer.run(Need::Ends, move |connection| forget::own(connection, forgetting.clone(), runs)))
    }

    fn forget_search(&self, needles: String, place: Place, limit: usize) -> Pending<'_, (Vec<i64>, Option<i64>)> {
        self.read(move |connection| forget::search(connection, &needles, place, limit))
    }

    fn forget_strike(&self, needles: String, table: Table, keys: Vec<i64>) -> Pending<'_, Erased> {
        Box::pin(self.writer.run(Need::Ends, move |connection| forget::strike(connection, &needles, table, &keys)))
    }

    fn forget_end(&self, contact: i64) -> Pending<'_, ()> {
        let noted = async move {
            self.writer.run(Need::Ends, move |connection| forget::end(connection, contact)).await?;
            // What it was searched by leaves the log too.
            self.writer.scour(String::new()).await.map(drop)
        };
        Box::pin(noted)
    }

    fn forgetting(&self) -> Pending<'_, Vec<Forgetting>> {
        self.read(forget::pending)
    }

    fn forgotten_at(&self, contact: i64) -> Pending<'_, Option<Timestamp>> {
        self.read(move |connection| forget::when(connection, contact))
    }

    fn scour(&self, needles: String) -> Pending<'_, bool> {
        Box::pin(self.writer.scour(needles))
    }

    fn keys(&self) -> Keys {
        self.keys
    }

    fn put_program(&self, hash: ProgramHash, json: String, at: Timestamp) -> Pending<'_, ()> {
        self.write(move |connection| program::put(connection, &hash, &json, at))
    }

    fn put_commit(&self, hash: ProgramHash, commit: Commit) -> Pending<'_, ()> {
        self.write(move |connection| program::put_commit(connection, &hash, &commit))
    }

    fn commit_of(&self, hash: ProgramHash) -> Pending<'_, Option<Commit>> {
        self.read(move |connection| program::commit_of(connection, &hash))
    }

    fn activations(&self, limit: usize) -> Pending<'_, Vec<Activation>> {
        self.read(move |connection| program::activations(connection, limit))
    }

    fn recent_attempts(&self, limit: usize) -> Pending<'_, Vec<AttemptOutcome>> {
        self.read(move |connection| outcome::recent(connection, limit))
    }

    fn lately(&self, since: Timestamp) -> Pending<'_, Lately> {
        self.read(move |connection| limited::lately(connection, since))
    }

    fn program(&self, hash: ProgramHash) -> Pending<'_, Option<String>> {
        self.read(move |connection| program::get(connection, &hash))
    }

    fn last_program(&self) -> Pending<'_, Option<ProgramHash>> {
        self.read(program::last)
    }

    fn messages(&self, query: MessageQuery) -> Pending<'_, Page<MessageRecord>> {
        self.read(move |connection| message::list(connection, &query))
    }

    fn outbox_after(&self, number: i64, limit: usize) -> Pending<'_, Vec<MessageRecord>> {
        self.read(move |connection| message::outbox_after(connection, number, limit))
    }

    fn outbox_written(&self, number: i64) -> Pending<'_, ()> {
        self.write(move |connection| message::note_written(connection, number))
    }

    fn outbox_mark(&self) -> Pending<'_, i64> {
        self.read(message::written)
    }

    fn counts(&self) -> Pending<'_, Counts> {
        self.read(list::counts)
    }

    fn census(&self, now: Timestamp) -> Pending<'_, Census> {
        self.read(move |connection| list::census(connection, now))
    }

    fn standings(&self, after: i64, limit: usize) -> Pending<'_, (Vec<Standing>, Option<i64>)> {
        self.read(move |connection| standing::standings(connection, after, limit))
    }

    fn aged(&self, before: Timestamp, after: i64, limit: usize) -> Pending<'_, Aged> {
        self.read(move |connection| retention::aged(connection, before, after, limit))
    }

    fn prune(&self, events: Vec<i64>) -> Pending<'_, Pruned> {
        self.write(move |connection| retention::prune(connection, &events))
    }

    fn pruned(&self) -> Pending<'_, Pruned> {
        self.read(retention::pruned)
    }

    fn size(&self) -> Pending<'_, u64> {
        self.read(retention::size)
    }

    fn is_full(&self) -> bool {
        self.writer.is_full()
    }
}
