//! What the author got wrong, one topic a file, in the order in which a program is looked at.
//!
//! A check reports and goes on: what it could not make sense of is of unknown type from there on, and that is silent.

// What data looks like, and who is meant.
mod data;
mod segment;

// Workflows.
mod cycle;
mod emission;
mod entry;
mod flow;
mod identify;
mod memo;
mod parameters;
mod schedule;
mod site;
mod step;
mod trigger;
mod workflow;
mod zone;

// What leaves the house: requests and messages.
mod address;
mod body;
mod channel;
mod connector;
mod credential;
mod file;
mod foreign;
mod header;
mod mention;
mod message;
mod pieces;
mod secret;
mod settings;
mod template;
mod url;
mod webhook;
mod xml;

// Tests.
mod rehearsal;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use crate::diagnostic::Diagnostic;
use crate::ir;
use crate::names::{Changes, Entry, Index, Kind, Shape, Tree, Unit};
use crate::source::{Sources, Spanned};
use crate::syntax::ast::{self, DeclarationKind};
use crate::types::{Alike, Environment, Record};
use memo::{Checked, Memo, Project, Results, Work};
use site::{Site, Used, Uses};

pub(crate) use data::shape;

/// All checks of a project: what came out is kept, and checked again only where something has changed.
#[derive(Debug)]
pub(crate) struct Checks {
    standard: Arc<Record>,
    events: Memo<ir::Event>,
    segments: Memo<ir::Segment>,
    workflows: Memo<ir::Workflow>,
    connectors: Memo<ir::Connector>,
    webhooks: Memo<ir::Webhook>,
    channels: Memo<ir::Channel>,
    messages: Memo<ir::Message>,
    tests: Memo<Vec<Arc<ir::Test>>>,
}

impl Default for Checks {
    fn default() -> Checks {
        Checks {
            standard: data::standard_card(),
            events: Memo::new(Kind::Event),
            segments: Memo::new(Kind::Segment),
            workflows: Memo::new(Kind::Workflow),
            connectors: Memo::new(Kind::Connector),
            webhooks: Memo::new(Kind::Webhook),
            channels: Memo::new(Kind::Channel),
            messages: Memo::new(Kind::Message),
            tests: Memo::new(Kind::Test),
        }
    }
}

