//! A webhook's request sent by hand: to see what goes out, what comes back, and how that fits what the webhook returns.
//!
//! The request is built and guarded as in a run, and sent once. No run knows of it: it stands in no history, counts for no
//! limit and opens no circuit, and what it answers changes no contact.

mod infer;
mod needs;
mod subject;
mod written;

use std::sync::Arc;

use compiler::ir::{Attempts, Returns};
use jiff::Timestamp;
use smol_str::SmolStr;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub use needs::Needs;
pub use subject::{ContactChoice, EventChoice, TrialError};

use crate::engine::Programs;
use crate::machine::expression::{Answer, Scope};
use crate::machine::{CallFailure, CallOutcome, CallSpec, FailureClass, request};
use crate::store::Store;
use crate::trace::Trace;
use crate::value::{AnswerError, Mismatch, Record, check_answer};
use crate::webhook::{AttemptInput, Client, ClientError, ConnectClock, Observed};
use subject::Subject;

/// How many are sent at once.
const AT_ONCE: usize = 4;

/// Sends requests by hand. Cheap to clone.
#[derive(Clone)]
pub struct Trials {
    programs: Arc<Programs>,
    store: Arc<dyn Store>,
    client: Client,
    room: Arc<Semaphore>,
}

/// What is to be sent.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// The webhook, or a channel.
    pub webhook: SmolStr,
    /// Whose card the request reads. Without one: the contact of the event's runs, or the one that a workflow which calls
    /// the webhook would find.
    pub contact: Option<ContactChoice>,
    /// The event that the request reads.
    pub event: Option<EventChoice>,
    /// Answers of earlier calls by the names that they are stored under; they go before those of the event's runs.
    pub answers: Record,
    /// The parts of a message, for a channel.
    pub message: Record,
    /// Whether nothing is sent.
    pub dry_run: bool,
}

/// A request that was built, and perhaps sent.
#[derive(Debug)]
pub struct Trial {
    /// The program that the webhook is of.
    pub program: String,
    /// The number of the contact whose card it reads; `None` when there is none, or it has no number.
    pub contact: Option<i64>,
    /// The type of the event that it reads, and its id where it was received.
    pub event: Option<(SmolStr, Option<SmolStr>)>,
    /// The API's `request` object, secrets and sensitive values masked.
    pub request: String,
    /// Why it cannot be sent; `None` when it can.
    pub refused: Option<CallFailure>,
    /// What the webhook returns, as it is declared.
    pub returns: String,
    /// What came of sending it; `None` when it was not sent.
    pub sent: Option<Sent>,
}

/// What came of a request.
#[derive(Debug)]
pub struct Sent {
    /// How long it took until there was a connection, in milliseconds: name, TCP, TLS.
    pub connect_ms: Option<f64>,
    /// How long until the head of the answer was there.
    pub first_byte_ms: Option<f64>,
    /// How long in all.
    pub total_ms: f64,
    /// The address that was connected to.
    pub address: Option<String>,
    /// The API's `response` object, secrets masked.
    pub response: Option<String>,
    /// Why a run would take the call for failed.
    pub error: Option<CallFailure>,
    /// Whether the body is what the webhook returns; `None` when there is no good answer to tell it from.
    pub fits: Option<bool>,
    /// Each place that does not fit.
    pub mismatches: Vec<Mismatch>,
    /// The `returns` line that this answer suggests.
    pub suggested: Option<String>,
    /// The answer as the `stub` of a test.
    pub stub: Option<String>,
}

