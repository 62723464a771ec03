//! The listening side: connections with time limits, TLS, and an orderly end.
//!
//! `axum::serve` sets no timer, so hyper's limit on the time that a header may take would not act; the connections are
//! therefore served here.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, Version};
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::stalled::{Pace, Unread};

/// How long a TLS handshake may take, how long the header of a request, and how long a connection may stay idle between two.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many times as long a caller may leave an answer unread, beside the time that it takes to read what was taken.
const UNREAD: u32 = 3;
/// The name of HTTP/2 in the handshake (RFC 9113, section 3.1).
const H2: &[u8] = b"h2";
/// How many connections there are at most; further ones wait to be taken.
const MAX_CONNECTIONS: usize = 4_096;

/// Why the API cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot use the TLS certificate `{path}`: {reason}")]
    Tls {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

/// A socket that is listened on, before anything is served.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    patience: Duration,
}

/// Listens on an address; port 0 takes a free one.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn bind(address: &str) -> Result<Listener, ServeError> {
    let failed = |source| ServeError::Bind { address: address.to_owned(), source };
    let socket = TcpListener::bind(address).await.map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    Ok(Listener { socket, address, patience: PATIENCE })
}

/// Reads a certificate chain and its key (PEM).
///
/// # Errors
/// When a file cannot be read or the two do not belong together.
pub fn tls(certificate: &Path, key: &Path) -> Result<TlsAcceptor, ServeError> {
    let failed = |path: &Path, reason: String| ServeError::Tls { path: path.display().to_string(), reason };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| failed(certificate, error.to_string()))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| failed(key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(certificate, error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, private);
    let mut config = config.map_err(|error| failed(certificate, error.to_string()))?;
    config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Listener {
    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is done, then lets requests that are under way end for `grace`. Whoever comes while the daemon is
    /// being drained is still answered, and is told so by what is served.
    pub async fn serve<S: Answers>(
        self,
        service: S,
        tls: Option<TlsAcceptor>,
        stop: impl Future<Output = ()>,
        grace: Duration,
    ) {
        let graceful = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut stop = std::pin::pin!(stop);
        loop {
            let permit = tokio::select! {
                permit = room.clone().acquire_owned() => permit,
                () = &mut stop => break,
            };
            let Ok(permit) = permit else { break };
            let stream = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = &mut stop => break,
            };
            let stream = match stream {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, or a connection that was gone at once: the others go on.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            };
            let connection =
                Connection { service: service.clone(), watcher: graceful.watcher(), patience: self.patience };
            let tls = tls.clone();
            tokio::spawn(async move {
                connection.serve(stream, tls).await;
                drop(permit);
            });
        }
        drop(self.socket);
        let _ = tokio::time::timeout(grace, graceful.shutdown()).await;
    }
}

/// What answers requests.
pub trait Answers:
    tower::Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Answers for S where
    S: tower::Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// What serves one connection.
struct Connection<S> {
    service: S,
    watcher: Watcher,
    patience: Duration,
}

impl<S: Answers> Connection<S> {
    /// Serves a connection to its end. What goes wrong on it is its caller's to see; there is nobody here to tell.
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let _ = stream.set_nodelay(true);
        let Some(acceptor) = tls else { return self.speak(stream, Version::HTTP_11).await };
        let Ok(Ok(stream)) = tokio::time::timeout(self.patience, acceptor.accept(stream)).await else { return };
        let version = match stream.get_ref().1.alpn_protocol() {
            Some(H2) => Version::HTTP_2,
            _ => Version::HTTP_11,
        };
        self.speak(stream, version).await;
    }

    /// The version is never guessed from the first bytes: a caller who sends none would be waited for without a limit.
    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, version: Version) {
        let builder = auto::Builder::new(TokioExecutor::new());
        let mut builder = if version == Version::HTTP_2 { builder.http2_only() } else { builder.http1_only() };
        // Who has said all that there is to say may close that direction, and has the answer all the same.
        builder.http1().timer(TokioTimer::new()).header_read_timeout(self.patience).half_close(true);
        builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(Duration::from_secs(60)));
        let service = TowerToHyperService::new(self.service);
        let stream = Unread::new(stream, Pace::new(self.patience * UNREAD), version);
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let _ = self.watcher.watch(connection).await;
    }
}

#[cfg(test)]
mod tests;
