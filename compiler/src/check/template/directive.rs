//! Directives that a message may not use.
//!
//! `#evaluate` would run what a customer wrote as a template; `#parse` and `#include` would need templates beside the one
//! that is checked, which there are none of yet. Each is refused where it is written: what it would do at run time cannot
//! be checked.

use super::Origin;
use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;

/// The directives and why they are refused.
const REFUSED: &[(&str, &str, &str)] = &[
    ("evaluate", "`#evaluate` is off: data would be run as a template", "write the text out, or choose with `#if`"),
    ("parse", "`#parse` is not supported yet", "write the text here"),
    ("include", "`#include` is not supported yet", "write the text here"),
];

/// Reports the directives that a message may not use.
pub(super) fn refuse(origin: Origin<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let text = origin.text();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('#')) {
        let start = at + found;
        let rest = text.get(start..).unwrap_or("");
        let behind = rest.get(1..).unwrap_or("");
        let escaped = text
            .get(..start)
            .is_some_and(|before| before.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1);
        at = start + 1;
        if escaped {
            continue;
        }
        if behind.starts_with('#') {
            at = start + rest.find('\n').unwrap_or(rest.len());
        } else if behind.starts_with('*') {
            at = start + rest.find("*#").map_or(rest.len(), |end| end + 2);
        } else if behind.starts_with("[[") {
            at = start + rest.find("]]#").map_or(rest.len(), |end| end + 3);
        } else if let Some((length, message, hint)) = directive(behind) {
            diagnostics.push(
                Diagnostic::new(Code::TemplateDirective, origin.place(start..start + 1 + length))
                    .message(message)
                    .hint(hint),
            );
            at = start + 1 + length;
        }
    }
}

/// The refused directive that begins behind a `#`, and how long it is.
fn directive(behind: &str) -> Option<(usize, &'static str, &'static str)> {
    REFUSED.iter().find_map(|(name, message, hint)| {
        let (rest, braces) = match behind.strip_prefix('{') {
            Some(inner) => (inner.strip_prefix(name)?.strip_prefix('}')?, 2),
            None => (behind.strip_prefix(name)?, 0),
        };
        rest.trim_start_matches([' ', '\t']).starts_with('(').then_some((name.len() + braces, *message, *hint))
    })
}
