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

use std::collections::HashMap;
use std::sync::Arc;

use compiler::ir::{Duration, Literal};
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use smol_str::SmolStr;

pub use answer::{AnswerError, check_answer, read_answer, read_kept, read_xml};
pub use email::{Mailbox, email, mailbox};
pub(crate) use fit::describe;
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
///
/// Nearly all have a handful of names, which are found faster by looking at each than by a table.
#[derive(Clone, Debug, Default)]
pub struct Record {
    fields: Vec<(SmolStr, Value)>,
    /// Where each name stands, when there are many. The hash is keyed: names may be anybody's.
    places: Option<HashMap<SmolStr, usize>>,
}

/// With more names than this a record has a table.
const FEW: usize = 16;

impl Record {
    /// An empty record.
    pub fn new() -> Record {
        Record::default()
    }

    /// An empty record with room for so many names.
    pub fn with_capacity(names: usize) -> Record {
        Record { fields: Vec::with_capacity(names), places: None }
    }

    /// The value under a name, if the name is there.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(self.place(name)?).map(|(_, value)| value)
    }

    /// Puts a value under a name, in place of an earlier one.
    pub fn set(&mut self, name: impl Into<SmolStr>, value: Value) {
        let name = name.into();
        let place = self.place(&name);
        if let Some((_, earlier)) = place.and_then(|place| self.fields.get_mut(place)) {
            *earlier = value;
            return;
        }
        if let Some(places) = &mut self.places {
            places.insert(name.clone(), self.fields.len());
        }
        self.fields.push((name, value));
        if self.places.is_none() && self.fields.len() > FEW {
            self.find_places();
        }
    }

    /// Takes a name away, and what was under it; the order of the others stays.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let (_, value) = self.fields.remove(self.place(name)?);
        self.places = None;
        if self.fields.len() > FEW {
            self.find_places();
        }
        Some(value)
    }

    /// The names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SmolStr, &Value)> + DoubleEndedIterator {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn place(&self, name: &str) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(name).copied(),
            None => self.fields.iter().position(|(known, _)| known == name),
        }
    }

    fn find_places(&mut self) {
        let places = self.fields.iter().zip(0..).map(|((name, _), place)| (name.clone(), place));
        self.places = Some(places.collect());
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

/// The last value of a name that comes twice stays.
impl FromIterator<(SmolStr, Value)> for Record {
    fn from_iter<I: IntoIterator<Item = (SmolStr, Value)>>(fields: I) -> Record {
        let fields = fields.into_iter();
        // What an iterator says of its length may come from outside.
        let mut record = Record::with_capacity(fields.size_hint().0.min(FEW));
        for (name, value) in fields {
            record.set(name, value);
        }
        record
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few names or many, a record is a map that remembers the order.
        #[test]
        fn a_record_is_a_map(steps in proptest::collection::vec((0..40_u8, proptest::option::weighted(0.8, 0..5_i64)), 0..120)) {
            let (mut record, mut model) = (Record::new(), indexmap::IndexMap::<String, Value>::new());
            for (name, value) in steps {
                let name = format!("n{name}");
                match value {
                    Some(value) => {
                        record.set(name.as_str(), Value::Int(value));
                        model.insert(name, Value::Int(value));
                    }
                    None => prop_assert_eq!(record.remove(&name), model.shift_remove(&name)),
                }
                prop_assert_eq!(record.len(), model.len());
            }
            for name in (0..40).map(|name| format!("n{name}")) {
                prop_assert_eq!(record.get(&name), model.get(&name));
            }
            prop_assert!(record.iter().map(|(name, value)| (name.as_str(), value)).eq(model.iter().map(|(name, value)| (name.as_str(), value))));
            let turned: Record = record.iter().rev().map(|(name, value)| (name.clone(), value.clone())).collect();
            prop_assert_eq!(&turned, &record);
            let mut other = turned;
            other.set("n41", Value::Null);
            prop_assert_ne!(other, record);
        }
    }
}
