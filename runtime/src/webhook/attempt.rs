//! One attempt, before it is made: a request with its credentials, and what history may show of it.
//!
//! Preparing never fails as a whole: an attempt that cannot be made, such as one whose secret is missing, is still an
//! attempt that history shows.

use std::iter::once;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compiler::ir::{ApiKeyPlace, Connector, Credentials, Duration, Login, Method};
use jiff::Timestamp;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::guard::{Guard, Route};
use super::mask::Masker;
use super::record;
use super::secrets::{SecretError, Secrets};
use super::sign;
use crate::machine::{CallFailure, CallSpec, FailureClass, Request};
use crate::trace;

/// What identifies us to the hosts that are called.
const USER_AGENT: &str = concat!("wf/", env!("CARGO_PKG_VERSION"));

/// The key of a step, for receivers that know it by this name.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The same key, as Standard Webhooks calls it.
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
/// When the attempt was made, in seconds.
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// The trace that the attempt belongs to.
const TRACEPARENT: HeaderName = HeaderName::from_static(trace::HEADER);
/// How many headers a request mostly has at most.
const HEADERS: usize = 13;

/// What an attempt is made of.
#[derive(Clone, Copy, Debug)]
pub struct AttemptInput<'a> {
    /// The call.
    pub spec: &'a CallSpec,
    /// The connector that the call names, from the run's program.
    pub connector: Option<&'a Connector>,
    /// The same for every attempt of one step of one run: [`crate::machine::run::idempotency_key`].
    pub key: &'a str,
    /// The trace that it belongs to, and its own span: the header `traceparent`.
    pub traceparent: &'a str,
    /// The time, for `webhook-timestamp`.
    pub at: Timestamp,
}

/// An attempt that is about to be made.
#[derive(Debug)]
pub struct Prepared {
    /// The request as history shows it: the API's `request` object as JSON, secrets masked.
    pub request: String,
    pub(super) plan: Result<Plan, CallFailure>,
    pub(super) masker: Masker,
    pub(super) timeout: Duration,
}

impl Prepared {
    /// Why it cannot be made; `None` when it can.
    pub fn refusal(&self) -> Option<&CallFailure> {
        self.plan.as_ref().err()
    }
}

/// A request that may go out.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) request: reqwest::Request,
    pub(super) route: Route,
}

/// Builds the request; without a guard for any host. What history shows is complete up to the point where something was wrong.
pub(super) async fn prepare(input: AttemptInput<'_>, secrets: &Secrets, guard: Option<&Guard>) -> Prepared {
    let mut draft = Draft::new(input);
    let plan = draft.plan(input, secrets, guard).await;
    let masker = draft.masker;
    let url = masker.mask(&draft.url);
    let request = &input.spec.request;
    let shown =
        record::request(request.method.as_str(), &url, &draft.headers, &draft.shown, request.body.as_deref(), &masker);
    let plan = plan.map_err(|failure| CallFailure { message: masker.mask(&failure.message).into_owned(), ..failure });
    Prepared { request: shown, plan, masker, timeout: input.spec.timeout }
}

/// A request that is being built.
struct Draft {
    url: String,
    headers: HeaderMap,
    /// What history shows of headers whose value it must not show.
    shown: Vec<(HeaderName, String)>,
    masker: Masker,
}

/// What is put into the request to say who sends it.
enum Identity {
    Nothing,
    Header { name: String, value: SecretString, shown: String },
    Query { name: String, value: SecretString },
}

impl Draft {
    fn new(input: AttemptInput<'_>) -> Draft {
        let mut masker = Masker::default();
        for text in &input.spec.request.sensitive {
            masker.sensitive(text);
        }
        Draft { url: input.spec.request.url(), headers: HeaderMap::with_capacity(HEADERS), shown: Vec::new(), masker }
    }

