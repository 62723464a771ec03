//! Results of checks, kept until something that they depend on changes.
//!
//! A check is of one declaration and looks at others through [`Names`], which notes what it has looked at. It is repeated if
//! its own text was read anew or if one of those has changed; all that are to be repeated are checked side by side. What
//! comes out is the same whatever was kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use smol_str::SmolStr;

use super::site::{Emitted, Site, Sites};
use super::ties::Ties;
use crate::diagnostic::Diagnostic;
use crate::names::{Changes, Index, Kind, Names, Noted, Reads, Unit};
use crate::types::{Record, Schema};

/// The project around a check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Project<'a> {
    /// Its declarations.
    pub(crate) index: &'a Index,
    /// The contact card, if none is declared.
    pub(crate) standard: &'a Arc<Record>,
    /// What has changed since the last check.
    pub(crate) changes: &'a Changes,
    /// What has to be checked again because of that, whatever was found: as [`Ties::outdated`] says.
    pub(crate) outdated: &'a BTreeSet<(Kind, SmolStr)>,
}

/// What one check works with.
pub(crate) struct Work<'w> {
    /// The declaration.
    pub(crate) unit: &'w Unit,
    /// All others.
    pub(crate) names: &'w Names<'w>,
    /// Their types.
    pub(crate) schema: &'w Schema<'w>,
    /// Where it calls and sends.
    pub(crate) sites: &'w mut Sites,
    /// What it finds.
    pub(crate) diagnostics: &'w mut Vec<Diagnostic>,
}

/// A declaration that has been checked.
#[derive(Debug)]
pub(crate) struct Checked<T> {
    /// The declaration.
    pub(crate) unit: Arc<Unit>,
    /// It in the program, if it can be there.
    pub(crate) lowered: Option<Arc<T>>,
    /// What was found.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where it calls and sends.
    pub(crate) sites: Box<[Site]>,
    /// The events that it raises, each with its first place.
    pub(crate) emitted: Emitted,
    /// What it depends on.
    pub(crate) noted: Noted,
}

/// The checked declarations of one kind.
#[derive(Debug)]
pub(crate) struct Memo<T> {
    kind: Kind,
    checked: BTreeMap<SmolStr, Checked<T>>,
    /// The names of those that were checked last.
    fresh: Vec<SmolStr>,
    /// The names of those in which something was found.
    found: BTreeSet<SmolStr>,
}

/// What came out for one kind, whatever it is lowered to.
pub(crate) trait Results {
    /// The findings of all declarations.
    fn findings(&self) -> Box<dyn Iterator<Item = &Diagnostic> + '_>;

    /// Shows what each declaration depends on.
    fn visit(&self, visit: &mut dyn FnMut(Kind, &SmolStr, &Noted));
}

impl<T> Results for Memo<T> {
    fn findings(&self) -> Box<dyn Iterator<Item = &Diagnostic> + '_> {
        Box::new(self.found.iter().filter_map(|name| self.checked.get(name)).flat_map(|checked| &checked.diagnostics))
    }

    fn visit(&self, visit: &mut dyn FnMut(Kind, &SmolStr, &Noted)) {
        self.checked.iter().for_each(|(name, checked)| visit(self.kind, name, &checked.noted));
    }
}

/// A declaration with what came out before it was checked again.
pub(crate) type Former<T> = (SmolStr, Checked<T>);

impl<T: Send + Sync> Memo<T> {
    /// Nothing is checked yet.
    pub(crate) const fn new(kind: Kind) -> Memo<T> {
        Memo { kind, checked: BTreeMap::new(), fresh: Vec::new(), found: BTreeSet::new() }
    }

