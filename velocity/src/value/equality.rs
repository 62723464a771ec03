//! Java's `equals` and `hashCode`.

use super::Value;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// How deep two values are compared; beyond it, as in lists that hold each other, they count as different.
const DEPTH: u32 = 64;

/// How many elements are compared at most: values that share their elements would take exponentially many.
const MOST: u32 = 1_000_000;

pub(super) fn equals(left: &Value, right: &Value) -> bool {
    equals_within(left, right, DEPTH, &mut { MOST })
}

fn equals_within(left: &Value, right: &Value, depth: u32, rest: &mut u32) -> bool {
    let Some(fewer) = rest.checked_sub(1) else { return false };
    *rest = fewer;
    let Some(depth) = depth.checked_sub(1) else { return false };
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::Integer(left), Value::Integer(right)) => left == right,
        (Value::Long(left), Value::Long(right)) => left == right,
        (Value::BigInteger(left), Value::BigInteger(right)) => left == right,
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        (Value::Double(left), Value::Double(right)) => left.to_bits() == right.to_bits(),
        (Value::Decimal(left), Value::Decimal(right)) => left == right,
        (Value::Character(left), Value::Character(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Date(left), Value::Date(right)) => left == right,
        (Value::Calendar(left), Value::Calendar(right)) => left.same(right) || left.moment() == right.moment(),
        (Value::Opaque(left), Value::Opaque(right)) => Rc::ptr_eq(&left.0, &right.0),
        (Value::List(left), Value::List(right)) => {
            left.same(right) || {
                let (left, right) = (left.items(), right.items());
                left.len() == right.len()
                    && left.iter().zip(right.iter()).all(|(left, right)| equals_within(left, right, depth, rest))
            }
        }
        (Value::Map(left), Value::Map(right)) => {
            left.same(right) || {
                let (left, right) = (left.entries(), right.entries());
                left.len() == right.len()
                    && left.iter().all(|(key, value)| {
                        right.get(key).is_some_and(|other| equals_within(value, other, depth, rest))
                    })
            }
        }
        _ => false,
    }
}

/// Equal values hash alike; lists and maps, which are rare as keys, by their kind alone.
pub(super) fn hash<H: Hasher>(value: &Value, state: &mut H) {
    match value {
        Value::String(text) => hash_text(text, state),
        Value::Boolean(value) => value.hash(state),
        Value::Integer(value) => value.hash(state),
        Value::Long(value) => value.hash(state),
        Value::BigInteger(value) => value.hash(state),
        Value::Float(value) => value.to_bits().hash(state),
        Value::Double(value) => value.to_bits().hash(state),
        Value::Decimal(value) => value.hash(state),
        Value::Character(value) => value.hash(state),
        Value::Date(value) => value.hash(state),
        other => std::mem::discriminant(other).hash(state),
    }
}

pub(super) fn hash_text<H: Hasher>(text: &str, state: &mut H) {
    state.write(text.as_bytes());
}
