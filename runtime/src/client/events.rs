//! Sending events.

use reqwest::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Client, ClientError, Decision, FieldError, Text};

/// What became of the events of one request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    /// Events that the daemon has durably taken, in the order they were sent in.
    pub accepted: Vec<AcceptedEvent>,
    /// Events that it did not take.
    pub rejected: Vec<RejectedEvent>,
    /// The answer as the daemon wrote it.
    #[serde(skip)]
    pub json: String,
}

/// An event that the daemon has taken.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AcceptedEvent {
    /// The event's id: the one that was sent, or one that the daemon made.
    pub id: String,
    /// Whether the same event had been taken before; it starts nothing a second time.
    pub duplicate: bool,
    /// Parameters that the event's type does not declare; they were left out.
    pub ignored: Vec<String>,
}

/// An event that the daemon did not take.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RejectedEvent {
    /// Its place in the request, from 0.
    pub index: Option<usize>,
    /// Its id, if one was sent.
    pub id: Option<String>,
    /// What is wrong with it.
    pub detail: Option<String>,
    /// Each place that does not fit.
    pub errors: Vec<FieldError>,
}

/// An event as the daemon has received it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReceivedEvent {
    /// Its id.
    pub id: Text,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Text,
    /// When it happened, RFC 3339.
    pub occurred_at: Text,
    /// When it was received, RFC 3339.
    pub received_at: Text,
    /// Hash of the program that it is pinned to.
    pub program: Text,
    /// Its parameters as JSON.
    pub params: Text,
    /// The runs that it started.
    pub runs: Vec<String>,
    /// Workflows that it started no run in.
    pub kept_out: Vec<KeptOutOf>,
}

/// A workflow that an event started no run in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct KeptOutOf {
    /// The workflow.
    pub workflow: Text,
    /// Why, for programs.
    pub reason_code: Text,
    /// What decided, with its values.
    pub decisions: Vec<Decision>,
}

impl Client {
    /// An event, and the daemon's answer.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses: status 404 when it has no such event.
    pub async fn event(&self, id: &str) -> Result<(ReceivedEvent, String), ClientError> {
        let answer = self.exchange(Method::GET, self.endpoint(&["v1", "events", id]), None).await?;
        Ok((self.read(answer.status, &answer.text)?, answer.text))
    }

    /// Sends events, each the JSON object that `POST /v1/events` takes. One event goes as an object, several as an array.
    ///
    /// # Errors
    /// When the daemon cannot be asked, or takes none of them: [`ClientError::Refused`] says why.
    pub async fn send_events(&self, events: &[Box<RawValue>]) -> Result<Sent, ClientError> {
        let body = match events {
            [event] => event.get().to_owned(),
            events => serde_json::to_string(events).unwrap_or_default(),
        };
        let answer = self.exchange(Method::POST, self.endpoint(&["v1", "events"]), Some(body)).await?;
        let sent: Sent = self.read(answer.status, &answer.text)?;
        Ok(Sent { json: answer.text, ..sent })
    }
}
