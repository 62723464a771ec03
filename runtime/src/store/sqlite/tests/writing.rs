//! Group commit, failures, and the end.

use std::sync::Arc;
use std::sync::mpsc::channel;

use rusqlite::ffi;

use super::*;

pub(super) fn sqlite_error(code: i32) -> Fault {
    Fault::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
}

/// Adds to a mark, so that a test can see which jobs were kept.
fn count(connection: &Connection, name: &str) -> Result<(), Fault> {
    connection.execute("INSERT INTO mark VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", [name])?;
    Ok(())
}

async fn counted(store: &SqliteStore, name: &'static str) -> i64 {
    let read = move |connection: &Connection| {
        Ok(connection
            .query_row("SELECT coalesce(sum(value), 0) FROM mark WHERE name = ?1", [name], |row| row.get(0))?)
    };
    store.read(read).await.unwrap()
}

/// Holds the writer in a job until the answer is dropped, so that what is queued meanwhile is one batch.
pub(super) fn hold(store: &Arc<Opened>) -> std::sync::mpsc::Sender<()> {
    let (release, released) = channel::<()>();
    let (running, begun) = channel();
    let held = Arc::clone(store);
    let work = move |_: &Connection| {
        let _ = running.send(());
        let _ = released.recv();
        Ok(())
    };
    tokio::spawn(async move { held.write(work).await });
    tokio::task::block_in_place(|| begun.recv()).unwrap();
    release
}

/// Lets an answer be asked for, so that its job stands behind those before it, and sees that it has to wait.
pub(super) async fn queue<T>(answer: &mut Pending<'_, T>) {
    // The first poll queues the job.
    let waits = std::future::poll_fn(|context| std::task::Poll::Ready(answer.as_mut().poll(context).is_pending()));
    assert!(waits.await);
}

type Work = Box<dyn FnMut(&Connection) -> Result<(), Fault> + Send>;

