//! JSON as the cases write it: keys in order, whole numbers of any size.

#![allow(clippy::string_slice, reason = "a test may fail loudly")]

use velocity::Value;

/// Reads a JSON text.
pub(crate) fn json(text: &str) -> Value {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value();
    reader.blank();
    assert_eq!(reader.at, text.len(), "text after the JSON");
    value
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn blank(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn next(&mut self, wanted: &str) -> bool {
        self.blank();
        let found = self.text[self.at..].starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn value(&mut self) -> Value {
        if self.next("{") {
            let mut entries = Vec::new();
            while !self.next("}") {
                self.blank();
                let key = self.string();
                assert!(self.next(":"), "a colon");
                entries.push((Value::from(key), self.value()));
                self.next(",");
            }
            return Value::map(entries);
        }
        if self.next("[") {
            let mut items = Vec::new();
            while !self.next("]") {
                items.push(self.value());
                self.next(",");
            }
            return Value::list(items);
        }
        for (word, value) in [("null", Value::Null), ("true", Value::Boolean(true)), ("false", Value::Boolean(false))] {
            if self.next(word) {
                return value;
            }
        }
        if self.text[self.at..].starts_with('"') {
            return Value::from(self.string());
        }
        let rest = &self.text[self.at..];
        let end = rest.find([',', ']', '}', ' ', '\n', '\r']).unwrap_or(rest.len());
        let number = &rest[..end];
        self.at += end;
        if number.contains(['.', 'e', 'E']) {
            Value::Double(number.parse().expect("a number"))
        } else {
            Value::integer(number).expect("a whole number")
        }
    }

    fn string(&mut self) -> String {
        let rest = &self.text[self.at..];
        let mut escaped = false;
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, character)| {
                let ends = *character == '"' && !escaped;
                escaped = *character == '\\' && !escaped;
                ends
            })
            .expect("the end of a text")
            .0;
        self.at += end + 1;
        serde_json::from_str(&rest[..=end]).expect("a text")
    }
}
