//! Moments: what Java's `Date` and `Calendar` answer.

use super::{Method, Type, argument, failure};
use crate::error::Result;
use crate::value::Value;

fn milliseconds(value: &Value) -> Result<i64> {
    match value {
        Value::Date(moment) => Ok(moment.as_millisecond()),
        Value::Calendar(moment) => Ok(moment.timestamp().as_millisecond()),
        _ => Err(failure("the date is null")),
    }
}

pub(super) const DATE: &[Method] = &[
    Method::new("getTime", &[], |_, value, _| Ok(Value::Long(milliseconds(value)?))),
    Method::new("before", &[Type::Date], |_, value, arguments| {
        Ok(Value::Boolean(milliseconds(value)? < milliseconds(argument(arguments, 0))?))
    }),
    Method::new("after", &[Type::Date], |_, value, arguments| {
        Ok(Value::Boolean(milliseconds(value)? > milliseconds(argument(arguments, 0))?))
    }),
    Method::new("compareTo", &[Type::Date], |_, value, arguments| {
        let order = milliseconds(value)?.cmp(&milliseconds(argument(arguments, 0))?);
        Ok(Value::Integer(order as i32))
    }),
];

pub(super) const CALENDAR: &[Method] = &[
    Method::new("getTime", &[], |_, value, _| match value {
        Value::Calendar(moment) => Ok(Value::Date(moment.timestamp())),
        _ => Err(failure("the date is null")),
    }),
    Method::new("getTimeInMillis", &[], |_, value, _| Ok(Value::Long(milliseconds(value)?))),
];
