//! What goes into the store and comes out of it about runs that no event from outside starts, and about events that runs
//! listen to.

use std::sync::Arc;

use compiler::ir::{Identifier, ProgramHash};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::acceptance::{Acceptance, Start};

/// So many runs may lead to an event, each by what it raised or wrote: of one with more nothing starts, so that workflows
/// which start each other come to an end.
pub const DEPTH_LIMIT: u32 = 16;

/// What starts runs when a contact's field becomes another value.
#[derive(Clone, Debug)]
pub struct Watches {
    /// The program that the runs are pinned to.
    pub program: ProgramHash,
    /// The fields.
    pub fields: Vec<Watch>,
}

/// A field whose change starts runs.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The field.
    pub field: SmolStr,
    /// What a contact has that was never given one, as JSON.
    pub default: Option<String>,
    /// The runs, whose contact is put in.
    pub starts: Vec<Start>,
}

/// The type of the events that changes of contacts are kept as. No program can declare it.
pub const CHANGED: SmolStr = SmolStr::new_static("(contact changed)");

/// Which run changed a contact, and what starts by that.
#[derive(Clone, Debug)]
pub struct Watching {
    /// What starts.
    pub watches: Arc<Watches>,
    /// The workflow of the run: it does not start itself. `None` for a change from outside.
    pub workflow: Option<SmolStr>,
    /// How many runs led to the change.
    pub depth: u32,
    /// What the runs that start have for a state until their first turn, as JSON.
    pub first_state: Option<String>,
}

/// A part of the contacts that a schedule starts a run for.
#[derive(Clone, Debug)]
pub struct TickBatch {
    /// The schedule.
    pub schedule: String,
    /// Its time.
    pub tick: Timestamp,
    /// The contact that the part begins behind: unless the part before ended with it, this one was kept already.
    pub from: i64,
    /// The contact that it ends with; `None` when it is the last.
    pub to: Option<i64>,
    /// One event for each contact.
    pub events: Vec<Acceptance>,
}

/// Where a schedule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRecord {
    /// The schedule.
    pub schedule: String,
    /// Its last time that was begun.
    pub tick: Timestamp,
    /// While that goes on: the contact that it has come to, and the last one that it is for.
    pub going_on: Option<(i64, i64)>,
}

/// Whose runs may listen to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// How its contact is found; nobody is made.
    pub ways: Vec<(Identifier, SmolStr)>,
    /// The contact when no way finds one: that of the run which raised the event.
    pub contact: Option<i64>,
    /// The workflows whose runs are meant: the keys of `Listening`.
    pub listeners: Vec<i64>,
}

/// What a turn changed about the events that its run listens to. With the end of the run all of it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListeningChange {
    /// Events up to this acceptance number were taken in.
    pub heard_up_to: Option<i64>,
    /// Events that are accepted before this do not count, but for those that the run leaves on.
    pub from: Option<Timestamp>,
}
