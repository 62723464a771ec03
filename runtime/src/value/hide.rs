//! What history shows of values in `sensitive` fields.

use compiler::ir::Type;

use super::{Record, Value};

/// What stands for a value that is not shown.
pub const HIDDEN: &str = "•••";

/// The value with [`HIDDEN`] for whatever a `sensitive` field of its type holds. That there is nothing is shown.
pub fn hide(value: &Value, ty: &Type) -> Value {
    match (value, ty.required()) {
        (Value::Record(record), Type::Record(fields)) => {
            let shown = record.iter().map(|(name, value)| {
                let value = match fields.get(name) {
                    Some(field) if field.sensitive && !value.is_null() => Value::from(HIDDEN),
                    Some(field) => hide(value, &field.ty),
                    None => value.clone(),
                };
                (name.clone(), value)
            });
            Value::Record(shown.collect::<Record>().into())
        }
        (Value::List(items), Type::List(item)) => Value::List(items.iter().map(|value| hide(value, item)).collect()),
        _ => value.clone(),
    }
}

/// Hands out the texts of what the `sensitive` fields of a type hold, as they came in. XML has no lists of one.
pub fn each_sensitive(value: &Value, ty: &Type, add: &mut impl FnMut(String)) {
    walk(value, Some(ty), false, add);
}

fn walk(value: &Value, ty: Option<&Type>, sensitive: bool, add: &mut impl FnMut(String)) {
    let ty = ty.map(Type::required);
    match (value, ty) {
        (Value::List(items), Some(Type::List(item))) => {
            items.iter().for_each(|value| walk(value, Some(item), sensitive, add));
        }
        (Value::List(items), _) if sensitive => items.iter().for_each(|value| walk(value, None, true, add)),
        (Value::Record(_), Some(Type::List(item))) => walk(value, Some(item), sensitive, add),
        (Value::Record(record), ty) => {
            for (name, value) in record.iter() {
                let field = match ty {
                    Some(Type::Record(fields)) => fields.get(name),
                    _ => None,
                };
                let sensitive = sensitive || field.is_some_and(|field| field.sensitive);
                walk(value, field.map(|field| &field.ty), sensitive, add);
            }
        }
        // A truth value tells nothing, and to mask every `true` would hide all the rest.
        (Value::Null | Value::Bool(_), _) => {}
        (scalar, _) if sensitive => {
            let text = super::display(scalar);
            if !text.trim().is_empty() {
                add(text.trim().to_owned());
            }
        }
        _ => {}
    }
}

/// Whether a type has a `sensitive` field somewhere.
pub fn has_sensitive(ty: &Type) -> bool {
    match ty.required() {
        Type::Record(fields) => fields.values().any(|field| field.sensitive || has_sensitive(&field.ty)),
        Type::List(item) => has_sensitive(item),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use compiler::ir::Field;

    use super::*;
    use crate::value::{read, to_json};

    #[test]
    fn sensitive_fields_are_hidden_at_any_depth() {
        let field = |ty, sensitive| Field { ty, sensitive, default: None };
        let card =
            Type::Record([("pin".into(), field(Type::Int, true)), ("bank".into(), field(Type::String, false))].into());
        let cards = Type::List(Box::new(card)).optional();
        let ty = Type::Record([("cards".into(), field(cards, false)), ("note".into(), field(Type::Json, true))].into());
        assert!(has_sensitive(&ty) && !has_sensitive(&Type::List(Box::new(Type::Json))));
        for (json, shown) in [
            (
                r#"{"cards":[{"pin":1,"bank":"a"},{"pin":null}]}"#,
                r#"{"cards":[{"pin":"•••","bank":"a"},{"pin":null}]}"#,
            ),
            (r#"{"note":{"a":[1.50]},"cards":null}"#, r#"{"note":"•••","cards":null}"#),
            (r#"[1.50]"#, r#"[1.50]"#),
        ] {
            assert_eq!(to_json(&hide(&read(json).unwrap(), &ty)), shown);
        }
    }
}
