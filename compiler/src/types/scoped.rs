//! A map by name whose clones share what they have in common.
//!
//! Every step of a workflow has a scope of its own that differs from the one before it by an entry or two, and all of them are
//! kept. So that a workflow of many steps takes no quadratic time, a clone copies nothing, a change copies the way to its
//! entry, and where two ways meet only what they do not share is looked at.
//!
//! It is a treap whose priorities are hashes of the names: its shape depends on its names alone, not on the order in which
//! they came, so that what two maps have in common stays shared whatever was done to each.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use smol_str::SmolStr;

/// A map by name that is cheap to clone; in the order of the names.
pub struct Scoped<V> {
    root: Link<V>,
}

type Link<V> = Option<Arc<Node<V>>>;

#[derive(Clone)]
struct Node<V> {
    name: SmolStr,
    value: V,
    priority: u64,
    left: Link<V>,
    right: Link<V>,
}

impl<V> Node<V> {
    /// The node of the highest rank stands above all others.
    fn rank(&self) -> (u64, &str) {
        (self.priority, &self.name)
    }
}

impl<V> Scoped<V> {
    /// What stands under `name`.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.get_key_value(name).map(|(_, value)| value)
    }

    /// What stands under `name`, with the name.
    pub fn get_key_value(&self, name: &str) -> Option<(&SmolStr, &V)> {
        let mut link = &self.root;
        while let Some(node) = link {
            link = match name.cmp(&node.name) {
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
                Ordering::Equal => return Some((&node.name, &node.value)),
            };
        }
        None
    }

    /// Whether nothing stands in it.
    pub const fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Whether something stands under `name`.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All entries in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&SmolStr, &V)> {
        self.iter_from("")
    }

    /// The entries whose names are not less than `name`, in their order.
    pub fn iter_from(&self, name: &str) -> impl Iterator<Item = (&SmolStr, &V)> {
        let mut ahead = Vec::new();
        let mut link = &self.root;
        while let Some(node) = link {
            link = if node.name.as_str() < name {
                &node.right
            } else {
                ahead.push(&**node);
                &node.left
            };
        }
        std::iter::from_fn(move || {
            let node = ahead.pop()?;
            let mut link = &node.right;
            while let Some(next) = link {
                ahead.push(&**next);
                link = &next.left;
            }
            Some((&node.name, &node.value))
        })
    }

    /// Its names in their order.
    pub fn keys(&self) -> impl Iterator<Item = &SmolStr> {
        self.iter().map(|(name, _)| name)
    }
}

impl<V: Clone> Scoped<V> {
    /// Puts `value` under `name`, in the place of what stands there.
    pub fn insert(&mut self, name: SmolStr, value: V) {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        insert(&mut self.root, Node { priority: hasher.finish(), name, value, left: None, right: None });
    }

    /// Takes out what stands under `name`.
    pub fn remove(&mut self, name: &str) {
        if self.contains_key(name) {
            remove(&mut self.root, name);
        }
    }

    /// What comes of two maps if `join` is asked for each name that stands in one of them, or in both. It has to leave
    /// two equal values as they are: what the maps share is not looked at.
    pub fn meet(&self, other: &Self, join: impl Fn(Option<&V>, Option<&V>) -> Option<V>) -> Self {
        Scoped { root: meet(&self.root, &other.root, &join) }
    }
}

fn insert<V: Clone>(link: &mut Link<V>, mut new: Node<V>) {
    match link {
        Some(node) if node.rank() == new.rank() => Arc::make_mut(node).value = new.value,
        Some(node) if node.rank() > new.rank() => {
            let node = Arc::make_mut(node);
            insert(if new.name < node.name { &mut node.left } else { &mut node.right }, new);
        }
        _ => {
            // Had it been there already, it would stand above what is here.
            (new.left, _, new.right) = split(link.take(), &new.name);
            *link = Some(Arc::new(new));
        }
    }
}

fn remove<V: Clone>(link: &mut Link<V>, name: &str) {
    let Some(node) = link else { return };
    match name.cmp(&node.name) {
        Ordering::Less => remove(&mut Arc::make_mut(node).left, name),
        Ordering::Greater => remove(&mut Arc::make_mut(node).right, name),
        Ordering::Equal => *link = concat(node.left.clone(), node.right.clone()),
    }
}

/// Pairs of maps' parts that were found to be alike, so that what many maps share is compared once.
///
/// It knows them by their places: it is used for maps that stay while it does.
#[derive(Debug, Default)]
pub struct Alike {
    pairs: HashSet<(usize, usize)>,
}

