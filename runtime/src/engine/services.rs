//! What the turns of runs need of the rest of the daemon, and how they hear that it goes down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::programs::Programs;
use super::strikes::Strikes;
use super::turn::Stop;
use crate::clock::Clock;
use crate::deliver::{Mailer, Outgoing};
use crate::directory::{Directory, admitted};
use crate::metrics::Metrics;
use crate::store::{Accepted, Store};
use crate::webhook::{Client, Gate};

/// What the turns of runs need.
pub(super) struct Services {
    pub(super) clock: Clock,
    pub(super) store: Arc<dyn Store>,
    pub(super) programs: Arc<Programs>,
    pub(super) directory: Directory,
    pub(super) client: Client,
    /// Says when a call may be made.
    pub(super) gate: Arc<Gate>,
    pub(super) mailer: Mailer,
    pub(super) metrics: Arc<Metrics>,
    /// How often turns of runs failed inside.
    pub(super) strikes: Strikes,
    /// Takes mails that are kept, to write their files.
    pub(super) outgoing: Outgoing,
    /// Held while somebody is erased.
    pub(super) forgetting: tokio::sync::Mutex<()>,
    /// Notified when a run was put to sleep.
    pub(super) sleeping: Notify,
    stopping: AtomicBool,
    stopped: Notify,
}

impl Services {
    /// What is put together from these, before anything goes on.
    #[expect(clippy::too_many_arguments, reason = "these are what an engine is put together from")]
    pub(super) fn new(
        clock: Clock,
        store: Arc<dyn Store>,
        programs: Arc<Programs>,
        directory: Directory,
        client: Client,
        gate: Arc<Gate>,
        mailer: Mailer,
        metrics: Arc<Metrics>,
        outgoing: Outgoing,
    ) -> Services {
        Services {
            clock,
            store,
            programs,
            directory,
            client,
            gate,
            mailer,
            metrics,
            strikes: Strikes::default(),
            outgoing,
            forgetting: tokio::sync::Mutex::default(),
            sleeping: Notify::new(),
            stopping: AtomicBool::new(false),
            stopped: Notify::new(),
        }
    }

    /// Begins nothing new from now on, and wakes those who sleep.
    pub(super) fn begin_stopping(&self) {
        self.stopping.store(true, Ordering::Release);
        self.stopped.notify_waiters();
    }

    /// Whether the daemon is going down: nothing new is begun.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Sees to the runs that events of another act have started or told something.
    pub(super) fn follow(&self, accepted: &[Accepted]) {
        if accepted.iter().any(|accepted| matches!(accepted, Accepted::New { heard: true, .. })) {
            self.sleeping.notify_one();
        }
        self.directory.note_started(admitted(accepted).collect());
    }

    /// Sleeps, unless the daemon goes down meanwhile.
    pub(super) async fn sleep(&self, time: Duration) -> Result<(), Stop> {
        self.unless_stopped(self.clock.sleep(time)).await
    }

    /// Waits for something, unless the daemon goes down meanwhile.
    pub(super) async fn unless_stopped<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Stop> {
        let stopped = self.stopped.notified();
        if self.is_stopping() {
            return Err(Stop::Shutdown);
        }
        tokio::select! {
            biased;
            () = stopped => Err(Stop::Shutdown),
            waited = waiting => Ok(waited),
        }
    }
}
