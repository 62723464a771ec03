//! What the name behind `$` stands for where no directive of the template has bound it.
//!
//! `$event`, `$contact` and `$data` are the roots of the language. Any other name is the event's declared parameter of that
//! spelling, else the contact's field in any case, as on the platform; else a tool.

use velocity::{Place, Reference};

use super::Template;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::names::near;
use crate::source::Span;
use crate::types::{Environment, EventScope, Record, Ty};

/// What a root name stands for.
pub(super) struct Root {
    /// Its type.
    pub(super) ty: Ty,
    /// The path in the language: `contact`, `event.total`.
    pub(super) path: Option<String>,
    /// Where it was declared.
    pub(super) declared: Option<Span>,
    /// The tool it certainly is.
    pub(super) tool: Option<velocity::Receiver>,
}

impl Root {
    /// Something that nothing is to be said about.
    pub(super) const fn unknown() -> Root {
        Root { ty: Ty::Unknown, path: None, declared: None, tool: None }
    }
}

/// What an unbound root name stands for; reports a name that stands for nothing.
pub(super) fn resolve(
    template: &Template<'_>,
    reference: &Reference,
    environment: &Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Root {
    let name = reference.root.as_str();
    let place = template.place(reference.root_span);
    let named = |ty: Ty, path: &str| Root { ty, path: Some(path.to_owned()), ..Root::unknown() };
    match name {
        "event" if environment.event == EventScope::Absent => {
            diagnostics.push(
                Diagnostic::new(Code::NotAvailableHere, place)
                    .message("there is no event where this message is sent")
                    .hint("what starts the workflow is no event, or not always one"),
            );
            return Root::unknown();
        }
        "event" => return named(environment.event_type(), "event"),
        "contact" => return named(environment.contact_type(), "contact"),
        "data" => return Root::unknown(),
        _ => {}
    }
    let contact = contact_field(environment.schema.contact(), name);
    match &environment.event {
        EventScope::Known { types, fields } => {
            // `id` and `occurred_at` come with every event and are reached through `$event` alone.
            if let Some(member) = fields.fields.get(name).filter(|member| member.declared.is_some()) {
                if let Some((field, _)) = contact {
                    diagnostics.push(ambiguous(template, reference, place, field, member.declared));
                }
                let path = Some(format!("event.{name}"));
                return Root { ty: member.ty.clone(), path, declared: member.declared, tool: None };
            }
            if let Some((field, _)) = contact {
                // Which of the two it is depends on the event that comes.
                let mut events = types.iter().filter_map(|event| environment.schema.event(event));
                let some = events.find_map(|event| event.fields.get(name).filter(|member| member.declared.is_some()));
                if let Some(member) = some {
                    diagnostics.push(ambiguous(template, reference, place, field, member.declared));
                    return Root::unknown();
                }
            }
            if fields.broken && contact.is_none() {
                return Root::unknown();
            }
        }
        // Whoever sends it may have such a parameter.
        EventScope::Unknown if contact.is_none() => return Root::unknown(),
        EventScope::Unknown | EventScope::Absent => {}
    }
    if let Some((field, member)) = contact {
        let path = Some(format!("contact.{field}"));
        return Root { ty: member.ty.clone(), path, declared: member.declared, tool: None };
    }
    // `$null` is the usual way to ask for nothing: Velocity has no word for it.
    let nothing = name == "null" && !matches!(reference.place, Place::Text | Place::String);
    if !nothing && !velocity::Template::is_tool(name) && !environment.schema.contact().broken {
        diagnostics.push(unknown(name, place, environment));
    }
    Root { tool: velocity::Receiver::tool(name), ..Root::unknown() }
}

/// The field of the contact card with this name in any case; the one of the very spelling first.
fn contact_field<'e>(contact: &'e Record, name: &str) -> Option<(&'e str, &'e crate::types::Member)> {
    let exact = contact.fields.get_key_value(name);
    let found = exact.or_else(|| contact.fields.iter().find(|(field, _)| is_same_word(field, name)))?;
    Some((found.0.as_str(), found.1))
}

/// Whether two names differ in case only.
fn is_same_word(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || !(one.is_ascii() && other.is_ascii()) && one.to_lowercase() == other.to_lowercase()
}

fn ambiguous(
    template: &Template<'_>,
    reference: &Reference,
    place: Span,
    field: &str,
    declared: Option<Span>,
) -> Diagnostic {
    let name = &reference.root;
    let mut finding = Diagnostic::new(Code::TemplateNameTwice, place)
        .message(format!("`{name}` is a parameter of the event and a field of the contact; the event's is taken"))
        .hint(format!("say which one is meant: `$event.{name}` or `$contact.{field}`"));
    if let Some(declared) = declared {
        finding = finding.also(declared, "the event's");
    }
    let name_place = template.place(reference.root_span);
    finding
        .fix(Fix::replace(name_place, format!("event.{name}")).titled(format!("write `$event.{name}`")))
        .fix(Fix::replace(name_place, format!("contact.{field}")).titled(format!("write `$contact.{field}`")))
}

fn unknown(name: &str, place: Span, environment: &Environment<'_>) -> Diagnostic {
    let mut candidates: Vec<&str> = vec!["event", "contact", "data"];
    candidates.extend(environment.schema.contact().fields.keys().map(|field| field.as_str()));
    if let EventScope::Known { fields, .. } = &environment.event {
        if fields.fields.contains_key(name) {
            return Diagnostic::new(Code::UnknownName, place)
                .message(format!("`{name}` comes with every event and is no parameter"))
                .hint(format!("write `$event.{name}`"))
                .fix(Fix::insert_before(place, "event."));
        }
        candidates.extend(fields.fields.keys().map(|field| field.as_str()));
    }
    candidates.extend(velocity::TOOLS);
    let finding = Diagnostic::new(Code::UnknownName, place)
        .message(format!("`${name}` is no parameter of the event, no field of the contact and no tool"));
    match near(name, candidates) {
        Some(meant) => finding.hint(format!("did you mean `${meant}`?")).fix(Fix::replace(place, meant)),
        None => {
            finding.hint("the text `$` by itself is written `$esc.d`; a value that is made here is given by `#set`")
        }
    }
}
