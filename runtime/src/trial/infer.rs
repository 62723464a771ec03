//! The type that an answer suggests, in the language's syntax.
//!
//! One answer says little: what is absent in some items of a list is optional, `null` says nothing of what else there may be,
//! and a whole number may have a fraction tomorrow. So this is a draft for a person, always one that the compiler takes.

use std::collections::BTreeMap;

use compiler::ir::{Field, Type};
use compiler::source::Sources;
use smol_str::SmolStr;

use super::written::name;
use crate::value::{Value, fit, read, read_xml};

/// The `returns` line that fits a body, `json` or `xml` by its media type and by what it looks like.
pub(super) fn returns(content_type: Option<&str>, body: &str) -> Option<String> {
    if body.trim().is_empty() {
        return None;
    }
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let says = |word: &str| essence.ends_with(&format!("/{word}")) || essence.ends_with(&format!("+{word}"));
    let looks_like_xml = body.trim_start_matches('\u{feff}').trim_start().starts_with('<');
    let (word, ty) = if says("xml") || (looks_like_xml && !says("html") && !says("json")) {
        ("xml", of(&read_xml(body).ok()?, Source::Xml))
    } else if says("html") {
        return Some("returns text".to_owned());
    } else {
        match read(body) {
            Ok(value) => ("json", of(&value, Source::Json)),
            Err(_) => return Some("returns text".to_owned()),
        }
    };
    let line = format!("returns {word} {}", written(&settled(ty)));
    Some(laid_out(&line).unwrap_or_else(|| format!("returns {word} json")))
}

#[derive(Clone, Copy, PartialEq)]
enum Source {
    Json,
    Xml,
}

/// Nothing is known but that there may be nothing.
fn nothing() -> Type {
    Type::Json.optional()
}

fn of(value: &Value, source: Source) -> Type {
    match value {
        Value::Null => nothing(),
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Decimal(_) => Type::Decimal,
        Value::Date(_) => Type::Date,
        Value::Datetime(_) => Type::Datetime,
        Value::Duration(_) => Type::Duration,
        Value::Number(_) | Value::LocalDatetime(_) | Value::Time(_) => Type::Json,
        Value::String(text) => of_text(text, source),
        Value::List(items) => {
            let item = items.iter().map(|item| of(item, source)).reduce(|left, right| merged(left, right, source));
            Type::List(Box::new(item.unwrap_or_else(nothing)))
        }
        Value::Record(record) => {
            let field = |value| Field { ty: of(value, source), sensitive: false, default: None };
            Type::Record(record.iter().map(|(name, value)| (name.clone(), field(value))).collect())
        }
    }
}

/// A text that is a date is one, as everything is a text in XML; an address or a number in a JSON text may be chance.
fn of_text(text: &str, source: Source) -> Type {
    if source == Source::Xml && text.trim().is_empty() {
        return Type::String.optional();
    }
    let fits = |ty: &Type, text: &str| fit(Value::from(text), ty).is_ok();
    let candidates: &[Type] = match source {
        Source::Json => &[Type::Date, Type::Datetime],
        Source::Xml => &[Type::Int, Type::Decimal, Type::Date, Type::Datetime],
    };
    if source == Source::Xml && matches!(text.trim(), "true" | "false") {
        return Type::Bool;
    }
    let text = if source == Source::Xml { text.trim() } else { text };
    candidates.iter().find(|ty| fits(ty, text)).cloned().unwrap_or(Type::String)
}

/// A type that both fit.
fn merged(left: Type, right: Type, source: Source) -> Type {
    match (left, right) {
        (left, right) if left == right => left,
        (some, other) | (other, some) if other == nothing() => some.optional(),
        (Type::Optional(inner), other) | (other, Type::Optional(inner)) => merged(*inner, other, source).optional(),
        (Type::Int, Type::Decimal) | (Type::Decimal, Type::Int) => Type::Decimal,
        (Type::List(left), Type::List(right)) => Type::List(Box::new(merged(*left, *right, source))),
        (Type::List(item), other) | (other, Type::List(item)) if source == Source::Xml => {
            Type::List(Box::new(merged(*item, other, source)))
        }
        (Type::Record(left), Type::Record(right)) => Type::Record(merged_fields(left, right, source)),
        (left, right) if is_text(&left, source) && is_text(&right, source) => Type::String,
        // An element with attributes here, and without there.
        (Type::Record(fields), other) | (other, Type::Record(fields)) if source == Source::Xml => {
            let text = BTreeMap::from([(SmolStr::new_static("#text"), field(other))]);
            Type::Record(merged_fields(fields, text, source))
        }
        _ => Type::Json,
    }
}

fn merged_fields(
    mut left: BTreeMap<SmolStr, Field>,
    mut right: BTreeMap<SmolStr, Field>,
    source: Source,
) -> BTreeMap<SmolStr, Field> {
    let names: Vec<SmolStr> = left.keys().chain(right.keys()).cloned().collect();
    let mut fields = BTreeMap::new();
    for name in names {
        let ty = match (left.remove(&name), right.remove(&name)) {
            (Some(left), Some(right)) => merged(left.ty, right.ty, source),
            (Some(only), None) | (None, Some(only)) => match only.ty {
                // In XML an element that may stand several times may also stand never.
                Type::List(item) if source == Source::Xml => Type::List(item),
                other => other.optional(),
            },
            (None, None) => continue,
        };
        fields.insert(name, field(ty));
    }
    fields
}

