//! Values and answers as an author writes them: for the `stub` of a test.

use compiler::format;
use compiler::ir::{Field, Returns, Type};
use compiler::source::FileId;

use crate::value::{Record, Value, display};
use crate::webhook::Masker;

/// A name as it may stand before a colon.
pub(super) fn name(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    if plain { name.to_owned() } else { text(name) }
}

/// A text with its quotes.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' => out.push_str("\\$"),
            char if char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(char)));
            }
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

/// A value as it is written in the language.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(written) => text(written),
        Value::Number(digits) => digits.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Record(record) => {
            let fields = record.iter().map(|(key, value)| format!("{}: {}", name(key), self::value(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        // A number has to keep its point: `1.0` is not `1`.
        Value::Bool(_)
        | Value::Int(_)
        | Value::Decimal(_)
        | Value::Date(_)
        | Value::Datetime(_)
        | Value::LocalDatetime(_)
        | Value::Time(_)
        | Value::Duration(_) => display(value),
    }
}

/// What is kept of an answer.
#[derive(Debug)]
pub(super) struct Answered<'a> {
    /// The status.
    pub(super) status: u16,
    /// The whole body; empty when there is none.
    pub(super) body: &'a str,
    /// The body read and fitted, when it fits what the webhook returns.
    pub(super) fitted: Option<&'a Value>,
    /// What the webhook returns.
    pub(super) returns: &'a Returns,
    /// What must not be shown.
    pub(super) masker: &'a Masker,
}

/// The `stub` that answers in a test as the host did, without secrets and sensitive values.
pub(super) fn stub(webhook: &str, answered: &Answered<'_>) -> String {
    let good = (200..300).contains(&answered.status);
    let body = match (answered.returns, answered.fitted) {
        _ if !good => plain(answered),
        (Returns::Json(ty), Some(fitted)) => Some(value(&concealed(fitted, Some(ty), false, answered.masker))),
        (Returns::Xml(ty), Some(_)) if crate::value::has_sensitive(ty) => {
            let tree = crate::value::read_xml(answered.body).unwrap_or_default();
            let tree = concealed(&tree, Some(ty), false, answered.masker);
            let mut document = String::new();
            xml("answer", &tree, &mut document);
            Some(text(&document))
        }
        _ => plain(answered),
    };
    let status = if answered.status == 200 { String::new() } else { format!("status {} ", answered.status) };
    let body = body.map(|body| format!("body {body} ")).unwrap_or_default();
    let line = format!("stub {} {{ {status}{body}}}", name(webhook));
    laid_out(&line).unwrap_or(line)
}

/// The body as a text; nothing when there is none, or nothing looks at it.
fn plain(answered: &Answered<'_>) -> Option<String> {
    let unread = matches!(answered.returns, Returns::Nothing) && (200..300).contains(&answered.status);
    let shown = (!answered.body.is_empty() && !unread).then(|| text(&answered.masker.mask(answered.body)));
    // A good answer without a body fits no type; the call is to fail as it did.
    let must = matches!(answered.returns, Returns::Json(_) | Returns::Xml(_)) && (200..300).contains(&answered.status);
    shown.or_else(|| must.then(|| "\"\"".to_owned()))
}

/// The value with something harmless of the same type for whatever is sensitive or holds a secret.
fn concealed(value: &Value, ty: Option<&Type>, sensitive: bool, masker: &Masker) -> Value {
    let required = ty.map(Type::required);
    match value {
        Value::Null | Value::Bool(_) if !sensitive => value.clone(),
        Value::List(items) => {
            let item = match required {
                Some(Type::List(item)) => Some(&**item),
                other => other,
            };
            Value::List(items.iter().map(|value| concealed(value, item, sensitive, masker)).collect())
        }
        Value::Record(record) => {
            let field = |name: &str| -> Option<&Field> {
                match required? {
                    Type::Record(fields) => fields.get(name),
                    Type::List(item) => match item.required() {
                        Type::Record(fields) => fields.get(name),
                        _ => None,
                    },
                    _ => None,
                }
            };
            let fields = record.iter().map(|(name, value)| {
                let declared = field(name);
                let hidden = sensitive || declared.is_some_and(|field| field.sensitive);
                (name.clone(), concealed(value, declared.map(|field| &field.ty), hidden, masker))
            });
            Value::Record(fields.collect::<Record>().into())
        }
        scalar => {
            let shown = display(scalar);
            let masked = masker.mask(&shown);
            if sensitive || masked != shown { harmless(scalar, required) } else { scalar.clone() }
        }
    }
}

/// A value that says nothing and fits the type.
fn harmless(value: &Value, ty: Option<&Type>) -> Value {
    let written = match ty {
        Some(Type::Int | Type::Decimal) => "0",
        Some(Type::Bool) => "false",
        Some(Type::Date) => "2000-01-01",
        Some(Type::Datetime) => "2000-01-01T00:00:00Z",
        Some(Type::Duration) => "0s",
        Some(Type::Email) => "hidden@example.com",
        Some(Type::Phone) => "+10000000",
        Some(Type::Url) => "https://example.com/",
        Some(Type::Union(members)) => return members.first().map(Value::from).unwrap_or_default(),
        _ => "***",
    };
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => Value::Bool(false),
        Value::Int(_) | Value::Decimal(_) | Value::Number(_) => Value::Int(0),
        Value::Date(_) | Value::Datetime(_) | Value::Duration(_) => {
            ty.and_then(|ty| crate::value::fit(Value::from(written), ty).ok()).unwrap_or_default()
        }
        _ => Value::from(written),
    }
}

/// Writes a value as the element that it was read from.
fn xml(name: &str, value: &Value, out: &mut String) {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    match value {
        Value::List(items) => items.iter().for_each(|item| xml(name, item, out)),
        Value::Record(record) => {
            out.push_str(&format!("<{name}"));
            for (key, value) in record.iter() {
                if let Some(attribute) = key.strip_prefix('@') {
                    out.push_str(&format!(" {attribute}=\"{}\"", escaped(&display(value))));
                }
            }
            out.push('>');
            for (key, value) in record.iter() {
                match key.as_str() {
                    "#text" => out.push_str(&escaped(&display(value))),
                    key if key.starts_with('@') => {}
                    key => xml(key, value, out),
                }
            }
            out.push_str(&format!("</{name}>"));
        }
        scalar => out.push_str(&format!("<{name}>{}</{name}>", escaped(&display(scalar)))),
    }
}

/// A step of a test in canonical form.
fn laid_out(line: &str) -> Option<String> {
    let formatted = format::format(FileId::new(0), &format!("test \"x\" {{\n  {line}\n}}\n")).ok()?;
    if formatted.is_partial() {
        return None;
    }
    inside(&formatted.text, "stub ")
}

/// The lines of a declaration from the one that begins so up to the closing brace, one level further out.
pub(super) fn inside(text: &str, begins: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| line.trim_start().starts_with(begins))?;
    let inner = lines.get(first..lines.len().checked_sub(1)?)?;
    let outdented = inner.iter().map(|line| line.strip_prefix("  ").unwrap_or(line));
    Some(outdented.collect::<Vec<_>>().join("\n"))
}
