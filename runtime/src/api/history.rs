//! What a run did, step by step, with the values that decided and the requests that were made.

use std::sync::Arc;

use compiler::ir::{Program, Workflow};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::Api;
use super::json::raw;
use super::problem::Problem;
use super::runs::MAX_LIMIT;
use crate::engine::restored::restored;
use crate::machine::decision::{self, Decision};
use crate::machine::input::Event;
use crate::machine::{CallFailure, FailureClass, LoadedProgram, Saved, StepRecord, delivery};
use crate::store::{AttemptRecord, Commit, EventRecord, RunQuery, RunRecord, RunStatus, RunSummary};

/// A step of a run.
#[derive(Clone, Serialize)]
pub(super) struct StepView {
    id: SmolStr,
    kind: SmolStr,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<SmolStr>,
    started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<u32>,
    /// Which way a message goes in this step of a `send`.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<SmolStr>,
    /// What decided, with its values.
    decisions: Vec<Decision>,
}

/// A step with its requests.
#[derive(Serialize)]
pub(super) struct DetailedStepView {
    #[serde(flatten)]
    step: StepView,
    attempts: Vec<AttemptView>,
}

#[derive(Serialize)]
struct AttemptView {
    number: u32,
    outcome: AttemptOutcome,
    started_at: Timestamp,
    duration_ms: Option<u64>,
    address: Option<String>,
    request: Box<RawValue>,
    response: Option<Box<RawValue>>,
    error: Option<CallFailure>,
}

/// What became of an attempt.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum AttemptOutcome {
    Succeeded,
    Failed,
    /// It goes on.
    Open,
    /// The daemon ended during it: whether the request has arrived nobody knows.
    Unknown,
}

impl StepView {
    fn new(step: StepRecord, program: Option<&Program>, decisions: Vec<Decision>) -> StepView {
        let channel = program.and_then(|program| channel_of(program, &step));
        let StepRecord { id, kind, label, started_at, ended_at, outcome, branch, .. } = step;
        StepView { id: id.0, kind, label, started_at, ended_at, outcome, branch, channel, decisions }
    }

    /// What it is, in a word or two.
    pub(super) fn title(&self) -> String {
        match &self.label {
            Some(label) => format!("{} {label}", self.kind),
            None => self.kind.to_string(),
        }
    }
}

/// The channel of a step of a `send`: `email`, or a declared one.
fn channel_of(program: &Program, step: &StepRecord) -> Option<SmolStr> {
    let message = step.label.as_ref().filter(|_| step.kind == "send")?;
    delivery::way_of(program.messages.get(message)?, &step.id)
}

impl AttemptView {
    fn new(attempt: AttemptRecord, goes_on: bool) -> AttemptView {
        let outcome = match (attempt.duration_ms, &attempt.error) {
            (Some(_), None) => AttemptOutcome::Succeeded,
            (Some(_), Some(CallFailure { class: FailureClass::Unknown, .. })) => AttemptOutcome::Unknown,
            (Some(_), Some(_)) => AttemptOutcome::Failed,
            (None, _) if goes_on => AttemptOutcome::Open,
            (None, _) => AttemptOutcome::Unknown,
        };
        AttemptView {
            number: attempt.number,
            outcome,
            started_at: attempt.started_at,
            duration_ms: attempt.duration_ms,
            address: attempt.address,
            request: raw(&attempt.request),
            response: attempt.response.as_deref().map(raw),
            error: attempt.error,
        }
    }
}

/// The program that something is pinned to; `None` when it is gone or this version cannot read it.
async fn pinned(api: &Api, event: &EventRecord) -> Option<Arc<LoadedProgram>> {
    // Of an event that was erased there is nothing to compute with.
    if event.params == "null" {
        return None;
    }
    api.programs.pinned(&event.program).await.ok()
}

