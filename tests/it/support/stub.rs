//! Services that the daemon talks to, for tests that are not asynchronous themselves.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::https_stub::{Authority, HttpsStub, Received, Reply};
use super::smtp_stub::{Behaviour, SmtpStub};

/// A service on `https://localhost:PORT` with a certificate authority of its own.
pub(crate) struct Stub {
    stub: HttpsStub,
    folder: TempDir,
    _runtime: Runtime,
}

impl Stub {
    /// Starts a service; the script gets each request and how many came before it.
    pub(crate) fn start(script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Stub {
        let runtime = runtime();
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

    /// The same, which answers its first request when it is told to; and when that has come. Who tells it is gone before it is,
    /// or it would wait for ever.
    pub(crate) fn held(body: &'static str) -> (Stub, Receiver<()>, Sender<()>) {
        let ((go, wait), (arrived, arrival)) = (channel::<()>(), channel::<()>());
        let wait = Mutex::new(wait);
        let stub = Stub::start(move |_, number| {
            if number == 0 {
                let _ = arrived.send(());
                let _ = wait.lock().unwrap().recv();
            }
            Reply::ok("application/json", body)
        });
        (stub, arrival, go)
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

/// A mail server on `localhost:PORT`.
pub(crate) struct MailServer {
    stub: SmtpStub,
    folder: TempDir,
    _runtime: Runtime,
}

impl MailServer {
    /// Starts a server that answers like this.
    pub(crate) fn start(behaviour: Behaviour) -> MailServer {
        MailServer::begin(behaviour, &Authority::new())
    }

    /// The same, which also offers STARTTLS.
    pub(crate) fn with_starttls(behaviour: Behaviour) -> MailServer {
        let authority = Authority::new();
        let starttls = Some(authority.acceptor(&["localhost"]));
        MailServer::begin(Behaviour { starttls, ..behaviour }, &authority)
    }

    fn begin(behaviour: Behaviour, authority: &Authority) -> MailServer {
        let runtime = runtime();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let stub = runtime.block_on(SmtpStub::start(behaviour));
        MailServer { stub, folder, _runtime: runtime }
    }

    /// `smtp://localhost:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("smtp://localhost:{}", self.stub.address.port())
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The commands so far.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.stub.commands()
    }

    /// The mails that came in whole.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.stub.mails().iter().map(|mail| String::from_utf8_lossy(mail).into_owned()).collect()
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}
