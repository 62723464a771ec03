//! What a program does with people's data and inboxes, derived from its compiled form.
//!
//! Nothing here is written down by an author: which field flows to which host, how many messages a run may send, which secret
//! goes where follows from the program. A reviewer compares these facts of two programs, so an edit of a shared template
//! shows at every workflow that uses it. The analysis is *may-flow*: what cannot be told apart counts as flowing, so that less
//! precision never hides a flow.

// What templates print, what names stand for.
mod reading;
mod templates;

// What follows from it.
mod bounds;
mod flow;
mod origin;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use smol_str::SmolStr;

pub use bounds::{Bounds, Reach, Repetition};
pub(crate) use flow::{email_parts, part_word};

use crate::ir::{Block, Credentials, Login, Origin, Program, SecretName, Statement, Workflow};
use origin::Origins;
use templates::Templates;

/// The derived facts of a program.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Audit {
    /// Every way that data takes out of the house, in order.
    pub flows: BTreeSet<Flow>,
    /// Every host that is called, with the webhooks and channels that call it.
    pub hosts: BTreeMap<Host, BTreeSet<Carrier>>,
    /// The hosts that each secret is shown to.
    pub secrets: BTreeMap<SecretName, BTreeSet<Host>>,
    /// What each workflow reads of answers, anywhere.
    pub results: BTreeMap<SmolStr, BTreeSet<Source>>,
    /// What each workflow may do to one contact.
    pub workflows: BTreeMap<SmolStr, Reach>,
    /// What fields are filled with, over all workflows.
    #[serde(skip)]
    origins: Origins,
}

impl Audit {
    /// Derives the facts of a program.
    pub fn of(program: &Program) -> Audit {
        Audit::derive(program, None)
    }

    /// Derives the facts of a program from those of another one: what is the same in both is not looked at again. The result is
    /// that of [`Audit::of`].
    pub fn after(program: &Program, base: &Program, known: &Audit) -> Audit {
        Audit::derive(program, Some((base, known)))
    }

    fn derive(program: &Program, known: Option<(&Program, &Audit)>) -> Audit {
        let known = known.filter(|(base, _)| shares_all(base, program));
        let changed: BTreeSet<&SmolStr> = program
            .workflows
            .iter()
            .filter(|(name, workflow)| known.is_none_or(|(base, _)| !reads_the_same(base, program, name, workflow)))
            .map(|(name, _)| name)
            .collect();
        let templates = Templates::of(program, &changed);
        let origins = Origins::of(program, &templates);
        // Where a field is filled with something else, it may go on to anywhere.
        let known_flows = known.filter(|(_, audit)| audit.origins == origins);
        let whole;
        let (templates, changed_flows) = match known_flows {
            Some(_) => (&templates, changed.clone()),
            None => {
                let all = program.workflows.keys().collect();
                whole = Templates::of(program, &all);
                (&whole, all)
            }
        };
        let mut flows = flow::flows(program, templates, &origins, &changed_flows);
        if let Some((_, audit)) = known_flows {
            let kept = |flow: &&Flow| {
                !changed_flows.contains(&flow.workflow) && program.workflows.contains_key(&flow.workflow)
            };
            flows.extend(audit.flows.iter().filter(kept).cloned());
        }
        let results = program.workflows.iter().map(|(name, workflow)| {
            let same = known.filter(|_| !changed.contains(name)).and_then(|(_, audit)| audit.results.get(name));
            (name.clone(), same.cloned().unwrap_or_else(|| reading::results(program, workflow, templates)))
        });
        Audit {
            flows,
            hosts: hosts(program),
            secrets: secrets(program),
            results: results.collect(),
            workflows: program.workflows.iter().map(|(name, it)| (name.clone(), bounds::reach(program, it))).collect(),
            origins,
        }
    }
}

/// Whether all that workflows have in common, but for messages, is the same.
fn shares_all(base: &Program, program: &Program) -> bool {
    base.events == program.events
        && base.contact == program.contact
        && base.connectors == program.connectors
        && base.webhooks == program.webhooks
        && base.channels == program.channels
        && base.segments == program.segments
}

/// Whether a workflow and the messages that it sends are the same.
fn reads_the_same(base: &Program, program: &Program, name: &SmolStr, workflow: &Arc<Workflow>) -> bool {
    let same = |old: &Arc<Workflow>| Arc::ptr_eq(old, workflow) || old == workflow;
    if !base.workflows.get(name).is_some_and(same) {
        return false;
    }
    let mut same = true;
    each_statement(&workflow.steps, &mut |step| {
        if let Statement::Send { message, .. } = &step.statement {
            same &= base.messages.get(message) == program.messages.get(message);
        }
    });
    same
}

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

