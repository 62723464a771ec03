//! Delivery to a mail server: what it answers decides, and history shows it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Behaviour, Daemon, MailServer, Project, Reply, Stub, until};

const PROGRAM: &str = r#"
    event left { email: email? , name: string }
    message code { email { from "Shop <shop@example.com>" subject "Hi $event.name" text "x" } }
    workflow w { on left identify by email event.email ?? "nobody@example.com" else create send code }
"#;

fn project(server: &MailServer) -> Project {
    Project::new(&[("a.wf", PROGRAM)])
        .set("WF_SMTP_URL", server.url())
        .set("WF_EGRESS_CA_FILE", server.ca_file().to_str().unwrap())
}

/// Sends one event and waits for the end of its run.
fn run(daemon: &Daemon) -> Value {
    daemon.send("left", "1", json!({ "email": "ann@example.com", "name": "Ann" }));
    daemon.ended_run()
}

/// The attempts of a run's only step: for each whether it failed, by its number.
fn attempts(run: &Value) -> Vec<(u64, bool)> {
    let attempts = run["steps"][0]["attempts"].as_array().unwrap();
    attempts.iter().map(|attempt| (attempt["number"].as_u64().unwrap(), !attempt["error"].is_null())).collect()
}

fn message_ids(server: &MailServer) -> Vec<String> {
    let id = |mail: &String| mail.lines().find(|line| line.starts_with("Message-ID: ")).unwrap().to_owned();
    server.mails().iter().map(id).collect()
}

#[track_caller]
fn check_message(daemon: &Daemon, status: &str) {
    let messages = daemon.get("/v1/messages");
    let messages = messages["items"].as_array().unwrap();
    assert_eq!(messages.len(), 1, "{messages:#?}");
    assert_eq!(messages[0]["status"], status, "{messages:#?}");
}

#[test]
fn what_the_server_answers_decides() {
    type Once = &'static [(&'static str, &'static str)];
    type Case = (Once, &'static str, &'static [(u64, bool)], usize);
    let cases: [Case; 4] = [
        (&[], "completed", &[(1, false)], 1),
        (&[("RCPT", "451 try later")], "completed", &[(1, true), (2, false)], 1),
        // The server has it and did not say so: it comes again under the same Message-ID.
        (&[(".", "")], "completed", &[(1, true), (2, false)], 2),
        (&[("RCPT", "550 no such box")], "failed", &[(1, true)], 0),
    ];
    for (once, status, expected, mails) in cases {
        let server = MailServer::start(Behaviour { once, ..Behaviour::default() });
        let project = project(&server);
        let daemon = project.serve();
        let run = run(&daemon);
        assert_eq!((run["status"].as_str().unwrap(), attempts(&run).as_slice()), (status, expected), "{run:#}");
        let ids = message_ids(&server);
        assert_eq!(ids.len(), mails, "{once:?}");
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
        check_message(&daemon, if status == "completed" { "sent" } else { "failed" });
        if status == "failed" {
            assert_eq!(run["reason_code"], "send_failed", "{run:#}");
            assert!(run["reason"].as_str().unwrap().contains("no such box"), "{run:#}");
        }
        assert!(project.mails().is_empty(), "nothing goes to the outbox");
    }
}

#[test]
fn a_delivery_that_was_interrupted_by_a_crash_goes_on() {
    let server = MailServer::start(Behaviour { once: &[(".", "")], ..Behaviour::default() });
    let project = project(&server);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com", "name": "Ann" }));
    until("the first attempt", || (!server.mails().is_empty()).then_some(()));
    daemon.kill();
    let daemon = project.serve();
    let run = daemon.ended_run();
    assert_eq!(run["status"], "completed", "{run:#}");
    let numbers: Vec<u64> = attempts(&run).iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [1, 2], "{run:#}");
    let ids = message_ids(&server);
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    check_message(&daemon, "sent");
}

#[test]
fn starttls_with_an_authority_of_ones_own() {
    let server = MailServer::with_starttls(Behaviour::default());
    let required = project(&server).set("WF_SMTP_URL", format!("{}?tls=required", server.url()));
    assert_eq!(run(&required.serve())["status"], "completed");
    assert!(server.commands().iter().any(|command| command.starts_with("tls MAIL FROM")), "{:?}", server.commands());
    assert!(!server.commands().iter().any(|command| command.starts_with("MAIL FROM")), "{:?}", server.commands());
}

