//! Lists, and what else Java walks over: sets, collections and arrays share the representation and differ in methods.

use super::Value;
use std::cell::{Ref, RefCell, RefMut};
use std::rc::{Rc, Weak};

/// A list with reference semantics: clones share their elements.
#[derive(Clone)]
pub struct List(Rc<Repr>);

/// A list that is known, but not held.
pub(super) struct WeakList(Weak<Repr>);

impl WeakList {
    pub(super) fn upgrade(&self) -> Option<List> {
        self.0.upgrade().map(List)
    }
}

struct Repr {
    kind: ListKind,
    items: RefCell<Vec<Value>>,
}

/// Which of Java's sequences a [`List`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    /// `ArrayList`: can be changed.
    Growing,
    /// A list that cannot be changed.
    Immutable,
    /// `[a..b]`
    Range,
    /// An array, such as `split` makes them.
    Array,
    /// The keys of a map, or its entries.
    Set,
    /// The values of a map.
    Collection,
}

/// Nested lists and maps are taken apart one after the other: a list nested a million deep must not need a stack for it.
impl Drop for Repr {
    fn drop(&mut self) {
        super::dismantle(std::mem::take(self.items.get_mut()));
    }
}

impl List {
    /// The elements, if nobody else holds the list.
    pub(super) fn into_items(self) -> Vec<Value> {
        Rc::into_inner(self.0).map(|mut repr| std::mem::take(repr.items.get_mut())).unwrap_or_default()
    }

    /// A list of these elements.
    #[must_use]
    pub fn new(items: Vec<Value>) -> List {
        List::of(ListKind::Growing, items)
    }

    pub(crate) fn of(kind: ListKind, items: Vec<Value>) -> List {
        List(Rc::new(Repr { kind, items: RefCell::new(items) }))
    }

    pub(crate) fn kind(&self) -> ListKind {
        self.0.kind
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.items.borrow().len()
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `index`, from 0.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.0.items.borrow().get(index).cloned()
    }

    /// Adds an element at the end.
    pub fn push(&self, value: impl Into<Value>) {
        self.0.items.borrow_mut().push(value.into());
    }

    pub(crate) fn items(&self) -> Ref<'_, Vec<Value>> {
        self.0.items.borrow()
    }

    pub(crate) fn items_mut(&self) -> RefMut<'_, Vec<Value>> {
        self.0.items.borrow_mut()
    }

    pub(super) fn downgrade(&self) -> WeakList {
        WeakList(Rc::downgrade(&self.0))
    }

    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// Whether both are one and the same list.
    pub(crate) fn same(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<V: Into<Value>> FromIterator<V> for List {
    fn from_iter<I: IntoIterator<Item = V>>(iter: I) -> List {
        List::new(iter.into_iter().map(Into::into).collect())
    }
}
