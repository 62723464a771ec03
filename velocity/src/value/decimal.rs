//! Exact decimals with Java's rules for the number of digits after the point.

use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;
use std::fmt;

/// Java's `BigDecimal`: a whole number and how many of its digits stand after the point. `1.0` and `1.00` differ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    unscaled: BigInt,
    scale: i32,
}

/// More digits than this are no number: `1e999999999` must not take all memory.
const MOST_DIGITS: i32 = 4096;

impl Decimal {
    /// The value `unscaled` · 10^-`scale`.
    #[must_use]
    pub fn new(unscaled: BigInt, scale: i32) -> Decimal {
        Decimal { unscaled, scale }
    }

    /// Reads what Java's `new BigDecimal(text)` reads: digits, at most one point, an optional exponent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Decimal> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, parse_exponent(text.get(at + 1..)?)?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.as_bytes().first()? {
            b'-' => (true, mantissa.get(1..)?),
            b'+' => (false, mantissa.get(1..)?),
            _ => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if all().next().is_none() || !all().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        if scale.abs() > MOST_DIGITS || all().count() > MOST_DIGITS as usize {
            return None;
        }
        let text: String = all().map(char::from).collect();
        let unscaled: BigInt = text.parse().ok()?;
        Some(Decimal { unscaled: if negative { -unscaled } else { unscaled }, scale })
    }

    /// The exact value of a double, as `new BigDecimal(double)`; `None` for infinities and not-a-number.
    #[must_use]
    pub fn exact(double: f64) -> Option<Decimal> {
        if !double.is_finite() {
            return None;
        }
        let bits = double.to_bits();
        let exponent = i32::try_from((bits >> 52) & 0x7ff).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        let (mut mantissa, mut power) =
            if exponent == 0 { (fraction, -1074) } else { (fraction | (1 << 52), exponent - 1075) };
        if mantissa == 0 {
            return Some(Decimal { unscaled: BigInt::zero(), scale: 0 });
        }
        while mantissa % 2 == 0 {
            mantissa /= 2;
            power += 1;
        }
        let mut unscaled = BigInt::from(mantissa);
        let scale = if power >= 0 {
            unscaled <<= power.unsigned_abs();
            0
        } else {
            unscaled *= BigInt::from(5u8).pow(power.unsigned_abs());
            -power
        };
        Some(Decimal { unscaled: if double < 0.0 { -unscaled } else { unscaled }, scale })
    }

    /// The whole number without its point.
    #[must_use]
    pub fn unscaled(&self) -> &BigInt {
        &self.unscaled
    }

    /// The digits after the point; negative for zeros before it that are not written.
    #[must_use]
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        format!("{}e{}", self.unscaled, -i64::from(self.scale)).parse().unwrap_or(f64::NAN)
    }

    /// The whole part, towards zero.
    #[must_use]
    pub fn to_bigint(&self) -> BigInt {
        if self.scale <= 0 {
            &self.unscaled * power_of_ten(self.scale.unsigned_abs())
        } else {
            // Division of whole numbers is towards zero.
            &self.unscaled / power_of_ten(self.scale.unsigned_abs())
        }
    }

    /// Whether this is zero, with any number of digits.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.unscaled.is_zero()
    }

    fn aligned(&self, other: &Decimal) -> (BigInt, BigInt, i32) {
        let scale = self.scale.max(other.scale);
        let lift =
            |decimal: &Decimal| &decimal.unscaled * power_of_ten(scale.saturating_sub(decimal.scale).unsigned_abs());
        (lift(self), lift(other), scale)
    }

    pub(crate) fn add(&self, other: &Decimal) -> Decimal {
        let (left, right, scale) = self.aligned(other);
        Decimal { unscaled: left + right, scale }
    }

    pub(crate) fn subtract(&self, other: &Decimal) -> Decimal {
        let (left, right, scale) = self.aligned(other);
        Decimal { unscaled: left - right, scale }
    }

    pub(crate) fn multiply(&self, other: &Decimal) -> Decimal {
        Decimal { unscaled: &self.unscaled * &other.unscaled, scale: self.scale.saturating_add(other.scale) }
    }

    pub(crate) fn negate(&self) -> Decimal {
        Decimal { unscaled: -&self.unscaled, scale: self.scale }
    }

    /// The quotient with this number's digits after the point, rounded; `None` when `other` is zero.
    pub(crate) fn divide(&self, other: &Decimal, rounding: Rounding) -> Option<Decimal> {
        self.divide_to(other, self.scale, rounding)
    }

    pub(crate) fn divide_to(&self, other: &Decimal, scale: i32, rounding: Rounding) -> Option<Decimal> {
        if other.unscaled.is_zero() {
            return None;
        }
        // self / other · 10^scale = (u1 / u2) · 10^(scale - s1 + s2)
        let shift = i64::from(scale) - i64::from(self.scale) + i64::from(other.scale);
        let factor = power_of_ten(u32::try_from(shift.unsigned_abs()).ok()?);
        let unscaled = if shift >= 0 {
            divide_rounded(&(&self.unscaled * factor), &other.unscaled, rounding)
        } else {
            divide_rounded(&self.unscaled, &(&other.unscaled * factor), rounding)
        };
        Some(Decimal { unscaled, scale })
    }

    /// The same value with another number of digits after the point, rounded.
    pub(crate) fn with_scale(&self, scale: i32, rounding: Rounding) -> Decimal {
        let one = Decimal { unscaled: BigInt::from(1), scale: 0 };
        self.divide_to(&one, scale, rounding).unwrap_or_else(|| self.clone())
    }

    pub(crate) fn compare(&self, other: &Decimal) -> Ordering {
        let (left, right, _) = self.aligned(other);
        left.cmp(&right)
    }

    /// The whole part of the quotient, with the scale Java prefers for it; `None` when `other` is zero.
    pub(crate) fn whole_quotient(&self, other: &Decimal) -> Option<Decimal> {
        let preferred = self.scale.saturating_sub(other.scale);
        let whole = self.divide_to(other, 0, Rounding::Down)?;
        if preferred >= 0 { Some(whole.with_scale(preferred, Rounding::Down)) } else { Some(whole.stripped(preferred)) }
    }

    /// Without the zeros at the end, as long as the scale is greater than `least`.
    pub(crate) fn stripped(&self, least: i32) -> Decimal {
        let ten = BigInt::from(10u8);
        let mut result = self.clone();
        while result.scale > least && !result.unscaled.is_zero() {
            let (quotient, rest) = result.unscaled.div_rem(&ten);
            if !rest.is_zero() {
                break;
            }
            result = Decimal { unscaled: quotient, scale: result.scale - 1 };
        }
        result
    }

    /// All digits without an exponent.
    pub(crate) fn plain(&self) -> String {
        let digits = self.unscaled.magnitude().to_string();
        let sign = if self.unscaled.is_negative() { "-" } else { "" };
        if self.scale <= 0 {
            let zeros = if self.unscaled.is_zero() { 0 } else { self.scale.unsigned_abs() as usize };
            return format!("{sign}{digits}{}", "0".repeat(zeros));
        }
        let scale = self.scale.unsigned_abs() as usize;
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        format!("{sign}{whole}.{fraction}")
    }
}

