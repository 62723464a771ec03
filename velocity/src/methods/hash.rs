//! Java's `hashCode`, which a template can ask for.

use crate::value::{Decimal, ListKind, Value};
use num_bigint::{BigInt, Sign};

pub(super) fn code(value: &Value) -> i32 {
    within(value, DEPTH, &mut { MOST })
}

/// How deep and how far a value is looked at: beyond it, as in a list that holds itself, elements count as nothing.
const DEPTH: u32 = 64;
const MOST: u32 = 1_000_000;

fn within(value: &Value, depth: u32, rest: &mut u32) -> i32 {
    let (Some(depth), Some(fewer)) = (depth.checked_sub(1), rest.checked_sub(1)) else { return 0 };
    *rest = fewer;
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
        Value::List(list) if list.kind() == ListKind::Set => {
            list.items().iter().fold(0i32, |hash, item| hash.wrapping_add(within(item, depth, rest)))
        }
        Value::List(list) => {
            list.items().iter().fold(1i32, |hash, item| hash.wrapping_mul(31).wrapping_add(within(item, depth, rest)))
        }
        Value::Map(map) => map.entries().iter().fold(0i32, |hash, (key, value)| {
            hash.wrapping_add(within(&key.value, depth, rest) ^ within(value, depth, rest))
        }),
        Value::Date(moment) => fold(moment.as_millisecond().cast_unsigned()),
        Value::Calendar(_) | Value::Opaque(_) => 0,
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
