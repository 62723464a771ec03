//! All declarations of a project by kind and name, kept up to date file by file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::Kind;
use super::alike::Alike;
use super::declared::{Declarations, Declared};
use super::reads::{Changes, Read};
use super::unit::{Change, Known, Unit};
use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::Name;

/// All declarations of a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Kind by kind.
    declarations: [Declarations; Kind::ALL.len()],
    contacts: Option<Declared>,
    /// The names that are declared more than once.
    twice: BTreeSet<(Kind, SmolStr)>,
    alike: Alike,
    /// The names of declarations that could not be read, and how many have each: what kind they are is not known.
    broken: BTreeMap<SmolStr, usize>,
}

impl Index {
    /// Puts the declarations of a file into the place of those that it had `before`, and notes what has changed for others.
    pub(crate) fn replace(&mut self, before: &[Arc<Unit>], after: &[Arc<Unit>], changes: &mut Changes) {
        if changes.is_first() {
            before.iter().for_each(|unit| self.remove(unit));
            after.iter().for_each(|unit| self.insert(unit));
            return;
        }
        let mut stood: BTreeMap<Read, Option<Arc<Unit>>> = BTreeMap::new();
        for unit in before.iter().chain(after) {
            let read = match unit.known() {
                Known::As(kind, name) => {
                    changes.note_read_anew(kind, &name.node);
                    Read::Declaration(kind, name.node.clone())
                }
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

    /// These declarations in the place of those of the same kind and name, or beside them, and no tests: another project.
    pub(crate) fn with(&self, units: &[Arc<Unit>]) -> Index {
        let mut other = self.clone();
        other.declarations.get_mut(Kind::Test as usize).map(std::mem::take);
        other.twice.retain(|(kind, _)| *kind != Kind::Test);
        for unit in units {
            match unit.known() {
                Known::As(kind, name) => {
                    let declared = self.declared(kind, &name.node);
                    let before =
                        declared.into_iter().flat_map(|declared| declared.others.iter().chain([&declared.first]));
                    before.for_each(|before| other.remove(before));
                }
                Known::Contact => other.contacts = None,
                Known::Broken(_) => {}
            }
        }
        units.iter().for_each(|unit| other.insert(unit));
        other
    }

    fn first(&self, read: &Read) -> Option<&Arc<Unit>> {
        match read {
            Read::Declaration(kind, name) => self.find(*kind, name),
            Read::Contact => self.contact(),
            Read::Broken | Read::File(_) | Read::Files => None,
        }
    }

    fn insert(&mut self, unit: &Arc<Unit>) {
        match unit.known() {
            Known::As(kind, name) => {
                let Some(declarations) = self.declarations.get_mut(kind as usize) else { return };
                let count = declarations.change(&name.node, |before| {
                    Some(before.map_or_else(|| Declared::of(unit), |declared| declared.with(unit)))
                });
                match count {
                    1 => self.alike.insert(kind, &name.node, |name| declarations.find(name).is_some()),
                    _ => drop(self.twice.insert((kind, name.node.clone()))),
                }
            }
            Known::Contact => {
                let before = self.contacts.take();
                self.contacts = Some(before.map_or_else(|| Declared::of(unit), |declared| declared.with(unit)));
            }
            Known::Broken(None) => {}
            Known::Broken(Some(name)) => *self.broken.entry(name.node.clone()).or_default() += 1,
        }
    }

    fn remove(&mut self, unit: &Arc<Unit>) {
        match unit.known() {
            Known::As(kind, name) => {
                let Some(declarations) = self.declarations.get_mut(kind as usize) else { return };
                let count = declarations.change(&name.node, |before| before?.without(unit));
                if count == 0 {
                    self.alike.remove(kind, &name.node, |name| declarations.find(name).is_some());
                }
                if count <= 1 {
                    self.twice.remove(&(kind, name.node.clone()));
                }
            }
            Known::Contact => self.contacts = self.contacts.take().and_then(|declared| declared.without(unit)),
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

    /// All declarations of this kind and name.
    fn declared(&self, kind: Kind, name: &str) -> Option<&Declared> {
        self.declarations.get(kind as usize)?.all_of(name)
    }

    /// The declaration of this kind and name that counts.
    pub(crate) fn find(&self, kind: Kind, name: &str) -> Option<&Arc<Unit>> {
        self.declarations.get(kind as usize)?.find(name)
    }

    /// The contact card that counts.
    pub(crate) fn contact(&self) -> Option<&Arc<Unit>> {
        self.contacts.as_ref().map(|declared| &declared.first)
    }

    /// Whether a declaration of this name could not be read.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.broken.contains_key(name)
    }

    /// The declarations of one kind that count, by name.
    pub(crate) fn units(&self, kind: Kind) -> impl Iterator<Item = (&SmolStr, &Arc<Unit>)> {
        self.declarations.get(kind as usize).into_iter().flat_map(Declarations::iter)
    }

    /// Reports names that are declared twice or alike.
    pub(crate) fn report_twice(&self, diagnostics: &mut Vec<Diagnostic>) {
        for (kind, name) in &self.twice {
            let Some(Declared { first, others }) = self.declared(*kind, name) else { continue };
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
        if let Some(Declared { first, others }) = &self.contacts {
            for other in others {
                diagnostics.push(
                    Diagnostic::new(Code::DuplicateName, other.span())
                        .message("the contact card is declared twice")
                        .also(first.span(), "declared first here")
                        .hint("move the fields into one `contact` block"),
                );
            }
        }
        for (kind, names) in self.alike.groups() {
            self.report_alike(kind, names, diagnostics);
        }
    }

    /// Warns of names that differ in case only.
    fn report_alike<'n>(
        &self,
        kind: Kind,
        names: impl Iterator<Item = &'n SmolStr>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let units = names.filter_map(|name| self.find(kind, name));
        let mut names: Vec<&Name> = units.filter_map(|unit| unit.declaration.node.kind.name()).collect();
        names.sort_by_key(|name| name.span);
        for pair in names.windows(2) {
            let [other, name] = pair else { continue };
            let (word, text, first) = (kind.word(), &name.node, &other.node);
            diagnostics.push(
                Diagnostic::new(Code::SimilarNames, name.span)
                    .message(format!("the {word} `{text}` differs from `{first}` in case only"))
                    .also(other.span, "the other one")
                    .hint("rename one of them, so that nobody takes one for the other"),
            );
        }
    }

    /// Warns of declarations that nothing refers to.
    pub(crate) fn report_unused<'n>(
        &self,
        unused: impl Iterator<Item = &'n (Kind, SmolStr)>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for (kind, name) in unused {
            let Some(unit) = self.find(*kind, name) else { continue };
            diagnostics.push(
                Diagnostic::new(Code::UnusedDeclaration, place(unit))
                    .message(format!("nothing uses the {} `{name}`", kind.word()))
                    .hint("remove it, or use it"),
            );
        }
    }
}

/// The place of a declaration's name.
fn place(unit: &Unit) -> Span {
    unit.declaration.node.kind.name().map_or(unit.span(), |name| name.span)
}
