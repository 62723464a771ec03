//! Walking over values: `#foreach` and `iterator()`.

use super::failure;
use crate::error::Result;
use crate::value::{List, Map, Opaque, Value};
use std::cell::Cell;

/// A place in something that has elements.
pub(crate) struct Cursor {
    source: Source,
    index: Cell<usize>,
    /// How many elements there were: the source must not change its size on the way.
    size: usize,
}

enum Source {
    List(List),
    Map(Map),
    /// Another walk, which goes on where it stands.
    Iterator(Opaque),
}

impl Cursor {
    /// A walk over a value's elements: a map's are its values. `None` when it has none to walk over.
    pub(crate) fn over(value: &Value) -> Option<Cursor> {
        let (source, size) = match value {
            Value::List(list) => (Source::List(list.clone()), list.len()),
            Value::Map(map) => (Source::Map(map.clone()), map.len()),
            Value::Opaque(object) if object.0.walk().is_some() => (Source::Iterator(object.clone()), 0),
            Value::Opaque(object) => {
                let scope = object.downcast::<crate::render::Loop>()?;
                (Source::Map(scope.storage().clone()), scope.storage().len())
            }
            _ => return None,
        };
        Some(Cursor { source, index: Cell::new(0), size })
    }

    /// The same walk from an element on.
    pub(super) fn at(self, index: usize) -> Cursor {
        self.index.set(index);
        self
    }

    /// Shows what it walks over.
    pub(crate) fn held(&self, show: &mut dyn FnMut(&Value)) {
        match &self.source {
            Source::List(list) => show(&Value::List(list.clone())),
            Source::Map(map) => show(&Value::Map(map.clone())),
            Source::Iterator(object) => show(&Value::Opaque(object.clone())),
        }
    }

    #[inline]
    pub(crate) fn has_next(&self) -> bool {
        match &self.source {
            Source::List(list) => self.index.get() != list.len(),
            Source::Map(_) => self.index.get() < self.size,
            // A walk that fails tells so when its next element is taken.
            Source::Iterator(object) => object.0.walk().is_some_and(|walk| walk.has_next().unwrap_or(true)),
        }
    }

    /// The next element; `None` at the end.
    #[inline]
    pub(crate) fn next(&self) -> Result<Option<Value>> {
        let size = match &self.source {
            Source::List(list) => {
                let items = list.items();
                let index = self.index.get();
                if items.len() == self.size
                    && let Some(item) = items.get(index)
                {
                    self.index.set(index + 1);
                    return Ok(Some(item.clone()));
                }
                items.len()
            }
            Source::Map(map) => map.len(),
            Source::Iterator(object) => return object.0.walk().map_or(Ok(None), |walk| walk.next()),
        };
        if size != self.size {
            return Err(failure("the elements were changed on the way through them"));
        }
        let index = self.index.get();
        let element = match &self.source {
            Source::List(list) => list.get(index),
            Source::Map(map) => map.entries().get_index(index).map(|(_, value)| value.clone()),
            Source::Iterator(_) => None,
        };
        if element.is_some() {
            self.index.set(index + 1);
        }
        Ok(element)
    }
}
