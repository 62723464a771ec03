//! The durable engine: from an event to the end of the runs that it starts.
//!
//! Two seams let another engine take its place. Below, a [`Journal`] is what one [`turn`](turn::turn) of a run needs; the
//! turn feeds the machine and performs what it asks for, and knows nothing of stores. Above, [`Engine`] is what every engine
//! offers; [`Embedded`] also takes events and answers when they are durable. The rules of both: the run id is derived, so starting twice is a look-up; one turn of a run at a
//! time; wake-ups name the waiting step and stale ones are dropped; a call may be performed twice after a crash but never
//! returns two different outcomes; saved state, wake-up and end of the turn are one atomic act.

pub(crate) mod accept;
mod admit;
mod announced;
mod change;
mod clock_watch;
#[cfg(test)]
mod conformance;
mod contract;
mod embedded;
mod forget;
mod full_disk;
mod guarded;
mod job;
mod journal;
mod limits;
mod offer;
mod opening;
mod order;
mod perform;
mod programs;
mod queue;
pub(crate) mod raise;
mod release;
pub(crate) mod restored;
pub(crate) mod schedule;
mod services;
mod strikes;
mod taking_up;
mod timers;
mod turn;
mod unfit;
mod unstoppable;

pub use accept::{EventRefusal, NewEvent, Taken};
pub use contract::{Cancelled, Delivered, Engine, Started};
pub use embedded::{Embedded, EngineError, Recovery};
pub use programs::{ActiveProgram, PinError, Programs};
pub use release::Released;
pub(crate) use schedule::begun_by_itself;
pub use turn::{Begin, CallEnd, Journal, Parking, Rests, SendEnd, Stop, TurnEnd, turn};
pub use unfit::Unfit;

/// Whether an event's type is one that wf itself keeps: of a schedule, or of a change of a contact.
pub fn is_our_own(event: &str) -> bool {
    event == schedule::NAME || event == crate::store::CHANGED
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;
