//! Comparisons, `in` and `contains`.

use std::cmp::Ordering;

use compiler::ir::BinaryOperator;
use rust_decimal::Decimal;

use super::kind;
use crate::value::Value;

/// Whether two values are the same: numbers by what they are worth, everything else by kind and content.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(integer), Value::Decimal(decimal)) | (Value::Decimal(decimal), Value::Int(integer)) => {
            Decimal::from(*integer) == *decimal
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| equal(left, right))
        }
        (Value::Record(left), Value::Record(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| equal(value, other)))
        }
        (left, right) => left == right,
    }
}

/// Decides an operator that is true or false.
pub(crate) fn compare(operator: BinaryOperator, left: &Value, right: &Value) -> Result<bool, String> {
    match operator {
        BinaryOperator::Equal => Ok(equal(left, right)),
        BinaryOperator::NotEqual => Ok(!equal(left, right)),
        BinaryOperator::In => member(left, right),
        BinaryOperator::Contains => match (left, right) {
            (Value::String(text), Value::String(part)) => Ok(text.contains(part.as_str())),
            _ => member(right, left),
        },
        _ if left.is_null() || right.is_null() => Ok(false),
        BinaryOperator::Less => order(left, right).map(Ordering::is_lt),
        BinaryOperator::LessOrEqual => order(left, right).map(Ordering::is_le),
        BinaryOperator::Greater => order(left, right).map(Ordering::is_gt),
        BinaryOperator::GreaterOrEqual => order(left, right).map(Ordering::is_ge),
        _ => Err("is no comparison".to_owned()),
    }
}

/// Whether a list has an item. Nothing has none.
fn member(item: &Value, list: &Value) -> Result<bool, String> {
    match list {
        Value::List(items) => Ok(items.iter().any(|other| equal(item, other))),
        Value::Null => Ok(false),
        other => Err(format!("looks for an item in {}", kind(other))),
    }
}

fn order(left: &Value, right: &Value) -> Result<Ordering, String> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Ok(left.cmp(right)),
        (Value::Decimal(left), Value::Decimal(right)) => Ok(left.cmp(right)),
        (Value::Int(left), Value::Decimal(right)) => Ok(Decimal::from(*left).cmp(right)),
        (Value::Decimal(left), Value::Int(right)) => Ok(left.cmp(&Decimal::from(*right))),
        (Value::String(left), Value::String(right)) => Ok(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Ok(left.cmp(right)),
        (Value::Datetime(left), Value::Datetime(right)) => Ok(left.cmp(right)),
        (Value::LocalDatetime(left), Value::LocalDatetime(right)) => Ok(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Ok(left.cmp(right)),
        (Value::Duration(left), Value::Duration(right)) => Ok(left.cmp(right)),
        (left, right) => Err(format!("compares {} with {}", kind(left), kind(right))),
    }
}
