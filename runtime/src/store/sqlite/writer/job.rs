//! Work for the thread that writes, and the answer to whoever asked for it.

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::store::StoreError;
use crate::store::sqlite::fault::Fault;

/// What work needs when the disk is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::sqlite) enum Need {
    /// It begins something, and waits until there is room.
    Begins,
    /// It ends something that has begun, for which room was kept.
    Ends,
}

/// Work for the writer. It may be run twice, when a neighbour in its batch fails; then the first time is undone.
pub(super) trait Job: Send {
    /// Does the work, within a transaction.
    fn run(&mut self, connection: &Connection) -> Result<(), Fault>;

    /// Whether it can wait until there is room.
    fn need(&self) -> Need;

    /// Tells the caller, when the commit is durable.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// Work, and who waits for it.
pub(super) struct Task<Work, T, Then> {
    need: Need,
    work: Work,
    /// Done when the commit is durable, in the order of the jobs.
    then: Then,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    _room: OwnedSemaphorePermit,
}

impl<Work, T, Then> Task<Work, T, Then> {
    /// Work, what is done after its commit, and the way of the answer. Its room is free again when it is answered.
    pub(super) fn new(
        need: Need,
        work: Work,
        then: Then,
        reply: oneshot::Sender<Result<T, StoreError>>,
        room: OwnedSemaphorePermit,
    ) -> Task<Work, T, Then> {
        Task { need, work, then, value: None, reply, _room: room }
    }
}

impl<T, Work, Then> Job for Task<Work, T, Then>
where
    T: Send,
    Work: FnMut(&Connection) -> Result<T, Fault> + Send,
    Then: FnOnce(&mut T) + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), Fault> {
        self.value = Some((self.work)(connection)?);
        Ok(())
    }

    fn need(&self) -> Need {
        self.need
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Task { then, mut value, reply, .. } = *self;
        if let (Ok(()), Some(value)) = (&outcome, &mut value) {
            then(value);
        }
        // A caller who has gone away does not want to know.
        let _ = reply.send(outcome.and_then(|()| value.ok_or(StoreError::Closed)));
    }
}

/// Tells the callers of a batch.
pub(super) fn answer(batch: Vec<Box<dyn Job>>, outcome: &Result<(), StoreError>) {
    for job in batch {
        job.answer(outcome.clone());
    }
}
