//! Two maps side by side.

use std::collections::{BTreeMap, BTreeSet};

/// What a name stands for on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pair<'a, T> {
    /// On the new side alone.
    Added(&'a T),
    /// On the old side alone.
    Removed(&'a T),
    /// On both, alike or not.
    Both(&'a T, &'a T),
}

/// All names of two maps in their order, each with what it stands for.
pub(super) fn pairs<'a, K: Ord, T>(
    base: &'a BTreeMap<K, T>,
    head: &'a BTreeMap<K, T>,
) -> impl Iterator<Item = (&'a K, Pair<'a, T>)> {
    let keys: BTreeSet<&K> = base.keys().chain(head.keys()).collect();
    keys.into_iter().filter_map(|key| {
        let pair = match (base.get(key), head.get(key)) {
            (Some(before), Some(after)) => Pair::Both(before, after),
            (Some(before), None) => Pair::Removed(before),
            (None, Some(after)) => Pair::Added(after),
            (None, None) => return None,
        };
        Some((key, pair))
    })
}
