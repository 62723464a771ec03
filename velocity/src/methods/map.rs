//! Maps: Java's `Map`.

use super::{Entry, Method, Type, argument, failure, void};
use crate::error::Result;
use crate::machine::Machine;
use crate::value::{Key, List, ListKind, Map, Value, can_hold};

fn this(value: &Value) -> Result<&Map> {
    match value {
        Value::Map(map) => Ok(map),
        _ => Err(failure("this is no map")),
    }
}

fn view(
    machine: &mut Machine<'_>,
    value: &Value,
    kind: ListKind,
    pick: impl Fn(&Map, &Key, &Value) -> Value,
) -> Result<Value> {
    let map = this(value)?;
    machine.spend_items(map.len())?;
    let items = map.entries().iter().map(|(key, value)| pick(map, key, value)).collect();
    Ok(Value::List(List::of(kind, items)))
}

fn key(arguments: &[Value]) -> Key {
    Key::new(argument(arguments, 0).clone())
}

pub(super) const MAP: &[Method] = &[
    Method::new("get", &[Type::Object], |_, value, arguments| {
        Ok(this(value)?.get_value(argument(arguments, 0)).unwrap_or_default())
    }),
    Method::new("getOrDefault", &[Type::Object, Type::Object], |_, value, arguments| {
        let found = this(value)?.get_value(argument(arguments, 0));
        Ok(found.unwrap_or_else(|| argument(arguments, 1).clone()))
    }),
    Method::new("containsKey", &[Type::Object], |_, value, arguments| {
        Ok(Value::Boolean(this(value)?.entries().contains_key(&key(arguments))))
    }),
    Method::new("containsValue", &[Type::Object], |machine, value, arguments| {
        let map = this(value)?;
        let wanted = argument(arguments, 0);
        machine.spend_compared(wanted, map.len())?;
        Ok(Value::Boolean(map.entries().values().any(|value| value == wanted)))
    }),
    Method::new("size", &[], |_, value, _| Ok(Value::from(this(value)?.len()))),
    Method::new("isEmpty", &[], |_, value, _| Ok(Value::Boolean(this(value)?.is_empty()))),
    Method::new("keySet", &[], |machine, value, _| view(machine, value, ListKind::Set, |_, key, _| key.value.clone())),
    Method::new("values", &[], |machine, value, _| {
        view(machine, value, ListKind::Collection, |_, _, value| value.clone())
    }),
    Method::new("entrySet", &[], |machine, value, _| {
        view(machine, value, ListKind::Set, |map, key, _| Entry::value_of(map, &key.value))
    }),
    Method::new("put", &[Type::Object, Type::Object], |machine, value, arguments| {
        machine.spend(1)?;
        let old = this(value)?.entries_mut().insert(key(arguments), argument(arguments, 1).clone());
        Ok(old.unwrap_or_default())
    }),
    Method::new("putIfAbsent", &[Type::Object, Type::Object], |_, value, arguments| {
        let map = this(value)?;
        let old = map.get_value(argument(arguments, 0)).unwrap_or_default();
        if old.is_null() {
            map.entries_mut().insert(key(arguments), argument(arguments, 1).clone());
        }
        Ok(old)
    }),
    Method::action("putAll", &[Type::Map], |machine, value, arguments| {
        let Value::Map(other) = argument(arguments, 0) else { return Err(failure("the map is null")) };
        machine.spend_items(other.len())?;
        let entries: Vec<_> = other.entries().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let most = this(value)?.len().saturating_add(entries.len());
        for (key, _) in &entries {
            // As keys such values all hash alike: each is compared with all that are there.
            machine.spend_compared(&key.value, if can_hold(&key.value) { most } else { 1 })?;
        }
        this(value)?.entries_mut().extend(entries);
        void()
    }),
    Method::new("remove", &[Type::Object], |machine, value, arguments| {
        let map = this(value)?;
        machine.spend_items(map.len() / 16)?;
        let old = map.entries_mut().shift_remove(&key(arguments));
        Ok(old.unwrap_or_default())
    }),
    Method::new("remove", &[Type::Object, Type::Object], |machine, value, arguments| {
        let map = this(value)?;
        machine.spend_items(map.len() / 16)?;
        machine.spend_compared(argument(arguments, 1), 1)?;
        let holds = map.get_value(argument(arguments, 0)).is_some_and(|value| &value == argument(arguments, 1));
        if holds {
            map.entries_mut().shift_remove(&key(arguments));
        }
        Ok(Value::Boolean(holds))
    }),
    Method::new("replace", &[Type::Object, Type::Object], |_, value, arguments| {
        let map = this(value)?;
        let mut entries = map.entries_mut();
        Ok(match entries.get_mut(&key(arguments)) {
            Some(slot) => std::mem::replace(slot, argument(arguments, 1).clone()),
            None => Value::Null,
        })
    }),
    Method::new("replace", &[Type::Object, Type::Object, Type::Object], |machine, value, arguments| {
        let map = this(value)?;
        machine.spend_compared(argument(arguments, 1), 1)?;
        let holds = map.get_value(argument(arguments, 0)).is_some_and(|value| &value == argument(arguments, 1));
        if holds {
            map.entries_mut().insert(key(arguments), argument(arguments, 2).clone());
        }
        Ok(Value::Boolean(holds))
    }),
    Method::action("clear", &[], |_, value, _| {
        this(value)?.entries_mut().clear();
        void()
    }),
    Method::new("clone", &[], |machine, value, _| {
        let map = this(value)?;
        machine.spend_items(map.len())?;
        let copy = Map::new();
        copy.entries_mut().clone_from(&map.entries());
        Ok(Value::Map(copy))
    }),
    Method::action("forEach", &[Type::Function], |_, _, _| Err(failure("the function is null"))),
    Method::action("replaceAll", &[Type::Function], |_, _, _| Err(failure("the function is null"))),
];
