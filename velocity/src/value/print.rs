//! How values become text: Java's `toString`.

use super::{List, Map, Value};

/// How deep lists and maps print; lists that hold each other stop there.
const DEPTH: u32 = 64;

/// How long the text of a list or a map gets. What shares its elements grows exponentially when it is printed; every
/// limit of a rendering is below this.
pub(crate) const LONGEST: usize = 32 << 20;

/// Appends the value as a template prints it; null as `null`.
pub(crate) fn print(value: &Value, out: &mut String) {
    print_within(value, out, DEPTH);
}

/// Appends the value, lists and maps at most `depth` levels deep.
pub(crate) fn print_within(value: &Value, out: &mut String, depth: u32) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(true) => out.push_str("true"),
        Value::Boolean(false) => out.push_str("false"),
        Value::Integer(number) => out.push_str(itoa::Buffer::new().format(*number)),
        Value::Long(number) => out.push_str(itoa::Buffer::new().format(*number)),
        Value::BigInteger(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float_text(*number)),
        Value::Double(number) => out.push_str(&double_text(*number)),
        Value::Decimal(number) => out.push_str(&number.to_string()),
        Value::Character(unit) => out.extend(char::decode_utf16([*unit]).map(|unit| unit.unwrap_or('\u{fffd}'))),
        Value::String(text) => out.push_str(text),
        Value::List(list) => print_list(list, out, depth),
        Value::Map(map) => print_map(map, out, depth),
        Value::Date(moment) => out.push_str(&date_text(&moment.to_zoned(jiff::tz::TimeZone::UTC))),
        Value::Calendar(calendar) => out.push_str(&date_text(&calendar.moment())),
        Value::Opaque(object) => match depth.checked_sub(1) {
            Some(depth) => object.0.print_within(out, depth),
            None => out.push_str("..."),
        },
    }
}

/// Java's `Date.toString`, for example `Mon Jan 05 10:00:00 UTC 2026`.
fn date_text(moment: &jiff::Zoned) -> String {
    // The year has as many digits as it needs.
    moment.strftime("%a %b %d %H:%M:%S %Z %-Y").to_string()
}

fn print_list(list: &List, out: &mut String, depth: u32) {
    let Some(depth) = depth.checked_sub(1) else { return out.push_str("[...]") };
    out.push('[');
    for (index, item) in list.items().iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if out.len() > LONGEST {
            break;
        }
        match item {
            Value::List(inner) if inner.same(list) => out.push_str("(this Collection)"),
            other => print_within(other, out, depth),
        }
    }
    out.push(']');
}

fn print_map(map: &Map, out: &mut String, depth: u32) {
    let Some(depth) = depth.checked_sub(1) else { return out.push_str("{...}") };
    out.push('{');
    for (index, (key, value)) in map.entries().iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if out.len() > LONGEST {
            break;
        }
        match &key.value {
            Value::Map(inner) if inner.same(map) => out.push_str("(this Map)"),
            key => print_within(key, out, depth),
        }
        out.push('=');
        match value {
            Value::Map(inner) if inner.same(map) => out.push_str("(this Map)"),
            other => print_within(other, out, depth),
        }
    }
    out.push('}');
}

/// Java's `Double.toString`.
pub(crate) fn double_text(number: f64) -> String {
    match special(number) {
        Some(text) => text.to_owned(),
        None => {
            let (digits, exponent) = super::double::digits(number.abs());
            java_decimal(number < 0.0, &digits, exponent)
        }
    }
}

/// Java's `Float.toString`.
pub(crate) fn float_text(number: f32) -> String {
    if let Some(text) = special(f64::from(number)) {
        return text.to_owned();
    }
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    java_decimal(number < 0.0, &digits, exponent.parse().unwrap_or(0))
}

fn special(number: f64) -> Option<&'static str> {
    if number.is_nan() {
        Some("NaN")
    } else if number.is_infinite() {
        Some(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else if number == 0.0 {
        Some(if number.is_sign_negative() { "-0.0" } else { "0.0" })
    } else {
        None
    }
}

/// Digits in Java's notation: plain from 10⁻³ up to 10⁷, with `E` outside.
fn java_decimal(negative: bool, digits: &str, exponent: i32) -> String {
    let mut text = String::with_capacity(24);
    if negative {
        text.push('-');
    }
    if (-3..7).contains(&exponent) {
        if exponent < 0 {
            text.push_str("0.");
            text.extend(std::iter::repeat_n('0', (exponent + 1).unsigned_abs() as usize));
            text.push_str(digits);
        } else {
            let whole = exponent.unsigned_abs() as usize + 1;
            text.extend(digits.chars().chain(std::iter::repeat('0')).take(whole));
            text.push('.');
            text.push_str(digits.get(whole..).filter(|rest| !rest.is_empty()).unwrap_or("0"));
        }
    } else {
        let (first, rest) = digits.split_at(1);
        text.push_str(first);
        text.push('.');
        text.push_str(if rest.is_empty() { "0" } else { rest });
        text.push('E');
        text.push_str(&exponent.to_string());
    }
    text
}
