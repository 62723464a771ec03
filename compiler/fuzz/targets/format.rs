//! Formatted text is a fixed point, and the formatter never says that it is unfaithful.
#![no_main]

use compiler::format::format;
use compiler::source::FileId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let formatted = format(FileId::new(0), text).expect("the formatter keeps what is there");
    if !formatted.is_partial() {
        let again = format(FileId::new(0), &formatted.text).expect("the formatter keeps what is there");
        assert_eq!(again.text, formatted.text);
    }
});
