//! `/v1/events`: accepting events, and looking at them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use compiler::ir::{ProgramHash, Type};
use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::Api;
use super::access::Caller;
use super::cloudevents::{self, Mode};
use super::extract::{Name, Parameters};
use super::history;
use super::json::{self, raw};
use super::problem::Problem;
use crate::engine::is_our_own;
use crate::engine::{EventRefusal, NewEvent, PinError, Taken};
use crate::machine::LoadedProgram;
use crate::machine::decision::Decision;
use crate::store::{EventQuery, EventRecord, Page};
use crate::trace::{self, Trace};
use crate::value::{HIDDEN, Record, Value, has_sensitive, hide, read, to_json};

/// The most events that one request may bring.
const MAX_BATCH: usize = 1_000;

/// The header that gives a single event its dedup key.
const KEY_HEADER: &str = "idempotency-key";

/// The longest dedup key, in bytes.
pub(super) const MAX_KEY_BYTES: usize = 256;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptQuery {
    #[serde(default)]
    atomic: bool,
}

/// `POST /v1/events`: one event or an array of them. 202 is sent after they are durable.
pub(super) async fn accept(
    State(api): State<Arc<Api>>,
    Extension(caller): Extension<Caller>,
    Parameters(query): Parameters<AcceptQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    take(&api, &caller, &headers, &body, query.atomic).await
}

/// Takes the events of a request that is read and whose caller is known.
pub(super) async fn take(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Bytes,
    atomic: bool,
) -> Result<Response, Problem> {
    let accepted = read_and_accept(api, caller, headers, body, atomic).await;
    if let Err(problem) = &accepted {
        api.metrics.rejected(problem.slug());
    }
    accepted
}

async fn read_and_accept(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Bytes,
    atomic: bool,
) -> Result<Response, Problem> {
    let trace = headers.get(trace::HEADER).and_then(|text| text.to_str().ok()).and_then(Trace::from_header);
    let trace = trace.as_ref();
    let own = |event: &Value| read_event(event, caller, trace);
    let cloud = |event: &Value| cloudevents::structured(event, &caller.0, trace);
    // One key cannot tell several events apart; to leave it unread would promise a dedup that there is not.
    let no_key = |detail: &str| match headers.contains_key(KEY_HEADER) {
        true => Err(Problem::new(400, "malformed-key", detail)),
        false => Ok(()),
    };
    const EACH: &str = "the events of an array have an `id` each, and no `Idempotency-Key`";
    const CLOUD: &str = "`source` and `id` are the key of a CloudEvent, and it has no `Idempotency-Key`";
    match Mode::of(headers) {
        Mode::Own => match json::body(headers, body)? {
            Value::List(items) => {
                no_key(EACH)?;
                accept_batch(api, &items, atomic, own).await
            }
            one => accept_one(api, headers, own(&one)?).await,
        },
        Mode::Structured => {
            no_key(CLOUD)?;
            let event = json::read_body(headers, body)?;
            accept_one(api, headers, cloud(&event)?).await
        }
        Mode::Binary => {
            no_key(CLOUD)?;
            accept_one(api, headers, cloudevents::binary(headers, body, &caller.0, trace)?).await
        }
        Mode::Batch => {
            no_key(EACH)?;
            match json::read_body(headers, body)? {
                Value::List(items) => accept_batch(api, &items, atomic, cloud).await,
                _ => Err(Problem::new(400, "malformed-event", "a batch of CloudEvents is a JSON array")),
            }
        }
    }
}

async fn accept_one(api: &Api, headers: &HeaderMap, mut new: NewEvent) -> Result<Response, Problem> {
    let mut keys = headers.get_all(KEY_HEADER).iter();
    if let Some(key) = keys.next() {
        if keys.any(|other| other != key) {
            return Err(Problem::new(400, "malformed-key", "the request has more than one `Idempotency-Key`"));
        }
        let key = key.to_str().map_err(|_| Problem::new(400, "malformed-key", "the `Idempotency-Key` is not ASCII"))?;
        if new.key.as_ref().is_some_and(|id| id != key) {
            return Err(Problem::new(400, "malformed-key", "the event's `id` and the `Idempotency-Key` differ"));
        }
        new.key = Some(checked_key(key)?);
    }
    let taken = api.engine.accept(vec![new], false).await?;
    match taken.into_iter().next() {
        Some(Taken::Accepted { id, duplicate, ignored }) => {
            let accepted = [AcceptedView { id: &id, duplicate, ignored: &ignored }];
            let mut response = json::Json(StatusCode::ACCEPTED, OneView { accepted }).into_response();
            if duplicate {
                response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
            }
            Ok(response)
        }
        Some(Taken::Refused(refusal)) => Err(refused(&refusal)),
        Some(Taken::Withheld) => Err(withheld()),
        None => Err(Problem::new(500, "internal", "the engine gave no answer")),
    }
}

