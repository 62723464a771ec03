//! Findings as commands of a GitHub workflow, which shows them beside the changed lines.

use compiler::catalogue::Level;
use compiler::diagnostic::Diagnostic;

use super::place::Places;

/// One `::error …::message` a line. Paths start where the command runs, which is the root of the repository there.
///
/// Lines and columns count from 1, columns in characters.
pub(super) fn annotations(diagnostics: &[Diagnostic], places: &Places<'_>) -> String {
    diagnostics.iter().map(|diagnostic| annotation(diagnostic, places)).collect()
}

fn annotation(diagnostic: &Diagnostic, places: &Places<'_>) -> String {
    let sources = places.sources;
    let span = diagnostic.span;
    let level = match diagnostic.level() {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let path = places.path(sources.path(span.file));
    let place = match sources.get(span.file) {
        Some(file) => {
            let (start, end) = (file.position(span.start), file.position(span.end));
            format!("line={},col={},endLine={},endColumn={}", start.line, start.column, end.line, end.column)
        }
        None => "line=1".to_owned(),
    };
    let mut message = diagnostic.message.clone();
    for more in [&diagnostic.label, &diagnostic.hint].into_iter().flatten() {
        message.push('\n');
        message.push_str(more);
    }
    let (path, title) = (property(&path), property(diagnostic.code.slug()));
    format!("::{level} file={path},{place},title={title}::{}\n", text(&message))
}

/// Escapes the message of a command, as GitHub's runner reads it.
pub(in crate::cli) fn text(message: &str) -> String {
    message.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command.
pub(in crate::cli) fn property(value: &str) -> String {
    text(value).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_a_command() {
        assert_eq!(text("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a,b:c\nd"), "a%2Cb%3Ac%0Ad");
    }
}