    async fn plan(
        &mut self,
        input: AttemptInput<'_>,
        secrets: &Secrets,
        guard: Option<&Guard>,
    ) -> Result<Plan, CallFailure> {
        let spec = input.spec;
        // The client would add it, and history would not show it. An author may want another.
        self.headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        // The author's headers come before all the others, so that none of them takes the place of one of ours.
        for (name, value) in &spec.request.headers {
            self.header(name, value, None)?;
        }
        let timestamp = input.at.as_second().to_string();
        let value = |text: &str| HeaderValue::from_str(text).map_err(|error| cannot(error.to_string()));
        let key = value(input.key)?;
        self.set(reqwest::header::USER_AGENT, HeaderValue::from_static(USER_AGENT), None);
        self.set(ACCEPT_ENCODING, HeaderValue::from_static("identity"), None);
        self.set(IDEMPOTENCY_KEY, key.clone(), None);
        self.set(WEBHOOK_ID, key, None);
        self.set(WEBHOOK_TIMESTAMP, value(&timestamp)?, None);
        self.set(TRACEPARENT, value(input.traceparent)?, None);
        check_target(&spec.request.target)?;
        let identity = match (&spec.connector, input.connector) {
            (None, _) => Identity::Nothing,
            (Some(_), Some(connector)) => self.identity(connector, secrets).await?,
            (Some(name), None) => return Err(cannot(format!("the connector `{name}` is not in the program"))),
        };
        match identity {
            Identity::Nothing => {}
            Identity::Header { name, value, shown } => self.header(&name, value.expose_secret(), Some(shown))?,
            Identity::Query { name, value } => {
                let separator = if self.url.contains('?') { '&' } else { '?' };
                let (name, value) = (percent_encode(&name), percent_encode(value.expose_secret()));
                self.url.push_str(&format!("{separator}{name}={value}"));
            }
        }
        if let Some(name) = input.connector.and_then(|connector| connector.signing.as_ref()) {
            self.sign(name, input.key, &timestamp, spec.request.body.as_deref().unwrap_or_default(), secrets).await?;
        }
        let route = guard.map_or(Ok(Route::Guarded), |guard| guard.route(&spec.request.origin));
        let route = route.map_err(|blocked| CallFailure {
            class: FailureClass::Blocked,
            status: None,
            message: blocked.to_string(),
        })?;
        Ok(Plan { request: self.request(&spec.request)?, route })
    }

    /// The request as the client takes it.
    fn request(&self, request: &Request) -> Result<reqwest::Request, CallFailure> {
        let url = url::Url::parse(&self.url).map_err(|error| cannot(format!("the address cannot be read: {error}")))?;
        // What was compiled is what is called, whatever the path and the query hold.
        let same = url.scheme() == "https"
            && url.host_str() == Some(request.origin.host())
            && url.port_or_known_default() == Some(request.origin.port())
            && url.username().is_empty()
            && url.password().is_none();
        if !same {
            return Err(cannot("the path changes the host that is called".to_owned()));
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut built = reqwest::Request::new(method, url);
        *built.headers_mut() = self.headers.clone();
        *built.body_mut() = request.body.clone().map(Into::into);
        Ok(built)
    }

    /// Sets a header in place of an earlier one of its name. `shown` is what history shows, when that is not the value.
    fn header(&mut self, name: &str, value: &str, shown: Option<String>) -> Result<(), CallFailure> {
        let key =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| cannot(format!("`{name}` is no name of a header")))?;
        // `HeaderValue` takes all bytes from 0x80 on, which receivers read in different ways.
        let plain = value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        let header = HeaderValue::from_str(value).ok().filter(|_| plain).ok_or_else(|| {
            cannot(format!("the value of the header `{name}` holds a character other than visible ASCII"))
        })?;
        let shown = shown.or_else(|| record::is_redacted(key.as_str(), &self.masker).then(|| record::STARS.to_owned()));
        self.set(key, header, shown);
        Ok(())
    }

    fn set(&mut self, name: HeaderName, mut value: HeaderValue, shown: Option<String>) {
        value.set_sensitive(shown.is_some());
        self.shown.retain(|(earlier, _)| *earlier != name);
        self.shown.extend(shown.map(|shown| (name.clone(), shown)));
        self.headers.insert(name, value);
    }

