//! Runs that stand in the store and are to go on: those whose time has come, those that were started beside the acceptance
//! of an event, and all that had not ended when the daemon started.

use std::sync::Arc;
use std::time::Duration;

use super::announced::Announced;
use super::embedded::Embedded;
use super::job::{Job, Submitted};
use super::order::Source;
use super::timers;
use crate::store::{RunRecord, StoreError};

/// How many runs are read from the store in one go.
const BATCH: usize = 128;
/// How often it is seen to whether runs were left in the store.
const SWEEP: Duration = Duration::from_millis(200);

impl Embedded {
    /// Wakes runs whose time has come, for as long as the store works.
    pub(super) async fn wake(self) {
        let engine = self.clone();
        let wake = move |record: RunRecord| {
            !engine.is_stopping() && engine.submit(record.summary.id, Job::Kept(Box::new(record))) == Submitted::Taken
        };
        let services = &self.services;
        if let Err(error) =
            timers::timers(&services.clock, &*services.store, &services.sleeping, wake).await
            // At an orderly end the store is closed before this is.
            && !self.is_stopping()
        {
            tracing::error!(%error, "no run is woken any more");
        }
    }

    /// Gives runs their turn that were started beside the acceptance of an event from outside.
    pub(super) async fn take_announced(self, announced: Arc<Announced>) {
        loop {
            for (id, contact) in announced.next().await {
                if self.is_stopping() {
                    return;
                }
                // A sweep has read it with others.
                if !self.order.awaits(id, contact) {
                    continue;
                }
                match self.services.store.run(id).await {
                    Ok(Some(record)) => drop(self.submit_first(id, Source::Expected, Job::Kept(Box::new(record)))),
                    Ok(None) => self.lead_on(self.order.expect_never(id, contact)),
                    Err(error) => {
                        tracing::warn!(run = %id, %error, "the run is taken up later");
                        if self.order.expect_later(id, contact) {
                            self.queue.note_overflow();
                        }
                    }
                }
            }
        }
    }

    /// Takes up runs that stand in the store and in no queue: after a start, and when the queue had overflowed.
    pub(super) async fn sweep(self) {
        loop {
            if self.is_stopping() {
                return;
            }
            if self.queue.take_overflow()
                && let Err(error) = self.take_up().await
                && !self.is_stopping()
            {
                tracing::error!(%error, "runs that stand in the store were not taken up");
                self.queue.note_overflow();
            }
            self.services.clock.sleep(SWEEP).await;
        }
    }

    async fn take_up(&self) -> Result<(), StoreError> {
        let mut after = None;
        self.order.begin_reading();
        loop {
            let batch = self.services.store.unfinished(after, BATCH).await?;
            let Some(last) = batch.last() else {
                self.order.all_was_read();
                return Ok(());
            };
            after = Some(last.summary.id);
            for record in batch {
                if self.submit_first(record.summary.id, Source::Sweep, Job::Kept(Box::new(record)))
                    == Submitted::Overflow
                {
                    // The rest is read when there is room again.
                    return Ok(());
                }
            }
            tokio::task::yield_now().await;
        }
    }
}
