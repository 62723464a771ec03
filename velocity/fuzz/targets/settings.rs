//! The same under every setting: the first two bytes choose them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity::{Settings, Template};

#[path = "shared.rs"]
mod shared;

/// A bit each.
const SWITCHES: [(&str, &str); 13] = [
    ("runtime.strict_mode.enable", "true"),
    ("runtime.strict_mode.escape", "true"),
    ("runtime.strict_math", "true"),
    ("runtime.interpolate_string_literals", "false"),
    ("parser.allow_hyphen_in_identifiers", "true"),
    ("directive.if.empty_check", "false"),
    ("directive.foreach.skip_invalid", "false"),
    ("velocimacro.enable_bc_mode", "true"),
    ("velocimacro.inline.replace_global", "true"),
    ("velocimacro.inline.local_scope", "true"),
    ("context.scope_control.macro", "true"),
    ("context.scope_control.template", "true"),
    ("context.scope_control.define", "true"),
];

fuzz_target!(|input: (u16, &str)| {
    let (chosen, source) = input;
    let mut settings = Settings::default();
    for (bit, (name, value)) in SWITCHES.iter().enumerate() {
        if chosen >> bit & 1 == 1 {
            settings.set(name, value).expect("a setting");
        }
    }
    let gobbling = ["none", "bc", "lines", "structured", "lines", "lines", "lines", "lines"];
    settings.set("parser.space_gobbling", gobbling[usize::from(chosen >> 13)]).expect("a setting");
    let Ok(template) = Template::parse_with("fuzz.vm", source, &settings) else { return };
    let first = shared::render(&template);
    assert_eq!(first, shared::render(&template));
});