fn field(ty: Type) -> Field {
    Field { ty, sensitive: false, default: None }
}

/// Whether a type is of values that are written as text.
fn is_text(ty: &Type, source: Source) -> bool {
    let always = matches!(ty, Type::String | Type::Date | Type::Datetime);
    always || (source == Source::Xml && matches!(ty, Type::Int | Type::Decimal | Type::Bool))
}

/// With `json` for what nothing is known of.
fn settled(ty: Type) -> Type {
    match ty {
        ty if ty == nothing() => Type::Json,
        Type::Optional(inner) => settled(*inner).optional(),
        Type::List(item) => Type::List(Box::new(settled(*item))),
        Type::Record(fields) => {
            Type::Record(fields.into_iter().map(|(name, own)| (name, field(settled(own.ty)))).collect())
        }
        other => other,
    }
}

/// A type as an author writes it.
pub(super) fn written(ty: &Type) -> String {
    match ty {
        Type::Optional(inner) if matches!(&**inner, Type::Union(members) if members.len() > 1) => ty.to_string(),
        Type::Record(fields) if fields.is_empty() => "{}".to_owned(),
        Type::Record(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, field)| format!("{}: {}", name(key), written(&field.ty))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Type::List(item) => format!("[{}]", written(item)),
        Type::Optional(inner) => format!("{}?", written(inner)),
        other => other.to_string(),
    }
}

/// The line in canonical form; `None` when the compiler refuses it, as it may for a strange name.
fn laid_out(line: &str) -> Option<String> {
    let program = format!("webhook w {{\n  get \"https://example.com/\"\n  {line}\n}}\n");
    let mut sources = Sources::new();
    let file = sources.add("w.wf", program.as_str());
    let compiled = compiler::compile(&sources);
    if compiled.diagnostics.iter().any(compiler::diagnostic::Diagnostic::is_error) {
        return None;
    }
    let formatted = compiler::format::format(file, &program).ok()?.text;
    super::written::inside(&formatted, "returns ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content_type: &str, body: &str, expected: &str) {
        let got = returns(Some(content_type), body).unwrap_or_default();
        assert_eq!(got, expected, "{body}");
    }

    #[test]
    fn an_answer_suggests_its_type() {
        let json = |body, expected| check("application/json; charset=utf-8", body, expected);
        json(
            r#"{"code":"A","left":3,"price":1.5,"ok":true}"#,
            "returns json { code: string, left: int, ok: bool, price: decimal }",
        );
        json(
            r#"{"at":"2026-11-24T09:30:00Z","day":"2026-11-24","n":null}"#,
            "returns json { at: datetime, day: date, n: json }",
        );
        json(r#"[{"a":1,"b":"x"},{"a":1.5},{"a":null,"b":null}]"#, "returns json [{ a: decimal?, b: string? }]");
        json(
            r#"{"strange name":[],"@id":[1,"x"],"ключ":[[1],[2.5]]}"#,
            r#"returns json { "@id": [json], "strange name": [json], "ключ": [[decimal]] }"#,
        );
        json("12", "returns json int");
        json("null", "returns json json");
        json("{}", "returns json {}");
        json("oops", "returns text");
        json("", "");
        check("text/html", "<p>x</p>", "returns text");
        check("text/plain", "{\"a\":1}", "returns json { a: int }");
    }

    #[test]
    fn an_xml_answer_suggests_its_type() {
        let xml = |body, expected| check("application/xml", body, expected);
        xml(
            r#"<o at="2026-11-24T09:30:00Z"><item><sku>a</sku><left>3</left></item><item><sku>b</sku></item></o>"#,
            r#"returns xml { "@at": datetime, item: [{ left: int?, sku: string }] }"#,
        );
        xml(
            "<o><price cur='EUR'>1</price><ok>true</ok><note/></o>",
            r##"returns xml { note: string?, ok: bool, price: { "#text": int, "@cur": string } }"##,
        );
        check("text/plain", "<o><a>1</a></o>", "returns xml { a: int }");
    }

    /// Whatever came in, the suggestion compiles and the answer fits it.
    #[test]
    fn an_answer_fits_what_it_suggests() {
        for body in [
            r#"{"a":{"b":[{"c":null},{"c":[1,2.5]},{}]},"d":[[],[null]],"e":123456789012345678901234567890}"#,
            r#"{"if":1,"returns":{"":2},"a\nb":3,"a\"b":4,"${x}":5}"#,
            r#"[true,false,null]"#,
            r#"[{"t":"2026-11-24"},{"t":"soon"}]"#,
            r#""just a text""#,
        ] {
            let line = returns(Some("application/json"), body).unwrap();
            let program = format!("webhook w {{\n  get \"https://example.com/\"\n  {line}\n}}\n");
            let mut sources = Sources::new();
            sources.add("w.wf", program.as_str());
            let compiled = compiler::compile(&sources);
            let program = compiled.program.unwrap_or_else(|| panic!("{line}: {:#?}", compiled.diagnostics));
            let declared = &program.webhooks["w"].returns;
            assert!(crate::value::check_answer(declared, body).is_ok(), "{body} is not {line}");
        }
    }
}