impl Alike {
    /// Whether two maps have the same names, with values that are the `same`.
    pub fn are<V>(&mut self, one: &Scoped<V>, other: &Scoped<V>, same: impl Fn(&V, &V) -> bool) -> bool {
        self.links(&one.root, &other.root, &same)
    }

    fn links<V>(&mut self, one: &Link<V>, other: &Link<V>, same: &impl Fn(&V, &V) -> bool) -> bool {
        let (one, other) = match (one, other) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => return one.is_none() && other.is_none(),
        };
        let pair = (Arc::as_ptr(one).addr(), Arc::as_ptr(other).addr());
        if Arc::ptr_eq(one, other) || self.pairs.contains(&pair) {
            return true;
        }
        let alike = one.name == other.name
            && same(&one.value, &other.value)
            && self.links(&one.left, &other.left, same)
            && self.links(&one.right, &other.right, same);
        if alike {
            self.pairs.insert(pair);
        }
        alike
    }
}

/// What stands before `name`, under it, and behind it.
fn split<V: Clone>(link: Link<V>, name: &str) -> (Link<V>, Option<V>, Link<V>) {
    let Some(node) = link else { return (None, None, None) };
    let mut node = Arc::unwrap_or_clone(node);
    match name.cmp(&node.name) {
        Ordering::Less => {
            let (before, found, behind) = split(node.left.take(), name);
            node.left = behind;
            (before, found, Some(Arc::new(node)))
        }
        Ordering::Greater => {
            let (before, found, behind) = split(node.right.take(), name);
            node.right = before;
            (Some(Arc::new(node)), found, behind)
        }
        Ordering::Equal => (node.left, Some(node.value), node.right),
    }
}

/// One of two, all names of the first before all of the second.
fn concat<V: Clone>(one: Link<V>, other: Link<V>) -> Link<V> {
    match (one, other) {
        (Some(mut one), Some(mut other)) => Some(if one.rank() > other.rank() {
            let top = Arc::make_mut(&mut one);
            top.right = concat(top.right.take(), Some(other));
            one
        } else {
            let top = Arc::make_mut(&mut other);
            top.left = concat(Some(one), top.left.take());
            other
        }),
        (one, other) => one.or(other),
    }
}

fn meet<V: Clone>(one: &Link<V>, other: &Link<V>, join: &impl Fn(Option<&V>, Option<&V>) -> Option<V>) -> Link<V> {
    let first = match (one, other) {
        (Some(one), Some(other)) if Arc::ptr_eq(one, other) => return Some(Arc::clone(one)),
        (Some(one), Some(other)) => one.rank() >= other.rank(),
        (one, _) => one.is_some(),
    };
    let (top, low) = if first { (one, other) } else { (other, one) };
    let Some(top) = top else { return None };
    let (before, found, behind) = split(low.clone(), &top.name);
    let (left, value, right) = if first {
        (meet(&top.left, &before, join), join(Some(&top.value), found.as_ref()), meet(&top.right, &behind, join))
    } else {
        (meet(&before, &top.left, join), join(found.as_ref(), Some(&top.value)), meet(&behind, &top.right, join))
    };
    match value {
        Some(value) => {
            let (name, priority) = (top.name.clone(), top.priority);
            Some(Arc::new(Node { name, value, priority, left, right }))
        }
        None => concat(left, right),
    }
}

impl<V> Clone for Scoped<V> {
    fn clone(&self) -> Self {
        Scoped { root: self.root.clone() }
    }
}

impl<V> Default for Scoped<V> {
    fn default() -> Self {
        Scoped { root: None }
    }
}

impl<V: fmt::Debug> fmt::Debug for Scoped<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<V: Ord> PartialEq for Scoped<V> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<V: Ord> Eq for Scoped<V> {}

impl<V: Ord> PartialOrd for Scoped<V> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<V: Ord> Ord for Scoped<V> {
    /// Some order, so that maps can be kept in a set: what two of them share is not looked at.
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.root, &other.root)
    }
}

fn compare<V: Ord>(one: &Link<V>, other: &Link<V>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) if Arc::ptr_eq(one, other) => Ordering::Equal,
        (Some(one), Some(other)) => (one.rank(), &one.value)
            .cmp(&(other.rank(), &other.value))
            .then_with(|| compare(&one.left, &other.left))
            .then_with(|| compare(&one.right, &other.right)),
        (one, other) => one.is_some().cmp(&other.is_some()),
    }
}

