//! Reading JSON without losing a digit.
//!
//! The JSON reader hands a number over as a 64-bit integer or as a binary float, and the float has lost its digits. So
//! the number's own text is looked up beside it: [`Numbers`] walks the same text and yields the numbers in the order in
//! which the reader comes to them. Both walks are linear, whatever the nesting.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;

use super::{Record, Value, number};

/// Why a text is not read as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// What is wrong, with line and column.
    pub message: String,
}

/// Reads a JSON text (RFC 8259). Numbers keep their digits; a name that stands twice in an object is refused, and so are
/// nesting of 128 levels and a number that is larger than any binary float (section 6 leaves both to the reader).
///
/// # Errors
/// When the text is not JSON of that kind.
pub fn read(text: &str) -> Result<Value, ReadError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut numbers = Numbers { text, at: 0 };
    Reading { numbers: &mut numbers }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| ReadError { message: error.to_string() })
}

/// The texts of a JSON text's numbers, in order.
struct Numbers<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Numbers<'t> {
    /// The next number. The text up to it has been read as JSON, so a quote begins a string and a digit a number.
    fn next(&mut self) -> Option<&'t str> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'"' => self.skip_string(bytes)?,
                b'-' | b'0'..=b'9' => break,
                _ => self.at += 1,
            }
        }
        let rest = self.text.get(self.at..)?;
        let end = rest.find(|character: char| !matches!(character, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let number = rest.get(..end.unwrap_or(rest.len()))?;
        self.at += number.len();
        Some(number)
    }

    fn skip_string(&mut self, bytes: &[u8]) -> Option<()> {
        loop {
            self.at += 1;
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
        self.at += 1;
        Some(())
    }
}

/// One value that is being read.
struct Reading<'n, 't> {
    numbers: &'n mut Numbers<'t>,
}

impl Reading<'_, '_> {
    fn number<E: Error>(self) -> Result<Value, E> {
        let text = self.numbers.next().ok_or_else(|| E::custom("a number without digits"))?;
        Ok(number::number(text))
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_, '_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Value, E> {
        self.number()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Value, E> {
        self.number()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        self.number()
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(SmolStr::new(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Reading { numbers: self.numbers })? {
            list.push(item);
        }
        Ok(Value::List(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = entries.next_key::<SmolStr>()? {
            let value = entries.next_value_seed(Reading { numbers: self.numbers })?;
            fields.push((name, value));
        }
        if let Some(name) = repeated(&fields) {
            let shown: String = name.chars().take(40).collect();
            return Err(A::Error::custom(format!("the name {shown:?} stands twice in one object")));
        }
        Ok(Value::Record(Record::from_iter(fields).into()))
    }
}

/// So many names are compared with each other; more are put into a set.
const FEW: usize = 12;

/// The first name that stands there for the second time.
fn repeated(fields: &[(SmolStr, Value)]) -> Option<&SmolStr> {
    if fields.len() <= FEW {
        let earlier = |at: usize| fields.iter().take(at).map(|(name, _)| name);
        return fields
            .iter()
            .enumerate()
            .map(|(at, (name, _))| (at, name))
            .find_map(|(at, name)| earlier(at).any(|known| known == name).then_some(name));
    }
    let mut names = HashSet::with_capacity(fields.len());
    fields.iter().map(|(name, _)| name).find(|name| !names.insert(*name))
}

#[cfg(test)]
mod tests {
    use super::super::to_json;
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for (text, expected) in [
            ("0", "Int(0)"),
            ("-0", "Int(0)"),
            ("9223372036854775807", "Int(9223372036854775807)"),
            ("9223372036854775808", "Decimal(9223372036854775808)"),
            ("18446744073709551615", "Decimal(18446744073709551615)"),
            ("99.50", "Decimal(99.50)"),
            ("-0.10", "Decimal(-0.10)"),
            ("0.1", "Decimal(0.1)"),
            ("1e3", "Decimal(1000)"),
            ("1.25E-2", "Decimal(0.0125)"),
            ("0e99", "Decimal(0)"),
            ("1234567890123456789012345678", "Decimal(1234567890123456789012345678)"),
            ("12345678901234567890123456789", "Number(\"12345678901234567890123456789\")"),
            ("0.00000000000000000000000000001", "Number(\"0.00000000000000000000000000001\")"),
            ("1e300", "Number(\"1e300\")"),
        ] {
            assert_eq!(format!("{:?}", read(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_text_comes_out_as_it_went_in() {
        for text in [
            r#"{"b":[1,2.50,"3",-4e300],"a":{"x":"\"7, 8","y":9},"\\":null,"Ω\n":true}"#,
            r#"["1\\",2,"\\\"3",4.0]"#,
            r#""text""#,
            "[]",
            "{}",
        ] {
            assert_eq!(to_json(&read(text).unwrap()), text);
        }
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for (text, expected) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("[1,\n 2,]", "trailing comma at line 2 column 4"),
            ("{} x", "trailing characters at line 1 column 4"),
            ("01", "invalid number at line 1 column 2"),
            ("1.", "EOF while parsing a value at line 1 column 2"),
            ("NaN", "expected value at line 1 column 1"),
            ("1e999", "number out of range at line 1 column 5"),
            (r#"{"a":1,"b":2,"a":3}"#, "the name \"a\" stands twice in one object at line 1 column 19"),
            ("\"\u{1}\"", "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 2"),
        ] {
            assert_eq!(read(text).unwrap_err().message, expected, "{text:?}");
        }
    }

    #[test]
    fn nesting_is_bounded_and_size_is_cheap() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(127)).is_ok());
        assert!(read(&nested(128)).unwrap_err().message.starts_with("recursion limit exceeded"));
        assert!(read(&nested(100_000)).is_err());

        let flat: String = (0..80_000).map(|number| format!("\"k{number}\":{number},")).collect();
        let flat = read(&format!("{{{flat}\"last\":0}}")).unwrap();
        assert_eq!(flat.field("k79999"), Some(&Value::Int(79_999)));

        let item = format!("{}1.5{}", "[".repeat(120), "]".repeat(120));
        let items = vec![item; 4_000].join(",");
        assert!(read(&format!("[{items}]")).is_ok());
    }
}
