//! Commands that talk to a daemon, here to a server that gives scripted answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::Bench;
use crate::support::Project;

/// A server that answers each connection with the next of these (status line and body) and hands out what it was asked.
fn server(answers: &[(&str, &str)]) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, questions) = channel();
    let answers: Vec<String> = answers
        .iter()
        .map(|(status, body)| {
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        })
        .collect();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((stream, _)) = listener.accept() else { return };
            let _ = asked.send(exchange(stream, &answer));
        }
    });
    (url, questions)
}

fn exchange(mut stream: TcpStream, answer: &str) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    stream.write_all(answer.as_bytes()).unwrap();
    head + std::str::from_utf8(&body).unwrap()
}

#[test]
fn a_daemon_that_is_not_there_or_says_no() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let absent = Bench::new().set("WF_URL", &format!("http://{free}"));
    for line in ["runs list", "runs show 1-a", "events send x"] {
        absent.check(line, 3, Some(""), &format!("error: no daemon listens at http://{free}\nhint: start one with"));
    }
    let bench = Bench::new();
    for url in ["localhost:8080", "ftp://a", "http://u:p@a"] {
        bench.check(&format!("runs list --url {url}"), 2, Some(""), &format!("`{url}` is no address of a daemon"));
    }
    let cases = [
        (
            "404 Not Found",
            r#"{"type":"urn:wf:unknown-run","detail":"there is no run `1-a`"}"#,
            3,
            "error: there is no run `1-a`\n",
        ),
        ("401 Unauthorized", r#"{"title":"a token is needed"}"#, 2, "with --token or WF_TOKEN"),
        (
            "403 Forbidden",
            r#"{"title":"the token lacks `read`"}"#,
            2,
            "the daemon does not let you: the token lacks `read`",
        ),
        (
            "500 Internal Server Error",
            r#"{"title":"store failed","detail":"bad \u001b[2J"}"#,
            3,
            "error: bad \\u{1b}[2J",
        ),
        ("200 OK", "<html>", 3, "is no wf daemon: status 200, unexpected JSON"),
        ("302 Found", "", 3, "is no wf daemon: status 302"),
    ];
    for (status, body, exit, err) in cases {
        let (url, _) = server(&[(status, body)]);
        bench.check(&format!("runs show 1-a --url {url}"), exit, Some(""), err);
    }
}

