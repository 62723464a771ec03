//! Whole numbers and decimals of any size: Java's `BigInteger` and `BigDecimal`.

use super::numbers::{long, order, written};
use super::{Method, Type, argument, failure, int};
use crate::error::Result;
use crate::machine::Machine;
use crate::number::HEAVIEST;
use crate::value::{Decimal, List, ListKind, Rounding, Value};
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};
use std::cmp::Ordering;
use std::rc::Rc;

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

fn whole(number: BigInt) -> Result<Value> {
    Ok(Value::BigInteger(Rc::new(number)))
}

/// Refuses a result of more bits than a number has before it is made.
fn bounded(machine: &mut Machine<'_>, bits: u64) -> Result<()> {
    machine.spend(bits / 64)?;
    if bits / 64 > HEAVIEST {
        return Err(crate::machine::limit("a number has too many digits".to_owned()));
    }
    Ok(())
}

/// Two whole numbers to one.
fn two(value: &Value, arguments: &[Value], step: impl Fn(&BigInt, &BigInt) -> BigInt) -> Result<Value> {
    whole(step(big(value)?, big(argument(arguments, 0))?))
}

fn divisor(arguments: &[Value]) -> Result<&BigInt> {
    let other = big(argument(arguments, 0))?;
    if other.is_zero() { Err(failure("a division by zero")) } else { Ok(other) }
}

/// Moves the bits to the left, or to the right when `places` is negative.
fn shifted(machine: &mut Machine<'_>, value: &Value, places: i64) -> Result<Value> {
    let number = big(value)?;
    let count = places.unsigned_abs();
    if places < 0 {
        return whole(number >> count);
    }
    bounded(machine, number.bits().saturating_add(count))?;
    whole(number << count)
}

/// Places that are counted from 0.
fn bit(arguments: &[Value]) -> Result<u64> {
    u64::try_from(int(arguments, 0)).map_err(|_| failure("a negative place of a bit"))
}

