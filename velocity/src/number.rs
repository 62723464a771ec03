//! Arithmetic over Java's number types, as the language's operators do it.

use crate::value::{Decimal, Rounding, Value, double_text, wrap_i64};
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};
use std::cmp::Ordering;
use std::rc::Rc;

/// A number of any of Java's types.
#[derive(Clone, Debug)]
pub(crate) enum Number {
    Integer(i32),
    Long(i64),
    Big(BigInt),
    Float(f32),
    Double(f64),
    Decimal(Decimal),
}

/// More words of 64 bits than this no number has.
pub(crate) const HEAVIEST: u64 = 256;

enum Pair {
    Whole(i64, i64),
    Big(BigInt, BigInt),
    Float(f32, f32),
    Double(f64, f64),
    Decimal(Decimal, Decimal),
}

impl Number {
    /// A value that is a number.
    pub(crate) fn of(value: &Value) -> Option<Number> {
        Some(match value {
            Value::Integer(number) => Number::Integer(*number),
            Value::Long(number) => Number::Long(*number),
            Value::BigInteger(number) => Number::Big((**number).clone()),
            Value::Float(number) => Number::Float(*number),
            Value::Double(number) => Number::Double(*number),
            Value::Decimal(number) => Number::Decimal((**number).clone()),
            _ => return None,
        })
    }

