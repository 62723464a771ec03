//! What the writer knows of runs without asking the file: where those stand that it has just written.
//!
//! A run that is admitted, makes a call and ends is written three times within moments, and each time three trees would be
//! searched for what was written a moment before. INVARIANT: what stands here is never trusted alone. It is used when the
//! caller's revision is the one that stands here, and the write itself asks for that revision in the file; each write of a
//! run's progress makes another revision. So a transaction that is undone, or somebody else's write, is noticed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use compiler::ir::StepId;

use crate::store::{RunId, RunStatus};

/// Runs that are known at most; beyond them all are forgotten, which only costs time.
const RUNS: usize = 8_192;

/// What of a run decides how its progress is written.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) number: i64,
    pub(super) contact: Option<i64>,
    pub(super) status: RunStatus,
    pub(super) wake_at: Option<i64>,
    pub(super) reason_code: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) revision: u32,
    /// Attempts that have no outcome yet, and their rows.
    pub(super) attempts: Vec<(StepId, u32, i64)>,
    /// Whether it may have messages.
    pub(super) messages: bool,
}

impl Standing {
    /// A run that was just admitted.
    pub(super) fn admitted(number: i64, contact: i64) -> Standing {
        Standing {
            number,
            contact: Some(contact),
            status: RunStatus::Running,
            wake_at: None,
            reason_code: None,
            reason: None,
            revision: 0,
            attempts: vec![],
            messages: false,
        }
    }
}

/// Where runs stand.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashMap<RunId, Standing>>);

impl Known {
    /// Takes out where a run stands, if it stands at this revision.
    pub(super) fn take(&self, run: RunId, revision: Option<u32>) -> Option<Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&run).filter(|run| Some(run.revision) == revision)
    }

    /// Notes where a run stands. One that has ended is not written again.
    pub(super) fn put(&self, run: RunId, standing: Standing) {
        if standing.status.has_ended() {
            return;
        }
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.len() >= RUNS {
            runs.clear();
        }
        runs.insert(run, standing);
    }
}
