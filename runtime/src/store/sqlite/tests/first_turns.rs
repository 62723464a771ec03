//! First turns that are kept with the admission of their runs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::ffi;

use super::writing::{hold, queue, sqlite_error};
use super::*;

/// Opens every run that it is asked for with the announcement of an attempt, and counts.
#[derive(Debug, Default)]
struct Opens {
    asked: AtomicU32,
    runs: Mutex<Vec<RunId>>,
    told: Mutex<Vec<(RunId, bool)>>,
}

impl Opening for Opens {
    fn open(&self, run: RunId, _: &ContactRecord) -> Option<Progress> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.runs.lock().unwrap().push(run);
        let started = AttemptStarted { step: step("0"), number: 1, at: at(1), request: "{}".into() };
        Some(Progress { revision: Some(0), attempts_started: vec![started], ..turn(run) })
    }

    fn admitted(&self, run: RunId, _: ContactRecord, opened: Option<Recorded>) {
        self.told.lock().unwrap().push((run, opened.is_some()));
    }
}

fn opens(key: &str, email: &str, opening: &Arc<Opens>) -> Acceptance {
    let opening: Arc<dyn Opening> = opening.clone();
    Acceptance { starts: vec![Start { opening: Some(opening), ..welcome(email) }], ..event(key) }
}

/// The run that an event started, and whether its first turn was kept with it.
fn admitted(accepted: Accepted) -> (RunId, bool) {
    let Accepted::New { mut runs, .. } = accepted else { panic!("not new: {accepted:?}") };
    let Admission::Admitted { run, opened, .. } = runs.remove(0) else { panic!("not admitted: {runs:?}") };
    (run, opened.is_some())
}

