//! Formatted text is a fixed point, the formatter never says that it is unfaithful, and a program stays the same program.
#![no_main]

use compiler::format::format;
use compiler::ir::Program;
use compiler::source::FileId;
use compiler::{Workspace, ir};
use libfuzzer_sys::fuzz_target;

/// The program and the tests of a text, if it is a program.
fn compiled(text: &str) -> Option<(Program, Vec<std::sync::Arc<ir::Test>>)> {
    let mut workspace = Workspace::new();
    workspace.set("a.wf", text);
    let compiled = workspace.compile();
    Some((compiled.program?, compiled.tests))
}

fuzz_target!(|text: &str| {
    let formatted = format(FileId::new(0), text).expect("the formatter keeps what is there");
    if !formatted.is_partial() {
        let again = format(FileId::new(0), &formatted.text).expect("the formatter keeps what is there");
        assert_eq!(again.text, formatted.text);
    }
    if let Some((program, tests)) = compiled(text) {
        let (after, tests_after) = compiled(&formatted.text).expect("a program stays one");
        assert_eq!(after, program);
        assert_eq!(tests_after.len(), tests.len());
    }
});
