//! Where webhooks are called and messages are sent.
//!
//! Neither names an event type: what they need of the event and of results is checked once in each environment that they are
//! used in. What is wrong whatever the use is said once; what is wrong because of one is said with the place of that use.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::names::Kind;
use crate::source::Span;
use crate::types::{Alike, Environment, EventScope, Place, Scoped, Stored};

/// A place where a webhook is called or a message sent, and what is in scope there.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// Whether it is a webhook or a message.
    kind: Kind,
    name: SmolStr,
    span: Span,
    scope: Scope,
}

/// What is in scope at a place, apart from the project around it. Types are looked up anew when it is made use of: names
/// decide them, and another declaration may have changed since.
#[derive(Clone, Debug)]
struct Scope {
    place: Place,
    event: EventScope,
    contact: bool,
    results: Scoped<Stored>,
    open: bool,
    narrowed: Scoped<()>,
}

/// The places of one workflow.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    sites: Vec<Site>,
    emitted: Vec<(SmolStr, Span)>,
    /// The events among `emitted`.
    raised: HashSet<SmolStr>,
}

/// The events that a workflow raises, each with its first place.
pub(crate) type Emitted = Box<[(SmolStr, Span)]>;

impl Sites {
    /// A webhook is called in `environment`.
    pub(crate) fn call(&mut self, webhook: &SmolStr, environment: &Environment<'_>, span: Span) {
        self.add(Kind::Webhook, webhook, environment, span);
    }

    /// A message is sent in `environment`.
    pub(crate) fn send(&mut self, message: &SmolStr, environment: &Environment<'_>, span: Span) {
        self.add(Kind::Message, message, environment, span);
    }

    fn add(&mut self, kind: Kind, name: &SmolStr, environment: &Environment<'_>, span: Span) {
        self.sites.push(Site { kind, name: name.clone(), span, scope: Scope::of(environment) });
    }

    /// An event is raised. Of several places the first one counts.
    pub(crate) fn emit(&mut self, event: &SmolStr, span: Span) {
        if self.raised.insert(event.clone()) {
            self.emitted.push((event.clone(), span));
        }
    }

    /// All calls and sends by what is called and sent, and the events that are raised, each with its first place.
    pub(crate) fn finish(mut self) -> (Box<[Site]>, Emitted) {
        self.sites.sort_by(|one, other| one.target().cmp(&other.target()));
        (self.sites.into(), self.emitted.into())
    }
}

impl Site {
    /// What is used here.
    pub(crate) fn target(&self) -> (Kind, &str) {
        (self.kind, &self.name)
    }

    /// Whether the same is used with the same in scope, wherever that is.
    pub(crate) fn is_like(&self, other: &Site, alike: &mut Alike) -> bool {
        self.target() == other.target() && self.scope.is_like(&other.scope, alike)
    }
}

impl Scope {
    fn of(environment: &Environment<'_>) -> Scope {
        // Aliases are not seen by what is called or sent, and a step knows no parts of a message.
        let Environment { names: _, schema: _, aliases: _, message: _, place, event, contact, results, open, narrowed } =
            environment;
        Scope {
            place: place.clone(),
            event: event.clone(),
            contact: *contact,
            results: results.clone(),
            open: *open,
            narrowed: narrowed.clone(),
        }
    }

    /// The scope in the project as it is now.
    fn within<'a>(&self, project: &Environment<'a>) -> Environment<'a> {
        let schema = project.schema;
        let event = match &self.event {
            EventScope::Known { types, .. } => schema.event_of(types.iter().cloned()),
            other => other.clone(),
        };
        Environment {
            names: project.names,
            schema,
            place: self.place.clone(),
            event,
            contact: self.contact,
            results: self.results.clone(),
            open: self.open,
            aliases: Scoped::default(),
            message: None,
            narrowed: self.narrowed.clone(),
        }
    }

    fn is_like(&self, other: &Scope, alike: &mut Alike) -> bool {
        let result = |stored: &Stored| (stored.webhook.clone(), stored.certain, stored.unknown);
        self.place == other.place
            && events(&self.event) == events(&other.event)
            && self.contact == other.contact
            && self.open == other.open
            && alike.are(&self.narrowed, &other.narrowed, |(), ()| true)
            && alike.are(&self.results, &other.results, |one, other| result(one) == result(other))
    }
}

/// What tells two environments apart for what is used in them: names decide types, so types need not be compared.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    events: Option<Arc<BTreeSet<SmolStr>>>,
    /// Nothing is known of the event, which is not the same as that there is none.
    unknown_event: bool,
    results: Vec<(SmolStr, SmolStr, bool)>,
    open: bool,
    narrowed: Scoped<()>,
}

impl Key {
    /// With `mentioned`, only these results count.
    fn of(environment: &Environment<'_>, mentioned: Option<&BTreeSet<SmolStr>>) -> Key {
        let key = |(name, stored): (&SmolStr, &Stored)| (name.clone(), stored.webhook.clone(), stored.certain);
        let results = &environment.results;
        Key {
            events: events(&environment.event).cloned(),
            unknown_event: environment.event == EventScope::Unknown,
            results: match mentioned {
                Some(names) => names.iter().filter_map(|name| results.get_key_value(name)).map(key).collect(),
                None => results.iter().map(key).collect(),
            },
            open: environment.open,
            narrowed: environment.narrowed.clone(),
        }
    }
}

