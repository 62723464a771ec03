//! Requests and answers as history shows them: JSON, bounded, without secrets.

use std::fmt::Write;

use serde::ser::{Serialize, SerializeMap, Serializer};
use sha2::{Digest, Sha256};

use super::mask::Masker;

/// So many bytes of a body are kept.
pub(super) const KEPT_BYTES: usize = 64 * 1024;

/// Headers whose values are never shown, whoever sends them.
const REDACTED: &[&str] =
    &["authorization", "cookie", "proxy-authorization", "set-cookie", "webhook-signature", "www-authenticate"];

/// A header as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Its name in small letters.
    pub(super) name: String,
    /// Its value.
    pub(super) value: String,
}

/// An answer's body as it came in.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    /// The bytes that were read.
    pub(super) bytes: Vec<u8>,
    /// Whether these are all.
    pub(super) whole: bool,
}

#[derive(serde::Serialize)]
struct RequestRecord<'a> {
    method: &'a str,
    url: &'a str,
    headers: Headers,
    #[serde(flatten)]
    body: BodyRecord,
}

#[derive(serde::Serialize)]
struct ResponseRecord {
    status: u16,
    headers: Headers,
    #[serde(flatten)]
    body: BodyRecord,
}

/// The body's beginning; its length and, where it is cut, its hash say what the rest was.
#[derive(serde::Serialize)]
struct BodyRecord {
    body: Option<String>,
    body_bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_sha256: Option<String>,
    truncated: bool,
}

/// Headers as a JSON object; values of one name are joined by `, ` (RFC 9110, section 5.3).
struct Headers(Vec<(String, String)>);

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The API's `request` object. The URL and the headers' secrets are masked already; what else the masker knows is masked
/// here.
pub(super) fn request(method: &str, url: &str, headers: &[Shown], body: Option<&str>, masker: &Masker) -> String {
    let headers = headers.iter().map(|header| (header.name.clone(), masker.mask(&header.value))).collect();
    let body = match body {
        Some(text) => body_record(text, text.as_bytes(), true, masker),
        None => BodyRecord { body: None, body_bytes: 0, body_sha256: None, truncated: false },
    };
    json(&RequestRecord { method, url, headers: Headers(headers), body })
}

/// The API's `response` object.
pub(super) fn response(status: u16, headers: &[Shown], text: &str, received: &Received, masker: &Masker) -> String {
    let mut joined: Vec<(String, String)> = Vec::with_capacity(headers.len());
    for Shown { name, value } in headers {
        let redacted = is_redacted(name, masker);
        let value = if redacted { "***".to_owned() } else { masker.mask(value) };
        match joined.iter_mut().find(|(known, _)| known == name) {
            Some(_) if redacted => {}
            Some((_, earlier)) => {
                earlier.push_str(", ");
                earlier.push_str(&value);
            }
            None => joined.push((masker.mask(name), value)),
        }
    }
    let body = body_record(text, &received.bytes, received.whole, masker);
    json(&ResponseRecord { status, headers: Headers(joined), body })
}

/// Whether a header's value is never shown.
pub(super) fn is_redacted(name: &str, masker: &Masker) -> bool {
    REDACTED.contains(&name) || masker.hides_header(name)
}

fn body_record(text: &str, bytes: &[u8], whole: bool, masker: &Masker) -> BodyRecord {
    let cut = text.len() > KEPT_BYTES;
    let body_sha256 = cut.then(|| {
        Sha256::digest(bytes).iter().fold(String::new(), |mut digits, byte| {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    });
    BodyRecord {
        body: Some(masker.mask_start(text, KEPT_BYTES)),
        body_bytes: bytes.len(),
        body_sha256,
        truncated: cut || !whole,
    }
}

/// The record as JSON in which no character can move a terminal's cursor or turn its text around: control and bidi
/// characters are escapes. They stand in texts only, where an escape means the same.
fn json(record: &impl Serialize) -> String {
    let json = serde_json::to_string(record).unwrap_or_default();
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        let hidden = char.is_control()
            || matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if hidden {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(char));
        } else {
            escaped.push(char);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(headers: &[(&str, &str)]) -> Vec<Shown> {
        headers.iter().map(|(name, value)| Shown { name: (*name).to_owned(), value: (*value).to_owned() }).collect()
    }

    fn answer(headers: &[(&str, &str)], body: &str) -> serde_json::Value {
        let mut masker = Masker::default();
        masker.secret("KEY", "canary-1");
        masker.header("X-Api-Key");
        let received = Received { bytes: body.as_bytes().to_vec(), whole: true };
        serde_json::from_str(&response(200, &shown(headers), body, &received, &masker)).unwrap()
    }

    #[test]
    fn answers_show_no_secret() {
        let record = answer(
            &[
                ("set-cookie", "a=1"),
                ("set-cookie", "b=2"),
                ("x-echo", "Bearer canary-1"),
                ("x-api-key", "new"),
                ("via", "a"),
                ("via", "b"),
            ],
            "{\"token\":\"canary-1\"}",
        );
        assert_eq!(
            record,
            serde_json::json!({
                "status": 200,
                "headers": { "set-cookie": "***", "x-echo": "Bearer {{secret:KEY}}", "x-api-key": "***", "via": "a, b" },
                "body": "{\"token\":\"{{secret:KEY}}\"}", "body_bytes": 20, "truncated": false,
            })
        );
    }

    #[test]
    fn a_long_body_is_cut_and_says_so() {
        let body = format!("{}canary-1{}", "é".repeat(KEPT_BYTES / 2 - 2), "x".repeat(1000));
        let record = answer(&[], &body);
        assert_eq!(record["truncated"], true);
        assert_eq!(record["body_bytes"], body.len());
        assert_eq!(record["body_sha256"].as_str().unwrap().len(), 64);
        let kept = record["body"].as_str().unwrap();
        assert!(kept.ends_with("é{{secret:KEY}}"), "the secret over the cut is masked whole");
    }

    #[test]
    fn nothing_moves_a_terminal() {
        let text = "a\u{1b}[2J\u{9b}b\r\n\u{202e}c\u{feff}\u{0}";
        let record = request("GET", "/", &shown(&[("x", "\u{7f}")]), Some(text), &Masker::default());
        assert!(record.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{record}");
        let parsed: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(parsed["body"], text, "and nothing is lost");
    }
}
