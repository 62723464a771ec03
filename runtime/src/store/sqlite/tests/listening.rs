//! Events that runs listen to.

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::machine::Listening;

/// A run for this contact that leaves on `left` and waits for `paid`; its workflow has this key.
fn listener(key: i64) -> Option<Arc<Listening>> {
    let events = vec![("left".into(), true), ("paid".into(), false)];
    Some(Arc::new(Listening { key, events }))
}

async fn listen(store: &SqliteStore, event_key: &str, email: &str, key: i64) -> RunId {
    let start = Start { listening: listener(key), ..welcome(email) };
    let accepted = accept(store, Acceptance { starts: vec![start], ..event(event_key) }).await;
    let Accepted::New { mut runs, .. } = accepted else { panic!("not new: {accepted:?}") };
    let Admission::Admitted { run, .. } = runs.remove(0) else { panic!("not admitted: {runs:?}") };
    run
}

/// Accepts an event of the contact with this address at a time, for listeners of these keys. Whether one heard it.
async fn signal(store: &SqliteStore, name: &str, key: &str, email: &str, listeners: &[i64], at: Timestamp) -> bool {
    let signal = Signal { ways: vec![(Identifier::Email, email.into())], contact: None, listeners: listeners.to_vec() };
    let event = Acceptance { name: name.into(), signals: vec![signal], received_at: at, ..event(key) };
    let accepted = accept(store, event).await;
    let Accepted::New { heard, .. } = accepted else { panic!("not new: {accepted:?}") };
    heard
}

async fn heard(store: &SqliteStore, run: RunId) -> Vec<String> {
    let events = store.heard(run, 0, 100).await.unwrap();
    events.into_iter().map(|event| event.id.to_string()).collect()
}

fn rests(run: RunId, change: ListeningChange) -> Progress {
    let wake_at = Some((step("wait"), at(1_000)));
    Progress { status: RunStatus::Waiting, wake_at, listening: Some(change), ..turn(run) }
}

