//! Attempts against a real HTTPS server on loopback: what goes out, what is made of the answer, and what history shows.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use compiler::ir::{ApiKeyPlace, Attempts, Connector, Credentials, Login, Method, Origin, Returns, Type};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use self::https_stub::{Authority, HttpsStub, Received, Reply};
use super::*;
use crate::config::Egress;
use crate::machine::{CallFailure, CallOutcome, CallSpec, FailureClass, Request};
use crate::value::to_json;

mod answers;
mod places;
mod requests;

#[path = "../../../tests/support/https_stub.rs"]
#[allow(dead_code, unreachable_pub, clippy::new_without_default, reason = "shared with other test programs")]
pub(crate) mod https_stub;

/// Stands for a secret; nothing that is kept may hold it.
const CANARY: &str = "canary/+ \"7f3a\" ü";

/// A server, a client that trusts it, and the files of both.
struct World {
    stub: HttpsStub,
    client: Client,
    /// Removed at the end.
    _folder: tempfile::TempDir,
}

impl World {
    async fn new(script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> World {
        World::with(&["localhost"], |_| script_authority(), &["localhost"], script).await
    }

    /// `trusted` makes, from the server's authority, the one that the client trusts.
    async fn with(
        names: &[&str],
        trusted: impl Fn(&Authority) -> Option<Authority>,
        allow_private: &[&str],
        script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static,
    ) -> World {
        let authority = Authority::new();
        let stub = HttpsStub::start(&authority, names, script).await;
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, trusted(&authority).as_ref().unwrap_or(&authority).pem()).unwrap();
        let secrets = Secrets::new(
            [
                ("PASSWORD", CANARY),
                ("ASCII", "canary-ascii-7f3a"),
                ("LOGIN", "canary-login"),
                ("SIGNING", "whsec_Y2FuYXJ5LXNpZ25pbmc="),
                ("EMPTY", " "),
            ]
            .map(|(name, value)| (format!("WF_SECRET_{name}").into(), value.into())),
            None,
        );
        let client = Client::new(&egress(allow_private, Some(ca_file)), Arc::new(secrets)).unwrap();
        World { stub, client, _folder: folder }
    }

    fn spec(&self) -> CallSpec {
        spec(&format!("https://localhost:{}", self.stub.address.port()), "/v1?x=1")
    }

    async fn call(&self, call: &Call) -> Kept {
        let input = AttemptInput {
            spec: &call.spec,
            connector: call.connector.as_ref(),
            key: "0123456789abcdef",
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            at: Timestamp::from_second(1_700_000_000).unwrap(),
        };
        let prepared = on_any_thread(self.client.prepare(input)).await;
        let request = prepared.request.clone();
        let result = on_any_thread(self.client.attempt(prepared, &call.returns)).await;
        for kept in [&request, result.response.as_ref().unwrap_or(&String::new()), &format!("{:?}", result.outcome)] {
            assert!(!kept.contains("canary") && !kept.contains("Y2FuYXJ5"), "a secret is kept: {kept}");
        }
        Kept { request: serde_json::from_str(&request).unwrap(), result }
    }
}

/// Futures that the engine can spawn.
fn on_any_thread<F: Future + Send>(future: F) -> F {
    future
}

/// Trust the server's own authority.
fn script_authority() -> Option<Authority> {
    None
}

/// What is called.
struct Call {
    spec: CallSpec,
    connector: Option<Connector>,
    returns: Returns,
}

/// What is left of an attempt.
struct Kept {
    request: Json,
    result: AttemptResult,
}

impl Kept {
    fn response(&self) -> Json {
        serde_json::from_str(self.result.response.as_deref().unwrap_or("null")).unwrap()
    }

    #[track_caller]
    fn failure(&self) -> &CallFailure {
        match &self.result.outcome {
            CallOutcome::Failed(failure) => failure,
            CallOutcome::Succeeded(value) => panic!("it succeeded: {value:?}"),
        }
    }

    #[track_caller]
    fn value(&self) -> String {
        match &self.result.outcome {
            CallOutcome::Succeeded(value) => to_json(value),
            CallOutcome::Failed(failure) => panic!("it failed: {failure:?}"),
        }
    }
}

fn egress(allow_private: &[&str], ca_file: Option<PathBuf>) -> Egress {
    let allow_private = allow_private.iter().map(|rule| rule.parse().unwrap()).collect();
    Egress { allow_hosts: Vec::new(), allow_private, ca_file }
}

fn spec(origin: &str, target: &str) -> CallSpec {
    CallSpec {
        is_channel: false,
        message: None,
        webhook: "w".into(),
        connector: None,
        request: Request {
            method: Method::Get,
            origin: Origin::from_literal(origin).unwrap(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: None,
            sensitive: Vec::new(),
        },
        timeout: compiler::ir::Duration { milliseconds: 20_000 },
        attempts: Attempts::default(),
    }
}

fn connector(credentials: Credentials) -> Option<Connector> {
    Some(Connector { description: None, credentials, signing: None })
}

fn json_of(ty: Type) -> Returns {
    Returns::Json(ty)
}
