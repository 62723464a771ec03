//! The embedded engine as any other: what [`Engine`] asks for.

use super::contract::{Cancelled, Delivered, Engine, Started};
use super::embedded::Embedded;
use super::job::{Job, Submitted};
use super::journal::EmbeddedJournal;
use super::programs::PinError;
use super::restored::RestoreError;
use super::turn::{Begin, Stop, TurnEnd, turn};
use crate::store::{RunId, RunRecord, RunSummary, StoreError};

/// How often a run is tried to be cancelled while its turns go on.
const TRIES: u32 = 100;

impl Engine for Embedded {
    async fn start_run(&self, run: RunId) -> Result<Started, StoreError> {
        let Some(record) = self.services.store.run(run).await? else { return Ok(Started::Unknown) };
        if record.summary.revision > 0 || record.summary.status.has_ended() {
            return Ok(Started::Existing);
        }
        Ok(match self.submit(run, Job::Kept(Box::new(record))) {
            // What does not fit into the queue is taken up from the store.
            Submitted::Taken | Submitted::Overflow | Submitted::Behind => Started::New,
            Submitted::Known => Started::Existing,
        })
    }

    async fn deliver(&self, run: RunId, acceptance: i64) -> Result<Delivered, StoreError> {
        let Some(record) = self.services.store.run(run).await? else { return Ok(Delivered::Unknown) };
        let before = self.services.store.heard(run, acceptance.saturating_sub(1), 1).await?;
        if record.summary.status.has_ended() || before.iter().all(|event| event.acceptance != acceptance) {
            return Ok(Delivered::Stale);
        }
        self.services.sleeping.notify_one();
        Ok(Delivered::Taken)
    }

    async fn cancel(&self, run: RunId) -> Result<Cancelled, StoreError> {
        for _ in 0..TRIES {
            let Some(record) = self.services.store.run(run).await? else { return Ok(Cancelled::Unknown) };
            if record.summary.status.has_ended() {
                return Ok(Cancelled::Ended);
            }
            match self.cancel_turn(run, record).await {
                // A turn of the run was recorded meanwhile: it is looked at again.
                Err(Stop::Stale) => tokio::task::yield_now().await,
                Err(Stop::Store(error)) => return Err(error),
                Err(Stop::Shutdown) => return Err(StoreError::Closed),
                Ok(_) => return Ok(Cancelled::Cancelled),
            }
        }
        Err(StoreError::Refused("the run goes on too fast to be cancelled; try again".to_owned()))
    }

    async fn status(&self, run: RunId) -> Result<Option<RunSummary>, StoreError> {
        Ok(self.services.store.run(run).await?.map(|record| record.summary))
    }
}

impl Embedded {
    /// A turn of its own that ends the run; whichever turn of it goes on then finds that it has ended.
    async fn cancel_turn(&self, id: RunId, record: RunRecord) -> Result<TurnEnd, Stop> {
        let contact = record.contact.as_ref().map(|contact| contact.id);
        let (revision, accepted_at) = (record.summary.revision, record.summary.started_at);
        let mut run = match self.restore(record).await {
            Ok(run) => run,
            Err(RestoreError::Pin(PinError::Store(error))) => return Err(error.into()),
            Err(error) => return Err(StoreError::Refused(error.to_string()).into()),
        };
        let mut journal = EmbeddedJournal::new(self, run.program.clone(), id, contact, None, revision, true);
        journal.accepted_at = accepted_at;
        journal.listens = run.workflow.listening.is_some();
        turn(&mut journal, &mut run, Begin::Cancel).await
    }
}
