//! Order per contact: the runs of a contact begin in the order in which their events were accepted, so that their first steps
//! are journaled, and what they write to the contact until then applies, in that order.
//!
//! A run has begun when the first record of its turn is kept, or when something outside holds it up: a host that hangs must
//! not hold up the contact's other runs. What does not fit stands in the store and is read from there in order; until then
//! what comes later for the same contact goes there too, so that it does not overtake.
//!
//! A run that other runs, changes of contacts or schedules have started is read from the store by itself. It takes its place
//! when it is admitted, and whatever comes later waits until it was read and has begun.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::queue::{Room, Weigh};
use crate::store::RunId;

/// So many runs of one contact wait here at most; the others wait in the store, and leave room for other contacts.
const CHAIN: usize = 512;

/// Beyond so many contacts with runs in the store all are taken to have some.
const CONTACTS: usize = 100_000;

/// Who goes first.
#[derive(Debug)]
pub(super) struct Order<T> {
    state: Mutex<State<T>>,
    room: Room,
}

#[derive(Debug)]
struct State<T> {
    /// Contacts of whom a run has its first turn, or waits for it in the queue, and the runs behind it; without a job those
    /// that are expected.
    chains: HashMap<i64, VecDeque<(RunId, Option<T>)>>,
    /// The runs at the head of the chains.
    heads: HashMap<RunId, i64>,
    /// Those of them that are expected.
    expected: HashSet<RunId>,
    /// The runs behind them.
    behind: HashSet<RunId>,
    weight: usize,
    /// Contacts with runs that stand in the store and nowhere else, and the reading of the store that went on then.
    unread: HashMap<i64, u64>,
    /// The same for all contacts.
    all_unread: Option<u64>,
    /// Contacts of whom a run was left in the store by the reading that goes on: their later runs are left there too.
    missed: HashSet<i64>,
    /// How often reading the store was begun.
    readings: u64,
}

/// Where a run comes from that is to have its first turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Its event was just accepted.
    Accepted,
    /// It was [expected](Order::expect), and read by itself.
    Expected,
    /// It was read with all that stands in the store, in order.
    Sweep,
}

/// What a run may do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entered<T> {
    /// Have its first turn.
    Go(T),
    /// Wait for those before it.
    Waits,
    /// What it does already.
    Known,
    /// Stand in the store until it is read, which is worth doing now, or only when the contact's others have gone.
    Overflow {
        /// Whether it is worth doing now.
        now: bool,
    },
}

/// What follows the first turn of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left<T> {
    /// Whose turn it is.
    pub(super) next: Option<(RunId, T)>,
    /// Whether runs of the contact stand in the store for which there is room now.
    pub(super) unread: bool,
}

impl<T: Weigh> Order<T> {
    /// Nobody has a turn yet; the store may hold runs of anybody.
    pub(super) fn new(room: Room) -> Order<T> {
        let state = State {
            chains: HashMap::new(),
            heads: HashMap::new(),
            expected: HashSet::new(),
            behind: HashSet::new(),
            weight: 0,
            unread: HashMap::new(),
            all_unread: Some(0),
            missed: HashSet::new(),
            readings: 0,
        };
        Order { state: Mutex::new(state), room }
    }

    /// Takes a run that is to have its first turn.
    pub(super) fn enter(&self, run: RunId, contact: i64, source: Source, job: T) -> Entered<T> {
        let mut state = self.lock();
        // A sweep has read it first: it has had its turn, or will have.
        if source == Source::Expected && !state.awaits(run, contact) {
            return Entered::Known;
        }
        let read = source == Source::Sweep;
        if state.expected.remove(&run) {
            return Entered::Go(job);
        }
        if state.heads.contains_key(&run) {
            return Entered::Known;
        }
        if state.behind.contains(&run) {
            return self.fill(&mut state, run, contact, read, job);
        }
        if !state.chains.contains_key(&contact) && !state.overtakes(contact, read) {
            state.begin_chain(run, contact);
            return Entered::Go(job);
        }
        self.queue_up(&mut state, run, contact, read, Some(job))
    }

