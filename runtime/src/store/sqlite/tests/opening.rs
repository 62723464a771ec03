//! Whose folder it is, and which file.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// The error of opening this folder.
#[track_caller]
fn refuses(folder: &Path) -> StoreError {
    match SqliteStore::open(folder) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_second_daemon_is_told_who_holds_the_folder() {
    let store = opened();
    let path = store.folder.path().to_owned();
    let error = refuses(&path);
    let told = error.to_string();
    assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. } if pid == std::process::id()), "{told}");
    assert!(told.contains(path.to_str().unwrap()) && told.contains(&std::process::id().to_string()), "{told}");
    accept(&store, event("a")).await;
    store.close().await;
    let again = SqliteStore::open(&path).unwrap();
    assert_eq!(again.counts().await.unwrap().events, 1);
    drop(again);
    assert_eq!(SqliteStore::open(&path).unwrap().counts().await.unwrap().events, 1);
}

/// A daemon that was killed holds its folder for a moment still.
#[test]
fn a_folder_that_is_about_to_be_free_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let before = SqliteStore::open(folder.path()).unwrap();
    let leaving = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        drop(before);
    });
    SqliteStore::open(folder.path()).unwrap();
    leaving.join().unwrap();
}

#[tokio::test]
async fn the_folder_and_its_files_are_the_owners_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/b");
    let store = SqliteStore::open(&folder).unwrap();
    accept(&store, event("a")).await;
    assert_eq!(mode(&folder), 0o700);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["lock", "reserve", "store.db", "store.db-shm", "store.db-wal"]);
    assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");
    drop(store);
    // Somebody opened them to others: the next start closes them again.
    for path in [&folder, &folder.join("store.db"), &folder.join("lock")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let _store = SqliteStore::open(&folder).unwrap();
    assert_eq!([mode(&folder), mode(&folder.join("store.db")), mode(&folder.join("lock"))], [0o700, 0o600, 0o600]);
    // A folder with other things in it is not ours to close.
    let shared = parent.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(shared.join("notes.txt"), "").unwrap();
    let _store = SqliteStore::open(&shared).unwrap();
    assert_eq!(mode(&shared), 0o755);
}

#[test]
fn a_file_that_is_no_store_stays_as_it_is() {
    let sqlite = |sql: &str| {
        let folder = tempfile::tempdir().unwrap();
        Connection::open(folder.path().join("store.db")).unwrap().execute_batch(sql).unwrap();
        folder
    };
    let text = tempfile::tempdir().unwrap();
    fs::write(text.path().join("store.db"), "dear diary ".repeat(100)).unwrap();
    for (folder, expected) in [
        (text, "is not a store of wf"),
        (sqlite("CREATE TABLE note (text TEXT)"), "is not a store of wf"),
        (sqlite("PRAGMA application_id = 7; CREATE TABLE note (text TEXT)"), "is not a store of wf"),
        (sqlite("PRAGMA application_id = 2003202932; PRAGMA user_version = 999"), "format 999; this one reads up to"),
        (sqlite("PRAGMA application_id = 2003202932; PRAGMA user_version = -1"), "format -1"),
    ] {
        let file = folder.path().join("store.db");
        let before = fs::read(&file).unwrap();
        let error = refuses(folder.path());
        let told = error.to_string();
        assert!(matches!(error, StoreError::Format(_)), "{error:?}");
        assert!(told.contains(expected) && told.contains("nothing was changed"), "{told}");
        assert!(told.contains(file.to_str().unwrap()), "{told}");
        assert_eq!(fs::read(&file).unwrap(), before);
        // The folder is free again.
        fs::remove_file(&file).unwrap();
        SqliteStore::open(folder.path()).unwrap();
    }
}

#[test]
fn a_start_that_was_cut_off_is_begun_again() {
    // What a process leaves that dies between choosing the log and the first commit.
    let folder = tempfile::tempdir().unwrap();
    Connection::open(folder.path().join("store.db")).unwrap().execute_batch("PRAGMA journal_mode = WAL").unwrap();
    assert!(fs::metadata(folder.path().join("store.db")).unwrap().len() > 0);
    SqliteStore::open(folder.path()).unwrap();
    assert_eq!(look(folder.path(), "PRAGMA user_version"), [format!("Integer({})", open::NEWEST)]);
}

#[test]
fn a_folder_that_cannot_be_made_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let told = refuses(&file.join("data")).to_string();
    assert!(told.contains(file.to_str().unwrap()), "{told}");
}

