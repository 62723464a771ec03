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

pub mod catalogue;
pub mod diagnostic;
pub mod report;
pub mod suggest;
pub mod vocabulary;

use smol_str::SmolStr;

use diagnostic::Diagnostic;
use names::Names;
use source::{Sources, Spanned};
use syntax::ast::{Declaration, DeclarationKind};

/// What all `.wf` files of a project say.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The declarations: files in the order of their paths, each from top to bottom.
    pub declarations: Vec<Declaration>,
    /// What is wrong with the texts.
    pub diagnostics: Vec<Diagnostic>,
}

/// A project, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The program, if there is no error among the findings.
    pub program: Option<ir::Program>,
    /// The tests of the project, in the order of its sources; none if there is no program. They are no part of it: a test
    /// changes nothing that runs.
    pub tests: Vec<ir::Test>,
    /// What was found, in the order in which people read.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// The files that the project names, such as templates: paths below the project folder, as written. Whoever reads
    /// files adds them to the [`Sources`] before [`check`] looks for them there.
    pub fn referenced_files(&self) -> impl Iterator<Item = &Spanned<SmolStr>> {
        self.declarations.iter().flat_map(|declaration| {
            match &declaration.node.kind {
                DeclarationKind::Message(message) => Some(check::files(message)),
                _ => None,
            }
            .into_iter()
            .flatten()
        })
    }
}

/// Reads all `.wf` files. What cannot be read is left out and reported; what stands beside it is there.
pub fn parse(sources: &Sources) -> Parsed {
    let mut parsed = Parsed::default();
    for (file, source) in sources.programs() {
        let mut read = syntax::parse(file, source.text());
        parsed.declarations.append(&mut read.declarations);
        parsed.diagnostics.append(&mut read.diagnostics);
    }
    parsed
}

/// Checks what was read, and makes a program of it.
pub fn check(parsed: &Parsed, sources: &Sources) -> Compiled {
    let mut diagnostics = parsed.diagnostics.clone();
    let readable = !diagnostics.iter().any(Diagnostic::is_error);
    let names = Names::collect(&parsed.declarations, &mut diagnostics);
    let checked = check::project(&names, sources, &mut diagnostics).filter(|_| readable);
    // What could not be read may be what uses a declaration.
    if readable {
        names.report_unused(&mut diagnostics);
    }
    diagnostic::sort(&mut diagnostics);
    let (program, tests) = checked.map_or((None, Vec::new()), |checked| (Some(checked.program), checked.tests));
    Compiled { program, tests, diagnostics }
}

/// Reads and checks a project: its `.wf` files and the files that they name.
pub fn compile(sources: &Sources) -> Compiled {
    check(&parse(sources), sources)
}
