//! The HTTPS client: makes one attempt, and says what became of it.
//!
//! One wire request is one attempt: redirects, proxies, decompression and the client library's own retries are off. The
//! time limit lies around sending and reading, because an answer that drips never runs into a limit between two reads.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use compiler::ir::Returns;
use reqwest::dns::Resolve;
use reqwest::header::CONTENT_TYPE;
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use super::answer::{Fault, Seen};
use super::attempt::{self, AttemptInput, Plan, Prepared};
use super::clock::ConnectClock;
use super::guard::{Guard, Route};
use super::mask::Masker;
use super::resolve::{Resolved, Resolver, SystemNames};
use super::secrets::Secrets;
use crate::config::{Egress, RootsError};
use crate::machine::CallOutcome;

/// An answer's body is read up to here, in bytes.
pub(super) const MAX_BODY: usize = 1024 * 1024;

/// An answer has at most so many headers.
const MAX_HEADERS: usize = 100;

/// An answer's headers have at most so many bytes.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// So many idle connections to a host are kept: as many as a fast host has calls at once, for one that speaks HTTP/1.1 has a
/// connection for each.
const IDLE_PER_HOST: usize = 64;

/// So many hosts' sessions are kept to be resumed.
const SESSIONS: usize = 256;

/// Makes requests. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    guarded: reqwest::Client,
    /// For hosts that are excepted by name; there only when there are any.
    excepted: Option<reqwest::Client>,
    guard: Arc<Guard>,
    resolved: Resolved,
    secrets: Arc<Secrets>,
    parts: Arc<Parts>,
    /// What stands for the network.
    #[cfg(test)]
    wire: Option<Arc<dyn Wire>>,
}

/// What stands for the network in a simulation.
#[cfg(test)]
pub(crate) trait Wire: std::fmt::Debug + Send + Sync {
    /// Makes an attempt; `returns` says what the webhook's answer is to be.
    fn attempt<'a>(
        &'a self,
        prepared: Prepared,
        returns: &'a Returns,
    ) -> std::pin::Pin<Box<dyn Future<Output = AttemptResult> + Send + 'a>>;
}

/// What the library's clients are made of.
#[derive(Debug)]
struct Parts {
    names: Names,
    tls: rustls::ClientConfig,
}

/// A way to resolve names.
struct Names(Arc<dyn Resolve>);

impl std::fmt::Debug for Names {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Names")
    }
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The additional root certificates cannot be used.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// The TLS of the client cannot be set up; mostly, there are no root certificates at all.
    #[error("the client for webhooks cannot be set up; has this system root certificates?")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What became of an attempt.
#[derive(Debug)]
pub struct AttemptResult {
    /// How long it took.
    pub duration: Duration,
    /// Where the answer came from; where there was none, the first address that the host's name has led to.
    pub address: Option<SocketAddr>,
    /// The answer as history shows it: the API's `response` object as JSON, secrets masked. There also when it is not
    /// complete.
    pub response: Option<String>,
    /// The webhook's result, or why there is none.
    pub outcome: CallOutcome,
    /// The text of the answer's `Retry-After` header.
    pub retry_after: Option<String>,
}

impl Client {
    /// A client under these egress rules.
    ///
    /// # Errors
    /// When there are no usable root certificates.
    pub fn new(egress: &Egress, secrets: Arc<Secrets>) -> Result<Client, ClientError> {
        Client::with_names(egress, secrets, Arc::new(SystemNames))
    }

    /// The same, with another way to resolve names.
    pub(super) fn with_names(
        egress: &Egress,
        secrets: Arc<Secrets>,
        names: Arc<dyn Resolve>,
    ) -> Result<Client, ClientError> {
        let guard = Arc::new(Guard::new(egress.clone()));
        let mut tls = tls(egress)?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Client::of(guard, secrets, Arc::new(Parts { names: Names(names), tls }), None)
    }

    fn of(
        guard: Arc<Guard>,
        secrets: Arc<Secrets>,
        parts: Arc<Parts>,
        clock: Option<&ConnectClock>,
    ) -> Result<Client, ClientError> {
        let names = parts.names.0.clone();
        let resolved = Resolved::default();
        let guarded = build(Resolver::guarded(names.clone(), guard.clone(), resolved.clone()), &parts.tls, clock)?;
        let excepted = match guard.has_exceptions() {
            true => Some(build(Resolver::excepted(names, resolved.clone()), &parts.tls, clock)?),
            false => None,
        };
        Ok(Client {
            guarded,
            excepted,
            guard,
            resolved,
            secrets,
            parts,
            #[cfg(test)]
            wire: None,
        })
    }

    /// The same, with another network.
    #[cfg(test)]
    pub(crate) fn over(self, wire: Arc<dyn Wire>) -> Client {
        Client { wire: Some(wire), ..self }
    }

    /// The same rules and secrets with connections of its own, whose making the clock measures.
    ///
    /// # Errors
    /// When the TLS of the client cannot be set up.
    pub fn anew(&self, clock: &ConnectClock) -> Result<Client, ClientError> {
        Client::of(self.guard.clone(), self.secrets.clone(), self.parts.clone(), Some(clock))
    }

    /// Builds the request of an attempt, with its credentials. Nothing leaves yet: [`Prepared::request`] is to be kept
    /// first.
    pub async fn prepare(&self, input: AttemptInput<'_>) -> Prepared {
        attempt::prepare(input, &self.secrets, Some(&self.guard)).await
    }

