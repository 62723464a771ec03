//! The words of the derived facts: data, hosts, places, and what carries one to the other.

use std::fmt;

use serde::Serialize;
use smol_str::SmolStr;

use crate::ir::{Expression, Origin, Root, Written};

/// Data that goes somewhere: one cell of the matrix, for one workflow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Flow {
    /// What leaves.
    pub source: Source,
    /// Where to.
    pub destination: Destination,
    /// Where in the request or the message it stands.
    pub place: Place,
    /// What carries it.
    pub carrier: Carrier,
    /// The connector that the request is made with.
    pub connector: Option<SmolStr>,
    /// The workflow that sets it off.
    pub workflow: SmolStr,
    /// The field that it was written to before, by a `set` or an `emit`.
    pub through: Option<Source>,
    /// Whether the program says so; else it may be, and cannot be told apart (`?`).
    pub certain: bool,
}

/// A piece of data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A field of the contact card.
    Contact(SmolStr),
    /// A parameter of an event.
    Event {
        /// The event type.
        event: SmolStr,
        /// The parameter; fields of records follow after dots.
        field: SmolStr,
    },
    /// A part of what a webhook answered.
    Result {
        /// The webhook.
        webhook: SmolStr,
        /// The field, with those around it; empty for the whole answer.
        field: SmolStr,
    },
}

/// Where data goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// A host, called over HTTPS.
    Host(Host),
    /// The mail server, and by it the recipient.
    Mail,
}

/// A host with its port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(pub Origin);

/// Where data stands in what is sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In the path of the URL.
    Path,
    /// In a parameter of the query.
    Query(String),
    /// In a header.
    Header(String),
    /// In the body; a path of names for JSON and forms, empty for a text.
    Body(String),
    /// In a part of a message, by channel and part: `email.subject`.
    Message(String),
}

/// What data travels in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// A webhook's request.
    Webhook(SmolStr),
    /// A gateway's request, for any message.
    Channel(SmolStr),
    /// A message.
    Message(SmolStr),
}

impl Place {
    /// Whether it is a part of the URL, which ends up in logs on its way.
    pub const fn is_in_url(&self) -> bool {
        matches!(self, Place::Path | Place::Query(_))
    }

    /// The kind in one word: a column of the matrix.
    pub const fn kind(&self) -> &'static str {
        match self {
            Place::Path => "path",
            Place::Query(_) => "query",
            Place::Header(_) => "header",
            Place::Body(_) => "body",
            Place::Message(_) => "message",
        }
    }
}

/// As in the language, with the event's type in place of `event`.
impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Contact(field) => write!(out, "contact.{field}"),
            Source::Event { event, field } => write!(out, "{event}.{field}"),
            Source::Result { webhook, field } => {
                let root = Root::Data(webhook.clone());
                let answer = Expression::Reference { root, path: Vec::new() };
                let dot = if field.is_empty() { "" } else { "." };
                write!(out, "{}{dot}{field}", Written(&answer))
            }
        }
    }
}

/// `https://host`, with the port where it is not 443.
impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.port() {
            443 => write!(out, "https://{}", self.0.host()),
            port => write!(out, "https://{}:{port}", self.0.host()),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Host(host) => host.fmt(out),
            Destination::Mail => out.write_str("e-mail"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Path => out.write_str("path"),
            Place::Query(name) => write!(out, "query.{name}"),
            Place::Header(name) => write!(out, "header.{name}"),
            Place::Body(path) if path.is_empty() => out.write_str("body"),
            Place::Body(path) => write!(out, "body.{path}"),
            Place::Message(part) => write!(out, "message.{part}"),
        }
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Carrier::Webhook(name) => write!(out, "webhook {name}"),
            Carrier::Channel(name) => write!(out, "channel {name}"),
            Carrier::Message(name) => write!(out, "message {name}"),
        }
    }
}

macro_rules! serialized_as_text {
    ($($name:ident),+) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

serialized_as_text!(Source, Host, Destination, Place, Carrier);
