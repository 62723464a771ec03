//! `POST /v1/webhooks/{name}/test`: a request sent by hand.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use compiler::ir::Identifier;
use serde::Serialize;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::Api;
use super::extract::Name;
use super::json::{self, Json, raw};
use super::problem::Problem;
use crate::machine::CallFailure;
use crate::trial::{ContactChoice, EventChoice, Order, Sent, Trial, TrialError};
use crate::value::{Record, Value};

const SHAPE: &str = r#"a test looks like {"contact": {"email": "ann@example.com"}, "event_id": "…", "dry_run": true}"#;

/// `POST /v1/webhooks/{name}/test`: builds the request, sends it unless it is a dry run, and tells what came of it.
pub(super) async fn test(
    State(api): State<Arc<Api>>,
    Name(name): Name,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let order = read(&name, &json::body(&headers, &body)?)?;
    let trial = api.trials.perform(order).await.map_err(problem)?;
    Ok(Json(StatusCode::OK, TrialView::new(name, trial)).into_response())
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(400, "malformed-test", detail)
}

fn read(name: &str, body: &Value) -> Result<Order, Problem> {
    const KEYS: [&str; 6] = ["contact", "event_id", "event", "data", "message", "dry_run"];
    let Value::Record(fields) = body else { return Err(malformed(SHAPE)) };
    if let Some((unknown, _)) = fields.iter().find(|(name, _)| !KEYS.contains(&name.as_str())) {
        return Err(malformed(format!("`{}` is no field of a test; {SHAPE}", super::events::excerpt(unknown))));
    }
    let given = |key: &str| fields.get(key).filter(|value| !value.is_null());
    let record = |key: &str| match given(key) {
        None => Ok(Record::new()),
        Some(Value::Record(record)) => Ok((**record).clone()),
        Some(_) => Err(malformed(format!("`{key}` is not an object"))),
    };
    let event = match (given("event_id"), given("event")) {
        (None, None) => None,
        (Some(Value::String(id)), None) => Some(EventChoice::Received(id.to_string())),
        (Some(_), None) => return Err(malformed("`event_id` is not text")),
        (None, Some(event)) => Some(given_event(event)?),
        (Some(_), Some(_)) => return Err(malformed("`event_id` and `event` are two events")),
    };
    let dry_run = match given("dry_run") {
        None => false,
        Some(Value::Bool(dry_run)) => *dry_run,
        Some(_) => return Err(malformed("`dry_run` is `true` or `false`")),
    };
    Ok(Order {
        webhook: SmolStr::new(name),
        contact: given("contact").map(contact).transpose()?,
        event,
        answers: record("data")?,
        message: record("message")?,
        dry_run,
    })
}

fn given_event(event: &Value) -> Result<EventChoice, Problem> {
    const EVENT: &str = r#"`event` looks like {"type": "cart_abandoned", "params": {}}"#;
    let Value::Record(fields) = event else { return Err(malformed(EVENT)) };
    let (Some(Value::String(name)), params) = (fields.get("type"), fields.get("params")) else {
        return Err(malformed(EVENT));
    };
    // What a whole event has besides, as `POST /v1/events` takes it, makes no difference here.
    if let Some((unknown, _)) =
        fields.iter().find(|(name, _)| !["type", "params", "id", "occurred_at"].contains(&name.as_str()))
    {
        return Err(malformed(format!("`{}` is no field of an event; {EVENT}", super::events::excerpt(unknown))));
    }
    let params = match params {
        None | Some(Value::Null) => Value::Record(Arc::default()),
        Some(params @ Value::Record(_)) => params.clone(),
        Some(_) => return Err(malformed("`params` is not an object")),
    };
    Ok(EventChoice::Given { name: name.clone(), params })
}

