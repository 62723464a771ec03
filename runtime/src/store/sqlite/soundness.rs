//! Looking through the file after an end that was not orderly: a disk may have lost or spoilt what it had promised to keep.
//!
//! It is done table by table beside the daemon's work, for a large store takes long; what is found ends the daemon, as any
//! other fault of the file does.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use rusqlite::Connection;

use super::fault::{Failure, Fault};
use super::open;
use crate::store::StoreError;

/// Steps of SQLite's virtual machine between two looks at whether the store is being closed.
const STEPS: i32 = 10_000;

/// The thread that looks, while it does.
pub(super) struct Soundness {
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Whether a store was left without being closed: its log is not empty. Nobody may have opened it since.
pub(super) fn was_left(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

impl Soundness {
    /// Nothing is looked at.
    pub(super) fn assumed() -> Soundness {
        Soundness { closing: Arc::default(), thread: None }
    }

    /// Begins to look.
    pub(super) fn check(path: &Path, failure: Failure) -> Result<Soundness, StoreError> {
        let closing = Arc::new(AtomicBool::new(false));
        let (told, mut connection) = (Arc::clone(&closing), open::reader(path)?);
        connection
            .progress_handler(STEPS, Some(move || told.load(Ordering::Relaxed)))
            .map_err(|error| StoreError::from(Fault::from(error)))?;
        let told = Arc::clone(&closing);
        let thread = Builder::new()
            .name("store-check".into())
            .spawn(move || {
                let begun = Instant::now();
                match look(&connection) {
                    _ if told.load(Ordering::Relaxed) => {}
                    Ok(None) => tracing::info!(seconds = begun.elapsed().as_secs_f64(), "the store's file is sound"),
                    Ok(Some(damage)) => failure.set(&format!("the store's file is damaged: {damage}")),
                    Err(fault) => {
                        failure.judge(fault);
                    }
                }
            })
            .map_err(|error| StoreError::Failed(format!("no thread for the store: {error}")))?;
        tracing::warn!("the store was not closed when it was last used; its file is looked through");
        Ok(Soundness { closing, thread: Some(thread) })
    }

    /// Waits until all was looked through.
    #[cfg(test)]
    pub(super) fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// Looks no further, and hands out the thread to be waited for.
    pub(super) fn close(&mut self) -> Option<JoinHandle<()>> {
        self.closing.store(true, Ordering::Relaxed);
        self.thread.take()
    }
}

/// What is wrong with the file, if anything is.
fn look(connection: &Connection) -> Result<Option<String>, Fault> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        let mut found = None;
        let looked = connection.pragma(None, "quick_check", &table, |row| {
            let finding: String = row.get(0)?;
            if finding != "ok" && found.is_none() {
                found = Some(finding);
            }
            Ok(())
        });
        match looked.map_err(Fault::from) {
            Ok(()) => {}
            // Some damage ends the look itself.
            Err(Fault::Broken(why)) => found = found.or(Some(why)),
            Err(fault) => return Err(fault),
        }
        if let Some(finding) = found {
            return Ok(Some(format!("table `{table}`: {finding}")));
        }
    }
    Ok(None)
}
