//! Expressions: checked and lowered in one walk.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::literal::{Constant, constant, out_of_range};
use super::{Environment, Member, Record, Ty, join, operator, printable, reference};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{Escape, Expression, Literal, Part};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, TextPart};

/// An expression that has been looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    /// What it is; unknown if something in it is wrong, which is reported then.
    pub ty: Ty,
    /// Its compiled form. Where something in it is wrong it is `null`: no program is made then.
    pub expression: Expression,
    /// Where it was written.
    pub span: Span,
    /// Where the field that it names was declared.
    pub declared: Option<Span>,
    /// Whether a value in it comes from a `sensitive` field.
    pub sensitive: bool,
}

impl Typed {
    pub(super) const fn new(ty: Ty, expression: Expression, span: Span) -> Typed {
        Typed { ty, expression, span, declared: None, sensitive: false }
    }

    /// A literal value.
    pub const fn literal(value: Literal, span: Span) -> Typed {
        Typed::new(Ty::of(&value), Expression::Literal(value), span)
    }

    /// What is there after a finding.
    pub(super) const fn unknown(span: Span) -> Typed {
        Typed::new(Ty::Unknown, Expression::Literal(Literal::Null), span)
    }
}

/// Checks an expression and lowers it. Everything wrong with it is reported; what type it must have is the caller's
/// business.
pub fn expression(environment: &Environment<'_>, written: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) -> Typed {
    let span = written.span;
    match constant(written) {
        Constant::Literal(literal) => return Typed::new(Ty::of(&literal), Expression::Literal(literal), span),
        Constant::OutOfRange => {
            diagnostics.push(out_of_range(written));
            return Typed::unknown(span);
        }
        Constant::Broken => return Typed::unknown(span),
        Constant::Computed => {}
    }
    match &written.node {
        ExprKind::Text(written) => {
            let (parts, sensitive) = parts(environment, written, Escape::None, diagnostics);
            Typed { sensitive, ..Typed::new(Ty::String, Expression::Text(parts), span) }
        }
        ExprKind::List(items) => list(environment, items, span, diagnostics),
        ExprKind::Record(written) => record(environment, written, span, diagnostics),
        ExprKind::Name(_) | ExprKind::Field { .. } | ExprKind::Index { .. } => {
            reference::reference(environment, written, diagnostics)
        }
        ExprKind::Call { function, arguments } => call(environment, written, function, arguments, diagnostics),
        ExprKind::Unary { operator, operand } => operator::unary(environment, *operator, operand, span, diagnostics),
        ExprKind::Binary { operator, left, right } => {
            operator::binary(environment, *operator, left, right, span, diagnostics)
        }
        ExprKind::IsSet { operand, negated } => operator::is_set(environment, operand, *negated, span, diagnostics),
        // Literals and what could not be read are done above.
        ExprKind::Int(_)
        | ExprKind::Decimal(_)
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::Date(_)
        | ExprKind::DateTime(_)
        | ExprKind::Time(_)
        | ExprKind::Duration(_)
        | ExprKind::Broken => Typed::unknown(span),
    }
}

