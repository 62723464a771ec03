//! Whole letters: the templates of the speed comparison render to what the reference makes of them.
//!
//! They lie beside the repository; without them there is nothing to compare.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

mod support;

use std::path::Path;
use velocity::{Context, Template, Value};

#[test]
fn letters_render_as_in_the_reference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/velocity-conformance/bench");
    if !folder.exists() {
        return;
    }
    for name in ["promo", "order", "table"] {
        let read = |ending: &str| std::fs::read_to_string(folder.join(format!("{name}{ending}"))).expect("a file");
        let template = Template::parse(name, &read(".vtl")).expect("a template");
        let mut context = Context::new();
        if let Value::Map(map) = support::json(read(".json").trim()) {
            for (key, value) in map.iter() {
                context.insert(key.to_string(), value);
            }
        }
        let mut out = String::new();
        template.render(&context, &mut out).expect("a letter");
        assert!(out == read(".expected.txt"), "{name} differs:\n{out}");
    }
}
