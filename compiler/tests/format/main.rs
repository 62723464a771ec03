//! The formatter: what the canonical form is, and the laws that hold for every text.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "helpers of tests may fail loudly too"
)]

mod form;
mod laws;
mod meaning;
#[path = "../support/mod.rs"]
mod support;

use compiler::format;
use compiler::source::FileId;

/// The only place that calls the formatter. Formatting once more changes nothing.
#[track_caller]
fn formatted(text: &str) -> String {
    let once = format::format(FileId::new(0), text).unwrap_or_else(|law| panic!("{law}\n{text}")).text;
    let twice = format::format(FileId::new(0), &once).unwrap_or_else(|law| panic!("{law}\n{once}")).text;
    assert_eq!(once, twice, "formatted again, it is another text");
    once
}

/// The canonical form of one text is the other.
#[track_caller]
fn formats(text: &str, canonical: &str) {
    let found = formatted(text);
    assert!(found == canonical, "formatted:\n{found}\nexpected:\n{canonical}");
    assert_eq!(formatted(canonical), canonical);
}
