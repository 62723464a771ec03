//! `$sorter` and `$collection`: lists in order.

use super::{spend_elements, text_list};
use crate::error::Result;
use crate::machine::Machine;
use crate::methods::{Method, Type, argument, failure, natural_order, property, sort_by};
use crate::value::{List, ListKind, Value};
use std::cmp::Ordering;

/// The elements to sort: a collection's, or a map's values. Nulls are left out.
fn elements(machine: &mut Machine<'_>, value: &Value) -> Result<Option<Vec<Value>>> {
    let items: Vec<Value> = match value {
        Value::List(list) => list.items().clone(),
        Value::Map(map) => map.iter().map(|(_, value)| value).collect(),
        _ => return Ok(None),
    };
    machine.spend_items(items.len() * 8)?;
    machine.spend_sorted(&items)?;
    Ok(Some(items.into_iter().filter(|item| !item.is_null()).collect()))
}

/// What a path such as `address.city` leads to.
pub(super) fn at_path(machine: &mut Machine<'_>, value: &Value, path: &str) -> Result<Value> {
    let mut current = value.clone();
    for step in path.split('.') {
        current = property(machine, &current, step)?.ok_or_else(|| failure(format!("there is no `{step}`")))?;
    }
    Ok(current)
}

fn sorted(items: Vec<Value>) -> Value {
    Value::List(List::of(ListKind::Growing, items))
}

/// Sorts by the natural order; nothing when the elements have none.
fn sort(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    let Some(mut items) = elements(machine, argument(arguments, 0))? else { return Ok(Value::Null) };
    Ok(match sort_by(&mut items, natural_order) {
        Ok(()) => sorted(items),
        Err(_) => Value::Null,
    })
}

/// Texts are compared without their case, everything else by its order.
fn compare(left: &Value, right: &Value) -> Result<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null) => Ok(Ordering::Equal),
        (Value::String(left), Value::String(right)) => {
            let fold = |text: &str| text.to_uppercase().to_lowercase();
            Ok(fold(left).encode_utf16().cmp(fold(right).encode_utf16()))
        }
        (Value::List(_) | Value::Map(_), _) => Err(failure("lists and maps have no order")),
        _ => natural_order(left, right),
    }
}

fn sort_by_paths(machine: &mut Machine<'_>, value: &Value, paths: &[Value]) -> Result<Value> {
    let Some(items) = elements(machine, value)? else { return Ok(Value::Null) };
    // One element is in order, whatever it has.
    if items.len() < 2 {
        return Ok(sorted(items));
    }
    let mut descending = Vec::with_capacity(paths.len());
    let mut names = Vec::with_capacity(paths.len());
    for path in paths {
        let path = path.to_string();
        let (name, direction) = path.split_once(':').unwrap_or((&path, ""));
        descending.push(direction.eq_ignore_ascii_case("desc"));
        names.push(name.to_owned());
    }
    // Every key once, as a list before the element.
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        let mut keys = Vec::with_capacity(names.len());
        for name in &names {
            match at_path(machine, &item, name) {
                Ok(key) => keys.push(key),
                Err(_) => return Ok(Value::Null),
            }
        }
        rows.push((keys, item));
    }
    for (keys, _) in &rows {
        // Texts are made anew without their case each time they are looked at.
        let bytes = keys.iter().filter_map(Value::as_str).map(str::len).sum::<usize>();
        machine.spend_items(bytes / 2)?;
    }
    let mut failed = false;
    rows.sort_by(|(left, _), (right, _)| {
        for ((left, right), descending) in left.iter().zip(right).zip(&descending) {
            match compare(left, right) {
                Ok(Ordering::Equal) => {}
                Ok(order) if *descending => return order.reverse(),
                Ok(order) => return order,
                Err(_) => failed = true,
            }
        }
        Ordering::Equal
    });
    if failed {
        return Ok(Value::Null);
    }
    Ok(sorted(rows.into_iter().map(|(_, item)| item).collect()))
}

fn sort_by_path(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    sort_by_paths(machine, argument(arguments, 0), &[argument(arguments, 1).clone()])
}

fn sort_by_list(machine: &mut Machine<'_>, _: &Value, arguments: &[Value]) -> Result<Value> {
    match argument(arguments, 1) {
        Value::List(paths) => {
            let paths = paths.items().clone();
            sort_by_paths(machine, argument(arguments, 0), &paths)
        }
        _ => Ok(Value::Null),
    }
}

/// The tools' methods.
pub(super) const COLLECTION: &[Method] = &[
    Method::new("sort", &[Type::Collection], sort),
    Method::new("sort", &[Type::Objects], sort),
    Method::new("sort", &[Type::Map], sort),
    Method::new("sort", &[Type::Object], sort),
    Method::new("sort", &[Type::Object, Type::String], sort_by_path),
    Method::new("sort", &[Type::Collection, Type::List], sort_by_list),
    Method::new("sort", &[Type::Objects, Type::List], sort_by_list),
    Method::new("sort", &[Type::Map, Type::List], sort_by_list),
    Method::new("split", &[Type::String], |machine, _, arguments| match argument(arguments, 0) {
        value @ Value::String(text) => {
            spend_elements(machine, value)?;
            Ok(text_list(text))
        }
        _ => Ok(Value::Null),
    }),
    Method::new("getStringsDelimiter", &[], |_, _, _| Ok(Value::string(","))),
    Method::new("getStringsTrim", &[], |_, _, _| Ok(Value::Boolean(true))),
];
