//! Headers of requests.
//!
//! A name is a token (RFC 9110, section 5.1) and none that the client sets itself; a value is visible ASCII with blanks
//! and tabs (section 5.5), so that nothing in it can end the line.

use std::collections::BTreeMap;

use crate::catalogue::Code;
use crate::check::pieces::{Piece, plain};
use crate::check::url::shown;
use crate::check::{credential, foreign};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::Escape;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{ExprKind, Name, Record, TextPart};

/// Headers that the client owns, in lower case, and why an author who wants one should look elsewhere.
const RESERVED: &[(&str, &str)] = &[
    ("host", "it follows from the URL"),
    ("content-length", "it follows from the body"),
    ("content-type", "it follows from the kind of the `body`"),
    ("transfer-encoding", "the client decides how the body travels"),
    ("accept-encoding", "answers are read uncompressed"),
    ("user-agent", "it names `wf` and its version"),
    ("connection", "connections are the client's"),
    ("keep-alive", "connections are the client's"),
    ("upgrade", "connections are the client's"),
    ("te", "the client decides how the body travels"),
    ("trailer", "the client decides how the body travels"),
    ("expect", "the client decides how the body travels"),
    ("authorization", "credentials come from a `connector` of the kind `basic` or `bearer`, named in an `auth` line"),
    ("cookie", "credentials come from a `connector` of the kind `basic` or `bearer`, named in an `auth` line"),
    ("idempotency-key", "every attempt of a step carries the same one already"),
];

/// A header whose name is right; the values in it have no type yet.
#[derive(Clone, Debug)]
pub(crate) struct Header<'a> {
    /// Its name as written.
    pub(crate) name: Name,
    /// Its value.
    pub(crate) value: Vec<Piece<'a>>,
}

/// Reads the `headers` of a webhook.
pub(crate) fn read<'a>(headers: &'a Spanned<Record>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Header<'a>> {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut result = Vec::new();
    for entry in &headers.node.entries {
        if !name(&entry.name, diagnostics) {
            continue;
        }
        if let Some(first) = seen.get(&entry.name.node.to_ascii_lowercase()) {
            diagnostics.push(
                Diagnostic::new(Code::HeaderTwice, entry.name.span)
                    .message(format!("the header `{}` is set twice", entry.name.node))
                    .also(*first, "set here first")
                    .hint("upper and lower case make no difference; write one line with both values if both are meant"),
            );
            continue;
        }
        seen.insert(entry.name.node.to_ascii_lowercase(), entry.name.span);
        let value = match &entry.value.node {
            ExprKind::Broken => continue,
            ExprKind::Text(text) => {
                foreign::text(text, diagnostics);
                for part in &text.parts {
                    if let TextPart::Literal(block) = part {
                        let place = block.span(0..block.text.len());
                        literal(&block.text, |range| block.span(range), diagnostics);
                        credential::check(&block.text, place, Some(&entry.name.node), diagnostics);
                    }
                }
                plain(text).into_iter().map(in_header).collect()
            }
            _ => vec![Piece::Hole { value: &entry.value, escape: Escape::HeaderValue }],
        };
        result.push(Header { name: entry.name.clone(), value });
    }
    result
}

fn in_header(piece: Piece<'_>) -> Piece<'_> {
    match piece {
        Piece::Literal(text) => Piece::Literal(text),
        Piece::Hole { value, .. } => Piece::Hole { value, escape: Escape::HeaderValue },
    }
}

/// Whether a name may be set by an author; says so if not. Connectors that put a key into a header ask as well.
pub(crate) fn name(name: &Name, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let lower = name.node.to_ascii_lowercase();
    if let Some(bad) = name.node.chars().find(|c| !is_token(*c)) {
        let mut finding = Diagnostic::new(Code::HeaderInvalid, name.span)
            .message(format!("{} cannot stand in a header's name", shown(bad)))
            .hint("a name is made of letters, digits and hyphens");
        if matches!(bad, ' ' | ':') {
            let instead = name.node.trim_end_matches([':', ' ']).replace(' ', "-");
            if !instead.is_empty() && instead.chars().all(is_token) {
                finding = finding.fix(Fix::replace(name.span, format!("\"{instead}\"")));
            }
        }
        diagnostics.push(finding);
        return false;
    }
    let reason = RESERVED.iter().find(|(reserved, _)| *reserved == lower).map(|(_, reason)| *reason);
    let reason = reason
        .or_else(|| lower.starts_with("webhook-").then_some("signed requests carry these headers"))
        .or_else(|| lower.starts_with("proxy-").then_some("requests go through no proxy"));
    if let Some(reason) = reason {
        diagnostics.push(
            Diagnostic::new(Code::HeaderReserved, name.span)
                .message(format!("the header `{}` is not the author's to set", name.node))
                .hint(reason),
        );
        return false;
    }
    true
}

/// RFC 9110, section 5.6.2.
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// Checks the literal text of a value.
fn literal(text: &str, place: impl Fn(std::ops::Range<usize>) -> Span, diagnostics: &mut Vec<Diagnostic>) {
    for (at, character) in text.char_indices() {
        if character.is_ascii_graphic() || matches!(character, ' ' | '\t') {
            continue;
        }
        diagnostics.push(
            Diagnostic::new(Code::HeaderInvalid, place(at..at + character.len_utf8()))
                .message(format!("{} cannot stand in a header", shown(character)))
                .hint("headers hold visible ASCII, blanks and tabs; other text belongs into the body"),
        );
        return;
    }
}
