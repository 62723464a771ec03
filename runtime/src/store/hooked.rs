//! A store whose verbs can be meddled with, for tests of what stands on it: each goes through a hook and then to the store.

use std::sync::{Arc, Weak};

use compiler::ir::{Identifier, ProgramHash};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::*;
use crate::clock::Clock;
use crate::machine::identify::Lookup;
use crate::machine::{Ending, LoadedProgram};

/// What is done to a store's verbs. Each does nothing by itself.
pub(crate) trait Hooks: Send + Sync + 'static {
    /// Before any verb: an error is answered in its place.
    fn before(&self, _verb: &'static str) -> Result<(), StoreError> {
        Ok(())
    }

    /// Whether events are answered before they are kept, and where they are kept then.
    fn answers_early(&self) -> Option<Clock> {
        None
    }

    /// Before events are accepted.
    fn accept(&self, _acceptances: &mut Vec<Acceptance>) {}

    /// Before what a turn did is recorded.
    fn record(&self, _progress: &mut Progress) {}

    /// After runs were read that are to go on.
    fn read(&self, _verb: &'static str, _runs: &mut Vec<RunRecord>) {}

    /// The program that is read.
    fn program(&self, hash: ProgramHash) -> ProgramHash {
        hash
    }

    /// The store's number.
    fn identity(&self, identity: u64) -> u64 {
        identity
    }
}

/// A store behind hooks.
pub(crate) struct Hooked<H> {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) hooks: H,
}

macro_rules! pass_on {
    ($(fn $verb:ident($($name:ident: $type:ty),*) -> $answer:ty;)+) => {
        $(fn $verb(&self, $($name: $type),*) -> Pending<'_, $answer> {
            match self.hooks.before(stringify!($verb)) {
                Ok(()) => self.store.$verb($($name),*),
                Err(error) => Box::pin(std::future::ready(Err(error))),
            }
        })+
    };
}

impl<H: Hooks> Hooked<H> {
    fn reading<'a>(&'a self, verb: &'static str, read: Pending<'a, Vec<RunRecord>>) -> Pending<'a, Vec<RunRecord>> {
        Box::pin(async move {
            self.hooks.before(verb)?;
            let mut runs = read.await?;
            self.hooks.read(verb, &mut runs);
            Ok(runs)
        })
    }
}

