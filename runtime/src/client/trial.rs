//! A webhook's request sent by hand.

use serde::Deserialize;

use super::{AttemptError, AttemptRequest, AttemptResponse, FieldError, Text};

/// A request that the daemon has built, and perhaps sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Trial {
    /// The webhook.
    pub webhook: Text,
    /// The contact's number.
    pub contact: Text,
    /// The event.
    pub event: Option<TrialEvent>,
    /// What goes out, secrets masked.
    pub request: AttemptRequest,
    /// What the webhook returns, as it is declared.
    pub returns: Text,
    /// Whether it was sent.
    pub sent: bool,
    /// The address that was connected to.
    pub address: Text,
    /// How long it took.
    pub timing: Option<Timing>,
    /// What came back.
    pub response: Option<AttemptResponse>,
    /// Why the call would have failed, or cannot be made.
    pub error: Option<AttemptError>,
    /// Whether the body is what the webhook returns.
    pub fits: Option<bool>,
    /// Each place that does not fit.
    pub mismatches: Vec<FieldError>,
    /// The `returns` line that this answer suggests.
    pub suggested_returns: Option<String>,
    /// The answer as the `stub` of a test.
    pub stub: Option<String>,
}

/// The event that a request reads.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TrialEvent {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Text,
    /// Its id, where it was received.
    pub id: Text,
}

/// How long a request took, each from its beginning, in milliseconds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// Until there was a connection: the name, TCP, TLS.
    pub connect_ms: Text,
    /// Until the head of the answer was there.
    pub first_byte_ms: Text,
    /// Until the answer was complete.
    pub total_ms: Text,
}
