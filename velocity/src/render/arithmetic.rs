//! `+ - * / %` and comparisons, across types.
//!
//! Numbers meet in the wider of their types, whole numbers overflow into the next wider one, and what has no result,
//! such as a division by zero, is null.

use super::quick::holds;
use super::{Frame, Halt, Renderer};
use crate::ast::{Comparison, Expr, Math};
use crate::error::{Error, ErrorKind, Result};
use crate::number::{self, Number};
use crate::value::Value;

/// The result for whole numbers of the usual size; `None` leaves a division by zero to the whole rules.
#[inline]
fn whole_math(operator: Math, left: i32, right: i32) -> Option<Value> {
    let (left, right) = (i64::from(left), i64::from(right));
    let result = match operator {
        Math::Add => left + right,
        Math::Subtract => left - right,
        Math::Multiply => left * right,
        Math::Divide => left.checked_div(right)?,
        Math::Modulo => left.checked_rem(right)?,
    };
    Some(i32::try_from(result).map_or(Value::Long(result), Value::Integer))
}

impl Renderer<'_> {
    /// The result of an operator; null when there is none.
    pub(crate) fn math(
        &mut self,
        frame: &Frame,
        operator: Math,
        pair: &(Expr, Expr),
    ) -> std::result::Result<Value, Halt> {
        let left = self.value(frame, &pair.0)?;
        let right = self.value(frame, &pair.1)?;
        if let (Value::Integer(left), Value::Integer(right)) = (&left, &right)
            && let Some(result) = whole_math(operator, *left, *right)
        {
            return Ok(result);
        }
        let place = |error: Error| Halt::Error(frame.place(error, pair.0.span.to(pair.1.span)));
        if operator == Math::Add
            && let Some(text) = self.joined(frame, &left, &right, pair)?
        {
            self.machine.spend_text(text.len()).map_err(place)?;
            return Ok(Value::String(text.into()));
        }
        let (left, right) = (Number::coerced(&left), Number::coerced(&right));
        let (Some(left), Some(right)) = (left, right) else {
            return self.no_result("an operand is not a number").map_err(place);
        };
        self.machine.spend(left.weight() + right.weight()).map_err(place)?;
        if matches!(operator, Math::Divide | Math::Modulo) && right.is_zero() {
            return self.no_result("a division by zero").map_err(place);
        }
        if left.clashes(&right) {
            return Err(place(infinite()));
        }
        let result = match operator {
            Math::Add => left.add(&right),
            Math::Subtract => left.subtract(&right),
            Math::Multiply => left.multiply(&right),
            Math::Divide => left.divide(&right),
            Math::Modulo => left.modulo(&right).ok_or_else(|| {
                place(
                    Error::new(ErrorKind::Operation, "decimals have no `%`")
                        .with_hint("a text that looks like a number is a decimal: use `$mathTool.mod(…)`"),
                )
            })?,
        };
        if result.weight() > number::HEAVIEST {
            return Err(place(crate::machine::limit("a number has too many digits".to_owned())));
        }
        Ok(result.into_value())
    }

    fn no_result(&self, why: &str) -> Result<Value> {
        if self.settings.strict_math {
            return Err(Error::new(ErrorKind::Strict, why));
        }
        Ok(Value::Null)
    }

    /// The two as one text, when one of them is a text.
    fn joined(
        &mut self,
        frame: &Frame,
        left: &Value,
        right: &Value,
        pair: &(Expr, Expr),
    ) -> std::result::Result<Option<String>, Halt> {
        if !matches!(left, Value::String(_)) && !matches!(right, Value::String(_)) {
            return Ok(None);
        }
        let mut text = String::new();
        for (value, operand) in [(left, &pair.0), (right, &pair.1)] {
            if value.is_null() {
                text.push_str(&self.literal(frame, operand));
            } else {
                self.append(value, &mut text)?;
            }
        }
        Ok(Some(text))
    }

    /// Whether a comparison holds.
    pub(crate) fn compare(
        &mut self,
        frame: &Frame,
        comparison: Comparison,
        pair: &(Expr, Expr),
    ) -> std::result::Result<bool, Halt> {
        let left = self.value(frame, &pair.0)?;
        let right = self.value(frame, &pair.1)?;
        if let (Value::Integer(left), Value::Integer(right)) = (&left, &right) {
            return Ok(holds(comparison, left.cmp(right)));
        }
        let equality = match comparison {
            Comparison::Equal => Some(true),
            Comparison::NotEqual => Some(false),
            _ => None,
        };
        if left.is_null() || right.is_null() {
            return match equality {
                Some(wanted) => Ok((left.is_null() && right.is_null()) == wanted),
                None => self.no_order(frame, pair, "a null cannot be compared"),
            };
        }
        let both_texts = matches!((&left, &right), (Value::String(_), Value::String(_)));
        if !both_texts && let (Some(left), Some(right)) = (Number::coerced(&left), Number::coerced(&right)) {
            self.machine.spend(left.weight() + right.weight())?;
            if left.clashes(&right) {
                return Err(Halt::Error(frame.place(infinite(), pair.0.span.to(pair.1.span))));
            }
            let order = left.compare(&right);
            return Ok(holds(comparison, order));
        }
        let Some(wanted) = equality else {
            return self.no_order(frame, pair, "only numbers can be compared");
        };
        let same_class = std::mem::discriminant(&left) == std::mem::discriminant(&right);
        let equal = if same_class {
            // What is of different lengths is told apart at once.
            let alike = match (&left, &right) {
                (Value::String(left), Value::String(right)) => left.len() == right.len(),
                (Value::List(left), Value::List(right)) => left.len() == right.len(),
                (Value::Map(left), Value::Map(right)) => left.len() == right.len(),
                _ => false,
            };
            if alike {
                self.machine.spend_compared(&right, 1)?;
            }
            left == right
        } else {
            let (mut one, mut other) = (String::new(), String::new());
            self.append(&left, &mut one)?;
            self.append(&right, &mut other)?;
            one == other
        };
        Ok(equal == wanted)
    }

    fn no_order(&self, frame: &Frame, pair: &(Expr, Expr), why: &str) -> std::result::Result<bool, Halt> {
        if self.settings.strict {
            let error = Error::new(ErrorKind::Strict, why);
            return Err(Halt::Error(frame.place(error, pair.0.span.to(pair.1.span))));
        }
        Ok(false)
    }
}

fn infinite() -> Error {
    Error::new(ErrorKind::Operation, "an infinite number is no decimal")
}
