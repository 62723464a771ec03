//! The declared types of a project: events, the contact card, what webhooks return.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::environment::EventScope;
use super::{Record, Ty};
use crate::ir;
use crate::names::{Kind, Names, Shape};

/// The declared types of a project, as one check sees them.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    names: Names<'a>,
    /// The contact card of a project that declares none.
    standard: &'a Arc<Record>,
}

/// What a webhook returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Nothing that could be used.
    Nothing,
    /// Any text.
    Text,
    /// JSON of this type.
    Json(Ty),
    /// XML of this type.
    Xml(Ty),
    /// Its `returns` line could not be read, or says something wrong that is reported.
    Unknown,
}

impl Returned {
    /// The type of the result; nothing if there is no result to use.
    pub fn ty(&self) -> Option<Ty> {
        match self {
            Returned::Nothing => None,
            Returned::Text => Some(Ty::String),
            Returned::Json(ty) | Returned::Xml(ty) => Some(ty.clone()),
            Returned::Unknown => Some(Ty::Unknown),
        }
    }

    /// As it stands in a compiled program; nothing if it is wrong and reported.
    pub fn lowered(&self) -> Option<ir::Returns> {
        match self {
            Returned::Nothing => Some(ir::Returns::Nothing),
            Returned::Text => Some(ir::Returns::Text),
            Returned::Json(ty) => ty.lowered().map(ir::Returns::Json),
            Returned::Xml(ty) => ty.lowered().map(ir::Returns::Xml),
            Returned::Unknown => None,
        }
    }
}

impl<'a> Schema<'a> {
    pub(crate) const fn new(names: Names<'a>, standard: &'a Arc<Record>) -> Schema<'a> {
        Schema { names, standard }
    }

    /// The types of another project, for the same check.
    pub(crate) const fn among<'o>(&self, names: Names<'o>) -> Schema<'o>
    where
        'a: 'o,
    {
        Schema { names, standard: self.standard }
    }

    /// The fields of an event type, `id` and `occurred_at` among them.
    pub fn event(&self, name: &str) -> Option<&'a Arc<Record>> {
        match &self.names.unit(Kind::Event, name)?.shape {
            Shape::Event(record) => Some(record),
            _ => None,
        }
    }

    /// The contact card: standard fields and additional ones.
    pub fn contact(&self) -> &'a Arc<Record> {
        match self.names.contact_unit().map(|unit| &unit.shape) {
            Some(Shape::Contact(record)) => record,
            _ => self.standard,
        }
    }

    /// What a webhook returns.
    pub fn result(&self, webhook: &str) -> Option<&'a Returned> {
        self.returned(Kind::Webhook, webhook)
    }

    /// What the gateway behind a channel answers.
    pub fn answer(&self, channel: &str) -> Option<&'a Returned> {
        self.returned(Kind::Channel, channel)
    }

    fn returned(&self, kind: Kind, name: &str) -> Option<&'a Returned> {
        match &self.names.unit(kind, name)?.shape {
            Shape::Answer(returned) => Some(returned),
            _ => None,
        }
    }

    /// What is known of an event that is of one of these types: the fields that all of them have, each of one type. A
    /// field that may be absent in one of them may be absent.
    pub fn event_of(&self, types: impl IntoIterator<Item = SmolStr>) -> EventScope {
        let types: std::collections::BTreeSet<SmolStr> = types.into_iter().collect();
        let mut records = types.iter().map(|name| self.event(name));
        let Some(Some(first)) = records.next() else { return EventScope::Unknown };
        let mut common = Arc::clone(first);
        for record in records {
            let Some(record) = record else { return EventScope::Unknown };
            common = Arc::new(common_fields(&common, record));
        }
        EventScope::Known { types: Arc::new(types), fields: common }
    }
}

fn common_fields(a: &Record, b: &Record) -> Record {
    let mut common = Record { fields: BTreeMap::new(), broken: a.broken || b.broken };
    for (name, left) in &a.fields {
        let Some(right) = b.fields.get(name) else { continue };
        let known = !left.ty.is_unknown() && !right.ty.is_unknown();
        if known && left.ty.required() != right.ty.required() {
            continue;
        }
        let mut member = left.clone();
        member.sensitive |= right.sensitive;
        if right.ty.is_optional() || right.ty.is_unknown() {
            member.ty = right.ty.clone();
        }
        common.fields.insert(name.clone(), member);
    }
    common
}
