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
            [("PASSWORD", CANARY), ("ASCII", "canary-ascii-7f3a"), ("LOGIN", "canary-login")]
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
            returns: &call.returns,
            key: "0123456789abcdef",
            at: Timestamp::from_second(1_700_000_000).unwrap(),
        };
        let prepared = on_any_thread(self.client.prepare(input)).await;
        let request = prepared.request.clone();
        let result = on_any_thread(self.client.attempt(prepared)).await;
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

#[tokio::test]
async fn a_request_goes_out_as_written() {
    let world = World::new(|_, _| Reply::ok("application/json", "{\"a\": 1.50}")).await;
    let mut spec = world.spec();
    spec.request.method = Method::Post;
    spec.request.headers = vec![
        ("content-type".into(), "application/json".into()),
        ("X-Order".into(), "o-1".into()),
        ("User-Agent".into(), "someone".into()),
    ];
    spec.request.body = Some("{\"town\":\"Kyiv\"}".to_owned());
    let kept = world.call(&Call { spec, connector: None, returns: json_of(Type::Json) }).await;
    assert_eq!(kept.value(), "{\"a\":1.50}");

    let received = world.stub.received();
    let [request] = received.as_slice() else { panic!("{received:?}") };
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v1?x=1"));
    assert_eq!(request.text(), "{\"town\":\"Kyiv\"}");
    for (name, value) in [
        ("idempotency-key", "0123456789abcdef"),
        ("webhook-id", "0123456789abcdef"),
        ("webhook-timestamp", "1700000000"),
        ("x-order", "o-1"),
        ("content-type", "application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", concat!("wf/", env!("CARGO_PKG_VERSION"))),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }

    assert_eq!(kept.request["method"], "POST");
    assert_eq!(kept.request["url"], format!("https://localhost:{}/v1?x=1", world.stub.address.port()));
    assert_eq!(kept.request["headers"]["idempotency-key"], "0123456789abcdef");
    assert_eq!(kept.request["body"], "{\"town\":\"Kyiv\"}");
    assert_eq!(
        kept.response(),
        json!({
            "status": 200, "headers": { "content-type": "application/json", "content-length": "11" },
            "body": "{\"a\": 1.50}", "body_bytes": 11, "truncated": false,
        })
    );
    assert_eq!(kept.result.address, Some(world.stub.address));
}