    /// Keeps a place for a run that was just admitted and will be read from the store.
    pub(super) fn expect(&self, run: RunId, contact: i64) -> Entered<T> {
        let mut state = self.lock();
        if state.heads.contains_key(&run) || state.behind.contains(&run) {
            return Entered::Known;
        }
        if !state.chains.contains_key(&contact) && !state.overtakes(contact, false) {
            if state.expected.len() >= self.room.runs {
                state.leave_unread(contact);
                return Entered::Overflow { now: true };
            }
            state.begin_chain(run, contact);
            state.expected.insert(run);
            return Entered::Waits;
        }
        self.queue_up(&mut state, run, contact, false, None)
    }

    /// Puts a run behind those of its contact.
    fn queue_up(&self, state: &mut State<T>, run: RunId, contact: i64, read: bool, job: Option<T>) -> Entered<T> {
        if state.overtakes(contact, read) {
            state.leave_unread(contact);
            return Entered::Overflow { now: !state.chains.contains_key(&contact) };
        }
        let added = job.as_ref().map_or(0, Weigh::weight);
        let full = state.behind.len() >= self.room.runs || state.weight + added > self.room.bytes;
        let State { chains, behind, weight, .. } = &mut *state;
        match chains.get_mut(&contact) {
            Some(chain) if !full && chain.len() < CHAIN => {
                behind.insert(run);
                *weight += added;
                let at = chain.partition_point(|(other, _)| *other < run);
                chain.insert(at, (run, job));
                Entered::Waits
            }
            _ => {
                state.leave_unread(contact);
                if read {
                    state.missed.insert(contact);
                }
                Entered::Overflow { now: false }
            }
        }
    }

    /// Gives a run that was expected its job, in its place.
    fn fill(&self, state: &mut State<T>, run: RunId, contact: i64, read: bool, job: T) -> Entered<T> {
        let State { chains, weight, .. } = &mut *state;
        match chains.get_mut(&contact).and_then(|chain| place_of(chain, run)) {
            Some(place @ None) if *weight + job.weight() <= self.room.bytes => {
                *weight += job.weight();
                *place = Some(job);
                Entered::Waits
            }
            Some(None) => {
                state.cut_off(run, contact);
                if read {
                    state.missed.insert(contact);
                }
                Entered::Overflow { now: false }
            }
            _ => Entered::Known,
        }
    }

    /// Whether a run is expected still.
    pub(super) fn awaits(&self, run: RunId, contact: i64) -> bool {
        self.lock().awaits(run, contact)
    }

    /// Whether a contact has no run that stands here, or in the store alone.
    pub(super) fn is_free(&self, contact: i64) -> bool {
        let state = self.lock();
        state.all_unread.is_none() && !state.chains.contains_key(&contact) && !state.unread.contains_key(&contact)
    }

    /// Ends the first turn of a run. Nothing happens for a run that is at no head.
    pub(super) fn leave(&self, run: RunId) -> Left<T> {
        let mut state = self.lock();
        let Some(contact) = state.heads.remove(&run) else { return Left { next: None, unread: false } };
        state.expected.remove(&run);
        match state.chains.get_mut(&contact).and_then(VecDeque::pop_front) {
            Some((next, job)) => {
                state.behind.remove(&next);
                state.heads.insert(next, contact);
                match &job {
                    Some(job) => state.weight -= job.weight(),
                    None => drop(state.expected.insert(next)),
                }
                Left { next: job.map(|job| (next, job)), unread: false }
            }
            None => {
                state.chains.remove(&contact);
                Left { next: None, unread: state.unread.contains_key(&contact) }
            }
        }
    }

    /// Leaves a run that is at a head, and all behind it, to be read from the store.
    pub(super) fn give_back(&self, run: RunId) {
        let mut state = self.lock();
        if let Some(contact) = state.heads.get(&run).copied() {
            state.cut_off(run, contact);
            state.missed.insert(contact);
        }
    }

