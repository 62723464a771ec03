//! Rehearsals: tests of a program, on a virtual clock, with stubs for all that it calls.
//!
//! The machine, the turns and the decisions about who is admitted, found, kept out and told of an event are those of the
//! daemon; what differs is the time, which passes when a test says so, the store, which is in memory, and who answers. No
//! type that could open a connection is in reach of this room, so no flag can let a test out.

#![deny(clippy::disallowed_methods)]

mod acts;
mod answers;
mod compare;
mod coverage;
mod expect;
mod journal;
mod log;
mod perform;
mod round;
mod shared;
mod stage;
mod suggest;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use compiler::ir::test::Test;

pub use answers::{Answers, Asked, Given};
pub use compare::Mark;
pub use coverage::{Coverage, Point};
pub use expect::{clock, name_of};
pub use log::{Attempt, Entry, Fact, Log, Sent};
pub use perform::{Failure, Report, follow, perform};
pub use stage::{Play, Stage, Trouble};
pub use suggest::{call_answer, first_test, sample};

use crate::store::StoreError;
use crate::store::sqlite::MemoryStore;

/// Rehearses tests, several at once. What came of them, in the order of the tests: it does not depend on how many are
/// rehearsed at once. `stopwatch` says how much time has passed since anything; real time, of which nothing else in here knows.
/// `done` is told of each test that is over.
///
/// # Errors
/// When there is no memory for a store.
pub fn perform_all(
    play: &Play,
    tests: &[Arc<Test>],
    at_once: usize,
    stopwatch: &(dyn Fn() -> Duration + Sync),
    done: &(dyn Fn() + Sync),
) -> Result<Vec<Report>, StoreError> {
    let next = AtomicUsize::new(0);
    let reports: Mutex<Vec<(usize, Result<Report, StoreError>)>> = Mutex::default();
    let work = || {
        let store = MemoryStore::new().map(Arc::new);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(test) = tests.get(number) else { return };
            let before = stopwatch();
            let mut report = store.clone().and_then(|store| perform(play, &store, test));
            if let Ok(report) = &mut report {
                report.took = stopwatch().saturating_sub(before);
            }
            reports.lock().unwrap_or_else(PoisonError::into_inner).push((number, report));
            done();
        }
    };
    std::thread::scope(|threads| {
        for _ in 1..at_once.min(tests.len()) {
            threads.spawn(work);
        }
        work();
    });
    let mut reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    reports.sort_by_key(|(number, _)| *number);
    reports.into_iter().map(|(_, report)| report).collect()
}
