//! Who may do what: tokens with scopes, and the names that the API answers to.
//!
//! Only a SHA-256 of each token is known here. Without tokens everything is allowed, which is why the daemon then listens on
//! loopback only; the check of the `Host` header keeps web pages from reaching it there (DNS rebinding).

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use subtle::ConstantTimeEq;

use super::problem::Problem;
use crate::config::{Scope, Token};

/// A request has at most so many headers.
const MAX_HEADERS: usize = 64;

/// A request's headers have at most so many bytes.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Who may do what.
#[derive(Debug, Default)]
pub struct Access {
    /// The tokens; none means that everything is allowed.
    tokens: ArcSwap<Vec<Token>>,
    /// Host names that the API answers to, besides loopback names and IP addresses.
    hosts: Vec<String>,
}

/// The name of the token that a request showed; the empty text without tokens.
#[derive(Clone, Debug)]
pub(super) struct Caller(pub(super) SmolStr);

impl Access {
    /// Access by these tokens, at these names.
    pub fn new(tokens: Vec<Token>, hosts: Vec<String>) -> Access {
        Access { tokens: ArcSwap::from_pointee(tokens), hosts }
    }

    /// Takes these tokens from now on, which is how they are rotated while the daemon runs. `false`, and nothing is changed,
    /// when none would be left where there were some: a file that is being written must not open the API to everybody.
    pub fn replace_tokens(&self, tokens: Vec<Token>) -> bool {
        if tokens.is_empty() && !self.tokens.load().is_empty() {
            return false;
        }
        self.tokens.store(Arc::new(tokens));
        true
    }
}

/// The token that a request shows.
fn shown_token<'t>(tokens: &'t [Token], headers: &HeaderMap) -> Option<&'t Token> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = shown.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let digest = Sha256::digest(token.trim().as_bytes());
    // Every hash is compared, so that the time tells nothing.
    let mut found = None;
    for token in tokens {
        for hash in &token.sha256 {
            if bool::from(hash.as_slice().ct_eq(digest.as_slice())) {
                found = Some(token);
            }
        }
    }
    found
}

impl Access {
    fn answers_to(&self, host: &str) -> bool {
        let name = host_name(host);
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        is_address
            || name.eq_ignore_ascii_case("localhost")
            || self.hosts.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// The host without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    }
}

/// The name of a scope in the settings.
const fn name(scope: Scope) -> &'static str {
    match scope {
        Scope::Ingest => "ingest",
        Scope::Read => "read",
        Scope::Admin => "admin",
    }
}

impl Access {
    /// Who calls, when the request shows a token with the scope.
    pub(super) fn admit(&self, headers: &HeaderMap, scope: Scope) -> Result<Caller, Problem> {
        let tokens = self.tokens.load();
        if tokens.is_empty() {
            return Ok(Caller(SmolStr::default()));
        }
        match shown_token(&tokens, headers) {
            Some(token) if token.scopes.contains(&scope) => Ok(Caller(SmolStr::new(&token.name))),
            Some(token) => {
                let detail = format!("the token `{}` does not have the scope `{}`", token.name, name(scope));
                Err(Problem::new(403, "scope-missing", detail))
            }
            None => {
                Err(Problem::new(401, "token-missing", "an `Authorization: Bearer` token that is known here is needed"))
            }
        }
    }

    /// Turns away requests whose head is too large, and those for a host that this is not.
    pub(super) fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if headers.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
            let detail = format!("a request may have {MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes together");
            return Err(Problem::new(431, "head-too-large", detail));
        }
        let mut hosts = headers.get_all(header::HOST).iter();
        let header = hosts.next();
        if hosts.next().is_some() {
            // RFC 9112, section 3.2: whoever passed the request on may have looked at the other one.
            return Err(Problem::new(400, "several-hosts", "the request has more than one `Host` header"));
        }
        let authority = uri.authority().map(Authority::as_str);
        match authority.or(header.and_then(|host| host.to_str().ok())) {
            Some(host) if self.answers_to(host) => Ok(()),
            Some(host) => {
                let detail =
                    format!("this daemon does not answer to `{}`; name it in `hosts` of wf.toml", host_name(host));
                Err(Problem::new(421, "unknown-host", detail))
            }
            None => Err(Problem::new(400, "host-missing", "the request has no `Host` header")),
        }
    }
}

/// Lets a request pass that shows a token with the scope.
pub(super) async fn require(
    State((access, scope)): State<(Arc<Access>, Scope)>,
    mut request: Request,
    next: Next,
) -> Response {
    match access.admit(request.headers(), scope) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Lets a request pass that is for a host that this is.
pub(super) async fn check_host(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    match access.check_host(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_answers_to_loopback_addresses_and_its_own_names() {
        let access = Access::new(vec![], vec!["wf.example.com".to_owned()]);
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:8080", "[::1]", "[::1]:8080", "WF.example.com:443"] {
            assert!(access.answers_to(host), "{host}");
        }
        for host in ["evil", "evil:8080", "localhost.evil", "wf.example.com.evil", "", ":80"] {
            assert!(!access.answers_to(host), "{host}");
        }
    }

    #[test]
    fn a_token_is_found_by_its_hash() {
        let hash = |token: &str| Sha256::digest(token).into();
        let scopes = [Scope::Ingest].into();
        let token = Token { name: "shop".into(), sha256: vec![hash("old"), hash("new")], scopes };
        let tokens = [token];
        let shown = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            shown_token(&tokens, &headers).map(|token| token.name.clone())
        };
        assert_eq!(shown("Bearer old").as_deref(), Some("shop"));
        assert_eq!(shown("bearer new").as_deref(), Some("shop"));
        for wrong in ["Bearer ol", "Bearer older", "Bearer ", "Basic old", "old"] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }
}
