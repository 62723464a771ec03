//! What earlier programs declared and the one that runs does not.

use std::collections::{BTreeMap, BTreeSet};

use compiler::ir::ProgramHash;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::super::Api;
use super::super::problem::Problem;

/// So many activations are looked back over, and at most so many programs are read.
const ACTIVATIONS: usize = 1_000;
const PROGRAMS: usize = 64;

/// A declaration that is gone.
#[derive(Debug, Serialize)]
pub(super) struct Removed {
    /// The last program that had it.
    pub(super) last_program: String,
    /// When that program was activated last.
    pub(super) last_activated_at: Timestamp,
    /// When a program without it took its place.
    pub(super) removed_at: Timestamp,
    /// The declaration, as that program has it.
    #[serde(skip)]
    pub(super) declaration: Box<RawValue>,
}

/// The declarations of a program of any version, unread.
#[derive(Deserialize)]
pub(super) struct Declarations {
    #[serde(default)]
    pub(super) webhooks: BTreeMap<SmolStr, Box<RawValue>>,
    #[serde(default)]
    pub(super) connectors: BTreeMap<SmolStr, Box<RawValue>>,
    #[serde(default)]
    pub(super) messages: BTreeMap<SmolStr, Box<RawValue>>,
    #[serde(default)]
    pub(super) workflows: BTreeMap<SmolStr, Box<RawValue>>,
}

type Kind = fn(Declarations) -> BTreeMap<SmolStr, Box<RawValue>>;

/// Everything of a kind that an earlier program had last, by name. `declared` says what there is now.
pub(super) async fn removed<'a>(
    api: &Api,
    declared: impl Iterator<Item = &'a SmolStr>,
    kind: Kind,
) -> Result<Vec<(SmolStr, Removed)>, Problem> {
    let mut known: BTreeSet<SmolStr> = declared.cloned().collect();
    let mut read: BTreeSet<ProgramHash> = BTreeSet::new();
    let mut gone: BTreeMap<SmolStr, Removed> = BTreeMap::new();
    let mut after: Option<Timestamp> = None;
    // From the newest back: the first program that has it is the last that had it.
    for activation in api.store.activations(ACTIVATIONS).await? {
        let is_new = read.len() < PROGRAMS && read.insert(activation.program.clone());
        let removed_at = after.replace(activation.at);
        let (true, Some(removed_at)) = (is_new, removed_at) else { continue };
        let Some(json) = api.store.program(activation.program.clone()).await? else { continue };
        let Ok(declarations) = serde_json::from_str::<Declarations>(&json) else { continue };
        for (name, declaration) in kind(declarations) {
            if known.insert(name.clone()) {
                let last_program = activation.program.to_string();
                gone.insert(name, Removed { last_program, last_activated_at: activation.at, removed_at, declaration });
            }
        }
    }
    Ok(gone.into_iter().collect())
}
