//! What a message may not use of Velocity, and what of the language does not exist there.
//!
//! `#evaluate` would run what a customer wrote as a template; `#parse` and `#include` would need templates beside the one
//! that is checked, which there are none of yet. Each is refused where it is written: what it would do at run time cannot
//! be checked. `${a ?? b}` is the language's way to say what stands in for a missing value; Velocity writes `${a|b}`.

use std::ops::Range;

use super::{Origin, borrowed};
use crate::catalogue::Code;
use crate::check::foreign;
use crate::diagnostic::{Diagnostic, Fix};

/// The directives and why they are refused.
const REFUSED: &[(&str, &str, &str)] = &[
    ("evaluate", "`#evaluate` is off: data would be run as a template", "write the text out, or choose with `#if`"),
    ("parse", "`#parse` is not supported yet", "write the text here"),
    ("include", "`#include` is not supported yet", "write the text here"),
];

/// Reports what a message may not use, and what only looks like a value or a condition. Comments and text between `#[[`
/// and `]]#` are passed over; gives where they stand.
pub(super) fn refuse(origin: Origin<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Range<usize>> {
    let mut passed = Vec::new();
    let text = origin.text();
    // A macro may be called as a directive is called elsewhere.
    let own_macros = || text.contains("#macro") || text.contains("#{macro}");
    // Up to here no `${` is closed on its line: looking for the end of each of many would take quadratic time.
    let mut unclosed = 0;
    let mut at = 0;
    while let Some(found) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr3(b'#', b'$', b'{', rest)) {
        let start = at + found;
        let rest = text.get(start..).unwrap_or("");
        at = start + 1;
        if is_escaped(text, start) {
            diagnostics.extend(needless_backslash(origin, start, rest));
            continue;
        }
        if rest.starts_with('{') {
            if let Some(length) = borrowed::block_helper(rest) {
                diagnostics.push(borrowed::mark(origin, start..start + length, 2));
                at = start + length;
            } else if let Some((length, path)) = foreign::in_braces(rest) {
                let place = origin.place(start..start + length);
                diagnostics.push(foreign::as_written(place, path, &format!("$!{{{path}}}")));
                at = start + length;
            } else if !text.get(..start).unwrap_or("").ends_with(['$', '!', '#', '{'])
                && let Some((length, path)) = foreign::in_one_brace(rest)
            {
                let place = origin.place(start..start + length);
                diagnostics.push(foreign::as_written(place, path, &format!("$!{{{path}}}")));
                at = start + length;
            }
        } else if rest.starts_with('$') {
            if start >= unclosed {
                unclosed = start + coalesce(origin, start, rest, diagnostics);
            }
        } else if rest.starts_with("##") {
            at = start + rest.find('\n').unwrap_or(rest.len());
            passed.push(start..at);
        } else if rest.starts_with("#*") {
            at = start + rest.find("*#").map_or(rest.len(), |end| end + 2);
            passed.push(start..at);
        } else if rest.starts_with("#[[") {
            at = start + rest.find("]]#").map_or(rest.len(), |end| end + 3);
            passed.push(start..at);
        } else if let Some(length) = else_if(rest) {
            let place = origin.place(start..start + length);
            diagnostics.push(
                Diagnostic::new(Code::SentAsWritten, place)
                    .message("`#else` ends here, and the rest is sent as it is written")
                    .hint("another condition is written `#elseif(…)`")
                    .fix(Fix::replace(place, "#elseif")),
            );
            at = start + length;
        } else if let Some((length, instead)) = foreign_directive(rest)
            && !own_macros()
        {
            let place = origin.place(start..start + length);
            diagnostics.push(
                Diagnostic::new(Code::TemplateDirective, place)
                    .message(format!("there is no directive `{}`", rest.get(..length).unwrap_or("")))
                    .hint(format!("write `{instead}`"))
                    .fix(Fix::replace(place, instead)),
            );
            at = start + length;
        } else if let Some(length) = unclosed_name(rest) {
            let place = origin.place(start..start + length);
            let name = rest.get(..length).unwrap_or("");
            diagnostics.push(
                Diagnostic::new(Code::SentAsWritten, place)
                    .message(format!("without its brace `{name}` is no directive, and is sent as it is written"))
                    .hint(format!("write `{name}}}`"))
                    .fix(Fix::insert_after(place, "}")),
            );
            at = start + length;
        } else if let Some(length) = bare_set(rest) {
            diagnostics.push(set_without_brackets(origin, start, length));
            at = start + length;
        } else if let Some((length, message, hint)) = directive(rest) {
            let place = origin.place(start..start + length);
            diagnostics.push(Diagnostic::new(Code::TemplateDirective, place).message(message).hint(hint));
            at = start + length;
        }
    }
    passed
}