#[tokio::test]
async fn credentials_go_out_and_are_kept_nowhere() {
    // The server sends back all that it gets, in a header and in the body.
    let world = World::new(|request, _| {
        let seen =
            format!("{} {:?}", request.target, request.headers.iter().map(|(_, value)| value).collect::<Vec<_>>());
        let password = seen.contains("Basic") || seen.contains("api%20key");
        let plain = if password { CANARY } else { "" };
        let twice = serde_json::to_string(&json!({ "inner": plain })).unwrap();
        let body = serde_json::to_string(&json!({ "echo": seen, "plain": plain, "twice": twice })).unwrap();
        let echo = request.header("authorization").or(request.header("x-api-key")).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 200 OK\r\nx-echo: {echo}\r\nset-cookie: {echo}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Reply::Send([head.as_bytes(), body.as_bytes()].concat())
    })
    .await;
    let basic = |login| Credentials::Basic { login, password: "PASSWORD".into() };
    let api_key = |place, key: &str| Credentials::ApiKey { place, key: key.into() };
    for (credentials, header, sent, shown) in [
        (
            basic(Login::Literal("svc".to_owned())),
            "authorization",
            // The Base64 of `svc:` and the password, as RFC 7617 says, in UTF-8.
            "Basic c3ZjOmNhbmFyeS8rICI3ZjNhIiDDvA==",
            json!("Basic {{secret:PASSWORD}}"),
        ),
        (
            basic(Login::Secret("LOGIN".into())),
            "authorization",
            "Basic Y2FuYXJ5LWxvZ2luOmNhbmFyeS8rICI3ZjNhIiDDvA==",
            json!("Basic {{secret:PASSWORD}}"),
        ),
        (
            Credentials::Bearer { token: "ASCII".into() },
            "authorization",
            "Bearer canary-ascii-7f3a",
            json!("Bearer {{secret:ASCII}}"),
        ),
        (
            api_key(ApiKeyPlace::Header("X-Api-Key".to_owned()), "ASCII"),
            "x-api-key",
            "canary-ascii-7f3a",
            json!("{{secret:ASCII}}"),
        ),
    ] {
        let spec = CallSpec { connector: Some("c".into()), ..world.spec() };
        let kept = world.call(&Call { spec, connector: connector(credentials), returns: json_of(Type::Json) }).await;
        kept.value();
        assert_eq!(world.stub.received().last().unwrap().header(header), Some(sent));
        assert_eq!(kept.request["headers"][header], shown);
        assert_eq!(kept.response()["headers"]["x-echo"], shown);
        assert_eq!(kept.response()["headers"]["set-cookie"], "***");
    }

    let spec = CallSpec { connector: Some("c".into()), ..world.spec() };
    let credentials = api_key(ApiKeyPlace::Query("api key".to_owned()), "PASSWORD");
    let kept = world.call(&Call { spec, connector: connector(credentials), returns: json_of(Type::Json) }).await;
    let target = world.stub.received().last().unwrap().target.clone();
    assert_eq!(target, "/v1?x=1&api%20key=canary%2F%2B%20%227f3a%22%20%C3%BC");
    let url = kept.request["url"].as_str().unwrap();
    assert!(url.ends_with("/v1?x=1&api%20key={{secret:PASSWORD}}"), "{url}");
    assert!(kept.value().contains("{{secret:PASSWORD}}"));
}

#[tokio::test]
async fn sensitive_texts_are_masked_on_both_ways() {
    let world = World::new(|request, _| Reply::ok("text/plain", &format!("got {}", request.target))).await;
    let mut spec = world.spec();
    spec.request.target = "/v1?phone=%2B49151".to_owned();
    spec.request.headers = vec![("x-phone".into(), "+49151".into())];
    spec.request.body = Some("{\"phone\":\"+49151\"}".to_owned());
    spec.request.sensitive = vec!["+49151".to_owned(), String::new()];
    let kept = world.call(&Call { spec, connector: None, returns: Returns::Text }).await;
    assert!(kept.request["url"].as_str().unwrap().ends_with("/v1?phone=***"));
    assert_eq!(kept.request["headers"]["x-phone"], "***");
    assert_eq!(kept.request["body"], "{\"phone\":\"***\"}");
    assert_eq!(kept.response()["body"], "got /v1?phone=***");
    assert_eq!(kept.value(), "\"got /v1?phone=%2B49151\"", "what the workflow gets is not masked");
}

