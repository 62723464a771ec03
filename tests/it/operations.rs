//! What the operator sees and relies on: metrics, logs, readiness, limits on what comes in, an orderly end.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Project, Reply, Stub, try_request, until};

const PROGRAM: &str = r#"
    event left { email: email, note: string? }
    webhook promo { get "ORIGIN/x" returns json { code: string } attempts 2 from 10ms to 20ms }
    message code { email { from "shop@example.com" subject "x" text "x" } }
    workflow w { on left identify by email event.email else create call promo send code }
"#;

fn project(stub: &Stub) -> Project {
    Project::new(&[("a.wf", &PROGRAM.replace("ORIGIN", &stub.origin()))]).calls(stub)
}

#[test]
fn metrics_count_what_happened() {
    let stub = Stub::start(|_, number| match number {
        0 => Reply::status("503 Service Unavailable", "text/plain", ""),
        _ => Reply::ok("application/json", r#"{"code": "A"}"#),
    });
    let project = project(&stub);
    let daemon = project.serve();
    for _ in 0..2 {
        daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    }
    assert_eq!(daemon.post("/v1/events", &json!({ "type": "left", "params": {} })).status, 422);
    project.wait_for_mails(1);
    until("the run to be counted", || {
        daemon.request("GET", "/metrics", &[], "").body.contains("wf_runs_ended_total").then_some(())
    });
    let answer = daemon.request("GET", "/metrics", &[], "");
    assert_eq!(answer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let hash = daemon.get("/v1/program")["hash"].as_str().unwrap().to_owned();
    for line in [
        "wf_events_accepted_total 1",
        "wf_events_duplicate_total 1",
        r#"wf_events_rejected_total{reason="params-do-not-fit"} 1"#,
        r#"wf_runs_started_total{workflow="w"} 1"#,
        r#"wf_runs_ended_total{workflow="w",status="completed"} 1"#,
        r#"wf_attempts_total{host="localhost",outcome="status"} 1"#,
        r#"wf_attempts_total{host="localhost",outcome="succeeded"} 1"#,
        r#"wf_messages_total{kind="outbox"} 1"#,
        r#"wf_reloads_total{kind="active"} 1"#,
        r#"wf_runs{status="running"} 0"#,
        &format!("wf_program_info{{hash=\"{hash}\"}} 1"),
        "# EOF",
    ] {
        assert!(answer.body.lines().any(|found| found == line), "{line}\n{}", answer.body);
    }
    let number = |name: &str| -> f64 {
        let line = answer.body.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}"));
        line.trim().parse().unwrap()
    };
    assert!(number("wf_commit_duration_seconds_count") >= 3.0);
    assert!(number("wf_process_resident_memory_bytes") > 1e6);
}

/// Every line is an object, whoever tried to write another one; and none of it says whom an event was about.
#[test]
fn the_log_cannot_be_forged_and_names_nobody() {
    let stub = Stub::start(|_, _| Reply::status("404 Not Found", "text/plain", "no"));
    let project = project(&stub).set("RUST_LOG", "debug");
    let daemon = project.serve();
    let evil = "x\n{\"level\":\"error\",\"message\":\"forged\"}\u{1b}[31m\u{202e}";
    daemon.send("left", "1\u{202e}{forged}", json!({ "email": "canary-ann@example.com", "note": evil }));
    let put = json!({ "email": "canary-bob@example.com", "first_name": evil });
    daemon.request("PUT", "/v1/contacts", &[], &put.to_string());
    daemon.request("GET", "/v1/forged%0a%1b", &[], "");
    project.write("forged\u{202e}.wf", "event broken { a: nothing }\nevent idle { n: int }");
    until("the run to fail", || daemon.log().contains("call_failed").then_some(()));
    until("the reload to be refused", || daemon.log().contains("does not compile").then_some(()));
    let log = daemon.log();
    for line in log.lines() {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(object["time"].is_string() && object["level"].is_string() && object["message"].is_string(), "{line}");
        assert!(line.bytes().all(|byte| (b' '..0x7f).contains(&byte)), "{line}");
        assert!(!line.contains("canary") && object["message"] != "forged", "{line}");
        // A finding is as severe in the log as it is.
        let message = object["message"].as_str().unwrap();
        let severe = [("error[", "error"), ("warning[", "warn")].into_iter().find(|(word, _)| message.contains(word));
        assert!(severe.is_none_or(|(_, level)| object["level"] == level), "{line}");
    }
    assert!(log.contains("error[unknown-type]") && log.contains("warning[unused-declaration]"), "{log}");
}

#[test]
fn text_is_for_people() {
    let project = Project::new(&[("a.wf", "event left { email: email }")]).set("WF_LOG_FORMAT", "text");
    let daemon = project.serve();
    until("a line", || daemon.log().contains("  INFO listening address=127.0.0.1:").then_some(()));
    let other = Project::new(&[]).set("WF_LOG_FORMAT", "xml");
    let output = other.wf(&["serve", "."]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`log.format` is `json` or `text`"));
}

#[test]
fn a_trace_goes_on_to_every_call() {
    let stub = Stub::start(|_, number| match number {
        0 => Reply::status("503 Service Unavailable", "text/plain", ""),
        _ => Reply::ok("application/json", r#"{"code": "A"}"#),
    });
    let project = project(&stub);
    let daemon = project.serve();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let event = json!({ "type": "left", "id": "1", "params": { "email": "ann@example.com" } }).to_string();
    assert_eq!(daemon.request("POST", "/v1/events", &[("traceparent", parent)], &event).status, 202);
    project.wait_for_mails(1);
    daemon.send("left", "2", json!({ "email": "bob@example.com" }));
    project.wait_for_mails(2);
    let traces: Vec<String> =
        stub.received().iter().map(|request| request.header("traceparent").unwrap().to_owned()).collect();
    let id = |trace: &str| trace.split('-').nth(1).unwrap().to_owned();
    let expected = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!((id(&traces[0]).as_str(), id(&traces[1]).as_str()), (expected, expected), "{traces:?}");
    assert_ne!(id(&traces[2]), expected, "an event without one has its own");
    let spans: BTreeSet<_> = traces.iter().map(|trace| trace.split('-').nth(2).unwrap()).collect();
    assert_eq!(spans.len(), 3, "{traces:?}");
    let run = daemon.get(&format!("/v1/runs/{}", daemon.runs()[1]["id"].as_str().unwrap()));
    assert_eq!(run["steps"][0]["attempts"][0]["request"]["headers"]["traceparent"], json!(traces[0]));
}

/// Runs that wait, and what they lead to, belong to the trace of the event that all began with, also over a crash.
#[test]
fn what_an_event_leads_to_is_one_trace() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let trace = check_trace(&[("traceparent", parent)]);
    assert_eq!(trace, "00-4bf92f3577b34da6a3ce929d0e0e4736-");
    // One that is malformed is none.
    assert_ne!(check_trace(&[]), check_trace(&[("traceparent", "00-zz")]));
}

/// Which trace it is, over waits, crashes, and runs that lead to others.
fn check_trace(headers: &[(&str, &str)]) -> String {
    let stub = Stub::json(r#"{"code": "A"}"#);
    let program = r#"
        contact { tier: string = "new" }
        event left { email: email }
        event went { email: email }
        webhook promo { get "ORIGIN/x" returns json { code: string } }
        workflow first {
          on left identify by email event.email else create
          wait 2s
          call promo
          emit went { email: event.email }
          set contact.tier = "gold"
        }
        workflow second { on went identify by email event.email call promo }
        workflow third { on contact.tier changed call promo }
        workflow beside { on left identify by email event.email else create call promo }
    "#;
    let project = Project::new(&[("a.wf", &program.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let daemon = project.serve();
    let event = json!({ "type": "left", "id": "1", "params": { "email": "ann@example.com" } }).to_string();
    assert_eq!(daemon.request("POST", "/v1/events", headers, &event).status, 202);
    // At once: the first turn may have been had or not.
    daemon.kill();
    let _daemon = project.serve();
    until("four calls", || (stub.received().len() == 4).then_some(()));
    let traces = stub
        .received()
        .iter()
        .map(|request| request.header("traceparent").unwrap()[..36].to_owned())
        .collect::<Vec<_>>();
    assert!(traces.iter().all(|trace| *trace == traces[0]), "{traces:?}");
    traces[0].clone()
}

#[test]
fn cloudevents_come_in_all_three_modes() {
    let project = Project::new(&[("a.wf", "event left { email: email, total: decimal? }")]);
    let daemon = project.serve();
    let event = |id: &str| {
        json!({ "specversion": "1.0", "type": "com.example.left", "source": "/shop", "id": id,
                "time": "2026-01-02T03:04:05Z", "data": { "email": "ann@example.com", "total": 1.5 } })
    };
    let send = |headers: &[(&str, &str)], body: &str| daemon.request("POST", "/v1/events", headers, body);
    let structured = ("content-type", "application/cloudevents+json; charset=utf-8");
    let answer = send(&[structured], &event("1").to_string());
    assert_eq!((answer.status, &answer.json()["accepted"][0]["id"]), (202, &json!("/shop 1")), "{answer:?}");
    let binary = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-type", "left"),
        ("ce-source", "/shop"),
        ("ce-id", "1"),
        ("ce-time", "2026-01-02T03:04:05Z"),
    ];
    let answer = send(&binary, r#"{"email":"ann@example.com","total":1.5}"#);
    assert_eq!(answer.json()["accepted"][0]["duplicate"], true, "the mode makes no difference: {answer:?}");
    let batch = ("content-type", "application/cloudevents-batch+json");
    let answer = send(&[batch], &json!([event("2"), event("1"), { "specversion": "1.0" }]).to_string());
    assert_eq!(answer.status, 207, "{answer:?}");
    assert_eq!(answer.json()["rejected"][0]["index"], 2);
    let kept = daemon.get("/v1/events")["items"].clone();
    assert_eq!(kept.as_array().unwrap().len(), 2);
    assert_eq!((&kept[1]["type"], &kept[1]["occurred_at"]), (&json!("left"), &json!("2026-01-02T03:04:05Z")));
    for (headers, body, names) in [
        (&[structured][..], json!({ "type": "left" }).to_string(), "specversion"),
        (&[structured, ("idempotency-key", "k")], event("3").to_string(), "Idempotency-Key"),
        (&[batch], event("3").to_string(), "array"),
        (&binary[..4], "{}".to_owned(), "`id`"),
    ] {
        let answer = send(headers, &body);
        assert!(answer.status == 400 && answer.body.contains(names), "{names}: {answer:?}");
    }
}

#[test]
fn what_is_too_much_is_turned_away_unread() {
    let hash = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
    let other = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9";
    let project = Project::new(&[("a.wf", "event left { email: email }")])
        .set("WF_TOKENS", format!("foo:ingest+read:{hash}, bar:ingest:{other}"))
        .set("WF_LIMITS_REQUESTS", "4");
    let daemon = project.serve();
    let head = |token: &str, length: usize| {
        format!(
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    // Bodies that never come.
    let open = |token: &str| {
        let mut stream = TcpStream::connect(daemon.address).unwrap();
        stream.write_all(head(token, 100_000).as_bytes()).unwrap();
        stream
    };
    let inside = || {
        let headers = [("authorization", "Bearer foo")];
        let metrics = daemon.request("GET", "/metrics", &headers, "").body;
        let line = metrics.lines().find_map(|line| line.strip_prefix(r#"wf_queue_depth{kind="requests"} "#));
        line.unwrap().parse::<usize>().unwrap()
    };
    let answer = |mut stream: TcpStream| {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut bytes = [0; 400];
        let count = stream.read(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..count]).to_ascii_lowercase()
    };
    let mut held: Vec<TcpStream> = (0..3).map(|_| open("foo")).collect();
    until("three inside", || (inside() == 3).then_some(()));
    let refused = answer(open("foo"));
    assert!(refused.starts_with("http/1.1 429 ") && refused.contains("retry-after: 1"), "{refused}");
    held.push(open("bar"));
    until("four inside", || (inside() == 4).then_some(()));
    let refused = answer(open("bar"));
    assert!(refused.starts_with("http/1.1 503 ") && refused.contains("retry-after: 1"), "{refused}");
    drop(held);
    until("room again", || (inside() == 0).then_some(()));
    let event = json!({ "type": "left", "params": { "email": "ann@example.com" } }).to_string();
    assert_eq!(daemon.request("POST", "/v1/events", &[("authorization", "Bearer bar")], &event).status, 202);
}

#[test]
fn a_daemon_that_is_told_to_end_says_so_and_ends_what_it_began() {
    let (stub, arrival, go) = Stub::held(r#"{"code": "A"}"#);
    let project = project(&stub);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    arrival.recv_timeout(Duration::from_secs(30)).unwrap();
    daemon.ask_to_end();
    let answer = until("it to say so", || {
        let answer = daemon.request("GET", "/readyz", &[], "");
        (answer.status == 503).then_some(answer)
    });
    assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
    let event = json!({ "type": "left", "id": "2", "params": { "email": "bob@example.com" } });
    let refused = daemon.post("/v1/events", &event);
    assert_eq!((refused.status, refused.json()["type"].clone()), (503, json!("urn:wf:stopping")), "{refused:?}");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    let ended = thread::spawn(move || daemon.ended());
    go.send(()).unwrap();
    assert_eq!(ended.join().unwrap(), Some(0));

    // The call that was under way was answered, and that is known: it is not made again.
    let daemon = project.serve();
    project.wait_for_mails(1);
    assert_eq!(stub.received().len(), 1);
    let events = daemon.get("/v1/events");
    assert_eq!(events["items"].as_array().unwrap().len(), 1, "{events:#}");
}

#[test]
fn a_daemon_that_cannot_start_says_so_in_the_log() {
    let project = Project::new(&[("a.wf", "event left { email: email }\nevent broken { a: nothing }\n")]);
    let data = project.data();
    let arguments = ["serve", ".", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let refused = |format: &str| {
        let output = project.wf(&arguments).env("WF_LOG_FORMAT", format).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let messages: Vec<String> = refused("json")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .map(|line| line["message"].as_str().unwrap().to_owned())
        .collect();
    for part in ["the project does not compile", "a.wf:2:", "hint: `wf check`"] {
        assert!(messages.iter().any(|message| message.contains(part)), "{part}: {messages:#?}");
    }
    assert!(refused("text").contains("error: the project does not compile"));
}

/// The largest file that the system allows is too small for the store.
#[test]
fn a_limit_on_files_is_an_error_of_the_disk() {
    let project = Project::new(&[("a.wf", "event left { email: email }")]);
    let (data, mut shell) = (project.data(), std::process::Command::new("sh"));
    let serve = project.wf(&["serve", ".", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    let limited =
        shell.args(["-c", "ulimit -f 8 && exec \"$0\" \"$@\""]).arg(serve.get_program()).args(serve.get_args());
    let output = limited.current_dir(project.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(74), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("no file of this process may be larger than"));
}

#[test]
fn a_doctor_beside_a_new_daemon_knows_its_store() {
    let project = Project::new(&[("a.wf", "event left { email: email }")]);
    let _daemon = project.serve();
    let output = project.wf(&["doctor", "--data", project.data().to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("store") && !told.contains("format 0") && !told.contains("the next start"), "{told}");
}

/// A secret that nobody has set is told when the program that names it becomes active, at a start and at a reload.
#[test]
fn a_secret_that_is_missing_is_told_at_once() {
    let program = |secret: &str| {
        format!(
            r#"
            event left {{ email: email }}
            connector api bearer {{ token secret("{secret}") }}
            webhook promo {{ get "https://localhost:1/x" auth api returns text }}
            workflow w {{ on left identify by email event.email else create call promo }}
            "#
        )
    };
    let project = Project::new(&[("a.wf", &program("FIRST"))]).set("WF_SECRET_SET", "x");
    let daemon = project.serve();
    until("the first", || daemon.log().contains("the secret `FIRST` is not set").then_some(()));
    project.write("a.wf", &program("SECOND"));
    until("the second", || daemon.log().contains("the secret `SECOND` is not set").then_some(()));
    project.write("a.wf", &program("SET"));
    until("the third program", || (daemon.log().matches("program active").count() == 3).then_some(()));
    daemon.terminate();
    let daemon = project.serve();
    until("a start", || daemon.log().contains("listening").then_some(()));
    assert!(!daemon.log().contains("the secret"), "{}", daemon.log());
}

/// A daemon outlives the reader of its log: nothing is lost by it but the lines.
#[test]
fn a_log_that_nobody_reads_ends_nothing() {
    let project = Project::new(&[("a.wf", "event left { email: email }")]);
    let data = project.data();
    let arguments = ["serve", ".", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let mut child = project.wf(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| line.unwrap().split_once("://").map(|(_, address)| address.trim().to_owned()));
    let address = address.unwrap().parse().unwrap();
    drop(child.stderr.take());
    let ask = |method: &str, target: &str, body: &str| try_request(address, method, target, &[], body);
    for number in 0..3 {
        project.write("a.wf", &format!("event left {{ email: email more{number}: string? }}"));
        // What is told of it is a line of the log.
        let reloaded = ask("POST", "/v1/reload", "").unwrap();
        assert_eq!(reloaded.status, 200, "{reloaded:?}");
    }
    assert_eq!(ask("GET", "/healthz", "").unwrap().status, 200);
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Who looks after daemons sends this signal to have them read their files again.
#[test]
fn a_hang_up_has_the_project_read_again() {
    let project = Project::new(&[("a.wf", "event left { email: email }")]);
    let daemon = project.serve();
    let told = |what: &str| until(what, || daemon.log().contains(what).then_some(()));
    told("listening");
    daemon.signal("HUP");
    told("SIGHUP: the project has not changed");
    project.write("a.wf", "event left { email: email name: string? }");
    daemon.signal("HUP");
    until("the second program", || (daemon.log().matches("program active").count() == 2).then_some(()));
    assert_eq!(daemon.terminate(), Some(0));
}
