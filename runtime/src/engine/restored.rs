//! Runs as they were last kept, made to go on.

use std::sync::Arc;

use jiff::Timestamp;

use super::embedded::Embedded;
use super::programs::PinError;
use super::turn::{Parking, Rests};
use crate::machine::input::Event;
use crate::machine::run::ResumeError;
use crate::machine::{LoadedProgram, Run};
use crate::store::{RunRecord, RunStatus, RunSummary};

impl Embedded {
    /// A run as it was last kept.
    pub(super) async fn restore(&self, record: RunRecord) -> Result<Run, RestoreError> {
        restored(self.services.programs.pinned(&record.summary.program).await?, &record)
    }
}

/// A run of a program as it was last kept.
pub(crate) fn restored(program: Arc<LoadedProgram>, record: &RunRecord) -> Result<Run, RestoreError> {
    let name = &record.summary.workflow;
    let workflow = program.workflow(name).ok_or_else(|| RestoreError::Workflow(name.to_string()))?.clone();
    let event = &record.event;
    let event = Event::restore(&program.ir, &event.name, &event.id, event.occurred_at, &event.params);
    let event = Arc::new(event);
    match &record.saved {
        None => Ok(Run::new(program, workflow, event)),
        Some(saved) => Run::resume(program, workflow, event, saved).map_err(RestoreError::State),
    }
}

/// How a run was left that rests still.
pub(crate) fn left_resting(run: &RunSummary, now: Timestamp) -> Option<Rests> {
    let until = run.wake_at;
    if run.status != RunStatus::Waiting || until.is_some_and(|until| until <= now) {
        return None;
    }
    match (&run.reason_code, until) {
        (Some(code), until) => {
            let reason = run.reason.clone().unwrap_or_default();
            Some(Rests::Parked(Parking { until, reason, reason_code: code.clone() }))
        }
        (None, until) => until.map(Rests::Until),
    }
}

/// Why a kept run cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreError {
    /// Its program is not there.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// Its program has no such workflow.
    #[error("its program has no workflow `{0}`")]
    Workflow(String),
    /// Its state cannot be read.
    #[error("its state cannot be read: {0}")]
    State(ResumeError),
}
