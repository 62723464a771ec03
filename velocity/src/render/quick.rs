//! What rendering does most, in few steps: values are looked at where they lie, nothing is copied, and no count is touched.
//!
//! Nothing here has an effect before it is certain: what is not that simple is left to the general way, which begins anew.

use super::truth::is_true;
use super::{Frame, Halt, Renderer};
use crate::ast::{Access, Comparison, Expr, ExprKind, Math, Output, Reference, Set, StepKey};
use crate::escape::Escape;
use crate::scope::Slot;
use crate::value::Value;
use std::cmp::Ordering;

/// The result for whole numbers of the usual size, if it is one too.
#[inline]
fn whole_math(operator: Math, left: i32, right: i32) -> Option<i32> {
    match operator {
        Math::Add => left.checked_add(right),
        Math::Subtract => left.checked_sub(right),
        Math::Multiply => left.checked_mul(right),
        Math::Divide => left.checked_div(right),
        Math::Modulo => left.checked_rem(right),
    }
}

/// Whether a comparison holds for two values in this order.
#[inline]
pub(super) fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterEqual => order != Ordering::Less,
    }
}

/// A whole number of the usual size.
#[inline(always)]
fn whole(value: &Value) -> Option<i32> {
    if let Value::Integer(number) = value { Some(*number) } else { None }
}

/// Writes a text or a number; false when the value is neither, or so long that it has to be paid for.
#[inline(never)]
fn write(value: &Value, escape: Escape, out: &mut String) -> bool {
    let Value::String(text) = value else { return write_number(value, out) };
    let text = text.as_str();
    if text.len() >= 64 || escape != Escape::None {
        return write_escaped(text, escape, out);
    }
    out.push_str(text);
    true
}

#[inline(never)]
fn write_number(value: &Value, out: &mut String) -> bool {
    let Value::Integer(number) = value else { return false };
    match u8::try_from(*number) {
        Ok(digit) if digit < 10 => out.push(char::from(b'0' + digit)),
        _ => out.push_str(itoa::Buffer::new().format(*number)),
    }
    true
}

#[inline(never)]
fn write_escaped(text: &str, escape: Escape, out: &mut String) -> bool {
    let short = text.len() < 64;
    if short {
        escape.write(text, out);
    }
    short
}

/// What is at the end of these keys; null when there is nothing. `None` when a value on the way has no keys.
fn at_keys(value: &Value, steps: &[StepKey]) -> Option<Value> {
    match (steps, value) {
        ([], value) => Some(value.clone()),
        ([step, rest @ ..], Value::Map(map)) => match step.place.find(&map.entries(), &step.key) {
            Some(value) => at_keys(value, rest),
            None => Some(Value::Null),
        },
        ([step, rest @ ..], value) => at_keys(&at_key(value, step)?, rest),
    }
}

/// What a map has under a key, or a loop tells; null when there is nothing. `None` when the value is neither.
fn at_key(value: &Value, step: &StepKey) -> Option<Value> {
    match value {
        Value::Map(map) => Some(step.place.find(&map.entries(), &step.key).cloned().unwrap_or_default()),
        Value::Opaque(object) => {
            let state = object.0.as_loop().filter(|state| state.counts)?;
            Some(state.tell(step.loop_property?))
        }
        Value::Null => Some(Value::Null),
        _ => None,
    }
}

