//! Reading the project again: when its folder changes, and when the operator says so.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Notify;

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

/// Reads the project again whenever the operator says so. The watch finds a change by itself too; who asks is told also that
/// there is none.
pub(super) async fn follow_requests(requests: Arc<Notify>, reloader: Option<Arc<Reloader>>) {
    loop {
        requests.notified().await;
        match &reloader {
            None => tracing::info!("SIGHUP: a compiled program is served as it is; there is nothing to read again"),
            Some(reloader) if look(reloader).await => tracing::info!("SIGHUP: the project has not changed"),
            Some(_) => {}
        }
    }
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
