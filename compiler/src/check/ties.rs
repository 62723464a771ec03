//! Who depends on whom: which checks have looked at a declaration, and which declarations are referred to.
//!
//! It is kept beside the results of the checks, so that after an edit nobody has to look through all of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::fast::RandomState;
use smol_str::SmolStr;

use crate::names::{Changes, Index, Kind, Noted, Read};

/// A declaration.
type Declaration = (Kind, SmolStr);

/// Who depends on whom in a project.
#[derive(Debug, Default)]
pub(crate) struct Ties {
    /// By what was looked at, those whose checks have. Not there until something is checked again: most projects are
    /// checked once.
    readers: Option<HashMap<Read, HashSet<Declaration, RandomState>, RandomState>>,
    /// How many declarations refer to each one.
    referring: HashMap<Declaration, usize, RandomState>,
    /// What is referred to by more or fewer than before, or was read anew.
    moved: Vec<Declaration>,
    /// What nothing refers to.
    unused: BTreeSet<Declaration>,
}

impl Ties {
    /// Makes ready for a further run; `all` visits the notes of all checks.
    pub(crate) fn prepare(&mut self, all: impl FnOnce(&mut dyn FnMut(Kind, &SmolStr, &Noted))) {
        if self.readers.is_none() {
            let readers = self.readers.insert(HashMap::default());
            all(&mut |kind, name, noted| {
                for read in &noted.read {
                    readers.entry(read.clone()).or_default().insert((kind, name.clone()));
                }
            });
        }
    }

    /// The declarations that have to be checked again after `changes`, those that are no more among them, kind by kind.
    pub(crate) fn outdated(&self, changes: &Changes) -> BTreeSet<Declaration> {
        let readers = changes.changed().filter_map(|read| self.readers.as_ref()?.get(read)).flatten();
        readers.chain(changes.read_anew()).cloned().collect()
    }

    /// A declaration was checked: its check has noted this, and something else `before`.
    pub(crate) fn exchange(&mut self, kind: Kind, name: &SmolStr, before: Option<&Noted>, now: Option<&Noted>) {
        if let Some(readers) = &mut self.readers {
            let [before, now] = [before, now].map(|noted| noted.map_or(&[][..], |noted| &noted.read));
            for read in missing(before, now) {
                if let Some(those) = readers.get_mut(read) {
                    those.remove(&(kind, name.clone()));
                    if those.is_empty() {
                        readers.remove(read);
                    }
                }
            }
            for read in missing(now, before) {
                readers.entry(read.clone()).or_default().insert((kind, name.clone()));
            }
        }
        let [before, now] = [before, now].map(|noted| noted.map_or(&[][..], |noted| &noted.used));
        for used in missing(before, now) {
            if let Some(count) = self.referring.get_mut(used) {
                *count -= 1;
                if *count == 0 {
                    self.referring.remove(used);
                    self.moved.push(used.clone());
                }
            }
        }
        for used in missing(now, before) {
            match self.referring.get_mut(used) {
                Some(count) => *count += 1,
                None => {
                    self.referring.insert(used.clone(), 1);
                    self.moved.push(used.clone());
                }
            }
        }
    }

    /// What nothing refers to, after all checks of a run.
    pub(crate) fn unused(&mut self, index: &Index, changes: &Changes) -> &BTreeSet<Declaration> {
        let moved = std::mem::take(&mut self.moved);
        if changes.is_first() {
            for kind in Kind::ALL.into_iter().filter(|kind| kind.wants_use()) {
                let declared = index.units(kind).map(|(name, _)| (kind, name.clone()));
                self.unused.extend(declared.filter(|declared| !self.referring.contains_key(declared)));
            }
            return &self.unused;
        }
        for declaration in moved.iter().chain(changes.read_anew()) {
            let (kind, name) = declaration;
            if kind.wants_use() && index.find(*kind, name).is_some() && !self.referring.contains_key(declaration) {
                self.unused.insert(declaration.clone());
            } else {
                self.unused.remove(declaration);
            }
        }
        &self.unused
    }
}

/// What is in `one` and not in the other; both are in order.
fn missing<'n, T: Ord>(one: &'n [T], other: &'n [T]) -> impl Iterator<Item = &'n T> {
    one.iter().filter(|item| other.binary_search(item).is_err())
}
