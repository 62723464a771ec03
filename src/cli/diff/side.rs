//! One of the two things that are compared: a folder, a compiled program, or what git has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use compiler::diff::Change;
use compiler::ir::{Program, Test};
use compiler::places::Places;
use compiler::source::Sources;
use compiler::{Workspace, report};
use runtime::project::LoadError;

use super::git::Repository;
use super::listing::{Beside, Held, Listing};
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
    /// The text of its `wf.toml`, empty where it has none; nothing for a compiled program, which knows no settings.
    pub(in crate::cli) settings: Option<String>,
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
pub(in crate::cli) enum Given {
    /// A compiled program.
    Ready(Box<Side>),
    /// Texts.
    Texts {
        /// What the side is called.
        name: String,
        /// Where they are.
        texts: Texts,
        /// The project's folder.
        folder: PathBuf,
    },
}

/// Where the texts of a side are.
pub(in crate::cli) enum Texts {
    /// In a folder, or in one file.
    Folder(PathBuf),
    /// In the folder of a work tree, which may be gone.
    Tree(PathBuf),
    /// In a commit or the index.
    Git(Listing),
    /// Read already.
    Read(Box<(Workspace, Beside)>),
}

impl Texts {
    /// Gives a workspace these texts and no others.
    fn fill(self, workspace: &mut Workspace, held: &mut Held) -> Result<Beside, Failure> {
        match self {
            Texts::Folder(path) | Texts::Tree(path) => {
                held.clear();
                runtime::project::refresh(workspace, &path).map_err(|error| project::unreadable(&error))?;
                Ok(beside(&path))
            }
            Texts::Git(listing) => listing.fill(workspace, held),
            Texts::Read(read) => {
                let (read, beside) = *read;
                held.clear();
                let after = read.sources();
                workspace.retain(|path| after.find(path).is_some());
                for (_, file) in after.iter() {
                    match file.skipped() {
                        Some(why) => workspace.skip(file.path(), why),
                        None => workspace.set(file.path(), file.text()),
                    }
                }
                Ok(beside)
            }
        }
    }

    /// The same; with a folder that holds no program the workspace holds nothing, and why is said.
    fn fill_or_empty(self, workspace: &mut Workspace, held: &mut Held) -> Result<(Beside, Option<Failure>), Failure> {
        let path = match &self {
            Texts::Folder(path) | Texts::Tree(path) => path.clone(),
            Texts::Git(_) | Texts::Read(_) => return Ok((self.fill(workspace, held)?, None)),
        };
        held.clear();
        let is_gone = matches!(self, Texts::Tree(_)) && !path.exists();
        match runtime::project::refresh(workspace, &path) {
            Ok(_) => Ok((beside(&path), None)),
            Err(error) if is_gone || matches!(error, LoadError::Empty { .. } | LoadError::Skipped { .. }) => {
                workspace.retain(|_| false);
                Ok((beside(&path), Some(project::unreadable(&error))))
            }
            Err(error) => Err(project::unreadable(&error)),
        }
    }
}

/// What lies beside the programs of a folder.
fn beside(path: &Path) -> Beside {
    let there = path.is_dir();
    let beside = |name: &str| there.then(|| std::fs::read_to_string(path.join(name)).ok()).flatten();
    let settings = there.then(|| beside(super::settings::FILE).unwrap_or_default());
    Beside { accepts: beside(super::accept::FILE), settings }
}

/// What follows when the old side has nothing.
pub(super) const ALL_IS_NEW: &str = "all is new";

/// What follows when the new side has nothing.
pub(super) const ALL_IS_GONE: &str = "all is gone";

impl Given {
    /// A folder, a `.wf` file or a compiled program.
    pub(in crate::cli) fn at(path: &Path) -> Result<Given, Failure> {
        Given::named(project::shown(path), path)
    }

    /// What is in a folder now.
    pub(in crate::cli) fn working_tree(folder: &Path) -> Result<Given, Failure> {
        let mut given = Given::named("the working tree".to_owned(), folder)?;
        if let Given::Texts { texts, .. } = &mut given {
            *texts = Texts::Tree(folder.to_owned());
        }
        Ok(given)
    }

