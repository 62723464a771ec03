//! The entries of a map.

use super::{Class, Method, argument};
use crate::value::{Key, Map, Object, Value, print_within};
use std::any::Any;
use std::rc::Rc;

/// A key of a map with its value.
pub(crate) struct Entry {
    map: Map,
    key: Value,
}

impl Entry {
    pub(crate) fn value_of(map: &Map, key: &Value) -> Value {
        let object: Rc<dyn Object> = Rc::new(Entry { map: map.clone(), key: key.clone() });
        Value::from(object)
    }

    pub(crate) fn of(value: &Value) -> Option<&Entry> {
        match value {
            Value::Opaque(object) => object.downcast::<Entry>(),
            _ => None,
        }
    }

    pub(crate) fn value(&self) -> Value {
        self.map.get_value(&self.key).unwrap_or_default()
    }
}

impl Object for Entry {
    fn kind(&self) -> &'static str {
        "entry"
    }

    fn class(&self) -> Class {
        Class::Entry
    }

    fn print_within(&self, out: &mut String, depth: u32) {
        print_within(&self.key, out, depth);
        out.push('=');
        print_within(&self.value(), out, depth);
    }

    fn held(&self, show: &mut dyn FnMut(&Value)) {
        show(&Value::Map(self.map.clone()));
        show(&self.key);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

pub(super) const ENTRY: &[Method] = &[
    Method::new("getKey", &[], |_, this, _| Ok(Entry::of(this).map_or(Value::Null, |entry| entry.key.clone()))),
    Method::new("getValue", &[], |_, this, _| Ok(Entry::of(this).map_or(Value::Null, Entry::value))),
    Method::new("setValue", &[super::Type::Object], |_, this, arguments| {
        let Some(entry) = Entry::of(this) else { return Ok(Value::Null) };
        let old = entry.map.entries_mut().insert(Key::new(entry.key.clone()), argument(arguments, 0).clone());
        Ok(old.unwrap_or_default())
    }),
    Method::new("equals", &[super::Type::Object], |_, this, arguments| {
        let (Some(one), Some(other)) = (Entry::of(this), Entry::of(argument(arguments, 0))) else {
            return Ok(Value::Boolean(false));
        };
        Ok(Value::Boolean(one.key == other.key && one.value() == other.value()))
    }),
];
