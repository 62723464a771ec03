//! Order per contact: the runs of a contact begin in the order in which their events were accepted, so that their first steps
//! are journaled, and what they write to the contact until then applies, in that order.
//!
//! A run has begun when the first record of its turn is kept, or when something outside holds it up: a host that hangs must
//! not hold up the contact's other runs. What does not fit stands in the store and is read from there in order; until then
//! what comes later for the same contact goes there too, so that it does not overtake.

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
    /// Contacts of whom a run has its first turn, or waits for it in the queue, and the runs behind it.
    chains: HashMap<i64, VecDeque<(RunId, T)>>,
    /// The runs at the head of the chains.
    heads: HashMap<RunId, i64>,
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
            behind: HashSet::new(),
            weight: 0,
            unread: HashMap::new(),
            all_unread: Some(0),
            missed: HashSet::new(),
            readings: 0,
        };
        Order { state: Mutex::new(state), room }
    }

    /// Takes a run that is to have its first turn. `read` says that it was read from the store, in order.
    pub(super) fn enter(&self, run: RunId, contact: i64, read: bool, job: T) -> Entered<T> {
        let mut state = self.lock();
        if state.heads.contains_key(&run) || state.behind.contains(&run) {
            return Entered::Known;
        }
        let overtakes = match read {
            true => state.missed.contains(&contact),
            false => state.all_unread.is_some() || state.unread.contains_key(&contact),
        };
        if overtakes {
            state.leave_unread(contact);
            return Entered::Overflow { now: !state.chains.contains_key(&contact) };
        }
        let State { chains, heads, behind, weight, .. } = &mut *state;
        let Some(chain) = chains.get_mut(&contact) else {
            chains.insert(contact, VecDeque::new());
            heads.insert(run, contact);
            return Entered::Go(job);
        };
        let full = behind.len() >= self.room.runs || *weight + job.weight() > self.room.bytes;
        if full || chain.len() >= CHAIN {
            state.leave_unread(contact);
            if read {
                state.missed.insert(contact);
            }
            return Entered::Overflow { now: false };
        }
        behind.insert(run);
        *weight += job.weight();
        let at = chain.partition_point(|(other, _)| *other < run);
        chain.insert(at, (run, job));
        Entered::Waits
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
        match state.chains.get_mut(&contact).and_then(VecDeque::pop_front) {
            Some((next, job)) => {
                state.behind.remove(&next);
                state.weight -= job.weight();
                state.heads.insert(next, contact);
                Left { next: Some((next, job)), unread: false }
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
        let Some(contact) = state.heads.remove(&run) else { return };
        for (run, job) in state.chains.remove(&contact).unwrap_or_default() {
            state.behind.remove(&run);
            state.weight -= job.weight();
        }
        state.leave_unread(contact);
        state.missed.insert(contact);
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
        state.behind.clear();
        state.weight = 0;
        state.all_unread = Some(state.readings);
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing in here panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn leave_unread(&mut self, contact: i64) {
        self.unread.insert(contact, self.readings);
        if self.unread.len() > CONTACTS {
            self.unread.clear();
            self.all_unread = Some(self.readings);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weigh for &str {
        fn weight(&self) -> usize {
            self.len()
        }
    }

    fn run(acceptance: i64) -> RunId {
        RunId { acceptance, workflow: 1 }
    }

    /// An order whose store was read.
    fn order(runs: usize) -> Order<&'static str> {
        let order = Order::new(Room { runs, bytes: 10 });
        order.begin_reading();
        order.all_was_read();
        order
    }

    #[test]
    fn runs_of_a_contact_go_one_after_the_other_in_their_order() {
        let order = order(10);
        assert_eq!(order.enter(run(1), 7, false, "a"), Entered::Go("a"));
        assert_eq!(order.enter(run(3), 7, false, "c"), Entered::Waits);
        assert_eq!(order.enter(run(2), 7, false, "b"), Entered::Waits, "it came late and goes before");
        assert_eq!(order.enter(run(4), 8, false, "d"), Entered::Go("d"), "another contact");
        for known in [1, 2, 3] {
            assert_eq!(order.enter(run(known), 7, true, "x"), Entered::Known);
        }
        assert_eq!(order.leave(run(2)).next, None, "it is at no head");
        assert_eq!(order.leave(run(1)).next, Some((run(2), "b")));
        assert_eq!(order.leave(run(2)).next, Some((run(3), "c")));
        assert_eq!(order.leave(run(3)), Left { next: None, unread: false });
        assert_eq!(order.enter(run(5), 7, false, "e"), Entered::Go("e"));
    }

    #[test]
    fn what_overflows_is_not_overtaken() {
        let order = order(1);
        assert_eq!(order.enter(run(1), 7, false, "a"), Entered::Go("a"));
        assert_eq!(order.enter(run(2), 7, false, "b"), Entered::Waits);
        assert_eq!(order.enter(run(3), 7, false, "c"), Entered::Overflow { now: false }, "there is no room");
        assert_eq!(order.leave(run(1)).next, Some((run(2), "b")));
        assert_eq!(order.leave(run(2)), Left { next: None, unread: true });
        assert_eq!(order.enter(run(4), 7, false, "d"), Entered::Overflow { now: true }, "the third is not read yet");
        order.begin_reading();
        assert_eq!(order.enter(run(3), 7, true, "c"), Entered::Go("c"));
        assert_eq!(order.enter(run(4), 7, true, "d"), Entered::Waits);
        assert_eq!(
            order.enter(run(5), 7, false, "e"),
            Entered::Overflow { now: false },
            "whether it was read is not known"
        );
        order.all_was_read();
        assert_eq!(order.enter(run(6), 7, false, "f"), Entered::Overflow { now: false });
        order.begin_reading();
        order.all_was_read();
        order.leave(run(3));
        order.leave(run(4));
        assert_eq!(order.enter(run(7), 7, false, "g"), Entered::Go("g"));
    }

    #[test]
    fn what_a_reading_leaves_in_the_store_is_not_overtaken_by_what_it_reads_next() {
        let order = order(1);
        order.begin_reading();
        assert_eq!(order.enter(run(1), 7, true, "a"), Entered::Go("a"));
        assert_eq!(order.enter(run(2), 7, true, "b"), Entered::Waits);
        assert_eq!(order.enter(run(3), 7, true, "c"), Entered::Overflow { now: false }, "there is no room");
        order.leave(run(1));
        assert_eq!(order.enter(run(4), 7, true, "d"), Entered::Overflow { now: false }, "now there is, but not for it");
        order.leave(run(2));
        assert_eq!(order.enter(run(5), 7, true, "e"), Entered::Overflow { now: true });
        order.begin_reading();
        assert_eq!(order.enter(run(3), 7, true, "c"), Entered::Go("c"));
        assert_eq!(order.enter(run(4), 7, true, "d"), Entered::Waits);
        // The store refused the first step of the third.
        order.give_back(run(3));
        assert_eq!(order.enter(run(5), 7, true, "e"), Entered::Overflow { now: true });
        order.begin_reading();
        assert_eq!(order.enter(run(3), 7, true, "c"), Entered::Go("c"));
    }

    #[test]
    fn nothing_overtakes_before_the_store_was_read_and_after_it_refused() {
        let order = Order::new(Room { runs: 10, bytes: 10 });
        assert_eq!(order.enter(run(9), 7, false, "x"), Entered::Overflow { now: true });
        order.begin_reading();
        assert_eq!(order.enter(run(1), 7, true, "a"), Entered::Go("a"));
        assert_eq!(order.enter(run(9), 7, true, "x"), Entered::Waits);
        order.all_was_read();
        order.give_back(run(1));
        assert_eq!(order.enter(run(10), 7, false, "y"), Entered::Overflow { now: true });
        order.begin_reading();
        assert_eq!(order.enter(run(1), 7, true, "a"), Entered::Go("a"), "it is read again");
    }

    #[test]
    fn heavy_jobs_are_few() {
        let order = order(10);
        order.enter(run(1), 7, false, "a");
        assert_eq!(order.enter(run(2), 7, false, "12345678"), Entered::Waits);
        assert_eq!(order.enter(run(3), 7, false, "123"), Entered::Overflow { now: false });
    }
}
