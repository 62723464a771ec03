//! Names and what is taken from them: `event.total`, `contact.town`, `data["Any name"][0].id`.

mod findings;

use smol_str::SmolStr;

pub use self::findings::{elsewhere, mixed_up, not_common, unknown_field};
use self::findings::{
    never, no_record, not_here, only_event, owner, segment_as_field, uncertain, unknown_root, without_uses,
};
use super::literal::{Constant, constant};
use super::narrow::path_key;
use super::{Environment, EventScope, Lookup, Place, ResultLookup, Ty, Typed, expression};
use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::ir::{Access, Expression, Literal, Root};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, ExprKind, Name};

/// A name, a field or an element.
pub(super) fn reference(
    environment: &Environment<'_>,
    written: &ast::Expr,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let typed = match &written.node {
        ExprKind::Name(name) => root(environment, &written.span.with(name.clone()), diagnostics),
        ExprKind::Field { of, name } if is_data(of) => data(environment, name, written.span, diagnostics),
        ExprKind::Field { of, name } => {
            let of = expression(environment, of, diagnostics);
            field(environment, of, name, written.span, diagnostics)
        }
        ExprKind::Index { of, index } if is_data(of) => match constant(index) {
            Constant::Literal(Literal::String(name)) => {
                data(environment, &index.span.with(SmolStr::from(name)), written.span, diagnostics)
            }
            Constant::Broken => Typed::unknown(written.span),
            _ => {
                diagnostics.push(
                    Diagnostic::new(Code::WrongType, index.span)
                        .message("a result is called by its name, written out")
                        .hint("write `data[\"NAME\"]`"),
                );
                Typed::unknown(written.span)
            }
        },
        ExprKind::Index { of, index } => {
            let of = expression(environment, of, diagnostics);
            element(environment, of, index, written.span, diagnostics)
        }
        _ => Typed::unknown(written.span),
    };
    // What a condition around it has found out.
    if typed.ty.is_optional()
        && path_key(&typed.expression).is_some_and(|path| environment.narrowed.contains_key(&path))
    {
        return Typed { ty: typed.ty.required().clone(), ..typed };
    }
    typed
}

fn is_data(expression: &ast::Expr) -> bool {
    matches!(&expression.node, ExprKind::Name(name) if name == "data")
}

/// A name that stands for itself.
fn root(environment: &Environment<'_>, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Typed {
    let span = name.span;
    let whole = |ty, root| Typed::new(ty, Expression::Reference { root, path: Vec::new() }, span);
    if let Some(ty) = environment.aliases.get(&name.node) {
        return whole(ty.clone(), Root::Alias(name.node.clone()));
    }
    match name.node.as_str() {
        "event" if environment.event != EventScope::Absent => {
            let declared = only_event(environment).map(|event| event.name.span);
            Typed { declared, ..whole(environment.event_type(), Root::Event) }
        }
        "contact" if environment.contact => whole(environment.contact_type(), Root::Contact),
        "event" | "contact" => {
            diagnostics.push(not_here(environment, name));
            Typed::unknown(span)
        }
        "data" if !takes_results(&environment.place) => {
            diagnostics.push(not_here(environment, name));
            Typed::unknown(span)
        }
        "data" => {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, span)
                    .message("`data` is no value itself")
                    .hint("name the result: `data.NAME` or `data[\"NAME\"]`"),
            );
            Typed::unknown(span)
        }
        "message" => match &environment.message {
            Some(parts) => whole(Ty::Record(std::sync::Arc::clone(parts)), Root::Message),
            None => {
                diagnostics.push(not_here(environment, name));
                Typed::unknown(span)
            }
        },
        _ => {
            if !environment.names.is_broken(&name.node) {
                diagnostics.push(unknown_root(environment, name));
            }
            Typed::unknown(span)
        }
    }
}

const fn takes_results(place: &Place) -> bool {
    match place {
        Place::Step | Place::Webhook { .. } | Place::Message => true,
        Place::Segment | Place::Trigger | Place::Identify | Place::Test => false,
    }
}

