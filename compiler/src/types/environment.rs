//! What is in scope at one place, and what is known of it there.
//!
//! An environment is cheap to clone: a branch gets its own, and what it learns ends with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::schema::{Returned, Schema};
use super::{Record, Scoped, Ty};
use crate::names::Names;
use crate::source::Span;
use crate::suggest;

/// What is in scope at one place.
#[derive(Clone, Debug)]
pub struct Environment<'a> {
    /// All declarations.
    pub names: &'a Names<'a>,
    /// Their types.
    pub schema: &'a Schema<'a>,
    /// Which place it is.
    pub place: Place,
    /// The event.
    pub event: EventScope,
    /// Whether the contact is known here.
    pub contact: bool,
    /// The parts of the message that is handed over, in the request of a channel.
    pub message: Option<Arc<Record>>,
    /// The results of calls by the name that they are stored under, whether they are there for certain or not.
    pub results: Scoped<Stored>,
    /// The place is checked for itself, without a workflow: a result that is not among them may be there.
    pub open: bool,
    /// Events that have a name here, `as NAME`.
    pub aliases: Scoped<Ty>,
    /// Paths that may be absent by their type and are there for certain, as [`super::path_key`] writes them.
    pub narrowed: Scoped<()>,
}

/// A kind of place, for what is allowed there and for the words of a finding.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The condition of a segment.
    Segment,
    /// `on EVENT where …`: before a contact is known.
    Trigger,
    /// `identify by …`: before a contact is known.
    Identify,
    /// A step.
    Step,
    /// A webhook: reads the results of those that its `uses` lines name, no other.
    Webhook {
        /// The names of the `uses` lines.
        uses: BTreeSet<SmolStr>,
        /// Where a further `uses` line can be put: behind this.
        insert_after: Span,
        /// A line could not be read: it may be a `uses` line.
        broken: bool,
    },
    /// A message.
    Message,
    /// A test: nothing but values that are written out.
    Test,
}

impl Place {
    /// Whether lists are values of JSON here: those of a request's body, and those that a test makes up.
    pub(super) const fn holds_json(&self) -> bool {
        matches!(self, Place::Webhook { .. } | Place::Test)
    }

    /// Where that is, for "… is not known WHERE".
    pub const fn words(&self) -> &'static str {
        match self {
            Place::Segment => "in a segment",
            Place::Trigger => "in the condition of a trigger",
            Place::Identify => "in `identify`",
            Place::Step => "in a step",
            Place::Webhook { .. } => "in a webhook",
            Place::Message => "in a message",
            Place::Test => "in a test",
        }
    }
}

/// The event at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum EventScope {
    /// There is none.
    Absent,
    /// There is one, of a type that is not known.
    Unknown,
    /// One of these types; the fields are those that all of them have.
    Known {
        /// The types' names.
        types: Arc<BTreeSet<SmolStr>>,
        /// The common fields, `id` and `occurred_at` among them.
        fields: Arc<Record>,
    },
}

/// A result that a call stores.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The webhook that was called.
    pub webhook: SmolStr,
    /// What it returned is not known: it is reported that another webhook's result has the same name.
    pub unknown: bool,
    /// Whether it is there for certain: the call was reached, and succeeded or ended the run.
    pub certain: bool,
    /// The place of the `call`.
    pub call: Span,
}

