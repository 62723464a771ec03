//! The daemon, put together: store, program, engine, API, and what happens around them from the start to an orderly end.

mod reloading;
mod room;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use self::reloading::{complain, follow_requests, watch_project};
use self::room::Room;
use crate::api::{self, Access, Api, Intake, ServeError};
use crate::clock::Clock;
use crate::config::{self, Flags, Settings};
use crate::deliver::{Mailer, Outbox, outgoing, write_outbox};
use crate::directory::Directory;
use crate::engine::{Embedded, EngineError, Programs};
use crate::metrics::Metrics;
use crate::project::{self, LoadError, Reloaded, Reloader};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use crate::trial::Trials;
use crate::webhook::{Calls, Client, Gate, Secrets};

/// How long attempts that are under way may go on when the daemon stops.
const GRACE: Duration = Duration::from_secs(25);

/// How often `wf.toml` is looked at for other tokens.
const TOKENS_LOOKED_AT: Duration = Duration::from_secs(1);

/// How long answers that are under way may take after that.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What is served.
#[derive(Clone, Debug)]
pub struct Options {
    /// A project folder, or a compiled program (`.wfc`).
    pub project: PathBuf,
    /// The settings.
    pub settings: Settings,
    /// The environment, for secrets.
    pub environment: Vec<(OsString, OsString)>,
    /// What the command line said, which goes before the settings' file when that is read again for its tokens.
    pub flags: Flags,
}

/// The folder whose `wf.toml` a project's settings are in.
fn folder_of(project: &Path) -> PathBuf {
    match project.parent() {
        Some(folder) if project.is_file() && !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) if project.is_file() => PathBuf::from("."),
        _ => project.to_owned(),
    }
}

/// Where tokens are read from again while the daemon runs.
struct Rotation {
    folder: PathBuf,
    environment: Vec<(OsString, OsString)>,
    flags: Flags,
}

impl Rotation {
    /// Takes the tokens of `wf.toml` whenever the file has changed. All other settings need a restart.
    async fn follow(self, access: Arc<Access>) {
        let path = self.folder.join(config::FILE_NAME);
        let state = |path: &Path| std::fs::metadata(path).ok().map(|file| (file.modified().ok(), file.len()));
        let mut before = state(&path);
        loop {
            tokio::time::sleep(TOKENS_LOOKED_AT).await;
            let now = state(&path);
            if now == before {
                continue;
            }
            before = now;
            match Settings::load(&self.folder, self.environment.clone(), &self.flags) {
                Ok(settings) if access.replace_tokens(settings.tokens.clone()) => tracing::info!("tokens read again"),
                Ok(_) => tracing::error!("wf.toml has no token any more; those that were there go on until a restart"),
                Err(error) => tracing::error!("wf.toml cannot be used; the tokens stay as they were: {error}"),
            }
        }
    }
}

/// Why the daemon did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The project does not compile, and no earlier program of it is kept.
    #[error("the project does not compile:\n{0}")]
    Refused(String),
    /// The project cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run's program cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The API cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Webhooks or mail cannot be set up.
    #[error("{0}")]
    Setup(String),
    /// Reading or writing the store failed; what was not answered was not kept.
    #[error(transparent)]
    Storage(StoreError),
    /// The daemon was told to stop while the disk was full: of so many calls it is not written down how they ended.
    #[error("the disk is full: how {0} call(s) ended is not written down; after the next start they are made again")]
    Unkept(usize),
}

impl DaemonError {
    /// Whether the disk is full, which passes.
    fn is_full(&self) -> bool {
        matches!(self, DaemonError::Store(StoreError::Full) | DaemonError::Engine(EngineError::Store(StoreError::Full)))
    }
}

