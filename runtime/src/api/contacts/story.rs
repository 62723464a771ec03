//! `GET /v1/contacts/{id}/runs`: for each workflow, in words, what became of this contact in it: why somebody did not get a
//! message.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use compiler::ir::{Identifier, Trigger};
use jiff::Timestamp;
use serde::Serialize;
use smol_str::SmolStr;

use super::super::Api;
use super::super::extract::Name;
use super::super::history::{self, StepView};
use super::super::json;
use super::super::problem::Problem;
use super::super::runs::RunView;
use crate::directory::belongs;
use crate::machine::LoadedProgram;
use crate::machine::decision::Decision;
use crate::machine::expression::Scope;
use crate::machine::identify;
use crate::machine::input::Event;
use crate::store::{ContactRecord, EventQuery, EventRecord, RunQuery, RunRecord, RunStatus};
use crate::value::{display, read};

/// So many events of a type are looked through for one that this contact was kept out on.
const LOOKED_THROUGH: usize = 500;

/// What became of a contact.
#[derive(Serialize)]
struct Story {
    contact: i64,
    workflows: Vec<Chapter>,
}

/// What became of a contact in one workflow.
#[derive(Serialize)]
struct Chapter {
    workflow: SmolStr,
    /// For people.
    answer: String,
    /// Its last run.
    run: Option<RunView>,
    /// The way that it went in it.
    steps: Vec<StepView>,
    /// The last time that it was kept out, if that was later.
    kept_out: Option<KeptOut>,
}

#[derive(Clone, Serialize)]
struct KeptOut {
    event: SmolStr,
    at: Timestamp,
    reason_code: SmolStr,
    answer: &'static str,
    /// What decided.
    decisions: Vec<Decision>,
}

/// `GET /v1/contacts/{id}/runs`.
pub(in super::super) async fn runs(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    let contact = super::find(&api, &id).await?;
    let program = super::active(&api)?.loaded.clone();
    let mut workflows = Vec::new();
    let mut past = Past::of(&contact);
    for workflow in program.ir.workflows.keys() {
        workflows.push(chapter(&api, &program, workflow, &contact, &mut past).await?);
    }
    Ok(json::Json(StatusCode::OK, Story { contact: contact.id, workflows }).into_response())
}

/// What is looked through for one contact.
struct Past {
    /// The identifiers that it has.
    own: Vec<(Identifier, String)>,
    /// The last events of each type: several workflows begin with the same.
    events: BTreeMap<SmolStr, Arc<Vec<EventRecord>>>,
}

impl Past {
    fn of(contact: &ContactRecord) -> Past {
        let fields = read(&contact.fields).unwrap_or_default();
        let identifier = |by: &Identifier| match by {
            Identifier::Id => Some(contact.id.to_string()),
            by => fields.field(by.word()).filter(|value| !value.is_null()).map(display),
        };
        let own = Identifier::ALL.into_iter().filter_map(|by| Some((by, identifier(&by)?)));
        Past { own: own.collect(), events: BTreeMap::new() }
    }

    /// The last events of a type, newest first.
    async fn events(&mut self, api: &Api, name: &SmolStr) -> Result<Arc<Vec<EventRecord>>, Problem> {
        if let Some(events) = self.events.get(name) {
            return Ok(Arc::clone(events));
        }
        let query = EventQuery { name: Some(name.to_string()), contact: None, cursor: None, limit: LOOKED_THROUGH };
        let events = Arc::new(api.store.events(query).await?.items);
        self.events.insert(name.clone(), Arc::clone(&events));
        Ok(events)
    }

    /// Whether a value, in normal form, identifies the contact.
    fn has(&self, by: Identifier, value: &str) -> bool {
        self.own.iter().any(|(own, text)| *own == by && text == value)
    }
}

async fn chapter(
    api: &Api,
    program: &Arc<LoadedProgram>,
    workflow: &SmolStr,
    contact: &ContactRecord,
    past: &mut Past,
) -> Result<Chapter, Problem> {
    let own =
        RunQuery { workflow: Some(workflow.to_string()), contact: Some(contact.id), limit: 1, ..RunQuery::default() };
    let last = match api.store.runs(own).await?.items.pop() {
        Some(summary) => api.store.run(summary.id).await?,
        None => None,
    };
    let (kept_out, looked) = kept_out(api, program, workflow, contact, past).await?;
    let since = last.as_ref().map(|run| run.summary.started_at);
    let kept_out = kept_out.filter(|kept| since.is_none_or(|since| kept.at >= since));
    let (answer, run, steps) = match last {
        Some(run) => {
            let steps = history::steps(api, &run).await;
            (told(&run, steps.last()), Some(RunView::from(run.summary)), steps)
        }
        None => (absent(program, workflow, contact, kept_out.as_ref(), looked), None, vec![]),
    };
    Ok(Chapter { workflow: workflow.clone(), answer, run, steps, kept_out })
}

