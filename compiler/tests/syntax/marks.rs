//! Mistakes, with marks under them.
//!
//! The files in `tests/data/slips/` are full of mistakes. Below a line with one stands what is reported there:
//!
//! ```text
//!   wait 5 minutes
//!          ^^^^^^^ unexpected-token: expected a step or `}`, found `minutes`
//!                  write `5min`
//! ```
//!
//! A line that begins with `^` holds a finding; the lines below it that are indented to its text hold the hint and, behind
//! `fix:`, the line as the first fix leaves it. `UPDATE=1 cargo test -p compiler` writes what is reported now into the
//! files.

use std::fmt::Write as _;

use compiler::source::{Position, Sources};

use super::{FILE, parse};

/// Takes the marks out.
fn source(annotated: &str) -> String {
    let mut text = String::new();
    let mut marks = false;
    for line in annotated.split_inclusive('\n') {
        let start = line.trim_start();
        // Below a mark, what is indented deeper than anything else in these files belongs to it.
        let indentation = line.len() - start.len();
        marks = start.starts_with('^') || (marks && indentation >= 40);
        if !marks {
            text.push_str(line);
        }
    }
    text
}

/// The text with marks for all that is found in it.
fn annotate(text: &str) -> String {
    let sources = Sources::single("slips.wf", text);
    let file = sources.get(FILE).expect("it is there");
    let diagnostics = parse(text).diagnostics;
    let mut annotated = String::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        annotated.push_str(line);
        for diagnostic in &diagnostics {
            let Position { line: on, column } = file.position(diagnostic.span.start);
            if on != number {
                continue;
            }
            let marked = sources.slice(diagnostic.span).lines().next().unwrap_or("").chars().count().max(1);
            let marks = format!("{}{}", " ".repeat(column as usize - 1), "^".repeat(marked));
            writeln!(annotated, "{marks} {}: {}", diagnostic.code.slug(), diagnostic.message).unwrap();
            let indentation = " ".repeat(40);
            for also in &diagnostic.also {
                let Position { line, column } = file.position(also.span.start);
                writeln!(annotated, "{indentation}{line}:{column} {}", also.text).unwrap();
            }
            if let Some(hint) = &diagnostic.hint {
                writeln!(annotated, "{indentation}{hint}").unwrap();
            }
            if let Some(fix) = diagnostic.fixes.first() {
                let fixed = fix.apply(FILE, text);
                let fixed = fixed.lines().nth(number as usize - 1).unwrap_or("").trim();
                writeln!(annotated, "{indentation}fix: {fixed}").unwrap();
            }
        }
    }
    annotated
}

#[test]
fn slips_are_reported_where_they_are() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/slips");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let expected = std::fs::read_to_string(&path).unwrap();
        let found = annotate(&source(&expected));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &found).unwrap();
        } else {
            let differing = expected.lines().zip(found.lines()).position(|(expected, found)| expected != found);
            let line = differing.map_or(expected.lines().count().min(found.lines().count()), |line| line) + 1;
            assert!(expected == found, "{}:{line} differs; now it is\n\n{found}", path.display());
        }
    }
}
