//! Results of checks, kept until something that they depend on changes.
//!
//! A check is of one declaration and looks at others through [`Names`], which notes what it has looked at. It is repeated if
//! its own text was read anew or if one of those has changed; all that are to be repeated are checked side by side. What
//! comes out is the same whatever was kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use smol_str::SmolStr;

use super::site::{Emitted, Site, Sites};
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
}

/// What came out for one kind, whatever it is lowered to.
pub(crate) trait Results {
    /// Shows the findings of each declaration and what it depends on.
    fn visit<'m>(&'m self, visit: &mut dyn FnMut(&'m [Diagnostic], &'m Noted));
}

impl<T> Results for Memo<T> {
    fn visit<'m>(&'m self, visit: &mut dyn FnMut(&'m [Diagnostic], &'m Noted)) {
        self.checked.values().for_each(|checked| visit(&checked.diagnostics, &checked.noted));
    }
}

impl<T: Send + Sync> Memo<T> {
    /// Nothing is checked yet.
    pub(crate) const fn new(kind: Kind) -> Memo<T> {
        Memo { kind, checked: BTreeMap::new(), fresh: Vec::new() }
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

    /// Checks again what is not as it was. Returns what was there before.
    pub(crate) fn refresh(
        &mut self,
        project: &Project<'_>,
        check: impl Fn(&mut Work<'_>) -> Option<T> + Sync,
    ) -> Vec<Checked<T>> {
        self.refresh_if(project, |_, _| false, check)
    }

    /// As [`Memo::refresh`], and checks again what is `stale` for another reason.
    pub(crate) fn refresh_if(
        &mut self,
        project: &Project<'_>,
        stale: impl Fn(&SmolStr, &Checked<T>) -> bool,
        check: impl Fn(&mut Work<'_>) -> Option<T> + Sync,
    ) -> Vec<Checked<T>> {
        let index = project.index;
        let gone: Vec<SmolStr> = self
            .checked
            .iter()
            .filter(|(name, checked)| {
                let same = index.find(self.kind, name).is_some_and(|unit| Arc::ptr_eq(unit, &checked.unit));
                let kept = same && project.changes.keep(&checked.noted, checked.diagnostics.is_empty());
                !kept || stale(name, checked)
            })
            .map(|(name, _)| name.clone())
            .collect();
        self.fresh.clear();
        let before: Vec<Checked<T>> = gone.iter().filter_map(|name| self.checked.remove(name)).collect();
        if self.checked.len() == index.count(self.kind) {
            return before;
        }
        let missing: Vec<(&SmolStr, &Arc<Unit>)> =
            index.units(self.kind).filter(|(name, _)| !self.checked.contains_key(*name)).collect();
        let checked: Vec<(SmolStr, Checked<T>)> =
            missing.into_par_iter().map(|(name, unit)| (name.clone(), one(project, unit, &check))).collect();
        self.fresh.extend(checked.iter().map(|(name, _)| name.clone()));
        if self.checked.is_empty() {
            self.checked = checked.into_iter().collect();
        } else {
            self.checked.extend(checked);
        }
        before
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