fn hosts(program: &Program) -> BTreeMap<Host, BTreeSet<Carrier>> {
    let mut hosts: BTreeMap<Host, BTreeSet<Carrier>> = BTreeMap::new();
    for (name, webhook) in &program.webhooks {
        hosts.entry(Host(webhook.url.origin.clone())).or_default().insert(Carrier::Webhook(name.clone()));
    }
    for (name, channel) in &program.channels {
        hosts.entry(Host(channel.request.url.origin.clone())).or_default().insert(Carrier::Channel(name.clone()));
    }
    hosts
}

fn secrets(program: &Program) -> BTreeMap<SecretName, BTreeSet<Host>> {
    let mut secrets: BTreeMap<SecretName, BTreeSet<Host>> = BTreeMap::new();
    let webhooks = program.webhooks.values().map(|webhook| &**webhook);
    let requests = webhooks.chain(program.channels.values().map(|channel| &channel.request));
    for request in requests {
        let Some(connector) = request.connector.as_ref().and_then(|name| program.connectors.get(name)) else {
            continue;
        };
        // A signing secret never leaves: only a signature does. It still says who can check what we send.
        for secret in shown_secrets(&connector.credentials).chain(&connector.signing) {
            secrets.entry(secret.clone()).or_default().insert(Host(request.url.origin.clone()));
        }
    }
    secrets
}

fn shown_secrets(credentials: &Credentials) -> impl Iterator<Item = &SecretName> {
    let (first, second) = match credentials {
        Credentials::Basic { login: Login::Secret(login), password } => (Some(login), password),
        Credentials::Basic { login: Login::Literal(_), password } => (None, password),
        Credentials::Bearer { token } => (None, token),
        Credentials::ApiKey { key, .. } => (None, key),
    };
    first.into_iter().chain([second])
}

/// Calls `look` with every statement of a block, outermost first, in the order written.
pub fn each_statement<'a>(block: &'a Block, look: &mut dyn FnMut(&'a crate::ir::Step)) {
    for step in block {
        look(step);
        for inner in blocks(&step.statement) {
            each_statement(inner, look);
        }
    }
}

/// The blocks that a statement has, in the order written.
pub fn blocks(statement: &Statement) -> Vec<&Block> {
    match statement {
        Statement::Call { on_failure, .. } => on_failure.iter().collect(),
        Statement::WaitFor { then, on_timeout, .. } => vec![then, on_timeout],
        Statement::If { branches, otherwise } => {
            branches.iter().map(|branch| &branch.block).chain([otherwise]).collect()
        }
        Statement::Match { arms, otherwise, .. } => arms.iter().map(|arm| &arm.block).chain([otherwise]).collect(),
        Statement::Split(split) => split.arms.iter().map(|arm| &arm.block).collect(),
        Statement::Send { .. }
        | Statement::Wait { .. }
        | Statement::WaitUntil { .. }
        | Statement::Set { .. }
        | Statement::Emit { .. }
        | Statement::Stop { .. }
        | Statement::Fail { .. } => Vec::new(),
    }
}

/// The same blocks, to be changed.
pub(crate) fn blocks_mut(statement: &mut Statement) -> Vec<&mut Block> {
    match statement {
        Statement::Call { on_failure, .. } => on_failure.iter_mut().collect(),
        Statement::WaitFor { then, on_timeout, .. } => vec![then, on_timeout],
        Statement::If { branches, otherwise } => {
            branches.iter_mut().map(|branch| &mut branch.block).chain([otherwise]).collect()
        }
        Statement::Match { arms, otherwise, .. } => {
            arms.iter_mut().map(|arm| &mut arm.block).chain([otherwise]).collect()
        }
        Statement::Split(split) => split.arms.iter_mut().map(|arm| &mut arm.block).collect(),
        Statement::Send { .. }
        | Statement::Wait { .. }
        | Statement::WaitUntil { .. }
        | Statement::Set { .. }
        | Statement::Emit { .. }
        | Statement::Stop { .. }
        | Statement::Fail { .. } => Vec::new(),
    }
}

/// As in the language, with the event's type in place of `event`.
impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Contact(field) => write!(out, "contact.{field}"),
            Source::Event { event, field } => write!(out, "{event}.{field}"),
            Source::Result { webhook, field } if field.is_empty() => write!(out, "data[{webhook:?}]"),
            Source::Result { webhook, field } => write!(out, "data[{webhook:?}].{field}"),
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