    /// Expects a run no more, because it cannot be read now: it and all behind it stand in the store. Whether it is worth
    /// reading them now, or only when the contact's others have gone.
    pub(super) fn expect_later(&self, run: RunId, contact: i64) -> bool {
        let mut state = self.lock();
        if state.awaits(run, contact) {
            state.cut_off(run, contact);
            state.missed.insert(contact);
        }
        !state.chains.contains_key(&contact)
    }

    /// Expects a run no more, because there is none.
    pub(super) fn expect_never(&self, run: RunId, contact: i64) -> Left<T> {
        let mut state = self.lock();
        if !state.awaits(run, contact) {
            return Left { next: None, unread: false };
        }
        if state.behind.remove(&run) {
            if let Some(chain) = state.chains.get_mut(&contact) {
                chain.retain(|(other, _)| *other != run);
            }
            return Left { next: None, unread: false };
        }
        drop(state);
        self.leave(run)
    }

    /// Begins to read all runs from the store.
    pub(super) fn begin_reading(&self) {
        let mut state = self.lock();
        state.readings += 1;
        state.missed.clear();
    }

    /// All that stood in the store when reading was begun has been handed over.
    pub(super) fn all_was_read(&self) {
        let mut state = self.lock();
        let current = state.readings;
        // What was left there meanwhile may have been missed.
        state.unread.retain(|_, reading| *reading >= current);
        state.all_unread = state.all_unread.filter(|reading| *reading >= current);
    }

    /// Drops what waits: it stands in the store.
    pub(super) fn clear(&self) {
        let mut state = self.lock();
        state.chains.clear();
        state.heads.clear();
        state.expected.clear();
        state.behind.clear();
        state.weight = 0;
        state.all_unread = Some(state.readings);
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing in here panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Weigh> State<T> {
    /// Whether a run that is not here would overtake one that stands in the store.
    fn overtakes(&self, contact: i64, read: bool) -> bool {
        match read {
            true => self.missed.contains(&contact),
            false => self.all_unread.is_some() || self.unread.contains_key(&contact),
        }
    }

    fn begin_chain(&mut self, run: RunId, contact: i64) {
        self.chains.insert(contact, VecDeque::new());
        self.heads.insert(run, contact);
    }

    /// Whether a run is expected.
    fn awaits(&mut self, run: RunId, contact: i64) -> bool {
        self.expected.contains(&run)
            || self.behind.contains(&run)
                && self.chains.get_mut(&contact).and_then(|chain| place_of(chain, run)).is_some_and(|job| job.is_none())
    }

    /// Leaves a run and all behind it to be read from the store.
    fn cut_off(&mut self, run: RunId, contact: i64) {
        let cut = match self.heads.remove(&run) {
            Some(_) => {
                self.expected.remove(&run);
                self.chains.remove(&contact).unwrap_or_default()
            }
            None => self.chains.get_mut(&contact).map_or_else(VecDeque::new, |chain| {
                let at = chain.partition_point(|(other, _)| *other < run);
                chain.split_off(at)
            }),
        };
        for (run, job) in cut {
            self.behind.remove(&run);
            self.weight -= job.map_or(0, |job| job.weight());
        }
        self.leave_unread(contact);
    }

    fn leave_unread(&mut self, contact: i64) {
        self.unread.insert(contact, self.readings);
        if self.unread.len() > CONTACTS {
            self.unread.clear();
            self.all_unread = Some(self.readings);
        }
    }
}

/// The place of a run in its contact's chain, which is in order.
fn place_of<T>(chain: &mut VecDeque<(RunId, Option<T>)>, run: RunId) -> Option<&mut Option<T>> {
    let at = chain.binary_search_by_key(&run, |(other, _)| *other).ok()?;
    chain.get_mut(at).map(|(_, job)| job)
}

#[cfg(test)]
mod tests;
