//! The thread's own side: what it does with the jobs that come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::disk::Disk;
use super::job::{Job, Need, answer};
use super::{Closing, Counters, Message, Scour};
use crate::store::StoreError;
use crate::store::sqlite::fault::{Failure, Fault};
use crate::store::sqlite::folder::Folder;
use crate::store::sqlite::known::Known;
use crate::store::sqlite::open;

/// Jobs of one commit at most.
const BATCH_JOBS: usize = 500;

/// How long jobs are added to a commit at most, while there are more; or as long as the last commit took, where the disk is
/// slower than that, so that the disk is never waited for more than half of the time on behalf of a few.
pub(super) const BATCH_TIME: Duration = Duration::from_millis(2);

/// The same for the slowest disk.
const BATCH_TIME_SLOW: Duration = Duration::from_millis(20);

/// How long the next jobs are waited for at most, when there are fewer than in the last commit: its callers are about to come
/// again, and a commit of many costs hardly more than one of few.
const GATHER: Duration = Duration::from_micros(500);

/// A commit of fewer jobs than this is one of few callers, who wait for nobody.
const MANY: usize = 8;

/// After so long without a job the log is copied into the main file.
const QUIET: Duration = Duration::from_secs(1);

/// At this size nothing is written until a reader lets the log be emptied.
const LOG_LIMIT: u64 = 1 << 30;

/// How often room is looked for on a full disk at most.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The thread's own side, and all that it keeps in mind.
pub(super) struct Thread {
    pub(super) jobs: Receiver<Message>,
    pub(super) connection: Connection,
    pub(super) failure: Failure,
    pub(super) counters: Arc<Counters>,
    /// How long jobs are added to the next commit at most.
    pub(super) batch_time: Duration,
    /// How many jobs the last commit had, and how long it took.
    pub(super) last_batch: usize,
    pub(super) last_commit: Duration,
    /// Makes commits durable.
    pub(super) disk: Disk,
    /// Pages in the log after the last commit.
    pub(super) log_pages: Arc<AtomicI32>,
    /// The size of the log at which it is to be emptied.
    pub(super) log_next: u64,
    /// Whether the disk is full: until room can be kept again, only what has begun is ended.
    pub(super) full: Arc<AtomicBool>,
    /// When room was last looked for in vain.
    pub(super) looked_for_room: Option<Instant>,
    pub(super) folder: Folder,
    /// What jobs know of the file, as far as it is undone with them.
    pub(super) known: Arc<Known>,
    pub(super) scours: Vec<Scour>,
    pub(super) closing: Option<Closing>,
}

impl Thread {
    /// From now on commits are synced here, and not by SQLite.
    pub(super) fn begin_syncing(&mut self, wake: Sender<Message>) -> Result<(), StoreError> {
        open::leave_syncing(&self.connection)?;
        let log = self.folder.log().map_err(|error| StoreError::Failed(format!("the store's log: {error}")))?;
        self.disk.begin(log, self.failure.clone(), wake)
    }

