//! Operators: which values they take and what they make of them.

mod arithmetic;
mod several;

use smol_str::SmolStr;

use self::arithmetic::{arithmetic, order};
use self::several::one_of_several;
use super::fit::no_member;
use super::{Environment, Facts, Place, Ty, Typed, condition, expression, facts, fits, join, path_key, present};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{self, Expression, Literal, Root};
use crate::names::spelled;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, BinaryOperator, ExprKind, UnaryOperator};

/// `not a`, `-a`.
pub(super) fn unary(
    environment: &Environment<'_>,
    operator: Spanned<UnaryOperator>,
    operand: &ast::Expr,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    match operator.node {
        UnaryOperator::Not => {
            let inner = condition(environment, operand, diagnostics);
            Typed::new(Ty::Bool, Expression::Not(Box::new(inner)), span)
        }
        UnaryOperator::Negate => {
            let typed = present(expression(environment, operand, diagnostics), diagnostics);
            let ty = match typed.ty {
                Ty::Int | Ty::Decimal | Ty::Unknown | Ty::Json => typed.ty,
                other => {
                    diagnostics.push(
                        Diagnostic::new(Code::WrongType, typed.span)
                            .message(format!("`-` takes a number, this is `{other}`")),
                    );
                    Ty::Unknown
                }
            };
            Typed::new(ty, Expression::Negate(Box::new(typed.expression)), span)
        }
    }
}

/// `x is set`, `x is not set`.
pub(super) fn is_set(
    environment: &Environment<'_>,
    operand: &ast::Expr,
    negated: bool,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let typed = expression(environment, operand, diagnostics);
    if !matches!(typed.expression, Expression::Reference { .. }) && !typed.ty.is_unknown() {
        diagnostics.push(
            Diagnostic::new(Code::WrongType, typed.span)
                .message("only a field or a result can be set or not")
                .hint("ask for one of `event`, `contact` or `data`"),
        );
    }
    let asked = Expression::IsSet(Box::new(typed.expression));
    let asked = if negated { Expression::Not(Box::new(asked)) } else { asked };
    Typed::new(Ty::Bool, asked, span)
}

/// `a + b` and all the others.
pub(super) fn binary(
    environment: &Environment<'_>,
    operator: Spanned<BinaryOperator>,
    left: &ast::Expr,
    right: &ast::Expr,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let (lowered, ty, left, right) = match operator.node {
        BinaryOperator::And | BinaryOperator::Or => {
            return logical(environment, operator.node, left, right, span, diagnostics);
        }
        BinaryOperator::In | BinaryOperator::NotIn => {
            let inside = membership(environment, left, right, diagnostics);
            let negated = operator.node == BinaryOperator::NotIn;
            let expression = if negated { Expression::Not(Box::new(inside)) } else { inside };
            return Typed::new(Ty::Bool, expression, span);
        }
        BinaryOperator::Coalesce => return coalesce(environment, left, right, span, diagnostics),
        BinaryOperator::Equal | BinaryOperator::NotEqual => {
            let left = expression(environment, left, diagnostics);
            let right = expression(environment, right, diagnostics);
            equal(&left, &right, left.span.to(right.span), diagnostics);
            let equal = operator.node == BinaryOperator::Equal;
            (if equal { ir::BinaryOperator::Equal } else { ir::BinaryOperator::NotEqual }, Ty::Bool, left, right)
        }
        BinaryOperator::Less => order(environment, ir::BinaryOperator::Less, left, right, diagnostics),
        BinaryOperator::LessOrEqual => order(environment, ir::BinaryOperator::LessOrEqual, left, right, diagnostics),
        BinaryOperator::Greater => order(environment, ir::BinaryOperator::Greater, left, right, diagnostics),
        BinaryOperator::GreaterOrEqual => {
            order(environment, ir::BinaryOperator::GreaterOrEqual, left, right, diagnostics)
        }
        BinaryOperator::Contains => contains(environment, left, right, diagnostics),
        BinaryOperator::Add => arithmetic(environment, ir::BinaryOperator::Add, left, right, diagnostics),
        BinaryOperator::Subtract => arithmetic(environment, ir::BinaryOperator::Subtract, left, right, diagnostics),
        BinaryOperator::Multiply => arithmetic(environment, ir::BinaryOperator::Multiply, left, right, diagnostics),
        BinaryOperator::Divide => arithmetic(environment, ir::BinaryOperator::Divide, left, right, diagnostics),
    };
    Typed::new(ty, pair(lowered, left.expression, right.expression), span)
}

type Operation = (ir::BinaryOperator, Ty, Typed, Typed);

