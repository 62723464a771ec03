//! `/v1/connectors`: which credentials go where, and whether their secrets are set. No secret's value is ever here.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use compiler::ir::{Connector, Credentials, Program, Webhook};
use serde::Serialize;
use smol_str::SmolStr;

use super::super::Api;
use super::super::extract::{Name, Parameters};
use super::super::json::Json;
use super::super::problem::Problem;
use super::removed::{Removed, removed};
use super::{List, ListQuery, active, answer, page_of};

#[derive(Serialize)]
struct ConnectorView {
    name: SmolStr,
    description: Option<String>,
    kind: &'static str,
    signing: bool,
    secrets: Vec<SecretView>,
    hosts: BTreeSet<String>,
    webhooks: Vec<SmolStr>,
    channels: Vec<SmolStr>,
    deleted: bool,
}

#[derive(Serialize)]
struct SecretView {
    name: SmolStr,
    set: bool,
}

#[derive(Serialize)]
struct RemovedView {
    name: SmolStr,
    deleted: bool,
    #[serde(flatten)]
    removed: Removed,
}

async fn view(api: &Api, program: &Program, name: &SmolStr, connector: &Connector) -> ConnectorView {
    let uses = |webhook: &Webhook| webhook.connector.as_ref() == Some(name);
    let webhooks = program.webhooks.iter().filter(|(_, webhook)| uses(webhook));
    let channels = program.channels.iter().filter(|(_, channel)| uses(&channel.request));
    let origins = webhooks.clone().map(|(_, webhook)| &webhook.url.origin);
    let hosts = origins.chain(channels.clone().map(|(_, channel)| &channel.request.url.origin));
    let mut shown = Vec::new();
    for secret in connector.secrets().collect::<BTreeSet<_>>() {
        let set = api.secrets.get(secret).await.is_ok();
        shown.push(SecretView { name: secret.clone(), set });
    }
    ConnectorView {
        name: name.clone(),
        description: connector.description.clone(),
        kind: match &connector.credentials {
            Credentials::Basic { .. } => "basic",
            Credentials::Bearer { .. } => "bearer",
            Credentials::ApiKey { .. } => "api_key",
        },
        signing: connector.signing.is_some(),
        secrets: shown,
        hosts: hosts.map(ToString::to_string).collect(),
        webhooks: webhooks.map(|(name, _)| name.clone()).collect(),
        channels: channels.map(|(name, _)| name.clone()).collect(),
        deleted: false,
    }
}

/// `GET /v1/connectors`: those that the program has, by name; with `deleted=true` those that it no longer has.
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    let active = active(&api)?;
    let program = &*active.loaded.ir;
    if query.deleted {
        let gone = removed(&api, program.connectors.keys(), |program| program.connectors).await?;
        let (items, next) = page_of(List::Connectors, &query, gone)?;
        let view = |(name, removed)| RemovedView { name, deleted: true, removed };
        return Ok(answer::<RemovedView>(items.into_iter().map(view).collect(), next));
    }
    let all = program.connectors.iter().map(|(name, connector)| (name.clone(), connector)).collect();
    let (items, next) = page_of(List::Connectors, &query, all)?;
    let mut views = Vec::with_capacity(items.len());
    for (name, connector) in items {
        views.push(view(&api, program, &name, connector).await);
    }
    Ok(answer(views, next))
}

/// `GET /v1/connectors/{name}`: a connector, also one that the program no longer has.
pub(in crate::api) async fn show(State(api): State<Arc<Api>>, Name(name): Name) -> Result<Response, Problem> {
    let active = active(&api)?;
    let program = &*active.loaded.ir;
    if let Some((name, connector)) = program.connectors.get_key_value(name.as_str()) {
        return Ok(Json(StatusCode::OK, view(&api, program, name, connector).await).into_response());
    }
    let gone = removed(&api, program.connectors.keys(), |program| program.connectors).await?;
    match gone.into_iter().find(|(gone, _)| *gone == name) {
        Some((name, removed)) => Ok(Json(StatusCode::OK, RemovedView { name, deleted: true, removed }).into_response()),
        None => Err(super::unknown("connector", &name, program.connectors.keys())),
    }
}
