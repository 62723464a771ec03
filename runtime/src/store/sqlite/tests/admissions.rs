//! Who hears of runs that nobody opens: each is told once, in the order of admission over all acts, when it is durable.

use std::sync::{Mutex, Weak};

use super::*;
use crate::store::{Admissions, TickBatch, Watch, Watches, Watching};

/// Notes who was admitted: the acceptance number, the contact, and the workflow.
#[derive(Default)]
struct Notes(Mutex<Vec<(i64, i64, String)>>);

impl Admissions for Notes {
    fn admitted(&self, run: RunId, contact: i64, workflow: &SmolStr) {
        self.0.lock().unwrap().push((run.acceptance, contact, workflow.to_string()));
    }
}

/// What was told since it was asked last.
fn told(notes: &Notes) -> Vec<(i64, i64, String)> {
    std::mem::take(&mut *notes.0.lock().unwrap())
}

fn known(workflow: &str, contact: i64) -> Start {
    Start { contact: StartContact::Known(contact), ..start(workflow, &[], NotFound::Stop) }
}

/// A change of a contact that starts `watch` when `vip` becomes another value.
fn change(email: &str, vip: bool) -> ContactChange {
    let field = Watch { field: "vip".into(), default: None, starts: vec![known("watch", 0)] };
    let watches = Arc::new(Watches { program: hash(), fields: vec![field] });
    let watching = Watching { watches, workflow: None, depth: 1, first_state: None };
    let fields = vec![("email".into(), format!("{email:?}")), ("vip".into(), vip.to_string())];
    ContactChange { id: None, fields, at: at(5), watching: Some(watching) }
}

fn raised(key: &str, contact: i64) -> Acceptance {
    Acceptance { starts: vec![known("raised", contact)], depth: 1, ..event(key) }
}

/// Opens its run with a turn that raises an event.
#[derive(Debug)]
struct Raises;

impl Opening for Raises {
    fn open(&self, run: RunId, contact: &ContactRecord) -> Option<Progress> {
        Some(Progress { revision: Some(0), raised: vec![raised("by the first turn", contact.id)], ..turn(run) })
    }

    fn admitted(&self, _: RunId, _: ContactRecord, _: Option<Recorded>) {}
}

#[tokio::test]
async fn each_admission_is_told_once_whatever_it_came_by() {
    let store = opened();
    let notes = Arc::new(Notes::default());
    let admissions: Weak<Notes> = Arc::downgrade(&notes);
    store.tell(admissions);
    let say = |acceptance, contact, workflow: &str| (acceptance, contact, workflow.to_owned());

    let (run, ann) = begin(&store, "1", "ann@example.com").await;
    let opens = Start { opening: Some(Arc::new(Raises)), ..welcome("bob@example.com") };
    let plain = Acceptance { starts: vec![welcome("ann@example.com")], ..event("4") };
    store.accept(vec![Acceptance { starts: vec![opens], ..event("2") }, plain], false).await.unwrap();
    let bob = ann.id + 1;
    // The store answers before it tells.
    store.wake(run, at(9)).await.unwrap();
    let expected = [say(1, ann.id, "welcome"), say(3, bob, "raised"), say(4, ann.id, "welcome")];
    assert_eq!(told(&notes), expected, "an opening is told itself, and what its turn raised is not its");

    record(&store, Progress { raised: vec![raised("5", ann.id), raised("5", ann.id)], ..turn(run) }).await;
    store.put_contact(change("bob@example.com", true)).await.unwrap().unwrap();
    let changes =
        vec![change("ann@example.com", true), change("bob@example.com", true), change("bob@example.com", false)];
    store.put_contacts(changes).await.unwrap();
    store.wake(run, at(9)).await.unwrap();
    let expected = [say(5, ann.id, "raised"), say(6, bob, "watch"), say(7, ann.id, "watch"), say(8, bob, "watch")];
    assert_eq!(told(&notes), expected, "what is a duplicate or no change starts nothing");

    store.set_schedules(vec![("daily".into(), at(0))]).await.unwrap();
    store.begin_tick("daily".into(), at(60)).await.unwrap();
    let events = [bob, ann.id].map(|contact| Acceptance { key: None, ..raised("tick", contact) });
    let batch = || TickBatch { schedule: "daily".into(), tick: at(60), from: 0, to: None, events: events.to_vec() };
    assert!(store.tick(batch()).await.unwrap().is_some());
    assert!(store.tick(batch()).await.unwrap().is_none());
    store.wake(run, at(9)).await.unwrap();
    assert_eq!(told(&notes), [say(9, bob, "raised"), say(10, ann.id, "raised")]);

    drop(notes);
    begin(&store, "11", "ann@example.com").await;
    store.wake(run, at(9)).await.unwrap();
}
