//! `if … { … } else if … { … } else { … }`.

use super::Outcome;
use crate::check::flow::{Walk, meet};
use crate::ir::{Branch, Statement, Step};
use crate::lower::StepIds;
use crate::syntax::ast::If;
use crate::types::{self, Environment};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: Environment<'a>,
    written: &If,
) -> Outcome<'a> {
    let id = ids.next("if", None);
    let mut ways = Vec::with_capacity(written.branches.len() + 1);
    let mut branches = Vec::with_capacity(written.branches.len());
    // What is known where none of the conditions so far has held.
    let mut rest = environment;
    for (number, branch) in (1_usize..).zip(&written.branches) {
        let condition = types::condition(&rest, &branch.condition, walk.diagnostics);
        let facts = types::facts(&condition);
        let mut inner = rest.clone();
        inner.assume(&facts.when_true);
        rest.assume(&facts.when_false);
        let mut below = StepIds::block(&id, &number.to_string());
        let (block, behind) = walk.block(&mut below, inner, &branch.block.node);
        ways.push(behind);
        branches.push(Branch { condition, block });
    }
    let otherwise = match &written.otherwise {
        Some(block) => {
            let (block, behind) = walk.block(&mut StepIds::block(&id, "else"), rest, &block.node);
            ways.push(behind);
            block
        }
        None => {
            ways.push(Some(rest));
            Vec::new()
        }
    };
    (Some(Step { id, statement: Statement::If { branches, otherwise } }), meet(ways))
}
