//! Streams, as far as they need no functions.

use super::iterator::Iteration;
use super::list::{natural_order, sort_by};
use super::{Class, Method, Type, argument, failure};
use crate::error::Result;
use crate::value::{List, ListKind, Object, Value};
use std::any::Any;
use std::rc::Rc;

/// Elements on their way.
struct Stream(Vec<Value>);

impl Object for Stream {
    fn kind(&self) -> &'static str {
        "stream"
    }

    fn class(&self) -> Class {
        Class::Stream
    }

    fn held(&self, show: &mut dyn FnMut(&Value)) {
        self.0.iter().for_each(show);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A stream of these elements.
pub(super) fn of(items: Vec<Value>) -> Value {
    let object: Rc<dyn Object> = Rc::new(Stream(items));
    Value::from(object)
}

fn this(value: &Value) -> Result<&[Value]> {
    match value {
        Value::Opaque(object) if let Some(stream) = object.downcast::<Stream>() => Ok(&stream.0),
        _ => Err(failure("this is no stream")),
    }
}

fn count(arguments: &[Value]) -> Result<usize> {
    match argument(arguments, 0) {
        Value::Long(number) if *number >= 0 => Ok(usize::try_from(*number).unwrap_or(usize::MAX)),
        _ => Err(failure("a negative count")),
    }
}

pub(super) const STREAM: &[Method] = &[
    Method::new("count", &[], |_, value, _| Ok(Value::Long(i64::try_from(this(value)?.len()).unwrap_or(i64::MAX)))),
    Method::new("distinct", &[], |machine, value, _| {
        let items = this(value)?;
        for item in items {
            machine.spend_compared(item, items.len())?;
        }
        let mut distinct: Vec<Value> = Vec::new();
        for item in items {
            if !distinct.contains(item) {
                distinct.push(item.clone());
            }
        }
        Ok(of(distinct))
    }),
    Method::new("sorted", &[], |machine, value, _| {
        let mut items = this(value)?.to_vec();
        machine.spend_sorted(&items)?;
        sort_by(&mut items, natural_order)?;
        Ok(of(items))
    }),
    Method::new("limit", &[Type::Long], |_, value, arguments| {
        Ok(of(this(value)?.iter().take(count(arguments)?).cloned().collect()))
    }),
    Method::new("skip", &[Type::Long], |_, value, arguments| {
        Ok(of(this(value)?.iter().skip(count(arguments)?).cloned().collect()))
    }),
    Method::new("toList", &[], |_, value, _| Ok(Value::List(List::of(ListKind::Immutable, this(value)?.to_vec())))),
    Method::new("toArray", &[], |_, value, _| Ok(Value::List(List::of(ListKind::Array, this(value)?.to_vec())))),
    Method::new("iterator", &[], |_, value, _| Ok(Iteration::over(&Value::from(this(value)?.to_vec())))),
];
