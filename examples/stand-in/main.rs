//! The services that the examples call, on this machine: HTTPS with a certificate authority of its own.
//!
//! ```text
//! stand-in promo FOLDER    a promo service on https://localhost:8443
//! stand-in crm FOLDER      a CRM on https://localhost:8444
//! ```
//!
//! The authority's certificate is written to `FOLDER/ca.pem`, and `ready` to standard output. Each request is printed to
//! standard error, so that one sees what `wf` sends.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the examples' secrets are set to: `svc-messaging:demo-password` for Basic, `demo-token` for Bearer.
const BASIC: &str = "Basic c3ZjLW1lc3NhZ2luZzpkZW1vLXBhc3N3b3Jk";
const BEARER: &str = "Bearer demo-token";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [service, folder] = arguments.as_slice() else { return Err("usage: stand-in promo|crm FOLDER".into()) };
    let (port, router) = match service.as_str() {
        "promo" => (8443, promo()),
        "crm" => (8444, crm()),
        other => return Err(format!("there is no service `{other}`; there are promo and crm").into()),
    };
    let tls = tls(Path::new(folder))?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready");
    loop {
        let (stream, _) = listener.accept().await?;
        let (tls, router) = (tls.clone(), router.clone());
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            let service = TowerToHyperService::new(router);
            let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A service that gives a code for a town. Its first answer is a 503, so that one sees a second attempt.
fn promo() -> Router {
    async fn code(State(warm): State<Arc<AtomicBool>>, headers: HeaderMap, body: Bytes) -> Response {
        eprintln!("promo service: {}", String::from_utf8_lossy(&body));
        if headers.get(header::AUTHORIZATION).is_none_or(|shown| shown != BEARER) {
            return (StatusCode::UNAUTHORIZED, "who are you?").into_response();
        }
        if !warm.swap(true, Ordering::SeqCst) {
            return (StatusCode::SERVICE_UNAVAILABLE, "warming up").into_response();
        }
        let Ok(body) = serde_json::from_slice::<Value>(&body) else {
            return (StatusCode::BAD_REQUEST, "not JSON").into_response();
        };
        let town = body.get("town").and_then(Value::as_str).unwrap_or("anywhere").to_uppercase();
        answer(json!({ "promocode": format!("{town}-15"), "percent": 15 }))
    }
    Router::new().route("/v1/codes", post(code)).with_state(Arc::default())
}

/// A CRM that knows everybody.
fn crm() -> Router {
    async fn contacts(request: Request) -> Response {
        eprintln!("crm: {} {}", request.method(), request.uri());
        if request.headers().get(header::AUTHORIZATION).is_none_or(|shown| shown != BASIC) {
            return (StatusCode::UNAUTHORIZED, "who are you?").into_response();
        }
        answer(json!([{ "id": 4217.0, "segment": "new" }]))
    }
    Router::new().route("/api/contacts", get(contacts))
}

fn answer(body: Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// A certificate for `localhost` from an authority that is made now; its certificate goes to the folder.
fn tls(folder: &Path) -> Result<TlsAcceptor, Box<dyn Error>> {
    let mut authority = rcgen::CertificateParams::new(Vec::new())?;
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "wf examples");
    authority.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::CrlSign];
    let authority_key = rcgen::KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    std::fs::write(folder.join("ca.pem"), authority_certificate.pem())?;
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let mut leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?;
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = rcgen::KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