/// Stores of earlier formats, as they were left: each is brought to the newest one with all that is in it.
#[tokio::test]
async fn a_store_of_an_earlier_format_goes_on() {
    let stores = [(1, concat!(include_str!("../schema/1.sql"), include_str!("stores/1.sql")))];
    for (format, sql) in stores {
        let folder = tempfile::tempdir().unwrap();
        let file = Connection::open(folder.path().join("store.db")).unwrap();
        file.execute_batch(&format!("{sql}; PRAGMA application_id = 2003202932; PRAGMA user_version = {format};"))
            .unwrap();
        drop(file);
        let store = SqliteStore::open(folder.path()).unwrap();
        assert_eq!(look(folder.path(), "PRAGMA user_version"), [format!("Integer({})", open::NEWEST)]);
        let (due, _) = store.due(at(1_000_000), 10).await.unwrap();
        let [run] = due.as_slice() else { panic!("{due:?}") };
        assert_eq!((run.summary.workflow.as_str(), run.summary.revision), ("welcome", 2));
        assert_eq!((run.event.id.as_str(), run.contact.as_ref().unwrap().id), ("a", 1));
        let attempts = store.attempts(run.summary.id).await.unwrap();
        assert_eq!((attempts[0].request.as_str(), attempts[0].duration_ms), (r#"{"method":"GET"}"#, Some(12)));
        assert_eq!(store.messages(MessageQuery { limit: 5, ..MessageQuery::default() }).await.unwrap().items.len(), 1);
        assert_eq!(store.last_program().await.unwrap(), Some(hash()));
        let runs = store.runs(RunQuery { workflow: Some("welcome".into()), ..RunQuery::default() }).await.unwrap();
        assert_eq!(runs.items.iter().map(|run| run.id.acceptance).collect::<Vec<_>>(), [1]);
        let events = store.events(EventQuery { name: Some("ordered".into()), ..EventQuery::default() }).await.unwrap();
        assert_eq!(events.items.iter().map(|event| event.acceptance).collect::<Vec<_>>(), [1]);
        // The keys of its runs stay what they were, over another start too.
        assert_eq!(store.keys().without_time, 1);
        let (_, bob) = begin(&store, "b", "bob@example.com").await;
        assert_eq!(bob.id, 8, "nobody has a number of somebody who was erased");
        record(&store, last_turn(run.summary.id, RunStatus::Completed)).await;
        assert_eq!(store.counts().await.unwrap().unfinished_runs, 1);
    }
}

/// Who owns the folder could put other files in their place. (Only the system's user can give a folder away to try it.)
#[test]
fn a_folder_of_another_user_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let parent = tempfile::tempdir().unwrap();
    for given in ["", "store.db", "lock"] {
        let folder = parent.path().join(format!("data-{given}"));
        drop(SqliteStore::open(&folder).unwrap());
        std::os::unix::fs::chown(folder.join(given), Some(4_711), None).unwrap();
        let told = refuses(&folder).to_string();
        assert!(told.contains("belongs to another user (4711)"), "{told}");
        std::os::unix::fs::chown(folder.join(given), Some(0), None).unwrap();
        drop(SqliteStore::open(&folder).unwrap());
    }
}

/// What is left behind by a store that was not closed; `spoil` changes its file.
async fn left_behind(spoil: impl Fn(&mut Vec<u8>)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    let events = (0..2_000).map(|number| event(&number.to_string())).collect();
    store.accept(events, false).await.unwrap();
    store.close().await;
    let file = folder.path().join("store.db");
    let mut bytes = fs::read(&file).unwrap();
    spoil(&mut bytes);
    fs::write(&file, bytes).unwrap();
    // A log, though one that no transaction got into.
    fs::write(folder.path().join("store.db-wal"), "left").unwrap();
    folder
}

#[tokio::test]
async fn the_file_is_looked_through_when_it_was_not_closed() {
    let sound = left_behind(|_| {}).await;
    let store = SqliteStore::open(sound.path()).unwrap();
    store.soundness.lock().unwrap().wait();
    assert_eq!(store.counts().await.unwrap().events, 2_000);
    store.close().await;

    // The cells of a leaf in the middle.
    let spoilt = left_behind(|bytes| {
        let page = bytes.len() / 4_096 / 2 * 4_096;
        bytes[page + 8..page + 200].fill(0xff);
    })
    .await;
    let store = SqliteStore::open(spoilt.path()).unwrap();
    let told = store.failed().await.to_string();
    assert!(told.contains("the store's file is damaged: table `"), "{told}");
    assert!(store.counts().await.is_err(), "nothing is built on it any more");

    // One that is closed at once is not held up.
    drop(SqliteStore::open(left_behind(|_| {}).await.path()).unwrap());
}
