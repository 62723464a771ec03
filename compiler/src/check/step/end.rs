//! `stop ["reason"]`, `fail "reason"`.

use super::Outcome;
use crate::check::flow::Walk;
use crate::ir::{Escape, Statement, Step};
use crate::lower::StepIds;
use crate::source::Spanned;
use crate::syntax::ast::Text;
use crate::types::{self, Environment};

pub(super) fn stop<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: &Environment<'a>,
    reason: Option<&Spanned<Text>>,
) -> Outcome<'a> {
    let id = ids.next("stop", None);
    let reason = reason.map(|reason| types::text(environment, &reason.node, Escape::None, walk.diagnostics));
    (Some(Step { id, statement: Statement::Stop { reason } }), None)
}

pub(super) fn fail<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: &Environment<'a>,
    reason: &Spanned<Text>,
) -> Outcome<'a> {
    let id = ids.next("fail", None);
    let reason = types::text(environment, &reason.node, Escape::None, walk.diagnostics);
    (Some(Step { id, statement: Statement::Fail { reason } }), None)
}
