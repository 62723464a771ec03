//! Findings as a JUnit report, which CI systems show beside the tests: a case for each finding, and one for each file without
//! an error. Warnings fail nothing. Lines and columns count from 1, columns in characters.

use std::fmt::Write;

use compiler::catalogue::Level;
use compiler::diagnostic::Diagnostic;
use compiler::source::SourceFile;

use super::place::Places;

/// The whole report.
pub(super) fn report(diagnostics: &[Diagnostic], places: &Places<'_>) -> String {
    let mut cases = String::new();
    let (mut count, mut failures) = (0, 0);
    let files = places.sources.iter().filter(|(id, file)| {
        file.path().ends_with(".wf") || diagnostics.iter().any(|finding| finding.span.file == *id)
    });
    for (id, file) in files {
        let path = attribute(&places.path(file.path()));
        let of_file = |level: Level| diagnostics.iter().filter(move |it| it.span.file == id && it.level() == level);
        let warnings: String = of_file(Level::Warning).map(|finding| line(finding, file)).collect();
        let mut case = |name: &str, inner: &str| {
            count += 1;
            // Writing to a `String` does not fail.
            let _ = write!(cases, "    <testcase classname=\"{path}\" name=\"{name}\" file=\"{path}\"");
            let _ = if inner.is_empty() { writeln!(cases, "/>") } else { writeln!(cases, ">{inner}</testcase>") };
        };
        if of_file(Level::Error).next().is_none() {
            let out = if warnings.is_empty() {
                String::new()
            } else {
                format!("<system-out>{}</system-out>", text(&warnings))
            };
            case("check", &out);
        }
        for finding in of_file(Level::Error) {
            failures += 1;
            let place = file.position(finding.span.start);
            let name = attribute(&format!("{} at {}:{}", finding.code.slug(), place.line, place.column));
            let (kind, message) = (finding.code.slug(), attribute(&finding.message));
            let inner = text(&line(finding, file));
            case(&name, &format!("<failure type=\"{kind}\" message=\"{message}\">{inner}</failure>"));
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"wf\" tests=\"{count}\" failures=\"{failures}\">\n  \
         <testsuite name=\"wf check\" tests=\"{count}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n{cases}  \
         </testsuite>\n</testsuites>\n"
    )
}

/// A finding in words.
fn line(finding: &Diagnostic, file: &SourceFile) -> String {
    let place = file.position(finding.span.start);
    let (level, slug) = (finding.level().word(), finding.code.slug());
    let mut text = format!("{}:{}:{}: {level}[{slug}]: {}\n", file.path(), place.line, place.column, finding.message);
    for more in [&finding.label, &finding.hint].into_iter().flatten() {
        let _ = writeln!(text, "  {more}");
    }
    text
}

/// Text between tags. What XML 1.0 cannot hold at all becomes the replacement character.
pub(in crate::cli) fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\n' | '\t' => safe.push(letter),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            letter if letter.is_control() => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

/// Text in an attribute, where line ends would become blanks.
pub(in crate::cli) fn attribute(value: &str) -> String {
    text(value).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}
