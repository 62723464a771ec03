//! One line of the log.

use std::fmt::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::Level;
use tracing::field::{Field, Visit};

/// A value is cut after so many bytes.
const LONGEST: usize = 4_096;

/// An event whose fields are being collected.
pub(super) struct Line {
    at: Timestamp,
    level: Level,
    message: String,
    fields: Vec<(&'static str, Value)>,
}

impl Line {
    pub(super) fn new(at: Timestamp, level: Level) -> Line {
        Line { at, level, message: String::new(), fields: Vec::new() }
    }

    /// As a JSON object: `time`, `level`, `message` and the fields.
    pub(super) fn json(self) -> String {
        let mut object = Map::new();
        object.insert("time".to_owned(), self.at.to_string().into());
        object.insert("level".to_owned(), self.level.as_str().to_ascii_lowercase().into());
        object.insert("message".to_owned(), self.message.into());
        for (name, value) in self.fields {
            object.insert(name.to_owned(), value);
        }
        ascii(&Value::Object(object).to_string())
    }

    /// For people: time, level, message, and the fields as `name=value`.
    pub(super) fn text(self, colour: bool) -> String {
        let (on, off) = match (colour, self.level) {
            (false, _) => ("", ""),
            (_, Level::ERROR) => ("\u{1b}[31m", "\u{1b}[0m"),
            (_, Level::WARN) => ("\u{1b}[33m", "\u{1b}[0m"),
            (_, Level::INFO) => ("\u{1b}[32m", "\u{1b}[0m"),
            _ => ("\u{1b}[2m", "\u{1b}[0m"),
        };
        let mut line = format!("{:.3} {on}{:>5}{off} {}", self.at, self.level.as_str(), plain(&self.message));
        for (name, value) in &self.fields {
            let value = match value {
                Value::String(text) if is_word(text) => text.clone(),
                value => ascii(&value.to_string()),
            };
            // Writing to a string cannot fail.
            let _ = write!(line, " {name}={value}");
        }
        line
    }

    fn take(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => self.fields.push((name, value)),
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let mut text = Cut(String::new());
        let _ = text.write_str(value);
        self.take(field, text.0.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = Cut(String::new());
        // It breaks off where it is cut.
        let _ = write!(text, "{value:?}");
        self.take(field, text.0.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, value.into());
    }
}

/// Takes the beginning of a text.
struct Cut(String);

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = LONGEST.saturating_sub(self.0.len());
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        self.0.push('…');
        Err(fmt::Error)
    }
}

/// Whether a value needs no quotes.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'=' | b'\\'))
}

/// JSON with escapes for all that is not visible ASCII; they stand in texts only, where they mean the same.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if matches!(letter, ' '..='~') {
            text.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// A text of people's on one line: what moves a terminal is escaped, letters of all languages stay.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        let hidden = letter.is_control()
            || matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if hidden { plain.extend(letter.escape_default()) } else { plain.push(letter) }
    }
    plain
}
