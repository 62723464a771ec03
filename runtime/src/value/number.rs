//! Numbers from their text, exactly.

use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::Value;

/// The most significant digits that a decimal has.
const DIGITS: u32 = 28;

/// The number that a JSON number's text stands for. What no exact kind holds keeps its text.
pub(super) fn number(text: &str) -> Value {
    if let Ok(integer) = text.parse::<i64>() {
        return Value::Int(integer);
    }
    decimal(text).map_or_else(|| Value::Number(SmolStr::new(text)), Value::Decimal)
}

/// The decimal that a text is written as: `-12.50`, `1.5e3`. `None` when it is no number, or has more than 28 digits,
/// whole or fraction, so that it would have to be rounded.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, mantissa),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() {
        return None;
    }
    let mut unscaled: i128 = 0;
    let mut count = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
        unscaled = unscaled * 10 + digit;
        count += u32::from(unscaled != 0);
        if count > DIGITS {
            return None;
        }
    }
    let mut scale = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
    if unscaled == 0 {
        scale = scale.clamp(0, i64::from(DIGITS));
    }
    if scale < 0 {
        let zeros = u32::try_from(-scale).ok().filter(|zeros| count + zeros <= DIGITS)?;
        unscaled *= 10_i128.pow(zeros);
        scale = 0;
    }
    while scale > i64::from(DIGITS) && unscaled % 10 == 0 {
        unscaled /= 10;
        scale -= 1;
    }
    let scale = u32::try_from(scale).ok().filter(|scale| *scale <= DIGITS)?;
    Decimal::try_from_i128_with_scale(if negative { -unscaled } else { unscaled }, scale).ok()
}
