//! Writing values: as JSON, and as text for people and places in a request.

use std::fmt::Write as _;

use super::Value;

/// The value as compact JSON. Numbers keep their digits; dates, times and durations are texts.
pub fn to_json(value: &Value) -> String {
    let mut out = String::with_capacity(128);
    write_json(value, &mut out);
    out
}

/// The value as text: a text as it is, numbers with their digits, dates and times in ISO form, nothing as the empty text,
/// lists and records as JSON.
pub fn display(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.to_string(),
        Value::List(_) | Value::Record(_) => to_json(value),
        scalar => {
            let mut out = String::new();
            write_scalar(scalar, &mut out);
            out
        }
    }
}

fn write_json(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => write_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Value::Record(record) => {
            out.push('{');
            for (position, (name, field)) in record.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write_json(field, out);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Number(_) => write_scalar(value, out),
        Value::Date(_) | Value::Datetime(_) | Value::LocalDatetime(_) | Value::Time(_) | Value::Duration(_) => {
            out.push('"');
            // Dates, times and durations hold no character that JSON escapes.
            write_scalar(value, out);
            out.push('"');
        }
    }
}

/// A text as a JSON string, with its quotes.
fn write_text(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte >= b' ' && !matches!(byte, b'"' | b'\\')) {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    // A text always serialises.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn write_scalar(value: &Value, out: &mut String) {
    // Writing into a `String` never fails.
    let _ = match value {
        Value::Null => out.write_str("null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Int(value) => write!(out, "{value}"),
        Value::Decimal(value) => write!(out, "{value}"),
        Value::Number(text) | Value::String(text) => out.write_str(text),
        Value::Date(value) => write!(out, "{value}"),
        Value::Datetime(value) => write!(out, "{value}"),
        Value::LocalDatetime(value) => write!(out, "{value}"),
        Value::Time(value) => write!(out, "{value}"),
        Value::Duration(value) => write!(out, "{value}"),
        Value::List(_) | Value::Record(_) => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    use super::super::{Record, read};
    use super::*;

    #[test]
    fn values_are_written_exactly() {
        let decimal = |text: &str| read(text).unwrap();
        let record: Record = [("a \"b\"".into(), decimal("1.50")), ("n".into(), Value::Null)].into_iter().collect();
        for (value, json, text) in [
            (Value::Null, "null", ""),
            (Value::Bool(true), "true", "true"),
            (Value::Int(-7), "-7", "-7"),
            (decimal("99.50"), "99.50", "99.50"),
            (decimal("1e300"), "1e300", "1e300"),
            (Value::from("a\"\n"), r#""a\"\n""#, "a\"\n"),
            (Value::Date("2026-11-24".parse().unwrap()), "\"2026-11-24\"", "2026-11-24"),
            (
                Value::Datetime("2026-11-24T09:30+02:00".parse().unwrap()),
                "\"2026-11-24T07:30:00Z\"",
                "2026-11-24T07:30:00Z",
            ),
            (Value::Duration(compiler::ir::Duration { milliseconds: 5_400_000 }), "\"90min\"", "90min"),
            (Value::List([Value::Int(1), Value::from("x")].into()), "[1,\"x\"]", "[1,\"x\"]"),
            (Value::Record(record.into()), r#"{"a \"b\"":1.50,"n":null}"#, r#"{"a \"b\"":1.50,"n":null}"#),
        ] {
            assert_eq!(to_json(&value), json);
            assert_eq!(display(&value), text);
        }
    }
}