pub(super) const BIG_INTEGER: &[Method] = &[
    Method::new("remainder", &[Type::BigInteger], |_, value, arguments| whole(big(value)? % divisor(arguments)?)),
    Method::new("divideAndRemainder", &[Type::BigInteger], |_, value, arguments| {
        let (quotient, rest) = big(value)?.div_rem(divisor(arguments)?);
        let pair = [quotient, rest].map(|number| Value::BigInteger(Rc::new(number)));
        Ok(Value::List(List::of(ListKind::Array, pair.to_vec())))
    }),
    Method::new("gcd", &[Type::BigInteger], |_, value, arguments| two(value, arguments, |one, other| one.gcd(other))),
    Method::new("max", &[Type::BigInteger], |_, value, arguments| {
        two(value, arguments, |one, other| one.max(other).clone())
    }),
    Method::new("min", &[Type::BigInteger], |_, value, arguments| {
        two(value, arguments, |one, other| one.min(other).clone())
    }),
    Method::new("and", &[Type::BigInteger], |_, value, arguments| two(value, arguments, |one, other| one & other)),
    Method::new("or", &[Type::BigInteger], |_, value, arguments| two(value, arguments, |one, other| one | other)),
    Method::new("xor", &[Type::BigInteger], |_, value, arguments| two(value, arguments, |one, other| one ^ other)),
    Method::new("andNot", &[Type::BigInteger], |_, value, arguments| {
        two(value, arguments, |one, other| one & !other.clone())
    }),
    Method::new("not", &[], |_, value, _| whole(!big(value)?.clone())),
    Method::new("signum", &[], |_, value, _| Ok(Value::Integer(big(value)?.signum().to_i32().unwrap_or(0)))),
    Method::new("pow", &[Type::Int], |machine, value, arguments| {
        let power = u32::try_from(int(arguments, 0)).map_err(|_| failure("a negative power"))?;
        bounded(machine, big(value)?.bits().saturating_mul(u64::from(power)))?;
        whole(big(value)?.pow(power))
    }),
    Method::new("modPow", &[Type::BigInteger, Type::BigInteger], |machine, value, arguments| {
        let (power, modulus) = (big(argument(arguments, 0))?, big(argument(arguments, 1))?);
        if !modulus.is_positive() || power.is_negative() {
            return Err(failure("the modulus is not positive, or the power is negative"));
        }
        machine.spend((modulus.bits() / 64 + 1).saturating_mul(power.bits()))?;
        whole(big(value)?.modpow(power, modulus))
    }),
    Method::new("modInverse", &[Type::BigInteger], |_, value, arguments| {
        let modulus = big(argument(arguments, 0))?;
        let inverse = if modulus.is_positive() { big(value)?.modinv(modulus) } else { None };
        whole(inverse.ok_or_else(|| failure("the number has no inverse"))?)
    }),
    Method::new("sqrt", &[], |_, value, _| {
        let number = big(value)?;
        if number.is_negative() { Err(failure("the root of a negative number")) } else { whole(number.sqrt()) }
    }),
    Method::new("shiftLeft", &[Type::Int], |machine, value, arguments| {
        shifted(machine, value, i64::from(int(arguments, 0)))
    }),
    Method::new("shiftRight", &[Type::Int], |machine, value, arguments| {
        shifted(machine, value, -i64::from(int(arguments, 0)))
    }),
    Method::new("testBit", &[Type::Int], |_, value, arguments| Ok(Value::Boolean(big(value)?.bit(bit(arguments)?)))),
    Method::new("getLowestSetBit", &[], |_, value, _| {
        let zeros = big(value)?.trailing_zeros();
        Ok(Value::Integer(zeros.and_then(|zeros| i32::try_from(zeros).ok()).unwrap_or(-1)))
    }),
    Method::new("intValueExact", &[], |_, value, _| {
        big(value)?.to_i32().map(Value::Integer).ok_or_else(|| failure("the number is out of range"))
    }),
    Method::new("longValueExact", &[], |_, value, _| {
        big(value)?.to_i64().map(Value::Long).ok_or_else(|| failure("the number is out of range"))
    }),
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
    Method::new("divide", &[Type::BigInteger], |_, value, arguments| whole(big(value)? / divisor(arguments)?)),
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

/// Java's numbers for the ways to round; `UNNECESSARY` fails where something would be rounded.
fn rounding(number: i32) -> Result<Option<Rounding>> {
    Ok(Some(match number {
        0 => Rounding::Up,
        1 => Rounding::Down,
        2 => Rounding::Ceiling,
        3 => Rounding::Floor,
        4 => Rounding::HalfUp,
        5 => Rounding::HalfDown,
        6 => Rounding::HalfEven,
        7 => return Ok(None),
        _ => return Err(failure("there is no such way to round")),
    }))
}

/// Digits after the point, within what a number may have.
fn places(scale: i32) -> Result<i32> {
    if scale.unsigned_abs() > 4096 {
        return Err(crate::machine::limit("a number has too many digits".to_owned()));
    }
    Ok(scale)
}

fn scaled(number: &Decimal, scale: i32, rounding: Option<Rounding>) -> Result<Value> {
    let scaled = number.with_scale(places(scale)?, rounding.unwrap_or(Rounding::Down));
    if rounding.is_none() && scaled.compare(number) != Ordering::Equal {
        return Err(failure("rounding is necessary"));
    }
    exact(scaled)
}

fn quotient(value: &Value, arguments: &[Value], scale: i32, rounding: Option<Rounding>) -> Result<Value> {
    let (left, right) = (decimal(value)?, decimal(argument(arguments, 0))?);
    let quotient = left.divide_to(right, places(scale)?, rounding.unwrap_or(Rounding::Down));
    let quotient = quotient.ok_or_else(|| failure("a division by zero"))?;
    if rounding.is_none() && quotient.multiply(right).compare(left) != Ordering::Equal {
        return Err(failure("rounding is necessary"));
    }
    exact(quotient)
}

/// The quotient without any rounding, with as few digits as it needs beyond the difference of the scales.
fn exact_quotient(value: &Value, arguments: &[Value]) -> Result<Value> {
    let (left, right) = (decimal(value)?, decimal(argument(arguments, 0))?);
    if right.is_zero() {
        return Err(failure("a division by zero"));
    }
    let preferred = places(left.scale().saturating_sub(right.scale()))?;
    if left.is_zero() {
        return exact(Decimal::new(BigInt::zero(), preferred.clamp(-4096, 4096)));
    }
    // Only powers of two and five in the divisor end; each digit more takes one of either.
    let most =
        i64::try_from(right.unscaled().bits()).unwrap_or(4096).saturating_mul(4).saturating_add(preferred.into());
    let most = i32::try_from(most.clamp(preferred.into(), 8192)).unwrap_or(8192);
    let full = left.divide_to(right, most, Rounding::Down).ok_or_else(|| failure("a division by zero"))?;
    if full.multiply(right).compare(left) != Ordering::Equal {
        return Err(failure("the quotient has no end"));
    }
    exact(full.stripped(preferred))
}

pub(super) const DECIMAL: &[Method] = &[
    Method::new("divide", &[Type::Decimal], |machine, value, arguments| {
        machine.spend(decimal(value)?.unscaled().bits() / 64 + 64)?;
        exact_quotient(value, arguments)
    }),
    Method::new("divide", &[Type::Decimal, Type::Int], |_, value, arguments| {
        quotient(value, arguments, decimal(value)?.scale(), rounding(int(arguments, 1))?)
    }),
    Method::new("divide", &[Type::Decimal, Type::Int, Type::Int], |_, value, arguments| {
        quotient(value, arguments, int(arguments, 1), rounding(int(arguments, 2))?)
    }),
    Method::new("divideToIntegralValue", &[Type::Decimal], |_, value, arguments| {
        let (left, right) = (decimal(value)?, decimal(argument(arguments, 0))?);
        exact(left.whole_quotient(right).ok_or_else(|| failure("a division by zero"))?)
    }),
    Method::new("remainder", &[Type::Decimal], |_, value, arguments| {
        let (left, right) = (decimal(value)?, decimal(argument(arguments, 0))?);
        let quotient = left.whole_quotient(right).ok_or_else(|| failure("a division by zero"))?;
        exact(left.subtract(&quotient.multiply(right)))
    }),
    Method::new("pow", &[Type::Int], |machine, value, arguments| {
        let power = u32::try_from(int(arguments, 0)).map_err(|_| failure("a negative power"))?;
        let number = decimal(value)?;
        bounded(machine, number.unscaled().bits().saturating_mul(u64::from(power)))?;
        let scale = i64::from(number.scale()).saturating_mul(i64::from(power));
        let scale = i32::try_from(scale).map_err(|_| failure("the power is out of range"))?;
        exact(Decimal::new(number.unscaled().pow(power), places(scale)?))
    }),
    Method::new("abs", &[], |_, value, _| {
        let number = decimal(value)?;
        exact(Decimal::new(number.unscaled().abs(), number.scale()))
    }),
    Method::new("plus", &[], |_, value, _| Ok(value.clone())),
    Method::new("signum", &[], |_, value, _| {
        Ok(Value::Integer(decimal(value)?.unscaled().signum().to_i32().unwrap_or(0)))
    }),
    Method::new("precision", &[], |_, value, _| {
        Ok(Value::from(decimal(value)?.unscaled().magnitude().to_string().len()))
    }),
    Method::new("unscaledValue", &[], |_, value, _| whole(decimal(value)?.unscaled().clone())),
    Method::new("stripTrailingZeros", &[], |_, value, _| {
        let number = decimal(value)?;
        if number.is_zero() { exact(Decimal::from(0)) } else { exact(number.stripped(i32::MIN)) }
    }),
    Method::new("toBigInteger", &[], |_, value, _| whole(decimal(value)?.to_bigint())),
    Method::new("intValueExact", &[], |_, value, _| {
        let number = decimal(value)?;
        let whole = number.to_bigint();
        let same = Decimal::from(whole.clone()).compare(number) == Ordering::Equal;
        let small = whole.to_i32().filter(|_| same);
        small.map(Value::Integer).ok_or_else(|| failure("the number is no `int`"))
    }),
    Method::new("max", &[Type::Decimal], |_, value, arguments| {
        let (one, other) = (decimal(value)?, decimal(argument(arguments, 0))?);
        exact(if one.compare(other) == Ordering::Less { other } else { one }.clone())
    }),
    Method::new("min", &[Type::Decimal], |_, value, arguments| {
        let (one, other) = (decimal(value)?, decimal(argument(arguments, 0))?);
        exact(if one.compare(other) == Ordering::Greater { other } else { one }.clone())
    }),
    Method::new("ulp", &[], |_, value, _| exact(Decimal::new(BigInt::one(), decimal(value)?.scale()))),
    Method::new("movePointLeft", &[Type::Int], |_, value, arguments| {
        moved(decimal(value)?, i64::from(int(arguments, 0)))
    }),
    Method::new("movePointRight", &[Type::Int], |_, value, arguments| {
        moved(decimal(value)?, -i64::from(int(arguments, 0)))
    }),
    Method::new("setScale", &[Type::Int, Type::Int], |_, value, arguments| {
        scaled(decimal(value)?, int(arguments, 0), rounding(int(arguments, 1))?)
    }),
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
    Method::new("setScale", &[Type::Int], |_, value, arguments| scaled(decimal(value)?, int(arguments, 0), None)),
    Method::new("compareTo", &[Type::Decimal], |_, value, arguments| {
        order(decimal(value)?.compare(decimal(argument(arguments, 0))?))
    }),
];

/// Java moves the point without leaving a negative scale, and leaves the number as it is for no places.
fn moved(number: &Decimal, places_left: i64) -> Result<Value> {
    if places_left == 0 {
        return exact(number.clone());
    }
    let scale = i64::from(number.scale()) + places_left;
    let scale = places(i32::try_from(scale).unwrap_or(i32::MAX))?;
    let moved = Decimal::new(number.unscaled().clone(), scale);
    exact(if scale < 0 { moved.with_scale(0, Rounding::Down) } else { moved })
}