    fn named(name: String, path: &Path) -> Result<Given, Failure> {
        if path.extension().is_some_and(|extension| extension == "wfc") {
            let program = runtime::project::load_compiled(path).map_err(|error| project::unreadable(&error))?;
            return Ok(Given::Ready(Box::new(Side::compiled(name, program))));
        }
        Ok(Given::Texts { name, texts: Texts::Folder(path.to_owned()), folder: path.to_owned() })
    }

    /// What a commit has. Where that is nothing, `so` says what follows.
    pub(in crate::cli) fn revision(
        repository: &Repository,
        (name, commit): (&str, &str),
        so: &str,
        folder: &Path,
        terminal: &Terminal,
    ) -> Result<Given, Failure> {
        let listing = repository.tree(commit)?;
        if !listing.has_programs() {
            terminal.warn(&format!("{name} holds no workflows in `{}`: {so}", repository.place()));
        }
        Ok(Given::Texts { name: name.to_owned(), texts: Texts::Git(listing), folder: folder.to_owned() })
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
        Given::revision(&repository, (revision, &commit), ALL_IS_NEW, path, terminal)?.both(self, terminal)
    }

    /// What is staged.
    pub(in crate::cli) fn index(repository: &Repository, folder: &Path, terminal: &Terminal) -> Result<Given, Failure> {
        let listing = repository.index()?;
        if !listing.has_programs() {
            terminal.warn(&format!("the index holds no workflows in `{}`: {ALL_IS_GONE}", repository.place()));
        }
        Ok(Given::Texts { name: "the index".to_owned(), texts: Texts::Git(listing), folder: folder.to_owned() })
    }

    /// What git has of it that lies in other repositories.
    const fn submodules(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Given::Texts { texts: Texts::Git(listing), .. } => Some(listing.submodules()),
            _ => None,
        }
    }

    /// Compiles one side.
    pub(in crate::cli) fn compile(self, terminal: &Terminal) -> Result<Side, Failure> {
        match self {
            Given::Ready(side) => Ok(*side),
            Given::Texts { name, texts, folder } => {
                let mut workspace = Workspace::new();
                let beside = texts.fill(&mut workspace, &mut Held::new())?;
                compile(name, &mut workspace, beside, &folder, terminal)
            }
        }
    }

    /// Compiles two sides; what both have is read and checked once.
    pub(in crate::cli) fn both(self, head: Given, terminal: &Terminal) -> Result<(Side, Side), Failure> {
        warn_of_submodules(&self, &head, terminal);
        match (self, head) {
            (
                Given::Texts { name, texts, folder },
                Given::Texts { name: head_name, texts: head_texts, folder: head_folder },
            ) => {
                let (mut workspace, mut held) = (Workspace::new(), Held::new());
                let (beside, base_empty) = texts.fill_or_empty(&mut workspace, &mut held)?;
                let nothing_before = workspace.sources().iter().next().is_none();
                let base = compile(name, &mut workspace, beside, &folder, terminal)?;
                let (beside, head_empty) = head_texts.fill_or_empty(&mut workspace, &mut held)?;
                let nothing_after = workspace.sources().iter().next().is_none();
                let said = [
                    (base_empty, nothing_after, &base.name, ALL_IS_NEW),
                    (head_empty, nothing_before, &head_name, ALL_IS_GONE),
                ];
                for (empty, other_empty, name, so) in said {
                    match empty {
                        // Where the other side has nothing either, this is not the folder that was meant.
                        Some(failure) if other_empty => return Err(failure),
                        Some(_) => terminal.warn(&format!("{name} holds no workflows: {so}")),
                        None => {}
                    }
                }
                let head = compile(head_name, &mut workspace, beside, &head_folder, terminal)?;
                // The command ends with these two sides: to free what a thousand files were made of would only keep its reader waiting.
                std::mem::forget(workspace);
                Ok((base, head))
            }
            (base, head) => Ok((base.compile(terminal)?, head.compile(terminal)?)),
        }
    }
}

