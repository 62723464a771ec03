//! Types of event parameters, contact fields and webhook answers.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Literal;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Any text.
    String,
    /// A whole number of 64 bits.
    Int,
    /// An exact decimal number of at most 28 digits.
    Decimal,
    /// `true` or `false`.
    Bool,
    /// A calendar day, written `2026-11-24`.
    Date,
    /// An instant, written `2026-11-24T09:30:00Z` or with an offset (RFC 3339).
    Datetime,
    /// A length of time, written as in the language: `90min`.
    Duration,
    /// An e-mail address.
    Email,
    /// A phone number in international form (E.164): `+380671234567`.
    Phone,
    /// An absolute `https:` or `http:` URL.
    Url,
    /// Any JSON value: the unchecked escape hatch.
    Json,
    /// Values of one type, in order.
    List(Box<Type>),
    /// Named values.
    Record(BTreeMap<SmolStr, Field>),
    /// One of these literals.
    Union(Vec<Literal>),
    /// A value or nothing.
    Optional(Box<Type>),
}

/// A named value of an event, a record or a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Masked in history, logs and console.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// What stands for it when it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Literal>,
}

/// A length of time in milliseconds. A day is exactly 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration {
    /// How long, in milliseconds.
    pub milliseconds: u64,
}

impl Type {
    /// Whether a value may be absent.
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// The type of the value when it is there.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner.required(),
            other => other,
        }
    }

    /// This type or nothing; an optional stays as it is.
    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) => self,
            other => Type::Optional(Box::new(other)),
        }
    }
}

/// As an author writes it.
impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::String => out.write_str("string"),
            Type::Int => out.write_str("int"),
            Type::Decimal => out.write_str("decimal"),
            Type::Bool => out.write_str("bool"),
            Type::Date => out.write_str("date"),
            Type::Datetime => out.write_str("datetime"),
            Type::Duration => out.write_str("duration"),
            Type::Email => out.write_str("email"),
            Type::Phone => out.write_str("phone"),
            Type::Url => out.write_str("url"),
            Type::Json => out.write_str("json"),
            Type::List(item) => write!(out, "[{item}]"),
            Type::Record(fields) => {
                out.write_str("{ ")?;
                for (position, (name, field)) in fields.iter().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(out, "{comma}{name}: {}", field.ty)?;
                }
                out.write_str(" }")
            }
            Type::Union(members) => {
                for (position, member) in members.iter().enumerate() {
                    let bar = if position == 0 { "" } else { " | " };
                    write!(out, "{bar}{member}")?;
                }
                Ok(())
            }
            Type::Optional(inner) => match &**inner {
                Type::Union(members) if members.len() > 1 => write!(out, "({inner})?"),
                other => write!(out, "{other}?"),
            },
        }
    }
}

/// As an author writes it, in the largest unit that holds it exactly.
impl fmt::Display for Duration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units: [(u64, &str); 6] =
            [(604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")];
        let (size, unit) = units
            .into_iter()
            .find(|(size, _)| self.milliseconds != 0 && self.milliseconds.is_multiple_of(*size))
            .unwrap_or((1_000, "s"));
        write!(out, "{}{unit}", self.milliseconds / size)
    }
}
