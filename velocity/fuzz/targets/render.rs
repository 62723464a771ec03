//! Any template ends within its limits, and renders the same a second time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity::{Settings, Template};

#[path = "shared.rs"]
mod shared;

fuzz_target!(|source: &str| {
    let Ok(template) = Template::parse_with("fuzz.vm", source, &Settings::default()) else { return };
    let first = shared::render(&template);
    assert_eq!(first, shared::render(&template));
});
