//! `iterator()` as a value.

use super::{Class, Cursor, Method, failure};
use crate::error::Result;
use crate::value::{Object, Value, Walk};
use std::any::Any;
use std::rc::Rc;

/// A walk that a template holds.
pub(crate) struct Iteration {
    pub(crate) cursor: Cursor,
}

impl Iteration {
    /// A walk over a value, as a value.
    pub(crate) fn over(value: &Value) -> Value {
        match Cursor::over(value) {
            Some(cursor) => {
                let object: Rc<dyn Object> = Rc::new(Iteration { cursor });
                Value::from(object)
            }
            None => Value::Null,
        }
    }

    /// A walk that begins at an element.
    pub(super) fn from(value: &Value, index: usize) -> Value {
        match Cursor::over(value) {
            Some(cursor) => {
                let object: Rc<dyn Object> = Rc::new(Iteration { cursor: cursor.at(index) });
                Value::from(object)
            }
            None => Value::Null,
        }
    }

    pub(crate) fn of(value: &Value) -> Option<&Iteration> {
        match value {
            Value::Opaque(object) => object.downcast::<Iteration>(),
            _ => None,
        }
    }
}

impl Walk for Iteration {
    fn has_next(&self) -> Result<bool> {
        Ok(self.cursor.has_next())
    }

    fn next(&self) -> Result<Option<Value>> {
        self.cursor.next()
    }
}

impl Object for Iteration {
    fn kind(&self) -> &'static str {
        "iterator"
    }

    fn class(&self) -> Class {
        Class::Iterator
    }

    fn walk(&self) -> Option<&dyn Walk> {
        Some(self)
    }

    fn held(&self, show: &mut dyn FnMut(&Value)) {
        self.cursor.held(show);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

pub(super) const ITERATOR: &[Method] = &[
    Method::new("hasNext", &[], |_, this, _| {
        Ok(Value::Boolean(Iteration::of(this).is_some_and(|iteration| iteration.cursor.has_next())))
    }),
    Method::new("next", &[], |_, this, _| {
        let next = match Iteration::of(this) {
            Some(iteration) => iteration.cursor.next()?,
            None => None,
        };
        next.ok_or_else(|| failure("there is no further element"))
    }),
];
