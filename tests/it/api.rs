//! The HTTP API towards callers who mean well, callers who do not, and many at once.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use serde_json::{Value, json};

use crate::support::{Answer, Daemon, Project, until};

const PROGRAM: &str = r#"
    event left { email: email, total: decimal?, n: int?, note: json?, pin: string? sensitive }
    message code { email { from "shop@example.com" subject "x" text "x" } }
    workflow first { on left identify by email event.email else create send code }
    workflow second { on left identify by email event.email else create set contact.town = event.pin }
"#;

fn project() -> Project {
    Project::new(&[("a.wf", PROGRAM)])
}

fn post(daemon: &Daemon, id: &str, email: &str) -> Answer {
    daemon.post("/v1/events", &json!({ "type": "left", "id": id, "params": { "email": email } }))
}

/// The answers to what was sent over one connection, which the server closes.
fn speak(daemon: &Daemon, sent: &str) -> String {
    let mut stream = TcpStream::connect(daemon.address).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).unwrap();
    String::from_utf8_lossy(&answers).into_owned()
}

#[test]
fn every_refusal_is_a_problem() {
    let project = project();
    let daemon = project.serve();
    let event = json!({ "type": "left", "params": { "email": "ann@example.com" } }).to_string();
    let array = format!("[{event}]");
    let too_many = format!("[{}]", vec!["1"; 1_001].join(","));
    let key = &[("idempotency-key", "k")][..];
    let cases = [
        ("GET", "/v1/events/%FF", &[][..], "", 400, "malformed-path"),
        ("GET", "/v1/runs/%FF", &[], "", 400, "malformed-path"),
        ("GET", "/v1/runs?limit=many", &[], "", 400, "malformed-query"),
        ("GET", "/v1/runs?colour=red", &[], "", 400, "malformed-query"),
        ("GET", "/v1/runs?status=done", &[], "", 400, "unknown-status"),
        ("GET", "/v1/runs?cursor=bm9uZQ", &[], "", 400, "malformed-cursor"),
        ("GET", "/v1/contacts/ann", &[], "", 404, "unknown-contact"),
        ("OPTIONS", "/v1/events", &[], "", 405, "unknown-method"),
        ("GET", "/healthz", &[("host", "localhost"), ("host", "localhost")], "", 400, "several-hosts"),
        ("POST", "/v1/events", key, &array, 400, "malformed-key"),
        ("POST", "/v1/events", &[("idempotency-key", "a"), ("idempotency-key", "b")], &event, 400, "malformed-key"),
        ("POST", "/v1/events", &[], &too_many, 413, "too-many-events"),
        ("POST", "/v1/events", &[("content-type", "text/plain")], &event, 415, "not-json"),
        ("POST", "/v1/events", &[("content-type", "application/cloudevents+json")], &event, 400, "malformed-event"),
        ("POST", "/v1/events", &[], r#"{"type": "left", "id": 5}"#, 400, "malformed-event"),
        ("POST", "/v1/events", &[], r#"{"type": "left", "occurred_at": "noon"}"#, 400, "malformed-event"),
        ("POST", "/v1/events", &[], r#"{"type": "left", "id": "a\nb"}"#, 400, "malformed-key"),
    ];
    for (method, target, headers, body, status, slug) in cases {
        let answer = daemon.request(method, target, headers, body);
        assert_eq!((answer.status, &answer.json()["type"]), (status, &json!(format!("urn:wf:{slug}"))), "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
        assert!(!answer.body.contains("deserialize"), "{answer:?}");
    }
    let long = "x".repeat(17_000);
    let answer = daemon.request("GET", "/v1/runs", &[("x-long", &long)], "");
    assert_eq!((answer.status, &answer.json()["type"]), (431, &json!("urn:wf:head-too-large")), "{answer:?}");
    assert_eq!(daemon.request("POST", "/v1/events", &[], "[]").status, 202);
    assert_eq!(daemon.get("/v1/events")["items"], json!([]));
}

#[test]
fn requests_of_one_connection_are_answered_in_order() {
    let project = project();
    let daemon = project.serve();
    let get = |path: &str, rest: &str| format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{rest}\r\n");
    let answers =
        speak(&daemon, &[get("/healthz", ""), get("/nowhere", ""), get("/readyz", "connection: close\r\n")].concat());
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)).collect();
    assert_eq!(statuses, ["200", "404", "200"]);
    let old = speak(&daemon, "GET /healthz HTTP/1.0\r\nhost: localhost\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 200 OK"), "{old}");
    let elsewhere =
        speak(&daemon, "GET http://evil.example/healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(elsewhere.starts_with("HTTP/1.1 421 "), "{elsewhere}");
}

/// What was sent is what is kept: digits, letters, depth; and any id can be asked for.
#[test]
fn nothing_of_an_event_is_lost() {
    let project = project();
    let daemon = project.serve();
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let fields = [
        r#""total":1234567890123456789012345.678"#.to_owned(),
        r#""n":9007199254740993"#.to_owned(),
        r#""n":-9223372036854775808"#.to_owned(),
        format!(r#""note":{deep}"#),
        r#""note":{"ключ":"значення 🙂","a b":[1.50,null]}"#.to_owned(),
    ];
    let ids = [("a/b", "a%2Fb"), ("..", "%2E%2E"), ("a?b#c%20", "a%3Fb%23c%2520"), ("ї", "%D1%97"), ("-", "-")];
    for (field, (id, encoded)) in fields.iter().zip(ids) {
        let event = format!(r#"{{"type":"left","id":"{id}","params":{{"email":"ann@example.com",{field}}}}}"#);
        assert_eq!(daemon.request("POST", "/v1/events", &[], &event).status, 202, "{event}");
        let answer = daemon.request("GET", &format!("/v1/events/{encoded}"), &[], "");
        assert!(answer.status == 200 && answer.body.contains(field), "{field}: {answer:?}");
    }
    let beyond = r#"{"type":"left","params":{"email":"ann@example.com","total":12345678901234567890123456.7891}}"#;
    assert_eq!(daemon.request("POST", "/v1/events", &[], beyond).status, 422);
}

#[test]
fn many_at_once_are_one_event_and_one_contact() {
    let project = project();
    let daemon = project.serve();
    let answers: Vec<Value> = thread::scope(|scope| {
        let senders: Vec<_> =
            (0..32).map(|_| scope.spawn(|| post(&daemon, "same", "ann@example.com").json())).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let new = answers.iter().filter(|answer| answer["accepted"][0]["duplicate"] == false).count();
    assert_eq!(new, 1, "{answers:?}");
    thread::scope(|scope| {
        for number in 0..32 {
            let daemon = &daemon;
            scope.spawn(move || assert_eq!(post(daemon, &number.to_string(), "bob@example.com").status, 202));
        }
    });
    let runs = daemon.get("/v1/runs?limit=500");
    assert_eq!(runs["items"].as_array().unwrap().len(), 2 * 33, "two workflows for each event");
    assert_eq!(daemon.get("/v1/contacts")["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_list_can_be_read_while_it_grows() {
    let project = project();
    let daemon = project.serve();
    for number in 0..7 {
        post(&daemon, &format!("old-{number}"), "ann@example.com");
    }
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let page = daemon.get(&format!("/v1/events?limit=3{cursor}"));
        seen.extend(page["items"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()));
        post(&daemon, &format!("new-{}", seen.len()), "ann@example.com");
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let expected: Vec<_> = (0..7).rev().map(|number| format!("old-{number}")).collect();
    assert_eq!(seen, expected);
}

#[test]
fn sensitive_parameters_are_shown_nowhere_in_history() {
    let project = project();
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com", "pin": "canary-pin" }));
    let runs: BTreeSet<String> = until("both runs to end", || {
        let runs = daemon.get("/v1/runs?status=completed");
        let ids: BTreeSet<_> =
            runs["items"].as_array()?.iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect();
        (ids.len() == 2).then_some(ids)
    });
    assert_eq!(daemon.get("/v1/events/1")["params"], json!({ "email": "ann@example.com", "pin": "•••" }));
    assert!(!daemon.get("/v1/events").to_string().contains("canary"));
    for run in runs {
        let run = daemon.get(&format!("/v1/runs/{run}"));
        assert!(!run.to_string().contains("canary"), "{run:#}");
    }
    // Of an event whose program runs no more, too.
    project.write("a.wf", "event right { email: email }");
    until("the other program", || (post(&daemon, "2", "ann@example.com").status == 422).then_some(()));
    assert!(!daemon.get("/v1/events").to_string().contains("canary"));
    assert!(!daemon.log().contains("canary"), "{}", daemon.log());
}

#[test]
fn a_token_opens_what_its_scopes_say() {
    // The SHA-256 of `test` and of `hello`.
    let tokens = "shop:ingest:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, \
                  ops:read+ingest:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let project = project().set("WF_TOKENS", tokens);
    let daemon = project.serve();
    let event = json!({ "type": "left", "id": "1", "params": { "email": "ann@example.com" } }).to_string();
    let shop = &[("authorization", "Bearer test")][..];
    let ops = &[("authorization", "Bearer hello")][..];
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str, u16);
    let cases: [Case<'_>; 10] = [
        (&[], "POST", "/v1/events", 401),
        (&[], "GET", "/v1/runs", 401),
        (&[], "GET", "/healthz", 200),
        (&[("authorization", "Bearer tes")], "POST", "/v1/events", 401),
        (&[("authorization", "Basic test")], "POST", "/v1/events", 401),
        (shop, "POST", "/v1/events", 202),
        (shop, "GET", "/v1/events", 403),
        (shop, "POST", "/v1/reload", 403),
        (ops, "GET", "/v1/events", 200),
        (ops, "POST", "/v1/reload", 403),
    ];
    for (headers, method, target, status) in cases {
        let body = if target == "/v1/events" && method == "POST" { event.as_str() } else { "" };
        let answer = daemon.request(method, target, headers, body);
        assert_eq!(answer.status, status, "{method} {target} {headers:?}: {answer:?}");
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{answer:?}");
    }
    // An id is unique among the events of one token.
    let answer = daemon.request("POST", "/v1/events", ops, &event);
    assert_eq!(answer.json()["accepted"][0]["duplicate"], false, "{answer:?}");
}

#[test]
fn everybody_is_let_in_on_loopback_only() {
    let project = project();
    let data = project.data();
    let arguments = ["serve", ".", "--data", data.to_str().unwrap(), "--listen", "0.0.0.0:0"];
    let output = project.wf(&arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("tokens"), "{text}");
}

/// A token is rotated while the daemon runs: both work while both hashes stand there, and nothing opens by mistake.
#[test]
fn tokens_are_rotated_without_a_restart() {
    let hashes =
        |tokens: &[&str]| tokens.iter().map(|token| format!("\"{}\"", digest(token))).collect::<Vec<_>>().join(", ");
    let settings =
        |tokens: &[&str]| format!("[[tokens]]\nname = \"a\"\nscopes = [\"read\"]\nsha256 = [{}]\n", hashes(tokens));
    let project = project();
    project.write("wf.toml", &settings(&["old"]));
    let daemon = project.serve();
    let status =
        |token: &str| daemon.request("GET", "/v1/runs", &[("authorization", &format!("Bearer {token}"))], "").status;
    assert_eq!((status("old"), status("new")), (200, 401));
    project.write("wf.toml", &settings(&["old", "new"]));
    until("the new token", || (status("new") == 200).then_some(()));
    assert_eq!(status("old"), 200);
    project.write("wf.toml", &settings(&["new"]));
    until("the old token to be gone", || (status("old") == 401).then_some(()));
    assert_eq!(status("new"), 200);
    for (wrong, told) in [("", "no token any more"), ("[[tokens]]\nname = 1\n", "cannot be used")] {
        project.write("wf.toml", wrong);
        until(told, || daemon.log().contains(told).then_some(()));
        assert_eq!((status("new"), status("old"), daemon.request("GET", "/v1/runs", &[], "").status), (200, 401, 401));
    }
}

fn digest(token: &str) -> String {
    let output =
        std::process::Command::new("sh").args(["-c", "printf %s \"$1\" | sha256sum", "sh", token]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}
