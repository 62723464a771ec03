//! A run that is to have its turn.

use jiff::Timestamp;

use super::queue::Weigh;
use crate::machine::{Card, Run};
use crate::store::RunRecord;

/// A run that is to have a turn.
pub(super) enum Job {
    /// It was just admitted; all that it needs is at hand.
    Admitted {
        /// The run.
        run: Box<Run>,
        /// Its contact's number and card, and the count of changes then.
        contact: i64,
        card: Card,
        changes: u64,
        /// When its event was accepted.
        accepted_at: Timestamp,
        /// About how many bytes event and contact have.
        bytes: usize,
    },
    /// It is read back from the store.
    Kept(Box<RunRecord>),
}

impl Weigh for Job {
    fn weight(&self) -> usize {
        match self {
            Job::Admitted { bytes, .. } => *bytes,
            Job::Kept(record) => {
                let contact = record.contact.as_ref().map_or(0, |contact| contact.fields.len());
                record.event.params.len() + record.saved.as_ref().map_or(0, String::len) + contact
            }
        }
    }
}

/// What became of a run that was to have a turn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Submitted {
    /// It has its turn, or waits for it.
    Taken,
    /// It had its turn, or waited for it, before.
    Known,
    /// It waits in the store: there is no room.
    Overflow,
    /// It waits in the store, behind other runs of its contact.
    Behind,
}

impl Job {
    /// The contact that its run is about.
    pub(super) fn contact(&self) -> Option<i64> {
        match self {
            Job::Admitted { contact, .. } => Some(*contact),
            Job::Kept(record) => record.summary.contact,
        }
    }
}
