//! What a check has looked at, so that it is repeated when that has changed, and not otherwise.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Kind;
use super::unit::Change;

/// One thing outside a declaration that its check has looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Read {
    /// The declaration of this kind and name, whether there is one or not.
    Declaration(Kind, SmolStr),
    /// The contact card.
    Contact,
    /// Which names could not be read.
    Broken,
}

/// The notes of one check. They change nothing that it decides.
#[derive(Debug, Default)]
pub struct Reads {
    read: RefCell<BTreeSet<Read>>,
    used: RefCell<BTreeSet<(Kind, SmolStr)>>,
}

impl Reads {
    pub(super) fn note(&self, read: Read) {
        self.read.borrow_mut().insert(read);
    }

    pub(super) fn mark_used(&self, kind: Kind, name: &SmolStr) {
        self.used.borrow_mut().insert((kind, name.clone()));
    }

    /// What was read, and what of it counts as used.
    pub(crate) fn finish(self) -> Noted {
        Noted { read: self.read.into_inner().into_iter().collect(), used: self.used.into_inner().into_iter().collect() }
    }
}

/// What a finished check has looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    read: Box<[Read]>,
    /// The declarations that it refers to.
    pub(crate) used: Box<[(Kind, SmolStr)]>,
}

/// What has changed in a project since it was last checked.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    changed: BTreeMap<Read, Change>,
    files: BTreeSet<String>,
}

impl Changes {
    /// Notes a change; of two changes of one thing the stronger one counts.
    pub(crate) fn note(&mut self, read: Read, change: Change) {
        let noted = self.changed.entry(read).or_insert(change);
        *noted = change.max(*noted);
    }

    /// Notes that a file beside the program has another text, or is new or gone.
    pub(crate) fn note_file(&mut self, path: &str) {
        self.files.insert(path.to_owned());
    }

    /// Whether the file that a program names like this has changed.
    pub(crate) fn file(&self, path: &str) -> bool {
        self.files.contains(path) || path.strip_prefix("./").is_some_and(|path| self.files.contains(path))
    }

    /// Whether any file beside the program has changed.
    pub(crate) fn any_file(&self) -> bool {
        !self.files.is_empty()
    }

    /// Whether what a check has `noted` is as it was. A check that found nothing names no place, so for that one it does not
    /// matter where things stand.
    pub(crate) fn keep(&self, noted: &Noted, found_nothing: bool) -> bool {
        let least = if found_nothing { Change::Changed } else { Change::Moved };
        self.changed.is_empty() || !noted.read.iter().any(|read| self.changed.get(read).is_some_and(|it| *it >= least))
    }
}
