//! Java's view of a text: UTF-16 units, and how its numbers are read.

use super::failure;
use crate::error::Result;

/// How many UTF-16 units a text has.
pub(crate) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The byte offset of a UTF-16 unit; in the middle of a pair, of the character it belongs to.
pub(crate) fn byte_of(text: &str, unit: usize) -> Option<usize> {
    if text.is_ascii() {
        return (unit <= text.len()).then_some(unit);
    }
    let mut units = 0;
    for (at, character) in text.char_indices() {
        if units >= unit {
            return Some(at);
        }
        units += character.len_utf16();
    }
    (unit <= units).then_some(text.len())
}

/// The UTF-16 unit that begins at a byte offset.
pub(crate) fn unit_of(text: &str, byte: usize) -> usize {
    length(text.get(..byte).unwrap_or(text))
}

/// The units from `begin` up to `end`; an error when they are not in the text.
pub(crate) fn substring(text: &str, begin: i64, end: i64) -> Result<String> {
    let size = length(text) as i64;
    if begin < 0 || end > size || begin > end {
        return Err(failure(format!("begin {begin}, end {end}, length {size}")));
    }
    let (begin, end) = (begin as usize, end as usize);
    if text.is_ascii() {
        return Ok(text.get(begin..end).unwrap_or_default().to_owned());
    }
    let units: Vec<u16> = text.encode_utf16().skip(begin).take(end - begin).collect();
    Ok(String::from_utf16_lossy(&units))
}

/// Java's `Integer.parseInt`.
pub(crate) fn parse_int(text: &str) -> Option<i32> {
    text.parse().ok()
}

/// Java's `Long.parseLong`.
pub(crate) fn parse_long(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Java's `Double.parseDouble`: blanks around, a type letter after the number.
pub(crate) fn parse_double(text: &str) -> Option<f64> {
    let trimmed = text.trim_matches(|character: char| character <= ' ');
    let (sign, body) = match trimmed.strip_prefix('-') {
        Some(body) => (-1.0, body),
        None => (1.0, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    match body {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(sign * f64::INFINITY),
        _ => {}
    }
    let body = body.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(body);
    let plain = body.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !plain || body.is_empty() {
        return None;
    }
    body.parse::<f64>().ok().map(|number| sign * number)
}

/// Java's white space for `trim`: everything up to the blank.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| character <= ' ')
}

/// Java's `Character.isWhitespace`.
pub(crate) fn is_whitespace(character: char) -> bool {
    match character {
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{85}' => false,
        '\u{1c}'..='\u{1f}' => true,
        other => other.is_whitespace(),
    }
}
