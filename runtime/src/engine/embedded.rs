//! The embedded engine: runs on this machine, kept in this machine's store.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use super::announced::Announced;
use super::clock_watch;
use super::guarded::{Guarded, Panicked};
use super::job::{Job, Submitted};
use super::journal::EmbeddedJournal;
use super::opening::FirstRecord;
use super::order::{self, Entered, Order, Source};
use super::programs::{PinError, Programs};
use super::queue::{Left, Pushed, Queue, Room};
use super::restored::{RestoreError, left_resting};
use super::schedule;
use super::services::{GoingDown, Services};
use super::strikes::Strikes;
use super::turn::{Begin, Stop, TurnEnd, turn};
use crate::clock::Clock;
use crate::deliver::{CONNECTIONS, Mailer, Outgoing};
use crate::directory::Directory;
use crate::metrics::{Metrics, State};
use crate::store::{ClockSet, RunId, RunStatus, Store, StoreError};
use crate::webhook::{Calls, Client, Gate};

/// How many runs have their turn at once. A turn holds a connection while it calls.
const TURNS: usize = 512;
/// How much waits for its turn in memory; the rest waits in the store.
const ROOM: Room = Room { runs: 8_192, bytes: 32 << 20 };
/// With so many runs in memory, acceptance waits for some of them to go on: what is taken from memory is done with much less
/// work than what has to rest in the store.
const PACE: usize = 1_024;
/// How long it waits at most.
const PACE_AT_MOST: Duration = Duration::from_millis(200);
/// How long a run rests that the store did not take.
const PAUSE: Duration = Duration::from_secs(2);

/// The embedded engine. Cheap to clone.
#[derive(Clone)]
pub struct Embedded {
    pub(super) services: Arc<Services>,
    pub(super) queue: Arc<Queue<Job>>,
    pub(super) order: Arc<Order<Job>>,
    /// Notified when there are fewer runs in memory than [`PACE`].
    eased: Arc<Notify>,
}

/// Why the engine could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A program that runs are pinned to is not there.
    #[error(transparent)]
    Pin(#[from] PinError),
}

/// What was found when the daemon started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Runs that had not ended.
    pub unfinished: u64,
    /// Of these, runs that wait for a time.
    pub waiting: u64,
    /// Attempts that had begun and whose outcome nobody knows.
    pub unknown_attempts: u64,
}

impl Embedded {
    /// An engine that does nothing yet.
    #[expect(clippy::too_many_arguments, reason = "these are what an engine is put together from")]
    pub fn new(
        clock: Clock,
        store: Arc<dyn Store>,
        programs: Arc<Programs>,
        directory: Directory,
        client: Client,
        gate: Arc<Gate>,
        mailer: Mailer,
        metrics: Arc<Metrics>,
        outgoing: Outgoing,
    ) -> Embedded {
        // No more than may be handed over at once: what waits must be where it can still be taken back.
        let mail_gate = Arc::new(Gate::new(clock.clone(), Calls::alike(CONNECTIONS)));
        let services = Services {
            clock,
            store,
            programs,
            directory,
            client,
            gate,
            mailer,
            mail_gate,
            metrics,
            strikes: Strikes::default(),
            outgoing,
            forgetting: Mutex::default(),
            sleeping: Notify::new(),
            unkept: AtomicUsize::new(0),
            going_down: GoingDown::default(),
        };
        Embedded {
            services: Arc::new(services),
            queue: Arc::new(Queue::new(TURNS, ROOM)),
            order: Arc::new(Order::new(ROOM)),
            eased: Arc::default(),
        }
    }

    /// With so few turns at once and so little room that a simulation of a few runs comes to the limits.
    #[cfg(test)]
    pub(crate) fn narrowed(self, turns: usize, runs: usize) -> Embedded {
        let room = Room { runs, ..ROOM };
        Embedded { queue: Arc::new(Queue::new(turns, room)), order: Arc::new(Order::new(room)), ..self }
    }

