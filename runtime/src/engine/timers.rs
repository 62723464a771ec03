//! Waking runs whose time has come, or to which something happened.
//!
//! The times stand in the store and nowhere else: the timer asks for what is due, and sleeps until the next time or until
//! somebody notes an earlier one. So a million sleeping runs cost no memory and no start-up time.

use std::time::Duration;

use tokio::sync::Notify;

use super::clock_watch::{self, ClockWatch};
use crate::clock::Clock;
use crate::store::{RunRecord, Store, StoreError};

/// How many runs are woken in one go.
const BATCH: usize = 128;
/// The longest sleep: the wall clock may be set meanwhile.
const LOOK_AT_LEAST: Duration = Duration::from_secs(1);
/// The pause after a batch that was full, so that overdue timers do not drown everything else.
const BETWEEN_BATCHES: Duration = Duration::from_millis(5);
/// The pause when everything that is due waits for its turn already.
const BUSY: Duration = Duration::from_millis(50);

/// The pause after the store could not be read.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Hands due runs to `wake`, in the order of their times, until the store fails for good. `earlier` is notified when a run was put
/// to sleep.
pub(super) async fn timers(
    clock: &Clock,
    store: &dyn Store,
    earlier: &Notify,
    mut wake: impl FnMut(RunRecord) -> bool,
) -> Result<(), StoreError> {
    let mut watch = ClockWatch::new(clock);
    loop {
        // Before it is asked what is due by the clock as it is now.
        if let Some(set) = watch.look(clock) {
            clock_watch::follow(store, set).await;
        }
        let (due, next) = match store.due(clock.now(), BATCH).await {
            Err(error) if error.passes() => {
                error.note_rest("whose time has come is not known; it is asked again");
                clock.sleep(AFTER_ERROR).await;
                continue;
            }
            found => found?,
        };
        let signalled = match store.signalled(BATCH).await {
            Err(error) if error.passes() => vec![],
            found => found?,
        };
        let full = due.len() >= BATCH || signalled.len() >= BATCH;
        let told = signalled.len();
        let (mut taken, mut taken_told) = (0, 0);
        for run in due {
            taken += usize::from(wake(run));
        }
        for run in signalled {
            taken_told += usize::from(wake(run));
        }
        taken += taken_told;
        if taken > 0 {
            clock.begin_in_order();
        }
        let pause = match next {
            // One whose turn is just ending is looked for again as soon as it has.
            _ if told > taken_told => BUSY,
            // Runs that are due but still have their turn before them stay due: look again soon, not at once.
            _ if full && taken == 0 => BUSY,
            _ if full => BETWEEN_BATCHES,
            Some(next) => {
                let wait = next.duration_since(clock.now());
                wait.try_into().unwrap_or(Duration::ZERO).clamp(Duration::from_millis(1), LOOK_AT_LEAST)
            }
            None => LOOK_AT_LEAST,
        };
        tokio::select! {
            biased;
            () = earlier.notified() => {}
            () = clock.sleep(pause) => {}
        }
    }
}