/// What is not there ends alike, whatever was to be done with it; what cannot be done with what is there is a finding.
#[test]
fn what_is_not_there_ends_alike() {
    let bench = Bench::new();
    for command in ["runs show 1-a", "runs retry 1-a", "runs cancel 1-a"] {
        for (status, body, exit) in [
            ("404 Not Found", r#"{"type":"urn:wf:unknown-run","detail":"there is no run `1-a`"}"#, 3),
            ("409 Conflict", r#"{"type":"urn:wf:run-ended","detail":"it has ended"}"#, 1),
        ] {
            if !(command.ends_with("show 1-a") && exit == 1) {
                let (url, _) = server(&[(status, body)]);
                bench.check(&format!("{command} --url {url}"), exit, Some(""), "error: ");
            }
        }
    }
}

#[test]
fn events_are_sent_and_what_became_of_them_is_told() {
    let taken = r#"{"accepted":[{"id":"e1","duplicate":false,"ignored":["colour"]}]}"#;
    let again = r#"{"accepted":[{"id":"e1","duplicate":true}]}"#;
    let (url, asked) = server(&[("202 Accepted", taken), ("202 Accepted", again), ("202 Accepted", again)]);
    let bench = Bench::with(&[("p.json", r#"{"total": 250.10, "big": 12345678901234567890}"#)])
        .set("WF_URL", &url)
        .set("WF_TOKEN", "t0ken");
    let line = "events send paid --id e1 --params @p.json --param email=a@b.c --param n=3 --param t=007";
    bench.check(
        line,
        0,
        Some("accepted e1\n"),
        "warning: event `e1`: left out, for its type does not declare it: `colour`\n",
    );
    let question = asked.recv().unwrap();
    assert!(question.contains("authorization: Bearer t0ken\r\n"), "{question}");
    let body = r#"{"type":"paid","id":"e1","params":{"total":250.10,"big":12345678901234567890,"email":"a@b.c","n":3,"t":"007"}}"#;
    assert_eq!(question.split("\r\n\r\n").nth(1), Some(body));

    let file = "{\"type\": \"a\"}\n{\"type\": \"b\", \"params\": {\"x\": 1.0}}\n";
    let told = bench.feed(&["events", "send", "-"], file);
    told.check("a stream of events", 0, Some("duplicate e1: taken before, starts nothing again\n"), "");
    assert!(asked.recv().unwrap().ends_with("\r\n\r\n[{\"type\": \"a\"},{\"type\": \"b\", \"params\": {\"x\": 1.0}}]"));
    bench.feed(&["events", "send", "-", "--format", "json"], "[{}]").check("json", 0, Some(&format!("{again}\n")), "");
}

#[test]
fn events_that_are_refused_are_findings() {
    let refused = r#"{"detail":"parameters that do not fit: `params.order_id`","errors":[{"path":"params.order_id","message":"expected `string`, got 1001"}]}"#;
    let partly = r#"{"accepted":[{"id":"a"}],"rejected":[{"index":1,"detail":"no event `b`","errors":[]}]}"#;
    let (url, _) = server(&[("422 Unprocessable Content", refused), ("207 Multi-Status", partly)]);
    let bench = Bench::new().set("WF_URL", &url);
    let expected = "error: parameters that do not fit: `params.order_id`\n  params.order_id: expected `string`, got 1001\n\
                    hint: `1001` was read as JSON; to send it as text write --param 'order_id=\"1001\"'\n";
    bench.check("events send paid --param order_id=1001", 1, Some(""), expected);
    let told = bench.feed(&["events", "send", "-"], r#"[{"type":"a"},{"type":"b"}]"#);
    told.check("a part of a file", 1, Some("accepted a\n"), "error: event 2 was refused: no event `b`\n");
}

#[test]
fn what_is_no_event_is_not_sent() {
    let bench = Bench::with(&[("a.json", "{}")]);
    let cases = [
        ("events send a.json --id x", 2, "a file holds whole events\nhint: give an event type"),
        ("events send b.json", 3, "cannot read `b.json`"),
        ("events send x --param total", 2, "`--param total` is not KEY=VALUE"),
        ("events send x --params [1]", 2, "expected an object of parameters"),
        ("events send x --params {\"a\":1,}", 2, "trailing comma\n --> --params:1:8\n"),
        ("events send x --params @b.json", 3, "cannot read `b.json`"),
    ];
    for (line, exit, err) in cases {
        bench.check(line, exit, Some(""), err);
    }
    for (input, err) in [
        ("", "`standard input` holds no event"),
        ("[]", "`standard input` holds no event"),
        ("[1, 2]", "holds `1` where an event is expected"),
        ("{\"type\": \"й\"}\n{\"type\"; 1}", " --> standard input:2:8\n  |\n2 | {\"type\"; 1}\n  |        ^\n"),
    ] {
        bench.feed(&["events", "send", "-"], input).check(input, 2, Some(""), err);
    }
}

#[test]
fn runs_are_listed_for_people_and_for_programs() {
    let item = r#"{"id":"2-a","workflow":"вітання","contact":42,"event":"e\u001b","status":"failed","started_at":"2026-11-24T09:30:00Z","reason":"no\nluck","reason_code":"x"}"#;
    let page = format!(r#"{{"items":[{item}],"next_cursor":"c"}}"#);
    let empty = r#"{"items":[],"next_cursor":null}"#;
    let (url, asked) = server(&[("200 OK", &page), ("200 OK", &page), ("200 OK", empty)]);
    let bench = Bench::new().set("WF_URL", &url);
    let table = "RUN  WORKFLOW  STATUS  CONTACT  EVENT    STARTED               REASON\n\
                 2-a  вітання   failed  42       e\\u{1b}  2026-11-24T09:30:00Z  no\\nluck\n";
    bench.check("runs list --limit 1 --status failed,waiting", 0, Some(table), "there are more than these 1");
    assert!(asked.recv().unwrap().starts_with("GET /v1/runs?status=failed%2Cwaiting&limit=1 "));
    let json = format!("{{\"items\":[{item}],\"next_cursor\":\"c\"}}\n");
    bench.check("runs list --limit 1 --format json", 0, Some(&json), "");
    bench.check(
        "runs list",
        0,
        Some("RUN  WORKFLOW  STATUS  CONTACT  EVENT  STARTED  REASON\n"),
        "there is no such run",
    );
}

#[test]
fn a_run_is_shown_with_every_request_and_answer() {
    let run = r#"{"id":"2-a","workflow":"welcome","program":"3fa9","contact":42,"event":"e1","status":"failed",
        "reason":"no promo code","reason_code":"failed_by_workflow","started_at":"2026-11-24T09:30:00Z","steps":[
        {"id":"call","kind":"call","label":"WH5","started_at":"2026-11-24T09:30:00Z","outcome":"failed: status","attempts":[
          {"number":1,"started_at":"2026-11-24T09:30:00Z","duration_ms":12,"address":"203.0.113.9:443",
           "request":{"method":"POST","url":"https://promo.example.com/","headers":{"authorization":"{{secret:T}}"},"body":"{\n\"a\":1}"},
           "response":{"status":503,"headers":{"server":"x"},"body":"\u001b[2Jbusy","truncated":true},
           "error":{"class":"status","message":"the answer was 503"}},
          {"number":2,"started_at":"2026-11-24T09:30:01Z","request":{"method":"POST"},"response":null,
           "error":{"class":"timeout","message":"no answer in 5 s"}}]},
        {"id":"fail","kind":"fail","attempts":[]}]}"#;
    let (url, _) = server(&[("200 OK", run), ("200 OK", run)]);
    let bench = Bench::new().set("WF_URL", &url);
    let expected = "\
run 2-a welcome  failed
  reason   no promo code (failed_by_workflow)
  contact  42
  event    e1
  program  3fa9
  started  2026-11-24T09:30:00Z

1. call WH5  failed: status  2026-11-24T09:30:00Z

   attempt 1  2026-11-24T09:30:00Z  12 ms  to 203.0.113.9:443
   > POST https://promo.example.com/
   > authorization: {{secret:T}}
   >
   > {
   > \"a\":1}
   < 503
   < server: x
   <
   < \\u{1b}[2Jbusy
   < (only the beginning was kept)
   ! status: the answer was 503

   attempt 2  2026-11-24T09:30:01Z
   > POST
   ! timeout: no answer in 5 s

2. fail
";
    bench.check("runs show 2-a", 0, Some(expected), "");
    bench.check("runs show 2-a --format json", 0, Some(&format!("{run}\n")), "");
}

/// The scripted answers above are what a real daemon gives.
#[test]
fn a_real_daemon_is_understood() {
    let program = r#"
        event paid { email: email, total: decimal, n: int }
        message thanks { email { from "shop@example.com" subject "Thanks for $event.total" text "x" } }
        workflow w { on paid identify by email event.email else create send thanks }
    "#;
    let project = Project::new(&[("a.wf", program)]);
    let daemon = project.serve();
    let bench = Bench::new().set("WF_URL", &format!("http://{}", daemon.address));
    let send = "events send paid --id e1 --param email=ann@example.com --param total=10.50 --param n=3";
    bench.check(&format!("{send} --param colour=red"), 0, Some("accepted e1\n"), "does not declare it: `colour`");
    bench.check(send, 0, Some("duplicate e1: taken before, starts nothing again\n"), "");
    bench.check("events send paid --param n=x", 1, Some(""), "n: ");
    bench.check("events send padi", 1, Some(""), "did you mean `paid`?");
    let told = bench.feed(&["events", "send", "-"], r#"[{"type": "paid", "params": {}}]"#);
    told.check("an array of one", 1, Some(""), "error: ");

    let run = daemon.ended_run();
    let id = run["id"].as_str().unwrap();
    let list = bench.run(&["runs", "list", "--workflow", "w", "--status", "completed", "--contact", "1"]);
    assert!(list.exit == 0 && list.out.lines().nth(1).unwrap().starts_with(id), "{list:?}");
    bench.check("runs list --status failed,stopped", 0, None, "there is no such run");
    let json: serde_json::Value = serde_json::from_str(&bench.run(&["runs", "list", "--format", "json"]).out).unwrap();
    assert_eq!(json, daemon.get("/v1/runs"));
    let shown = bench.run(&["runs", "show", id]);
    assert!(shown.out.contains("1. send thanks"), "{}", shown.out);
    let json: serde_json::Value =
        serde_json::from_str(&bench.run(&["runs", "show", id, "--format", "json"]).out).unwrap();
    assert_eq!(json, run);
    bench.check("runs show 99-00000000", 3, Some(""), "error: there is no run `99-00000000`");
}

/// A compiled program needs none of its sources, and both ways to ask for the end are orderly.
#[test]
fn a_compiled_program_is_served_until_a_signal() {
    let bench = Bench::with(&[("shop/a.wf", "event paid { total: decimal }\n")]);
    assert_eq!(bench.run(&["build", "shop", "-o", "a.wfc"]).exit, 0);
    std::fs::remove_dir_all(bench.path().join("shop")).unwrap();
    for (signal, id, told) in [("INT", "e1", "accepted e1\n"), ("TERM", "e2", "accepted e2\n")] {
        let mut command = bench.command(&["serve", "a.wfc", "--listen", "127.0.0.1:0", "--data", "data"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("serving a.wfc at ").unwrap();
        bench.check(&format!("events send paid --url {url} --id {id} --param total=1"), 0, Some(told), "");
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "SIG{signal}");
    }
}
