//! The log that commits are appended to: copied into the main file when it is quiet or large, and emptied of what was erased.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::LOCK_PATIENCE;
use super::thread::Thread;
use crate::store::StoreError;
use crate::store::sqlite::fault::Fault;

/// Bytes of one page in the log: a page and its header.
const LOG_PAGE: u64 = 4096 + 24;

/// At this size the log is begun anew, though jobs wait. Small enough that they do not wait long.
pub(super) const LOG_LARGE: u64 = 16 << 20;

/// When a reader hindered that, it is tried again after so many bytes more.
const LOG_STEP: u64 = 8 << 20;

/// How long the emptying of the log may wait for readers.
const LOG_PATIENCE: Duration = Duration::from_millis(100);

/// How long the emptying of the log may be tried for, when something was erased that must not stay in it.
const SCOUR_PATIENCE: Duration = Duration::from_secs(10);

/// A larger file is not written anew, in bytes: that would hold everybody up.
const SMALL: u64 = 256 << 20;

impl Thread {
    pub(super) fn log_size(&self) -> u64 {
        u64::try_from(self.log_pages.load(Ordering::Relaxed)).unwrap_or(0) * LOG_PAGE
    }

    /// Begins the log anew when it has become large. Its file stays as long as it is: to free its blocks takes tens of
    /// milliseconds, in which nobody is answered, and a commit that overwrites them is on the disk sooner.
    pub(super) fn tend_log(&mut self) {
        if self.log_size() >= self.log_next {
            self.checkpoint("RESTART");
            self.log_next = LOG_LARGE.max(self.log_size() + LOG_STEP);
        }
    }

    /// See [`super::Writer::scour`].
    pub(super) fn scour(&mut self, needles: &str) -> Result<bool, StoreError> {
        let begun = Instant::now();
        loop {
            self.checkpoint("TRUNCATE");
            if let Some(failed) = self.failure.get() {
                return Err(failed);
            }
            if self.log_size() == 0 {
                break;
            }
            if begun.elapsed() > SCOUR_PATIENCE {
                return Ok(false);
            }
        }
        let is_clean = |thread: &Thread| {
            thread.folder.is_free_of(needles).map_err(|error| StoreError::Refused(format!("the store's file: {error}")))
        };
        if is_clean(self)? {
            return Ok(true);
        }
        if self.folder.size() > SMALL {
            return Ok(false);
        }
        // Where records were moved between pages a copy may be left in a part that nothing uses.
        if let Err(fault) = self.execute("VACUUM") {
            return match fault {
                Fault::Full | Fault::Refused(_) => Ok(false),
                fault => Err(self.failure.judge(fault)),
            };
        }
        self.checkpoint("TRUNCATE");
        is_clean(self)
    }

    /// Copies the log into the main file; unless a reader still needs it, `RESTART` begins it anew and `TRUNCATE` empties its
    /// file too.
    pub(super) fn checkpoint(&mut self, mode: &str) {
        self.disk.settle();
        if self.failure.get().is_some() {
            return;
        }
        let outcome = self.connection.busy_timeout(LOG_PATIENCE).and_then(|()| {
            let sql = format!("PRAGMA wal_checkpoint({mode})");
            let busy = self.connection.query_row(&sql, [], |row| row.get::<_, bool>(0))?;
            if mode != "PASSIVE" && !busy {
                self.log_pages.store(0, Ordering::Relaxed);
            }
            self.connection.busy_timeout(LOCK_PATIENCE)
        });
        if let Err(error) = outcome
            && let fault @ Fault::Broken(_) = Fault::from(error)
        {
            self.failure.judge(fault);
        }
    }
}