impl<H: Hooks> Store for Hooked<H> {
    pass_on! {
        fn heard(run: RunId, after: i64, limit: usize) -> Vec<EventRecord>;
        fn listening_programs() -> Vec<ProgramHash>;
        fn identify(lookup: Lookup, at: Timestamp) -> Result<ContactRecord, Ending>;
        fn run(id: RunId) -> Option<RunRecord>;
        fn runs(query: RunQuery) -> Page<RunSummary>;
        fn attempts(run: RunId) -> Vec<AttemptRecord>;
        fn event(id: String) -> Option<EventRecord>;
        fn events(query: EventQuery) -> Page<EventRecord>;
        fn put_contact(change: ContactChange) -> Result<PutContact, ContactConflict>;
        fn put_contacts(changes: Vec<ContactChange>) -> Vec<Result<PutContact, ContactConflict>>;
        fn find_contact(by: Identifier, value: SmolStr) -> Option<i64>;
        fn members(segment: Segment, after: i64, up_to: i64, limit: usize) -> Members;
        fn index_segments(program: Arc<LoadedProgram>) -> bool;
        fn index_contacts() -> bool;
        fn forget(contact: i64, at: Timestamp) -> Option<Forgetting>;
        fn forget_own(forgetting: Forgetting, runs: usize) -> Forgetting;
        fn forget_search(needles: String, place: Place, limit: usize) -> (Vec<i64>, Option<i64>);
        fn forget_strike(needles: String, table: Table, keys: Vec<i64>) -> Erased;
        fn forget_end(contact: i64) -> ();
        fn forgetting() -> Vec<Forgetting>;
        fn forgotten_at(contact: i64) -> Option<Timestamp>;
        fn scour(needles: String) -> bool;
        fn schedules() -> Vec<ScheduleRecord>;
        fn set_schedules(schedules: Vec<(String, Timestamp)>) -> Vec<ScheduleRecord>;
        fn begin_tick(schedule: String, tick: Timestamp) -> Option<ScheduleRecord>;
        fn tick(batch: TickBatch) -> Option<Vec<Accepted>>;
        fn contact(id: i64) -> Option<ContactRecord>;
        fn contacts(query: ContactQuery) -> Page<ContactRecord>;
        fn put_program(hash: ProgramHash, json: String, at: Timestamp) -> ();
        fn put_commit(hash: ProgramHash, commit: Commit) -> ();
        fn commit_of(hash: ProgramHash) -> Option<Commit>;
        fn activations(limit: usize) -> Vec<Activation>;
        fn recent_attempts(limit: usize) -> Vec<AttemptOutcome>;
        fn lately(since: Timestamp) -> Lately;
        fn last_program() -> Option<ProgramHash>;
        fn messages(query: MessageQuery) -> Page<MessageRecord>;
        fn outbox_mark() -> i64;
        fn counts() -> Counts;
        fn note_start() -> ();
        fn census(now: Timestamp) -> Census;
        fn standings(after: i64, limit: usize) -> (Vec<Standing>, Option<i64>);
        fn aged(before: Timestamp, after: i64, limit: usize) -> Aged;
        fn prune(events: Vec<i64>) -> Pruned;
        fn pruned() -> Pruned;
        fn size() -> u64;
        fn wake(run: RunId, at: Timestamp) -> bool;
        fn shift_rests(set: ClockSet) -> u64;
        fn revive(revival: Revival) -> Revived;
        fn park(run: RunId, reason: String, reason_code: &'static str) -> ();
        fn foreign_programs(ir_version: u32) -> Vec<ProgramHash>;
        fn outbox_after(number: i64, limit: usize) -> Vec<MessageRecord>;
        fn outbox_written(number: i64) -> ();
    }

    fn accept(&self, mut acceptances: Vec<Acceptance>, all_or_none: bool) -> Pending<'_, Vec<Accepted>> {
        if let Err(error) = self.hooks.before("accept") {
            return Box::pin(std::future::ready(Err(error)));
        }
        self.hooks.accept(&mut acceptances);
        if let Some(clock) = self.hooks.answers_early() {
            let early = || Accepted::New { acceptance: 0, runs: vec![], heard: false };
            let answers = acceptances.iter().map(|_| early()).collect();
            let store = self.store.clone();
            clock.spawn(async move {
                let _ = store.accept(acceptances, all_or_none).await;
            });
            return Box::pin(std::future::ready(Ok(answers)));
        }
        self.store.accept(acceptances, all_or_none)
    }

    fn tell(&self, admissions: Weak<dyn Admissions>) {
        self.store.tell(admissions);
    }

    fn record(&self, mut progress: Arc<Progress>) -> Pending<'_, Recorded> {
        if let Err(error) = self.hooks.before("record") {
            return Box::pin(std::future::ready(Err(error)));
        }
        self.hooks.record(Arc::make_mut(&mut progress));
        self.store.record(progress)
    }

    fn unfinished(&self, after: Option<RunId>, limit: usize) -> Pending<'_, Vec<RunRecord>> {
        self.reading("unfinished", self.store.unfinished(after, limit))
    }

    fn signalled(&self, limit: usize) -> Pending<'_, Vec<RunRecord>> {
        self.reading("signalled", self.store.signalled(limit))
    }

    fn due(&self, now: Timestamp, limit: usize) -> Pending<'_, (Vec<RunRecord>, Option<Timestamp>)> {
        Box::pin(async move {
            self.hooks.before("due")?;
            let (mut runs, next) = self.store.due(now, limit).await?;
            self.hooks.read("due", &mut runs);
            Ok((runs, next))
        })
    }

    fn program(&self, hash: ProgramHash) -> Pending<'_, Option<String>> {
        self.store.program(self.hooks.program(hash))
    }

    fn is_full(&self) -> bool {
        self.store.is_full()
    }

    fn keys(&self) -> Keys {
        let keys = self.store.keys();
        Keys { identity: self.hooks.identity(keys.identity), ..keys }
    }
}