/// What there is to say about a result.
#[derive(Clone, Debug, PartialEq)]
pub enum ResultLookup<'e> {
    /// It is there, of this type.
    Certain(Ty, &'e Stored),
    /// A call stores it, but on some way to this place it has not succeeded.
    Uncertain(&'e Stored),
    /// It is there, but the webhook says nothing of what it returns.
    Nothing(&'e Stored),
    /// No call before this place stores it.
    Never,
    /// It cannot be told: nothing is to be said about it.
    Open,
}

impl<'a> Environment<'a> {
    fn new(names: &'a Names<'a>, schema: &'a Schema<'a>, place: Place) -> Environment<'a> {
        Environment {
            names,
            schema,
            place,
            event: EventScope::Absent,
            contact: false,
            message: None,
            results: Scoped::default(),
            open: false,
            aliases: Scoped::default(),
            narrowed: Scoped::default(),
        }
    }

    /// In a segment: the contact.
    pub fn segment(names: &'a Names<'a>, schema: &'a Schema<'a>) -> Environment<'a> {
        Environment { contact: true, ..Environment::new(names, schema, Place::Segment) }
    }

    /// In a trigger's condition: the event.
    pub fn trigger(names: &'a Names<'a>, schema: &'a Schema<'a>, event: EventScope) -> Environment<'a> {
        Environment { event, ..Environment::new(names, schema, Place::Trigger) }
    }

    /// Where the contact is identified: the event.
    pub fn identify(names: &'a Names<'a>, schema: &'a Schema<'a>, event: EventScope) -> Environment<'a> {
        Environment { event, ..Environment::new(names, schema, Place::Identify) }
    }

    /// At the first step of a workflow: event and contact.
    pub fn step(names: &'a Names<'a>, schema: &'a Schema<'a>, event: EventScope) -> Environment<'a> {
        Environment { event, contact: true, ..Environment::new(names, schema, Place::Step) }
    }

    /// In a test: values that are written out.
    pub fn test(names: &'a Names<'a>, schema: &'a Schema<'a>) -> Environment<'a> {
        Environment::new(names, schema, Place::Test)
    }

    /// In a webhook or a message that is looked at for itself, not as used by a workflow: what depends on the use is not
    /// known. [`Environment::for_webhook`] and [`Environment::for_message`] say which of the two it is.
    pub fn unused(names: &'a Names<'a>, schema: &'a Schema<'a>) -> Environment<'a> {
        let event = EventScope::Unknown;
        Environment { event, contact: true, open: true, ..Environment::new(names, schema, Place::Step) }
    }

    /// This environment as `webhook` sees it when it is called from here.
    pub fn for_webhook(&self, webhook: &crate::syntax::ast::Webhook) -> Environment<'a> {
        let uses: BTreeSet<SmolStr> = webhook.uses.iter().map(|name| name.node.clone()).collect();
        let insert_after = webhook.request.as_ref().map_or(webhook.name.span, |request| request.span);
        // A `uses` line names a webhook, so what is stored under that name is of use only if that webhook stored it.
        let reached = uses.iter().filter_map(|name| {
            let stored = self.results.get(name).filter(|stored| stored.webhook == *name)?;
            Some((name.clone(), stored.clone()))
        });
        let results = reached.collect();
        let place = Place::Webhook { uses, insert_after, broken: webhook.broken };
        Environment { place, results, aliases: Scoped::default(), ..self.clone() }
    }

    /// This environment as the request of a channel sees it when it hands over a message that is sent from here.
    pub fn for_channel(&self, channel: &crate::syntax::ast::Webhook, parts: Arc<Record>) -> Environment<'a> {
        Environment { message: Some(parts), ..self.for_webhook(channel) }
    }

    /// This environment as a message sees it when it is sent from here.
    pub fn for_message(&self) -> Environment<'a> {
        Environment { place: Place::Message, aliases: Scoped::default(), ..self.clone() }
    }

    /// The type of `event`.
    pub fn event_type(&self) -> Ty {
        match &self.event {
            EventScope::Known { fields, .. } => Ty::Record(Arc::clone(fields)),
            EventScope::Absent | EventScope::Unknown => Ty::Unknown,
        }
    }

    /// The type of `contact`.
    pub fn contact_type(&self) -> Ty {
        if self.contact { Ty::Record(Arc::clone(self.schema.contact())) } else { Ty::Unknown }
    }

    /// The result that is stored under `name`.
    pub fn result(&self, name: &str) -> ResultLookup<'_> {
        match self.results.get(name) {
            Some(stored) if !stored.certain => ResultLookup::Uncertain(stored),
            Some(stored) => match self.returned(stored).ty() {
                Some(ty) => ResultLookup::Certain(ty, stored),
                None => ResultLookup::Nothing(stored),
            },
            None if self.open || self.names.is_broken(name) || self.is_misspelt(name) => ResultLookup::Open,
            None => ResultLookup::Never,
        }
    }

    /// Whether a call stores it whose webhook is written wrong, which is reported there.
    fn is_misspelt(&self, name: &str) -> bool {
        let unknown = self.results.iter().filter(|(alias, stored)| stored.unknown && **alias == stored.webhook);
        suggest::nearest(name, unknown.map(|(alias, _)| alias.as_str())).is_some()
    }

    /// What a result is: as its webhook is declared now, which may have changed since the call was looked at.
    fn returned(&self, stored: &Stored) -> &'a Returned {
        let declared = if stored.unknown { None } else { self.schema.result(&stored.webhook) };
        declared.unwrap_or(&Returned::Unknown)
    }

    /// Notes that a call stores its result under `name`.
    pub fn store(&mut self, name: SmolStr, stored: Stored) {
        self.results.insert(name, stored);
    }

    /// Notes that an event has a name from here on.
    pub fn bind(&mut self, alias: SmolStr, ty: Ty) {
        self.aliases.insert(alias, ty);
    }

    /// Notes that the values at these paths are there.
    pub fn assume<'k>(&mut self, paths: impl IntoIterator<Item = &'k SmolStr>) {
        for path in paths {
            if !self.narrowed.contains_key(path) {
                self.narrowed.insert(path.clone(), ());
            }
        }
    }

    /// Forgets what was found out about the contact: it may have changed since.
    pub fn forget_contact(&mut self) {
        self.forget("contact");
    }

    /// Forgets what was found out about the path `root` and all below it.
    pub fn forget(&mut self, root: &str) {
        if self.narrowed.is_empty() {
            return;
        }
        self.narrowed.remove(root);
        for below in [format!("{root}."), format!("{root}[")] {
            let paths = self.narrowed.iter_from(&below).map(|(path, ())| path);
            let gone: Vec<SmolStr> = paths.take_while(|path| path.starts_with(&below)).cloned().collect();
            gone.iter().for_each(|path| self.narrowed.remove(path));
        }
    }
}