    /// A value that is a number, or a text that reads as one.
    pub(crate) fn coerced(value: &Value) -> Option<Number> {
        match value {
            Value::Null | Value::Boolean(_) | Value::List(_) | Value::Map(_) | Value::Opaque(_) => None,
            Value::String(text) => Decimal::parse(text).map(Number::Decimal),
            Value::Character(_) => Decimal::parse(&value.to_string()).map(Number::Decimal),
            other => Number::of(other),
        }
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Number::Integer(number) => Value::Integer(number),
            Number::Long(number) => Value::Long(number),
            Number::Big(number) => Value::BigInteger(Rc::new(number)),
            Number::Float(number) => Value::Float(number),
            Number::Double(number) => Value::Double(number),
            Number::Decimal(number) => Value::Decimal(Rc::new(number)),
        }
    }

    /// How much work the number is, in words of 64 bits.
    pub(crate) fn weight(&self) -> u64 {
        match self {
            Number::Big(number) => number.bits() / 64,
            Number::Decimal(number) => number.unscaled().bits() / 64 + u64::from(number.scale().unsigned_abs()) / 20,
            _ => 0,
        }
    }

    pub(crate) fn is_whole(&self) -> bool {
        matches!(self, Number::Integer(_) | Number::Long(_) | Number::Big(_))
    }

    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Number::Integer(number) => *number == 0,
            Number::Long(number) => *number == 0,
            Number::Big(number) => number.is_zero(),
            Number::Float(number) => *number == 0.0,
            Number::Double(number) => *number == 0.0,
            Number::Decimal(number) => number.is_zero(),
        }
    }

    /// Java's `doubleValue`.
    pub(crate) fn to_f64(&self) -> f64 {
        match self {
            Number::Integer(number) => f64::from(*number),
            Number::Long(number) => *number as f64,
            Number::Big(number) => number.to_f64().unwrap_or(f64::NAN),
            Number::Float(number) => f64::from(*number),
            Number::Double(number) => *number,
            Number::Decimal(number) => number.to_f64(),
        }
    }

    /// Java's `longValue`: truncated, wrapped, and saturated for floating-point numbers.
    pub(crate) fn to_i64(&self) -> i64 {
        match self {
            Number::Integer(number) => i64::from(*number),
            Number::Long(number) => *number,
            Number::Big(number) => wrap_i64(number),
            Number::Float(number) => *number as i64,
            Number::Double(number) => *number as i64,
            Number::Decimal(number) => number.to_i64_wrapping(),
        }
    }

    /// Java's `intValue`.
    pub(crate) fn to_i32(&self) -> i32 {
        match self {
            Number::Float(number) => *number as i32,
            Number::Double(number) => *number as i32,
            other => other.to_i64() as i32,
        }
    }

    fn to_big(&self) -> BigInt {
        match self {
            Number::Big(number) => number.clone(),
            other => BigInt::from(other.to_i64()),
        }
    }

    /// Java's `BigDecimal`; floating-point numbers as they print.
    pub(crate) fn to_decimal(&self) -> Option<Decimal> {
        Some(match self {
            Number::Decimal(number) => number.clone(),
            Number::Big(number) => Decimal::from(number.clone()),
            Number::Long(number) => Decimal::from(*number),
            other => Decimal::parse(&double_text(other.to_f64()))?,
        })
    }

    /// Whether the two would meet as decimals and one of them, an infinity, cannot: the reference fails then.
    pub(crate) fn clashes(&self, other: &Number) -> bool {
        let infinite = |number: &Number| match number {
            Number::Float(number) => !number.is_finite(),
            Number::Double(number) => !number.is_finite(),
            _ => false,
        };
        let exact = |number: &Number| matches!(number, Number::Big(_) | Number::Decimal(_));
        (infinite(self) && exact(other)) || (infinite(other) && exact(self))
    }

    fn pair(&self, other: &Number) -> Pair {
        let decimal = matches!(self, Number::Decimal(_)) || matches!(other, Number::Decimal(_));
        let big = matches!(self, Number::Big(_)) || matches!(other, Number::Big(_));
        let whole = self.is_whole() && other.is_whole();
        if decimal || (big && !whole) {
            return match (self.to_decimal(), other.to_decimal()) {
                (Some(left), Some(right)) => Pair::Decimal(left, right),
                _ => Pair::Double(self.to_f64(), other.to_f64()),
            };
        }
        if big {
            return Pair::Big(self.to_big(), other.to_big());
        }
        if whole {
            return Pair::Whole(self.to_i64(), other.to_i64());
        }
        if matches!(self, Number::Double(_)) || matches!(other, Number::Double(_)) {
            return Pair::Double(self.to_f64(), other.to_f64());
        }
        Pair::Float(self.to_f64() as f32, other.to_f64() as f32)
    }

    /// The smallest type for a result that is at least as wide as both operands.
    fn fit(&self, other: &Number, result: i64) -> Number {
        let narrow = matches!(self, Number::Integer(_)) && matches!(other, Number::Integer(_));
        match i32::try_from(result) {
            Ok(small) if narrow => Number::Integer(small),
            _ => Number::Long(result),
        }
    }

    pub(crate) fn add(&self, other: &Number) -> Number {
        match self.pair(other) {
            Pair::Whole(left, right) => match left.checked_add(right) {
                Some(result) => self.fit(other, result),
                None => Number::Big(BigInt::from(left) + right),
            },
            Pair::Big(left, right) => Number::Big(left + right),
            Pair::Float(left, right) => Number::Float(left + right),
            Pair::Double(left, right) => Number::Double(left + right),
            Pair::Decimal(left, right) => Number::Decimal(left.add(&right)),
        }
    }

    pub(crate) fn subtract(&self, other: &Number) -> Number {
        match self.pair(other) {
            Pair::Whole(left, right) => match left.checked_sub(right) {
                Some(result) => self.fit(other, result),
                None => Number::Big(BigInt::from(left) - right),
            },
            Pair::Big(left, right) => Number::Big(left - right),
            Pair::Float(left, right) => Number::Float(left - right),
            Pair::Double(left, right) => Number::Double(left - right),
            Pair::Decimal(left, right) => Number::Decimal(left.subtract(&right)),
        }
    }

    pub(crate) fn multiply(&self, other: &Number) -> Number {
        match self.pair(other) {
            Pair::Whole(left, right) => match left.checked_mul(right) {
                Some(result) => self.fit(other, result),
                None => Number::Big(BigInt::from(left) * right),
            },
            Pair::Big(left, right) => Number::Big(left * right),
            Pair::Float(left, right) => Number::Float(left * right),
            Pair::Double(left, right) => Number::Double(left * right),
            Pair::Decimal(left, right) => Number::Decimal(left.multiply(&right)),
        }
    }

    /// The quotient; `other` is not zero.
    pub(crate) fn divide(&self, other: &Number) -> Number {
        match self.pair(other) {
            Pair::Whole(left, right) => self.fit(other, left.wrapping_div(right)),
            Pair::Big(left, right) => Number::Big(left / right),
            Pair::Float(left, right) => Number::Float(left / right),
            Pair::Double(left, right) => Number::Double(left / right),
            Pair::Decimal(left, right) => {
                let quotient = left.divide(&right, Rounding::HalfDown);
                quotient.map_or(Number::Double(f64::NAN), Number::Decimal)
            }
        }
    }

    /// The remainder with the sign of the dividend; `None` for decimals. `other` is not zero.
    pub(crate) fn modulo(&self, other: &Number) -> Option<Number> {
        Some(match self.pair(other) {
            Pair::Whole(left, right) => self.fit(other, left.wrapping_rem(right)),
            Pair::Big(left, right) => {
                if right.is_negative() {
                    return None;
                }
                Number::Big(left.mod_floor(&right))
            }
            Pair::Float(left, right) => Number::Float(left % right),
            Pair::Double(left, right) => Number::Double(left % right),
            Pair::Decimal(..) => return None,
        })
    }

    pub(crate) fn negate(&self) -> Number {
        match self {
            Number::Integer(number) => {
                number.checked_neg().map_or_else(|| Number::Long(-i64::from(*number)), Number::Integer)
            }
            Number::Long(number) => {
                number.checked_neg().map_or_else(|| Number::Big(-BigInt::from(*number)), Number::Long)
            }
            Number::Big(number) => Number::Big(-number),
            Number::Float(number) => Number::Float(-number),
            Number::Double(number) => Number::Double(-number),
            Number::Decimal(number) => Number::Decimal(number.negate()),
        }
    }

    /// The order of two numbers; what has none counts as equal, as the language has it.
    pub(crate) fn compare(&self, other: &Number) -> Ordering {
        match self.pair(other) {
            Pair::Whole(left, right) => left.cmp(&right),
            Pair::Big(left, right) => left.cmp(&right),
            Pair::Float(left, right) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            Pair::Double(left, right) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            Pair::Decimal(left, right) => left.compare(&right),
        }
    }
}
