//! The `.wf` language: sources in, program and diagnostics out.
//!
//! ```text
//! *.wf ─ syntax ─ names ─ types, check ─ lower ─▶ ir::Program
//!          └─ format ─▶ *.wf
//! ```
//!
//! The crate performs no I/O and knows no clock: whoever calls it hands over [`source::Sources`] and gets values back. All
//! findings of all stages come in one run; a program is made only if none of them is an error.
#![deny(clippy::disallowed_methods)]

pub mod source;
pub mod syntax;

pub mod format;

mod check;
mod lower;
pub mod names;
pub mod types;

pub mod ir;

mod filter;
mod pair;

pub mod audit;
pub mod diff;
pub mod graph;
pub mod places;

pub mod catalogue;
pub mod diagnostic;
pub mod fix;
pub mod report;
pub mod suggest;
pub mod vocabulary;

mod workspace;

pub use workspace::Workspace;

use std::sync::Arc;

use diagnostic::Diagnostic;
use source::Sources;

/// Tells this compiler from every other one, by all that it was built of: what another one made of a project may not be what
/// this one makes of it.
pub const BUILD: &str = env!("COMPILER_BUILD");

/// A project, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The program, if there is no error among the findings.
    pub program: Option<ir::Program>,
    /// The tests of the project, in the order of its sources; none if there is no program. They are no part of it: a test
    /// changes nothing that runs.
    pub tests: Vec<Arc<ir::Test>>,
    /// What was found, in the order in which people read.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks a project once: its `.wf` files and the files that they name. To compile it again when something has
/// changed, keep a [`Workspace`].
pub fn compile(sources: &Sources) -> Compiled {
    Workspace::from(sources.clone()).compile()
}
