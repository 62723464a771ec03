//! What every engine offers to those above it: the API, the command line, sources of events.
//!
//! A run is admitted, and an event put before it, where events are accepted; the engine is told of it afterwards, perhaps twice
//! and perhaps late. So both are look-ups: what was done before is not done again.

use crate::store::{RunId, RunSummary, StoreError};

/// An engine that runs workflows.
pub trait Engine: Clone + Send + Sync + 'static {
    /// Gives a run its first turn that was admitted.
    ///
    /// # Errors
    /// When the store fails.
    fn start_run(&self, run: RunId) -> impl Future<Output = Result<Started, StoreError>> + Send;

    /// Hands an event to a run that listens to it, known by its acceptance number.
    ///
    /// # Errors
    /// When the store fails.
    fn deliver(&self, run: RunId, acceptance: i64) -> impl Future<Output = Result<Delivered, StoreError>> + Send;

    /// Ends a run wherever it stands. An attempt that is under way is not called back; its outcome is kept as history.
    ///
    /// # Errors
    /// When the store fails.
    fn cancel(&self, run: RunId) -> impl Future<Output = Result<Cancelled, StoreError>> + Send;

    /// Where a run stands; `None` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    fn status(&self, run: RunId) -> impl Future<Output = Result<Option<RunSummary>, StoreError>> + Send;
}

/// What became of a run that was to be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// It has its turn, or will.
    New,
    /// It was started before.
    Existing,
    /// No such run was admitted.
    Unknown,
}

/// What became of an event that a run was to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is told of it, or will be.
    Taken,
    /// It was told of it before, does not listen to it, or has ended.
    Stale,
    /// There is no such run.
    Unknown,
}

/// What became of a run that was to be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It has ended as cancelled.
    Cancelled,
    /// It had ended before.
    Ended,
    /// There is no such run.
    Unknown,
}
