//! Requests and answers as history shows them: JSON, bounded, without secrets.

use std::borrow::Cow;
use std::fmt::Write;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::mask::Masker;
use crate::hex;

/// So many bytes of a body are kept.
pub(super) const KEPT_BYTES: usize = 64 * 1024;

/// Headers whose values are never shown, whoever sends them.
const REDACTED: &[&str] =
    &["authorization", "cookie", "proxy-authorization", "set-cookie", "webhook-signature", "www-authenticate"];

/// What stands for a value that is not shown.
pub(super) const STARS: &str = "***";

/// About how many bytes a record has besides its bodies.
const FRAME: usize = 512;

/// An answer's body as it came in.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    /// The bytes that were read.
    pub(super) bytes: Vec<u8>,
    /// Whether these are all.
    pub(super) whole: bool,
}

/// The API's `request` object. The URL is masked already, and `shown` says which headers are shown as another text than their
/// value; what else the masker knows is masked here.
pub(super) fn request(
    method: &str,
    url: &str,
    headers: &HeaderMap,
    shown: &[(HeaderName, String)],
    body: Option<&str>,
    masker: &Masker,
) -> String {
    let mut record = Record::new(url.len() + body.map_or(0, str::len));
    record.text("method", method);
    record.text("url", url);
    record.open("headers");
    for (name, value) in headers {
        let instead = shown.iter().find(|(shown, _)| shown == name);
        let value = instead.map_or_else(|| text_of(value), |(_, text)| text.as_str().into());
        record.text(name.as_str(), &masker.mask(&value));
    }
    record.close();
    match body {
        Some(text) => record.body(text, text.as_bytes(), true, masker),
        None => record.no_body(),
    }
    record.end()
}

/// The API's `response` object. Values of one name are joined by `, ` (RFC 9110, section 5.3).
pub(super) fn response(status: u16, headers: &HeaderMap, text: &str, received: &Received, masker: &Masker) -> String {
    let mut record = Record::new(text.len());
    record.number("status", status.into());
    record.open("headers");
    for name in headers.keys() {
        if is_redacted(name.as_str(), masker) {
            record.text(name.as_str(), STARS);
            continue;
        }
        let mut values = headers.get_all(name).iter().map(text_of);
        let mut value = values.next().map(|first| masker.mask(&first).into_owned()).unwrap_or_default();
        for further in values {
            value.push_str(", ");
            value.push_str(&masker.mask(&further));
        }
        record.text(&masker.mask(name.as_str()), &value);
    }
    record.close();
    record.body(text, &received.bytes, received.whole, masker);
    record.end()
}

fn text_of(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// Whether a header's value is never shown.
pub(super) fn is_redacted(name: &str, masker: &Masker) -> bool {
    REDACTED.contains(&name) || masker.hides_header(name)
}

/// A record that is being written, as JSON in which no character can move a terminal's cursor or turn its text around:
/// control and bidi characters are escapes.
struct Record(String);

impl Record {
    fn new(bytes: usize) -> Record {
        let mut json = String::with_capacity(FRAME + bytes.min(KEPT_BYTES) * 9 / 8);
        json.push('{');
        Record(json)
    }

    fn name(&mut self, name: &str) {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        self.quoted(name);
        self.0.push(':');
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.quoted(text);
    }

    fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{number}");
    }

    fn word(&mut self, name: &str, word: &str) {
        self.name(name);
        self.0.push_str(word);
    }

    fn open(&mut self, name: &str) {
        self.name(name);
        self.0.push('{');
    }

    fn close(&mut self) {
        self.0.push('}');
    }

    /// The body's beginning; its length and, where it is cut, its hash say what the rest was.
    fn body(&mut self, text: &str, bytes: &[u8], whole: bool, masker: &Masker) {
        let cut = text.len() > KEPT_BYTES;
        self.text("body", &masker.mask_start(text, KEPT_BYTES));
        self.number("body_bytes", bytes.len() as u64);
        if cut {
            self.text("body_sha256", &hex::of(&Sha256::digest(bytes)));
        }
        self.word("truncated", if cut || !whole { "true" } else { "false" });
    }

    fn no_body(&mut self) {
        self.word("body", "null");
        self.number("body_bytes", 0);
        self.word("truncated", "false");
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn quoted(&mut self, text: &str) {
        self.0.push('"');
        // Without an early end, so that many bytes are looked at together.
        if text.bytes().fold(true, |plain, byte| plain & is_plain_byte(byte)) {
            self.0.push_str(text);
            self.0.push('"');
            return;
        }
        let (mut copied, mut at) = (0, 0);
        // Nearly all characters are plain and one byte long, which is seen without reading them as characters.
        while let Some((further, byte)) = text
            .as_bytes()
            .get(at..)
            .and_then(|rest| rest.iter().copied().enumerate().find(|(_, byte)| !is_plain_byte(*byte)))
        {
            at += further;
            let char = match byte.is_ascii() {
                true => Some(char::from(byte)),
                false => text.get(at..).and_then(|rest| rest.chars().next()),
            };
            let Some(char) = char else { break };
            let next = at + char.len_utf8();
            if !is_plain(char) {
                self.0.push_str(text.get(copied..at).unwrap_or_default());
                self.escaped(char);
                copied = next;
            }
            at = next;
        }
        self.0.push_str(text.get(copied..).unwrap_or_default());
        self.0.push('"');
    }

    fn escaped(&mut self, char: char) {
        match char {
            '"' => self.0.push_str("\\\""),
            '\\' => self.0.push_str("\\\\"),
            '\n' => self.0.push_str("\\n"),
            '\r' => self.0.push_str("\\r"),
            '\t' => self.0.push_str("\\t"),
            char => {
                // All of them are in the first plane. Writing to a string cannot fail.
                let _ = write!(self.0, "\\u{:04x}", u32::from(char));
            }
        }
    }
}

/// Whether a byte is a character that stands in a record as it is.
fn is_plain_byte(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

/// Whether a character stands in a record as it is.
fn is_plain(char: char) -> bool {
    match char {
        ' '..='~' => !matches!(char, '"' | '\\'),
        '\0'..='\u{9f}' => false,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        map
    }

    fn answer(headers: &[(&'static str, &str)], body: &str) -> serde_json::Value {
        let mut masker = Masker::default();
        masker.secret("KEY", "canary-1");
        masker.header("X-Api-Key");
        let received = Received { bytes: body.as_bytes().to_vec(), whole: true };
        serde_json::from_str(&response(200, &map(headers), body, &received, &masker)).unwrap()
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
        let record = request("GET", "/", &map(&[("x", "\u{9f}")]), &[], Some(text), &Masker::default());
        assert!(record.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{record}");
        let parsed: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(parsed["body"], text, "and nothing is lost");
    }
}
