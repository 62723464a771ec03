//! Writing a value into its place of a request, so that it stays data there.

use std::fmt::Write as _;

use compiler::ir::Escape;

use crate::value::is_xml_character;

/// Writes a text for its place.
///
/// # Errors
/// Why it cannot stand there.
pub(super) fn write(escape: Escape, text: &str, out: &mut String) -> Result<(), String> {
    match escape {
        Escape::None => out.push_str(text),
        Escape::PathSegment | Escape::QueryValue => percent(text, out),
        Escape::HeaderValue => {
            check_header(text)?;
            out.push_str(text);
        }
        Escape::XmlText => xml(text, false, out)?,
        Escape::XmlAttribute => xml(text, true, out)?,
        Escape::Form => form(text, out),
    }
    Ok(())
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
pub(super) fn percent(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing into a `String` never fails.
            other => drop(write!(out, "%{other:02X}")),
        }
    }
}

/// As a form is encoded: a blank is `+` (WHATWG URL, section 5.2).
pub(super) fn form(text: &str, out: &mut String) {
    out.extend(url::form_urlencoded::byte_serialize(text.as_bytes()));
}

/// Whether a text can stand in a header: visible ASCII, blank and tab. RFC 9110 allows bytes beyond ASCII, but their
/// meaning is anybody's guess.
pub(super) fn check_header(text: &str) -> Result<(), String> {
    match text.chars().find(|character| !matches!(character, ' '..='~' | '\t')) {
        Some(character) => Err(format!("holds the character U+{:04X}, which a header cannot", u32::from(character))),
        None => Ok(()),
    }
}

fn xml(text: &str, attribute: bool, out: &mut String) -> Result<(), String> {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\'' if attribute => out.push_str("&#39;"),
            // A reader would make a blank of them in an attribute, and a line feed of a carriage return anywhere.
            '\t' | '\n' if attribute => drop(write!(out, "&#{};", u32::from(character))),
            '\r' => out.push_str("&#13;"),
            other if is_xml_character(other) => out.push(other),
            other => return Err(format!("holds the character U+{:04X}, which XML does not have", u32::from(other))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_data_in_its_place() {
        let hostile = "a/b?c=d&e#f%2F;'\"<>+ \u{e9}";
        let percent = "a%2Fb%3Fc%3Dd%26e%23f%252F%3B%27%22%3C%3E%2B%20%C3%A9";
        for (escape, text, expected) in [
            (Escape::None, hostile, Ok(hostile)),
            (Escape::PathSegment, hostile, Ok(percent)),
            (Escape::QueryValue, hostile, Ok(percent)),
            (Escape::QueryValue, "az-AZ_0.9~", Ok("az-AZ_0.9~")),
            (Escape::Form, "a b&c=d+é*", Ok("a+b%26c%3Dd%2B%C3%A9*")),
            (Escape::HeaderValue, "a\tb ~", Ok("a\tb ~")),
            (Escape::HeaderValue, "a\r\nX: y", Err("holds the character U+000D, which a header cannot")),
            (Escape::HeaderValue, "é", Err("holds the character U+00E9, which a header cannot")),
            (Escape::HeaderValue, "\0", Err("holds the character U+0000, which a header cannot")),
            (Escape::XmlText, "<a b=\"'\">&]]>\t\n", Ok("&lt;a b=\"'\"&gt;&amp;]]&gt;\t\n")),
            (Escape::XmlText, "a\rb", Ok("a&#13;b")),
            (Escape::XmlAttribute, "\"'<\n\t\r", Ok("&quot;&#39;&lt;&#10;&#9;&#13;")),
            (Escape::XmlText, "a\u{b}", Err("holds the character U+000B, which XML does not have")),
            (Escape::XmlAttribute, "\u{fffe}", Err("holds the character U+FFFE, which XML does not have")),
        ] {
            let mut out = String::new();
            let result = write(escape, text, &mut out).map(|()| out.as_str());
            assert_eq!(result, expected.map_err(str::to_owned), "{escape:?} {text:?}");
        }
    }
}
