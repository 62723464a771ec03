//! `$convert`: values of one type as another.

use super::locale::Locale;
use super::{date, number, spend_elements, text_list};
use crate::error::Result;
use crate::machine::Machine;
use crate::methods::{Method, Type, argument, failure};
use crate::number::Number;
use crate::value::{Calendar, List, ListKind, Value};

/// A value's text; an array's is that of its first element.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::List(list) if list.kind() == ListKind::Array => text(&list.get(0)?),
        other => Some(other.to_string()),
    }
}

fn boolean(value: &Value) -> Value {
    match value {
        Value::Boolean(_) => value.clone(),
        other => text(other).map_or(Value::Null, |text| Value::Boolean(text.eq_ignore_ascii_case("true"))),
    }
}

fn number(value: &Value) -> Value {
    match text(value) {
        Some(text) if Number::of(value).is_none() && !is_moment(value) => {
            if text.is_empty() {
                return Value::Null;
            }
            number::read("default", &Value::from(text), &Locale::us())
        }
        Some(_) => number::read("default", value, &Locale::us()),
        None => Value::Null,
    }
}

fn is_moment(value: &Value) -> bool {
    matches!(value, Value::Date(_) | Value::Calendar(_))
}

fn locale(value: &Value) -> Value {
    if Locale::of(value).is_some() && !matches!(value, Value::String(_)) {
        return value.clone();
    }
    let locale = text(value).filter(|text| !text.is_empty()).and_then(|text| Locale::parse(&text));
    locale.map_or(Value::Null, Locale::into_value)
}

fn moment(machine: &Machine<'_>, value: &Value) -> Value {
    let text = match value {
        Value::List(list) if list.kind() == ListKind::Array => list.get(0).unwrap_or_default(),
        other => other.clone(),
    };
    date::parse(machine, &text, "default", &Locale::us())
}

fn calendar(machine: &Machine<'_>, value: &Value) -> Value {
    if let Value::Calendar(_) = value {
        return value.clone();
    }
    match moment(machine, value) {
        Value::Date(moment) => Value::Calendar(Calendar::new(moment.to_zoned(machine.options.time_zone.clone()))),
        _ => Value::Null,
    }
}

/// A value as an array of texts: a collection's elements, or the parts between commas.
fn texts(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::List(list) if list.is_empty() && list.kind() != ListKind::Array => Value::Null,
        Value::List(list) => {
            let items = list.items().iter().map(|item| text(item).map_or(Value::Null, Value::from)).collect();
            Value::List(List::of(ListKind::Array, items))
        }
        other => text(other).map_or(Value::Null, |text| text_list(&text)),
    }
}

/// An array as it is, anything else as an array of texts.
fn texts_unless_array(value: &Value) -> Value {
    match value {
        Value::List(list) if list.kind() == ListKind::Array => value.clone(),
        other => texts(other),
    }
}

/// An array of converted elements. A collection that is not empty gives nothing, as in the reference.
fn all(value: &Value, convert: impl Fn(&Value) -> Value) -> Value {
    let elements = match value {
        Value::List(list) if list.kind() != ListKind::Array => {
            return if list.is_empty() { Value::List(List::of(ListKind::Array, Vec::new())) } else { Value::Null };
        }
        Value::List(_) => value.clone(),
        other => texts(other),
    };
    match elements {
        Value::List(list) => Value::List(List::of(ListKind::Array, list.items().iter().map(convert).collect())),
        _ => Value::Null,
    }
}

/// The locale of a call; `None` when it is given and is none.
fn locale_of(value: Option<&Value>) -> Option<Locale> {
    match value {
        None => Some(Locale::us()),
        Some(value) => Locale::of(&locale(value)),
    }
}

fn parse_number(arguments: &[Value], format: &str, locale: Option<&Value>) -> Result<Value> {
    match (argument(arguments, 0), locale_of(locale)) {
        (value @ Value::String(_), Some(locale)) => Ok(number::read(format, value, &locale)),
        _ => Ok(Value::Null),
    }
}

fn parse_date(machine: &Machine<'_>, arguments: &[Value], format: &str, locale: Option<&Value>) -> Result<Value> {
    match (argument(arguments, 0), locale_of(locale)) {
        (value @ Value::String(_), Some(locale)) => Ok(date::parse(machine, value, format, &locale)),
        _ => Ok(Value::Null),
    }
}

/// The format of a call: one that does not exist when it is null.
fn format_of(arguments: &[Value]) -> &str {
    argument(arguments, 1).as_str().unwrap_or("\'")
}

fn to_number(value: &Value) -> Result<Number> {
    Number::of(&number(value)).ok_or_else(|| failure("this is no number"))
}

