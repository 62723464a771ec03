//! Names of one kind that differ in case only: people take one for the other.
//!
//! Most names are all in small letters, and for these alone there is nothing to keep.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Kind;

/// A kind, and what is left of a name of that kind in small letters.
type Small = (Kind, SmolStr);

/// The declared names that differ from others in case only.
#[derive(Clone, Debug, Default)]
pub(super) struct Alike {
    /// The names that are not all in small letters.
    cased: BTreeMap<Small, BTreeSet<SmolStr>>,
    /// Those of which there are several.
    several: BTreeSet<Small>,
}

impl Alike {
    /// A name is new. `declared` says whether there is a declaration of that kind with another name.
    pub(super) fn insert(&mut self, kind: Kind, name: &SmolStr, declared: impl FnOnce(&str) -> bool) {
        let small = small(name);
        if small != *name {
            self.cased.entry((kind, small.clone())).or_default().insert(name.clone());
        }
        self.count(kind, small, declared);
    }

    /// A name is gone.
    pub(super) fn remove(&mut self, kind: Kind, name: &SmolStr, declared: impl FnOnce(&str) -> bool) {
        let small = small(name);
        if let Some(names) = self.cased.get_mut(&(kind, small.clone())) {
            names.remove(name);
            if names.is_empty() {
                self.cased.remove(&(kind, small.clone()));
            }
        }
        self.count(kind, small, declared);
    }

    fn count(&mut self, kind: Kind, small: SmolStr, declared: impl FnOnce(&str) -> bool) {
        // What a test is called nobody refers to.
        if self.cased.is_empty() && self.several.is_empty() || kind == Kind::Test {
            return;
        }
        let cased = self.cased.get(&(kind, small.clone())).map_or(0, BTreeSet::len);
        if cased > 1 || cased == 1 && declared(&small) {
            self.several.insert((kind, small));
        } else {
            self.several.remove(&(kind, small));
        }
    }

    /// Names that differ in case only; one that is all in small letters may not be declared.
    pub(super) fn groups(&self) -> impl Iterator<Item = (Kind, impl Iterator<Item = &SmolStr>)> {
        self.several.iter().map(|small| {
            let cased = self.cased.get(small).into_iter().flatten();
            (small.0, cased.chain(std::iter::once(&small.1)))
        })
    }
}

fn small(name: &SmolStr) -> SmolStr {
    if name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return name.clone();
    }
    SmolStr::from(name.to_lowercase())
}
