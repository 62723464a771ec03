//! What holds for every implementation of [`Engine`]: each check takes an engine and what admits runs to it, and knows nothing
//! else of either. What runs do is the list of scenarios in the integration tests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::world::{World, event};
use super::{Cancelled, Delivered, Embedded, Engine, Started};
use crate::store::{RunId, RunStatus};

/// What a check needs beside the engine: the place where events are accepted.
trait Admits {
    /// Accepts an event and says which runs it started, without telling the engine.
    fn admit(&self, name: &str, params: &str) -> impl Future<Output = Vec<RunId>> + Send;
    /// Accepts an event that runs may listen to; its acceptance number.
    fn raise(&self, name: &str, params: &str) -> impl Future<Output = i64> + Send;
}

const PROGRAM: &str = r#"
    event left { email: email }
    event paid { email: email }
    message code { email { from "shop@example.com" subject "x" text "x" } }
    workflow short { on left identify by email event.email else create send code }
    workflow long {
      on left
      identify by email event.email else create
      wait for paid up to 1h { stop "paid" } on timeout { stop "late" }
    }
"#;

const ANN: &str = r#"{"email": "ann@example.com"}"#;

async fn until_status(engine: &impl Engine, run: RunId, status: RunStatus) {
    let reached = async {
        while engine.status(run).await.unwrap().map(|run| run.status) != Some(status) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), reached)
        .await
        .unwrap_or_else(|_| panic!("{run} is never {status:?}"));
}

fn nobody() -> RunId {
    RunId::new(4_711, "nothing")
}

async fn starting_twice_is_a_look_up(engine: &impl Engine, world: &impl Admits) {
    let runs = world.admit("left", ANN).await;
    let [short, long] = by_name(&runs);
    assert_eq!(engine.status(short).await.unwrap().unwrap().status, RunStatus::Running, "nothing runs by itself");
    assert_eq!(engine.start_run(short).await.unwrap(), Started::New);
    until_status(engine, short, RunStatus::Completed).await;
    assert_eq!(engine.start_run(short).await.unwrap(), Started::Existing, "it has ended");
    engine.start_run(long).await.unwrap();
    until_status(engine, long, RunStatus::Waiting).await;
    assert_eq!(engine.start_run(long).await.unwrap(), Started::Existing, "it waits");
    assert_eq!(engine.start_run(nobody()).await.unwrap(), Started::Unknown);
    assert!(engine.status(nobody()).await.unwrap().is_none());
}

async fn an_event_is_delivered_once(engine: &impl Engine, world: &impl Admits) {
    let [_, long] = by_name(&world.admit("left", ANN).await);
    engine.start_run(long).await.unwrap();
    until_status(engine, long, RunStatus::Waiting).await;
    let paid = world.raise("paid", ANN).await;
    assert_eq!(engine.deliver(nobody(), paid).await.unwrap(), Delivered::Unknown);
    let told = engine.deliver(long, paid).await.unwrap();
    // Whoever was faster: the run is told once.
    assert!(matches!(told, Delivered::Taken | Delivered::Stale), "{told:?}");
    until_status(engine, long, RunStatus::Stopped).await;
    assert_eq!(engine.status(long).await.unwrap().unwrap().reason.as_deref(), Some("paid"));
    assert_eq!(engine.deliver(long, paid).await.unwrap(), Delivered::Stale);
    let [short, _] = by_name(&world.admit("left", ANN).await);
    assert_eq!(engine.deliver(short, paid).await.unwrap(), Delivered::Stale, "it does not listen");
}

async fn a_run_is_cancelled_wherever_it_stands(engine: &impl Engine, world: &impl Admits) {
    let [short, long] = by_name(&world.admit("left", ANN).await);
    assert_eq!(engine.cancel(short).await.unwrap(), Cancelled::Cancelled, "before its first turn");
    assert_eq!(engine.start_run(short).await.unwrap(), Started::Existing);
    engine.start_run(long).await.unwrap();
    until_status(engine, long, RunStatus::Waiting).await;
    assert_eq!(engine.cancel(long).await.unwrap(), Cancelled::Cancelled);
    assert_eq!(engine.cancel(long).await.unwrap(), Cancelled::Ended);
    assert_eq!(engine.cancel(nobody()).await.unwrap(), Cancelled::Unknown);
    for run in [short, long] {
        assert_eq!(engine.status(run).await.unwrap().unwrap().status, RunStatus::Cancelled);
    }
    let paid = world.raise("paid", ANN).await;
    assert_eq!(engine.deliver(long, paid).await.unwrap(), Delivered::Stale, "it has ended");
}

/// The runs of `short` and `long`.
fn by_name(runs: &[RunId]) -> [RunId; 2] {
    let keys = ["short", "long"].map(|name| RunId::new(0, name).workflow);
    let by_key: BTreeMap<u32, RunId> = runs.iter().map(|run| (run.workflow, *run)).collect();
    keys.map(|key| by_key.get(&key).copied().unwrap_or_else(|| panic!("{runs:?}")))
}

impl Admits for World {
    async fn admit(&self, name: &str, params: &str) -> Vec<RunId> {
        self.admit_without(name, params).await.1
    }

    async fn raise(&self, name: &str, params: &str) -> i64 {
        self.admit_without(name, params).await.0
    }
}

/// An embedded engine that has not been started to look for runs by itself, so that the order of calls is the checks' own.
async fn embedded() -> (Embedded, World) {
    let world = World::new(PROGRAM).await;
    (world.engine.clone(), world)
}

#[tokio::test]
async fn the_embedded_engine_conforms() {
    let (engine, world) = embedded().await;
    starting_twice_is_a_look_up(&engine, &world).await;
    a_run_is_cancelled_wherever_it_stands(&engine, &world).await;
    // From here on it sees to what is put before its runs.
    engine.start().await.unwrap();
    an_event_is_delivered_once(&engine, &world).await;
    engine.stop(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn events_and_turns_at_once_lose_no_event() {
    let world = Arc::new(World::new(PROGRAM).await);
    world.engine.start().await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50 {
        let world = world.clone();
        tasks.spawn(async move {
            let params = format!(r#"{{"email": "p{number}@example.com"}}"#);
            // The second is accepted while the first turn of the run is anywhere between its admission and its rest.
            world.engine.accept(vec![event("left", &params)], false).await.unwrap();
            for _ in 0..number % 5 {
                tokio::task::yield_now().await;
            }
            world.engine.accept(vec![event("paid", &params)], false).await.unwrap();
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let all_paid = async {
        loop {
            let runs = world.runs("long").await;
            if runs.iter().filter(|run| run.reason.as_deref() == Some("paid")).count() == 50 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all_paid).await.expect("every run hears of its event");
    world.engine.stop(Duration::from_secs(1)).await;
}
