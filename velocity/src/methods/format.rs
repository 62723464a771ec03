//! Java's `String.format`.

use super::{failure, hash, text};
use crate::error::Result;
use crate::machine::Machine;
use crate::number::Number;
use crate::value::{Decimal, Rounding, Value};
use num_traits::Signed as _;

/// A width or a precision above this is refused: it would only fill memory.
const WIDEST: usize = 10_000;

#[derive(Default)]
struct Specifier {
    index: Option<usize>,
    previous: bool,
    left: bool,
    zero: bool,
    plus: bool,
    blank: bool,
    group: bool,
    parentheses: bool,
    alternate: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Formats by Java's rules for en_US; `arguments` is the array of the values.
pub(crate) fn format(machine: &mut Machine<'_>, pattern: &str, arguments: &Value) -> Result<String> {
    let values: Vec<Value> = match arguments {
        Value::List(list) => list.items().clone(),
        // A single null is no array, and stands for every argument.
        _ => vec![Value::Null; pattern.matches('%').count()],
    };
    let mut result = String::new();
    let mut next = 0;
    let mut last: Option<usize> = None;
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            result.push(character);
            continue;
        }
        let mut specifier = Specifier::default();
        let conversion = parse(&mut rest, &mut specifier)?;
        match conversion {
            'n' => {
                result.push('\n');
                continue;
            }
            '%' => {
                result.push_str(&pad("%".to_owned(), &specifier));
                continue;
            }
            _ => {}
        }
        let index = if specifier.previous {
            last.ok_or_else(|| failure("`%<` has no argument before it"))?
        } else if let Some(index) = specifier.index {
            index.checked_sub(1).ok_or_else(|| failure("the index of an argument begins at 1"))?
        } else {
            next += 1;
            next - 1
        };
        last = Some(index);
        let value = values.get(index).ok_or_else(|| failure(format!("there is no argument for `%{conversion}`")))?;
        result.push_str(&convert(conversion, &specifier, value)?);
        machine.check_text(result.len())?;
    }
    Ok(result)
}

fn parse(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, specifier: &mut Specifier) -> Result<char> {
    let mut number = String::new();
    let mut in_precision = false;
    loop {
        let Some(character) = rest.next() else { return Err(failure("a format specifier is not complete")) };
        if "-+ ,(#".contains(character) && (in_precision || !number.is_empty()) {
            return Err(failure("a flag of a format stands after its width"));
        }
        match character {
            '0' if number.is_empty() && !in_precision => specifier.zero = true,
            '0'..='9' => number.push(character),
            '$' => {
                specifier.index = number.parse().ok();
                number.clear();
            }
            '<' => specifier.previous = true,
            '-' => specifier.left = true,
            '+' => specifier.plus = true,
            ' ' => specifier.blank = true,
            ',' => specifier.group = true,
            '(' => specifier.parentheses = true,
            '#' => specifier.alternate = true,
            '.' => {
                specifier.width = bounded(&number)?;
                number.clear();
                in_precision = true;
            }
            other => {
                if in_precision {
                    specifier.precision = bounded(&number)?;
                } else {
                    specifier.width = bounded(&number)?;
                }
                return Ok(other);
            }
        }
    }
}

fn bounded(number: &str) -> Result<Option<usize>> {
    if number.is_empty() {
        return Ok(None);
    }
    match number.parse() {
        Ok(size) if size <= WIDEST => Ok(Some(size)),
        _ => Err(failure("a width in a format is too large")),
    }
}

fn pad(text: String, specifier: &Specifier) -> String {
    let Some(width) = specifier.width else { return text };
    let missing = width.saturating_sub(text::length(&text));
    let blanks = " ".repeat(missing);
    if specifier.left { format!("{text}{blanks}") } else { format!("{blanks}{text}") }
}

fn convert(conversion: char, specifier: &Specifier, value: &Value) -> Result<String> {
    if !"bBhHsScCdoxXeEf".contains(conversion) {
        return Err(failure(format!("`%{conversion}` is no conversion")));
    }
    let upper = conversion.is_uppercase();
    let text = match conversion.to_ascii_lowercase() {
        's' if specifier.alternate => return Err(failure("`%s` has no flag `#`")),
        's' => cut(value.to_string(), specifier),
        'b' => {
            let value = match value {
                Value::Null => false,
                Value::Boolean(value) => *value,
                _ => true,
            };
            cut(value.to_string(), specifier)
        }
        'h' => cut(if value.is_null() { "null".to_owned() } else { format!("{:x}", hash::code(value)) }, specifier),
        'c' => match value {
            Value::Null => "null".to_owned(),
            Value::Character(_) => value.to_string(),
            Value::Integer(code) => match u32::try_from(*code).ok().and_then(char::from_u32) {
                Some(character) => character.to_string(),
                None => return Err(failure("this is no character")),
            },
            _ => return Err(mismatch(conversion, value)),
        },
        _ if value.is_null() => cut("null".to_owned(), specifier),
        'd' => return whole(specifier, value),
        'x' | 'o' => return radix(conversion, specifier, value),
        'f' => return fixed(specifier, value),
        'e' => return scientific(conversion, specifier, value),
        _ => return Err(failure(format!("`%{conversion}` is no conversion"))),
    };
    let text = if upper { text.to_uppercase() } else { text };
    Ok(pad(text, specifier))
}

fn mismatch(conversion: char, value: &Value) -> crate::error::Error {
    failure(format!("`%{conversion}` cannot show {value}"))
}

