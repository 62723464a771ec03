//! Comparing what was expected with what was found: a record matches what has at least its fields.

use std::sync::Arc;

use compiler::ir::Expression;
use compiler::ir::test::{Matcher, RequestPattern};
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};

use super::answers::Asked;
use crate::machine::expression::{Scope, equal, evaluate};
use crate::machine::input::Event;
use crate::value::{Record, Value, display, read, to_json};

/// Something that is other than it was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The way to it, in the names that the test has it by: `body`, `town`.
    pub path: Vec<SmolStr>,
    /// What was found there.
    pub found: String,
}

/// So many characters of a value are shown.
const SHOWN: usize = 200;

/// What an expression of a test is worth. All of them are constant.
pub(super) fn constant(expression: &Expression) -> Value {
    let event = Event {
        id: SmolStr::default(),
        name: SmolStr::default(),
        occurred_at: Timestamp::UNIX_EPOCH,
        params: Arc::new(Record::new()),
    };
    evaluate(expression, &Scope::of_event(&event, Timestamp::UNIX_EPOCH)).unwrap_or_default()
}

/// A value in the form that it has in JSON, so that a date and its text are the same.
pub(super) fn plain(value: &Value) -> Value {
    read(&to_json(value)).unwrap_or_default()
}

/// What is other than a pattern of a request says.
pub(super) fn request(pattern: &RequestPattern, asked: &Asked) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(url) = &pattern.url {
        value(url, Some(&Value::from(asked.url.as_str())), &["url".into()], &mut marks);
    }
    for (name, expected) in &pattern.headers {
        let found = asked.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        let found = found.map(|(_, value)| Value::from(value.as_str()));
        let expected = constant(expected);
        let expected = if expected.is_null() { expected } else { Value::from(display(&expected).as_str()) };
        compare(&expected, found.as_ref(), &["headers".into(), name.clone()], &mut marks);
    }
    let header = |name: &str| asked.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
    let missing = pattern.present.iter().chain(&pattern.same).filter(|name| header(name).is_none());
    marks.extend(missing.map(|name| Mark { path: vec!["headers".into(), name.clone()], found: shown(None) }));
    for name in &pattern.absent {
        if let Some((_, found)) = header(name) {
            let found = shown(Some(&Value::from(found.as_str())));
            marks.push(Mark { path: vec!["headers".into(), name.clone()], found });
        }
    }
    if let Some(body) = &pattern.body {
        let found = asked.body_value();
        let expected = constant(&body.value);
        let text = asked.body.as_deref().map(Value::from);
        // A text is compared with the body as it stands, and what is compared with a form is text too.
        let found = if matches!(expected, Value::String(_)) { text } else { found };
        let expected = if asked.is_form() { texts(expected) } else { plain(&expected) };
        matches(&expected, body.contains, found.as_ref(), &["body".into()], &mut marks);
    }
    marks
}

/// What is other in further requests of a statement than in its first, of the headers that are to be the same.
pub(super) fn same(pattern: &RequestPattern, asked: &[&Asked]) -> Vec<Mark> {
    let mut marks = Vec::new();
    for name in &pattern.same {
        let mut values: Vec<&str> = Vec::new();
        for asked in asked {
            let found = asked.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
            let value = found.map_or("nothing", |(_, value)| value.as_str());
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.len() > 1 {
            marks.push(Mark { path: vec!["headers".into(), name.clone()], found: values.join(", ") });
        }
    }
    marks
}

/// What is other than a matcher says.
pub(super) fn value(matcher: &Matcher, found: Option<&Value>, path: &[SmolStr], marks: &mut Vec<Mark>) {
    matches(&plain(&constant(&matcher.value)), matcher.contains, found, path, marks);
}

fn matches(expected: &Value, contains: bool, found: Option<&Value>, path: &[SmolStr], marks: &mut Vec<Mark>) {
    if !contains {
        return compare(expected, found, path, marks);
    }
    let holds = match (expected, found) {
        (Value::String(part), Some(Value::String(text))) => text.contains(part.as_str()),
        (part, Some(Value::List(items))) => items.iter().any(|item| differences(part, Some(item)).is_empty()),
        (part, Some(Value::Record(_))) => differences(part, found).is_empty(),
        _ => false,
    };
    if !holds {
        marks.push(Mark { path: path.to_vec(), found: shown(found) });
    }
}

fn differences(expected: &Value, found: Option<&Value>) -> Vec<Mark> {
    let mut marks = Vec::new();
    compare(expected, found, &[], &mut marks);
    marks
}

/// What is other than expected, from `path` down.
pub(super) fn compare(expected: &Value, found: Option<&Value>, path: &[SmolStr], marks: &mut Vec<Mark>) {
    let below = |name: SmolStr| [path, &[name]].concat();
    match (expected, found) {
        (Value::Null, None | Some(Value::Null)) => {}
        (Value::Record(expected), Some(Value::Record(record))) => {
            for (name, expected) in expected.iter() {
                compare(expected, record.get(name), &below(name.clone()), marks);
            }
        }
        (Value::List(expected), Some(Value::List(items))) if expected.len() == items.len() => {
            for (position, (expected, item)) in expected.iter().zip(items.iter()).enumerate() {
                compare(expected, Some(item), &below(format_smolstr!("{position}")), marks);
            }
        }
        (expected, Some(found)) if equal(expected, found) => {}
        _ => marks.push(Mark { path: path.to_vec(), found: shown(found) }),
    }
}

/// The fields of a record as the texts that a form has of them.
fn texts(value: Value) -> Value {
    match value {
        Value::Record(record) => {
            let text = |value: &Value| if value.is_null() { Value::Null } else { Value::from(display(value).as_str()) };
            Value::Record(Arc::new(record.iter().map(|(name, value)| (name.clone(), text(value))).collect()))
        }
        other => other,
    }
}

/// A value for people.
pub(super) fn shown(value: Option<&Value>) -> String {
    let text = match value {
        None => return "nothing".to_owned(),
        Some(value) => to_json(value),
    };
    if text.chars().count() <= SHOWN {
        return text;
    }
    let mut short: String = text.chars().take(SHOWN).collect();
    short.push('…');
    short
}
