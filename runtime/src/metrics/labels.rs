//! The labels, and how many values they may have.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use prometheus_client::encoding::EncodeLabelSet;

/// So many values a label from a program may have; the others are counted together.
const MOST: usize = 200;
/// What stands for the others.
const OTHERS: &str = "(other)";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Reason {
    pub(super) reason: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Kind {
    pub(super) kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Status {
    pub(super) status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Workflow {
    pub(super) workflow: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Ended {
    pub(super) workflow: String,
    pub(super) status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Attempt {
    pub(super) host: String,
    pub(super) outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Hash {
    pub(super) hash: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Version {
    pub(super) version: &'static str,
}

/// The first so many names that came up.
#[derive(Debug, Default)]
pub(super) struct Bounded(RwLock<HashSet<String>>);

impl Bounded {
    /// The name, or what stands for all that came too late.
    pub(super) fn name(&self, name: &str) -> String {
        let known = |names: &HashSet<String>| match names.contains(name) {
            true => Some(name.to_owned()),
            false if names.len() >= MOST => Some(OTHERS.to_owned()),
            false => None,
        };
        let found = known(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        found.unwrap_or_else(|| {
            let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
            known(&names).unwrap_or_else(|| {
                names.insert(name.to_owned());
                name.to_owned()
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_so_many_values_at_most() {
        let names = Bounded::default();
        let all: HashSet<String> = (0..1_000).map(|number| names.name(&format!("w{number}"))).collect();
        assert_eq!(all.len(), MOST + 1);
        assert_eq!(names.name("w1"), "w1");
        assert_eq!(names.name("w999"), OTHERS);
    }
}
