//! Calls to other systems over HTTPS.
//!
//! An attempt is prepared, so that what will be sent can be kept before the first byte leaves, and then made. [`guard`]
//! says what may be called, [`secrets`] finds credentials, [`mask`] keeps these and sensitive texts out of history. Whether
//! there is another attempt is decided by [`crate::machine::retry`].

pub mod guard;
pub mod mask;
pub mod secrets;

mod attempt;
mod failure;
mod record;

mod client;

#[cfg(test)]
pub(crate) mod tests;

use compiler::ir::StepId;
use sha2::{Digest, Sha256};

pub use attempt::{AttemptInput, Prepared};
pub use client::{AttemptResult, Client, ClientError};
pub use mask::Masker;
pub use secrets::{SecretError, SecretProblem, Secrets};

use crate::store::record::RunId;

/// What the receiver of a call knows it again by: the same for every attempt of one step of one run, in `Idempotency-Key`
/// and `webhook-id`. Hexadecimal digits.
pub fn idempotency_key(run: RunId, step: &StepId) -> String {
    let digest = Sha256::digest(format!("{run}/{}", step.0));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
