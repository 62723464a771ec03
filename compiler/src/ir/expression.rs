//! Expressions, and texts with expressions in them.

use std::fmt;

use jiff::civil;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Duration;

/// A value that the author wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// `null`: nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal, kept with the digits that were written.
    #[serde(with = "decimal_text")]
    Decimal(Decimal),
    /// Text, unescaped.
    String(String),
    /// A calendar day.
    Date(civil::Date),
    /// An instant: a datetime with its offset.
    Datetime(jiff::Timestamp),
    /// A datetime without an offset; it needs a zone to become an instant.
    LocalDatetime(civil::DateTime),
    /// A time of the day.
    Time(civil::Time),
    /// A length of time.
    Duration(Duration),
}

/// Something that has a value when a statement runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    /// A written value.
    Literal(Literal),
    /// A value of the event, the contact or a result.
    Reference {
        /// Where the path begins.
        root: Root,
        /// What is taken from it, outermost first.
        path: Vec<Access>,
    },
    /// A text with values in it.
    Text(Vec<Part>),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `{ name: value }`, in the order written.
    Record(Vec<(SmolStr, Expression)>),
    /// `not x`.
    Not(Box<Expression>),
    /// `-x`.
    Negate(Box<Expression>),
    /// `x is set`.
    IsSet(Box<Expression>),
    /// `contact in SEGMENT`.
    InSegment(SmolStr),
    /// `a OPERATOR b`.
    Binary {
        /// What is done.
        operator: BinaryOperator,
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
    },
}

impl Expression {
    /// This, an operator, and another operand behind it.
    pub(crate) fn with(self, operator: BinaryOperator, right: Expression) -> Expression {
        Expression::Binary { operator, left: Box::new(self), right: Box::new(right) }
    }
}

/// Where a reference begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// The event that the run is about, frozen at acceptance.
    Event,
    /// The contact, read when the statement runs.
    Contact,
    /// The result of a call, under the name that it is stored by.
    Data(SmolStr),
    /// An event bound by `as NAME`.
    Alias(SmolStr),
    /// The rendered parts of the message, in a channel's request.
    Message,
}

/// One step down from a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// `.name`: absent gives nothing.
    Field(SmolStr),
    /// `[index]` of a list, from 0, or `["key"]` of a record: absent gives nothing.
    Index(Box<Expression>),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinaryOperator {
    /// `??`: the right one where the left one is nothing.
    Default,
    /// `+` of numbers, of a date or datetime and a duration, of durations.
    Add,
    /// `-` of numbers, of a date or datetime and a duration, of durations.
    Subtract,
    /// `*` of numbers.
    Multiply,
    /// `/` of numbers; exact to 28 digits.
    Divide,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `in` a list.
    In,
    /// `contains`: a list an item, a text a text.
    Contains,
    /// `and`, left first; the right one is looked at only when it counts.
    And,
    /// `or`, left first; the right one is looked at only when it counts.
    Or,
}

/// A piece of a text that is put together when a statement runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// As it stands; already in the form that its place needs.
    Literal(String),
    /// A value, written as text and escaped for its place.
    Value {
        /// What is written.
        value: Expression,
        /// How it is escaped.
        escape: Escape,
    },
}

/// How a value is escaped; decided by the place that its `${…}` stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escape {
    /// Nothing: plain text, or the text becomes a JSON string as a whole.
    None,
    /// Percent-encoded so that it stays one path segment (RFC 3986).
    PathSegment,
    /// Percent-encoded so that it stays one query value (RFC 3986).
    QueryValue,
    /// Refused unless visible ASCII, blank or tab (RFC 9110, section 5.5).
    HeaderValue,
    /// XML character data.
    XmlText,
    /// An XML attribute's value.
    XmlAttribute,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// As an author writes it.
impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => out.write_str("null"),
            Literal::Bool(value) => write!(out, "{value}"),
            Literal::Int(value) => write!(out, "{value}"),
            Literal::Decimal(value) => write!(out, "{value}"),
            Literal::String(value) => write!(out, "{value:?}"),
            Literal::Date(value) => write!(out, "{value}"),
            Literal::Datetime(value) => write!(out, "{value}"),
            Literal::LocalDatetime(value) => write!(out, "{value}"),
            Literal::Time(value) => write!(out, "{}", value.strftime("%H:%M")),
            Literal::Duration(value) => write!(out, "{value}"),
        }
    }
}

/// Decimals travel as text, so that no reader turns them into binary floats.
mod decimal_text {
    use std::str::FromStr;

    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::from_str(&text).map_err(D::Error::custom)
    }
}
