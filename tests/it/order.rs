//! Order per contact: runs begin, and write to the contact, as their events were accepted; also over crashes.

use std::collections::BTreeSet;
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

/// Each run finds what the one before it has written.
#[test]
fn the_runs_of_a_contact_begin_in_order() {
    let (contacts, events, crashes) = size();
    // Random enough: latencies of 0 to 15 ms that depend on what came before.
    let stub = Stub::start(|request, earlier| {
        let pause = (earlier * 7_919 + request.target.len() * 31) % 16;
        Reply::ok("application/json", r#"{"code": "A"}"#).after(Duration::from_millis(pause as u64))
    });
    let program = r#"
        event e { email: email, n: int }
        contact { last: int = -1 }
        webhook go { get "ORIGIN/go?who=${event.email}&n=${event.n}" returns json { code: string } }
        workflow w {
          on e identify by email event.email else create
          if contact.last + 1 != event.n { fail "${contact.last} before ${event.n}" }
          set contact.last = event.n
          call go
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
    let mut called = BTreeSet::new();
    for request in stub.received() {
        // A call that a crash cut off is made again.
        called.insert(request.target);
    }
    assert_eq!(called.len(), contacts * events);
    let cards = daemon.get("/v1/contacts?limit=500");
    let last: Vec<&Value> = cards["items"].as_array().unwrap().iter().map(|card| &card["last"]).collect();
    assert_eq!(last, vec![&json!(events - 1); contacts]);
}
