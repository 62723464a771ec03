//! What an expression can see.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compiler::ir::{Expression, Program, Root};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::sensitive;
use crate::machine::input::{Card, Event};
use crate::value::{Record, Value};

/// Segments may name segments so deep.
const SEGMENT_DEPTH: u32 = 32;

/// The answer of a successful call.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The name that it is stored under.
    pub name: SmolStr,
    /// The webhook.
    pub webhook: SmolStr,
    /// What it answered, fitted to what the webhook returns.
    pub value: Value,
}

/// What an expression can see.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The program; `None` before there is a run, where only the event is read.
    pub program: Option<&'a Program>,
    /// The event that the run is about.
    pub event: &'a Event,
    /// The contact as it is now.
    pub contact: Option<&'a Card>,
    /// The answers of calls.
    pub data: &'a [Answer],
    /// Events bound by `as NAME`.
    pub aliases: &'a [(SmolStr, Arc<Event>)],
    /// The rendered parts of a message, in a channel's request.
    pub message: Option<&'a Record>,
    /// The time.
    pub now: Timestamp,
    /// The texts of `sensitive` fields that were read, when they are to be noted.
    noted: Option<RefCell<BTreeSet<String>>>,
    /// The contact's fields that were read, when they are to be noted.
    seen: Option<RefCell<BTreeMap<SmolStr, Value>>>,
    segment_depth: Cell<u32>,
}

impl<'a> Scope<'a> {
    /// A scope of the event alone: for triggers and identification.
    pub fn of_event(event: &'a Event, now: Timestamp) -> Scope<'a> {
        Scope {
            program: None,
            event,
            contact: None,
            data: &[],
            aliases: &[],
            message: None,
            now,
            noted: None,
            seen: None,
            segment_depth: Cell::new(0),
        }
    }

    /// The same scope; the texts of `sensitive` fields that are read from now on are noted.
    pub fn noting_sensitive(mut self) -> Scope<'a> {
        self.noted = Some(RefCell::default());
        self
    }

