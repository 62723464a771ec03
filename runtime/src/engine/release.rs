//! Letting runs go on that rest or have failed: somebody knows that what they wait for, or failed at, has been mended.

use compiler::ir::Statement;

use super::embedded::Embedded;
use super::programs::PinError;
use super::restored::RestoreError;
use crate::machine::{Saved, Waiting};
use crate::store::{Revival, Revived, RunId, RunRecord, RunStatus, StoreError};

/// What became of a run that is to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Released {
    /// It goes on now.
    Going,
    /// It does not rest: it goes on anyway, or waits because its program says so.
    NotResting,
    /// It has ended.
    Ended(RunStatus),
    /// There is no such run.
    Unknown,
    /// It has failed, and cannot go on.
    Hopeless(String),
    /// It has failed, and may not go on: another run of its workflow goes on for its contact, one at a time.
    Busy,
    /// It changed just now.
    Changed,
}

impl Embedded {
    /// Lets a run go on that is parked, or that rests between two attempts, or that has failed: from the statement that it
    /// failed at. A host whose calls are paused is tried now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release(&self, id: RunId) -> Result<Released, StoreError> {
        let Some(run) = self.services.store.run(id).await? else { return Ok(Released::Unknown) };
        if run.summary.status == RunStatus::Failed {
            return self.revive(run).await;
        }
        if run.summary.status.has_ended() {
            return Ok(Released::Ended(run.summary.status));
        }
        let saved: Option<Saved> = run.saved.as_deref().and_then(|saved| serde_json::from_str(saved).ok());
        let waiting = saved.and_then(|saved| saved.waiting);
        let is_parked = run.summary.reason_code.is_some_and(|code| code.starts_with("parked_"));
        let between_attempts = matches!(waiting, Some(Waiting::Call { .. } | Waiting::Send { .. }));
        if !is_parked && !between_attempts {
            return Ok(Released::NotResting);
        }
        if !self.services.store.wake(id, self.services.clock.now()).await? {
            return Ok(Released::NotResting);
        }
        self.services.strikes.forget(id);
        match &waiting {
            Some(Waiting::Call { spec, .. }) => self.services.allow_call(&spec.request.origin),
            Some(Waiting::Send { .. }) => self.services.allow_mail(),
            _ => {}
        }
        self.services.sleeping.notify_one();
        Ok(Released::Going)
    }

    /// Sends a run that has failed back to the statement that it failed at.
    async fn revive(&self, record: RunRecord) -> Result<Released, StoreError> {
        let hopeless = |why: &str| Ok(Released::Hopeless(why.to_owned()));
        let (id, revision) = (record.summary.id, record.summary.revision);
        match (record.summary.contact, &record.contact) {
            (Some(_), Some(_)) => {}
            (Some(_), None) => return hopeless("its contact was erased"),
            (None, _) => {
                return hopeless(
                    "no contact was found when its event came; when there is one, send the event once more under another id",
                );
            }
        }
        let mut run = match self.restore(record).await {
            Ok(run) => run,
            Err(RestoreError::Pin(PinError::Store(error))) => return Err(error),
            Err(error) => return hopeless(&error.to_string()),
        };
        let step = match run.failed_step() {
            Ok(step) => step.clone(),
            Err(why) => return hopeless(&why.to_string()),
        };
        let attempts = self.services.store.attempts(id).await?;
        let last = attempts.iter().filter(|attempt| attempt.step == step.id).map(|attempt| attempt.number).max();
        let at = self.services.clock.now();
        if let Err(why) = run.send_back(last.unwrap_or(0), at) {
            return hopeless(&why.to_string());
        }
        let listening = run.workflow.listening.clone();
        if listening.is_some() {
            // Before it listens, so that no event passes it by.
            self.services.programs.listen_also(&run.program);
        }
        // Plain data with text keys always serialises.
        let saved = serde_json::to_string(&run.saved).unwrap_or_default();
        let one_at_a_time = run.workflow.ir.one_at_a_time;
        let revival = Revival { run: id, revision, saved, listening, one_at_a_time, at };
        match self.services.store.revive(revival).await? {
            Revived::Going => {}
            Revived::Busy => return Ok(Released::Busy),
            Revived::Changed => return Ok(Released::Changed),
        }
        self.services.strikes.forget(id);
        match &step.statement {
            Statement::Call { webhook, .. } => {
                if let Some(webhook) = run.program.ir.webhooks.get(webhook) {
                    self.services.allow_call(&webhook.url.origin);
                }
            }
            Statement::Send { .. } => self.services.allow_mail(),
            _ => {}
        }
        self.services.sleeping.notify_one();
        Ok(Released::Going)
    }
}
