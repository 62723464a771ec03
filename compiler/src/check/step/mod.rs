//! What a workflow does: one kind of step a file.

mod branch;
mod call;
mod emit;
mod end;
mod matching;
mod send;
mod set;
mod split;
mod wait;
mod wait_for;

use crate::check::flow::{Behind, Walk, meet};
use crate::ir;
use crate::lower::StepIds;
use crate::syntax::ast::{Statement, StatementKind};
use crate::types::Environment;

/// A step as it stands in the program, if it can, and what is known behind it.
pub(crate) type Outcome<'a> = (Option<ir::Step>, Behind<'a>);

/// Checks one step and lowers it.
pub(crate) fn statement<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: Environment<'a>,
    statement: &Statement,
) -> Outcome<'a> {
    let span = statement.span;
    match &*statement.node {
        StatementKind::Call(written) => call::check(walk, ids, environment, written, span),
        StatementKind::Send(written) => send::check(walk, ids, environment, written, span),
        StatementKind::Wait(duration) => wait::check(walk, ids, environment, duration),
        StatementKind::WaitUntil(moment) => wait::until(walk, ids, environment, moment),
        StatementKind::WaitFor(written) => wait_for::check(walk, ids, environment, written),
        StatementKind::If(written) => branch::check(walk, ids, environment, written),
        StatementKind::Match(written) => matching::check(walk, ids, environment, written),
        StatementKind::Split(written) => split::check(walk, ids, environment, written, span),
        StatementKind::Set(written) => set::check(walk, ids, environment, written),
        StatementKind::Emit { event, parameters } => emit::check(walk, ids, environment, event, parameters),
        StatementKind::Stop(reason) => end::stop(walk, ids, &environment, reason.as_ref()),
        StatementKind::Fail(reason) => end::fail(walk, ids, &environment, reason),
        StatementKind::Broken(blocks) => {
            // What the step was is not known, nor what it stored.
            let mut unknown = environment;
            unknown.open = true;
            let id = ids.next("broken", None);
            let mut ways = Vec::with_capacity(blocks.len() + 1);
            for block in blocks {
                ways.push(walk.block(&mut StepIds::block(&id, ""), unknown.clone(), &block.node).1);
            }
            ways.push(Some(unknown));
            (None, meet(ways))
        }
    }
}
