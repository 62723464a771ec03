//! An engine on a store of its own for the tests of this room, and what it does when it is cut off.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use compiler::source::Sources;
use jiff::Timestamp;
use tempfile::TempDir;

use super::{Embedded, NewEvent, Programs};
use crate::clock::Clock;
use crate::config::{Flags, Settings};
use crate::deliver::{Incoming, Mailer, outgoing};
use crate::directory::Directory;
use crate::metrics::{Metrics, Timing};
use crate::store::sqlite::SqliteStore;
use crate::store::*;
use crate::value::read;
use crate::webhook::{Calls, Client, Gate, Secrets};

/// An engine on a store of its own, and what it needs.
pub(super) struct World {
    pub(super) engine: Embedded,
    pub(super) store: Arc<dyn Store>,
    programs: Arc<Programs>,
    _folder: TempDir,
}

/// An event as a caller sends it, without a key.
pub(super) fn event(name: &str, params: &str) -> NewEvent {
    NewEvent {
        source: "".into(),
        name: name.into(),
        key: None,
        occurred_at: None,
        params: read(params).unwrap(),
        trace: None,
    }
}

impl World {
    pub(super) async fn new(program: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.path().join("data")).unwrap());
        World::on(store, folder, program).await.0
    }

    /// On a store that is open already; with what writes the outbox.
    pub(super) async fn on(store: Arc<dyn Store>, folder: TempDir, program: &str) -> (World, Incoming) {
        let programs = Arc::new(Programs::new(store.clone()));
        let mut sources = Sources::new();
        sources.add("a.wf", program);
        let compiled = compiler::compile(&sources);
        let program = compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics));
        programs.activate(program).await.unwrap();
        let settings = Settings::load(folder.path(), Vec::<(OsString, OsString)>::new(), &Flags::default()).unwrap();
        let secrets = Arc::new(Secrets::new(Vec::new(), None));
        let client = Client::new(&settings.egress, secrets.clone()).unwrap();
        let mailer = Mailer::new(&settings, secrets).unwrap();
        let directory = Directory::new(store.clone());
        let gate = Arc::new(Gate::new(Clock::System, Calls::alike(8)));
        let (outgoing, incoming) = outgoing();
        let metrics = Arc::new(Metrics::new(Timing::commits()));
        let engine = Embedded::new(
            Clock::System,
            store.clone(),
            programs.clone(),
            directory,
            client,
            gate,
            mailer,
            metrics,
            outgoing,
        );
        (World { engine, store, programs, _folder: folder }, incoming)
    }

    /// Accepts an event without telling the engine: its acceptance number, and the runs that it started.
    pub(super) async fn admit_without(&self, name: &str, params: &str) -> (i64, Vec<RunId>) {
        let program = self.programs.active().unwrap();
        let checked = super::accept::check(&program, event(name, params), Timestamp::now());
        let checked = checked.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let accepted = self.store.accept(vec![checked.acceptance], false).await.unwrap().remove(0);
        let Accepted::New { acceptance, runs, .. } = accepted else { panic!("{accepted:?}") };
        let admitted = runs.into_iter().filter_map(|admission| match admission {
            Admission::Admitted { run, .. } => Some(run),
            _ => None,
        });
        (acceptance, admitted.collect())
    }

    /// The runs of a workflow.
    pub(super) async fn runs(&self, workflow: &str) -> Vec<RunSummary> {
        let (mut runs, mut cursor) = (vec![], None);
        loop {
            let query = RunQuery { workflow: Some(workflow.to_owned()), cursor, limit: 500, ..RunQuery::default() };
            let page = self.store.runs(query).await.unwrap();
            runs.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return runs;
            }
        }
    }
}

const DIGEST: &str = r#"
    segment even { contact.town == "even" }
    workflow digest { on schedule "0 0 1 1 *" in "UTC" for segment even set contact.region = "done" }
"#;

/// The engine is dropped in the middle, as often as not between any two of its steps; the store keeps what it has committed.
#[test]
fn a_schedule_that_was_cut_off_neither_skips_nor_doubles_anybody() {
    let data = tempfile::tempdir().unwrap();
    let contacts = 1_500;
    let mut cut_off = 0;
    for round in 0.. {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let finished = runtime.block_on(async {
            let store: Arc<dyn Store> = Arc::new(SqliteStore::open(data.path()).unwrap());
            let (world, _incoming) = World::on(store.clone(), tempfile::tempdir().unwrap(), DIGEST).await;
            if round == 0 {
                for number in 0..contacts {
                    let town = if number % 2 == 0 { "even" } else { "odd" };
                    let email = format!("\"p{number}@example.com\"");
                    let fields = vec![("email".into(), email), ("town".into(), format!("\"{town}\""))];
                    let change = ContactChange { id: None, fields, at: Timestamp::now(), watching: None };
                    store.put_contact(change).await.unwrap().unwrap();
                }
                // Its time passed years ago, and more than once: the last one is made up for.
                let schedule = world.programs.active().unwrap().loaded.schedules().first().unwrap().name.clone();
                store.set_schedules(vec![(schedule, "2020-06-01T00:00:00Z".parse().unwrap())]).await.unwrap();
            }
            world.engine.start().await.unwrap();
            let ended = async {
                while world.runs("digest").await.iter().filter(|run| run.status == RunStatus::Completed).count()
                    < contacts / 2
                {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            let patience = if round < 8 { Duration::from_millis(10 + 15 * round) } else { Duration::from_secs(120) };
            let finished = tokio::time::timeout(patience, ended).await.is_ok();
            cut_off += u32::from(!finished && !world.runs("digest").await.is_empty());
            assert!(finished || round < 8, "it never ends");
            finished
        });
        runtime.shutdown_timeout(Duration::from_secs(10));
        if finished {
            break;
        }
    }
    assert!(cut_off > 0, "it was never cut off in the middle");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(data.path()).unwrap());
        let (world, _incoming) = World::on(store.clone(), tempfile::tempdir().unwrap(), DIGEST).await;
        let runs = world.runs("digest").await;
        let whose: std::collections::BTreeSet<_> = runs.iter().map(|run| run.contact).collect();
        assert_eq!((runs.len(), whose.len()), (contacts / 2, contacts / 2), "one run for each contact of the segment");
        let stands = store.schedules().await.unwrap();
        assert!(stands.iter().all(|stands| stands.going_on.is_none()), "{stands:?}");
    });
}