async fn accept_batch(
    api: &Api,
    items: &[Value],
    atomic: bool,
    read: impl Fn(&Value) -> Result<NewEvent, Problem>,
) -> Result<Response, Problem> {
    if items.len() > MAX_BATCH {
        let detail = format!("an array may have {MAX_BATCH} events; this one has {}", items.len());
        return Err(Problem::new(413, "too-many-events", detail));
    }
    let mut answers: Vec<Option<Result<Json, Problem>>> = Vec::with_capacity(items.len());
    let mut events = Vec::with_capacity(items.len());
    for item in items {
        match read(item) {
            Ok(event) => {
                events.push(event);
                answers.push(None);
            }
            Err(problem) => answers.push(Some(Err(problem))),
        }
    }
    if !(atomic && events.len() < items.len()) {
        let mut taken = api.engine.accept(events, atomic).await?.into_iter();
        for answer in answers.iter_mut().filter(|answer| answer.is_none()) {
            *answer = taken.next().map(|taken| match taken {
                Taken::Accepted { id, duplicate, ignored } => {
                    Ok(json!(AcceptedView { id: &id, duplicate, ignored: &ignored }))
                }
                Taken::Refused(refusal) => Err(refused(&refusal)),
                Taken::Withheld => Err(withheld()),
            });
        }
    }
    let (mut accepted, mut rejected) = (vec![], vec![]);
    for (index, answer) in answers.into_iter().enumerate() {
        match answer {
            Some(Ok(answer)) => accepted.push(answer),
            Some(Err(problem)) if problem != withheld() => {
                api.metrics.rejected(problem.slug());
                rejected.push(problem.with("index", index.into()).to_json());
            }
            Some(Err(_)) | None => {}
        }
    }
    if rejected.is_empty() {
        return Ok(json::Json(StatusCode::ACCEPTED, json!({ "accepted": accepted })).into_response());
    }
    if atomic {
        let detail = "the array was to be taken as a whole, and these events do not fit; nothing was kept";
        return Err(Problem::new(422, "events-refused", detail).with("rejected", rejected.into()));
    }
    let answer = json!({ "accepted": accepted, "rejected": rejected });
    Ok(json::Json(StatusCode::MULTI_STATUS, answer).into_response())
}

/// The answer to one event.
#[derive(Serialize)]
struct OneView<'a> {
    accepted: [AcceptedView<'a>; 1],
}

/// An event that was accepted.
#[derive(Serialize)]
struct AcceptedView<'a> {
    id: &'a str,
    duplicate: bool,
    #[serde(skip_serializing_if = "<[SmolStr]>::is_empty")]
    ignored: &'a [SmolStr],
}

fn withheld() -> Problem {
    Problem::new(422, "withheld", "another event of the array was refused")
}

fn refused(refusal: &EventRefusal) -> Problem {
    match refusal {
        EventRefusal::NoProgram => {
            Problem::new(503, "no-program", "no program runs: the project does not compile").retry_after(5)
        }
        EventRefusal::UnknownType { name, nearest } => {
            let hint = nearest.as_ref().map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
            Problem::new(422, "unknown-event-type", format!("the program has no event `{}`{hint}", excerpt(name)))
        }
        EventRefusal::Params(mismatches) => {
            let names: Vec<_> = mismatches.iter().map(|mismatch| format!("`{}`", mismatch.path)).collect();
            let detail = format!("parameters that do not fit: {}", names.join(", "));
            Problem::new(422, "params-do-not-fit", detail).with_mismatches(mismatches)
        }
        EventRefusal::KeyReused { key } => {
            Problem::new(422, "key-reused", format!("the key `{key}` was used for an event with another content"))
        }
    }
}

/// Reads `{"type", "id"?, "occurred_at"?, "params": {}}`.
fn read_event(event: &Value, caller: &Caller, trace: Option<&Trace>) -> Result<NewEvent, Problem> {
    const SHAPE: &str =
        r#"an event looks like {"type": "cart_abandoned", "params": {}}, with "id" and "occurred_at" if you like"#;
    let malformed = |detail: String| Problem::new(400, "malformed-event", detail);
    let Value::Record(fields) = event else { return Err(malformed(SHAPE.to_owned())) };
    if let Some((unknown, _)) =
        fields.iter().find(|(name, _)| !["type", "id", "occurred_at", "params"].contains(&name.as_str()))
    {
        return Err(malformed(format!("`{}` is no field of an event; {SHAPE}", excerpt(unknown))));
    }
    let name = match fields.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(_) => return Err(malformed("`type` is not text".to_owned())),
        None => return Err(malformed(format!("`type` is missing; {SHAPE}"))),
    };
    let key = match fields.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(checked_key(id)?),
        Some(_) => return Err(malformed("`id` is not text".to_owned())),
    };
    let occurred_at = match fields.get("occurred_at") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(moment("occurred_at", text).map_err(malformed)?),
        Some(_) => return Err(malformed("`occurred_at` is not text".to_owned())),
    };
    let params = match fields.get("params") {
        None | Some(Value::Null) => Value::Record(Record::new().into()),
        Some(params @ Value::Record(_)) => params.clone(),
        Some(_) => return Err(malformed("`params` is not an object".to_owned())),
    };
    Ok(NewEvent { source: caller.0.clone(), name, key, occurred_at, params, trace: trace.cloned() })
}

