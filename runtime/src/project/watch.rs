//! Noticing that the project folder changed, however it was saved.
//!
//! An event of the file system only means "look again": editors rename, checkouts write hundreds of files, and a queue
//! may overflow. So folders are watched, not files; events are waited out until they settle; and the folder is looked
//! at every so often anyway, because network file systems tell nothing.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

/// How long nothing may change before the folder is read.
const SETTLE: Duration = Duration::from_millis(150);
/// How long reading is put off at most while changes go on.
const SETTLE_AT_MOST: Duration = Duration::from_millis(1_500);
/// How often the folder is read anyway.
const POLL: Duration = Duration::from_secs(30);
/// How often it is asked whether the path still leads to the folder that is watched.
const SAME: Duration = Duration::from_secs(1);

/// Calls `look` once, and then whenever the project may have changed, until the future is dropped. `look` compares contents
/// itself. What happens in the `ignored` folders, where the daemon itself writes, is no change.
pub async fn watch<F, L>(project: PathBuf, ignored: Vec<PathBuf>, mut look: L)
where
    L: FnMut() -> F,
    F: Future<Output = ()>,
{
    loop {
        let place = Place::of(&project).await;
        // One seat is enough: an event that finds it taken says nothing new.
        let (changed, changes) = mpsc::channel::<()>(1);
        let watcher = place.as_ref().map(|place| start(place, &ignored, changed));
        if let Some(Err(error)) = &watcher {
            tracing::warn!(%error, "the folder cannot be watched; it is read every {} s", POLL.as_secs());
        }
        // Nobody has told what changed before the watch began.
        look().await;
        look_on(&project, place.as_ref(), changes, &mut look).await;
    }
}

/// Looks after each change, until the path leads to another place: a watch follows what it began with, though that was
/// removed, or a link leads elsewhere now.
async fn look_on<F, L>(project: &Path, place: Option<&Place>, mut changes: mpsc::Receiver<()>, look: &mut L)
where
    L: FnMut() -> F,
    F: Future<Output = ()>,
{
    let mut same = interval(SAME);
    same.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looked = Instant::now();
    loop {
        let mut changed = false;
        tokio::select! {
            Some(()) = changes.recv() => {
                settle(&mut changes).await;
                changed = true;
            }
            _ = same.tick() => {}
        }
        if Place::of(project).await.as_ref() != place {
            return;
        }
        if changed || looked.elapsed() >= POLL {
            look().await;
            looked = Instant::now();
        }
    }
}

/// Waits until no change comes any more, or for as long as that may take at most.
async fn settle(changes: &mut mpsc::Receiver<()>) {
    let latest = Instant::now() + SETTLE_AT_MOST;
    while let Ok(Some(())) = timeout_at((Instant::now() + SETTLE).min(latest), changes.recv()).await {
        if Instant::now() >= latest {
            return;
        }
    }
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    path: PathBuf,
    is_folder: bool,
    /// What tells a folder from another one that has taken its place: its number, which may be given again, and its birth,
    /// which not every file system knows.
    identity: (u64, u64, Option<SystemTime>),
}

impl Place {
    /// `None` when it leads nowhere.
    async fn of(path: &Path) -> Option<Place> {
        let path = tokio::fs::canonicalize(path).await.ok()?;
        let metadata = tokio::fs::metadata(&path).await.ok()?;
        Some(Place { path, is_folder: metadata.is_dir(), identity: identity(&metadata) })
    }
}

#[cfg(unix)]
fn identity(metadata: &std::fs::Metadata) -> (u64, u64, Option<SystemTime>) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.created().ok())
}

#[cfg(not(unix))]
fn identity(metadata: &std::fs::Metadata) -> (u64, u64, Option<SystemTime>) {
    (0, 0, metadata.created().ok())
}

fn start(place: &Place, ignored: &[PathBuf], changed: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    // Of a file its folder is watched: a file that is renamed over it is another one.
    let (root, mode) = match (place.is_folder, place.path.parent()) {
        (false, Some(folder)) => (folder.to_owned(), RecursiveMode::NonRecursive),
        _ => (place.path.clone(), RecursiveMode::Recursive),
    };
    let ignored = ignored.iter().filter_map(|folder| std::fs::canonicalize(folder).ok());
    // A data folder may hold the project; then its other files count.
    let ignored: Vec<PathBuf> = ignored.filter(|folder| !root.starts_with(folder)).collect();
    let watched = root.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // An overflow and an error mean "look again", as a change does.
        if event.is_err() || event.is_ok_and(|event| is_change(&event, &root, &ignored)) {
            let _ = changed.try_send(());
        }
    })?;
    watcher.watch(&watched, mode)?;
    Ok(watcher)
}

/// Whether an event may have changed the project. Reading a file is no change.
fn is_change(event: &notify::Event, root: &Path, ignored: &[PathBuf]) -> bool {
    let counts = |path: &PathBuf| {
        let within = path.strip_prefix(root).unwrap_or(path);
        !ignored.iter().any(|folder| path.starts_with(folder)) && !within.iter().any(is_hidden)
    };
    !event.kind.is_access() && (event.paths.is_empty() || event.paths.iter().any(counts))
}

/// Whether a name is skipped when the project is read. Kubernetes swaps the files of a mounted volume by renaming a link
/// that begins with two dots, so those count.
fn is_hidden(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") && !name.starts_with(b"..")
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, CreateKind, EventKind, ModifyKind};

    use super::*;

    #[test]
    fn what_may_have_changed_the_project() {
        let data = PathBuf::from("/p/data");
        let check = |kind: EventKind, path: &str| {
            let event = notify::Event::new(kind).add_path(path.into());
            is_change(&event, Path::new("/p"), std::slice::from_ref(&data))
        };
        let write = EventKind::Modify(ModifyKind::Any);
        for path in ["/p/a.wf", "/p/deep/mail.vm", "/p/..data", "/p", "/p/database.wf"] {
            assert!(check(write, path), "{path}");
        }
        for path in ["/p/.wf/store.db-wal", "/p/.git/index", "/p/deep/.a.wf.swp", "/p/data/outbox/new/x.eml"] {
            assert!(!check(write, path), "{path}");
        }
        assert!(check(EventKind::Create(CreateKind::Folder), "/p/new"));
        assert!(!check(EventKind::Access(AccessKind::Any), "/p/a.wf"));
        assert!(is_change(&notify::Event::new(EventKind::Other), Path::new("/p"), &[]), "an overflow names no path");
    }
}
