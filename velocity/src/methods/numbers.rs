//! Numbers and truth values.

use super::{Method, Type, argument, failure, int, text, text_of};
use crate::error::Result;
use crate::number::Number;
use crate::value::Value;
use num_bigint::BigInt;
use std::cmp::Ordering;

fn this(value: &Value) -> Number {
    Number::of(value).unwrap_or(Number::Integer(0))
}

pub(super) fn order(order: Ordering) -> Result<Value> {
    Ok(Value::Integer(match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn double(value: &Value) -> f64 {
    this(value).to_f64()
}

/// What every number has.
pub(super) const NUMBER: &[Method] = &[
    Method::new("intValue", &[], |_, value, _| Ok(Value::Integer(this(value).to_i32()))),
    Method::new("longValue", &[], |_, value, _| Ok(Value::Long(this(value).to_i64()))),
    Method::new("doubleValue", &[], |_, value, _| Ok(Value::Double(double(value)))),
    Method::new("floatValue", &[], |_, value, _| Ok(Value::Float(double(value) as f32))),
    Method::new("byteValue", &[], |_, value, _| Ok(Value::Integer(i32::from(this(value).to_i32() as i8)))),
    Method::new("shortValue", &[], |_, value, _| Ok(Value::Integer(i32::from(this(value).to_i32() as i16)))),
];

pub(super) const INTEGER: &[Method] = &[
    Method::new("compareTo", &[Type::Integer], |_, value, arguments| {
        order(this(value).to_i32().cmp(&int(arguments, 0)))
    }),
    Method::new("compareTo", &[Type::Object], |_, value, arguments| match argument(arguments, 0) {
        Value::Integer(other) => order(this(value).to_i32().cmp(other)),
        _ => Err(failure("values of different types have no order")),
    }),
    Method::new("parseInt", &[Type::String], |_, _, arguments| parse_int(text_of(arguments, 0)?)),
    Method::new("valueOf", &[Type::String], |_, _, arguments| parse_int(text_of(arguments, 0)?)),
    Method::new("parseInt", &[Type::String, Type::Int], |_, _, arguments| in_radix(arguments)),
    Method::new("valueOf", &[Type::String, Type::Int], |_, _, arguments| in_radix(arguments)),
    Method::new("hashCode", &[Type::Int], |_, _, arguments| Ok(argument(arguments, 0).clone())),
    Method::new("valueOf", &[Type::Int], |_, _, arguments| Ok(argument(arguments, 0).clone())),
    Method::new("toString", &[Type::Int], |_, _, arguments| Ok(Value::from(argument(arguments, 0).to_string()))),
    Method::new("toString", &[Type::Int, Type::Int], |_, _, arguments| {
        Ok(Value::from(written(BigInt::from(int(arguments, 0)), int(arguments, 1))))
    }),
    Method::new("toHexString", &[Type::Int], |_, _, arguments| Ok(Value::from(format!("{:x}", int(arguments, 0))))),
    Method::new("toBinaryString", &[Type::Int], |_, _, arguments| Ok(Value::from(format!("{:b}", int(arguments, 0))))),
    Method::new("toOctalString", &[Type::Int], |_, _, arguments| Ok(Value::from(format!("{:o}", int(arguments, 0))))),
    Method::new("max", &[Type::Int, Type::Int], |_, _, arguments| {
        Ok(Value::Integer(int(arguments, 0).max(int(arguments, 1))))
    }),
    Method::new("min", &[Type::Int, Type::Int], |_, _, arguments| {
        Ok(Value::Integer(int(arguments, 0).min(int(arguments, 1))))
    }),
    Method::new("sum", &[Type::Int, Type::Int], |_, _, arguments| {
        Ok(Value::Integer(int(arguments, 0).wrapping_add(int(arguments, 1))))
    }),
    Method::new("compare", &[Type::Int, Type::Int], |_, _, arguments| order(int(arguments, 0).cmp(&int(arguments, 1)))),
    Method::new("signum", &[Type::Int], |_, _, arguments| Ok(Value::Integer(int(arguments, 0).signum()))),
    Method::new("reverse", &[Type::Int], |_, _, arguments| Ok(Value::Integer(int(arguments, 0).reverse_bits()))),
    Method::new("bitCount", &[Type::Int], |_, _, arguments| {
        Ok(Value::Integer(int(arguments, 0).count_ones().cast_signed()))
    }),
    Method::new("reverseBytes", &[Type::Int], |_, _, arguments| Ok(Value::Integer(int(arguments, 0).swap_bytes()))),
    Method::new("highestOneBit", &[Type::Int], |_, _, arguments| {
        let number = int(arguments, 0);
        let highest = 31u32.checked_sub(number.leading_zeros());
        Ok(Value::Integer(highest.map_or(0, |bit| 1i32.wrapping_shl(bit))))
    }),
    Method::new("lowestOneBit", &[Type::Int], |_, _, arguments| {
        let number = int(arguments, 0);
        Ok(Value::Integer(number & number.wrapping_neg()))
    }),
    Method::new("numberOfLeadingZeros", &[Type::Int], |_, _, arguments| {
        Ok(Value::Integer(int(arguments, 0).leading_zeros().cast_signed()))
    }),
    Method::new("numberOfTrailingZeros", &[Type::Int], |_, _, arguments| {
        Ok(Value::Integer(int(arguments, 0).trailing_zeros().cast_signed()))
    }),
    Method::new("rotateLeft", &[Type::Int, Type::Int], |_, _, arguments| {
        Ok(Value::Integer(int(arguments, 0).rotate_left(int(arguments, 1).rem_euclid(32).cast_unsigned())))
    }),
    Method::new("rotateRight", &[Type::Int, Type::Int], |_, _, arguments| {
        Ok(Value::Integer(int(arguments, 0).rotate_right(int(arguments, 1).rem_euclid(32).cast_unsigned())))
    }),
    Method::new("divideUnsigned", &[Type::Int, Type::Int], |_, _, arguments| {
        let (left, right) = (int(arguments, 0).cast_unsigned(), int(arguments, 1).cast_unsigned());
        let quotient = left.checked_div(right).ok_or_else(|| failure("a division by zero"))?;
        Ok(Value::Integer(quotient.cast_signed()))
    }),
    Method::new("remainderUnsigned", &[Type::Int, Type::Int], |_, _, arguments| {
        let (left, right) = (int(arguments, 0).cast_unsigned(), int(arguments, 1).cast_unsigned());
        let rest = left.checked_rem(right).ok_or_else(|| failure("a division by zero"))?;
        Ok(Value::Integer(rest.cast_signed()))
    }),
    Method::new("compareUnsigned", &[Type::Int, Type::Int], |_, _, arguments| {
        order(int(arguments, 0).cast_unsigned().cmp(&int(arguments, 1).cast_unsigned()))
    }),
    Method::new("toUnsignedString", &[Type::Int], |_, _, arguments| {
        Ok(Value::from(int(arguments, 0).cast_unsigned().to_string()))
    }),
    Method::new("toUnsignedString", &[Type::Int, Type::Int], |_, _, arguments| {
        Ok(Value::from(written(BigInt::from(int(arguments, 0).cast_unsigned()), int(arguments, 1))))
    }),
    Method::new("toUnsignedLong", &[Type::Int], |_, _, arguments| {
        Ok(Value::Long(i64::from(int(arguments, 0).cast_unsigned())))
    }),
    Method::new("parseUnsignedInt", &[Type::String], |_, _, arguments| unsigned(text_of(arguments, 0)?, 10)),
    Method::new("parseUnsignedInt", &[Type::String, Type::Int], |_, _, arguments| {
        unsigned(text_of(arguments, 0)?, int(arguments, 1))
    }),
    Method::new("decode", &[Type::String], |_, _, arguments| {
        let number = decoded(text_of(arguments, 0)?).and_then(|number| i32::try_from(number).ok());
        number.map(Value::Integer).ok_or_else(|| failure("this is no whole number"))
    }),
];

/// A number without a sign, of which the highest bit may be set.
fn unsigned(text: &str, radix: i32) -> Result<Value> {
    let radix = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix));
    let number = radix.and_then(|radix| u32::from_str_radix(text, radix).ok());
    number.map(|number| Value::Integer(number.cast_signed())).ok_or_else(|| failure("this is no whole number"))
}

/// Java's notation in ten, sixteen (`0x`, `#`) or eight (`0`).
fn decoded(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = ["0x", "0X", "#"].iter().find_map(|prefix| digits.strip_prefix(prefix));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None if digits.len() > 1 && digits.starts_with('0') => (digits.get(1..)?, 8),
        None => (digits, 10),
    };
    let plain = digits.chars().all(|digit| digit.is_digit(radix)) && !digits.is_empty();
    plain.then(|| i128::from_str_radix(digits, radix).ok())?.map(|number| number * sign)
}

