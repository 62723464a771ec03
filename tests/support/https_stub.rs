//! An HTTPS server on loopback with a certificate authority of its own, which answers what a test tells it to: byte by byte,
//! so that wrong answers can be given too. HTTP/1.1 only.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A certificate authority for tests.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new one; no two are alike.
    pub fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Authority { issuer }
    }

    /// Its certificate, for `egress.ca_file`.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server's side of TLS with a certificate for these names.
    pub fn acceptor(&self, names: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in small letters, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// These bytes; then the next request of the connection.
    Send(Vec<u8>),
    /// These bytes, after so long; then the next request of the connection.
    SendAfter(Duration, Vec<u8>),
    /// These bytes; then the connection is closed.
    SendAndClose(Vec<u8>),
    /// These bytes; then nothing more, with the connection open.
    SendAndHang(Vec<u8>),
    /// These bytes; then the connection is reset, without a farewell of TLS.
    SendAndReset(Vec<u8>),
    /// These bytes; then one more byte each time this long has passed, for ever.
    SendAndDrip(Vec<u8>, Duration),
    /// These bytes; then these others for ever, as fast as they are taken.
    SendAndFlood(Vec<u8>, Vec<u8>),
}

impl Reply {
    /// An ordinary answer.
    pub fn ok(kind: &str, body: &str) -> Reply {
        Reply::status("200 OK", kind, body)
    }

    /// The same answer, after so long.
    pub fn after(self, pause: Duration) -> Reply {
        match self {
            Reply::Send(bytes) => Reply::SendAfter(pause, bytes),
            other => other,
        }
    }

    /// An ordinary answer with another status, such as `404 Not Found`.
    pub fn status(status: &str, kind: &str, body: &str) -> Reply {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        Reply::Send([head.as_bytes(), body.as_bytes()].concat())
    }
}

type Script = dyn Fn(&Received, usize) -> Reply + Send + Sync;

/// The server. It stops with the runtime that it was started in.
pub struct HttpsStub {
    /// Where it listens.
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl HttpsStub {
    /// Starts a server whose certificate has these names. The script gets each request and how many came before it.
    pub async fn start(
        authority: &Authority,
        names: &[&str],
        script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static,
    ) -> HttpsStub {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let acceptor = authority.acceptor(names);
        let (script, log): (Arc<Script>, _) = (Arc::new(script), received.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acceptor.clone(), script.clone(), log.clone()));
            }
        });
        HttpsStub { address, received }
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// A connection, to its end. A client that goes away is no fault of the server.
async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    script: Arc<Script>,
    log: Arc<Mutex<Vec<Received>>>,
) -> Option<()> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    let mut buffer = Vec::new();
    loop {
        let request = read_request(&mut stream, &mut buffer).await?;
        let reply = {
            let mut log = log.lock().unwrap();
            let reply = script(&request, log.len());
            log.push(request);
            reply
        };
        match reply {
            Reply::Send(bytes) => stream.write_all(&bytes).await.ok()?,
            Reply::SendAfter(pause, bytes) => {
                tokio::time::sleep(pause).await;
                stream.write_all(&bytes).await.ok()?;
            }
            Reply::SendAndClose(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                stream.shutdown().await.ok()?;
                return Some(());
            }
            Reply::SendAndHang(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                stream.flush().await.ok()?;
                // Until the client has had enough.
                while stream.read_u8().await.is_ok() {}
                return Some(());
            }
            Reply::SendAndReset(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                stream.flush().await.ok()?;
                stream.get_ref().0.set_zero_linger().ok()?;
                return Some(());
            }
            Reply::SendAndDrip(bytes, pause) => {
                stream.write_all(&bytes).await.ok()?;
                loop {
                    stream.write_all(b" ").await.ok()?;
                    stream.flush().await.ok()?;
                    tokio::time::sleep(pause).await;
                }
            }
            Reply::SendAndFlood(bytes, again) => {
                stream.write_all(&bytes).await.ok()?;
                loop {
                    stream.write_all(&again).await.ok()?;
                }
            }
        }
        stream.flush().await.ok()?;
    }
}

async fn read_request(stream: &mut (impl AsyncReadExt + Unpin), buffer: &mut Vec<u8>) -> Option<Received> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let body_end = head_end + 4 + length.unwrap_or(0);
    while buffer.len() < body_end {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[head_end + 4..body_end].to_vec();
    buffer.drain(..body_end);
    Some(Received { method, target, headers, body })
}
