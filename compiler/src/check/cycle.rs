//! Ways that come back to where they were: segments that ask for each other, workflows that start each other.

use std::collections::{BTreeMap, BTreeSet};

/// The cycles among names, each in its order from the member that is met first. `below` says what each one leads to; a name
/// that it does not have leads nowhere. Every name is walked once, so of several cycles through one name some may be found
/// only when the others are mended.
pub(crate) fn cycles<'n>(below: &BTreeMap<&'n str, BTreeSet<&'n str>>) -> Vec<Vec<&'n str>> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in below.keys() {
        // The way from `start` to here: each name on it with those that are still to be looked at.
        let mut way: Vec<(&str, Vec<&str>)> = Vec::new();
        let mut on_way: BTreeSet<&str> = BTreeSet::new();
        let mut next = (!done.contains(start)).then_some(*start);
        loop {
            if let Some(name) = next {
                on_way.insert(name);
                way.push((name, below.get(name).into_iter().flatten().copied().collect()));
            }
            let Some((name, rest)) = way.last_mut() else { break };
            let name = *name;
            next = match rest.pop() {
                None => {
                    on_way.remove(name);
                    done.insert(name);
                    way.pop();
                    None
                }
                Some(other) if on_way.contains(other) => {
                    found.push(way.iter().map(|(name, _)| *name).skip_while(|name| *name != other).collect());
                    None
                }
                Some(other) => (!done.contains(other) && below.contains_key(other)).then_some(other),
            };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::cycles;

    #[test]
    fn every_circle_is_found_once() {
        let check = |edges: &[(&'static str, &[&'static str])], expected: &[&[&str]]| {
            let below = edges.iter().map(|(name, below)| (*name, below.iter().copied().collect())).collect();
            assert_eq!(cycles(&below), expected, "{edges:?}");
        };
        check(&[], &[]);
        check(&[("a", &["b"]), ("b", &["c", "nowhere"]), ("c", &[])], &[]);
        check(&[("a", &["a"])], &[&["a"]]);
        check(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])], &[&["b", "c"]]);
        check(&[("a", &["b", "c"]), ("b", &["a"]), ("c", &["a"])], &[&["a", "c"], &["a", "b"]]);
        check(&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"]), ("d", &[])], &[]);
    }
}