/// Where the contact's last run stands, and why.
fn told(run: &RunRecord, step: Option<&StepView>) -> String {
    let summary = &run.summary;
    let reason = summary.reason.clone().or_else(|| summary.reason_code.as_ref().map(ToString::to_string));
    let because = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let at = step.map(|step| format!(" at `{}`", step.title())).unwrap_or_default();
    // For people: milliseconds.
    let [begun, updated] = [summary.started_at, summary.updated_at].map(|at| format!("{at:.3}"));
    let is_parked = summary.reason_code.as_ref().is_some_and(|code| code.starts_with("parked_"));
    match summary.status {
        RunStatus::Running => format!("is in it since {begun}{at}"),
        RunStatus::Waiting if is_parked => format!("is in it since {begun} and held up{at}{because}"),
        RunStatus::Waiting => match summary.wake_at {
            Some(until) => format!("is in it since {begun} and waits{at}, until {until:.3} at the latest"),
            None => format!("is in it since {begun} and waits{at}"),
        },
        RunStatus::Completed => format!("went through it to the end, from {begun} to {updated}"),
        RunStatus::Stopped => format!("entered it at {begun} and was stopped{at}{because}"),
        RunStatus::Exited => format!("entered it at {begun} and left{at} on the event{because}"),
        RunStatus::Failed => format!("entered it at {begun} and failed{at}{because}"),
        RunStatus::Cancelled => format!("entered it at {begun} and was cancelled{at}"),
    }
}

/// Why the contact was never in a workflow.
fn absent(
    program: &LoadedProgram,
    workflow: &str,
    contact: &ContactRecord,
    kept_out: Option<&KeptOut>,
    looked: usize,
) -> String {
    if let Some(kept_out) = kept_out {
        return format!("never entered it; {}", kept_out.answer);
    }
    let Some(loaded) = program.workflow(workflow) else { return "never entered it".to_owned() };
    let reasons = loaded.ir.triggers.iter().map(|trigger| match trigger {
        Trigger::Event { event, .. } if looked == 0 => format!("no event `{event}` has come"),
        Trigger::Event { event, .. } if looked == 1 => format!("the last event `{event}` is not about this contact"),
        Trigger::Event { event, .. } => format!("none of the last {looked} events `{event}` is about this contact"),
        Trigger::Schedule { segment, .. } if belongs(program, segment, contact) => {
            format!("it belongs to the segment `{segment}` now, and no time of the schedule has come since")
        }
        Trigger::Schedule { segment, .. } => format!("it does not belong to the segment `{segment}`"),
        Trigger::ContactChanged { field } => format!("its `{field}` has not become another value"),
    });
    format!("never entered it: {}", reasons.collect::<Vec<_>>().join("; "))
}

/// The last event about a contact that started no run of a workflow, and how many events were looked through.
async fn kept_out(
    api: &Api,
    active: &Arc<LoadedProgram>,
    workflow: &SmolStr,
    contact: &ContactRecord,
    past: &mut Past,
) -> Result<(Option<KeptOut>, usize), Problem> {
    let Some(loaded) = active.workflow(workflow) else { return Ok((None, 0)) };
    let (mut last, mut looked): (Option<KeptOut>, usize) = (None, 0);
    for trigger in &loaded.ir.triggers {
        let Trigger::Event { event, .. } = trigger else { continue };
        let events = past.events(api, event).await?;
        looked += events.len();
        for event in &*events {
            let code = event.kept_out.iter().find(|(kept, _)| kept == workflow).map(|(_, code)| code.clone());
            let Some(code) = code else { continue };
            if last.as_ref().is_some_and(|last| last.at >= event.received_at) {
                break;
            }
            if is_about(api, event, workflow, contact, past).await? {
                let decisions = match code.as_str() {
                    "where" => history::trigger(api, event, workflow).await,
                    _ => vec![],
                };
                let (answer, at) = (words(&code), event.received_at);
                last = Some(KeptOut { event: event.id.clone(), at, answer, decisions, reason_code: code });
                break;
            }
        }
    }
    Ok((last, looked))
}

/// Whether a workflow takes an event to be about a contact.
async fn is_about(
    api: &Api,
    event: &EventRecord,
    workflow: &str,
    contact: &ContactRecord,
    past: &Past,
) -> Result<bool, Problem> {
    // One whose program is gone or cannot be read says nothing.
    let Ok(program) = api.programs.pinned(&event.program).await else { return Ok(false) };
    let Some(loaded) = program.workflow(workflow) else { return Ok(false) };
    let Some(identification) = &loaded.ir.identification else { return Ok(false) };
    let restored = Event::restore(&program.ir, &event.name, &event.id, event.occurred_at, &event.params);
    let Ok(lookup) = identify::lookup(identification, &Scope::of_event(&restored, event.received_at)) else {
        return Ok(false);
    };
    // Mostly it names somebody else, which needs no look at the contacts.
    if !lookup.ways.iter().any(|(by, value)| past.has(*by, value)) {
        return Ok(false);
    }
    for (by, value) in lookup.ways {
        if let Some(found) = api.store.find_contact(by, value).await? {
            return Ok(found == contact.id);
        }
    }
    Ok(false)
}

fn words(reason_code: &str) -> &'static str {
    match reason_code {
        "once" => "its last event was kept out: it had entered within the time of `once`",
        "one_at_a_time" => "its last event was kept out: a run of it was going on (`one at a time`)",
        "where" => "its last event was not let in: it does not meet the `where` of its trigger",
        "chain_too_long" => "its last event was kept out: too many runs led to it, each by what it raised or wrote",
        "own_change" => "its last change was made by the workflow itself, which starts nothing",
        _ => "its last event was kept out",
    }
}