const fn events(scope: &EventScope) -> Option<&Arc<BTreeSet<SmolStr>>> {
    match scope {
        EventScope::Known { types, .. } => Some(types),
        EventScope::Absent | EventScope::Unknown => None,
    }
}

/// What is checked for itself and in each environment that it is used in.
pub(crate) struct Used<'u, 'a> {
    /// The environment of a use that is not known.
    pub(crate) alone: &'u Environment<'a>,
    /// Where it is used.
    pub(crate) sites: &'u [&'u Site],
    /// What is done with it: "called", "sent".
    pub(crate) verb: &'static str,
    /// The results that it mentions, if that is known: environments that differ in others only are one.
    pub(crate) mentioned: Option<BTreeSet<SmolStr>>,
}

impl<'a> Used<'_, 'a> {
    /// Checks a webhook or a message for itself and in every environment that it is used in, as `seen` from there. What
    /// `check` returns does not depend on the environment.
    ///
    /// Used things are judged by their uses: what would be missing in another place is there, perhaps, in theirs.
    pub(crate) fn check<T>(
        &self,
        seen: impl Fn(Environment<'a>) -> Environment<'a>,
        diagnostics: &mut Vec<Diagnostic>,
        mut check: impl FnMut(&Environment<'a>, &mut Vec<Diagnostic>) -> T,
    ) -> T {
        let mut sites: Vec<&Site> = self.sites.to_vec();
        sites.sort_by_key(|site| site.span);
        let mut met: BTreeSet<Key> = BTreeSet::new();
        let mut lowered = None;
        let mut found: Vec<(Span, Vec<Diagnostic>)> = Vec::new();
        for site in sites {
            let environment = seen(site.scope.within(self.alone));
            if met.insert(Key::of(&environment, self.mentioned.as_ref())) {
                let mut findings = Vec::new();
                lowered = Some(check(&environment, &mut findings));
                if !findings.is_empty() {
                    found.push((site.span, findings));
                }
            }
        }
        // What is right in all of them need not be looked at by itself.
        if let Some(lowered) = lowered
            && found.is_empty()
        {
            return lowered;
        }
        let mut by_itself = Vec::new();
        let lowered = check(&seen(self.alone.clone()), &mut by_itself);
        if self.sites.is_empty() {
            diagnostics.append(&mut by_itself);
            return lowered;
        }
        // What is not found in every use is because of those where it is.
        let mut general: BTreeSet<Identity> = match found.len() == met.len() {
            true => by_itself.iter().filter(|finding| !mended_by_use(finding)).map(identity).collect(),
            false => BTreeSet::new(),
        };
        for (_, findings) in &found {
            let here: BTreeSet<Identity> = findings.iter().map(identity).collect();
            general.retain(|known| here.contains(known));
        }
        let mut said: BTreeMap<(Identity, Option<String>), usize> = BTreeMap::new();
        let mut merged: Vec<Merged> = Vec::new();
        for (site, findings) in found {
            for finding in findings {
                let anywhere = general.contains(&identity(&finding));
                let hint = finding.hint.clone().filter(|_| !anywhere);
                let number = *said.entry((identity(&finding), hint)).or_insert(merged.len());
                match merged.get_mut(number) {
                    Some(former) if !anywhere => former.sites.push(site),
                    Some(_) => {}
                    None => merged.push(Merged { finding, sites: if anywhere { Vec::new() } else { vec![site] } }),
                }
            }
        }
        diagnostics.extend(merged.into_iter().map(|merged| merged.told(self.verb)));
        lowered
    }
}

/// Whether a condition around the use would do away with it: one has to know where that is.
fn mended_by_use(finding: &Diagnostic) -> bool {
    finding.code == Code::OptionalAsValue
}

/// A finding, and the uses that it comes from; without any if it is one whatever the use.
struct Merged {
    finding: Diagnostic,
    sites: Vec<Span>,
}

/// So many of the uses that a finding comes from are shown.
const SHOWN: usize = 3;

impl Merged {
    fn told(mut self, verb: &str) -> Diagnostic {
        self.sites.dedup();
        let more = self.sites.len().saturating_sub(SHOWN);
        let last = self.sites.len().min(SHOWN);
        let shown = (1..).zip(self.sites.into_iter().take(SHOWN));
        shown.fold(self.finding, |finding, (number, site)| {
            let also = match more {
                // Uses that have the same in scope were looked at once.
                more if more > 0 && number == last => format!("{verb} here, and at {more} or more further places"),
                _ => format!("{verb} here"),
            };
            finding.also(site, also)
        })
    }
}

/// What makes two findings one: rule, place and words.
type Identity = (Span, &'static str, String);

fn identity(finding: &Diagnostic) -> Identity {
    let code: Code = finding.code;
    (finding.span, code.slug(), finding.message.clone())
}
