//! What can go wrong within a job, sorted by what follows from it.

use std::sync::Arc;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
use tokio::sync::watch;

use crate::store::StoreError;

/// What went wrong within a job.
#[derive(Debug)]
pub(super) enum Fault {
    /// There is no room on the disk: the batch is undone, and the store goes on.
    Full,
    /// This job alone is undone.
    Refused(String),
    /// A reader was handed another list's cursor.
    Cursor,
    /// The files can no longer be trusted: nothing is committed after this.
    Broken(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        let Some(sqlite) = error.sqlite_error() else {
            return Fault::Refused(error.to_string());
        };
        match sqlite.code {
            ErrorCode::DiskFull => Fault::Full,
            // How a full disk shows when the index of the log has to grow.
            ErrorCode::SystemIoFailure if sqlite.extended_code == SQLITE_IOERR_SHMSIZE => Fault::Full,
            ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::NoLargeFileSupport
            | ErrorCode::InternalMalfunction
            | ErrorCode::OutOfMemory => Fault::Broken(format!("{error} (SQLite code {})", sqlite.extended_code)),
            ErrorCode::OperationInterrupted => Fault::Refused("reading took too long; ask for less".into()),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                Fault::Refused("another program is writing to the store's file".into())
            }
            _ => Fault::Refused(error.to_string()),
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> StoreError {
        match fault {
            Fault::Full => StoreError::Full,
            Fault::Refused(why) => StoreError::Refused(why),
            Fault::Cursor => StoreError::Cursor,
            Fault::Broken(why) => StoreError::Failed(why),
        }
    }
}

/// Whether the store has failed, and why. Once set it stays.
#[derive(Clone)]
pub(super) struct Failure(Arc<watch::Sender<Option<String>>>);

impl Failure {
    /// A store that works.
    pub(super) fn none() -> Failure {
        Failure(Arc::new(watch::Sender::new(None)))
    }

    /// Nothing is committed from now on. The first reason is kept.
    pub(super) fn set(&self, why: &str) {
        self.0.send_if_modified(|reason| {
            let first = reason.is_none();
            if first {
                tracing::error!(reason = why, "the store has failed; nothing is committed any more");
                *reason = Some(why.to_owned());
            }
            first
        });
    }

    /// The error that every verb answers after a failure.
    pub(super) fn get(&self) -> Option<StoreError> {
        self.0.borrow().clone().map(StoreError::Failed)
    }

    /// Takes the fault for what it means to the whole store, and turns it into the answer.
    pub(super) fn judge(&self, fault: Fault) -> StoreError {
        if let Fault::Broken(why) = &fault {
            self.set(why);
        }
        fault.into()
    }

    /// Ends when the store has failed.
    pub(super) async fn wait(self) -> StoreError {
        let mut watched = self.0.subscribe();
        match watched.wait_for(Option::is_some).await {
            Ok(reason) => StoreError::Failed(reason.clone().unwrap_or_default()),
            Err(_) => StoreError::Closed,
        }
    }
}
