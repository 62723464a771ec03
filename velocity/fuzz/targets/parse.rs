//! Any text is a template or a mistake with a place, and what a template says about itself is within its text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity::Template;

fuzz_target!(|source: &str| match Template::parse("fuzz.vm", source) {
    Ok(template) => {
        let bindings = template.bindings();
        for reference in template.references() {
            assert!(source.get(reference.span.range()).is_some(), "{:?} is not within the text", reference.span);
            assert!(reference.binding.is_none_or(|id| (id.0 as usize) < bindings.len()));
        }
        for binding in bindings {
            assert!(source.get(binding.span.range()).is_some(), "{:?} is not within the text", binding.span);
        }
    }
    Err(error) => {
        assert!(source.get(error.span().range()).is_some(), "{:?} is not within the text", error.span());
        assert!(error.line() >= 1 && error.column() >= 1);
    }
});
