//! What a run's history tells, and a run that failed going on from there.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::{Daemon, Project, Reply, Stub, until};

const PROGRAM: &str = r#"
    contact { tier: "bronze" | "silver" | "gold" = "bronze" card: string? sensitive orders: int? }
    segment loyal { contact.tier == "gold" or (contact.orders ?? 0) > 5 }
    event paid { email: email, total: decimal, pin: string? sensitive }
    event visited { email: email, page: string }
    event bought { email: email, item: string }
    workflow thanks {
      on paid where event.total > 100
      identify by email event.email else create
      exit on bought as b where b.item == "x" and contact.orders is not set
      if contact.tier == "gold" and event.total > 1000 { stop "rich" }
      else if contact.card == event.pin or contact in loyal { set contact.tier = "silver" }
      match contact.tier { "gold" { stop } "silver" { set contact.orders = 7 } else { stop "poor" } }
      wait for visited as v where v.page == "shop" up to 30d { }
      set contact.tier = "bronze"
      wait 30d
    }
"#;

fn run(project: &Project, daemon: &Daemon, arguments: &[&str]) -> (String, String, i32) {
    let mut command: Command = project.wf(arguments);
    let output = command.env("WF_URL", format!("http://{}", daemon.address)).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}

/// The decisions of a run's steps: their words, values, and the values of their parts.
fn decisions(steps: &Value) -> Vec<(String, String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let of = |decision: &Value| {
        let parts = decision["parts"].as_array().unwrap().iter().map(|part| text(&part["value"])).collect();
        (format!("{} {}", text(&decision["of"]), text(&decision["expression"])), text(&decision["value"]), parts)
    };
    let steps = steps.as_array().unwrap().iter();
    steps.flat_map(|step| step["decisions"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()).collect()
}

#[test]
fn a_decision_is_shown_with_the_values_that_it_had() {
    let project = Project::new(&[("a.wf", PROGRAM)]);
    let daemon = project.serve();
    let put = |fields: Value| daemon.request("PUT", "/v1/contacts", &[], &fields.to_string());
    put(json!({ "email": "ann@example.com", "card": "canary-card", "tier": "gold" }));
    daemon.send("paid", "1", json!({ "email": "ann@example.com", "total": 150, "pin": "canary-pin" }));
    let waits = || daemon.runs().first().is_some_and(|run| run["status"] == "waiting").then_some(());
    until("the run to wait", waits);
    // What the contact is now is not what it was then.
    put(json!({ "email": "ann@example.com", "card": null, "tier": "bronze" }));
    daemon.send("visited", "2", json!({ "email": "ann@example.com", "page": "home" }));
    daemon.send("visited", "3", json!({ "email": "ann@example.com", "page": "shop" }));
    let id = daemon.runs()[0]["id"].as_str().unwrap().to_owned();
    let show = || daemon.get(&format!("/v1/runs/{id}"));
    until("the visit to be heard", || show()["steps"].to_string().contains("came: 3").then_some(()));
    put(json!({ "email": "ann@example.com", "orders": null }));
    daemon.send("bought", "4", json!({ "email": "ann@example.com", "item": "x" }));
    until("the run to leave", || (show()["status"] == "exited").then_some(()));
    let shown = show();
    let parts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let decided = |words: &str, value: &str, of: &[&str]| (words.to_owned(), value.to_owned(), parts(of));
    assert_eq!(
        decisions(&json!([{ "decisions": shown["trigger"] }])),
        [
            decided("where event.total > 100", "true", &["150", "true"]),
            decided("identify by email event.email", "\"ann@example.com\"", &["\"ann@example.com\""]),
        ]
    );
    assert_eq!(shown["contact_created"], false);
    assert_eq!(
        decisions(&shown["steps"]),
        [
            decided(
                "if contact.tier == \"gold\" and event.total > 1000",
                "false",
                &["\"gold\"", "true", "false", "150", "false"]
            ),
            decided(
                "else if contact.card == event.pin or contact in loyal",
                "true",
                &["•••", "false", "•••", "true", "true"]
            ),
            decided(
                "segment loyal contact.tier == \"gold\" or contact.orders ?? 0 > 5",
                "true",
                &["\"gold\"", "true", "true"]
            ),
            decided("match contact.tier", "\"silver\"", &["\"silver\""]),
            decided("where v.page == \"shop\"", "true", &["\"shop\"", "true"]),
            decided(
                "where b.item == \"x\" and contact.orders is not set",
                "true",
                &["\"x\"", "true", "true", "null", "true"]
            ),
        ],
        "{shown:#}"
    );
    assert!(!shown.to_string().contains("canary"), "{shown}");
    let (out, ..) = run(&project, &daemon, &["runs", "show", &id]);
    assert!(out.contains("   if contact.tier == \"gold\" and event.total > 1000\n      |            |"), "{out}");
    // What was kept out is told with its values too.
    daemon.send("paid", "5", json!({ "email": "ann@example.com", "total": 7 }));
    let kept = &daemon.get("/v1/events/5")["kept_out"][0];
    assert_eq!((&kept["reason_code"], &kept["decisions"][0]["parts"][0]["value"]), (&json!("where"), &json!("7")));
    let (out, ..) = run(&project, &daemon, &["contacts", "show", "email=ann@example.com", "--runs"]);
    assert!(
        out.contains("where event.total > 100\n          |           |\n          |           false\n          7\n"),
        "{out}"
    );
    // Nothing of it is left when the person is erased.
    assert_eq!(daemon.request("DELETE", "/v1/contacts/1", &[], "").status, 200);
    let shown = show();
    assert_eq!((decisions(&shown["steps"]), shown["trigger"].clone()), (vec![], json!([])), "{shown:#}");
}

#[test]
fn history_says_who_was_looked_up_and_who_was_made() {
    let stub = Stub::start(|_, _| Reply::ok("application/json", "{}"));
    let program = r#"
        event hi { email: email, phone: phone?, friend: email, to: email }
        webhook log { post "ORIGIN/log" body json { who: contact.email } }
        message hello { email { from "shop@example.com" subject "x" text "hi" } }
        workflow a {
          on hi
          identify by phone event.phone
          identify by email event.email else create
          call log identify by email event.friend else stop
          send hello to event.to
        }
    "#;
    let project = Project::new(&[("a.wf", &program.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let daemon = project.serve();
    daemon.request("PUT", "/v1/contacts", &[], r#"{"email":"friend@example.com"}"#);
    let event = |id: &str| {
        let params = json!({ "email": "ann@example.com", "friend": "friend@example.com", "to": "b@example.com" });
        json!({ "type": "hi", "id": id, "params": params })
    };
    assert_eq!(daemon.post("/v1/events", &json!([event("1"), event("2")])).status, 202);
    let shown = until("both runs to end", || {
        let runs = daemon.runs();
        let ended = runs.len() == 2 && runs.iter().all(|run| run["status"] == "completed");
        ended
            .then(|| runs.iter().map(|run| daemon.get(&format!("/v1/runs/{}", run["id"].as_str().unwrap()))))
            .map(Iterator::collect::<Vec<_>>)
    });
    let made: Vec<_> = shown.iter().map(|run| (run["event"].clone(), run["contact_created"].clone())).collect();
    assert_eq!(made, [(json!("2"), json!(false)), (json!("1"), json!(true))], "the first of the two made the contact");
    let words = |of: &Value| decisions(of).into_iter().map(|(words, value, _)| format!("{words}: {value}")).collect();
    let trigger: Vec<String> = words(&json!([{ "decisions": shown[0]["trigger"] }]));
    assert_eq!(trigger, ["identify by phone event.phone: null", "identify by email event.email: \"ann@example.com\""]);
    let steps: Vec<String> = words(&shown[0]["steps"]);
    assert_eq!(steps, ["identify by email event.friend: \"friend@example.com\"", "to event.to: \"b@example.com\""]);
    let (out, ..) = run(&project, &daemon, &["runs", "show", shown[1]["id"].as_str().unwrap()]);
    assert!(out.contains("  contact  2 (created by this event)\n"), "{out}");
}

const FAILING: &str = r#"
    event left { email: email }
    event back { email: email }
    webhook log { post "ORIGIN/log" body json { who: contact.email } }
    webhook promo { post "ORIGIN/promo" body json { town: contact.town } returns json { code: string } attempts 2 from 10ms to 20ms }
    message code { email { from "shop@example.com" subject "x" text "$!data.promo.code" } }
    workflow w {
      on left
      identify by email event.email else create
      once per 1h
      exit on back
      call log
      call promo on failure { fail "no code" }
      send code
      wait 30d
    }
    workflow strict { on back identify by email event.email fail "not yet" }
"#;

#[test]
fn a_run_that_failed_goes_on_from_there() {
    let is_up = Arc::new(AtomicBool::new(false));
    let seen = is_up.clone();
    let stub = Stub::start(move |request, _| match request.target.as_str() {
        "/promo" if !seen.load(Ordering::SeqCst) => Reply::status("503 Service Unavailable", "text/plain", "down"),
        _ => Reply::ok("application/json", r#"{"code": "A1"}"#),
    });
    let project = Project::new(&[("a.wf", &FAILING.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    let standing = |status: &str| {
        until(status, || daemon.runs().first().is_some_and(|run| run["status"] == *status).then_some(()));
    };
    standing("failed");
    let id = daemon.runs()[0]["id"].as_str().unwrap().to_owned();
    // It is down still: it fails again, after all its attempts.
    let (out, notes, code) = run(&project, &daemon, &["runs", "retry", &id]);
    assert_eq!((out.as_str(), code), (format!("{id} goes on\n").as_str(), 0), "{notes}");
    until("four attempts", || {
        (stub.received().iter().filter(|request| request.target == "/promo").count() == 4).then_some(())
    });
    standing("failed");
    is_up.store(true, Ordering::SeqCst);
    daemon.request("PUT", "/v1/contacts", &[], r#"{"email":"ann@example.com","town":"Kyiv"}"#);
    assert_eq!(daemon.request("POST", &format!("/v1/runs/{id}/retry"), &[], "").status, 200);
    project.wait_for_mails(1);
    standing("waiting");
    let requests = stub.received();
    let promo: Vec<_> = requests.iter().filter(|request| request.target == "/promo").collect();
    let keys: std::collections::BTreeSet<_> = promo.iter().map(|request| request.header("idempotency-key")).collect();
    assert_eq!(
        (promo.len(), keys.len(), requests.len() - promo.len()),
        (5, 1, 1),
        "one key, and nothing before is sent again"
    );
    assert!(promo[4].body.ends_with(br#""town":"Kyiv"}"#) && promo[0].body.ends_with(br#""town":null}"#));
    let shown = daemon.get(&format!("/v1/runs/{id}"));
    let steps: Vec<_> = shown["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["kind"].as_str().unwrap(), step["attempts"].as_array().unwrap().len()))
        .collect();
    assert_eq!(
        steps,
        [
            ("call", 1),
            ("call", 2),
            ("fail", 0),
            ("retry", 0),
            ("call", 2),
            ("fail", 0),
            ("retry", 0),
            ("call", 1),
            ("send", 0),
            ("wait", 0)
        ]
    );
    assert_eq!(shown["steps"][7]["attempts"][0]["number"], 5);
    // It listens again.
    daemon.send("back", "2", json!({ "email": "ann@example.com" }));
    until("the run to leave", || (daemon.get(&format!("/v1/runs/{id}"))["status"] == "exited").then_some(()));
    let refused = |id: &str, kind: &str| {
        let answer = daemon.request("POST", &format!("/v1/runs/{id}/retry"), &[], "");
        assert_eq!((answer.status, answer.json()["type"].as_str()), (409, Some(kind)), "{answer:?}");
    };
    refused(&id, "urn:wf:run-ended");
    let strict = || daemon.get("/v1/runs?workflow=strict")["items"][0]["id"].as_str().map(str::to_owned);
    let strict = until("the other run", strict);
    until("it to fail", || (daemon.get(&format!("/v1/runs/{strict}"))["status"] == "failed").then_some(()));
    refused(&strict, "urn:wf:run-not-retryable");
}

#[test]
fn a_failed_run_does_not_go_on_beside_another_or_without_its_contact() {
    let project = Project::new(&[(
        "a.wf",
        r#"
        contact { orders: int? }
        event left { email: email }
        event gone { email: email }
        workflow single {
          on left
          identify by email event.email else create
          one at a time
          if 10 / (contact.orders ?? 0) > 1 { set contact.town = "Kyiv" }
          wait 30d
        }
        workflow nobody { on gone identify by email event.email wait 1h }
        "#,
    )]);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    let status =
        |place: usize| daemon.get("/v1/runs?workflow=single")["items"][place]["status"].as_str().map(str::to_owned);
    until("the run to fail", || (status(0).as_deref() == Some("failed")).then_some(()));
    let id = daemon.runs()[0]["id"].as_str().unwrap().to_owned();
    daemon.request("PUT", "/v1/contacts", &[], r#"{"email":"ann@example.com","orders":1}"#);
    daemon.send("left", "2", json!({ "email": "ann@example.com" }));
    until("the other to wait", || (status(0).as_deref() == Some("waiting")).then_some(()));
    let retry = |id: &str| {
        let answer = daemon.request("POST", &format!("/v1/runs/{id}/retry"), &[], "");
        (answer.status, answer.json()["type"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(retry(&id), (409, "urn:wf:run-superseded".to_owned()));
    let other = daemon.get("/v1/runs?workflow=single")["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(daemon.request("POST", &format!("/v1/runs/{other}/cancel"), &[], "").status, 200);
    assert_eq!(retry(&id).0, 200);
    until("it to wait", || (status(1).as_deref() == Some("waiting")).then_some(()));
    assert_eq!(daemon.get("/v1/contacts/1")["town"], "Kyiv");
    daemon.send("gone", "3", json!({ "email": "bob@example.com" }));
    let gone = until("the run of nobody", || {
        daemon.get("/v1/runs?workflow=nobody&status=failed")["items"][0]["id"].as_str().map(str::to_owned)
    });
    let answer = daemon.request("POST", &format!("/v1/runs/{gone}/retry"), &[], "");
    assert!(answer.status == 409 && answer.body.contains("no contact was found"), "{answer:?}");
}

/// Several people send the same run on at once, and one cancels it: it goes on once, and whoever comes too late is told so.
#[test]
fn a_run_that_several_send_on_at_once_goes_on_once() {
    const AT_ONCE: usize = 8;
    let stub = Stub::start(|_, _| Reply::status("404 Not Found", "text/plain", "gone"));
    let program = r#"
        event left { email: email }
        webhook promo { post "ORIGIN/promo" body json { town: contact.town } }
        workflow w { on left identify by email event.email else create call promo wait 30d }
    "#;
    let project = Project::new(&[("a.wf", &program.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    let id = daemon.ended_run()["id"].as_str().unwrap().to_owned();
    let told = |verb: &str| {
        let answer = daemon.request("POST", &format!("/v1/runs/{id}/{verb}"), &[], "");
        match answer.status {
            200 => "ok".to_owned(),
            status => {
                let problem = answer.json();
                assert!(status == 409 && problem["detail"].as_str().is_some_and(|told| !told.is_empty()), "{answer:?}");
                problem["type"].as_str().unwrap().to_owned()
            }
        }
    };
    let mut went_on = 0;
    until("somebody to come a moment too late", || {
        let answers: Vec<String> = std::thread::scope(|threads| {
            let retries: Vec<_> = (0..AT_ONCE).map(|_| threads.spawn(|| told("retry"))).collect();
            retries.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        went_on += answers.iter().filter(|answer| *answer == "ok").count();
        let late = ["ok", "urn:wf:run-changed", "urn:wf:run-not-resting"];
        assert!(answers.iter().all(|answer| late.contains(&answer.as_str())), "{answers:?}");
        assert!(answers.iter().any(|answer| answer == "ok"), "{answers:?}");
        assert_eq!(daemon.ended_run()["status"], "failed");
        assert_eq!(stub.received().len(), 1 + went_on, "each that was told so sent one request: {answers:?}");
        answers.iter().any(|answer| answer == "urn:wf:run-changed").then_some(())
    });
    // Who cancels what has failed is told that there is nothing to cancel, whatever the others do meanwhile.
    let (cancelled, retried) = std::thread::scope(|threads| {
        let retry = threads.spawn(|| told("retry"));
        let cancel = threads.spawn(|| told("cancel"));
        (cancel.join().unwrap(), retry.join().unwrap())
    });
    let ended = daemon.ended_run();
    let expected = if cancelled == "ok" { "cancelled" } else { "failed" };
    assert_eq!((ended["status"].as_str(), retried.as_str()), (Some(expected), "ok"), "{cancelled}: {ended}");
}

/// What a schedule or a change of a contact is kept as holds nothing sensitive, and is shown.
#[test]
fn events_that_nobody_sent_are_shown() {
    let program = r#"
        contact { tier: string = "new" }
        workflow moved { on contact.tier changed wait 1h }
    "#;
    let project = Project::new(&[("a.wf", program)]);
    let daemon = project.serve();
    let contact = |tier: &str| json!({ "email": "ann@example.com", "tier": tier }).to_string();
    for tier in ["silver", "gold"] {
        assert!(daemon.request("PUT", "/v1/contacts", &[], &contact(tier)).status < 300);
    }
    let event = daemon.get("/v1/events")["items"][0].clone();
    assert_eq!(
        (&event["type"], &event["params"]["fields"]),
        (&json!("(contact changed)"), &json!(["tier"])),
        "{event:#}"
    );
}
