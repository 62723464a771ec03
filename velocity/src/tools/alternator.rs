//! `$alternator`: values that take turns.

use crate::error::Result;
use crate::methods::{Class, Method, Type, argument, failure};
use crate::value::{Object, Value, print_within};
use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

/// Values, one of which is shown at a time.
struct Alternator {
    values: Vec<Value>,
    index: Cell<usize>,
    /// Whether being printed brings the next one.
    auto: Cell<bool>,
}

impl Alternator {
    fn current(&self) -> Value {
        self.values.get(self.index.get()).cloned().unwrap_or_default()
    }

    fn shift(&self) {
        self.index.set((self.index.get() + 1) % self.values.len().max(1));
    }
}

impl Object for Alternator {
    fn kind(&self) -> &'static str {
        "alternator"
    }

    fn class(&self) -> Class {
        Class::Alternator
    }

    fn print_within(&self, out: &mut String, depth: u32) {
        let current = self.current();
        if self.auto.get() {
            self.shift();
        }
        print_within(&current, out, depth);
    }

    fn held(&self, show: &mut dyn FnMut(&Value)) {
        self.values.iter().for_each(show);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn make(values: &Value, auto: bool) -> Result<Value> {
    let Value::List(list) = values else { return Ok(Value::Null) };
    let values = match list.items().as_slice() {
        [] => return Ok(Value::Null),
        [Value::List(inner)] => inner.items().clone(),
        items => items.to_vec(),
    };
    if values.is_empty() {
        return Ok(Value::Null);
    }
    let object: Rc<dyn Object> = Rc::new(Alternator { values, index: Cell::new(0), auto: Cell::new(auto) });
    Ok(Value::from(object))
}

fn this(value: &Value) -> Result<&Alternator> {
    match value {
        Value::Opaque(object) if let Some(alternator) = object.downcast::<Alternator>() => Ok(alternator),
        _ => Err(failure("this is no alternator")),
    }
}

fn truth(value: &Value) -> bool {
    matches!(value, Value::Boolean(true))
}

/// The tool's methods.
pub(super) const TOOL: &[Method] = &[
    Method::new("make", &[Type::Objects], |_, _, arguments| make(argument(arguments, 0), true)),
    Method::new("make", &[Type::Boolean, Type::Objects], |_, _, arguments| {
        make(argument(arguments, 1), truth(argument(arguments, 0)))
    }),
    Method::new("auto", &[Type::Objects], |_, _, arguments| make(argument(arguments, 0), true)),
    Method::new("manual", &[Type::Objects], |_, _, arguments| make(argument(arguments, 0), false)),
    Method::new("getAutoAlternateDefault", &[], |_, _, _| Ok(Value::Boolean(true))),
];

/// The methods of what the tool makes.
pub(crate) const ALTERNATOR: &[Method] = &[
    Method::new("isAuto", &[], |_, value, _| Ok(Value::Boolean(this(value)?.auto.get()))),
    Method::action("setAuto", &[Type::Boolean], |_, value, arguments| {
        this(value)?.auto.set(truth(argument(arguments, 0)));
        Ok(Value::Null)
    }),
    Method::action("shift", &[], |_, value, _| {
        this(value)?.shift();
        Ok(Value::Null)
    }),
    Method::new("getCurrent", &[], |_, value, _| Ok(this(value)?.current())),
    Method::new("getNext", &[], |_, value, _| {
        let alternator = this(value)?;
        let current = alternator.current();
        alternator.shift();
        Ok(current)
    }),
];
