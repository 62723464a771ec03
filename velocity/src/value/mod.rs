//! The values a template works on: Java's, as far as plain data has them.
//!
//! Numbers keep Java's types, because they decide how arithmetic works and how a number prints. Lists and maps have
//! reference semantics: a template that adds to a list changes it for everyone who holds it. A value therefore stays
//! on one thread; build the [`Context`](crate::Context) where you render.

mod calendar;
mod convert;
mod cycles;
mod decimal;
mod double;
mod equality;
mod list;
mod map;
mod object;
mod print;

pub use calendar::Calendar;
pub(crate) use cycles::{Holders, can_hold};
pub use decimal::Decimal;
pub(crate) use decimal::{Rounding, power_of_ten, wrap_i64};
pub use list::List;
pub(crate) use list::ListKind;
pub use map::Map;
pub(crate) use map::{Key, Place, TextKey};
pub use object::Opaque;
pub(crate) use object::{Object, Walk};
pub(crate) use print::{double_text, print, print_within};

use num_bigint::BigInt;
use smol_str::SmolStr;
use std::fmt;
use std::rc::Rc;

// Values are moved all the time.
const _: () = assert!(size_of::<Value>() == 24, "a value is three words");

/// A value of Velocity: cheap to clone.
///
/// ```
/// use velocity::Value;
///
/// let order = Value::map([("id", Value::from("A-100")), ("items", Value::list([Value::from(1), Value::from(2.5)]))]);
/// assert_eq!(order.to_string(), "{id=A-100, items=[1, 2.5]}");
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// No value. A reference to it prints its own source text.
    #[default]
    Null,
    /// Java's `Boolean`.
    Boolean(bool),
    /// Java's `Integer`: whole numbers of 32 bits.
    Integer(i32),
    /// Java's `Long`: whole numbers of 64 bits.
    Long(i64),
    /// Java's `BigInteger`: whole numbers of any size.
    BigInteger(Rc<BigInt>),
    /// Java's `Float`.
    Float(f32),
    /// Java's `Double`.
    Double(f64),
    /// Java's `BigDecimal`: exact decimals.
    Decimal(Rc<Decimal>),
    /// Java's `Character`: one UTF-16 unit.
    Character(u16),
    /// A text.
    String(SmolStr),
    /// A list.
    List(List),
    /// A map that keeps the order of its keys.
    Map(Map),
    /// A moment: Java's `Date`.
    Date(jiff::Timestamp),
    /// A moment in a time zone: Java's `Calendar`.
    Calendar(Calendar),
    /// Something of the engine itself, such as a tool or a loop's state.
    Opaque(Opaque),
}

impl Value {
    /// A text.
    #[must_use]
    pub fn string(text: impl Into<SmolStr>) -> Value {
        Value::String(text.into())
    }

    /// A list of these values.
    #[must_use]
    pub fn list<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
        Value::List(List::new(items.into_iter().map(Into::into).collect()))
    }

    /// A map of these entries, in their order; of two entries with one key the last counts.
    #[must_use]
    pub fn map<K: Into<Value>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>) -> Value {
        Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// An exact decimal from text such as `19.95`; `None` when it is no number.
    ///
    /// ```
    /// assert_eq!(velocity::Value::decimal("19.950").expect("a number").to_string(), "19.950");
    /// ```
    #[must_use]
    pub fn decimal(text: &str) -> Option<Value> {
        Decimal::parse(text).map(|decimal| Value::Decimal(Rc::new(decimal)))
    }

    /// A whole number of any size from its digits: the smallest of Java's types that holds it.
    ///
    /// ```
    /// use velocity::Value;
    /// assert!(matches!(Value::integer("7"), Some(Value::Integer(7))));
    /// assert!(matches!(Value::integer("3000000000"), Some(Value::Long(_))));
    /// ```
    #[must_use]
    pub fn integer(text: &str) -> Option<Value> {
        if let Ok(number) = text.parse::<i32>() {
            return Some(Value::Integer(number));
        }
        if let Ok(number) = text.parse::<i64>() {
            return Some(Value::Long(number));
        }
        text.parse::<BigInt>().ok().map(|number| Value::BigInteger(Rc::new(number)))
    }

    /// Whether this is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text, when this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// Writes the value as a template would; null as `null`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        print::print(self, &mut text);
        formatter.write_str(&text)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::String(text) => fmt::Debug::fmt(text, formatter),
            other => fmt::Display::fmt(other, formatter),
        }
    }
}

/// Drops values without recursion, however deep they are nested.
fn dismantle(mut values: Vec<Value>) {
    let mut index = 0;
    // Most lists hold nothing nested: they need no second look.
    while let Some(value) = values.get(index) {
        if matches!(value, Value::List(_) | Value::Map(_)) {
            break;
        }
        index += 1;
    }
    if index == values.len() {
        return;
    }
    while let Some(value) = values.pop() {
        match value {
            Value::List(list) => values.extend(list.into_items()),
            Value::Map(map) => values.extend(map.into_values()),
            _ => {}
        }
    }
}

impl PartialEq for Value {
    /// Java's `equals`: numbers of different types differ, lists and maps are compared by their content.
    fn eq(&self, other: &Value) -> bool {
        equality::equals(self, other)
    }
}