    pub(super) fn work(mut self) {
        let _guard = OnPanic(self.failure.clone());
        self.keep_room();
        let mut copied = true;
        while self.closing.is_none() {
            let message = if copied && !self.is_full() {
                self.jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                self.jobs.recv_timeout(QUIET)
            };
            match message {
                Ok(Message::Job(first)) => {
                    copied = false;
                    self.commit(first);
                }
                Ok(other) => self.heed(other),
                Err(RecvTimeoutError::Timeout) => {
                    copied = true;
                    if !self.is_full() {
                        self.checkpoint("PASSIVE");
                    }
                    self.keep_room();
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            for Scour { needles, reply } in std::mem::take(&mut self.scours) {
                let _ = reply.send(self.scour(&needles));
            }
        }
        self.disk.end();
        let done = self.closing.take().map(|closing| {
            for reader in closing.readers {
                let _ = reader.join();
            }
            closing.done
        });
        self.checkpoint("TRUNCATE");
        // Before the folder is free, the connection is closed.
        let Thread { connection, folder, .. } = self;
        drop(connection);
        drop(folder);
        if let Some(done) = done {
            let _ = done.send(());
        }
    }

    fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Tries to keep room on the disk, which tells whether there is any.
    fn keep_room(&mut self) {
        if self.is_full() {
            // The log may be what fills the disk, for it holds a page once for every commit that changed it.
            self.checkpoint("TRUNCATE");
            self.folder.reserve_in_log(self.log_size());
        }
        let full = !self.folder.reserve();
        self.looked_for_room = full.then(Instant::now);
        if self.full.swap(full, Ordering::Relaxed) != full {
            match full {
                true => tracing::error!("the disk of the data folder is full; no event is accepted and no call begun"),
                false => tracing::info!("there is room on the disk of the data folder again"),
            }
        }
    }

    /// Takes note that the disk is full, and gives the room that was kept to the log, before anybody else takes it.
    fn use_reserve(&mut self) {
        if !self.full.swap(true, Ordering::Relaxed) {
            tracing::error!("the disk of the data folder is full; no event is accepted and no call begun");
        }
        if self.folder.release() {
            self.folder.reserve_in_log(self.log_size());
        }
    }

    /// Commits a job together with those that wait behind it.
    pub(super) fn commit(&mut self, first: Box<dyn Job>) {
        let begun = Instant::now();
        let mut batch = Vec::new();
        if self.is_full() {
            if self.looked_for_room.is_none_or(|at| at.elapsed() >= BETWEEN_LOOKS) {
                self.keep_room();
            }
            if self.is_full() {
                return self.one_by_one(vec![first]);
            }
        }
        let mut next = Some(first);
        let mut gathered = false;
        let mut outcome = self.begin();
        while let Some(mut job) = next {
            if outcome.is_ok() {
                outcome = job.run(&self.connection);
            }
            batch.push(job);
            let more = batch.len() < BATCH_JOBS && outcome.is_ok();
            next = if more { self.following(batch.len(), begun, &mut gathered) } else { None };
        }
        self.last_batch = batch.len();
        match outcome.and_then(|()| self.end()) {
            Ok(begun) => {
                self.counters.jobs.fetch_add(batch.len() as u64, Ordering::Relaxed);
                if batch.iter().all(|job| job.need() == Need::Derives) {
                    answer(batch, &Ok(()));
                } else if batch.len() < MANY {
                    let synced = self.disk.sync(begun).map_err(|fault| self.failure.judge(fault));
                    answer(batch, &synced);
                } else {
                    self.disk.hand_over(batch, begun);
                }
                self.tend_log();
            }
            Err(fault) => {
                self.undo();
                match fault {
                    Fault::Refused(_) | Fault::Cursor if batch.len() > 1 => self.one_by_one(batch),
                    Fault::Full => {
                        self.use_reserve();
                        self.one_by_one(batch);
                    }
                    fault => answer(batch, &Err(self.failure.judge(fault))),
                }
            }
        }
    }

    /// The next job of a transaction that has so many: any that comes while the last commit is not on the disk, and after
    /// that one that already waits.
    fn following(&mut self, jobs: usize, begun: Instant, gathered: &mut bool) -> Option<Box<dyn Job>> {
        while self.disk.is_busy() && self.closing.is_none() && self.scours.is_empty() {
            match self.jobs.recv().ok()? {
                Message::Job(job) => return Some(job),
                other => self.heed(other),
            }
        }
        if begun.elapsed() >= self.batch_time {
            return None;
        }
        let waiting = self.waiting();
        if waiting.is_none() && !*gathered && self.last_batch >= MANY && jobs * 2 < self.last_batch {
            *gathered = true;
            std::thread::sleep(self.last_commit.min(GATHER));
            return self.waiting();
        }
        waiting
    }

    /// Commits each job of a batch by itself, so that only the one that fails is refused.
    fn one_by_one(&mut self, batch: Vec<Box<dyn Job>>) {
        for mut job in batch {
            if self.is_full() && job.need() != Need::Ends {
                answer(vec![job], &Err(StoreError::Full));
                continue;
            }
            let outcome = self.begin().and_then(|()| job.run(&self.connection)).and_then(|()| self.end());
            match outcome {
                Ok(begun) => {
                    self.counters.jobs.fetch_add(1, Ordering::Relaxed);
                    let synced = self.disk.sync(begun).map_err(|fault| self.failure.judge(fault));
                    answer(vec![job], &synced);
                }
                Err(fault) => {
                    self.undo();
                    if matches!(fault, Fault::Full) {
                        self.use_reserve();
                    }
                    answer(vec![job], &Err(self.failure.judge(fault)));
                }
            }
        }
        self.tend_log();
    }

    /// The next job that already waits.
    fn waiting(&mut self) -> Option<Box<dyn Job>> {
        while self.closing.is_none() && self.scours.is_empty() {
            match self.jobs.try_recv().ok()? {
                Message::Job(job) => return Some(job),
                other => self.heed(other),
            }
        }
        None
    }

    /// Takes in what is no job.
    fn heed(&mut self, message: Message) {
        match message {
            Message::Job(_) | Message::Synced => {}
            Message::Scour(scour) => self.scours.push(scour),
            Message::Close(closing) => self.closing = Some(closing),
        }
    }

    fn begin(&mut self) -> Result<(), Fault> {
        self.known.begin();
        if let Some(StoreError::Failed(why)) = self.failure.get() {
            return Err(Fault::Broken(why));
        }
        if self.log_size() > LOG_LIMIT {
            self.checkpoint("TRUNCATE");
            if self.log_size() > LOG_LIMIT {
                return Err(Fault::Full);
            }
        }
        self.execute("BEGIN IMMEDIATE")
    }

    /// Commits, when the commit before is on the disk. Answers when that was begun; nothing is durable yet.
    fn end(&mut self) -> Result<Instant, Fault> {
        self.disk.settle();
        if let Some(StoreError::Failed(why)) = self.failure.get() {
            return Err(Fault::Broken(why));
        }
        self.last_commit = self.disk.last_commit();
        self.batch_time = self.last_commit.clamp(BATCH_TIME, BATCH_TIME_SLOW);
        let begun = Instant::now();
        self.execute("COMMIT").map_err(|fault| match fault {
            Fault::Full => Fault::Full,
            // Whether a commit that failed is on the disk cannot be known, so no answer may build on either.
            Fault::Refused(why) | Fault::Broken(why) => Fault::Broken(format!("the commit failed: {why}")),
            Fault::Cursor => Fault::Broken("the commit failed".into()),
        })?;
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        Ok(begun)
    }

    fn undo(&mut self) {
        self.known.undo();
        // SQLite has already undone it itself after some errors.
        if !self.connection.is_autocommit()
            && let Err(fault) = self.execute("ROLLBACK")
        {
            self.failure.set(&format!("a transaction could not be undone: {fault:?}"));
        }
    }

    pub(super) fn execute(&self, sql: &str) -> Result<(), Fault> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

/// A defect that ends the thread is a failure of the store: the daemon must not go on without it.
pub(super) struct OnPanic(pub(super) Failure);

impl Drop for OnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set("the thread that writes has ended");
        }
    }
}
