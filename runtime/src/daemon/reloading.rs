//! Reading the project again: when its folder changes, and when the operator says so.

use std::path::PathBuf;
use std::sync::Arc;

use crate::log;
use crate::project::{self, Reloaded, Reloader};

/// Reloads the project whenever its folder changes.
pub(super) async fn watch_project(reloader: Arc<Reloader>, own_folders: Vec<PathBuf>) {
    let folder = reloader.folder().to_owned();
    project::watch(folder, own_folders, || async {
        look(&reloader).await;
    })
    .await;
}

/// SIGHUP, by which other daemons read their files again, too.
#[cfg(unix)]
pub(super) struct HangUps(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl HangUps {
    /// Listens from now on: one that comes while the daemon starts does not end it. Of a daemon that writes to a terminal it
    /// is not listened for: there it says that the terminal is gone.
    pub(super) fn listen() -> HangUps {
        use std::io::IsTerminal;
        use tokio::signal::unix::{SignalKind, signal};

        if std::io::stderr().is_terminal() {
            return HangUps(None);
        }
        let listening = signal(SignalKind::hangup());
        HangUps(listening.map_err(|error| tracing::warn!(%error, "SIGHUP is not listened for")).ok())
    }

    /// Reads the project again at each. The watch finds a change by itself too; who sends the signal is told also that there
    /// is none.
    pub(super) async fn follow(self, reloader: Option<Arc<Reloader>>) {
        let Some(mut hang_ups) = self.0 else { return };
        while hang_ups.recv().await.is_some() {
            match &reloader {
                None => tracing::info!("SIGHUP: a compiled program is served as it is; there is nothing to read again"),
                Some(reloader) if look(reloader).await => tracing::info!("SIGHUP: the project has not changed"),
                Some(_) => {}
            }
        }
    }
}

#[cfg(not(unix))]
pub(super) struct HangUps;

#[cfg(not(unix))]
impl HangUps {
    pub(super) fn listen() -> HangUps {
        HangUps
    }

    pub(super) async fn follow(self, _reloader: Option<Arc<Reloader>>) {}
}

/// Reads the project and says what came of it; `true` when it has not changed.
async fn look(reloader: &Reloader) -> bool {
    match reloader.look().await {
        Ok(Reloaded::Unchanged) => return true,
        Ok(Reloaded::Active { .. }) => {}
        Ok(Reloaded::Refused { text }) => {
            complain("the project does not compile; the program that runs goes on", &text);
        }
        Ok(Reloaded::Unreadable { error }) => {
            tracing::error!("the project cannot be read; the program that runs goes on: {error}");
        }
        Err(error) => tracing::error!(%error, "the program could not be swapped"),
    }
    false
}

/// Says what is wrong with the project: each finding on a line of its own, as every line of the log is one.
pub(super) fn complain(what: &str, findings: &str) {
    tracing::error!("{what}");
    log::error(findings);
}