/// `data.NAME`.
fn data(environment: &Environment<'_>, name: &Name, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Typed {
    let text = &name.node;
    if !takes_results(&environment.place) {
        diagnostics.push(not_here(environment, &span.with(SmolStr::new_static("data"))));
        return Typed::unknown(span);
    }
    if let Place::Webhook { uses, insert_after, broken } = &environment.place
        && !uses.contains(text)
    {
        // A `uses` line that names no webhook and is near is told of, and means this one.
        let misspelt = |used: &SmolStr| {
            environment.names.webhooks.get(used).is_none() && suggest::nearest(used, [text.as_str()]).is_some()
        };
        if !broken && !environment.names.is_broken(text) && !uses.iter().any(misspelt) {
            diagnostics.push(without_uses(environment, name, span, *insert_after));
        }
        return Typed::unknown(span);
    }
    let ty = match environment.result(text) {
        ResultLookup::Certain(ty, _) => ty,
        ResultLookup::Open => Ty::Unknown,
        ResultLookup::Nothing(stored) => {
            let webhook = environment.names.webhooks.get(&stored.webhook);
            let finding = Diagnostic::new(Code::NoResult, span)
                .message(format!("the webhook `{}` says nothing of what it returns", stored.webhook))
                .hint("add a `returns` line to it");
            diagnostics.push(match webhook {
                Some(webhook) => finding.also(webhook.name.span, "declared here without `returns`"),
                None => finding,
            });
            Ty::Unknown
        }
        ResultLookup::Uncertain(stored) => {
            diagnostics.push(uncertain(text, span, stored.call));
            Ty::Unknown
        }
        ResultLookup::Never => {
            diagnostics.push(never(environment, name, span));
            Ty::Unknown
        }
    };
    Typed::new(ty, Expression::Reference { root: Root::Data(text.clone()), path: Vec::new() }, span)
}

/// `of.name`.
fn field(
    environment: &Environment<'_>,
    of: Typed,
    name: &Name,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let optional = of.ty.is_optional();
    let (ty, declared, sensitive) = match of.ty.field(&name.node) {
        Lookup::Open => (of.ty.required().clone(), None, false),
        Lookup::Member(member) => (member.ty.clone(), member.declared, member.sensitive),
        Lookup::Missing(record) => {
            let owner = owner(&of.expression);
            if owner == "the contact"
                && let Some(finding) = segment_as_field(environment, name, span)
            {
                diagnostics.push(finding);
                return Typed::unknown(span);
            }
            let not_common = if owner == "the event" { not_common(environment, name) } else { None };
            diagnostics.push(not_common.unwrap_or_else(|| match elsewhere(environment, &owner, &name.node) {
                Some(other) => mixed_up(&owner, name, Some(of.span), other),
                None => unknown_field(&owner, record, name, of.declared),
            }));
            return Typed::unknown(span);
        }
        Lookup::NoRecord => {
            diagnostics.push(no_record(&of, name));
            return Typed::unknown(span);
        }
    };
    if of.ty == Ty::Null {
        return Typed::unknown(span);
    }
    let ty = if optional { ty.optional() } else { ty };
    let sensitive = sensitive || of.sensitive;
    Typed { declared, sensitive, ..Typed::new(ty, step(of.expression, Access::Field(name.node.clone())), span) }
}

/// `of[index]`.
fn element(
    environment: &Environment<'_>,
    of: Typed,
    index: &ast::Expr,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    if let Constant::Literal(Literal::String(name)) = constant(index)
        && !matches!(of.ty.required(), Ty::List(_))
    {
        return field(environment, of, &index.span.with(SmolStr::from(name)), span, diagnostics);
    }
    let index = super::present(expression(environment, index, diagnostics), diagnostics);
    let wanted = match of.ty.required() {
        Ty::Unknown | Ty::Json => None,
        Ty::List(_) => Some(("an index", Ty::Int)),
        Ty::Record(_) => {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, index.span)
                    .message("a field is called by its name, written out")
                    .hint("write `.name` or `[\"name\"]`"),
            );
            return Typed::unknown(span);
        }
        other => {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, of.span).message(format!("`{other}` is no list: it has no elements")),
            );
            return Typed::unknown(span);
        }
    };
    let ty = match of.ty.required() {
        // Whether a list is that long is known when a statement runs.
        Ty::List(item) => (**item).clone().optional(),
        other => other.clone(),
    };
    if let (Expression::Literal(Literal::Int(number)), Some(_)) = (&index.expression, &wanted)
        && *number < 0
    {
        diagnostics.push(
            Diagnostic::new(Code::WrongType, index.span)
                .message("elements are counted from 0")
                .hint("there is no index below 0"),
        );
    }
    let index = match wanted {
        Some((what, ty)) => super::fit(index, &ty, what, diagnostics),
        None => index.expression,
    };
    Typed { sensitive: of.sensitive, ..Typed::new(ty, step(of.expression, Access::Index(Box::new(index))), span) }
}

/// A reference, one step longer.
fn step(of: Expression, access: Access) -> Expression {
    match of {
        Expression::Reference { root, mut path } => {
            // Most have one step or two.
            if path.is_empty() {
                path.reserve_exact(2);
            }
            path.push(access);
            Expression::Reference { root, path }
        }
        // A literal list or record cannot be looked into by the grammar; after a finding the value is `null`.
        other => other,
    }
}
