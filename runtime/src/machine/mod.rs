//! Decides what a run does next; performs nothing.
//!
//! An [`Input`] goes in with its time and the contact in it, [`Effect`]s come out, and the state in between, [`Saved`],
//! is plain data. No clock, no network, no store: the same inputs give the same effects, on any driver. The state is
//! kept after every [`Run::feed`], so nothing is ever replayed.

#![deny(clippy::disallowed_methods)]

pub mod decision;
pub(crate) mod delivery;
pub mod effect;
mod escape;
pub mod expression;
mod gateway;
pub mod identify;
pub mod input;
mod mail;
pub mod program;
pub mod request;
pub mod retry;
mod revive;
pub mod run;
#[cfg(test)]
mod sample;
pub mod schedule;
mod step;
pub mod template;

pub use effect::{CallSpec, Effect, Ending, MailSpec, ReasonCode, RenderedMessage, Request};
pub use input::{CallFailure, CallOutcome, Card, FailureClass, Happened, Heard, Input, SendOutcome};
pub use program::{Listening, LoadedProgram, LoadedSchedule, LoadedWorkflow};
pub use revive::Hopeless;
pub use run::{ResumeError, Retried, Run, Saved, SavedEvent, Seen, StepRecord, Waiting, idempotency_key};
pub(crate) use step::cursor_of;
