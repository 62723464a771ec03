//! A project that is compiled again and again, while its files change.
//!
//! Texts come in with [`Workspace::set`] and go with [`Workspace::remove`]; [`Workspace::compile`] says what they come to. What
//! did not change is neither read nor checked again, and what has to be done is done on all cores. The result is that of a
//! first compilation of the same texts, always.
//!
//! ```
//! use compiler::Workspace;
//!
//! let mut workspace = Workspace::new();
//! workspace.set("events.wf", "event signup { email: email }");
//! assert!(workspace.compile().program.is_some());
//! workspace.set("events.wf", "event signup { email: mail }");
//! assert_eq!(workspace.compile().diagnostics.len(), 2, "an unknown type, and nothing uses the event");
//! ```

mod file;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use smol_str::SmolStr;

use crate::Compiled;
use crate::catalogue::Code;
use crate::check::Checks;
use crate::diagnostic::{self, Diagnostic};
use crate::ir::Program;
use crate::names::{self, Changes, Index};
use crate::places::Places;
use crate::source::{FileId, Skipped, SourceFile, Sources, Span, Spanned};
use file::File;

/// A project and what is known of it.
#[derive(Debug, Default)]
pub struct Workspace {
    sources: Sources,
    /// The `.wf` files as they were last read.
    files: BTreeMap<FileId, File>,
    /// The `.wf` files whose text is not read yet, or which are gone.
    unread: BTreeSet<FileId>,
    index: Index,
    checks: Checks,
    /// What has changed since the last check.
    changes: Changes,
}

impl Workspace {
    /// A project without files.
    pub fn new() -> Workspace {
        Workspace::default()
    }

    /// All texts of the project.
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Gives a file, by its path below the project folder, this text; the file may be new.
    pub fn set(&mut self, path: &str, text: impl Into<Arc<str>>) {
        let text = text.into();
        let file = self.sources.find(path).and_then(|id| self.sources.get(id));
        if file.is_some_and(|file| *file.text() == *text && file.skipped().is_none()) {
            return;
        }
        let id = self.sources.add(path, text);
        self.note(id, path);
    }

    /// Notes a file, by its path below the project folder, that is there and is not read; a folder has `/` at its end. Where a
    /// program names it, that is an error; else it is told.
    pub fn skip(&mut self, path: &str, why: Skipped) {
        let file = self.sources.find(path).and_then(|id| self.sources.get(id));
        if file.is_none_or(|file| file.skipped() != Some(why)) {
            let id = self.sources.skip(path, why);
            self.note(id, path);
        }
    }

    /// Takes a file out of the project.
    pub fn remove(&mut self, path: &str) {
        if let Some(id) = self.sources.remove(path) {
            self.note(id, path);
        }
    }

    /// Takes out the files that are not among these.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        let gone: Vec<String> =
            self.sources.iter().map(|(_, file)| file.path()).filter(|path| !keep(path)).map(str::to_owned).collect();
        for path in gone {
            self.remove(&path);
        }
    }

    fn note(&mut self, id: FileId, path: &str) {
        if path.ends_with(".wf") {
            self.unread.insert(id);
        } else {
            self.changes.note_file(path);
        }
    }

    /// Reads the files that were not read yet.
    fn read(&mut self) {
        let unread: Vec<FileId> = std::mem::take(&mut self.unread).into_iter().collect();
        let sources = &self.sources;
        let read = |id: FileId| (id, sources.get(id).map(|source| File::read(id, source)));
        let read: Vec<(FileId, Option<File>)> = unread.into_par_iter().map(read).collect();
        for (id, after) in read {
            let before = self.files.remove(&id).unwrap_or_default();
            let units = after.as_ref().map_or(&[][..], |file| &file.units);
            self.index.replace(&before.units, units, &mut self.changes);
            self.files.extend(after.map(|file| (id, file)));
        }
    }

    /// The files that the project names, such as templates: paths below the project folder, as written. Whoever reads files
    /// sets them before [`Workspace::compile`] looks for them.
    pub fn referenced_files(&mut self) -> impl Iterator<Item = &Spanned<SmolStr>> {
        self.read();
        self.files.values().flat_map(File::references)
    }

    /// Where the parts of a program that was compiled from these texts were written.
    pub fn places(&mut self, program: &Program) -> Places {
        self.read();
        Places::of(self.files.values().flat_map(|file| &file.units), program)
    }

    /// Reads and checks what has changed, and makes a program of the whole if nothing is wrong with it.
    pub fn compile(&mut self) -> Compiled {
        self.read();
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        diagnostics.extend(self.files.values().flat_map(|file| &file.diagnostics).cloned());
        diagnostics.extend(self.sources.iter().filter_map(|(id, file)| skipped(id, file)));
        let whole = !diagnostics.iter().any(Diagnostic::is_error);
        let changes = std::mem::replace(&mut self.changes, Changes::none());
        let program = self.checks.run(&self.index, &self.sources, &changes, whole, &mut diagnostics);
        diagnostic::sort(&mut diagnostics);
        names::guess(&self.index, &mut diagnostics);
        let tests = if program.is_some() { self.checks.tests() } else { Vec::new() };
        Compiled { program, tests, diagnostics }
    }
}

/// What is said of a file that would belong to the program and is not read. Of one that the program names, its place there is
/// told.
fn skipped(id: FileId, file: &SourceFile) -> Option<Diagnostic> {
    let why = file.skipped().filter(|_| file.path().ends_with(".wf") || file.path().ends_with('/'))?;
    let message = format!("`{}` is not read: it is {}", file.path(), why.what());
    Some(Diagnostic::new(Code::FileSkipped, Span::new(id, 0, 0)).message(message).hint(why.way_out()))
}

impl From<Sources> for Workspace {
    fn from(sources: Sources) -> Workspace {
        let unread = sources.programs().map(|(id, _)| id).collect();
        Workspace { sources, unread, ..Workspace::default() }
    }
}
