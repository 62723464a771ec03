//! `/v1/runs`: the start history; each step, each attempt with request and response.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Api;
use super::extract::{Name, Parameters};
use super::history::{self, CommitView, DetailedStepView};
use super::json::Json;
use super::problem::Problem;
use crate::engine::{Cancelled, Engine, Released};
use crate::machine::decision::Decision;
use crate::store::{Page, RunId, RunQuery, RunStatus, RunSummary};

/// How many items a list has when nothing is said.
const DEFAULT_LIMIT: usize = 50;
/// How many items a list has at most.
pub(super) const MAX_LIMIT: usize = 500;

/// The number of items that a list is to have.
pub(super) fn limit(asked: Option<usize>) -> usize {
    asked.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
}

/// A part of a list as an answer.
pub(super) fn page<T, V: Serialize>(page: Page<T>, view: impl Fn(T) -> V) -> Response {
    let items: Vec<V> = page.items.into_iter().map(view).collect();
    Json(StatusCode::OK, PageView { items, next_cursor: page.next }).into_response()
}

#[derive(Serialize)]
struct PageView<V> {
    items: Vec<V>,
    next_cursor: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    workflow: Option<String>,
    /// One or several, with commas between.
    status: Option<String>,
    contact: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// A run in a list.
#[derive(Serialize)]
pub(super) struct RunView {
    id: String,
    workflow: SmolStr,
    program: String,
    contact: Option<i64>,
    event: SmolStr,
    status: &'static str,
    reason: Option<String>,
    reason_code: Option<SmolStr>,
    started_at: Timestamp,
    updated_at: Timestamp,
    wake_at: Option<Timestamp>,
}

/// A run with its steps.
#[derive(Serialize)]
pub(super) struct RunDetailView {
    #[serde(flatten)]
    run: RunView,
    /// Where its program was loaded from.
    commit: Option<CommitView>,
    /// Whether its event made its contact.
    contact_created: bool,
    /// Why its event was let in, and what its contact was looked up by.
    trigger: Vec<Decision>,
    steps: Vec<DetailedStepView>,
}

impl From<RunSummary> for RunView {
    fn from(run: RunSummary) -> RunView {
        RunView {
            id: run.id.to_string(),
            workflow: run.workflow,
            program: run.program.to_string(),
            contact: run.contact,
            event: run.event,
            status: run.status.as_str(),
            reason: run.reason,
            reason_code: run.reason_code,
            started_at: run.started_at,
            updated_at: run.updated_at,
            wake_at: run.wake_at,
        }
    }
}

/// `GET /v1/runs`: runs, newest first.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    let mut status = Vec::new();
    for name in query.status.iter().flat_map(|names| names.split(',')).filter(|name| !name.is_empty()) {
        let names = RunStatus::ALL.map(RunStatus::as_str).join(", ");
        let unknown = || Problem::new(400, "unknown-status", format!("`{name}` is no status; there are {names}"));
        status.push(RunStatus::from_name(name).ok_or_else(unknown)?);
    }
    let contact = match &query.contact {
        Some(text) => Some(super::contacts::number(&api, text).await?),
        None => None,
    };
    let query = RunQuery {
        workflow: query.workflow,
        status,
        contact,
        from: query.from,
        to: query.to,
        cursor: query.cursor,
        limit: limit(query.limit),
    };
    Ok(page(api.store.runs(query).await?, RunView::from))
}

/// `POST /v1/runs/{id}/retry`: lets a run go on that is parked, that rests between two attempts, or that has failed.
pub(super) async fn retry(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    let unknown = || Problem::new(404, "unknown-run", format!("there is no run `{id}`"));
    let run_id: RunId = id.parse().map_err(|_| unknown())?;
    match api.engine.release(run_id).await? {
        Released::Going => {}
        Released::Unknown => return Err(unknown()),
        Released::Ended(status) => {
            let detail = format!("the run has ended: it is {}", status.as_str());
            return Err(Problem::new(409, "run-ended", detail).with("run_status", status.as_str().into()));
        }
        Released::NotResting => {
            let detail = "the run has not failed, is not parked, and does not rest between two attempts";
            return Err(Problem::new(409, "run-not-resting", detail));
        }
        Released::Hopeless(why) => {
            let detail = format!("the run has failed and cannot go on: {why}");
            return Err(Problem::new(409, "run-not-retryable", detail));
        }
        Released::Busy => {
            let detail = "another run of the workflow goes on for the contact, and it takes one at a time";
            return Err(Problem::new(409, "run-superseded", detail));
        }
        Released::Changed => {
            return Err(Problem::new(409, "run-changed", "the run has changed just now; look at it again"));
        }
    }
    let run = api.store.run(run_id).await?.ok_or_else(unknown)?;
    Ok(Json(StatusCode::OK, RunView::from(run.summary)).into_response())
}

/// `POST /v1/runs/{id}/cancel`: ends a run where it stands.
pub(super) async fn cancel(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    let unknown = || Problem::new(404, "unknown-run", format!("there is no run `{id}`"));
    let run_id: RunId = id.parse().map_err(|_| unknown())?;
    let cancelled = Engine::cancel(&*api.engine, run_id).await?;
    let run = api.store.run(run_id).await?.filter(|_| cancelled != Cancelled::Unknown).ok_or_else(unknown)?;
    if cancelled == Cancelled::Ended {
        let status = run.summary.status.as_str();
        let detail = format!("the run has ended: it is {status}");
        return Err(Problem::new(409, "run-ended", detail).with("run_status", status.into()));
    }
    Ok(Json(StatusCode::OK, RunView::from(run.summary)).into_response())
}

/// `GET /v1/runs/{id}`: a run with its steps and their attempts.
pub(super) async fn show(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    let unknown = || Problem::new(404, "unknown-run", format!("there is no run `{id}`"));
    let run_id: RunId = id.parse().map_err(|_| unknown())?;
    let view = detail(&api, run_id).await?.ok_or_else(unknown)?;
    Ok(Json(StatusCode::OK, view).into_response())
}

/// A run with its steps and their attempts, if there is one.
pub(super) async fn detail(api: &Api, run_id: RunId) -> Result<Option<RunDetailView>, Problem> {
    let Some(run) = api.store.run(run_id).await? else { return Ok(None) };
    let steps = history::detailed(api, &run).await?;
    let trigger = history::entry(api, &run.event, &run.summary.workflow).await;
    let contact_created = history::made_contact(api, &run.summary).await?;
    let commit = api.store.commit_of(run.summary.program.clone()).await?.map(CommitView::from);
    Ok(Some(RunDetailView { run: RunView::from(run.summary), commit, contact_created, trigger, steps }))
}
