//! Values: expressions, texts with interpolations, literals of time.

use jiff::civil;
use jiff::tz::Offset;
use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::Name;
use crate::source::Spanned;
use crate::syntax::text_block::TextBlock;

/// An expression.
pub type Expr = Spanned<ExprKind>;

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExprKind {
    /// `"…"` or a `"""` block, with interpolations.
    Text(Text),
    /// `42`. A minus is a [`UnaryOperator::Negate`].
    Int(i64),
    /// `9.90`; exact, at most 28 digits.
    Decimal(Decimal),
    /// `true`, `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// `2026-11-24`.
    Date(civil::Date),
    /// `2026-11-24T09:30+02:00`.
    DateTime(DateTime),
    /// `09:30`.
    Time(civil::Time),
    /// `90min`.
    Duration(Duration),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{ name: value … }`.
    Record(Record),
    /// `event`, `contact`, `message`, `data`, an alias, a segment, a function: a name where a value stands.
    Name(SmolStr),
    /// `contact.town`.
    Field {
        /// What has the field.
        of: Box<Expr>,
        /// The field; any word.
        name: Name,
    },
    /// `items[0]`, `data["Any name"]`.
    Index {
        /// What is looked into.
        of: Box<Expr>,
        /// Which element.
        index: Box<Expr>,
    },
    /// `secret("NAME")`.
    Call {
        /// What is called: a name or a field.
        function: Box<Expr>,
        /// With what.
        arguments: Vec<Expr>,
    },
    /// `not a`, `-a`.
    Unary {
        /// What is done.
        operator: Spanned<UnaryOperator>,
        /// To what.
        operand: Box<Expr>,
    },
    /// `a + b`.
    Binary {
        /// What is done.
        operator: Spanned<BinaryOperator>,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
    /// `x is set`, `x is not set`.
    IsSet {
        /// What is asked for.
        operand: Box<Expr>,
        /// `is not set`.
        negated: bool,
    },
    /// Could not be read.
    Broken,
}

/// An operator with one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `not`.
    Not,
    /// `-`.
    Negate,
}

/// An operator with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `or`.
    Or,
    /// `and`.
    And,
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
    /// `in`: is an element of a list, belongs to a segment.
    In,
    /// `not in`.
    NotIn,
    /// `contains`: has as a part.
    Contains,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `??`: the right side where the left one is not set.
    Coalesce,
}

/// Named values: a JSON body, headers, the parameters of an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// In the order written; a name may occur twice.
    pub entries: Vec<Entry>,
    /// An entry could not be read.
    pub broken: bool,
}

/// `name: value`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Any word or quoted text.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

/// A text with values in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    /// Literal stretches and values in turn; none of the stretches is empty.
    pub parts: Vec<TextPart>,
}

impl Text {
    /// The text, if no value stands in it.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [TextPart::Literal(block)] => Some(&block.text),
            _ => None,
        }
    }
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TextPart {
    /// Text as it is meant, and the way back to the file.
    Literal(TextBlock),
    /// `${…}`: the place is that of the whole, braces included.
    Interpolation(Spanned<Expr>),
}

/// `2026-11-24T09:30[:00][Z|+02:00]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// Date and time of day.
    pub civil: civil::DateTime,
    /// The offset from UTC; without one a zone decides.
    pub offset: Option<Offset>,
}

/// `90min`: a number and a unit, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    /// How many.
    pub amount: u64,
    /// Of what.
    pub unit: DurationUnit,
}

impl Duration {
    /// The length in milliseconds. A `d` is 24 hours, a `w` seven of them.
    pub const fn milliseconds(self) -> u64 {
        self.amount.saturating_mul(self.unit.milliseconds())
    }
}

/// The unit of a [`Duration`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DurationUnit {
    /// `ms`.
    Milliseconds,
    /// `s`.
    Seconds,
    /// `min`.
    Minutes,
    /// `h`.
    Hours,
    /// `d`.
    Days,
    /// `w`.
    Weeks,
}

impl DurationUnit {
    /// The length of one in milliseconds.
    pub const fn milliseconds(self) -> u64 {
        match self {
            DurationUnit::Milliseconds => 1,
            DurationUnit::Seconds => 1_000,
            DurationUnit::Minutes => 60_000,
            DurationUnit::Hours => 3_600_000,
            DurationUnit::Days => 86_400_000,
            DurationUnit::Weeks => 604_800_000,
        }
    }
}
