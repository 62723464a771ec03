//! Reads one `.wf` file: text in, tree and diagnostics out.
//!
//! Reading never fails. It knows nothing of other files, of names or of types: what can be said from the text of one
//! file alone is said here, the rest is the checks' business.

pub mod ast;
pub mod text_block;

/// How deep braces, brackets and expressions may nest. Deeper ones are refused: a walk over the tree is recursive.
pub const MAX_DEPTH: usize = 128;
