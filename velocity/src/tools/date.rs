//! `$date`: dates shown, read and compared.

use super::comparison::{Comparison, Sort};
use super::date_format::{DateFormat, style_of};
use super::locale::Locale;
use super::moment::{Zone, field, field_number, milliseconds, timestamp};
use crate::error::Result;
use crate::machine::Machine;
use crate::methods::{Method, Type, argument, failure};
use crate::value::{Calendar, Object, Value};
use jiff::Zoned;
use jiff::tz::TimeZone;
use std::rc::Rc;

fn zone(machine: &Machine<'_>) -> TimeZone {
    machine.options.time_zone.clone()
}

/// The present moment, which the host has to give.
fn now(machine: &Machine<'_>) -> Result<Zoned> {
    match machine.options.now {
        Some(now) => Ok(now.to_zoned(zone(machine))),
        None => Err(failure("the present moment is not known here")),
    }
}

/// A value as a moment, a text by a format; `None` when it is none.
fn to_moment(machine: &Machine<'_>, value: &Value, format: &str, locale: &Locale, zone: &TimeZone) -> Option<Zoned> {
    if value.is_null() {
        return None;
    }
    if let Value::Calendar(calendar) = value {
        return Some(calendar.moment());
    }
    if let Some(milliseconds) = milliseconds(value) {
        return timestamp(milliseconds).map(|moment| moment.to_zoned(zone.clone()));
    }
    let format = DateFormat::new(format, locale).ok()??;
    format.parse(&value.to_string(), zone, machine.options.now)
}

fn to_date(machine: &Machine<'_>, value: &Value, format: &str, locale: &Locale) -> Value {
    let moment = to_moment(machine, value, format, locale, &zone(machine));
    moment.map_or(Value::Null, |moment| Value::Date(moment.timestamp()))
}

/// The default way to read a value as a moment.
fn moment(machine: &Machine<'_>, value: &Value) -> Option<Zoned> {
    to_moment(machine, value, "default", &Locale::us(), &zone(machine))
}

fn locale_of(value: Option<&Value>) -> Option<Locale> {
    match value {
        None => Some(Locale::us()),
        Some(value) => Locale::of(value),
    }
}

fn zone_of(machine: &Machine<'_>, value: Option<&Value>) -> Option<TimeZone> {
    match value {
        None => Some(zone(machine)),
        Some(Value::Opaque(object)) => object.downcast::<Zone>().map(|zone| zone.0.clone()),
        Some(_) => None,
    }
}

/// Shows a value by a format; null stays null.
fn show(machine: &mut Machine<'_>, format: Option<DateFormat>, value: &Value, zone: Option<&Value>) -> Result<Value> {
    let moment = moment(machine, value);
    let zone = zone_of(machine, zone);
    match (format, moment, zone) {
        (Some(format), Some(moment), Some(zone)) => {
            let text = format.format(&moment.with_time_zone(zone));
            machine.text(text)
        }
        _ => Ok(Value::Null),
    }
}

/// `format(pattern, date, locale, zone)`
fn format(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    let Some(pattern) = argument(arguments, 0).as_str() else { return Ok(Value::Null) };
    let locale = locale_of(arguments.get(2)).ok_or_else(|| failure("the locale is null"))?;
    if zone_of(machine, arguments.get(3)).is_none() {
        return Err(failure("the time zone is null"));
    }
    let format = DateFormat::new(pattern, &locale)?;
    show(machine, format, argument(arguments, 1), arguments.get(3))
}

/// `format(date style, time style, date, locale, zone)`
fn format_styles(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    let styles = (argument(arguments, 0).as_str(), argument(arguments, 1).as_str());
    let ((Some(date), Some(time)), Some(locale)) = (styles, locale_of(arguments.get(3))) else {
        return Err(failure("a style is null"));
    };
    let format = DateFormat::styles(style_of(date), style_of(time), &locale)?;
    show(machine, format, argument(arguments, 2), arguments.get(4))
}

/// `toDate(format, value, locale)`
fn read(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    let (Some(pattern), Some(locale)) = (argument(arguments, 0).as_str(), locale_of(arguments.get(2))) else {
        return Ok(Value::Null);
    };
    Ok(to_date(machine, argument(arguments, 1), pattern, &locale))
}

