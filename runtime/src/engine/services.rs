//! What the turns of runs need of the rest of the daemon, and how they hear that it goes down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use compiler::ir::Origin;
use tokio::sync::Notify;

use super::programs::Programs;
use super::strikes::Strikes;
use super::turn::Stop;
use crate::clock::Clock;
use crate::deliver::{Mailer, Outgoing};
use crate::directory::Directory;
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
    /// Says when a mail may be handed over to the mail server.
    pub(super) mail_gate: Arc<Gate>,
    pub(super) metrics: Arc<Metrics>,
    /// How often turns of runs failed inside.
    pub(super) strikes: Strikes,
    /// Takes mails that are kept, to write their files.
    pub(super) outgoing: Outgoing,
    /// Held while somebody is erased.
    pub(super) forgetting: tokio::sync::Mutex<()>,
    /// Notified when a run was put to sleep.
    pub(super) sleeping: Notify,
    /// How many records of how attempts ended wait for room on the disk.
    pub(super) unkept: AtomicUsize,
    pub(super) going_down: GoingDown,
}

/// Whether the daemon goes down, and those who wait for it.
#[derive(Debug, Default)]
pub(super) struct GoingDown {
    begun: AtomicBool,
    told: Notify,
}

impl Services {
    /// Begins nothing new from now on, and wakes those who sleep.
    pub(super) fn begin_stopping(&self) {
        self.going_down.begun.store(true, Ordering::Release);
        self.going_down.told.notify_waiters();
    }

    /// Whether the daemon is going down: nothing new is begun.
    pub(super) fn is_stopping(&self) -> bool {
        self.going_down.begun.load(Ordering::Acquire)
    }

    /// Has a host tried now whose calls are paused.
    pub(super) fn allow_call(&self, origin: &Origin) {
        self.gate.allow(origin, self.clock.instant());
    }

    /// Has the mail server tried now if it is left alone for a while.
    pub(super) fn allow_mail(&self) {
        if let Some(server) = self.mailer.origin() {
            self.mail_gate.allow(&server, self.clock.instant());
        }
    }

    /// Wakes the runs that events of another act have told something.
    pub(super) fn follow(&self, accepted: &[Accepted]) {
        if accepted.iter().any(|accepted| matches!(accepted, Accepted::New { heard: true, .. })) {
            self.sleeping.notify_one();
        }
    }

    /// Sleeps, unless the daemon goes down meanwhile.
    pub(super) async fn sleep(&self, time: Duration) -> Result<(), Stop> {
        self.unless_stopped(self.clock.sleep(time)).await
    }

    /// Waits for something, unless the daemon goes down meanwhile.
    pub(super) async fn unless_stopped<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Stop> {
        let stopped = self.going_down.told.notified();
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
