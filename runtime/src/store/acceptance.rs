//! Events that are to be accepted, and what becomes of them.

use std::sync::Arc;

use compiler::ir::{ProgramHash, Reentry};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::Opening;
use super::contact::ContactRecord;
use super::progress::Recorded;
use super::run_id::RunId;
use super::trigger::Signal;
use crate::machine::identify::Lookup;
use crate::machine::{Ending, Listening};

/// An event to be accepted, with the runs that it starts.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Whose keys its id is unique among: the name of the caller's token, or the empty text.
    pub source: SmolStr,
    /// The dedup key; `None` for an event without one, which gets the id in `event_id`.
    pub key: Option<SmolStr>,
    /// The event's id: the key, or a new one.
    pub event_id: SmolStr,
    /// SHA-256 of what the caller sent, in a canonical form: the same key with another one is refused.
    pub payload_hash: [u8; 32],
    /// The event type.
    pub name: SmolStr,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// The declared parameters as a JSON object, fitted to their types.
    pub params: String,
    /// The program that the event is pinned to.
    pub program: ProgramHash,
    /// The runs that it starts, in order.
    pub starts: Vec<Start>,
    /// Workflows that it starts no run in, known before anything is looked up, with the reason code: `where`.
    pub kept_out: Vec<(SmolStr, &'static str)>,
    /// Whose runs may listen to it.
    pub signals: Vec<Signal>,
    /// How many runs led to it, each by what it wrote or raised: 0 for an event from outside.
    pub depth: u32,
    /// What its runs have for a state until their first turn, as JSON; `None` when there is nothing to remember.
    pub first_state: Option<String>,
}

/// A run that an event asks for.
#[derive(Clone, Debug)]
pub struct Start {
    /// The workflow.
    pub workflow: SmolStr,
    /// Which contact.
    pub contact: StartContact,
    /// Whether that contact may enter again.
    pub reentry: Reentry,
    /// Whether it is kept out while a run of it goes on.
    pub one_at_a_time: bool,
    /// The events that the run listens to.
    pub listening: Option<Arc<Listening>>,
    /// Who has its first turn kept with its admission, and is told of that; `None` when the run is found in the store.
    pub opening: Option<Arc<dyn Opening>>,
}

/// Which contact a run is about.
#[derive(Clone, Debug)]
pub enum StartContact {
    /// To be looked up, or made.
    Lookup(Lookup),
    /// Found before; when it is gone meanwhile, there is no run.
    Known(i64),
    /// Known before: the run ends so at once, for nobody can be looked up.
    Nobody(Ending),
}

/// What became of an event.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// It is kept.
    New {
        /// The number it was accepted under; it grows.
        acceptance: i64,
        /// What became of each run that it asked for, in order.
        runs: Vec<Admission>,
        /// Whether runs listened to it.
        heard: bool,
    },
    /// The same event was accepted before.
    Duplicate {
        /// The number it was accepted under.
        acceptance: i64,
    },
    /// An event with this key and other content was accepted before; nothing was kept.
    KeyReused,
    /// Nothing is wrong with it, but another event of an all-or-none call was refused; nothing was kept.
    Withheld,
}

/// What became of a run that an event asked for.
#[derive(Clone, Debug)]
pub enum Admission {
    /// It is admitted, with this contact.
    Admitted {
        /// The run.
        run: RunId,
        /// Its workflow.
        workflow: SmolStr,
        /// Its contact.
        contact: ContactRecord,
        /// What became of its first turn, when it is kept too.
        opened: Option<Recorded>,
    },
    /// It has ended at once; the ending is kept with it.
    Ended {
        /// The run.
        run: RunId,
        /// How.
        ending: Ending,
    },
    /// The contact was kept out; no run was made, and the event says so.
    KeptOut {
        /// `once`, `one_at_a_time` or `contact_not_found`.
        reason_code: &'static str,
    },
}
