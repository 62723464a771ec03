//! The engine on a store that now and then does not do what it is asked.

use std::ffi::OsString;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use compiler::ir::ProgramHash;
use compiler::source::Sources;
use jiff::Timestamp;

use super::{Embedded, NewEvent, Programs, Released, Taken};
use crate::config::{Flags, Settings};
use crate::deliver::{Incoming, Mailer, Outbox, outgoing, write_outbox};
use crate::directory::Directory;
use crate::machine::Ending;
use crate::machine::identify::Lookup;
use crate::metrics::{Metrics, Timing};
use crate::store::sqlite::SqliteStore;
use crate::store::*;
use crate::value::read;
use crate::webhook::{Client, Gate, Secrets};

/// A store each of whose verbs that the engine calls by itself fails the first times, with an error that passes.
struct Moody {
    store: SqliteStore,
    due: AtomicU32,
    record: AtomicU32,
    unfinished: AtomicU32,
    outbox_after: AtomicU32,
    outbox_written: AtomicU32,
    /// Its `record` fails inside so often, as a defect would.
    panics: AtomicU32,
}

fn fails(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

macro_rules! pass_on {
    ($(fn $verb:ident($($name:ident: $type:ty),*) -> $answer:ty;)+) => {
        $(fn $verb(&self, $($name: $type),*) -> Pending<'_, $answer> {
            self.store.$verb($($name),*)
        })+
    };
}

macro_rules! fail_at_first {
    ($(fn $verb:ident($($name:ident: $type:ty),*) -> $answer:ty;)+) => {
        $(fn $verb(&self, $($name: $type),*) -> Pending<'_, $answer> {
            if fails(&self.$verb) {
                return Box::pin(ready(Err(StoreError::Refused("not now".to_owned()))));
            }
            self.store.$verb($($name),*)
        })+
    };
}

impl Store for Moody {
    fail_at_first! {
        fn due(now: Timestamp, limit: usize) -> (Vec<RunRecord>, Option<Timestamp>);
        fn unfinished(after: Option<RunId>, limit: usize) -> Vec<RunRecord>;
        fn outbox_after(number: i64, limit: usize) -> Vec<MessageRecord>;
        fn outbox_written(number: i64) -> ();
    }

    pass_on! {
        fn accept(acceptances: Vec<Acceptance>, all_or_none: bool) -> Vec<Accepted>;
        fn signalled(limit: usize) -> Vec<RunRecord>;
        fn heard(run: RunId, after: i64, limit: usize) -> Vec<EventRecord>;
        fn listening_programs() -> Vec<ProgramHash>;
        fn identify(lookup: Lookup, at: Timestamp) -> Result<ContactRecord, Ending>;
        fn run(id: RunId) -> Option<RunRecord>;
        fn runs(query: RunQuery) -> Page<RunSummary>;
        fn attempts(run: RunId) -> Vec<AttemptRecord>;
        fn event(id: String) -> Option<EventRecord>;
        fn events(query: EventQuery) -> Page<EventRecord>;
        fn put_contact(change: ContactChange) -> Result<PutContact, ContactConflict>;
        fn contacts_between(after: i64, up_to: i64, limit: usize) -> Vec<ContactRecord>;
        fn schedules() -> Vec<ScheduleRecord>;
        fn set_schedules(schedules: Vec<(String, Timestamp)>) -> Vec<ScheduleRecord>;
        fn begin_tick(schedule: String, tick: Timestamp) -> Option<ScheduleRecord>;
        fn tick(batch: TickBatch) -> Option<Vec<Accepted>>;
        fn contact(id: i64) -> Option<ContactRecord>;
        fn contacts(query: ContactQuery) -> Page<ContactRecord>;
        fn put_program(hash: ProgramHash, json: String) -> ();
        fn program(hash: ProgramHash) -> Option<String>;
        fn last_program() -> Option<ProgramHash>;
        fn messages(query: MessageQuery) -> Page<MessageRecord>;
        fn outbox_mark() -> i64;
        fn counts() -> Counts;
        fn census(now: Timestamp) -> Census;
        fn prune(before: Timestamp, after: i64, limit: usize) -> Pruned;
        fn pruned() -> Pruned;
        fn size() -> u64;
        fn wake(run: RunId, at: Timestamp) -> bool;
        fn park(run: RunId, reason: String, reason_code: &'static str) -> ();
        fn foreign_programs(ir_version: u32) -> Vec<ProgramHash>;
    }

    fn record(&self, progress: Progress) -> Pending<'_, Recorded> {
        if fails(&self.record) {
            return Box::pin(ready(Err(StoreError::Refused("not now".to_owned()))));
        }
        assert!(!fails(&self.panics), "a defect");
        self.store.record(progress)
    }

