//! What a condition computes. That may fail, as a division by zero does, and then nothing is known of what it asks.

use super::{Scope, form};
use crate::ir::{Access, BinaryOperator, Expression};

/// The largest parts of a condition that may fail, each for itself.
pub(super) fn of<'e>(scope: &Scope<'_>, expression: &'e Expression, terms: &mut Vec<&'e Expression>) {
    use BinaryOperator::{Add, And, Default, Divide, Multiply, Or, Subtract};
    match expression {
        Expression::Literal(_) => {}
        Expression::Reference { path, .. } => {
            if path.iter().any(|step| matches!(step, Access::Index(_))) {
                terms.push(expression);
            }
        }
        Expression::Text(_) | Expression::Record(_) => terms.push(expression),
        Expression::List(items) => items.iter().for_each(|item| of(scope, item, terms)),
        Expression::Not(inner) | Expression::IsSet(inner) => of(scope, inner, terms),
        Expression::Negate(_) => {
            if form::key(expression).is_none() {
                terms.push(expression);
            }
        }
        Expression::InSegment(name) => {
            let (base, head) = scope.programs;
            let conditions = [base, head].map(|program| program.segments.get(name));
            if conditions.into_iter().flatten().any(|segment| computes(scope, &segment.condition)) {
                terms.push(expression);
            }
        }
        Expression::Binary { operator: Add | Subtract | Multiply | Divide, .. } => terms.push(expression),
        // Whether the right side is computed hangs on the left one.
        Expression::Binary { operator: And | Or | Default, left, right } => {
            if computes(scope, left) || computes(scope, right) {
                terms.push(expression);
            }
        }
        Expression::Binary { left, right, .. } => {
            of(scope, left, terms);
            of(scope, right, terms);
        }
    }
}

/// Whether a condition may fail.
pub(super) fn computes(scope: &Scope<'_>, expression: &Expression) -> bool {
    let mut terms = Vec::new();
    of(scope, expression, &mut terms);
    !terms.is_empty()
}
