//! Runs whose turns fail inside: a defect of ours that one run's data brings out. Such a run is tried again, and when it has
//! failed three times, it is parked for a person, so that it neither takes others' time for ever nor gets lost.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::store::RunId;

/// So many turns may fail.
const MOST: u8 = 3;
/// So many runs are remembered; more than that is not one run's data.
const RUNS: usize = 10_000;

/// How often turns of runs have failed.
#[derive(Debug, Default)]
pub(super) struct Strikes(Mutex<HashMap<RunId, u8>>);

impl Strikes {
    /// Notes a failed turn; answers whether it was one too many.
    pub(super) fn note(&self, run: RunId) -> bool {
        let mut strikes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if strikes.len() >= RUNS {
            strikes.clear();
        }
        let count = strikes.entry(run).or_default();
        *count += 1;
        *count >= MOST
    }

    /// The run begins anew.
    pub(super) fn forget(&self, run: RunId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&run);
    }
}