fn contact(choice: &Value) -> Result<ContactChoice, Problem> {
    const CONTACT: &str =
        r#"`contact` is {"id": 7}, {"external_id": "…"}, {"phone": "…"}, {"email": "…"}, or {"fields": {…}}"#;
    let Value::Record(record) = choice else { return Err(malformed(CONTACT)) };
    let mut fields = record.iter();
    let (Some((key, value)), None) = (fields.next(), fields.next()) else { return Err(malformed(CONTACT)) };
    if key == "fields" {
        let Value::Record(fields) = value else { return Err(malformed(CONTACT)) };
        return Ok(ContactChoice::Fields(fields.clone()));
    }
    let by = [Identifier::Id, Identifier::ExternalId, Identifier::Phone, Identifier::Email];
    let by = by.into_iter().find(|by| by.word() == key).ok_or_else(|| malformed(CONTACT))?;
    Ok(ContactChoice::Known(by, value.clone()))
}

fn problem(error: TrialError) -> Problem {
    let told = error.to_string();
    match error {
        TrialError::NoProgram => Problem::new(503, "no-program", told).retry_after(5),
        TrialError::UnknownWebhook { .. } => Problem::new(404, "unknown-webhook", told),
        TrialError::UnknownEvent(_) => Problem::new(422, "unknown-event", told),
        TrialError::UnknownEventType { .. } => Problem::new(422, "unknown-event-type", told),
        TrialError::UnknownContact(_) => Problem::new(422, "unknown-contact", told),
        TrialError::Misfit { mismatches, .. } => {
            Problem::new(422, "fields-do-not-fit", told).with_mismatches(&mismatches)
        }
        TrialError::Missing { names, .. } => Problem::new(422, "test-incomplete", told).with("missing", names.into()),
        TrialError::NotBuilt(_) => Problem::new(422, "request-not-built", told),
        TrialError::Busy => Problem::new(429, "too-many-requests", told).retry_after(1),
        TrialError::Client(_) => Problem::new(500, "internal", told),
        TrialError::Store(error) => error.into(),
    }
}

#[derive(Serialize)]
struct TrialView {
    webhook: String,
    program: String,
    contact: Option<i64>,
    event: Option<EventView>,
    request: Box<RawValue>,
    returns: String,
    sent: bool,
    address: Option<String>,
    timing: Option<TimingView>,
    response: Option<Box<RawValue>>,
    error: Option<CallFailure>,
    fits: Option<bool>,
    mismatches: Vec<MismatchView>,
    suggested_returns: Option<String>,
    stub: Option<String>,
}

#[derive(Serialize)]
struct EventView {
    #[serde(rename = "type")]
    name: SmolStr,
    id: Option<SmolStr>,
}

#[derive(Serialize)]
struct TimingView {
    connect_ms: Option<f64>,
    first_byte_ms: Option<f64>,
    total_ms: f64,
}

#[derive(Serialize)]
struct MismatchView {
    path: String,
    message: String,
}

impl TrialView {
    fn new(webhook: String, trial: Trial) -> TrialView {
        let mut view = TrialView {
            webhook,
            program: trial.program,
            contact: trial.contact,
            event: trial.event.map(|(name, id)| EventView { name, id }),
            request: raw(&trial.request),
            returns: trial.returns,
            sent: trial.sent.is_some(),
            address: None,
            timing: None,
            response: None,
            error: trial.refused,
            fits: None,
            mismatches: vec![],
            suggested_returns: None,
            stub: None,
        };
        let Some(sent) = trial.sent else { return view };
        let Sent { connect_ms, first_byte_ms, total_ms, address, response, error, fits, mismatches, suggested, stub } =
            sent;
        view.timing = Some(TimingView { connect_ms, first_byte_ms, total_ms });
        view.address = address;
        view.response = response.as_deref().map(raw);
        view.error = error;
        view.fits = fits;
        view.mismatches =
            mismatches.into_iter().map(|found| MismatchView { path: found.path, message: found.message }).collect();
        view.suggested_returns = suggested;
        view.stub = stub;
        view
    }
}
