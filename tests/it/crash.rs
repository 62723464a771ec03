//! Nothing that was accepted is lost, whenever the daemon is killed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::support::{Project, Reply, Stub, patiently, try_request, until};

const PROGRAM: &str = r#"
    event left { email: email, order: string }
    webhook promo {
      post "ORIGIN/promo"
      body json { order: event.order }
      returns json { code: string }
      attempts 5 from 50ms to 100ms
    }
    message code { email { from "shop@example.com" subject "$event.order" text "$data.promo.code" } }
    workflow w {
      on left
      identify by email event.email else create
      call promo
      wait 100ms
      send code
    }
"#;

/// Rounds of the kill loop; `WF_KILL_ROUNDS` makes it longer.
fn rounds() -> usize {
    std::env::var("WF_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(6)
}

#[test]
fn every_event_that_was_answered_with_202_leads_to_its_mail() {
    let stub = Stub::start(|_, _| Reply::ok("application/json", r#"{"code": "A"}"#));
    let project = Project::new(&[("a.wf", &PROGRAM.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let mut accepted = BTreeSet::new();
    for round in 0..rounds() {
        let daemon = project.serve();
        let address = daemon.address;
        let sender = thread::spawn(move || {
            let mut accepted = vec![];
            for number in 0..200 {
                let order = format!("{round}-{number}");
                let event = json!({ "type": "left", "id": order, "params": {
                    "email": format!("p{}@example.com", number % 7), "order": order } });
                match try_request(address, "POST", "/v1/events", &[], &event.to_string()) {
                    Some(answer) if answer.status == 202 => accepted.push(order),
                    Some(answer) => panic!("{answer:?}"),
                    None => break,
                }
            }
            accepted
        });
        // Each round is killed at another moment.
        thread::sleep(Duration::from_millis(40 + 97 * round as u64 % 350));
        daemon.kill();
        accepted.extend(sender.join().unwrap());
    }
    assert!(!accepted.is_empty());

    let daemon = project.serve();
    let sent = || -> BTreeSet<String> {
        let subject = |mail: &String| mail.lines().find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned));
        project.mails().iter().filter_map(subject).collect()
    };
    let complete = patiently(|| accepted.is_subset(&sent()).then_some(()));
    if complete.is_none() {
        let missing: Vec<_> = accepted.difference(&sent()).cloned().collect();
        let events: Vec<_> = missing.iter().take(3).map(|id| daemon.get(&format!("/v1/events/{id}"))).collect();
        let runs: Vec<_> = events
            .iter()
            .filter_map(|event| event["runs"][0].as_str())
            .map(|run| daemon.get(&format!("/v1/runs/{run}")))
            .collect();
        panic!("{} mails are missing: {missing:?}\n{events:#?}\n{runs:#?}\n{}", missing.len(), daemon.log());
    }
    until("every run to end", || {
        let unfinished = daemon.get("/v1/runs?status=running,waiting");
        unfinished["items"].as_array().unwrap().is_empty().then_some(())
    });
    // One run for each event, however often the daemon started; and one key for each call, however often it was made.
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for request in stub.received() {
        seen.insert((request.text(), request.header("idempotency-key").unwrap().to_owned()));
    }
    let bodies: BTreeSet<_> = seen.iter().map(|(body, _)| body).collect();
    assert_eq!(bodies.len(), seen.len(), "an event was called for with two keys");
    let repeated = daemon.post(
        "/v1/events",
        &json!({ "type": "left", "id": accepted.first(), "params": {
        "email": format!("p{}@example.com", number(accepted.first().unwrap()) % 7), "order": accepted.first() } }),
    );
    assert_eq!((repeated.status, repeated.json()["accepted"][0]["duplicate"].clone()), (202, json!(true)));
    assert_eq!(repeated.header("idempotent-replay"), Some("true"));
}

fn number(order: &str) -> usize {
    order.split_once('-').unwrap().1.parse().unwrap()
}

#[test]
fn a_run_that_waits_goes_on_after_a_restart_on_the_program_that_it_started_with() {
    let stub = Stub::start(|request, _| match request.target.as_str() {
        "/old" => Reply::ok("application/json", r#"{"code": "OLD"}"#),
        _ => Reply::ok("application/json", r#"{"code": "NEW"}"#),
    });
    let program = |path: &str| {
        format!(
            r#"
            event left {{ email: email }}
            webhook promo {{ get "{}/{path}" returns json {{ code: string }} }}
            message code {{ email {{ from "shop@example.com" subject "$data.promo.code" text "x" }} }}
            workflow w {{ on left identify by email event.email else create wait 2s call promo send code }}
            "#,
            stub.origin()
        )
    };
    let project = Project::new(&[("a.wf", &program("old"))]).calls(&stub);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    until("the run to wait", || (daemon.runs().first()?["status"] == "waiting").then_some(()));
    daemon.kill();
    project.write("a.wf", &program("new"));
    let daemon = project.serve();
    daemon.send("left", "2", json!({ "email": "bob@example.com" }));

    let mails = project.wait_for_mails(2);
    let subjects: BTreeSet<_> =
        mails.iter().filter_map(|mail| mail.lines().find(|line| line.starts_with("Subject"))).collect();
    assert_eq!(subjects, BTreeSet::from(["Subject: NEW", "Subject: OLD"]));
}

/// A program that another version of `wf` wrote is not guessed at: its runs stay as they are.
#[test]
fn a_start_names_the_program_that_it_cannot_read() {
    let program = |pause: &str| {
        format!(
            "event e {{ email: email }} workflow w {{ on e identify by email event.email else create wait {pause} }}"
        )
    };
    let project = Project::new(&[("a.wf", &program("1d"))]);
    let daemon = project.serve();
    daemon.send("e", "1", json!({ "email": "ann@example.com" }));
    until("the run to wait", || (daemon.runs().first()?["status"] == "waiting").then_some(()));
    let pinned = daemon.runs()[0]["program"].as_str().unwrap().to_owned();
    assert_eq!(daemon.terminate(), Some(0));
    project.write("a.wf", &program("2d"));
    let store = project.data().join("store.db");
    let swap = |from: &str, to: &str| {
        let mut bytes = fs::read(&store).unwrap();
        let places: Vec<usize> =
            (0..bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from.as_bytes())).collect();
        assert!(!places.is_empty());
        places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to.as_bytes()));
        fs::write(&store, bytes).unwrap();
    };
    let (own, foreign) = ("{\"ir_version\":1,", "{\"ir_version\":9,");
    swap(own, foreign);
    let output = project.wf(&["serve", "--data", "../data", "--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(&pinned) && said.contains("ir_version 9") && said.contains("hint:"), "{said}");
    swap(foreign, own);
    let daemon = project.serve();
    assert_eq!(daemon.runs()[0]["status"], "waiting");
}

#[test]
fn sigterm_ends_in_order_and_loses_nothing() {
    let stub = Stub::start(|_, _| Reply::ok("application/json", r#"{"code": "A"}"#));
    let project = Project::new(&[("a.wf", &PROGRAM.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let daemon = project.serve();
    for number in 0..20 {
        daemon.send(
            "left",
            &format!("s-{number}"),
            json!({ "email": "ann@example.com", "order": format!("s-{number}") }),
        );
    }
    assert_eq!(daemon.terminate(), Some(0));
    let _daemon = project.serve();
    project.wait_for_mails(20);
}

#[test]
fn a_caller_that_hangs_up_leaves_no_run_behind() {
    let program = r#"
        event left { email: email }
        message code { email { from "shop@example.com" subject "x" text "x" } }
        workflow w { on left identify by email event.email else create send code }
    "#;
    let project = Project::new(&[("a.wf", program)]);
    let daemon = project.serve();
    for number in 0..60 {
        let body =
            json!({ "type": "left", "id": number.to_string(), "params": { "email": "ann@example.com" } }).to_string();
        let mut stream = TcpStream::connect(daemon.address).unwrap();
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
        // Gone while the event is being kept, at another moment each time.
        thread::sleep(Duration::from_micros(100 * number % 3_000));
    }
    daemon.send("left", "last", json!({ "email": "ann@example.com" }));
    let kept = daemon.get("/v1/events?limit=100")["items"].as_array().unwrap().len();
    assert!(kept > 10, "hardly an event was kept: {kept}");
    project.wait_for_mails(kept);
}
