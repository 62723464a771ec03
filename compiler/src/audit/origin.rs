//! What fields are filled with: data that a `set` or an `emit` moved counts as what it was before, too.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{Reading, Sources};
use super::templates::Templates;
use super::{Source, each_statement};
use crate::ir::{Program, Statement};

/// For each field that the program itself fills, the data that it may be made of, however many steps back.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Origins(BTreeMap<Source, BTreeSet<Source>>);

impl Origins {
    /// Follows every `set` and `emit` of a program, in any order, any number of times.
    pub(super) fn of(program: &Program, templates: &Templates<'_>) -> Origins {
        let mut direct: BTreeMap<Source, BTreeSet<Source>> = BTreeMap::new();
        for workflow in program.workflows.values() {
            let reading = Reading::of(program, workflow, templates);
            each_statement(&workflow.steps, &mut |step| match &step.statement {
                Statement::Set { field, value } => {
                    let mut sources = Sources::new();
                    reading.expression(value, &mut sources);
                    direct.entry(Source::Contact(field.clone())).or_default().extend(sources.into_keys());
                }
                Statement::Emit { event, fields } => {
                    for (field, value) in fields {
                        let mut sources = Sources::new();
                        reading.expression(value, &mut sources);
                        let target = Source::Event { event: event.clone(), field: field.clone() };
                        direct.entry(target).or_default().extend(sources.into_keys());
                    }
                }
                _ => {}
            });
        }
        Origins(direct)
    }

    /// What a piece of data may have been before, itself left out.
    pub(super) fn before(&self, source: &Source) -> BTreeSet<Source> {
        let mut found = BTreeSet::new();
        let mut open = vec![source];
        while let Some(next) = open.pop() {
            for origin in self.filled(next) {
                if origin != source && found.insert(origin.clone()) {
                    open.push(origin);
                }
            }
        }
        found
    }

    /// What fills a field: a part of a parameter (`items.sku`) is filled with the parameter.
    fn filled(&self, source: &Source) -> impl Iterator<Item = &Source> {
        let exact = self.0.get(source);
        let around = match source {
            Source::Event { event, field } => field
                .split_once('.')
                .and_then(|(first, _)| self.0.get(&Source::Event { event: event.clone(), field: first.into() })),
            Source::Contact(_) | Source::Result { .. } => None,
        };
        exact.into_iter().chain(around).flatten()
    }
}
