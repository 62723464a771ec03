//! `call W [identify by …] [as name] [on failure { … }]`.

use smol_str::SmolStr;

use super::Outcome;
use crate::catalogue::Code;
use crate::check::flow::{Walk, meet};
use crate::check::identify;
use crate::diagnostic::Diagnostic;
use crate::ir::{Statement, Step};
use crate::lower::StepIds;
use crate::names::spelled;
use crate::source::Span;
use crate::syntax::ast::{Call, Name};
use crate::types::{self, Environment, Stored};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: Environment<'a>,
    call: &Call,
    span: Span,
) -> Outcome<'a> {
    let webhook = call.webhook.node.clone();
    let name = call.alias.as_ref().unwrap_or(&call.webhook);
    let id = ids.next("call", Some(&name.node));
    let place = head(call, span);
    if environment.names.webhook(&call.webhook, walk.diagnostics).is_some() {
        let mut inner = environment.clone();
        if call.identify.is_some() {
            // What was found out about the run's contact is not known of another one.
            inner.forget_contact();
        }
        walk.sites.call(&webhook, &inner, place);
    }
    let identification =
        call.identify.as_ref().and_then(|it| identify::of_call(&environment, &it.node, walk.diagnostics));
    // Of a webhook that is not declared no result takes a name.
    let declared = environment.schema.result(&webhook).is_some();
    let unknown = !declared || !one_type(walk, name, &webhook);
    let stored = Stored { webhook: webhook.clone(), unknown, certain: true, call: place };
    // A contact may change while the request is on its way.
    let mut base = environment;
    base.forget_contact();

    let failed = call.on_failure.as_ref().map(|block| (block, base.clone()));
    // A result of an earlier call is replaced, and so is what was found out about it.
    base.forget(&types::result_path(&name.node));
    base.store(name.node.clone(), stored.clone());
    let mut ways = vec![Some(base)];
    let on_failure = failed.map(|(block, mut failed)| {
        // Behind the block the call is one that was made: what it would have stored may be missing.
        if !failed.results.contains_key(&name.node) {
            failed.store(name.node.clone(), Stored { certain: false, ..stored });
        }
        let (lowered, behind) = walk.block(&mut StepIds::block(&id, "failure"), failed, &block.node);
        ways.push(behind);
        lowered
    });
    let statement = Statement::Call { webhook, store_as: name.node.clone(), identification, on_failure };
    (Some(Step { id, statement }), meet(ways))
}

/// The place of a call without its block.
fn head(call: &Call, span: Span) -> Span {
    let last = call.alias.as_ref().unwrap_or(&call.webhook);
    Span::new(span.file, span.start, last.span.end.max(call.webhook.span.end))
}

/// Holds that all results of one name are of one webhook, whatever way a run takes.
fn one_type(walk: &mut Walk<'_, '_>, name: &Name, webhook: &SmolStr) -> bool {
    match walk.stored.get(&name.node) {
        None => {
            walk.stored.insert(name.node.clone(), (webhook.clone(), name.span));
            true
        }
        Some((other, _)) if other == webhook => true,
        Some((other, first)) => {
            walk.diagnostics.push(
                Diagnostic::new(Code::DuplicateResult, name.span)
                    .message(format!("`{}` is the result of `{other}` already", name.node))
                    .also(*first, format!("the result of `{other}` is stored under this name"))
                    .hint(format!("give this one another name: `call {} as NAME`", spelled(webhook))),
            );
            false
        }
    }
}
