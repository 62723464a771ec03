//! Hosts that hang, fail or ask for patience hold up their own runs and nobody else's, and no run is dropped for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Daemon, Project, Reply, Stub, until};

const PROGRAM: &str = r#"
    event hang { email: email }
    event left { email: email }
    webhook black_hole { get "SLOW/x" returns text timeout 5min attempts 1 from 1s to 1s }
    webhook promo { get "GOOD/x" returns json { code: string } attempts 1 from 1s to 1s }
    message code { email { from "shop@example.com" subject "$data.promo.code" text "x" } }
    workflow hangs { on hang identify by email event.email else create call black_hole }
    workflow goes { on left identify by email event.email else create call promo send code }
"#;

fn program(slow: &Stub, good: &Stub) -> String {
    PROGRAM.replace("SLOW", &slow.origin()).replace("GOOD", &good.origin())
}

/// How many runs are in this state.
fn count(daemon: &Daemon, query: &str) -> usize {
    daemon.get(&format!("/v1/runs?limit=500&{query}"))["items"].as_array().unwrap().len()
}

fn send_many(daemon: &Daemon, kind: &str, many: std::ops::Range<usize>) {
    let event = |number| json!({ "type": kind, "params": { "email": format!("p{number}@example.com") } });
    let events: Vec<_> = many.map(event).collect();
    let answer = daemon.post("/v1/events", &json!(events));
    assert_eq!(answer.status, 202, "{answer:?}");
}

