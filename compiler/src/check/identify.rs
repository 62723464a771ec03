//! Which contact a run is about.
//!
//! The value that is looked up is of the identifier's type: an `email` for `email`, a `phone` for `phone`, an `int` for
//! `id`, a `string` or an `int` for `external_id`. A plain `string` is no address: declared as `email`, it is checked when
//! the event is accepted, where its sender still learns of it. Where several lines are tried one after the other, a value
//! may be absent: that line finds nobody then.

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::ir::{self, Identifier, NotFound};
use crate::names::near;
use crate::source::Span;
use crate::syntax::ast::{self, HeaderKind, Otherwise};
use crate::types::{self, Environment, Ty, Typed, fits};

/// Checks the `identify` lines of a workflow. `needed` is the place of its name if there must be one.
pub(crate) fn check(
    environment: &Environment<'_>,
    workflow: &ast::Workflow,
    needed: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ir::Identification> {
    let lines: Vec<(Span, &ast::Identify)> = workflow
        .headers
        .iter()
        .filter_map(|header| match &header.node {
            HeaderKind::Identify(identify) => Some((header.span, identify)),
            _ => None,
        })
        .collect();
    let Some((&(last_span, last), before)) = lines.split_last() else {
        if needed && !workflow.may_lack_headers() {
            diagnostics.push(missing(workflow));
        }
        return None;
    };
    for (_, identify) in before {
        if let Some(otherwise) = &identify.otherwise {
            diagnostics.push(else_before_last(identify, otherwise.span, last, last_span));
        }
    }
    let several = !before.is_empty();
    let ways: Vec<_> =
        lines.iter().filter_map(|(_, identify)| way(environment, identify, several, diagnostics)).collect();
    if let Some(otherwise) = &last.otherwise
        && otherwise.node == Otherwise::Create
        && lines.iter().all(|(_, identify)| identify.key.node == "id")
    {
        diagnostics.push(cannot_create(otherwise.span));
    }
    (ways.len() == lines.len()).then_some(ir::Identification { ways, otherwise: not_found(last) })
}

/// The `identify` lines of a workflow that no event starts: what starts it brings its contact.
pub(crate) fn needless(environment: &Environment<'_>, workflow: &ast::Workflow, diagnostics: &mut Vec<Diagnostic>) {
    for header in &workflow.headers {
        let HeaderKind::Identify(identify) = &header.node else { continue };
        diagnostics.push(
            Diagnostic::new(Code::NeedlessIdentification, header.span)
                .hint("what starts the workflow brings its contact; only an event does not")
                .fix(Fix::delete(header.span)),
        );
        // What is wrong with the value goes with the line.
        let _ = types::expression(environment, &identify.value, &mut Vec::new());
    }
}

/// `call W identify by …`: another contact for one call.
pub(crate) fn of_call(
    environment: &Environment<'_>,
    identify: &ast::Identify,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ir::Identification> {
    let ways = vec![way(environment, identify, false, diagnostics)?];
    if let Some(otherwise) = &identify.otherwise
        && otherwise.node == Otherwise::Create
        && identify.key.node == "id"
    {
        diagnostics.push(cannot_create(otherwise.span));
    }
    Some(ir::Identification { ways, otherwise: not_found(identify) })
}

/// What happens when no contact is found.
fn not_found(identify: &ast::Identify) -> NotFound {
    identify.otherwise.as_ref().map_or(NotFound::Fail, |otherwise| match otherwise.node {
        Otherwise::Create => NotFound::Create,
        Otherwise::Stop => NotFound::Stop,
    })
}

/// One `identify by KEY value`.
fn way(
    environment: &Environment<'_>,
    identify: &ast::Identify,
    may_be_absent: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ir::Identify> {
    let typed = types::expression(environment, &identify.value, diagnostics);
    let key = &identify.key;
    let Some(by) = Identifier::ALL.into_iter().find(|identifier| identifier.word() == key.node) else {
        diagnostics.push(unknown_key(key));
        return None;
    };
    let wanted = match by {
        Identifier::Id => Ty::Int,
        Identifier::ExternalId if fits(typed.ty.required(), None, &Ty::Int).is_ok() => Ty::Int,
        Identifier::ExternalId => Ty::String,
        Identifier::Phone => Ty::Phone,
        Identifier::Email => Ty::Email,
    };
    // `required` leaves `null` as it is: written out, it would find nobody ever.
    let typed = if may_be_absent { Typed { ty: typed.ty.required().clone(), ..typed } } else { typed };
    let value = types::fit(typed, &wanted, &format!("what `{by}` is looked up by"), diagnostics);
    Some(ir::Identify { by, value })
}

/// The finding that there is nothing that a contact could be made from.
fn cannot_create(create: Span) -> Diagnostic {
    Diagnostic::new(Code::CreateById, create)
        .message("no contact can be made from an `id`: the store gives it")
        .hint("identify by `email`, `phone` or `external_id` too, or write `else stop`")
}

fn unknown_key(key: &ast::Name) -> Diagnostic {
    let words = Identifier::ALL.map(Identifier::word);
    let finding = Diagnostic::new(Code::UnknownName, key.span)
        .message(format!("a contact is not identified by `{}`", key.node))
        .hint("it is identified by `id`, `external_id`, `phone` or `email`");
    match near(&key.node, words) {
        Some(other) => finding.fix(Fix::replace(key.span, other)),
        None => finding,
    }
}

fn missing(workflow: &ast::Workflow) -> Diagnostic {
    let finding = Diagnostic::new(Code::MissingIdentification, workflow.name.span)
        .message(format!("nothing says which contact a run of `{}` is about", workflow.name.node))
        .hint("add a line such as `identify by email event.email else create`");
    let last = workflow.headers.iter().rev().find(|header| matches!(header.node, HeaderKind::On(_)));
    match last {
        Some(header) => finding.also(header.span, "an event names no contact by itself"),
        None => finding,
    }
}

fn else_before_last(identify: &ast::Identify, span: Span, last: &ast::Identify, last_span: Span) -> Diagnostic {
    let finding = Diagnostic::new(Code::ElseBeforeLast, span)
        .message("`else` belongs on the last `identify` line")
        .also(last_span, "this is the last one")
        .hint(
            "the lines are tried in the order written; only after the last one it is clear that no contact was found",
        );
    if last.otherwise.is_some() {
        return finding.fix(Fix::delete(Span::new(span.file, identify.value.span.end, span.end)));
    }
    let word = match identify.otherwise.as_ref().map(|otherwise| otherwise.node) {
        Some(Otherwise::Stop) => "stop",
        _ => "create",
    };
    finding.fix(
        Fix::delete(Span::new(span.file, identify.value.span.end, span.end))
            .and(Edit { span: last_span.after(), text: format!(" else {word}") })
            .titled("move it to the last line"),
    )
}
