//! `/v1/workflows`: what runs, with its picture.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use compiler::graph::{Graph, Shape, mermaid};
use compiler::ir::each_step;
use compiler::ir::{Program, Reentry, Statement, Workflow};
use serde::Serialize;
use smol_str::SmolStr;

use super::super::Api;
use super::super::extract::{Name, Parameters};
use super::super::json::Json;
use super::super::problem::Problem;
use super::removed::{Removed, removed};
use super::{List, ListQuery, active, answer, page_of};

#[derive(Serialize)]
struct WorkflowView {
    name: SmolStr,
    description: Option<String>,
    /// The hash of the workflow with all that it uses: equal hashes do the same.
    hash: Option<String>,
    /// What starts a run, as it is written.
    triggers: Vec<String>,
    /// Whether a contact may enter again.
    reentry: String,
    one_at_a_time: bool,
    /// Events that end a run.
    exits: Vec<SmolStr>,
    /// How many statements it has.
    steps: usize,
    calls: BTreeSet<SmolStr>,
    sends: BTreeSet<SmolStr>,
    emits: BTreeSet<SmolStr>,
    deleted: bool,
}

/// With its picture.
#[derive(Serialize)]
struct WholeView {
    #[serde(flatten)]
    workflow: WorkflowView,
    graph: GraphView,
}

#[derive(Serialize)]
struct GraphView {
    nodes: Vec<NodeView>,
    edges: Vec<EdgeView>,
    mermaid: String,
}

#[derive(Serialize)]
struct NodeView {
    address: String,
    shape: &'static str,
    label: String,
}

#[derive(Serialize)]
struct EdgeView {
    from: usize,
    to: usize,
    label: Option<String>,
}

#[derive(Serialize)]
struct RemovedView {
    name: SmolStr,
    deleted: bool,
    #[serde(flatten)]
    removed: Removed,
}

fn view(program: &Program, name: &SmolStr, workflow: &Workflow, picture: &Graph) -> WorkflowView {
    let starts = picture.nodes.iter().filter(|node| node.shape == Shape::Start);
    let mut view = WorkflowView {
        name: name.clone(),
        description: workflow.description.clone(),
        hash: program.workflow_hash(name).map(|hash| hash.to_string()),
        triggers: starts.map(|node| node.label.clone()).collect(),
        reentry: match workflow.reentry {
            Reentry::Always => "always".to_owned(),
            Reentry::OncePer(time) => format!("once per {time}"),
            Reentry::OnceEver => "once ever".to_owned(),
        },
        one_at_a_time: workflow.one_at_a_time,
        exits: workflow.exits.iter().map(|exit| exit.event.clone()).collect(),
        steps: 0,
        calls: BTreeSet::new(),
        sends: BTreeSet::new(),
        emits: BTreeSet::new(),
        deleted: false,
    };
    each_step(&workflow.steps, &mut |step| {
        view.steps += 1;
        match &step.statement {
            Statement::Call { webhook, .. } => view.calls.insert(webhook.clone()),
            Statement::Send { message, .. } => view.sends.insert(message.clone()),
            Statement::Emit { event, .. } => view.emits.insert(event.clone()),
            _ => false,
        };
    });
    view
}

fn graph(picture: Graph) -> GraphView {
    let mermaid = mermaid(&picture);
    let nodes = picture.nodes.into_iter().map(|node| NodeView {
        address: node.address,
        shape: match node.shape {
            Shape::Start => "start",
            Shape::Call => "call",
            Shape::Send => "send",
            Shape::Wait => "wait",
            Shape::Choice => "choice",
            Shape::Write => "write",
            Shape::End => "end",
        },
        label: node.label,
    });
    let edges = picture.edges.into_iter().map(|edge| EdgeView { from: edge.from, to: edge.to, label: edge.label });
    GraphView { nodes: nodes.collect(), edges: edges.collect(), mermaid }
}

/// `GET /v1/workflows`: those that the program has, by name; with `deleted=true` those that it no longer has.
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    let active = active(&api)?;
    let program = &*active.loaded.ir;
    if query.deleted {
        let gone = removed(&api, program.workflows.keys(), |program| program.workflows).await?;
        let (items, next) = page_of(List::Workflows, &query, gone)?;
        let view = |(name, removed)| RemovedView { name, deleted: true, removed };
        return Ok(answer::<RemovedView>(items.into_iter().map(view).collect(), next));
    }
    let all = program.workflows.iter().map(|(name, workflow)| (name.clone(), workflow)).collect();
    let (items, next) = page_of(List::Workflows, &query, all)?;
    let views = items.iter().map(|(name, workflow)| view(program, name, workflow, &Graph::of(name, workflow)));
    Ok(answer::<WorkflowView>(views.collect(), next))
}

/// `GET /v1/workflows/{name}`: a workflow with its graph, also one that the program no longer has.
pub(in crate::api) async fn show(State(api): State<Arc<Api>>, Name(name): Name) -> Result<Response, Problem> {
    let active = active(&api)?;
    let program = &*active.loaded.ir;
    if let Some((name, workflow)) = program.workflows.get_key_value(name.as_str()) {
        let picture = Graph::of(name, workflow);
        let view = WholeView { workflow: view(program, name, workflow, &picture), graph: graph(picture) };
        return Ok(Json(StatusCode::OK, view).into_response());
    }
    let gone = removed(&api, program.workflows.keys(), |program| program.workflows).await?;
    match gone.into_iter().find(|(gone, _)| *gone == name) {
        Some((name, removed)) => Ok(Json(StatusCode::OK, RemovedView { name, deleted: true, removed }).into_response()),
        None => Err(super::unknown("workflow", &name, program.workflows.keys())),
    }
}
