//! `wf serve`: the daemon.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use runtime::config::{Flags, Settings, SettingsError};
use runtime::daemon::{self, DaemonError, Options};
use runtime::engine::{EngineError, PinError};
use runtime::log::{self, Format};
use runtime::store::StoreError;
use tokio::sync::Notify;

use super::Ending;
use super::failure::{Exit, Failure};
use super::project;
use super::terminal::Terminal;

/// Run the daemon: accept events over HTTP and run the workflows.
///
/// A folder is watched: what is saved there runs from then on, and a change that does not compile leaves the last good program
/// running. A compiled program (`wf build`) is served as it is. Settings come from `wf.toml` in the folder (or beside
/// the compiled program), from `WF_…` variables, and from the options here; later ones win.
///
/// SIGTERM and Ctrl-C let what is under way end, for up to 25 s; a second one ends it at once, and nothing is lost by it. SIGHUP
/// has the project read again, which a change does by itself.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf serve\n  wf serve shop.wfc --data /var/lib/wf --listen 127.0.0.1:8081")]
pub(crate) struct Arguments {
    /// The project's folder, or a compiled program; else the nearest folder upwards with a `wf.toml`, else the current one.
    #[arg(value_name = "PATH|FILE.wfc")]
    path: Option<PathBuf>,
    /// Folder for events, runs and contacts [setting: data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// IP address and port of the API; port 0 is any free one [setting: listen].
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

pub(crate) fn run(arguments: Arguments, terminal: &Terminal) -> Ending {
    let path = project::locate(arguments.path.as_deref());
    let folder = if path.is_file() { beside(&path) } else { path.clone() };
    let flags = Flags { listen: arguments.listen, data: arguments.data };
    let environment: Vec<_> = std::env::vars_os().collect();
    let settings = Settings::load(&folder, environment.clone(), &flags).map_err(|error| match error {
        SettingsError::Unreadable { .. } => Failure::caused(Exit::World, &error),
        SettingsError::Mistakes(_) => Failure::caused(Exit::Usage, &error),
    })?;
    let format = settings.log.unwrap_or_else(Format::of_stderr);
    log::start(format, terminal.colour_notes());
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let options = Options { project: path.clone(), settings, environment, flags };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .build()
        .map_err(|error| Failure::file("cannot start the event loop", &error))?;
    let ending = runtime.block_on(async {
        let reload = Arc::new(Notify::new());
        let stop = signals(reload.clone()).map_err(|error| Failure::file("cannot listen for signals", &error))?;
        let ready = |address| {
            // A daemon whose standard output is closed serves all the same.
            let _ = terminal.print(&format!("serving {} at {scheme}://{address}", project::shown(&path)));
        };
        daemon::serve(options, stop, reload, ready).await.map_err(|error| failure(&error))?;
        Ok(Exit::Ok)
    });
    ending.or_else(|failure| logged(failure, format))
}

/// Says why the daemon ended, in the log if that is for programs: every line of it is one object.
fn logged(failure: Failure, format: Format) -> Ending {
    if format == Format::Text || !log::error(failure.message()) {
        return Err(failure);
    }
    if let Some(hint) = failure.way_out() {
        log::error(&format!("hint: {hint}"));
    }
    Ok(failure.exit())
}

/// How many threads serve callers and run workflows. The store's writer is one more that is busy whenever these are, so it
/// has a core of its own: as many threads as cores would wake each other up for work that one of them is about to take.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// The folder that a file is in.
fn beside(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// `SIGXFSZ`, on Linux, macOS and the BSDs.
const FILE_TOO_LARGE: i32 = 25;

/// Waits for the request to stop. The second one ends the process at once: nothing is lost by it, every step that counts is
/// already durable. SIGHUP says that the terminal is gone, where there is one, and elsewhere that the project is to be read again.
fn signals(reload: Arc<Notify>) -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (mut hang_up, in_terminal) = (signal(SignalKind::hangup())?, std::io::stderr().is_terminal());
    // A file as large as the system allows is a write that fails, as on a full disk, and not the end of the process: it is
    // enough that somebody listens.
    let _ = signal(SignalKind::from_raw(FILE_TOO_LARGE))?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => break,
                _ = terminate.recv() => break,
                _ = hang_up.recv() => if in_terminal { break } else { reload.notify_one() },
            }
        }
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            std::process::exit(Exit::World as i32);
        });
    })
}

fn failure(error: &DaemonError) -> Failure {
    match error {
        DaemonError::Refused(_) => Failure::caused(Exit::Findings, error)
            .hint("`wf check` shows each finding in its place; no earlier program of this data folder is kept"),
        DaemonError::Load(error) => project::unreadable(error),
        DaemonError::Setup(_) => Failure::caused(Exit::Usage, error),
        DaemonError::Store(StoreError::Locked { .. }) => Failure::caused(Exit::World, error)
            .hint("one daemon serves a data folder; give another one with --data, or stop that daemon"),
        DaemonError::Store(StoreError::Failed(_) | StoreError::Full)
        | DaemonError::Engine(
            EngineError::Store(StoreError::Failed(_) | StoreError::Full)
            | EngineError::Pin(PinError::Store(StoreError::Failed(_) | StoreError::Full)),
        )
        | DaemonError::Storage(_)
        | DaemonError::Unkept(_) => Failure::caused(Exit::Storage, error),
        DaemonError::Engine(EngineError::Pin(PinError::Unreadable { .. })) => Failure::caused(Exit::World, error).hint(
            "runs that have not ended are pinned to it; let the version of wf that wrote it run until they have, or cancel them",
        ),
        DaemonError::Store(_) | DaemonError::Engine(_) | DaemonError::Serve(_) => Failure::caused(Exit::World, error),
    }
}
