//! Java's regular expressions, on an engine whose time is linear in the text.
//!
//! What Java means by a class such as `\w` is written out; what needs backtracking, such as a look-around or a
//! back-reference, is refused.

use super::failure;
use crate::error::{Error, ErrorKind, Result};
use crate::machine::Machine;
use crate::value::{List, ListKind, Value};
use regex::{Captures, Regex, RegexBuilder};

/// Bytes a compiled expression may take.
const MOST_BYTES: usize = 1 << 20;

/// Compiles an expression.
fn compile(machine: &mut Machine<'_>, pattern: &str) -> Result<Regex> {
    // Compiling is by far the most expensive single thing a template can ask for.
    machine.spend(100 + pattern.len() as u64)?;
    RegexBuilder::new(&translate(pattern)).size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).build().map_err(|error| {
        let unsupported = pattern.contains("(?=") || pattern.contains("(?!") || pattern.contains("(?<");
        match error {
            regex::Error::CompiledTooBig(_) => Error::new(ErrorKind::Limit, "the regular expression is too large"),
            _ if unsupported => Error::new(ErrorKind::Unsupported, "look-around in a regular expression")
                .with_hint("only expressions that need no backtracking can be used"),
            _ => failure(format!("`{pattern}` is not a regular expression")),
        }
    })
}

/// An expression that has to match a whole text.
pub(super) fn whole(machine: &mut Machine<'_>, pattern: &str) -> Result<Regex> {
    compile(machine, &format!("^(?:{pattern})\\z"))
}

/// Java's notation in the engine's.
fn translate(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars();
    let mut in_class = 0u32;
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some('d') => result.push_str(if in_class > 0 { "0-9" } else { "[0-9]" }),
                Some('D') => result.push_str("[^0-9]"),
                Some('w') => result.push_str(if in_class > 0 { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('W') => result.push_str("[^0-9A-Za-z_]"),
                Some('s') => {
                    result.push_str(if in_class > 0 { " \\t\\n\\x0B\\f\\r" } else { "[ \\t\\n\\x0B\\f\\r]" });
                }
                Some('S') => result.push_str("[^ \\t\\n\\x0B\\f\\r]"),
                Some('h') => result.push_str(if in_class > 0 { " \\t\\u{a0}" } else { "[ \\t\\u{a0}]" }),
                Some('R') => result.push_str("(?:\\r\\n|[\\n\\x0B\\f\\r\\u{85}\\u{2028}\\u{2029}])"),
                Some('b') => result.push_str("(?-u:\\b)"),
                Some('B') => result.push_str("(?-u:\\B)"),
                Some('Z') => result.push_str("\\n?\\z"),
                Some('Q') => {
                    let tail = rest.as_str();
                    let (quoted, after) = tail.split_once("\\E").unwrap_or((tail, ""));
                    result.push_str(&regex::escape(quoted));
                    rest = after.chars();
                }
                Some('u') => {
                    let tail = rest.as_str();
                    match tail.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
                        Some(digits) => {
                            result.push_str(&format!("\\u{{{digits}}}"));
                            rest = tail.get(4..).unwrap_or_default().chars();
                        }
                        None => result.push_str("\\u"),
                    }
                }
                Some('p') => {
                    let tail = rest.as_str();
                    let (class, after) = match tail.strip_prefix('{').and_then(|tail| tail.split_once('}')) {
                        Some((name, after)) => (posix(name, in_class > 0), after),
                        None => ("\\p".to_owned(), tail),
                    };
                    result.push_str(&class);
                    rest = after.chars();
                }
                // Any other character that is no letter stands for itself.
                Some(other) if !other.is_ascii_alphanumeric() => result.push_str(&regex::escape(&other.to_string())),
                Some(other) => {
                    result.push('\\');
                    result.push(other);
                }
                None => result.push('\\'),
            },
            '[' => {
                in_class += 1;
                result.push('[');
            }
            ']' => {
                in_class = in_class.saturating_sub(1);
                result.push(']');
            }
            // A count that nothing stands before counts nothing.
            '{' if in_class == 0 && (result.is_empty() || result.ends_with(['(', '|'])) => result.push_str("(?:){"),
            '.' if in_class == 0 => result.push_str("[^\\n\\r\\u{85}\\u{2028}\\u{2029}]"),
            other => result.push(other),
        }
    }
    result
}

