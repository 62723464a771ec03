//! A start on a full disk.

use std::time::Duration;

use super::DaemonError;
use crate::store::StoreError;

/// How often room is looked for.
const PAUSE: Duration = Duration::from_secs(1);

/// A start that waits for room on the disk: whoever makes it need not know that a daemon is to be started again.
#[derive(Default)]
pub(super) struct Room {
    told: bool,
}

impl Room {
    /// Tries a part of the start until there is room for it; `None` when the daemon is to stop meanwhile.
    ///
    /// # Errors
    /// Those of the part, and a limit on the size of the process's files, which does not pass.
    pub(super) async fn within<T>(
        &mut self,
        stop: &mut (impl Future<Output = ()> + Unpin),
        mut part: impl AsyncFnMut() -> Result<T, DaemonError>,
    ) -> Result<Option<T>, DaemonError> {
        loop {
            match part().await {
                Err(error) if error.is_full() => {}
                done => return done.map(Some),
            }
            if let Some(limit) = largest_file() {
                let why = format!("no file of this process may be larger than {limit} bytes (`ulimit -f`)");
                return Err(StoreError::Failed(why).into());
            }
            if !std::mem::replace(&mut self.told, true) {
                tracing::error!("the disk of the data folder is full; the start goes on when there is room");
            }
            tokio::select! {
                () = &mut *stop => return Ok(None),
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}

/// How large a file of this process may become, in bytes, if there is a limit. To SQLite it looks like a full disk.
#[cfg(unix)]
fn largest_file() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current
}

#[cfg(not(unix))]
fn largest_file() -> Option<u64> {
    None
}
