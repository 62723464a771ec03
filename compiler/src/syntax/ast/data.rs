//! What data looks like: events, the contact card, types.

use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::{Expr, Name};
use crate::source::Spanned;

/// `event NAME { field: type … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The event's type, as producers send it.
    pub name: Name,
    /// Its parameters.
    pub fields: Fields,
}

/// `contact { field: type … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// The additional fields; the standard ones are built in.
    pub fields: Fields,
}

/// The fields of an event, the contact card or a record type.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// In the order written; a name may occur twice.
    pub fields: Vec<Spanned<Field>>,
    /// A field could not be read: an unknown name may be that one.
    pub broken: bool,
}

/// `name: type [sensitive] [= default]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The text of the `///` lines above it.
    pub docs: Option<Spanned<SmolStr>>,
    /// The field; any word or quoted text, also `"@id"` for an XML attribute.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// The word `sensitive`: masked in history, logs and console.
    pub sensitive: Option<Spanned<()>>,
    /// The value where none is given.
    pub default: Option<Expr>,
}

/// A type as written.
pub type Type = Spanned<TypeKind>;

/// The forms of a type.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `string`, `int`, …: a type by its name, known or not.
    Named(SmolStr),
    /// `[T]`.
    List(Box<Type>),
    /// `{ name: T … }`.
    Record(Fields),
    /// `"a" | "b"`: one of these values; also a single one.
    Union(Vec<Spanned<Literal>>),
    /// `T?`.
    Optional(Box<Type>),
    /// Could not be read.
    Broken,
}

/// A value that is written out: a member of a union type, the pattern of a `match` arm.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `"gold"`, without an interpolation.
    Text(SmolStr),
    /// `42`, `-1`.
    Int(i64),
    /// `9.90`, `-0.5`.
    Decimal(Decimal),
    /// `true`, `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A value that could not be read (out of range, interpolated); reported.
    Broken,
}
