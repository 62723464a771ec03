//! What the writer knows to be written, or set aside, so that it need not be looked for with each event.
//!
//! INVARIANT: all of it is forgotten when a transaction is undone, and then looked up again.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;

#[derive(Debug, Default)]
pub(super) struct Notes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The next number for a contact, and the last that is set aside.
    contacts: Option<(i64, i64)>,
    /// The newest stretch of history, and what is noted to be in it.
    stretch: i64,
    workflows: HashSet<u32>,
    events: HashSet<SmolStr>,
}

impl Notes {
    /// The next number for a contact, if one is set aside.
    pub(super) fn take_contact(&self) -> Option<i64> {
        let mut state = self.lock();
        let (next, _) = state.contacts.as_mut().filter(|(next, last)| next <= last)?;
        let number = *next;
        *next += 1;
        Some(number)
    }

    /// Sets aside the numbers of contacts from one up to another.
    pub(super) fn set_aside(&self, next: i64, last: i64) {
        self.lock().contacts = Some((next, last));
    }

    /// Forgets which numbers are set aside.
    pub(super) fn lose_contacts(&self) {
        self.lock().contacts = None;
    }

    /// Notes that a stretch of history has runs of a workflow; whether that is new.
    pub(super) fn is_new_workflow(&self, stretch: i64, key: u32) -> bool {
        self.at(stretch).workflows.insert(key)
    }

    /// Notes that a stretch of history has events of a type; whether that is new.
    pub(super) fn is_new_event(&self, stretch: i64, name: &SmolStr) -> bool {
        let mut state = self.at(stretch);
        !state.events.contains(name) && state.events.insert(name.clone())
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        *self.lock() = State::default();
    }

    fn at(&self, stretch: i64) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        if state.stretch != stretch {
            state.stretch = stretch;
            state.workflows.clear();
            state.events.clear();
        }
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
