//! The data and the limits of a rendering.

use std::sync::Arc;
use velocity::{Context, Library, Limits, RenderOptions, Template, Value};

const LIMITS: Limits = Limits {
    steps: 20_000,
    loop_turns: 200,
    range_elements: 200,
    depth: 60,
    output_bytes: 64 * 1024,
    string_bytes: 16 * 1024,
};

fn context() -> Context {
    let map = |entries: [(&str, Value); 2]| Value::map(entries.map(|(key, value)| (Value::from(key), value)));
    [
        ("s", Value::from("Привіт, World 🎉")),
        ("e", Value::from("")),
        ("n", Value::from(5)),
        ("d", Value::from(2.5)),
        ("b", Value::integer("123456789012345678901234567890").unwrap_or_default()),
        ("t", Value::from(true)),
        ("z", Value::Null),
        ("l", Value::list([3, 1, 2])),
        ("m", map([("a", Value::from(1)), ("k", Value::list(["x", "y"]))])),
        ("lm", Value::list([map([("n", Value::from("q")), ("v", Value::from(1))])])),
    ]
    .into_iter()
    .collect()
}

/// What the template renders, or its mistake.
pub(crate) fn render(template: &Template) -> Result<String, String> {
    let mut library = Library::new();
    library.insert("p", "P$!n#set($q = 1)");
    library.insert("fuzz.vm", template.source());
    let options = RenderOptions {
        limits: LIMITS,
        library: Arc::new(library),
        now: "2026-03-01T10:00:00Z".parse().ok(),
        ..RenderOptions::default()
    };
    let mut out = String::from("before ");
    match template.render_with(&context(), &options, &mut out) {
        Ok(()) => {
            let rendered = out.strip_prefix("before ").expect("what was there stays").to_owned();
            // The last thing may have gone beyond, but not twice as far.
            assert!(rendered.len() <= LIMITS.output_bytes * 2, "{} bytes", rendered.len());
            Ok(rendered)
        }
        Err(error) => Err(error.to_string()),
    }
}
