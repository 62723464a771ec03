//! What the program declares, and what it no longer does: webhooks, connectors, templates, workflows.

mod connectors;
mod removed;
mod templates;
mod usage;
mod webhooks;
mod workflows;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compiler::ir::each_step;
use compiler::ir::{Program, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;
use smol_str::SmolStr;

use super::Api;
use super::json::Json;
use super::problem::Problem;
use crate::engine::ActiveProgram;

pub(super) use connectors::{list as connectors, show as connector};
pub(super) use templates::{list as templates, show as template};
pub(super) use webhooks::{list as webhooks, show as webhook};
pub(super) use workflows::{list as workflows, show as workflow};

/// The lists of declarations. A cursor of one is refused by another.
#[derive(Clone, Copy)]
enum List {
    Webhooks = b'w' as isize,
    Connectors = b'n' as isize,
    Templates = b't' as isize,
    Workflows = b'f' as isize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// Only those that the program no longer has.
    #[serde(default)]
    deleted: bool,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Declarations by name.
type Named<T> = Vec<(SmolStr, T)>;

/// The part of a list of names that is asked for, and the cursor behind it.
fn page_of<T>(list: List, query: &ListQuery, all: Named<T>) -> Result<(Named<T>, Option<String>), Problem> {
    let malformed = || Problem::new(400, "malformed-cursor", "the cursor is not one of this list");
    let after = match &query.cursor {
        None => None,
        Some(cursor) => {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| malformed())?;
            let (kind, name) = bytes.split_first().ok_or_else(malformed)?;
            if usize::from(*kind) != list as usize {
                return Err(malformed());
            }
            Some(std::str::from_utf8(name).map_err(|_| malformed())?.to_owned())
        }
    };
    let limit = super::runs::limit(query.limit);
    let mut rest =
        all.into_iter().filter(|(name, _)| after.as_ref().is_none_or(|after| name.as_str() > after.as_str()));
    let items: Named<T> = rest.by_ref().take(limit).collect();
    let more = rest.next().is_some();
    let next = items.last().filter(|_| more).map(|(name, _)| {
        let mut bytes = vec![list as isize as u8];
        bytes.extend(name.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    });
    Ok((items, next))
}

fn answer<V: Serialize>(items: Vec<V>, next_cursor: Option<String>) -> Response {
    Json(StatusCode::OK, json!({ "items": items, "next_cursor": next_cursor })).into_response()
}

/// The program that runs.
fn active(api: &Api) -> Result<Arc<ActiveProgram>, Problem> {
    let none = || Problem::new(503, "no-program", "no program runs: the project does not compile").retry_after(5);
    api.programs.active().ok_or_else(none)
}

/// The workflows one of whose statements is like this.
fn workflows_with(program: &Program, is_it: impl Fn(&Statement) -> bool) -> Vec<SmolStr> {
    let has = |workflow: &compiler::ir::Workflow| {
        let mut has = false;
        each_step(&workflow.steps, &mut |step| has |= is_it(&step.statement));
        has
    };
    program.workflows.iter().filter(|(_, workflow)| has(workflow)).map(|(name, _)| name.clone()).collect()
}

/// The answer for a name that nothing has or had.
fn unknown<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a SmolStr>) -> Problem {
    let near = compiler::suggest::nearest(name, names.map(SmolStr::as_str));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let slug = match what {
        "webhook" => "unknown-webhook",
        "connector" => "unknown-connector",
        "template" => "unknown-template",
        _ => "unknown-workflow",
    };
    Problem::new(404, slug, format!("the program has no {what} `{}`{hint}", super::events::excerpt(name)))
}
