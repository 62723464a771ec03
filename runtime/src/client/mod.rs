//! The API's counterpart for the command line.
//!
//! One [`Client`] speaks to one daemon. Answers are kept as the daemon wrote them (`--format json` prints them unchanged,
//! numbers with all their digits) and are read into types only where people look at them. Reading is lenient: a daemon that
//! says more than this client knows, or leaves something out, is still understood.
//!
//! Nothing here follows redirects or uses a proxy: a token goes to the address that was typed and nowhere else.

mod contacts;
mod error;
mod events;
mod program;
mod resources;
mod runs;
mod trial;

use std::time::Duration;

use reqwest::{Method, StatusCode, header};
use url::Url;

pub use contacts::{Chapter, ContactFilter, ContactRow, ImportOptions, Imported, KeptOut, Refusal};
pub use error::{ClientError, FieldError, Problem};
pub use events::{AcceptedEvent, KeptOutOf, ReceivedEvent, RejectedEvent, Sent};
pub use program::{StandingRow, Standings};
pub use resources::{Listing, Rows};
pub use runs::{
    Attempt, AttemptError, AttemptRequest, AttemptResponse, Commit, Decision, Headers, Run, RunFilter, RunRow, Step,
    Text, Worth,
};
pub use trial::{Timing, Trial, TrialEvent};

/// Where a daemon listens unless something else is said.
pub const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one request may take as a whole.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Longer answers are not read: the API bounds its own far below.
const LONGEST_ANSWER: usize = 64 << 20;

/// A connection to the API of one daemon.
///
/// ```no_run
/// # async fn example() -> Result<(), runtime::client::ClientError> {
/// use runtime::client::{Client, DEFAULT_URL, RunFilter};
///
/// let client = Client::new(DEFAULT_URL, None)?;
/// for run in &client.runs(&RunFilter::default(), 20).await?.rows {
///     println!("{} {}", run.id, run.status);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    authorization: Option<header::HeaderValue>,
}

impl Client {
    /// A client for the daemon at `url` (scheme, host, port, and a path if the daemon stands behind one), which shows
    /// `token` as its bearer token (RFC 6750).
    ///
    /// # Errors
    /// When the URL is none of a daemon, or the token cannot stand in a header.
    pub fn new(url: &str, token: Option<&str>) -> Result<Client, ClientError> {
        let mut base = Url::parse(url).map_err(|error| ClientError::url(url, error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(ClientError::url(url, "it must begin with http:// or https:// and name a host"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(ClientError::url(url, "it must not hold a user name or password"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(ClientError::url(url, "it must not hold a query or fragment"));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let authorization = token.map(bearer).transpose()?;
        // Only the first installation counts; whoever was first chose the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("wf/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(ClientError::Setup)?;
        Ok(Client { http, base, authorization })
    }

    /// Whether a token would travel unencrypted to another machine.
    pub fn shows_token_to_network(&self) -> bool {
        self.authorization.is_some() && self.base.scheme() == "http" && !is_loopback(&self.base)
    }

    /// The address of the daemon, without a slash at the end.
    pub fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// `path` below the base, each part escaped as a path segment (RFC 3986, section 3.3).
    fn endpoint(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        // `http` and `https` URLs always have path segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// One request; the answer's status and text, or a typed error for every status of 400 and above.
    async fn exchange(&self, method: Method, url: Url, body: Option<String>) -> Result<Answer, ClientError> {
        self.send(method, url, body.map(|body| ("application/json", body.into_bytes()))).await
    }

    /// The same with a body of any content type.
    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Answer, ClientError> {
        let mut request = self.http.request(method, url).header(header::ACCEPT, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization.clone());
        }
        if let Some((kind, body)) = body {
            request = request.header(header::CONTENT_TYPE, kind).body(body);
        }
        let unreachable = |error| ClientError::transport(self.address(), error);
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if bytes.len() + chunk.len() > LONGEST_ANSWER {
                return Err(self.foreign(status, "an answer beyond 64 MiB"));
            }
            bytes.extend_from_slice(&chunk);
        }
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(self.foreign(status, "bytes that are not UTF-8"));
        };
        if status.is_success() {
            return Ok(Answer { status, text });
        }
        match Problem::read(status.as_u16(), &text) {
            Some(problem) => Err(ClientError::Refused(Box::new(problem))),
            None => Err(self.foreign(status, "no problem document")),
        }
    }

    /// The error for an answer that no daemon gives.
    fn foreign(&self, status: StatusCode, what: &str) -> ClientError {
        ClientError::NotDaemon { url: self.address().to_owned(), status: status.as_u16(), what: what.to_owned() }
    }

    /// Reads a text that a daemon should have written.
    fn read<'a, T: serde::Deserialize<'a>>(&self, status: StatusCode, text: &'a str) -> Result<T, ClientError> {
        serde_json::from_str(text).map_err(|error| self.foreign(status, &format!("unexpected JSON ({error})")))
    }
}

/// A successful answer.
struct Answer {
    status: StatusCode,
    text: String,
}

fn bearer(token: &str) -> Result<header::HeaderValue, ClientError> {
    let token = token.trim();
    if token.is_empty() {
        return Err(ClientError::Token);
    }
    let mut value = header::HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| ClientError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests;
