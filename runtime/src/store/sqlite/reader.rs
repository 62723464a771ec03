//! A few threads that read, each with a connection of its own, beside the one that writes.
//!
//! A reader sees the last commit and holds it for the length of its transaction, which keeps the log from being emptied: so
//! transactions are short, and one that takes too long is broken off.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use super::fault::{Failure, Fault};
use super::open;
use crate::store::StoreError;

/// Threads; a long list must not hold up the timers.
const THREADS: usize = 3;

/// Questions that may be queued; callers beyond that wait before they queue.
const ROOM: usize = 256;

/// How long a question may be read for.
const TIME: Duration = Duration::from_secs(2);

/// Steps of SQLite's virtual machine between two looks at the time.
const STEPS: i32 = 10_000;

/// Something to be read.
pub(super) type Question = Box<dyn FnOnce(&Connection) + Send>;

/// The way to the threads that read.
pub(super) struct Readers {
    queue: Mutex<Option<Sender<Question>>>,
    room: Semaphore,
    threads: Mutex<Vec<JoinHandle<()>>>,
    failure: Failure,
}

impl Readers {
    /// Opens the connections and starts the threads.
    pub(super) fn start(path: &Path, failure: Failure) -> Result<Readers, StoreError> {
        let (readers, questions) = Readers::assemble(failure);
        let questions = Arc::new(Mutex::new(questions));
        for number in 1..=THREADS {
            let mut connection = open::reader(path)?;
            let limit = TimeLimit::watch(&mut connection)?;
            let questions = Arc::clone(&questions);
            let thread = Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || work(&questions, &connection, &limit))
                .map_err(|error| StoreError::Failed(format!("no thread for the store: {error}")))?;
            readers.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        }
        Ok(readers)
    }

    /// Without threads yet, and what these are to answer.
    pub(super) fn assemble(failure: Failure) -> (Readers, Receiver<Question>) {
        let (queue, questions) = channel();
        let (queue, threads) = (Mutex::new(Some(queue)), Mutex::default());
        (Readers { queue, room: Semaphore::new(ROOM), threads, failure }, questions)
    }

    /// Has something read, all from one commit.
    pub(super) async fn run<T, Read>(&self, read: Read) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Read: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let _room = self.room.acquire().await.map_err(|_| StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let question = Box::new(move |connection: &Connection| {
            let _ = reply.send(transaction(connection, read));
        });
        self.send(question)?;
        let outcome = answer.await.map_err(|_| StoreError::Closed)?;
        match self.failure.get() {
            Some(failed) => Err(failed),
            None => outcome.map_err(|fault| self.failure.judge(fault)),
        }
    }

    fn send(&self, question: Question) -> Result<(), StoreError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().and_then(|queue| queue.send(question).ok()).ok_or(StoreError::Closed)
    }

    /// Lets the threads end after what is queued, and hands them out to be waited for.
    pub(super) fn close(&self) -> Vec<JoinHandle<()>> {
        self.room.close();
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One thread: whoever is free takes the next question.
fn work(questions: &Mutex<Receiver<Question>>, connection: &Connection, limit: &TimeLimit) {
    loop {
        let next = questions.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(question) = next else { return };
        limit.begin();
        question(connection);
    }
}

fn transaction<T>(connection: &Connection, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let outcome = read(connection);
    if !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK")?.execute([])?;
    }
    outcome
}

/// When the question at hand has to be answered.
struct TimeLimit {
    zero: Instant,
    /// In milliseconds after `zero`.
    end: Arc<AtomicU64>,
}

impl TimeLimit {
    fn watch(connection: &mut Connection) -> Result<TimeLimit, Fault> {
        let zero = Instant::now();
        let end = Arc::new(AtomicU64::new(u64::MAX));
        let watched = Arc::clone(&end);
        let handler = move || milliseconds(zero.elapsed()) > watched.load(Ordering::Relaxed);
        connection.progress_handler(STEPS, Some(handler))?;
        Ok(TimeLimit { zero, end })
    }

    fn begin(&self) {
        self.end.store(milliseconds(self.zero.elapsed() + TIME), Ordering::Relaxed);
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
