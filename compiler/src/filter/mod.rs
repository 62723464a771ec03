//! Whether one condition lets more through than another, as far as that can be proved.

mod cases;
mod form;
mod scope;
mod terms;

use std::slice;

use smol_str::SmolStr;

use crate::ir::{BinaryOperator, Expression, Literal, Program, Root, Statement};

pub(crate) use cases::Cases;
pub(crate) use scope::Scope;

/// How a new condition stands to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
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
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Order::Same => "lets the same through",
            Order::Wider => "lets more through",
            Order::Narrower => "lets less through",
            Order::Unknown => "lets other cases through",
        }
    }
}

/// What a condition that cannot be computed means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    /// The run fails: it is a condition of a step or a segment.
    Fails,
    /// It is not met: it is the `where` of a line.
    NotMet,
}

/// How `after` stands to `before`: in every case that the two can tell apart, does one hold where the other does not?
pub(crate) fn order(scope: &Scope<'_>, before: &Expression, after: &Expression) -> Order {
    ordered(scope, slice::from_ref(before), slice::from_ref(after), Failing::Fails)
}

/// The same, of the `where` of some lines, of which one is enough. A line without one is [`ALWAYS`].
pub(crate) fn order_of_lines(scope: &Scope<'_>, before: &[Expression], after: &[Expression]) -> Order {
    ordered(scope, before, after, Failing::NotMet)
}

/// The condition of a line that has none.
pub(crate) const ALWAYS: Expression = Expression::Literal(Literal::Bool(true));

fn ordered(scope: &Scope<'_>, before: &[Expression], after: &[Expression], failing: Failing) -> Order {
    if before == after {
        return Order::Same;
    }
    match provable(scope, before, after, failing) {
        Order::Unknown => {}
        proved => return proved,
    }
    // A segment is what it asks: another one, or the same written out, may let the same through.
    let opened = |program: &Program, conditions: &[Expression]| -> Vec<Expression> {
        conditions.iter().map(|condition| meant(program, condition)).collect()
    };
    let (base, head) = scope.programs;
    let (opened_before, opened_after) = (opened(base, before), opened(head, after));
    match (opened_before.as_slice(), opened_after.as_slice()) {
        same if same == (before, after) => Order::Unknown,
        (before, after) if before == after => Order::Same,
        (before, after) => provable(scope, before, after, failing),
    }
}

/// The same, of conditions as they are written.
fn provable(scope: &Scope<'_>, before: &[Expression], after: &[Expression], failing: Failing) -> Order {
    let found = cases::compared(scope, before, after, failing);
    // With too many cases what both say is left out: it decides the same on both sides, unless it fails.
    let found = found.or_else(|| {
        if before.iter().chain(after).any(|condition| terms::computes(scope, condition)) {
            return None;
        }
        let (before, after) = (joined(before)?, joined(after)?);
        [BinaryOperator::And, BinaryOperator::Or].into_iter().find_map(|operator| {
            let (before, after) = without_shared(operator, &before, &after)?;
            cases::compared(scope, slice::from_ref(&before), slice::from_ref(&after), failing)
        })
    });
    found.unwrap_or(Order::Unknown)
}

/// Conditions of which one is enough, as one./// Conditions of which one is enough, as one.
fn joined(conditions: &[Expression]) -> Option<Expression> {
    conditions.iter().cloned().reduce(|left, right| left.with(BinaryOperator::Or, right))
}

/// Whether two conditions certainly never hold at once, and neither stands in the other's way by failing.
pub(crate) fn exclude_each_other(scope: &Scope<'_>, one: &Expression, other: &Expression) -> bool {
    let both = one.clone().with(BinaryOperator::And, other.clone());
    order(scope, &Expression::Literal(Literal::Bool(false)), &both) == Order::Same
}

/// Whether one of some conditions certainly holds.
pub(crate) fn one_holds(scope: &Scope<'_>, conditions: &[Expression]) -> bool {
    let Some(cases) = Cases::of(scope, conditions) else { return false };
    cases.each().all(|case| cases.way(0..conditions.len(), &case).is_some_and(|way| way < conditions.len()))
}

/// The ways of an `if` or a `match`, but for `else`, as conditions that are asked in their order.
pub(crate) fn ways(statement: &Statement) -> Vec<Expression> {
    match statement {
        Statement::If { branches, .. } => branches.iter().map(|branch| branch.condition.clone()).collect(),
        Statement::Match { value, arms, .. } => arms.iter().map(|arm| is_one_of(value, &arm.values)).collect(),
        _ => Vec::new(),
    }
}

/// That a value is one of some written ones.
pub(crate) fn is_one_of(value: &Expression, values: &[Literal]) -> Expression {
    let compared = |operator: BinaryOperator, right: Expression| value.clone().with(operator, right);
    match values {
        [only] => compared(BinaryOperator::Equal, Expression::Literal(only.clone())),
        several => {
            compared(BinaryOperator::In, Expression::List(several.iter().cloned().map(Expression::Literal).collect()))
        }
    }
}

/// A condition that knows an event by another name.
pub(crate) fn renamed(condition: &Expression, old: &SmolStr, new: &SmolStr) -> Expression {
    let again = |inner: &Expression| Box::new(renamed(inner, old, new));
    match condition {
        Expression::Reference { root: Root::Alias(name), path } if name == old => {
            Expression::Reference { root: Root::Alias(new.clone()), path: path.clone() }
        }
        Expression::Not(inner) => Expression::Not(again(inner)),
        Expression::Negate(inner) => Expression::Negate(again(inner)),
        Expression::IsSet(inner) => Expression::IsSet(again(inner)),
        Expression::List(items) => Expression::List(items.iter().map(|item| renamed(item, old, new)).collect()),
        Expression::Binary { operator, left, right } => {
            Expression::Binary { operator: *operator, left: again(left), right: again(right) }
        }
        other => other.clone(),
    }
}

/// A condition with what its segments ask in their place.
pub(crate) fn meant(program: &Program, condition: &Expression) -> Expression {
    match condition {
        Expression::InSegment(segment) => {
            program.segments.get(segment).map_or_else(|| condition.clone(), |it| meant(program, &it.condition))
        }
        Expression::Not(inner) => negated(&meant(program, inner)),
        Expression::Binary { operator: operator @ (BinaryOperator::And | BinaryOperator::Or), left, right } => {
            Expression::Binary {
                operator: *operator,
                left: Box::new(meant(program, left)),
                right: Box::new(meant(program, right)),
            }
        }
        other => other.clone(),
    }
}

/// What holds exactly when a condition does not.
pub(crate) fn negated(condition: &Expression) -> Expression {
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
        let joined = own.reduce(|left, right| left.with(operator, right));
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