    /// The same scope; the contact's fields that are read from now on are noted, for the contact is another one later.
    pub fn noting_contact(mut self) -> Scope<'a> {
        self.seen = Some(RefCell::default());
        self
    }

    /// The contact's fields that were read so far, with their values.
    pub fn seen(self) -> BTreeMap<SmolStr, Value> {
        self.seen.map(RefCell::into_inner).unwrap_or_default()
    }

    /// The texts of `sensitive` fields that were read so far.
    pub fn sensitive_texts(&self) -> Vec<String> {
        self.noted.as_ref().map(|noted| noted.borrow().iter().cloned().collect()).unwrap_or_default()
    }

    /// The same, and those of the event and the contact that were not read, if they are long enough to tell something.
    pub fn all_sensitive_texts(&self) -> Vec<String> {
        if let (Some(noted), Some(program)) = (&self.noted, self.program) {
            let mut noted = noted.borrow_mut();
            sensitive::note_unread(program, self, &mut |text| {
                noted.insert(text);
            });
        }
        self.sensitive_texts()
    }

    /// A field of the contact, or what a contact has that was never given one. Without a contact it is nothing.
    pub fn contact_field(&self, name: &str) -> Value {
        let given = self.contact.and_then(|card| card.fields.get(name)).filter(|value| !value.is_null());
        given.cloned().or_else(|| self.contact_default(name)).unwrap_or_default()
    }

    /// All fields of the contact that have a value, defaults among them.
    pub fn contact_record(&self) -> Record {
        let mut record = self.contact.map(|card| (*card.fields).clone()).unwrap_or_default();
        for name in self.program.iter().flat_map(|program| program.contact.fields.keys()) {
            if record.get(name).is_none_or(Value::is_null)
                && let Some(default) = self.contact_default(name)
            {
                record.set(name.clone(), default);
            }
        }
        record
    }

    fn contact_default(&self, name: &str) -> Option<Value> {
        self.contact?;
        let field = self.program?.contact.fields.get(name)?;
        field.default.as_ref().map(Value::from)
    }

    /// The answer that is stored under a name.
    pub fn answer(&self, name: &str) -> Option<&'a Answer> {
        self.data.iter().find(|answer| answer.name == name)
    }

    /// What a path of names and indexes leads to; what is not there is nothing.
    pub(in crate::machine) fn read(&self, root: &Root, keys: &[Value]) -> Value {
        let value = self.find(root, keys);
        if let (Some(seen), Root::Contact, Some(Value::String(name))) = (&self.seen, root, keys.first()) {
            seen.borrow_mut().entry(name.clone()).or_insert_with(|| self.contact_field(name));
        }
        if let (Some(noted), Some(program)) = (&self.noted, self.program) {
            let mut noted = noted.borrow_mut();
            sensitive::note(program, self, root, keys, &value, &mut |text| {
                noted.insert(text);
            });
        }
        value
    }

    fn find(&self, root: &Root, keys: &[Value]) -> Value {
        let (first, rest) = match keys.split_first() {
            Some((Value::String(name), rest)) => (Some(name), rest),
            _ => (None, keys),
        };
        let start = match (root, first) {
            (Root::Data(name), _) => {
                let answer = self.answer(name).map(|answer| answer.value.clone());
                return descend(answer.unwrap_or_default(), keys);
            }
            (Root::Message, Some(name)) => self.message.and_then(|parts| parts.get(name)).cloned().unwrap_or_default(),
            (Root::Message, None) => Value::Record(self.message.cloned().unwrap_or_default().into()),
            (Root::Event, Some(name)) => event_field(self.event, name),
            (Root::Event, None) => Value::Record(event_record(self.event).into()),
            (Root::Contact, Some(name)) => self.contact_field(name),
            (Root::Contact, None) => Value::Record(self.contact_record().into()),
            (Root::Alias(alias), first) => match (self.alias(alias), first) {
                (Some(event), Some(name)) => event_field(event, name),
                (Some(event), None) => Value::Record(event_record(event).into()),
                (None, _) => Value::Null,
            },
        };
        descend(start, rest)
    }

    /// The event that is bound to a name.
    pub(super) fn alias(&self, name: &str) -> Option<&'a Event> {
        self.aliases.iter().rev().find(|(alias, _)| alias == name).map(|(_, event)| &**event)
    }

    /// Decides a segment's condition; `None` when there is no such segment, or it goes round in a circle.
    pub(super) fn in_segment<T>(&self, name: &str, decide: impl FnOnce(&Expression) -> T) -> Option<T> {
        let segment = self.program?.segments.get(name)?;
        let depth = self.segment_depth.get();
        if depth == SEGMENT_DEPTH {
            return None;
        }
        self.segment_depth.set(depth + 1);
        let decided = decide(&segment.condition);
        self.segment_depth.set(depth);
        Some(decided)
    }
}

/// A parameter of an event: a declared one, else one of the two that every event has.
pub(in crate::machine) fn event_field(event: &Event, name: &str) -> Value {
    match (event.params.get(name), name) {
        (Some(value), _) => value.clone(),
        (None, "id") => Value::String(event.id.clone()),
        (None, "occurred_at") => Value::Datetime(event.occurred_at),
        (None, _) => Value::Null,
    }
}

/// All parameters of an event, with the two that every event has where none of that name is declared.
pub(in crate::machine) fn event_record(event: &Event) -> Record {
    let mut record = (*event.params).clone();
    for name in ["id", "occurred_at"] {
        if record.get(name).is_none() {
            record.set(name, event_field(event, name));
        }
    }
    record
}

fn descend(start: Value, keys: &[Value]) -> Value {
    let mut value = start;
    for key in keys {
        let next = match (&value, key) {
            (Value::Record(record), Value::String(name)) => record.get(name),
            (Value::List(items), Value::Int(index)) => usize::try_from(*index).ok().and_then(|index| items.get(index)),
            _ => None,
        };
        value = next.cloned().unwrap_or_default();
    }
    value
}
