//! Whether one condition lets more through than another, as far as that can be proved from their forms.

use rust_decimal::Decimal;

use crate::ir::{BinaryOperator, Expression, Literal};

/// How a new condition stands to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// They let the same through.
    Same,
    /// The new one lets through all that the old one did, and maybe more.
    Wider,
    /// The new one lets through only what the old one did, and maybe less.
    Narrower,
    /// Neither can be proved.
    Unknown,
}

impl Order {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Order::Same => "the same",
            Order::Wider => "lets more through",
            Order::Narrower => "lets less through",
            Order::Unknown => "lets other cases through",
        }
    }
}

/// How `after` stands to `before`.
pub(super) fn order(before: &Expression, after: &Expression) -> Order {
    let (before, after) = (&plain(before), &plain(after));
    match (implies(before, after), implies(after, before)) {
        (true, true) => Order::Same,
        (true, false) => Order::Wider,
        (false, true) => Order::Narrower,
        (false, false) => Order::Unknown,
    }
}

/// What holds exactly when a condition does not.
pub(super) fn negated(condition: &Expression) -> Expression {
    match condition {
        Expression::Not(inner) => (**inner).clone(),
        other => Expression::Not(Box::new(other.clone())),
    }
}

/// `x == true` is `x`, and `x == false` is `not x`, also inside of `and`, `or` and `not`.
fn plain(condition: &Expression) -> Expression {
    use BinaryOperator::{And, Equal, NotEqual, Or};
    match condition {
        Expression::Binary { operator: operator @ (Equal | NotEqual), left, right } => match **right {
            Expression::Literal(Literal::Bool(value)) if value == (*operator == Equal) => plain(left),
            Expression::Literal(Literal::Bool(_)) => negated(&plain(left)),
            _ => condition.clone(),
        },
        Expression::Binary { operator: operator @ (And | Or), left, right } => {
            Expression::Binary { operator: *operator, left: Box::new(plain(left)), right: Box::new(plain(right)) }
        }
        Expression::Not(inner) => negated(&plain(inner)),
        other => other.clone(),
    }
}

/// Whether whenever `one` holds, `other` holds too. A proof from forms: `false` means only that none was found.
fn implies(one: &Expression, other: &Expression) -> bool {
    use BinaryOperator::{And, Or};
    if one == other || is(other, true) || is(one, false) {
        return true;
    }
    // Each side is taken apart into what all must hold and what one must hold, the certain directions first.
    if let Expression::Binary { operator: And, left, right } = other {
        return implies(one, left) && implies(one, right);
    }
    if let Expression::Binary { operator: Or, left, right } = one {
        return implies(left, other) && implies(right, other);
    }
    if let Expression::Binary { operator: And, left, right } = one
        && (implies(left, other) || implies(right, other))
    {
        return true;
    }
    if let Expression::Binary { operator: Or, left, right } = other
        && (implies(one, left) || implies(one, right))
    {
        return true;
    }
    if let (Expression::Not(one), Expression::Not(other)) = (one, other) {
        return implies(other, one);
    }
    bound_implies(one, other) || list_implies(one, other)
}

fn is(expression: &Expression, value: bool) -> bool {
    matches!(expression, Expression::Literal(Literal::Bool(literal)) if *literal == value)
}

/// `x > 200` implies `x > 100`, `x == 5` implies `x <= 7`.
fn bound_implies(one: &Expression, other: &Expression) -> bool {
    use BinaryOperator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let (Some((value, operator, bound)), Some((other_value, other_operator, other_bound))) =
        (comparison(one), comparison(other))
    else {
        return false;
    };
    if value != other_value {
        return false;
    }
    match (operator, other_operator) {
        (Greater | GreaterOrEqual | Equal, GreaterOrEqual) | (Greater, Greater) => bound >= other_bound,
        (GreaterOrEqual | Equal, Greater) => bound > other_bound,
        (Less | LessOrEqual | Equal, LessOrEqual) | (Less, Less) => bound <= other_bound,
        (LessOrEqual | Equal, Less) => bound < other_bound,
        _ => false,
    }
}

/// A comparison of a value with a number or a length of time.
fn comparison(expression: &Expression) -> Option<(&Expression, BinaryOperator, Decimal)> {
    let Expression::Binary { operator, left, right } = expression else { return None };
    let bound = match &**right {
        Expression::Literal(Literal::Int(bound)) => Decimal::from(*bound),
        Expression::Literal(Literal::Decimal(bound)) => *bound,
        Expression::Literal(Literal::Duration(bound)) => Decimal::from(bound.milliseconds),
        _ => return None,
    };
    Some((left, *operator, bound))
}

/// `x == "a"` implies `x in ["a", "b"]`, and a shorter list a longer one.
fn list_implies(one: &Expression, other: &Expression) -> bool {
    let (Some((value, few)), Some((other_value, many))) = (one_of(one), one_of(other)) else { return false };
    value == other_value && few.iter().all(|item| many.contains(item))
}

fn one_of(expression: &Expression) -> Option<(&Expression, &[Expression])> {
    match expression {
        Expression::Binary { operator: BinaryOperator::In, left, right } => match &**right {
            Expression::List(items) => Some((left, items)),
            _ => None,
        },
        Expression::Binary { operator: BinaryOperator::Equal, left, right } => {
            Some((left, std::slice::from_ref(right)))
        }
        _ => None,
    }
}
