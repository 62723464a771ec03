//! Lists, sets, collections and arrays: Java's `List` and `Collection`.

use super::iterator::Iteration;
use super::{Method, OBJECT, Type, argument, failure, int, stream, void};
use crate::error::Result;
use crate::machine::Machine;
use crate::number::Number;
use crate::value::{List, ListKind, Value};
use std::cmp::Ordering;

/// The methods of each kind of sequence.
pub(super) fn tables(kind: ListKind) -> &'static [&'static [Method]] {
    match kind {
        ListKind::Growing => &[COLLECTION, LIST, CHANGES, ARRAY_LIST, OBJECT],
        ListKind::Immutable | ListKind::Range => &[COLLECTION, LIST, CHANGES, OBJECT],
        ListKind::Array => &[COLLECTION, LIST, CHANGES, OBJECT],
        ListKind::Set | ListKind::Collection => &[COLLECTION, OBJECT],
    }
}

fn this(value: &Value) -> Result<&List> {
    match value {
        Value::List(list) => Ok(list),
        _ => Err(failure("this is no list")),
    }
}

fn out_of_bounds(index: i32, size: usize) -> crate::error::Error {
    failure(format!("index {index} out of bounds for length {size}"))
}

/// The element at an index.
pub(super) fn get(list: &List, index: i32) -> Result<Value> {
    if list.kind() == ListKind::Range {
        return range_element(list, index);
    }
    usize::try_from(index).ok().and_then(|place| list.get(place)).ok_or_else(|| out_of_bounds(index, list.len()))
}

/// A range computes its elements, below its beginning too.
fn range_element(list: &List, index: i32) -> Result<Value> {
    let ends = (list.get(0), list.get(list.len().saturating_sub(1)));
    let (Some(Value::Integer(left)), Some(Value::Integer(right))) = ends else {
        return Err(out_of_bounds(index, list.len()));
    };
    let delta = if left >= right { -1 } else { 1 };
    let element = left.wrapping_add(index.wrapping_mul(delta));
    if (delta > 0 && element > right) || (delta < 0 && element < right) {
        return Err(out_of_bounds(index, list.len()));
    }
    Ok(Value::Integer(element))
}

/// Elements of anything that can be a collection argument.
fn elements(machine: &mut Machine<'_>, value: &Value) -> Result<Vec<Value>> {
    match value {
        Value::List(list) => {
            machine.spend_items(list.len())?;
            Ok(list.items().clone())
        }
        _ => Err(failure("the collection is null")),
    }
}

/// Whether the list's size may change.
fn growing(value: &Value) -> Result<&List> {
    let list = this(value)?;
    match list.kind() {
        ListKind::Growing => Ok(list),
        _ => Err(failure("this list cannot be changed")),
    }
}

/// Whether the list's elements may change.
fn writable(value: &Value) -> Result<&List> {
    let list = this(value)?;
    match list.kind() {
        ListKind::Growing | ListKind::Array => Ok(list),
        _ => Err(failure("this list cannot be changed")),
    }
}

/// Whether a list answers as long as nothing would have to change, though it cannot be changed.
fn lenient(list: &List) -> bool {
    matches!(list.kind(), ListKind::Array | ListKind::Range)
}

/// The place of a number in a range: it is computed, and what is no number has none to compute.
fn range_position(list: &List, wanted: &Value) -> Result<Value> {
    let number = Number::coerced(wanted).ok_or_else(|| failure("only numbers are in a range"))?;
    let (Some(Value::Integer(left)), Some(Value::Integer(right))) =
        (list.get(0), list.get(list.len().saturating_sub(1)))
    else {
        return Ok(Value::Integer(-1));
    };
    let distance = i64::from(number.to_i32()) - i64::from(left);
    let place = if left <= right { distance } else { -distance };
    let inside = (0..list.len() as i64).contains(&place);
    Ok(Value::Integer(if inside { i32::try_from(place).unwrap_or(-1) } else { -1 }))
}

fn position(machine: &mut Machine<'_>, list: &List, wanted: &Value, back: bool) -> Result<Value> {
    if list.kind() == ListKind::Range {
        return range_position(list, wanted);
    }
    machine.spend_compared(wanted, list.len())?;
    let items = list.items();
    let found =
        if back { items.iter().rposition(|item| item == wanted) } else { items.iter().position(|item| item == wanted) };
    Ok(Value::Integer(found.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1)))
}

/// A place to insert at: up to the end.
fn place(list: &List, index: i32) -> Result<usize> {
    usize::try_from(index).ok().filter(|place| *place <= list.len()).ok_or_else(|| out_of_bounds(index, list.len()))
}

/// Keeps or removes what is in another collection.
fn keep(machine: &mut Machine<'_>, value: &Value, other: &Value, wanted: bool) -> Result<Value> {
    let other = elements(machine, other)?;
    let list = this(value)?;
    for item in &other {
        machine.spend_compared(item, list.len())?;
    }
    if lenient(list) && list.items().iter().all(|item| other.contains(item) == wanted) {
        return Ok(Value::Boolean(false));
    }
    growing(value)?;
    let before = list.len();
    list.items_mut().retain(|item| other.contains(item) == wanted);
    Ok(Value::Boolean(list.len() != before))
}