fn calendar(value: Option<Zoned>) -> Value {
    value.map_or(Value::Null, |moment| Value::Calendar(Calendar::new(moment)))
}

fn read_calendar(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    let value = argument(arguments, 1);
    if let Value::Calendar(_) = value {
        return Ok(value.clone());
    }
    let (Some(pattern), Some(locale)) = (argument(arguments, 0).as_str(), locale_of(arguments.get(2))) else {
        return Ok(Value::Null);
    };
    Ok(calendar(to_moment(machine, value, pattern, &locale, &zone(machine))))
}

fn field_of(machine: &Machine<'_>, number: Option<i32>, value: &Value) -> Result<Value> {
    let Some(moment) = moment(machine, value) else { return Ok(Value::Null) };
    match number.and_then(|number| field(&moment, number, &Locale::us())) {
        Some(value) => Ok(Value::Integer(value)),
        None => Ok(Value::Null),
    }
}

fn number_of(value: &Value) -> Option<i32> {
    match value {
        Value::Integer(number) => Some(*number),
        other => field_number(&other.to_string().to_uppercase()),
    }
}

fn compared(machine: &Machine<'_>, from: &Value, to: &Value, sort: Sort) -> Result<Value> {
    let (Some(from), Some(to)) = (moment(machine, from), moment(machine, to)) else { return Ok(Value::Null) };
    Ok(Comparison::new(from, to, sort).into_value())
}

fn total(arguments: &[Value], unit: i64) -> Result<Value> {
    match argument(arguments, 0) {
        Value::Long(milliseconds) => Ok(Value::Long(milliseconds / unit)),
        _ => Ok(Value::Null),
    }
}

const VALUE: &[Type] = &[Type::Object];
const NAMED: &[Type] = &[Type::String, Type::Object];

