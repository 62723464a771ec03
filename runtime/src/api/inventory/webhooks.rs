//! `/v1/webhooks`: who is called, by whom, and how it goes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use compiler::ir::{Attempts, Part, Program, Statement, Webhook, WrittenText};
use serde::Serialize;
use smol_str::SmolStr;

use super::super::Api;
use super::super::extract::{Name, Parameters};
use super::super::json::Json;
use super::super::problem::Problem;
use super::removed::{Removed, removed};
use super::usage::{Lately, Target, Usage};
use super::{List, ListQuery, active, answer, page_of, workflows_with};
use crate::trial::{Needs, declared};

#[derive(Serialize)]
struct WebhookView {
    name: SmolStr,
    description: Option<String>,
    method: &'static str,
    url: String,
    host: String,
    connector: Option<SmolStr>,
    returns: String,
    timeout_ms: u64,
    attempts: AttemptsView,
    limit: Option<LimitView>,
    reads: ReadsView,
    /// The workflows that call it.
    workflows: Vec<SmolStr>,
    deleted: bool,
    usage: Usage,
}

#[derive(Serialize)]
struct AttemptsView {
    count: u32,
    from_ms: u64,
    to_ms: u64,
}

#[derive(Serialize)]
struct LimitView {
    count: u32,
    period_ms: u64,
}

/// What of the data at hand goes into the request.
#[derive(Serialize)]
struct ReadsView {
    event: Vec<SmolStr>,
    contact: Vec<SmolStr>,
    answers: Vec<SmolStr>,
}

#[derive(Serialize)]
struct RemovedView {
    name: SmolStr,
    description: Option<String>,
    method: Option<&'static str>,
    url: Option<String>,
    host: Option<String>,
    connector: Option<SmolStr>,
    deleted: bool,
    #[serde(flatten)]
    removed: Removed,
    usage: Usage,
}

/// The address as it is written, with `${…}` for values.
fn address(webhook: &Webhook) -> String {
    let bare = |parts: &[Part]| {
        let written = WrittenText(parts).to_string();
        written.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&written).to_owned()
    };
    let mut url = format!("{}{}", webhook.url.origin, bare(&webhook.url.path));
    for (position, parameter) in webhook.url.query.iter().enumerate() {
        url.push(if position == 0 { '?' } else { '&' });
        url.push_str(&parameter.name);
        if let Some(value) = &parameter.value {
            url.push('=');
            url.push_str(&bare(value));
        }
    }
    url
}

fn view(program: &Program, name: &SmolStr, webhook: &Webhook, lately: &Lately) -> WebhookView {
    let needs = Needs::of(program, webhook);
    let Attempts { count, from, to } = webhook.attempts;
    WebhookView {
        name: name.clone(),
        description: webhook.description.clone(),
        method: webhook.method.as_str(),
        url: address(webhook),
        host: webhook.url.origin.to_string(),
        connector: webhook.connector.clone(),
        returns: declared(&webhook.returns),
        timeout_ms: webhook.timeout.milliseconds,
        attempts: AttemptsView { count, from_ms: from.milliseconds, to_ms: to.milliseconds },
        limit: webhook.limit.map(|limit| LimitView { count: limit.count, period_ms: limit.period.milliseconds }),
        reads: ReadsView {
            event: needs.event.into_iter().collect(),
            contact: needs.contact.into_iter().collect(),
            answers: needs.answers.into_iter().collect(),
        },
        workflows: workflows_with(
            program,
            |statement| matches!(statement, Statement::Call { webhook, .. } if webhook == name),
        ),
        deleted: false,
        usage: lately.with(&Target::Webhook(name.clone())),
    }
}

fn removed_view(name: SmolStr, removed: Removed, lately: &Lately) -> RemovedView {
    // A program of an earlier version may say it in another way.
    let webhook: Option<Webhook> = serde_json::from_str(removed.declaration.get()).ok();
    RemovedView {
        description: webhook.as_ref().and_then(|webhook| webhook.description.clone()),
        method: webhook.as_ref().map(|webhook| webhook.method.as_str()),
        url: webhook.as_ref().map(address),
        host: webhook.as_ref().map(|webhook| webhook.url.origin.to_string()),
        connector: webhook.and_then(|webhook| webhook.connector),
        deleted: true,
        removed,
        usage: lately.with(&Target::Webhook(name.clone())),
        name,
    }
}

/// `GET /v1/webhooks`: those that the program has, by name; with `deleted=true` those that it no longer has.
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    let active = active(&api)?;
    let program = &*active.loaded.ir;
    let lately = Lately::of(&api).await?;
    if query.deleted {
        let gone = removed(&api, program.webhooks.keys(), |program| program.webhooks).await?;
        let (items, next) = page_of(List::Webhooks, &query, gone)?;
        let views = items.into_iter().map(|(name, removed)| removed_view(name, removed, &lately)).collect();
        return Ok(answer::<RemovedView>(views, next));
    }
    let all = program.webhooks.iter().map(|(name, webhook)| (name.clone(), webhook)).collect();
    let (items, next) = page_of(List::Webhooks, &query, all)?;
    let views = items.iter().map(|(name, webhook)| view(program, name, webhook, &lately)).collect();
    Ok(answer::<WebhookView>(views, next))
}

/// `GET /v1/webhooks/{name}`: a webhook, also one that the program no longer has.
pub(in crate::api) async fn show(State(api): State<Arc<Api>>, Name(name): Name) -> Result<Response, Problem> {
    let active = active(&api)?;
    let program = &*active.loaded.ir;
    let lately = Lately::of(&api).await?;
    if let Some((name, webhook)) = program.webhooks.get_key_value(name.as_str()) {
        return Ok(Json(StatusCode::OK, view(program, name, webhook, &lately)).into_response());
    }
    let gone = removed(&api, program.webhooks.keys(), |program| program.webhooks).await?;
    match gone.into_iter().find(|(gone, _)| *gone == name) {
        Some((name, removed)) => Ok(Json(StatusCode::OK, removed_view(name, removed, &lately)).into_response()),
        None => Err(super::unknown("webhook", &name, program.webhooks.keys())),
    }
}
