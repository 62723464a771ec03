//! Contacts: their fields as one JSON object, and the identifiers beside it by which they are found.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use compiler::ir::Identifier;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::changed;
use super::column::Instant;
use super::fault::Fault;
use super::known::Known;
use super::search;
use crate::store::{ContactChange, ContactConflict, ContactRecord, PutContact};

/// The identifiers that are fields.
pub(super) const IDENTIFYING: [Identifier; 3] = [Identifier::ExternalId, Identifier::Phone, Identifier::Email];

/// A contact by its number.
pub(super) fn get(connection: &Connection, id: i64) -> Result<Option<ContactRecord>, Fault> {
    let sql = "SELECT id, created_at, updated_at, fields FROM contact WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([id], record).optional()?)
}

/// A contact by an identifier in normal form.
pub(super) fn find(connection: &Connection, by: Identifier, value: &str) -> Result<Option<ContactRecord>, Fault> {
    let sql = match by {
        Identifier::Id => {
            let Ok(id) = value.parse() else { return Ok(None) };
            return get(connection, id);
        }
        Identifier::ExternalId => "SELECT id, created_at, updated_at, fields FROM contact WHERE external_id = ?1",
        Identifier::Phone => "SELECT id, created_at, updated_at, fields FROM contact WHERE phone = ?1",
        Identifier::Email => "SELECT id, created_at, updated_at, fields FROM contact WHERE email = ?1",
    };
    Ok(connection.prepare_cached(sql)?.query_row([value], record).optional()?)
}

/// The number of the contact that has an identifier in normal form.
pub(super) fn find_id(connection: &Connection, by: Identifier, value: &str) -> Result<Option<i64>, Fault> {
    let sql = match by {
        Identifier::Id => "SELECT id FROM contact WHERE id = CAST(?1 AS INTEGER)",
        Identifier::ExternalId => "SELECT id FROM contact WHERE external_id = ?1",
        Identifier::Phone => "SELECT id FROM contact WHERE phone = ?1",
        Identifier::Email => "SELECT id FROM contact WHERE email = ?1",
    };
    Ok(connection.prepare_cached(sql)?.query_row([value], |row| row.get(0)).optional()?)
}

/// Contacts that have this identifier, of any kind, as a person types it.
pub(super) fn search(connection: &Connection, text: &str) -> Result<Vec<ContactRecord>, Fault> {
    // As addresses are kept: the domain in lower case.
    let address = text.rsplit_once('@').map(|(local, domain)| format!("{local}@{}", domain.to_ascii_lowercase()));
    let mut found = BTreeMap::new();
    for by in Identifier::ALL {
        let value = if by == Identifier::Email { address.as_deref().unwrap_or(text) } else { text };
        found.extend(find(connection, by, value)?.map(|contact| (contact.id, contact)));
    }
    Ok(found.into_values().collect())
}

/// A row of `id, created_at, updated_at, fields`.
pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<ContactRecord> {
    Ok(ContactRecord {
        id: row.get(0)?,
        created_at: row.get::<_, Instant>(1)?.0,
        updated_at: row.get::<_, Instant>(2)?.0,
        fields: row.get(3)?,
    })
}

/// The fields of a contact. Values keep their text, so that no number is rounded on the way.
#[derive(Clone, Default)]
pub(super) struct Fields {
    values: BTreeMap<SmolStr, Box<RawValue>>,
    /// Whether one of those that contacts are searched by is another one than was read.
    is_renamed: bool,
}

impl Fields {
    /// The fields of a kept contact.
    fn read(text: &str) -> Result<Fields, Fault> {
        let fields = serde_json::from_str(text);
        fields
            .map(|values| Fields { values, is_renamed: false })
            .map_err(|error| Fault::Refused(format!("a contact's fields cannot be read: {error}")))
    }

    /// Writes a field, given as JSON; `null` removes it. What the store itself knows of a contact is no field.
    pub(super) fn set(&mut self, name: &SmolStr, json: &str) -> Result<(), Fault> {
        let value = RawValue::from_string(json.to_owned())
            .map_err(|error| Fault::Refused(format!("the value of the field `{name}` is not JSON: {error}")))?;
        if search::SEARCHED.contains(&name.as_str()) {
            let before = self.values.get(name).map_or("null", |value| value.get());
            self.is_renamed |= before != value.get();
        }
        if value.get() == "null" {
            self.values.remove(name);
        } else if !matches!(name.as_str(), "id" | "created_at" | "updated_at") {
            self.values.insert(name.clone(), value);
        }
        Ok(())
    }

    /// An identifier as the text that it is looked up by: that of a string without its quotes, that of a number as it is.
    /// An empty text identifies nobody.
    fn identifier(&self, by: Identifier) -> Option<String> {
        let json = self.values.get(by.word())?.get();
        let text: String = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
        Some(text).filter(|text| !text.is_empty())
    }

    fn write(&self) -> Result<String, Fault> {
        serde_json::to_string(&self.values).map_err(|error| Fault::Refused(format!("a contact's fields: {error}")))
    }
}

/// Makes a contact. The caller has made sure that its identifiers are free.
pub(super) fn insert(
    connection: &Connection,
    known: &Known,
    fields: &Fields,
    at: Timestamp,
) -> Result<ContactRecord, Fault> {
    insert_as(connection, known, None, fields, at)
}