#[tokio::test]
async fn answers_are_judged() {
    let ok = |kind: &str, body: &str| Reply::ok(kind, body);
    let raw = |text: &str| Reply::SendAndClose(text.as_bytes().to_vec());
    let text = |text: &str| serde_json::to_string(text).unwrap();
    use FailureClass::{Body, Connection, Status, TooLarge};
    for (name, reply, returns, expected) in [
        ("nothing wanted", raw("HTTP/1.1 204 No Content\r\n\r\n"), Returns::Nothing, Ok("null".to_owned())),
        ("nothing wanted, something sent", ok("text/plain", "x"), Returns::Nothing, Ok("null".to_owned())),
        ("text", ok("text/plain", "  hällo "), Returns::Text, Ok(text("  hällo "))),
        ("no text at all", ok("text/plain", ""), Returns::Text, Ok(text(""))),
        ("json", ok("application/json", "[1]"), json_of(Type::List(Type::Int.into())), Ok("[1]".to_owned())),
        ("json with a mark", ok("application/json", "\u{feff}[1]"), json_of(Type::Json), Ok("[1]".to_owned())),
        ("no length, to the end", raw("HTTP/1.1 200 OK\r\n\r\n[1]"), json_of(Type::Json), Ok("[1]".to_owned())),
        (
            "chunks",
            raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[1\r\n2\r\n,2\r\n1\r\n]\r\n0\r\n\r\n"),
            json_of(Type::Json),
            Ok("[1,2]".to_owned()),
        ),
        (
            "interim answers",
            raw("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n[1]"),
            json_of(Type::Json),
            Ok("[1]".to_owned()),
        ),
        (
            "Latin-1",
            Reply::Send(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=ISO-8859-1\r\ncontent-length: 1\r\n\r\n\xe4"
                    .to_vec(),
            ),
            Returns::Text,
            Ok(text("ä")),
        ),
        ("xml", ok("application/xml", "<a><b>x</b></a>"), Returns::Xml(Type::Json), Ok("{\"b\":\"x\"}".to_owned())),
        (
            "wrong type",
            ok("application/json", "[\"x\"]"),
            json_of(Type::List(Type::Int.into())),
            Err((Body, "does not fit")),
        ),
        ("garbage", ok("text/html", "<html>"), json_of(Type::Json), Err((Body, "the body is not JSON"))),
        (
            "empty",
            ok("application/json", ""),
            json_of(Type::Json),
            Err((Body, "the body is empty where JSON was expected")),
        ),
        ("no content", raw("HTTP/1.1 204 No Content\r\n\r\n"), json_of(Type::Json), Err((Body, "the body is empty"))),
        ("no XML", ok("application/xml", " \n"), Returns::Xml(Type::Json), Err((Body, "the body is empty where XML"))),
        (
            "not UTF-8",
            Reply::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe".to_vec()),
            Returns::Text,
            Err((Body, "the body is not UTF-8")),
        ),
        (
            "compressed all the same",
            Reply::Send(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08".to_vec()),
            json_of(Type::Json),
            Err((Body, "compressed (`gzip`)")),
        ),
        ("500", Reply::status("500 Oh", "text/plain", "no"), Returns::Text, Err((Status, "500 Internal Server Error"))),
        ("404", Reply::status("404 Oh", "text/plain", ""), Returns::Nothing, Err((Status, "404 Not Found"))),
        (
            "404 with a broken body",
            raw("HTTP/1.1 404 No\r\ncontent-length: 9\r\n\r\nx"),
            Returns::Text,
            Err((Status, "404")),
        ),
        ("299 is success", Reply::status("299 Odd", "text/plain", "x"), Returns::Text, Ok(text("x"))),
        ("not HTTP", raw("SSH-2.0-OpenSSH\r\n\r\n"), Returns::Text, Err((Connection, "not HTTP"))),
        ("nothing", raw(""), Returns::Text, Err((Connection, ""))),
        ("cut short", raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"), Returns::Text, Err((Connection, ""))),
        (
            "reset",
            Reply::SendAndReset(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx".to_vec()),
            Returns::Text,
            Err((Connection, "")),
        ),
        (
            "broken chunks",
            raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
            Returns::Text,
            Err((Connection, "")),
        ),
        (
            "endless",
            Reply::SendAndFlood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 65_536]),
            Returns::Text,
            Err((TooLarge, "larger than 1 MiB")),
        ),
        (
            "endless, and not wanted",
            Reply::SendAndFlood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 65_536]),
            Returns::Nothing,
            Err((TooLarge, "larger than 1 MiB")),
        ),
        (
            "as long as may be",
            Reply::ok("text/plain", &"x".repeat(1024 * 1024)),
            Returns::Text,
            Ok(text(&"x".repeat(1024 * 1024))),
        ),
        (
            "large headers",
            raw(&format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n", "y".repeat(70_000))),
            Returns::Nothing,
            Err((TooLarge, "headers")),
        ),
        (
            "many headers",
            raw(&format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(200))),
            Returns::Nothing,
            Err((Connection, "")),
        ),
        (
            "a header without end",
            Reply::SendAndFlood(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'x'; 65_536]),
            Returns::Nothing,
            Err((Connection, "")),
        ),
    ] {
        let world = World::new(move |_, _| reply.clone()).await;
        let kept = world.call(&Call { spec: world.spec(), connector: None, returns }).await;
        match expected {
            Ok(value) => assert_eq!(kept.value(), value, "{name}"),
            Err((class, message)) => {
                let failure = kept.failure();
                assert_eq!(failure.class, class, "{name}: {failure:?}");
                assert!(failure.message.contains(message), "{name}: {failure:?}");
                assert!(!failure.message.contains("localhost:"), "{name} shows the URL: {failure:?}");
            }
        }
        assert_eq!(world.stub.received().len(), 1, "{name}: one attempt is one request");
    }
}

