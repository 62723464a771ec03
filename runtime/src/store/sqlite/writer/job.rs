//! Work for the thread that writes, and the answer to whoever asked for it.

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::store::StoreError;
use crate::store::sqlite::fault::Fault;

/// What work needs of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::sqlite) enum Need {
    /// It begins something, and waits until there is room.
    Begins,
    /// It ends something that has begun, for which room was kept.
    Ends,
    /// The same as for what begins; and as it keeps what can be made again, it need not be on the disk when it is answered.
    Derives,
}

/// What follows work that is durable, for others than the caller.
pub(in crate::store::sqlite) type Sequel = Box<dyn FnOnce() + Send>;

/// Work for the writer. It may be run twice, when a neighbour in its batch fails; then the first time is undone.
pub(super) trait Job: Send {
    /// Does the work, within a transaction.
    fn run(&mut self, connection: &Connection) -> Result<(), Fault>;

    /// What it needs of the disk.
    fn need(&self) -> Need;

    /// Tells the caller, when the commit is durable. Answers what is to follow.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) -> Option<Sequel>;
}

/// Work, and who waits for it.
pub(super) struct Task<Work, T> {
    need: Need,
    work: Work,
    done: Option<(T, Option<Sequel>)>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    _room: OwnedSemaphorePermit,
}

impl<Work, T> Task<Work, T> {
    /// Work, and the way of the answer. Its room is free again when it is answered.
    pub(super) fn new(
        need: Need,
        work: Work,
        reply: oneshot::Sender<Result<T, StoreError>>,
        room: OwnedSemaphorePermit,
    ) -> Task<Work, T> {
        Task { need, work, done: None, reply, _room: room }
    }
}

impl<T, Work> Job for Task<Work, T>
where
    T: Send,
    Work: FnMut(&Connection) -> Result<(T, Option<Sequel>), Fault> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), Fault> {
        self.done = Some((self.work)(connection)?);
        Ok(())
    }

    fn need(&self) -> Need {
        self.need
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) -> Option<Sequel> {
        let Task { done, reply, .. } = *self;
        let (outcome, sequel) = match (outcome, done) {
            (Ok(()), Some((value, sequel))) => (Ok(value), sequel),
            (Ok(()), None) => (Err(StoreError::Closed), None),
            (Err(error), _) => (Err(error), None),
        };
        // A caller who has gone away does not want to know.
        let _ = reply.send(outcome);
        sequel
    }
}

/// Tells the callers of a batch. What follows a job keeps its own caller not waiting, for it wakes threads, which may take this
/// one's place; but it comes before the next caller is told, who may have started more runs of the same contact.
pub(super) fn answer(batch: Vec<Box<dyn Job>>, outcome: &Result<(), StoreError>) {
    for job in batch {
        if let Some(sequel) = job.answer(outcome.clone()) {
            sequel();
        }
    }
}