/// A whole number in a base; in ten when there is no such base.
pub(super) fn written(number: BigInt, radix: i32) -> String {
    let radix = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix)).unwrap_or(10);
    number.to_str_radix(radix)
}

/// A whole number read in another base.
fn in_radix(arguments: &[Value]) -> Result<Value> {
    let radix = u32::try_from(int(arguments, 1)).ok().filter(|radix| (2..=36).contains(radix));
    let number = radix.and_then(|radix| i32::from_str_radix(text_of(arguments, 0).ok()?, radix).ok());
    number.map(Value::Integer).ok_or_else(|| failure("this is no whole number in that base"))
}

fn parse_int(text: &str) -> Result<Value> {
    text::parse_int(text).map(Value::Integer).ok_or_else(|| failure(format!("`{text}` is not a whole number")))
}

pub(super) const LONG: &[Method] = &[
    Method::new("compareTo", &[Type::Object], |_, value, arguments| match argument(arguments, 0) {
        Value::Long(other) => order(this(value).to_i64().cmp(other)),
        _ => Err(failure("values of different types have no order")),
    }),
    Method::new("valueOf", &[Type::Long], |_, _, arguments| Ok(argument(arguments, 0).clone())),
    Method::new("toString", &[Type::Long], |_, _, arguments| Ok(Value::from(argument(arguments, 0).to_string()))),
    Method::new("toString", &[Type::Long, Type::Int], |_, _, arguments| {
        Ok(Value::from(written(BigInt::from(long(arguments, 0)), int(arguments, 1))))
    }),
    Method::new("hashCode", &[Type::Long], |_, _, arguments| {
        Ok(Value::Integer(super::hash::code(argument(arguments, 0))))
    }),
    Method::new("max", &[Type::Long, Type::Long], |_, _, arguments| {
        Ok(Value::Long(long(arguments, 0).max(long(arguments, 1))))
    }),
    Method::new("min", &[Type::Long, Type::Long], |_, _, arguments| {
        Ok(Value::Long(long(arguments, 0).min(long(arguments, 1))))
    }),
    Method::new("sum", &[Type::Long, Type::Long], |_, _, arguments| {
        Ok(Value::Long(long(arguments, 0).wrapping_add(long(arguments, 1))))
    }),
    Method::new("compare", &[Type::Long, Type::Long], |_, _, arguments| {
        order(long(arguments, 0).cmp(&long(arguments, 1)))
    }),
    Method::new("toHexString", &[Type::Long], |_, _, arguments| Ok(Value::from(format!("{:x}", long(arguments, 0))))),
    Method::new("toBinaryString", &[Type::Long], |_, _, arguments| {
        Ok(Value::from(format!("{:b}", long(arguments, 0))))
    }),
    Method::new("toOctalString", &[Type::Long], |_, _, arguments| Ok(Value::from(format!("{:o}", long(arguments, 0))))),
    Method::new("signum", &[Type::Long], |_, _, arguments| Ok(Value::Integer(long(arguments, 0).signum() as i32))),
    Method::new("reverse", &[Type::Long], |_, _, arguments| Ok(Value::Long(long(arguments, 0).reverse_bits()))),
    Method::new("reverseBytes", &[Type::Long], |_, _, arguments| Ok(Value::Long(long(arguments, 0).swap_bytes()))),
    Method::new("bitCount", &[Type::Long], |_, _, arguments| {
        Ok(Value::Integer(long(arguments, 0).count_ones().cast_signed()))
    }),
    Method::new("highestOneBit", &[Type::Long], |_, _, arguments| {
        let highest = 63u32.checked_sub(long(arguments, 0).leading_zeros());
        Ok(Value::Long(highest.map_or(0, |bit| 1i64.wrapping_shl(bit))))
    }),
    Method::new("lowestOneBit", &[Type::Long], |_, _, arguments| {
        let number = long(arguments, 0);
        Ok(Value::Long(number & number.wrapping_neg()))
    }),
    Method::new("numberOfLeadingZeros", &[Type::Long], |_, _, arguments| {
        Ok(Value::Integer(long(arguments, 0).leading_zeros().cast_signed()))
    }),
    Method::new("numberOfTrailingZeros", &[Type::Long], |_, _, arguments| {
        Ok(Value::Integer(long(arguments, 0).trailing_zeros().cast_signed()))
    }),
    Method::new("rotateLeft", &[Type::Long, Type::Int], |_, _, arguments| {
        Ok(Value::Long(long(arguments, 0).rotate_left(int(arguments, 1).rem_euclid(64).cast_unsigned())))
    }),
    Method::new("rotateRight", &[Type::Long, Type::Int], |_, _, arguments| {
        Ok(Value::Long(long(arguments, 0).rotate_right(int(arguments, 1).rem_euclid(64).cast_unsigned())))
    }),
    Method::new("divideUnsigned", &[Type::Long, Type::Long], |_, _, arguments| {
        let (left, right) = (long(arguments, 0).cast_unsigned(), long(arguments, 1).cast_unsigned());
        let quotient = left.checked_div(right).ok_or_else(|| failure("a division by zero"))?;
        Ok(Value::Long(quotient.cast_signed()))
    }),
    Method::new("remainderUnsigned", &[Type::Long, Type::Long], |_, _, arguments| {
        let (left, right) = (long(arguments, 0).cast_unsigned(), long(arguments, 1).cast_unsigned());
        let rest = left.checked_rem(right).ok_or_else(|| failure("a division by zero"))?;
        Ok(Value::Long(rest.cast_signed()))
    }),
    Method::new("compareUnsigned", &[Type::Long, Type::Long], |_, _, arguments| {
        order(long(arguments, 0).cast_unsigned().cmp(&long(arguments, 1).cast_unsigned()))
    }),
    Method::new("toUnsignedString", &[Type::Long], |_, _, arguments| {
        Ok(Value::from(long(arguments, 0).cast_unsigned().to_string()))
    }),
    Method::new("toUnsignedString", &[Type::Long, Type::Int], |_, _, arguments| {
        Ok(Value::from(written(BigInt::from(long(arguments, 0).cast_unsigned()), int(arguments, 1))))
    }),
    Method::new("parseLong", &[Type::String, Type::Int], |_, _, arguments| long_in_radix(arguments)),
    Method::new("valueOf", &[Type::String, Type::Int], |_, _, arguments| long_in_radix(arguments)),
    Method::new("decode", &[Type::String], |_, _, arguments| {
        let number = decoded(text_of(arguments, 0)?).and_then(|number| i64::try_from(number).ok());
        number.map(Value::Long).ok_or_else(|| failure("this is no whole number"))
    }),
    Method::new("parseLong", &[Type::String], |_, _, arguments| parse_long(text_of(arguments, 0)?)),
    Method::new("valueOf", &[Type::String], |_, _, arguments| parse_long(text_of(arguments, 0)?)),
];

