//! What values answer to: the methods and properties of Java's classes, as far as plain data has them.
//!
//! Every class has a table of methods with Java's parameter types; [`resolve`] chooses among them as the reference engine
//! does, and converts the arguments. There is no reflection: what is not in a table does not exist.

mod character;
mod convert;
mod cursor;
mod dates;
mod entry;
mod exact;
mod format;
mod hash;
mod iterator;
mod list;
mod map;
mod numbers;
mod regex;
mod resolve;
pub(crate) mod returns;
mod scopes;
mod stream;
mod string;
mod string_edit;
pub(crate) mod text;

pub(crate) use cursor::Cursor;
pub(crate) use entry::Entry;
pub(crate) use format::format as format_java;
pub(crate) use list::{natural_order, sort_by};
pub(crate) use regex::Expressions;
pub(crate) use resolve::Type;

use crate::error::{Error, ErrorKind, Result};
use crate::machine::Machine;
use crate::tools;
use crate::value::{ListKind, Value, can_hold};
use smallvec::SmallVec;

/// A class of values, for its table of methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Boolean,
    Integer,
    Long,
    BigInteger,
    Float,
    Double,
    Decimal,
    Character,
    String,
    List(ListKind),
    Map,
    Date,
    Calendar,
    Entry,
    Iterator,
    Loop,
    Scope,
    Block,
    Stream,
    Measurements,
    Managed,
    Alternator,
    Comparison,
    Zone,
    Tool(tools::Tool),
    Other,
}

impl Class {
    pub(crate) fn of(value: &Value) -> Option<Class> {
        Some(match value {
            Value::Null => return None,
            Value::Boolean(_) => Class::Boolean,
            Value::Integer(_) => Class::Integer,
            Value::Long(_) => Class::Long,
            Value::BigInteger(_) => Class::BigInteger,
            Value::Float(_) => Class::Float,
            Value::Double(_) => Class::Double,
            Value::Decimal(_) => Class::Decimal,
            Value::Character(_) => Class::Character,
            Value::String(_) => Class::String,
            Value::List(list) => Class::List(list.kind()),
            Value::Map(_) => Class::Map,
            Value::Date(_) => Class::Date,
            Value::Calendar(_) => Class::Calendar,
            Value::Opaque(object) => object.0.class(),
        })
    }

    /// The tables of a class: its own, and those of the classes above it.
    pub(crate) fn tables(self) -> &'static [&'static [Method]] {
        match self {
            Class::Boolean => &[numbers::BOOLEAN, OBJECT],
            Class::Integer => &[numbers::NUMBER, numbers::INTEGER, OBJECT],
            Class::Long => &[numbers::NUMBER, numbers::LONG, OBJECT],
            Class::BigInteger => &[numbers::NUMBER, exact::BIG_INTEGER, OBJECT],
            Class::Float | Class::Double => &[numbers::NUMBER, numbers::DOUBLE, OBJECT],
            Class::Decimal => &[numbers::NUMBER, exact::DECIMAL, OBJECT],
            Class::Character => &[character::CHARACTER, OBJECT],
            Class::String => &[string::STRING, string_edit::STRING, OBJECT],
            Class::List(kind) => list::tables(kind),
            Class::Map => &[map::MAP, OBJECT],
            Class::Date => &[dates::DATE, OBJECT],
            Class::Calendar => &[dates::CALENDAR, OBJECT],
            Class::Entry => &[entry::ENTRY, OBJECT],
            Class::Iterator => &[iterator::ITERATOR, OBJECT],
            Class::Loop => &[scopes::LOOP, scopes::SCOPE, OBJECT],
            Class::Scope => &[scopes::SCOPE, OBJECT],
            Class::Comparison => &[tools::COMPARISON, OBJECT],
            Class::Zone => &[tools::ZONE, OBJECT],
            Class::Measurements => &[tools::MEASUREMENTS, OBJECT],
            Class::Managed => &[tools::MANAGED, OBJECT],
            Class::Alternator => &[tools::ALTERNATOR, OBJECT],
            Class::Stream => &[stream::STREAM, OBJECT],
            Class::Block | Class::Other => &[OBJECT],
            Class::Tool(tool) => tool.tables(),
        }
    }
}

