//! One event from the options of the command line.

use std::path::Path;

use serde_json::value::RawValue;

use super::super::failure::Failure;
use super::super::input;
use super::{Send, read};

/// The event that the options describe, as `POST /v1/events` takes it.
///
/// Values are put together as texts of JSON, not as numbers of this program: a price keeps its digits.
pub(super) fn event(arguments: &Send) -> Result<Box<RawValue>, Failure> {
    let mut fields = vec![("type".to_owned(), text(&arguments.what))];
    if let Some(id) = &arguments.id {
        fields.push(("id".to_owned(), text(id)));
    }
    if let Some(time) = &arguments.occurred_at {
        fields.push(("occurred_at".to_owned(), text(time)));
    }
    fields.push(("params".to_owned(), object(&parameters(arguments)?)));
    raw(object(&fields))
}

/// Names and JSON texts, `--params` first; a name that comes again replaces the earlier value in its place.
fn parameters(arguments: &Send) -> Result<Vec<(String, String)>, Failure> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut set = |name: String, value: String| match all.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = value,
        None => all.push((name, value)),
    };
    if let Some(given) = &arguments.params {
        let (name, json) = match given.strip_prefix('@') {
            Some(path) => (path, input::text(Path::new(path))?),
            None if given == "-" => ("standard input", input::text(Path::new("-"))?),
            None => ("--params", given.clone()),
        };
        for (key, value) in read::object(name, &json)? {
            set(key, value.get().to_owned());
        }
    }
    for given in &arguments.parameters {
        let Some((key, value)) = given.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            let name = if given.is_empty() || given.starts_with('=') { "email" } else { given };
            return Err(Failure::usage(format!("`--param {given}` is not KEY=VALUE")).hint(format!(
                "write the parameter's name and its value: --param {name}=VALUE; --params takes a JSON object"
            )));
        };
        set(key.to_owned(), self::value(value));
    }
    Ok(all)
}

/// A value as JSON: as it stands where it looks like it, else as text.
pub(in super::super) fn value(value: &str) -> String {
    if is_json(value) { value.to_owned() } else { text(value) }
}

/// Whether a value is read as JSON. A number with an exponent is not: `12e5` is more likely an order's number.
pub(super) fn is_json(value: &str) -> bool {
    let begins = value.starts_with(['"', '{', '[', '-']) || value.starts_with(|first: char| first.is_ascii_digit());
    let exponent =
        value.starts_with(|first: char| first.is_ascii_digit() || first == '-') && value.contains(['e', 'E']);
    (begins || matches!(value, "true" | "false" | "null"))
        && !exponent
        && serde_json::from_str::<&RawValue>(value).is_ok()
}

fn text(value: &str) -> String {
    // Text always becomes JSON.
    serde_json::to_string(value).unwrap_or_default()
}

/// An object of names and JSON texts.
pub(in super::super) fn object(fields: &[(String, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}:{value}", text(name))).collect();
    format!("{{{}}}", fields.join(","))
}

fn raw(json: String) -> Result<Box<RawValue>, Failure> {
    RawValue::from_string(json).map_err(|error| Failure::usage(format!("the event is no JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        send: Send,
    }

    fn check(line: &[&str], expected: Result<&str, &str>) {
        let arguments = Line::try_parse_from([&["send"], line].concat()).unwrap().send;
        let made = event(&arguments);
        let made = made.as_ref().map(|event| event.get()).map_err(|failure| failure.message());
        assert_eq!(made, expected, "{line:?}");
    }

    #[test]
    fn options_become_one_event() {
        check(&["paid"], Ok(r#"{"type":"paid","params":{}}"#));
        check(
            &["paid", "--id", "a\"b", "--occurred-at", "2026-11-24T09:30:00Z"],
            Ok(r#"{"type":"paid","id":"a\"b","occurred_at":"2026-11-24T09:30:00Z","params":{}}"#),
        );
        // A price keeps its digits, and later options replace earlier ones.
        check(
            &["paid", "--params", r#"{"total": 1, "n": 123456789012345678901234567890}"#, "--param", "total=250.10"],
            Ok(r#"{"type":"paid","params":{"total":250.10,"n":123456789012345678901234567890}}"#),
        );
        check(&["paid", "--param", "total"], Err("`--param total` is not KEY=VALUE"));
        check(&["paid", "--param", "=1"], Err("`--param =1` is not KEY=VALUE"));
    }

    #[test]
    fn values_are_json_where_they_look_like_it() {
        let json = ["1", "-1.50", "true", "null", r#""1001""#, r#"{"a": [1]}"#, "[]"];
        let text = ["", "o-1", "007", "12e5", "+1", "NaN", "[draft", "a=b", "{", "True", "1.", "2026-11-24", "-", " 1"];
        for value in json {
            assert!(is_json(value), "{value}");
        }
        for value in text {
            assert!(!is_json(value), "{value}");
        }
    }
}
