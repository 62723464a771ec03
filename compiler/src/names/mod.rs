//! Who is who: every declaration of the project by kind and name.
//!
//! All files form one program, so a name means the same in each of them. Kinds do not compete: a message may be called
//! what a segment is called, for no place takes either. The check of one declaration looks others up through [`Names`],
//! which notes what it has looked at and what is thereby used.

mod alike;
mod declared;
mod guess;
mod index;
mod reads;
mod table;
mod unit;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{self, Name};

pub use crate::suggest::nearest as near;
pub(crate) use guess::guess;
pub(crate) use index::Index;
pub use reads::Reads;
pub(crate) use reads::{Changes, Noted, Read};
pub use table::{Entry, Kind, Table, Tree, push_step, spelled};
pub(crate) use unit::{Known, Shape, Unit};

/// All declarations of a project, as one check sees them.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Event types.
    pub events: Table<'a, ast::Event>,
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
    index: &'a Index,
    reads: &'a Reads,
}

impl<'a> Names<'a> {
    /// The declarations of `index`; what is looked up is noted in `reads`.
    pub(crate) const fn new(index: &'a Index, reads: &'a Reads) -> Names<'a> {
        Names {
            events: Table::new(Kind::Event, index, reads),
            connectors: Table::new(Kind::Connector, index, reads),
            webhooks: Table::new(Kind::Webhook, index, reads),
            channels: Table::new(Kind::Channel, index, reads),
            segments: Table::new(Kind::Segment, index, reads),
            messages: Table::new(Kind::Message, index, reads),
            workflows: Table::new(Kind::Workflow, index, reads),
            tests: Table::new(Kind::Test, index, reads),
            index,
            reads,
        }
    }

    /// The declarations that these are looked up among.
    pub(crate) const fn index(&self) -> &'a Index {
        self.index
    }

    /// The names of another project, for the same check.
    pub(crate) const fn among<'o>(&self, index: &'o Index) -> Names<'o>
    where
        'a: 'o,
    {
        Names::new(index, self.reads)
    }

    /// The block of additional contact fields, and its place.
    pub fn contact(&self) -> Option<(&'a ast::Contact, Span)> {
        let unit = self.contact_unit()?;
        match &unit.declaration.node.kind {
            ast::DeclarationKind::Contact(contact) => Some((contact, unit.span())),
            _ => None,
        }
    }

    pub(crate) fn contact_unit(&self) -> Option<&'a Unit> {
        self.reads.note(Read::Contact);
        self.index.contact().map(std::sync::Arc::as_ref)
    }

    /// The declaration of this kind and name with the data that it declares.
    pub(crate) fn unit(&self, kind: Kind, name: &str) -> Option<&'a Unit> {
        self.reads.note(Read::Declaration(kind, smol_str::SmolStr::new(name)));
        self.index.find(kind, name).map(std::sync::Arc::as_ref)
    }

    /// Notes that a check looks at a file beside the program.
    pub(crate) fn note_file(&self, path: &str) {
        // A path may say that it begins in the project folder, and the file may be called so.
        for path in std::iter::once(path).chain(path.strip_prefix("./")) {
            self.reads.note(Read::File(smol_str::SmolStr::new(path)));
        }
        self.reads.note(Read::Files);
    }

    /// Whether a declaration of this name could not be read, so that nothing is to be said about uses of it.
    pub fn is_broken(&self, name: &str) -> bool {
        self.reads.note(Read::Broken);
        self.index.is_broken(name)
    }

    /// The event type that `name` stands for; reported where there is none.
    pub fn event(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<Entry<'a, ast::Event>> {
        self.find(&self.events, name, diagnostics)
    }

    /// The connector that `name` stands for; reported where there is none.
    pub fn connector(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<Entry<'a, ast::Connector>> {
        self.find(&self.connectors, name, diagnostics)
    }

    /// The webhook that `name` stands for; reported where there is none.
    pub fn webhook(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<Entry<'a, ast::Webhook>> {
        self.find(&self.webhooks, name, diagnostics)
    }

    /// The channel that `name` stands for; reported where there is none.
    pub fn channel(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<Entry<'a, ast::Webhook>> {
        self.find(&self.channels, name, diagnostics)
    }

    /// The segment that `name` stands for; reported where there is none.
    pub fn segment(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<Entry<'a, ast::Segment>> {
        self.find(&self.segments, name, diagnostics)
    }

    /// The message that `name` stands for; reported where there is none.
    pub fn message(&self, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<Entry<'a, ast::Message>> {
        self.find(&self.messages, name, diagnostics)
    }

    /// Looks a name up without noting it as used: what only a test refers to is not.
    pub fn known<T: Tree>(
        &self,
        table: &Table<'a, T>,
        name: &Name,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Entry<'a, T>> {
        let found = table.get(&name.node);
        if found.is_none() && !self.is_broken(&name.node) {
            diagnostics.push(table.unknown(name));
        }
        found
    }

    /// Looks a name up and notes it as used.
    fn find<T: Tree>(
        &self,
        table: &Table<'a, T>,
        name: &Name,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Entry<'a, T>> {
        let found = self.known(table, name, diagnostics);
        if found.is_some() {
            table.mark_used(&name.node);
        }
        found
    }
}
