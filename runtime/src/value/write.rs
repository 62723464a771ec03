//! Writing values: as JSON, and as text for people and places in a request.

use super::Value;

/// The value as compact JSON. Numbers keep their digits; dates, times and durations are texts.
pub fn to_json(value: &Value) -> String {
    let _ = value;
    String::new()
}

/// The value as text: a text as it is, numbers with their digits, dates and times in ISO form, nothing as the empty text,
/// lists and records as JSON.
pub fn display(value: &Value) -> String {
    let _ = value;
    String::new()
}
