//! The engine on a store that now and then does not do what it is asked.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use compiler::source::Sources;

use super::{Embedded, NewEvent, Programs, Released, Taken};
use crate::clock::Clock;
use crate::config::{Flags, Settings};
use crate::deliver::{Incoming, Mailer, Outbox, outgoing, write_outbox};
use crate::directory::Directory;
use crate::metrics::{Metrics, Timing};
use crate::store::hooked::{Hooked, Hooks};
use crate::store::sqlite::SqliteStore;
use crate::store::*;
use crate::value::read;
use crate::webhook::{Calls, Client, Gate, Secrets};

/// Verbs that the engine calls by itself fail the first times, with an error that passes.
struct Moody {
    /// How often each of them fails.
    refused: u32,
    so_far: Mutex<HashMap<&'static str, u32>>,
    /// Its `record` fails inside so often, as a defect would.
    panics: AtomicU32,
}

impl Moody {
    fn new(refused: u32, panics: u32) -> Moody {
        Moody { refused, so_far: Mutex::default(), panics: AtomicU32::new(panics) }
    }

    fn on(self, folder: &std::path::Path) -> Arc<dyn Store> {
        let store = Arc::new(SqliteStore::open(&folder.join("data")).unwrap());
        Arc::new(Hooked { store, hooks: self })
    }
}

impl Hooks for Moody {
    fn before(&self, verb: &'static str) -> Result<(), StoreError> {
        if !matches!(verb, "due" | "unfinished" | "outbox_after" | "outbox_written" | "record") {
            return Ok(());
        }
        let mut so_far = self.so_far.lock().unwrap();
        let count = so_far.entry(verb).or_default();
        *count += 1;
        if *count <= self.refused { Err(StoreError::Refused("not now".to_owned())) } else { Ok(()) }
    }

    fn record(&self, _: &mut Progress) {
        let left = self.panics.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        assert!(left.is_err(), "a defect");
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
    let gate = Arc::new(Gate::new(Clock::System, Calls::alike(8)));
    let (outgoing, incoming) = outgoing();
    let metrics = Arc::new(Metrics::new(Timing::commits()));
    let engine =
        Embedded::new(Clock::System, store.clone(), programs, directory, client, gate, mailer, metrics, outgoing);
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
    let store = Moody::new(1, 0).on(folder.path());
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
    let store = Moody::new(0, 3).on(folder.path());
    let (engine, _incoming) = engine_on(&store, folder.path()).await;
    engine.accept(vec![left()], false).await.unwrap();
    let stands = async |status: RunStatus| {
        let looks = async {
            loop {
                let run = store.runs(RunQuery { limit: 1, ..RunQuery::default() }).await.unwrap().items.remove(0);
                // It waits for its time too.
                if run.status == status && (status != RunStatus::Waiting || run.reason_code.is_some()) {
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
