//! What other template languages write for a value, a condition or a comment: here it is text, and people would read it.
//!
//! Marks that nobody writes by chance are told of wherever they stand, `{% if … %}`, `<%= name %>`, `*|FNAME|*`. A mark that
//! may be ordinary text, `%name%`, is one only if there is such a value where the message is sent.

use std::ops::Range;

use super::Origin;
use crate::catalogue::Code;
use crate::check::foreign;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::types::{Environment, EventScope};

/// How long what stands between two marks may be, in bytes.
const LONGEST: usize = 200;

/// What stands in place of the usual words of such languages.
const WORDS: &[(&[&str], &str)] = &[
    (&["if", "unless"], "a condition is written `#if(…) … #end`"),
    (&["elif", "elsif", "elseif"], "another condition is written `#elseif(…)`"),
    (&["else"], "the other way is written `#else`"),
    (&["for", "each", "foreach"], "each element of a list is written `#foreach($item in $event.items) … #end`"),
    (&["set", "assign", "capture", "let"], "a value gets a name with `#set($name = …)`"),
    (&["comment"], "a comment is written `#* … *#`"),
    (&["include", "extends", "import", "block", "partial"], "a message is one template: write the text here"),
];

/// Reports the marks of other languages in a template. What stands in the stretches that were `passed` over is meant so.
pub(super) fn refuse(origin: Origin<'_>, html: bool, passed: &[Range<usize>], diagnostics: &mut Vec<Diagnostic>) {
    let text = origin.text();
    let meant = |at: usize| passed.iter().any(|range| range.contains(&at));
    let mut commented = 0;
    for at in memchr::memchr3_iter(b'%', b'<', b'|', text.as_bytes()) {
        let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        let opened = match (before, text.as_bytes().get(at)) {
            (Some(b'{'), Some(b'%')) => Some(("{%", "%}")),
            (Some(b'<'), Some(b'%')) => Some(("<%", "%>")),
            (Some(b'*'), Some(b'|')) => Some(("*|", "|*")),
            _ => None,
        };
        if let Some((open, close)) = opened
            && let Some(range) = between(text, at - 1, open, close)
            && !meant(at)
        {
            diagnostics.push(mark(origin, range, open.len()));
        } else if !html && at >= commented && text.get(at..).is_some_and(|rest| rest.starts_with("<!--")) && !meant(at)
        {
            let rest = text.get(at..).unwrap_or("");
            let end = rest.find("-->");
            commented = end.map_or(text.len(), |end| at + end);
            diagnostics.extend(end.map(|end| comment(origin, at, at + end)));
        }
    }
}

/// The stretch from `open`, which stands at `start`, to the end of `close` on the same line.
fn between(text: &str, start: usize, open: &str, close: &str) -> Option<Range<usize>> {
    let inner = start + open.len();
    let end = text.floor_char_boundary(inner.saturating_add(LONGEST).min(text.len()));
    let line = text.get(inner..end)?.split('\n').next()?;
    let length = line.find(close)?;
    // `*| |*` may be drawn.
    let words = line.get(..length)?.contains(|letter: char| letter.is_alphanumeric());
    words.then_some(start..inner + length + close.len())
}

/// A block helper that `rest` begins with, `{{#if name}}`, `{{/if}}`: its length.
pub(super) fn block_helper(rest: &str) -> Option<usize> {
    let sign = rest.strip_prefix("{{")?.trim_start_matches('~').as_bytes().first()?;
    if !matches!(sign, b'#' | b'/' | b'^' | b'>') {
        return None;
    }
    between(rest, 0, "{{", "}}").map(|range| range.end)
}

/// The finding on a mark of another language; its signs are `sign` bytes long at either end.
pub(super) fn mark(origin: Origin<'_>, range: Range<usize>, sign: usize) -> Diagnostic {
    let place = origin.place(range.clone());
    let whole = origin.text().get(range.clone()).unwrap_or("");
    let inner = whole.get(sign..whole.len().saturating_sub(sign)).unwrap_or("");
    let inner =
        inner.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '=' | '#' | '^' | '~'));
    let first = inner.split_whitespace().next().unwrap_or("");
    let code = if whole.starts_with("{{") { Code::TemplateDirective } else { Code::SentAsWritten };
    let finding = Diagnostic::new(code, place);
    if let Some((_, hint)) = WORDS.iter().find(|(words, _)| words.contains(&first)) {
        return finding.message(format!("`{whole}` is of another template language")).hint(*hint);
    }
    if first.starts_with('/') || first.starts_with("end") {
        let message = format!("`{whole}` is of another template language");
        return finding.message(message).hint("what `#if` and `#foreach` begin is ended by `#end`");
    }
    if whole.starts_with("*|") {
        let field = usual_field(inner)
            .map_or_else(|| format!("$!{{{}}}", inner.to_lowercase()), |field| format!("$!{{contact.{field}}}"));
        return foreign::as_written(place, inner, &field);
    }
    finding
        .message(format!("`{whole}` is of another template language, and is sent as it is written"))
        .hint("a value is written `$!{contact.first_name}`")
}

