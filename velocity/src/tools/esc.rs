//! `$esc`: texts made safe for the place they go to.

use super::entities::ENTITIES;
use crate::error::Result;
use crate::escape::Raw;
use crate::machine::Machine;
use crate::methods::{Method, Type, argument, failure};
use crate::value::{Object, Value};
use std::rc::Rc;

/// Escapes the text of an argument; null stays null.
fn escaped(machine: &mut Machine<'_>, arguments: &[Value], escape: fn(&str, &mut String)) -> Result<Value> {
    let value = argument(arguments, 0);
    if value.is_null() {
        return Ok(Value::Null);
    }
    let text = value.to_string();
    machine.spend_text(text.len())?;
    let mut out = String::with_capacity(text.len());
    escape(&text, &mut out);
    machine.text(out)
}

fn html(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("&quot;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            ascii if ascii.is_ascii() => out.push(ascii),
            other => match ENTITIES.binary_search_by_key(&u32::from(other), |(code, _)| *code) {
                Ok(place) => {
                    let name = ENTITIES.get(place).map_or("", |(_, name)| name);
                    out.push('&');
                    out.push_str(name);
                    out.push(';');
                }
                Err(_) => out.push(other),
            },
        }
    }
}

fn xml(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("&quot;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&apos;"),
            // XML 1.0 has no such characters.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            control @ ('\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}') => {
                out.push_str(&format!("&#{};", u32::from(control)))
            }
            other => out.push(other),
        }
    }
}

/// Escapes by a backslash, and what is not ASCII by its UTF-16 units.
fn backslashed(text: &str, out: &mut String, quoted: &[char]) {
    for character in text.chars() {
        match character {
            '\u{8}' => out.push_str("\\b"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            quote if quoted.contains(&quote) => {
                out.push('\\');
                out.push(quote);
            }
            ' '..='\u{7f}' => out.push(character),
            other => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
}

fn url(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
}

fn unurl(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let pair = [rest.next().unwrap_or(b' '), rest.next().unwrap_or(b' ')];
                let code = std::str::from_utf8(&pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
                bytes.push(code.ok_or_else(|| failure("an incomplete `%` escape"))?);
            }
            other => bytes.push(other),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A key or a value of a Java properties file.
fn property(text: &str, out: &mut String, key: bool) {
    for (at, character) in text.chars().enumerate() {
        match character {
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            ' ' if key || at == 0 => out.push_str("\\ "),
            special @ ('\\' | '#' | '!' | '=' | ':') => {
                out.push('\\');
                out.push(special);
            }
            ' '..='~' => out.push(character),
            other => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
}

const ANY: &[Type] = &[Type::Object];

/// The tool's methods.
pub(super) const ESC: &[Method] = &[
    Method::new("html", ANY, |machine, _, arguments| escaped(machine, arguments, html)),
    Method::new("xml", ANY, |machine, _, arguments| escaped(machine, arguments, xml)),
    Method::new("url", ANY, |machine, _, arguments| escaped(machine, arguments, url)),
    Method::new("unurl", ANY, |machine, _, arguments| match argument(arguments, 0) {
        Value::Null => Ok(Value::Null),
        value => machine.text(unurl(&value.to_string())?),
    }),
    Method::new("java", ANY, |machine, _, arguments| {
        escaped(machine, arguments, |text, out| backslashed(text, out, &['"', '\\']))
    }),
    Method::new("javascript", ANY, |machine, _, arguments| {
        escaped(machine, arguments, |text, out| backslashed(text, out, &['\'', '"', '\\', '/']))
    }),
    Method::new("sql", ANY, |machine, _, arguments| {
        escaped(machine, arguments, |text, out| out.push_str(&text.replace('\'', "''")))
    }),
    Method::new("propertyKey", ANY, |machine, _, arguments| {
        escaped(machine, arguments, |text, out| property(text, out, true))
    }),
    Method::new("propertyValue", ANY, |machine, _, arguments| {
        escaped(machine, arguments, |text, out| property(text, out, false))
    }),
    Method::new("velocity", ANY, |machine, _, arguments| {
        escaped(machine, arguments, |text, out| {
            out.push_str(&text.replace('$', "${esc.d}").replace('#', "${esc.h}"));
        })
    }),
    Method::new("unicode", ANY, |machine, _, arguments| match argument(arguments, 0) {
        Value::Null => Ok(Value::Null),
        value => {
            let text = value.to_string();
            let digits = text.strip_prefix("\\u").unwrap_or(&text);
            let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            machine.text(code.ok_or_else(|| failure(format!("`{text}` is no code point")))?)
        }
    }),
    Method::new("raw", ANY, |_, _, arguments| match argument(arguments, 0) {
        Value::Null => Ok(Value::Null),
        value => {
            let raw: Rc<dyn Object> = Rc::new(Raw(value.clone()));
            Ok(Value::from(raw))
        }
    }),
    Method::new("getDollar", &[], |_, _, _| Ok(Value::string("$"))),
    Method::new("getD", &[], |_, _, _| Ok(Value::string("$"))),
    Method::new("getHash", &[], |_, _, _| Ok(Value::string("#"))),
    Method::new("getH", &[], |_, _, _| Ok(Value::string("#"))),
    Method::new("getBackslash", &[], |_, _, _| Ok(Value::string("\\"))),
    Method::new("getB", &[], |_, _, _| Ok(Value::string("\\"))),
    Method::new("getQuote", &[], |_, _, _| Ok(Value::string("\""))),
    Method::new("getQ", &[], |_, _, _| Ok(Value::string("\""))),
    Method::new("getSingleQuote", &[], |_, _, _| Ok(Value::string("'"))),
    Method::new("getS", &[], |_, _, _| Ok(Value::string("'"))),
    Method::new("getNewline", &[], |_, _, _| Ok(Value::string("\n"))),
    Method::new("getN", &[], |_, _, _| Ok(Value::string("\n"))),
    Method::new("getExclamation", &[], |_, _, _| Ok(Value::string("!"))),
    Method::new("getE", &[], |_, _, _| Ok(Value::string("!"))),
    Method::new("getKey", &[], |_, _, _| Ok(Value::string("esc"))),
];