/// What an event brings cannot make a header or a recipient, and who has no address gets nothing.
#[test]
fn data_that_makes_no_mail_fails_the_run_and_says_why() {
    let server = MailServer::start(Behaviour::default());
    let program = PROGRAM.replace(
        r#"identify by email event.email ?? "nobody@example.com" else create"#,
        "identify by external_id event.id",
    );
    let project = project(&server);
    project.write("a.wf", &program);
    let daemon = project.serve();
    let cases = [("Ann", None, "no_recipient"), ("Ann\r\nBcc: v@x.y", Some("b@example.com"), "render_failed")];
    for (number, (name, email, code)) in cases.into_iter().enumerate() {
        let contact = json!({ "external_id": number.to_string(), "email": email });
        assert_eq!(daemon.request("PUT", "/v1/contacts", &[], &contact.to_string()).status, 201);
        daemon.send("left", &number.to_string(), json!({ "name": name }));
        let run = daemon.ended_run();
        assert_eq!((&run["status"], &run["reason_code"]), (&json!("failed"), &json!(code)), "{run:#}");
    }
    assert!(server.commands().is_empty());
}

/// What nobody knows waits for a person, also when it was the daemon that went away.
#[test]
fn a_mail_that_may_have_been_taken_is_held_until_somebody_decides() {
    for crash in [false, true] {
        let server = MailServer::start(Behaviour { once: &[(".", "")], ..Behaviour::default() });
        let project = project(&server).set("WF_SMTP_ON_UNKNOWN", "hold");
        let mut daemon = project.serve();
        daemon.send("left", "1", json!({ "email": "ann@example.com", "name": "Ann" }));
        if crash {
            until("the mail to be sent", || (!server.mails().is_empty()).then_some(()));
            daemon.kill();
            daemon = project.serve();
        }
        let held = |daemon: &Daemon| {
            until("the run to be held", || {
                let run = daemon.runs().pop()?;
                (run["reason_code"] == "parked_mail_unknown").then_some(run)
            })
        };
        let run = held(&daemon);
        assert_eq!((&run["status"], &run["wake_at"]), (&json!("waiting"), &Value::Null), "{run:#}");
        let attempts = |daemon: &Daemon| {
            let whole = daemon.get(&format!("/v1/runs/{}", run["id"].as_str().unwrap()));
            let steps = whole["steps"].as_array().unwrap().clone();
            let all = steps.iter().flat_map(|step| step["attempts"].as_array().cloned().unwrap_or_default());
            all.map(|attempt| attempt["outcome"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(attempts(&daemon), ["unknown"]);
        if !crash {
            let metrics = daemon.request("GET", "/metrics", &[], "").body;
            assert!(metrics.contains(r#"wf_attempts_total{host="localhost",outcome="unknown"} 1"#), "{metrics}");
        }
        // Not even a restart lets it go on.
        daemon.terminate();
        let daemon = project.serve();
        held(&daemon);
        assert_eq!(server.mails().len(), 1);

        let retry = |id: &str| {
            let url = format!("http://{}", daemon.address);
            let output = project.wf(&["runs", "retry", id, "--url", &url]).output().unwrap();
            let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
            (output.status.code(), said)
        };
        let id = run["id"].as_str().unwrap();
        assert_eq!(retry(id), (Some(0), format!("{id} goes on\n")));
        assert_eq!(daemon.ended_run()["status"], "completed");
        let ids = message_ids(&server);
        assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
        let (exit, said) = retry(id);
        assert!(exit == Some(1) && said.contains("has ended"), "{said}");
        assert_eq!(retry("7-00000000").0, Some(3), "what is not there ends as with `show`");
    }
}

/// A workflow that sends no mail, beside the one that does.
fn busy_project(server: &MailServer) -> Project {
    let project = project(server);
    let quick = r#"
        event quick { email: email }
        workflow quick { on quick identify by email event.email else create set contact.town = "Kyiv" }
    "#;
    project.write("b.wf", quick);
    project
}

/// Sends so many events, each about another person, in one request.
fn send_many(daemon: &Daemon, count: usize) {
    let event = |number: usize| {
        let params = json!({ "email": format!("p{number}@example.com"), "name": "Ann" });
        json!({ "type": "left", "id": number.to_string(), "params": params })
    };
    assert_eq!(daemon.post("/v1/events", &(0..count).map(event).collect()).status, 202);
}

fn runs_of(daemon: &Daemon, workflow: &str) -> Vec<Value> {
    daemon.get(&format!("/v1/runs?workflow={workflow}&limit=200"))["items"].as_array().unwrap().clone()
}

/// A server that hangs holds up mails, and nothing else.
#[test]
fn a_server_that_hangs_holds_up_no_run_that_sends_no_mail() {
    let server = MailServer::start(Behaviour { pause: Duration::from_secs(3600), ..Behaviour::default() });
    let project = busy_project(&server);
    let daemon = project.serve();
    // More than there are turns.
    send_many(&daemon, 700);
    daemon.send("quick", "quick", json!({ "email": "q@example.com" }));
    until("a run without mail", || runs_of(&daemon, "quick").pop().filter(|run| run["status"] == "completed"));
    assert_eq!(server.mails().len(), 0);
}

/// What waits for the mail server can still be taken back.
#[test]
fn who_is_cancelled_or_erased_gets_no_mail_any_more() {
    let server = MailServer::start(Behaviour { pause: Duration::from_millis(500), ..Behaviour::default() });
    let project = busy_project(&server);
    let daemon = project.serve();
    send_many(&daemon, 40);
    let url = format!("http://{}", daemon.address);
    let wf = |arguments: &[&str]| {
        let output = project.wf(arguments).args(["--url", &url]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let runs = runs_of(&daemon, "w");
    let id = |event: &str| runs.iter().find(|run| run["event"] == event).unwrap()["id"].as_str().unwrap().to_owned();
    wf(&["runs", "cancel", &id("39")]);
    wf(&["contacts", "forget", "email=p38@example.com", "--yes"]);
    until("the other mails", || (server.mails().len() >= 38).then_some(()));
    until("all runs", || runs_of(&daemon, "w").iter().all(|run| run["status"] != "running").then_some(()));
    let mails = server.mails().concat();
    assert!(mails.contains("p37@example.com"), "{mails}");
    for person in ["p38@", "p39@"] {
        assert!(!mails.contains(person), "{mails}");
    }
}

/// While the server takes nothing, runs rest and lose no attempt.
#[test]
fn an_outage_parks_what_cannot_be_delivered() {
    let server = MailServer::start(Behaviour { once: &[("CONNECT", "421 busy"); 20], ..Behaviour::default() });
    let project = busy_project(&server);
    let daemon = project.serve();
    send_many(&daemon, 60);
    until("a pause", || runs_of(&daemon, "w").into_iter().find(|run| run["reason_code"] == "parked_circuit_open"));
    until("all mails", || (server.mails().len() == 60).then_some(()));
    until("all runs", || runs_of(&daemon, "w").iter().all(|run| run["status"] == "completed").then_some(()));
}

#[test]
fn what_goes_by_a_channel_is_told_and_counted() {
    let stub = Stub::start(|request, _| match request.text().contains("Bob") {
        true => Reply::status("400 Bad Request", "text/plain", "no"),
        false => Reply::ok("text/plain", "fine"),
    });
    let program = r#"
        event left { email: email, name: string }
        channel push { post "ORIGIN/push" body json { text: message.text } }
        channel sms { post "ORIGIN/sms" body json { text: message.text } }
        message both { email { from "shop@example.com" subject "Hi" text "x" } sms { text "Hi $event.name" } }
        message alone { push { text "Hi $event.name" } }
        workflow w { on left identify by email event.email else create send both send alone }
    "#;
    let project = Project::new(&[("a.wf", &program.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let daemon = project.serve();
    let steps = |run: &Value| -> Vec<(String, Value)> {
        let steps = run["steps"].as_array().unwrap().iter();
        steps.map(|step| (step["label"].as_str().unwrap().to_owned(), step["channel"].clone())).collect()
    };
    let step = |message: &str, channel: &str| (message.to_owned(), json!(channel));
    daemon.send("left", "1", json!({ "email": "ann@example.com", "name": "Ann" }));
    let run = daemon.ended_run();
    assert_eq!(steps(&run), [step("both", "email"), step("both", "sms"), step("alone", "push")], "{run:#}");
    let mut command = project.wf(&["runs", "show", run["id"].as_str().unwrap()]);
    let output = command.env("WF_URL", format!("http://{}", daemon.address)).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    for line in ["1. send both by email", "2. send both by sms", "3. send alone by push"] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    daemon.send("left", "2", json!({ "email": "bob@example.com", "name": "Bob" }));
    assert_eq!(daemon.ended_run()["reason_code"], "send_failed");
    let metrics = daemon.request("GET", "/metrics", &[], "").body;
    for (kind, number) in [("outbox", 2), ("sent", 2), ("failed", 1)] {
        let line = format!("wf_messages_total{{kind=\"{kind}\"}} {number}");
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }
    assert_eq!(daemon.get("/v1/messages?channel=email")["items"].as_array().unwrap().len(), 2);
    for (channel, slug, detail) in [
        ("sms", "urn:wf:channel-not-listed", "`GET /v1/runs/{id}` has each step"),
        ("smoke", "urn:wf:unknown-channel", "there is `email`, `push`, `sms`"),
    ] {
        let answer = daemon.request("GET", &format!("/v1/messages?channel={channel}"), &[], "");
        let problem = answer.json();
        assert_eq!((answer.status, &problem["type"]), (400, &json!(slug)), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
    }
}