#[tokio::test]
async fn a_redirect_is_a_failure() {
    let target = World::new(|_, _| Reply::ok("text/plain", "never")).await;
    let port = target.stub.address.port();
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} Go\r\nlocation: https://localhost:{port}/\r\ncontent-length: 0\r\n\r\n");
        let world = World::new(move |_, _| Reply::Send(head.clone().into_bytes())).await;
        let kept = world.call(&Call { spec: world.spec(), connector: None, returns: Returns::Nothing }).await;
        assert_eq!((kept.failure().class, kept.failure().status), (FailureClass::Status, Some(status)));
        assert!(kept.failure().message.ends_with("redirects are not followed"));
    }
    assert!(target.stub.received().is_empty());
}

#[tokio::test]
async fn the_time_limit_covers_the_whole_answer() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    for (reply, status) in [
        (Reply::SendAndHang(Vec::new()), None),
        (Reply::SendAndHang(b"HTTP/1.1 200 OK\r\ncont".to_vec()), None),
        (Reply::SendAndHang(format!("{head}beginning").into_bytes()), Some(200)),
        (Reply::SendAndDrip(head.into(), Duration::from_millis(20)), Some(200)),
    ] {
        let world = World::new(move |_, _| reply.clone()).await;
        let mut spec = world.spec();
        spec.timeout.milliseconds = 500;
        let kept = world.call(&Call { spec, connector: None, returns: Returns::Nothing }).await;
        assert_eq!((kept.failure().class, kept.failure().status), (FailureClass::Timeout, status));
        assert_eq!(kept.result.response.is_some(), status.is_some(), "what came in is kept");
        if status.is_some() {
            assert_eq!(kept.response()["truncated"], true);
        }
    }
}

#[tokio::test]
async fn only_the_right_certificate_is_accepted() {
    let reply = |_: &Received, _| Reply::ok("text/plain", "never");
    let stranger = World::with(&["localhost"], |_| Some(Authority::new()), &["localhost"], reply).await;
    let other_name = World::with(&["other.test"], |_| None, &["localhost"], reply).await;
    for world in [stranger, other_name] {
        let kept = world.call(&Call { spec: world.spec(), connector: None, returns: Returns::Nothing }).await;
        assert_eq!(kept.failure().class, FailureClass::Certificate, "{:?}", kept.failure());
        assert!(world.stub.received().is_empty());
    }
}

#[tokio::test]
async fn private_places_need_to_be_listed() {
    let reply = |_: &Received, _| Reply::ok("text/plain", "hello");
    for (rules, host, allowed) in [
        (vec!["localhost"], "localhost", true),
        (vec!["127.0.0.0/8", "::1"], "localhost", true),
        (vec!["127.0.0.1"], "127.0.0.1", true),
        (vec![], "localhost", false),
        (vec!["localhost:1"], "localhost", false),
        (vec!["localhost"], "127.0.0.1", false),
        (vec!["10.0.0.0/8"], "127.0.0.1", false),
        (vec!["10.0.0.0/8"], "2130706433", false),
    ] {
        let world = World::with(&["localhost", "127.0.0.1"], |_| None, &rules, reply).await;
        let spec = spec(&format!("https://{host}:{}", world.stub.address.port()), "/");
        let kept = world.call(&Call { spec, connector: None, returns: Returns::Text }).await;
        if allowed {
            assert_eq!(kept.value(), "\"hello\"", "{rules:?} {host}");
        } else {
            assert_eq!(kept.failure().class, FailureClass::Blocked, "{rules:?} {host}: {:?}", kept.failure());
            assert!(world.stub.received().is_empty());
        }
    }
}

