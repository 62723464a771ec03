//! `event.plan == "pro" or "free"`: several values that one is compared with.

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOperator, ExprKind};

/// The finding that a value stands by itself behind a comparison with another one.
pub(super) fn one_of_several(operator: BinaryOperator, left: &ast::Expr, right: &ast::Expr) -> Option<Diagnostic> {
    let literal = |value: &ast::Expr| matches!(value.node, ExprKind::Text(_) | ExprKind::Int(_) | ExprKind::Decimal(_));
    let ExprKind::Binary { operator: compared, left: of, right: first } = &left.node else { return None };
    let word = match (operator, compared.node) {
        (BinaryOperator::Or, BinaryOperator::Equal) => "in",
        (BinaryOperator::And, BinaryOperator::NotEqual) => "not in",
        _ => return None,
    };
    if !literal(right) || !literal(first) {
        return None;
    }
    let sign = Span::new(of.span.file, of.span.end, first.span.start);
    let between = Span::new(of.span.file, first.span.end, right.span.start);
    let fix = Fix::replace(sign, format!(" {word} ["))
        .and(Edit { span: between, text: ", ".to_owned() })
        .and(Edit { span: right.span.after(), text: "]".to_owned() })
        .titled(format!("write `{word} […]`"));
    Some(
        Diagnostic::new(Code::WrongType, right.span)
            .message("a value by itself is no condition")
            .hint(format!("whether it is one of several is asked with `{word} [\"a\", \"b\"]`"))
            .fix(fix),
    )
}
