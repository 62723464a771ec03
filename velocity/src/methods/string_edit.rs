//! Texts made from a text: the other half of Java's `String`.

use super::string::this;
use super::{Method, Type, argument, failure, format, int, regex, stream, text, text_of};
use crate::error::Result;
use crate::machine::Machine;
use crate::value::Value;

fn part(machine: &mut Machine<'_>, value: &Value, begin: i64, end: i64) -> Result<Value> {
    let part = text::substring(this(value), begin, end)?;
    machine.text(part)
}

fn strip(value: &Value, start: bool, end: bool) -> &str {
    let mut text = this(value);
    if start {
        text = text.trim_start_matches(text::is_whitespace);
    }
    if end {
        text = text.trim_end_matches(text::is_whitespace);
    }
    text
}

fn any_text(value: &Value) -> Result<String> {
    match value {
        Value::Null => Err(failure("the argument is null")),
        other => Ok(other.to_string()),
    }
}

/// Replaces every place of a text; the result may be longer than the limit allows.
fn replace(machine: &mut Machine<'_>, text: &str, from: &str, to: &str) -> Result<Value> {
    let places = if from.is_empty() { text.chars().count() + 1 } else { text.matches(from).count() };
    let grown = places.saturating_mul(to.len()).saturating_add(text.len());
    machine.check_text(grown)?;
    machine.text(text.replace(from, to))
}

fn join(machine: &mut Machine<'_>, delimiter: &str, parts: &Value) -> Result<Value> {
    let Value::List(list) = parts else { return Err(failure("the elements are null")) };
    let mut text = String::new();
    for (index, part) in list.items().iter().enumerate() {
        if index > 0 {
            text.push_str(delimiter);
        }
        crate::value::print(part, &mut text);
        machine.check_text(text.len())?;
    }
    machine.text(text)
}

fn value_of(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    machine.text(argument(arguments, 0).to_string())
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        lines.push(line);
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or_default();
    }
    lines
}

/// Java's `stripIndent`: the blanks that all lines have in common.
fn strip_indent(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut all = lines(text);
    let ends_with_newline = text.ends_with(['\n', '\r']);
    if ends_with_newline {
        all.push("");
    }
    let last = all.len() - 1;
    let blanks = |line: &str| line.chars().take_while(|character| text::is_whitespace(*character)).count();
    let significant = all.iter().enumerate().filter(|(at, line)| !line.trim().is_empty() || *at == last);
    let least = significant.map(|(_, line)| blanks(line)).min().unwrap_or(0);
    let stripped: Vec<String> = all
        .iter()
        .map(|line| line.chars().skip(least).collect::<String>().trim_end_matches(text::is_whitespace).to_owned())
        .collect();
    stripped.join("\n")
}

/// Java's `translateEscapes`.
fn translate_escapes(text: &str) -> Result<String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match rest.next() {
            Some('b') => result.push('\u{8}'),
            Some('f') => result.push('\u{c}'),
            Some('n') => result.push('\n'),
            Some('r') => result.push('\r'),
            Some('s') => result.push(' '),
            Some('t') => result.push('\t'),
            Some(quote @ ('\'' | '"' | '\\')) => result.push(quote),
            Some(digit @ '0'..='7') => {
                let most = if digit <= '3' { 2 } else { 1 };
                let mut code = digit.to_digit(8).unwrap_or(0);
                for _ in 0..most {
                    let Some(next) = rest.peek().and_then(|next| next.to_digit(8)) else { break };
                    code = code * 8 + next;
                    rest.next();
                }
                result.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            Some('\n') => {}
            Some('\r') => {
                rest.next_if_eq(&'\n');
            }
            _ => return Err(failure("an unknown escape")),
        }
    }
    Ok(result)
}

