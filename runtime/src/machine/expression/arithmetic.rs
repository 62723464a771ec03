//! `+ - * /`: integers and decimals exact, dates and datetimes with durations. What has no exact place is an error.

use compiler::ir::Duration;
use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::kind;
use crate::value::Value;

/// So many significant digits does a decimal have; only a quotient or a product of long fractions is rounded to them.
const DIGITS: u32 = 28;

const OVERFLOW: &str = "is out of range";

type Outcome = Result<Value, String>;

pub(super) fn negate(value: &Value) -> Outcome {
    match value {
        Value::Int(number) => number.checked_neg().map(Value::Int).ok_or_else(overflow),
        Value::Decimal(number) => Ok(Value::Decimal(-*number)),
        other => Err(format!("negates {}", kind(other))),
    }
}

pub(super) fn add(left: &Value, right: &Value) -> Outcome {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.checked_add(*right).map(Value::Int).ok_or_else(overflow),
        (Value::Duration(left), Value::Duration(right)) => {
            let sum = left.milliseconds.checked_add(right.milliseconds);
            sum.map(|milliseconds| Value::Duration(Duration { milliseconds })).ok_or_else(overflow)
        }
        (moment, Value::Duration(duration)) | (Value::Duration(duration), moment) => {
            shift(moment, *duration, false).unwrap_or_else(|| Err(mismatch("adds", left, right)))
        }
        _ => decimals("adds", left, right, Decimal::checked_add),
    }
}

pub(super) fn subtract(left: &Value, right: &Value) -> Outcome {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.checked_sub(*right).map(Value::Int).ok_or_else(overflow),
        (Value::Duration(left), Value::Duration(right)) => {
            let difference = left.milliseconds.checked_sub(right.milliseconds);
            let difference = difference.map(|milliseconds| Value::Duration(Duration { milliseconds }));
            difference.ok_or_else(|| "is a duration below zero".to_owned())
        }
        (moment, Value::Duration(duration)) => {
            shift(moment, *duration, true).unwrap_or_else(|| Err(mismatch("subtracts", left, right)))
        }
        _ => decimals("subtracts", left, right, Decimal::checked_sub),
    }
}

pub(super) fn multiply(left: &Value, right: &Value) -> Outcome {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.checked_mul(*right).map(Value::Int).ok_or_else(overflow),
        _ => decimals("multiplies", left, right, Decimal::checked_mul),
    }
}

/// The quotient is a decimal, of integers too.
pub(super) fn divide(left: &Value, right: &Value) -> Outcome {
    if matches!(right, Value::Int(0)) || matches!(right, Value::Decimal(number) if number.is_zero()) {
        return Err("divides by zero".to_owned());
    }
    decimals("divides", left, right, Decimal::checked_div)
}

fn decimals(verb: &str, left: &Value, right: &Value, operate: fn(Decimal, Decimal) -> Option<Decimal>) -> Outcome {
    let (Some(left), Some(right)) = (decimal(left), decimal(right)) else {
        return Err(mismatch(verb, left, right));
    };
    let result = operate(left, right).ok_or_else(overflow)?;
    let rounded = if result.mantissa().unsigned_abs() < 10_u128.pow(DIGITS) {
        result
    } else {
        // Whole digits are never rounded away.
        result.round_sf(DIGITS).filter(|_| result.scale() > 0).ok_or_else(overflow)?
    };
    Ok(Value::Decimal(rounded))
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// A moment, later or earlier; `None` when it is none. A date moves by whole days only.
fn shift(moment: &Value, by: Duration, back: bool) -> Option<Outcome> {
    let Ok(milliseconds) = i64::try_from(by.milliseconds) else { return Some(Err(overflow())) };
    let by = SignedDuration::from_millis(if back { -milliseconds } else { milliseconds });
    match moment {
        Value::Datetime(moment) => Some(moment.checked_add(by).map(Value::Datetime).map_err(|_| overflow())),
        Value::LocalDatetime(moment) => Some(moment.checked_add(by).map(Value::LocalDatetime).map_err(|_| overflow())),
        Value::Date(_) if milliseconds % 86_400_000 != 0 => Some(Err("moves a date by a part of a day".to_owned())),
        Value::Date(date) => Some(date.checked_add(by).map(Value::Date).map_err(|_| overflow())),
        _ => None,
    }
}

fn mismatch(verb: &str, left: &Value, right: &Value) -> String {
    format!("{verb} {} and {}", kind(left), kind(right))
}

fn overflow() -> String {
    OVERFLOW.to_owned()
}
