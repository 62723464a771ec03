//! A part of a name, an address or a number, looked for in contacts.
//!
//! Whoever may have it is looked at; what most of them cost is a search through their text, and only those that have the
//! words somewhere are read.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
use super::folding::folded;

/// What is looked for, in any case of letters of any script, with their marks or without.
pub(super) struct Part {
    /// The whole of it, folded.
    text: String,
    /// Nothing but marks, which are looked for as they stand.
    marks: Option<String>,
    /// Its words, as JSON writes them where it is all ASCII.
    words: Vec<Regex>,
    /// Its digits, where it is a part of a phone number as people write it.
    number: Option<String>,
}

/// What is searched of a contact. A field that was declared otherwise before may hold something else than a text.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Searched {
    first_name: Value,
    last_name: Value,
    email: Value,
    phone: Value,
    external_id: Value,
}

impl Part {
    pub(super) fn new(text: &str) -> Result<Part, Fault> {
        let word = |word: &str| {
            let quoted = Value::from(word).to_string();
            let written = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(word);
            let built = RegexBuilder::new(&regex::escape(written)).case_insensitive(true).build();
            built.map_err(|error| Fault::Refused(format!("this cannot be searched for: {error}")))
        };
        let whole = folded(text);
        let words = whole.split_whitespace().map(word).collect::<Result<_, _>>()?;
        let marks = whole.is_empty().then(|| text.to_owned());
        Ok(Part { number: number(&whole), text: whole, marks, words })
    }

    /// What is looked for in an index: whoever has the part has one of these.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        [Some(self.text.as_str()), self.number.as_deref()].into_iter().flatten()
    }

    /// Whether a contact with these fields has it in one of its identifiers, or in its name.
    pub(super) fn is_in(&self, fields: &str) -> bool {
        // What is written as `\u…` is no plain text, and of what is not ASCII nobody knows what it is folded to.
        let is_plain = fields.is_ascii() && !fields.contains("\\u");
        let has_number = self.number.as_ref().is_some_and(|number| fields.contains(number.as_str()));
        if is_plain && !has_number && !self.words.iter().all(|word| word.is_match(fields)) {
            return false;
        }
        let is_number = |place: &str| match &self.number {
            Some(number) => place.starts_with('+') && place.contains(number.as_str()),
            None => false,
        };
        let has_text = |place: &str| match &self.marks {
            Some(marks) => place.contains(marks.as_str()),
            None => folded(place).contains(&self.text),
        };
        searched(fields).iter().any(|place| has_text(place) || is_number(place))
    }
}

/// So many digits make a part of a phone number.
const DIGITS: usize = 3;

/// A part of a phone number without what people write between its digits; `None` for another text, and for one that is
/// written so already.
fn number(text: &str) -> Option<String> {
    let is_between = |char: char| matches!(char, ' ' | '\u{a0}' | '-' | '(' | ')' | '.' | '/');
    let kept: String = text.chars().filter(|char| !is_between(*char)).collect();
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    let is_number = digits.len() >= DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && kept != text).then_some(kept)
}

/// What is searched of a contact with these fields: its identifiers, and its name.
pub(super) fn searched(fields: &str) -> Vec<String> {
    let Ok(contact) = serde_json::from_str::<Searched>(fields) else { return vec![] };
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        _ => None,
    };
    let name = match (text(contact.first_name), text(contact.last_name)) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    };
    let identifiers = [contact.email, contact.phone, contact.external_id];
    identifiers.into_iter().filter_map(text).chain(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_any_script_and_case_are_found_where_people_are_searched() {
        let ann = r#"{"email":"Ann.O'Hara@example.com","external_id":"CRM-7","first_name":"Олена","last_name":"Ткач \"Т\"","phone":"+380671234567","town":"Київ","tier":"gold"}"#;
        for (text, found) in [
            ("ann", true),
            ("ANN.O'HARA@EXAMPLE", true),
            ("crm-7", true),
            ("олена", true),
            ("ОЛЕНА ТКАЧ", true),
            ("лена тка", true),
            ("ткач \"т", true),
            ("067123", true),
            ("067 123-45 67", true),
            ("+38 (067) 123", true),
            ("067 124", false),
            ("7 5", false),
            ("crm 7", false),
            ("київ", false),
            ("gold", false),
            ("email", false),
            ("ткач олена", false),
            ("ann.o.hara", false),
            ("олена  ткач", false),
            ("ánn.ö'hara", true),
            ("олёна", true),
            ("\u{301}", false),
        ] {
            assert_eq!(Part::new(text).unwrap().is_in(ann), found, "{text}");
        }
        let jose = r#"{"first_name":"José","last_name":"हिन्दी"}"#;
        for (text, found) in
            [("jose", true), ("JOSÉ ह", true), ("se हनद", true), ("ि", true), ("\u{301}", false), ("josi", false)]
        {
            assert_eq!(Part::new(text).unwrap().is_in(jose), found, "{text}");
        }
        assert!(Part::new("олена").unwrap().is_in(r#"{"first_name":"\u041eлена"}"#));
        assert!(!Part::new("a").unwrap().is_in("{}"));
    }
}