/// Says which folders of the project are other repositories: of those, git has only the names of commits here.
fn warn_of_submodules(base: &Given, head: &Given, terminal: &Terminal) {
    let (before, after) = (base.submodules(), head.submodules());
    let all: BTreeSet<&String> = before.into_iter().chain(after).flat_map(BTreeMap::keys).collect();
    for path in all {
        let commit = |side: Option<&BTreeMap<String, String>>| side.map(|all| all.get(path).cloned());
        let moved = match (commit(before), commit(after)) {
            (Some(old), Some(new)) if old != new => {
                let words =
                    |commit: Option<String>| commit.map_or("nothing".to_owned(), |it| it.chars().take(9).collect());
                format!(", and went from {} to {}", words(old), words(new))
            }
            _ => String::new(),
        };
        terminal.warn(&format!(
            "`{path}` is a submodule{moved}: git has no files of it here, so what it holds is not compared"
        ));
    }
}

/// A side that does not compile is no side: its findings are shown, and nothing is compared.
fn compile(
    name: String,
    workspace: &mut Workspace,
    Beside { accepts, settings }: Beside,
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
    let written = Some(Written { places, sources, folder });
    Ok(Side { name, program, tests: Some(compiled.tests), written, accepts, settings })
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

    /// A file beside the program's own, for people.
    pub(super) fn shown(&self, file: &str) -> String {
        self.written.as_ref().map_or_else(|| file.to_owned(), |written| written.shown(file))
    }

    /// A compiled program: nobody knows where it was written, or with which tests.
    pub(in crate::cli) const fn compiled(name: String, program: Program) -> Side {
        Side { name, program, tests: None, written: None, accepts: None, settings: None }
    }

    /// Where a change was written, or what is around it. Of a text, the line that the change is about.
    pub(in crate::cli) fn location_of(&self, change: &Change) -> Option<Location> {
        let part = change.part.as_ref().and_then(|part| self.written_at(part, change));
        part.or_else(|| self.written_at(&change.address, change))
    }

    fn written_at(&self, address: &str, change: &Change) -> Option<Location> {
        let written = self.written.as_ref()?;
        if let Some((path, line)) = address.strip_prefix(super::accept::WRITTEN).and_then(|it| it.rsplit_once(':')) {
            return Some(Location { path: path.to_owned(), line: line.parse().ok()?, column: 1 });
        }
        if let Some(key) = address.strip_prefix(super::settings::ADDRESS) {
            let line = super::settings::line_of(self.settings.as_deref()?, key)?;
            return Some(Location { path: written.shown(super::settings::FILE), line, column: 1 });
        }
        let line = change.line.or_else(|| change.words.as_ref().map(compiler::diff::Words::first_difference));
        let (line, file) = (line.unwrap_or(1), written.places.file(address));
        if let Some(file) = file.and_then(|path| written.sources.find(path)) {
            let path = written.shown(written.sources.path(file));
            return Some(Location { path, line: number(line), column: 1 });
        }
        let mut location = self.location(address)?;
        // The first line of a text block is the one below its quotes.
        let block = written.places.exact(address).is_some_and(|span| {
            let text = written.sources.slice(span);
            text.lines().next().is_some_and(|first| first.trim_end().ends_with("\"\"\""))
        });
        if block && (change.line.is_some() || change.words.is_some()) {
            location = Location { line: location.line + number(line), column: 1, ..location };
        }
        Some(location)
    }

    /// Whether this side has the very part that a change is about, and not only what is around it.
    pub(in crate::cli) fn has(&self, change: &Change) -> bool {
        let exact = |address: &String| match (&self.written, address.strip_prefix(super::settings::ADDRESS)) {
            (None, _) => false,
            (Some(_), Some(_)) => true,
            (Some(written), None) => written.places.exact(address).is_some(),
        };
        exact(&change.address) || change.part.as_ref().is_some_and(exact)
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

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

#[derive(Debug, thiserror::Error)]
#[error("{0} does not compile")]
struct NotCompiled(String);