/// The backslash before a sign that begins nothing, as in `\$5.00`: it escapes nothing, and stays in the text.
fn needless_backslash(origin: Origin<'_>, start: usize, rest: &str) -> Option<Diagnostic> {
    let sign = rest.get(..1).filter(|sign| matches!(*sign, "$" | "#"))?;
    let begins =
        |next: char| next.is_alphabetic() || matches!(next, '_' | '{' | '!' | '@' | '[' | '*' | '\\' | '$' | '#');
    if rest.chars().nth(1).is_some_and(begins) {
        return None;
    }
    let place = origin.place(start - 1..start);
    Some(
        Diagnostic::new(Code::SentAsWritten, place)
            .message("people read this backslash too")
            .hint(format!(
                "a `{sign}` that begins no value and no directive is text as it stands; take the backslash out"
            ))
            .fix(Fix::delete(place).titled("take the backslash out").left_to_author()),
    )
}

/// Whether an odd number of backslashes stands before `start`.
fn is_escaped(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or("");
    before.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}

/// The refused directive that `rest` begins with, and how long its name is with the `#`.
fn directive(rest: &str) -> Option<(usize, &'static str, &'static str)> {
    let behind = rest.strip_prefix('#')?;
    REFUSED.iter().find_map(|(name, message, hint)| {
        let (rest, braces) = match behind.strip_prefix('{') {
            Some(inner) => (inner.strip_prefix(name)?.strip_prefix('}')?, 2),
            None => (behind.strip_prefix(name)?, 0),
        };
        let called = rest.trim_start_matches([' ', '\t']).starts_with('(');
        called.then_some((1 + name.len() + braces, *message, *hint))
    })
}