#[tokio::test]
async fn admission_and_first_turn_are_one_commit() {
    let store = opened();
    let opening = Arc::new(Opens::default());
    let before = store.traffic();
    let (run, kept) = admitted(accept(&store, opens("a", "ann@example.com", &opening)).await);
    assert!(kept);
    assert_eq!(store.traffic().commits - before.commits, 1);
    assert_eq!(store.attempts(run).await.unwrap().len(), 1);
    let record_of = store.run(run).await.unwrap().unwrap();
    assert_eq!((record_of.summary.revision, record_of.saved.as_deref()), (1, Some(r#"{"format":1}"#)));
    // The turn goes on from there.
    let next = Progress { revision: Some(1), ..last_turn(run, RunStatus::Completed) };
    assert!(matches!(record(&store, next).await, Recorded::Kept { .. }));
    assert_eq!(store.run(run).await.unwrap().unwrap().summary.status, RunStatus::Completed);
}

#[tokio::test]
async fn a_run_opens_behind_no_other_of_its_contact() {
    let store = opened();
    let opening = Arc::new(Opens::default());
    let open = async |key: &str, email: &str| admitted(accept(&store, opens(key, email, &opening)).await);
    let (first, _) = begin(&store, "first", "ann@example.com").await;
    assert!(!open("second", "ann@example.com").await.1, "the first run has not begun");
    assert!(open("other", "bob@example.com").await.1);
    record(&store, Progress { revision: Some(0), ..turn(first) }).await;
    let (third, kept) = open("third", "ann@example.com").await;
    assert!(!kept, "the second run has not begun");
    record(&store, Progress { revision: Some(0), ..turn(RunId { acceptance: 2, ..first }) }).await;
    record(&store, Progress { revision: Some(0), ..last_turn(third, RunStatus::Completed) }).await;
    assert!(open("fourth", "ann@example.com").await.1);
}

/// Undoes a batch, unless a slow machine did not take all of it as one; how often a first turn was asked for.
async fn undone() -> u32 {
    let store = Arc::new(opened());
    let opening = Arc::new(Opens::default());
    // A neighbour in the batch fails, so that all of it is undone and each is done by itself.
    let release = hold(&store);
    let mut pending = [
        store.accept(vec![Acceptance { starts: vec![welcome("ann@example.com")], ..event("plain") }], false),
        store.accept(vec![opens("behind", "ann@example.com", &opening)], false),
        store.accept(vec![opens("a", "bob@example.com", &opening)], false),
    ];
    let mut fails = store.write::<()>(|_| Err(sqlite_error(ffi::SQLITE_CONSTRAINT)));
    for answer in &mut pending {
        queue(answer).await;
    }
    queue(&mut fails).await;
    drop(release);
    let mut kept = vec![];
    for answer in pending {
        kept.push(admitted(answer.await.unwrap().remove(0)));
    }
    assert!(fails.await.is_err());
    assert_eq!(kept.iter().map(|(_, kept)| *kept).collect::<Vec<_>>(), [false, false, true]);
    let asked = opening.asked.load(Ordering::Relaxed);
    assert_eq!(opening.runs.lock().unwrap().last(), Some(&kept[2].0));
    assert_eq!(*opening.told.lock().unwrap(), kept[1..], "in the order of their admission, once");
    // Both of the contact's runs begin, and then the next one opens: nothing of what was undone is counted.
    for (run, _) in &kept[..2] {
        record(&store, Progress { revision: Some(0), ..turn(*run) }).await;
    }
    assert!(admitted(accept(&store, opens("b", "ann@example.com", &opening)).await).1);
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_undone_is_asked_for_again() {
    for _ in 0..50 {
        if undone().await == 2 {
            return;
        }
    }
    panic!("it is never asked for again");
}

#[test]
fn runs_that_have_not_begun_are_looked_up_when_they_are_too_many_to_know() {
    let store = opened();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (first, _) = begin(&store, "first", "ann@example.com").await;
        for number in 0..70_000 {
            store.known.put_unbegun(RunId { acceptance: 1_000 + number, workflow: 1 }, 1_000 + number);
        }
        let opening = Arc::new(Opens::default());
        let open = async |key: &str, email: &str| admitted(accept(&store, opens(key, email, &opening)).await).1;
        assert!(!open("second", "ann@example.com").await);
        assert!(open("other", "bob@example.com").await);
        assert!(open("again", "bob@example.com").await);
        for acceptance in [first.acceptance, 2] {
            record(&store, Progress { revision: Some(0), ..turn(RunId { acceptance, ..first }) }).await;
        }
        assert!(open("third", "ann@example.com").await);
    });
}

/// Takes its time to hear that a run is admitted.
#[derive(Debug, Default)]
struct Slow(AtomicU32);

impl Opening for Slow {
    fn open(&self, _: RunId, _: &ContactRecord) -> Option<Progress> {
        None
    }

    fn admitted(&self, _: RunId, _: ContactRecord, _: Option<Recorded>) {
        std::thread::sleep(Duration::from_millis(50));
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_run_is_taken_up_before_it_is_told_of() {
    let store = Arc::new(opened());
    for number in 0..4 {
        let slow = Arc::new(Slow::default());
        let opening: Arc<dyn Opening> = slow.clone();
        let key = number.to_string();
        let starts = vec![Start { opening: Some(opening), ..welcome(&format!("{key}@example.com")) }];
        let (accepting, event) = (store.clone(), Acceptance { starts, ..event(&key) });
        let accepted = tokio::spawn(async move { accept(&accepting, event).await });
        // Readers see it from its commit on.
        while store.unfinished(None, 10).await.unwrap().len() <= number {}
        assert_eq!(slow.0.load(Ordering::Relaxed), 1);
        accepted.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_large_batch_comes_before_a_later_answer() {
    let store = Arc::new(opened());
    let slow = Arc::new(Slow::default());
    let release = hold(&store);
    let mut pending = vec![];
    for number in 0..10 {
        let opening: Arc<dyn Opening> = slow.clone();
        let key = number.to_string();
        let starts = vec![Start { opening: Some(opening), ..welcome(&format!("{key}@example.com")) }];
        let mut answer = store.accept(vec![Acceptance { starts, ..event(&key) }], false);
        queue(&mut answer).await;
        pending.push(answer);
    }
    // Whoever is told of something later in the batch may have started more runs of the same contacts.
    let mut last = store.write(|_| Ok(()));
    queue(&mut last).await;
    drop(release);
    last.await.unwrap();
    assert_eq!(slow.0.load(Ordering::Relaxed), 10);
    for answer in pending {
        answer.await.unwrap();
    }
    // A commit of its own, which another thread syncs and answers than the one before.
    store.write(|_| Ok(())).await.unwrap();
    assert_eq!(slow.0.load(Ordering::Relaxed), 10);
}

/// Hears that a run is admitted when it is let.
#[derive(Debug)]
struct Held(Mutex<std::sync::mpsc::Receiver<()>>);

impl Opening for Held {
    fn open(&self, _: RunId, _: &ContactRecord) -> Option<Progress> {
        None
    }

    fn admitted(&self, _: RunId, _: ContactRecord, _: Option<Recorded>) {
        let _ = self.0.lock().unwrap().recv();
    }
}

#[tokio::test]
async fn who_sends_an_event_does_not_wait_for_its_runs() {
    let store = opened();
    let (release, released) = std::sync::mpsc::channel();
    let opening: Arc<dyn Opening> = Arc::new(Held(Mutex::new(released)));
    let starts = vec![Start { opening: Some(opening), ..welcome("ann@example.com") }];
    let accepted = tokio::time::timeout(Duration::from_secs(20), accept(&store, Acceptance { starts, ..event("a") }));
    assert!(matches!(accepted.await.unwrap(), Accepted::New { .. }));
    drop(release);
}

/// Fails inside when it hears that a run is admitted.
#[derive(Debug)]
struct Fails;

impl Opening for Fails {
    fn open(&self, _: RunId, _: &ContactRecord) -> Option<Progress> {
        None
    }

    fn admitted(&self, _: RunId, _: ContactRecord, _: Option<Recorded>) {
        std::thread::sleep(Duration::from_millis(100));
        panic!("the opening of a run failed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_thread_that_has_failed_inside() {
    let store = Arc::new(opened());
    let release = hold(&store);
    let opening: Arc<dyn Opening> = Arc::new(Fails);
    let mut pending = vec![];
    for number in 0..20 {
        let key = number.to_string();
        let starts = vec![Start { opening: Some(opening.clone()), ..welcome(&format!("{key}@example.com")) }];
        let mut answer = store.accept(vec![Acceptance { starts, ..event(&key) }], false);
        queue(&mut answer).await;
        pending.push(answer);
    }
    drop(release);
    // While the thread that syncs is about to fail, more is handed over to it.
    tokio::time::sleep(Duration::from_millis(30)).await;
    let more = std::iter::repeat_n(store.clone(), 20).map(|store| async move { store.write(|_| Ok(())).await });
    let more = more.collect::<tokio::task::JoinSet<_>>();
    let ended = tokio::time::timeout(Duration::from_secs(20), async {
        for answer in pending {
            let _ = answer.await;
        }
        more.join_all().await;
        store.close().await;
    });
    ended.await.unwrap();
    assert!(store.failed().await.to_string().contains("thread"));
}