fn pair(operator: ir::BinaryOperator, left: Expression, right: Expression) -> Expression {
    Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

/// `and`, `or`: what the left side tells holds on the right.
fn logical(
    environment: &Environment<'_>,
    operator: BinaryOperator,
    left: &ast::Expr,
    right: &ast::Expr,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    if let Some(finding) = one_of_several(operator, left, right) {
        diagnostics.push(finding);
        let _ = condition(environment, left, diagnostics);
        return Typed::unknown(span);
    }
    let left = condition(environment, left, diagnostics);
    let Facts { when_true, when_false } = facts(&left);
    let (lowered, known) = match operator {
        BinaryOperator::Or => (ir::BinaryOperator::Or, when_false),
        _ => (ir::BinaryOperator::And, when_true),
    };
    let mut inner = environment.clone();
    inner.assume(&known);
    let right = condition(&inner, right, diagnostics);
    Typed::new(Ty::Bool, pair(lowered, left, right), span)
}

/// `contact in SEGMENT`, `x in [a, b]`. A value that may be absent is in no list.
fn membership(
    environment: &Environment<'_>,
    left: &ast::Expr,
    right: &ast::Expr,
    diagnostics: &mut Vec<Diagnostic>,
) -> Expression {
    let whole_contact = matches!(&left.node, ExprKind::Name(name) if name == "contact");
    let segment = match &right.node {
        ExprKind::Name(name) if environment.aliases.contains_key(name) => None,
        ExprKind::Name(name) if matches!(name.as_str(), "event" | "contact" | "data" | "message") => None,
        ExprKind::Name(name) => Some(name.clone()),
        // A name that is more than a word stands in quotes.
        ExprKind::Text(text) if whole_contact => text.literal().map(SmolStr::from),
        _ => None,
    };
    if let Some(name) = segment
        && (whole_contact || environment.names.segments.get(&name).is_some())
    {
        let typed = expression(environment, left, diagnostics);
        if !whole_contact && !typed.ty.is_unknown() {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, left.span)
                    .message("only a contact can be in a segment")
                    .hint(format!("write `contact in {}`", spelled(&name))),
            );
        }
        let _ = environment.names.segment(&right.span.with(name.clone()), diagnostics);
        return Expression::InSegment(name);
    }
    let written = right;
    let left = expression(environment, left, diagnostics);
    let right = present(expression(environment, right, diagnostics), diagnostics);
    match &right.ty {
        Ty::List(item) => held_to_list(&left, &right, item, written, diagnostics),
        Ty::Unknown | Ty::Json => {}
        other => diagnostics.push(
            Diagnostic::new(Code::WrongType, right.span)
                .message(format!("`in` takes a list or a segment, this is `{other}`"))
                .maybe_hint(
                    (other.family() == Ty::String).then_some("for a part of a text write `text contains \"part\"`"),
                ),
        ),
    }
    pair(ir::BinaryOperator::In, left.expression, right.expression)
}

/// Holds that a value can be an element of a list. Of a written list each element is held to it for itself, so that the very
/// one that cannot be is named.
fn held_to_list(left: &Typed, list: &Typed, item: &Ty, written: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) {
    let (Expression::List(values), ExprKind::List(places)) = (&list.expression, &written.node) else {
        let item = Typed::new(item.clone(), list.expression.clone(), list.span);
        return equal(left, &item, left.span.to(list.span), diagnostics);
    };
    // The elements are not of one type, which is reported.
    if item.is_unknown() {
        return;
    }
    for (value, place) in values.iter().zip(places) {
        let ty = if let Expression::Literal(literal) = value { Ty::of(literal) } else { item.clone() };
        let before = diagnostics.len();
        equal(left, &Typed::new(ty, value.clone(), place.span), place.span, diagnostics);
        if diagnostics.get(before).is_some_and(|finding| finding.code == Code::TypesDiffer) {
            return;
        }
    }
}

/// `a contains b`: a list an element, a text a text.
fn contains(
    environment: &Environment<'_>,
    left: &ast::Expr,
    right: &ast::Expr,
    diagnostics: &mut Vec<Diagnostic>,
) -> Operation {
    let left = present(expression(environment, left, diagnostics), diagnostics);
    let right = present(expression(environment, right, diagnostics), diagnostics);
    match &left.ty {
        Ty::Unknown | Ty::Json => {}
        Ty::List(item) => {
            let item = Typed { ty: (**item).clone(), ..left.clone() };
            equal(&item, &right, left.span.to(right.span), diagnostics);
        }
        other if other.family() == Ty::String => {
            if !matches!(right.ty.family(), Ty::String | Ty::Unknown | Ty::Json) {
                diagnostics.push(differ(&left, &right, left.span.to(right.span), "a text contains texts"));
            }
        }
        other => diagnostics.push(
            Diagnostic::new(Code::WrongType, left.span)
                .message(format!("`contains` takes a list or a text, this is `{other}`")),
        ),
    }
    (ir::BinaryOperator::Contains, Ty::Bool, left, right)
}

/// `a ?? b`.
fn coalesce(
    environment: &Environment<'_>,
    left: &ast::Expr,
    right: &ast::Expr,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let left = expression(environment, left, diagnostics);
    let right = expression(environment, right, diagnostics);
    // A default that fits leaves the type as it is: a member of a union, an address.
    let ty = if !left.ty.is_optional() && !left.ty.is_unknown() {
        left.ty.clone()
    } else if fits(&right.ty, Some(&right.expression), left.ty.required()).is_ok() && left.ty != Ty::Null {
        if right.ty.is_unknown() { Ty::Unknown } else { left.ty.required().clone() }
    } else {
        join(left.ty.required(), &right.ty).unwrap_or_else(|| {
            diagnostics.push(differ(&left, &right, span, "both sides of `??` are of one type"));
            Ty::Unknown
        })
    };
    needless_default(environment, &left, &right, diagnostics);
    let sensitive = left.sensitive || right.sensitive;
    Typed { sensitive, ..Typed::new(ty, pair(ir::BinaryOperator::Default, left.expression, right.expression), span) }
}

