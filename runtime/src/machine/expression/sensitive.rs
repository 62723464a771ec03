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