    async fn identity(&mut self, connector: &Connector, secrets: &Secrets) -> Result<Identity, CallFailure> {
        match &connector.credentials {
            Credentials::Basic { login, password } => {
                let (login, login_secret) = match login {
                    Login::Literal(login) => (login.clone(), None),
                    Login::Secret(name) => (self.secret(name, secrets).await?.expose_secret().to_owned(), Some(name)),
                };
                let value = self.secret(password, secrets).await?;
                // RFC 7617, section 2: the colon ends the user name.
                if login.contains(':') {
                    return Err(cannot("the login of the connector holds a `:`".to_owned()));
                }
                if login.chars().chain(value.expose_secret().chars()).any(char::is_control) {
                    return Err(cannot("the login or the password holds a control character".to_owned()));
                }
                let pair = STANDARD.encode(format!("{login}:{}", value.expose_secret()));
                let logins = match login_secret {
                    Some(name) => secrets.former(name, &SecretString::from(login.as_str())),
                    None => vec![],
                };
                self.mask_former_pairs((&login, logins), (password, &value), secrets);
                let shown = format!("Basic {{{{secret:{password}}}}}");
                Ok(Identity::Header { name: "authorization".to_owned(), value: format!("Basic {pair}").into(), shown })
            }
            Credentials::Bearer { token } => {
                let value = self.secret(token, secrets).await?;
                let shown = format!("Bearer {{{{secret:{token}}}}}");
                let value = format!("Bearer {}", value.expose_secret()).into();
                Ok(Identity::Header { name: "authorization".to_owned(), value, shown })
            }
            Credentials::ApiKey { place, key } => {
                let value = self.secret(key, secrets).await?;
                Ok(match place {
                    ApiKeyPlace::Header(name) => {
                        self.masker.header(name);
                        Identity::Header { name: name.clone(), value, shown: format!("{{{{secret:{key}}}}}") }
                    }
                    ApiKeyPlace::Query(name) => Identity::Query { name: name.clone(), value },
                })
            }
        }
    }

    /// Signs the request. The signature is kept nowhere: with it, the request could be sent again.
    async fn sign(
        &mut self,
        name: &str,
        key: &str,
        timestamp: &str,
        body: &str,
        secrets: &Secrets,
    ) -> Result<(), CallFailure> {
        let secret = self.secret(name, secrets).await?;
        let signature = sign::signature(secret.expose_secret(), key, timestamp, body.as_bytes())
            .map_err(|error| cannot(format!("the secret `{name}`: {error}")))?;
        self.masker.secret(name, &signature);
        self.header("webhook-signature", &signature, Some(format!("v1,{{{{secret:{name}}}}}")))
    }

    /// The secret's value, which is masked from now on.
    async fn secret(&mut self, name: &str, secrets: &Secrets) -> Result<SecretString, CallFailure> {
        let value = secrets.get(name).await.map_err(|error: SecretError| CallFailure {
            class: FailureClass::MissingSecret,
            status: None,
            message: error.to_string(),
        })?;
        self.masker.secret(name, value.expose_secret());
        // A service that has not heard of the change may show what it was.
        for former in secrets.former(name, &value) {
            self.masker.secret(name, former.expose_secret());
        }
        Ok(value)
    }

    /// Masks what `Basic` was made of before a login or a password was changed.
    fn mask_former_pairs(
        &mut self,
        (login, former_logins): (&str, Vec<SecretString>),
        (name, password): (&str, &SecretString),
        secrets: &Secrets,
    ) {
        let former_passwords = secrets.former(name, password);
        for login in once(login).chain(former_logins.iter().map(ExposeSecret::expose_secret)) {
            for password in once(password).chain(&former_passwords) {
                self.masker.secret(name, &STANDARD.encode(format!("{login}:{}", password.expose_secret())));
            }
        }
    }
}

fn cannot(message: String) -> CallFailure {
    CallFailure { class: FailureClass::Request, status: None, message }
}

/// Refuses what a URL reader would change silently: characters that it drops or takes for others, a fragment, and the
/// segments `.` and `..`, with which data could choose another path of the host.
fn check_target(target: &str) -> Result<(), CallFailure> {
    let strange = |char: char| !char.is_ascii_graphic() || matches!(char, '\\' | '#' | '"' | '<' | '>');
    if let Some(char) = target.chars().find(|char| strange(*char)) {
        return Err(cannot(format!("the path or the query holds {char:?}, which is not percent-encoded")));
    }
    let path = target.split('?').next().unwrap_or_default();
    if !path.starts_with('/') {
        return Err(cannot("the path does not begin with `/`".to_owned()));
    }
    let dots = |segment: &str| {
        // Mostly there is no dot in any spelling.
        segment.contains(['.', '%']) && matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
    };
    if path.split('/').any(dots) {
        return Err(cannot("a segment of the path is `.` or `..`".to_owned()));
    }
    Ok(())
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
pub(super) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
