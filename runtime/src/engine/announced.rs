//! Runs that other runs, changes of contacts and schedules have started: each takes its place in its contact's order when
//! it is admitted, and is read from the store after that.

use std::sync::{Arc, Mutex, PoisonError};

use smol_str::SmolStr;
use tokio::sync::Notify;

use super::job::Job;
use super::order::{Entered, Order};
use super::queue::Queue;
use crate::metrics::Metrics;
use crate::store::{Admissions, RunId};

/// Runs that wait to be read, each with its contact. There are no more of them than [`Order`] expects.
pub(super) struct Announced {
    order: Arc<Order<Job>>,
    queue: Arc<Queue<Job>>,
    metrics: Arc<Metrics>,
    runs: Mutex<Vec<(RunId, i64)>>,
    filled: Notify,
}

impl Announced {
    /// Nobody was admitted yet.
    pub(super) fn new(order: Arc<Order<Job>>, queue: Arc<Queue<Job>>, metrics: Arc<Metrics>) -> Announced {
        Announced { order, queue, metrics, runs: Mutex::default(), filled: Notify::new() }
    }

    /// Waits until there are runs, and hands them out once, in their order.
    pub(super) async fn next(&self) -> Vec<(RunId, i64)> {
        loop {
            let runs = std::mem::take(&mut *self.runs.lock().unwrap_or_else(PoisonError::into_inner));
            if !runs.is_empty() {
                return runs;
            }
            self.filled.notified().await;
        }
    }
}

impl Admissions for Announced {
    fn admitted(&self, run: RunId, contact: i64, workflow: &SmolStr) {
        self.metrics.started(workflow);
        match self.order.expect(run, contact) {
            Entered::Overflow { now: true } => self.queue.note_overflow(),
            // It is read when those before it have begun.
            Entered::Overflow { now: false } | Entered::Known => {}
            Entered::Waits | Entered::Go(_) => {
                self.runs.lock().unwrap_or_else(PoisonError::into_inner).push((run, contact));
                self.filled.notify_one();
            }
        }
    }
}
