//! The attempts of a call: their schedule and their key outlive a crash, and history holds all of them but the secrets.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::{Daemon, Project, Reply, Stub, files_with, until};

const PROGRAM: &str = r#"
    event left { email: email }
    connector promo_api bearer { token secret("PROMO_TOKEN") }
    webhook promo {
      get "ORIGIN/promo"
      auth promo_api
      returns json { code: string }
      attempts 2 from 2s to 2s
    }
    message code { email { from "shop@example.com" subject "$data.promo.code" text "x" } }
    workflow w { on left identify by email event.email else create call promo send code }
"#;

const TOKEN: &str = "canary-token-0123456789";

fn project(stub: &Stub) -> Project {
    Project::new(&[("a.wf", &PROGRAM.replace("ORIGIN", &stub.origin()))])
        .calls(stub)
        .set("WF_SECRET_PROMO_TOKEN", TOKEN)
}

/// Waits until an attempt has its outcome, and returns the run.
fn after_an_attempt(daemon: &Daemon) -> Value {
    until("an attempt to fail", || {
        let id = daemon.runs().first()?["id"].as_str()?.to_owned();
        let run = daemon.get(&format!("/v1/runs/{id}"));
        let answered = !run["steps"][0]["attempts"][0]["error"].is_null();
        answered.then_some(run)
    })
}

#[test]
fn attempts_are_counted_across_a_crash_and_keep_their_key() {
    let stub = Stub::start(|_, _| Reply::status("503 Service Unavailable", "text/plain", "busy"));
    let project = project(&stub);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    after_an_attempt(&daemon);
    daemon.kill();
    let daemon = project.serve();
    let run = daemon.ended_run();
    let numbers: Vec<_> =
        run["steps"][0]["attempts"].as_array().unwrap().iter().map(|attempt| attempt["number"].clone()).collect();
    assert_eq!(numbers, [1, 2], "{run:#}");
    let keys = |stub: &Stub| -> Vec<String> {
        stub.received().iter().map(|request| request.header("idempotency-key").unwrap().to_owned()).collect()
    };
    let before = keys(&stub);
    assert!(before.len() == 2 && before[0] == before[1], "{before:?}");
    daemon.kill();

    // The same run of a new store is another one, which the service must not take for the first.
    fs::remove_dir_all(project.data()).unwrap();
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    assert_eq!(after_an_attempt(&daemon)["id"], run["id"]);
    assert!(!before.contains(keys(&stub).last().unwrap()), "{:?}", keys(&stub));
}