/// The steps of a run, in their order.
pub(super) async fn steps(api: &Api, run: &RunRecord) -> Vec<StepView> {
    let run_of = |program| restored(program, run).ok();
    if let Some(run) = pinned(api, &run.event).await.and_then(run_of) {
        let decisions = decision::of_run(&run);
        let program = Some(&*run.program.ir);
        let steps = run.saved.steps.into_iter().zip(decisions);
        return steps.map(|(step, of)| StepView::new(step, program, of)).collect();
    }
    let saved: Option<Saved> = run.saved.as_deref().and_then(|saved| serde_json::from_str(saved).ok());
    saved
        .map(|saved| saved.steps)
        .unwrap_or_default()
        .into_iter()
        .map(|step| StepView::new(step, None, vec![]))
        .collect()
}

/// Why an event was let into a workflow, or not.
pub(super) async fn trigger(api: &Api, event: &EventRecord, workflow: &str) -> Vec<Decision> {
    of_event(api, event, workflow, decision::of_trigger).await
}

/// Why an event was let into a workflow, and what its contact was looked up by.
pub(super) async fn entry(api: &Api, event: &EventRecord, workflow: &str) -> Vec<Decision> {
    of_event(api, event, workflow, decision::of_entry).await
}

async fn of_event(
    api: &Api,
    event: &EventRecord,
    workflow: &str,
    decisions: fn(&Program, &Workflow, &Event) -> Vec<Decision>,
) -> Vec<Decision> {
    let Some(program) = pinned(api, event).await else { return vec![] };
    let Some(workflow) = program.workflow(workflow) else { return vec![] };
    let restored = Event::restore(&program.ir, &event.name, &event.id, event.occurred_at, &event.params);
    decisions(&program.ir, &workflow.ir, &restored)
}

/// Whether the event of a run made its contact: that is as old as the run, and no event before has a run with it.
pub(super) async fn made_contact(api: &Api, run: &RunSummary) -> Result<bool, Problem> {
    let Some(id) = run.contact else { return Ok(false) };
    let contact = api.store.contact(id).await?;
    if contact.is_none_or(|contact| contact.created_at != run.started_at) {
        return Ok(false);
    }
    // Events that came together were accepted at one time.
    let after = run.started_at.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(run.started_at);
    let (from, to) = (Some(run.started_at), Some(after));
    let together = api.store.runs(RunQuery { contact: Some(id), from, to, limit: MAX_LIMIT, ..RunQuery::default() });
    Ok(together.await?.items.iter().all(|other| other.id.acceptance >= run.id.acceptance))
}

/// The steps of a run with the requests that each has made.
pub(super) async fn detailed(api: &Api, run: &RunRecord) -> Result<Vec<DetailedStepView>, Problem> {
    let attempts = api.store.attempts(run.summary.id).await?;
    let steps = steps(api, run).await;
    let mut detailed: Vec<_> = steps.into_iter().map(|step| DetailedStepView { step, attempts: vec![] }).collect();
    let last = attempts.len();
    for (number, attempt) in (1..).zip(attempts) {
        // A run makes one attempt at a time, and only while it goes on.
        let run_goes_on = run.summary.status == RunStatus::Running && run.summary.wake_at.is_none();
        let goes_on = run_goes_on && number == last && attempt.of_this_start;
        // A step that was gone back to stands there several times: the attempt belongs to the last one before it.
        let own = |detailed: &&mut DetailedStepView| detailed.step.id == attempt.step.0;
        let place = detailed.iter().filter(|detailed| detailed.step.id == attempt.step.0).count();
        let before = detailed
            .iter()
            .filter(|detailed| detailed.step.id == attempt.step.0 && detailed.step.started_at <= attempt.started_at)
            .count();
        let number = before.clamp(1, place.max(1)) - 1;
        if let Some(step) = detailed.iter_mut().filter(own).nth(number) {
            step.attempts.push(AttemptView::new(attempt, goes_on));
        }
    }
    Ok(detailed)
}

/// The commit that a program was loaded from.
#[derive(Clone, Serialize)]
pub(super) struct CommitView {
    id: String,
    /// Whether the folder held something else than the commit.
    has_changes: bool,
}

impl From<Commit> for CommitView {
    fn from(commit: Commit) -> CommitView {
        CommitView { id: commit.id, has_changes: commit.has_changes }
    }
}
