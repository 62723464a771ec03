//! `/v1/contacts`: making, changing and finding contacts.

mod erase;
mod import;
mod story;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use compiler::ir::Identifier;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::Api;
use super::extract::{Name, Parameters};
use super::json::{self, Json, raw};
use super::problem::Problem;
use crate::directory::PutError;
use crate::engine::ActiveProgram;
use crate::machine::Card;
use crate::store::{ContactConflict, ContactQuery, ContactRecord, Segment};
use crate::value::{Value, hide, to_json};

pub(super) use erase::{export, forget};
pub(super) use import::import;
pub(super) use story::runs;

/// `PUT /v1/contacts`: makes or changes the contact that has one of the given identifiers.
pub(super) async fn put(State(api): State<Arc<Api>>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let Value::Record(fields) = json::body(&headers, &body)? else {
        return Err(Problem::new(400, "malformed-contact", r#"a contact looks like {"email": "ann@example.com"}"#));
    };
    let program = active(&api)?;
    let watching = program.watching(None, 0);
    let card = &program.loaded.ir.contact;
    let put = api.directory.put(card, watching, &fields, Timestamp::now()).await.map_err(refused)?;
    let status = if put.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Json(status, json!({ "id": put.contact.id, "created": put.created })).into_response())
}

fn refused(error: PutError) -> Problem {
    match error {
        PutError::Fields(mismatches) => {
            let names: Vec<_> = mismatches.iter().map(|mismatch| format!("`{}`", mismatch.path)).collect();
            let detail = format!("fields that do not fit: {}", names.join(", "));
            Problem::new(422, "fields-do-not-fit", detail).with_mismatches(&mismatches)
        }
        PutError::Conflict(conflict) => {
            let (status, slug) = match &conflict {
                ContactConflict::Several(_) => (409, "several-contacts"),
                ContactConflict::Unknown(_) => (404, "unknown-contact"),
                ContactConflict::NoIdentifier => (422, "identifier-missing"),
            };
            let problem = Problem::new(status, slug, conflict.to_string());
            match conflict {
                ContactConflict::Several(contacts) => problem.with("contacts", contacts.into()),
                ContactConflict::Unknown(_) | ContactConflict::NoIdentifier => problem,
            }
        }
        PutError::Store(error) => error.into(),
    }
}

/// The contact card of the program that runs.
fn active(api: &Api) -> Result<Arc<ActiveProgram>, Problem> {
    let none = || Problem::new(503, "no-program", "no program runs: the project does not compile").retry_after(5);
    api.programs.active().ok_or_else(none)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    query: Option<String>,
    segment: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /v1/contacts`: contacts that have an identifier, or a part of a name or of an identifier; or belong to a segment.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    let program = active(&api)?;
    let card = &program.loaded.ir.contact;
    let limit = super::runs::limit(query.limit);
    let segment = query.segment.map(|name| segment(&program, &name)).transpose()?;
    let page = api.store.contacts(ContactQuery { text: query.query, segment, cursor: query.cursor, limit }).await?;
    Ok(super::runs::page(page, |record| view(card, &record)))
}

/// `GET /v1/contacts/{id}`: a contact.
pub(super) async fn show(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    let record = find(&api, &id).await?;
    Ok(Json(StatusCode::OK, view(&active(&api)?.loaded.ir.contact, &record)).into_response())
}

/// The contact that is meant by its number, or by an identifier: `email=ann@example.com`.
async fn find(api: &Api, text: &str) -> Result<ContactRecord, Problem> {
    let found = match api.directory.find(text).await? {
        Some(number) => api.store.contact(number).await?,
        None => None,
    };
    match found {
        Some(contact) => Ok(contact),
        None => Err(absent(api, text).await?),
    }
}

/// The number that is meant by a number, which may be that of a contact that is gone, or by an identifier.
pub(super) async fn number(api: &Api, text: &str) -> Result<i64, Problem> {
    match text.parse() {
        Ok(number) => Ok(number),
        Err(_) => api.directory.find(text).await?.ok_or_else(|| unknown(text)),
    }
}

/// Says that nobody is called so, and whether nobody can be: to read a misspelt key as "we hold nothing on them" would be bad.
fn unknown(text: &str) -> Problem {
    let known = Identifier::ALL.map(Identifier::word);
    let why = match text.split_once('=') {
        Some((key, _)) if !known.contains(&key) => match compiler::suggest::nearest(key, known) {
            Some(near) => format!(": `{key}` is no identifier, did you mean `{near}`?"),
            None => format!(": `{key}` is no identifier, those are `{}`", known.join("`, `")),
        },
        _ => String::new(),
    };
    Problem::new(404, "unknown-contact", format!("there is no contact `{text}`{why}"))
}

/// What to say of a contact that is not there: whether it was erased.
async fn absent(api: &Api, text: &str) -> Result<Problem, Problem> {
    let erased = match text.parse() {
        Ok(number) => api.store.forgotten_at(number).await?,
        Err(_) => None,
    };
    Ok(match erased {
        Some(at) => Problem::new(410, "contact-erased", format!("the contact `{text}` was erased"))
            .with("erased_at", at.to_string().into()),
        None => unknown(text),
    })
}

/// A segment of the program that runs.
fn segment(program: &ActiveProgram, name: &str) -> Result<Segment, Problem> {
    if !program.loaded.ir.segments.contains_key(name) {
        let segments: Vec<&str> = program.loaded.ir.segments.keys().map(AsRef::as_ref).collect();
        let hint = match (compiler::suggest::nearest(name, segments.iter().copied()), segments.as_slice()) {
            (Some(near), _) => format!("; did you mean `{near}`?"),
            (None, []) => String::new(),
            (None, segments) => format!("; there are: {}", segments.join(", ")),
        };
        let unknown = Problem::new(404, "unknown-segment", format!("the program has no segment `{name}`{hint}"));
        return Err(unknown.with("segments", segments.into()));
    }
    Ok(crate::directory::segment(&program.loaded, &name.into()))
}

/// The card as JSON, defaults filled in; a value of a `sensitive` field is not shown.
fn view(card: &compiler::ir::Contact, record: &ContactRecord) -> Box<serde_json::value::RawValue> {
    let Card { fields, .. } = crate::directory::to_card(card, record);
    raw(&to_json(&hide(&Value::Record(fields), &card.record_type())))
}
