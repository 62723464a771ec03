//! What fields are filled with: data that a `set` or an `emit` moved counts as what it was before, too.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{Reading, Sources};
use super::{Flow, Source};
use crate::ir::{Statement, Workflow, each_step};

/// The fields that one workflow fills, each with the data that it is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fills(BTreeMap<Source, BTreeSet<Source>>);

impl Fills {
    /// Follows every `set` and `emit` of a workflow.
    pub(super) fn of(workflow: &Workflow, reading: &Reading<'_>) -> Fills {
        let mut filled: BTreeMap<Source, BTreeSet<Source>> = BTreeMap::new();
        let mut fill = |field: Source, value| {
            let mut sources = Sources::new();
            reading.expression(value, &mut sources);
            filled.entry(field).or_default().extend(sources.into_keys());
        };
        each_step(&workflow.steps, &mut |step| match &step.statement {
            Statement::Set { field, value } => fill(Source::Contact(field.clone()), value),
            Statement::Emit { event, fields } => {
                for (field, value) in fields {
                    fill(Source::Event { event: event.clone(), field: field.clone() }, value);
                }
            }
            _ => {}
        });
        Fills(filled)
    }
}

/// For each field that the program itself fills, the data that it may be made of.
pub(super) struct Origins<'f>(BTreeMap<&'f Source, BTreeSet<&'f Source>>);

impl<'f> Origins<'f> {
    /// All workflows together: which runs first does not matter to where data may go.
    pub(super) fn of(fills: impl Iterator<Item = &'f Fills>) -> Origins<'f> {
        let mut filled: BTreeMap<&Source, BTreeSet<&Source>> = BTreeMap::new();
        for (field, sources) in fills.flat_map(|fills| &fills.0) {
            filled.entry(field).or_default().extend(sources);
        }
        Origins(filled)
    }

    /// The same ways out for what the data may have been before.
    pub(super) fn carried(&self, flows: &BTreeSet<Flow>) -> BTreeSet<Flow> {
        let mut carried = BTreeSet::new();
        for flow in flows {
            for source in self.before(&flow.source) {
                let through = Some(flow.source.clone());
                carried.insert(Flow { source: source.clone(), through, certain: false, ..flow.clone() });
            }
        }
        carried
    }

    /// What a piece of data may have been before, however many steps back, itself left out.
    fn before(&self, source: &Source) -> BTreeSet<&'f Source> {
        let mut found = BTreeSet::new();
        let mut open = vec![source];
        while let Some(next) = open.pop() {
            for origin in self.filled(next) {
                if origin != source && found.insert(origin) {
                    open.push(origin);
                }
            }
        }
        found
    }

    /// What fills a field: a part of a parameter (`items.sku`) is filled with the parameter.
    fn filled(&self, source: &Source) -> impl Iterator<Item = &'f Source> {
        let exact = self.0.get(source);
        let around = match source {
            Source::Event { event, field } => field
                .split_once('.')
                .and_then(|(first, _)| self.0.get(&Source::Event { event: event.clone(), field: first.into() })),
            Source::Contact(_) | Source::Result { .. } => None,
        };
        exact.into_iter().chain(around).flatten().copied()
    }
}
