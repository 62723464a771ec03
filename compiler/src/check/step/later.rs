//! Steps that this version does not run: each is refused, what stands in it is checked like everything else.

use super::Outcome;
use crate::check::flow::{Walk, meet};
use crate::check::later::not_yet;
use crate::lower::StepIds;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Moment, Name, Record, WaitFor};
use crate::types::{self, Environment, Ty};

/// `wait until …`.
pub(super) fn wait_until<'a>(
    walk: &mut Walk<'a, '_>,
    mut environment: Environment<'a>,
    moment: &Moment,
    span: Span,
) -> Outcome<'a> {
    types::expression(&environment, &moment.at, walk.diagnostics);
    if let Some(zone) = &moment.zone {
        types::expression(&environment, zone, walk.diagnostics);
    }
    walk.diagnostics.push(not_yet(span, "`wait until`"));
    environment.forget_contact();
    (None, Some(environment))
}

/// `wait for EVENT …`.
pub(super) fn wait_for<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    mut environment: Environment<'a>,
    written: &WaitFor,
    span: Span,
) -> Outcome<'a> {
    let id = ids.next("wait", Some(&written.event.node));
    let head = Span::new(span.file, span.start, written.event.span.end);
    walk.diagnostics.push(not_yet(head, "`wait for`"));
    let ty = event_type(&environment, &written.event, walk);
    let typed = types::expression(&environment, &written.up_to, walk.diagnostics);
    types::fit(typed, &Ty::Duration, "what is waited for", walk.diagnostics);
    environment.forget_contact();
    let mut came = environment.clone();
    if let Some(alias) = &written.alias {
        came.bind(alias.node.clone(), ty);
    }
    if let Some(condition) = &written.condition {
        types::condition(&came, condition, walk.diagnostics);
    }
    let (_, came) = walk.block(&mut StepIds::block(&id, "then"), came, &written.block.node);
    let mut ways = vec![came];
    match &written.on_timeout {
        Some(block) => {
            let (_, late) = walk.block(&mut StepIds::block(&id, "timeout"), environment, &block.node);
            ways.push(late);
        }
        None => ways.push(Some(environment)),
    }
    (None, meet(ways))
}

/// `emit EVENT { … }`.
pub(super) fn emit<'a>(
    walk: &mut Walk<'a, '_>,
    environment: Environment<'a>,
    event: &Name,
    parameters: &Spanned<Record>,
    span: Span,
) -> Outcome<'a> {
    walk.diagnostics.push(not_yet(Span::new(span.file, span.start, event.span.end), "`emit`"));
    environment.names.event(event, walk.diagnostics);
    for entry in &parameters.node.entries {
        types::expression(&environment, &entry.value, walk.diagnostics);
    }
    (None, Some(environment))
}

fn event_type(environment: &Environment<'_>, event: &Name, walk: &mut Walk<'_, '_>) -> Ty {
    match environment.names.event(event, walk.diagnostics) {
        Some(_) => environment.schema.events.get(&event.node).map_or(Ty::Unknown, |record| Ty::Record(record.clone())),
        None => Ty::Unknown,
    }
}