/// The same; with this number, which must be free, or the next one.
pub(super) fn insert_as(
    connection: &Connection,
    known: &Known,
    id: Option<i64>,
    fields: &Fields,
    at: Timestamp,
) -> Result<ContactRecord, Fault> {
    let id = match id {
        Some(id) => {
            known.notes.lose_contacts();
            id
        }
        None => next_number(connection, known)?,
    };
    let json = fields.write()?;
    let [external_id, phone, email] = IDENTIFYING.map(|by| fields.identifier(by));
    connection
        .prepare_cached(
            "INSERT INTO contact (id, external_id, phone, email, created_at, updated_at, fields)
             VALUES (?6, ?1, ?2, ?3, ?4, ?4, ?5)",
        )?
        .execute(params![external_id, phone, email, Instant(at), json, id])?;
    Ok(ContactRecord { id, fields: json, created_at: at, updated_at: at })
}

/// So many numbers are set aside at once, so that it is not written down with each contact.
const SET_ASIDE: i64 = 1_000;

/// The next number. The number of a contact that was erased must not become somebody else's.
fn next_number(connection: &Connection, known: &Known) -> Result<i64, Fault> {
    if let Some(number) = known.notes.take_contact() {
        return Ok(number);
    }
    let sql = "SELECT 1 + max(
                   (SELECT coalesce(max(id), 0) FROM contact),
                   (SELECT coalesce(max(contact), 0) FROM forgotten),
                   (SELECT coalesce(max(value), 0) FROM mark WHERE name = 'contact_numbers')
               )";
    let next: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let last = next.saturating_add(SET_ASIDE - 1);
    // SQLite writes it with each contact that comes behind it.
    let aside = connection
        .prepare_cached("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'contact'")?
        .execute([last])?;
    if aside == 0 {
        connection.prepare_cached("INSERT INTO sqlite_sequence (name, seq) VALUES ('contact', ?1)")?.execute([last])?;
    }
    known.notes.set_aside(next + 1, last);
    Ok(next)
}

/// Writes a contact's fields, and answers whether any is other than before.
fn update(
    connection: &Connection,
    old: ContactRecord,
    fields: &Fields,
    at: Timestamp,
) -> Result<(ContactRecord, bool), Fault> {
    let json = fields.write()?;
    if json == old.fields {
        return Ok((old, false));
    }
    let [external_id, phone, email] = IDENTIFYING.map(|by| fields.identifier(by));
    connection
        .prepare_cached(
            "UPDATE contact SET external_id = ?2, phone = ?3, email = ?4, updated_at = ?5, fields = ?6 WHERE id = ?1",
        )?
        .execute(params![old.id, external_id, phone, email, Instant(at), json])?;
    if fields.is_renamed {
        search::note(connection, old.id)?;
    }
    Ok((ContactRecord { fields: json, updated_at: at, ..old }, true))
}

/// Makes or changes a contact, found by any identifier that is given.
pub(super) fn put(
    connection: &Connection,
    known: &Known,
    change: &ContactChange,
    dedup_window: Duration,
) -> Result<Result<PutContact, ContactConflict>, Fault> {
    let mut given = Fields::default();
    for (name, json) in &change.fields {
        given.set(name, json)?;
    }
    let mut found = BTreeSet::new();
    if let Some(id) = change.id {
        if get(connection, id)?.is_none() {
            return Ok(Err(ContactConflict::Unknown(id)));
        }
        found.insert(id);
    }
    let mut identified = change.id.is_some();
    for by in IDENTIFYING {
        if let Some(value) = given.identifier(by) {
            identified = true;
            found.extend(find(connection, by, &value)?.map(|contact| contact.id));
        }
    }
    if !identified {
        return Ok(Err(ContactConflict::NoIdentifier));
    }
    if found.len() > 1 {
        return Ok(Err(ContactConflict::Several(found.into_iter().collect())));
    }
    let old = match found.first() {
        Some(id) => get(connection, *id)?,
        None => None,
    };
    let Some(old) = old else {
        let contact = insert(connection, known, &given, change.at)?;
        return Ok(Ok(PutContact { contact, created: true, changed: true, raised: vec![] }));
    };
    let mut fields = Fields::read(&old.fields)?;
    for (name, json) in &change.fields {
        fields.set(name, json)?;
    }
    let before = change.watching.is_some().then(|| old.clone());
    let (contact, changed) = update(connection, old, &fields, change.at)?;
    let raised = match (&change.watching, before) {
        (Some(watching), Some(before)) => {
            changed::raise(connection, known, watching, &before, &contact, change.at, dedup_window)?
        }
        _ => vec![],
    };
    Ok(Ok(PutContact { contact, created: false, changed, raised }))
}

/// Writes fields of a contact that a run has set. An identifier that another contact has is left as it was, and named; the
/// rest is written. `None` when the contact is gone.
pub(super) fn write_fields(
    connection: &Connection,
    id: i64,
    written: &[(SmolStr, String)],
    at: Timestamp,
) -> Result<Option<Written>, Fault> {
    let Some(old) = get(connection, id)? else { return Ok(None) };
    let before = Fields::read(&old.fields)?;
    let mut fields = before.clone();
    for (name, json) in written {
        fields.set(name, json)?;
    }
    let mut taken = Vec::new();
    for by in IDENTIFYING {
        let Some(value) = fields.identifier(by) else { continue };
        if find(connection, by, &value)?.is_some_and(|other| other.id != id) {
            let name = SmolStr::new_static(by.word());
            match before.values.get(&name) {
                Some(value) => fields.values.insert(name.clone(), value.clone()),
                None => fields.values.remove(&name),
            };
            taken.push(name);
        }
    }
    let (contact, _) = update(connection, old.clone(), &fields, at)?;
    Ok(Some(Written { before: old, contact, taken }))
}

/// A contact that a run has written to.
pub(super) struct Written {
    /// As it was.
    pub(super) before: ContactRecord,
    /// As it is.
    pub(super) contact: ContactRecord,
    /// Identifiers that another contact has.
    pub(super) taken: Vec<SmolStr>,
}
