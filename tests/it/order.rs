//! Order per contact: first turns, and what they write, follow each other as their events were accepted; also over crashes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Project, Reply, Stub, until};

/// A longer run: `WF_ORDER=50,200,20` for contacts, events for each, and crashes.
fn size() -> (usize, usize, usize) {
    let asked = std::env::var("WF_ORDER").unwrap_or_default();
    let numbers: Vec<usize> = asked.split(',').filter_map(|number| number.parse().ok()).collect();
    match numbers.as_slice() {
        [contacts, events, crashes] => (*contacts, *events, *crashes),
        _ => (8, 25, 3),
    }
}

/// What is sent in order is called for, and written, in order.
#[test]
fn first_turns_of_a_contact_follow_each_other() {
    let (contacts, events, crashes) = size();
    // Random enough: latencies of 0 to 15 ms that depend on what came before.
    let stub = Stub::start(|request, earlier| {
        let pause = (earlier * 7_919 + request.target.len() * 31) % 16;
        Reply::ok("application/json", r#"{"code": "A"}"#).after(Duration::from_millis(pause as u64))
    });
    let program = r#"
        event e { email: email, n: int }
        contact { last: int = -1, path: string = "" }
        webhook go { get "ORIGIN/go?who=${event.email}&n=${event.n}" returns json { code: string } }
        workflow w {
          on e identify by email event.email else create
          call go
          if contact.last > event.n { fail "${contact.last} before ${event.n}" }
          set contact.last = event.n
        }
    "#;
    let project = Project::new(&[("a.wf", &program.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let mut daemon = Some(project.serve());
    let steps = (events / (crashes + 1)).max(1);
    for number in 0..events {
        let batch: Vec<Value> = (0..contacts)
            .map(|who| {
                let params = json!({ "email": format!("p{who}@example.com"), "n": number });
                json!({ "type": "e", "id": format!("{who}-{number}"), "params": params })
            })
            .collect();
        let answer = daemon.as_ref().unwrap().post("/v1/events", &json!(batch));
        assert_eq!(answer.status, 202, "{answer:?}");
        if (number + 1) % steps == 0 && number + 1 < events {
            daemon.take().unwrap().kill();
            daemon = Some(project.serve());
        }
    }
    let daemon = daemon.unwrap();
    let count =
        |status: &str| daemon.get(&format!("/v1/runs?limit=500&status={status}"))["items"].as_array().unwrap().len();
    until("all runs to end", || (count("running") + count("waiting") == 0).then_some(()));
    let failed = daemon.get("/v1/runs?status=failed");
    assert!(failed["items"].as_array().unwrap().is_empty(), "{failed:#}");
    let mut seen: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for request in stub.received() {
        let (who, n) = request.target.split_once("&n=").unwrap();
        let seen = seen.entry(who.to_owned()).or_default();
        let n = n.parse().unwrap();
        // A call that a crash cut off is made again.
        if !seen.contains(&n) {
            seen.push(n);
        }
    }
    assert_eq!(seen.len(), contacts);
    for (who, order) in seen {
        assert_eq!(order, (0..events).collect::<Vec<_>>(), "{who}");
    }
}
