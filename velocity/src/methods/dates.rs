//! Moments: what Java's `Date` and `Calendar` answer.

use super::{Method, Type, argument, failure, int, void};
use crate::error::Result;
use crate::tools::{Fields, Locale, field};
use crate::value::{Calendar, Value};
use jiff::{Span, Timestamp};

fn milliseconds(value: &Value) -> Result<i64> {
    match value {
        Value::Date(moment) => Ok(moment.as_millisecond()),
        Value::Calendar(calendar) => Ok(calendar.moment().timestamp().as_millisecond()),
        _ => Err(failure("the date is null")),
    }
}

fn calendar(value: &Value) -> Result<&Calendar> {
    match value {
        Value::Calendar(calendar) => Ok(calendar),
        _ => Err(failure("this is no calendar")),
    }
}

fn out_of_range() -> crate::error::Error {
    failure("the date is out of range")
}

fn order(one: &Value, other: &Value) -> Result<std::cmp::Ordering> {
    Ok(milliseconds(one)?.cmp(&milliseconds(other)?))
}

/// A field of a date as the old methods of Java give it, in UTC.
fn old(value: &Value, number: i32, shift: i32) -> Result<Value> {
    let moment = Timestamp::from_millisecond(milliseconds(value)?).map_err(|_| out_of_range())?;
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC);
    Ok(field(&moment, number, &Locale::us()).map_or(Value::Null, |value| Value::Integer(value + shift)))
}

pub(super) const DATE: &[Method] = &[
    Method::new("getTime", &[], |_, value, _| Ok(Value::Long(milliseconds(value)?))),
    Method::new("before", &[Type::Date], |_, value, arguments| {
        Ok(Value::Boolean(order(value, argument(arguments, 0))?.is_lt()))
    }),
    Method::new("after", &[Type::Date], |_, value, arguments| {
        Ok(Value::Boolean(order(value, argument(arguments, 0))?.is_gt()))
    }),
    Method::new("compareTo", &[Type::Date], |_, value, arguments| {
        Ok(Value::Integer(order(value, argument(arguments, 0))? as i32))
    }),
    Method::new("toGMTString", &[], |machine, value, _| {
        let moment = Timestamp::from_millisecond(milliseconds(value)?).map_err(|_| out_of_range())?;
        machine.text(moment.strftime("%-d %b %-Y %H:%M:%S GMT").to_string())
    }),
    Method::new("getTimezoneOffset", &[], |_, _, _| Ok(Value::Integer(0))),
    Method::new("getYear", &[], |_, value, _| old(value, 1, -1900)),
    Method::new("getMonth", &[], |_, value, _| old(value, 2, 0)),
    Method::new("getDate", &[], |_, value, _| old(value, 5, 0)),
    Method::new("getDay", &[], |_, value, _| old(value, 7, -1)),
    Method::new("getHours", &[], |_, value, _| old(value, 11, 0)),
    Method::new("getMinutes", &[], |_, value, _| old(value, 12, 0)),
    Method::new("getSeconds", &[], |_, value, _| old(value, 13, 0)),
];

/// Moves a calendar by a number of units of a field.
fn add(value: &Value, number: i32, amount: i32) -> Result<Value> {
    let calendar = calendar(value)?;
    let moment = calendar.moment();
    let amount = i64::from(amount);
    let span = match number {
        // The era of a moment after the year 0 is the last one.
        0 if amount >= 0 => return void(),
        1 => Span::new().try_years(amount),
        2 => Span::new().try_months(amount),
        3 | 4 | 8 => Span::new().try_weeks(amount),
        5..=7 => Span::new().try_days(amount),
        9 => Span::new().try_hours(amount * 12),
        10 | 11 => Span::new().try_hours(amount),
        12 => Span::new().try_minutes(amount),
        13 => Span::new().try_seconds(amount),
        14 => Span::new().try_milliseconds(amount),
        _ => return Err(failure("a calendar has no such field")),
    };
    let moved = moment.checked_add(span.map_err(|_| out_of_range())?).map_err(|_| out_of_range())?;
    calendar.set(moved);
    void()
}

/// Gives a calendar's field a value, which may be out of the field's range.
fn set(value: &Value, changes: &[(i32, i32)]) -> Result<Value> {
    let calendar = calendar(value)?;
    let moment = calendar.moment();
    let mut fields = Fields::of(&moment);
    for (number, amount) in changes {
        let amount = i64::from(*amount);
        match number {
            1 => fields.year = amount,
            2 => fields.month = amount,
            5 => fields.day = amount,
            6 => {
                fields.month = 0;
                fields.day = amount;
            }
            // A week keeps its day.
            3 | 4 | 8 => {
                let current = field(&moment, *number, &Locale::us()).unwrap_or(1);
                fields.day += (amount - i64::from(current)) * 7;
            }
            9 => fields.hour = fields.hour % 12 + amount * 12,
            // The day of that name in the week that begins on Sunday.
            7 => {
                let current = i64::from(field(&moment, 7, &Locale::us()).unwrap_or(1));
                fields.day += (amount - 1).rem_euclid(7) + 1 - current;
            }
            10 => fields.hour = fields.hour / 12 * 12 + amount,
            11 => fields.hour = amount,
            12 => fields.minute = amount,
            13 => fields.second = amount,
            14 => fields.millisecond = amount,
            _ => return Err(failure("this field of a calendar cannot be set")),
        }
    }
    calendar.set(fields.in_zone(moment.time_zone()).ok_or_else(out_of_range)?);
    void()
}

