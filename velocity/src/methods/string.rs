//! Questions to a text: Java's `String`, as of Java 17.

use super::{Method, Type, argument, failure, int, text, text_of};
use crate::error::Result;
use crate::machine::Machine;
use crate::value::{List, ListKind, Value};

/// The text a method is called on.
pub(super) fn this(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn index(found: Option<usize>) -> Value {
    Value::Integer(found.and_then(|unit| i32::try_from(unit).ok()).unwrap_or(-1))
}

/// The place of `wanted` at or after a unit.
fn find_from(text: &str, wanted: &str, from: i32) -> Option<usize> {
    let from = usize::try_from(from.max(0)).unwrap_or(0).min(text::length(text));
    let start = text::byte_of(text, from)?;
    text.get(start..)?.find(wanted).map(|at| text::unit_of(text, start + at))
}

/// The last place of `wanted` that begins at or before a unit.
fn find_back(text: &str, wanted: &str, from: i64) -> Option<usize> {
    if from < 0 {
        return None;
    }
    let last = text::length(text).checked_sub(text::length(wanted))?;
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(last);
    let end = text::byte_of(text, from)? + wanted.len();
    text.get(..end.min(text.len()))?.rfind(wanted).map(|at| text::unit_of(text, at))
}

/// A code point as text, for `indexOf(int)`.
fn of_code(code: i32) -> Option<String> {
    u32::try_from(code).ok().and_then(char::from_u32).map(String::from)
}

fn unit_at(text: &str, index: i32) -> Result<u16> {
    let unit = usize::try_from(index).ok().and_then(|index| {
        if text.is_ascii() {
            text.as_bytes().get(index).map(|byte| u16::from(*byte))
        } else {
            text.encode_utf16().nth(index)
        }
    });
    unit.ok_or_else(|| failure(format!("index {index}, length {}", text::length(text))))
}

fn code_point(text: &str, index: i32) -> Result<Value> {
    let first = unit_at(text, index)?;
    let second = unit_at(text, index + 1).ok();
    if let Some(second) = second
        && let Some(Ok(character)) = char::decode_utf16([first, second]).next()
        && character.len_utf16() == 2
    {
        return Ok(Value::Integer(character as i32));
    }
    Ok(Value::Integer(i32::from(first)))
}

fn compare(one: &str, other: &str) -> i32 {
    let mut left = one.encode_utf16();
    let mut right = other.encode_utf16();
    loop {
        return match (left.next(), right.next()) {
            (Some(left), Some(right)) if left == right => continue,
            (Some(left), Some(right)) => i32::from(left) - i32::from(right),
            (None, None) => 0,
            _ => text::length(one) as i32 - text::length(other) as i32,
        };
    }
}

/// How many bytes are brought to one case for the price of a step.
const FOLDED_PER_STEP: usize = 8;

/// Pays for comparing two texts without regard to case, which makes both anew character by character.
fn spend_folded(machine: &mut Machine<'_>, one: &str, other: &str) -> Result<()> {
    machine.spend_items((one.len() + other.len()) / FOLDED_PER_STEP)
}

fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Any `CharSequence` argument as text.
fn sequence(arguments: &[Value], at: usize) -> Result<String> {
    match argument(arguments, at) {
        Value::Null => Err(failure("the argument is null")),
        other => Ok(other.to_string()),
    }
}

fn units(text: &str) -> Vec<Value> {
    text.encode_utf16().map(Value::Character).collect()
}

pub(super) const STRING: &[Method] = &[
    Method::new("length", &[], |_, value, _| Ok(Value::from(text::length(this(value))))),
    Method::new("isEmpty", &[], |_, value, _| Ok(Value::Boolean(this(value).is_empty()))),
    Method::new("isBlank", &[], |_, value, _| Ok(Value::Boolean(this(value).chars().all(text::is_whitespace)))),
    Method::new("charAt", &[Type::Int], |_, value, arguments| {
        Ok(Value::Character(unit_at(this(value), int(arguments, 0))?))
    }),
    Method::new("codePointAt", &[Type::Int], |_, value, arguments| code_point(this(value), int(arguments, 0))),
    Method::new("codePointCount", &[Type::Int, Type::Int], |_, value, arguments| {
        let part = text::substring(this(value), int(arguments, 0).into(), int(arguments, 1).into())?;
        Ok(Value::from(part.chars().count()))
    }),
    Method::new("equalsIgnoreCase", &[Type::String], |machine, value, arguments| {
        let Some(other) = argument(arguments, 0).as_str() else {
            return Ok(Value::Boolean(false));
        };
        spend_folded(machine, this(value), other)?;
        Ok(Value::Boolean(folded(other) == folded(this(value))))
    }),
    Method::new("contentEquals", &[Type::CharSequence], |_, value, arguments| {
        Ok(Value::Boolean(sequence(arguments, 0)? == this(value)))
    }),
    Method::new("contentEquals", &[Type::Function], |_, _, _| Err(failure("the buffer is null"))),
    Method::new("compareTo", &[Type::String], |_, value, arguments| {
        Ok(Value::Integer(compare(this(value), text_of(arguments, 0)?)))
    }),
    Method::new("compareTo", &[Type::Object], |_, value, arguments| {
        Ok(Value::Integer(compare(this(value), text_of(arguments, 0)?)))
    }),
    Method::new("compareToIgnoreCase", &[Type::String], |machine, value, arguments| {
        let other = text_of(arguments, 0)?;
        spend_folded(machine, this(value), other)?;
        Ok(Value::Integer(compare(&folded(this(value)), &folded(other))))
    }),
    Method::new("startsWith", &[Type::String], |_, value, arguments| {
        Ok(Value::Boolean(this(value).starts_with(text_of(arguments, 0)?)))
    }),
    Method::new("startsWith", &[Type::String, Type::Int], |_, value, arguments| {
        let start = usize::try_from(int(arguments, 1)).ok().and_then(|unit| text::byte_of(this(value), unit));
        let rest = start.and_then(|start| this(value).get(start..));
        let wanted = text_of(arguments, 0)?;
        Ok(Value::Boolean(rest.is_some_and(|rest| rest.starts_with(wanted))))
    }),
    Method::new("endsWith", &[Type::String], |_, value, arguments| {
        Ok(Value::Boolean(this(value).ends_with(text_of(arguments, 0)?)))
    }),
    Method::new("contains", &[Type::CharSequence], |_, value, arguments| {
        Ok(Value::Boolean(this(value).contains(sequence(arguments, 0)?.as_str())))
    }),
    Method::new("indexOf", &[Type::Int], |_, value, arguments| {
        Ok(index(of_code(int(arguments, 0)).and_then(|wanted| find_from(this(value), &wanted, 0))))
    }),
    Method::new("indexOf", &[Type::Int, Type::Int], |_, value, arguments| {
        let wanted = of_code(int(arguments, 0));
        Ok(index(wanted.and_then(|wanted| find_from(this(value), &wanted, int(arguments, 1)))))
    }),
    Method::new("indexOf", &[Type::String], |_, value, arguments| {
        Ok(index(find_from(this(value), text_of(arguments, 0)?, 0)))
    }),
    Method::new("indexOf", &[Type::String, Type::Int], |_, value, arguments| {
        Ok(index(find_from(this(value), text_of(arguments, 0)?, int(arguments, 1))))
    }),
    Method::new("lastIndexOf", &[Type::Int], |_, value, arguments| {
        Ok(index(of_code(int(arguments, 0)).and_then(|wanted| find_back(this(value), &wanted, i64::MAX))))
    }),
    Method::new("lastIndexOf", &[Type::Int, Type::Int], |_, value, arguments| {
        let wanted = of_code(int(arguments, 0));
        Ok(index(wanted.and_then(|wanted| find_back(this(value), &wanted, int(arguments, 1).into()))))
    }),
    Method::new("lastIndexOf", &[Type::String], |_, value, arguments| {
        Ok(index(find_back(this(value), text_of(arguments, 0)?, i64::MAX)))
    }),
    Method::new("lastIndexOf", &[Type::String, Type::Int], |_, value, arguments| {
        Ok(index(find_back(this(value), text_of(arguments, 0)?, int(arguments, 1).into())))
    }),
    Method::new("regionMatches", &[Type::Int, Type::String, Type::Int, Type::Int], |_, value, arguments| {
        region(this(value), arguments, 0, false)
    }),
    Method::new(
        "regionMatches",
        &[Type::Boolean, Type::Int, Type::String, Type::Int, Type::Int],
        |_, value, arguments| {
            let ignore = matches!(argument(arguments, 0), Value::Boolean(true));
            region(this(value), arguments, 1, ignore)
        },
    ),
    Method::new("toCharArray", &[], |machine, value, _| {
        machine.spend_items(this(value).len())?;
        Ok(Value::List(List::of(ListKind::Array, units(this(value)))))
    }),
    Method::new("getBytes", &[], |machine, value, _| {
        machine.spend_items(this(value).len())?;
        let bytes = this(value).bytes().map(|byte| Value::Integer(i32::from(byte.cast_signed()))).collect();
        Ok(Value::List(List::of(ListKind::Array, bytes)))
    }),
    Method::new("getBytes", &[Type::Function], |_, _, _| Err(failure("the character set is null"))),
    Method::new("getBytes", &[Type::String], |machine, value, arguments| {
        machine.spend_items(this(value).len())?;
        let charset = text_of(arguments, 0)?.to_ascii_lowercase();
        let bytes: Vec<u8> = match charset.as_str() {
            "utf-8" | "utf8" => this(value).bytes().collect(),
            "us-ascii" | "ascii" | "iso-8859-1" | "latin1" => {
                let last = if charset.contains("asc") { 0x7f } else { 0xff };
                this(value)
                    .chars()
                    .map(|character| u8::try_from(character as u32).ok().filter(|byte| *byte <= last).unwrap_or(b'?'))
                    .collect()
            }
            _ => return Err(failure(format!("there is no character set `{charset}`"))),
        };
        let bytes = bytes.into_iter().map(|byte| Value::Integer(i32::from(byte.cast_signed()))).collect();
        Ok(Value::List(List::of(ListKind::Array, bytes)))
    }),
    Method::new("intern", &[], |_, value, _| Ok(value.clone())),
];

fn region(one: &str, arguments: &[Value], skip: usize, ignore: bool) -> Result<Value> {
    let other = text_of(arguments, skip + 1)?;
    let length = i64::from(int(arguments, skip + 3)).max(0);
    let part = |text: &str, from: i32| text::substring(text, from.into(), i64::from(from) + length).ok();
    let (left, right) = (part(one, int(arguments, skip)), part(other, int(arguments, skip + 2)));
    let same = match (left, right) {
        (Some(left), Some(right)) if ignore => folded(&left) == folded(&right),
        (Some(left), Some(right)) => left == right,
        _ => false,
    };
    Ok(Value::Boolean(same))
}
