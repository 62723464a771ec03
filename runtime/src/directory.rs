//! Contacts: from what the store keeps to the card that a run sees, and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use compiler::ir::contact::{STANDARD_FIELDS, standard_field};
use compiler::ir::zone::time_zone;
use compiler::ir::{Contact, Identifier, Type, contact};
use jiff::Timestamp;
use smol_str::SmolStr;

use crate::machine::expression::{Scope, condition};
use crate::machine::identify::normal_form;
use crate::machine::input::Event;
use crate::machine::{Card, LoadedProgram};
use crate::store::{ContactChange, ContactConflict, ContactRecord, PutContact, Segment, Store, StoreError, Watching};
use crate::value::{HIDDEN, Mismatch, Record, Value, describe, fit, read, to_json};

/// The contacts of one daemon.
#[derive(Clone)]
pub struct Directory {
    store: Arc<dyn Store>,
    /// Grows with each change of a contact: a card that was read at this count is still right.
    changes: Arc<AtomicU64>,
}

/// Why a contact was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// Fields that do not exist or do not fit.
    #[error("{} field(s) do not fit", .0.len())]
    Fields(Vec<Mismatch>),
    /// The identifiers do not lead to one contact.
    #[error(transparent)]
    Conflict(#[from] ContactConflict),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Directory {
    /// The contacts that a store keeps.
    pub fn new(store: Arc<dyn Store>) -> Directory {
        Directory { store, changes: Arc::default() }
    }

    /// Makes or changes a contact from fields as a caller sent them: names must be those of the card, values must fit,
    /// and `null` removes. `watching` says what a change starts.
    ///
    /// # Errors
    /// When a field does not exist or fit, when the identifiers belong to different contacts, or when the store fails.
    pub async fn put(
        &self,
        card: &Contact,
        watching: Option<Watching>,
        fields: &Record,
        at: Timestamp,
    ) -> Result<PutContact, PutError> {
        let change = change_of(card, watching, fields, at).map_err(PutError::Fields)?;
        let put = self.store.put_contact(change).await??;
        self.changed();
        Ok(put)
    }

    /// The same for several contacts in one act of the store. Answers for each, in their order.
    ///
    /// # Errors
    /// When the store fails; none of them was written then.
    pub async fn put_all<'r>(
        &self,
        card: &Contact,
        watching: Option<&Watching>,
        all: impl IntoIterator<Item = &'r Record>,
        at: Timestamp,
    ) -> Result<Vec<Result<PutContact, PutError>>, StoreError> {
        let (mut answers, mut changes) = (Vec::new(), Vec::new());
        for fields in all {
            match change_of(card, watching.cloned(), fields, at) {
                Ok(change) => {
                    changes.push(change);
                    answers.push(None);
                }
                Err(mismatches) => answers.push(Some(Err(PutError::Fields(mismatches)))),
            }
        }
        let mut puts = self.store.put_contacts(changes).await?.into_iter();
        self.changed();
        let next = |answer: Option<_>| answer.unwrap_or_else(|| Ok(puts.next().ok_or(StoreError::Closed)??));
        Ok(answers.into_iter().map(next).collect())
    }

    /// The number of the contact that is meant by its number, `7`, or by an identifier, `email=ann@example.com`. `None` when
    /// there is none, or the text names nobody.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find(&self, text: &str) -> Result<Option<i64>, StoreError> {
        let (by, value) = match text.split_once('=') {
            Some((key, value)) => match Identifier::ALL.into_iter().find(|by| by.word() == key) {
                Some(by) => (by, value),
                None => return Ok(None),
            },
            None => (Identifier::Id, text),
        };
        match normal_form(by, &Value::from(value)) {
            Some(value) => self.store.find_contact(by, value).await,
            None => Ok(None),
        }
    }

    /// The card of a contact as it is now, by a program's types.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn card(&self, card: &Contact, id: i64) -> Result<Option<Card>, StoreError> {
        Ok(self.store.contact(id).await?.map(|record| to_card(card, &record)))
    }

    /// Notes that a contact was changed.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// How many changes there were: equal counts mean that no contact changed in between.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }
}

/// The change that fields as a caller sent them make, in normal form.
pub(crate) fn change_of(
    card: &Contact,
    watching: Option<Watching>,
    fields: &Record,
    at: Timestamp,
) -> Result<ContactChange, Vec<Mismatch>> {
    let mut mismatches = Vec::new();
    let mut change = ContactChange { id: None, fields: Vec::new(), at, watching };
    for (name, value) in fields.iter() {
        match check_field(card, name, value) {
            Ok(Value::Int(id)) if name == Identifier::Id.word() => change.id = Some(id),
            Ok(value) => change.fields.push((name.clone(), to_json(&value))),
            Err(found) => mismatches.extend(found),
        }
    }
    if mismatches.is_empty() { Ok(change) } else { Err(mismatches) }
}

/// A segment of a program, as the store is asked for it.
pub fn segment(program: &Arc<LoadedProgram>, name: &SmolStr) -> Segment {
    Segment { program: program.clone(), name: name.clone(), holds: belongs }
}

