//! Calls to other systems over HTTPS.
//!
//! An attempt is prepared, so that what will be sent can be kept before the first byte leaves, and then made. [`guard`]
//! says what may be called and [`gate`] when, [`secrets`] finds credentials, [`mask`] keeps these and sensitive texts out of history. Whether
//! there is another attempt is decided by [`crate::machine::retry`].

pub mod gate;
pub mod guard;
pub mod mask;
pub mod secrets;

mod answer;
mod attempt;
mod charset;
mod clock;
mod failure;
mod record;
mod rehearse;
mod resolve;
mod sign;

mod client;

#[cfg(test)]
pub(crate) mod tests;

pub use attempt::{AttemptInput, Prepared};
#[cfg(test)]
pub(crate) use client::Wire;
pub(crate) use client::tls;
pub use client::{AttemptResult, Client, ClientError, Observed};
pub use clock::{ConnectClock, Timed};
pub use gate::{Calls, Gate};
pub use mask::Masker;
pub use rehearse::{Rehearsed, RehearsedResult, rehearse, stand_in_secrets};
pub use secrets::{SecretError, SecretProblem, Secrets};
