//! Attempts that are rehearsed: the request is built and the answer judged as for a real one, and nothing in between. There
//! is no client in here, so nothing can leave.

use compiler::ir::{Program, Returns};
use reqwest::header::{HeaderName, HeaderValue};

use super::answer::{Fault, Seen};
use super::attempt::{self, AttemptInput, Prepared};
use super::record::Received;
use super::secrets::Secrets;
use crate::config::SECRET_PREFIX;
use crate::machine::{CallOutcome, FailureClass};

/// What a rehearsed attempt meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rehearsed {
    /// An answer.
    Answer {
        /// Its status.
        status: u16,
        /// Its headers; one whose name or value no header can have is left out.
        headers: Vec<(String, String)>,
        /// Its body.
        body: Vec<u8>,
        /// Where the body is not whole: the connection broke in it.
        truncated: bool,
    },
    /// An answer with a body that is larger than is read.
    Oversize,
    /// No answer within the time limit.
    Timeout,
    /// The host's name has no address.
    Dns,
    /// Nobody takes the connection.
    Refused,
    /// The host's certificate is not accepted.
    Certificate,
    /// The connection breaks before there is an answer.
    Reset,
}

/// What became of a rehearsed attempt.
#[derive(Clone, Debug)]
pub struct RehearsedResult {
    /// The answer as history shows it.
    pub response: Option<String>,
    /// The webhook's result, or why there is none.
    pub outcome: CallOutcome,
    /// The text of the answer's `Retry-After` header.
    pub retry_after: Option<String>,
}

/// A value for every secret that a program's connectors name; none of them is one.
pub fn stand_in_secrets(program: &Program) -> Secrets {
    let named = program.connectors.values().flat_map(|connector| connector.secrets());
    let environment = named.map(|name| (format!("{SECRET_PREFIX}{name}").into(), format!("test-{name}").into()));
    Secrets::new(environment, None)
}

/// Builds the request of an attempt, as it would go out; to whatever host it names, as there is no way to it.
pub async fn rehearse(input: AttemptInput<'_>, secrets: &Secrets) -> Prepared {
    attempt::prepare(input, secrets, None).await
}

impl Prepared {
    /// What the attempt comes to when it meets this. `returns` says what the webhook's answer is to be.
    pub fn meet(&self, met: &Rehearsed, returns: &Returns) -> RehearsedResult {
        if let Some(refusal) = self.refusal() {
            let outcome = CallOutcome::Failed(refusal.clone());
            return RehearsedResult { response: None, outcome, retry_after: None };
        }
        let mut seen = Seen { is_text: true, ..Seen::default() };
        let broken = |class, what: &str| Some(Fault::Broken(class, format!("{what}: so says the test")));
        let fault = match met {
            Rehearsed::Answer { status, headers, body, truncated } => {
                seen.status = Some(*status);
                for (name, value) in headers {
                    if let (Ok(name), Ok(value)) =
                        (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
                    {
                        seen.headers.append(name, value);
                    }
                }
                seen.body = Received { bytes: body.clone(), whole: !truncated };
                let cut = "the connection broke, or the answer is not HTTP";
                truncated.then(|| broken(FailureClass::Connection, cut)).flatten()
            }
            Rehearsed::Oversize => {
                seen.status = Some(200);
                Some(Fault::LargeBody)
            }
            Rehearsed::Timeout => Some(Fault::Late(self.timeout)),
            Rehearsed::Dns => broken(FailureClass::Dns, "the host's name has no address"),
            Rehearsed::Refused => broken(FailureClass::Connection, "no connection"),
            Rehearsed::Certificate => broken(FailureClass::Certificate, "the host's certificate was not accepted"),
            Rehearsed::Reset => broken(FailureClass::Connection, "the connection broke, or the answer is not HTTP"),
        };
        RehearsedResult {
            outcome: seen.judge(fault, returns, &self.masker),
            retry_after: seen.retry_after(),
            response: seen.record(&self.masker),
        }
    }
}
