//! The store as its callers see it, on a file in a folder of its own.

mod accepting;
mod admissions;
mod contacts;
mod durability;
mod first_turns;
mod listening;
mod lists;
mod opening;
mod recording;
mod rests;
mod retention;
mod search;
mod segments;
mod writing;

use compiler::ir::{Identifier, NotFound, Program, Reentry, StepId};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::machine::MailSpec;
use crate::machine::identify::Lookup;

/// An open store that goes away with its folder.
struct Opened {
    store: SqliteStore,
    folder: TempDir,
}

impl std::ops::Deref for Opened {
    type Target = SqliteStore;

    fn deref(&self) -> &SqliteStore {
        &self.store
    }
}

fn opened() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    Opened { store, folder }
}

/// An instant so many seconds after the tests' beginning of time.
fn at(seconds: i64) -> Timestamp {
    "2026-03-28T09:00:00.123456789Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

fn hash() -> ProgramHash {
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    let text: StrDeserializer<'_, Error> = "5a".into_deserializer();
    ProgramHash::deserialize(text).unwrap()
}

/// An event with a key that starts nothing; its payload is told from others by its name.
fn event(key: &str) -> Acceptance {
    Acceptance {
        source: "shop".into(),
        key: Some(key.into()),
        event_id: key.into(),
        payload_hash: [7; 32],
        name: "ordered".into(),
        occurred_at: at(0),
        received_at: at(0),
        params: r#"{"total":99.50}"#.into(),
        program: hash(),
        starts: vec![],
        kept_out: vec![],
        signals: vec![],
        depth: 0,
        first_state: None,
    }
}

/// A run of `welcome` for the contact with this e-mail address, who is made when nobody has it.
fn welcome(email: &str) -> Start {
    start("welcome", &[(Identifier::Email, email)], NotFound::Create)
}

fn start(workflow: &str, ways: &[(Identifier, &str)], otherwise: NotFound) -> Start {
    let ways = ways.iter().map(|(by, value)| (*by, (*value).into())).collect();
    Start {
        workflow: workflow.into(),
        contact: StartContact::Lookup(Lookup { ways, otherwise }),
        reentry: Reentry::Always,
        one_at_a_time: false,
        listening: None,
        opening: None,
    }
}

async fn accept(store: &SqliteStore, acceptance: Acceptance) -> Accepted {
    store.accept(vec![acceptance], false).await.unwrap().remove(0)
}

/// Accepts an event that starts `welcome`, which must be admitted.
async fn begin(store: &SqliteStore, key: &str, email: &str) -> (RunId, ContactRecord) {
    let accepted = accept(store, Acceptance { starts: vec![welcome(email)], ..event(key) }).await;
    let Accepted::New { mut runs, .. } = accepted else { panic!("not new: {accepted:?}") };
    let Admission::Admitted { run, contact, .. } = runs.remove(0) else { panic!("not admitted: {runs:?}") };
    (run, contact)
}

/// A turn that changes nothing but the state.
fn turn(run: RunId) -> Progress {
    Progress {
        run,
        revision: None,
        saved: r#"{"format":1}"#.into(),
        status: RunStatus::Running,
        reason: None,
        reason_code: None,
        wake_at: None,
        at: at(10),
        attempts_started: vec![],
        attempts_ended: vec![],
        messages: vec![],
        contact_fields: vec![],
        contact: None,
        watching: None,
        raised: vec![],
        listening: None,
    }
}

/// A turn that ends a run.
fn last_turn(run: RunId, status: RunStatus) -> Progress {
    Progress { status, at: at(20), ..turn(run) }
}

async fn record(store: &SqliteStore, progress: Progress) -> Recorded {
    store.record(Arc::new(progress)).await.unwrap()
}

fn step(path: &str) -> StepId {
    StepId(path.into())
}

fn mail(step: StepId, message_id: &str, status: MessageStatus) -> MessageChange {
    MessageChange {
        step,
        mail: MailSpec {
            message: "promo".into(),
            from: "shop@example.com".into(),
            to: "ann@example.com".into(),
            reply_to: None,
            subject: "Your code".into(),
            html: None,
            text: Some("MAY-7".into()),
            sensitive: vec![],
        },
        message_id: message_id.into(),
        status,
        at: at(11),
        error: None,
    }
}

/// Runs SQL beside the store, as a person with a tool would; text of the first column.
fn look(folder: &std::path::Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(folder.join("store.db")).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    rows.map(|value| format!("{:?}", value.unwrap())).collect()
}

/// A program that the compiler could have made; the store only looks at its hash.
fn program() -> Program {
    Program {
        ir_version: compiler::ir::IR_VERSION,
        events: Default::default(),
        contact: Default::default(),
        connectors: Default::default(),
        webhooks: Default::default(),
        channels: Default::default(),
        segments: Default::default(),
        messages: Default::default(),
        workflows: Default::default(),
    }
}