    /// Takes up every run that had not ended, and from now on wakes runs when their time comes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn start(&self) -> Result<Recovery, EngineError> {
        let announced = Arc::new(Announced::new(
            Arc::clone(&self.order),
            Arc::clone(&self.queue),
            Arc::clone(&self.services.metrics),
        ));
        let admissions = Arc::downgrade(&announced);
        self.services.store.tell(admissions);
        self.services.programs.check_pinned().await?;
        match self.services.store.note_start().await {
            // Attempts that go on look as if they had been cut off, until there is room again and another start.
            Err(error) if error.passes() => tracing::warn!(%error, "the start could not be noted"),
            noted => noted?,
        }
        let counts = self.services.store.counts().await?;
        clock_watch::follow(&*self.services.store, ClockSet::Unseen { now: self.services.clock.now() }).await;
        self.remember_limits().await?;
        self.queue.note_overflow();
        self.services.clock.spawn(self.clone().wake());
        self.services.clock.spawn(self.clone().sweep());
        self.services.clock.spawn(self.clone().take_announced(announced));
        self.services.clock.spawn(schedule::run(self.clone()));
        self.services.clock.spawn(self.clone().go_on_forgetting());
        Ok(Recovery {
            unfinished: counts.unfinished_runs,
            waiting: counts.waiting_runs,
            unknown_attempts: counts.unknown_attempts,
        })
    }

    /// Begins nothing new, and lets attempts that are under way end for `grace`. Answers for how many of them it could not be
    /// written down how they ended, as the disk is full: they are made again after the next start.
    pub async fn stop(&self, grace: Duration) -> usize {
        self.services.begin_stopping();
        self.queue.clear();
        self.order.clear();
        let clock = &self.services.clock;
        let deadline = clock.instant() + grace;
        while self.queue.active() > 0 && clock.instant() < deadline {
            clock.sleep(Duration::from_millis(5)).await;
        }
        self.services.unkept.load(Ordering::Relaxed)
    }

    /// How much there is of everything that comes and goes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn state(&self) -> Result<State, StoreError> {
        let census = self.services.store.census(self.services.clock.now()).await?;
        let (calls, mails) = (self.services.gate.load(), self.services.mail_gate.load());
        let (store_bytes, removed) = (self.services.store.size().await?, self.services.store.pruned().await?);
        Ok(State {
            running: census.running,
            waiting: census.waiting,
            due: census.due,
            turns: self.queue.active(),
            queued: self.queue.waiting(),
            at_gate: calls.waiting + mails.waiting,
            requests: 0,
            open_circuits: calls.open_circuits + mails.open_circuits,
            full: self.services.store.is_full(),
            store_bytes,
            removed,
        })
    }

    /// Whether the daemon is going down.
    pub fn is_stopping(&self) -> bool {
        self.services.is_stopping()
    }

    /// Gives a run its turn, now or when there is room.
    pub(super) fn submit(&self, id: RunId, job: Job) -> Submitted {
        match self.queue.push(id, job) {
            Pushed::Begin(job) => {
                self.services.clock.spawn(self.clone().turns(id, job));
                Submitted::Taken
            }
            Pushed::Queued => Submitted::Taken,
            Pushed::Known => Submitted::Known,
            Pushed::Overflow => Submitted::Overflow,
        }
    }

    /// Gives a run its first turn, after the first turns of its contact's runs before it.
    pub(super) fn submit_first(&self, id: RunId, source: Source, job: Job) -> Submitted {
        let Some(contact) = job.contact() else { return self.submit(id, job) };
        match self.order.enter(id, contact, source, job) {
            Entered::Go(job) => self.go_first(id, job),
            Entered::Waits => Submitted::Taken,
            Entered::Known => Submitted::Known,
            Entered::Overflow { now } => {
                if now {
                    self.queue.note_overflow();
                }
                Submitted::Behind
            }
        }
    }

    fn go_first(&self, id: RunId, job: Job) -> Submitted {
        let submitted = self.submit(id, job);
        match submitted {
            Submitted::Overflow => self.order.give_back(id),
            // It has a turn of another sort.
            Submitted::Known => self.leave_first(id),
            Submitted::Taken | Submitted::Behind => {}
        }
        submitted
    }

    /// Lets the next run of a contact have its first turn; nothing happens a second time.
    pub(super) fn leave_first(&self, id: RunId) {
        self.lead_on(self.order.leave(id));
    }

    /// Sees to what follows when a run of a contact has gone.
    pub(super) fn lead_on(&self, left: order::Left<Job>) {
        if let Some((next, job)) = left.next {
            self.go_first(next, job);
        }
        if left.unread {
            self.queue.note_overflow();
        }
    }

    /// Waits for a moment when there is very much to do already, so that callers send no faster than runs end.
    pub(super) async fn pace(&self) {
        let eased = self.eased.notified();
        if self.is_crowded() {
            let _ = self.services.clock.timeout(PACE_AT_MOST, eased).await;
        }
    }

    /// Whether very many runs are about to go on. Those that wait for a slow host are not, and nobody waits for them.
    fn is_crowded(&self) -> bool {
        self.queue.load() + self.services.gate.crowd() >= PACE
    }

    /// Lets the next run have the turn of one that waits for something outside.
    pub(super) fn step_aside(&self) {
        if let Some((id, job)) = self.queue.step_aside() {
            self.services.clock.spawn(self.clone().turns(id, job));
        }
    }

    /// Takes the turn back.
    pub(super) fn step_back(&self) {
        self.queue.step_back();
    }

    /// Performs turns, one after the other, until none waits.
    async fn turns(self, mut id: RunId, mut job: Job) {
        loop {
            let left = Guarded::new(self.perform(id, job, None)).await;
            match self.end_turn(id, left).await {
                Some((next, next_job)) => (id, job) = (next, next_job),
                None => return,
            }
        }
    }

    /// Ends a turn; the next run that waits for one has it.
    async fn end_turn(&self, id: RunId, left: Result<Left, Panicked>) -> Option<(RunId, Job)> {
        let left = match left {
            Ok(left) => left,
            Err(Panicked) => self.failed_inside(id).await,
        };
        if left == Left::Unread {
            self.order.give_back(id);
        } else {
            self.leave_first(id);
        }
        let next = self.queue.next(id, left);
        if !self.is_crowded() {
            self.eased.notify_waiters();
        }
        next
    }

    /// The same for a turn that was begun elsewhere.
    pub(super) async fn turn_ended(self, id: RunId, left: Result<Left, Panicked>) {
        if let Some((id, job)) = self.end_turn(id, left).await {
            self.turns(id, job).await;
        }
    }

    /// Whether a run of a contact may have its first turn before all that wait.
    pub(super) fn is_first(&self, contact: i64) -> bool {
        !self.is_stopping() && self.order.is_free(contact)
    }

    /// Takes a turn for a run, if there is one and nobody waits for it.
    pub(super) fn reserve(&self, id: RunId) -> bool {
        self.queue.reserve(id)
    }

    /// Gives back a turn that was taken and not had.
    pub(super) fn give_back(&self, id: RunId) {
        if let Some((id, job)) = self.queue.next(id, Left::Settled) {
            self.services.clock.spawn(self.clone().turns(id, job));
        }
    }

    /// Performs one turn. With `opening`, its first record goes there, and a turn that has to wait before never ends.
    pub(super) async fn perform(&self, id: RunId, job: Job, opening: Option<FirstRecord>) -> Left {
        let (mut rests, mut depth, mut came_again) = (None, 0, false);
        let (mut run, accepted_at, contact, card, revision, begin) = match job {
            Job::Admitted { run, contact, card, changes, accepted_at, .. } => {
                (*run, accepted_at, Some(contact), Some((changes, card)), 0, Begin::Start)
            }
            Job::Kept(record) => {
                let contact = record.contact.as_ref().map(|contact| contact.id);
                let (revision, accepted_at) = (record.summary.revision, record.summary.started_at);
                // A run that comes from the store to its first call, or from a `wait`, is as new to its host as any.
                came_again = record.summary.reason_code.is_some();
                (rests, depth) = (left_resting(&record.summary, self.services.clock.now()), record.event.depth);
                match self.restore(*record).await {
                    Ok(run) => (run, accepted_at, contact, None, revision, Begin::Resume),
                    Err(RestoreError::Pin(PinError::Store(error))) => return self.interrupted(id, &error).await,
                    Err(error) => {
                        tracing::error!(run = %id, %error, "the run cannot be taken up; it is parked");
                        return self.park(id, &error.to_string(), "parked_unreadable").await;
                    }
                }
            }
        };
        let mut journal =
            EmbeddedJournal::new(self, run.program.clone(), id, contact, card, revision, begin == Begin::Resume);
        (journal.accepted_at, journal.came_again) = (accepted_at, came_again);
        journal.opening = opening;
        journal.trace.clone_from(&run.saved.trace);
        journal.retried.clone_from(&run.saved.retried);
        journal.listens = run.workflow.listening.is_some();
        (journal.rests, journal.depth, journal.workflow) = (rests, depth, Some(run.workflow.name.clone()));
        match turn(&mut journal, &mut run, begin).await {
            Ok(TurnEnd::Ended(ending)) => {
                let (status, _, reason_code) = RunStatus::of(&ending);
                self.services.metrics.ended(&run.workflow.name, status);
                if status == RunStatus::Failed {
                    let workflow = run.workflow.name.as_str();
                    tracing::warn!(run = %id, workflow, reason_code = reason_code.as_deref(), "failed");
                } else {
                    tracing::debug!(run = %id, status = status.as_str(), "ended");
                }
                Left::Settled
            }
            Ok(TurnEnd::Waits { .. } | TurnEnd::Parked { .. } | TurnEnd::Stale) | Err(Stop::Shutdown | Stop::Stale) => {
                Left::Settled
            }
            Err(Stop::Store(error)) => self.interrupted(id, &error).await,
        }
    }

    /// What follows when a turn failed inside: it is tried again, and at last the run is parked for a person.
    async fn failed_inside(&self, id: RunId) -> Left {
        if !self.services.strikes.note(id) {
            tracing::error!(run = %id, "the turn of a run failed inside; it is taken up again");
            let _ = self.services.sleep(PAUSE).await;
            return Left::Unread;
        }
        tracing::error!(run = %id, "the turns of a run failed inside again and again; the run is parked");
        let reason = "its turns failed inside wf again and again; this is a mistake in wf, please report it";
        self.park(id, reason, "parked_failed_inside").await
    }

    /// Parks a run until a person lets it go on.
    async fn park(&self, id: RunId, reason: &str, reason_code: &'static str) -> Left {
        self.services.metrics.parked(reason_code);
        match self.services.store.park(id, reason.to_owned(), reason_code).await {
            Ok(()) => Left::Settled,
            Err(error) => self.interrupted(id, &error).await,
        }
    }

    /// What follows when the store did not do what a turn needed. The run stands where it was last kept.
    async fn interrupted(&self, id: RunId, error: &StoreError) -> Left {
        if !error.passes() {
            match error {
                // Why it was closed has been told, and every run meets it.
                StoreError::Closed => tracing::debug!(run = %id, %error, "the run stands where it was last kept"),
                _ => tracing::error!(run = %id, %error, "the run stands where it was last kept"),
            }
            return Left::Aside;
        }
        match error {
            StoreError::Full => tracing::debug!(run = %id, %error, "the run rests"),
            _ => tracing::warn!(run = %id, %error, "the run rests"),
        }
        let _ = self.services.sleep(PAUSE).await;
        Left::Unread
    }
}
