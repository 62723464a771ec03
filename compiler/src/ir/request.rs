//! Webhooks and connectors: what is sent where, and with which credentials.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Duration, Expression, Part, Type};

/// A request to another system, and what its answer must look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// The text of the `///` lines above the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The HTTP method.
    pub method: Method,
    /// Where the request goes.
    pub url: Url,
    /// The connector whose credentials go along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<SmolStr>,
    /// The author's headers, in the order written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// What is sent along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// What a successful answer's body must be.
    pub returns: Returns,
    /// How long one attempt may take, from the connection to the last byte of the answer.
    pub timeout: Duration,
    /// How often, and how far apart, the request is tried.
    pub attempts: Attempts,
    /// Webhooks whose results the request sends on; written in a `uses` line, so that a reviewer sees it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub uses: BTreeSet<SmolStr>,
    /// At most so many requests in so long a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

/// An HTTP method (RFC 9110; PATCH: RFC 5789).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads; carries no body.
    Get,
    /// Sends.
    Post,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Removes.
    Delete,
}

/// Where a request goes. Only the path and the values of the query can hold data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Url {
    /// Scheme, host and port: literal.
    pub origin: Origin,
    /// The path with its leading slash; literals are percent-encoded already.
    pub path: Vec<Part>,
    /// The query's parameters, in the order written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<QueryParameter>,
}

/// A parameter of a URL's query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryParameter {
    /// Its name, percent-encoded as written.
    pub name: String,
    /// Its value; `None` when no `=` was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Vec<Part>>,
}

/// Scheme, host and port of a URL (RFC 6454). The scheme is always `https`.
///
/// INVARIANT: built from a literal only, by [`Origin::from_literal`]; so no data can choose a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin {
    host: String,
    port: u16,
}

/// Why a text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginError {
    /// It cannot be read as a URL, or has no host.
    Malformed,
    /// Its scheme is not `https`.
    NotHttps,
    /// It carries a user name or a password.
    UserInfo,
}

impl Origin {
    /// Reads the scheme, host and port of a literal URL: the host in lower case and ASCII form (IDNA), the port
    /// filled in.
    ///
    /// # Errors
    /// When the text is no URL with a host, is not `https`, or carries user info.
    pub fn from_literal(url: &str) -> Result<Origin, OriginError> {
        let url = url::Url::parse(url).map_err(|_| OriginError::Malformed)?;
        if url.scheme() != "https" {
            return Err(OriginError::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::UserInfo);
        }
        let host = url.host_str().ok_or(OriginError::Malformed)?.to_owned();
        let port = url.port_or_known_default().ok_or(OriginError::Malformed)?;
        Ok(Origin { host, port })
    }

    /// A host that is asked for something else than HTTP.
    pub fn new(host: &str, port: u16) -> Origin {
        Origin { host: host.to_owned(), port }
    }

    /// The host: a name in ASCII, an IPv4 address or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 443 when none was written.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            443 => write!(out, "https://{}", self.host),
            port => write!(out, "https://{}:{port}", self.host),
        }
    }
}

impl fmt::Display for OriginError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            OriginError::Malformed => "not a URL with a host",
            OriginError::NotHttps => "not an `https:` URL",
            OriginError::UserInfo => "a URL with a user name",
        })
    }
}

impl std::error::Error for OriginError {}

impl From<Origin> for String {
    fn from(origin: Origin) -> String {
        origin.to_string()
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Origin, OriginError> {
        Origin::from_literal(&text)
    }
}

/// A header that the author set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Its name, a token (RFC 9110, section 5.1), as written.
    pub name: String,
    /// Its value.
    pub value: Vec<Part>,
}

/// What a request carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A JSON value; `application/json`.
    Json(Expression),
    /// An XML document; `application/xml`.
    Xml(Vec<Part>),
    /// Plain text; `text/plain`.
    Text(Vec<Part>),
    /// Form fields in the order written; `application/x-www-form-urlencoded`.
    Form(Vec<(SmolStr, Expression)>),
}

/// What a successful answer's body must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// Not looked at; there is no result to use.
    Nothing,
    /// Any text.
    Text,
    /// JSON of this type.
    Json(Type),
    /// XML: the root's children by name, attributes by `@name`, repeated elements as lists.
    Xml(Type),
}

/// How often a request is tried. The pause doubles from `from` to `to`, times 0.8 to 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// The number of requests, the first one counted.
    pub count: u32,
    /// The pause after the first.
    pub from: Duration,
    /// The longest pause.
    pub to: Duration,
}

/// At most `count` requests in any `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How many.
    pub count: u32,
    /// In how long a time.
    pub period: Duration,
}

impl Limit {
    /// The longest time that there is: a day.
    pub const LONGEST: Duration = Duration { milliseconds: 86_400_000 };
}

/// The name of a secret; its value comes from the daemon's environment when a request is sent.
pub type SecretName = SmolStr;

/// Credentials for a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connector {
    /// The text of the `///` lines above the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What identifies us to the host.
    pub credentials: Credentials,
    /// The key that requests are signed with (Standard Webhooks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing: Option<SecretName>,
}

impl Connector {
    /// The secrets that it names.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretName> {
        self.credentials.secrets().chain(&self.signing)
    }
}

/// How a request says who sends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// The user name.
        login: Login,
        /// The password.
        password: SecretName,
    },
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer {
        /// The token.
        token: SecretName,
    },
    /// A key in a header or in the query.
    ApiKey {
        /// Where it goes.
        place: ApiKeyPlace,
        /// The key.
        key: SecretName,
    },
}

impl Credentials {
    /// The secrets that requests show, each to its host.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretName> {
        let (first, second) = match self {
            Credentials::Basic { login: Login::Secret(login), password } => (Some(login), password),
            Credentials::Basic { login: Login::Literal(_), password } => (None, password),
            Credentials::Bearer { token } => (None, token),
            Credentials::ApiKey { key, .. } => (None, key),
        };
        first.into_iter().chain([second])
    }
}

/// A user name: it may be public.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// Written in the source.
    Literal(String),
    /// Kept with the secrets.
    Secret(SecretName),
}

/// Where an API key goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyPlace {
    /// The header of this name.
    Header(String),
    /// The query parameter of this name.
    Query(String),
}

impl Default for Attempts {
    /// Five requests, from one second to one minute apart.
    fn default() -> Attempts {
        Attempts { count: 5, from: Duration { milliseconds: 1_000 }, to: Duration { milliseconds: 60_000 } }
    }
}

impl Method {
    /// The method as it stands in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}
