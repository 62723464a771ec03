//! What was written: the tree of a `.wf` file.
//!
//! The tree is *as written*: nothing is looked up, defaults are absent, and what could not be read is there as `Broken` or
//! as a missing `Option`, each already reported. A check that finds something missing beside something broken says nothing:
//! the fields named `broken` tell that a part of the block was skipped. What was *checked* is another type, the IR.
//!
//! Every node carries its place. Places are no part of equality ([`Spanned`]), so two trees are equal when they say the
//! same. Blocks nest at most [`crate::syntax::MAX_DEPTH`] deep, so a recursive walk needs no guard.

use smol_str::SmolStr;

use crate::source::Spanned;

mod data;
mod expression;
mod message;
mod outside;
mod test;
mod workflow;

pub use data::*;
pub use expression::*;
pub use message::*;
pub use outside::*;
pub use test::*;
pub use workflow::*;

/// A name, its text without quotes. One that is declared or used as declared is in Unicode's composed form (NFC), not empty
/// and free of control and bidi characters, or reported. The name of a field in quotes is as it is written, for it must be
/// the one that is sent and received.
pub type Name = Spanned<SmolStr>;

/// One top-level declaration. The place reaches from the keyword to the closing brace.
pub type Declaration = Spanned<DeclarationNode>;

/// A declaration and its description.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclarationNode {
    /// The text of the `///` lines above it, without the slashes and one blank behind them.
    pub docs: Option<Spanned<SmolStr>>,
    /// What is declared.
    pub kind: DeclarationKind,
}

/// What a declaration declares.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclarationKind {
    /// `event NAME { … }`: a type of event and its parameters.
    Event(Event),
    /// `contact { … }`: additional fields of the contact card.
    Contact(Contact),
    /// `connector NAME KIND { … }`: how requests are authorised.
    Connector(Connector),
    /// `webhook NAME { … }`: an HTTPS call.
    Webhook(Box<Webhook>),
    /// `channel NAME { … }`: a gateway that delivers messages over HTTPS; the lines are a webhook's.
    Channel(Box<Webhook>),
    /// `segment NAME { … }`: a condition on contacts with a name.
    Segment(Segment),
    /// `message NAME { … }`: what is sent, by channel.
    Message(Message),
    /// `workflow NAME { … }`: triggers and steps.
    Workflow(Workflow),
    /// `test "…" { … }`: a rehearsal and what must come of it.
    Test(Test),
    /// A declaration of which not even the head could be read. If its name was there, it is kept, so that uses of it are
    /// not reported as unknown.
    Broken(Option<Name>),
}

impl DeclarationKind {
    /// The declared name; the `contact` block has none.
    pub const fn name(&self) -> Option<&Name> {
        match self {
            DeclarationKind::Event(event) => Some(&event.name),
            DeclarationKind::Contact(_) => None,
            DeclarationKind::Connector(connector) => Some(&connector.name),
            DeclarationKind::Webhook(webhook) | DeclarationKind::Channel(webhook) => Some(&webhook.name),
            DeclarationKind::Segment(segment) => Some(&segment.name),
            DeclarationKind::Message(message) => Some(&message.name),
            DeclarationKind::Workflow(workflow) => Some(&workflow.name),
            DeclarationKind::Test(test) => Some(&test.name),
            DeclarationKind::Broken(name) => name.as_ref(),
        }
    }
}
