//! What a reviewer sees of two programs.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::unit_arg,
    clippy::unnecessary_lazy_evaluations,
    reason = "helpers of tests may fail loudly too"
)]

use compiler::Compiled;
use compiler::diff::{self, Change, Diff, Side};
use compiler::source::Sources;

mod arranged;
mod conditions;
mod consent;
mod counts;
mod flows;
mod laws;
mod links;
mod mutations;
mod pages;
mod pairs;
mod pictures;
mod renames;
mod shop;
mod spoken;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod support;
mod told;

/// Compiles a text that is a whole project, one file.
#[track_caller]
fn compiled(text: &str) -> Compiled {
    let sources = Sources::single("main.wf", text);
    let compiled = compiler::compile(&sources);
    let shown = compiler::report::concise(&compiled.diagnostics, &sources);
    assert!(compiled.program.is_some(), "{shown}\n{text}");
    compiled
}

/// What differs between two texts.
#[track_caller]
fn difference(base: &str, head: &str) -> Diff {
    between(&compiled(base), &compiled(head))
}

/// What differs between two projects that compile.
#[track_caller]
fn between(base: &Compiled, head: &Compiled) -> Diff {
    let (Some(old), Some(new)) = (&base.program, &head.program) else { panic!("checked before") };
    diff::diff(Side { program: old, tests: Some(&base.tests) }, Side { program: new, tests: Some(&head.tests) })
}

fn line(change: &Change) -> String {
    let mut line = format!("{} {} {}", change.risk.word(), change.slug.word(), change.address);
    if let Some(before) = &change.before {
        line.push_str(&format!(" | {before}"));
    }
    if let Some(after) = &change.after {
        line.push_str(&format!(" -> {after}"));
    }
    line
}

/// The changes between two texts, a line each.
#[track_caller]
fn changes(base: &str, head: &str) -> Vec<String> {
    difference(base, head).changes.iter().map(line).collect()
}
