//! `/v1/standings` and `/v1/programs`: where runs stand that have not ended, and on which program.
//!
//! What a change means for people who are in the middle is answered from these two.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use compiler::ir::ProgramHash;
use serde_json::json;

use super::Api;
use super::extract::Name;
use super::json::Json;
use super::problem::Problem;

/// Runs that are read at once: the store is not held longer than for a page of a list.
const PART: usize = 20_000;
/// Runs that are counted for one answer.
const MOST: usize = 2_000_000;
/// Steps that one answer names.
const LONGEST: usize = 10_000;

/// `GET /v1/standings`: how many runs stand at which step, by workflow and program.
pub(super) async fn list(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    let mut counted: BTreeMap<(String, String, Option<String>), u64> = BTreeMap::new();
    let (mut after, mut parts, mut truncated) = (i64::MIN, 0, false);
    loop {
        let (standings, next) = api.store.standings(after, PART).await?;
        for it in standings {
            *counted.entry((it.workflow, it.program.to_string(), it.step)).or_default() += it.runs;
        }
        parts += 1;
        let Some(next) = next else { break };
        if parts * PART >= MOST || counted.len() >= LONGEST {
            truncated = true;
            break;
        }
        after = next;
    }
    let items: Vec<_> = counted
        .into_iter()
        .take(LONGEST)
        .map(|((workflow, program, step), runs)| {
            json!({ "workflow": workflow, "program": program, "step": step, "runs": runs })
        })
        .collect();
    Ok(Json(StatusCode::OK, json!({ "items": items, "truncated": truncated })).into_response())
}

/// `GET /v1/programs/{hash}`: a compiled program that is kept, as `wf build` writes it.
pub(super) async fn program(State(api): State<Arc<Api>>, Name(hash): Name) -> Result<Response, Problem> {
    let known = ProgramHash::read(&hash);
    let found = match known {
        Some(hash) => api.store.program(hash).await?,
        None => None,
    };
    let Some(program) = found else {
        return Err(Problem::new(404, "unknown-program", format!("no program `{hash}` is kept")));
    };
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], program).into_response())
}
