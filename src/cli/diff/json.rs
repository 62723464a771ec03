//! A difference for programs: `wf.diff/1`.

use compiler::diff::{Change, Risk};
use serde_json::{Value, json};

use super::Compared;
use super::side::Location;

/// The JSON Schema of [`draw`].
pub(super) const SCHEMA: &str = include_str!("../../../lang-spec/diff.schema.json");

pub(super) fn draw(compared: &Compared) -> String {
    let side = |side: &super::side::Side| json!({ "name": side.name, "program": side.program.hash().as_str() });
    let changes: Vec<Value> = compared.diff.changes.iter().map(|change| told(compared, change)).collect();
    let rendered = super::rendered::rendered(compared);
    let rendered = rendered.iter().map(|it| json!({ "address": it.address, "before": it.before, "after": it.after }));
    let document = json!({
        "schema": "wf.diff/1",
        "base": side(&compared.base),
        "head": side(&compared.head),
        "summary": {
            "danger": compared.count(Risk::Danger),
            "review": compared.count(Risk::Review),
            "note": compared.count(Risk::Note),
            "accepted": compared.accepted(),
        },
        "changes": changes,
        "rendered": rendered.collect::<Vec<_>>(),
        "facts": { "base": compared.diff.base, "head": compared.diff.head },
    });
    format!("{document:#}")
}

fn told(compared: &Compared, change: &Change) -> Value {
    let place = |location: Option<Location>| {
        location.map(|it| json!({ "path": it.path, "line": it.line, "column": it.column }))
    };
    let mut value = serde_json::to_value(change).unwrap_or(Value::Null);
    if let Some(object) = value.as_object_mut() {
        let (base, head) = (compared.before(change), compared.after(change));
        object.insert("title".to_owned(), json!(change.title));
        object.insert("meaning".to_owned(), json!(change.slug.title()));
        object.insert("locations".to_owned(), json!({ "base": place(base), "head": place(head) }));
    }
    value
}
