//! What happened to a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use compiler::ir::{Field, Program, StepId, Type};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::effect::Ending;
use crate::value::{Record, Value, fit, read};

/// Something happened. Time is part of it, and so is the contact as it is now: the machine looks at neither clock nor
/// store.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// When.
    pub at: Timestamp,
    /// The contact as it is now; `None` for a run without one.
    pub contact: Option<&'a Card>,
    /// Events of the contact that the run listens to and was not told of before, in the order of their acceptance.
    pub heard: &'a [Heard],
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// The run was admitted.
    Started,
    /// A call has its outcome.
    Called {
        /// The statement that asked for it.
        step: StepId,
        /// How it ended.
        outcome: CallOutcome,
    },
    /// A message has its outcome.
    Sent {
        /// The statement that asked for it.
        step: StepId,
        /// How it ended.
        outcome: SendOutcome,
    },
    /// The time that was asked for has come.
    Woken {
        /// The statement that asked for it.
        step: StepId,
    },
    /// Another contact was looked up.
    Identified {
        /// The statement that asked for it.
        step: StepId,
        /// The contact; or how the run ends when there is none.
        found: Result<Card, Ending>,
    },
    /// Nothing but the events that were heard.
    Heard,
    /// A field that contacts are found by was written, or was left as it was.
    Claimed {
        /// The statement.
        step: StepId,
        /// Whether another contact has the value.
        taken: bool,
    },
    /// Somebody cancelled the run.
    Cancelled,
}

/// How a call ended, after all its attempts.
#[derive(Clone, Debug, PartialEq)]
pub enum CallOutcome {
    /// A 2xx answer with a body that fits what the webhook returns.
    Succeeded(Value),
    /// Anything else.
    Failed(CallFailure),
}

/// Why a call, or one attempt of it, failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFailure {
    /// The kind of failure, for programs.
    pub class: FailureClass,
    /// The status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong, for people. Holds no secret.
    pub message: String,
}

/// The kind of a call's failure. Stable names: they stand in history and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The request could not be built from its values.
    Request,
    /// A secret that the connector names is not set.
    MissingSecret,
    /// The egress rules forbid the address.
    Blocked,
    /// The host's name has no address.
    Dns,
    /// No connection, or it broke.
    Connection,
    /// The host's certificate was not accepted.
    Certificate,
    /// No complete answer in time.
    Timeout,
    /// A status other than 2xx.
    Status,
    /// The body does not fit what the webhook returns.
    Body,
    /// The body is larger than is read.
    TooLarge,
    /// All of a mail was sent, and whether the server has taken it nobody knows.
    Unknown,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq)]
pub enum SendOutcome {
    /// It is in the durable outbox, or the next server has taken it.
    Sent,
    /// It was refused for good.
    Failed {
        /// Why, for people.
        message: String,
    },
}

/// A contact's card as a run sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The contact's number.
    pub id: i64,
    /// Every field that has a value, standard and additional, fitted to the program's types, `id` among them.
    pub fields: Arc<Record>,
}

/// An event of the contact that a run listens to: it may end the run, or be waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// The event.
    pub event: Arc<Event>,
    /// When it was accepted: what decides whether it came in time.
    pub received_at: Timestamp,
}

/// An event as a run sees it: frozen at acceptance.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The event's own id.
    pub id: SmolStr,
    /// The event type.
    pub name: SmolStr,
    /// When it happened, as the caller said, or when it was accepted.
    pub occurred_at: Timestamp,
    /// The declared parameters, fitted to their types. `id` and `occurred_at` are not among them unless declared.
    pub params: Arc<Record>,
}

impl Event {
    /// An event as it was kept, by a program's types. It was accepted by another program perhaps: then a parameter that
    /// does not fit counts as nothing.
    pub fn restore(program: &Program, name: &SmolStr, id: &SmolStr, occurred_at: Timestamp, params: &str) -> Event {
        let declared = program.events.get(name).map(|event| event.fields.clone()).unwrap_or_default();
        let kept = read(params).unwrap_or_default();
        let params = match fit(kept.clone(), &Type::Record(declared.clone())) {
            Ok(Value::Record(params)) => params,
            _ => Arc::new(fit_each(&kept, &declared)),
        };
        Event { id: id.clone(), name: name.clone(), occurred_at, params }
    }
}

/// The fields that fit, each by itself.
fn fit_each(kept: &Value, declared: &BTreeMap<SmolStr, Field>) -> Record {
    let mut fitted = Record::new();
    for (name, field) in declared {
        let value = kept.field(name).cloned().unwrap_or_default();
        if let Ok(value) = fit(value, &field.ty) {
            fitted.set(name.clone(), value);
        }
    }
    fitted
}