/// Queues these jobs behind each other while the writer is held, and gives their answers.
async fn batch(store: &Arc<Opened>, jobs: Vec<Work>) -> Vec<Result<(), StoreError>> {
    let release = hold(store);
    let mut answers = vec![];
    for job in jobs {
        let mut pending = store.write(job);
        queue(&mut pending).await;
        answers.push(pending);
    }
    drop(release);
    let mut outcomes = vec![];
    for answer in answers {
        outcomes.push(answer.await);
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_committed_together() {
    let store = Arc::new(opened());
    let before = store.traffic();
    let jobs = (0..1000).map(|_| Box::new(|connection: &Connection| count(connection, "jobs")) as _).collect();
    let answers = batch(&store, jobs).await;
    assert!(answers.iter().all(Result::is_ok));
    let after = store.traffic();
    assert_eq!(after.jobs - before.jobs, 1001);
    // The held job, and then at least two because of the limit of a batch; time may split them further.
    let commits = after.commits - before.commits;
    assert!((3..500).contains(&commits), "{commits} commits");
    assert_eq!(counted(&store, "jobs").await, 1000);
}

#[tokio::test]
async fn a_lone_caller_has_a_commit_of_its_own() {
    let store = opened();
    let before = store.traffic();
    for key in ["a", "b", "c"] {
        accept(&store, event(key)).await;
    }
    let after = store.traffic();
    assert_eq!((after.commits - before.commits, after.jobs - before.jobs), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_half_way_spoils_no_other() {
    let store = Arc::new(opened());
    let fails = |connection: &Connection| {
        count(connection, "half")?;
        Err(sqlite_error(ffi::SQLITE_CONSTRAINT))
    };
    let works = |connection: &Connection| count(connection, "whole");
    let answers = batch(&store, vec![Box::new(works), Box::new(fails), Box::new(works), Box::new(fails)]).await;
    let kept: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(kept, [true, false, true, false]);
    assert!(matches!(answers[1], Err(StoreError::Refused(_))), "{:?}", answers[1]);
    assert_eq!((counted(&store, "whole").await, counted(&store, "half").await), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_undoes_the_batch_and_nothing_else() {
    let store = Arc::new(opened());
    accept(&store, event("before")).await;
    let limit = |pages: i64| {
        move |connection: &Connection| {
            let now: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
            Ok(connection.pragma_update(None, "max_page_count", if pages == 0 { now } else { pages })?)
        }
    };
    store.write(limit(0)).await.unwrap();
    let large = Acceptance { params: format!("\"{}\"", "x".repeat(100_000)), ..event("large") };
    let full = store.accept(vec![large.clone()], false).await;
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    // What needs no room goes on, and so does everything when there is room again.
    store.outbox_written(1).await.unwrap();
    assert!(store.event("large".into()).await.unwrap().is_none());
    store.write(limit(1_000_000)).await.unwrap();
    assert!(matches!(accept(&store, large).await, Accepted::New { acceptance: 2, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_input_output_error_nothing_is_committed() {
    for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_CORRUPT, ffi::SQLITE_READONLY] {
        let store = Arc::new(opened());
        let works = |connection: &Connection| count(connection, "jobs");
        let breaks = move |_: &Connection| Err(sqlite_error(code));
        let failed = tokio::spawn(store.failed());
        let answers = batch(&store, vec![Box::new(works), Box::new(breaks), Box::new(works)]).await;
        // What waits is committed together, unless it waited too long: then the first of them is durable before the fault.
        let (first, rest) = answers.split_first().unwrap();
        assert!(rest.iter().all(|answer| matches!(answer, Err(StoreError::Failed(_)))), "{answers:?}");
        let kept = format!("Integer({})", u8::from(first.is_ok()));
        assert!(matches!(failed.await.unwrap(), StoreError::Failed(_)));
        let told = store.accept(vec![event("a")], false).await;
        assert!(matches!(told, Err(StoreError::Failed(_))), "{told:?}");
        assert!(matches!(store.counts().await, Err(StoreError::Failed(_))));
        store.close().await;
        assert_eq!(look(store.folder.path(), "SELECT count(*) FROM mark WHERE name != 'identity'"), [kept]);
    }
}

#[test]
fn a_full_index_of_the_log_is_a_full_disk() {
    assert!(matches!(sqlite_error(ffi::SQLITE_IOERR_SHMSIZE), Fault::Full));
    assert!(matches!(sqlite_error(ffi::SQLITE_FULL), Fault::Full));
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_carries_out_what_is_queued() {
    let store = Arc::new(opened());
    let release = hold(&store);
    let mut queued = vec![];
    for number in 0..50 {
        let mut pending = store.accept(vec![event(&number.to_string())], false);
        queue(&mut pending).await;
        queued.push(pending);
    }
    let mut closing = Box::pin(store.close());
    let waits = std::future::poll_fn(|context| std::task::Poll::Ready(closing.as_mut().poll(context).is_pending()));
    assert!(waits.await);
    drop(release);
    closing.await;
    for answer in queued {
        assert!(matches!(answer.await.unwrap()[..], [Accepted::New { .. }]));
    }
    assert!(matches!(store.accept(vec![event("late")], false).await, Err(StoreError::Closed)));
    assert!(matches!(store.counts().await, Err(StoreError::Closed)));
    store.close().await;
    // Everything is in the one file, and nothing is left in the log.
    let log = store.folder.path().join("store.db-wal");
    assert!(!log.exists() || std::fs::metadata(log).unwrap().len() == 0);
    assert_eq!(look(store.folder.path(), "SELECT count(*) FROM event"), ["Integer(50)"]);
}

#[tokio::test]
async fn a_caller_who_goes_away_has_asked_all_the_same() {
    let store = opened();
    let mut pending = store.accept(vec![event("a")], false);
    queue(&mut pending).await;
    drop(pending);
    assert!(matches!(accept(&store, event("a")).await, Accepted::Duplicate { acceptance: 1 }));
}

#[tokio::test]
async fn a_question_that_takes_too_long_is_broken_off() {
    let store = opened();
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let answer = store.read(move |connection| Ok(connection.query_row(endless, [], |row| row.get::<_, i64>(0))?)).await;
    assert!(matches!(answer, Err(StoreError::Refused(_))), "{answer:?}");
    // The same connections answer the next ones.
    for _ in 0..4 {
        assert_eq!(store.counts().await.unwrap(), Counts::default());
    }
}

#[tokio::test]
async fn readers_cannot_write() {
    let store = opened();
    assert!(store.read(|connection| count(connection, "jobs")).await.is_err());
    store.close().await;
    assert_eq!(look(store.folder.path(), "SELECT count(*) FROM mark WHERE name != 'identity'"), ["Integer(0)"]);
}
