//! What a request that is sent by hand is about: its event, its contact, and the answers of earlier calls.

use std::sync::Arc;

use compiler::ir::each_step;
use compiler::ir::{Identifier, NotFound, PartName, Program, Returns, Statement, Type};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::{Answers, Needs, Order};
use crate::directory;
use crate::engine::ActiveProgram;
use crate::machine::expression::{Answer, Scope};
use crate::machine::identify::{self, Lookup};
use crate::machine::input::Event;
use crate::machine::{Card, Saved};
use crate::store::{ContactRecord, RunId, Store, StoreError};
use crate::value::{Mismatch, Record, Value, fit, read_kept};
use crate::webhook::ClientError;

/// The contact that is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum ContactChoice {
    /// The one that is known by this.
    Known(Identifier, Value),
    /// One that is kept nowhere, with these fields.
    Fields(Arc<Record>),
}

/// The event that is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum EventChoice {
    /// The one that was received under this id.
    Received(String),
    /// One that is kept nowhere.
    Given {
        /// Its type.
        name: SmolStr,
        /// Its parameters.
        params: Value,
    },
}

/// Why a request is not sent by hand.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// No program runs.
    #[error("no program runs: the project does not compile")]
    NoProgram,
    /// The program has no such webhook.
    #[error("the program has no webhook `{name}`{}", .nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    UnknownWebhook {
        /// The name.
        name: SmolStr,
        /// The nearest webhook.
        nearest: Option<SmolStr>,
    },
    /// No event has this id.
    #[error("there is no event `{0}`")]
    UnknownEvent(String),
    /// The program has no such event type.
    #[error("the program has no event `{name}`{}", .nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    UnknownEventType {
        /// The name.
        name: SmolStr,
        /// The nearest event type.
        nearest: Option<SmolStr>,
    },
    /// No contact is known by this. The value is somebody's data and not told.
    #[error("no contact has this `{0}`")]
    UnknownContact(&'static str),
    /// Fields, parameters or answers that do not fit.
    #[error("{what} that do not fit: {}", .mismatches.iter().map(|mismatch| format!("`{}`", mismatch.path)).collect::<Vec<_>>().join(", "))]
    Misfit {
        /// What they are of.
        what: &'static str,
        /// The places.
        mismatches: Vec<Mismatch>,
    },
    /// The request reads what is not there.
    #[error("the request reads {}: give {give}", .names.join(", "))]
    Missing {
        /// What it reads.
        names: Vec<String>,
        /// What has to be given.
        give: &'static str,
    },
    /// The request cannot be built from its values.
    #[error("the request cannot be built: {0}")]
    NotBuilt(String),
    /// So many are being sent that this one has to wait.
    #[error("other test requests are being sent")]
    Busy,
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(ClientError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TrialError {
    pub(super) fn unknown_webhook(program: &Program, name: &SmolStr) -> TrialError {
        let names = program.webhooks.keys().chain(program.channels.keys()).map(SmolStr::as_str);
        let nearest = compiler::suggest::nearest(name, names).map(SmolStr::new);
        TrialError::UnknownWebhook { name: name.clone(), nearest }
    }
}

/// What a request is about.
pub(super) struct Subject {
    pub(super) event: Event,
    /// The type of a chosen event, and its id where it was received.
    pub(super) told: Option<(SmolStr, Option<SmolStr>)>,
    pub(super) card: Option<Card>,
    pub(super) answers: Answers,
}

impl Subject {
    /// Looks up what was chosen, and what follows from it.
    pub(super) async fn find(
        store: &Arc<dyn Store>,
        active: &ActiveProgram,
        order: &Order,
        needs: &Needs,
        now: Timestamp,
    ) -> Result<Subject, TrialError> {
        let program = &*active.loaded.ir;
        let (event, runs) = match &order.event {
            Some(choice) => {
                let (event, runs) = chosen_event(store, active, choice, now).await?;
                (Some(event), runs)
            }
            None => (None, vec![]),
        };
        if event.is_none() && !needs.event.is_empty() {
            return Err(missing("event", &needs.event, "an event"));
        }
        let told = event.as_ref().map(|event| {
            let received = matches!(order.event, Some(EventChoice::Received(_)));
            (event.name.clone(), received.then(|| event.id.clone()))
        });
        let event = event.unwrap_or_else(|| nothing(now));
        let past = past(store, program, &runs).await?;
        let contact = match &order.contact {
            Some(ContactChoice::Known(by, value)) => {
                let found = look_up(store, vec![(*by, normal_form(*by, value)?)], now).await?;
                Some(found.ok_or(TrialError::UnknownContact(by.word()))?)
            }
            Some(ContactChoice::Fields(fields)) => {
                let card = directory::card_of(&program.contact, fields)
                    .map_err(|mismatches| TrialError::Misfit { what: "fields", mismatches })?;
                return Subject::with(event, told, Some(card), order, needs, program, past);
            }
            None => match past.contact {
                Some(id) => store.contact(id).await?,
                None if told.is_some() => found_by_workflow(store, program, order, &event, now).await?,
                None => None,
            },
        };
        let card = contact.map(|record| directory::to_card(&program.contact, &record));
        Subject::with(event, told, card, order, needs, program, past)
    }

    fn with(
        event: Event,
        told: Option<(SmolStr, Option<SmolStr>)>,
        card: Option<Card>,
        order: &Order,
        needs: &Needs,
        program: &Program,
        past: Past,
    ) -> Result<Subject, TrialError> {
        if card.is_none() && !needs.contact.is_empty() {
            return Err(missing("contact", &needs.contact, "a contact"));
        }
        let mut answers = given_answers(program, &order.answers)?;
        answers.extend(past.answers.into_iter().filter(|answer| order.answers.get(&answer.name).is_none()));
        let unknown = |name: &&SmolStr| !answers.iter().any(|answer| answer.name == **name);
        let names: Vec<String> = needs.answers.iter().filter(unknown).map(|name| format!("`data.{name}`")).collect();
        if !names.is_empty() {
            return Err(TrialError::Missing { names, give: "an event whose run has called it, or the answer itself" });
        }
        check_parts(needs, &order.message)?;
        Ok(Subject { event, told, card, answers })
    }
}

/// The parts of a message, as where it is declared: one that the request reads is needed, one that it never mentions is
/// refused, and each is a text.
fn check_parts(needs: &Needs, given: &Record) -> Result<(), TrialError> {
    let is_whole = needs.message.contains("*");
    let mut mismatches = vec![];
    for (name, value) in given.iter() {
        let part = PartName::ALL.into_iter().find(|part| part.word() == name);
        let told = match (part, value) {
            (None, _) => {
                let nearest = compiler::suggest::nearest(name, PartName::ALL.into_iter().map(PartName::word));
                let hint = nearest.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                format!("no message has such a part{hint}")
            }
            _ if !is_whole && !needs.message.contains(name) => "the request never mentions this part".to_owned(),
            (_, Value::Null) => continue,
            (Some(part), Value::String(text)) if part.is_one_line() && text.contains(['\n', '\r']) => {
                "this part is one line".to_owned()
            }
            (_, Value::String(_)) => continue,
            _ => "a part of a message is a text".to_owned(),
        };
        mismatches.push(Mismatch { path: format!("message.{name}"), message: told });
    }
    if !mismatches.is_empty() {
        return Err(TrialError::Misfit { what: "parts of a message", mismatches });
    }
    let is_there = |name: &SmolStr| given.get(name).is_some_and(|value| *value != Value::Null);
    let is_needed = |name: &&SmolStr| !is_whole && !needs.asked_parts.contains(*name);
    let names: Vec<&SmolStr> = needs.message.iter().filter(is_needed).filter(|name| !is_there(name)).collect();
    if names.is_empty() { Ok(()) } else { Err(missing("message", names, "the parts of a message")) }
}

fn missing<'a>(root: &str, names: impl IntoIterator<Item = &'a SmolStr>, give: &'static str) -> TrialError {
    let name = |name: &SmolStr| if name == "*" { format!("`{root}`") } else { format!("`{root}.{name}`") };
    TrialError::Missing { names: names.into_iter().map(name).collect(), give }
}

/// Stands where there is no event. Nothing reads it.
fn nothing(now: Timestamp) -> Event {
    Event { id: SmolStr::default(), name: SmolStr::default(), occurred_at: now, params: Arc::default() }
}

/// The event, and the runs that it started.
async fn chosen_event(
    store: &Arc<dyn Store>,
    active: &ActiveProgram,
    choice: &EventChoice,
    now: Timestamp,
) -> Result<(Event, Vec<RunId>), TrialError> {
    let program = &*active.loaded.ir;
    match choice {
        EventChoice::Received(id) => {
            let kept = store.event(id.clone()).await?.ok_or_else(|| TrialError::UnknownEvent(id.clone()))?;
            let event = Event::restore(program, &kept.name, &kept.id, kept.occurred_at, &kept.params);
            Ok((event, kept.runs))
        }
        EventChoice::Given { name, params } => {
            let Some(ty) = active.event_type(name) else {
                let nearest = compiler::suggest::nearest(name, program.events.keys().map(SmolStr::as_str));
                return Err(TrialError::UnknownEventType { name: name.clone(), nearest: nearest.map(SmolStr::new) });
            };
            let fitted =
                fit(params.clone(), ty).map_err(|mismatches| TrialError::Misfit { what: "parameters", mismatches })?;
            let Value::Record(params) = fitted else { return Err(TrialError::NotBuilt("no parameters".to_owned())) };
            let id = SmolStr::new_static("test");
            Ok((Event { id, name: name.clone(), occurred_at: now, params }, vec![]))
        }
    }
}

/// What the runs of an event have come to know.
#[derive(Default)]
struct Past {
    contact: Option<i64>,
    answers: Answers,
}

/// The contact and the answers of the runs that an event started, those of the first before those of the next.
async fn past(store: &Arc<dyn Store>, program: &Program, runs: &[RunId]) -> Result<Past, TrialError> {
    let mut past = Past::default();
    for id in runs.iter().take(16) {
        let Some(run) = store.run(*id).await? else { continue };
        past.contact = past.contact.or(run.summary.contact);
        let saved: Option<Saved> = run.saved.as_deref().and_then(|saved| serde_json::from_str(saved).ok());
        for result in saved.map(|saved| saved.results).unwrap_or_default() {
            if past.answers.iter().any(|known| known.name == result.name) {
                continue;
            }
            // An answer that no longer fits counts as none.
            let declared = program.webhooks.get(&result.webhook).map(|webhook| &webhook.returns);
            let value = declared.and_then(|returns| read_kept(returns, result.value.get()).ok());
            past.answers.extend(value.map(|value| Answer { name: result.name, webhook: result.webhook, value }));
        }
    }
    Ok(past)
}

/// The contact that a workflow which calls the webhook would find for the event; none is made.
async fn found_by_workflow(
    store: &Arc<dyn Store>,
    program: &Program,
    order: &Order,
    event: &Event,
    now: Timestamp,
) -> Result<Option<ContactRecord>, TrialError> {
    let calls = |workflow: &compiler::ir::Workflow| {
        let mut calls = false;
        each_step(&workflow.steps, &mut |step| {
            calls |= matches!(&step.statement, Statement::Call { webhook, .. } if *webhook == order.webhook);
        });
        calls
    };
    for workflow in program.workflows.values().filter(|workflow| calls(workflow)) {
        let Some(identification) = &workflow.identification else { continue };
        let Ok(lookup) = identify::lookup(identification, &Scope::of_event(event, now)) else { continue };
        if let Some(found) = look_up(store, lookup.ways, now).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn look_up(
    store: &Arc<dyn Store>,
    ways: Vec<(Identifier, SmolStr)>,
    now: Timestamp,
) -> Result<Option<ContactRecord>, TrialError> {
    // Nobody is made: who is not there is not found.
    Ok(store.identify(Lookup { ways, otherwise: NotFound::Fail }, now).await?.ok())
}

fn normal_form(by: Identifier, value: &Value) -> Result<SmolStr, TrialError> {
    identify::normal_form(by, value).ok_or_else(|| TrialError::Misfit {
        what: "identifiers",
        mismatches: vec![Mismatch { path: format!("contact.{}", by.word()), message: "no such identifier".to_owned() }],
    })
}

/// Answers that were handed over: each is that of the webhook of its name, or of one that a workflow stores under it.
fn given_answers(program: &Program, given: &Record) -> Result<Answers, TrialError> {
    let mut answers = Answers::new();
    let mut mismatches = vec![];
    for (name, value) in given.iter() {
        let webhook =
            program.webhooks.get_key_value(name).map(|(webhook, _)| webhook).or_else(|| stored_as(program, name));
        let Some((webhook, declared)) = webhook.and_then(|webhook| program.webhooks.get_key_value(webhook)) else {
            let message = "no call stores an answer under this name".to_owned();
            mismatches.push(Mismatch { path: format!("data.{name}"), message });
            continue;
        };
        let ty = match &declared.returns {
            Returns::Json(ty) | Returns::Xml(ty) => ty.clone(),
            Returns::Text => Type::String,
            Returns::Nothing => Type::Json,
        };
        match fit(value.clone(), &ty) {
            Ok(value) => answers.push(Answer { name: name.clone(), webhook: webhook.clone(), value }),
            Err(found) => mismatches.extend(found.into_iter().map(|mismatch| {
                let dot = if mismatch.path.is_empty() || mismatch.path.starts_with('[') { "" } else { "." };
                Mismatch { path: format!("data.{name}{dot}{}", mismatch.path), message: mismatch.message }
            })),
        }
    }
    if mismatches.is_empty() { Ok(answers) } else { Err(TrialError::Misfit { what: "answers", mismatches }) }
}

fn stored_as<'p>(program: &'p Program, name: &str) -> Option<&'p SmolStr> {
    let mut found = None;
    for workflow in program.workflows.values() {
        each_step(&workflow.steps, &mut |step| {
            if let Statement::Call { webhook, store_as, .. } = &step.statement
                && store_as == name
            {
                found = Some(webhook);
            }
        });
    }
    found
}
