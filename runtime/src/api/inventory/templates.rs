//! `/v1/templates`: the messages that the program declares, as they are written.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use compiler::ir::{Message, Program, Statement};
use serde::Serialize;
use smol_str::SmolStr;

use super::super::Api;
use super::super::extract::{Name, Parameters};
use super::super::json::Json;
use super::super::problem::Problem;
use super::removed::{Removed, removed};
use super::usage::{Lately, Target, Usage};
use super::{List, ListQuery, active, answer, page_of, workflows_with};

#[derive(Serialize)]
struct TemplateView<'a> {
    name: SmolStr,
    description: Option<&'a str>,
    /// What it goes out by: `email`, and the names of channels.
    channels: Vec<&'a str>,
    /// The workflows that send it.
    workflows: Vec<SmolStr>,
    deleted: bool,
    usage: Usage,
}

/// With its texts.
#[derive(Serialize)]
struct WholeView<'a> {
    #[serde(flatten)]
    template: TemplateView<'a>,
    /// The source of each part, by channel.
    parts: BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
}

#[derive(Serialize)]
struct RemovedView {
    name: SmolStr,
    deleted: bool,
    #[serde(flatten)]
    removed: Removed,
    usage: Usage,
}

fn view<'a>(program: &Program, name: &SmolStr, message: &'a Message, lately: &Lately) -> TemplateView<'a> {
    let email = message.email.is_some().then_some("email");
    TemplateView {
        name: name.clone(),
        description: message.description.as_deref(),
        channels: email.into_iter().chain(message.channels.keys().map(SmolStr::as_str)).collect(),
        workflows: workflows_with(
            program,
            |statement| matches!(statement, Statement::Send { message, .. } if message == name),
        ),
        deleted: false,
        usage: lately.with(&Target::Message(name.clone())),
    }
}

fn parts(message: &Message) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let mut all = BTreeMap::new();
    if let Some(email) = &message.email {
        all.insert("email", email.parts().map(|(part, template)| (part, template.source.as_str())).collect());
    }
    for (channel, forms) in &message.channels {
        all.insert(
            channel.as_str(),
            forms.iter().map(|(part, template)| (part.word(), template.source.as_str())).collect(),
        );
    }
    all
}

/// `GET /v1/templates`: those that the program has, by name; with `deleted=true` those that it no longer has.
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    let active = active(&api)?;
    let program = &*active.loaded.ir;
    let lately = Lately::of(&api).await?;
    if query.deleted {
        let gone = removed(&api, program.messages.keys(), |program| program.messages).await?;
        let (items, next) = page_of(List::Templates, &query, gone)?;
        let views = items.into_iter().map(|(name, removed)| removed_view(name, removed, &lately)).collect();
        return Ok(answer::<RemovedView>(views, next));
    }
    let all = program.messages.iter().map(|(name, message)| (name.clone(), message)).collect();
    let (items, next) = page_of(List::Templates, &query, all)?;
    let views = items.iter().map(|(name, message)| view(program, name, message, &lately)).collect();
    Ok(answer::<TemplateView<'_>>(views, next))
}

fn removed_view(name: SmolStr, removed: Removed, lately: &Lately) -> RemovedView {
    RemovedView { usage: lately.with(&Target::Message(name.clone())), name, deleted: true, removed }
}

/// `GET /v1/templates/{name}`: a message with its texts, also one that the program no longer has.
pub(in crate::api) async fn show(State(api): State<Arc<Api>>, Name(name): Name) -> Result<Response, Problem> {
    let active = active(&api)?;
    let program = &*active.loaded.ir;
    let lately = Lately::of(&api).await?;
    if let Some((name, message)) = program.messages.get_key_value(name.as_str()) {
        let view = WholeView { template: view(program, name, message, &lately), parts: parts(message) };
        return Ok(Json(StatusCode::OK, view).into_response());
    }
    let gone = removed(&api, program.messages.keys(), |program| program.messages).await?;
    match gone.into_iter().find(|(gone, _)| *gone == name) {
        Some((name, removed)) => Ok(Json(StatusCode::OK, removed_view(name, removed, &lately)).into_response()),
        None => Err(super::unknown("template", &name, program.messages.keys())),
    }
}
