//! The compiled program: the contract between the compiler and whatever runs it.
//!
//! Everything here has been checked. There is no broken node, no raw name and no `Option` for the parser's sake;
//! an [`Origin`] holds a literal scheme, host and port, so "an interpolated host" has no representation. Nothing
//! here knows where it was written: two programs that say the same thing are equal, however their sources are
//! split, ordered or laid out, and the semantic difference of two programs is what differs in here.

mod blocks;
pub mod contact;
pub mod expression;
pub mod file;
pub mod message;
pub mod request;
mod slice;
pub mod test;
pub mod types;
pub mod workflow;
pub mod written;
pub mod zone;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub use blocks::each_step;
pub use contact::{Contact, ContactField, Identifier};
pub use expression::{Access, BinaryOperator, Escape, Expression, Literal, Part, Root};
pub use file::{IR_VERSION, ProgramHash, ReadError};
pub use message::{Channel, Email, Message, PartName, Template, parse_template};
pub use request::{
    ApiKeyPlace, Attempts, Body, Connector, Credentials, Header, Limit, Login, Method, Origin, OriginError,
    QueryParameter, Returns, SecretName, Url, Webhook,
};
pub use test::Test;
pub use types::{Duration, Field, Type};
pub use workflow::{
    Block, Branch, Exit, Identification, Identify, MatchArm, NotFound, Reentry, Split, SplitArm, Statement, Step,
    StepId, Trigger, Window, Workflow,
};
pub use written::{Written, WrittenText, written_in_parts};

/// A whole project, compiled. Declarations are kept by name, so their order in the sources does not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// The version of this representation; [`IR_VERSION`] when this compiler made it.
    pub ir_version: u32,
    /// Event types by name.
    pub events: BTreeMap<SmolStr, Arc<Event>>,
    /// The contact card's additional fields.
    pub contact: Contact,
    /// Credentials of the hosts that webhooks call.
    pub connectors: BTreeMap<SmolStr, Arc<Connector>>,
    /// Webhooks by name; a name may be any text.
    pub webhooks: BTreeMap<SmolStr, Arc<Webhook>>,
    /// Gateways for messages that are not e-mail.
    pub channels: BTreeMap<SmolStr, Arc<Channel>>,
    /// Named conditions on a contact.
    pub segments: BTreeMap<SmolStr, Arc<Segment>>,
    /// Messages by name.
    pub messages: BTreeMap<SmolStr, Arc<Message>>,
    /// Workflows by name.
    pub workflows: BTreeMap<SmolStr, Arc<Workflow>>,
}

/// An event type: what a caller may send under this name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The text of the `///` lines above the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Declared parameters by name; `id` and `occurred_at` come with every event.
    pub fields: BTreeMap<SmolStr, Field>,
}

/// A named condition on a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The text of the `///` lines above the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// True for the contacts that belong to it; reads the contact only.
    pub condition: Expression,
}
