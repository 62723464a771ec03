//! The program that runs, and the ones that runs are pinned to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arc_swap::ArcSwapOption;
use compiler::ir::{Program, ProgramHash, ReadError, Type};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::unfit::{Unfit, changed_fields, unfit};
use crate::machine::LoadedProgram;
use crate::store::{Commit, Store, StoreError, Watches, Watching};

/// The program that runs, and the ones that runs are pinned to. A program is in the store before anything is pinned to it.
pub struct Programs {
    store: Arc<dyn Store>,
    active: ArcSwapOption<ActiveProgram>,
    pinned: Mutex<HashMap<ProgramHash, Weak<LoadedProgram>>>,
}

/// The program that new events are pinned to.
#[derive(Debug)]
pub struct ActiveProgram {
    /// The program.
    pub loaded: Arc<LoadedProgram>,
    /// The record type of each event's parameters.
    event_types: HashMap<SmolStr, Type>,
    /// Every program that runs which listen to events may be pinned to; this one among them if its runs listen.
    pub(crate) listening: Vec<Arc<LoadedProgram>>,
    /// What a change of a contact starts.
    watches: Option<Arc<Watches>>,
}

/// Why a pinned program is not there.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store does not have it.
    #[error("the store has no program {0}")]
    Missing(ProgramHash),
    /// This version cannot read it.
    #[error("program {hash} cannot be read: {source}")]
    Unreadable {
        /// The program.
        hash: ProgramHash,
        /// Why.
        source: ReadError,
    },
}

impl ActiveProgram {
    /// A program that is active, beside others whose runs listen.
    pub(crate) fn new(loaded: Arc<LoadedProgram>, mut listening: Vec<Arc<LoadedProgram>>) -> ActiveProgram {
        let events = loaded.ir.events.iter();
        let event_types = events.map(|(name, event)| (name.clone(), Type::Record(event.fields.clone()))).collect();
        if loaded.listens() {
            listening.push(loaded.clone());
        }
        let watches = super::change::watches(&loaded).map(Arc::new);
        ActiveProgram { loaded, event_types, listening, watches }
    }

    /// What a change of a contact starts that a run of this workflow has made, or somebody outside. `depth` says how many
    /// runs led to it.
    pub fn watching(&self, workflow: Option<&SmolStr>, depth: u32) -> Option<Watching> {
        let watches = self.watches.clone()?;
        Some(Watching { watches, workflow: workflow.cloned(), depth, first_state: None })
    }

    /// The record type of an event's parameters, if the program has such an event.
    pub fn event_type(&self, name: &str) -> Option<&Type> {
        self.event_types.get(name)
    }
}

impl Programs {
    /// No program yet.
    pub fn new(store: Arc<dyn Store>) -> Programs {
        Programs { store, active: ArcSwapOption::empty(), pinned: Mutex::default() }
    }

    /// Keeps a program in the store, then makes it the one that new events are pinned to.
    ///
    /// # Errors
    /// When the store fails; what ran before goes on.
    pub async fn activate(&self, program: Program) -> Result<Arc<LoadedProgram>, StoreError> {
        let json = program.to_json();
        let hash = ProgramHash::of(&json);
        let loaded = Arc::new(LoadedProgram::with_hash(program, hash));
        if let Some(active) = self.active().filter(|active| active.loaded.hash == loaded.hash) {
            return Ok(active.loaded.clone());
        }
        self.store.put_program(loaded.hash.clone(), json, Timestamp::now()).await?;
        self.remember(&loaded);
        let listening = self.listening_beside(&loaded.hash).await?;
        self.active.store(Some(Arc::new(ActiveProgram::new(loaded.clone(), listening))));
        Ok(loaded)
    }