/// The tool's methods.
pub(super) const DATE: &[Method] = &[
    Method::new("format", VALUE, |machine, _, arguments| {
        let format = DateFormat::new("default", &Locale::us())?;
        show(machine, format, argument(arguments, 0), None)
    }),
    Method::new("format", NAMED, format),
    Method::new("format", &[Type::String, Type::Object, Type::Locale], format),
    Method::new("format", &[Type::String, Type::Object, Type::Locale, Type::TimeZone], format),
    Method::new("format", &[Type::String, Type::String, Type::Object], format_styles),
    Method::new("format", &[Type::String, Type::String, Type::Object, Type::Locale], format_styles),
    Method::new("format", &[Type::String, Type::String, Type::Object, Type::Locale, Type::TimeZone], format_styles),
    Method::new("toDate", VALUE, |machine, _, arguments| {
        Ok(to_date(machine, argument(arguments, 0), "default", &Locale::us()))
    }),
    Method::new("toDate", NAMED, read),
    Method::new("toDate", &[Type::String, Type::Object, Type::Locale], read),
    Method::new("toDate", &[Type::Object, Type::Locale], |machine, _, arguments| {
        let locale = locale_of(arguments.get(1)).unwrap_or_else(Locale::us);
        Ok(to_date(machine, argument(arguments, 0), "default", &locale))
    }),
    Method::new("toCalendar", VALUE, |machine, _, arguments| match argument(arguments, 0) {
        value @ Value::Calendar(_) => Ok(value.clone()),
        value => Ok(calendar(moment(machine, value))),
    }),
    Method::new("toCalendar", NAMED, read_calendar),
    Method::new("toCalendar", &[Type::String, Type::Object, Type::Locale], read_calendar),
    Method::new("getTimeZone", &[], |machine, _, _| {
        let zone: Rc<dyn Object> = Rc::new(Zone(zone(machine)));
        Ok(Value::from(zone))
    }),
    Method::new("getDate", &[], |machine, _, _| Ok(Value::Date(now(machine)?.timestamp()))),
    Method::new("getSystemDate", &[], |machine, _, _| Ok(Value::Date(now(machine)?.timestamp()))),
    Method::new("getSystemTime", &[], |machine, _, _| Ok(Value::Long(now(machine)?.timestamp().as_millisecond()))),
    Method::new("getCalendar", &[], |machine, _, _| Ok(calendar(Some(now(machine)?)))),
    Method::new("getSystemCalendar", &[], |machine, _, _| Ok(calendar(Some(now(machine)?)))),
    Method::new("getYear", &[], |machine, _, _| Ok(Value::Integer(i32::from(now(machine)?.year())))),
    Method::new("getMonth", &[], |machine, _, _| Ok(Value::Integer(i32::from(now(machine)?.month()) - 1))),
    Method::new("getDay", &[], |machine, _, _| Ok(Value::Integer(i32::from(now(machine)?.day())))),
    Method::new("getYear", VALUE, |machine, _, arguments| field_of(machine, Some(1), argument(arguments, 0))),
    Method::new("getMonth", VALUE, |machine, _, arguments| field_of(machine, Some(2), argument(arguments, 0))),
    Method::new("getDay", VALUE, |machine, _, arguments| field_of(machine, Some(5), argument(arguments, 0))),
    Method::new("getValue", VALUE, |machine, _, arguments| {
        let Some(number) = number_of(argument(arguments, 0)) else { return Ok(Value::Null) };
        let now = Value::Date(now(machine)?.timestamp());
        field_of(machine, Some(number), &now)
    }),
    Method::new("getValue", &[Type::Object, Type::Object], |machine, _, arguments| {
        field_of(machine, number_of(argument(arguments, 0)), argument(arguments, 1))
    }),
    Method::new("getValue", &[Type::Int, Type::Object], |machine, _, arguments| {
        field_of(machine, number_of(argument(arguments, 0)), argument(arguments, 1))
    }),
    Method::new("get", &[Type::String], |machine, _, arguments| {
        let format = DateFormat::new(argument(arguments, 0).as_str().unwrap_or_default(), &Locale::us())?;
        let now = Value::Date(now(machine)?.timestamp());
        show(machine, format, &now, None)
    }),
    Method::new("get", &[Type::String, Type::String], |machine, this, arguments| {
        let now = Value::Date(now(machine)?.timestamp());
        format_styles(machine, this, &[argument(arguments, 0).clone(), argument(arguments, 1).clone(), now])
    }),
    Method::new("toString", &[], |machine, _, _| {
        let format = DateFormat::new("default", &Locale::us())?;
        let now = Value::Date(now(machine)?.timestamp());
        show(machine, format, &now, None)
    }),
    Method::new("getFormat", &[], |_, _, _| Ok(Value::string("default"))),
    Method::new("whenIs", VALUE, |machine, _, arguments| {
        if moment(machine, argument(arguments, 0)).is_none() {
            return Ok(Value::Null);
        }
        let now = Value::Date(now(machine)?.timestamp());
        compared(machine, &now, argument(arguments, 0), Sort::Current)
    }),
    Method::new("whenIs", &[Type::Object, Type::Object], |machine, _, arguments| {
        compared(machine, argument(arguments, 0), argument(arguments, 1), Sort::Relative)
    }),
    Method::new("difference", &[Type::Object, Type::Object], |machine, _, arguments| {
        compared(machine, argument(arguments, 0), argument(arguments, 1), Sort::Difference)
    }),
    Method::new("timespan", &[Type::Object, Type::Object], |machine, _, arguments| {
        compared(machine, argument(arguments, 0), argument(arguments, 1), Sort::Exact)
    }),
    Method::new("toYears", &[Type::Long], |_, _, arguments| total(arguments, 365 * 86_400_000)),
    Method::new("toMonths", &[Type::Long], |_, _, arguments| total(arguments, 30 * 86_400_000)),
    Method::new("toWeeks", &[Type::Long], |_, _, arguments| total(arguments, 7 * 86_400_000)),
    Method::new("toDays", &[Type::Long], |_, _, arguments| total(arguments, 86_400_000)),
    Method::new("toHours", &[Type::Long], |_, _, arguments| total(arguments, 3_600_000)),
    Method::new("toMinutes", &[Type::Long], |_, _, arguments| total(arguments, 60_000)),
    Method::new("toSeconds", &[Type::Long], |_, _, arguments| total(arguments, 1000)),
];

/// A text as a date by a format, for the conversion tool.
pub(super) fn parse(machine: &Machine<'_>, value: &Value, format: &str, locale: &Locale) -> Value {
    to_date(machine, value, format, locale)
}