/// Runs the daemon until it is told to stop by `stop`; calls `ready` once with the address that it listens on. `reload` has it
/// read the project again.
///
/// # Errors
/// When it cannot start, and when the store fails.
pub async fn serve(
    options: Options,
    stop: impl Future<Output = ()>,
    reload: Arc<Notify>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), DaemonError> {
    let Options { project, settings, environment, flags } = options;
    let rotation = Rotation { folder: folder_of(&project), environment: environment.clone(), flags };
    let unreadable = |source| LoadError::Read { path: project.display().to_string(), source };
    std::fs::metadata(&project).map_err(unreadable)?;
    // The current folder may be removed, and come back as another one.
    let project = std::path::absolute(&project).map_err(unreadable)?;
    for stranger in &settings.strangers {
        tracing::warn!("the variable {stranger} means nothing to wf");
    }
    let access = Arc::new(Access::new(settings.tokens.clone(), settings.hosts.clone()));
    let tls = settings.tls.as_ref().map(|tls| api::tls(&tls.cert, &tls.key)).transpose()?;
    let secrets = Arc::new(Secrets::new(environment, settings.secrets.clone()));
    // Reading the system's root certificates takes a while, and so does the disk.
    let (egress, known) = (settings.egress.clone(), secrets.clone());
    let client = tokio::task::spawn_blocking(move || Client::new(&egress, known));
    let mut stop = std::pin::pin!(stop);
    let mut room = Room::default();
    let opened = room.within(&mut stop, async || Ok(SqliteStore::open(&settings.data)?)).await?;
    let Some(sqlite) = opened.map(Arc::new) else { return Ok(()) };
    let failed = sqlite.failed();
    let metrics = Arc::new(Metrics::new(sqlite.commit_times()));
    let store: Arc<dyn Store> = sqlite.clone();
    let programs = Arc::new(Programs::new(store.clone()));
    let loaded =
        room.within(&mut stop, async || load(&project, &settings.data, &programs, &metrics, &secrets).await).await?;
    let Some(reloader) = loaded else {
        sqlite.close().await;
        return Ok(());
    };
    if reloader.is_none() {
        let programs = programs.clone();
        tokio::spawn(async move { programs.index_segments().await });
    }

    let directory = Directory::new(store.clone());
    let setup = |error: &dyn std::fmt::Display| DaemonError::Setup(error.to_string());
    let client = client.await.map_err(|error| setup(&error))?.map_err(|error| setup(&error))?;
    let trials = Trials::new(programs.clone(), store.clone(), client.clone());
    let mailer = Mailer::new(&settings, secrets.clone()).map_err(|error| setup(&error))?;
    let (outgoing, incoming) = outgoing();
    let number = |calls: u64| usize::try_from(calls).unwrap_or(usize::MAX);
    let (per_host, per_fast_host) = (number(settings.calls_per_host), number(settings.calls_per_fast_host));
    let gate = Arc::new(Gate::new(Clock::System, Calls { per_host, per_fast_host }));
    let engine = Embedded::new(
        Clock::System,
        store.clone(),
        programs.clone(),
        directory.clone(),
        client,
        gate,
        mailer,
        metrics.clone(),
        outgoing,
    );
    let listener = api::bind(&settings.listen.to_string()).await?;
    let recovery = engine.start().await?;
    tracing::info!(
        unfinished = recovery.unfinished,
        waiting = recovery.waiting,
        unknown_attempts = recovery.unknown_attempts,
        "runs taken up"
    );
    let own_folders = vec![settings.data.clone(), settings.outbox.clone()];
    let outbox = Outbox::new(settings.outbox.clone());
    let retention = settings.retention;
    let pruning =
        retention.is_any().then(|| tokio::spawn(crate::retention::keep(store.clone(), outbox.clone(), retention)));
    let outbox = tokio::spawn(write_outbox(store.clone(), outbox, incoming));
    let indexing = tokio::spawn(crate::indexing::keep(store.clone()));
    let requests = tokio::spawn(follow_requests(reload, reloader.clone()));
    let watching = reloader.clone().map(|reloader| tokio::spawn(watch_project(reloader, own_folders)));

    let api = Api {
        engine: Arc::new(engine.clone()),
        programs,
        reloader,
        directory,
        store: store.clone(),
        trials,
        secrets,
        access: access.clone(),
        intake: Arc::new(Intake::new(
            usize::try_from(settings.requests).unwrap_or(usize::MAX),
            settings.requests_per_second,
        )),
        metrics,
        max_body_bytes: usize::try_from(settings.event_bytes).unwrap_or(usize::MAX),
    };
    let rotating = tokio::spawn(rotation.follow(access));
    tracing::info!(address = %listener.address(), "listening");
    ready(listener.address());
    let (end, mut ended) = watch::channel(false);
    let server = tokio::spawn(async move {
        let ended = async move {
            let _ = ended.wait_for(|ended| *ended).await;
        };
        listener.serve(api::Front::new(api), tls, ended, LAST_ANSWERS).await;
    });
    let storage = tokio::select! {
        () = &mut stop => None,
        failure = failed => Some(failure),
    };
    if let Some(failure) = storage {
        end.send_replace(true);
        return Err(DaemonError::Storage(failure));
    }
    tracing::info!("stopping");
    // From here on nothing new is begun, and who asks is told so, until all that was begun has ended.
    let unkept = engine.stop(GRACE).await;
    end.send_replace(true);
    let _ = server.await;
    for task in watching.into_iter().chain(pruning).chain([indexing, rotating, requests]) {
        task.abort();
    }
    outbox.abort();
    sqlite.close().await;
    if unkept > 0 {
        return Err(DaemonError::Unkept(unkept));
    }
    tracing::info!("stopped");
    Ok(())
}

/// Activates the program. A folder that does not compile is served with the last program that did, if there is one.
async fn load(
    path: &Path,
    data: &Path,
    programs: &Arc<Programs>,
    metrics: &Arc<Metrics>,
    secrets: &Arc<Secrets>,
) -> Result<Option<Arc<Reloader>>, DaemonError> {
    if path.is_file() && path.extension().is_some_and(|extension| extension == "wfc") {
        let program = project::load_compiled(path)?;
        let loaded = programs.activate(program).await?;
        tokio::spawn(project::tell_of_missing(loaded, secrets.clone()));
        return Ok(None);
    }
    let reloader = Reloader::new(path.to_owned(), programs.clone(), metrics.clone());
    let reloader = reloader.remembering(data).knowing(secrets.clone());
    let reloader = Arc::new(reloader);
    let failure = match reloader.look().await? {
        Reloaded::Unchanged | Reloaded::Active { .. } => return Ok(Some(reloader)),
        Reloaded::Refused { text } => DaemonError::Refused(text),
        Reloaded::Unreadable { error } => DaemonError::Load(error),
    };
    if !programs.activate_last().await.map_err(EngineError::from)? {
        return Err(failure);
    }
    complain("the last program that compiled goes on", &failure.to_string());
    Ok(Some(reloader))
}