    /// Makes the program of this hash the one that new events are pinned to, if it was that before a restart; `None` when it
    /// was not, or cannot be read any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn activate_again(&self, hash: &ProgramHash) -> Result<Option<Arc<LoadedProgram>>, StoreError> {
        if self.store.last_program().await?.as_ref() != Some(hash) {
            return Ok(None);
        }
        let Some(json) = self.store.program(hash.clone()).await? else { return Ok(None) };
        if ProgramHash::of(&json) != *hash {
            return Ok(None);
        }
        let Ok(program) = Program::from_json(&json) else { return Ok(None) };
        let loaded = Arc::new(LoadedProgram::with_hash(program, hash.clone()));
        self.remember(&loaded);
        let listening = self.listening_beside(&loaded.hash).await?;
        self.active.store(Some(Arc::new(ActiveProgram::new(loaded.clone(), listening))));
        Ok(Some(loaded))
    }

    /// Notes which commit a program was loaded from.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note_commit(&self, hash: &ProgramHash, commit: Commit) -> Result<(), StoreError> {
        self.store.put_commit(hash.clone(), commit).await
    }

    /// The program that is active, or before that the one that was activated last, if this version can read it.
    pub async fn latest(&self) -> Option<Arc<LoadedProgram>> {
        match self.active() {
            Some(active) => Some(active.loaded.clone()),
            None => self.pinned(&self.store.last_program().await.ok()??).await.ok(),
        }
    }

    /// The contact fields that another program than before has changed, and whose kept values do not all fit any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unfit(&self, before: &LoadedProgram, after: &LoadedProgram) -> Result<Vec<Unfit>, StoreError> {
        let fields = changed_fields(&before.ir.contact, &after.ir.contact);
        if fields.is_empty() {
            return Ok(vec![]);
        }
        unfit(&*self.store, &after.ir.contact, &fields).await
    }

    /// Lets the store make ready for the segments of the program that runs. It takes a while, and lists are only slower before.
    pub async fn index_segments(&self) {
        let Some(program) = self.active().map(|active| active.loaded.clone()) else { return };
        loop {
            match self.store.index_segments(program.clone()).await {
                Ok(true) => {}
                Ok(false) | Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "the members of segments are found without indexes");
                    return;
                }
            }
        }
    }

    /// Makes the program that was activated last, before a restart, the one that new events are pinned to; `false` when
    /// there is none.
    ///
    /// # Errors
    /// When the store fails or this version cannot read the program.
    pub async fn activate_last(&self) -> Result<bool, PinError> {
        let Some(hash) = self.store.last_program().await? else { return Ok(false) };
        let loaded = self.pinned(&hash).await?;
        let listening = self.listening_beside(&loaded.hash).await?;
        self.active.store(Some(Arc::new(ActiveProgram::new(loaded, listening))));
        Ok(true)
    }

    /// Whether this version can read every program that a run which goes on is pinned to.
    ///
    /// # Errors
    /// With the first that it cannot read, and when the store fails.
    pub async fn check_pinned(&self) -> Result<(), PinError> {
        for hash in self.store.foreign_programs(compiler::ir::IR_VERSION).await? {
            self.pinned(&hash).await?;
        }
        Ok(())
    }

    /// The other programs that runs which listen are, or are just being, pinned to.
    async fn listening_beside(&self, active: &ProgramHash) -> Result<Vec<Arc<LoadedProgram>>, StoreError> {
        let before = self.active();
        let before: Vec<Arc<LoadedProgram>> = before.map(|before| before.listening.clone()).unwrap_or_default();
        let kept = self.store.listening_programs().await?;
        let mut listening = Vec::new();
        for hash in kept.iter().filter(|hash| *hash != active) {
            match self.pinned(hash).await {
                Ok(program) => listening.push(program),
                Err(PinError::Store(error)) => return Err(error),
                Err(error) => tracing::error!(%error, "runs that listen to events cannot be told of any"),
            }
        }
        // Whoever still holds one may be about to admit its first run that listens.
        let held = |program: &Arc<LoadedProgram>| Arc::strong_count(program) > 2;
        let missing = |program: &Arc<LoadedProgram>| program.hash != *active && !kept.contains(&program.hash);
        let last = before.last().map(|program| program.hash.clone());
        listening.extend(
            before
                .into_iter()
                .filter(|program| missing(program) && (held(program) || Some(&program.hash) == last.as_ref())),
        );
        Ok(listening)
    }

    /// Lets runs of a program be told of events that listen again.
    pub fn listen_also(&self, program: &Arc<LoadedProgram>) {
        self.active.rcu(|active| {
            let active = active.as_ref()?;
            if active.listening.iter().any(|listening| listening.hash == program.hash) {
                return Some(Arc::clone(active));
            }
            let others = active.listening.iter().filter(|listening| listening.hash != active.loaded.hash);
            let listening = others.chain([program]).cloned().collect();
            Some(Arc::new(ActiveProgram::new(active.loaded.clone(), listening)))
        });
    }

    /// The program that new events are pinned to.
    pub fn active(&self) -> Option<Arc<ActiveProgram>> {
        self.active.load_full()
    }

    /// A program that something is pinned to, read from the store when no run holds it.
    ///
    /// # Errors
    /// When the store does not have it or this version cannot read it.
    pub async fn pinned(&self, hash: &ProgramHash) -> Result<Arc<LoadedProgram>, PinError> {
        if let Some(active) = self.active().filter(|active| active.loaded.hash == *hash) {
            return Ok(active.loaded.clone());
        }
        if let Some(loaded) = self.lock().get(hash).and_then(Weak::upgrade) {
            return Ok(loaded);
        }
        let json = self.store.program(hash.clone()).await?.ok_or_else(|| PinError::Missing(hash.clone()))?;
        let ir = Program::from_json(&json).map_err(|source| PinError::Unreadable { hash: hash.clone(), source })?;
        let loaded = Arc::new(LoadedProgram::new(ir));
        self.remember(&loaded);
        Ok(loaded)
    }

    fn remember(&self, loaded: &Arc<LoadedProgram>) {
        let mut pinned = self.lock();
        pinned.retain(|_, program| program.strong_count() > 0);
        pinned.insert(loaded.hash.clone(), Arc::downgrade(loaded));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ProgramHash, Weak<LoadedProgram>>> {
        // A panic while it was held left a map that is still a map.
        self.pinned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Programs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hash = self.active().map(|active| active.loaded.hash.clone());
        out.debug_struct("Programs").field("active", &hash).finish_non_exhaustive()
    }
}
