//! Java's regular expressions, on an engine whose time is linear in the text.
//!
//! What Java means by a class such as `\w` is written out; what needs backtracking, such as a look-around or a
//! back-reference, is refused.

use super::failure;
use crate::error::{Error, ErrorKind, Result};
use crate::machine::Machine;
use crate::value::{List, ListKind, Value};
use regex::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};
use smol_str::SmolStr;

/// Bytes a compiled expression may take.
const MOST_BYTES: usize = 1 << 20;

/// A compiled expression, and what it takes to use it.
#[derive(Clone)]
pub(crate) struct Expression {
    regex: Regex,
    /// How many places of the expression a search may have to follow at once.
    places: u64,
    /// The most bytes that a search looks at behind a match before it is sure of it; `None` when there is no bound.
    longest: Option<usize>,
}

/// The expressions that a rendering has compiled last: loops use the same one again and again.
#[derive(Default)]
pub(crate) struct Expressions(Vec<(SmolStr, Expression)>);

/// How many of them are kept.
const KEPT: usize = 4;

/// Expressions of so many places have automata of few states.
const SMALL: u64 = 16;

impl Expression {
    /// Pays for one way through a text. In the worst case each byte is compared with all places at once.
    fn spend_search(&self, machine: &mut Machine<'_>, bytes: usize) -> Result<()> {
        machine.spend(1 + (bytes as u64).saturating_mul(1 + self.places) / 20)
    }

    /// Pays for what a search may look at behind its match, so that the next one looks at it again.
    fn spend_match(&self, machine: &mut Machine<'_>, text: &str, from: usize) -> Result<()> {
        let rest = text.len().saturating_sub(from);
        match self.longest {
            Some(longest) => self.spend_search(machine, longest.min(rest)),
            // Small expressions run as an automaton, which takes one step for each byte.
            None if self.places <= SMALL => machine.spend(1 + rest as u64 / 64),
            None => self.spend_search(machine, rest),
        }
    }

    /// Whether the expression is in a text.
    pub(super) fn is_match(&self, machine: &mut Machine<'_>, text: &str) -> Result<bool> {
        self.spend_search(machine, text.len())?;
        Ok(self.regex.is_match(text))
    }
}

/// How large an expression is when its repetitions are written out.
fn places(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty => 0,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(_) | HirKind::Look(_) => 1,
        HirKind::Capture(capture) => places(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(places).fold(parts.len() as u64, u64::saturating_add)
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1);
            places(&repetition.sub).saturating_add(1).saturating_mul(times.into())
        }
    }
}

/// Compiles an expression.
fn compile(machine: &mut Machine<'_>, pattern: &str) -> Result<Expression> {
    if let Some((_, known)) = machine.expressions.0.iter().find(|(known, _)| known == pattern) {
        return Ok(known.clone());
    }
    // Compiling is by far the most expensive single thing a template can ask for.
    machine.spend(100 + pattern.len() as u64)?;
    let translated = translate(pattern);
    let mistake = |error: Option<&regex::Error>| {
        let unsupported = pattern.contains("(?=") || pattern.contains("(?!") || pattern.contains("(?<");
        match error {
            Some(regex::Error::CompiledTooBig(_)) => {
                Error::new(ErrorKind::Limit, "the regular expression is too large")
            }
            _ if unsupported => Error::new(ErrorKind::Unsupported, "look-around in a regular expression")
                .with_hint("only expressions that need no backtracking can be used"),
            _ => failure(format!("`{pattern}` is not a regular expression")),
        }
    };
    let hir = regex_syntax::parse(&translated).map_err(|_| mistake(None))?;
    let places = places(&hir);
    machine.spend(places.saturating_mul(4))?;
    let builder = RegexBuilder::new(&translated).size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).build();
    let regex = builder.map_err(|error| mistake(Some(&error)))?;
    let expression = Expression { regex, places, longest: hir.properties().maximum_len() };
    let kept = &mut machine.expressions.0;
    if kept.len() >= KEPT {
        kept.remove(0);
    }
    kept.push((pattern.into(), expression.clone()));
    Ok(expression)
}

/// An expression that has to match a whole text.
pub(super) fn whole(machine: &mut Machine<'_>, pattern: &str) -> Result<Expression> {
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
    replacement: Option<&str>,
    most: usize,
) -> Result<Value> {
    let expression = compile(machine, pattern)?;
    expression.spend_search(machine, text.len())?;
    let mut result = String::with_capacity(text.len());
    let mut last = 0;
    let mut from = 0;
    for _ in 0..most {
        if from > text.len() {
            break;
        }
        expression.spend_match(machine, text, from)?;
        let Some(captures) = expression.regex.captures_at(text, from) else { break };
        let Some(found) = captures.get(0) else { break };
        from = after(text, found.start(), found.end());
        result.push_str(text.get(last..found.start()).unwrap_or_default());
        // Nothing as a replacement is only missed when there is something to replace.
        let replacement = replacement.ok_or_else(|| failure("the replacement is null"))?;
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
    expression.spend_search(machine, text.len())?;
    let most = usize::try_from(limit).ok().filter(|limit| *limit > 0);
    let mut parts: Vec<&str> = Vec::new();
    let mut last = 0;
    let mut from = 0;
    while from <= text.len() {
        expression.spend_match(machine, text, from)?;
        let Some(found) = expression.regex.find_at(text, from) else { break };
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
