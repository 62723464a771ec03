//! A part of a name, an address or a number, looked for in contacts.
//!
//! Every contact may have it, so all are looked at; what most of them cost is a search through their text, and only those
//! that have the words somewhere are read.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;

/// What is looked for, in any case of letters of any script.
pub(super) struct Part {
    /// The whole of it.
    whole: Regex,
    /// Its words, as JSON writes them.
    words: Vec<Regex>,
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
        let pattern = |text: &str| {
            let built = RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build();
            built.map_err(|error| Fault::Refused(format!("this cannot be searched for: {error}")))
        };
        let word = |word: &str| {
            let quoted = Value::from(word).to_string();
            pattern(quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(word))
        };
        Ok(Part { whole: pattern(text)?, words: text.split_whitespace().map(word).collect::<Result<_, _>>()? })
    }

    /// Whether a contact with these fields has it in one of its identifiers, or in its name.
    pub(super) fn is_in(&self, fields: &str) -> bool {
        // What is written as `\u…` is no plain text.
        if !fields.contains("\\u") && !self.words.iter().all(|word| word.is_match(fields)) {
            return false;
        }
        let Ok(contact) = serde_json::from_str::<Searched>(fields) else { return false };
        let name = match (contact.first_name.as_str(), contact.last_name.as_str()) {
            (Some(first), Some(last)) => Some(Cow::Owned(format!("{first} {last}"))),
            (first, last) => first.or(last).map(Cow::Borrowed),
        };
        let identifiers = [&contact.email, &contact.phone, &contact.external_id];
        let mut places = identifiers.into_iter().filter_map(Value::as_str).chain(name.as_deref());
        places.any(|place| self.whole.is_match(place))
    }
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
            ("київ", false),
            ("gold", false),
            ("email", false),
            ("ткач олена", false),
            ("ann.o.hara", false),
            ("олена  ткач", false),
        ] {
            assert_eq!(Part::new(text).unwrap().is_in(ann), found, "{text}");
        }
        assert!(Part::new("олена").unwrap().is_in(r#"{"first_name":"\u041eлена"}"#));
        assert!(!Part::new("a").unwrap().is_in("{}"));
    }
}