/// A named class such as `\p{Upper}`.
fn posix(name: &str, in_class: bool) -> String {
    let range = match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "Alpha" => "A-Za-z",
        "Digit" => "0-9",
        "Alnum" => "0-9A-Za-z",
        "Punct" => "!-/:-@\\[-`{-~",
        "Space" => " \\t\\n\\x0B\\f\\r",
        "Blank" => " \\t",
        "XDigit" => "0-9A-Fa-f",
        "ASCII" => "\\x00-\\x7F",
        "IsAlphabetic" => return "\\p{Alphabetic}".to_owned(),
        "IsLetter" | "javaLetter" => return "\\p{L}".to_owned(),
        "IsDigit" => return "\\p{Nd}".to_owned(),
        other => return format!("\\p{{{}}}", other.strip_prefix("Is").unwrap_or(other)),
    };
    if in_class { range.to_owned() } else { format!("[{range}]") }
}

/// Where Java looks for the next match: an empty one may follow right after another, but not at the same place.
fn after(text: &str, start: usize, end: usize) -> usize {
    if start < end {
        return end;
    }
    end + text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

/// `replaceAll` and `replaceFirst`.
pub(super) fn replace(
    machine: &mut Machine<'_>,
    text: &str,
    pattern: &str,
    replacement: &str,
    most: usize,
) -> Result<Value> {
    let expression = compile(machine, pattern)?;
    machine.spend_text(text.len())?;
    let mut result = String::with_capacity(text.len());
    let mut last = 0;
    let mut from = 0;
    for _ in 0..most {
        let Some(captures) = (from <= text.len()).then(|| expression.captures_at(text, from)).flatten() else { break };
        let Some(found) = captures.get(0) else { break };
        from = after(text, found.start(), found.end());
        machine.spend(1)?;
        result.push_str(text.get(last..found.start()).unwrap_or_default());
        expand(&captures, replacement, &mut result)?;
        machine.check_text(result.len())?;
        last = found.end();
    }
    result.push_str(text.get(last..).unwrap_or_default());
    machine.text(result)
}

/// Java's replacement: `$1`, `${name}`, and a backslash before what is meant literally.
fn expand(captures: &Captures<'_>, replacement: &str, result: &mut String) -> Result<()> {
    let mut rest = replacement.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some(literal) => result.push(literal),
                None => return Err(failure("the replacement ends with a backslash")),
            },
            '$' => match rest.next() {
                Some('{') => {
                    let mut name = String::new();
                    loop {
                        match rest.next() {
                            Some('}') => break,
                            Some(letter) if letter.is_ascii_alphanumeric() => name.push(letter),
                            _ => return Err(failure("a group's name is not closed")),
                        }
                    }
                    let group = captures.name(&name).ok_or_else(|| failure(format!("there is no group `{name}`")))?;
                    result.push_str(group.as_str());
                }
                Some(digit) if digit.is_ascii_digit() => {
                    let mut number = digit.to_digit(10).unwrap_or(0) as usize;
                    if number >= captures.len() {
                        return Err(failure(format!("there is no group {number}")));
                    }
                    while let Some(next) = rest.peek().and_then(|next| next.to_digit(10)) {
                        let longer = number * 10 + next as usize;
                        if longer >= captures.len() {
                            break;
                        }
                        number = longer;
                        rest.next();
                    }
                    result.push_str(captures.get(number).map_or("", |group| group.as_str()));
                }
                _ => return Err(failure("`$` in a replacement needs the number of a group")),
            },
            other => result.push(other),
        }
    }
    Ok(())
}

/// Java's `split`: an empty match at the beginning does not count, and without a limit empty parts at the end go.
pub(super) fn split(machine: &mut Machine<'_>, text: &str, pattern: &str, limit: i32) -> Result<Value> {
    let expression = compile(machine, pattern)?;
    machine.spend_text(text.len())?;
    let most = usize::try_from(limit).ok().filter(|limit| *limit > 0);
    let mut parts: Vec<&str> = Vec::new();
    let mut last = 0;
    let mut from = 0;
    while let Some(found) = (from <= text.len()).then(|| expression.find_at(text, from)).flatten() {
        machine.spend(1)?;
        from = after(text, found.start(), found.end());
        if most.is_some_and(|most| parts.len() + 1 >= most) {
            break;
        }
        if found.end() == 0 {
            continue;
        }
        if found.is_empty() && found.start() == text.len() {
            // An empty match at the end parts nothing but an empty text.
            parts.push(text.get(last..found.start()).unwrap_or_default());
            last = found.end();
            continue;
        }
        parts.push(text.get(last..found.start()).unwrap_or_default());
        last = found.end();
    }
    if last == 0 && parts.is_empty() {
        return Ok(Value::List(List::of(ListKind::Array, vec![Value::from(text)])));
    }
    parts.push(text.get(last..).unwrap_or_default());
    if limit == 0 {
        while parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
    }
    machine.spend_items(parts.len())?;
    Ok(Value::List(List::of(ListKind::Array, parts.into_iter().map(Value::from).collect())))
}