/// What a method does: from the value it is called on and the converted arguments to its result.
pub(crate) type Body = fn(&mut Machine<'_>, &Value, &[Value]) -> Result<Value>;

/// A method of a class.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [Type],
    pub(crate) body: Body,
    /// Whether it has no result: a call prints nothing, as a property it has no value.
    void: bool,
}

impl Method {
    /// A method without a result.
    pub(crate) const fn action(name: &'static str, parameters: &'static [Type], body: Body) -> Method {
        Method { name, parameters, body, void: true }
    }

    /// Whether it has no result.
    pub(crate) const fn is_void(&self) -> bool {
        self.void
    }

    pub(crate) const fn new(name: &'static str, parameters: &'static [Type], body: Body) -> Method {
        Method { name, parameters, body, void: false }
    }
}

/// What every object has.
const OBJECT: &[Method] = &[
    Method::new("toString", &[], |machine, this, _| machine.text(this.to_string())),
    Method::new("equals", &[Type::Object], |machine, this, arguments| {
        machine.spend_compared(this, 1)?;
        Ok(Value::Boolean(arguments.first().is_some_and(|other| other == this)))
    }),
    Method::new("hashCode", &[], |machine, this, _| {
        machine.spend_compared(this, 1)?;
        Ok(Value::Integer(hash::code(this)))
    }),
];

/// The result of a method that has none.
pub(crate) fn void() -> Result<Value> {
    Ok(Value::Null)
}

/// A method fails, as an exception in Java.
pub(crate) fn failure(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Method, message)
}

/// An argument by its number; the resolver has checked that it is there.
pub(crate) fn argument(arguments: &[Value], index: usize) -> &Value {
    arguments.get(index).unwrap_or(&Value::Null)
}

/// An argument that the resolver has made an `int`.
pub(crate) fn int(arguments: &[Value], index: usize) -> i32 {
    match arguments.get(index) {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    }
}

/// An argument that the resolver has made a text; null fails as in Java.
pub(crate) fn text_of(arguments: &[Value], index: usize) -> Result<&str> {
    match arguments.get(index) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(failure("the argument is null")),
    }
}

/// Calls a method; `None` when the value has none that takes these arguments.
pub(crate) fn call(
    machine: &mut Machine<'_>,
    target: &Value,
    name: &str,
    arguments: Vec<Value>,
) -> Result<Option<Value>> {
    // What templates call most needs no search.
    match (target, name, arguments.as_slice()) {
        (Value::Map(map), "get", [Value::String(key)]) => {
            machine.spend_read(key.len())?;
            return Ok(Some(map.get(key).unwrap_or_default()));
        }
        (Value::List(list), "get", [Value::Integer(index)])
            if matches!(list.kind(), ListKind::Growing | ListKind::Array) =>
        {
            return list::get(list, *index).map(Some);
        }
        _ => {}
    }
    let Some(class) = Class::of(target) else { return Ok(None) };
    if let Value::String(text) = target {
        machine.spend_read(text.len())?;
    }
    if arguments.is_empty()
        && let Some(method) = plain(class, name)
    {
        let result = (method.body)(machine, target, &[])?;
        return Ok(Some(if method.void { Value::string("") } else { result }));
    }
    let mut found: SmallVec<[&'static Method; 8]> = SmallVec::new();
    for table in class.tables() {
        for method in table.iter().filter(|method| method.name == name) {
            // A class's own method hides one above it that takes the same.
            if !found.iter().any(|known| known.parameters == method.parameters) {
                found.push(method);
            }
        }
    }
    if found.is_empty() {
        return Ok(None);
    }
    let candidates: SmallVec<[&[Type]; 8]> = found.iter().map(|method| method.parameters).collect();
    let Some(method) = resolve::best(&candidates, &arguments).and_then(|number| found.get(number)) else {
        return Ok(None);
    };
    let arguments = convert::arguments(method.parameters, arguments)?;
    for argument in &arguments {
        if let Value::String(text) = argument {
            machine.spend_text(text.len())?;
        }
    }
    if arguments.iter().any(can_hold) {
        if let Value::Map(map) = target {
            // As keys such values all hash alike: each is compared with all that are there.
            for argument in arguments.iter().filter(|argument| can_hold(argument)) {
                machine.spend_compared(argument, map.len())?;
            }
        }
        machine.note_holder(target)?;
    }
    let result = (method.body)(machine, target, &arguments)?;
    Ok(Some(if method.void { Value::string("") } else { result }))
}

/// Whether the class has a method of this name without parameters.
fn plain(class: Class, name: &str) -> Option<&'static Method> {
    class
        .tables()
        .iter()
        .flat_map(|table| table.iter())
        .find(|method| method.name == name && method.parameters.is_empty())
}