/// A restored store gives the numbers again that it gave since the copy was made. A service must not take the new call for one
/// that it has seen; a call of a run that stood in the copy it must.
#[test]
fn a_restored_store_repeats_the_keys_of_its_own_runs_only() {
    let stub = Stub::start(|_, number| match number {
        0 => Reply::status("503 Service Unavailable", "text/plain", "busy"),
        _ => Reply::ok("application/json", r#"{"code": "A"}"#),
    });
    let project = project(&stub);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    after_an_attempt(&daemon);
    daemon.kill();
    let copy = fs::read(project.data().join("store.db")).unwrap();
    let log = fs::read(project.data().join("store.db-wal")).unwrap();
    // What happens twice: the run of the copy goes on, and another event is accepted.
    let mut lives = vec![];
    for (event, email) in [("2", "bob@example.com"), ("3", "cid@example.com")] {
        fs::remove_dir_all(project.data()).unwrap();
        fs::create_dir(project.data()).unwrap();
        fs::set_permissions(project.data(), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(project.data().join("store.db"), &copy).unwrap();
        fs::write(project.data().join("store.db-wal"), &log).unwrap();
        let before = stub.received().len();
        let daemon = project.serve();
        daemon.send("left", event, json!({ "email": email }));
        let ended = || daemon.runs().iter().filter(|run| run["status"] == "completed").count();
        until("both runs to end", || (ended() == 2).then_some(()));
        let ids: BTreeSet<String> = daemon.runs().iter().map(|run| run["id"].to_string()).collect();
        let received = stub.received();
        let keys = received[before..].iter().map(|request| request.header("idempotency-key").unwrap().to_owned());
        lives.push((ids, keys.collect::<BTreeSet<_>>()));
        daemon.kill();
    }
    let first = stub.received()[0].header("idempotency-key").unwrap().to_owned();
    let [(ids, keys), (ids_again, keys_again)] = &lives[..] else { panic!() };
    assert_eq!(ids, ids_again);
    assert_eq!((keys.len(), keys_again.len()), (2, 2));
    assert_eq!(keys.intersection(keys_again).collect::<Vec<_>>(), [&first]);
}

/// A service that answers nothing to the first two requests: the daemon is killed during both.
#[test]
fn an_attempt_that_a_crash_cut_off_is_unknown() {
    let stub = Stub::start(|_, number| match number {
        0 | 1 => Reply::SendAndHang(vec![]),
        _ => Reply::ok("application/json", r#"{"code": "A"}"#),
    });
    let project = project(&stub);
    let mut daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    let id = until("a run", || Some(daemon.runs().first()?["id"].as_str()?.to_owned()));
    let outcomes = |daemon: &Daemon| -> Vec<Value> {
        let run = daemon.get(&format!("/v1/runs/{id}"));
        let attempts = run["steps"][0]["attempts"].as_array().cloned().unwrap_or_default();
        attempts.iter().map(|attempt| attempt["outcome"].clone()).collect()
    };
    for crash in 1..=2 {
        until("the request to be sent", || (stub.received().len() == crash).then_some(()));
        let expected: Vec<&str> = (1..crash).map(|_| "unknown").chain(["open"]).collect();
        assert_eq!(outcomes(&daemon), expected);
        daemon.kill();
        daemon = project.serve();
        // What an earlier crash cut off was made again since.
        until("the line of the start", || daemon.log().contains(r#""unknown_attempts":1"#).then_some(()));
    }
    daemon.ended_run();
    assert_eq!(outcomes(&daemon), ["unknown", "unknown", "succeeded"]);
    let url = format!("http://{}", daemon.address);
    let shown = project.wf(&["runs", "show", &id, "--url", &url]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let marked = shown.lines().filter(|line| line.contains("whether it has arrived is not known")).count();
    assert_eq!(marked, 2, "{shown}");
    daemon.terminate();
    let daemon = project.serve();
    until("the line of the start", || daemon.log().contains(r#""unknown_attempts":0"#).then_some(()));
}

#[test]
fn a_long_retry_after_lets_the_run_rest_across_a_restart() {
    let stub = Stub::start(|_, _| {
        let head = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n";
        Reply::Send(head.as_bytes().to_vec())
    });
    let project = project(&stub);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    let resting = || until("the run to rest", || daemon.runs().pop().filter(|run| run["status"] == "waiting"));
    let run = resting();
    assert!(run["wake_at"].as_str() > run["started_at"].as_str(), "{run:#}");
    daemon.kill();
    let daemon = project.serve();
    assert_eq!(daemon.runs(), [run]);
    assert_eq!(stub.received().len(), 1);
}

/// A service that repeats what it was sent, in every place where an answer can.
#[test]
fn a_secret_is_in_no_file_and_in_no_answer_even_if_the_service_repeats_it() {
    let stub = Stub::start(|request, _| {
        let shown = request.header("authorization").unwrap().to_owned();
        let body = format!(r#"{{"code": "A", "seen": "{shown}"}}"#);
        let head =
            format!("HTTP/1.1 200 OK\r\nx-seen: {shown}\r\nset-cookie: s={TOKEN}\r\ncontent-type: application/json");
        Reply::Send(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes())
    });
    let project = project(&stub);
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    let run = daemon.ended_run();
    assert_eq!(run["status"], "completed", "{run:#}");
    assert!(!run.to_string().contains(TOKEN), "{run:#}");
    assert!(run.to_string().contains("{{secret:PROMO_TOKEN}}"), "{run:#}");
    assert!(!daemon.log().contains(TOKEN), "{}", daemon.log());
    daemon.terminate();
    assert_eq!(files_with(&project.data(), &[TOKEN]), [""; 0]);
}

/// A service that shows what the caller before the last sent.
#[test]
fn a_secret_that_was_changed_is_not_shown_by_what_came_before() {
    let folder = tempfile::tempdir().unwrap();
    for connector in ["bearer { token secret(\"TOKEN\") }", "basic { login \"shop\" password secret(\"TOKEN\") }"] {
        let shown = Mutex::new(String::new());
        let stub = Stub::start(move |request, _| {
            let own = request.header("authorization").unwrap().to_owned();
            let before = std::mem::replace(&mut *shown.lock().unwrap(), own);
            Reply::ok("application/json", &format!(r#"{{"code": "A", "before": "{before}"}}"#))
        });
        let program = format!(
            r#"
            event left {{ email: email }}
            connector promo_api {connector}
            webhook promo {{ get "{}/promo" auth promo_api returns json {{ code: string }} }}
            workflow w {{ on left identify by email event.email else create call promo }}
            "#,
            stub.origin()
        );
        let project =
            Project::new(&[("a.wf", &program)]).calls(&stub).set("WF_SECRETS_DIR", folder.path().to_str().unwrap());
        let daemon = project.serve();
        for (number, secret) in ["canary-first-0123", "canary-second-4567", "canary-third-89"].iter().enumerate() {
            fs::write(folder.path().join("TOKEN"), secret).unwrap();
            daemon.send("left", &number.to_string(), json!({ "email": "ann@example.com" }));
            until("the run to end", || {
                let ended = daemon.runs().iter().filter(|run| run["status"] == "completed").count();
                (ended == number + 1).then_some(())
            });
        }
        for run in daemon.runs() {
            let run = daemon.get(&format!("/v1/runs/{}", run["id"].as_str().unwrap())).to_string();
            // Plain, and `shop:canary-` in Base64.
            assert!(!run.contains("canary") && !run.contains("c2hvcDpjYW5hcnkt"), "{run}");
        }
    }
}
