//! What an expression is worth: over the event, the contact and the answers of calls, at one moment.
//!
//! The compiler has checked the types, so what can still go wrong is data: an overflow, a division by zero, a `json`
//! value that is not what it was taken for. Nothing spreads quietly: a field of nothing is nothing and no comparison but
//! `==` and `!=` holds for it, but an operator that needs a number and gets nothing is an error.

mod arithmetic;
mod compare;
mod scope;
mod sensitive;
#[cfg(test)]
mod tests;

use std::fmt;

use compiler::ir::{Access, BinaryOperator, Expression, Part, Root};

use super::escape;
use crate::value::{Record, Value, display};

pub(crate) use compare::compare as compare_values;
pub use compare::equal;
pub use compiler::ir::Written;
pub use scope::{Answer, Scope};
pub(super) use scope::{event_field, event_record};

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}` {message}")]
pub struct ExpressionError {
    /// The part that failed, as an author writes it.
    pub expression: String,
    /// What is wrong with it: "divides by zero". Holds no value, for it may be a sensitive one.
    pub message: String,
}

impl ExpressionError {
    fn new(expression: &Expression, message: impl fmt::Display) -> ExpressionError {
        ExpressionError { expression: Written(expression).to_string(), message: message.to_string() }
    }
}

/// The value of an expression.
///
/// # Errors
/// When it has none; see [`ExpressionError`].
pub fn evaluate(expression: &Expression, scope: &Scope<'_>) -> Result<Value, ExpressionError> {
    match expression {
        Expression::Literal(literal) => Ok(Value::from(literal)),
        Expression::Reference { root, path } => reference(expression, root, path, scope),
        Expression::Text(parts) => Ok(Value::from(text(parts, scope)?.as_str())),
        Expression::List(items) => {
            let items: Result<Vec<Value>, _> = items.iter().map(|item| evaluate(item, scope)).collect();
            Ok(Value::List(items?.into()))
        }
        Expression::Record(fields) => {
            let mut record = Record::new();
            for (name, value) in fields {
                record.set(name.clone(), evaluate(value, scope)?);
            }
            Ok(Value::Record(record.into()))
        }
        Expression::Not(operand) => Ok(Value::Bool(!condition(operand, scope)?)),
        Expression::Negate(operand) => {
            let value = evaluate(operand, scope)?;
            arithmetic::negate(&value).map_err(|message| ExpressionError::new(expression, message))
        }
        Expression::IsSet(operand) => Ok(Value::Bool(!evaluate(operand, scope)?.is_null())),
        Expression::InSegment(name) => {
            let inside = scope.in_segment(name, |condition_of| condition(condition_of, scope));
            let inside =
                inside.ok_or_else(|| ExpressionError::new(expression, "names no segment that can be decided"))?;
            Ok(Value::Bool(inside?))
        }
        Expression::Binary { operator, left, right } => binary(expression, *operator, left, right, scope),
    }
}

/// Whether a condition holds. Nothing does not.
///
/// # Errors
/// When it has no value, or one that is neither true nor false.
pub fn condition(expression: &Expression, scope: &Scope<'_>) -> Result<bool, ExpressionError> {
    match evaluate(expression, scope)? {
        Value::Bool(value) => Ok(value),
        Value::Null => Ok(false),
        other => Err(ExpressionError::new(expression, format_args!("is {}, not `true` or `false`", kind(&other)))),
    }
}

/// A text that is put together from its parts, each value escaped for its place.
///
/// # Errors
/// When a value has none, or cannot stand in its place.
pub fn text(parts: &[Part], scope: &Scope<'_>) -> Result<String, ExpressionError> {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => out.push_str(literal),
            Part::Value { value, escape } => {
                let written = display(&evaluate(value, scope)?);
                escape::write(*escape, &written, &mut out).map_err(|message| ExpressionError::new(value, message))?;
            }
        }
    }
    Ok(out)
}

fn reference(
    expression: &Expression,
    root: &Root,
    path: &[Access],
    scope: &Scope<'_>,
) -> Result<Value, ExpressionError> {
    if *root == Root::Message && scope.message.is_none() {
        return Err(ExpressionError::new(expression, "is only known while a message is handed to its channel"));
    }
    let mut keys = Vec::with_capacity(path.len());
    for access in path {
        keys.push(match access {
            Access::Field(name) => Value::String(name.clone()),
            Access::Index(index) => evaluate(index, scope)?,
        });
    }
    Ok(scope.read(root, &keys))
}

fn binary(
    expression: &Expression,
    operator: BinaryOperator,
    left: &Expression,
    right: &Expression,
    scope: &Scope<'_>,
) -> Result<Value, ExpressionError> {
    match operator {
        BinaryOperator::Default => match evaluate(left, scope)? {
            Value::Null => return evaluate(right, scope),
            value => return Ok(value),
        },
        BinaryOperator::And => return Ok(Value::Bool(condition(left, scope)? && condition(right, scope)?)),
        BinaryOperator::Or => return Ok(Value::Bool(condition(left, scope)? || condition(right, scope)?)),
        _ => {}
    }
    let left = evaluate(left, scope)?;
    let right = evaluate(right, scope)?;
    let value = match operator {
        BinaryOperator::Add => arithmetic::add(&left, &right),
        BinaryOperator::Subtract => arithmetic::subtract(&left, &right),
        BinaryOperator::Multiply => arithmetic::multiply(&left, &right),
        BinaryOperator::Divide => arithmetic::divide(&left, &right),
        _ => compare::compare(operator, &left, &right).map(Value::Bool),
    };
    value.map_err(|message| ExpressionError::new(expression, message))
}

/// What a value is, in a word or two.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Int(_) | Value::Decimal(_) => "a number",
        Value::Number(_) => "a number of more than 28 digits",
        Value::String(_) => "a text",
        Value::Date(_) => "a date",
        Value::Datetime(_) => "a datetime",
        Value::LocalDatetime(_) => "a datetime without an offset",
        Value::Time(_) => "a time",
        Value::Duration(_) => "a duration",
        Value::List(_) => "a list",
        Value::Record(_) => "a record",
    }
}
