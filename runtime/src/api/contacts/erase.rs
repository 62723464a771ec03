//! `DELETE /v1/contacts/{id}` erases a person; `GET /v1/contacts/{id}/export` gives all that is kept on one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::super::Api;
use super::super::extract::Name;
use super::super::json::{self, raw};
use super::super::messages::MessageView;
use super::super::problem::Problem;
use super::super::runs::RunDetailView;
use crate::store::{ContactRecord, EventQuery, EventRecord, MessageQuery, RunQuery};

/// Records of one sort that an export holds at most; it says when there are more.
const MOST: usize = 10_000;

/// Records that are read at once.
const PAGE: usize = 200;

/// `DELETE /v1/contacts/{id}`: answers when nothing readable is left.
pub(in super::super) async fn forget(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    let number = match api.directory.find(&id).await? {
        Some(number) => number,
        // One whose erasure was broken off has its number still.
        None => id.parse().map_err(|_| super::unknown(&id))?,
    };
    match api.engine.forget(number).await? {
        Some(erased) => {
            let answer = json!({
                "id": number,
                "erased": {
                    "contacts": 1,
                    "events": erased.events,
                    "runs": erased.runs,
                    "runs_cancelled": erased.runs_cancelled,
                    "attempts": erased.attempts,
                    "messages": erased.messages,
                },
            });
            Ok(json::Json(StatusCode::OK, answer).into_response())
        }
        None => Err(super::absent(&api, &id).await?),
    }
}

/// All that is kept on one person.
#[derive(Serialize)]
struct Export {
    exported_at: Timestamp,
    contact: ContactExport,
    events: Vec<EventExport>,
    runs: Vec<RunDetailView>,
    messages: Vec<MessageView>,
    /// Sorts of which there are more than an export holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<&'static str>,
}

/// The contact with every field that is kept, also those that the program does not declare any more.
#[derive(Serialize)]
struct ContactExport {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    fields: Box<RawValue>,
}

#[derive(Serialize)]
struct EventExport {
    id: String,
    #[serde(rename = "type")]
    name: String,
    occurred_at: Timestamp,
    received_at: Timestamp,
    params: Box<RawValue>,
}

impl From<EventRecord> for EventExport {
    fn from(event: EventRecord) -> EventExport {
        EventExport {
            id: event.id.to_string(),
            name: event.name.to_string(),
            occurred_at: event.occurred_at,
            received_at: event.received_at,
            params: raw(&event.params),
        }
    }
}

/// `GET /v1/contacts/{id}/export`: nothing of it is masked, for it is for the person. What history masked when it was written
/// stays so.
pub(in super::super) async fn export(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    let contact = super::find(&api, &id).await?;
    let mut cut = vec![];
    let own = Some(contact.id);
    let mut events: Vec<EventExport> = vec![];
    let mut cursor = None;
    loop {
        let query = EventQuery { name: None, contact: own, cursor, limit: PAGE };
        let page = api.store.events(query).await?;
        events.extend(page.items.into_iter().map(EventExport::from));
        cursor = page.next;
        if !goes_on(cursor.is_some(), events.len(), "events", &mut cut) {
            break;
        }
    }
    let mut runs = vec![];
    let mut cursor = None;
    loop {
        let query = RunQuery { contact: own, cursor, limit: PAGE, ..RunQuery::default() };
        let page = api.store.runs(query).await?;
        for run in page.items {
            runs.extend(super::super::runs::detail(&api, run.id).await?);
        }
        cursor = page.next;
        if !goes_on(cursor.is_some(), runs.len(), "runs", &mut cut) {
            break;
        }
    }
    let mut messages = vec![];
    let mut cursor = None;
    loop {
        let query = MessageQuery { contact: own, run: None, cursor, limit: PAGE };
        let page = api.store.messages(query).await?;
        messages.extend(page.items.into_iter().map(MessageView::unmasked));
        cursor = page.next;
        if !goes_on(cursor.is_some(), messages.len(), "messages", &mut cut) {
            break;
        }
    }
    let ContactRecord { id, created_at, updated_at, fields } = contact;
    let contact = ContactExport { id, created_at, updated_at, fields: raw(&fields) };
    let export = Export { exported_at: Timestamp::now(), contact, events, runs, messages, cut };
    Ok(json::Json(StatusCode::OK, export).into_response())
}

/// Whether the next part of a list is read, too; one that is longer than an export is noted.
fn goes_on(more: bool, read: usize, what: &'static str, cut: &mut Vec<&'static str>) -> bool {
    if more && read >= MOST {
        cut.push(what);
    }
    more && read < MOST
}
