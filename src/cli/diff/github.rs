//! A difference as annotations of a GitHub workflow, beside the lines that changed.

use compiler::diff::{Change, Risk};

use super::Compared;
use crate::cli::check::github::{property, text};

pub(super) fn draw(compared: &Compared) -> String {
    compared.diff.changes.iter().map(|change| annotation(compared, change)).collect()
}

fn annotation(compared: &Compared, change: &Change) -> String {
    let level = match change.risk {
        Risk::Danger => "error",
        Risk::Review => "warning",
        Risk::Note => "notice",
    };
    let place = match compared.location(&change.address) {
        Some(it) => format!("file={},line={},col={},", property(&it.path), it.line, it.column),
        None => String::new(),
    };
    let mut message = format!("{}: {}", change.title, change.slug.title());
    for (sign, words) in [("- ", &change.before), ("+ ", &change.after)] {
        if let Some(words) = words {
            message.push_str(&format!("\n{sign}{words}"));
        }
    }
    format!("::{level} {place}title={}::{}\n", property(change.slug.word()), text(&message))
}