pub(super) const STRING: &[Method] = &[
    Method::new("substring", &[Type::Int], |machine, value, arguments| {
        let end = text::length(this(value)) as i64;
        part(machine, value, int(arguments, 0).into(), end)
    }),
    Method::new("substring", &[Type::Int, Type::Int], |machine, value, arguments| {
        part(machine, value, int(arguments, 0).into(), int(arguments, 1).into())
    }),
    Method::new("subSequence", &[Type::Int, Type::Int], |machine, value, arguments| {
        part(machine, value, int(arguments, 0).into(), int(arguments, 1).into())
    }),
    Method::new("concat", &[Type::String], |machine, value, arguments| {
        machine.text(format!("{}{}", this(value), text_of(arguments, 0)?))
    }),
    Method::new("replace", &[Type::Char, Type::Char], |machine, value, arguments| {
        let (from, to) = (argument(arguments, 0).to_string(), argument(arguments, 1).to_string());
        replace(machine, this(value), &from, &to)
    }),
    Method::new("replace", &[Type::CharSequence, Type::CharSequence], |machine, value, arguments| {
        let (from, to) = (any_text(argument(arguments, 0))?, any_text(argument(arguments, 1))?);
        replace(machine, this(value), &from, &to)
    }),
    Method::new("matches", &[Type::String], |machine, value, arguments| {
        let pattern = regex::whole(machine, text_of(arguments, 0)?)?;
        Ok(Value::Boolean(pattern.is_match(machine, this(value))?))
    }),
    Method::new("replaceAll", &[Type::String, Type::String], |machine, value, arguments| {
        regex::replace(machine, this(value), text_of(arguments, 0)?, argument(arguments, 1).as_str(), usize::MAX)
    }),
    Method::new("replaceFirst", &[Type::String, Type::String], |machine, value, arguments| {
        regex::replace(machine, this(value), text_of(arguments, 0)?, Some(text_of(arguments, 1)?), 1)
    }),
    Method::new("split", &[Type::String], |machine, value, arguments| {
        regex::split(machine, this(value), text_of(arguments, 0)?, 0)
    }),
    Method::new("split", &[Type::String, Type::Int], |machine, value, arguments| {
        regex::split(machine, this(value), text_of(arguments, 0)?, int(arguments, 1))
    }),
    Method::new("join", &[Type::CharSequence, Type::CharSequences], |machine, _, arguments| {
        let delimiter = any_text(argument(arguments, 0))?;
        join(machine, &delimiter, argument(arguments, 1))
    }),
    Method::new("join", &[Type::CharSequence, Type::Collection], |machine, _, arguments| {
        let delimiter = any_text(argument(arguments, 0))?;
        if let Value::List(list) = argument(arguments, 1)
            && list.items().iter().any(|item| !matches!(item, Value::String(_) | Value::Null))
        {
            return Err(failure("only texts can be joined"));
        }
        join(machine, &delimiter, argument(arguments, 1))
    }),
    Method::new("toLowerCase", &[], |machine, value, _| machine.text(this(value).to_lowercase())),
    Method::new("toLowerCase", &[Type::Locale], |machine, value, arguments| match argument(arguments, 0) {
        Value::Null => Err(failure("the locale is null")),
        _ => machine.text(this(value).to_lowercase()),
    }),
    Method::new("toUpperCase", &[], |machine, value, _| machine.text(this(value).to_uppercase())),
    Method::new("toUpperCase", &[Type::Locale], |machine, value, arguments| match argument(arguments, 0) {
        Value::Null => Err(failure("the locale is null")),
        _ => machine.text(this(value).to_uppercase()),
    }),
    Method::new("trim", &[], |machine, value, _| machine.text(text::trim(this(value)))),
    Method::new("strip", &[], |machine, value, _| machine.text(strip(value, true, true))),
    Method::new("stripLeading", &[], |machine, value, _| machine.text(strip(value, true, false))),
    Method::new("stripTrailing", &[], |machine, value, _| machine.text(strip(value, false, true))),
    Method::new("stripIndent", &[], |machine, value, _| machine.text(strip_indent(this(value)))),
    Method::new("translateEscapes", &[], |machine, value, _| machine.text(translate_escapes(this(value))?)),
    Method::new("indent", &[Type::Int], |machine, value, arguments| {
        let count = int(arguments, 0);
        let mut text = String::new();
        for line in lines(this(value)) {
            if count >= 0 {
                machine.check_text(text.len() + count.unsigned_abs() as usize)?;
                text.extend(std::iter::repeat_n(' ', count.unsigned_abs() as usize));
                text.push_str(line);
            } else {
                let blanks = line.chars().take_while(|character| text::is_whitespace(*character)).count();
                text.extend(line.chars().skip(blanks.min(count.unsigned_abs() as usize)));
            }
            text.push('\n');
            machine.check_text(text.len())?;
        }
        machine.text(text)
    }),
    Method::new("repeat", &[Type::Int], |machine, value, arguments| {
        let count = usize::try_from(int(arguments, 0)).map_err(|_| failure("a negative count"))?;
        machine.check_text(this(value).len().saturating_mul(count))?;
        machine.text(this(value).repeat(count))
    }),
    Method::new("format", &[Type::String, Type::Objects], |machine, _, arguments| {
        let text = format::format(machine, text_of(arguments, 0)?, argument(arguments, 1))?;
        machine.text(text)
    }),
    Method::new("format", &[Type::Locale, Type::String, Type::Objects], |machine, _, arguments| {
        let text = format::format(machine, text_of(arguments, 1)?, argument(arguments, 2))?;
        machine.text(text)
    }),
    Method::new("formatted", &[Type::Objects], |machine, value, arguments| {
        let text = format::format(machine, this(value), argument(arguments, 0))?;
        machine.text(text)
    }),
    Method::new("valueOf", &[Type::Object], value_of),
    Method::new("valueOf", &[Type::Chars], |machine, _, arguments| match argument(arguments, 0) {
        Value::List(list) => {
            let text = list.items().iter().map(ToString::to_string).collect::<String>();
            machine.text(text)
        }
        _ => Err(failure("the characters are null")),
    }),
    Method::new("valueOf", &[Type::Boolean], value_of),
    Method::new("valueOf", &[Type::Char], value_of),
    Method::new("valueOf", &[Type::Int], value_of),
    Method::new("valueOf", &[Type::Long], value_of),
    Method::new("valueOf", &[Type::Float], value_of),
    Method::new("valueOf", &[Type::Double], value_of),
    Method::new("lines", &[], |machine, value, _| {
        machine.spend_items(this(value).len())?;
        let lines = lines(this(value)).into_iter().map(Value::from).collect();
        Ok(stream::of(lines))
    }),
];