pub(super) fn long(arguments: &[Value], index: usize) -> i64 {
    match arguments.get(index) {
        Some(Value::Long(number)) => *number,
        _ => 0,
    }
}

fn long_in_radix(arguments: &[Value]) -> Result<Value> {
    let radix = u32::try_from(int(arguments, 1)).ok().filter(|radix| (2..=36).contains(radix));
    let number = radix.and_then(|radix| i64::from_str_radix(text_of(arguments, 0).ok()?, radix).ok());
    number.map(Value::Long).ok_or_else(|| failure("this is no whole number in that base"))
}

fn parse_long(text: &str) -> Result<Value> {
    text::parse_long(text).map(Value::Long).ok_or_else(|| failure(format!("`{text}` is not a whole number")))
}

pub(super) const DOUBLE: &[Method] = &[
    Method::new("isNaN", &[], |_, value, _| Ok(Value::Boolean(double(value).is_nan()))),
    Method::new("isInfinite", &[], |_, value, _| Ok(Value::Boolean(double(value).is_infinite()))),
    Method::new("isNaN", &[Type::Double], |_, _, arguments| {
        Ok(Value::Boolean(double(argument(arguments, 0)).is_nan()))
    }),
    Method::new("isInfinite", &[Type::Double], |_, _, arguments| {
        Ok(Value::Boolean(double(argument(arguments, 0)).is_infinite()))
    }),
    Method::new("isFinite", &[Type::Double], |_, _, arguments| {
        Ok(Value::Boolean(double(argument(arguments, 0)).is_finite()))
    }),
    Method::new("compareTo", &[Type::Object], |_, value, arguments| match argument(arguments, 0) {
        other @ (Value::Double(_) | Value::Float(_)) => order(double(value).total_cmp(&double(other))),
        _ => Err(failure("values of different types have no order")),
    }),
    Method::new("compare", &[Type::Double, Type::Double], |_, _, arguments| {
        order(double(argument(arguments, 0)).total_cmp(&double(argument(arguments, 1))))
    }),
    Method::new("max", &[Type::Double, Type::Double], |_, _, arguments| {
        Ok(Value::Double(double(argument(arguments, 0)).max(double(argument(arguments, 1)))))
    }),
    Method::new("min", &[Type::Double, Type::Double], |_, _, arguments| {
        Ok(Value::Double(double(argument(arguments, 0)).min(double(argument(arguments, 1)))))
    }),
    Method::new("sum", &[Type::Double, Type::Double], |_, _, arguments| {
        Ok(Value::Double(double(argument(arguments, 0)) + double(argument(arguments, 1))))
    }),
    Method::new("parseDouble", &[Type::String], |_, _, arguments| parse_double(text_of(arguments, 0)?)),
    Method::new("valueOf", &[Type::String], |_, _, arguments| parse_double(text_of(arguments, 0)?)),
    Method::new("valueOf", &[Type::Double], |_, _, arguments| Ok(argument(arguments, 0).clone())),
    Method::new("toString", &[Type::Double], |machine, _, arguments| machine.text(argument(arguments, 0).to_string())),
    Method::new("hashCode", &[Type::Double], |_, _, arguments| {
        Ok(Value::Integer(super::hash::code(argument(arguments, 0))))
    }),
    Method::new("doubleToLongBits", &[Type::Double], |_, _, arguments| bits(arguments)),
    Method::new("doubleToRawLongBits", &[Type::Double], |_, _, arguments| bits(arguments)),
    Method::new("longBitsToDouble", &[Type::Long], |_, _, arguments| {
        Ok(Value::Double(f64::from_bits(long(arguments, 0).cast_unsigned())))
    }),
];

