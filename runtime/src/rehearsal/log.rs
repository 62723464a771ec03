//! What happened in a rehearsal, in its order.

use std::collections::BTreeSet;
use std::sync::Arc;

use compiler::ir::StepId;
use compiler::ir::test::Callee;
use jiff::Timestamp;
use smol_str::SmolStr;

use super::answers::Asked;
use crate::machine::{CallFailure, Ending, StepRecord};
use crate::store::RunId;
use crate::value::{Record, Value};

/// What happened, in its order.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
    /// Whether the program that it is about is the one that the test is of, and not one that it has reloaded.
    pub ours: bool,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A contact was made or changed from outside.
    Contact {
        /// Its number.
        id: i64,
        /// Whether it is new.
        created: bool,
    },
    /// An event arrived.
    Received {
        /// Its type.
        event: SmolStr,
        /// Its id.
        id: SmolStr,
        /// Whether it was received before.
        duplicate: bool,
    },
    /// An event or a change started no run of a workflow.
    KeptOut {
        /// The workflow.
        workflow: SmolStr,
        /// Why: `where`, `once`, …
        reason_code: SmolStr,
    },
    /// A run was admitted.
    Started {
        /// The run.
        run: RunId,
        /// Its workflow.
        workflow: SmolStr,
        /// Its contact.
        contact: Option<i64>,
        /// The contact's fields then.
        card: Option<Arc<Record>>,
    },
    /// A statement was done.
    Step {
        /// The run.
        run: RunId,
        /// Its workflow.
        workflow: SmolStr,
        /// The statement and how it went.
        step: StepRecord,
    },
    /// A request went to a stub, and had its outcome.
    Attempt(Box<Attempt>),
    /// A message went out.
    Sent(Box<Sent>),
    /// A run raised an event.
    Raised {
        /// The run.
        run: RunId,
        /// The event's type.
        event: SmolStr,
        /// Its parameters.
        parameters: Value,
    },
    /// A field was not written: it identifies another contact.
    Taken {
        /// The run.
        run: RunId,
        /// The field.
        field: SmolStr,
    },
    /// A run has ended.
    Ended {
        /// The run.
        run: RunId,
        /// Its workflow.
        workflow: SmolStr,
        /// How.
        ending: Ending,
    },
    /// All that was in memory was lost, and read back from the store.
    Crashed,
    /// Another program is active from here on.
    Reloaded {
        /// Whether it says something else than before.
        changed: bool,
    },
}

/// A request and its outcome.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The run.
    pub run: RunId,
    /// Its workflow.
    pub workflow: SmolStr,
    /// The statement.
    pub step: StepId,
    /// Who was called.
    pub callee: Callee,
    /// 1 for the first request of the statement.
    pub number: u32,
    /// The request.
    pub asked: Asked,
    /// When it went out.
    pub began: Timestamp,
    /// What came back, in a few words.
    pub answer: String,
    /// Why it failed, if it did.
    pub failure: Option<CallFailure>,
    /// Whether the statement makes no further request.
    pub last: bool,
    /// Whether its attempts are used up.
    pub exhausted: bool,
}

/// A message that went out.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The run.
    pub run: RunId,
    /// The statement.
    pub step: StepId,
    /// The message.
    pub message: SmolStr,
    /// The channel; `email` for a mail.
    pub channel: SmolStr,
    /// Its rendered parts: `to`, `subject`, `text`, …
    pub parts: Vec<(SmolStr, String)>,
    /// The contact of the run.
    pub contact: Option<i64>,
}

impl Log {
    /// The statements that called somebody: each with its requests, in the order of their first ones.
    pub fn calls(&self) -> Vec<Vec<(usize, &Attempt)>> {
        let mut calls: Vec<Vec<(usize, &Attempt)>> = Vec::new();
        for (position, entry) in self.entries.iter().enumerate() {
            let Fact::Attempt(attempt) = &entry.fact else { continue };
            let same = |call: &&mut Vec<(usize, &Attempt)>| {
                call.first().is_some_and(|(_, first)| first.run == attempt.run && first.step == attempt.step)
            };
            match calls.iter_mut().find(same) {
                Some(call) => call.push((position, attempt)),
                None => calls.push(vec![(position, attempt)]),
            }
        }
        calls
    }

