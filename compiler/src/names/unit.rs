//! One declaration with all that its own text says of it.
//!
//! A unit is made once for each text of a file and shared from then on: checks are repeated for what has changed only, and
//! two texts decide whether something has.

use std::sync::Arc;

use smol_str::SmolStr;

use super::Kind;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Declaration, DeclarationKind, Name};
use crate::types::{Record, Returned};

/// One declaration.
#[derive(Debug)]
pub(crate) struct Unit {
    /// What was written.
    pub(crate) declaration: Declaration,
    /// The data that it declares.
    pub(crate) shape: Shape,
    /// What is wrong with that data.
    pub(crate) findings: Vec<Diagnostic>,
    /// The text of its file.
    text: Arc<str>,
    /// Whether the whole file could be read. Else what was read of a declaration may depend on what stands around it.
    readable: bool,
}

/// What data a declaration declares.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// An event's fields.
    Event(Arc<Record>),
    /// The contact card.
    Contact(Arc<Record>),
    /// What a webhook returns.
    Answer(Returned),
    /// None.
    Nothing,
}

/// What a declaration is known by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known<'a> {
    /// By kind and name.
    As(Kind, &'a Name),
    /// The contact card has no name.
    Contact,
    /// It could not be read; its name, if that was there.
    Broken(Option<&'a Name>),
}

/// How a declaration has changed for those that refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// It says the same at another place.
    Moved,
    /// It may say something else.
    Changed,
}

impl Unit {
    pub(crate) const fn new(
        declaration: Declaration,
        shape: Shape,
        findings: Vec<Diagnostic>,
        text: Arc<str>,
        readable: bool,
    ) -> Unit {
        Unit { declaration, shape, findings, text, readable }
    }

    /// A declaration that stands in this one.
    pub(crate) fn inner(&self, declaration: Declaration, shape: Shape, findings: Vec<Diagnostic>) -> Unit {
        Unit { declaration, shape, findings, text: Arc::clone(&self.text), readable: self.readable }
    }

    /// The place of the whole declaration.
    pub(crate) const fn span(&self) -> Span {
        self.declaration.span
    }

    /// What it is known by.
    pub(crate) const fn known(&self) -> Known<'_> {
        match &self.declaration.node.kind {
            DeclarationKind::Event(event) => Known::As(Kind::Event, &event.name),
            DeclarationKind::Contact(_) => Known::Contact,
            DeclarationKind::Connector(connector) => Known::As(Kind::Connector, &connector.name),
            DeclarationKind::Webhook(webhook) => Known::As(Kind::Webhook, &webhook.name),
            DeclarationKind::Channel(channel) => Known::As(Kind::Channel, &channel.name),
            DeclarationKind::Segment(segment) => Known::As(Kind::Segment, &segment.name),
            DeclarationKind::Message(message) => Known::As(Kind::Message, &message.name),
            DeclarationKind::Workflow(workflow) => Known::As(Kind::Workflow, &workflow.name),
            DeclarationKind::Test(test) => Known::As(Kind::Test, &test.name),
            DeclarationKind::Broken(name) => Known::Broken(name.as_ref()),
        }
    }

    /// The text of the `///` lines above it.
    pub(crate) fn docs(&self) -> Option<&SmolStr> {
        self.declaration.node.docs.as_ref().map(|docs| &docs.node)
    }

    /// How it differs from what stood for the same name `before`; nothing if it does not.
    pub(crate) fn change_since(&self, before: &Unit) -> Option<Change> {
        let same = self.readable && before.readable && self.slice() == before.slice();
        match same {
            true if self.span() == before.span() => None,
            true => Some(Change::Moved),
            false => Some(Change::Changed),
        }
    }

    fn slice(&self) -> &str {
        self.text.get(self.span().range()).unwrap_or("")
    }
}
