//! Any text is read, and what is said of it lies within it.
#![no_main]

use compiler::source::FileId;
use compiler::syntax;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = syntax::parse(FileId::new(0), text);
    for declaration in &parsed.declarations {
        assert!(text.get(declaration.span.range()).is_some(), "{:?}", declaration.span);
    }
    for finding in &parsed.diagnostics {
        assert!(text.get(finding.span.range()).is_some(), "{finding:?}");
    }
});
