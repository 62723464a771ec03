//! Maps that keep the order in which their keys came, as Java's `LinkedHashMap`.

use super::{Value, equality};
use indexmap::{Equivalent, IndexMap};
use smol_str::SmolStr;
use std::cell::{Ref, RefCell, RefMut};
use std::hash::{Hash, Hasher};
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicU32, Ordering};

/// A map with reference semantics: clones share their entries.
#[derive(Clone, Default)]
pub struct Map(Rc<Repr>);

/// A map that is known, but not held.
pub(super) struct WeakMap(Weak<Repr>);

impl WeakMap {
    pub(super) fn upgrade(&self) -> Option<Map> {
        self.0.upgrade().map(Map)
    }
}

#[derive(Default)]
struct Repr(RefCell<Entries>);

/// As with lists: one after the other.
impl Drop for Repr {
    fn drop(&mut self) {
        super::dismantle(values(std::mem::take(self.0.get_mut())));
    }
}

fn values(entries: Entries) -> Vec<Value> {
    entries.into_iter().flat_map(|(key, value)| [key.0, value]).collect()
}

/// The entries of a map. Hashing is keyed at random per process: keys come from strangers.
pub(crate) type Entries = IndexMap<Key, Value, foldhash::fast::RandomState>;

/// A value as a key: Java's `equals` and `hashCode`.
#[derive(Clone, Debug)]
pub(crate) struct Key(pub(crate) Value);

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        equality::equals(&self.0, &other.0)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        equality::hash(&self.0, state);
    }
}

/// A text that finds the key it is equal to, without becoming a value.
struct Text<'a>(&'a str);

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        equality::hash_text(self.0, state);
    }
}

impl Equivalent<Key> for Text<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        matches!(&key.0, Value::String(text) if text == self.0)
    }
}

/// Where one step of a template found its key the last time. The maps of a list have mostly the same keys in the same
/// order, so a look there spares the hashing.
#[derive(Debug, Default)]
pub(crate) struct Place(AtomicU32);

impl Place {
    /// The value under a text key.
    #[inline(always)]
    pub(crate) fn find<'e>(&self, entries: &'e Entries, key: &SmolStr) -> Option<&'e Value> {
        let place = self.0.load(Ordering::Relaxed) as usize;
        if let Some((Key(Value::String(found)), value)) = entries.get_index(place)
            && found == key
        {
            return Some(value);
        }
        self.search(entries, key)
    }

    #[inline(never)]
    fn search<'e>(&self, entries: &'e Entries, key: &SmolStr) -> Option<&'e Value> {
        let (place, _, value) = entries.get_full(&Text(key))?;
        self.0.store(u32::try_from(place).unwrap_or(0), Ordering::Relaxed);
        Some(value)
    }
}

impl Map {
    /// The keys and values, if nobody else holds the map.
    pub(super) fn into_values(self) -> Vec<Value> {
        Rc::into_inner(self.0).map(|mut repr| values(std::mem::take(repr.0.get_mut()))).unwrap_or_default()
    }

    /// A map without entries.
    #[must_use]
    pub fn new() -> Map {
        Map::default()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.0.borrow().len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value under a text key.
    #[must_use]
    #[inline]
    pub fn get(&self, key: &str) -> Option<Value> {
        self.0.0.borrow().get(&Text(key)).cloned()
    }

    /// The value under any key.
    #[must_use]
    pub fn get_value(&self, key: &Value) -> Option<Value> {
        match key {
            Value::String(text) => self.get(text),
            other => self.0.0.borrow().get(&Key(other.clone())).cloned(),
        }
    }

    /// Gives a key a value, and returns the one it had.
    pub fn insert(&self, key: impl Into<Value>, value: impl Into<Value>) -> Option<Value> {
        self.0.0.borrow_mut().insert(Key(key.into()), value.into())
    }

    /// The entries as they are now, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Value, Value)> {
        let entries: Vec<_> = self.0.0.borrow().iter().map(|(key, value)| (key.0.clone(), value.clone())).collect();
        entries.into_iter()
    }

    pub(crate) fn entries(&self) -> Ref<'_, Entries> {
        self.0.0.borrow()
    }

    pub(crate) fn entries_mut(&self) -> RefMut<'_, Entries> {
        self.0.0.borrow_mut()
    }

    pub(super) fn downgrade(&self) -> WeakMap {
        WeakMap(Rc::downgrade(&self.0))
    }

    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// Whether both are one and the same map.
    pub(crate) fn same(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Map {
        let entries = iter.into_iter().map(|(key, value)| (Key(key.into()), value.into())).collect();
        Map(Rc::new(Repr(RefCell::new(entries))))
    }
}
