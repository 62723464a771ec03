//! Compiling the folder aside and swapping the program at once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use compiler::Workspace;
use compiler::catalogue::Code;
use compiler::diagnostic::Diagnostic;
use compiler::ir::ProgramHash;
use compiler::report;
use jiff::Timestamp;

use super::checkout;
use super::load::{self, LoadError};
use super::remembered::{Note, Remembered};
use super::secrets::tell_of_missing;
use crate::engine::{Programs, Unfit};
use crate::log;
use crate::machine::LoadedProgram;
use crate::metrics::Metrics;
use crate::store::{Commit, StoreError};
use crate::webhook::Secrets;

/// Reads, compiles and activates a project folder, and remembers how that went.
#[derive(Debug)]
pub struct Reloader {
    folder: PathBuf,
    programs: Arc<Programs>,
    metrics: Arc<Metrics>,
    state: Arc<Mutex<Reload>>,
    /// The folder as it was last read. One reload at a time.
    held: tokio::sync::Mutex<Held>,
    remembered: Option<Remembered>,
    secrets: Option<Arc<Secrets>>,
}

/// The folder as it was last read.
#[derive(Debug, Default)]
struct Held {
    /// Nothing, while no text of it was read as a program: what runs came from the store.
    workspace: Workspace,
    /// In that case, the files that its `.wf` files name.
    named: Option<Vec<String>>,
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
        let (state, held) = (Arc::default(), tokio::sync::Mutex::default());
        Reloader { folder, programs, metrics, state, held, remembered: None, secrets: None }
    }

    /// The same; a note in this data folder says what the project came to, for the next start.
    pub fn remembering(self, data: &std::path::Path) -> Reloader {
        Reloader { remembered: Some(Remembered::in_folder(data)), ..self }
    }

    /// The same; secrets that a program names and that are not among these are told.
    pub fn knowing(self, secrets: Arc<Secrets>) -> Reloader {
        Reloader { secrets: Some(secrets), ..self }
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
        let mut held = self.held.lock().await;
        let before = self.state().sources_hash;
        if before.is_none()
            && let Some((note, loaded)) = self.recall().await?
        {
            held.named = Some(note.named);
            tokio::spawn(note_commit(self.programs.clone(), self.folder.clone(), loaded.hash.clone()));
            return Ok(self.activated(note.sources, &loaded));
        }
        let folder = self.folder.clone();
        // After a panic an empty one is left, and the folder is read anew.
        let mut taken = std::mem::take(&mut *held);
        let work = tokio::task::spawn_blocking(move || {
            let outcome = compile(&mut taken, &folder, before.as_deref());
            (taken, outcome)
        });
        let outcome = match work.await {
            Ok((taken, outcome)) => {
                *held = taken;
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
                // What is not read is told at each start.
                let whole = held.workspace.sources().iter().all(|(_, file)| file.skipped().is_none());
                if let Some(remembered) = self.remembered.clone().filter(|_| whole) {
                    let files = held.workspace.sources().iter().map(|(_, file)| file.path());
                    let named = files.filter(|path| !path.ends_with(".wf")).map(str::to_owned).collect();
                    let note = Note::new(sources_hash.clone(), named, loaded.hash.clone());
                    tokio::task::spawn_blocking(move || remembered.write(&note));
                }
                let reloaded = self.activated(sources_hash, &loaded);
                if let Some(before) = latest {
                    tokio::spawn(look_for_unfit(self.programs.clone(), self.state.clone(), before, loaded));
                }
                Ok(reloaded)
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

    /// What the folder came to when the daemon last ran, if it is still the same and the store has the program.
    async fn recall(&self) -> Result<Option<(Note, Arc<LoadedProgram>)>, StoreError> {
        let Some(remembered) = self.remembered.clone() else { return Ok(None) };
        let folder = self.folder.clone();
        let look = move || {
            let note = remembered.read()?;
            let same = load::fingerprint(&folder, &note.named).is_ok_and(|sources| sources == note.sources);
            same.then_some(note)
        };
        let Ok(Some(note)) = tokio::task::spawn_blocking(look).await else { return Ok(None) };
        Ok(self.programs.activate_again(&note.program).await?.map(|loaded| (note, loaded)))
    }

    /// Notes that the program of these sources runs.
    fn activated(&self, sources_hash: String, loaded: &Arc<LoadedProgram>) -> Reloaded {
        let programs = self.programs.clone();
        tokio::spawn(async move { programs.index_segments().await });
        let state = Reload { sources_hash: Some(sources_hash), loaded_at: Some(Timestamp::now()), ..Reload::default() };
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.metrics.reloaded("active");
        tracing::info!(program = loaded.hash.short(), "program active");
        if let Some(secrets) = self.secrets.clone() {
            tokio::spawn(tell_of_missing(loaded.clone(), secrets));
        }
        Reloaded::Active { hash: loaded.hash.clone() }
    }

    fn refuse(&self, sources_hash: Option<String>, findings: Vec<serde_json::Value>) {
        self.metrics.reloaded("refused");
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.sources_hash = sources_hash;
        state.refused_at = Some(Timestamp::now());
        state.refusal = findings;
    }
}

/// Notes which commit the folder of a program is at now. The same texts may have come to be another commit.
async fn note_commit(programs: Arc<Programs>, folder: PathBuf, program: ProgramHash) {
    let Ok(Some(commit)) = tokio::task::spawn_blocking(move || checkout::commit(&folder)).await else { return };
    if let Err(error) = programs.note_commit(&program, commit).await {
        tracing::warn!(%error, "the commit of the program is not noted");
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
fn compile(held: &mut Held, folder: &std::path::Path, before: Option<&str>) -> Outcome {
    if let (Some(named), Some(before)) = (&held.named, before)
        && load::fingerprint(folder, named).is_ok_and(|sources| sources == before)
    {
        return Outcome::Unchanged;
    }
    let Held { workspace, named } = held;
    *named = None;
    let hash = match load::refresh(workspace, folder) {
        Ok(hash) => hash,
        Err(error) => return Outcome::Unreadable(error),
    };
    if before == Some(hash.as_str()) {
        return Outcome::Unchanged;
    }
    let compiled = workspace.compile();
    // Of a program that runs the author has seen the others, or can; what is not read may be a mistake of the machine's.
    let is_refused = compiled.program.is_none();
    let (errors, warnings): (Vec<_>, Vec<_>) = compiled.diagnostics.iter().cloned().partition(Diagnostic::is_error);
    let told = warnings.into_iter().filter(|found| is_refused || found.code == Code::FileSkipped).collect::<Vec<_>>();
    log::warn(&report::concise(&told, workspace.sources()));
    match compiled.program {
        Some(program) => Outcome::Compiled { hash, program: Box::new(program), commit: checkout::commit(folder) },
        None => Outcome::Refused {
            hash,
            findings: report::json(&compiled.diagnostics, workspace.sources()),
            text: report::concise(&errors, workspace.sources()),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::metrics::Timing;
    use crate::store::sqlite::SqliteStore;

    const SOURCE: &str = "message m { email { from \"a@b.co\" subject \"x\" text file \"m.vm\" } }
        event e { email: email }
        workflow w { on e identify by email event.email else create send m }";

    /// A daemon's start: its store, its reloader, and what the first look led to.
    async fn start(root: &Path) -> (Arc<SqliteStore>, Reloader, Reloaded) {
        let store = Arc::new(SqliteStore::open(&root.join("data")).unwrap());
        let programs = Arc::new(Programs::new(store.clone()));
        let metrics = Arc::new(Metrics::new(Timing::commits()));
        let reloader = Reloader::new(root.join("project"), programs, metrics).remembering(&root.join("data"));
        let reloaded = reloader.look().await.unwrap();
        (store, reloader, reloaded)
    }

    fn project() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("project")).unwrap();
        fs::write(root.path().join("project/a.wf"), SOURCE).unwrap();
        fs::write(root.path().join("project/m.vm"), "Hello").unwrap();
        root
    }

    /// Starts twice, with something done in between; whether the second start took its program from the store, and whether
    /// the two programs are the same.
    async fn twice(between: impl FnOnce(&Path)) -> (bool, bool) {
        let root = project();
        let (store, _, first) = start(root.path()).await;
        let note = root.path().join("data/compiled.json");
        while !note.exists() {
            tokio::task::yield_now().await;
        }
        store.close().await;
        between(root.path());
        let (store, reloader, second) = start(root.path()).await;
        let recalled = reloader.held.lock().await.named.is_some();
        let (Reloaded::Active { hash: first }, Reloaded::Active { hash: second }) = (first, second) else {
            panic!("the project compiles");
        };
        store.close().await;
        (recalled, first == second)
    }

    #[tokio::test]
    async fn a_folder_that_is_the_same_is_not_compiled_again() {
        assert_eq!(twice(|_| {}).await, (true, true));
    }

    #[tokio::test]
    async fn what_has_changed_is_compiled() {
        let write =
            |path: &'static str, text: &'static str| move |root: &Path| fs::write(root.join(path), text).unwrap();
        assert_eq!(twice(write("project/m.vm", "Good day")).await, (false, false), "a template");
        assert_eq!(twice(write("project/b.wf", "event f {}")).await, (false, false), "a new file");
        assert_eq!(twice(write("project/b.wf", "// nothing")).await, (false, true), "the same program");
    }

    #[tokio::test]
    async fn a_note_that_is_not_about_this_is_not_believed() {
        let note = "data/compiled.json";
        assert_eq!(twice(|root| fs::remove_file(root.join(note)).unwrap()).await, (false, true), "none");
        assert_eq!(twice(|root| fs::write(root.join(note), "{\"compiler\":").unwrap()).await, (false, true), "torn");
        let changed = |from: String, to: String| {
            move |root: &Path| {
                let text = fs::read_to_string(root.join(note)).unwrap();
                assert!(text.contains(&from), "{text}");
                fs::write(root.join(note), text.replace(&from, &to)).unwrap();
            }
        };
        assert_eq!(
            twice(changed(compiler::BUILD.to_owned(), "0".to_owned())).await,
            (false, true),
            "another compiler's"
        );
        let nobody = changed("\"program\":\"".to_owned(), "\"program\":\"0".to_owned());
        assert_eq!(twice(nobody).await, (false, true), "a program that the store does not have");
    }

    #[tokio::test]
    async fn what_changes_after_such_a_start_is_seen() {
        let root = project();
        let (store, reloader, _) = start(root.path()).await;
        while !root.path().join("data/compiled.json").exists() {
            tokio::task::yield_now().await;
        }
        store.close().await;
        drop(reloader);
        let (_store, reloader, _) = start(root.path()).await;
        assert!(matches!(reloader.look().await.unwrap(), Reloaded::Unchanged));
        assert!(reloader.held.lock().await.named.is_some(), "nothing was compiled for that");
        fs::write(root.path().join("project/a.wf"), "event e {").unwrap();
        assert!(matches!(reloader.look().await.unwrap(), Reloaded::Refused { .. }));
        fs::write(root.path().join("project/a.wf"), SOURCE).unwrap();
        assert!(matches!(reloader.look().await.unwrap(), Reloaded::Active { .. }));
        assert!(matches!(reloader.look().await.unwrap(), Reloaded::Unchanged));
    }
}