/// Whether a contact belongs to a segment. A condition that cannot be computed does not hold.
pub fn belongs(program: &LoadedProgram, segment: &str, contact: &ContactRecord) -> bool {
    let Some(segment) = program.ir.segments.get(segment) else { return false };
    let card = to_card(&program.ir.contact, contact);
    // No segment reads an event, or asks for the time.
    let event = Event {
        id: SmolStr::default(),
        name: SmolStr::default(),
        occurred_at: contact.updated_at,
        params: Arc::new(Record::new()),
    };
    let mut scope = Scope::of_event(&event, contact.updated_at);
    scope.program = Some(&program.ir);
    scope.contact = Some(&card);
    condition(&segment.condition, &scope).unwrap_or(false)
}

fn check_field(card: &Contact, name: &str, value: &Value) -> Result<Value, Vec<Mismatch>> {
    let fail = |message: String| vec![Mismatch { path: name.to_owned(), message }];
    let Some(ty) = card.field_type(name) else {
        let all: Vec<SmolStr> = card.all_fields().map(|(name, _)| name).collect();
        let near = compiler::suggest::nearest(name, all.iter().map(SmolStr::as_str));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(fail(format!("the contact card has no field `{name}`{hint}")));
    };
    if name != Identifier::Id.word() && contact::is_read_only(name) {
        return Err(fail(format!("`{name}` is kept by the store")));
    }
    if value.as_str() == Some(HIDDEN) && card.fields.get(name).is_some_and(|field| field.sensitive) {
        return Err(fail(format!("`{HIDDEN}` stands for a value that is not shown; leave the field out to keep it")));
    }
    // Any field but the number can be removed, whatever its type: a default stands for it then.
    let ty = if name == Identifier::Id.word() { ty } else { ty.optional() };
    let fitted = fit(value.clone(), &ty).map_err(|found| {
        let place = |path: String| if path.is_empty() { name.to_owned() } else { format!("{name}.{path}") };
        let sensitive = card.fields.get(name).is_some_and(|field| field.sensitive);
        let told = |message: String| if sensitive { format!("expected `{ty}`") } else { message };
        found
            .into_iter()
            .map(|mismatch| Mismatch { path: place(mismatch.path), message: told(mismatch.message) })
            .collect::<Vec<_>>()
    })?;
    meant(name, fitted).map_err(fail)
}

/// The value of a standard field whose text is more than a text, in normal form. What does not mean anything is refused; what
/// is kept from before stays.
fn meant(name: &str, value: Value) -> Result<Value, String> {
    let Some(text) = value.as_str() else { return Ok(value) };
    let (fits, expected) = match name {
        // A contact that is kept under another text than it is looked for by would never be found.
        "external_id" => match normal_form(Identifier::ExternalId, &value) {
            Some(normal) => return Ok(Value::from(normal.as_str())),
            None => (false, "a text that is not empty and has no control characters (`null` removes the field)"),
        },
        "timezone" => (time_zone(text).is_some(), "the name of a time zone, such as `Europe/Kyiv`"),
        _ => return Ok(value),
    };
    if fits { Ok(value) } else { Err(format!("expected {expected}, got {}", describe(&value, false))) }
}

/// A card with these fields, of a contact that is kept nowhere. Its number is 0 unless one is given.
///
/// # Errors
/// With each field that does not exist or fit.
pub fn card_of(card: &Contact, given: &Record) -> Result<Card, Vec<Mismatch>> {
    let mut fields = Record::new();
    let mut mismatches = vec![];
    let mut id = 0;
    for (name, value) in given.iter() {
        match check_field(card, name, value) {
            Ok(Value::Int(number)) if name == Identifier::Id.word() => id = number,
            Ok(value) => fields.set(name.clone(), value),
            Err(found) => mismatches.extend(found),
        }
    }
    if !mismatches.is_empty() {
        return Err(mismatches);
    }
    if id > 0 {
        fields.set(Identifier::Id.word(), Value::Int(id));
    }
    for (name, field) in &card.fields {
        if let (None | Some(Value::Null), Some(default)) = (fields.get(name), &field.default) {
            fields.set(name.clone(), Value::from(default));
        }
    }
    Ok(Card { id, fields: Arc::new(fields) })
}

/// The card that a run sees. A field whose kept value no longer fits its type counts as not set.
pub fn to_card(card: &Contact, record: &ContactRecord) -> Card {
    let kept = read(&record.fields).unwrap_or_default();
    let mut fields = Record::new();
    for name in STANDARD_FIELDS {
        let value = match name {
            "id" => Value::Int(record.id),
            "created_at" => Value::Datetime(record.created_at),
            "updated_at" => Value::Datetime(record.updated_at),
            _ => kept_value(kept.field(name), name, || standard_field(name), record.id),
        };
        if !value.is_null() {
            fields.set(SmolStr::new_static(name), value);
        }
    }
    for (name, field) in &card.fields {
        let value = kept_value(kept.field(name), name, || Some(field.ty.clone()), record.id);
        let value = if value.is_null() { field.default.as_ref().map(Value::from).unwrap_or_default() } else { value };
        if !value.is_null() {
            fields.set(name.clone(), value);
        }
    }
    Card { id: record.id, fields: Arc::new(fields) }
}

/// The value of a field. Mostly there is none, and its type need not be known.
fn kept_value(value: Option<&Value>, name: &str, ty: impl FnOnce() -> Option<Type>, contact: i64) -> Value {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Value::Null };
    let fitted = ty().and_then(|ty| fit(value.clone(), &ty).ok());
    fitted.unwrap_or_else(|| {
        tracing::warn!(contact, field = name, "the kept value does not fit the field's type; it counts as not set");
        Value::Null
    })
}
