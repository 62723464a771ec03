//! Making commits durable, while the next transaction is already prepared.
//!
//! SQLite appends a commit to its log and does not wait for the disk; that is done here, and whoever asked for something in
//! the commit is answered after it. INVARIANT: no commit is made while another one is on its way to the disk, so what one job has
//! read of an earlier one is durable before it is answered itself. INVARIANT: batches are answered in their order. Those who only read may see a commit a moment before
//! that. Nothing leaves the machine for it: whatever does is recorded first, in a later commit.

use std::fs::File;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::job::{Job, answer};
use super::thread::OnPanic;
use super::{Fault, Message};
use crate::metrics::Timing;
use crate::store::StoreError;
use crate::store::sqlite::fault::Failure;

/// The way of commits to the disk.
pub(super) struct Disk {
    /// There is none for a store in memory.
    log: Option<Arc<File>>,
    handed_over: Option<Sender<Committed>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What both threads know.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    commits: Timing,
}

#[derive(Clone, Copy, Default)]
struct State {
    busy: bool,
    /// Batches that were handed over and have not been answered.
    unanswered: usize,
    /// How long the last commit took, until it was on the disk.
    last_commit: Duration,
}

/// A commit that is not on the disk yet.
struct Committed {
    batch: Vec<Box<dyn Job>>,
    begun: Instant,
}

impl Disk {
    /// For a store in memory.
    pub(super) fn none(commits: Timing) -> Disk {
        let shared = Shared { state: Mutex::default(), changed: Condvar::new(), commits };
        Disk { log: None, handed_over: None, shared: Arc::new(shared), thread: None }
    }

    /// Starts the thread that waits for the disk. It tells when it has done so.
    pub(super) fn begin(&mut self, log: File, failure: Failure, wake: Sender<Message>) -> Result<(), StoreError> {
        let log = Arc::new(log);
        let (handed_over, taken) = channel();
        let syncing = Syncing { log: log.clone(), shared: self.shared.clone(), failure, wake };
        let thread = Builder::new()
            .name("store-sync".into())
            .spawn(move || syncing.work(taken))
            .map_err(|error| StoreError::Failed(format!("no thread for the store: {error}")))?;
        (self.log, self.handed_over, self.thread) = (Some(log), Some(handed_over), Some(thread));
        Ok(())
    }

    /// Syncs a commit that was begun then, on this thread: for few callers a way of their own would take longer. All before
    /// it are answered then.
    pub(super) fn sync(&self, begun: Instant) -> Result<(), Fault> {
        if let Some(log) = &self.log {
            sync(log)?;
        }
        self.shared.note(begun);
        self.shared.wait_while(|state| state.unanswered > 0);
        Ok(())
    }

    /// Syncs a commit that was begun then, and answers its jobs, while this thread goes on.
    pub(super) fn hand_over(&self, batch: Vec<Box<dyn Job>>, begun: Instant) {
        let Some(handed_over) = &self.handed_over else {
            self.shared.note(begun);
            return answer(batch, &Ok(()));
        };
        self.shared.change(|state| (state.busy, state.unanswered) = (true, state.unanswered + 1));
        if let Err(refused) = handed_over.send(Committed { batch, begun }) {
            // The thread has ended, which is a failure of the store.
            self.shared.change(|state| (state.busy, state.unanswered) = (false, 0));
            answer(refused.0.batch, &Err(StoreError::Closed));
        }
    }

    /// Whether a commit is not on the disk yet.
    pub(super) fn is_busy(&self) -> bool {
        self.shared.lock().busy
    }

    /// Waits until no commit is on its way. Whether it has arrived the store's failure says.
    pub(super) fn settle(&self) {
        self.shared.wait_while(|state| state.busy);
    }

    /// How long the last commit took.
    pub(super) fn last_commit(&self) -> Duration {
        self.shared.lock().last_commit
    }

    /// Ends the thread after all that was handed over is answered.
    pub(super) fn end(&mut self) {
        self.handed_over = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's own side.
struct Syncing {
    log: Arc<File>,
    shared: Arc<Shared>,
    failure: Failure,
    wake: Sender<Message>,
}

impl Syncing {
    fn work(self, taken: Receiver<Committed>) {
        let _guard = OnPanic(self.failure.clone());
        // Dropped after the way by which batches come, so that none comes unnoticed.
        let _over = Over(&self);
        let taken = taken;
        for Committed { batch, begun } in &taken {
            let _answered = Answered(&self.shared);
            let settled = Settled(&self);
            let outcome = sync(&self.log).map_err(|fault| self.failure.judge(fault));
            if outcome.is_ok() {
                self.shared.note(begun);
            }
            // The next commit need not wait for the answers.
            drop(settled);
            answer(batch, &outcome);
        }
    }
}

/// Lets the next commit be made, also when this thread fails inside.
struct Settled<'a>(&'a Syncing);

impl Drop for Settled<'_> {
    fn drop(&mut self) {
        self.0.shared.change(|state| state.busy = false);
        // A writer that has gone away does not want to know.
        let _ = self.0.wake.send(Message::Synced);
    }
}

/// Lets nobody wait for a thread that has ended, also when it failed inside.
struct Over<'a>(&'a Syncing);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.shared.change(|state| (state.busy, state.unanswered) = (false, 0));
        let _ = self.0.wake.send(Message::Synced);
    }
}

/// Lets later batches be answered, also when this thread fails inside.
struct Answered<'a>(&'a Shared);

impl Drop for Answered<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.unanswered = state.unanswered.saturating_sub(1));
    }
}

impl Shared {
    fn note(&self, begun: Instant) {
        let took = begun.elapsed();
        self.lock().last_commit = took;
        self.commits.observe(took);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait_while(&self, condition: impl Fn(&State) -> bool) {
        let mut state = self.lock();
        while condition(&state) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// After an error nobody knows what is on the disk, and asking again would not tell.
fn sync(log: &File) -> Result<(), Fault> {
    log.sync_data().map_err(|error| Fault::Broken(format!("the commit failed: the log was not synced: {error}")))
}
