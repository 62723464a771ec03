//! Reading `.wf` files: what is accepted, what is refused and where, and that no text at all brings the reader down.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "helpers of tests may fail loudly too"
)]

mod hostile;
mod marks;
mod report;
mod texts;
mod values;

use compiler::diagnostic::Diagnostic;
use compiler::source::FileId;
use compiler::syntax::{self, Parsed};

/// The only file of most tests.
const FILE: FileId = FileId::new(0);

/// The only place that calls the reader.
fn parse(text: &str) -> Parsed {
    syntax::parse(FILE, text)
}

/// The findings of a text, short.
fn findings(text: &str) -> Vec<String> {
    let found = |diagnostic: &Diagnostic| {
        let slice = text.get(diagnostic.span.range()).expect("the place lies on character boundaries");
        format!("{} at {slice:?}: {}", diagnostic.code.slug(), diagnostic.message)
    };
    parse(text).diagnostics.iter().map(found).collect()
}

/// Asserts that nothing is wrong with a text.
#[track_caller]
fn accepts(text: &str) -> Parsed {
    assert_eq!(findings(text), [] as [&str; 0], "{text}");
    parse(text)
}

#[test]
fn the_program_of_the_reference_is_read_without_a_word() {
    let parsed = accepts(include_str!("../data/language.wf"));
    assert_eq!(parsed.declarations.len(), 13);
    let first = parsed.declarations.first().expect("there is one");
    let docs = first.node.docs.as_ref().expect("it is described");
    assert_eq!(docs.node, "A shopper left a filled cart.");
}
