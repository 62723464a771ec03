//! Fitting a value that came in to its declared type.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use compiler::ir::{Field, Literal, Type};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use smol_str::SmolStr;

use super::{Record, Value, email, number, text};

/// A place where a value does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The way to it, such as `items[2].price`; empty for the value itself.
    pub path: String,
    /// What is wrong: "expected `decimal`, got the text `\"abc\"`"; the text is shortened.
    pub message: String,
}

/// So many mismatches are told; more help nobody.
const MOST_MISMATCHES: usize = 100;

/// So many characters of a text that does not fit are shown.
const SHOWN_CHARACTERS: usize = 40;

/// Fits a value to a type: a text becomes the integer, date, datetime, decimal, duration, e-mail, phone or URL that it is
/// written as, an integer a decimal; absent record fields take their default or stay absent where they are optional;
/// undeclared fields of a record are dropped. A value that fits stays as it is when it is fitted again.
///
/// # Errors
/// Every place that does not fit, up to 100. Values of `sensitive` fields are not shown.
pub fn fit(value: Value, ty: &Type) -> Result<Value, Vec<Mismatch>> {
    Fitting::new(Source::Json).run(value, ty)
}

/// Fits what was read from XML, which has texts only: a text becomes a boolean too, an element that stands once a list
/// of one, an element without content nothing, and one with attributes its text where a single value is expected.
pub(super) fn fit_xml(value: Value, ty: &Type) -> Result<Value, Vec<Mismatch>> {
    Fitting::new(Source::Xml).run(value, ty)
}

/// Where a value came from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Json,
    Xml,
}

/// One step on the way to a value.
enum Step {
    Name(SmolStr),
    Index(usize),
}

struct Fitting {
    source: Source,
    path: Vec<Step>,
    /// How many fields on the way are `sensitive`.
    masked: usize,
    mismatches: Vec<Mismatch>,
}

impl Fitting {
    fn new(source: Source) -> Fitting {
        Fitting { source, path: vec![], masked: 0, mismatches: vec![] }
    }

    fn run(mut self, value: Value, ty: &Type) -> Result<Value, Vec<Mismatch>> {
        let value = self.fit(value, ty);
        if self.mismatches.is_empty() { Ok(value) } else { Err(self.mismatches) }
    }

    fn fit(&mut self, value: Value, ty: &Type) -> Value {
        match ty {
            Type::Json => value,
            Type::Optional(inner) if self.is_nothing(&value, inner) => Value::Null,
            Type::Optional(inner) => self.fit(value, inner),
            Type::List(item) => self.list(value, item, ty),
            Type::Record(fields) => self.record(value, fields, ty),
            scalar => {
                let value = self.content(value);
                match self.scalar(&value, scalar) {
                    Some(fitted) => fitted,
                    None => self.mismatch(&value, ty),
                }
            }
        }
    }

