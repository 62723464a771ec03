//! Letting runs go on that rest: somebody knows that what they wait for has been mended.

use super::embedded::Embedded;
use crate::machine::{Saved, Waiting};
use crate::store::{RunId, RunStatus, StoreError};

/// What became of a run that is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It goes on now.
    Going,
    /// It does not rest: it goes on anyway, or waits because its program says so.
    NotResting,
    /// It has ended.
    Ended(RunStatus),
    /// There is no such run.
    Unknown,
}

impl Embedded {
    /// Lets a run go on that is parked, or that rests between two attempts. A host whose calls are paused is tried now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release(&self, id: RunId) -> Result<Released, StoreError> {
        let Some(run) = self.services.store.run(id).await? else { return Ok(Released::Unknown) };
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
        if let Some(Waiting::Call { spec, .. }) = &waiting {
            self.services.gate.allow(&spec.request.origin, self.services.clock.instant());
        }
        self.services.sleeping.notify_one();
        Ok(Released::Going)
    }
}
