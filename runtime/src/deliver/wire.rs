//! The connection to a mail server, beneath SMTP.
//!
//! A mail is written in pieces, the dot that ends it is the last. It goes out at once: with Nagle's algorithm (RFC 896) it would
//! wait until the pieces before are acknowledged, which the other side puts off for some 40 ms (RFC 1122, section 4.2.3.2).

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Connects to the first of a host's addresses that lets itself be connected to, each within a time.
///
/// # Errors
/// When none does: what the last one said.
pub(super) async fn connect(host: &str, port: u16, limit: Duration) -> Result<TcpStream> {
    let mut last = Error::new(ErrorKind::NotFound, "the name has no address");
    // An IPv6 address stands in brackets in a URL.
    for address in lookup_host((host.trim_start_matches('[').trim_end_matches(']'), port)).await? {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = Error::new(ErrorKind::TimedOut, "no answer in time"),
        }
    }
    Err(last)
}

/// A connection with TLS from the first byte (RFC 8314).
#[derive(Debug)]
pub(super) struct Encrypted(TlsStream<TcpStream>);

impl Encrypted {
    /// Speaks TLS with the host.
    ///
    /// # Errors
    /// When the connection breaks, the other side speaks no TLS, or its certificate is not the host's.
    pub(super) async fn begin(stream: TcpStream, host: &str, tls: Arc<rustls::ClientConfig>) -> Result<Encrypted> {
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(Error::other)?;
        TlsConnector::from(tls).connect(name, stream).await.map(Encrypted)
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_a_mail_waits_for_no_acknowledgement() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost"] {
            assert!(connect(host, port, Duration::from_secs(20)).await.unwrap().nodelay().unwrap(), "{host}");
        }
    }
}
