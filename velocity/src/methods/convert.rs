//! Arguments as the chosen method needs them.

use super::resolve::Type;
use super::{failure, text};
use crate::error::Result;
use crate::number::Number;
use crate::tools::Locale;
use crate::value::{Decimal, List, ListKind, Value};
use num_traits::ToPrimitive as _;
use std::rc::Rc;

/// Converts every argument to its parameter's type, and gathers what a last array parameter takes.
pub(super) fn arguments(parameters: &[Type], mut values: Vec<Value>) -> Result<Vec<Value>> {
    if let Some(element) = parameters.last().copied().and_then(Type::element) {
        let fixed = parameters.len() - 1;
        let is_array = values.len() == fixed + 1
            && match values.get(fixed) {
                Some(Value::List(list)) => list.kind() == ListKind::Array,
                Some(Value::Null) => true,
                _ => false,
            };
        if !is_array && values.len() >= fixed {
            let rest = values.split_off(fixed);
            // Java finds the method by conversions that it does not make for the elements of `String...`.
            if element == Type::String && rest.iter().any(|value| !matches!(value, Value::String(_) | Value::Null)) {
                return Err(failure("an argument is not a text"));
            }
            let rest = rest.into_iter().map(|value| one(element, value)).collect::<Result<Vec<_>>>()?;
            values.push(Value::List(List::of(ListKind::Array, rest)));
        }
    }
    parameters.iter().zip(values).map(|(parameter, value)| one(*parameter, value)).collect()
}

fn one(parameter: Type, value: Value) -> Result<Value> {
    if value.is_null() {
        return Ok(value);
    }
    Ok(match parameter {
        Type::Int | Type::Integer => Value::Integer(to_int(&value)?),
        Type::Long => Value::Long(to_long(&value)?),
        Type::Double => Value::Double(to_double(&value)?),
        Type::Float => Value::Float(to_double(&value)? as f32),
        Type::Boolean => Value::Boolean(match &value {
            Value::Boolean(value) => *value,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            Value::Character(unit) => *unit != 0,
            other => Number::of(other).is_some_and(|number| !number.is_zero()),
        }),
        Type::String => match value {
            Value::String(_) => value,
            other => Value::from(other.to_string()),
        },
        Type::Decimal => match &value {
            Value::Decimal(_) => value,
            Value::String(text) => Value::decimal(text).ok_or_else(|| failure(format!("`{text}` is not a number")))?,
            Value::Integer(number) => Value::from(Decimal::from(i64::from(*number))),
            other => match Number::of(other).and_then(|number| number.to_decimal()) {
                Some(decimal) => Value::from(decimal),
                None => return Err(failure("the argument is not a number")),
            },
        },
        Type::BigInteger => match &value {
            Value::BigInteger(_) => value,
            Value::String(text) => {
                let number = text.parse().map_err(|_| failure(format!("`{text}` is not a whole number")))?;
                Value::BigInteger(Rc::new(number))
            }
            other => match Number::of(other) {
                Some(number) => Value::BigInteger(Rc::new(number.to_i64().into())),
                None => return Err(failure("the argument is not a number")),
            },
        },
        Type::Locale => match value {
            Value::String(text) => {
                let locale = Locale::strict(&text).ok_or_else(|| failure(format!("`{text}` is no locale")))?;
                locale.into_value()
            }
            other => other,
        },
        _ => value,
    })
}

fn out_of_range(value: &Value) -> crate::error::Error {
    failure(format!("the number {value} is out of range"))
}

fn to_int(value: &Value) -> Result<i32> {
    match value {
        Value::Integer(number) => Ok(*number),
        Value::Boolean(value) => Ok(i32::from(*value)),
        Value::String(text) => text::parse_int(text).ok_or_else(|| failure(format!("`{text}` is not a whole number"))),
        Value::BigInteger(number) => number.to_i32().ok_or_else(|| out_of_range(value)),
        Value::Decimal(number) => exact(number).and_then(|number| number.to_i32()).ok_or_else(|| out_of_range(value)),
        other => match Number::of(other).map(|number| number.to_f64()) {
            Some(double) if double >= f64::from(i32::MIN) && double <= f64::from(i32::MAX) => Ok(double as i32),
            _ => Err(out_of_range(value)),
        },
    }
}

fn to_long(value: &Value) -> Result<i64> {
    match value {
        Value::Integer(number) => Ok(i64::from(*number)),
        Value::Long(number) => Ok(*number),
        Value::Boolean(value) => Ok(i64::from(*value)),
        Value::String(text) => text::parse_long(text).ok_or_else(|| failure(format!("`{text}` is not a whole number"))),
        Value::BigInteger(number) => number.to_i64().ok_or_else(|| out_of_range(value)),
        Value::Decimal(number) => exact(number).and_then(|number| number.to_i64()).ok_or_else(|| out_of_range(value)),
        other => match Number::of(other).map(|number| number.to_f64()) {
            Some(double) if double >= i64::MIN as f64 && double <= i64::MAX as f64 => Ok(double as i64),
            _ => Err(out_of_range(value)),
        },
    }
}

/// A decimal without a fraction as a whole number.
fn exact(number: &Decimal) -> Option<num_bigint::BigInt> {
    let whole = number.to_bigint();
    let same = Decimal::from(whole.clone()).compare(number) == std::cmp::Ordering::Equal;
    same.then_some(whole)
}

fn to_double(value: &Value) -> Result<f64> {
    match value {
        Value::String(text) => text::parse_double(text).ok_or_else(|| failure(format!("`{text}` is not a number"))),
        other => Number::of(other).map(|number| number.to_f64()).ok_or_else(|| failure("the argument is not a number")),
    }
}