fn bits(arguments: &[Value]) -> Result<Value> {
    Ok(Value::Long(double(argument(arguments, 0)).to_bits().cast_signed()))
}

fn parse_double(text: &str) -> Result<Value> {
    text::parse_double(text).map(Value::Double).ok_or_else(|| failure(format!("`{text}` is not a number")))
}

fn truth(value: &Value) -> bool {
    matches!(value, Value::Boolean(true))
}

pub(super) const BOOLEAN: &[Method] = &[
    Method::new("hashCode", &[Type::Boolean], |_, _, arguments| {
        Ok(Value::Integer(super::hash::code(argument(arguments, 0))))
    }),
    Method::new("booleanValue", &[], |_, value, _| Ok(value.clone())),
    Method::new("compareTo", &[Type::Object], |_, value, arguments| match argument(arguments, 0) {
        Value::Boolean(other) => order(truth(value).cmp(other)),
        _ => Err(failure("values of different types have no order")),
    }),
    Method::new("toString", &[Type::Boolean], |_, _, arguments| Ok(Value::from(argument(arguments, 0).to_string()))),
    Method::new("parseBoolean", &[Type::String], |_, _, arguments| {
        Ok(Value::Boolean(argument(arguments, 0).as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))))
    }),
    Method::new("valueOf", &[Type::String], |_, _, arguments| {
        Ok(Value::Boolean(argument(arguments, 0).as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))))
    }),
    Method::new("logicalAnd", &[Type::Boolean, Type::Boolean], |_, _, arguments| {
        Ok(Value::Boolean(truth(argument(arguments, 0)) && truth(argument(arguments, 1))))
    }),
    Method::new("logicalOr", &[Type::Boolean, Type::Boolean], |_, _, arguments| {
        Ok(Value::Boolean(truth(argument(arguments, 0)) || truth(argument(arguments, 1))))
    }),
    Method::new("logicalXor", &[Type::Boolean, Type::Boolean], |_, _, arguments| {
        Ok(Value::Boolean(truth(argument(arguments, 0)) != truth(argument(arguments, 1))))
    }),
];