    /// All of them by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&SmolStr, &Checked<T>)> {
        self.checked.iter()
    }

    /// The one with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Checked<T>> {
        self.checked.get(name)
    }

    /// Those that were checked in the last refresh.
    pub(crate) fn fresh(&self) -> impl Iterator<Item = (&SmolStr, &Checked<T>)> {
        self.fresh.iter().filter_map(|name| self.checked.get_key_value(name))
    }

    /// The declarations as they stand in a program; nothing if one of them cannot.
    pub(crate) fn lowered(&self) -> Option<BTreeMap<SmolStr, Arc<T>>> {
        self.checked.iter().map(|(name, checked)| Some((name.clone(), Arc::clone(checked.lowered.as_ref()?)))).collect()
    }

    /// Whether the last refresh checked anything; `before` is what it gave back.
    pub(crate) fn has_changed(&self, before: &[Former<T>]) -> bool {
        !self.fresh.is_empty() || !before.is_empty()
    }

    /// Whether something was found in the one with this name.
    pub(crate) fn has_found(&self, name: &str) -> bool {
        self.found.contains(name)
    }

    /// Checks again what is not as it was. Returns what was there before.
    pub(crate) fn refresh(
        &mut self,
        project: &Project<'_>,
        ties: &mut Ties,
        check: impl Fn(&mut Work<'_>) -> Option<T> + Sync,
    ) -> Vec<Former<T>> {
        self.refresh_with(project, ties, BTreeSet::new(), check)
    }

    /// As [`Memo::refresh`], and checks again the ones that are `stale` for another reason.
    pub(crate) fn refresh_with(
        &mut self,
        project: &Project<'_>,
        ties: &mut Ties,
        stale: BTreeSet<SmolStr>,
        check: impl Fn(&mut Work<'_>) -> Option<T> + Sync,
    ) -> Vec<Former<T>> {
        let (index, kind) = (project.index, self.kind);
        let one = |(name, unit): (&SmolStr, &Arc<Unit>)| (name.clone(), one(project, unit, &check));
        if project.changes.is_first() {
            let units: Vec<(&SmolStr, &Arc<Unit>)> = index.units(kind).collect();
            let checked: Vec<(SmolStr, Checked<T>)> = units.into_par_iter().map(one).collect();
            for (name, checked) in &checked {
                self.note(ties, name, None, checked);
            }
            self.checked = checked.into_iter().collect();
            return Vec::new();
        }
        let names = self.outdated(project, stale);
        self.fresh.clear();
        let units: Vec<(&SmolStr, &Arc<Unit>)> =
            names.iter().filter_map(|name| Some((name, index.find(kind, name)?))).collect();
        let checked: Vec<(SmolStr, Checked<T>)> = units.into_par_iter().map(one).collect();
        let former: Vec<Former<T>> = names.iter().filter_map(|name| self.checked.remove_entry(name)).collect();
        let before: BTreeMap<&SmolStr, &Noted> = former.iter().map(|(name, before)| (name, &before.noted)).collect();
        for (name, checked) in checked {
            self.note(ties, &name, before.get(&name).copied(), &checked);
            self.checked.insert(name, checked);
        }
        for (name, before) in before {
            if !self.checked.contains_key(name) {
                self.found.remove(name);
                ties.exchange(kind, name, Some(before), None);
            }
        }
        former
    }

    /// The names of those that have to be checked again, and of those that are no more.
    fn outdated(&self, project: &Project<'_>, mut stale: BTreeSet<SmolStr>) -> BTreeSet<SmolStr> {
        let (kind, first) = (self.kind, SmolStr::default());
        let outdated = project.outdated.range((kind, first)..).take_while(|(other, _)| *other == kind);
        stale.extend(outdated.map(|(_, name)| name.clone()));
        let concerned =
            |name: &&SmolStr| self.get(name).is_some_and(|checked| project.changes.concerns(&checked.noted));
        stale.extend(self.found.iter().filter(concerned).cloned());
        stale
    }

    /// Keeps what else there is to know of a declaration that was checked.
    fn note(&mut self, ties: &mut Ties, name: &SmolStr, before: Option<&Noted>, checked: &Checked<T>) {
        ties.exchange(self.kind, name, before, Some(&checked.noted));
        if checked.diagnostics.is_empty() {
            self.found.remove(name);
        } else {
            self.found.insert(name.clone());
        }
        self.fresh.push(name.clone());
    }
}

/// Checks one declaration.
fn one<T>(project: &Project<'_>, unit: &Arc<Unit>, check: impl Fn(&mut Work<'_>) -> Option<T>) -> Checked<T> {
    let reads = Reads::default();
    let mut sites = Sites::default();
    let mut diagnostics = unit.findings.clone();
    let names = Names::new(project.index, &reads);
    let schema = Schema::new(names, project.standard);
    let mut work = Work { unit, names: &names, schema: &schema, sites: &mut sites, diagnostics: &mut diagnostics };
    let lowered = check(&mut work).map(Arc::new);
    let (sites, emitted) = sites.finish();
    Checked { unit: Arc::clone(unit), lowered, diagnostics, sites, emitted, noted: reads.finish() }
}
