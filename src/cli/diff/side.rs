//! One of the two things that are compared: a folder, a compiled program, or what git has.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use compiler::ir::{Program, Test};
use compiler::places::Places;
use compiler::source::Sources;
use compiler::{Workspace, report};

use super::git::Repository;
use crate::cli::failure::{Exit, Failure};
use crate::cli::project;
use crate::cli::terminal::Terminal;

/// A compiled side.
pub(in crate::cli) struct Side {
    /// What it is called: `main`, `the working tree`, a path.
    pub(in crate::cli) name: String,
    /// What it says.
    pub(in crate::cli) program: Program,
    /// Its tests, if it was compiled from sources.
    pub(in crate::cli) tests: Option<Vec<Arc<Test>>>,
    /// Where it says it, if it was compiled from sources.
    pub(in crate::cli) written: Option<Written>,
}

/// Where a side's parts were written.
pub(in crate::cli) struct Written {
    places: Places,
    sources: Sources,
    /// What is put before paths so that they start where the command runs.
    folder: PathBuf,
}

/// A place for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Location {
    /// The file.
    pub(in crate::cli) path: String,
    /// The line, from 1.
    pub(in crate::cli) line: u32,
    /// The column, from 1, in characters.
    pub(in crate::cli) column: u32,
}

impl Side {
    /// A folder, a `.wf` file or a compiled program.
    pub(in crate::cli) fn at(path: &Path, terminal: &Terminal) -> Result<Side, Failure> {
        Side::named(project::shown(path), path, terminal)
    }

    /// What is in a folder now.
    pub(in crate::cli) fn working_tree(folder: &Path, terminal: &Terminal) -> Result<Side, Failure> {
        Side::named("the working tree".to_owned(), folder, terminal)
    }

    fn named(name: String, path: &Path, terminal: &Terminal) -> Result<Side, Failure> {
        if path.extension().is_some_and(|extension| extension == "wfc") {
            let program = runtime::project::load_compiled(path).map_err(|error| project::unreadable(&error))?;
            return Ok(Side { name, program, tests: None, written: None });
        }
        Side::compiled(name, project::load(path)?, path, terminal)
    }

    /// What a commit has.
    pub(in crate::cli) fn revision(
        repository: &Repository,
        (name, commit): (&str, &str),
        folder: &Path,
        terminal: &Terminal,
    ) -> Result<Side, Failure> {
        Side::compiled(name.to_owned(), repository.tree(commit)?, folder, terminal)
    }

    /// What is staged.
    pub(in crate::cli) fn index(repository: &Repository, folder: &Path, terminal: &Terminal) -> Result<Side, Failure> {
        Side::compiled("the index".to_owned(), repository.index()?, folder, terminal)
    }

    /// A side that does not compile is no side: its findings are shown, and nothing is compared.
    fn compiled(name: String, mut workspace: Workspace, folder: &Path, terminal: &Terminal) -> Result<Side, Failure> {
        let compiled = workspace.compile();
        let Some(program) = compiled.program else {
            let errors: Vec<_> = compiled.diagnostics.into_iter().filter(|finding| finding.is_error()).collect();
            terminal.note(&report::human(&errors, workspace.sources(), terminal.colour_notes()));
            let failure = Failure::caused(Exit::World, &NotCompiled(name));
            return Err(failure.hint("mend it first: what does not compile cannot be compared"));
        };
        let places = workspace.places(&program);
        let sources = workspace.sources().clone();
        let folder = if folder.is_file() { folder.parent().unwrap_or(folder).to_owned() } else { folder.to_owned() };
        Ok(Side { name, program, tests: Some(compiled.tests), written: Some(Written { places, sources, folder }) })
    }

    /// What is compared.
    pub(in crate::cli) fn view(&self) -> compiler::diff::Side<'_> {
        compiler::diff::Side { program: &self.program, tests: self.tests.as_deref() }
    }

    /// Where a part was written, or what is around it.
    pub(in crate::cli) fn location(&self, address: &str) -> Option<Location> {
        let written = self.written.as_ref()?;
        let span = written.places.find(address)?;
        let file = written.sources.get(span.file)?;
        let position = file.position(span.start);
        let path = project::shown(&std::fs::canonicalize(&written.folder).unwrap_or_default().join(file.path()));
        Some(Location { path, line: position.line, column: position.column })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} does not compile")]
struct NotCompiled(String);
