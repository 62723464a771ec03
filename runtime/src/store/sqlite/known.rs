//! What the writer knows of runs without asking the file: where those stand that it has just written.
//!
//! A run that is admitted, makes a call and ends is written three times within moments, and each time three trees would be
//! searched for what was written a moment before. INVARIANT: what stands here is never trusted alone. It is used when the
//! caller's revision is the one that stands here, and the write itself asks for that revision in the file; each write of a
//! run's progress makes another revision. So a transaction that is undone, or somebody else's write, is noticed.
//!
//! Which runs were admitted and not recorded since is told by nobody else, so what a transaction changed about it is taken
//! back when the transaction is undone.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use compiler::ir::StepId;

use super::notes::Notes;
use crate::store::{RunId, RunStatus};

/// Runs that are known at most; beyond them all are forgotten, which only costs time.
const RUNS: usize = 8_192;

/// Runs that were admitted and not recorded since are known at most; beyond them the file is asked.
const UNBEGUN: usize = 65_536;

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
pub(super) struct Known {
    runs: Mutex<HashMap<RunId, Standing>>,
    unbegun: Mutex<Unbegun>,
    pub(super) notes: Notes,
    /// The number of the daemon's start, once it is noted.
    start: AtomicI64,
}

/// Runs that were admitted and not recorded since.
#[derive(Debug, Default)]
struct Unbegun {
    runs: HashMap<RunId, i64>,
    /// How many of them a contact has.
    contacts: HashMap<i64, u32>,
    /// What the transaction that goes on has changed.
    changes: Vec<Change>,
    /// Whether there were too many.
    lost: bool,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Admitted(RunId),
    Begun(RunId, i64),
}

impl Unbegun {
    fn add(&mut self, run: RunId, contact: i64) {
        if self.runs.insert(run, contact).is_none() {
            *self.contacts.entry(contact).or_default() += 1;
        }
    }

    fn remove(&mut self, run: RunId) -> Option<i64> {
        let contact = self.runs.remove(&run)?;
        if let Entry::Occupied(mut count) = self.contacts.entry(contact) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        Some(contact)
    }
}

impl Known {
    /// The number of the daemon's start; 0 before it is noted.
    pub(super) fn start(&self) -> i64 {
        self.start.load(Ordering::Acquire)
    }

    /// Takes note of the number of the daemon's start.
    pub(super) fn has_started(&self, start: i64) {
        self.start.store(start, Ordering::Release);
    }

    /// Notes that a run was admitted of which nothing is recorded yet.
    pub(super) fn put_unbegun(&self, run: RunId, contact: i64) {
        let mut unbegun = self.unbegun();
        unbegun.lost |= unbegun.runs.len() >= UNBEGUN;
        if unbegun.lost {
            unbegun.runs.clear();
            unbegun.contacts.clear();
            return;
        }
        unbegun.add(run, contact);
        unbegun.changes.push(Change::Admitted(run));
    }

    /// Notes that something of a run is recorded.
    pub(super) fn has_begun(&self, run: RunId) {
        let mut unbegun = self.unbegun();
        if let Some(contact) = unbegun.remove(run) {
            unbegun.changes.push(Change::Begun(run, contact));
        }
    }

    /// Whether a contact has runs that were admitted by this process and not recorded since; `None` when that is not known.
    pub(super) fn has_unbegun(&self, contact: i64) -> Option<bool> {
        let unbegun = self.unbegun();
        (!unbegun.lost).then(|| unbegun.contacts.contains_key(&contact))
    }

    /// A transaction has begun.
    pub(super) fn begin(&self) {
        self.unbegun().changes.clear();
    }

    /// The transaction was undone, and with it what it changed.
    pub(super) fn undo(&self) {
        self.notes.clear();
        let mut unbegun = self.unbegun();
        for change in std::mem::take(&mut unbegun.changes).into_iter().rev() {
            match change {
                Change::Admitted(run) => drop(unbegun.remove(run)),
                Change::Begun(run, contact) => unbegun.add(run, contact),
            }
        }
    }

    fn unbegun(&self) -> MutexGuard<'_, Unbegun> {
        self.unbegun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out where a run stands, if it stands at this revision.
    pub(super) fn take(&self, run: RunId, revision: Option<u32>) -> Option<Standing> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.remove(&run).filter(|run| Some(run.revision) == revision)
    }

    /// Forgets where all runs stand: they are looked for in the file.
    pub(super) fn clear(&self) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Notes where a run stands. One that has ended is not written again.
    pub(super) fn put(&self, run: RunId, standing: Standing) {
        if standing.status.has_ended() {
            return;
        }
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.len() >= RUNS {
            runs.clear();
        }
        runs.insert(run, standing);
    }
}