const ANY: &[Type] = &[Type::Object];

/// The tool's methods.
pub(super) const CONVERSION: &[Method] = &[
    Method::new("toString", ANY, |machine, _, arguments| match text(argument(arguments, 0)) {
        Some(text) => machine.text(text),
        None => Ok(Value::Null),
    }),
    Method::new("toBoolean", ANY, |_, _, arguments| Ok(boolean(argument(arguments, 0)))),
    Method::new("toInteger", ANY, |_, _, arguments| match argument(arguments, 0) {
        value @ (Value::Null | Value::Integer(_)) => Ok(value.clone()),
        value => Ok(Value::Integer(to_number(value)?.to_i32())),
    }),
    Method::new("toDouble", ANY, |_, _, arguments| match argument(arguments, 0) {
        value @ (Value::Null | Value::Double(_)) => Ok(value.clone()),
        value => Ok(Value::Double(to_number(value)?.to_f64())),
    }),
    Method::new("toNumber", ANY, |_, _, arguments| Ok(number(argument(arguments, 0)))),
    Method::new("toLocale", ANY, |_, _, arguments| Ok(locale(argument(arguments, 0)))),
    Method::new("toDate", ANY, |machine, _, arguments| Ok(moment(machine, argument(arguments, 0)))),
    Method::new("toCalendar", ANY, |machine, _, arguments| Ok(calendar(machine, argument(arguments, 0)))),
    Method::new("toStrings", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(texts(argument(arguments, 0)))
    }),
    Method::new("toBooleans", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(all(argument(arguments, 0), boolean))
    }),
    Method::new("toNumbers", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(all(argument(arguments, 0), number))
    }),
    Method::new("toInts", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(integers(argument(arguments, 0)))
    }),
    Method::new("toIntegers", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(integers(argument(arguments, 0)))
    }),
    Method::new("toDoubles", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        // As with `toIntegers`, and unlike the others, a collection gives its elements.
        Ok(all(&texts_unless_array(argument(arguments, 0)), |value| {
            Value::Double(to_number(value).map_or(0.0, |number| number.to_f64()))
        }))
    }),
    Method::new("toLocales", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(all(argument(arguments, 0), locale))
    }),
    Method::new("toDates", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(all(argument(arguments, 0), |value| moment(machine, value)))
    }),
    Method::new("toCalendars", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(all(argument(arguments, 0), |value| calendar(machine, value)))
    }),
    Method::new("toList", ANY, |machine, _, arguments| {
        spend_elements(machine, argument(arguments, 0))?;
        Ok(match argument(arguments, 0) {
            Value::Null => Value::Null,
            Value::List(list) if list.kind() == ListKind::Array => Value::from(list.items().clone()),
            value @ Value::List(list) if !matches!(list.kind(), ListKind::Set | ListKind::Collection) => value.clone(),
            other => Value::from(vec![other.clone()]),
        })
    }),
    Method::new("parseNumber", &[Type::String], |_, _, arguments| parse_number(arguments, "default", None)),
    Method::new("parseNumber", &[Type::String, Type::String], |_, _, arguments| {
        parse_number(arguments, format_of(arguments), None)
    }),
    Method::new("parseNumber", &[Type::String, Type::Object], |_, _, arguments| {
        parse_number(arguments, "default", arguments.get(1))
    }),
    Method::new("parseNumber", &[Type::String, Type::String, Type::Object], |_, _, arguments| {
        parse_number(arguments, format_of(arguments), arguments.get(2))
    }),
    Method::new("parseDate", &[Type::String], |machine, _, arguments| parse_date(machine, arguments, "default", None)),
    Method::new("parseDate", &[Type::String, Type::String], |machine, _, arguments| {
        parse_date(machine, arguments, format_of(arguments), None)
    }),
    Method::new("parseDate", &[Type::String, Type::Object], |machine, _, arguments| {
        parse_date(machine, arguments, "default", arguments.get(1))
    }),
    Method::new("parseDate", &[Type::String, Type::String, Type::Object], |machine, _, arguments| {
        parse_date(machine, arguments, format_of(arguments), arguments.get(2))
    }),
    Method::new("getStringsDelimiter", &[], |_, _, _| Ok(Value::string(","))),
    Method::new("getNumberFormat", &[], |_, _, _| Ok(Value::string("default"))),
    Method::new("getDateFormat", &[], |_, _, _| Ok(Value::string("default"))),
];

fn integers(value: &Value) -> Value {
    all(&texts_unless_array(value), |value| Value::Integer(to_number(value).map_or(0, |number| number.to_i32())))
}