impl<V: Clone> FromIterator<(SmolStr, V)> for Scoped<V> {
    fn from_iter<I: IntoIterator<Item = (SmolStr, V)>>(entries: I) -> Self {
        let mut map = Scoped::default();
        entries.into_iter().for_each(|(name, value)| map.insert(name, value));
        map
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Model = BTreeMap<SmolStr, u8>;

    /// The two hold the same, in the same order, and answer alike.
    #[track_caller]
    fn check(map: &Scoped<u8>, model: &Model) {
        assert!(map.iter().eq(model.iter()), "{map:?} is not {model:?}");
        let rebuilt: Scoped<u8> = model.iter().rev().map(|(name, value)| (name.clone(), *value)).collect();
        assert_eq!(*map, rebuilt);
        assert_eq!(shape(&map.root), shape(&rebuilt.root), "the shape depends on the names alone");
        for name in ["", "a", "b5", "c9", "zz"] {
            assert_eq!(map.get(name), model.get(name));
            assert!(map.iter_from(name).eq(model.range(SmolStr::new(name)..)), "from {name}");
        }
    }

    fn shape(link: &Link<u8>) -> String {
        link.as_ref()
            .map_or_else(String::new, |node| format!("({}{}{})", shape(&node.left), node.name, shape(&node.right)))
    }

    fn changes() -> impl Strategy<Value = Vec<(SmolStr, Option<u8>)>> {
        let name = "[a-c][0-9]?".prop_map(SmolStr::from);
        prop::collection::vec((name, prop::option::weighted(0.7, any::<u8>())), 0..40)
    }

    fn apply(map: &mut Scoped<u8>, model: &mut Model, changes: Vec<(SmolStr, Option<u8>)>) {
        for (name, value) in changes {
            match value {
                Some(value) => {
                    map.insert(name.clone(), value);
                    model.insert(name, value);
                }
                None => {
                    map.remove(&name);
                    model.remove(&name);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn it_is_a_map_and_its_clones_are_their_own(common in changes(), one in changes(), other in changes()) {
            let (mut map, mut model) = (Scoped::default(), Model::new());
            apply(&mut map, &mut model, common);
            let (before, model_before) = (map.clone(), model.clone());
            let (mut second, mut second_model) = (map.clone(), model.clone());
            apply(&mut map, &mut model, one);
            apply(&mut second, &mut second_model, other);
            check(&before, &model_before);
            check(&map, &model);
            check(&second, &second_model);
            prop_assert_eq!(map == second, model == second_model);
            prop_assert_eq!(map.cmp(&second), second.cmp(&map).reverse());
            let mut alike = Alike::default();
            let rebuilt: Scoped<u8> = model.clone().into_iter().collect();
            prop_assert_eq!(alike.are(&map, &second, u8::eq), model == second_model);
            prop_assert!(alike.are(&map, &rebuilt, u8::eq) && alike.are(&map, &rebuilt, u8::eq));
            prop_assert_eq!(alike.are(&rebuilt, &second, u8::eq), model == second_model);
            // All names, with the larger value; and those of both.
            let all = map.meet(&second, |one, other| one.max(other).copied());
            let names = model.keys().chain(second_model.keys());
            check(&all, &names.map(|name| (name.clone(), *model.get(name).max(second_model.get(name)).unwrap())).collect());
            let both = map.meet(&second, |one, other| one.min(other).copied());
            let names = model.iter().filter(|(name, _)| second_model.contains_key(*name));
            check(&both, &names.map(|(name, value)| (name.clone(), *value.min(&second_model[name]))).collect());
        }
    }

    /// How many names are asked for while `size` scopes, each with a name more, meet a way that adds one of its own.
    fn asked(size: usize) -> usize {
        let asked = Cell::new(0);
        let mut map = Scoped::default();
        for number in 0..size {
            let mut way = map.clone();
            way.insert(format!("way_{number}").into(), number);
            map.insert(format!("call_{number}").into(), number);
            map = map.meet(&way, |one, other| {
                asked.set(asked.get() + 1);
                one.or(other).copied()
            });
        }
        assert_eq!(map.iter().count(), 2 * size);
        asked.get()
    }

    #[test]
    fn ways_that_share_most_meet_without_a_look_at_it() {
        let (few, many) = (asked(500), asked(2_000));
        assert!(many < 6 * few, "{many} for four times what takes {few}");
    }
}
