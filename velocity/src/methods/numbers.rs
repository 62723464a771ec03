//! Numbers and truth values.

use super::{Method, Type, argument, failure, int, text, text_of};
use crate::error::Result;
use crate::number::Number;
use crate::value::{Decimal, Rounding, Value};
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed as _, Zero as _};
use std::cmp::Ordering;
use std::rc::Rc;

fn this(value: &Value) -> Number {
    Number::of(value).unwrap_or(Number::Integer(0))
}

fn order(order: Ordering) -> Result<Value> {
    Ok(Value::Integer(match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn big(value: &Value) -> Result<&BigInt> {
    match value {
        Value::BigInteger(number) => Ok(number),
        _ => Err(failure("the number is null")),
    }
}

fn decimal(value: &Value) -> Result<&Decimal> {
    match value {
        Value::Decimal(number) => Ok(number),
        _ => Err(failure("the number is null")),
    }
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
];

/// A whole number in a base; in ten when there is no such base.
fn written(number: BigInt, radix: i32) -> String {
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
    Method::new("parseLong", &[Type::String], |_, _, arguments| parse_long(text_of(arguments, 0)?)),
    Method::new("valueOf", &[Type::String], |_, _, arguments| parse_long(text_of(arguments, 0)?)),
];

fn long(arguments: &[Value], index: usize) -> i64 {
    match arguments.get(index) {
        Some(Value::Long(number)) => *number,
        _ => 0,
    }
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
];

fn parse_double(text: &str) -> Result<Value> {
    text::parse_double(text).map(Value::Double).ok_or_else(|| failure(format!("`{text}` is not a number")))
}

fn whole(number: BigInt) -> Result<Value> {
    Ok(Value::BigInteger(Rc::new(number)))
}

pub(super) const BIG_INTEGER: &[Method] = &[
    Method::new("add", &[Type::BigInteger], |_, value, arguments| whole(big(value)? + big(argument(arguments, 0))?)),
    Method::new("subtract", &[Type::BigInteger], |_, value, arguments| {
        whole(big(value)? - big(argument(arguments, 0))?)
    }),
    Method::new("multiply", &[Type::BigInteger], |machine, value, arguments| {
        let (left, right) = (big(value)?, big(argument(arguments, 0))?);
        machine.spend((left.bits() + right.bits()) / 64)?;
        machine.check_text(usize::try_from((left.bits() + right.bits()) / 16).unwrap_or(usize::MAX))?;
        whole(left * right)
    }),
    Method::new("divide", &[Type::BigInteger], |_, value, arguments| {
        let other = big(argument(arguments, 0))?;
        if other.is_zero() {
            return Err(failure("a division by zero"));
        }
        whole(big(value)? / other)
    }),
    Method::new("mod", &[Type::BigInteger], |_, value, arguments| {
        let other = big(argument(arguments, 0))?;
        if !other.is_positive() {
            return Err(failure("the modulus is not positive"));
        }
        whole(big(value)?.mod_floor(other))
    }),
    Method::new("valueOf", &[Type::Long], |_, _, arguments| whole(BigInt::from(long(arguments, 0)))),
    Method::new("toString", &[Type::Int], |machine, value, arguments| {
        machine.text(written(big(value)?.clone(), int(arguments, 0)))
    }),
    Method::new("negate", &[], |_, value, _| whole(-big(value)?.clone())),
    Method::new("abs", &[], |_, value, _| whole(big(value)?.abs())),
    Method::new("bitLength", &[], |_, value, _| Ok(Value::from(big(value)?.bits()))),
    Method::new("compareTo", &[Type::BigInteger], |_, value, arguments| {
        order(big(value)?.cmp(big(argument(arguments, 0))?))
    }),
];

fn exact(number: Decimal) -> Result<Value> {
    Ok(Value::Decimal(Rc::new(number)))
}

pub(super) const DECIMAL: &[Method] = &[
    Method::new("add", &[Type::Decimal], |_, value, arguments| {
        exact(decimal(value)?.add(decimal(argument(arguments, 0))?))
    }),
    Method::new("subtract", &[Type::Decimal], |_, value, arguments| {
        exact(decimal(value)?.subtract(decimal(argument(arguments, 0))?))
    }),
    Method::new("multiply", &[Type::Decimal], |machine, value, arguments| {
        let (left, right) = (decimal(value)?, decimal(argument(arguments, 0))?);
        let bits = left.unscaled().bits() + right.unscaled().bits();
        machine.spend(bits / 64)?;
        machine.check_text(usize::try_from(bits / 16).unwrap_or(usize::MAX))?;
        exact(left.multiply(right))
    }),
    Method::new("negate", &[], |_, value, _| exact(decimal(value)?.negate())),
    Method::new("scale", &[], |_, value, _| Ok(Value::Integer(decimal(value)?.scale()))),
    Method::new("toPlainString", &[], |machine, value, _| machine.text(decimal(value)?.plain())),
    Method::new("setScale", &[Type::Int], |_, value, arguments| {
        let number = decimal(value)?;
        let scale = int(arguments, 0);
        let scaled = number.with_scale(scale.clamp(-1000, 1000), Rounding::Down);
        if scaled.compare(number) != Ordering::Equal {
            return Err(failure("rounding is necessary"));
        }
        exact(scaled)
    }),
    Method::new("compareTo", &[Type::Decimal], |_, value, arguments| {
        order(decimal(value)?.compare(decimal(argument(arguments, 0))?))
    }),
];

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
