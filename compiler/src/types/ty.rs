//! Types as the checks see them.
//!
//! They are those of the compiled program and a few more: what a mistake leaves unknown, and literals that are of no
//! declarable type. Clones are cheap, and so is a comparison with a clone: what is `Eq` is not looked into where an [`Arc`] is shared.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::ir::{self, Literal};
use crate::source::Span;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// Not known, because of something that is reported elsewhere. It fits everywhere, so that one mistake is one finding.
    Unknown,
    /// `null`: nothing.
    Null,
    /// A time of the day, `09:30`; no field can hold one.
    Time,
    /// A datetime without an offset; no field can hold one.
    LocalDatetime,
    /// Any text.
    String,
    /// A whole number.
    Int,
    /// An exact decimal number.
    Decimal,
    /// `true` or `false`.
    Bool,
    /// A calendar day.
    Date,
    /// An instant.
    Datetime,
    /// A length of time.
    Duration,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A URL.
    Url,
    /// Any JSON value, unchecked.
    Json,
    /// Values of one type.
    List(Arc<Ty>),
    /// Named values.
    Record(Arc<Record>),
    /// One of these literals.
    Union(Arc<[Literal]>),
    /// A value or nothing; never of an optional.
    Optional(Arc<Ty>),
}

/// The fields of a record, an event or the contact card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The fields by name.
    pub fields: BTreeMap<SmolStr, Member>,
    /// A field could not be read: a name that is not among the fields may be that one.
    pub broken: bool,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Member {
    /// What it holds.
    pub ty: Ty,
    /// Masked in history, logs and console.
    pub sensitive: bool,
    /// What stands for it when it is not given.
    pub default: Option<Literal>,
    /// The name's place in its declaration; none for built-in fields.
    pub declared: Option<Span>,
}

impl Eq for Member {}

impl PartialEq for Member {
    /// Where a field was declared is no part of what it is.
    fn eq(&self, other: &Self) -> bool {
        self.ty == other.ty && self.sensitive == other.sensitive && self.default == other.default
    }
}

impl Member {
    /// A field that every event or contact has.
    pub const fn built_in(ty: Ty) -> Member {
        Member { ty, sensitive: false, default: None, declared: None }
    }

    /// As it stands in a compiled program; nothing if its type is not known.
    pub fn lowered(&self) -> Option<ir::Field> {
        Some(ir::Field { ty: self.ty.lowered()?, sensitive: self.sensitive, default: self.default.clone() })
    }
}

/// What a value has under a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup<'a> {
    /// A declared field.
    Member(&'a Member),
    /// The value can have any field: it is not known, or unchecked JSON.
    Open,
    /// The record has no such field.
    Missing(&'a Record),
    /// The value is no record.
    NoRecord,
}

impl Ty {
    /// A list of these.
    pub fn list(item: Ty) -> Ty {
        Ty::List(Arc::new(item))
    }

    /// Whether nothing is known of it.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Ty::Unknown)
    }

    /// Whether the value may be absent.
    pub const fn is_optional(&self) -> bool {
        matches!(self, Ty::Optional(_) | Ty::Null)
    }

    /// The type of the value when it is there.
    pub fn required(&self) -> &Ty {
        match self {
            Ty::Optional(inner) => inner,
            other => other,
        }
    }

    /// This type or nothing. What may be nothing already stays as it is.
    pub fn optional(self) -> Ty {
        match self {
            Ty::Optional(_) | Ty::Unknown | Ty::Null => self,
            other => Ty::Optional(Arc::new(other)),
        }
    }

    /// The field `name` of a value of this type; an absent value is looked through.
    pub fn field(&self, name: &str) -> Lookup<'_> {
        match self.required() {
            Ty::Unknown | Ty::Json => Lookup::Open,
            Ty::Record(record) => match record.fields.get(name) {
                Some(member) => Lookup::Member(member),
                None if record.broken => Lookup::Open,
                None => Lookup::Missing(record),
            },
            _ => Lookup::NoRecord,
        }
    }

    /// Whether a value of this type can be written into a text.
    pub fn is_printable(&self) -> bool {
        !matches!(self.required(), Ty::List(_) | Ty::Record(_) | Ty::Null)
    }

    /// The type that decides what can be compared: addresses and unions of texts are texts.
    pub fn family(&self) -> Ty {
        match self.required() {
            Ty::Email | Ty::Phone | Ty::Url => Ty::String,
            Ty::Decimal => Ty::Int,
            Ty::Union(members) => {
                let mut families = members.iter().map(|member| Ty::of(member).family());
                match families.next() {
                    Some(first) if families.all(|other| other == first) => first,
                    _ => self.required().clone(),
                }
            }
            other => other.clone(),
        }
    }

    /// The type of a literal.
    pub const fn of(literal: &Literal) -> Ty {
        match literal {
            Literal::Null => Ty::Null,
            Literal::Bool(_) => Ty::Bool,
            Literal::Int(_) => Ty::Int,
            Literal::Decimal(_) => Ty::Decimal,
            Literal::String(_) => Ty::String,
            Literal::Date(_) => Ty::Date,
            Literal::Datetime(_) => Ty::Datetime,
            Literal::LocalDatetime(_) => Ty::LocalDatetime,
            Literal::Time(_) => Ty::Time,
            Literal::Duration(_) => Ty::Duration,
        }
    }

    /// As it stands in a compiled program. Nothing for what no field can hold, which is reported where it is written.
    pub fn lowered(&self) -> Option<ir::Type> {
        Some(match self {
            Ty::Unknown | Ty::Null | Ty::Time | Ty::LocalDatetime => return None,
            Ty::String => ir::Type::String,
            Ty::Int => ir::Type::Int,
            Ty::Decimal => ir::Type::Decimal,
            Ty::Bool => ir::Type::Bool,
            Ty::Date => ir::Type::Date,
            Ty::Datetime => ir::Type::Datetime,
            Ty::Duration => ir::Type::Duration,
            Ty::Email => ir::Type::Email,
            Ty::Phone => ir::Type::Phone,
            Ty::Url => ir::Type::Url,
            Ty::Json => ir::Type::Json,
            Ty::List(item) => ir::Type::List(Box::new(item.lowered()?)),
            Ty::Record(record) => ir::Type::Record(record.lowered()?),
            Ty::Union(members) => ir::Type::Union(members.to_vec()),
            Ty::Optional(inner) => ir::Type::Optional(Box::new(inner.lowered()?)),
        })
    }
}