/// `get` or `is` before a name, with the name's first letter as it is and with the other case.
fn accessor(class: Class, prefix: &str, name: &str) -> Option<&'static Method> {
    let named = |wanted: &dyn Fn(&str) -> bool| {
        let mut methods = class.tables().iter().flat_map(|table| table.iter());
        methods.find(|method| method.parameters.is_empty() && method.name.strip_prefix(prefix).is_some_and(wanted))
    };
    if let Some(method) = named(&|rest| rest == name) {
        return Some(method);
    }
    let mut letters = name.chars();
    let first = letters.next()?;
    let other = if first.is_lowercase() { first.to_ascii_uppercase() } else { first.to_ascii_lowercase() };
    let tail = letters.as_str();
    named(&|rest| rest.strip_prefix(other).is_some_and(|rest| rest == tail))
}

/// The method that a property of this name calls, on anything but a map.
pub(crate) fn getter(class: Class, name: &str) -> Option<&'static Method> {
    match class {
        Class::List(ListKind::Array) => accessor(class, "is", name),
        Class::Loop | Class::Scope => accessor(class, "get", name),
        _ => accessor(class, "get", name).or_else(|| plain(class, name)).or_else(|| accessor(class, "is", name)),
    }
}

/// Asks a value for a property; `None` when it has none of that name.
pub(crate) fn property(machine: &mut Machine<'_>, target: &Value, name: &str) -> Result<Option<Value>> {
    let Some(class) = Class::of(target) else { return Ok(None) };
    if let Value::String(text) = target {
        machine.spend_read(text.len())?;
    }
    let is_map = matches!(class, Class::Map | Class::Loop | Class::Scope);
    // An array has no properties but `empty`.
    if class == Class::List(ListKind::Array) {
        return match accessor(class, "is", name) {
            Some(method) => (method.body)(machine, target, &[]).map(Some),
            None => Ok(None),
        };
    }
    // A plain map has no getters of its own.
    if class != Class::Map
        && let Some(method) = accessor(class, "get", name)
    {
        return (method.body)(machine, target, &[]).map(Some);
    }
    if (!is_map || machine.settings.map_methods_without_parentheses)
        && let Some(method) = plain(class, name)
    {
        return (method.body)(machine, target, &[]).map(Some);
    }
    if let Value::Map(map) = target {
        return Ok(Some(map.get(name).unwrap_or_default()));
    }
    if is_map {
        return scopes::get(target, name).map(Some);
    }
    // `get(name)`, unless it takes a number.
    let getter = class
        .tables()
        .iter()
        .flat_map(|table| table.iter())
        .find(|method| method.name == "get" && matches!(method.parameters, [Type::Object | Type::String]));
    if let Some(method) = getter {
        return (method.body)(machine, target, &[Value::string(name)]).map(Some);
    }
    match accessor(class, "is", name) {
        Some(method) => (method.body)(machine, target, &[]).map(Some),
        None => Ok(None),
    }
}

/// `target[index] = value`; false when the value has no such place.
pub(crate) fn set_index(machine: &mut Machine<'_>, target: &Value, index: Value, value: Value) -> Result<bool> {
    if call(machine, target, "set", vec![index.clone(), value.clone()])?.is_some() {
        return Ok(true);
    }
    Ok(call(machine, target, "put", vec![index, value])?.is_some())
}

/// `target.name = value`; false when the value has no such property.
pub(crate) fn set_property(machine: &mut Machine<'_>, target: &Value, name: &str, value: Value) -> Result<bool> {
    if let Value::Map(map) = target {
        if can_hold(&value) {
            machine.note_holder(target)?;
        }
        map.insert(name, value);
        return Ok(true);
    }
    let mut letters = name.chars();
    let Some(first) = letters.next() else { return Ok(false) };
    for setter in [format!("set{name}"), format!("set{}{}", first.to_ascii_uppercase(), letters.as_str())] {
        if call(machine, target, &setter, vec![value.clone()])?.is_some() {
            return Ok(true);
        }
    }
    Ok(call(machine, target, "put", vec![Value::string(name), value])?.is_some())
}
