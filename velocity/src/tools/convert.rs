//! Reading numbers out of values, as all tools do.

use crate::number::Number;
use crate::value::Value;

/// A value as a number; `None` when it is none.
pub(super) fn to_number(value: &Value) -> Option<Number> {
    match value {
        Value::Null => None,
        Value::Date(moment) => Some(Number::Long(moment.as_millisecond())),
        Value::Calendar(moment) => Some(Number::Long(moment.timestamp().as_millisecond())),
        other => Number::of(other).or_else(|| parse(&other.to_string())),
    }
}

/// Reads the number a text begins with: digits with commas between them, a point, an exponent after `E`.
///
/// The rules are those of Java's `NumberFormat` for en_US; what follows the number is ignored.
pub(super) fn parse(text: &str) -> Option<Number> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text),
    };
    if body.starts_with('∞') {
        return Some(Number::Double(if negative { f64::NEG_INFINITY } else { f64::INFINITY }));
    }
    if body.starts_with("NaN") && !negative {
        return Some(Number::Double(f64::NAN));
    }
    let mut digits = String::new();
    let mut seen_digit = false;
    let mut seen_point = false;
    let mut rest = body.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        match character {
            '0'..='9' => {
                seen_digit = true;
                digits.push(character);
            }
            '.' if !seen_point => {
                seen_point = true;
                digits.push('.');
            }
            // A comma groups only before the point, and only between digits.
            ',' if !seen_point => {
                if !rest.peek().is_some_and(|(_, next)| next.is_ascii_digit() || *next == ',') {
                    break;
                }
            }
            'E' if seen_digit => {
                let tail = body.get(at + 1..).unwrap_or_default();
                let (sign, tail) = match tail.strip_prefix('-') {
                    Some(tail) => ("-", tail),
                    None => ("", tail),
                };
                let end = tail.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(tail.len());
                if end > 0 {
                    digits.push_str(&format!("e{sign}{}", tail.get(..end).unwrap_or_default()));
                }
                break;
            }
            _ => break,
        }
    }
    if !seen_digit {
        return None;
    }
    let double: f64 = digits.parse().ok()?;
    if let Some(whole) = whole(&digits, negative) {
        return Some(Number::Long(whole));
    }
    Some(Number::Double(if negative { -double } else { double }))
}

/// Digits without a fraction other than zeros, when a `long` holds them. Minus zero is a double.
fn whole(digits: &str, negative: bool) -> Option<i64> {
    let decimal = crate::value::Decimal::parse(digits)?;
    let whole = decimal.to_bigint();
    if crate::value::Decimal::from(whole.clone()).compare(&decimal) != std::cmp::Ordering::Equal {
        return None;
    }
    let whole: i64 = i64::try_from(&whole).ok()?;
    match (negative, whole) {
        (true, 0) => None,
        (true, whole) => Some(-whole),
        (false, whole) => Some(whole),
    }
}