impl Record {
    /// As it stands in a compiled program; nothing if a type in it is not known.
    pub fn lowered(&self) -> Option<BTreeMap<SmolStr, ir::Field>> {
        self.fields.iter().map(|(name, member)| Some((name.clone(), member.lowered()?))).collect()
    }
}

impl From<&ir::Type> for Ty {
    fn from(ty: &ir::Type) -> Ty {
        match ty {
            ir::Type::String => Ty::String,
            ir::Type::Int => Ty::Int,
            ir::Type::Decimal => Ty::Decimal,
            ir::Type::Bool => Ty::Bool,
            ir::Type::Date => Ty::Date,
            ir::Type::Datetime => Ty::Datetime,
            ir::Type::Duration => Ty::Duration,
            ir::Type::Email => Ty::Email,
            ir::Type::Phone => Ty::Phone,
            ir::Type::Url => Ty::Url,
            ir::Type::Json => Ty::Json,
            ir::Type::List(item) => Ty::list(Ty::from(&**item)),
            ir::Type::Record(fields) => {
                let fields = fields.iter().map(|(name, field)| {
                    let (sensitive, default) = (field.sensitive, field.default.clone());
                    (name.clone(), Member { ty: Ty::from(&field.ty), sensitive, default, declared: None })
                });
                Ty::Record(Arc::new(Record { fields: fields.collect(), broken: false }))
            }
            ir::Type::Union(members) => Ty::Union(members.as_slice().into()),
            ir::Type::Optional(inner) => Ty::from(&**inner).optional(),
        }
    }
}

/// How many fields of a record a message shows, and how many members of a union.
const SHOWN_FIELDS: usize = 4;
/// See [`SHOWN_FIELDS`].
const SHOWN_MEMBERS: usize = 8;

/// As an author writes it; what is long is cut short, for messages are one line.
impl fmt::Display for Ty {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Ty::Unknown => "unknown",
            Ty::Null => "null",
            Ty::Time => "time of day",
            Ty::LocalDatetime => "datetime without offset",
            Ty::String => "string",
            Ty::Int => "int",
            Ty::Decimal => "decimal",
            Ty::Bool => "bool",
            Ty::Date => "date",
            Ty::Datetime => "datetime",
            Ty::Duration => "duration",
            Ty::Email => "email",
            Ty::Phone => "phone",
            Ty::Url => "url",
            Ty::Json => "json",
            Ty::List(item) => return write!(out, "[{item}]"),
            Ty::Record(record) => {
                out.write_str("{ ")?;
                for (position, (name, member)) in record.fields.iter().take(SHOWN_FIELDS).enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(out, "{comma}{name}: {}", member.ty)?;
                }
                if record.fields.len() > SHOWN_FIELDS { ", … }" } else { " }" }
            }
            Ty::Union(members) => {
                for (position, member) in members.iter().take(SHOWN_MEMBERS).enumerate() {
                    let bar = if position == 0 { "" } else { " | " };
                    write!(out, "{bar}{member}")?;
                }
                if members.len() > SHOWN_MEMBERS { " | …" } else { "" }
            }
            Ty::Optional(inner) => {
                return match &**inner {
                    Ty::Union(members) if members.len() > 1 => write!(out, "({inner})?"),
                    other => write!(out, "{other}?"),
                };
            }
        };
        out.write_str(word)
    }
}