#[test]
fn a_host_that_hangs_delays_no_other_and_has_so_many_calls() {
    let slow = Stub::start(|_, _| Reply::SendAndHang(vec![]));
    let good = Stub::json(r#"{"code": "A"}"#);
    let project =
        Project::new(&[("a.wf", &program(&slow, &good))]).calls(&good).set("WF_EGRESS_ALLOW_PRIVATE", "localhost");
    // Two authorities, and the daemon trusts both.
    let both = [slow.ca_file(), good.ca_file()].map(|file| std::fs::read_to_string(file).unwrap()).concat();
    project.write("ca.pem", &both);
    let project = project.set("WF_EGRESS_CA_FILE", "ca.pem").set("WF_LIMITS_CALLS_PER_HOST", "3");
    let daemon = project.serve();
    // More than have their turn at once.
    for events in [0..800, 800..1_600] {
        send_many(&daemon, "hang", events);
    }
    until("the host to hang", || (slow.received().len() == 3).then_some(()));
    send_many(&daemon, "left", 0..50);
    project.wait_for_mails(50);
    assert_eq!(slow.received().len(), 3);
    until("the others to rest", || (count(&daemon, "status=waiting") > 400).then_some(()));
    let resting = daemon.get("/v1/runs?status=waiting&limit=1");
    assert_eq!(resting["items"][0]["reason_code"], "parked_host_busy", "{resting:#}");
    assert_eq!(count(&daemon, "status=failed"), 0);
}

#[test]
fn calls_to_a_host_that_fails_are_paused_and_go_on_when_it_answers_again() {
    let works = Arc::new(AtomicBool::new(false));
    let answers = works.clone();
    let host = Stub::start(move |_, _| match answers.load(Ordering::SeqCst) {
        true => Reply::ok("application/json", r#"{"code": "A"}"#),
        false => Reply::status("500 Internal Server Error", "text/plain", "oops"),
    });
    let project = Project::new(&[("a.wf", &program(&host, &host))]).calls(&host);
    let daemon = project.serve();
    send_many(&daemon, "left", 0..100);
    until("the circuit to open", || (count(&daemon, "status=waiting") >= 60).then_some(()));
    let resting = daemon.get("/v1/runs?status=waiting&limit=1");
    let run = &resting["items"][0];
    assert_eq!(run["reason_code"], "parked_circuit_open", "{run:#}");
    assert!(run["reason"].as_str().unwrap().contains("localhost") && run["wake_at"].is_string(), "{run:#}");
    assert!(count(&daemon, "status=failed") >= 20, "so many decide");

    works.store(true, Ordering::SeqCst);
    // Those that were parked lost no attempt, and are tried when the pause is over. Until a moment ago one in each pause was
    // tried and failed; how many, depends on how long all this took.
    let ended = || (count(&daemon, "status=completed"), count(&daemon, "status=failed"));
    let (completed, failed) =
        until("all to end", || Some(ended()).filter(|(completed, failed)| completed + failed == 100));
    assert!(completed >= 50, "{completed} completed, {failed} failed");
    assert_eq!(host.received().len(), 100, "each call was made once");
    project.wait_for_mails(completed);
}

#[test]
fn somebody_who_knows_that_a_host_works_again_need_not_wait() {
    let works = Arc::new(AtomicBool::new(false));
    let answers = works.clone();
    let host = Stub::start(move |_, _| match answers.load(Ordering::SeqCst) {
        true => Reply::ok("application/json", r#"{"code": "A"}"#),
        false => Reply::status("500 Internal Server Error", "text/plain", "oops"),
    });
    let source = program(&host, &host)
        .replace("attempts 1 from 1s to 1s }\n    message", "attempts 2 from 20h to 20h }\n    message");
    let project = Project::new(&[("a.wf", &source)]).calls(&host);
    let daemon = project.serve();
    send_many(&daemon, "left", 0..1);
    let id = until("the run to rest until tomorrow", || {
        let run = daemon.runs().pop()?;
        (run["status"] == "waiting").then(|| run["id"].as_str().unwrap().to_owned())
    });
    works.store(true, Ordering::SeqCst);
    let retry = || daemon.request("POST", &format!("/v1/runs/{id}/retry"), &[], "");
    let answer = retry();
    assert_eq!((answer.status, answer.json()["id"].clone()), (200, json!(id)), "{answer:?}");
    assert_eq!(daemon.ended_run()["status"], "completed");
    assert_eq!((retry().status, retry().json()["type"].clone()), (409, json!("urn:wf:run-ended")));
    assert_eq!(daemon.request("POST", "/v1/runs/9-00000000/retry", &[], "").status, 404);
}

#[test]
fn a_limit_spreads_calls_and_drops_none() {
    let times = Arc::new(Mutex::new(vec![]));
    let noted = times.clone();
    let host = Stub::start(move |_, _| {
        noted.lock().unwrap().push(Instant::now());
        Reply::ok("application/json", r#"{"code": "A"}"#)
    });
    let source = program(&host, &host).replace("GOOD", &host.origin());
    let limited = source.replace("returns json { code: string }", "returns json { code: string } limit 3 per 500ms");
    let project = Project::new(&[("a.wf", &limited)]).calls(&host);
    let daemon = project.serve();
    send_many(&daemon, "left", 0..14);
    project.wait_for_mails(14);
    assert_eq!(count(&daemon, "status=completed"), 14);
    let times = times.lock().unwrap();
    // Five times three in four periods and a bit; a machine that is busy only makes it longer.
    let took = times[13] - times[0];
    assert!(took >= Duration::from_millis(1_500), "{took:?}");
}

/// Runs that wait for their host hear the event that ends them, and make no call.
#[test]
fn who_leaves_while_a_call_waits_for_its_host_makes_none() {
    let program = r#"
        event left { email: email }
        event quit { email: email }
        webhook slow { post "SLOW/x" body json { to: contact.email } attempts 1 from 1s to 1s }
        workflow w { on left identify by email event.email else create exit on quit call slow }
    "#;
    let (slow, arrival, go) = Stub::held("");
    let project = Project::new(&[("a.wf", &program.replace("SLOW", &slow.origin()))])
        .calls(&slow)
        .set("WF_LIMITS_CALLS_PER_HOST", "2")
        .set("WF_LIMITS_CALLS_PER_FAST_HOST", "2");
    let daemon = project.serve();
    send_many(&daemon, "left", 0..20);
    arrival.recv_timeout(Duration::from_secs(30)).unwrap();
    send_many(&daemon, "quit", 0..20);
    go.send(()).unwrap();
    until("the end of all", || (count(&daemon, "status=exited") == 20).then_some(()));
    // Those that were under way have ended first.
    assert!(slow.received().len() <= 2, "{}", slow.received().len());
}

/// What an earlier daemon has sent counts for the limit, and who rested for it goes before who comes new.
#[test]
fn a_limit_holds_over_a_restart() {
    let host = Stub::json(r#"{"code": "A"}"#);
    let source = program(&host, &host);
    let limited = source.replace("returns json { code: string }", "returns json { code: string } limit 2 per 1h");
    let project = Project::new(&[("a.wf", &limited)]).calls(&host);
    let resting = |daemon: &Daemon, many: usize| {
        until("runs to rest", || {
            let runs = daemon.get("/v1/runs?status=waiting&limit=500")["items"].as_array().unwrap().clone();
            let all = runs.len() == many && runs.iter().all(|run| run["reason_code"] == "parked_rate_limit");
            all.then_some(runs)
        })
    };
    let daemon = project.serve();
    send_many(&daemon, "left", 0..5);
    resting(&daemon, 3);
    until("two to end", || (count(&daemon, "status=completed") == 2).then_some(()));
    daemon.kill();

    let daemon = project.serve();
    send_many(&daemon, "left", 5..8);
    // The newest run comes first.
    let mut runs = resting(&daemon, 6);
    runs.reverse();
    let wakes: Vec<&str> = runs.iter().map(|run| run["wake_at"].as_str().unwrap()).collect();
    let last_before = wakes[..3].iter().max();
    assert!(wakes[3..].iter().all(|wake| Some(&wake) > last_before.as_ref()), "{wakes:?}");
    assert_eq!(host.received().len(), 2);
}

/// The limits of programs that runs are pinned to hold over a restart too, though the program that runs then has none.
#[test]
fn a_limit_of_an_earlier_program_holds_over_a_restart() {
    let host = Stub::json(r#"{"code": "A"}"#);
    let source = program(&host, &host);
    let limited = source.replace("returns json { code: string }", "returns json { code: string } limit 2 per 1h");
    let project = Project::new(&[("a.wf", &limited)]).calls(&host);
    let daemon = project.serve();
    send_many(&daemon, "left", 0..5);
    until("three to rest and two to end", || {
        (count(&daemon, "status=completed") == 2 && count(&daemon, "status=waiting") == 3).then_some(())
    });
    daemon.kill();

    project.write("a.wf", &source);
    let daemon = project.serve();
    for run in daemon.get("/v1/runs?status=waiting&limit=500")["items"].as_array().unwrap() {
        let id = run["id"].as_str().unwrap();
        let answer = daemon.request("POST", &format!("/v1/runs/{id}/retry"), &[], "");
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    // A run of the program without a limit has gone behind them.
    send_many(&daemon, "left", 5..6);
    until("the new one to end", || (count(&daemon, "status=completed") == 3).then_some(()));
    until("the others to rest", || (count(&daemon, "status=waiting") == 3).then_some(()));
    assert_eq!(host.received().len(), 3);
}
