//! Who is who: every declaration of the project by kind and name.
//!
//! All files form one program, so a name means the same in each of them. Kinds do not compete: a message may be called
//! what a segment is called, for no place takes either. What is looked up here is noted as used.

mod table;

use std::cell::Cell;
use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{self, DeclarationKind, Name};

pub use crate::suggest::nearest as near;
pub use table::{Entry, Kind, Table, spelled};

/// All declarations of a project.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    /// Event types.
    pub events: Table<'a, ast::Event>,
    /// The block of additional contact fields, and its place.
    pub contact: Option<(&'a ast::Contact, Span)>,
    /// Credentials.
    pub connectors: Table<'a, ast::Connector>,
    /// HTTPS calls.
    pub webhooks: Table<'a, ast::Webhook>,
    /// Gateways for messages.
    pub channels: Table<'a, ast::Webhook>,
    /// Named conditions on contacts.
    pub segments: Table<'a, ast::Segment>,
    /// What is sent.
    pub messages: Table<'a, ast::Message>,
    /// Triggers and steps.
    pub workflows: Table<'a, ast::Workflow>,
    /// Rehearsals.
    pub tests: Table<'a, ast::Test>,
    /// The names of declarations that could not be read: what kind they are is not known.
    broken: BTreeSet<SmolStr>,
    /// How many unknown names were met so far.
    unknown: Cell<usize>,
}

/// For how many unknown names a near one is looked for. Each search looks at all names, and nobody reads further hints.
const MOST_GUESSES: usize = 50;

impl<'a> Names<'a> {
    /// Gathers what is declared; reports names that are declared twice or alike.
    pub fn collect(declarations: &'a [ast::Declaration], diagnostics: &mut Vec<Diagnostic>) -> Names<'a> {
        let mut names = Names {
            events: Table::new(Kind::Event),
            contact: None,
            connectors: Table::new(Kind::Connector),
            webhooks: Table::new(Kind::Webhook),
            channels: Table::new(Kind::Channel),
            segments: Table::new(Kind::Segment),
            messages: Table::new(Kind::Message),
            workflows: Table::new(Kind::Workflow),
            tests: Table::new(Kind::Test),
            broken: BTreeSet::new(),
            unknown: Cell::new(0),
        };
        for declaration in declarations {
            names.declare(declaration, diagnostics);
        }
        names.events.report_alike(diagnostics);
        names.connectors.report_alike(diagnostics);
        names.webhooks.report_alike(diagnostics);
        names.channels.report_alike(diagnostics);
        names.segments.report_alike(diagnostics);
        names.messages.report_alike(diagnostics);
        names.workflows.report_alike(diagnostics);
        names
    }

    fn declare(&mut self, declaration: &'a ast::Declaration, diagnostics: &mut Vec<Diagnostic>) {
        let docs = declaration.node.docs.as_ref();
        let span = declaration.span;
        match &declaration.node.kind {
            DeclarationKind::Event(node) => self.events.declare(node, &node.name, docs, span, diagnostics),
            DeclarationKind::Contact(node) => self.declare_contact(node, span, diagnostics),
            DeclarationKind::Connector(node) => self.connectors.declare(node, &node.name, docs, span, diagnostics),
            DeclarationKind::Webhook(node) => self.webhooks.declare(node, &node.name, docs, span, diagnostics),
            DeclarationKind::Channel(node) => self.channels.declare(node, &node.name, docs, span, diagnostics),
            DeclarationKind::Segment(node) => self.segments.declare(node, &node.name, docs, span, diagnostics),
            DeclarationKind::Message(node) => self.messages.declare(node, &node.name, docs, span, diagnostics),
            DeclarationKind::Workflow(node) => self.workflows.declare(node, &node.name, docs, span, diagnostics),
            DeclarationKind::Test(node) => self.tests.declare(node, &node.name, docs, span, diagnostics),
            DeclarationKind::Broken(name) => self.broken.extend(name.as_ref().map(|name| name.node.clone())),
        }
    }

    fn declare_contact(&mut self, node: &'a ast::Contact, span: Span, diagnostics: &mut Vec<Diagnostic>) {
        match self.contact {
            None => self.contact = Some((node, span)),
            Some((_, first)) => diagnostics.push(
                Diagnostic::new(Code::DuplicateName, span)
                    .message("the contact card is declared twice")
                    .also(first, "declared first here")
                    .hint("move the fields into one `contact` block"),
            ),
        }
    }

    /// Whether a declaration of this name could not be read, so that nothing is to be said about uses of it.
    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    /// The event type that `name` stands for; reported where there is none.
    pub fn event(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<&Entry<'a, ast::Event>> {
        self.find(&self.events, name, diagnostics)
    }

    /// The connector that `name` stands for; reported where there is none.
    pub fn connector(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<&Entry<'a, ast::Connector>> {
        self.find(&self.connectors, name, diagnostics)
    }

    /// The webhook that `name` stands for; reported where there is none.
    pub fn webhook(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<&Entry<'a, ast::Webhook>> {
        self.find(&self.webhooks, name, diagnostics)
    }

    /// The channel that `name` stands for; reported where there is none.
    pub fn channel(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<&Entry<'a, ast::Webhook>> {
        self.find(&self.channels, name, diagnostics)
    }

    /// The segment that `name` stands for; reported where there is none.
    pub fn segment(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<&Entry<'a, ast::Segment>> {
        self.find(&self.segments, name, diagnostics)
    }

    /// The message that `name` stands for; reported where there is none.
    pub fn message(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<&Entry<'a, ast::Message>> {
        self.find(&self.messages, name, diagnostics)
    }

    /// Looks a name up without noting it as used: what only a test refers to is not.
    pub fn known<'t, T>(
        &self,
        table: &'t Table<'a, T>,
        name: &Name,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<&'t Entry<'a, T>> {
        let found = table.get(&name.node);
        if found.is_none() && !self.is_broken(&name.node) {
            let guess = self.unknown.get() < MOST_GUESSES;
            self.unknown.set(self.unknown.get() + 1);
            diagnostics.push(table.unknown(name, guess));
        }
        found
    }

    /// Looks a name up and notes it as used.
    fn find<'t, T>(
        &self,
        table: &'t Table<'a, T>,
        name: &Name,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<&'t Entry<'a, T>> {
        let found = self.known(table, name, diagnostics);
        if let Some(entry) = found {
            entry.mark_used();
        }
        found
    }

    /// Warns of declarations that nothing refers to: to be asked after everything has been looked up.
    pub fn report_unused(&self, diagnostics: &mut Vec<Diagnostic>) {
        self.events.report_unused(diagnostics);
        self.connectors.report_unused(diagnostics);
        self.webhooks.report_unused(diagnostics);
        self.channels.report_unused(diagnostics);
        self.segments.report_unused(diagnostics);
        self.messages.report_unused(diagnostics);
    }
}
