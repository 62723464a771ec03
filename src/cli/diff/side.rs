//! One of the two things that are compared: a folder, a compiled program, or what git has.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use compiler::diff::Change;
use compiler::ir::{Program, Test};
use compiler::places::Places;
use compiler::source::Sources;
use compiler::{Workspace, report};

use super::git::{Repository, Texts};
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
    /// The text of its `wf-accept.toml`, if it has one.
    pub(in crate::cli) accepts: Option<String>,
}

/// Where a side's parts were written.
pub(in crate::cli) struct Written {
    places: Places,
    sources: Sources,
    /// What is put before paths so that they start where the command runs.
    folder: PathBuf,
}

impl Written {
    /// A path of the project for people.
    fn shown(&self, path: &str) -> String {
        project::shown(&self.folder.join(path))
    }
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

/// What is to be compared, before it is compiled.
#[expect(clippy::large_enum_variant, reason = "there are two of them, moved once")]
pub(in crate::cli) enum Given {
    /// A compiled program.
    Ready(Box<Side>),
    /// Texts.
    Texts {
        /// What the side is called.
        name: String,
        /// What it says.
        texts: Texts,
        /// The project's folder.
        folder: PathBuf,
    },
}

impl Given {
    /// A folder, a `.wf` file or a compiled program.
    pub(in crate::cli) fn at(path: &Path) -> Result<Given, Failure> {
        Given::named(project::shown(path), path)
    }

    /// What is in a folder now.
    pub(in crate::cli) fn working_tree(folder: &Path) -> Result<Given, Failure> {
        Given::named("the working tree".to_owned(), folder)
    }

    fn named(name: String, path: &Path) -> Result<Given, Failure> {
        if path.extension().is_some_and(|extension| extension == "wfc") {
            let program = runtime::project::load_compiled(path).map_err(|error| project::unreadable(&error))?;
            return Ok(Given::Ready(Box::new(Side { name, program, tests: None, written: None, accepts: None })));
        }
        let accepts = match path.is_dir() {
            true => std::fs::read_to_string(path.join(super::accept::FILE)).ok(),
            false => None,
        };
        let texts = Texts { workspace: project::load(path)?, accepts };
        Ok(Given::Texts { name, texts, folder: path.to_owned() })
    }

    /// What a commit has.
    pub(in crate::cli) fn revision(
        repository: &Repository,
        (name, commit): (&str, &str),
        folder: &Path,
        terminal: &Terminal,
    ) -> Result<Given, Failure> {
        let texts = repository.tree(commit)?;
        if texts.workspace.sources().programs().next().is_none() {
            terminal.warn(&format!("{name} holds no workflows in `{}`: all is new", repository.place()));
        }
        Ok(Given::Texts { name: name.to_owned(), texts, folder: folder.to_owned() })
    }

    /// Compiles what a commit has and what this has, the project at `path`.
    pub(in crate::cli) fn against(
        self,
        revision: &str,
        path: &Path,
        terminal: &Terminal,
    ) -> Result<(Side, Side), Failure> {
        let repository = Repository::of(path)?;
        let commit = repository.commit(revision)?;
        Given::revision(&repository, (revision, &commit), path, terminal)?.both(self, terminal)
    }

    /// What is staged.
    pub(in crate::cli) fn index(repository: &Repository, folder: &Path) -> Result<Given, Failure> {
        Ok(Given::Texts { name: "the index".to_owned(), texts: repository.index()?, folder: folder.to_owned() })
    }

    /// Compiles one side.
    pub(in crate::cli) fn compile(self, terminal: &Terminal) -> Result<Side, Failure> {
        match self {
            Given::Ready(side) => Ok(*side),
            Given::Texts { name, mut texts, folder } => {
                compile(name, &mut texts.workspace, texts.accepts, &folder, terminal)
            }
        }
    }

    /// Compiles two sides; what both have is read and checked once.
    pub(in crate::cli) fn both(self, head: Given, terminal: &Terminal) -> Result<(Side, Side), Failure> {
        match (self, head) {
            (
                Given::Texts { name, mut texts, folder },
                Given::Texts { name: head_name, texts: head_texts, folder: head_folder },
            ) => {
                let workspace = &mut texts.workspace;
                let base = compile(name, workspace, texts.accepts, &folder, terminal)?;
                let after = head_texts.workspace.sources();
                workspace.retain(|path| after.find(path).is_some());
                for (_, file) in after.iter() {
                    workspace.set(file.path(), file.text());
                }
                Ok((base, compile(head_name, workspace, head_texts.accepts, &head_folder, terminal)?))
            }
            (base, head) => Ok((base.compile(terminal)?, head.compile(terminal)?)),
        }
    }
}

/// A side that does not compile is no side: its findings are shown, and nothing is compared.
fn compile(
    name: String,
    workspace: &mut Workspace,
    accepts: Option<String>,
    folder: &Path,
    terminal: &Terminal,
) -> Result<Side, Failure> {
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
    let folder = std::fs::canonicalize(&folder).unwrap_or(folder);
    Ok(Side { name, program, tests: Some(compiled.tests), written: Some(Written { places, sources, folder }), accepts })
}

impl Side {
    /// What is compared.
    pub(in crate::cli) fn view(&self) -> compiler::diff::Side<'_> {
        compiler::diff::Side { program: &self.program, tests: self.tests.as_deref() }
    }

    /// The `.wf` texts with their paths for people.
    pub(super) fn texts(&self) -> impl Iterator<Item = (String, &str)> {
        self.written
            .iter()
            .flat_map(|written| written.sources.programs().map(|(_, file)| (written.shown(file.path()), file.text())))
    }

    /// Where a change was written. Of the text of a message that is a file of its own, the first line that differs.
    pub(in crate::cli) fn location_of(&self, change: &Change) -> Option<Location> {
        let written = self.written.as_ref()?;
        let file = written.places.file(&change.address).and_then(|path| written.sources.find(path));
        let (Some(file), Some(words)) = (file, &change.words) else { return self.location(&change.address) };
        let line = words.first_difference();
        let path = written.shown(written.sources.path(file));
        Some(Location { path, line: u32::try_from(line).unwrap_or(u32::MAX), column: 1 })
    }

    /// Where a part was written, or what is around it.
    pub(in crate::cli) fn location(&self, address: &str) -> Option<Location> {
        let written = self.written.as_ref()?;
        let span = written.places.find(address)?;
        let file = written.sources.get(span.file)?;
        let position = file.position(span.start);
        let path = written.shown(file.path());
        Some(Location { path, line: position.line, column: position.column })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} does not compile")]
struct NotCompiled(String);
