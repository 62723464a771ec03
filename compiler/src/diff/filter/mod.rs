//! Whether one condition lets more through than another, as far as that can be proved.

mod cases;
mod form;
mod scope;

use crate::ir::{BinaryOperator, Expression, Literal};

pub(super) use scope::Scope;

/// How a new condition stands to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// They let the same through.
    Same,
    /// The new one lets through all that the old one did, and more.
    Wider,
    /// The new one lets through only what the old one did, and less.
    Narrower,
    /// Neither can be proved.
    Unknown,
}

impl Order {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Order::Same => "lets the same through",
            Order::Wider => "lets more through",
            Order::Narrower => "lets less through",
            Order::Unknown => "lets other cases through",
        }
    }
}

/// How `after` stands to `before`: in every case that the two can tell apart, does one hold where the other does not?
pub(super) fn order(scope: &Scope<'_>, before: &Expression, after: &Expression) -> Order {
    if before == after {
        return Order::Same;
    }
    let found = cases::compared(scope, before, after);
    // With too many cases what both say is left out: it decides the same on both sides.
    let found = found.or_else(|| {
        [BinaryOperator::And, BinaryOperator::Or].into_iter().find_map(|operator| {
            let (before, after) = without_shared(operator, before, after)?;
            cases::compared(scope, &before, &after)
        })
    });
    found.unwrap_or(Order::Unknown)
}

/// What holds exactly when a condition does not.
pub(super) fn negated(condition: &Expression) -> Expression {
    match condition {
        Expression::Not(inner) => (**inner).clone(),
        other => Expression::Not(Box::new(other.clone())),
    }
}

/// Two chains of `and`, or of `or`, without the terms that both have; nothing if they have none.
fn without_shared(
    operator: BinaryOperator,
    before: &Expression,
    after: &Expression,
) -> Option<(Expression, Expression)> {
    let (old, new) = (terms(operator, before), terms(operator, after));
    let rest = |terms: &[&Expression], others: &[&Expression]| {
        let own = terms.iter().filter(|term| !others.contains(term)).map(|term| (*term).clone());
        let joined =
            own.reduce(|left, right| Expression::Binary { operator, left: Box::new(left), right: Box::new(right) });
        joined.unwrap_or(Expression::Literal(Literal::Bool(operator == BinaryOperator::And)))
    };
    let shared = old.iter().any(|term| new.contains(term));
    shared.then(|| (rest(&old, &new), rest(&new, &old)))
}

/// The terms of a chain of one operator.
fn terms(operator: BinaryOperator, condition: &Expression) -> Vec<&Expression> {
    match condition {
        Expression::Binary { operator: own, left, right } if *own == operator => {
            let mut all = terms(operator, left);
            all.extend(terms(operator, right));
            all
        }
        other => vec![other],
    }
}