    /// Whether a value is nothing where an optional is expected. An XML element without content is, unless it may be a text.
    fn is_nothing(&self, value: &Value, inner: &Type) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => self.source == Source::Xml && text.trim().is_empty() && *inner != Type::String,
            _ => false,
        }
    }

    /// The text of an XML element that has attributes too; any other value is its own content.
    fn content(&self, value: Value) -> Value {
        let text = match &value {
            Value::Record(record) if self.source == Source::Xml => {
                let only_text = record.iter().all(|(name, _)| name.starts_with(['@', '#']));
                only_text.then(|| record.get("#text").cloned().unwrap_or(Value::from("")))
            }
            _ => None,
        };
        text.unwrap_or(value)
    }

    fn scalar(&self, value: &Value, ty: &Type) -> Option<Value> {
        match (ty, value) {
            (Type::String, Value::String(_))
            | (Type::Int, Value::Int(_))
            | (Type::Decimal, Value::Decimal(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Date, Value::Date(_))
            | (Type::Datetime, Value::Datetime(_))
            | (Type::Duration, Value::Duration(_)) => Some(value.clone()),
            (Type::Int, Value::Decimal(number)) if number.fract().is_zero() => number.to_i64().map(Value::Int),
            (Type::Decimal, Value::Int(number)) => Some(Value::Decimal(Decimal::from(*number))),
            (Type::Union(members), value) => {
                members.iter().find(|member| self.is_member(value, member)).map(Value::from)
            }
            (ty, Value::String(written)) => self.written(written, ty),
            _ => None,
        }
    }

    /// What a text stands for.
    fn written(&self, written: &str, ty: &Type) -> Option<Value> {
        let written = if self.source == Source::Xml { written.trim() } else { written };
        match ty {
            Type::Int => integer(written).map(Value::Int),
            Type::Decimal => number::decimal(written).map(Value::Decimal),
            Type::Bool if self.source == Source::Xml => written.parse().ok().map(Value::Bool),
            Type::Date => text::date(written).map(Value::Date),
            Type::Datetime => text::datetime(written).map(Value::Datetime),
            Type::Duration => text::duration(written).map(Value::Duration),
            Type::Email => email(written).map(Value::String),
            Type::Phone => text::phone(written).map(Value::String),
            Type::Url => text::url(written).map(Value::String),
            _ => None,
        }
    }

    fn is_member(&self, value: &Value, member: &Literal) -> bool {
        match (member, value) {
            (Literal::Null, value) => value.is_null(),
            (Literal::String(expected), Value::String(text)) => expected == text,
            (Literal::String(_), _) => false,
            (member, value) => {
                let Some(ty) = literal_type(member) else { return false };
                self.scalar(value, &ty).is_some_and(|value| value == Value::from(member))
            }
        }
    }

    fn list(&mut self, value: Value, item: &Type, ty: &Type) -> Value {
        let items: Vec<Value> = match (value, self.source) {
            (Value::List(items), _) => items.to_vec(),
            (Value::Null, Source::Xml) => vec![],
            (single, Source::Xml) => vec![single],
            (other, Source::Json) => return self.mismatch(&other, ty),
        };
        let items = items.into_iter().enumerate().map(|(index, value)| self.within(Step::Index(index), value, item));
        Value::List(items.collect())
    }

    fn record(&mut self, value: Value, fields: &BTreeMap<SmolStr, Field>, ty: &Type) -> Value {
        let given = match (value, self.source) {
            (Value::Record(given), _) => given,
            (Value::String(text), Source::Xml) if text.trim().is_empty() => Record::new().into(),
            (text @ Value::String(_), Source::Xml) => Record::from_iter([(SmolStr::new("#text"), text)]).into(),
            (other, _) => return self.mismatch(&other, ty),
        };
        let mut record = Record::new();
        for (name, field) in fields {
            let value = match given.get(name) {
                None | Some(Value::Null) => self.absent(name, field),
                Some(value) => {
                    self.masked += usize::from(field.sensitive);
                    let value = self.within(Step::Name(name.clone()), value.clone(), &field.ty);
                    self.masked -= usize::from(field.sensitive);
                    Some(value)
                }
            };
            // An optional field without a value is absent, whether it was left out or given as nothing.
            if let Some(value) = value.filter(|value| !value.is_null()) {
                record.set(name.clone(), value);
            }
        }
        Value::Record(record.into())
    }

    /// What stands for a field that is not given.
    fn absent(&mut self, name: &SmolStr, field: &Field) -> Option<Value> {
        match (&field.default, &field.ty) {
            (Some(default), ty) => Some(self.within(Step::Name(name.clone()), Value::from(default), ty)),
            (None, Type::Optional(_) | Type::Json) => None,
            (None, Type::List(_)) if self.source == Source::Xml => Some(Value::List([].into())),
            (None, ty) => {
                self.path.push(Step::Name(name.clone()));
                self.report(format!("missing: expected `{ty}`"));
                self.path.pop();
                None
            }
        }
    }

    fn within(&mut self, step: Step, value: Value, ty: &Type) -> Value {
        self.path.push(step);
        let value = self.fit(value, ty);
        self.path.pop();
        value
    }

    fn mismatch(&mut self, value: &Value, ty: &Type) -> Value {
        let got = describe(value, self.masked > 0);
        self.report(format!("expected {}, got {got}", expectation(ty)));
        Value::Null
    }

    fn report(&mut self, message: String) {
        if self.mismatches.len() < MOST_MISMATCHES {
            self.mismatches.push(Mismatch { path: written_path(&self.path), message });
        }
    }
}

/// A whole number as it is written in JSON: no sign but `-`, no leading zero.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let well_formed = digits == "0" || digits.starts_with(|first: char| matches!(first, '1'..='9'));
    well_formed.then(|| text.parse().ok()).flatten()
}

fn literal_type(literal: &Literal) -> Option<Type> {
    match literal {
        Literal::Bool(_) => Some(Type::Bool),
        Literal::Int(_) => Some(Type::Int),
        Literal::Decimal(_) => Some(Type::Decimal),
        Literal::Date(_) => Some(Type::Date),
        Literal::Datetime(_) => Some(Type::Datetime),
        Literal::Duration(_) => Some(Type::Duration),
        Literal::Null | Literal::String(_) | Literal::LocalDatetime(_) | Literal::Time(_) => None,
    }
}

/// The type, with what its text must look like where that is not plain.
fn expectation(ty: &Type) -> String {
    let form = match ty {
        Type::Decimal => " of at most 28 digits",
        Type::Date => " such as `2026-11-24`",
        Type::Datetime => " such as `2026-11-24T09:30:00Z`",
        Type::Duration => " such as `90min`",
        Type::Email => " such as `ann@example.com`",
        Type::Phone => " such as `+380671234567`",
        Type::Url => " such as `https://example.com/`",
        _ => "",
    };
    format!("`{ty}`{form}")
}

pub(crate) fn describe(value: &Value, masked: bool) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Record(_) => "a record".to_owned(),
        Value::String(_) if masked => "a text".to_owned(),
        _ if masked => "another value".to_owned(),
        Value::String(text) => {
            let mut shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            format!("the text `{shown:?}`")
        }
        Value::Bool(value) => format!("`{value}`"),
        Value::Int(_) | Value::Decimal(_) | Value::Number(_) => {
            let text = super::display(value);
            let mut shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            format!("the number `{shown}`")
        }
        other => format!("`{}`", super::display(other)),
    }
}

fn written_path(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        // Writing into a `String` never fails.
        let _ = match step {
            Step::Index(index) => write!(out, "[{index}]"),
            Step::Name(name) if !is_plain(name) => write!(out, "[{name:?}]"),
            Step::Name(name) if out.is_empty() => write!(out, "{name}"),
            Step::Name(name) => write!(out, ".{name}"),
        };
    }
    out
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests;
