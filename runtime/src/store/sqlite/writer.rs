//! The one thread that writes: it takes what callers have queued, commits it as one transaction, and then answers them all.
//!
//! A lone caller waits for one commit and nothing else. While the commit of many waits for the disk, on a thread of its own
//! (see [`disk`]), the jobs that come meanwhile are done in the next transaction, which is committed when the disk is free:
//! the batch grows with the load by itself. There are no savepoints, which would copy every page before it is changed. A job
//! that fails, and that is rare, has its whole batch undone, and then each job of that batch is a transaction of its own.

mod disk;
mod job;
mod load;
mod log;
#[cfg(test)]
mod stepped;
mod thread;

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use self::disk::Disk;
use self::job::{Job, Task};
use self::load::Load;
use self::log::LOG_LARGE;
use self::thread::{BATCH_TIME, Thread};
use super::fault::{Failure, Fault};
use super::folder::Folder;
use super::known::Known;
use crate::metrics::Timing;
use crate::store::StoreError;

pub(super) use job::{Need, Sequel};
#[cfg(test)]
pub(super) use stepped::Stepped;

/// Jobs that may be queued; callers beyond that wait before they queue.
const ROOM: usize = 1024;

/// How long a transaction may wait for another program that writes to the file.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

enum Message {
    Job(Box<dyn Job>),
    /// What was committed last is on the disk.
    Synced,
    Scour(Scour),
    Close(Closing),
}

/// A wish that nothing which was erased can be read from the disk.
struct Scour {
    needles: String,
    reply: oneshot::Sender<Result<bool, StoreError>>,
}

/// What is needed to end well.
struct Closing {
    /// Threads that read; the log can only be emptied after them.
    readers: Vec<JoinHandle<()>>,
    done: oneshot::Sender<()>,
}

/// How much the writer has done since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Transactions that were committed.
    pub commits: u64,
    /// Jobs in them: verbs that were called.
    pub jobs: u64,
}

#[derive(Default)]
struct Counters {
    commits: AtomicU64,
    jobs: AtomicU64,
}

/// The way to the thread that writes.
pub(super) struct Writer {
    queue: Sender<Message>,
    room: Arc<Semaphore>,
    counters: Arc<Counters>,
    load: Mutex<Load>,
    full: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. It holds the folder until it ends.
    pub(super) fn start(
        connection: Connection,
        folder: Folder,
        failure: Failure,
        known: Arc<Known>,
        commits: Timing,
    ) -> Result<Writer, StoreError> {
        let (writer, mut thread) = Writer::assemble(connection, folder, failure, known, commits)?;
        thread.begin_syncing(writer.queue.clone())?;
        let thread = Builder::new()
            .name("store-writer".into())
            .spawn(move || thread.work())
            .map_err(|error| StoreError::Failed(format!("no thread for the store: {error}")))?;
        *writer.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(writer)
    }

    /// Both sides, before the thread is started. What is committed is not synced by anybody else.
    fn assemble(
        mut connection: Connection,
        folder: Folder,
        failure: Failure,
        known: Arc<Known>,
        commits: Timing,
    ) -> Result<(Writer, Thread), StoreError> {
        let (queue, jobs) = channel();
        let counters = Arc::new(Counters::default());
        let log_pages = Arc::new(AtomicI32::new(0));
        let pages = Arc::clone(&log_pages);
        let full = Arc::new(AtomicBool::new(false));
        connection
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, now| {
                pages.store(now, Ordering::Relaxed);
                Ok(())
            }))
            .map_err(Fault::from)?;
        connection.busy_timeout(LOCK_PATIENCE).map_err(Fault::from)?;
        let thread = Thread {
            jobs,
            connection,
            failure,
            counters: Arc::clone(&counters),
            batch_time: BATCH_TIME,
            last_batch: 0,
            last_commit: Duration::ZERO,
            disk: Disk::none(commits),
            log_pages,
            log_next: LOG_LARGE,
            full: Arc::clone(&full),
            looked_for_room: None,
            folder,
            known,
            scours: vec![],
            closing: None,
        };
        let room = Arc::new(Semaphore::new(ROOM));
        let load = Mutex::new(Load::new(Instant::now()));
        Ok((Writer { queue, room, counters, load, full, thread: Mutex::new(None) }, thread))
    }

    /// Has work done and waits for its commit. Once this was polled, the work is done even if the future is dropped.
    pub(super) async fn run<T, Work>(&self, need: Need, mut work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.run_then(need, move |connection| Ok((work(connection)?, None))).await
    }

    /// The same, and when it is durable and the caller is told something more, before the caller of any later job is.
    pub(super) async fn run_then<T, Work>(&self, need: Need, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: FnMut(&Connection) -> Result<(T, Option<Sequel>), Fault> + Send + 'static,
    {
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task::new(need, work, reply, room));
        self.queue.send(Message::Job(job)).map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Empties the log after all that is queued, and looks whether the file still holds what was erased, in its unused parts.
    /// Then it is written anew. Answers whether nothing of it is left.
    pub(super) async fn scour(&self, needles: String) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Message::Scour(Scour { needles, reply })).map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Ends the thread after all that is queued; the second call finds it ended. Answers when the folder is free.
    pub(super) async fn close(&self, readers: Vec<JoinHandle<()>>) {
        if let Some(done) = self.begin_close(readers) {
            let _ = done.await;
        }
        self.join();
    }

    /// The same for a caller who cannot wait asynchronously.
    pub(super) fn close_now(&self, readers: Vec<JoinHandle<()>>) {
        self.begin_close(readers);
        self.join();
    }

    fn begin_close(&self, readers: Vec<JoinHandle<()>>) -> Option<oneshot::Receiver<()>> {
        self.room.close();
        let (done, end) = oneshot::channel();
        self.queue.send(Message::Close(Closing { readers, done })).ok().map(|()| end)
    }

    fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    /// Whether the disk is full.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Whether there is much to do, so that what can wait had better wait.
    pub(super) fn is_busy(&self) -> bool {
        let jobs = self.counters.jobs.load(Ordering::Relaxed);
        self.load.lock().unwrap_or_else(PoisonError::into_inner).is_busy(Instant::now(), jobs)
    }

    /// How much was done so far.
    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            commits: self.counters.commits.load(Ordering::Relaxed),
            jobs: self.counters.jobs.load(Ordering::Relaxed),
        }
    }
}