/// `<!-- … -->` in a text that is no HTML; the closing sign stands at `end`.
fn comment(origin: Origin<'_>, start: usize, end: usize) -> Diagnostic {
    let finding = Diagnostic::new(Code::SentAsWritten, origin.place(start..end + 3))
        .message("people read this: only in HTML it is a comment")
        .hint("a comment of a template is written `#* … *#`");
    if origin.text().get(start..end).is_some_and(|inner| inner.contains("*#")) {
        return finding;
    }
    let closing = Edit { span: origin.place(end..end + 3), text: "*#".to_owned() };
    finding.fix(
        Fix::replace(origin.place(start..start + 4), "#*").and(closing).titled("make it a comment of the template"),
    )
}

/// The words between single percent signs, `%first_name%`, each with the place of it all.
pub(super) fn percent_words(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(start) = memchr::memchr(b'%', text.as_bytes().get(at..).unwrap_or_default()).map(|found| at + found)
    {
        at = start + 1;
        let rest = text.get(at..).unwrap_or("");
        let length =
            rest.bytes().take(LONGEST).position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'.'));
        if let Some(length) = length.filter(|length| *length > 0 && rest.as_bytes().get(*length) == Some(&b'%')) {
            words.push((start..at + length + 1, rest.get(..length).unwrap_or("")));
            at += length + 1;
        }
    }
    words
}

/// The words in double brackets, `[[first_name]]`, each with the place of it all.
pub(super) fn bracket_words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.match_indices("[[").filter_map(|(start, _)| {
        let rest = text.get(start + 2..)?;
        let inner = rest.trim_start_matches(' ');
        let length = inner
            .bytes()
            .take(LONGEST)
            .position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'.'))?;
        let behind = inner.get(length..)?.trim_start_matches(' ');
        let ends = behind.starts_with("]]") && !behind.starts_with("]]]");
        let word =
            inner.get(..length).filter(|word| ends && word.starts_with(|first: char| first.is_ascii_alphabetic()))?;
        // `#[[ … ]]#` and lists of lists are none.
        let apart = !text.get(..start).unwrap_or("").ends_with(['#', '[']);
        apart.then(|| (start..text.len() - behind.len() + 2, word))
    })
}

/// Reports the words in signs of other platforms: each is a value where the message is sent, or looks like one.
pub(super) fn values(
    origin: Origin<'_>,
    words: &[(Range<usize>, &str)],
    environment: &Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (range, word) in words {
        let place = origin.place(range.clone());
        if let Some(path) = value(word, environment) {
            diagnostics.push(foreign::as_written(place, &path, &format!("$!{{{path}}}")));
        } else if environment.event != EventScope::Unknown && stands_alone(origin.text(), range, word) {
            let whole = origin.text().get(range.clone()).unwrap_or("");
            diagnostics.push(
                Diagnostic::new(Code::SentAsWritten, place)
                    .message(format!("`{whole}` is a value on other platforms, and is sent as it is written"))
                    .hint("a value is written `$!{event.plan}`; what is meant so stands between `#[[` and `]]#`"),
            );
        }
    }
}

/// Whether a word in foreign signs, of which nothing is known, was meant as a value: no letter or digit is next to the signs,
/// as in `20%today%` and in encoded addresses, and it is a name as programs write them.
fn stands_alone(text: &str, range: &Range<usize>, word: &str) -> bool {
    let next_to = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '%');
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let behind = text.get(range.end..).and_then(|behind| behind.chars().next());
    let name = word.len() >= 3 && word.starts_with(|first: char| first.is_ascii_alphabetic());
    name && !next_to(before) && !next_to(behind)
}

/// What a word of another platform stands for: a parameter of the event, or a field of the contact in any spelling.
fn value(word: &str, environment: &Environment<'_>) -> Option<String> {
    let (root, name) = word.split_once('.').map_or((None, word), |(root, name)| (Some(root), name));
    let parameter = match &environment.event {
        EventScope::Known { fields, .. } if root.is_none_or(|root| root == "event") => {
            fields.fields.get_key_value(name)
        }
        _ => None,
    };
    if let Some((name, _)) = parameter.filter(|(_, member)| member.declared.is_some() || root.is_some()) {
        return Some(format!("event.{name}"));
    }
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let meant = usual_field(name).map_or_else(|| plain(name), plain);
    let field = environment.schema.contact().fields.keys().find(|field| plain(field) == meant);
    field.filter(|_| root.is_none_or(|root| root == "contact")).map(|field| format!("contact.{field}"))
}

/// The field of the contact that other platforms call so.
fn usual_field(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "fname" | "firstname" | "first_name" => "first_name",
        "lname" | "lastname" | "last_name" | "surname" => "last_name",
        "email" | "email_address" => "email",
        "phone" | "phone_number" => "phone",
        "city" => "town",
        _ => return None,
    })
}
