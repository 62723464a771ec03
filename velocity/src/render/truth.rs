//! What counts as true.

use super::{Frame, Halt, Renderer};
use crate::ast::{Expr, ExprKind};
use crate::value::Value;
use num_traits::Zero as _;

impl Renderer<'_> {
    /// Whether an expression is true in `#if` and beside `&&` and `||`.
    pub(crate) fn truth(&mut self, frame: &Frame, expression: &Expr) -> Result<bool, Halt> {
        let check = self.settings.empty_check;
        Ok(match &expression.kind {
            ExprKind::Boolean(value) => *value,
            ExprKind::Integer(number) => !check || *number != 0,
            ExprKind::Long(number) => !check || *number != 0,
            ExprKind::BigInteger(number) => !check || !number.is_zero(),
            ExprKind::Float(number) => !check || *number != 0.0,
            ExprKind::Decimal(number) => !check || !number.is_zero(),
            ExprKind::String(text, _) => !check || !text.is_empty(),
            ExprKind::Interpolated(..) => {
                let value = self.value(frame, expression)?;
                !check || !matches!(value, Value::String(text) if text.is_empty())
            }
            ExprKind::List(items) => !check || !items.is_empty(),
            ExprKind::Map(entries) => !check || !entries.is_empty(),
            ExprKind::Reference(reference) => is_true(&self.reference_value(frame, reference)?, check),
            ExprKind::Compare(comparison, pair) => self.compare(frame, *comparison, pair)?,
            ExprKind::And(pair) => self.truth(frame, &pair.0)? && self.truth(frame, &pair.1)?,
            ExprKind::Not(inner) => !self.truth(frame, inner)?,
            ExprKind::Negate(inner) => self.truth(frame, inner)?,
            ExprKind::Or(pair) => self.truth(frame, &pair.0)? || self.truth(frame, &pair.1)?,
            // The reference gives a range and a sum no truth of their own.
            ExprKind::Range(_) | ExprKind::Math(..) | ExprKind::Word(_) => false,
        })
    }
}

/// Whether a value is true; with `check` what is empty or zero is not.
pub(super) fn is_true(value: &Value, check: bool) -> bool {
    match value {
        Value::Null => false,
        Value::Boolean(value) => *value,
        _ if !check => true,
        Value::Integer(number) => *number != 0,
        Value::Long(number) => *number != 0,
        Value::BigInteger(number) => !number.is_zero(),
        Value::Float(number) => *number != 0.0,
        Value::Double(number) => *number != 0.0,
        Value::Decimal(number) => !number.is_zero(),
        Value::String(text) => !text.is_empty(),
        Value::List(list) => !list.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::Opaque(object) => object.0.truth(),
        Value::Character(_) | Value::Date(_) | Value::Calendar(_) => true,
    }
}
