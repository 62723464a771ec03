//! The declared types of a project: events, the contact card, what webhooks return.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::environment::EventScope;
use super::{Record, Ty};
use crate::ir;

/// The declared types of a project.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The fields of each event type, `id` and `occurred_at` among them.
    pub events: BTreeMap<SmolStr, Arc<Record>>,
    /// The contact card: standard fields and additional ones.
    pub contact: Arc<Record>,
    /// What each webhook returns.
    pub results: BTreeMap<SmolStr, Returned>,
    /// What the gateway behind each channel answers.
    pub answers: BTreeMap<SmolStr, Returned>,
}

/// What a webhook returns.
#[derive(Clone, Debug, PartialEq)]
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

impl Schema {
    /// What is known of an event that is of one of these types: the fields that all of them have, each of one type. A
    /// field that may be absent in one of them may be absent.
    pub fn event_of(&self, types: impl IntoIterator<Item = SmolStr>) -> EventScope {
        let types: std::collections::BTreeSet<SmolStr> = types.into_iter().collect();
        let mut records = types.iter().map(|name| self.events.get(name));
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
