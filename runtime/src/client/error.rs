//! Why a daemon could not be asked, or said no.

use std::fmt::Write as _;

use serde::Deserialize;

/// Why a call of the API has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is none of a daemon.
    #[error("`{url}` is no address of a daemon: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The token is empty or holds a character that cannot stand in a header.
    #[error("the token is empty or holds a character that no token has")]
    Token,
    /// The client itself could not be set up: certificates, for example.
    #[error("the HTTP client could not be set up")]
    Setup(#[source] reqwest::Error),
    /// Nothing listens at the address.
    #[error("no daemon listens at {url}")]
    NoDaemon {
        /// The address.
        url: String,
    },
    /// The address cannot be reached: its name is unknown, there is no way to it, its certificate is not trusted.
    #[error("cannot reach {url}")]
    Unreachable {
        /// The address.
        url: String,
        /// What the system said.
        source: reqwest::Error,
    },
    /// The daemon did not answer in time.
    #[error("{url} did not answer in time")]
    Timeout {
        /// The address.
        url: String,
    },
    /// The connection broke.
    #[error("the connection to {url} broke before the answer was complete")]
    Connection {
        /// The address.
        url: String,
        /// What the system said.
        source: reqwest::Error,
    },
    /// What answers there is something else.
    #[error("what answers at {url} is no wf daemon: status {status}, {what}")]
    NotDaemon {
        /// The address.
        url: String,
        /// The HTTP status of the answer.
        status: u16,
        /// What came in place of the expected.
        what: String,
    },
    /// The daemon refused, and says why.
    #[error("{0}")]
    Refused(Box<Problem>),
}

impl ClientError {
    pub(super) fn url(url: &str, reason: impl Into<String>) -> ClientError {
        ClientError::Url { url: url.to_owned(), reason: reason.into() }
    }

    pub(super) fn transport(url: &str, error: reqwest::Error) -> ClientError {
        let url = url.to_owned();
        if refused(&error) {
            ClientError::NoDaemon { url }
        } else if error.is_timeout() {
            ClientError::Timeout { url }
        } else if error.is_connect() {
            ClientError::Unreachable { url, source: error.without_url() }
        } else {
            ClientError::Connection { url, source: error.without_url() }
        }
    }

    /// The HTTP status, where a daemon refused.
    pub fn status(&self) -> Option<u16> {
        match self {
            ClientError::Refused(problem) => Some(problem.status),
            _ => None,
        }
    }
}

/// Whether the other side's system refused the connection: then nothing listens there.
fn refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut inputs = causes.filter_map(|error| error.downcast_ref::<std::io::Error>());
    inputs.any(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}

/// A problem document (RFC 9457): how the API says no.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable name of the kind of problem, a URI reference.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem for people.
    pub title: String,
    /// What went wrong this time.
    pub detail: Option<String>,
    /// Each place that does not fit.
    pub errors: Vec<FieldError>,
}

/// One place of a request that does not fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FieldError {
    /// The way to it, such as `params.items[2].price`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl Problem {
    /// Reads a problem document; nothing if the text is none.
    pub(super) fn read(status: u16, text: &str) -> Option<Problem> {
        let mut problem: Problem = serde_json::from_str(text).ok()?;
        if problem.title.is_empty() && problem.detail.is_none() && problem.kind.is_empty() {
            return None;
        }
        problem.status = status;
        Some(problem)
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() {
            return out.write_str(&self.message);
        }
        write!(out, "{}: {}", self.path, self.message)
    }
}

impl std::fmt::Display for Problem {
    /// What the daemon said, the places that do not fit on lines of their own.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.detail.as_deref().filter(|detail| !detail.is_empty()) {
            Some(detail) => out.write_str(detail)?,
            None if self.title.is_empty() => write!(out, "the daemon answered with status {}", self.status)?,
            None => out.write_str(&self.title)?,
        }
        for error in &self.errors {
            out.write_char('\n')?;
            write!(out, "  {error}")?;
        }
        Ok(())
    }
}
