//! `$foreach` and the other scopes.

use super::{Method, Type, argument, failure};
use crate::error::Result;
use crate::render::Loop;
use crate::value::{Key, Value};

fn state(value: &Value) -> Result<&Loop> {
    match value {
        Value::Opaque(object) if let Some(state) = object.downcast::<Loop>() => Ok(state),
        _ => Err(failure("this is no scope")),
    }
}

/// What a template has put into a scope, or into one around it.
pub(super) fn get(target: &Value, name: &str) -> Result<Value> {
    find(state(target)?, &Value::string(name))
}

fn find(scope: &Loop, key: &Value) -> Result<Value> {
    if scope.storage().entries().contains_key(&Key::new(key.clone())) {
        return Ok(scope.storage().get_value(key).unwrap_or_default());
    }
    match scope.parent() {
        Some(parent) => find(state(&parent)?, key),
        None => Ok(Value::Null),
    }
}

fn topmost(value: &Value) -> Result<Value> {
    match state(value)?.parent() {
        Some(parent) => topmost(&parent),
        None => Ok(value.clone()),
    }
}

pub(super) const LOOP: &[Method] = &[
    Method::new("getIndex", &[], |_, this, _| Ok(Value::Integer(state(this)?.index.get()))),
    Method::new("getCount", &[], |_, this, _| Ok(Value::Integer(state(this)?.index.get() + 1))),
    Method::new("hasNext", &[], |_, this, _| Ok(Value::Boolean(state(this)?.has_next.get()))),
    Method::new("getHasNext", &[], |_, this, _| Ok(Value::Boolean(state(this)?.has_next.get()))),
    Method::new("isFirst", &[], |_, this, _| Ok(Value::Boolean(state(this)?.index.get() < 1))),
    Method::new("getFirst", &[], |_, this, _| Ok(Value::Boolean(state(this)?.index.get() < 1))),
    Method::new("isLast", &[], |_, this, _| Ok(Value::Boolean(!state(this)?.has_next.get()))),
    Method::new("getLast", &[], |_, this, _| Ok(Value::Boolean(!state(this)?.has_next.get()))),
];

pub(super) const SCOPE: &[Method] = &[
    Method::new("getParent", &[], |_, this, _| Ok(state(this)?.parent().unwrap_or_default())),
    Method::new("getTopmost", &[], |_, this, _| topmost(this)),
    Method::new("getReplaced", &[], |_, this, _| Ok(state(this)?.replaced().unwrap_or_default())),
    Method::new("get", &[Type::Object], |_, this, arguments| find(state(this)?, argument(arguments, 0))),
    Method::new("put", &[Type::Object, Type::Object], |_, this, arguments| {
        let old = state(this)?.storage().insert(argument(arguments, 0).clone(), argument(arguments, 1).clone());
        Ok(old.unwrap_or_default())
    }),
    Method::new("set", &[Type::Object, Type::Object], |_, this, arguments| {
        state(this)?.storage().insert(argument(arguments, 0).clone(), argument(arguments, 1).clone());
        Ok(Value::string(""))
    }),
    Method::new("size", &[], |_, this, _| Ok(Value::from(state(this)?.storage().len()))),
    Method::new("isEmpty", &[], |_, this, _| Ok(Value::Boolean(state(this)?.storage().is_empty()))),
    Method::new("containsKey", &[Type::Object], |_, this, arguments| {
        let key = Key::new(argument(arguments, 0).clone());
        Ok(Value::Boolean(state(this)?.storage().entries().contains_key(&key)))
    }),
];
