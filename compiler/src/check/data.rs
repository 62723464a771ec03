//! What data looks like: the declared types of events, of the contact card and of webhooks' answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::settings::unknown_kind;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir;
use crate::names::{Shape, Unit};
use crate::source::Span;
use crate::syntax::ast::{self, DeclarationKind};
use crate::types::{self, Member, Record, Returned, Ty};

/// The data that a declaration declares; what is wrong with it depends on nothing else.
pub(crate) fn shape(kind: &DeclarationKind, diagnostics: &mut Vec<Diagnostic>) -> Shape {
    match kind {
        DeclarationKind::Event(event) => Shape::Event(Arc::new(event_fields(event, diagnostics))),
        DeclarationKind::Contact(contact) => Shape::Contact(Arc::new(contact_fields(Some(contact), diagnostics))),
        // A channel's answer is held to its `returns` line as well, and nobody can use it.
        DeclarationKind::Webhook(webhook) | DeclarationKind::Channel(webhook) => {
            Shape::Answer(returned(webhook, diagnostics))
        }
        _ => Shape::Nothing,
    }
}

/// The contact card of a project that adds nothing to it.
pub(crate) fn standard_card() -> Arc<Record> {
    Arc::new(contact_fields(None, &mut Vec::new()))
}

/// What every event has besides its declared parameters.
fn standard_event_fields() -> [(SmolStr, Ty); 2] {
    [(SmolStr::new_static("id"), Ty::String), (SmolStr::new_static("occurred_at"), Ty::Datetime)]
}

fn event_fields(event: &ast::Event, diagnostics: &mut Vec<Diagnostic>) -> Record {
    let mut record = types::fields(&event.fields, diagnostics);
    for (name, ty) in standard_event_fields() {
        if let Some(span) = record.fields.get(&name).and_then(|member| member.declared) {
            diagnostics.push(
                Diagnostic::new(Code::ReservedField, span)
                    .message(format!("every event has a field `{name}` already"))
                    .hint(format!("remove it: `event.{name}` is there; or give it another name")),
            );
        }
        record.fields.insert(name, Member::built_in(ty));
    }
    record
}

fn contact_fields(contact: Option<&ast::Contact>, diagnostics: &mut Vec<Diagnostic>) -> Record {
    let mut record = contact.map_or_else(Record::default, |contact| types::fields(&contact.fields, diagnostics));
    for (name, member) in &mut record.fields {
        if member.default.is_none() {
            member.ty = member.ty.clone().optional();
        }
        if let (Some(_), Some(span)) = (ir::contact::standard_field(name), member.declared) {
            diagnostics.push(
                Diagnostic::new(Code::ReservedField, span)
                    .message(format!("every contact has a field `{name}` already"))
                    .hint("remove it: it is there; or give it another name"),
            );
        }
    }
    for name in ir::contact::STANDARD_FIELDS {
        if let Some(ty) = ir::contact::standard_field(name) {
            record.fields.insert(SmolStr::new_static(name), Member::built_in(Ty::from(&ty)));
        }
    }
    report_alike(&record, diagnostics);
    record
}

/// Templates find contact fields in any case, so two that differ in case only would be one there.
fn report_alike(record: &Record, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, (&SmolStr, Option<Span>)> = BTreeMap::new();
    let mut fields: Vec<_> = record.fields.iter().collect();
    fields.sort_by_key(|(_, member)| member.declared);
    for (name, member) in fields {
        let Some((other, place)) = seen.insert(name.to_lowercase(), (name, member.declared)) else { continue };
        let Some(span) = member.declared else { continue };
        let finding = Diagnostic::new(Code::SimilarNames, span)
            .message(format!("the field `{name}` differs from `{other}` in case only"))
            .hint("rename it: templates find contact fields in any case");
        diagnostics.push(match place {
            Some(place) => finding.also(place, "the other one"),
            None => finding,
        });
    }
}

