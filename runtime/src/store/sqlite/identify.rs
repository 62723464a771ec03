//! Which contact a run is about: looked up in the order of its ways, or made.

use compiler::ir::{Identifier, NotFound};
use jiff::Timestamp;

use super::contact::{self, Fields};
use super::fault::Fault;
use super::known::Known;
use crate::machine::identify::Lookup;
use crate::machine::{Ending, ReasonCode};
use crate::store::ContactRecord;

/// The contact that a lookup finds or makes, or how the run ends without one.
pub(super) fn identify(
    connection: &rusqlite::Connection,
    known: &Known,
    lookup: &Lookup,
    at: Timestamp,
) -> Result<Result<Identified, Ending>, Fault> {
    for (by, value) in &lookup.ways {
        if let Some(contact) = contact::find(connection, *by, value)? {
            return Ok(Ok(Identified { contact, created: false }));
        }
    }
    // A number is given by the store: a contact cannot be made with one.
    let mut fields = Fields::default();
    let mut identified = false;
    for (by, value) in lookup.ways.iter().filter(|(by, _)| *by != Identifier::Id) {
        fields.set(&by.word().into(), &serde_json::Value::from(value.as_str()).to_string())?;
        identified = true;
    }
    if lookup.otherwise == NotFound::Create && identified {
        let contact = contact::insert(connection, known, &fields, at)?;
        return Ok(Ok(Identified { contact, created: true }));
    }
    Ok(Err(not_found(lookup)))
}

/// Who a run is about.
pub(super) struct Identified {
    pub(super) contact: ContactRecord,
    /// Whether it was made just now, so that nothing is known of it.
    pub(super) created: bool,
}

/// How a run ends that is about nobody. The values stay out of the reason: they are somebody's data, and stand in the event.
fn not_found(lookup: &Lookup) -> Ending {
    let words: Vec<String> = lookup.ways.iter().map(|(by, _)| format!("`{}`", by.word())).collect();
    let (reason, reason_code) = if words.is_empty() {
        ("no identifier has a value".to_owned(), ReasonCode::IdentifierMissing)
    } else {
        (format!("no contact has this {}", words.join(" or ")), ReasonCode::ContactNotFound)
    };
    match lookup.otherwise {
        NotFound::Stop => Ending::Stopped { reason: Some(reason), reason_code },
        NotFound::Fail | NotFound::Create => Ending::Failed { reason, reason_code },
    }
}
