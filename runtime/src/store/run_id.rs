//! What a run is called.

use std::fmt;
use std::str::FromStr;

use compiler::ir::StepId;
use sha2::{Digest, Sha256};

use crate::hex;
use crate::machine::idempotency_key;

/// A run's identity, derived from what started it: the acceptance number of the event and the workflow. So starting a run
/// twice is a look-up. Written `1207-9f3a01bc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    /// The number that the event was accepted under.
    pub acceptance: i64,
    /// The first four bytes of the SHA-256 of the workflow's name.
    pub workflow: u32,
}

impl RunId {
    /// The run that an accepted event starts in a workflow.
    pub fn new(acceptance: i64, workflow: &str) -> RunId {
        let digest = Sha256::digest(workflow.as_bytes());
        let workflow = digest.iter().take(4).fold(0, |key, byte| key << 8 | u32::from(*byte));
        RunId { acceptance, workflow }
    }
}

impl RunId {
    /// The key of a step of the run, for the outside: no other step, run or store has it.
    pub fn key(self, store_identity: u64, step: &StepId) -> String {
        idempotency_key(&self.within(store_identity), step)
    }

    /// The run as no run of any other store is called.
    pub fn within(self, store_identity: u64) -> String {
        let mut text = String::with_capacity(48);
        hex::push(&mut text, &store_identity.to_be_bytes());
        text.push('/');
        self.push(&mut text);
        text
    }

    /// The run's text, behind what is there.
    fn push(self, text: &mut String) {
        text.push_str(itoa::Buffer::new().format(self.acceptance));
        text.push('-');
        hex::push(text, &self.workflow.to_be_bytes());
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(32);
        self.push(&mut text);
        out.write_str(&text)
    }
}

/// A text that is no run id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run id looks like `1207-9f3a01bc`")]
pub struct RunIdError;

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<RunId, RunIdError> {
        let (acceptance, workflow) = text.split_once('-').ok_or(RunIdError)?;
        let acceptance = acceptance.parse().map_err(|_| RunIdError)?;
        let workflow = u32::from_str_radix(workflow, 16).map_err(|_| RunIdError)?;
        Ok(RunId { acceptance, workflow })
    }
}