impl Renderer<'_> {
    /// Shows `look` the value of a reference where it lies, if the way there is simple; null when it has none.
    #[inline(always)]
    fn look<R>(&mut self, reference: &Reference, look: impl FnOnce(&Value) -> R) -> Option<R> {
        let slot = self.scope.slot(reference.root);
        match &reference.access {
            Access::Key(step) => {
                if let Some(Slot::Present(Value::Map(map))) = slot
                    && let Some(value) = step.place.again(&map.entries(), &step.key)
                {
                    return Some(look(value));
                }
            }
            Access::Name => {
                if let Some(Slot::Present(value)) = slot {
                    return Some(look(value));
                }
            }
            Access::Told(property, _) => {
                if let Some(Slot::Present(Value::Opaque(object))) = slot
                    && let Some(state) = object.0.as_loop()
                    && state.counts
                {
                    return Some(look(&state.tell(*property)));
                }
            }
            Access::Keys(_) => {}
            Access::Walk => return None,
        }
        self.seek(reference).map(|value| look(&value))
    }

    /// As [`Renderer::look`], where the value is not as near.
    #[inline(never)]
    fn seek(&mut self, reference: &Reference) -> Option<Value> {
        let value = self.scope.get(reference.root).unwrap_or(&Value::Null);
        match &reference.access {
            Access::Name => Some(value.clone()),
            Access::Key(step) | Access::Told(_, step) => at_key(value, step),
            Access::Keys(steps) => at_keys(value, steps),
            Access::Walk => None,
        }
    }

    /// A reference's value, if the way there is simple.
    #[inline(never)]
    pub(super) fn quick_value(&mut self, reference: &Reference) -> Option<Value> {
        self.look(reference, Value::clone)
    }

    /// Prints a reference whose value is a text or a number; false when there is more to it.
    #[inline(always)]
    pub(super) fn print(&mut self, output: &Output, out: &mut String) -> bool {
        if !output.bare {
            return false;
        }
        let escape = self.escape;
        // Most references end at a key of a map.
        if let Access::Key(step) = &output.reference.access
            && let Some(Slot::Present(Value::Map(map))) = self.scope.slot(output.reference.root)
            && let Some(value) = step.place.again(&map.entries(), &step.key)
        {
            return write(value, escape, out);
        }
        self.print_other(output, escape, out)
    }

    #[inline(never)]
    fn print_other(&mut self, output: &Output, escape: Escape, out: &mut String) -> bool {
        self.look(&output.reference, |value| write(value, escape, out)) == Some(true)
    }

    /// A whole number of the usual size.
    #[inline(always)]
    fn number(&mut self, expression: &Expr) -> Option<i32> {
        match &expression.kind {
            ExprKind::Integer(number) => Some(*number),
            ExprKind::Reference(reference) => self.whole_number(reference),
            _ => self.result(expression),
        }
    }

    #[inline(never)]
    fn whole_number(&mut self, reference: &Reference) -> Option<i32> {
        match (&reference.access, self.scope.slot(reference.root)) {
            (Access::Key(step), Some(Slot::Present(Value::Map(map)))) => {
                if let Some(value) = step.place.again(&map.entries(), &step.key) {
                    return whole(value);
                }
            }
            (Access::Name, Some(Slot::Present(value))) => return whole(value),
            _ => {}
        }
        self.number_other(reference)
    }

    #[inline(never)]
    fn number_other(&mut self, reference: &Reference) -> Option<i32> {
        self.look(reference, whole)?
    }

    /// The result of an operator.
    #[inline(never)]
    fn result(&mut self, expression: &Expr) -> Option<i32> {
        let ExprKind::Math(operator, pair) = &expression.kind else { return None };
        let left = self.number(&pair.0)?;
        let right = self.number(&pair.1)?;
        whole_math(*operator, left, right)
    }

    /// Whether a reference is equal to a text. To compare longer ones costs something.
    #[inline(never)]
    fn is_text(&mut self, reference: &Reference, text: &str) -> Option<bool> {
        if text.len() > 64 {
            return None;
        }
        self.look(reference, |value| match value {
            Value::String(value) => Some(value == text),
            Value::Null => Some(false),
            _ => None,
        })?
    }

    /// Whether an expression is true, when that is known without effort.
    #[inline(always)]
    fn quick_truth(&mut self, expression: &Expr) -> Option<bool> {
        match &expression.kind {
            ExprKind::Reference(reference) => self.reference_truth(reference),
            ExprKind::Compare(comparison, pair) => self.quick_compare(*comparison, pair),
            _ => self.joined_truth(expression),
        }
    }

    #[inline(never)]
    fn reference_truth(&mut self, reference: &Reference) -> Option<bool> {
        let check = self.settings.empty_check;
        self.look(reference, |value| is_true(value, check))
    }

    #[inline(never)]
    fn quick_compare(&mut self, comparison: Comparison, pair: &(Expr, Expr)) -> Option<bool> {
        if let (ExprKind::Reference(reference), ExprKind::String(text, _)) = (&pair.0.kind, &pair.1.kind) {
            return match comparison {
                Comparison::Equal => self.is_text(reference, text),
                Comparison::NotEqual => self.is_text(reference, text).map(|equal| !equal),
                _ => None,
            };
        }
        let left = self.number(&pair.0)?;
        let right = self.number(&pair.1)?;
        Some(holds(comparison, left.cmp(&right)))
    }

    #[inline(never)]
    fn joined_truth(&mut self, expression: &Expr) -> Option<bool> {
        match &expression.kind {
            ExprKind::And(pair) => Some(self.quick_truth(&pair.0)? && self.quick_truth(&pair.1)?),
            ExprKind::Or(pair) => Some(self.quick_truth(&pair.0)? || self.quick_truth(&pair.1)?),
            ExprKind::Not(inner) => self.quick_truth(inner).map(|truth| !truth),
            _ => None,
        }
    }

    /// Whether a condition holds.
    #[inline]
    pub(super) fn test(&mut self, frame: &Frame, condition: &Expr) -> Result<bool, Halt> {
        match self.quick_truth(condition) {
            Some(truth) => Ok(truth),
            None => self.truth(frame, condition),
        }
    }

    /// `#set` of a name to what is at hand; false when there is more to it.
    #[inline(never)]
    pub(super) fn quick_set(&mut self, set: &Set) -> bool {
        if !set.names {
            return false;
        }
        let value = match &set.value.kind {
            ExprKind::Math(..) | ExprKind::Integer(_) => {
                let Some(number) = self.number(&set.value) else { return false };
                self.scope.put_number(set.target.root, number);
                return true;
            }
            ExprKind::Boolean(value) => Some(Value::Boolean(*value)),
            ExprKind::String(text, _) => Some(Value::String(text.clone())),
            ExprKind::Reference(reference) => self.quick_value(reference).filter(|value| !value.is_null()),
            _ => None,
        };
        let Some(value) = value else { return false };
        self.scope.put(set.target.root, value);
        true
    }
}