impl Checks {
    /// Checks a whole project. The program is there if nothing is wrong with any part of it.
    ///
    /// `whole` says that every text could be read: else what could not may be what uses a declaration.
    pub(crate) fn run(
        &mut self,
        index: &Index,
        sources: &Sources,
        changes: &Changes,
        whole: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<ir::Program> {
        let standard = Arc::clone(&self.standard);
        let project = Project { index, standard: &standard, changes };
        index.report_twice(diagnostics);
        self.declarations(&project);
        self.used(&project, sources);
        let contact = index.contact();
        diagnostics.extend(contact.iter().flat_map(|unit| &unit.findings).cloned());
        let mut used = HashSet::new();
        for results in self.results() {
            results.visit(&mut |found, noted| {
                diagnostics.extend(found.iter().cloned());
                used.extend(noted.used.iter().map(|(kind, name)| (*kind, name.as_str())));
            });
        }
        segment::report_cycles(index, self.segments.iter(), diagnostics);
        emission::report_cycles(self.workflows.iter(), diagnostics);
        if whole {
            index.report_unused(&used, diagnostics);
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            return None;
        }
        let tests = self.tests.iter().filter_map(|(_, checked)| checked.lowered.as_ref());
        let workflows = self.workflows.iter().filter_map(|(_, checked)| checked.lowered.as_deref());
        rehearsal::report_unknown(tests.flat_map(|tests| tests.iter().map(|test| &**test)), workflows, diagnostics);
        if diagnostics.iter().any(Diagnostic::is_error) {
            return None;
        }
        let card = match contact.map(|unit| &unit.shape) {
            Some(Shape::Contact(card)) => card,
            _ => &standard,
        };
        self.program(card)
    }

    /// What is checked for itself.
    fn declarations(&mut self, project: &Project<'_>) {
        self.events.refresh(project, |work| data::lowered_event(work.unit));
        self.segments
            .refresh(project, |work| Some(segment::check(work.names, work.schema, &entry(work)?, work.diagnostics)));
        self.connectors.refresh(project, |work| {
            let entry = entry(work)?;
            connector::check(entry.node, entry.description().as_deref(), work.diagnostics)
        });
        self.tests
            .refresh(project, |work| Some(rehearsal::check(work.names, work.schema, &entry(work)?, work.diagnostics)));
    }

    /// Workflows, and what they use, in each environment that it is used in.
    fn used(&mut self, project: &Project<'_>, sources: &Sources) {
        let before = self.workflows.refresh(project, |work| {
            Some(workflow::check(work.names, work.schema, &entry(work)?, work.sites, work.diagnostics))
        });
        let mut touched = Touched::of(&before, &self.workflows);
        let workflows = &self.workflows;
        let uses: OnceLock<Uses<'_>> = OnceLock::new();
        let stale = |name: &SmolStr, found: bool| touched.has(Kind::Webhook, name, found);
        self.webhooks.refresh_if(
            project,
            |name, checked| stale(name, !checked.diagnostics.is_empty()),
            |work| {
                let entry: Entry<'_, ast::Webhook> = entry(work)?;
                let outline = webhook::read(work.names, &entry, work.diagnostics);
                let Shape::Answer(answer) = &work.unit.shape else { return None };
                let alone = Environment::unused(work.names, work.schema);
                let sites =
                    sites_of(uses.get_or_init(|| uses_of(workflows, project.index)), Kind::Webhook, &entry.name.node);
                let used = Used { alone: &alone, sites, verb: "called", mentioned: None };
                used.check(
                    |environment| environment.for_webhook(entry.node),
                    work.diagnostics,
                    |environment, diagnostics| webhook::check(&outline, answer, environment, diagnostics),
                )
            },
        );
        let stale = |name: &SmolStr, checked: &Checked<ir::Message>| {
            let found = !checked.diagnostics.is_empty();
            let files = || match &checked.unit.declaration.node.kind {
                DeclarationKind::Message(message) => files(message).any(|path| project.changes.file(&path.node)),
                _ => false,
            };
            touched.has(Kind::Message, name, found) || (found && project.changes.any_file()) || files()
        };
        let before = self.messages.refresh_if(project, stale, |work| {
            let entry: Entry<'_, ast::Message> = entry(work)?;
            let outline = message::read(work.names, sources, &entry, work.diagnostics);
            let alone = Environment::unused(work.names, work.schema);
            let sites =
                sites_of(uses.get_or_init(|| uses_of(workflows, project.index)), Kind::Message, &entry.name.node);
            let used = Used { alone: &alone, sites, verb: "sent", mentioned: Some(outline.results()) };
            used.check(
                |environment| environment.for_message(),
                work.diagnostics,
                |environment, diagnostics| outline.check(environment, diagnostics),
            )
        });
        touched.carry(&before, &self.messages);
        let stale = |name: &SmolStr, found: bool| touched.has(Kind::Channel, name, found);
        self.channels.refresh_if(
            project,
            |name, checked| stale(name, !checked.diagnostics.is_empty()),
            |work| {
                let entry: Entry<'_, ast::Webhook> = entry(work)?;
                let uses = uses.get_or_init(|| uses_of(workflows, project.index));
                channel::check(work, &entry, sites_of(uses, Kind::Channel, &entry.name.node))
            },
        );
    }

    /// All results, kind by kind.
    const fn results(&self) -> [&dyn Results; 8] {
        [
            &self.events,
            &self.segments,
            &self.workflows,
            &self.connectors,
            &self.webhooks,
            &self.channels,
            &self.messages,
            &self.tests,
        ]
    }

    /// The tests in the order of the sources.
    pub(crate) fn tests(&self) -> Vec<Arc<ir::Test>> {
        let mut tests: Vec<_> = self
            .tests
            .iter()
            .filter_map(|(_, checked)| checked.lowered.as_ref())
            .flat_map(|tests| tests.iter().cloned())
            .collect();
        tests.sort_by_key(|test| test.name.span);
        tests
    }

    fn program(&self, card: &Record) -> Option<ir::Program> {
        Some(ir::Program {
            ir_version: ir::IR_VERSION,
            events: self.events.lowered()?,
            contact: data::lowered_contact(card)?,
            connectors: self.connectors.lowered()?,
            webhooks: self.webhooks.lowered()?,
            channels: self.channels.lowered()?,
            segments: self.segments.lowered()?,
            messages: self.messages.lowered()?,
            workflows: self.workflows.lowered()?,
        })
    }
}

/// The declaration that is checked.
fn entry<'w, T: Tree>(work: &Work<'w>) -> Option<Entry<'w, T>> {
    Entry::of(work.unit)
}

