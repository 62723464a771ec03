//! Any project is checked; a program is there exactly if there is no error, and is read back as it was written. A line that is
//! put before everything and taken away again leaves what was there.
#![no_main]

use compiler::diagnostic::Diagnostic;
use compiler::ir::Program;
use compiler::{Workspace, report};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // What stands behind the first line of dashes is a template.
    let (program, template) = text.split_once("\n---\n").unwrap_or((text, ""));
    let mut workspace = Workspace::new();
    workspace.set("a.wf", program);
    workspace.set("t.vm", template);
    let first = workspace.compile();
    assert_eq!(first.program.is_none(), first.diagnostics.iter().any(Diagnostic::is_error));
    for finding in &first.diagnostics {
        assert!(workspace.sources().text(finding.span.file).get(finding.span.range()).is_some(), "{finding:?}");
    }
    let _ = report::human(&first.diagnostics, workspace.sources(), true);
    if let Some(program) = &first.program {
        assert_eq!(&Program::from_json(&program.to_json()).expect("it was just written"), program);
    }
    workspace.set("a.wf", format!("\n{program}"));
    workspace.compile();
    workspace.set("a.wf", program);
    assert_eq!(workspace.compile(), first);
});
