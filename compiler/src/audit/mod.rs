//! What a program does with people's data and inboxes, derived from its compiled form.
//!
//! Nothing here is written down by an author: which field flows to which host, how many messages a run may send, which secret
//! goes where follows from the program. A reviewer compares these facts of two programs, so an edit of a shared template
//! shows at every workflow that uses it. The analysis is *may-flow*: what cannot be told apart counts as flowing, so that less
//! precision never hides a flow.

// What is told of a program.
mod terms;

// What templates print, what names stand for.
mod reading;
mod templates;

// What follows from it.
mod bounds;
mod facts;
mod flow;
mod origin;
mod readers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use smol_str::SmolStr;

pub use bounds::{Bounds, Reach, Repetition};
pub use facts::Facts;
pub(crate) use readers::readers;
pub use terms::{Carrier, Destination, Flow, Host, Place, Source};

use crate::ir::{Program, SecretName};
use facts::Kept;
use origin::Origins;
use templates::Templates;

/// The derived facts of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audit {
    /// What each workflow does.
    pub workflows: BTreeMap<SmolStr, Derived>,
    /// Every host that is called, with the webhooks and channels that call it.
    pub hosts: BTreeMap<Host, BTreeSet<Carrier>>,
    /// The hosts that each secret is shown to, or that what is signed with it goes to.
    pub secrets: BTreeMap<SecretName, BTreeSet<Host>>,
    /// Those of them that nobody is shown: requests are signed with them.
    pub signing: BTreeSet<SecretName>,
}

/// What a workflow does, in its program.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    facts: Arc<Facts>,
    /// Data that goes out under the name of a field that any workflow has filled with it.
    carried: BTreeSet<Flow>,
}

impl Derived {
    /// What follows from the workflow and what it uses.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Every way that data takes out of the house.
    pub fn flows(&self) -> impl Iterator<Item = &Flow> {
        self.facts.flows.iter().chain(&self.carried)
    }

    /// Whether another one is known to be the same without a look at its facts.
    pub(crate) fn is_shared(&self, other: &Derived) -> bool {
        Arc::ptr_eq(&self.facts, &other.facts) && self.carried == other.carried
    }
}

impl Audit {
    /// Derives the facts of a program.
    pub fn of(program: &Program) -> Audit {
        Audit::derive(program, None)
    }

    /// Derives the facts of a program from those of another one: what is the same in both is not looked at again. The result is
    /// that of [`Audit::of`].
    pub fn after(program: &Program, base: &Program, known: &Audit) -> Audit {
        Audit::derive(program, Kept::between(base, program, known))
    }

    fn derive(program: &Program, kept: Option<Kept<'_>>) -> Audit {
        let find = |(name, workflow)| (name, workflow, kept.as_ref().and_then(|kept| kept.find(name, workflow)));
        let workflows: Vec<_> = program.workflows.iter().map(find).collect();
        let changed = workflows.iter().filter(|(_, _, kept)| kept.is_none()).map(|(_, workflow, _)| &***workflow);
        let templates = Templates::of(program, changed);
        let derive = |(name, workflow, kept): &(&SmolStr, &Arc<_>, Option<&Arc<Facts>>)| match kept {
            Some(facts) => Arc::clone(facts),
            None => Arc::new(Facts::of(program, name, workflow, &templates)),
        };
        let facts: Vec<Arc<Facts>> = workflows.par_iter().map(derive).collect();
        let origins = Origins::of(facts.iter().map(|facts| &facts.fills));
        let carry = |facts: &Arc<Facts>| Derived { facts: Arc::clone(facts), carried: origins.carried(&facts.flows) };
        let derived: Vec<Derived> = facts.par_iter().map(carry).collect();
        Audit {
            workflows: program.workflows.keys().cloned().zip(derived).collect(),
            hosts: hosts(program),
            secrets: secrets(program),
            signing: signing(program),
        }
    }

    /// Every way that data takes out of the house, in order.
    pub fn flows(&self) -> BTreeSet<&Flow> {
        self.workflows.values().flat_map(Derived::flows).collect()
    }

    /// How many different pieces of data leave.
    pub fn fields_leaving(&self) -> usize {
        let fields: std::collections::HashSet<&Source> =
            self.workflows.values().flat_map(Derived::flows).map(|flow| &flow.source).collect();
        fields.len()
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
        for secret in connector.secrets() {
            secrets.entry(secret.clone()).or_default().insert(Host(request.url.origin.clone()));
        }
    }
    secrets
}

fn signing(program: &Program) -> BTreeSet<SecretName> {
    let connectors = || program.connectors.values();
    let shown: BTreeSet<&SecretName> = connectors().flat_map(|it| it.credentials.secrets()).collect();
    connectors().filter_map(|it| it.signing.as_ref()).filter(|secret| !shown.contains(secret)).cloned().collect()
}

/// The facts by kind, as they are told.
impl Serialize for Audit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let each = || self.workflows.iter().map(|(name, derived)| (name, derived.facts()));
        let results: BTreeMap<_, _> = each().map(|(name, facts)| (name, &facts.results)).collect();
        let reach: BTreeMap<_, _> = each().map(|(name, facts)| (name, &facts.reach)).collect();
        let mut out = serializer.serialize_struct("Audit", 5)?;
        out.serialize_field("flows", &self.flows())?;
        out.serialize_field("hosts", &self.hosts)?;
        out.serialize_field("secrets", &self.secrets)?;
        out.serialize_field("results", &results)?;
        out.serialize_field("workflows", &reach)?;
        out.end()
    }
}