/// Java's natural order, for `sort`; an error when two values have none.
pub(crate) fn natural_order(left: &Value, right: &Value) -> Result<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(left.encode_utf16().cmp(right.encode_utf16())),
        (Value::Boolean(left), Value::Boolean(right)) => Ok(left.cmp(right)),
        (Value::Character(left), Value::Character(right)) => Ok(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Ok(left.cmp(right)),
        (Value::Calendar(left), Value::Calendar(right)) => Ok(left.moment().cmp(&right.moment())),
        (Value::Integer(left), Value::Integer(right)) => Ok(left.cmp(right)),
        (Value::Long(left), Value::Long(right)) => Ok(left.cmp(right)),
        (Value::Double(left), Value::Double(right)) => Ok(left.total_cmp(right)),
        (Value::Float(left), Value::Float(right)) => Ok(left.total_cmp(right)),
        (Value::BigInteger(left), Value::BigInteger(right)) => Ok(left.cmp(right)),
        (Value::Decimal(left), Value::Decimal(right)) => Ok(left.compare(right)),
        _ => Err(failure("values of different types have no order")),
    }
}

/// Sorts by an order that may fail.
pub(crate) fn sort_by(items: &mut [Value], mut order: impl FnMut(&Value, &Value) -> Result<Ordering>) -> Result<()> {
    let mut mistake = None;
    items.sort_by(|left, right| {
        order(left, right).unwrap_or_else(|error| {
            mistake.get_or_insert(error);
            Ordering::Equal
        })
    });
    mistake.map_or(Ok(()), Err)
}

const COLLECTION: &[Method] = &[
    Method::new("size", &[], |_, value, _| Ok(Value::from(this(value)?.len()))),
    Method::new("isEmpty", &[], |_, value, _| Ok(Value::Boolean(this(value)?.is_empty()))),
    Method::new("contains", &[Type::Object], |machine, value, arguments| {
        let list = this(value)?;
        machine.spend_compared(argument(arguments, 0), list.len())?;
        Ok(Value::Boolean(list.items().contains(argument(arguments, 0))))
    }),
    Method::new("containsAll", &[Type::Collection], |machine, value, arguments| {
        let other = elements(machine, argument(arguments, 0))?;
        let list = this(value)?;
        for item in &other {
            machine.spend_compared(item, list.len())?;
        }
        let items = list.items();
        Ok(Value::Boolean(other.iter().all(|item| items.contains(item))))
    }),
    Method::new("iterator", &[], |_, value, _| Ok(Iteration::over(value))),
    Method::new("stream", &[], |machine, value, _| Ok(stream::of(elements(machine, value)?))),
    Method::new("toArray", &[Type::Objects], |machine, value, arguments| {
        let Value::List(given) = argument(arguments, 0) else { return Err(failure("the array is null")) };
        let mut items = elements(machine, value)?;
        // A larger array is filled, with a null after the last element.
        if given.len() > items.len() {
            items.push(Value::Null);
            let rest = given.items().get(items.len()..).map(<[Value]>::to_vec).unwrap_or_default();
            items.extend(rest);
        }
        Ok(Value::List(List::of(ListKind::Array, items)))
    }),
    Method::new("toArray", &[], |machine, value, _| {
        let items = elements(machine, value)?;
        Ok(Value::List(List::of(ListKind::Array, items)))
    }),
];

const LIST: &[Method] = &[
    Method::new("get", &[Type::Int], |_, value, arguments| get(this(value)?, int(arguments, 0))),
    Method::new("indexOf", &[Type::Object], |machine, value, arguments| {
        position(machine, this(value)?, argument(arguments, 0), false)
    }),
    Method::new("lastIndexOf", &[Type::Object], |machine, value, arguments| {
        position(machine, this(value)?, argument(arguments, 0), true)
    }),
    Method::new("subList", &[Type::Int, Type::Int], |machine, value, arguments| {
        let list = this(value)?;
        let (from, to) = (int(arguments, 0), int(arguments, 1));
        let range = usize::try_from(from).ok().zip(usize::try_from(to).ok()).filter(|(from, to)| from <= to);
        let part = range.and_then(|(from, to)| list.items().get(from..to).map(<[Value]>::to_vec));
        let part = part.ok_or_else(|| failure(format!("from {from} to {to} of {}", list.len())))?;
        machine.spend_items(part.len())?;
        let kind = if list.kind() == ListKind::Range { ListKind::Immutable } else { ListKind::Growing };
        Ok(Value::List(List::of(kind, part)))
    }),
    Method::new("listIterator", &[], |_, value, _| Ok(Iteration::over(value))),
    Method::new("listIterator", &[Type::Int], |_, value, arguments| {
        let list = this(value)?;
        Ok(Iteration::from(value, place(list, int(arguments, 0))?))
    }),
    Method::new("of", &[Type::Objects], |machine, _, arguments| fixed(machine, argument(arguments, 0))),
    Method::new("copyOf", &[Type::Collection], |machine, _, arguments| fixed(machine, argument(arguments, 0))),
];

