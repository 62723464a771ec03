//! The first turn of a run, kept in the act that admits the run.
//!
//! A run that begins with a call would be written twice within moments: when it is admitted, and when it announces the call.
//! Whoever admits it can say what its first turn does, so that one commit holds both.

use std::fmt;

use smol_str::SmolStr;

use super::{ContactRecord, Progress, Recorded, RunId};

/// Works out the first turn of a run.
pub trait Opening: fmt::Debug + Send + Sync {
    /// The run is admitted for this contact, in an act that is not over. What its first turn does up to the point where
    /// something leaves the machine, to be kept with the admission; `None` when it has its turn afterwards.
    ///
    /// It is asked again, perhaps with another number, when the act was undone: then what it answered before is void. It must
    /// be quick, and must not wait for the store.
    fn open(&self, run: RunId, contact: &ContactRecord) -> Option<Progress>;

    /// The act that admitted the run is durable. Runs are told so in the order in which they were admitted, before anybody is
    /// answered. `opened` is what became of the first turn, when it was kept.
    fn admitted(&self, run: RunId, contact: ContactRecord, opened: Option<Recorded>);
}

/// Hears of runs that are admitted without an [`Opening`]: those that runs, changes of contacts and schedules start.
pub trait Admissions: Send + Sync {
    /// The act that admitted the run is durable. Runs of all acts are told in the order in which they were admitted, those with
    /// an opening too.
    fn admitted(&self, run: RunId, contact: i64, workflow: &SmolStr);
}
