//! Which runs have their turn now: one turn of a run at a time, so many at once, and a bounded queue behind them.
//!
//! What does not fit into the queue is not lost: it stands in the store as unfinished, and the queue says so, so that the
//! engine reads it from there when there is room again.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::RunId;

/// Runs that have their turn, and runs that wait for it.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    turns: usize,
    room: Room,
}

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// How many runs.
    pub(super) runs: usize,
    /// How many bytes their jobs may have together.
    pub(super) bytes: usize,
}

/// What can wait in a queue.
pub(super) trait Weigh {
    /// About how many bytes it has.
    fn weight(&self) -> usize;
}

#[derive(Debug)]
struct State<T> {
    /// Runs that have their turn or wait for it here, and those that were set aside.
    known: HashSet<RunId>,
    active: usize,
    waiting: VecDeque<(RunId, T)>,
    /// The weight of what waits.
    weight: usize,
    overflowed: bool,
}

/// What became of a run that was handed to the queue.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pushed<T> {
    /// It has its turn: perform it, then take the [`Queue::next`].
    Begin(T),
    /// It waits.
    Queued,
    /// It has its turn or waits for it already.
    Known,
    /// There is no room; it stands in the store.
    Overflow,
}

/// How a turn left its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It waits for a time, or it has ended.
    Settled,
    /// It has to go on from where it stands in the store.
    Unread,
    /// It cannot go on with this process.
    Aside,
}

impl<T: Weigh> Queue<T> {
    /// A queue that gives `turns` at once and has `room` for more.
    pub(super) fn new(turns: usize, room: Room) -> Queue<T> {
        let state = State { known: HashSet::new(), active: 0, waiting: VecDeque::new(), weight: 0, overflowed: false };
        Queue { state: Mutex::new(state), turns, room }
    }

    /// Takes a run, unless it is known.
    pub(super) fn push(&self, run: RunId, job: T) -> Pushed<T> {
        let mut state = self.lock();
        if state.known.contains(&run) {
            return Pushed::Known;
        }
        if state.active < self.turns {
            state.known.insert(run);
            state.active += 1;
            return Pushed::Begin(job);
        }
        let weight = state.weight + job.weight();
        if state.waiting.len() >= self.room.runs || weight > self.room.bytes {
            state.overflowed = true;
            return Pushed::Overflow;
        }
        state.known.insert(run);
        state.weight = weight;
        state.waiting.push_back((run, job));
        Pushed::Queued
    }

    /// Gives a run its turn if there is one and nobody waits for it.
    pub(super) fn reserve(&self, run: RunId) -> bool {
        let mut state = self.lock();
        if state.active >= self.turns || !state.waiting.is_empty() || !state.known.insert(run) {
            return false;
        }
        state.active += 1;
        true
    }

    /// Ends a turn and gives it to the next run that waits. A run that was set aside is never taken again.
    pub(super) fn next(&self, ended: RunId, left: Left) -> Option<(RunId, T)> {
        let mut state = self.lock();
        if left != Left::Aside {
            state.known.remove(&ended);
        }
        state.overflowed |= left == Left::Unread;
        state.active -= 1;
        self.begin(&mut state)
    }

    /// Gives a turn to the next run that waits, while a run that has one waits for something itself.
    pub(super) fn step_aside(&self) -> Option<(RunId, T)> {
        let mut state = self.lock();
        state.active -= 1;
        self.begin(&mut state)
    }

    /// Takes the turn again. For a while there may be more turns than there should be: then none begins when one ends.
    pub(super) fn step_back(&self) {
        self.lock().active += 1;
    }

    /// The next run that waits, if it can have its turn.
    fn begin(&self, state: &mut State<T>) -> Option<(RunId, T)> {
        if state.active >= self.turns {
            return None;
        }
        let next = state.waiting.pop_front()?;
        state.weight -= next.1.weight();
        state.active += 1;
        Some(next)
    }

    /// Drops what waits: it stands in the store.
    pub(super) fn clear(&self) {
        let mut state = self.lock();
        while let Some((run, _)) = state.waiting.pop_front() {
            state.known.remove(&run);
        }
        state.weight = 0;
    }

    /// How many have their turn or wait for it.
    pub(super) fn load(&self) -> usize {
        let state = self.lock();
        state.active + state.waiting.len()
    }

