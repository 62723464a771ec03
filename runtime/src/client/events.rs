//! Sending events.

use reqwest::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Client, ClientError, FieldError};

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

impl Client {
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