/// The instant that a text names, as in RFC 3339.
pub(super) fn moment(name: &str, text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        let is_one = Pieces::parse(text).is_ok_and(|parts| parts.time().is_some() && parts.offset().is_some());
        match is_one {
            true => {
                let last = Timestamp::MAX;
                format!("`{name}` is out of range, the last time that is taken is {last:.0}: `{}`", excerpt(text))
            }
            false => format!("`{name}` is no time as in RFC 3339: `{}`", excerpt(text)),
        }
    })
}

/// The beginning of what a caller sent, which may be as long as a body.
pub(super) fn excerpt(text: &str) -> String {
    const LENGTH: usize = 80;
    let mut excerpt: String = text.chars().take(LENGTH).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    excerpt
}

fn checked_key(key: &str) -> Result<SmolStr, Problem> {
    if key.is_empty() || key.len() > MAX_KEY_BYTES || key.chars().any(char::is_control) {
        let detail = format!("an event's id has 1 to {MAX_KEY_BYTES} bytes and no control character");
        return Err(Problem::new(400, "malformed-key", detail));
    }
    Ok(SmolStr::new(key))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    #[serde(rename = "type")]
    name: Option<String>,
    contact: Option<i64>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// An event in an answer.
#[derive(Serialize)]
struct EventView {
    id: SmolStr,
    #[serde(rename = "type")]
    name: SmolStr,
    occurred_at: Timestamp,
    received_at: Timestamp,
    program: String,
    params: Box<RawValue>,
    runs: Vec<String>,
    kept_out: Vec<KeptOutView>,
}

#[derive(Serialize)]
struct KeptOutView {
    workflow: SmolStr,
    reason_code: SmolStr,
    /// What decided, of an event that is shown by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<Decision>,
}

impl EventView {
    fn new(event: EventRecord, params: Box<RawValue>) -> EventView {
        EventView {
            id: event.id,
            name: event.name,
            occurred_at: event.occurred_at,
            received_at: event.received_at,
            program: event.program.to_string(),
            params,
            runs: event.runs.iter().map(ToString::to_string).collect(),
            kept_out: event
                .kept_out
                .into_iter()
                .map(|(workflow, reason_code)| KeptOutView { workflow, reason_code, decisions: vec![] })
                .collect(),
        }
    }
}

/// `GET /v1/events`: received events, newest first.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    let limit = super::runs::limit(query.limit);
    let query = EventQuery { name: query.name, contact: query.contact, cursor: query.cursor, limit };
    let Page { items, next } = api.store.events(query).await?;
    let items = views(&api, items).await?;
    Ok(super::runs::page(Page { items, next }, std::convert::identity))
}

/// Events as history shows them: without what their own program calls sensitive.
async fn views(api: &Api, events: Vec<EventRecord>) -> Result<Vec<EventView>, Problem> {
    // Held until the end, so that a program which nothing runs any more is read once.
    let mut programs: HashMap<ProgramHash, Option<Arc<LoadedProgram>>> = HashMap::new();
    let mut views = Vec::with_capacity(events.len());
    for event in events {
        let program = match programs.get(&event.program) {
            Some(program) => program.clone(),
            None => {
                let program = match api.programs.pinned(&event.program).await {
                    Ok(program) => Some(program),
                    Err(PinError::Store(error)) => return Err(error.into()),
                    Err(PinError::Missing(_) | PinError::Unreadable { .. }) => None,
                };
                programs.insert(event.program.clone(), program.clone());
                program
            }
        };
        let declared = program.as_ref().and_then(|program| program.ir.events.get(&event.name));
        let params = match declared {
            Some(declared) => shown_params(&event.params, Some(Type::Record(declared.fields.clone()))),
            // What a schedule or a change of a contact is kept as holds numbers and names of fields only.
            None if is_our_own(&event.name) => raw(&event.params),
            None => shown_params(&event.params, None),
        };
        views.push(EventView::new(event, params));
    }
    Ok(views)
}

/// The parameters of an event of this type; nothing of them when the type is not known.
fn shown_params(params: &str, ty: Option<Type>) -> Box<RawValue> {
    match ty {
        Some(ty) if !has_sensitive(&ty) => raw(params),
        Some(ty) => raw(&to_json(&hide(&read(params).unwrap_or_default(), &ty))),
        None => raw(&to_json(&Value::from(HIDDEN))),
    }
}

/// `GET /v1/events/{id}`: an event.
pub(super) async fn show(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    let event = api.store.event(id.clone()).await?;
    let event = event.ok_or_else(|| Problem::new(404, "unknown-event", format!("there is no event `{id}`")))?;
    let mut decided = Vec::new();
    for (workflow, code) in &event.kept_out {
        decided.push(if code == "where" { history::trigger(&api, &event, workflow).await } else { vec![] });
    }
    let mut view = views(&api, vec![event]).await?.pop();
    for (kept, decisions) in view.iter_mut().flat_map(|view| &mut view.kept_out).zip(decided) {
        kept.decisions = decisions;
    }
    Ok(json::Json(StatusCode::OK, view).into_response())
}
