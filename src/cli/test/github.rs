//! What failed as annotations of a GitHub workflow, on the lines that expect it.

use super::super::check::github::{property, text};
use super::super::terminal::Terminal;
use super::{Rehearsed, pretty};

pub(super) fn annotations(rehearsed: &Rehearsed<'_>) -> String {
    let plain = Terminal::plain();
    let mut out = String::new();
    for (_, report, snapshot) in rehearsed.each() {
        let mut push = |span, message: &str| {
            let (file, line, column) = rehearsed.position(span);
            let title = property(&format!("test {}", report.name));
            out.push_str(&format!(
                "::error file={},line={line},col={column},title={title}::{}\n",
                property(&file),
                text(message.trim_end())
            ));
        };
        for failure in &report.failures {
            push(failure.span, &pretty::failure_text(rehearsed, report, failure, &plain));
        }
        if let Some(difference) = snapshot {
            push(report.span, &difference.told(&plain));
        }
    }
    out
}
