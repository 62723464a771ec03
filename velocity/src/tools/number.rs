//! `$number`: numbers shown and read by patterns.

use super::convert::to_number;
use super::decimal_format::DecimalFormat;
use super::locale::Locale;
use crate::error::Result;
use crate::machine::Machine;
use crate::methods::{Method, Type, argument};
use crate::number::Number;
use crate::value::Value;

fn format(machine: &mut Machine<'_>, pattern: &str, value: &Value, locale: &Locale) -> Result<Value> {
    let format = DecimalFormat::new(pattern, locale)?;
    match to_number(value) {
        Some(number) => machine.text(format.format(&number)),
        None => Ok(Value::Null),
    }
}

/// A value as a number, a text by a pattern.
pub(super) fn read(pattern: &str, value: &Value, locale: &Locale) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    if let Some(number) = Number::of(value) {
        return number.into_value();
    }
    if matches!(value, Value::Date(_) | Value::Calendar(_)) {
        return to_number(value).map_or(Value::Null, Number::into_value);
    }
    let format = DecimalFormat::new(pattern, locale).ok();
    format.and_then(|format| format.parse(&value.to_string())).map_or(Value::Null, Number::into_value)
}

fn styled(machine: &mut Machine<'_>, style: &str, arguments: &[Value]) -> Result<Value> {
    format(machine, style, argument(arguments, 0), &Locale::us())
}

/// The pattern, the value and the locale of a call; `None` when one is null.
fn given(arguments: &[Value]) -> Option<(&str, &Value, Locale)> {
    let pattern = argument(arguments, 0).as_str()?;
    let locale = match arguments.get(2) {
        None => Locale::us(),
        Some(value) => Locale::of(value)?,
    };
    Some((pattern, argument(arguments, 1), locale))
}

fn formatted(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    match given(arguments) {
        Some((pattern, value, locale)) => format(machine, pattern, value, &locale),
        None => Ok(Value::Null),
    }
}

fn parsed(_: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    if let Some(number) = Number::of(argument(arguments, 1)) {
        return Ok(number.into_value());
    }
    Ok(given(arguments).map_or(Value::Null, |(pattern, value, locale)| read(pattern, value, &locale)))
}

/// The tool's methods.
pub(super) const NUMBER: &[Method] = &[
    Method::new("format", &[Type::Object], |machine, _, arguments| styled(machine, "default", arguments)),
    Method::new("format", &[Type::String, Type::Object], formatted),
    Method::new("format", &[Type::String, Type::Object, Type::Locale], formatted),
    Method::new("currency", &[Type::Object], |machine, _, arguments| styled(machine, "currency", arguments)),
    Method::new("integer", &[Type::Object], |machine, _, arguments| styled(machine, "integer", arguments)),
    Method::new("number", &[Type::Object], |machine, _, arguments| styled(machine, "number", arguments)),
    Method::new("percent", &[Type::Object], |machine, _, arguments| styled(machine, "percent", arguments)),
    Method::new("toNumber", &[Type::Object], |_, _, arguments| {
        Ok(read("default", argument(arguments, 0), &Locale::us()))
    }),
    Method::new("toNumber", &[Type::String, Type::Object], parsed),
    Method::new("toNumber", &[Type::String, Type::Object, Type::Locale], parsed),
    Method::new("getFormat", &[], |_, _, _| Ok(Value::string("default"))),
];

/// What every tool with a locale has.
pub(super) const LOCALE: &[Method] = &[
    Method::new("getLocale", &[], |_, _, _| Ok(Locale::us().into_value())),
    Method::new("toLocale", &[Type::Object], |_, _, arguments| match argument(arguments, 0) {
        Value::Null => Ok(Value::Null),
        value => {
            let locale = Locale::of(value).or_else(|| Locale::parse(&value.to_string()));
            Ok(locale.map_or(Value::Null, Locale::into_value))
        }
    }),
];
