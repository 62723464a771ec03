//! All declarations of a project by kind and name, kept up to date file by file.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::Kind;
use super::reads::{Changes, Read};
use super::unit::{Change, Known, Unit};
use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::Name;

/// The declarations of one name in the order of their places. The first one counts; there is at least one.
type Declared = Vec<Arc<Unit>>;

/// All declarations of a project.
#[derive(Debug, Default)]
pub(crate) struct Index {
    tables: BTreeMap<Kind, BTreeMap<SmolStr, Declared>>,
    contacts: Declared,
    /// The names of declarations that could not be read, and how many have each: what kind they are is not known.
    broken: BTreeMap<SmolStr, usize>,
}

impl Index {
    /// Puts the declarations of a file into the place of those that it had `before`, and notes what has changed for others.
    pub(crate) fn replace(&mut self, before: &[Arc<Unit>], after: &[Arc<Unit>], changes: &mut Changes) {
        let mut stood: BTreeMap<Read, Option<Arc<Unit>>> = BTreeMap::new();
        for unit in before.iter().chain(after) {
            let read = match unit.known() {
                Known::As(kind, name) => Read::Declaration(kind, name.node.clone()),
                Known::Contact => Read::Contact,
                Known::Broken(_) => Read::Broken,
            };
            let first = self.first(&read).cloned();
            stood.entry(read).or_insert(first);
        }
        before.iter().for_each(|unit| self.remove(unit));
        after.iter().for_each(|unit| self.insert(unit));
        for (read, before) in stood {
            let change = match (&before, self.first(&read)) {
                _ if read == Read::Broken => Some(Change::Changed),
                (Some(before), Some(after)) => after.change_since(before),
                (None, None) => None,
                _ => Some(Change::Changed),
            };
            if let Some(change) = change {
                changes.note(read, change);
            }
        }
    }

    fn first(&self, read: &Read) -> Option<&Arc<Unit>> {
        match read {
            Read::Declaration(kind, name) => self.find(*kind, name),
            Read::Contact => self.contacts.first(),
            Read::Broken => None,
        }
    }

    fn insert(&mut self, unit: &Arc<Unit>) {
        match unit.known() {
            Known::As(kind, name) => {
                let table = self.tables.entry(kind).or_default();
                insert(table.entry(name.node.clone()).or_default(), unit);
            }
            Known::Contact => insert(&mut self.contacts, unit),
            Known::Broken(None) => {}
            Known::Broken(Some(name)) => *self.broken.entry(name.node.clone()).or_default() += 1,
        }
    }

    fn remove(&mut self, unit: &Arc<Unit>) {
        match unit.known() {
            Known::As(kind, name) => {
                let table = self.tables.entry(kind).or_default();
                if let Some(declared) = table.get_mut(&name.node) {
                    declared.retain(|other| !Arc::ptr_eq(other, unit));
                    if declared.is_empty() {
                        table.remove(&name.node);
                    }
                }
            }
            Known::Contact => self.contacts.retain(|other| !Arc::ptr_eq(other, unit)),
            Known::Broken(None) => {}
            Known::Broken(Some(name)) => {
                if let Some(count) = self.broken.get_mut(&name.node) {
                    *count -= 1;
                    if *count == 0 {
                        self.broken.remove(&name.node);
                    }
                }
            }
        }
    }

    /// The declaration of this kind and name that counts.
    pub(crate) fn find(&self, kind: Kind, name: &str) -> Option<&Arc<Unit>> {
        self.tables.get(&kind)?.get(name)?.first()
    }

    /// The contact card that counts.
    pub(crate) fn contact(&self) -> Option<&Arc<Unit>> {
        self.contacts.first()
    }

    /// Whether a declaration of this name could not be read.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.broken.contains_key(name)
    }

    /// The declarations of one kind that count, by name.
    pub(crate) fn units(&self, kind: Kind) -> impl Iterator<Item = (&SmolStr, &Arc<Unit>)> {
        let table = self.tables.get(&kind).into_iter().flatten();
        table.filter_map(|(name, declared)| Some((name, declared.first()?)))
    }

    /// How many names there are of one kind.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.tables.get(&kind).map_or(0, BTreeMap::len)
    }

    /// Reports names that are declared twice or alike.
    pub(crate) fn report_twice(&self, diagnostics: &mut Vec<Diagnostic>) {
        for (kind, table) in &self.tables {
            for (name, declared) in table {
                let Some((first, others)) = declared.split_first() else { continue };
                for other in others {
                    let (word, first, other) = (kind.word(), place(first), place(other));
                    diagnostics.push(
                        Diagnostic::new(Code::DuplicateName, other)
                            .message(format!("the {word} `{name}` is declared twice"))
                            .also(first, "declared first here")
                            .hint("rename one of them, or remove it"),
                    );
                }
            }
        }
        if let Some((first, others)) = self.contacts.split_first() {
            for other in others {
                diagnostics.push(
                    Diagnostic::new(Code::DuplicateName, other.span())
                        .message("the contact card is declared twice")
                        .also(first.span(), "declared first here")
                        .hint("move the fields into one `contact` block"),
                );
            }
        }
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Test) {
            self.report_alike(kind, diagnostics);
        }
    }

    /// Warns of names that differ in case only.
    fn report_alike(&self, kind: Kind, diagnostics: &mut Vec<Diagnostic>) {
        let mut units: Vec<&Name> =
            self.units(kind).filter_map(|(_, unit)| unit.declaration.node.kind.name()).collect();
        // Names that are all in small letters differ in more than case, for each of them is there once.
        if units.iter().all(|name| name.node.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())) {
            return;
        }
        units.sort_by_key(|name| name.span);
        let mut seen: BTreeMap<String, &Name> = BTreeMap::new();
        for name in units {
            let Some(other) = seen.insert(name.node.to_lowercase(), name) else { continue };
            let (word, text, first) = (kind.word(), &name.node, &other.node);
            diagnostics.push(
                Diagnostic::new(Code::SimilarNames, name.span)
                    .message(format!("the {word} `{text}` differs from `{first}` in case only"))
                    .also(other.span, "the other one")
                    .hint("rename one of them, so that nobody takes one for the other"),
            );
        }
    }

    /// Warns of declarations that are not among the `used` ones.
    pub(crate) fn report_unused(&self, used: &HashSet<(Kind, &str)>, diagnostics: &mut Vec<Diagnostic>) {
        for kind in Kind::ALL.into_iter().filter(|kind| kind.wants_use()) {
            for (name, unit) in self.units(kind).filter(|(name, _)| !used.contains(&(kind, name.as_str()))) {
                diagnostics.push(
                    Diagnostic::new(Code::UnusedDeclaration, place(unit))
                        .message(format!("nothing uses the {} `{name}`", kind.word()))
                        .hint("remove it, or use it"),
                );
            }
        }
    }
}

/// Keeps the order of places.
fn insert(declared: &mut Declared, unit: &Arc<Unit>) {
    let at = declared.partition_point(|other| other.span() < unit.span());
    declared.insert(at, Arc::clone(unit));
}

/// The place of a declaration's name.
fn place(unit: &Unit) -> Span {
    unit.declaration.node.kind.name().map_or(unit.span(), |name| name.span)
}
