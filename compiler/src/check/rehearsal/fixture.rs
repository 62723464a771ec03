//! Values in files: the fields of a contact, the parameters of an event, the body of an answer.
//!
//! What a file says is held to the types of what it stands for, as if it were written in the test, and is underlined in the
//! file. It is JSON, so a date is a text there, as it is when it comes over the API.

use std::borrow::Cow;
use std::fmt;

use jiff::civil;
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::Rehearsal;
use crate::catalogue::Code;
use crate::check::file;
use crate::check::parameters::{self, Extent, Owner};
use crate::diagnostic::Diagnostic;
use crate::ir::test::ReplyBody;
use crate::source::{FileId, Span, Spanned};
use crate::syntax::ast::{self, DateTime, Entry, Expr, ExprKind, Fixture, Name, Record, TestStepKind, Text, TextPart};
use crate::syntax::text_block::TextBlock;
use crate::types::{self, Returned, Ty};

impl Rehearsal<'_, '_> {
    /// The fields that are written or stand in the file; nothing if they cannot be read.
    pub(super) fn fixture<'f>(&mut self, fixture: &'f Fixture, target: &Ty) -> Option<Cow<'f, Spanned<Record>>> {
        let path = match fixture {
            Fixture::Written(record) => return Some(Cow::Borrowed(record)),
            Fixture::File(path) => path,
        };
        let file = self.find(path)?;
        let read = self.json(path, file, target)?;
        let ExprKind::Record(record) = read.node else {
            self.diagnostics.push(
                Diagnostic::new(Code::WrongType, read.span)
                    .message(format!("`{}` is no JSON object", path.node))
                    .also(path.span, "read here")
                    .hint("it has the fields as an object: `{ \"email\": \"ann@example.com\" }`"),
            );
            return None;
        };
        Some(Cow::Owned(read.span.with(record)))
    }

    /// The body of an answer that stands in a file.
    pub(super) fn body_file(&mut self, path: &Name, good: bool, returned: &Returned) -> Option<ReplyBody> {
        let file = self.find(path)?;
        let text = self.sources.get(file)?.shared_text();
        let kind = match path.node.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
            Some("json") => "application/json",
            Some("xml") => "application/xml",
            Some("html" | "htm") => "text/html; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        };
        // What a webhook does with an answer that does not fit is shown by a file of text.
        if let (Returned::Json(ty), true, "application/json") = (returned, good, kind) {
            let read = self.json(path, file, ty)?;
            let owner = Owner { words: "the answer".to_owned(), at: path.span, declared: None };
            let before = self.diagnostics.len();
            self.unfixed(|this| {
                parameters::value(&this.environment, &read, ty, Extent::Whole, &owner, this.diagnostics);
            });
            // What a service has answered is more than is read of it.
            let found = self.diagnostics.split_off(before);
            self.diagnostics.extend(found.into_iter().filter(|finding| finding.code != Code::UnknownField));
        }
        Some(ReplyBody::File { kind, text })
    }

    /// Checks what stands in a file that is not of this language: what would mend it here does not mend it there.
    pub(super) fn unfixed<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.diagnostics.len();
        let checked = check(self);
        self.diagnostics.iter_mut().skip(before).for_each(|finding| finding.fixes.clear());
        checked
    }

    fn find(&mut self, path: &Name) -> Option<FileId> {
        self.environment.names.note_file(&path.node);
        file::find(self.sources, path, self.diagnostics)
    }

    fn json(&mut self, path: &Name, file: FileId, target: &Ty) -> Option<Expr> {
        let text = self.sources.text(file);
        let reader = Json { file, text };
        let raw = match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => raw,
            Err(error) => {
                let (place, what) = reader.mistake(&error);
                self.diagnostics.push(
                    Diagnostic::new(Code::WrongType, place)
                        .message(format!("`{}` is no JSON: {what}", path.node))
                        .also(path.span, "read here")
                        .hint("a file that is to be sent as it is has another ending: `.txt`"),
                );
                return None;
            }
        };
        let read = reader.value(raw, target);
        if let Err(error) = &read {
            let finding = Diagnostic::new(Code::WrongType, path.span);
            self.diagnostics.push(finding.message(format!("`{}` cannot be read: {error}", path.node)));
        }
        read.ok()
    }
}

/// Reads JSON as the expression that says the same.
struct Json<'t> {
    file: FileId,
    text: &'t str,
}

