//! What goes wrong gets a clear, placed error, and nothing that was accepted is lost.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Daemon, Project, Reply, Stub, until};

const PROGRAM: &str = r#"
    event left { email: email, total: decimal, when: date? }
    connector promo_api bearer { token secret("PROMO_TOKEN") }
    webhook promo {
      post "ORIGIN/promo?to=${event.email}"
      auth promo_api
      body json { total: event.total }
      returns json { code: string }
      timeout 500ms
      attempts 2 from 10ms to 20ms
    }
    message code { email { from "shop@example.com" subject "$data.promo.code" text "x" } }
    workflow w { on left identify by email event.email else create call promo send code }
"#;

fn project(origin: &str) -> Project {
    Project::new(&[("a.wf", &PROGRAM.replace("ORIGIN", origin))])
}

fn params() -> Value {
    json!({ "email": "ann@example.com", "total": 10.5 })
}

/// An event that is not accepted: its status, the stable type of the problem, and what the detail must name.
#[track_caller]
fn refuses(daemon: &Daemon, event: &Value, status: u16, slug: &str, names: &[&str]) {
    let answer = daemon.post("/v1/events", event);
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:wf:{slug}"), "{problem:#}");
    for name in names {
        assert!(problem.to_string().contains(name), "{name}: {problem:#}");
    }
}

#[test]
fn an_event_that_does_not_fit_is_refused_with_each_parameter() {
    let daemon_project = project("https://localhost:1");
    let daemon = daemon_project.serve();
    let event = |params: Value| json!({ "type": "left", "params": params });
    refuses(&daemon, &json!({ "type": "lefd", "params": {} }), 422, "unknown-event-type", &["`lefd`", "`left`"]);
    refuses(&daemon, &event(json!({})), 422, "params-do-not-fit", &["email", "total"]);
    refuses(
        &daemon,
        &event(json!({ "email": "nobody", "total": "12,5", "when": "2026-02-30" })),
        422,
        "params-do-not-fit",
        &["email", "total", "when"],
    );
    refuses(&daemon, &json!({ "kind": "left" }), 400, "malformed-event", &["`kind`"]);
    refuses(&daemon, &json!("left"), 400, "malformed-event", &["params"]);
    // What is a time and too late is not called none.
    let at = |time: &str| json!({ "type": "left", "occurred_at": time });
    let late = ["`occurred_at` is out of range", "9999-12-30T22:00:00Z"];
    refuses(&daemon, &at("9999-12-31T23:59:59Z"), 400, "malformed-event", &late);
    refuses(&daemon, &at("9999-12-31T23:59:59-02:00"), 400, "malformed-event", &late);
    refuses(&daemon, &at("2026-13-01T00:00:00Z"), 400, "malformed-event", &["is no time as in RFC 3339"]);
    refuses(&daemon, &at("2026-01-01T00:00:00"), 400, "malformed-event", &["is no time as in RFC 3339"]);
    for (headers, body, status) in [
        (&[][..], "{\"type\": \"left\", }", 400),
        (&[][..], "{\"type\": \"left\", \"type\": \"left\"}", 400),
        (&[("content-type", "text/plain")][..], "{}", 415),
        (&[("content-encoding", "gzip")][..], "{}", 415),
        (&[("host", "evil.example")][..], "{}", 421),
        (&[][..], &format!("\"{}\"", "x".repeat(300 * 1024)), 413),
    ] {
        let answer = daemon.request("POST", "/v1/events", headers, body);
        assert_eq!(answer.status, status, "{:.80}: {answer:?}", body);
        assert!(answer.json()["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{answer:?}");
    }
    assert_eq!(daemon.request("GET", "/v1/nowhere", &[], "").status, 404);
    assert_eq!(daemon.request("DELETE", "/v1/events", &[], "").status, 405);
    assert_eq!(daemon.get("/v1/events")["items"], json!([]), "nothing of all that was kept");
}

#[test]
fn a_batch_keeps_what_fits_unless_it_is_to_be_taken_as_a_whole() {
    let program = "event left { email: email, total: decimal }";
    let project = Project::new(&[("a.wf", program)]);
    let daemon = project.serve();
    let good = |id: &str| json!({ "type": "left", "id": id, "params": params() });
    let batch = json!([good("1"), { "type": "left", "params": {} }, good("2"), { "type": "unknown" }]);
    let answer = daemon.post("/v1/events?atomic=true", &batch);
    assert_eq!(answer.status, 422, "{answer:?}");
    assert_eq!(answer.json()["rejected"].as_array().unwrap().len(), 2);
    assert_eq!(daemon.get("/v1/events")["items"], json!([]));

    let answer = daemon.post("/v1/events", &batch);
    assert_eq!(answer.status, 207, "{answer:?}");
    let answer = answer.json();
    assert_eq!(answer["accepted"], json!([{ "id": "1", "duplicate": false }, { "id": "2", "duplicate": false }]));
    let indexes: Vec<_> =
        answer["rejected"].as_array().unwrap().iter().map(|problem| problem["index"].clone()).collect();
    assert_eq!(indexes, [json!(1), json!(3)]);

    let mut other = good("1");
    other["params"]["total"] = json!(11);
    refuses(&daemon, &other, 422, "key-reused", &["`1`"]);
    let all = daemon.post("/v1/events?atomic=true", &json!([good("3"), other]));
    assert_eq!(all.status, 422);
    assert_eq!(daemon.get("/v1/events")["items"].as_array().unwrap().len(), 2, "`3` was withheld");
}

#[test]
fn a_contact_that_nobody_knows_fails_the_run_with_that_reason() {
    let program = r#"
        event left { email: email }
        message code { email { from "shop@example.com" subject "x" text "x" } }
        workflow fails { on left identify by email event.email send code }
        workflow stops { on left identify by email event.email else stop send code }
    "#;
    let project = Project::new(&[("a.wf", program)]);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    let runs = until("two runs", || Some(daemon.runs()).filter(|runs| runs.len() == 2));
    for (workflow, status) in [("fails", "failed"), ("stops", "stopped")] {
        let run = runs.iter().find(|run| run["workflow"] == workflow).unwrap();
        assert_eq!((&run["status"], &run["reason_code"]), (&json!(status), &json!("contact_not_found")), "{run:#}");
    }
    assert!(project.mails().is_empty());
}

/// A run whose call fails: the class of each attempt's error, and what its message names.
#[track_caller]
fn fails(project: &Project, classes: &[&str], names: &str) -> Value {
    let daemon = project.serve();
    daemon.send("left", "1", params());
    let run = daemon.ended_run();
    assert_eq!((&run["status"], &run["reason_code"]), (&json!("failed"), &json!("call_failed")), "{run:#}");
    let attempts = run["steps"][0]["attempts"].as_array().unwrap();
    let found: Vec<_> = attempts.iter().map(|attempt| attempt["error"]["class"].as_str().unwrap()).collect();
    assert_eq!(found, classes, "{run:#}");
    let message = attempts[0]["error"]["message"].as_str().unwrap();
    assert!(message.contains(names), "{message}");
    assert!(run["reason"].as_str().unwrap().contains("promo"), "{run:#}");
    assert!(!run.to_string().contains("canary"), "{run:#}");
    assert!(project.mails().is_empty());
    run
}

#[test]
fn a_webhook_that_answers_wrongly_fails_the_run_with_what_it_answered() {
    let json_kind = "application/json";
    let cases: [(Reply, &[&str], &str); 7] = [
        (Reply::status("500 Internal Server Error", "text/plain", "oops"), &["status", "status"], "500"),
        (Reply::status("404 Not Found", "text/plain", "who?"), &["status"], "404"),
        (Reply::status("302 Found", "text/plain", ""), &["status"], "302"),
        (Reply::ok(json_kind, "<html>canary-token"), &["body"], "not JSON"),
        (Reply::ok(json_kind, r#"{"code": 5}"#), &["body"], "code"),
        (Reply::ok(json_kind, ""), &["body"], "empty"),
        (Reply::SendAndHang(vec![]), &["timeout", "timeout"], "500ms"),
    ];
    for (reply, classes, names) in cases {
        let stub = Stub::start(move |_, _| reply.clone());
        let project = project(&stub.origin()).calls(&stub).set("WF_SECRET_PROMO_TOKEN", "canary-token");
        fails(&project, classes, names);
        assert_eq!(stub.received().len(), classes.len());
    }
}

#[test]
fn a_webhook_that_cannot_be_called_fails_the_run_and_says_why() {
    // Nobody listens there.
    let stub = Stub::json("{}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let project_of = |port: u16| {
        project(&format!("https://localhost:{port}"))
            .calls(&stub)
            .set("WF_EGRESS_ALLOW_PRIVATE", "localhost")
            .set("WF_SECRET_PROMO_TOKEN", "canary-token")
    };
    fails(&project_of(closed), &["connection", "connection"], "");
    // A certificate that nobody vouches for.
    let stranger = Stub::json("{}");
    fails(&project_of(stranger.port()), &["certificate"], "certificate");
    // A private address without leave.
    let guarded = project(&stub.origin()).set("WF_SECRET_PROMO_TOKEN", "canary-token");
    fails(&guarded, &["blocked"], "allow_private");
    // A secret that is not set.
    let secretless = project(&stub.origin()).calls(&stub);
    fails(&secretless, &["missing_secret"], "WF_SECRET_PROMO_TOKEN");
    assert!(stub.received().is_empty() && stranger.received().is_empty());
}

#[test]
fn a_second_daemon_on_one_data_folder_is_refused() {
    let project = project("https://localhost:1");
    let daemon = project.serve();
    let data = project.data();
    let second = ["serve", ".", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let output = project.wf(&second).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!([2, 3].contains(&output.status.code().unwrap()), "{output:?}");
    assert!(text.contains(data.to_str().unwrap()) && text.contains("in use"), "{text}");
    daemon.get("/v1/program");
}

#[test]
fn a_project_that_never_compiled_is_not_served() {
    let project = Project::new(&[("a.wf", r#"webhook w { get "http://example.com/" }"#)]);
    let data = project.data();
    let arguments = ["serve", ".", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let output = project.wf(&arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("plain-http") && text.contains("a.wf:1:"), "{text}");
}

#[test]
fn a_slow_service_does_not_hold_up_acceptance() {
    let stub = Stub::start(|_, _| Reply::SendAndHang(vec![]));
    let project = project(&stub.origin()).calls(&stub).set("WF_SECRET_PROMO_TOKEN", "t");
    let daemon = project.serve();
    let begun = std::time::Instant::now();
    for number in 0..50 {
        daemon.send("left", &number.to_string(), params());
    }
    // Two attempts of half a second each hang behind every event; none of them is waited for.
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(daemon.get("/v1/events?limit=100")["items"].as_array().unwrap().len(), 50);
}

#[test]
fn an_event_says_which_workflows_it_did_not_start_and_why() {
    let program = r#"
        event left { email: email, pieces: int }
        workflow few { on left where event.pieces < 3 identify by email event.email else create stop "few" }
        workflow many { on left where event.pieces >= 3 identify by email event.email else create stop "many" }
        workflow share { on left where 10 / event.pieces > 1 identify by email event.email else create stop "share" }
    "#;
    let project = Project::new(&[("a.wf", program)]);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com", "pieces": 0 }));
    let event = daemon.get("/v1/events/1");
    assert_eq!(event["runs"].as_array().unwrap().len(), 1, "{event:#}");
    let condition = "event.pieces >= 3";
    let parts = json!([
        { "at": 0, "expression": "event.pieces", "value": "0" },
        { "at": 13, "expression": condition, "value": "false" },
    ]);
    let kept_out = json!([
        {
            "workflow": "many",
            "reason_code": "where",
            "decisions": [{ "of": "where", "expression": condition, "value": "false", "parts": parts }],
        },
        { "workflow": "share", "reason_code": "expression_failed" },
    ]);
    assert_eq!(event["kept_out"], kept_out);
}
