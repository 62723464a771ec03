//! What the driver must now do.

use std::sync::Arc;

use compiler::ir::{Attempts, Duration, Method, Origin, Program, StepId, Webhook};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::identify::Lookup;
use crate::value::{Record, Value};

/// What the driver must now do. Each names its step, so that doing it twice is harmless.
///
/// `Set` and `Emit` are carried out in passing; after a `Call`, `Send`, `Sleep`, `Await`, `Identify` or `Claim` the run waits
/// for the matching input, and after `Finish` nothing follows. So only the last effect of a turn is one of these seven.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send a webhook's request until it succeeds or its attempts are used up.
    Call {
        /// The statement.
        step: StepId,
        /// What is sent.
        spec: Arc<CallSpec>,
    },
    /// Deliver a message.
    Send {
        /// The statement.
        step: StepId,
        /// What is delivered.
        spec: Arc<MailSpec>,
    },
    /// Wake the run at a time.
    Sleep {
        /// The statement.
        step: StepId,
        /// When, or as soon as possible after it.
        until: Timestamp,
    },
    /// Tell the run of an event of its contact, or wake it at a time.
    Await {
        /// The statement.
        step: StepId,
        /// The event type that it waits for.
        event: SmolStr,
        /// When it gives up.
        until: Timestamp,
    },
    /// Look another contact up, or make it.
    Identify {
        /// The statement.
        step: StepId,
        /// How.
        lookup: Lookup,
    },
    /// Raise an event.
    Emit {
        /// The statement.
        step: StepId,
        /// The event type.
        event: SmolStr,
        /// Its parameters, fitted to their types.
        params: Arc<Record>,
    },
    /// Write a field of the contact.
    Set {
        /// The statement.
        step: StepId,
        /// The field.
        field: SmolStr,
        /// Its new value.
        value: Value,
    },
    /// Write a field that contacts are found by, unless another contact has this value.
    Claim {
        /// The statement.
        step: StepId,
        /// The field.
        field: SmolStr,
        /// Its new value.
        value: String,
    },
    /// The run has ended.
    Finish(Ending),
}

/// A call, ready to be made: plain data, without any secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallSpec {
    /// The webhook; or the channel, when `is_channel`.
    pub webhook: SmolStr,
    /// Whether it hands a message over to a channel.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_channel: bool,
    /// The message that it hands over, when `is_channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<RenderedMessage>>,
    /// The connector whose credentials are put in when the request is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<SmolStr>,
    /// What is sent; the same for every attempt.
    pub request: Request,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How often it is tried.
    pub attempts: Attempts,
}

/// A message as it was rendered for a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RenderedMessage {
    /// The message's name.
    pub name: SmolStr,
    /// Its parts by their names: `title`, `text`, ….
    pub parts: Vec<(SmolStr, String)>,
}

impl CallSpec {
    /// What a program says of the request: the webhook, or the request of the channel.
    pub fn declaration<'p>(&self, program: &'p Program) -> Option<&'p Webhook> {
        if self.is_channel {
            program.channels.get(&self.webhook).map(|channel| &channel.request)
        } else {
            program.webhooks.get(&self.webhook).map(|webhook| &**webhook)
        }
    }
}

/// A request without credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Scheme, host and port.
    pub origin: Origin,
    /// Path and query, percent-encoded.
    pub target: String,
    /// The author's headers, and `content-type` when there is a body.
    pub headers: Vec<(SmolStr, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Texts that came from `sensitive` fields; history shows them masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
}

impl Request {
    /// The whole address.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.target)
    }
}

/// An e-mail, rendered and ready to go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MailSpec {
    /// The message's name.
    pub message: SmolStr,
    /// The sender, as written: `Name <address>` or an address.
    pub from: String,
    /// The recipient: one address, or `Name <address>`.
    pub to: String,
    /// Where answers go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The subject line: no control character.
    pub subject: String,
    /// The HTML body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The plain text body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Texts in it that came from `sensitive` fields; history shows them masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Ending {
    /// Its last statement was done.
    Completed,
    /// A `stop`, or nobody was found and the author said `else stop`.
    Stopped {
        /// Why, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Why, for programs.
        reason_code: ReasonCode,
    },
    /// An `exit on` event came.
    Exited {
        /// The event type.
        event: SmolStr,
    },
    /// It could not go on.
    Failed {
        /// Why, for people.
        reason: String,
        /// Why, for programs.
        reason_code: ReasonCode,
    },
    /// Somebody cancelled it.
    Cancelled,
}

/// Why a run ended, for programs. Stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// A `stop` statement.
    Stopped,
    /// A `fail` statement.
    Failed,
    /// No contact has the identifier.
    ContactNotFound,
    /// What it is identified by has no value.
    IdentifierMissing,
    /// A call failed after its attempts, and nothing was said for that.
    CallFailed,
    /// A message's template could not be rendered.
    RenderFailed,
    /// The contact has no address for the message.
    NoRecipient,
    /// A message was refused for good.
    SendFailed,
    /// An expression had no value, such as a division by zero.
    ExpressionFailed,
    /// A statement that this version does not execute, or a kept state that does not belong to the program.
    Unsupported,
}

impl ReasonCode {
    /// The name that history and the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            ReasonCode::Stopped => "stopped",
            ReasonCode::Failed => "failed",
            ReasonCode::ContactNotFound => "contact_not_found",
            ReasonCode::IdentifierMissing => "identifier_missing",
            ReasonCode::CallFailed => "call_failed",
            ReasonCode::RenderFailed => "render_failed",
            ReasonCode::NoRecipient => "no_recipient",
            ReasonCode::SendFailed => "send_failed",
            ReasonCode::ExpressionFailed => "expression_failed",
            ReasonCode::Unsupported => "unsupported",
        }
    }
}
