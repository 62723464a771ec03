//! What is made of an answer, whatever it is.

use super::*;

#[tokio::test]
async fn answers_are_judged() {
    let ok = |kind: &str, body: &str| Reply::ok(kind, body);
    let raw = |text: &str| Reply::SendAndClose(text.as_bytes().to_vec());
    let latin = |kind: &str| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain; {kind}\r\ncontent-length: 1\r\n\r\n");
        Reply::Send([head.as_bytes(), b"\xe4"].concat())
    };
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
        ("Latin-1", latin("charset=ISO-8859-1"), Returns::Text, Ok(text("ä"))),
        ("Latin-1 in quotes", latin("boundary=x; Charset = \"iso-8859-1\""), Returns::Text, Ok(text("ä"))),
        ("Latin-1 in half a quote", latin("charset=\"ISO-8859-1"), Returns::Text, Ok(text("ä"))),
        ("Latin-1 before half a quote", latin("charset=ISO-8859-1\""), Returns::Text, Ok(text("ä"))),
        ("Latin-1 among blanks", latin("charset=\" ISO-8859-1 \""), Returns::Text, Ok(text("ä"))),
        (
            "an encoding that the document tells",
            Reply::SendAndClose(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n\r\n<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\xbf</a>"
                    .to_vec(),
            ),
            Returns::Xml(Type::Json),
            Ok(text("ї")),
        ),
        (
            "an encoding that is not read",
            latin("charset=KOI8-U"),
            Returns::Text,
            Err((Body, "the body is in `koi8-u`, and cannot be text: only UTF-8, UTF-16, ISO-8859-1, windows-1251")),
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
        assert_eq!(kept.result.address, Some(world.stub.address), "where it went is known without an answer");
        assert_eq!(kept.result.response.is_some(), status.is_some(), "what came in is kept");
        if status.is_some() {
            assert_eq!(kept.response()["truncated"], true);
        }
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
