//! The value of an expression.

use super::{Frame, Halt, Renderer};
use crate::ast::{Comparison, Expr, ExprKind, Math};
use crate::machine::limit;
use crate::number::Number;
use crate::value::{List, ListKind, Map, Value, can_hold};
use std::rc::Rc;

impl Renderer<'_> {
    /// The value of an expression; null when it has none.
    pub(crate) fn value(&mut self, frame: &Frame, expression: &Expr) -> Result<Value, Halt> {
        Ok(match &expression.kind {
            ExprKind::Boolean(value) => Value::Boolean(*value),
            ExprKind::Integer(number) => Value::Integer(*number),
            ExprKind::Long(number) => Value::Long(*number),
            ExprKind::BigInteger(number) => Value::BigInteger(Rc::new(number.clone())),
            ExprKind::Float(number) => Value::Double(*number),
            ExprKind::Decimal(number) => Value::Decimal(Rc::new(number.clone())),
            ExprKind::String(text, _) => Value::String(text.clone()),
            ExprKind::Interpolated(block, _) => {
                self.machine.enter()?;
                let (text, rendered) = self.buffered(|renderer, text| renderer.block(frame, block, text));
                self.machine.leave();
                rendered?;
                self.machine.text(text).map_err(|error| frame.place(error, expression.span))?
            }
            ExprKind::Reference(reference) if reference.computable => self.reference_value(frame, reference)?,
            ExprKind::Reference(_) | ExprKind::Word(_) => Value::Null,
            ExprKind::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.value(frame, item)?);
                }
                Value::List(List::new(values))
            }
            ExprKind::Map(entries) => {
                let map = Map::new();
                for (key, value) in entries {
                    let key = self.value(frame, key)?;
                    let value = self.value(frame, value)?;
                    if can_hold(&key) {
                        // As keys such values all hash alike: each is compared with all that are there.
                        self.machine.spend_compared(&key, map.len())?;
                    }
                    map.insert(key, value);
                }
                Value::Map(map)
            }
            ExprKind::Range(ends) => self.range(frame, ends, expression, false)?,
            ExprKind::Not(inner) => Value::Boolean(!self.truth(frame, inner)?),
            ExprKind::Negate(inner) => {
                let value = self.value(frame, inner)?;
                Number::coerced(&value).map_or(Value::Null, |number| number.negate().into_value())
            }
            ExprKind::And(_) | ExprKind::Or(_) => Value::Boolean(self.truth(frame, expression)?),
            ExprKind::Math(operator, pair) => self.math(frame, *operator, pair)?,
            ExprKind::Compare(comparison, pair) => Value::Boolean(self.compare(frame, *comparison, pair)?),
        })
    }

    /// `[a..b]`, upwards or downwards; null when an end is no number.
    ///
    /// A loop walks over a range that nobody else sees: it needs no more elements than it may take turns, so that one
    /// which leaves early may have a range of any size.
    pub(super) fn range(
        &mut self,
        frame: &Frame,
        ends: &(Expr, Expr),
        expression: &Expr,
        walked: bool,
    ) -> Result<Value, Halt> {
        let left = self.value(frame, &ends.0)?;
        let right = self.value(frame, &ends.1)?;
        let (Some(left), Some(right)) = (Number::coerced(&left), Number::coerced(&right)) else {
            return Ok(Value::Null);
        };
        let (left, right) = (left.to_i32(), right.to_i32());
        let length = i64::from(left).abs_diff(i64::from(right)) + 1;
        let limits = self.machine.options.limits;
        let most = limits.range_elements;
        let too_long = length > u64::from(most);
        let (length, right) = match i32::try_from(limits.loop_turns) {
            Ok(turns) if walked && too_long && limits.loop_turns <= most => {
                let turns = turns.saturating_add(2);
                let last = if left <= right { left.saturating_add(turns) } else { left.saturating_sub(turns) };
                (u64::from(turns.unsigned_abs()), last)
            }
            _ if too_long => {
                let error = limit(format!("a range of {length} elements: {most} are allowed"));
                return Err(frame.place(error, expression.span).into());
            }
            _ => (length, right),
        };
        self.machine.spend(length)?;
        let items: Vec<Value> = if left <= right {
            (left..=right).map(Value::Integer).collect()
        } else {
            (right..=left).rev().map(Value::Integer).collect()
        };
        let kind = if self.settings.immutable_ranges { ListKind::Range } else { ListKind::Growing };
        Ok(Value::List(List::of(kind, items)))
    }

    /// What an operand prints as when it has no value: its source.
    pub(super) fn literal(&self, frame: &Frame, expression: &Expr) -> String {
        let operator = match &expression.kind {
            ExprKind::Reference(reference) => return reference.literal.clone().into(),
            ExprKind::String(_, image) | ExprKind::Interpolated(_, image) => return image.clone().into(),
            ExprKind::Not(inner) => return format!("!{}", self.literal(frame, inner)),
            ExprKind::Negate(inner) => return format!("-{}", self.literal(frame, inner)),
            ExprKind::And(pair) => ("&&", pair),
            ExprKind::Or(pair) => ("||", pair),
            ExprKind::Math(math, pair) => (
                match math {
                    Math::Add => "+",
                    Math::Subtract => "-",
                    Math::Multiply => "*",
                    Math::Divide => "/",
                    Math::Modulo => "%",
                },
                pair,
            ),
            ExprKind::Compare(comparison, pair) => (
                match comparison {
                    Comparison::Equal | Comparison::NotEqual => "==",
                    Comparison::Less => "<",
                    Comparison::LessEqual => "<=",
                    Comparison::Greater => ">",
                    Comparison::GreaterEqual => ">=",
                },
                pair,
            ),
            _ => return frame.tree.source.get(expression.span.range()).unwrap_or_default().to_owned(),
        };
        // The reference engine leaves the right operand out.
        format!("{} {} ", self.literal(frame, &operator.1.0), operator.0)
    }
}