#[tokio::test]
async fn places_that_are_not_there() {
    let world = World::new(|_, _| Reply::ok("text/plain", "never")).await;
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let closed = spec(&format!("https://localhost:{port}"), "/");
    let kept = world.call(&Call { spec: closed, connector: None, returns: Returns::Nothing }).await;
    assert_eq!(kept.failure().class, FailureClass::Connection, "{:?}", kept.failure());
    assert_eq!(kept.result.response, None);

    let nameless = spec("https://no-such-host.invalid", "/secret-path");
    let kept = world.call(&Call { spec: nameless, connector: None, returns: Returns::Nothing }).await;
    assert_eq!(kept.failure().class, FailureClass::Dns, "{:?}", kept.failure());
    assert!(!kept.failure().message.contains("secret-path"));
}

/// The name leads to a public address when it is looked at and to a private one when it is used.
#[tokio::test]
async fn a_name_that_changes_its_address_is_refused() {
    use reqwest::dns::{Addrs, Name, Resolve, Resolving};
    struct Loopback;
    impl Resolve for Loopback {
        fn resolve(&self, _: Name) -> Resolving {
            let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
            Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
        }
    }
    let world = World::with(&["public.example"], |_| None, &[], |_, _| Reply::ok("text/plain", "never")).await;
    let ca_file = Some(world._folder.path().join("ca.pem"));
    let client = Client::with_names(&egress(&[], ca_file), Arc::default(), Arc::new(Loopback)).unwrap();
    let spec = spec(&format!("https://public.example:{}", world.stub.address.port()), "/");
    let (returns, at) = (Returns::Nothing, Timestamp::UNIX_EPOCH);
    let prepared = client.prepare(AttemptInput { spec: &spec, connector: None, returns: &returns, key: "k", at }).await;
    let result = client.attempt(prepared).await;
    let CallOutcome::Failed(failure) = result.outcome else { panic!("it succeeded") };
    assert_eq!(failure.class, FailureClass::Blocked, "{failure:?}");
    assert!(world.stub.received().is_empty());
}

