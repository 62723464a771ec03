//! What goes out, and what history shows of it.

use super::*;

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
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
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
async fn a_signed_request_shows_its_signature_to_its_receiver_alone() {
    let world = World::new(|request, _| {
        let seen = request.header("webhook-signature").unwrap_or_default();
        Reply::ok("text/plain", &format!("got {seen}"))
    })
    .await;
    let mut spec = CallSpec { connector: Some("c".into()), ..world.spec() };
    spec.request.method = Method::Post;
    spec.request.body = Some("{\"town\":\"Lübeck\"}".to_owned());
    // An author's header does not take the signature's place.
    spec.request.headers = vec![("Webhook-Signature".into(), "v1,mine".into())];
    let signed = |signing: &str| {
        let credentials = Credentials::Bearer { token: "ASCII".into() };
        Some(Connector { description: None, credentials, signing: Some(signing.into()) })
    };
    let call = Call { spec: spec.clone(), connector: signed("SIGNING"), returns: Returns::Text };
    let kept = world.call(&call).await;
    let received = world.stub.received();
    let request = received.last().unwrap();
    let (id, timestamp) = (request.header("webhook-id").unwrap(), request.header("webhook-timestamp").unwrap());
    let expected = sign::signature("whsec_Y2FuYXJ5LXNpZ25pbmc=", id, timestamp, &request.body).unwrap();
    assert_eq!(request.header("webhook-signature"), Some(expected.as_str()));
    assert_eq!(request.header("authorization"), Some("Bearer canary-ascii-7f3a"));
    assert_eq!(kept.request["headers"]["webhook-signature"], "v1,{{secret:SIGNING}}");
    assert_eq!(kept.response()["body"], "got {{secret:SIGNING}}");

    for (secret, class) in [("NOWHERE", FailureClass::MissingSecret), ("EMPTY", FailureClass::Request)] {
        let call = Call { spec: spec.clone(), connector: signed(secret), returns: Returns::Text };
        assert_eq!(world.call(&call).await.failure().class, class);
    }
    assert_eq!(world.stub.received().len(), 1, "nothing leaves unsigned");
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

/// Runs a test of this program again, with the variables of a proxy that is not there.
#[test]
fn proxies_of_the_environment_are_not_used() {
    let test = "webhook::tests::requests::a_request_goes_out_as_written";
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