/// A list that cannot be changed and has no nulls.
fn fixed(machine: &mut Machine<'_>, value: &Value) -> Result<Value> {
    let items = elements(machine, value)?;
    if items.iter().any(Value::is_null) {
        return Err(failure("an element is null"));
    }
    Ok(Value::List(List::of(ListKind::Immutable, items)))
}

const CHANGES: &[Method] = &[
    Method::new("add", &[Type::Object], |machine, value, arguments| {
        machine.spend(1)?;
        growing(value)?.push(argument(arguments, 0).clone());
        Ok(Value::Boolean(true))
    }),
    Method::action("add", &[Type::Int, Type::Object], |machine, value, arguments| {
        let list = growing(value)?;
        let place = place(list, int(arguments, 0))?;
        machine.spend_items(1 + list.len() / 16)?;
        list.items_mut().insert(place, argument(arguments, 1).clone());
        void()
    }),
    Method::new("addAll", &[Type::Collection], |machine, value, arguments| {
        let other = elements(machine, argument(arguments, 0))?;
        let changed = !other.is_empty();
        if !changed && lenient(this(value)?) {
            return Ok(Value::Boolean(false));
        }
        growing(value)?.items_mut().extend(other);
        Ok(Value::Boolean(changed))
    }),
    Method::new("addAll", &[Type::Int, Type::Collection], |machine, value, arguments| {
        let other = elements(machine, argument(arguments, 1))?;
        let changed = !other.is_empty();
        let list = growing(value)?;
        let place = place(list, int(arguments, 0))?;
        machine.spend_items(list.len() / 16)?;
        list.items_mut().splice(place..place, other);
        Ok(Value::Boolean(changed))
    }),
    Method::new("set", &[Type::Int, Type::Object], |_, value, arguments| {
        let list = writable(value)?;
        let index = int(arguments, 0);
        let size = list.len();
        let mut items = list.items_mut();
        let slot = usize::try_from(index).ok().and_then(|index| items.get_mut(index));
        let slot = slot.ok_or_else(|| out_of_bounds(index, size))?;
        Ok(std::mem::replace(slot, argument(arguments, 1).clone()))
    }),
    Method::new("remove", &[Type::Int], |machine, value, arguments| {
        let list = growing(value)?;
        let index = int(arguments, 0);
        let place = usize::try_from(index).ok().filter(|place| *place < list.len());
        let place = place.ok_or_else(|| out_of_bounds(index, list.len()))?;
        machine.spend_items(list.len() / 16)?;
        Ok(list.items_mut().remove(place))
    }),
    Method::new("remove", &[Type::Object], |machine, value, arguments| {
        let list = this(value)?;
        machine.spend_compared(argument(arguments, 0), list.len())?;
        let place = list.items().iter().position(|item| item == argument(arguments, 0));
        // An array fails only when it would have to change.
        if !lenient(list) || place.is_some() {
            growing(value)?;
        }
        if let Some(place) = place {
            list.items_mut().remove(place);
        }
        Ok(Value::Boolean(place.is_some()))
    }),
    Method::new("removeAll", &[Type::Collection], |machine, value, arguments| {
        keep(machine, value, argument(arguments, 0), false)
    }),
    Method::new("retainAll", &[Type::Collection], |machine, value, arguments| {
        keep(machine, value, argument(arguments, 0), true)
    }),
    Method::action("clear", &[], |_, value, _| {
        if this(value)?.kind() == ListKind::Array && this(value)?.is_empty() {
            return void();
        }
        growing(value)?.items_mut().clear();
        void()
    }),
    Method::action("sort", &[Type::Function], |machine, value, _| {
        let list = writable(value)?;
        let mut items = elements(machine, value)?;
        machine.spend_sorted(&items)?;
        sort_by(&mut items, natural_order)?;
        *list.items_mut() = items;
        void()
    }),
    Method::action("forEach", &[Type::Function], |_, _, _| Err(failure("the function is null"))),
    Method::new("removeIf", &[Type::Function], |_, _, _| Err(failure("the function is null"))),
    Method::action("replaceAll", &[Type::Function], |_, _, _| Err(failure("the function is null"))),
];

/// What only `ArrayList` has.
const ARRAY_LIST: &[Method] = &[
    Method::new("clone", &[], |machine, value, _| {
        let items = elements(machine, value)?;
        Ok(Value::List(List::new(items)))
    }),
    Method::action("ensureCapacity", &[Type::Int], |_, _, _| void()),
    Method::action("trimToSize", &[], |_, _, _| void()),
];