/// Checks a text with values in it, each of which is escaped the same way.
pub fn text(
    environment: &Environment<'_>,
    written: &ast::Text,
    escape: Escape,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Part> {
    parts(environment, written, escape, diagnostics).0
}

/// The parts of a text, and whether one of them comes from a `sensitive` field.
fn parts(
    environment: &Environment<'_>,
    written: &ast::Text,
    escape: Escape,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Part>, bool) {
    let mut parts = Vec::with_capacity(written.parts.len());
    let mut sensitive = false;
    for part in &written.parts {
        parts.push(match part {
            TextPart::Literal(block) => Part::Literal(block.text.clone()),
            TextPart::Interpolation(value) => {
                let typed = printable(environment, &value.node, diagnostics);
                sensitive |= typed.sensitive;
                Part::Value { value: typed.expression, escape }
            }
        });
    }
    (parts, sensitive)
}

fn list(environment: &Environment<'_>, items: &[ast::Expr], span: Span, diagnostics: &mut Vec<Diagnostic>) -> Typed {
    let mut lowered = Vec::with_capacity(items.len());
    let mut common: Option<Ty> = None;
    let mut mixed = false;
    for item in items {
        let typed = expression(environment, item, diagnostics);
        common = Some(match common {
            None => typed.ty,
            // What leaves as JSON may hold anything.
            Some(before) if environment.place.holds_json() => join(&before, &typed.ty).unwrap_or(Ty::Json),
            Some(before) => join(&before, &typed.ty).unwrap_or_else(|| {
                mixed = true;
                diagnostics.push(
                    Diagnostic::new(Code::TypesDiffer, typed.span)
                        .message(format!("the elements before are `{before}`, this one is `{}`", typed.ty))
                        .hint("the elements of a list are of one type"),
                );
                Ty::Unknown
            }),
        });
        lowered.push(typed.expression);
    }
    if mixed {
        return Typed::unknown(span);
    }
    // An empty list fits every list.
    Typed::new(Ty::list(common.unwrap_or(Ty::Unknown)), Expression::List(lowered), span)
}

fn record(
    environment: &Environment<'_>,
    written: &ast::Record,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let mut fields: BTreeMap<_, Member> = BTreeMap::new();
    let mut lowered = Vec::with_capacity(written.entries.len());
    for entry in &written.entries {
        let typed = expression(environment, &entry.value, diagnostics);
        let name = &entry.name;
        if let Some(first) = fields.get(&name.node) {
            let finding = Diagnostic::new(Code::DuplicateName, name.span)
                .message(format!("the field `{}` is written twice", name.node))
                .hint("remove one of them");
            diagnostics.push(match first.declared {
                Some(first) => finding.also(first, "written first here"),
                None => finding,
            });
            continue;
        }
        let member = Member { ty: typed.ty, sensitive: false, default: None, declared: Some(name.span) };
        fields.insert(name.node.clone(), member);
        lowered.push((name.node.clone(), typed.expression));
    }
    let ty = Ty::Record(Arc::new(Record { fields, broken: written.broken }));
    Typed::new(ty, Expression::Record(lowered), span)
}

/// What to say where the present time is asked for.
pub(super) const NO_CLOCK: &str = "a value does not depend on when it is looked at: `event.occurred_at` is when the event happened, and steps wait with `wait until`";

/// The language has no functions; `secret("…")` looks like one and is no value.
fn call(
    environment: &Environment<'_>,
    written: &ast::Expr,
    function: &ast::Expr,
    arguments: &[ast::Expr],
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let span = written.span;
    match &function.node {
        ExprKind::Name(name) if name == "secret" => diagnostics.push(
            Diagnostic::new(Code::SecretOutsideConnector, span)
                .hint("put the secret into a `connector` and name that one in the webhook: `auth NAME`"),
        ),
        ExprKind::Broken => {}
        // `contact.town.get("x")` and the like are Velocity's way.
        ExprKind::Field { of, name } if name.node == "get" && arguments.len() == 1 => {
            let finding = Diagnostic::new(Code::UnknownFunction, span).message("values have no `get` here");
            diagnostics.push(match arguments.first() {
                Some(argument) => finding.hint("write the name or the number in brackets").fix(
                    Fix::replace(Span::new(span.file, of.span.end, argument.span.start), "[")
                        .and(crate::diagnostic::Edit {
                            span: Span::new(span.file, argument.span.end, span.end),
                            text: "]".to_owned(),
                        })
                        .titled("write it with brackets"),
                ),
                None => finding,
            });
            let _ = expression(environment, of, diagnostics);
        }
        _ => {
            let shown = match &function.node {
                ExprKind::Name(name) => format!("there is no function `{name}`"),
                ExprKind::Field { name, .. } => format!("there is no function `{}`", name.node),
                _ => "this cannot be called".to_owned(),
            };
            let called = match &function.node {
                ExprKind::Name(name) => name.as_str(),
                ExprKind::Field { name, .. } => name.node.as_str(),
                _ => "",
            };
            let hint = match called {
                "includes" | "contains" | "has" | "indexOf" | "index_of" => {
                    "whether a list holds a value is asked with `\"x\" in event.tags`, whether a text holds another one with `contains`"
                }
                "startsWith" | "starts_with" | "endsWith" | "ends_with" | "matches" | "like" => {
                    "texts are compared with `==`, `!=` and `contains`"
                }
                "isset" | "is_set" | "exists" | "defined" | "empty" | "isEmpty" | "is_empty" => {
                    "whether there is a value is asked behind it: `event.note is set`"
                }
                "count" | "len" | "length" | "size" => {
                    "nothing is counted here; whether a list has an element is asked with `[0] is set`"
                }
                "now" | "today" | "date" => NO_CLOCK,
                _ => "expressions have operators, fields and indexes; templates of messages have methods and tools",
            };
            diagnostics.push(Diagnostic::new(Code::UnknownFunction, span).message(shown).hint(hint));
            for argument in arguments {
                let _ = expression(environment, argument, diagnostics);
            }
        }
    }
    Typed::unknown(span)
}
