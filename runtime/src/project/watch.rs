//! Noticing that the project folder changed, however it was saved.
//!
//! An event of the file system only means "look again": editors rename, checkouts write hundreds of files, and a queue
//! may overflow. So folders are watched, not files; events are waited out until they settle; and the folder is looked
//! at every so often anyway, because network file systems tell nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How long nothing may change before the folder is read.
const SETTLE: Duration = Duration::from_millis(150);
/// How long reading is put off at most while changes go on.
const SETTLE_AT_MOST: Duration = Duration::from_millis(1_500);
/// How often the folder is read anyway.
const POLL: Duration = Duration::from_secs(30);

/// Calls `look` whenever the folder may have changed, until the future is dropped. `look` compares contents itself.
pub async fn watch<F, L>(folder: PathBuf, mut look: L)
where
    L: FnMut() -> F,
    F: Future<Output = ()>,
{
    // One place is enough: an event that finds it taken says nothing new.
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let watcher = start(&folder, changed);
    if let Err(error) = &watcher {
        tracing::warn!(%error, "the folder cannot be watched; it is read every {} s", POLL.as_secs());
    }
    loop {
        let poll = Instant::now() + POLL;
        let seen = tokio::select! {
            seen = changes.recv(), if watcher.is_ok() => seen,
            () = sleep_until(poll) => Some(()),
        };
        if seen.is_none() {
            return;
        }
        let latest = Instant::now() + SETTLE_AT_MOST;
        loop {
            let quiet = (Instant::now() + SETTLE).min(latest);
            match timeout_at(quiet, changes.recv()).await {
                Ok(Some(())) if Instant::now() < latest => {}
                _ => break,
            }
        }
        look().await;
    }
}

fn start(folder: &Path, changed: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is no change; everything else, an overflow and an error too, means "look again".
        if !matches!(&event, Ok(event) if event.kind.is_access()) {
            let _ = changed.try_send(());
        }
    })?;
    watcher.watch(folder, RecursiveMode::Recursive)?;
    Ok(watcher)
}