    /// Makes the attempt. `returns` says what the webhook's answer is to be.
    pub async fn attempt(&self, prepared: Prepared, returns: &Returns) -> AttemptResult {
        #[cfg(test)]
        if let Some(wire) = &self.wire {
            return wire.attempt(prepared, returns).await;
        }
        self.observe(prepared, returns).await.result
    }

    /// The same, with what only somebody who looks on wants to know.
    pub async fn observe(&self, prepared: Prepared, returns: &Returns) -> Observed {
        let started = Instant::now();
        let Prepared { plan, mut masker, timeout, .. } = prepared;
        let (mut seen, mut address, mut first_byte) = (Seen::default(), None, None);
        let outcome = match plan {
            Ok(plan) => {
                let limit = Duration::from_millis(timeout.milliseconds);
                let url = plan.request.url();
                let (host, port) = (url.host_str().unwrap_or_default().to_owned(), url.port_or_known_default());
                let exchange = self.exchange(plan, &host, &mut seen, &mut address, &mut first_byte);
                let fault = match tokio::time::timeout(limit, exchange).await {
                    Ok(Ok(())) => None,
                    Ok(Err(fault)) => Some(fault),
                    Err(_) => Some(Fault::Late(timeout)),
                };
                if address.is_none() && fault.as_ref().is_some_and(Fault::is_on_the_way) {
                    let resolved = self.resolved.address(&host);
                    address = resolved.zip(port).map(|(address, port)| SocketAddr::new(address, port));
                }
                seen.judge(fault, returns, &masker)
            }
            Err(failure) => CallOutcome::Failed(failure),
        };
        seen.note_sensitive(returns, &mut masker);
        let result = AttemptResult {
            duration: started.elapsed(),
            address,
            retry_after: seen.retry_after(),
            response: seen.record(&masker),
            outcome,
        };
        let first_byte = first_byte.map(|at: Instant| at.saturating_duration_since(started));
        Observed { result, first_byte, seen, masker }
    }

    async fn exchange(
        &self,
        plan: Plan,
        host: &str,
        seen: &mut Seen,
        address: &mut Option<SocketAddr>,
        first_byte: &mut Option<Instant>,
    ) -> Result<(), Fault> {
        let client = match (plan.route, &self.excepted) {
            (Route::Excepted, Some(excepted)) => excepted,
            _ => &self.guarded,
        };
        let mut response = client.execute(plan.request).await?;
        *first_byte = Some(Instant::now());
        *address = response.remote_addr();
        // The resolver has seen to this; it is looked at again because it is what counts.
        if let (Route::Guarded, Some(address)) = (plan.route, *address) {
            self.guard.address(host, address.ip()).map_err(Fault::Blocked)?;
        }
        seen.status = Some(response.status().as_u16());
        seen.headers = std::mem::take(response.headers_mut());
        let header_bytes: usize = seen.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if seen.headers.len() > MAX_HEADERS || header_bytes > MAX_HEADER_BYTES {
            seen.headers.clear();
            return Err(Fault::LargeHeaders);
        }
        while let Some(chunk) = response.chunk().await? {
            let room = MAX_BODY - seen.body.bytes.len();
            seen.body.bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                return Err(Fault::LargeBody);
            }
        }
        seen.body.whole = true;
        Ok(())
    }
}

/// TLS that trusts the system's roots and those of the settings. Reading them takes a while, so all clients of webhooks share it.
///
/// # Errors
/// When there are no usable root certificates.
pub(crate) fn tls(egress: &Egress) -> Result<rustls::ClientConfig, ClientError> {
    // Fails when a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = match egress.roots()? {
        Some(file) => {
            let roots = CertificateDer::pem_slice_iter(&file.pem).collect::<Result<Vec<_>, _>>().unwrap_or_default();
            if roots.is_empty() {
                return Err(RootsError::NoCertificate { path: file.path }.into());
            }
            roots
        }
        None => Vec::new(),
    };
    trusting(roots).map_err(|error| ClientError::Setup(error.into()))
}

fn trusting(roots: Vec<CertificateDer<'static>>) -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = rustls::crypto::CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()));
    let verifier = Verifier::new_with_extra_roots(roots, provider.clone())?;
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn build(
    resolver: Resolver,
    tls: &rustls::ClientConfig,
    clock: Option<&ConnectClock>,
) -> Result<reqwest::Client, ClientError> {
    let builder = match clock {
        Some(clock) => reqwest::Client::builder().connector_layer(clock.clone()),
        None => reqwest::Client::builder(),
    };
    let mut tls = tls.clone();
    // What one client has learnt of a host is not another one's: how long it takes to connect is measured.
    tls.resumption = Resumption::in_memory_sessions(SESSIONS);
    builder
        .tls_backend_preconfigured(tls)
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .tcp_nodelay(true)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_BYTES as u32)
        .dns_resolver(resolver)
        .build()
        .map_err(|error| ClientError::Setup(error.into()))
}

/// An attempt that somebody looked on at.
#[derive(Debug)]
pub struct Observed {
    /// What became of it.
    pub result: AttemptResult,
    /// How long it took until the head of an answer was there.
    pub first_byte: Option<Duration>,
    /// Takes secrets and sensitive texts out of what is told of it.
    pub masker: Masker,
    seen: Seen,
}

impl Observed {
    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.seen.status
    }

    /// The whole body of the answer as text, nothing masked; `None` when it did not come in whole or is no text.
    pub fn body(&self) -> Option<Cow<'_, str>> {
        self.seen.text().filter(|_| self.seen.body.whole)
    }

    /// The media type of the answer, as it came.
    pub fn content_type(&self) -> Option<String> {
        self.seen.header(CONTENT_TYPE)
    }
}
