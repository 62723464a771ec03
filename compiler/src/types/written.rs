//! Types as authors write them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::literal::{Constant, constant, literal, out_of_range};
use super::{Member, Record, Ty, fits};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::Literal;
use crate::names::near;
use crate::syntax::ast::{self, TypeKind};

/// The types that have a name.
const NAMED: [(&str, Ty); 11] = [
    ("string", Ty::String),
    ("int", Ty::Int),
    ("decimal", Ty::Decimal),
    ("bool", Ty::Bool),
    ("date", Ty::Date),
    ("datetime", Ty::Datetime),
    ("duration", Ty::Duration),
    ("email", Ty::Email),
    ("phone", Ty::Phone),
    ("url", Ty::Url),
    ("json", Ty::Json),
];

/// What people write for a type of another name.
const OTHER_WORDS: [(&str, &str); 16] = [
    ("text", "string"),
    ("str", "string"),
    ("varchar", "string"),
    ("uuid", "string"),
    ("integer", "int"),
    ("long", "int"),
    ("number", "decimal"),
    ("float", "decimal"),
    ("double", "decimal"),
    ("money", "decimal"),
    ("boolean", "bool"),
    ("timestamp", "datetime"),
    ("uri", "url"),
    ("any", "json"),
    ("object", "json"),
    ("map", "json"),
];

/// The type that was written.
pub fn written(ty: &ast::Type, diagnostics: &mut Vec<Diagnostic>) -> Ty {
    match &ty.node {
        TypeKind::Named(name) => match NAMED.iter().find(|(word, _)| word == name) {
            Some((_, named)) => named.clone(),
            None => {
                diagnostics.push(unknown_type(ty, name));
                Ty::Unknown
            }
        },
        TypeKind::List(item) => Ty::list(written(item, diagnostics)),
        TypeKind::Record(written) => Ty::Record(Arc::new(fields(written, diagnostics))),
        TypeKind::Union(members) => union(members, diagnostics),
        TypeKind::Optional(inner) => written(inner, diagnostics).optional(),
        TypeKind::Broken => Ty::Unknown,
    }
}

fn unknown_type(ty: &ast::Type, name: &str) -> Diagnostic {
    let other = OTHER_WORDS.iter().find(|(word, _)| name.eq_ignore_ascii_case(word)).map(|(_, other)| *other);
    let finding = Diagnostic::new(Code::UnknownType, ty.span).message(format!("there is no type `{name}`"));
    match other.or_else(|| near(name, NAMED.iter().map(|(word, _)| *word))) {
        Some(other) => finding.hint(format!("the type is called `{other}`")).fix(Fix::replace(ty.span, other)),
        None => {
            let all: Vec<String> = NAMED.iter().map(|(word, _)| format!("`{word}`")).collect();
            finding.hint(format!(
                "types are {}, lists `[T]`, records `{{ a: T }}` and unions `\"a\" | \"b\"`",
                all.join(", ")
            ))
        }
    }
}

fn union(members: &[crate::source::Spanned<ast::Literal>], diagnostics: &mut Vec<Diagnostic>) -> Ty {
    let mut values: Vec<Literal> = Vec::with_capacity(members.len());
    let mut seen = BTreeMap::new();
    let mut complete = true;
    for member in members {
        match literal(&member.node) {
            None => complete = false,
            Some(Literal::Null) => {
                complete = false;
                diagnostics.push(
                    Diagnostic::new(Code::WrongType, member.span)
                        .message("`null` is no member of a union")
                        .hint("what may be absent is optional: `(\"a\" | \"b\")?`"),
                );
            }
            Some(value) => match seen.get(&value.to_string()) {
                Some(&first) => diagnostics.push(
                    Diagnostic::new(Code::DuplicateValue, member.span)
                        .message(format!("the union has `{value}` already"))
                        .also(first, "it is written first here"),
                ),
                None => {
                    seen.insert(value.to_string(), member.span);
                    values.push(value);
                }
            },
        }
    }
    if complete { Ty::Union(values.into()) } else { Ty::Unknown }
}

/// The fields of an event, the contact card or a record: each name once, defaults of their types.
pub fn fields(written: &ast::Fields, diagnostics: &mut Vec<Diagnostic>) -> Record {
    let mut record = Record { fields: BTreeMap::new(), broken: written.broken };
    for field in &written.fields {
        let member = member(&field.node, diagnostics);
        let name = &field.node.name;
        match record.fields.get(&name.node).and_then(|first| first.declared) {
            Some(first) => diagnostics.push(
                Diagnostic::new(Code::DuplicateName, name.span)
                    .message(format!("the field `{}` is declared twice", name.node))
                    .also(first, "declared first here")
                    .hint("rename one of them, or remove it"),
            ),
            None => {
                record.fields.insert(name.node.clone(), member);
            }
        }
    }
    record
}

fn member(field: &ast::Field, diagnostics: &mut Vec<Diagnostic>) -> Member {
    let ty = written(&field.ty, diagnostics);
    let default = field.default.as_ref().and_then(|default| self::default(default, &ty, field, diagnostics));
    Member { ty, sensitive: field.sensitive.is_some(), default, declared: Some(field.name.span) }
}

/// The value of a default, if it is a literal of the field's type.
fn default(default: &ast::Expr, ty: &Ty, field: &ast::Field, diagnostics: &mut Vec<Diagnostic>) -> Option<Literal> {
    match constant(default) {
        Constant::Literal(value) => {
            let expression = crate::ir::Expression::Literal(value.clone());
            if fits(&Ty::of(&value), Some(&expression), ty).is_err() {
                diagnostics.push(
                    Diagnostic::new(Code::DefaultDoesNotFit, default.span)
                        .message(format!("the default `{value}` is no `{ty}`"))
                        .also(field.ty.span, "the type of the field"),
                );
                return None;
            }
            Some(value)
        }
        Constant::Computed => {
            let hint = match ty.required() {
                Ty::List(_) | Ty::Record(_) => {
                    format!(
                        "leave it out, make the field optional, `{}?`, and say what stands for it where it is read, with `??`",
                        ty.required()
                    )
                }
                _ => "write a text without `${…}`, a number, `true`, `false`, a date, a datetime or a duration"
                    .to_owned(),
            };
            diagnostics.push(
                Diagnostic::new(Code::DefaultDoesNotFit, default.span)
                    .message("a default is a literal value")
                    .hint(hint),
            );
            None
        }
        Constant::OutOfRange => {
            diagnostics.push(out_of_range(default));
            None
        }
        Constant::Broken => None,
    }
}