/// What other template languages call a directive that `rest` begins with: its length, and what it is called here.
fn foreign_directive(rest: &str) -> Option<(usize, &'static str)> {
    const CALLED: [(&str, &str); 3] = [("for", "#foreach"), ("elif", "#elseif"), ("elsif", "#elseif")];
    const ALONE: [(&str, &str); 3] = [("endif", "#end"), ("endfor", "#end"), ("endforeach", "#end")];
    let behind = rest.strip_prefix('#')?;
    let ends =
        |rest: &str| !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-');
    let called = |rest: &str| rest.trim_start_matches([' ', '\t']).starts_with('(');
    let of = |(name, instead): &(&str, &'static str)| (1 + name.len(), *instead);
    let found = CALLED.iter().find(|(name, _)| behind.strip_prefix(name).is_some_and(called)).map(of);
    found.or_else(|| {
        let alone = |rest: &str| ends(rest) && !called(rest);
        ALONE.iter().find(|(name, _)| behind.strip_prefix(name).is_some_and(alone)).map(of)
    })
}

/// The length of `#{else` that no brace closes, if `rest` begins with such a directive.
fn unclosed_name(rest: &str) -> Option<usize> {
    const NAMES: [&str; 8] = ["elseif", "else", "end", "if", "foreach", "set", "macro", "stop"];
    let behind = rest.strip_prefix("#{")?;
    let name = NAMES.iter().find(|name| behind.starts_with(**name))?;
    let goes_on =
        behind.get(name.len()..)?.starts_with(|letter: char| letter.is_alphanumeric() || "_-}".contains(letter));
    (!goes_on).then_some(2 + name.len())
}

/// The length of `#set $name = value` up to the end of its line, if `rest` begins with one.
fn bare_set(rest: &str) -> Option<usize> {
    let behind = rest.strip_prefix("#set")?.strip_prefix([' ', '\t'])?;
    let name = behind.trim_start_matches([' ', '\t', '$', '!', '{']);
    let length = name.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    let sign = name.get(length..)?.trim_start_matches([' ', '\t', '}']);
    if length == 0 || !sign.starts_with('=') || sign.starts_with("==") {
        return None;
    }
    // Only now, so that many of them in one line take no quadratic time: what is found is passed over.
    Some(rest.split(['\n', '\r']).next()?.trim_end().len())
}

/// The finding on `#set $name = value`, which stands at `start`. Where it is all of its line, its value ends with the line.
fn set_without_brackets(origin: Origin<'_>, start: usize, length: usize) -> Diagnostic {
    let text = origin.text();
    let written = text.get(start..start + length).unwrap_or("");
    let inner = written.strip_prefix("#set").unwrap_or("").trim();
    let meant = if inner.starts_with('$') { inner.to_owned() } else { format!("${inner}") };
    let finding = Diagnostic::new(Code::TemplateDirective, origin.place(start..start + "#set".len()))
        .message("what `#set` sets stands in brackets");
    let before = text.get(..start).unwrap_or("");
    let alone = before.trim_end_matches([' ', '\t']).ends_with('\n') || before.trim().is_empty();
    let whole = text.get(start + length..).unwrap_or("").trim_start_matches([' ', '\t']);
    // On a line with other text nobody can tell where the value ends.
    if alone && whole.starts_with(['\n', '\r']) && !inner.contains('#') {
        let meant = format!("#set({meant})");
        return finding.hint(format!("write `{meant}`")).fix(Fix::replace(origin.place(start..start + length), meant));
    }
    finding.hint("write `#set($name = …)`")
}

/// The length of `#else if` before its bracket, if `rest` begins with it.
fn else_if(rest: &str) -> Option<usize> {
    let behind = rest.strip_prefix("#else")?.trim_start_matches([' ', '\t']).strip_prefix("if")?;
    let length = rest.len() - behind.len();
    (length > "#elseif".len() && behind.trim_start_matches([' ', '\t']).starts_with('(')).then_some(length)
}

/// Reports `${a ?? b}`, which begins at `start`. If no brace closes it on its line, gives the length of what was looked at.
fn coalesce(origin: Origin<'_>, start: usize, rest: &str, diagnostics: &mut Vec<Diagnostic>) -> usize {
    let quiet = if rest.starts_with("$!{") { "!" } else { "" };
    let Some(inner) = rest.strip_prefix("${").or_else(|| rest.strip_prefix("$!{")) else { return 0 };
    let Some(inner) = inner.find(['}', '\n']).and_then(|end| inner.get(..end)) else { return rest.len() };
    let closed = rest.get(2 + quiet.len() + inner.len()..).is_some_and(|behind| behind.starts_with('}'));
    let seen = if closed { 0 } else { inner.len() };
    let Some((value, instead)) = inner.split_once("??") else { return seen };
    let (value, instead) = (value.trim(), instead.trim());
    let whole = 1 + quiet.len() + 1 + inner.len() + 1;
    let operator = start + whole - 1 - inner.len() + inner.find("??").unwrap_or(0);
    let quoted = instead.trim_matches(['"', '\\', '\'']);
    let mended = format!("${quiet}{{{value}|'{}'}}", quoted.replace('\'', "''"));
    let finding = Diagnostic::new(Code::TemplateSyntax, origin.place(operator..operator + 2))
        .message("`??` does not exist in templates")
        .hint(format!("write `{mended}`"));
    diagnostics.push(if rest.get(whole - 1..whole) == Some("}") {
        finding.fix(Fix::replace(origin.place(start..start + whole), mended))
    } else {
        finding
    });
    seen
}
