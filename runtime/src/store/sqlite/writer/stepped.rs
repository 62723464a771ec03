//! The writer without its thread, for the simulation: it commits when it is told to, and as much as it is told to.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rusqlite::Connection;

use super::super::fault::Failure;
use super::super::folder::Folder;
use super::super::known::Known;
use super::job::{Job, answer};
use super::thread::Thread;
use super::{Message, Need, Writer};
use crate::metrics::Timing;
use crate::store::StoreError;

/// The thread's side, driven from outside.
pub(in crate::store::sqlite) struct Stepped {
    thread: Thread,
    /// What callers queue.
    queued: Receiver<Message>,
    /// The same, come in.
    jobs: VecDeque<Box<dyn Job>>,
    /// What the next commit takes.
    next: Sender<Message>,
}

impl Stepped {
    /// A writer and the side that drives it.
    pub(in crate::store::sqlite) fn assemble(
        connection: Connection,
        folder: Folder,
        failure: Failure,
        known: Arc<Known>,
    ) -> Result<(Writer, Stepped), StoreError> {
        let (writer, mut thread) = Writer::assemble(connection, folder, failure, known, Timing::commits())?;
        let (next, taken) = channel();
        let queued = std::mem::replace(&mut thread.jobs, taken);
        Ok((writer, Stepped { thread, queued, jobs: VecDeque::new(), next }))
    }

    /// How many jobs wait.
    pub(in crate::store::sqlite) fn waiting(&mut self) -> usize {
        while let Ok(Message::Job(job)) = self.queued.try_recv() {
            self.jobs.push_back(job);
        }
        self.jobs.len()
    }

    /// Commits the first of the jobs that wait, together.
    pub(in crate::store::sqlite) fn commit(&mut self, count: usize) {
        let mut batch: Vec<Box<dyn Job>> = (0..count).map_while(|_| self.jobs.pop_front()).collect();
        if batch.is_empty() {
            return;
        }
        let first = batch.remove(0);
        for job in batch {
            let _ = self.next.send(Message::Job(job));
        }
        // How long a commit really takes must make no difference.
        (self.thread.batch_time, self.thread.last_batch) = (Duration::MAX, 0);
        self.thread.commit(first);
    }

    /// Refuses the first job that waits, as a full disk does, unless it ends something that has begun.
    pub(in crate::store::sqlite) fn refuse(&mut self) {
        let Some(job) = self.jobs.pop_front() else { return };
        let refusal = match job.need() {
            Need::Begins | Need::Derives => StoreError::Full,
            Need::Ends => StoreError::Refused("not now".to_owned()),
        };
        answer(vec![job], &Err(refusal));
    }

    /// For a look at what is committed.
    pub(in crate::store::sqlite) fn connection(&self) -> &Connection {
        &self.thread.connection
    }

    /// What is left when the power goes: what was committed, and nothing else.
    pub(in crate::store::sqlite) fn crash(self) -> (Connection, Folder) {
        let Thread { connection, folder, .. } = self.thread;
        (connection, folder)
    }
}
