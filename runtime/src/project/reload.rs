//! Compiling the folder aside and swapping the program at once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use compiler::Workspace;
use compiler::ir::ProgramHash;
use compiler::report;
use jiff::Timestamp;

use super::checkout;
use super::load::{self, LoadError};
use crate::engine::{Programs, Unfit};
use crate::machine::LoadedProgram;
use crate::metrics::Metrics;
use crate::store::{Commit, StoreError};

/// Reads, compiles and activates a project folder, and remembers how that went.
#[derive(Debug)]
pub struct Reloader {
    folder: PathBuf,
    programs: Arc<Programs>,
    metrics: Arc<Metrics>,
    state: Arc<Mutex<Reload>>,
    /// The folder as it was last read. One reload at a time.
    workspace: tokio::sync::Mutex<Workspace>,
}

/// How the last reload went.
#[derive(Clone, Debug, Default)]
pub struct Reload {
    /// The hash of the sources that were last read.
    pub sources_hash: Option<String>,
    /// When the program that runs was activated.
    pub loaded_at: Option<Timestamp>,
    /// When the folder was last refused; `None` when what is in it runs.
    pub refused_at: Option<Timestamp>,
    /// Why the folder was refused: the diagnostics as JSON lines would have them, or the reading error.
    pub refusal: Vec<serde_json::Value>,
    /// Fields of contacts whose types have changed, and that some kept values do not fit any more.
    pub unfit: Vec<Unfit>,
}

/// What a look at the folder led to.
#[derive(Debug)]
pub enum Reloaded {
    /// Nothing in it has changed since the last look.
    Unchanged,
    /// The program that it holds is active now.
    Active {
        /// Its hash.
        hash: ProgramHash,
    },
    /// It does not compile; what ran before goes on.
    Refused {
        /// Why, for people.
        text: String,
    },
    /// It cannot be read; what ran before goes on.
    Unreadable {
        /// Why.
        error: LoadError,
    },
}

impl Reloader {
    /// A reloader of a folder; it has not looked yet.
    pub fn new(folder: PathBuf, programs: Arc<Programs>, metrics: Arc<Metrics>) -> Reloader {
        Reloader { folder, programs, metrics, state: Arc::default(), workspace: tokio::sync::Mutex::default() }
    }

    /// How the last reload went.
    pub fn state(&self) -> Reload {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Looks at the folder; if its contents changed, compiles them and swaps the program, or keeps the last good one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn look(&self) -> Result<Reloaded, StoreError> {
        let mut workspace = self.workspace.lock().await;
        let folder = self.folder.clone();
        let before = self.state().sources_hash;
        // After a panic an empty one is left, and the folder is read anew.
        let mut taken = std::mem::take(&mut *workspace);
        let work = tokio::task::spawn_blocking(move || {
            let outcome = compile(&mut taken, &folder, before.as_deref());
            (taken, outcome)
        });
        let outcome = match work.await {
            Ok((taken, outcome)) => {
                *workspace = taken;
                outcome
            }
            Err(panic) => {
                let source = std::io::Error::other(format!("internal error: {panic}"));
                Outcome::Unreadable(LoadError::Read { path: self.folder.display().to_string(), source })
            }
        };
        match outcome {
            Outcome::Unchanged => Ok(Reloaded::Unchanged),
            Outcome::Compiled { hash: sources_hash, program, commit } => {
                let latest = self.programs.latest().await;
                let loaded = self.programs.activate(*program).await?;
                if let Some(commit) = commit {
                    self.programs.note_commit(&loaded.hash, commit).await?;
                }
                let programs = self.programs.clone();
                tokio::spawn(async move { programs.index_segments().await });
                let state =
                    Reload { sources_hash: Some(sources_hash), loaded_at: Some(Timestamp::now()), ..Reload::default() };
                *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
                if let Some(before) = latest {
                    tokio::spawn(look_for_unfit(self.programs.clone(), self.state.clone(), before, loaded.clone()));
                }
                self.metrics.reloaded("active");
                tracing::info!(program = loaded.hash.short(), "program active");
                Ok(Reloaded::Active { hash: loaded.hash.clone() })
            }
            Outcome::Refused { hash, findings, text } => {
                self.refuse(Some(hash), findings);
                Ok(Reloaded::Refused { text })
            }
            Outcome::Unreadable(error) => {
                let finding = serde_json::json!({ "level": "error", "message": error.to_string() });
                // It is looked at again, even if nothing changes meanwhile.
                self.refuse(None, vec![finding]);
                Ok(Reloaded::Unreadable { error })
            }
        }
    }

    fn refuse(&self, sources_hash: Option<String>, findings: Vec<serde_json::Value>) {
        self.metrics.reloaded("refused");
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.sources_hash = sources_hash;
        state.refused_at = Some(Timestamp::now());
        state.refusal = findings;
    }
}

/// Says which contacts have values that a changed field does not take any more.
async fn look_for_unfit(
    programs: Arc<Programs>,
    state: Arc<Mutex<Reload>>,
    before: Arc<LoadedProgram>,
    after: Arc<LoadedProgram>,
) {
    let unfit = match programs.unfit(&before, &after).await {
        Ok(unfit) => unfit,
        Err(StoreError::Closed) => return,
        Err(error) => return tracing::warn!(%error, "whether contacts fit their changed fields is not known"),
    };
    for Unfit { field, contacts, examples } in &unfit {
        let examples = examples.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        tracing::warn!(
            field = field.as_str(),
            contacts,
            examples,
            "contacts have values that do not fit the field's type any more; they are kept, and count as nothing"
        );
    }
    // Meanwhile another program may have come.
    if programs.active().is_some_and(|active| active.loaded.hash == after.hash) {
        state.lock().unwrap_or_else(PoisonError::into_inner).unfit = unfit;
    }
}

enum Outcome {
    Unchanged,
    Compiled { hash: String, program: Box<compiler::ir::Program>, commit: Option<Commit> },
    Refused { hash: String, findings: Vec<serde_json::Value>, text: String },
    Unreadable(LoadError),
}

/// Reads and compiles the folder; synchronous, on a thread of its own.
fn compile(workspace: &mut Workspace, folder: &std::path::Path, before: Option<&str>) -> Outcome {
    let hash = match load::refresh(workspace, folder) {
        Ok(hash) => hash,
        Err(error) => return Outcome::Unreadable(error),
    };
    if before == Some(hash.as_str()) {
        return Outcome::Unchanged;
    }
    let compiled = workspace.compile();
    match compiled.program {
        Some(program) => Outcome::Compiled { hash, program: Box::new(program), commit: checkout::commit(folder) },
        None => Outcome::Refused {
            hash,
            findings: report::json(&compiled.diagnostics, workspace.sources()),
            text: report::concise(&compiled.diagnostics, workspace.sources()),
        },
    }
}