    fn is_full(&self) -> bool {
        self.store.is_full()
    }

    fn identity(&self) -> u64 {
        self.store.identity()
    }
}

const PROGRAM: &str = r#"
    event left { email: email }
    message code { email { from "shop@example.com" subject "x" text "x" } }
    workflow w { on left identify by email event.email else create wait 1ms send code }
"#;

/// An engine on a store, started, with a program.
async fn engine_on(store: &Arc<dyn Store>, folder: &std::path::Path) -> (Embedded, Incoming) {
    let programs = Arc::new(Programs::new(store.clone()));
    let mut sources = Sources::new();
    sources.add("a.wf", PROGRAM);
    programs.activate(compiler::compile(&sources).program.unwrap()).await.unwrap();
    let settings = Settings::load(folder, Vec::<(OsString, OsString)>::new(), &Flags::default()).unwrap();
    let secrets = Arc::new(Secrets::new(Vec::new(), None));
    let client = Client::new(&settings.egress, secrets.clone()).unwrap();
    let mailer = Mailer::new(&settings, secrets).unwrap();
    let directory = Directory::new(store.clone());
    let gate = Arc::new(Gate::new(8));
    let (outgoing, incoming) = outgoing();
    let metrics = Arc::new(Metrics::new(Timing::commits()));
    let engine = Embedded::new(store.clone(), programs, directory, client, gate, mailer, metrics, outgoing);
    engine.start().await.unwrap();
    (engine, incoming)
}

fn left() -> NewEvent {
    NewEvent {
        source: "".into(),
        name: "left".into(),
        key: None,
        occurred_at: None,
        params: read(r#"{"email": "ann@example.com"}"#).unwrap(),
        trace: None,
    }
}

#[tokio::test]
async fn a_store_that_refuses_for_a_while_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let moods = || AtomicU32::new(1);
    let store: Arc<dyn Store> = Arc::new(Moody {
        store: SqliteStore::open(&folder.path().join("data")).unwrap(),
        due: moods(),
        record: moods(),
        unfinished: moods(),
        outbox_after: moods(),
        outbox_written: moods(),
        panics: AtomicU32::new(0),
    });
    let (engine, incoming) = engine_on(&store, folder.path()).await;
    let outbox = Outbox::new(folder.path().join("outbox"));
    tokio::spawn(write_outbox(store.clone(), outbox.clone(), incoming));

    let taken = engine.accept(vec![left()], false).await.unwrap();
    assert!(matches!(taken.as_slice(), [Taken::Accepted { .. }]), "{taken:?}");
    let sent = async {
        // The mark is moved after the file was written, also when that failed first.
        while store.outbox_mark().await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), sent).await.expect("the mail is written at last");
    assert_eq!(std::fs::read_dir(outbox.folder().join("new")).unwrap().count(), 1);
    engine.stop(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_run_whose_turns_fail_inside_is_parked_and_goes_on_when_somebody_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let none = || AtomicU32::new(0);
    let store: Arc<dyn Store> = Arc::new(Moody {
        store: SqliteStore::open(&folder.path().join("data")).unwrap(),
        due: none(),
        record: none(),
        unfinished: none(),
        outbox_after: none(),
        outbox_written: none(),
        panics: AtomicU32::new(3),
    });
    let (engine, _incoming) = engine_on(&store, folder.path()).await;
    engine.accept(vec![left()], false).await.unwrap();
    let stands = async |status: RunStatus| {
        let looks = async {
            loop {
                let run = store.runs(RunQuery { limit: 1, ..RunQuery::default() }).await.unwrap().items.remove(0);
                if run.status == status {
                    return run;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), looks).await.expect("it stands so at last")
    };
    let run = stands(RunStatus::Waiting).await;
    assert_eq!((run.reason_code.as_deref(), run.wake_at), (Some("parked_failed_inside"), None));
    assert!(store.unfinished(None, 10).await.unwrap().is_empty(), "nobody takes it up");
    assert_eq!(engine.release(run.id).await.unwrap(), Released::Going);
    let run = stands(RunStatus::Completed).await;
    assert_eq!(engine.release(run.id).await.unwrap(), Released::Ended(RunStatus::Completed));
    engine.stop(Duration::from_secs(1)).await;
}