    /// How many have their turn.
    pub(super) fn active(&self) -> usize {
        self.lock().active
    }

    /// How many wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Whether runs were turned away and there is room for them now; forgets that they were.
    pub(super) fn take_overflow(&self) -> bool {
        let mut state = self.lock();
        let room = state.waiting.len() * 2 <= self.room.runs && state.weight * 2 <= self.room.bytes;
        room && std::mem::take(&mut state.overflowed)
    }

    /// Notes that runs stand in the store that the queue does not know.
    pub(super) fn note_overflow(&self) {
        self.lock().overflowed = true;
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing in here panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(acceptance: i64) -> RunId {
        RunId { acceptance, workflow: 1 }
    }

    impl Weigh for char {
        fn weight(&self) -> usize {
            // A capital letter is a heavy job.
            if self.is_uppercase() { 60 } else { 1 }
        }
    }

    fn queue(runs: usize) -> Queue<char> {
        Queue::new(1, Room { runs, bytes: 100 })
    }

    #[test]
    fn one_turn_of_a_run_at_a_time_and_a_bounded_queue() {
        let queue = queue(2);
        assert_eq!(queue.push(run(1), 'a'), Pushed::Begin('a'));
        assert_eq!(queue.push(run(1), 'b'), Pushed::Known, "it has its turn already");
        assert_eq!(queue.push(run(2), 'c'), Pushed::Queued);
        assert_eq!(queue.push(run(3), 'd'), Pushed::Queued);
        assert_eq!(queue.push(run(4), 'e'), Pushed::Overflow);
        assert!(!queue.take_overflow(), "there is no room yet");
        assert_eq!(queue.next(run(1), Left::Settled), Some((run(2), 'c')));
        assert!(queue.take_overflow());
        assert!(!queue.take_overflow(), "it is told once");
        assert_eq!(queue.next(run(2), Left::Settled), Some((run(3), 'd')));
        assert_eq!(queue.next(run(3), Left::Settled), None);
        assert_eq!(queue.active(), 0);
        assert_eq!(queue.push(run(1), 'f'), Pushed::Begin('f'), "its turn had ended");
    }

    #[test]
    fn a_run_that_waits_for_its_host_holds_up_no_other() {
        let queue = queue(1);
        queue.push(run(1), 'a');
        queue.push(run(2), 'b');
        assert_eq!(queue.step_aside(), Some((run(2), 'b')));
        assert_eq!(queue.push(run(1), 'a'), Pushed::Known, "it has its turn all the same");
        queue.step_back();
        assert_eq!(queue.active(), 2);
        queue.push(run(3), 'c');
        assert_eq!(queue.next(run(2), Left::Settled), None, "there was one too many");
        assert_eq!(queue.next(run(1), Left::Settled), Some((run(3), 'c')));
        assert_eq!(queue.step_aside(), None);
        assert_eq!(queue.push(run(4), 'd'), Pushed::Begin('d'));
    }

    #[test]
    fn heavy_jobs_are_few() {
        let queue = queue(10);
        queue.push(run(1), 'A');
        assert_eq!(queue.push(run(2), 'B'), Pushed::Queued);
        assert_eq!(queue.push(run(3), 'C'), Pushed::Overflow);
        assert_eq!(queue.push(run(4), 'd'), Pushed::Queued);
        assert!(!queue.take_overflow(), "there is no room yet");
        assert_eq!(queue.next(run(1), Left::Settled), Some((run(2), 'B')));
        assert!(queue.take_overflow());
        assert_eq!(queue.push(run(3), 'C'), Pushed::Queued);
    }

    #[test]
    fn a_run_is_read_again_or_set_aside_as_its_turn_left_it() {
        let queue = queue(2);
        queue.push(run(1), 'a');
        assert_eq!(queue.next(run(1), Left::Unread), None);
        assert!(queue.take_overflow(), "it stands in the store");
        assert_eq!(queue.push(run(1), 'a'), Pushed::Begin('a'));
        assert_eq!(queue.next(run(1), Left::Aside), None);
        assert!(!queue.take_overflow());
        assert_eq!(queue.push(run(1), 'a'), Pushed::Known, "it would only fail again");
    }
}
