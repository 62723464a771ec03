//! `send M [to address]`.

use super::Outcome;
use crate::check::flow::Walk;
use crate::check::later::not_yet;
use crate::ir::{Statement, Step};
use crate::lower::StepIds;
use crate::source::Span;
use crate::syntax::ast::Send;
use crate::types::{self, Environment, Ty};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    mut environment: Environment<'a>,
    send: &Send,
    span: Span,
) -> Outcome<'a> {
    let message = &send.message;
    let id = ids.next("send", Some(&message.node));
    if environment.names.message(message, walk.diagnostics).is_some() {
        let place = Span::new(span.file, span.start, message.span.end);
        walk.sites.send(&message.node, environment.for_message(), place);
    }
    let to = send.to.as_ref().map(|to| {
        let typed = types::expression(&environment, to, walk.diagnostics);
        types::fit(typed, &Ty::Email, "an e-mail's recipient", walk.diagnostics)
    });
    if let Some(between) = &send.between {
        let range = &between.node;
        for part in [&range.from, &range.to].into_iter().chain(&range.zone) {
            types::expression(&environment, part, walk.diagnostics);
        }
        walk.diagnostics.push(not_yet(between.span, "`send … between`"));
    }
    // A contact may change while the message is on its way.
    environment.forget_contact();
    let statement = Statement::Send { message: message.node.clone(), to, between: None };
    (Some(Step { id, statement }), Some(environment))
}