impl Json<'_> {
    /// Where a part of the text stands.
    fn span(&self, part: &str) -> Span {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(start.saturating_add(part.len())))
    }

    /// Where the text stops being JSON, and why.
    fn mistake(&self, error: &serde_json::Error) -> (Span, String) {
        let line = error.line().saturating_sub(1);
        let before: usize = self.text.split_inclusive('\n').take(line).map(str::len).sum();
        let at = before.saturating_add(error.column().saturating_sub(1)).min(self.text.len());
        let at = self.text.floor_char_boundary(at);
        let (read, rest) = self.text.split_at_checked(at).unwrap_or((self.text, ""));
        let read = read.trim_end();
        if rest.starts_with(['}', ']'])
            && let Some(before) = read.strip_suffix(',').and_then(|before| self.text.get(before.len()..read.len()))
        {
            let closing = rest.get(..1).unwrap_or("");
            return (self.span(before), format!("no comma stands before the last `{closing}`"));
        }
        let place = rest.get(..rest.chars().next().map_or(0, char::len_utf8)).unwrap_or("");
        // The place is said by the finding.
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or("").to_owned();
        (self.span(place), words)
    }

    fn value(&self, raw: &RawValue, target: &Ty) -> serde_json::Result<Expr> {
        let text = raw.get();
        let span = self.span(text);
        let target = target.required();
        let node = match text.as_bytes().first() {
            Some(b'{') => {
                let fields: Fields<'_> = serde_json::from_str(text)?;
                let entry = |(name, raw): (String, &RawValue)| {
                    let member = match target {
                        Ty::Record(record) => record.fields.get(name.as_str()).map(|member| &member.ty),
                        _ => None,
                    };
                    let value = self.value(raw, member.unwrap_or(&Ty::Unknown))?;
                    Ok(Entry { name: value.span.with(SmolStr::new(name)), value })
                };
                let entries = fields.0.into_iter().map(entry).collect::<serde_json::Result<_>>()?;
                ExprKind::Record(Record { entries, broken: false })
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                let item = if let Ty::List(item) = target { item } else { &Ty::Unknown };
                ExprKind::List(items.into_iter().map(|raw| self.value(raw, item)).collect::<serde_json::Result<_>>()?)
            }
            Some(b'"') => string(serde_json::from_str(text)?, span, target),
            Some(b't') => ExprKind::Bool(true),
            Some(b'f') => ExprKind::Bool(false),
            Some(b'n') => ExprKind::Null,
            _ => number(text),
        };
        Ok(span.with(node))
    }
}

/// A text, or what it says where JSON has no other way to say it.
fn string(text: String, span: Span, target: &Ty) -> ExprKind {
    let said = match target {
        Ty::Date => text.parse::<civil::Date>().ok().map(ExprKind::Date),
        Ty::Datetime => text.parse::<jiff::Timestamp>().ok().map(|at| {
            let offset = jiff::tz::Offset::UTC;
            ExprKind::DateTime(DateTime { civil: offset.to_datetime(at), offset: Some(offset) })
        }),
        Ty::Decimal => Decimal::from_str_exact(&text).ok().map(ExprKind::Decimal),
        Ty::Int => text.parse().ok().map(ExprKind::Int),
        _ => None,
    };
    let parts = if text.is_empty() { vec![] } else { vec![TextPart::Literal(TextBlock::verbatim(text, span))] };
    said.unwrap_or(ExprKind::Text(Text { parts }))
}

fn number(text: &str) -> ExprKind {
    if let Ok(number) = text.parse() {
        return ExprKind::Int(number);
    }
    let decimal = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
    decimal.map_or(ExprKind::Broken, ExprKind::Decimal)
}

/// An object's fields in the order written.
struct Fields<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// The files that a test names, those of the declarations in its reloads among them.
pub(crate) fn files(test: &ast::Test) -> Vec<&Name> {
    let mut files = Vec::new();
    for step in &test.steps {
        match &step.node {
            TestStepKind::GivenContact { fields: Fixture::File(path), .. }
            | TestStepKind::Receive { parameters: Fixture::File(path), .. } => files.push(path),
            TestStepKind::Stub { answers, .. } => {
                files.extend(answers.iter().filter_map(|answer| answer.node.body_file.as_ref()));
            }
            TestStepKind::Reload(Some(reload)) => {
                files.extend(reload.declarations.iter().flat_map(|inner| crate::check::files(&inner.node.kind)));
            }
            _ => {}
        }
    }
    files
}

/// The type of the fields of a record.
pub(super) fn fields_of(record: Option<&types::Record>) -> Ty {
    record.map_or(Ty::Unknown, |record| Ty::Record(std::sync::Arc::new(record.clone())))
}
