//! Takes secrets and sensitive texts out of what is recorded, in every form in which a request or an answer may carry them.
//!
//! An answer that echoes a credential shows it as it went out, or as its own format writes it: percent-encoded, escaped for
//! JSON, XML or HTML, in Base64. All of these are looked for, longest first, in one pass, so that nothing that was put in
//! place of a secret is looked at again.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::value::{Record, Value};

/// What stands for a sensitive text.
const STARS: &str = "***";

/// A secret shorter than this is left in a result's texts: there it is rather a part of a word.
const SHORTEST_IN_RESULTS: usize = 8;

/// Replaces secrets and sensitive texts.
#[derive(Clone, Default)]
pub struct Masker {
    /// What is looked for and what takes its place; the longest first, none empty.
    needles: Vec<(String, String)>,
    /// Which bytes needles begin with: most places of a text need no further look.
    first: First,
    /// Of these, the ones of secrets, which are taken out of results too; the longest first.
    secrets: Vec<(String, String)>,
    /// Names of headers that hold nothing but a secret, in small letters.
    headers: Vec<String>,
}

/// A set of bytes.
#[derive(Clone, Copy, Default)]
struct First([u128; 2]);

impl First {
    fn insert(&mut self, byte: u8) {
        if let Some(half) = self.0.get_mut(usize::from(byte >> 7)) {
            *half |= 1 << (byte & 127);
        }
    }

    fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 7)).is_some_and(|half| half >> (byte & 127) & 1 == 1)
    }
}

/// Shows how much there is to mask, and none of it.
impl std::fmt::Debug for Masker {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Masker").field("needles", &self.needles.len()).finish_non_exhaustive()
    }
}

impl Masker {
    /// Masks a secret as `{{secret:NAME}}`.
    pub fn secret(&mut self, name: &str, value: &str) {
        let replacement = format!("{{{{secret:{name}}}}}");
        self.add(value, &replacement);
        if value.len() >= SHORTEST_IN_RESULTS {
            self.secrets.extend(forms(value).into_iter().map(|form| (form, replacement.clone())));
            self.secrets.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        }
    }

    /// Masks a text from a `sensitive` field as `***`.
    pub fn sensitive(&mut self, value: &str) {
        self.add(value, STARS);
    }

    /// Never shows the value of this header, whoever sends it.
    pub fn header(&mut self, name: &str) {
        self.headers.push(name.to_ascii_lowercase());
    }

    /// Whether the value of this header is never shown; the name is in small letters.
    pub fn hides_header(&self, name: &str) -> bool {
        self.headers.iter().any(|hidden| hidden == name)
    }

    fn add(&mut self, value: &str, replacement: &str) {
        if value.is_empty() {
            return;
        }
        for form in forms(value) {
            if !form.is_empty() && !self.needles.iter().any(|(needle, _)| *needle == form) {
                form.bytes().next().into_iter().for_each(|byte| self.first.insert(byte));
                self.needles.push((form, replacement.to_owned()));
            }
        }
        self.needles.sort_by_key(|(needle, _)| std::cmp::Reverse(needle.len()));
    }

    /// The text without secrets.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.mask_start(text, text.len())
    }

    /// The first `limit` bytes of the text, at most, without secrets. One that begins before the limit and ends behind it
    /// is masked whole.
    pub fn mask_start<'t>(&self, text: &'t str, limit: usize) -> Cow<'t, str> {
        let limit = text.floor_char_boundary(limit);
        if self.needles.is_empty() {
            return Cow::Borrowed(text.get(..limit).unwrap_or_default());
        }
        let mut masked = String::new();
        // What lies before it is in `masked`.
        let mut copied = 0;
        let mut at = 0;
        while let Some(next) = text.as_bytes().get(at).filter(|_| at < limit) {
            let found = if self.first.contains(*next) { self.needle_at(text, at) } else { None };
            let Some((length, mask)) = found else {
                at += 1;
                continue;
            };
            masked.push_str(text.get(copied..at).unwrap_or_default());
            masked.push_str(mask);
            at += length;
            copied = at;
        }
        let rest = text.get(copied..limit).unwrap_or_default();
        if copied == 0 {
            return Cow::Borrowed(rest);
        }
        masked.push_str(rest);
        Cow::Owned(masked)
    }

    /// The length of the needle that stands here, and what takes its place.
    fn needle_at(&self, text: &str, at: usize) -> Option<(usize, &str)> {
        // Within a character no needle begins.
        let rest = text.get(at..)?;
        let found = self.needles.iter().find(|(needle, _)| rest.starts_with(needle.as_str()));
        found.map(|(needle, mask)| (needle.len(), mask.as_str()))
    }

    /// An answer's result in which no text holds a secret that we sent: templates and later requests must not get at it.
    pub fn mask_result(&self, value: Value) -> Value {
        if self.secrets.is_empty() {
            return value;
        }
        match value {
            Value::String(text) => {
                let masked = self.secrets.iter().fold(None, |masked: Option<String>, (secret, mask)| {
                    let text = masked.as_deref().unwrap_or(&text);
                    if text.contains(secret) { Some(text.replace(secret, mask)) } else { masked }
                });
                Value::String(masked.map_or(text, Into::into))
            }
            Value::List(items) => Value::List(items.iter().cloned().map(|item| self.mask_result(item)).collect()),
            Value::Record(record) => {
                let fields = record.iter().map(|(name, value)| (name.clone(), self.mask_result(value.clone())));
                Value::Record(std::sync::Arc::new(fields.collect::<Record>()))
            }
            other => other,
        }
    }
}

