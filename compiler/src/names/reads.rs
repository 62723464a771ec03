//! What a check has looked at, so that it is repeated when that has changed, and not otherwise.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Kind;
use super::unit::Change;

/// One thing outside a declaration that its check has looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Read {
    /// The declaration of this kind and name, whether there is one or not.
    Declaration(Kind, SmolStr),
    /// The contact card.
    Contact,
    /// Which names could not be read.
    Broken,
    /// The file beside the program that is named like this, whether there is one or not.
    File(SmolStr),
    /// Which files there are beside the program: findings say what is there.
    Files,
}

/// The notes of one check. They change nothing that it decides.
#[derive(Debug, Default)]
pub struct Reads {
    read: RefCell<Vec<Read>>,
    used: RefCell<Vec<(Kind, SmolStr)>>,
}

impl Reads {
    pub(super) fn note(&self, read: Read) {
        note(&mut self.read.borrow_mut(), read);
    }

    pub(super) fn mark_used(&self, kind: Kind, name: &SmolStr) {
        note(&mut self.used.borrow_mut(), (kind, name.clone()));
    }

    /// What was read, and what of it counts as used.
    pub(crate) fn finish(self) -> Noted {
        Noted { read: in_order(self.read.into_inner()), used: in_order(self.used.into_inner()) }
    }
}

/// What a check has looked at last it mostly looks at again.
const LATEST: usize = 8;

/// Writes down what is not among the latest notes. The others are sorted out in the end: most checks have a few notes.
fn note<T: PartialEq>(notes: &mut Vec<T>, note: T) {
    if !notes.iter().rev().take(LATEST).any(|other| *other == note) {
        notes.push(note);
    }
}

/// Each note once.
fn in_order<T: Ord>(mut notes: Vec<T>) -> Box<[T]> {
    notes.sort_unstable();
    notes.dedup();
    notes.into()
}

/// What a finished check has looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    /// What it has looked at, in order.
    pub(crate) read: Box<[Read]>,
    /// The declarations that it refers to.
    pub(crate) used: Box<[(Kind, SmolStr)]>,
}

/// What has changed in a project since it was last checked.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Nothing was checked yet.
    first: bool,
    changed: BTreeMap<Read, Change>,
    /// The declarations of files that were read anew, those that are no more among them.
    read_anew: BTreeSet<(Kind, SmolStr)>,
}

impl Default for Changes {
    /// Nothing was checked yet.
    fn default() -> Changes {
        Changes { first: true, ..Changes::none() }
    }
}

impl Changes {
    /// Everything was checked, and nothing has changed since.
    pub(crate) const fn none() -> Changes {
        Changes { first: false, changed: BTreeMap::new(), read_anew: BTreeSet::new() }
    }

    /// Whether nothing was checked yet. What has changed is not told then.
    pub(crate) const fn is_first(&self) -> bool {
        self.first
    }

    /// Notes a change; of two changes of one thing the stronger one counts.
    pub(crate) fn note(&mut self, read: Read, change: Change) {
        let noted = self.changed.entry(read).or_insert(change);
        *noted = change.max(*noted);
    }

    /// Notes that a file beside the program has another text, or is new or gone.
    pub(crate) fn note_file(&mut self, path: &str) {
        if !self.first {
            self.note(Read::File(SmolStr::new(path)), Change::Changed);
            self.note(Read::Files, Change::Moved);
        }
    }

    /// Notes that the text of this declaration was read anew, or is gone.
    pub(crate) fn note_read_anew(&mut self, kind: Kind, name: &SmolStr) {
        self.read_anew.insert((kind, name.clone()));
    }

    /// The declarations whose text was read anew, and those that are gone.
    pub(crate) fn read_anew(&self) -> impl Iterator<Item = &(Kind, SmolStr)> {
        self.read_anew.iter()
    }

    /// What says something else than before, or is no more.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &Read> {
        self.changed.iter().filter(|(_, change)| **change == Change::Changed).map(|(read, _)| read)
    }

    /// Whether anything that a check has `noted` stands at another place or says something else. A check that found nothing
    /// names no place, so for that one it does not matter where things stand.
    pub(crate) fn concerns(&self, noted: &Noted) -> bool {
        !self.changed.is_empty() && noted.read.iter().any(|read| self.changed.contains_key(read))
    }
}
