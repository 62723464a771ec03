//! Requests that are sent by hand: against a real daemon and a real HTTPS server.

mod answers;

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Answer, Daemon, Project, Received, Reply, Stub};

const PROGRAM: &str = r#"
    event cart { email: email, total: decimal, pin: string? sensitive }
    event other { n: int }
    contact { memo: string? sensitive, tier: string = "bronze" }
    connector shop bearer { token secret("TOKEN") }

    webhook score { post "ORIGIN/score/${event.email}?total=${event.total}" auth shop
      body json { town: contact.town, memo: contact.memo, tier: contact.tier, pin: event.pin }
      returns json { score: int, card: string sensitive, mail: email? } }
    webhook ping { get "ORIGIN/ping" }
    webhook item { get "ORIGIN/item" returns xml { "@at": datetime, line: [{ sku: string, pin: int sensitive }] } }
    webhook next { uses score get "ORIGIN/next/${data.score.score}" returns text }
    webhook away { get "https://192.0.2.1:9/x" }

    channel sms { post "ORIGIN/sms" body json { to: contact.phone, text: message.text } }
    channel push { post "ORIGIN/push" body json { title: message.title, text: message.text ?? "", link: message.link } }
    message hello { sms { text "Hello" } }

    workflow w { on cart identify by email event.email else stop call score call next call ping call item call away send hello }
"#;