/// The places of calls and sends by what is called or sent.
fn uses_of<'p>(workflows: &'p Memo<ir::Workflow>, index: &'p Index) -> Uses<'p> {
    let mut uses = Uses::new();
    for site in workflows.iter().flat_map(|(_, checked)| &checked.sites) {
        uses.entry(site.target()).or_default().push(site);
    }
    // What sends a message uses the channels that carry it.
    for (message, unit) in index.units(Kind::Message) {
        for channel in channels(unit) {
            let sends = uses.get(&(Kind::Message, message.as_str())).cloned().unwrap_or_default();
            uses.entry((Kind::Channel, channel.as_str())).or_default().extend(sends);
        }
    }
    uses
}

/// The channels that carry a message.
fn channels(unit: &Unit) -> impl Iterator<Item = &SmolStr> {
    let channels = match &unit.declaration.node.kind {
        DeclarationKind::Message(message) => message.channels.as_slice(),
        _ => &[],
    };
    channels.iter().map(|channel| &channel.node.channel.node).filter(|name| *name != "email")
}

fn sites_of<'u>(uses: &'u Uses<'u>, kind: Kind, name: &'u str) -> &'u [&'u Site] {
    uses.get(&(kind, name)).map_or(&[], Vec::as_slice)
}

/// What is used in other ways than before.
#[derive(Default)]
struct Touched {
    /// With other things in scope.
    changed: BTreeSet<(Kind, SmolStr)>,
    /// At another place.
    moved: BTreeSet<(Kind, SmolStr)>,
}

impl Touched {
    /// Compares workflows that were checked again with what they were `before`.
    fn of(before: &[Checked<ir::Workflow>], now: &Memo<ir::Workflow>) -> Touched {
        let mut touched = Touched::default();
        let mut former: BTreeMap<&SmolStr, &[Site]> = BTreeMap::new();
        for checked in before {
            if let Some(name) = checked.unit.declaration.node.kind.name() {
                former.insert(&name.node, &checked.sites);
            }
        }
        for (name, checked) in now.fresh() {
            let (former, sites) = (former.remove(name).unwrap_or_default(), &checked.sites);
            let mut known = Alike::default();
            let mut pairs = former.iter().zip(sites);
            let alike = former.len() == sites.len() && pairs.all(|(one, other)| one.is_like(other, &mut known));
            let into = if alike { &mut touched.moved } else { &mut touched.changed };
            into.extend(former.iter().chain(sites).map(|site| owned(site.target())));
        }
        // Workflows that are no more.
        touched.changed.extend(former.into_values().flatten().map(|site| owned(site.target())));
        touched
    }

    /// Adds the channels of messages that have changed, or are sent in other ways; `before` are those that were there.
    fn carry(&mut self, before: &[Checked<ir::Message>], now: &Memo<ir::Message>) {
        let units = before.iter().chain(now.fresh().map(|(_, checked)| checked)).map(|checked| &checked.unit);
        let carried = units.flat_map(|unit| channels(unit)).map(|channel| (Kind::Channel, channel.clone()));
        self.changed.extend(carried);
        let moved: Vec<_> = self.moved.iter().filter(|(kind, _)| *kind == Kind::Message).cloned().collect();
        let moved = moved.iter().filter_map(|(_, name)| now.get(name)).flat_map(|checked| channels(&checked.unit));
        self.moved.extend(moved.map(|channel| (Kind::Channel, channel.clone())));
    }

    /// Whether something is to be checked again because of its uses. What has `found` nothing names no place.
    fn has(&self, kind: Kind, name: &SmolStr, found: bool) -> bool {
        let target = (kind, name.clone());
        self.changed.contains(&target) || (found && self.moved.contains(&target))
    }
}

fn owned((kind, name): (Kind, &str)) -> (Kind, SmolStr) {
    (kind, SmolStr::new(name))
}

/// The files that a message names beside its own text.
pub(crate) fn files(message: &ast::Message) -> impl Iterator<Item = &Spanned<SmolStr>> {
    message::files(message)
}
