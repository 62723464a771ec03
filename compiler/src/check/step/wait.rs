//! `wait DURATION`.

use super::Outcome;
use crate::check::flow::Walk;
use crate::ir::{Statement, Step};
use crate::lower::StepIds;
use crate::syntax::ast::Expr;
use crate::types::{self, Environment, Ty};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    mut environment: Environment<'a>,
    duration: &Expr,
) -> Outcome<'a> {
    let id = ids.next("wait", None);
    let typed = types::expression(&environment, duration, walk.diagnostics);
    let duration = types::fit(typed, &Ty::Duration, "what is waited for", walk.diagnostics);
    environment.forget_contact();
    (Some(Step { id, statement: Statement::Wait { duration } }), Some(environment))
}
