//! Sums, differences, products and order: which values go together.

use super::{Operation, differ};
use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::ir::{self, Expression, Literal};
use crate::syntax::ast;
use crate::types::{Environment, Ty, Typed, expression, present};

/// `<`, `<=`, `>`, `>=`: numbers, and what lies on a time line.
pub(super) fn order(
    environment: &Environment<'_>,
    operator: ir::BinaryOperator,
    left: &ast::Expr,
    right: &ast::Expr,
    diagnostics: &mut Vec<Diagnostic>,
) -> Operation {
    let left = present(expression(environment, left, diagnostics), diagnostics);
    let right = present(expression(environment, right, diagnostics), diagnostics);
    let unordered = |side: &&Typed| !is_ordered(&side.ty.family());
    let span = left.span.to(right.span);
    match (unordered(&&left), unordered(&&right)) {
        (false, false) => {
            let unchecked = |ty: &Ty| matches!(ty, Ty::Unknown | Ty::Json);
            if !unchecked(&left.ty) && !unchecked(&right.ty) && left.ty.family() != right.ty.family() {
                diagnostics.push(differ(&left, &right, span, "only values of one type can be less or greater"));
            }
        }
        (false, true) if !matches!(left.ty, Ty::Unknown | Ty::Json) => {
            diagnostics.push(differ(&left, &right, span, "only values of one type can be less or greater"));
        }
        _ => {
            if let Some(side) = [&left, &right].into_iter().find(unordered) {
                diagnostics.push(
                    Diagnostic::new(Code::WrongType, side.span)
                        .message(format!("`{}` has no order", side.ty))
                        .hint("only numbers, dates, datetimes and durations can be less or greater"),
                );
            }
        }
    }
    (operator, Ty::Bool, left, right)
}

/// Whether values of a type can be less or greater; what is not known may be.
const fn is_ordered(family: &Ty) -> bool {
    matches!(
        family,
        Ty::Int | Ty::Date | Ty::Datetime | Ty::LocalDatetime | Ty::Time | Ty::Duration | Ty::Unknown | Ty::Json
    )
}

/// `+ - * /`.
pub(super) fn arithmetic(
    environment: &Environment<'_>,
    operator: ir::BinaryOperator,
    left: &ast::Expr,
    right: &ast::Expr,
    diagnostics: &mut Vec<Diagnostic>,
) -> Operation {
    let left = present(expression(environment, left, diagnostics), diagnostics);
    let right = present(expression(environment, right, diagnostics), diagnostics);
    let ty = result(operator, &left, &right).unwrap_or_else(|finding| {
        diagnostics.push(*finding);
        Ty::Unknown
    });
    (operator, ty, left, right)
}

/// The type of a calculation.
pub(super) fn result(operator: ir::BinaryOperator, left: &Typed, right: &Typed) -> Result<Ty, Box<Diagnostic>> {
    use ir::BinaryOperator::{Add, Divide, Multiply, Subtract};
    let number = |ty: &Ty| ty.family() == Ty::Int;
    Ok(match (operator, &left.ty, &right.ty) {
        (_, Ty::Unknown, _) | (_, _, Ty::Unknown) => Ty::Unknown,
        (_, Ty::Json, _) | (_, _, Ty::Json) => Ty::Json,
        (Divide, a, b) if number(a) && number(b) => Ty::Decimal,
        (Add | Subtract | Multiply, a, b) if number(a) && number(b) => {
            if *a == Ty::Decimal || *b == Ty::Decimal {
                Ty::Decimal
            } else {
                Ty::Int
            }
        }
        (Add | Subtract, Ty::Datetime, Ty::Duration) | (Add, Ty::Duration, Ty::Datetime) => Ty::Datetime,
        (Add | Subtract, Ty::Duration, Ty::Duration) => Ty::Duration,
        (Add | Subtract, Ty::Date, Ty::Duration) => whole_days(right)?,
        (Add, Ty::Duration, Ty::Date) => whole_days(left)?,
        (Add, a, b) if a.family() == Ty::String && b.is_printable() || b.family() == Ty::String && a.is_printable() => {
            return Err(Box::new(
                Diagnostic::new(Code::WrongType, left.span.to(right.span))
                    .message("`+` adds numbers and times, no texts")
                    .hint("write one text with the values in it: `\"${…} ${…}\"`"),
            ));
        }
        (_, a, b) => {
            let sign = match operator {
                Add => "+",
                Subtract => "-",
                Multiply => "*",
                _ => "/",
            };
            return Err(Box::new(
                Diagnostic::new(Code::WrongType, left.span.to(right.span))
                    .message(format!("`{sign}` cannot take `{a}` and `{b}`"))
                    .hint("it takes numbers; `+` and `-` also a date or datetime and a duration, and two durations"),
            ));
        }
    })
}

/// A date moves by whole days; one that is not written out is held to it when a statement runs.
fn whole_days(duration: &Typed) -> Result<Ty, Box<Diagnostic>> {
    match &duration.expression {
        Expression::Literal(Literal::Duration(length)) if !length.milliseconds.is_multiple_of(DAY_IN_MILLISECONDS) => {
            Err(Box::new(
                Diagnostic::new(Code::WrongType, duration.span)
                    .message("a date moves by whole days")
                    .hint("write days or weeks, `1d`, or take a datetime"),
            ))
        }
        _ => Ok(Ty::Date),
    }
}

/// The length of a day: a date moves by whole ones.
const DAY_IN_MILLISECONDS: u64 = 86_400_000;
