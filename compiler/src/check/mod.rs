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
mod ties;
mod trigger;
mod uses;
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

use std::sync::Arc;

use smol_str::SmolStr;

use crate::diagnostic::Diagnostic;
use crate::ir;
use crate::names::{Changes, Entry, Index, Kind, Shape, Tree};
use crate::source::{Sources, Spanned};
use crate::syntax::ast;
use crate::types::{Environment, Record};
use memo::{Memo, Project, Results, Work};
use site::Used;
use ties::Ties;
use uses::{Callers, Touched, Uses};

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
    tests: Memo<rehearsal::Rehearsed>,
    ties: Ties,
    callers: Callers,
    /// The circles of segments, and of workflows that start each other.
    circles: [Vec<Diagnostic>; 2],
    /// The lowered tests in the order of the sources.
    rehearsals: Vec<Arc<ir::Test>>,
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
            ties: Ties::default(),
            callers: Callers::default(),
            circles: Default::default(),
            rehearsals: Vec::new(),
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
        let mut ties = std::mem::take(&mut self.ties);
        if !changes.is_first() {
            ties.prepare(|visit| self.results().iter().for_each(|results| results.visit(visit)));
        }
        let outdated = ties.outdated(changes);
        let project = Project { index, standard: &standard, changes, outdated: &outdated };
        index.report_twice(diagnostics);
        self.declarations(&project, &mut ties, sources);
        self.used(&project, &mut ties, sources);
        let contact = index.contact();
        diagnostics.extend(contact.iter().flat_map(|unit| &unit.findings).cloned());
        diagnostics.extend(self.results().iter().flat_map(|results| results.findings()).cloned());
        diagnostics.extend(self.circles.iter().flatten().cloned());
        let unused = ties.unused(index, changes);
        if whole {
            index.report_unused(unused.iter(), diagnostics);
        }
        self.ties = ties;
        if diagnostics.iter().any(Diagnostic::is_error) {
            return None;
        }
        let card = match contact.map(|unit| &unit.shape) {
            Some(Shape::Contact(card)) => card,
            _ => &standard,
        };
        let program = self.program(card)?;
        let checked = self.tests.iter().filter_map(|(_, checked)| checked.lowered.as_deref());
        let reloaded = rehearsal::programs(checked, index, sources, &self.rehearsals, diagnostics);
        self.rehearsals = reloaded;
        rehearsal::report_of_whole(self.rehearsals.iter().map(|test| &**test), &program, diagnostics);
        if diagnostics.iter().any(Diagnostic::is_error) {
            return None;
        }
        Some(program)
    }

    /// What is checked for itself.
    fn declarations(&mut self, project: &Project<'_>, ties: &mut Ties, sources: &Sources) {
        self.events.refresh(project, ties, |work| data::lowered_event(work.unit));
        let before = self.segments.refresh(project, ties, |work| {
            Some(segment::check(work.names, work.schema, &entry(work)?, work.diagnostics))
        });
        let [circles, _] = &mut self.circles;
        if self.segments.has_changed(&before) {
            circles.clear();
            segment::report_cycles(project.index, self.segments.iter(), circles);
        }
        self.connectors.refresh(project, ties, |work| {
            let entry = entry(work)?;
            connector::check(entry.node, entry.description().as_deref(), work.diagnostics)
        });
        let before = self.tests.refresh(project, ties, |work| {
            let entry = entry(work)?;
            Some(rehearsal::check(work, &entry, sources))
        });
        if self.tests.has_changed(&before) {
            let lowered = self.tests.iter().filter_map(|(_, checked)| checked.lowered.as_ref());
            self.rehearsals = lowered.flat_map(|checked| checked.tests.iter().cloned()).collect();
            self.rehearsals.sort_by_key(|test| test.name.span);
        }
    }

    /// Workflows, and what they use, in each environment that it is used in.
    fn used(&mut self, project: &Project<'_>, ties: &mut Ties, sources: &Sources) {
        let before = self.workflows.refresh(project, ties, |work| {
            Some(workflow::check(work.names, work.schema, &entry(work)?, work.sites, work.diagnostics))
        });
        self.callers.update(&before, &self.workflows);
        // At first all is checked, whatever it is used by.
        let first = project.changes.is_first();
        let mut touched = if first { Touched::default() } else { Touched::of(&before, &self.workflows) };
        let [_, circles] = &mut self.circles;
        if self.workflows.has_changed(&before) {
            circles.clear();
            emission::report_cycles(self.workflows.iter(), circles);
        }
        let uses = Uses::new(&self.workflows, &self.callers, project.index);
        let stale = touched.stale(Kind::Webhook, &self.webhooks);
        self.webhooks.refresh_with(project, ties, stale, |work| {
            let entry: Entry<'_, ast::Webhook> = entry(work)?;
            let outline = webhook::read(work.names, &entry, work.diagnostics);
            let Shape::Answer(answer) = &work.unit.shape else { return None };
            let alone = Environment::unused(work.names, work.schema);
            let sites = &uses.sites(Kind::Webhook, &entry.name.node);
            let used = Used { alone: &alone, sites, verb: "called", mentioned: None };
            used.check(
                |environment| environment.for_webhook(entry.node),
                work.diagnostics,
                |environment, diagnostics| webhook::check(&outline, answer, environment, diagnostics),
            )
        });
        let stale = touched.stale(Kind::Message, &self.messages);
        let before = self.messages.refresh_with(project, ties, stale, |work| {
            let entry: Entry<'_, ast::Message> = entry(work)?;
            message::files(entry.node).for_each(|path| work.names.note_file(&path.node));
            let outline = message::read(work.names, sources, &entry, work.diagnostics);
            let alone = Environment::unused(work.names, work.schema);
            let sites = &uses.sites(Kind::Message, &entry.name.node);
            let used = Used { alone: &alone, sites, verb: "sent", mentioned: Some(outline.results()) };
            used.check(
                |environment| environment.for_message(),
                work.diagnostics,
                |environment, diagnostics| outline.check(environment, diagnostics),
            )
        });
        if !first {
            touched.carry(&before, &self.messages);
        }
        let stale = touched.stale(Kind::Channel, &self.channels);
        self.channels.refresh_with(project, ties, stale, |work| {
            let entry: Entry<'_, ast::Webhook> = entry(work)?;
            channel::check(work, &entry, &uses.sites(Kind::Channel, &entry.name.node))
        });
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
        self.rehearsals.clone()
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

/// The files that a declaration names beside its own text.
pub(crate) fn files(declaration: &ast::DeclarationKind) -> Vec<&Spanned<SmolStr>> {
    match declaration {
        ast::DeclarationKind::Message(message) => message::files(message).collect(),
        ast::DeclarationKind::Test(test) => rehearsal::files(test),
        _ => Vec::new(),
    }
}