/// Warns of a default for a value that is always there. In a webhook, whether it is may depend on who calls it.
fn needless_default(environment: &Environment<'_>, left: &Typed, right: &Typed, diagnostics: &mut Vec<Diagnostic>) {
    if left.ty.is_optional() || matches!(left.ty, Ty::Unknown | Ty::Json) {
        return;
    }
    let (of_contact, narrowed) = match &left.expression {
        Expression::Reference { root, .. } => {
            let path = path_key(&left.expression);
            (*root == Root::Contact, path.is_none_or(|path| environment.narrowed.contains_key(&path)))
        }
        _ => (false, false),
    };
    if matches!(environment.place, Place::Webhook { .. }) && (!of_contact || narrowed) {
        return;
    }
    let finding = Diagnostic::new(Code::NeedlessDefault, right.span)
        .message(format!("this is never taken: the left side is always there, it is `{}`", left.ty))
        .fix(Fix::delete(Span::new(right.span.file, left.span.end, right.span.end)));
    diagnostics.push(match left.declared {
        Some(declared) => finding.also(declared, "declared here"),
        None => finding,
    });
}

/// Why two values cannot be equal.
enum Unequal {
    /// They are of types that have nothing in common.
    Types,
    /// A literal is not among the members of a union.
    Member,
    /// One of them is `null`, the other one is always there.
    NeverNull,
}

fn comparable(left: &Typed, right: &Typed) -> Option<Unequal> {
    match (&left.ty, &right.ty) {
        (Ty::Unknown | Ty::Json, _) | (_, Ty::Unknown | Ty::Json) => return None,
        (Ty::Null, other) | (other, Ty::Null) => {
            return (!other.is_optional()).then_some(Unequal::NeverNull);
        }
        _ => {}
    }
    let (one, other) = (left.ty.required(), right.ty.required());
    if one.family() != other.family() && join(one, other).is_none() {
        return Some(Unequal::Types);
    }
    match (one, other, &left.expression, &right.expression) {
        (Ty::Union(members), _, _, Expression::Literal(literal))
        | (_, Ty::Union(members), Expression::Literal(literal), _) => {
            (!members.contains(literal)).then_some(Unequal::Member)
        }
        (Ty::Union(members), Ty::Union(others), _, _) => {
            (!members.iter().any(|member| others.contains(member))).then_some(Unequal::Types)
        }
        _ => None,
    }
}

/// Holds that two values can be equal: of types that go together, and a literal among the members of a union.
/// `at` is the place to name where the types do not go together.
pub fn equal(left: &Typed, right: &Typed, at: Span, diagnostics: &mut Vec<Diagnostic>) {
    match comparable(left, right) {
        None => {}
        Some(Unequal::Types) => diagnostics.push(differ(left, right, at, "values of these types are never equal")),
        Some(Unequal::Member) => {
            let (literal, union) =
                if matches!(right.expression, Expression::Literal(_)) { (right, left) } else { (left, right) };
            diagnostics.push(no_member(literal, &union.ty));
        }
        Some(Unequal::NeverNull) => {
            let value = if left.ty == Ty::Null { right } else { left };
            diagnostics.push(
                Diagnostic::new(Code::TypesDiffer, value.span)
                    .message(format!("this is always there: it is `{}`, never `null`", value.ty)),
            );
        }
    }
}

/// The finding that two values are of types that do not go together.
fn differ(left: &Typed, right: &Typed, at: Span, why: &str) -> Diagnostic {
    let (one, other) = (left.ty.required(), right.ty.required());
    let mut finding = Diagnostic::new(Code::TypesDiffer, at)
        .message(if at == right.span {
            format!("this is `{other}`, and it is compared with `{one}`")
        } else {
            format!("the left side is `{one}`, the right one `{other}`")
        })
        .hint(why);
    for side in [left, right] {
        if let Some(declared) = side.declared {
            finding = finding.also(declared, format!("declared here as `{}`", side.ty));
        }
    }
    // A number or a date in quotes is the usual slip.
    if let Expression::Literal(Literal::String(text)) = &right.expression
        && matches!(one.family(), Ty::Int | Ty::Bool | Ty::Date)
        && bare(text, one)
    {
        finding = finding.fix(Fix::replace(right.span, text.clone()).titled("write it without quotes"));
    }
    finding
}

/// Whether a text is a literal of the type when it loses its quotes.
fn bare(text: &str, ty: &Ty) -> bool {
    match ty.family() {
        Ty::Int => {
            text.parse::<rust_decimal::Decimal>().is_ok()
                && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        }
        Ty::Bool => matches!(text, "true" | "false"),
        Ty::Date => text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10,
        _ => false,
    }
}
