//! Holding a value to a JSON Schema, as far as the document uses its language. A keyword that is not known here fails, so that
//! nothing is passed over.

use serde_json::Value;

/// What is wrong with a value, each with its place. `root` is what references lead into.
pub(super) fn findings(root: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    hold(root, schema, value, "", &mut found);
    found
}

fn hold(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let keywords = schema.as_object().unwrap_or_else(|| panic!("{schema} is no schema"));
    for (keyword, wanted) in keywords {
        let fits = |schema: &Value| {
            let mut inner = Vec::new();
            hold(root, schema, value, at, &mut inner);
            inner.is_empty()
        };
        let holds = match keyword.as_str() {
            "description" | "format" | "default" => true,
            "$ref" => {
                let target = root.pointer(wanted.as_str().unwrap().trim_start_matches('#')).unwrap();
                hold(root, target, value, at, found);
                true
            }
            "allOf" => {
                wanted.as_array().unwrap().iter().for_each(|schema| hold(root, schema, value, at, found));
                true
            }
            "anyOf" => wanted.as_array().unwrap().iter().any(fits),
            "type" => match wanted {
                Value::Array(kinds) => kinds.iter().any(|kind| is(value, kind.as_str().unwrap())),
                kind => is(value, kind.as_str().unwrap()),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "pattern" => {
                assert_eq!(wanted, "^urn:wf:[a-z0-9-]+$", "a pattern that this does not know");
                let slug = value.as_str().and_then(|text| text.strip_prefix("urn:wf:")).unwrap_or_default();
                !slug.is_empty() && slug.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            }
            "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= wanted.as_f64().unwrap()),
            "required" => {
                let fields = value.as_object();
                let missing = |name: &&Value| fields.is_some_and(|fields| !fields.contains_key(name.as_str().unwrap()));
                wanted.as_array().unwrap().iter().find(missing).is_none()
            }
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(field) = value.get(name) {
                        hold(root, schema, field, &format!("{at}.{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                let declared = keywords.get("properties").and_then(Value::as_object);
                let others = value.as_object().into_iter().flatten();
                let others = others.filter(|(name, _)| declared.is_none_or(|declared| !declared.contains_key(*name)));
                for (name, field) in others {
                    match wanted {
                        Value::Bool(false) => found.push(format!("{at}.{name} is not declared")),
                        schema => hold(root, schema, field, &format!("{at}.{name}"), found),
                    }
                }
                true
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    hold(root, wanted, item, &format!("{at}[{index}]"), found);
                }
                true
            }
            other => panic!("the keyword `{other}` is not known here"),
        };
        if !holds {
            found.push(format!("{at}: {keyword} {wanted} does not hold for {value}"));
        }
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type of JSON"),
    }
}

#[test]
fn what_does_not_hold_is_found() {
    let root: Value = serde_json::from_str(r#"{"a":{"type":"object","required":["n"],"properties":{"n":{"type":["integer","null"]}},"additionalProperties":false}}"#).unwrap();
    let count = |value: &str| {
        let value: Value = serde_json::from_str(value).unwrap();
        let schema =
            serde_json::json!({ "anyOf": [{ "$ref": "#/a" }, { "type": "array", "items": { "$ref": "#/a" } }] });
        findings(&root, &schema, &value).len()
    };
    for good in [r#"{"n":1}"#, r#"{"n":null}"#, "[]", r#"[{"n":2}]"#] {
        assert_eq!(count(good), 0, "{good}");
    }
    for bad in ["1", "{}", r#"{"n":"1"}"#, r#"{"n":1,"m":1}"#, r#"[{"n":1.5}]"#, r#"[1]"#] {
        assert_eq!(count(bad), 1, "{bad}");
    }
}
