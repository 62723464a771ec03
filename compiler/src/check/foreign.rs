//! Values in the spelling of another language: they are no mistake of ours to refuse, and are sent letter by letter.
//!
//! Messages are Velocity, everything else is the language's own text, and many authors have written `{{name}}` for years.
//! What is looked for is narrow, so that ordinary text is left alone: a path in double braces, and in a webhook a root of
//! the language behind a bare `$`.

use std::ops::Range;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Text, TextPart};
use crate::syntax::text_block::TextBlock;
use crate::types::{Environment, EventScope};

/// What values begin with.
const ROOTS: &[&str] = &["contact", "event", "data"];

/// Looks through a text of a webhook. A `\$` is meant as it is.
pub(crate) fn text(text: &Text, diagnostics: &mut Vec<Diagnostic>) {
    for block in literals(text) {
        references(block, diagnostics);
        for (range, path) in braces(&block.text).filter(|(_, path)| root(path)) {
            let span = block.span(range);
            diagnostics.push(as_written(span, path, &format!("${{{path}}}")));
        }
        for (at, _) in block.text.match_indices('{') {
            let rest = block.text.get(at..).unwrap_or("");
            if let Some((length, path)) = in_one_brace(rest) {
                diagnostics.push(as_written(block.span(at..at + length), path, &format!("${{{path}}}")));
            }
        }
    }
}

/// The path in a pair of braces that a text begins with, `{contact.first_name}`, and the length of it all. Only what begins
/// as a value does is one: much else stands in braces.
pub(crate) fn in_one_brace(text: &str) -> Option<(usize, &str)> {
    let inner = text.strip_prefix('{')?;
    let path = path(inner);
    let closed = inner.get(path.len()..)?.strip_prefix('}').is_some_and(|behind| !behind.starts_with('}'));
    (closed && path.contains('.') && root(path)).then_some((path.len() + 2, path))
}

/// Looks through a URL, in which braces are refused anyway.
pub(crate) fn url(text: &Text, diagnostics: &mut Vec<Diagnostic>) {
    for block in literals(text) {
        references(block, diagnostics);
        for (at, _) in block.text.match_indices("/:") {
            let name = path(block.text.get(at + 2..).unwrap_or(""));
            if !name.is_empty() {
                diagnostics.push(
                    Diagnostic::new(Code::SentAsWritten, block.span(at + 1..at + 2 + name.len()))
                        .message(format!("`:{name}` stands for a value elsewhere, and is sent as it is written"))
                        .hint("a value is written `${event.id}`"),
                );
            }
        }
    }
}

fn literals(text: &Text) -> impl Iterator<Item = &TextBlock> {
    text.parts.iter().filter_map(|part| match part {
        TextPart::Literal(block) => Some(block),
        TextPart::Interpolation(_) => None,
    })
}

/// `$contact.town`, as it is written in messages.
fn references(block: &TextBlock, diagnostics: &mut Vec<Diagnostic>) {
    for (at, _) in block.text.match_indices('$') {
        let rest = block.text.get(at + 1..).unwrap_or("");
        let (quiet, rest) = rest.strip_prefix('!').map_or((0, rest), |rest| (1, rest));
        let path = path(rest);
        let span = block.span(at..at + 1 + quiet + path.len());
        if path.contains('.') && root(path) && block.span(at..at + 1).len() == 1 {
            diagnostics.push(as_written(span, path, &format!("${{{path}}}")));
        }
    }
}

/// What stands in double braces and looks like a value, `{{ contact.first_name }}`.
fn braces(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.match_indices("{{").filter_map(|(at, _)| {
        let (length, path) = in_braces(text.get(at..)?)?;
        Some((at..at + length, path))
    })
}

/// The path in double braces that a text begins with, and the length of it all.
pub(crate) fn in_braces(text: &str) -> Option<(usize, &str)> {
    let inner = text.strip_prefix("{{")?.trim_start_matches(' ');
    let path = path(inner);
    let behind = inner.get(path.len()..)?.trim_start_matches(' ').strip_prefix("}}")?;
    (!path.is_empty()).then_some((text.len() - behind.len(), path))
}

/// The path that a text begins with, `contact.town`; empty if none.
fn path(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '.'));
    let path = text.get(..end.unwrap_or(text.len())).unwrap_or("").trim_end_matches('.');
    if path.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') { path } else { "" }
}

fn root(path: &str) -> bool {
    path.split('.').next().is_some_and(|root| ROOTS.contains(&root))
}

/// Reports texts within a value that are nothing but the name of a value in `environment`, `"event.email"`. One that names
/// nothing may be meant, such as `"contact.created"`.
pub(crate) fn quoted_paths(value: &Expr, environment: &Environment<'_>, diagnostics: &mut Vec<Diagnostic>) {
    match &value.node {
        ExprKind::Text(text) => {
            let [TextPart::Literal(block)] = text.parts.as_slice() else { return };
            let written = block.text.as_str();
            if path(written) == written && is_value(written, environment) {
                diagnostics.push(
                    Diagnostic::new(Code::SentAsWritten, value.span)
                        .message(format!("this is sent as it is written, not the value of `{written}`"))
                        .hint(format!("a value stands without quotes: `{written}`"))
                        .fix(Fix::replace(value.span, written)),
                );
            }
        }
        ExprKind::List(items) => items.iter().for_each(|item| quoted_paths(item, environment, diagnostics)),
        ExprKind::Record(record) => {
            record.entries.iter().for_each(|entry| quoted_paths(&entry.value, environment, diagnostics));
        }
        ExprKind::Binary { left, right, .. } => {
            quoted_paths(left, environment, diagnostics);
            quoted_paths(right, environment, diagnostics);
        }
        // Nothing else holds a text that is sent.
        _ => {}
    }
}

/// Whether a path names a value: a field of the contact, a parameter of the event, a result. Of an event that is not known
/// yet, what the contact has is taken to be there too.
fn is_value(path: &str, environment: &Environment<'_>) -> bool {
    let Some((root, rest)) = path.split_once('.') else { return false };
    let name = rest.split('.').next().unwrap_or("");
    let contact = || environment.schema.contact().fields.contains_key(name);
    match root {
        "contact" => environment.contact && contact(),
        "event" => match &environment.event {
            EventScope::Known { fields, .. } => fields.fields.contains_key(name),
            EventScope::Unknown => contact(),
            EventScope::Absent => false,
        },
        "data" => environment.results.get(name).is_some(),
        _ => false,
    }
}

/// The finding on what stands at `span` and is a value `instead`.
pub(crate) fn as_written(span: Span, path: &str, instead: &str) -> Diagnostic {
    Diagnostic::new(Code::SentAsWritten, span)
        .message(format!("this is sent as it is written, not the value of `{path}`"))
        .hint(format!("a value is written `{instead}`"))
        .fix(Fix::replace(span, instead))
}