#[tokio::test]
async fn an_event_is_put_before_the_runs_of_its_contact_that_listen_to_it() {
    let opened = opened();
    let store = &opened.store;
    let ann = listen(store, "1", "ann@example.com", 1).await;
    let other_workflow = listen(store, "2", "ann@example.com", 2).await;
    let bob = listen(store, "3", "bob@example.com", 1).await;
    assert!(signal(store, "paid", "p-1", "ann@example.com", &[1], at(10)).await);
    assert!(signal(store, "left", "l-1", "ann@example.com", &[1, 9], at(11)).await);
    assert!(!signal(store, "ordered", "o-1", "ann@example.com", &[1], at(11)).await, "nobody listens to it");
    assert!(!signal(store, "paid", "p-2", "eve@example.com", &[1], at(11)).await, "nobody is made");
    assert_eq!(heard(store, ann).await, ["p-1", "l-1"]);
    assert!(heard(store, other_workflow).await.is_empty());
    assert!(heard(store, bob).await.is_empty());
    assert!(
        store
            .contacts(ContactQuery { text: Some("eve@example.com".into()), ..Default::default() })
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert_eq!(store.listening_programs().await.unwrap(), [hash()]);
    // A raised event is its run's contact's, when nothing else says whose it is.
    let contact = store.run(bob).await.unwrap().unwrap().contact.map(|contact| contact.id);
    let raised = Signal { ways: vec![(Identifier::Email, "eve@example.com".into())], contact, listeners: vec![1] };
    accept(store, Acceptance { name: "paid".into(), signals: vec![raised], ..event("p-3") }).await;
    assert_eq!(heard(store, bob).await, ["p-3"]);
}

#[tokio::test]
async fn what_was_taken_in_is_gone_with_the_turn_that_took_it() {
    let opened = opened();
    let store = &opened.store;
    let run = listen(store, "1", "ann@example.com", 1).await;
    for key in ["p-1", "p-2"] {
        signal(store, "paid", key, "ann@example.com", &[1], at(10)).await;
    }
    assert!(store.signalled(10).await.unwrap().is_empty(), "its turn looks for itself");
    record(store, rests(run, ListeningChange::default())).await;
    let waiting = store.signalled(10).await.unwrap();
    assert_eq!(waiting.iter().map(|run| run.summary.id).collect::<Vec<_>>(), [run]);
    let first = store.heard(run, 0, 1).await.unwrap().remove(0).acceptance;
    assert_eq!(store.heard(run, first, 10).await.unwrap().len(), 1);
    record(store, rests(run, ListeningChange { heard_up_to: Some(first), from: None })).await;
    assert_eq!(heard(store, run).await, ["p-2"]);
    record(store, Progress { listening: Some(ListeningChange::default()), ..last_turn(run, RunStatus::Exited) }).await;
    assert!(heard(store, run).await.is_empty());
    assert!(!signal(store, "left", "l-1", "ann@example.com", &[1], at(11)).await, "it has ended");
    assert!(store.listening_programs().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_is_deaf_for_a_time_but_leaves_all_the_same() {
    let opened = opened();
    let store = &opened.store;
    let run = listen(store, "1", "ann@example.com", 1).await;
    record(store, rests(run, ListeningChange { heard_up_to: None, from: Some(at(100)) })).await;
    assert!(!signal(store, "paid", "p-1", "ann@example.com", &[1], at(99)).await);
    assert!(
        signal(store, "paid", "p-2", "ann@example.com", &[1], at(100)).await,
        "its wait has ended then, woken or not"
    );
    assert!(signal(store, "left", "l-1", "ann@example.com", &[1], at(50)).await);
    assert_eq!(heard(store, run).await, ["p-2", "l-1"]);
}

#[tokio::test]
async fn a_run_that_starts_with_an_event_does_not_hear_it() {
    let opened = opened();
    let store = &opened.store;
    let earlier = listen(store, "1", "ann@example.com", 1).await;
    let signal =
        Signal { ways: vec![(Identifier::Email, "ann@example.com".into())], contact: None, listeners: vec![1] };
    let start = Start { listening: listener(1), ..welcome("ann@example.com") };
    let event = Acceptance { name: "left".into(), signals: vec![signal], starts: vec![start], ..event("2") };
    let Accepted::New { runs, heard: true, .. } = accept(store, event).await else { panic!() };
    let [Admission::Admitted { run, .. }] = runs.as_slice() else { panic!("{runs:?}") };
    assert_eq!(heard(store, earlier).await, ["2"]);
    assert!(heard(store, *run).await.is_empty());
}

#[tokio::test]
async fn a_raised_event_is_accepted_with_its_turn_and_once() {
    let opened = opened();
    let store = &opened.store;
    let (run, _) = begin(store, "1", "ann@example.com").await;
    let raised = || Acceptance {
        starts: vec![start("next", &[(Identifier::Email, "ann@example.com")], NotFound::Fail)],
        depth: 3,
        ..event("step-key")
    };
    let progress = || Progress { raised: vec![raised()], ..turn(run) };
    let Recorded::Kept { raised: kept, .. } = record(store, progress()).await else { panic!() };
    assert!(matches!(kept.as_slice(), [Accepted::New { runs, .. }] if runs.len() == 1), "{kept:?}");
    let Recorded::Kept { raised: again, .. } = record(store, progress()).await else { panic!() };
    assert!(matches!(again.as_slice(), [Accepted::Duplicate { .. }]), "{again:?}");
    assert_eq!(store.event("step-key".into()).await.unwrap().unwrap().depth, 3);
    record(store, last_turn(run, RunStatus::Cancelled)).await;
    let late = Progress {
        raised: vec![Acceptance { event_id: "late".into(), key: Some("late".into()), ..raised() }],
        ..turn(run)
    };
    assert!(matches!(record(store, late).await, Recorded::Stale));
    assert!(store.event("late".into()).await.unwrap().is_none(), "the run had ended");
}

#[tokio::test]
async fn a_contact_is_identified_apart_from_any_event() {
    let opened = opened();
    let store = &opened.store;
    let lookup = |otherwise| Lookup { ways: vec![(Identifier::Email, "ann@example.com".into())], otherwise };
    let found = store.identify(lookup(NotFound::Stop), at(0)).await.unwrap();
    assert!(matches!(found, Err(Ending::Stopped { .. })), "{found:?}");
    let made = store.identify(lookup(NotFound::Create), at(0)).await.unwrap().unwrap();
    let again = store.identify(lookup(NotFound::Create), at(0)).await.unwrap().unwrap();
    assert_eq!(made.id, again.id);
}