    /// The messages that went out, with their places.
    pub fn sent(&self) -> impl Iterator<Item = (usize, &Sent)> {
        self.entries.iter().enumerate().filter_map(|(position, entry)| match &entry.fact {
            Fact::Sent(sent) => Some((position, &**sent)),
            _ => None,
        })
    }

    /// How runs ended, with their places.
    pub fn endings(&self) -> impl Iterator<Item = (usize, &SmolStr, &Ending)> {
        self.entries.iter().enumerate().filter_map(|(position, entry)| match &entry.fact {
            Fact::Ended { workflow, ending, .. } => Some((position, workflow, ending)),
            _ => None,
        })
    }

    /// The contact of the run that was started last.
    pub fn last_contact(&self) -> Option<i64> {
        self.entries.iter().rev().find_map(|entry| match &entry.fact {
            Fact::Started { contact, .. } => *contact,
            _ => None,
        })
    }

    /// The runs that were started and have not ended, with their workflows.
    pub fn going_on(&self) -> Vec<(RunId, &SmolStr)> {
        let ended: BTreeSet<RunId> = self
            .entries
            .iter()
            .filter_map(|entry| match &entry.fact {
                Fact::Ended { run, .. } => Some(*run),
                _ => None,
            })
            .collect();
        let started = self.entries.iter().filter_map(|entry| match &entry.fact {
            Fact::Started { run, workflow, .. } if !ended.contains(run) => Some((*run, workflow)),
            _ => None,
        });
        started.collect()
    }
}

impl Fact {
    /// What happened, in a line for people; nothing for what another line says already.
    pub fn told(&self) -> Option<String> {
        Some(match self {
            Fact::Contact { id, created: true } => format!("contact {id} is there"),
            Fact::Contact { id, created: false } => format!("contact {id} is changed"),
            Fact::Received { event, duplicate: true, .. } => format!("receive {event}, which was received before"),
            Fact::Received { event, .. } => format!("receive {event}"),
            Fact::KeptOut { workflow, reason_code } => format!("`{workflow}` does not begin: {reason_code}"),
            Fact::Started { workflow, contact: Some(contact), .. } => {
                format!("`{workflow}` begins for contact {contact}")
            }
            Fact::Started { workflow, contact: None, .. } => format!("`{workflow}` begins for nobody"),
            Fact::Step { step, .. } => match step.kind.as_str() {
                // Their requests, messages, events and ends have lines of their own.
                "call" | "send" | "emit" | "stop" | "fail" => return None,
                kind => {
                    let label = step.label.as_ref().map(|label| format!(" {label}")).unwrap_or_default();
                    let outcome = step.outcome.as_ref().map(|outcome| format!(": {outcome}")).unwrap_or_default();
                    format!("{kind}{label}{outcome}")
                }
            },
            Fact::Attempt(attempt) => attempt.told(),
            Fact::Sent(sent) => {
                let to = sent.parts.iter().find(|(name, _)| name == "to").map(|(_, to)| format!(" to {to}"));
                format!("send {}{} by {}", sent.message, to.unwrap_or_default(), sent.channel)
            }
            Fact::Raised { event, .. } => format!("emit {event}"),
            Fact::Taken { field, .. } => format!("`{field}` is not set: another contact has this value"),
            Fact::Ended { workflow, ending, .. } => format!("`{workflow}` {}", super::expect::told(ending)),
            Fact::Crashed => "crash".to_owned(),
            Fact::Reloaded { changed: true } => "reload".to_owned(),
            Fact::Reloaded { changed: false } => "reload of the same program".to_owned(),
        })
    }
}

impl Entry {
    /// The address of the statement that did it, as `compiler::places::Places` knows it; none in a program that was reloaded.
    pub fn address(&self) -> Option<String> {
        match &self.fact {
            _ if !self.ours => None,
            Fact::Step { workflow, step, .. } => Some(format!("workflow.{workflow}/{}", step.id.0)),
            Fact::Attempt(attempt) => Some(format!("workflow.{}/{}", attempt.workflow, attempt.step.0)),
            _ => None,
        }
    }
}
