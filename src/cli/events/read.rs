//! Events and parameters from files.

use std::path::Path;

use serde_json::value::RawValue;

use super::super::excerpt::{self, Excerpt};
use super::super::failure::Failure;
use super::super::input;
use super::Events;

/// The events in a file: one, an array of them, or one after another.
pub(super) fn events(path: &Path) -> Result<Events, Failure> {
    let text = input::text(path)?;
    let name = input::name(path);
    let mut events = Vec::new();
    for value in serde_json::Deserializer::from_str(&text).into_iter::<Box<RawValue>>() {
        let value = value.map_err(|error| malformed(&name, &text, &error))?;
        if value.get().starts_with('[') {
            let list: Events = serde_json::from_str(value.get()).map_err(|error| malformed(&name, &text, &error))?;
            events.extend(list);
        } else {
            events.push(value);
        }
    }
    if let Some(other) = events.iter().find(|event| !event.get().starts_with('{')) {
        let begin: String = other.get().chars().take(20).collect();
        return Err(Failure::usage(format!("`{name}` holds `{begin}` where an event is expected"))
            .hint("an event is an object: {\"type\": \"…\", \"params\": {…}}"));
    }
    if events.is_empty() {
        return Err(Failure::usage(format!("`{name}` holds no event")));
    }
    Ok(events)
}

/// Names and values of a JSON object, in its order, numbers with their digits.
pub(in super::super) fn object(name: &str, json: &str) -> Result<Vec<(String, Box<RawValue>)>, Failure> {
    let Entries(entries) = serde_json::from_str(json).map_err(|error| malformed(name, json, &error))?;
    Ok(entries)
}

struct Entries(Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Entries {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Entries, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Entries;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("an object of parameters")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        from.deserialize_map(Visitor)
    }
}

/// A text that should have been JSON, with the place where it stops being it.
fn malformed(name: &str, text: &str, error: &serde_json::Error) -> Failure {
    let message = error.to_string();
    let (message, place) = excerpt::json_place(text, &message);
    let excerpt = Excerpt { name, text, place };
    Failure::usage(format!("this is not the expected JSON: {message}\n{}", excerpt.draw().trim_end()))
}
