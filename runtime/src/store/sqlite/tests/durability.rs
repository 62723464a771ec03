//! What is answered is on the disk: copies of the files, as a crash leaves them, are opened again.

use std::fs;

use super::*;

/// The files of a store as they lie in its folder at a moment.
struct Files {
    store: Vec<u8>,
    log: Vec<u8>,
}

impl Files {
    fn of(store: &Opened) -> Files {
        let read = |name: &str| fs::read(store.folder.path().join(name)).unwrap();
        Files { store: read("store.db"), log: read("store.db-wal") }
    }

    /// With only so much of the log, opened as a restart would.
    fn open(&self, log: u64) -> Opened {
        let folder = tempfile::tempdir().unwrap();
        let kept = usize::try_from(log).unwrap().min(self.log.len());
        fs::write(folder.path().join("store.db"), &self.store).unwrap();
        fs::write(folder.path().join("store.db-wal"), &self.log[..kept]).unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        Opened { store, folder }
    }
}

/// What lies in the folder at this moment, with only so much of the log, opened as a restart would.
pub(super) fn after_crash(store: &Opened, log: u64) -> Opened {
    Files::of(store).open(log)
}

fn log_length(store: &Opened) -> u64 {
    fs::metadata(store.folder.path().join("store.db-wal")).unwrap().len()
}

#[tokio::test]
async fn what_was_answered_outlives_a_crash_at_any_byte() {
    let store = opened();
    let mut answered = vec![log_length(&store)];
    for number in 1..=8 {
        begin(&store, &number.to_string(), &format!("{number}@example.com")).await;
        answered.push(log_length(&store));
    }
    let end = log_length(&store);
    // Before the log is copied into the file, as it is after a while.
    let files = Files::of(&store);
    // Within headers, within pages and between them.
    let cuts = (answered[0]..end).step_by(4517).chain(answered.iter().copied()).chain([end]);
    for cut in cuts {
        let again = files.open(cut);
        let whole = answered.iter().filter(|length| **length <= cut).count() as u64 - 1;
        let counts = again.counts().await.unwrap();
        // A transaction counts when its last page is there; never half of one.
        assert_eq!(
            counts,
            Counts { events: whole, unfinished_runs: whole, contacts: whole, ..Counts::default() },
            "{cut}"
        );
        let runs = again.unfinished(None, 100).await.unwrap();
        assert_eq!(runs.len() as u64, whole);
        assert!(runs.iter().all(|run| run.contact.is_some() && run.event.runs == [run.summary.id]));
        // And it goes on from there.
        let Accepted::New { acceptance, .. } = accept(&again, event("after")).await else { panic!() };
        assert_eq!(acceptance as u64, whole + 1);
    }
}

#[tokio::test]
async fn a_crash_between_turns_loses_none_of_them() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    let started = AttemptStarted { step: step("call:WH5"), number: 1, at: at(10), request: "{}".into() };
    record(&store, Progress { attempts_started: vec![started], ..turn(run) }).await;
    let again = after_crash(&store, u64::MAX);
    again.note_start().await.unwrap();
    let counts = again.counts().await.unwrap();
    assert_eq!((counts.unfinished_runs, counts.unknown_attempts), (1, 1));
    assert_eq!(again.unfinished(None, 10).await.unwrap()[0].saved.as_deref(), Some(r#"{"format":1}"#));
    let wake_at = Some((step("wait"), at(60)));
    record(&store, Progress { status: RunStatus::Waiting, wake_at, ..turn(run) }).await;
    let again = after_crash(&store, u64::MAX);
    assert_eq!(again.due(at(60), 10).await.unwrap().0[0].summary.id, run);
    record(&store, last_turn(run, RunStatus::Completed)).await;
    let again = after_crash(&store, u64::MAX);
    assert_eq!(again.counts().await.unwrap().unfinished_runs, 0);
    assert_eq!(again.run(run).await.unwrap().unwrap().summary.status, RunStatus::Completed);
}

#[tokio::test]
async fn the_promises_settings_are_in_force() {
    let store = opened();
    let settings = store.write(|connection| {
        let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        Ok((number("synchronous")?, number("secure_delete")?, number("mmap_size")?))
    });
    // Commits are synced by the writer before it answers, and the log before it is copied by SQLite.
    assert_eq!(settings.await.unwrap(), (1, 1, 0));
    assert_eq!(look(store.folder.path(), "PRAGMA journal_mode"), [r#"Text("wal")"#]);
    assert_eq!(look(store.folder.path(), "PRAGMA integrity_check"), [r#"Text("ok")"#]);
}

#[tokio::test]
async fn the_log_is_emptied_when_it_has_become_large() {
    let store = opened();
    let params = format!("\"{}\"", "x".repeat(1 << 20));
    for number in 0..70 {
        accept(&store, Acceptance { params: params.clone(), ..event(&number.to_string()) }).await;
    }
    assert!(log_length(&store) < 64 << 20, "{}", log_length(&store));
    assert_eq!(store.counts().await.unwrap().events, 70);
}
