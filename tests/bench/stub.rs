//! What webhooks call: HTTPS on loopback with a certificate authority of its own.

use std::collections::HashSet;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// How long the daemon may take for the last of its calls.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the stub speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// A running stub.
pub(crate) struct Stub {
    pub(crate) port: u16,
    pub(crate) authority: String,
    seen: Arc<Mutex<HashSet<Bytes>>>,
    folder: TempDir,
}

impl Stub {
    pub(crate) async fn start(protocol: Protocol) -> Stub {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let mut config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        config.alpn_protocols = match protocol {
            Protocol::Http1 => vec![b"http/1.1".to_vec()],
            Protocol::Http2 => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        };
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = Stub {
            port: socket.local_addr().unwrap().port(),
            authority: issuer.pem(),
            seen: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::write(stub.ca_file(), &stub.authority).unwrap();
        let seen = stub.seen.clone();
        let answer = move |body: Bytes| {
            seen.lock().unwrap().insert(body);
            std::future::ready(([("content-type", "application/json")], r#"{"promocode":"ABC123"}"#))
        };
        let router: Router = Router::new().route("/promo", post(answer));
        tokio::spawn(serve(socket, TlsAcceptor::from(Arc::new(config)), router));
        stub
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Waits until so many different requests have come.
    pub(crate) async fn delivered(&self, requests: usize) {
        let begun = std::time::Instant::now();
        while self.seen.lock().unwrap().len() < requests {
            let missing = requests - self.seen.lock().unwrap().len();
            assert!(begun.elapsed() < PATIENCE, "{missing} of {requests} calls are missing");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Forgets what has come.
    pub(crate) fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }
}

async fn serve(socket: TcpListener, tls: TlsAcceptor, router: Router) -> Result<(), Infallible> {
    loop {
        let Ok((stream, _)) = socket.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let (tls, router) = (tls.clone(), router.clone());
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            let builder = auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
        });
    }
}
