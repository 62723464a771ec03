//! The blocks inside of statements, and the steps in them.

use super::{Block, Statement, Step};

/// Of a statement the block with this number, by reference or by mutable reference.
macro_rules! numbered {
    ($statement:expr, $number:expr, $get:ident, $as_option:ident $(, $mutable:tt)?) => {
        match $statement {
            Statement::Call { on_failure, .. } => on_failure.$as_option().filter(|_| $number == 0),
            Statement::WaitFor { then, on_timeout, .. } => [then, on_timeout].into_iter().nth($number),
            Statement::If { branches, otherwise } if $number == branches.len() => Some(otherwise),
            Statement::If { branches, .. } => branches.$get($number).map(|branch| &$($mutable)? branch.block),
            Statement::Match { arms, otherwise, .. } if $number == arms.len() => Some(otherwise),
            Statement::Match { arms, .. } => arms.$get($number).map(|arm| &$($mutable)? arm.block),
            Statement::Split(split) => split.arms.$get($number).map(|arm| &$($mutable)? arm.block),
            Statement::Send { .. }
            | Statement::Wait { .. }
            | Statement::WaitUntil { .. }
            | Statement::Set { .. }
            | Statement::Emit { .. }
            | Statement::Stop { .. }
            | Statement::Fail { .. } => None,
        }
    };
}

impl Statement {
    /// The block with this number, in the order written; an `else` that is not there is an empty block. Cursors of runs hold
    /// these numbers.
    pub fn block(&self, number: usize) -> Option<&Block> {
        numbered!(self, number, get, as_ref)
    }

    /// The same block, to be changed.
    pub(crate) fn block_mut(&mut self, number: usize) -> Option<&mut Block> {
        numbered!(self, number, get_mut, as_mut, mut)
    }

    /// All blocks, in the order written.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        (0..).map_while(|number| self.block(number))
    }

    /// Calls `change` with all blocks, in the order written.
    pub(crate) fn change_blocks(&mut self, mut change: impl FnMut(&mut Block)) {
        let mut number = 0;
        while let Some(block) = self.block_mut(number) {
            change(block);
            number += 1;
        }
    }
}

/// Calls `look` with every step of a block, outermost first, in the order written.
pub fn each_step<'a>(block: &'a [Step], look: &mut dyn FnMut(&'a Step)) {
    for step in block {
        look(step);
        for inner in step.statement.blocks() {
            each_step(inner, look);
        }
    }
}