fn cut(text: String, specifier: &Specifier) -> String {
    match specifier.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text,
    }
}

/// A number's sign, grouping and padding, around its digits.
fn dress(negative: bool, digits: &str, specifier: &Specifier) -> String {
    let (whole, fraction) = digits.find(['.', 'e']).map_or((digits, ""), |at| digits.split_at(at));
    let mut body = if specifier.group { group(whole) } else { whole.to_owned() };
    body.push_str(fraction);
    let (before, after) = match (negative, specifier.parentheses) {
        (true, true) => ("(", ")"),
        (true, false) => ("-", ""),
        _ if specifier.plus => ("+", ""),
        _ if specifier.blank => (" ", ""),
        _ => ("", ""),
    };
    if specifier.zero && !specifier.left {
        let width = specifier.width.unwrap_or(0);
        let missing = width.saturating_sub(before.len() + after.len() + body.len());
        body = format!("{}{body}", "0".repeat(missing));
    }
    pad(format!("{before}{body}{after}"), specifier)
}

fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn whole(specifier: &Specifier, value: &Value) -> Result<String> {
    let digits = match value {
        Value::Integer(_) | Value::Long(_) | Value::BigInteger(_) => value.to_string(),
        _ => return Err(mismatch('d', value)),
    };
    let negative = digits.starts_with('-');
    Ok(dress(negative, digits.trim_start_matches('-'), specifier))
}

fn radix(conversion: char, specifier: &Specifier, value: &Value) -> Result<String> {
    let hexadecimal = conversion.eq_ignore_ascii_case(&'x');
    let text = match value {
        Value::Integer(number) if hexadecimal => format!("{number:x}"),
        Value::Integer(number) => format!("{number:o}"),
        Value::Long(number) if hexadecimal => format!("{number:x}"),
        Value::Long(number) => format!("{number:o}"),
        Value::BigInteger(number) if hexadecimal => format!("{:x}", **number),
        Value::BigInteger(number) => format!("{:o}", **number),
        _ => return Err(mismatch(conversion, value)),
    };
    let prefix = match (specifier.alternate, hexadecimal) {
        (true, true) => "0x",
        (true, false) => "0",
        _ => "",
    };
    let mut text = format!("{prefix}{text}");
    if specifier.zero {
        let missing = specifier.width.unwrap_or(0).saturating_sub(text.len());
        text.insert_str(prefix.len(), &"0".repeat(missing));
    }
    let text = if conversion.is_uppercase() { text.to_uppercase() } else { text };
    Ok(pad(text, specifier))
}

/// A number for `%f` and `%e`: its exact decimal digits as they print.
fn decimal(conversion: char, value: &Value) -> Result<std::result::Result<Decimal, f64>> {
    match value {
        Value::Float(_) | Value::Double(_) => {
            let number = Number::of(value).map_or(f64::NAN, |number| number.to_f64());
            match Number::of(value).and_then(|number| number.to_decimal()) {
                Some(decimal) if number.is_finite() => Ok(Ok(decimal)),
                _ => Ok(Err(number)),
            }
        }
        Value::Decimal(decimal) => Ok(Ok((**decimal).clone())),
        _ => Err(mismatch(conversion, value)),
    }
}

fn not_finite(number: f64, specifier: &Specifier) -> String {
    let text = if number.is_nan() {
        "NaN".to_owned()
    } else {
        let sign = if number < 0.0 {
            "-"
        } else if specifier.plus {
            "+"
        } else {
            ""
        };
        format!("{sign}Infinity")
    };
    pad(text, specifier)
}

fn fixed(specifier: &Specifier, value: &Value) -> Result<String> {
    let number = match decimal('f', value)? {
        Ok(number) => number,
        Err(number) => return Ok(not_finite(number, specifier)),
    };
    let precision = i32::try_from(specifier.precision.unwrap_or(6)).unwrap_or(6);
    let negative = number.unscaled().is_negative() || matches!(value, Value::Double(zero) if zero.is_sign_negative());
    let text = number.with_scale(precision, Rounding::HalfUp).plain();
    Ok(dress(negative, text.trim_start_matches('-'), specifier))
}

fn scientific(conversion: char, specifier: &Specifier, value: &Value) -> Result<String> {
    let number = match decimal(conversion, value)? {
        Ok(number) => number,
        Err(number) => return Ok(not_finite(number, specifier)),
    };
    let precision = specifier.precision.unwrap_or(6);
    let negative = number.unscaled().is_negative();
    let digits = number.unscaled().magnitude().to_string();
    let mut exponent = i64::try_from(digits.len()).unwrap_or(0) - 1 - i64::from(number.scale());
    let mantissa = Decimal::new(number.unscaled().abs(), i32::try_from(digits.len()).unwrap_or(1) - 1);
    let mut rounded = mantissa.with_scale(i32::try_from(precision).unwrap_or(6), Rounding::HalfUp).plain();
    if rounded.starts_with("10") {
        exponent += 1;
        rounded = Decimal::new(number.unscaled().abs(), i32::try_from(digits.len()).unwrap_or(1))
            .with_scale(i32::try_from(precision).unwrap_or(6), Rounding::HalfUp)
            .plain();
    }
    if number.is_zero() {
        exponent = 0;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!("{rounded}e{sign}{:02}", exponent.unsigned_abs());
    let text = if conversion.is_uppercase() { text.to_uppercase() } else { text };
    Ok(dress(negative, &text, specifier))
}
