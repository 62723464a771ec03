//! Which texts came from `sensitive` fields: history masks them wherever they went.

use std::collections::BTreeMap;

use compiler::ir::{Contact, Field, Program, Returns, Root, Type};
use smol_str::SmolStr;

use super::Scope;
use crate::value::{Value, display};

/// What is declared about a value.
#[derive(Clone, Copy)]
enum Shape<'a> {
    Fields(&'a BTreeMap<SmolStr, Field>),
    Contact(&'a Contact),
    Type(&'a Type),
}

impl<'a> Shape<'a> {
    /// What is declared about a field, and whether it is sensitive.
    fn field(self, name: &str) -> Option<(&'a Type, bool)> {
        match self {
            Shape::Fields(fields) => fields.get(name).map(|field| (&field.ty, field.sensitive)),
            Shape::Contact(contact) => contact.fields.get(name).map(|field| (&field.ty, field.sensitive)),
            Shape::Type(ty) => match ty.required() {
                Type::Record(fields) => Shape::Fields(fields).field(name),
                _ => None,
            },
        }
    }

    fn item(self) -> Option<&'a Type> {
        match self {
            Shape::Type(ty) => match ty.required() {
                Type::List(item) => Some(item),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Notes the texts of a value that was read: all of them when the way to it went through a sensitive field, else those
/// of sensitive fields inside it.
pub(super) fn note(
    program: &Program,
    scope: &Scope<'_>,
    root: &Root,
    keys: &[Value],
    value: &Value,
    add: &mut impl FnMut(String),
) {
    let event_shape = |name: &str| program.events.get(name).map(|event| Shape::Fields(&event.fields));
    let mut shape = match root {
        Root::Event => event_shape(&scope.event.name),
        Root::Alias(alias) => scope.alias(alias).and_then(|event| event_shape(&event.name)),
        Root::Contact => Some(Shape::Contact(&program.contact)),
        Root::Data(name) => {
            scope.answer(name).and_then(|answer| match &program.webhooks.get(&answer.webhook)?.returns {
                Returns::Json(ty) | Returns::Xml(ty) => Some(Shape::Type(ty)),
                Returns::Text | Returns::Nothing => None,
            })
        }
        Root::Message => None,
    };
    let mut marked = false;
    for key in keys {
        shape = match (shape, key) {
            (Some(shape), Value::String(name)) => shape.field(name).map(|(ty, sensitive)| {
                marked |= sensitive;
                Shape::Type(ty)
            }),
            (Some(shape), Value::Int(_)) => shape.item().map(Shape::Type),
            _ => None,
        };
    }
    collect(value, shape, marked, add);
}

/// So many characters of a text that was not read are needed for it to be masked: a shorter one stands in any answer by chance.
const TELLING: usize = 4;

/// Notes the texts of all sensitive fields of the event and of the contact, whether they were read or not: an answer may
/// know them all the same.
pub(super) fn note_unread(program: &Program, scope: &Scope<'_>, add: &mut impl FnMut(String)) {
    let mut add = |text: String| {
        if text.chars().nth(TELLING - 1).is_some() {
            add(text);
        }
    };
    let event = program.events.get(&scope.event.name).map(|event| (&event.fields, &*scope.event.params));
    let contact = scope.contact.map(|card| (&program.contact.fields, &*card.fields));
    if let Some((fields, params)) = event {
        for (name, field) in fields {
            if let Some(value) = params.get(name) {
                collect(value, Some(Shape::Type(&field.ty)), field.sensitive, &mut add);
            }
        }
    }
    if let Some((fields, card)) = contact {
        for (name, field) in fields {
            if let Some(value) = card.get(name) {
                collect(value, Some(Shape::Type(&field.ty)), field.sensitive, &mut add);
            }
        }
    }
}

fn collect(value: &Value, shape: Option<Shape<'_>>, marked: bool, add: &mut impl FnMut(String)) {
    match value {
        Value::List(items) => {
            let shape = shape.and_then(Shape::item).map(Shape::Type);
            for item in items.iter().filter(|_| marked || shape.is_some()) {
                collect(item, shape, marked, add);
            }
        }
        Value::Record(record) => {
            for (name, field) in record.iter() {
                match shape.and_then(|shape| shape.field(name)) {
                    Some((ty, sensitive)) => collect(field, Some(Shape::Type(ty)), marked || sensitive, add),
                    None if marked => collect(field, None, marked, add),
                    None => {}
                }
            }
        }
        // A truth value tells nothing, and to mask every `true` would hide all the rest.
        Value::Null | Value::Bool(_) => {}
        scalar if marked => {
            let text = display(scalar);
            if !text.is_empty() {
                add(text);
            }
        }
        _ => {}
    }
}
