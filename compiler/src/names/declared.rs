//! The declarations of one kind: those of a name in the order of their places, and the one of them that counts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use smol_str::SmolStr;

use super::unit::Unit;

/// The declarations of one name in the order of their places.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    /// The one that counts.
    pub(super) first: Arc<Unit>,
    pub(super) others: Vec<Arc<Unit>>,
}

impl Declared {
    pub(super) fn of(unit: &Arc<Unit>) -> Declared {
        Declared { first: Arc::clone(unit), others: Vec::new() }
    }

    /// With one more of them.
    pub(super) fn with(mut self, unit: &Arc<Unit>) -> Declared {
        if unit.span() < self.first.span() {
            let second = std::mem::replace(&mut self.first, Arc::clone(unit));
            self.others.insert(0, second);
        } else {
            let at = self.others.partition_point(|other| other.span() < unit.span());
            self.others.insert(at, Arc::clone(unit));
        }
        self
    }

    /// What is left without this one, if anything is.
    pub(super) fn without(mut self, unit: &Arc<Unit>) -> Option<Declared> {
        self.others.retain(|other| !Arc::ptr_eq(other, unit));
        if !Arc::ptr_eq(&self.first, unit) {
            return Some(self);
        }
        let first = (!self.others.is_empty()).then(|| self.others.remove(0))?;
        Some(Declared { first, others: self.others })
    }
}

/// The declarations of one kind by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Declarations {
    all: BTreeMap<SmolStr, Declared>,
    /// Those that count: every check looks for many by name.
    firsts: HashMap<SmolStr, Arc<Unit>, RandomState>,
}

impl Declarations {
    /// Changes what is declared under a name; gives how many declarations it then has.
    pub(super) fn change(
        &mut self,
        name: &SmolStr,
        change: impl FnOnce(Option<Declared>) -> Option<Declared>,
    ) -> usize {
        let Some(declared) = change(self.all.remove(name)) else {
            self.firsts.remove(name);
            return 0;
        };
        let count = 1 + declared.others.len();
        self.firsts.insert(name.clone(), Arc::clone(&declared.first));
        self.all.insert(name.clone(), declared);
        count
    }

    /// All that is declared under a name.
    pub(super) fn all_of(&self, name: &str) -> Option<&Declared> {
        self.all.get(name)
    }

    /// The declaration of a name that counts.
    pub(super) fn find(&self, name: &str) -> Option<&Arc<Unit>> {
        self.firsts.get(name)
    }

    /// The declarations that count, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&SmolStr, &Arc<Unit>)> {
        self.all.iter().map(|(name, declared)| (name, &declared.first))
    }
}