/// The `returns` line of a webhook.
fn returned(webhook: &ast::Webhook, diagnostics: &mut Vec<Diagnostic>) -> Returned {
    let Some(returns) = &webhook.returns else {
        return if webhook.broken { Returned::Unknown } else { Returned::Nothing };
    };
    let (kind, ty) = (&returns.node.kind, &returns.node.ty);
    let shape = |diagnostics: &mut Vec<Diagnostic>| match ty {
        Some(ty) => Some(types::written(ty, diagnostics)),
        None => {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, returns.span)
                    .message(format!("`returns {}` needs the shape of the answer", kind.node))
                    .hint(format!("write `returns {} {{ name: type }}`", kind.node)),
            );
            None
        }
    };
    match kind.node.as_str() {
        "json" => shape(diagnostics).map_or(Returned::Unknown, Returned::Json),
        "xml" => match shape(diagnostics) {
            Some(ty @ (Ty::Record(_) | Ty::Unknown)) => {
                prefixes(&ty, diagnostics);
                Returned::Xml(ty)
            }
            Some(ty) => {
                diagnostics.push(
                    Diagnostic::new(Code::WrongType, ty_span(ty_of(returns), returns.span))
                        .message(format!("an XML answer is a record of the root's children, not `{ty}`"))
                        .hint("write `returns xml { name: type }`; `\"@name\"` is an attribute, a list stands for repeated elements"),
                );
                Returned::Unknown
            }
            None => Returned::Unknown,
        },
        "text" => {
            if let Some(ty) = ty {
                diagnostics.push(
                    Diagnostic::new(Code::WrongType, ty.span)
                        .message("a text has no shape")
                        .fix(Fix::delete(Span::new(ty.span.file, kind.span.end, ty.span.end))),
                );
            }
            Returned::Text
        }
        _ => {
            diagnostics.push(unknown_kind("answer", kind, &["json", "xml", "text"]));
            if let Some(ty) = ty {
                types::written(ty, diagnostics);
            }
            Returned::Unknown
        }
    }
}

/// Fields that no XML answer has: a prefix belongs to the document that chose it, and is no part of what an element is called.
fn prefixes(ty: &Ty, diagnostics: &mut Vec<Diagnostic>) {
    match ty {
        Ty::Optional(ty) | Ty::List(ty) => prefixes(ty, diagnostics),
        Ty::Record(record) => {
            for (name, member) in &record.fields {
                if let (Some((before, local)), Some(span)) = (name.rsplit_once(':'), member.declared) {
                    let plain = local.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
                    let instead = match before.starts_with('@') {
                        true => format!("\"@{local}\""),
                        false if plain => local.to_owned(),
                        false => format!("\"{local}\""),
                    };
                    diagnostics.push(
                        Diagnostic::new(Code::BadName, span)
                            .message(format!("elements and attributes of an answer are called without their prefix, so none is `{name}`"))
                            .hint(format!("write `{instead}`")),
                    );
                }
                prefixes(&member.ty, diagnostics);
            }
        }
        _ => {}
    }
}

fn ty_of(returns: &crate::source::Spanned<ast::Returns>) -> Option<&ast::Type> {
    returns.node.ty.as_ref()
}

fn ty_span(ty: Option<&ast::Type>, otherwise: Span) -> Span {
    ty.map_or(otherwise, |ty| ty.span)
}

/// An event as it stands in a program; nothing if a type is not known.
pub(crate) fn lowered_event(unit: &Unit) -> Option<ir::Event> {
    let Shape::Event(record) = &unit.shape else { return None };
    let standard = standard_event_fields().map(|(name, _)| name);
    let mut fields = record.lowered()?;
    fields.retain(|name, _| !standard.contains(name));
    Some(ir::Event { description: unit.docs().map(|docs| docs.as_str().to_owned()), fields })
}

/// The contact card's additional fields as they stand in a program; nothing if a type is not known.
pub(crate) fn lowered_contact(card: &Record) -> Option<ir::Contact> {
    let additional = card.fields.iter().filter(|(name, _)| ir::contact::standard_field(name).is_none());
    let lowered = additional.map(|(name, member)| {
        let (ty, default, sensitive) = (member.ty.lowered()?, member.default.clone(), member.sensitive);
        Some((name.clone(), ir::ContactField { ty, default, sensitive }))
    });
    Some(ir::Contact { fields: lowered.collect::<Option<_>>()? })
}