impl Trials {
    /// Sends with a client's rules and secrets.
    pub fn new(programs: Arc<Programs>, store: Arc<dyn Store>, client: Client) -> Trials {
        Trials { programs, store, client, room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Builds the request, and sends it unless it is a dry run.
    ///
    /// # Errors
    /// When there is no such webhook, contact or event, when what the request reads is not there, and when too many are
    /// being sent.
    pub async fn perform(&self, order: Order) -> Result<Trial, TrialError> {
        let _room = self.room.try_acquire().map_err(|_| TrialError::Busy)?;
        let active = self.programs.active().ok_or(TrialError::NoProgram)?;
        let program = &active.loaded;
        let now = Timestamp::now();
        let (webhook, is_channel) =
            match (program.ir.webhooks.get(&order.webhook), program.ir.channels.get(&order.webhook)) {
                (Some(webhook), _) => (&**webhook, false),
                (None, Some(channel)) => (&channel.request, true),
                (None, None) => return Err(TrialError::unknown_webhook(&program.ir, &order.webhook)),
            };
        let needs = Needs::of(&program.ir, webhook);
        let subject = Subject::find(&self.store, &active, &order, &needs, now).await?;
        let mut scope = Scope::of_event(&subject.event, now);
        scope.program = Some(&program.ir);
        scope.contact = subject.card.as_ref();
        scope.data = &subject.answers;
        scope.message = is_channel.then_some(&order.message);
        let built = request::build(webhook, scope).map_err(|error| TrialError::NotBuilt(error.to_string()))?;
        let spec = CallSpec {
            webhook: order.webhook.clone(),
            is_channel,
            message: None,
            connector: webhook.connector.clone(),
            request: built,
            timeout: webhook.timeout,
            attempts: Attempts { count: 1, ..Attempts::default() },
        };
        let connector = spec.connector.as_ref().and_then(|name| program.ir.connectors.get(name)).map(AsRef::as_ref);
        // A key of its own: a receiver that knows it from no run takes it for nobody's repetition.
        let key = format!("test_{}", Uuid::now_v7().simple());
        let traceparent = Trace::derived(&key).header(&key);
        let clock = ConnectClock::default();
        let client = self.client.anew(&clock).map_err(TrialError::Client)?;
        let input = AttemptInput { spec: &spec, connector, key: &key, traceparent: &traceparent, at: now };
        let prepared = client.prepare(input).await;
        let mut trial = Trial {
            program: program.hash.to_string(),
            contact: subject.card.as_ref().map(|card| card.id).filter(|id| *id > 0),
            event: subject.told,
            request: prepared.request.clone(),
            refused: prepared.refusal().cloned(),
            returns: declared(&webhook.returns),
            sent: None,
        };
        if !order.dry_run && trial.refused.is_none() {
            let observed = client.observe(prepared, &webhook.returns).await;
            let sent = Sent::of(&order.webhook, &observed, &webhook.returns, &clock);
            tracing::info!(
                webhook = %order.webhook,
                status = observed.status(),
                duration_ms = sent.total_ms,
                "a test request was sent"
            );
            trial.sent = Some(sent);
        }
        Ok(trial)
    }
}

impl Sent {
    fn of(webhook: &str, observed: &Observed, returns: &Returns, clock: &ConnectClock) -> Sent {
        let status = observed.status();
        let body = observed.body();
        let good = status.is_some_and(|status| (200..300).contains(&status));
        let (fitted, mismatches) = match body.as_deref().filter(|_| good).map(|body| check_answer(returns, body)) {
            None => (None, vec![]),
            Some(Ok(value)) => (Some(value), vec![]),
            Some(Err(AnswerError::Unreadable(message))) => (None, vec![Mismatch { path: String::new(), message }]),
            Some(Err(AnswerError::Misfit(mismatches))) => (None, mismatches),
        };
        let mismatches: Vec<Mismatch> = mismatches
            .into_iter()
            .map(|found| Mismatch { message: observed.masker.mask(&found.message).into_owned(), ..found })
            .collect();
        let suggested = body
            .as_deref()
            .filter(|_| good)
            .and_then(|body| infer::returns(observed.content_type().as_deref(), body))
            .map(|line| observed.masker.mask(&line).into_owned());
        let stub = match (status, body.as_deref()) {
            (Some(status), Some(body)) if body.len() <= MOST_RECORDED => {
                let fitted = fitted.as_ref();
                let answered = written::Answered { status, body, fitted, returns, masker: &observed.masker };
                Some(written::stub(webhook, &answered))
            }
            _ => match &observed.result.outcome {
                CallOutcome::Failed(failure) => {
                    failed(webhook, failure, returns, (clock.last().is_some(), status.is_some()))
                }
                CallOutcome::Succeeded(_) => None,
            },
        };
        let milliseconds = |duration: std::time::Duration| (duration.as_secs_f64() * 10_000.0).round() / 10.0;
        Sent {
            connect_ms: clock.last().map(milliseconds),
            first_byte_ms: observed.first_byte.map(milliseconds),
            total_ms: milliseconds(observed.result.duration),
            address: observed.result.address.map(|address| address.to_string()),
            response: observed.result.response.clone(),
            error: match &observed.result.outcome {
                CallOutcome::Succeeded(_) => None,
                CallOutcome::Failed(failure) => Some(failure.clone()),
            },
            fits: (good && body.is_some()).then_some(mismatches.is_empty()),
            mismatches,
            suggested,
            stub,
        }
    }
}

/// The `stub` that fails in a test as the host did; nothing when the request did not come so far.
fn failed(webhook: &str, failure: &CallFailure, returns: &Returns, (connected, began): (bool, bool)) -> Option<String> {
    let word = match failure.class {
        FailureClass::Timeout => "timeout",
        FailureClass::Dns => "dns",
        FailureClass::Certificate => "tls",
        FailureClass::TooLarge => "oversize",
        FailureClass::Connection if began => "truncated",
        FailureClass::Connection if connected => "reset",
        FailureClass::Connection => "refused",
        FailureClass::Request
        | FailureClass::MissingSecret
        | FailureClass::Blocked
        | FailureClass::Status
        | FailureClass::Unknown => {
            return None;
        }
        // Bytes that are no text cannot be written down; what fails like them can.
        FailureClass::Body if matches!(returns, Returns::Json(_) | Returns::Xml(_)) => "body \"not UTF-8\"",
        FailureClass::Body => return None,
    };
    Some(format!("stub {} {{ {word} }}", written::name(webhook)))
}

/// A longer answer is not written down as a stub, in bytes.
const MOST_RECORDED: usize = 64 * 1024;

/// What a webhook returns, as its line says it; `nothing` without one.
pub fn declared(returns: &Returns) -> String {
    match returns {
        Returns::Nothing => "nothing".to_owned(),
        Returns::Text => "text".to_owned(),
        Returns::Json(ty) => format!("json {}", infer::written(ty)),
        Returns::Xml(ty) => format!("xml {}", infer::written(ty)),
    }
}

impl From<ClientError> for TrialError {
    fn from(error: ClientError) -> TrialError {
        TrialError::Client(error)
    }
}

/// An answer under a name, fitted to what its webhook returns.
type Answers = Vec<Answer>;
