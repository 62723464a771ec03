//! What a person is recognised by in texts that others wrote.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::store::ContactRecord;
use crate::value::{HIDDEN, Record, Value, read};

/// A shorter external id is no sign of a person: it may be any number.
const SHORTEST_ID: usize = 8;

/// The person's e-mail address, phone number and external id, in the forms that requests have them in.
#[derive(Clone, Debug)]
pub(in super::super) struct Needles {
    plain: Vec<String>,
    /// Small letters; `None` when there is nothing to look for.
    finder: Option<AhoCorasick>,
}

impl Needles {
    /// What the identifiers of a contact are.
    pub(super) fn of(contact: &ContactRecord) -> Needles {
        let fields = read(&contact.fields).unwrap_or_default();
        let text = |name: &str| match fields.field(name) {
            Some(Value::String(text)) => Some(text.to_string()),
            Some(Value::Null) | None => None,
            Some(other) => Some(crate::value::display(other)),
        };
        let mut plain: Vec<String> = [text("email"), text("phone")].into_iter().flatten().collect();
        plain.extend(text("external_id").filter(|id| id.len() >= SHORTEST_ID));
        Needles::new(plain)
    }

    fn new(plain: Vec<String>) -> Needles {
        let mut forms = Vec::new();
        for needle in plain.iter().filter(|needle| !needle.is_empty()) {
            forms.push(needle.clone());
            forms.push(needle.replace('@', "%40").replace('+', "%2B"));
            forms.push(needle.replace('@', "&#64;").replace('+', "&#43;"));
            if needle.starts_with('+') {
                forms.push(needle.replacen('+', "", 1));
                forms.push(needle.replacen('+', "%2B", 1));
            }
        }
        forms.sort();
        forms.dedup();
        let finder = (!forms.is_empty()).then(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::LeftmostLongest)
                .build(&forms)
                .ok()
        });
        Needles { plain, finder: finder.flatten() }
    }

    /// As they are kept while they are needed: written so that a search of the file for them does not find them here.
    pub(super) fn encode(&self) -> String {
        STANDARD.encode(serde_json::to_string(&self.plain).unwrap_or_default())
    }

    /// As they were kept.
    pub(in super::super) fn decode(kept: &str) -> Needles {
        let plain = STANDARD.decode(kept).ok().and_then(|json| serde_json::from_slice(&json).ok());
        Needles::new(plain.unwrap_or_default())
    }

    /// Whether a text has one of them, as a whole word: `joann@example.com` is not `ann@example.com`.
    pub(in super::super) fn is_in(&self, text: &str) -> bool {
        self.first_in(text.as_bytes(), 0).is_some()
    }

    /// The same of bytes.
    pub(in super::super) fn is_in_bytes(&self, bytes: &[u8]) -> bool {
        self.first_in(bytes, 0).is_some()
    }

    /// Whether bytes have one of them, whatever stands around it.
    pub(in super::super) fn is_anywhere_in(&self, bytes: &[u8]) -> bool {
        self.finder.as_ref().is_some_and(|finder| finder.is_match(bytes))
    }

    fn first_in(&self, bytes: &[u8], from: usize) -> Option<(usize, usize)> {
        let finder = self.finder.as_ref()?;
        let mut from = from;
        while let Some(rest) = bytes.get(from..) {
            let found = finder.find(rest)?;
            let (begin, end) = (from + found.start(), from + found.end());
            let before = begin.checked_sub(1).and_then(|at| bytes.get(at));
            let behind = bytes.get(end);
            // What an address or a number may go on with.
            let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            // `%3D` and the like stand before a value in a URL, `\n` in JSON: the letter belongs to them.
            let escaped = begin.checked_sub(3).and_then(|at| bytes.get(at)) == Some(&b'%')
                || begin.checked_sub(2).and_then(|at| bytes.get(at)) == Some(&b'\\');
            let apart = before.is_none_or(|byte| escaped || !(goes_on(byte) || matches!(byte, b'.')));
            // A point ends a sentence or goes on with a domain.
            let dotted = behind == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
            let ends = behind.is_none_or(|byte| !goes_on(byte)) && !dotted;
            if apart && ends {
                return Some((begin, end));
            }
            from = begin + 1;
        }
        None
    }

    /// Whether a value, somewhere in it, is one of them and nothing else: then it is about the person.
    pub(in super::super) fn is_named_by(&self, value: &Value) -> bool {
        match value {
            Value::Record(record) => record.iter().any(|(_, value)| self.is_named_by(value)),
            Value::List(items) => items.iter().any(|value| self.is_named_by(value)),
            Value::String(text) => self.first_in(text.as_bytes(), 0) == Some((0, text.len())),
            Value::Int(_) | Value::Number(_) => {
                let text = crate::value::display(value);
                self.first_in(text.as_bytes(), 0) == Some((0, text.len()))
            }
            _ => false,
        }
    }

    /// The text with something else in their place.
    pub(in super::super) fn strike(&self, text: &str) -> String {
        let mut struck = String::with_capacity(text.len());
        let mut from = 0;
        while let Some((begin, end)) = self.first_in(text.as_bytes(), from) {
            struck.push_str(text.get(from..begin).unwrap_or_default());
            struck.push_str(HIDDEN);
            from = end;
        }
        struck.push_str(text.get(from..).unwrap_or_default());
        struck
    }
}

/// The value with something else in the place of all that names the person.
pub(super) fn strike_value(needles: &Needles, value: &Value) -> Value {
    match value {
        Value::Record(record) => {
            let fields = record.iter().map(|(name, value)| (name.clone(), strike_value(needles, value)));
            Value::Record(fields.collect::<Record>().into())
        }
        Value::List(items) => Value::List(items.iter().map(|value| strike_value(needles, value)).collect()),
        Value::String(text) if needles.is_in(text) => Value::from(needles.strike(text).as_str()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_in_any_form_and_nobody_else() {
        let needles = Needles::new(vec!["ann@example.com".into(), "+380671234567".into(), "crm-00042".into()]);
        for (text, struck) in [
            ("to ANN@Example.com.", "to •••."),
            ("joann@example.com", "joann@example.com"),
            ("ann@example.com.ua", "ann@example.com.ua"),
            ("ann@example.company", "ann@example.company"),
            (r#"{"email":"ann@example.com","x":"a\nann@example.com"}"#, r#"{"email":"•••","x":"a\n•••"}"#),
            ("?email=ann%40example.com&p=%2B380671234567", "?email=•••&p=•••"),
            ("%3Dann%40example.com", "%3D•••"),
            ("380671234567 +380671234567 3806712345678", "••• ••• 3806712345678"),
            ("xcrm-00042 crm-00042", "xcrm-00042 •••"),
        ] {
            assert_eq!(needles.strike(text), struck);
            assert_eq!(needles.is_in(text), text != struck);
        }
        assert!(!Needles::new(vec![]).is_in("anything"));
        let named = |json: &str| needles.is_named_by(&read(json).unwrap());
        assert!(named(r#"{"a":[{"b":"Ann@example.com"}]}"#) && named(r#"{"phone":380671234567}"#));
        assert!(!named(r#"{"note":"ask ann@example.com"}"#));
    }
}
