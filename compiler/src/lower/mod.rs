//! From what was checked to the compiled program.
//!
//! Expressions and declarations are lowered where they are checked; what is left is what only the whole knows: the
//! identities of steps and the program itself.

mod step_id;

pub(crate) use step_id::StepIds;
