//! Java's `MessageFormat`: `{0}` and `{1,number,#.##}` in a text.

use super::date_format::{DateFormat, style_of};
use super::decimal_format::DecimalFormat;
use super::locale::Locale;
use super::moment::{milliseconds, timestamp};
use crate::error::Result;
use crate::machine::Machine;
use crate::methods::failure;
use crate::number::Number;
use crate::value::Value;

/// Fills a pattern; `values` is the array of the values.
pub(super) fn format(machine: &mut Machine<'_>, pattern: &str, values: &Value) -> Result<String> {
    let values: Vec<Value> = match values {
        Value::List(list) => list.items().clone(),
        _ => Vec::new(),
    };
    let mut text = String::new();
    let mut rest = pattern.chars().peekable();
    let mut quoted = false;
    while let Some(character) = rest.next() {
        match character {
            '\'' if rest.next_if_eq(&'\'').is_some() => text.push('\''),
            '\'' => quoted = !quoted,
            '{' if !quoted => {
                let inner = placeholder(&mut rest)?;
                text.push_str(&filled(machine, &inner, &values)?);
                machine.check_text(text.len())?;
            }
            other => text.push(other),
        }
    }
    Ok(text)
}

/// What is between the braces; braces inside are paired.
fn placeholder(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String> {
    let mut inner = String::new();
    let mut depth = 1;
    let mut quoted = false;
    for character in rest.by_ref() {
        match character {
            '\'' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Ok(inner);
                }
            }
            _ => {}
        }
        inner.push(character);
    }
    Err(failure("a brace in a message is not closed"))
}

fn filled(machine: &Machine<'_>, inner: &str, values: &[Value]) -> Result<String> {
    let mut parts = inner.splitn(3, ',');
    let index = parts.next().unwrap_or_default();
    let sort = parts.next().map(str::trim).unwrap_or_default().to_ascii_lowercase();
    let style = parts.next().unwrap_or_default();
    let place: usize = index.parse().map_err(|_| failure(format!("`{index}` is no number of a value")))?;
    let Some(value) = values.get(place) else { return Ok(format!("{{{place}}}")) };
    if value.is_null() {
        return Ok("null".to_owned());
    }
    match sort.as_str() {
        "" => plain(machine, value),
        "number" => {
            let number = Number::of(value).ok_or_else(|| failure("this is no number"))?;
            let style = if style.trim().is_empty() { "number" } else { style.trim() };
            Ok(DecimalFormat::new(style, &Locale::us())?.format(&number))
        }
        "date" | "time" => moment(machine, &sort, style.trim(), value),
        "choice" => {
            let number = Number::of(value).ok_or_else(|| failure("this is no number"))?.to_f64();
            let chosen = choose(style, number)?;
            if chosen.contains('{') {
                let mut text = String::new();
                let mut rest = chosen.chars().peekable();
                while let Some(character) = rest.next() {
                    if character == '{' {
                        text.push_str(&filled(machine, &placeholder(&mut rest)?, values)?);
                    } else {
                        text.push(character);
                    }
                }
                return Ok(text);
            }
            Ok(chosen)
        }
        other => Err(failure(format!("`{other}` is no sort of a value in a message"))),
    }
}

fn plain(machine: &Machine<'_>, value: &Value) -> Result<String> {
    match value {
        Value::Date(_) | Value::Calendar(_) => {
            let short = style_of("short");
            let format = DateFormat::styles(short, short, &Locale::us())?;
            shown(machine, format, value)
        }
        other => match Number::of(other) {
            Some(number) => Ok(DecimalFormat::new("number", &Locale::us())?.format(&number)),
            None => Ok(other.to_string()),
        },
    }
}

fn moment(machine: &Machine<'_>, sort: &str, style: &str, value: &Value) -> Result<String> {
    let named = style_of(if style.is_empty() { "default" } else { style });
    let format = match (named, sort) {
        (Some(style), "date") => DateFormat::styles(Some(style), None, &Locale::us())?,
        (Some(style), _) => DateFormat::styles(None, Some(style), &Locale::us())?,
        (None, _) => Some(DateFormat::pattern(style, &Locale::us())?),
    };
    shown(machine, format, value)
}

fn shown(machine: &Machine<'_>, format: Option<DateFormat>, value: &Value) -> Result<String> {
    let moment = milliseconds(value).and_then(timestamp).ok_or_else(|| failure("this is no date"))?;
    let zoned = moment.to_zoned(machine.options.time_zone.clone());
    Ok(format.map(|format| format.format(&zoned)).unwrap_or_default())
}

/// `0#none|1#one|1<many`: the last text whose limit the number reaches.
fn choose(pattern: &str, number: f64) -> Result<String> {
    let mut chosen: Option<&str> = None;
    for (place, part) in pattern.split('|').enumerate() {
        let at = part.find(['#', '<', '\u{2264}']).ok_or_else(|| failure("a malformed choice"))?;
        let (limit, rest) = part.split_at(at);
        let sign = rest.chars().next().unwrap_or('#');
        let text = rest.get(sign.len_utf8()..).unwrap_or_default();
        let limit = match limit.trim() {
            "\u{221e}" => f64::INFINITY,
            "-\u{221e}" => f64::NEG_INFINITY,
            digits => digits.parse().map_err(|_| failure("a malformed choice"))?,
        };
        let reached = if sign == '<' { number > limit } else { number >= limit };
        if place == 0 || reached {
            chosen = Some(text);
        } else {
            break;
        }
    }
    Ok(chosen.unwrap_or_default().to_owned())
}