/// How a digit that has no place is rounded away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
    /// Upwards.
    Ceiling,
    /// Downwards.
    Floor,
    /// To the nearest; a half away from zero.
    HalfUp,
    /// To the nearest; a half towards zero.
    HalfDown,
    /// To the nearest; a half to the even neighbour.
    HalfEven,
}

pub(crate) fn power_of_ten(power: u32) -> BigInt {
    BigInt::from(10u8).pow(power)
}

fn divide_rounded(left: &BigInt, right: &BigInt, rounding: Rounding) -> BigInt {
    let (quotient, remainder) = left.div_rem(right);
    if remainder.is_zero() || rounding == Rounding::Down {
        return quotient;
    }
    let negative = (left.sign() == Sign::Minus) != (right.sign() == Sign::Minus);
    let half = (remainder.magnitude() * 2u8).cmp(right.magnitude());
    let away = match rounding {
        Rounding::Down => false,
        Rounding::Up => true,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
        Rounding::HalfUp => half != Ordering::Less,
        Rounding::HalfDown => half == Ordering::Greater,
        Rounding::HalfEven => half == Ordering::Greater || (half == Ordering::Equal && quotient.is_odd()),
    };
    if !away {
        return quotient;
    }
    if negative { quotient - 1 } else { quotient + 1 }
}

fn parse_exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

impl fmt::Display for Decimal {
    /// Java's `toString`: with an exponent when the scale is negative or the number is small.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(formatter, "{}", self.unscaled);
        }
        let digits = self.unscaled.magnitude().to_string();
        let exponent = i64::try_from(digits.len()).unwrap_or(i64::MAX) - 1 - i64::from(self.scale);
        if self.scale >= 0 && exponent >= -6 {
            return formatter.write_str(&self.plain());
        }
        let sign = if self.unscaled.is_negative() { "-" } else { "" };
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        write!(formatter, "{sign}{first}{point}{rest}")?;
        if exponent != 0 { write!(formatter, "E{exponent:+}") } else { Ok(()) }
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Decimal {
        Decimal { unscaled: BigInt::from(value), scale: 0 }
    }
}

impl From<BigInt> for Decimal {
    fn from(unscaled: BigInt) -> Decimal {
        Decimal { unscaled, scale: 0 }
    }
}

impl Decimal {
    /// The whole part wrapped into 64 bits, as Java's `longValue`.
    pub(crate) fn to_i64_wrapping(&self) -> i64 {
        wrap_i64(&self.to_bigint())
    }
}

/// The lowest 64 bits of a whole number, as Java's `longValue`.
pub(crate) fn wrap_i64(number: &BigInt) -> i64 {
    number.to_i64().unwrap_or_else(|| {
        let low = number.iter_u64_digits().next().unwrap_or(0).cast_signed();
        if number.is_negative() { low.wrapping_neg() } else { low }
    })
}