/// The forms in which a text may stand in a request or an answer.
fn forms(value: &str) -> Vec<String> {
    let json = json_text(value);
    let ascii_json: String = json
        .chars()
        .flat_map(|char| {
            let mut units = [0; 2];
            if char.is_ascii() {
                char.to_string()
            } else {
                char.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect();
    let percent = super::attempt::percent_encode(value);
    let xml = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut forms = vec![
        value.to_owned(),
        json.replace('/', "\\/"),
        // JSON as a text in JSON.
        json_text(&json),
        json,
        ascii_json,
        lower_hex(&percent),
        percent.replace("%20", "+"),
        lower_hex(&percent).replace("%20", "+"),
        percent,
        url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        xml.replace('"', "&quot;").replace('\'', "&apos;"),
        xml.replace('"', "&quot;").replace('\'', "&#39;"),
        xml.replace('"', "&quot;"),
        xml,
    ];
    // Base64 of a short text is found by chance, and never is a credential.
    if value.len() >= 4 {
        let engines = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
        forms.extend(engines.map(|engine| engine.encode(value)));
    }
    forms
}

/// The text as it stands between the quotes of a JSON string.
fn json_text(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or_default().to_owned()
}

/// Percent-encoding with small digits.
fn lower_hex(percent: &str) -> String {
    let mut digits = 0_u8;
    percent
        .chars()
        .map(|char| match (char, digits) {
            ('%', _) => {
                digits = 2;
                char
            }
            (_, 0) => char,
            _ => {
                digits -= 1;
                char.to_ascii_lowercase()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masker() -> Masker {
        let mut masker = Masker::default();
        masker.secret("KEY", "s3cr\"t/ü key");
        masker.sensitive("+49 151");
        masker
    }

    #[test]
    fn every_form_is_masked() {
        for text in [
            "s3cr\"t/ü key",
            r#"s3cr\"t/ü key"#,
            r#"s3cr\"t\/ü key"#,
            r#"s3cr\"t/\u00fc key"#,
            "s3cr%22t%2F%C3%BC%20key",
            "s3cr%22t%2f%c3%bc%20key",
            "s3cr%22t%2F%C3%BC+key",
            "s3cr&quot;t/ü key",
            "czNjciJ0L8O8IGtleQ==",
            "czNjciJ0L8O8IGtleQ",
        ] {
            assert_eq!(masker().mask(&format!("a {text} b")), "a {{secret:KEY}} b", "{text}");
        }
        assert_eq!(masker().mask("tel=%2B49%20151&x=%2b49+151"), "tel=***&x=***");
    }

    #[test]
    fn other_text_stays() {
        for text in ["", "s3cr", "{{secret:KEY}}", "ünïcode €", "*"] {
            assert_eq!(masker().mask(text), text);
        }
        let mut empty = Masker::default();
        empty.secret("NONE", "");
        empty.sensitive("");
        assert_eq!(empty.mask("abc"), "abc");
    }

    #[test]
    fn the_longer_of_two_secrets_is_taken() {
        let mut masker = Masker::default();
        masker.secret("SHORT", "abc");
        masker.secret("LONG", "abcdef");
        masker.secret("MASK", "secret");
        assert_eq!(masker.mask("abcdef abc"), "{{secret:LONG}} {{secret:SHORT}}");
    }

    /// Whatever the cut, no piece of the secret is left at the end.
    #[test]
    fn a_cut_leaves_no_piece() {
        let text = format!("{}s3cr\"t/ü key{}", "x".repeat(20), "y".repeat(20));
        for limit in 0..text.len() {
            let masked = masker().mask_start(&text, limit);
            assert!(!masked.contains("s3"), "{limit}: {masked}");
            assert!(limit < 21 || masked.contains("{{secret:KEY}}"), "{limit}: {masked}");
        }
    }

    #[test]
    fn a_result_holds_no_secret() {
        let text = |text: &str| Value::String(text.into());
        let record: Record =
            [("auth".into(), text("Bearer s3cr\"t/ü key")), ("n".into(), Value::Int(1))].into_iter().collect();
        let value = Value::List([Value::Record(std::sync::Arc::new(record)), text("+49 151")].into());
        let masked = masker().mask_result(value);
        let Value::List(items) = &masked else { panic!("{masked:?}") };
        assert_eq!(items[0].field("auth"), Some(&text("Bearer {{secret:KEY}}")));
        assert_eq!(items[0].field("n"), Some(&Value::Int(1)));
        assert_eq!(items[1], text("+49 151"), "sensitive data stays data");
    }

    #[test]
    fn nothing_shows_in_debug() {
        assert!(!format!("{:?}", masker()).contains("s3cr"));
    }
}
