//! One `.wf` file, read.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::check;
use crate::diagnostic::Diagnostic;
use crate::names::Unit;
use crate::source::{FileId, SourceFile, Spanned};
use crate::syntax;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Its declarations in the order written.
    pub(super) units: Vec<Arc<Unit>>,
    /// What is wrong with its text.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl File {
    /// Reads a file.
    pub(super) fn read(id: FileId, source: &SourceFile) -> File {
        let parsed = syntax::parse(id, source.text());
        let readable = !parsed.diagnostics.iter().any(Diagnostic::is_error);
        let unit = |declaration: syntax::ast::Declaration| {
            let mut findings = Vec::new();
            let shape = check::shape(&declaration.node.kind, &mut findings);
            Arc::new(Unit::new(declaration, shape, findings, source.shared_text(), readable))
        };
        // Collected, they would keep the room of the declarations that they are made of, which is many times theirs.
        let mut units = Vec::with_capacity(parsed.declarations.len());
        units.extend(parsed.declarations.into_iter().map(unit));
        File { units, diagnostics: parsed.diagnostics }
    }

    /// The files that it names.
    pub(super) fn references(&self) -> impl Iterator<Item = &Spanned<SmolStr>> {
        self.units.iter().flat_map(|unit| check::files(&unit.declaration.node.kind))
    }
}
