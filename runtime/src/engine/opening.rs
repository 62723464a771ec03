//! The first turn of a run, begun in the act that admits it.
//!
//! A run whose workflow begins with a call is admitted, and the call announced, in one commit: its turn is begun by the
//! store's own thread, up to the first record that it wants kept, and goes on as every turn does once that is durable. A
//! turn that has to wait for anything before that is dropped, and the run has its turn afterwards, as if nothing had been.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::embedded::Embedded;
use super::guarded::{Guarded, Panicked};
use super::job::Job;
use super::order::Source;
use super::queue::Left;
use crate::directory::to_card;
use crate::machine::input::Event;
use crate::machine::{LoadedProgram, LoadedWorkflow, Run};
use crate::store::{ContactRecord, Opening, Progress, Recorded, RunId};
use crate::trace::Trace;

/// The first turn of a run that is to be admitted.
pub(super) struct FirstTurn {
    pub(super) engine: Embedded,
    /// What a turn finds around it, wherever it is begun.
    pub(super) runtime: Option<Handle>,
    pub(super) program: Arc<LoadedProgram>,
    pub(super) workflow: Arc<LoadedWorkflow>,
    pub(super) event: Arc<Event>,
    /// When the event is accepted.
    pub(super) accepted_at: Timestamp,
    pub(super) trace: Option<Trace>,
    /// About how many bytes the event has.
    pub(super) bytes: usize,
    /// The count of changes of contacts before the event was accepted.
    pub(super) changes: u64,
    pub(super) begun: Mutex<Option<Begun>>,
}

/// A turn that waits for its first record to be durable.
pub(super) struct Begun {
    place: Place,
    kept: oneshot::Sender<Recorded>,
    turn: Turn,
}

type Turn = Pin<Box<dyn Future<Output = Result<Left, Panicked>> + Send>>;

/// Where a turn puts its first record, and whence it hears what became of it.
pub(super) struct FirstRecord {
    record: Arc<Mutex<Option<Progress>>>,
    kept: oneshot::Receiver<Recorded>,
}

impl FirstRecord {
    /// Hands the record over, and waits until it is durable. `None` when it will never be.
    pub(super) async fn keep(self, record: Progress) -> Option<Recorded> {
        *self.record.lock().unwrap_or_else(PoisonError::into_inner) = Some(record);
        self.kept.await.ok()
    }
}

/// One of the turns that there are at once, given back when it is dropped.
struct Place {
    engine: Embedded,
    runtime: Option<Handle>,
    run: Option<RunId>,
}

impl Place {
    fn take(first: &FirstTurn, run: RunId) -> Option<Place> {
        let place = || Place { engine: first.engine.clone(), runtime: first.runtime.clone(), run: Some(run) };
        first.engine.reserve(run).then(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(run) = self.run {
            let _inside = self.runtime.as_ref().map(Handle::enter);
            self.engine.give_back(run);
        }
    }
}

impl FirstTurn {
    fn begin(&self, run: RunId, contact: &ContactRecord) -> Option<(Begun, Progress)> {
        let engine = &self.engine;
        if !engine.is_first(contact.id) {
            return None;
        }
        if !self.workflow.begins_lightly {
            return None;
        }
        let place = Place::take(self, run)?;
        let _inside = self.runtime.as_ref().map(Handle::enter);
        let job = self.job(contact, engine.services.directory.changes());
        let record = Arc::<Mutex<Option<Progress>>>::default();
        let (kept, answer) = oneshot::channel();
        let opening = FirstRecord { record: record.clone(), kept: answer };
        let performed = engine.clone();
        let mut turn: Turn = Box::pin(Guarded::new(async move { performed.perform(run, job, Some(opening)).await }));
        if turn.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return None;
        }
        let progress = record.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some((Begun { place, kept, turn }, progress))
    }

    fn job(&self, contact: &ContactRecord, changes: u64) -> Job {
        let card = to_card(&self.program.ir.contact, contact);
        let mut run = Box::new(Run::new(self.program.clone(), self.workflow.clone(), self.event.clone()));
        run.saved.trace.clone_from(&self.trace);
        let bytes = self.bytes + contact.fields.len();
        Job::Admitted { run, contact: contact.id, card, changes, accepted_at: self.accepted_at, bytes }
    }

    /// Goes on with the turn whose first record is durable.
    fn go_on(&self, recorded: Recorded) {
        let Some(Begun { mut place, kept, turn }) = self.begun().take() else { return };
        let Some(run) = place.run.take() else { return };
        // The turn waits for it.
        let _ = kept.send(recorded);
        let engine = self.engine.clone();
        self.engine.services.clock.spawn(async move {
            let left = turn.await;
            engine.turn_ended(run, left).await;
        });
    }

    fn begun(&self) -> MutexGuard<'_, Option<Begun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opening for FirstTurn {
    fn open(&self, run: RunId, contact: &ContactRecord) -> Option<Progress> {
        // What was begun before is void.
        drop(self.begun().take());
        let (begun, progress) = self.begin(run, contact)?;
        *self.begun() = Some(begun);
        Some(progress)
    }

    fn admitted(&self, run: RunId, contact: ContactRecord, opened: Option<Recorded>) {
        let _inside = self.runtime.as_ref().map(Handle::enter);
        self.engine.services.metrics.started(&self.workflow.name);
        match opened {
            Some(recorded) => self.go_on(recorded),
            // In the order of admission, so that the contact's runs begin in theirs.
            None => {
                let job = self.job(&contact, self.changes);
                self.engine.submit_first(run, Source::Accepted, job);
            }
        }
    }
}

impl fmt::Debug for FirstTurn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FirstTurn").field("workflow", &self.workflow.name).finish_non_exhaustive()
    }
}
