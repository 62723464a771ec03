//! Written values.

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::ir::{self, Literal};
use crate::syntax::ast::{self, ExprKind, UnaryOperator};

/// The value of a pattern or a member of a union; nothing if it could not be read.
pub fn literal(written: &ast::Literal) -> Option<Literal> {
    Some(match written {
        ast::Literal::Text(text) => Literal::String(text.to_string()),
        ast::Literal::Int(number) => Literal::Int(*number),
        ast::Literal::Decimal(number) => Literal::Decimal(*number),
        ast::Literal::Bool(value) => Literal::Bool(*value),
        ast::Literal::Null => Literal::Null,
        ast::Literal::Broken => return None,
    })
}

/// The value of an expression that is one literal. Nothing if it is another expression; what could not be read is
/// [`Constant::Broken`].
pub(super) fn constant(expression: &ast::Expr) -> Constant {
    let literal = match &expression.node {
        ExprKind::Text(text) => match text.literal() {
            Some(text) => Literal::String(text.to_owned()),
            None => return Constant::Computed,
        },
        ExprKind::Int(number) => Literal::Int(*number),
        ExprKind::Decimal(number) => Literal::Decimal(*number),
        ExprKind::Bool(value) => Literal::Bool(*value),
        ExprKind::Null => Literal::Null,
        ExprKind::Date(date) => Literal::Date(*date),
        ExprKind::DateTime(written) => return datetime(*written).map_or(Constant::OutOfRange, Constant::Literal),
        ExprKind::Time(time) => Literal::Time(*time),
        ExprKind::Duration(written) => Literal::Duration(duration(*written)),
        ExprKind::Unary { operator, operand } if operator.node == UnaryOperator::Negate => match constant(operand) {
            Constant::Literal(Literal::Int(number)) => match number.checked_neg() {
                Some(number) => Literal::Int(number),
                None => return Constant::OutOfRange,
            },
            Constant::Literal(Literal::Decimal(number)) => Literal::Decimal(-number),
            Constant::Broken => return Constant::Broken,
            _ => return Constant::Computed,
        },
        ExprKind::Broken => return Constant::Broken,
        _ => return Constant::Computed,
    };
    Constant::Literal(literal)
}

/// What [`constant`] finds.
pub(super) enum Constant {
    /// The value.
    Literal(Literal),
    /// Something that has a value only when a statement runs.
    Computed,
    /// A value that does not exist, such as an instant behind the end of time.
    OutOfRange,
    /// It could not be read.
    Broken,
}

/// A length of time.
pub(crate) const fn duration(written: ast::Duration) -> ir::Duration {
    ir::Duration { milliseconds: written.milliseconds() }
}

/// A datetime: an instant where it has an offset. Nothing if the instant lies outside of what can be reckoned with.
fn datetime(written: ast::DateTime) -> Option<Literal> {
    match written.offset {
        None => Some(Literal::LocalDatetime(written.civil)),
        Some(offset) => offset.to_timestamp(written.civil).ok().map(Literal::Datetime),
    }
}

/// The finding that a value does not exist.
pub(super) fn out_of_range(expression: &ast::Expr) -> Diagnostic {
    Diagnostic::new(Code::WrongType, expression.span)
        .message("this value lies outside of what can be reckoned with")
        .hint("datetimes reach from the year -9999 to 9999")
}