#[tokio::test]
async fn what_cannot_be_sent_is_said_and_not_sent() {
    let world = World::new(|_, _| Reply::ok("text/plain", "never")).await;
    let bearer = |name: &str| connector(Credentials::Bearer { token: name.into() });
    let change = |change: &dyn Fn(&mut CallSpec)| {
        let mut spec = world.spec();
        change(&mut spec);
        spec
    };
    let header = |name: &'static str, value: &'static str| {
        change(&|spec| spec.request.headers = vec![(name.into(), value.to_owned())])
    };
    let target = |target: &'static str| change(&|spec| spec.request.target = target.to_owned());
    let with_connector = || change(&|spec| spec.connector = Some("c".into()));
    use FailureClass::{MissingSecret, Request};
    for (spec, connector, class, message) in [
        (with_connector(), bearer("NOWHERE"), MissingSecret, "the secret `NOWHERE` is not set"),
        (with_connector(), bearer("../PASSWORD"), MissingSecret, "has a name that is not"),
        (with_connector(), bearer("PASSWORD"), Request, "visible ASCII"),
        (with_connector(), None, Request, "the connector `c` is not in the program"),
        (
            with_connector(),
            connector(Credentials::Basic { login: Login::Literal("a:b".to_owned()), password: "ASCII".into() }),
            Request,
            "holds a `:`",
        ),
        (header("x", "a\r\nevil: 1"), None, Request, "visible ASCII"),
        (header("x", "a\nevil: 1"), None, Request, "visible ASCII"),
        (header("x", "a\0"), None, Request, "visible ASCII"),
        (header("x", "ünï"), None, Request, "visible ASCII"),
        (header("x\r\ny", "a"), None, Request, "is no name of a header"),
        (header("x:", "a"), None, Request, "is no name of a header"),
        (target("/a b"), None, Request, "not percent-encoded"),
        (target("/a\r\nHost: evil"), None, Request, "not percent-encoded"),
        (target("/a\tb"), None, Request, "not percent-encoded"),
        (target("/a#b"), None, Request, "not percent-encoded"),
        (target("/a\\..\\b"), None, Request, "not percent-encoded"),
        (target("/ä"), None, Request, "not percent-encoded"),
        (target("/users/../admin"), None, Request, "`.` or `..`"),
        (target("/users/%2e%2E/admin"), None, Request, "`.` or `..`"),
        (target("/users/.%2e"), None, Request, "`.` or `..`"),
        (target("/."), None, Request, "`.` or `..`"),
        (target("@evil.example/"), None, Request, "does not begin with `/`"),
        (target(".evil.example/"), None, Request, "does not begin with `/`"),
        (target(""), None, Request, "does not begin with `/`"),
    ] {
        let kept = world.call(&Call { spec, connector, returns: Returns::Nothing }).await;
        assert_eq!(kept.failure().class, class, "{:?}", kept.failure());
        assert!(kept.failure().message.contains(message), "{:?}", kept.failure());
        assert_eq!(kept.request["method"], "GET", "history shows it all the same");
    }
    assert!(world.stub.received().is_empty());

    // Dots in the query, or in a longer segment, are data.
    for fine in ["/a?b=../..", "/...", "/a..b/.c", "//x"] {
        let kept = world.call(&Call { spec: target(fine), connector: None, returns: Returns::Nothing }).await;
        assert_eq!(kept.value(), "null");
        assert_eq!(world.stub.received().last().unwrap().target, fine);
    }
}

#[tokio::test]
async fn retry_after_comes_back_as_it_was_sent() {
    let head = "HTTP/1.1 429 Slow\r\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\ncontent-length: 0\r\n\r\n";
    let world = World::new(move |_, _| Reply::Send(head.into())).await;
    let kept = world.call(&Call { spec: world.spec(), connector: None, returns: Returns::Nothing }).await;
    assert_eq!(kept.failure().status, Some(429));
    assert_eq!(kept.result.retry_after.as_deref(), Some("Wed, 21 Oct 2026 07:28:00 GMT"));
}

/// A mistake in a value is told with the value; what is secret in it is not.
#[tokio::test]
async fn a_failure_that_quotes_the_answer_quotes_no_secret() {
    let world = World::new(|_, _| Reply::ok("application/json", "[\"canary-ascii-7f3a\"]")).await;
    let spec = CallSpec { connector: Some("c".into()), ..world.spec() };
    let connector = connector(Credentials::Bearer { token: "ASCII".into() });
    let kept = world.call(&Call { spec, connector, returns: json_of(Type::List(Type::Int.into())) }).await;
    assert_eq!(kept.failure().class, FailureClass::Body);
}

/// Runs a test of this program again, with the variables of a proxy that is not there.
#[test]
fn proxies_of_the_environment_are_not_used() {
    let test = "webhook::tests::a_request_goes_out_as_written";
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact"]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn root_certificates_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let attempt = || Client::new(&egress(&[], Some(file.clone())), Arc::default()).unwrap_err();
    assert!(attempt().to_string().starts_with("cannot read the root certificates in "));
    std::fs::write(&file, "nonsense").unwrap();
    assert!(attempt().to_string().starts_with("there is no certificate in "));
}

#[test]
fn the_idempotency_key_is_the_step_of_the_run() {
    let key = |acceptance, step: &str| idempotency_key(RunId::new(acceptance, "w"), &StepId(step.into()));
    assert_eq!(key(1, "call:a"), key(1, "call:a"));
    assert_ne!(key(1, "call:a"), key(1, "call:a~2"));
    assert_ne!(key(1, "call:a"), key(2, "call:a"));
    assert!(key(1, "call:a").bytes().all(|byte| byte.is_ascii_hexdigit()));
}
