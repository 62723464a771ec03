//! What runs: the program, reloads, health.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use super::Api;
use super::history::CommitView;
use super::json;
use super::problem::Problem;
use crate::metrics::CONTENT_TYPE;
use crate::project::Reloaded;

/// `GET /v1/program`: the program that new events are pinned to, and why a later one was refused.
pub(super) async fn show(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    Ok(json::Json(StatusCode::OK, describe(&api).await?).into_response())
}

/// `POST /v1/reload`: looks at the folder now.
pub(super) async fn reload(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    let Some(reloader) = &api.reloader else {
        return Err(Problem::new(409, "fixed-program", "a compiled program is served; it does not change"));
    };
    match reloader.look().await? {
        Reloaded::Refused { .. } | Reloaded::Unreadable { .. } => {
            let diagnostics = reloader.state().refusal;
            let detail = "the project does not compile; what ran before goes on";
            Err(Problem::new(422, "program-refused", detail).with("diagnostics", diagnostics.into()))
        }
        Reloaded::Unchanged if !reloader.state().refusal.is_empty() => {
            let detail = "the project still does not compile; what ran before goes on";
            let diagnostics = reloader.state().refusal;
            Err(Problem::new(422, "program-refused", detail).with("diagnostics", diagnostics.into()))
        }
        Reloaded::Unchanged | Reloaded::Active { .. } => {
            Ok(json::Json(StatusCode::OK, describe(&api).await?).into_response())
        }
    }
}

async fn describe(api: &Api) -> Result<Json, Problem> {
    let hash = api.programs.active().map(|active| active.loaded.hash.clone());
    let commit = match &hash {
        Some(hash) => api.store.commit_of(hash.clone()).await?.map(CommitView::from),
        None => None,
    };
    let state = api.reloader.as_ref().map(|reloader| reloader.state()).unwrap_or_default();
    Ok(json!({
        "hash": hash.map(|hash| hash.to_string()),
        "commit": commit,
        "sources_hash": state.sources_hash,
        "loaded_at": state.loaded_at,
        "refused_at": state.refused_at,
        "diagnostics": state.refusal,
        "unfit": state.unfit,
    }))
}

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> Response {
    json::Json(StatusCode::OK, json!({ "status": "ok" })).into_response()
}

/// `GET /metrics`: what was counted, as OpenMetrics.
pub(super) async fn metrics(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    let mut state = api.engine.state().await?;
    state.requests = api.intake.inside();
    let program = api.programs.active().map(|active| active.loaded.hash.to_string());
    let text = api.metrics.render(program, &state);
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE))], text).into_response())
}

/// `GET /readyz`: a program runs and the store takes records. A reload that was refused is told, but the program before it
/// serves as well as ever.
pub(super) async fn ready(State(api): State<Arc<Api>>) -> Response {
    if api.programs.active().is_none() {
        return Problem::new(503, "no-program", "no program runs: the project does not compile").into_response();
    }
    if api.engine.is_stopping() {
        return Problem::new(503, "stopping", "the daemon is stopping").into_response();
    }
    if api.store.is_full() {
        return Problem::new(503, "disk-full", "the disk of the data folder is full; no event is accepted")
            .retry_after(10)
            .into_response();
    }
    let refused = api.reloader.as_ref().is_some_and(|reloader| !reloader.state().refusal.is_empty());
    let reload = if refused { "refused" } else { "active" };
    json::Json(StatusCode::OK, json!({ "status": "ready", "reload": reload })).into_response()
}