/// The greatest value a field may have in any year.
fn maximum(number: i32) -> Result<i32> {
    const MOST: [i32; 17] = [1, 292_278_994, 11, 53, 6, 31, 366, 7, 6, 1, 11, 23, 59, 59, 999, 50_400_000, 7_200_000];
    let most = usize::try_from(number).ok().and_then(|number| MOST.get(number)).copied();
    most.ok_or_else(|| failure("a calendar has no such field"))
}

/// The greatest value a field has at the calendar's moment.
fn actual_maximum(moment: &jiff::Zoned, number: i32) -> Result<i32> {
    let length = i32::from(moment.days_in_month());
    Ok(match number {
        1 => {
            if moment.month() < 8 {
                292_278_994
            } else {
                292_278_993
            }
        }
        3 => {
            let day = |day: i8| moment.with().month(12).day(day).build().map_err(|_| out_of_range());
            let week = |moment: &jiff::Zoned| field(moment, 3, &Locale::us()).unwrap_or(52);
            let last = week(&day(31)?);
            if last == 1 { week(&day(24)?) } else { last }
        }
        4 => {
            let last = moment.last_of_month().map_err(|_| out_of_range())?;
            field(&last, 4, &Locale::us()).unwrap_or(5)
        }
        5 => length,
        6 => i32::from(moment.days_in_year()),
        8 => (length - 1 - (i32::from(moment.day()) - 1) % 7) / 7 + 1,
        other => maximum(other)?,
    })
}

pub(super) const CALENDAR: &[Method] = &[
    Method::new("getMaximum", &[Type::Int], |_, _, arguments| Ok(Value::Integer(maximum(int(arguments, 0))?))),
    Method::new("getActualMaximum", &[Type::Int], |_, value, arguments| {
        Ok(Value::Integer(actual_maximum(&calendar(value)?.moment(), int(arguments, 0))?))
    }),
    Method::new("getFirstDayOfWeek", &[], |_, _, _| Ok(Value::Integer(Locale::us().week().0))),
    Method::new("getMinimalDaysInFirstWeek", &[], |_, _, _| Ok(Value::Integer(Locale::us().week().1))),
    Method::new("isLenient", &[], |_, _, _| Ok(Value::Boolean(true))),
    Method::new("getTime", &[], |_, value, _| Ok(Value::Date(calendar(value)?.moment().timestamp()))),
    Method::new("getTimeInMillis", &[], |_, value, _| Ok(Value::Long(milliseconds(value)?))),
    Method::new("get", &[Type::Int], |_, value, arguments| {
        let moment = calendar(value)?.moment();
        let value = field(&moment, int(arguments, 0), &Locale::us());
        value.map(Value::Integer).ok_or_else(|| failure("a calendar has no such field"))
    }),
    Method::action("add", &[Type::Int, Type::Int], |_, value, arguments| {
        add(value, int(arguments, 0), int(arguments, 1))
    }),
    Method::action("set", &[Type::Int, Type::Int], |_, value, arguments| {
        set(value, &[(int(arguments, 0), int(arguments, 1))])
    }),
    Method::action("set", &[Type::Int, Type::Int, Type::Int], |_, value, arguments| {
        set(value, &[(1, int(arguments, 0)), (2, int(arguments, 1)), (5, int(arguments, 2))])
    }),
    Method::action("setTime", &[Type::Date], |_, value, arguments| {
        let moment = Timestamp::from_millisecond(milliseconds(argument(arguments, 0))?).map_err(|_| out_of_range())?;
        let calendar = calendar(value)?;
        calendar.set(moment.to_zoned(calendar.moment().time_zone().clone()));
        void()
    }),
    Method::action("setTimeInMillis", &[Type::Long], |_, value, arguments| {
        let Value::Long(milliseconds) = argument(arguments, 0) else { return void() };
        let moment = Timestamp::from_millisecond(*milliseconds).map_err(|_| out_of_range())?;
        let calendar = calendar(value)?;
        calendar.set(moment.to_zoned(calendar.moment().time_zone().clone()));
        void()
    }),
    Method::new("before", &[Type::Object], |_, value, arguments| {
        let other = argument(arguments, 0);
        Ok(Value::Boolean(matches!(other, Value::Calendar(_)) && order(value, other)?.is_lt()))
    }),
    Method::new("after", &[Type::Object], |_, value, arguments| {
        let other = argument(arguments, 0);
        Ok(Value::Boolean(matches!(other, Value::Calendar(_)) && order(value, other)?.is_gt()))
    }),
    Method::new("compareTo", &[Type::Calendar], |_, value, arguments| {
        Ok(Value::Integer(order(value, argument(arguments, 0))? as i32))
    }),
    Method::new("clone", &[], |_, value, _| Ok(Value::Calendar(Calendar::new(calendar(value)?.moment())))),
];
