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
    entries.into_iter().flat_map(|(key, value)| [key.value, value]).collect()
}

/// The entries of a map. Hashing is keyed at random per process: keys come from strangers.
pub(crate) type Entries = IndexMap<Key, Value, foldhash::fast::RandomState>;

/// A value as a key: Java's `equals` and `hashCode`.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) value: Value,
    /// Of a text, its first letters.
    packed: Packed,
}

impl Key {
    pub(crate) fn new(value: Value) -> Key {
        let packed = match &value {
            Value::String(text) => Packed::of(text),
            _ => Packed::default(),
        };
        Key { value, packed }
    }
}

/// A text of up to 15 bytes in two words, as wide as most keys and compared at once. The last byte is one more than its
/// length; what is longer has 255 there, and what is no text is all zeros.
#[derive(Clone, Copy, Debug, Default)]
struct Packed([u64; 2]);

impl Packed {
    fn of(text: &str) -> Packed {
        let mut bytes = [0; 16];
        for (place, byte) in bytes.iter_mut().zip(text.bytes().take(15)) {
            *place = byte;
        }
        if let Some(last) = bytes.last_mut() {
            // The empty text must not look like what is no text.
            *last = u8::try_from(text.len() + 1).ok().filter(|length| *length <= 16).unwrap_or(u8::MAX);
        }
        let (words, _) = bytes.as_chunks::<8>();
        Packed(words.first_chunk::<2>().map_or([0, 0], |words| words.map(u64::from_le_bytes)))
    }
}

/// The text of a key that a template asks for.
#[derive(Debug)]
pub(crate) struct TextKey {
    name: SmolStr,
    packed: Packed,
    /// Whether nothing but the packed text has to be compared.
    short: bool,
}

impl TextKey {
    pub(crate) fn new(name: SmolStr) -> TextKey {
        TextKey { packed: Packed::of(&name), short: name.len() <= 15, name }
    }

    #[inline(always)]
    fn is(&self, key: &Key) -> bool {
        let (Packed([first, second]), Packed([other_first, other_second])) = (self.packed, key.packed);
        // One comparison of both words.
        ((first ^ other_first) | (second ^ other_second)) == 0 && (self.short || self.is_long(key))
    }

    #[inline(never)]
    fn is_long(&self, key: &Key) -> bool {
        matches!(&key.value, Value::String(text) if *text == self.name)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        equality::equals(&self.value, &other.value)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        equality::hash(&self.value, state);
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
        matches!(&key.value, Value::String(text) if text == self.0)
    }
}

/// Where one step of a template found its key the last time. The maps of a list have mostly the same keys in the same
/// order, so a look there spares the hashing.
#[derive(Debug, Default)]
pub(crate) struct Place(AtomicU32);

impl Place {
    /// The value under a text key, if it is where it was the last time.
    #[inline(always)]
    pub(crate) fn again<'e>(&self, entries: &'e Entries, key: &TextKey) -> Option<&'e Value> {
        let place = self.0.load(Ordering::Relaxed) as usize;
        match entries.get_index(place) {
            Some((found, value)) if key.is(found) => Some(value),
            _ => None,
        }
    }

    /// The value under a text key.
    pub(crate) fn find<'e>(&self, entries: &'e Entries, key: &TextKey) -> Option<&'e Value> {
        if let Some(value) = self.again(entries, key) {
            return Some(value);
        }
        // To look through few keys takes less than to hash one.
        let place = if entries.len() <= 8 {
            entries.keys().position(|found| key.is(found))?
        } else {
            entries.get_index_of(&Text(&key.name))?
        };
        self.0.store(u32::try_from(place).unwrap_or(0), Ordering::Relaxed);
        entries.get_index(place).map(|(_, value)| value)
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
            other => self.0.0.borrow().get(&Key::new(other.clone())).cloned(),
        }
    }

    /// Gives a key a value, and returns the one it had.
    pub fn insert(&self, key: impl Into<Value>, value: impl Into<Value>) -> Option<Value> {
        self.0.0.borrow_mut().insert(Key::new(key.into()), value.into())
    }

    /// The entries as they are now, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Value, Value)> {
        let entries: Vec<_> = self.0.0.borrow().iter().map(|(key, value)| (key.value.clone(), value.clone())).collect();
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
        let entries = iter.into_iter().map(|(key, value)| (Key::new(key.into()), value.into())).collect();
        Map(Rc::new(Repr(RefCell::new(entries))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_text_whatever_its_length() {
        let mut texts: Vec<String> = (0..40).map(|length| "k".repeat(length)).collect();
        texts.extend((14..18).flat_map(|length| ["\0", "kkkkkkkkkkkkk\0", "ä"].map(|end| "k".repeat(length) + end)));
        texts.extend(["\0", "\0\0", "\u{10}", "ключ", "довгий ключ", "довгий ключ!"].map(str::to_owned));
        for wanted in &texts {
            let key = TextKey::new(SmolStr::new(wanted));
            for text in &texts {
                assert_eq!(key.is(&Key::new(Value::string(text.as_str()))), wanted == text, "{wanted:?} {text:?}");
            }
            for other in [Value::Null, Value::from(0), Value::list([1]), Value::Character(u16::from(b'k'))] {
                assert!(!key.is(&Key::new(other)), "{wanted:?}");
            }
        }
    }

    #[test]
    fn a_place_that_was_right_once_is_looked_at_and_not_trusted() {
        let key = TextKey::new(SmolStr::new("b"));
        let place = Place::default();
        let map = |names: &[&'static str]| names.iter().map(|name| (*name, *name)).collect::<Map>();
        let many: Vec<&'static str> = vec!["c", "d", "e", "f", "g", "h", "i", "j", "k", "b"];
        for (names, there) in [
            (vec!["a", "b"], true),
            (vec!["b", "a"], true),
            (vec!["a", "c"], false),
            (vec![], false),
            (many, true),
            (vec!["b"], true),
        ] {
            let map = map(&names);
            let entries = map.entries();
            let found = place.find(&entries, &key).map(ToString::to_string);
            assert_eq!(found.as_deref(), there.then_some("b"), "{names:?}");
        }
    }
}
