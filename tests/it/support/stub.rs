//! A service that webhooks call, for tests that are not asynchronous themselves.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::https_stub::{Authority, HttpsStub, Received, Reply};

/// A service on `https://localhost:PORT` with a certificate authority of its own.
pub(crate) struct Stub {
    stub: HttpsStub,
    folder: TempDir,
    _runtime: Runtime,
}

impl Stub {
    /// Starts a service; the script gets each request and how many came before it.
    pub(crate) fn start(script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Stub {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let authority = Authority::new();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let stub = runtime.block_on(HttpsStub::start(&authority, &["localhost"], script));
        Stub { stub, folder, _runtime: runtime }
    }

    /// A service that always answers this JSON.
    pub(crate) fn json(body: &'static str) -> Stub {
        Stub::start(move |_, _| Reply::ok("application/json", body))
    }

    pub(crate) fn port(&self) -> u16 {
        self.stub.address.port()
    }

    /// `https://localhost:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("https://localhost:{}", self.port())
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// All requests so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.stub.received()
    }
}
