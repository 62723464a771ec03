//! `wait for EVENT [as name] [where …] up to D { … } [on timeout { … }]`.

use super::Outcome;
use super::wait::no_time;
use crate::check::entry::{bind, event_type};
use crate::check::flow::{Walk, meet};
use crate::ir::{Statement, Step};
use crate::lower::StepIds;
use crate::syntax::ast::WaitFor;
use crate::types::{self, Environment, Ty};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    mut environment: Environment<'a>,
    written: &WaitFor,
) -> Outcome<'a> {
    let event = &written.event;
    let id = ids.next("wait", Some(&event.node));
    let ty = event_type(&environment, event, walk.diagnostics);
    let typed = types::expression(&environment, &written.up_to, walk.diagnostics);
    let up_to = types::fit(typed, &Ty::Duration, "what is waited for", walk.diagnostics);
    no_time(&up_to, written.up_to.span, walk.diagnostics);
    environment.forget_contact();
    let mut came = environment.clone();
    if let Some(alias) = &written.alias {
        bind(&mut came, alias, ty, walk.diagnostics);
    }
    let filter = written.condition.as_ref().map(|condition| {
        let condition = types::condition(&came, condition, walk.diagnostics);
        came.assume(&types::facts(&condition).when_true);
        condition
    });
    if let Some(exit) = walk.exits.get(&event.node) {
        walk.left_before(*exit, &written.block);
    }
    let (then, behind) = walk.block(&mut StepIds::block(&id, "then"), came, &written.block.node);
    let mut ways = vec![behind];
    let on_timeout = match &written.on_timeout {
        Some(block) => {
            let (block, late) = walk.block(&mut StepIds::block(&id, "timeout"), environment, &block.node);
            ways.push(late);
            block
        }
        None => {
            ways.push(Some(environment));
            Vec::new()
        }
    };
    let alias = written.alias.as_ref().map(|alias| alias.node.clone());
    let statement = Statement::WaitFor { event: event.node.clone(), alias, filter, up_to, then, on_timeout };
    (Some(Step { id, statement }), meet(ways))
}
