//! Two maps side by side.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a name stands for on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pair<'a, T> {
    /// On the new side alone.
    Added(&'a T),
    /// On the old side alone.
    Removed(&'a T),
    /// On both, alike or not.
    Both(&'a T, &'a T),
}

impl<T: PartialEq> Pair<'_, Arc<T>> {
    /// Whether both sides have it and mean the same; what was made once is known to be the same without a look.
    pub(crate) fn is_same(&self) -> bool {
        match self {
            Pair::Both(old, new) => Arc::ptr_eq(old, new) || old == new,
            Pair::Added(_) | Pair::Removed(_) => false,
        }
    }
}

/// All names of two maps in their order, each with what it stands for.
pub(crate) fn pairs<'a, K: Ord, T>(
    base: &'a BTreeMap<K, T>,
    head: &'a BTreeMap<K, T>,
) -> impl Iterator<Item = (&'a K, Pair<'a, T>)> {
    let (mut base, mut head) = (base.iter().peekable(), head.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (base.peek(), head.peek()) {
            (Some((old, _)), Some((new, _))) => old.cmp(new),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => base.next().map(|(name, old)| (name, Pair::Removed(old))),
            Ordering::Greater => head.next().map(|(name, new)| (name, Pair::Added(new))),
            Ordering::Equal => base.next().zip(head.next()).map(|((name, old), (_, new))| (name, Pair::Both(old, new))),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_met_once_and_in_order() {
        let map = |names: &str| names.chars().map(|name| (name, name.to_string())).collect::<BTreeMap<_, _>>();
        let cases = [("", "", ""), ("ac", "", "-a -c"), ("", "ac", "+a +c"), ("abd", "bce", "-a =b +c -d +e")];
        for (base, head, expected) in cases {
            let (base, head) = (map(base), map(head));
            let found: Vec<String> = pairs(&base, &head)
                .map(|(name, pair)| match pair {
                    Pair::Added(_) => format!("+{name}"),
                    Pair::Removed(_) => format!("-{name}"),
                    Pair::Both(..) => format!("={name}"),
                })
                .collect();
            assert_eq!(found.join(" "), expected);
        }
    }
}