/// What each path answers.
fn answer(request: &Received) -> Reply {
    let path = request.target.split(['?']).next().unwrap_or_default();
    match path {
        "/score/ann@example.com" | "/score/ann%40example.com" => Reply::ok(
            "application/json",
            r#"{"score":7,"card":"4111-canary","mail":"town-memo@example.com","echo":"canary-token-1"}"#,
        ),
        path if path.starts_with("/score/") => {
            Reply::ok("application/json", r#"{"score":"many","card":"4111-canary"}"#)
        }
        "/ping" => Reply::ok("application/json", r#"{"pong":[{"at":"2026-11-24T09:30:00Z"},{}]}"#),
        "/item" => Reply::ok(
            "application/xml",
            r#"<o at="2026-11-24T09:30:00Z"><line><sku>a &amp; b</sku><pin>471147114711</pin></line></o>"#,
        ),
        _ => Reply::ok("text/plain", "fine"),
    }
}

struct World {
    stub: Stub,
    project: Project,
}

impl World {
    fn new() -> World {
        let stub = Stub::start(|request, _| answer(request));
        let program = PROGRAM.replace("ORIGIN", &stub.origin());
        let project = Project::new(&[("a.wf", &program)]).calls(&stub).set("WF_SECRET_TOKEN", "canary-token-1");
        World { stub, project }
    }
}

fn test(daemon: &Daemon, webhook: &str, order: &Value) -> Answer {
    daemon.post(&format!("/v1/webhooks/{webhook}/test"), order)
}

fn ann(daemon: &Daemon) {
    let card = json!({ "email": "ann@example.com", "phone": "+380671234567", "town": "Kyiv", "memo": "town-memo" });
    assert_eq!(daemon.request("PUT", "/v1/contacts", &[], &card.to_string()).status, 201);
}

#[test]
fn a_request_is_shown_sent_and_judged() {
    let world = World::new();
    let daemon = world.project.serve();
    ann(&daemon);
    daemon.send("cart", "c1", json!({ "email": "ann@example.com", "total": 12.50, "pin": "pin-canary" }));
    daemon.ended_run();
    let before = (daemon.runs().len(), world.stub.received().len());

    // By an event that was received: its contact is found, and nothing is sent by a dry run.
    let answer = test(&daemon, "score", &json!({ "event_id": "c1", "dry_run": true }));
    assert_eq!(answer.status, 200, "{answer:?}");
    let planned = answer.json();
    assert_eq!(world.stub.received().len(), before.1);
    assert_eq!((&planned["sent"], &planned["contact"]), (&json!(false), &json!(1)));
    assert_eq!(planned["request"]["method"], "POST");
    assert!(planned["request"]["url"].as_str().unwrap().ends_with("?total=12.5"), "{planned}");
    assert_eq!(planned["request"]["headers"]["authorization"], "Bearer {{secret:TOKEN}}");
    assert_eq!(planned["request"]["body"], r#"{"town":"Kyiv","memo":"***","tier":"bronze","pin":"***"}"#);

    let sent = test(&daemon, "score", &json!({ "event_id": "c1" })).json();
    let received = world.stub.received();
    assert_eq!(received.len(), before.1 + 1);
    let last = received.last().unwrap();
    assert_eq!(last.header("authorization"), Some("Bearer canary-token-1"));
    assert_eq!(last.text(), r#"{"town":"Kyiv","memo":"town-memo","tier":"bronze","pin":"pin-canary"}"#);
    assert!(last.header("idempotency-key").unwrap().starts_with("test_"), "{last:?}");
    assert_eq!((&sent["sent"], &sent["fits"], &sent["error"]), (&json!(true), &json!(true), &json!(null)), "{sent}");
    assert_eq!(sent["response"]["status"], 200);
    for time in ["connect_ms", "first_byte_ms", "total_ms"] {
        assert!(sent["timing"][time].as_f64().is_some_and(|time| time > 0.0), "{time}: {sent}");
    }
    // Nothing that is secret or sensitive comes back: neither in the answer nor in the stub.
    let told = sent.to_string();
    for canary in ["canary-token", "town-memo", "pin-canary", "4111-canary"] {
        assert!(!told.contains(canary), "{canary}: {told}");
    }
    assert_eq!(sent["stub"], "stub score { body { card: \"***\", mail: \"hidden@example.com\", score: 7 } }", "{sent}");

    // No history knows of it.
    assert_eq!(daemon.runs().len(), before.0);
    let metrics = daemon.request("GET", "/metrics", &[], "").body;
    let calls = metrics.lines().filter(|line| line.starts_with("wf_attempts_total")).count();
    assert!(calls > 0 && daemon.get("/v1/events")["items"].as_array().unwrap().len() == 1, "{metrics}");
}

#[test]
fn an_answer_that_does_not_fit_says_where_and_what_would() {
    let world = World::new();
    let daemon = world.project.serve();
    let event = json!({ "type": "cart", "params": { "email": "bob@example.com", "total": 1 } });
    let fields = json!({ "fields": { "town": "Lviv", "tier": null } });
    let sent = test(&daemon, "score", &json!({ "contact": fields, "event": event })).json();
    assert_eq!((&sent["fits"], &sent["error"]["class"]), (&json!(false), &json!("body")), "{sent}");
    assert_eq!(sent["mismatches"], json!([{ "path": "score", "message": "expected `int`, got the text `\"many\"`" }]));
    assert_eq!(sent["suggested_returns"], "returns json { card: string, score: string }");
    assert_eq!(sent["contact"], json!(null));

    let sent = test(&daemon, "ping", &json!({})).json();
    assert_eq!(sent["suggested_returns"], "returns json { pong: [{ at: datetime? }] }", "{sent}");
    assert_eq!(sent["returns"], "nothing");

    let sent = test(&daemon, "item", &json!({})).json();
    assert_eq!(
        sent["stub"],
        "stub item {\n  body \"<answer at=\\\"2026-11-24T09:30:00Z\\\"><line><sku>a &amp; b</sku><pin>0</pin></line></answer>\"\n}",
        "{sent}"
    );
    assert!(!sent.to_string().contains("471147114711"), "{sent}");
    assert_eq!(sent["returns"], r#"xml { "@at": datetime, line: [{ pin: int, sku: string }] }"#);
    let sent = test(&daemon, "next", &json!({ "data": { "score": { "score": 3, "card": "x" } } })).json();
    assert!(sent["request"]["url"].as_str().unwrap().ends_with("/next/3"), "{sent}");
    let phone = json!({ "fields": { "phone": "+38 067 1234567" } });
    let sent = test(&daemon, "sms", &json!({ "contact": phone, "message": { "text": "Hi" } })).json();
    assert_eq!(sent["request"]["body"], r#"{"to":"+380671234567","text":"Hi"}"#);
    // What the request asks for may be left out.
    let sent = test(&daemon, "push", &json!({ "message": { "title": "Hi", "link": "x" }, "dry_run": true })).json();
    assert_eq!(sent["request"]["body"], r#"{"title":"Hi","text":"","link":"x"}"#);
    // The guard is the engine's: what it forbids is told, and not sent.
    let refused = test(&daemon, "away", &json!({})).json();
    assert_eq!((&refused["sent"], &refused["error"]["class"]), (&json!(false), &json!("blocked")), "{refused}");
}

#[test]
fn what_is_missing_or_unknown_is_told() {
    let world = World::new();
    let daemon = world.project.serve();
    ann(&daemon);
    let cart = json!({ "type": "cart", "params": { "email": "ann@example.com", "total": 1 } });
    let parts = |parts: Value| json!({ "contact": { "id": 1 }, "message": parts });
    let cases = [
        ("scroe", json!({}), 404, "unknown-webhook", "did you mean `score`?"),
        ("score", json!({}), 422, "test-incomplete", "`event.email`"),
        (
            "score",
            json!({ "event": { "type": "cart", "params": { "email": "bob@example.com", "total": 1 } } }),
            422,
            "test-incomplete",
            "`contact.town`",
        ),
        ("next", json!({}), 422, "test-incomplete", "`data.score`"),
        ("score", json!({ "event_id": "nope" }), 422, "unknown-event", "`nope`"),
        ("score", json!({ "event": { "type": "crat" } }), 422, "unknown-event-type", "did you mean `cart`?"),
        (
            "score",
            json!({ "event": { "type": "cart", "params": { "total": 1 } } }),
            422,
            "fields-do-not-fit",
            "`email`",
        ),
        (
            "score",
            json!({ "event": cart, "contact": { "email": "bob@example.com" } }),
            422,
            "unknown-contact",
            "`email`",
        ),
        (
            "score",
            json!({ "event": cart, "contact": { "fields": { "twon": "x" } } }),
            422,
            "fields-do-not-fit",
            "`twon`",
        ),
        (
            "score",
            json!({ "event": cart, "contact": { "id": 1, "email": "x" } }),
            400,
            "malformed-test",
            "`contact` is",
        ),
        ("score", json!({ "event": cart, "event_id": "c1" }), 400, "malformed-test", "two events"),
        ("score", json!({ "events": [] }), 400, "malformed-test", "`events`"),
        ("score", json!([]), 400, "malformed-test", "a test looks like"),
        ("sms", parts(json!({})), 422, "test-incomplete", "`message.text`"),
        ("sms", parts(json!({ "text": null })), 422, "test-incomplete", "`message.text`"),
        ("sms", parts(json!({ "txt": "hi" })), 422, "fields-do-not-fit", "`message.txt`"),
        ("sms", parts(json!({ "text": "hi", "title": "x" })), 422, "fields-do-not-fit", "`message.title`"),
        ("sms", parts(json!({ "text": 7 })), 422, "fields-do-not-fit", "`message.text`"),
        ("push", parts(json!({ "title": "a\nb", "link": "x" })), 422, "fields-do-not-fit", "`message.title`"),
        ("push", parts(json!({ "text": "x" })), 422, "test-incomplete", "`message.link`, `message.title`"),
        ("ping", parts(json!({ "text": "x" })), 422, "fields-do-not-fit", "`message.text`"),
        (
            "next",
            json!({ "data": { "score": { "score": "x", "card": "y" } } }),
            422,
            "fields-do-not-fit",
            "`data.score.score`",
        ),
    ];
    for (webhook, order, status, slug, detail) in cases {
        let answer = test(&daemon, webhook, &order);
        let problem = answer.json();
        assert_eq!((answer.status, &problem["type"]), (status, &json!(format!("urn:wf:{slug}"))), "{order} {answer:?}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{order}: {problem}");
    }
    assert!(world.stub.received().is_empty());
}

#[test]
fn the_command_shows_asks_and_records() {
    let world = World::new();
    let daemon = world.project.serve();
    ann(&daemon);
    daemon.send("cart", "c1", json!({ "email": "ann@example.com", "total": 12.50 }));
    daemon.ended_run();
    let url = format!("http://{}", daemon.address);
    let told = |line: &[&str]| {
        let mut arguments = vec!["send-test"];
        arguments.extend(line);
        arguments.extend(["--url", &url]);
        let output = world.project.wf(&arguments).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let sent = || world.stub.received().len();
    let before = sent();

    // Without a terminal nobody can agree.
    let (code, out, err) = told(&["score", "--last", "cart"]);
    assert_eq!((code, sent()), (Some(2), before), "{out}{err}");
    assert!(out.contains("> POST https://localhost:") && err.contains("give --yes"), "{out}{err}");
    let (code, out, _) = told(&["score", "--last", "cart", "--dry-run"]);
    assert_eq!((code, sent()), (Some(0), before), "{out}");

    let (code, out, err) =
        told(&["score", "--last", "cart", "--contact", "email=ann@example.com", "--yes", "--record"]);
    assert_eq!((code, sent()), (Some(0), before + 1), "{out}{err}");
    for part in ["   < 200", "the body fits", "first byte ", "Bearer {{secret:TOKEN}}"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let recorded = std::fs::read_to_string(world.project.path().join("recorded/score.wf")).unwrap();
    assert!(recorded.contains("stub score {") && !recorded.contains("4111-canary"), "{recorded}");
    let (code, _, err) = told(&["item", "--yes", "--record"]);
    assert_eq!(code, Some(0), "{err}");
    let check = world.project.wf(&["check"]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    let (code, _, err) = told(&["ping", "--yes", "--record=recorded/item.wf"]);
    assert!(code == Some(3) && err.contains("is there already"), "{err}");

    // A search that finds one contact takes it; the exit code says that the call would have failed.
    world.project.write("bob.json", r#"{"type":"cart","params":{"email":"bob@example.com","total":1.50}}"#);
    let (code, out, err) = told(&["score", "--contact", "ann@example.com", "--event", "bob.json", "--yes"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("the body does not fit") && out.contains("score: expected `int`"), "{out}");
    assert!(
        out.contains("returns json { card: string, score: string }") && err.contains("+380671234567"),
        "{out}{err}"
    );
    let (code, out, _) = told(&["score", "--last", "cart", "--yes", "--format", "json"]);
    assert_eq!((code, &serde_json::from_str::<Value>(&out).unwrap()["fits"]), (Some(0), &json!(true)), "{out}");
    for (line, code, expected) in [
        (&["score", "--last", "other"][..], 3, "has received no event `other`"),
        (&["score"], 3, "hint: choose an event"),
        (&["scroe"], 3, "did you mean `score`?"),
        (&["score", "--contact", "nobody", "--last", "cart"], 3, "no contact has `nobody`"),
        (&["score", "--contact", "name=x", "--last", "cart"], 2, "not known by `name`"),
    ] {
        let (found, out, err) = told(line);
        assert!(found == Some(code) && err.contains(expected), "{line:?}: {out}{err}");
    }
}
