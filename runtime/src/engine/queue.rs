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
    capacity: usize,
}

#[derive(Debug)]
struct State<T> {
    /// Runs that have their turn or wait for it here.
    known: HashSet<RunId>,
    active: usize,
    waiting: VecDeque<(RunId, T)>,
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

impl<T> Queue<T> {
    /// A queue that gives `turns` at once and keeps `capacity` more.
    pub(super) fn new(turns: usize, capacity: usize) -> Queue<T> {
        let state = State { known: HashSet::new(), active: 0, waiting: VecDeque::new(), overflowed: false };
        Queue { state: Mutex::new(state), turns, capacity }
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
        if state.waiting.len() >= self.capacity {
            state.overflowed = true;
            return Pushed::Overflow;
        }
        state.known.insert(run);
        state.waiting.push_back((run, job));
        Pushed::Queued
    }

    /// Ends a turn and gives it to the next run that waits.
    pub(super) fn next(&self, ended: RunId) -> Option<(RunId, T)> {
        let mut state = self.lock();
        state.known.remove(&ended);
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.active -= 1;
        }
        next
    }

    /// Drops what waits: it stands in the store.
    pub(super) fn clear(&self) {
        let mut state = self.lock();
        while let Some((run, _)) = state.waiting.pop_front() {
            state.known.remove(&run);
        }
    }

    /// How many have their turn.
    pub(super) fn active(&self) -> usize {
        self.lock().active
    }

    /// Whether runs were turned away and there is room for them now; forgets that they were.
    pub(super) fn take_overflow(&self) -> bool {
        let mut state = self.lock();
        state.waiting.len() * 2 <= self.capacity && std::mem::take(&mut state.overflowed)
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

    #[test]
    fn one_turn_of_a_run_at_a_time_and_a_bounded_queue() {
        let queue = Queue::new(1, 2);
        assert_eq!(queue.push(run(1), 'a'), Pushed::Begin('a'));
        assert_eq!(queue.push(run(1), 'b'), Pushed::Known, "it has its turn already");
        assert_eq!(queue.push(run(2), 'c'), Pushed::Queued);
        assert_eq!(queue.push(run(3), 'd'), Pushed::Queued);
        assert_eq!(queue.push(run(4), 'e'), Pushed::Overflow);
        assert!(!queue.take_overflow(), "there is no room yet");
        assert_eq!(queue.next(run(1)), Some((run(2), 'c')));
        assert!(queue.take_overflow());
        assert!(!queue.take_overflow(), "it is told once");
        assert_eq!(queue.next(run(2)), Some((run(3), 'd')));
        assert_eq!(queue.next(run(3)), None);
        assert_eq!(queue.active(), 0);
        assert_eq!(queue.push(run(1), 'f'), Pushed::Begin('f'), "its turn had ended");
    }
}
