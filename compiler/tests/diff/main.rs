//! What a reviewer sees of two programs.
#![expect(clippy::panic, reason = "a test fails loudly, in its helpers too")]

use compiler::Compiled;
use compiler::diff::{self, Change, Diff, Side};
use compiler::source::Sources;

mod laws;
mod pages;

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
    let (base, head) = (compiled(base), compiled(head));
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
