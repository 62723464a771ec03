//! A difference as annotations of a GitHub workflow, beside the lines that changed.

use compiler::diff::{Change, Risk};

use super::Compared;
use crate::cli::check::github::{property, text};

pub(super) fn draw(compared: &Compared) -> String {
    compared.diff.changes.iter().map(|change| annotation(compared, change)).collect()
}

fn annotation(compared: &Compared, change: &Change) -> String {
    let level = match change.risk {
        _ if change.accepted.is_some() => "notice",
        Risk::Danger => "error",
        Risk::Review => "warning",
        Risk::Note => "notice",
    };
    let place = match compared.after(change) {
        Some(it) => format!("file={},line={},col={},", property(&it.path), it.line, it.column),
        None => String::new(),
    };
    format!("::{level} {place}title={}::{}\n", property(change.slug.word()), text(&words(change)))
}

/// A change in words, a line for each side.
pub(super) fn words(change: &Change) -> String {
    let mut message = format!("{}: {}", change.title, change.slug.title());
    for (sign, words) in [("- ", &change.before), ("+ ", &change.after)] {
        if let Some(words) = words {
            message.push_str(&format!("\n{sign}{words}"));
        }
    }
    for detail in &change.details {
        message.push_str(&format!("\n{detail}"));
    }
    if let Some(runs) = change.waiting.filter(|runs| *runs > 0) {
        message.push_str(&format!("\n{}", super::live::told(runs)));
    }
    if let Some(accepted) = &change.accepted {
        message.push_str(&format!("\naccepted: {} ({})", accepted.reason, accepted.by));
    }
    message
}
