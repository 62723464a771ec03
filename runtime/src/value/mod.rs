//! Values while a program runs: what events, contacts and answers hold.
//!
//! Numbers are exact. An integer that fits 64 bits is an [`Value::Int`], any other number of at most 28 digits a
//! [`Value::Decimal`], and one beyond that keeps its text. There is no binary float anywhere.

#![deny(clippy::disallowed_methods)]

mod answer;
mod email;
mod fit;
mod hide;
mod number;
mod read;
mod text;
mod write;
mod xml;

use std::sync::Arc;

use compiler::ir::{Duration, Literal};
use indexmap::IndexMap;
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use smol_str::SmolStr;

pub use answer::{AnswerError, check_answer, read_answer, read_kept, read_xml};
pub use email::{Mailbox, email, mailbox};
pub use fit::{Mismatch, fit};
pub use hide::{HIDDEN, each_sensitive, has_sensitive, hide};
pub use read::{ReadError, read};
pub use text::{is_country, phone, phone_in};
pub use write::{display, to_json};
pub(crate) use xml::is_xml_character;

/// A value. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal, with the digits it came with: `99.50` stays `99.50`.
    Decimal(Decimal),
    /// A JSON number that is neither: its text.
    Number(SmolStr),
    /// Text; also an e-mail address, a phone number or a URL, in normal form once it was fitted to that type.
    String(SmolStr),
    /// A calendar day.
    Date(civil::Date),
    /// An instant.
    Datetime(Timestamp),
    /// A datetime without an offset.
    LocalDatetime(civil::DateTime),
    /// A time of the day.
    Time(civil::Time),
    /// A length of time.
    Duration(Duration),
    /// Values in order.
    List(Arc<[Value]>),
    /// Named values in order.
    Record(Arc<Record>),
}

/// Named values in the order that they came in. A name stands once; order does not count when two are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    fields: IndexMap<SmolStr, Value>,
}

impl Record {
    /// An empty record.
    pub fn new() -> Record {
        Record::default()
    }

    /// The value under a name, if the name is there.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// Puts a value under a name, in place of an earlier one.
    pub fn set(&mut self, name: impl Into<SmolStr>, value: Value) {
        self.fields.insert(name.into(), value);
    }

    /// Takes a name away, and what was under it; the order of the others stays.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.fields.shift_remove(name)
    }

    /// The names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SmolStr, &Value)> {
        self.fields.iter()
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// The last value of a name that comes twice stays.
impl FromIterator<(SmolStr, Value)> for Record {
    fn from_iter<I: IntoIterator<Item = (SmolStr, Value)>>(fields: I) -> Record {
        Record { fields: fields.into_iter().collect() }
    }
}

impl Value {
    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The value under a name, when this is a record that has it.
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Record(record) => record.get(name),
            _ => None,
        }
    }

    /// The text, when this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&Literal> for Value {
    fn from(literal: &Literal) -> Value {
        match literal {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Decimal(value) => Value::Decimal(*value),
            Literal::String(value) => Value::String(SmolStr::new(value)),
            Literal::Date(value) => Value::Date(*value),
            Literal::Datetime(value) => Value::Datetime(*value),
            Literal::LocalDatetime(value) => Value::LocalDatetime(*value),
            Literal::Time(value) => Value::Time(*value),
            Literal::Duration(value) => Value::Duration(*value),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(SmolStr::new(text))
    }
}
