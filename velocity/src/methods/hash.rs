//! Java's `hashCode`, which a template can ask for.

use crate::value::{Decimal, Value};
use num_bigint::{BigInt, Sign};

pub(super) fn code(value: &Value) -> i32 {
    match value {
        Value::Null => 0,
        Value::Boolean(value) => {
            if *value {
                1231
            } else {
                1237
            }
        }
        Value::Integer(number) => *number,
        Value::Long(number) => fold(number.cast_unsigned()),
        Value::Float(number) => number.to_bits().cast_signed(),
        Value::Double(number) => fold(number.to_bits()),
        Value::BigInteger(number) => big(number),
        Value::Decimal(number) => decimal(number),
        Value::Character(unit) => i32::from(*unit),
        Value::String(text) => {
            text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
        }
        Value::List(list) => {
            list.items().iter().fold(1i32, |hash, item| hash.wrapping_mul(31).wrapping_add(shallow(item)))
        }
        Value::Map(map) => {
            map.entries().iter().fold(0i32, |hash, (key, value)| hash.wrapping_add(shallow(&key.0) ^ shallow(value)))
        }
        Value::Date(moment) => fold(moment.as_millisecond().cast_unsigned()),
        Value::Calendar(_) | Value::Opaque(_) => 0,
    }
}

/// The code of an element; of a nested list or map by its size alone, so that a list in itself ends.
fn shallow(value: &Value) -> i32 {
    match value {
        Value::List(list) if list.items().iter().any(|item| matches!(item, Value::List(_) | Value::Map(_))) => {
            i32::try_from(list.len()).unwrap_or(i32::MAX)
        }
        Value::Map(map) if map.entries().values().any(|item| matches!(item, Value::List(_) | Value::Map(_))) => {
            i32::try_from(map.len()).unwrap_or(i32::MAX)
        }
        other => code(other),
    }
}

fn fold(bits: u64) -> i32 {
    ((bits ^ (bits >> 32)) as u32).cast_signed()
}

fn big(number: &BigInt) -> i32 {
    let digits = number.magnitude().to_u32_digits();
    let hash = digits.iter().rev().fold(0i32, |hash, digit| hash.wrapping_mul(31).wrapping_add(digit.cast_signed()));
    if number.sign() == Sign::Minus { hash.wrapping_neg() } else { hash }
}

fn decimal(number: &Decimal) -> i32 {
    big(number.unscaled()).wrapping_mul(31).wrapping_add(number.scale())
}
