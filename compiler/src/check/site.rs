//! Where webhooks are called and messages are sent.
//!
//! Neither names an event type: what they need of the event and of results is checked once in each environment that they are
//! used in. What is wrong whatever the use is said once; what is wrong because of one is said with the place of that use.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::types::{Environment, EventScope};

/// A place where a webhook is called or a message sent, and what is in scope there.
#[derive(Debug)]
struct Site<'a> {
    environment: Environment<'a>,
    span: Span,
}

/// The environments of one webhook or message, each with the first place that has it.
#[derive(Debug, Default)]
pub(crate) struct Uses<'a> {
    sites: BTreeMap<Key, Site<'a>>,
}

/// All of them, by name.
#[derive(Debug, Default)]
pub(crate) struct Sites<'a> {
    calls: BTreeMap<SmolStr, Uses<'a>>,
    sends: BTreeMap<SmolStr, Uses<'a>>,
}

/// What tells two environments apart: names decide types, so types need not be compared.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    events: Option<BTreeSet<SmolStr>>,
    /// Nothing is known of the event, which is not the same as that there is none.
    unknown_event: bool,
    results: Vec<(SmolStr, SmolStr, bool)>,
    open: bool,
    narrowed: BTreeSet<SmolStr>,
}

impl Key {
    fn of(environment: &Environment<'_>) -> Key {
        let results = environment.results.iter();
        Key {
            events: events(environment).cloned(),
            unknown_event: environment.event == EventScope::Unknown,
            results: results.map(|(name, stored)| (name.clone(), stored.webhook.clone(), stored.certain)).collect(),
            open: environment.open,
            narrowed: BTreeSet::clone(&environment.narrowed),
        }
    }
}

fn events<'e>(environment: &'e Environment<'_>) -> Option<&'e BTreeSet<SmolStr>> {
    match &environment.event {
        EventScope::Known { types, .. } => Some(types),
        EventScope::Absent | EventScope::Unknown => None,
    }
}

impl<'a> Sites<'a> {
    /// A webhook is called; `environment` is the webhook's.
    pub(crate) fn call(&mut self, webhook: &SmolStr, environment: Environment<'a>, span: Span) {
        self.calls.entry(webhook.clone()).or_default().add(environment, span);
    }

    /// A message is sent; `environment` is the message's.
    pub(crate) fn send(&mut self, message: &SmolStr, environment: Environment<'a>, span: Span) {
        self.sends.entry(message.clone()).or_default().add(environment, span);
    }

    /// The calls of a webhook.
    pub(crate) fn calls_of(&self, webhook: &str) -> Option<&Uses<'a>> {
        self.calls.get(webhook)
    }

    /// The sends of a message.
    pub(crate) fn sends_of(&self, message: &str) -> Option<&Uses<'a>> {
        self.sends.get(message)
    }
}

impl<'a> Uses<'a> {
    /// The environments, each with its first place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Environment<'a>, Span)> {
        self.sites.values().map(|site| (&site.environment, site.span))
    }

    /// Something is used at a place with this environment.
    pub(crate) fn add(&mut self, environment: Environment<'a>, span: Span) {
        self.sites.entry(Key::of(&environment)).or_insert(Site { environment, span });
    }
}

/// Checks a webhook or a message for itself, in `alone`, and in every environment that it is used in. What `check` returns
/// does not depend on the environment.
///
/// Used things are judged by their uses: what would be missing in another place is there, perhaps, in theirs.
pub(crate) fn check_uses<T>(
    alone: &Environment<'_>,
    uses: Option<&Uses<'_>>,
    verb: &str,
    diagnostics: &mut Vec<Diagnostic>,
    mut check: impl FnMut(&Environment<'_>, &mut Vec<Diagnostic>) -> T,
) -> T {
    let mut by_itself = Vec::new();
    let lowered = check(alone, &mut by_itself);
    let Some(uses) = uses else {
        diagnostics.append(&mut by_itself);
        return lowered;
    };
    let general: BTreeSet<Identity> = by_itself.iter().map(|finding| identity(finding, None)).collect();
    let mut said: BTreeSet<Identity> = BTreeSet::new();
    let mut sites: Vec<&Site<'_>> = uses.sites.values().collect();
    sites.sort_by_key(|site| site.span);
    for site in sites {
        let mut found = Vec::new();
        check(&site.environment, &mut found);
        for finding in found {
            let anywhere = general.contains(&identity(&finding, None));
            let events = if anywhere { None } else { events(&site.environment) };
            if said.insert(identity(&finding, events)) {
                diagnostics.push(if anywhere { finding } else { finding.also(site.span, format!("{verb} here")) });
            }
        }
    }
    lowered
}

/// What makes two findings one: rule, place and words, and for what depends on the use the event types.
type Identity = (Span, &'static str, String, Option<BTreeSet<SmolStr>>);

fn identity(finding: &Diagnostic, events: Option<&BTreeSet<SmolStr>>) -> Identity {
    let code: Code = finding.code;
    (finding.span, code.slug(), finding.message.clone(), events.cloned())
}
