//! What a run is called.

use std::fmt;
use std::str::FromStr;

use compiler::ir::StepId;
use jiff::Timestamp;
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
    /// The key of a step of the run, for the outside, in a store that is never restored: no other step, run or store has it.
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

/// What the keys that receivers see are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The number that tells the store from every other one: a new store whose runs are numbered from the start again repeats
    /// none of its keys.
    pub identity: u64,
    /// The keys of runs up to this acceptance number, which an earlier version admitted, stay what they were.
    pub without_time: i64,
}

impl Keys {
    /// A run of the store as no other is called: a store that was restored gives numbers again that were given since the copy was
    /// made, but at other times.
    pub fn name(self, run: RunId, accepted_at: Timestamp) -> String {
        let mut name = run.within(self.identity);
        if run.acceptance > self.without_time {
            name.push('@');
            name.push_str(itoa::Buffer::new().format(accepted_at.as_nanosecond()));
        }
        name
    }

    /// The key of a step of the run.
    pub fn key(self, run: RunId, accepted_at: Timestamp, step: &StepId) -> String {
        idempotency_key(&self.name(run, accepted_at), step)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_given_again_makes_another_key() {
        let (keys, run) = (Keys { identity: 1, without_time: 7 }, |acceptance| RunId { acceptance, workflow: 2 });
        let at = |second| Timestamp::from_second(second).unwrap();
        let key = |run, second| keys.key(run, at(second), &StepId("call:a".into()));
        assert_eq!(key(run(8), 1), key(run(8), 1));
        assert_ne!(key(run(8), 1), key(run(8), 2));
        assert_eq!(key(run(7), 1), run(7).key(1, &StepId("call:a".into())), "what an earlier version has admitted");
    }
}
