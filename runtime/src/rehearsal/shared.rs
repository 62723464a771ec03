//! What the turns of a rehearsal share: its store, its clock, its log, and the programs that run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use compiler::ir::{ProgramHash, StepId};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::answers::Answers;
use super::log::{Attempt, Entry, Fact, Log};
use super::stage::Trouble;
use crate::engine::ActiveProgram;
use crate::machine::{LoadedProgram, StepRecord};
use crate::store::sqlite::MemoryStore;
use crate::store::{Accepted, Admission, RunId, StoreError};
use crate::virtual_time::VirtualClock;
use crate::webhook::Secrets;

/// What the runs of a rehearsal share.
pub(super) struct Shared {
    pub(super) store: Arc<MemoryStore>,
    pub(super) clock: VirtualClock,
    state: Mutex<State>,
    answers: Mutex<Box<dyn Answers>>,
}

/// A program with stand-ins for its secrets.
#[derive(Clone)]
pub(super) struct Running {
    pub(super) active: Arc<ActiveProgram>,
    pub(super) secrets: Arc<Secrets>,
}

pub(super) struct State {
    /// The programs that were active one after the other; the last one is.
    programs: Vec<Running>,
    /// What spreads the pauses between attempts.
    seed: u64,
    pub(super) log: Log,
    pub(super) trouble: Option<Trouble>,
    /// Runs that were admitted and have their first turn before them.
    pub(super) started: Vec<RunId>,
    /// Attempts that were begun and ended, by run and step.
    attempts: BTreeMap<(RunId, StepId), (u32, u32)>,
    /// The attempts whose outcome is still to come.
    under_way: BTreeMap<RunId, (Arc<LoadedProgram>, Attempt)>,
    /// How many steps of a run are in the log.
    told: BTreeMap<RunId, usize>,
}

impl State {
    /// Whether a program is the one that the test is of, and not one that it has reloaded.
    fn is_first(&self, program: &ProgramHash) -> bool {
        self.programs.first().is_some_and(|first| first.active.loaded.hash == *program)
    }
}

impl Shared {
    pub(super) fn new(
        store: Arc<MemoryStore>,
        start: Timestamp,
        running: Running,
        answers: Box<dyn Answers>,
    ) -> Shared {
        let state = State {
            programs: vec![running],
            seed: 0,
            log: Log::default(),
            trouble: None,
            started: vec![],
            attempts: BTreeMap::new(),
            under_way: BTreeMap::new(),
            told: BTreeMap::new(),
        };
        let (state, answers) = (Mutex::new(state), Mutex::new(answers));
        Shared { store, clock: VirtualClock::new(start), state, answers }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn answers(&self) -> MutexGuard<'_, Box<dyn Answers>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program that new runs are of. There is always one.
    pub(super) fn active(&self) -> Arc<ActiveProgram> {
        Arc::clone(&self.running(|_| false).active)
    }

    /// Another program is active from here on.
    pub(super) fn activate(&self, running: Running) {
        self.state().programs.push(running);
    }

    /// The program of a run.
    pub(super) fn program(&self, hash: &ProgramHash) -> Arc<LoadedProgram> {
        Arc::clone(&self.running(|running| running.active.loaded.hash == *hash).active.loaded)
    }

    /// The stand-ins for a program's secrets.
    pub(super) fn secrets(&self, program: &LoadedProgram) -> Arc<Secrets> {
        self.running(|running| running.active.loaded.hash == program.hash).secrets
    }

    /// The first program that is so, or else the active one.
    fn running(&self, is: impl Fn(&Running) -> bool) -> Running {
        let state = self.state();
        let found = state.programs.iter().find(|running| is(running)).or(state.programs.last());
        // INVARIANT: it begins with one, and none is taken away.
        #[expect(clippy::expect_used, reason = "it begins with one, and none is taken away")]
        found.cloned().expect("there is always a program")
    }

    pub(super) fn seed(&self) -> u64 {
        self.state().seed
    }

    pub(super) fn set_seed(&self, seed: u64) {
        self.state().seed = seed;
    }

    pub(super) fn note(&self, fact: Fact) {
        let at = self.clock.now();
        self.state().log.entries.push(Entry { at, fact, ours: true });
    }

    /// Notes what a run of a program does.
    pub(super) fn note_of(&self, program: &LoadedProgram, fact: Fact) {
        let at = self.clock.now();
        let mut state = self.state();
        let ours = state.is_first(&program.hash);
        state.log.entries.push(Entry { at, fact, ours });
    }

    pub(super) fn trouble(&self, trouble: Trouble) {
        self.state().trouble.get_or_insert(trouble);
    }

    /// Notes the steps of a run that were done since the last time.
    pub(super) fn note_steps(&self, run: RunId, program: &LoadedProgram, workflow: &SmolStr, steps: &[StepRecord]) {
        let at = self.clock.now();
        let mut state = self.state();
        let told = state.told.get(&run).copied().unwrap_or_default();
        let done = steps.get(told..).unwrap_or_default().iter().take_while(|step| step.ended_at.is_some());
        let done: Vec<StepRecord> = done.cloned().collect();
        state.told.insert(run, told + done.len());
        let ours = state.is_first(&program.hash);
        for step in done {
            state.log.entries.push(Entry { at, fact: Fact::Step { run, workflow: workflow.clone(), step }, ours });
        }
    }

    /// The number of the attempt that begins, and how many with an outcome there are with it.
    pub(super) fn begin_attempt(&self, run: RunId, step: &StepId) -> (u32, u32) {
        let mut state = self.state();
        let (begun, ended) = state.attempts.entry((run, step.clone())).or_default();
        *begun += 1;
        (*begun, *ended + 1)
    }

    /// Notes that a request has gone out, and what is told of it should its outcome never come.
    pub(super) fn note_under_way(&self, program: &Arc<LoadedProgram>, attempt: Attempt) {
        self.state().under_way.insert(attempt.run, (Arc::clone(program), attempt));
    }

    /// The attempts whose outcome is lost.
    pub(super) fn lose_under_way(&self) {
        let lost = std::mem::take(&mut self.state().under_way);
        for (program, attempt) in lost.into_values() {
            self.note_of(&program, Fact::Attempt(Box::new(attempt)));
        }
    }

    pub(super) fn end_attempt(&self, run: RunId, step: &StepId) {
        self.state().under_way.remove(&run);
        if let Some((_, ended)) = self.state().attempts.get_mut(&(run, step.clone())) {
            *ended += 1;
        }
    }

    /// Takes up what an event or a change beside the acceptance of one from outside has started.
    pub(super) fn follow(&self, accepted: &[Accepted]) -> Result<(), StoreError> {
        for accepted in accepted {
            for ending in endings(accepted) {
                self.note_end_at_once(ending)?;
            }
            if let Accepted::New { acceptance, .. } = accepted {
                for (workflow, reason_code) in self.store.kept_out(*acceptance)? {
                    self.note(Fact::KeptOut { workflow, reason_code });
                }
            }
        }
        let runs: Vec<RunId> = accepted.iter().flat_map(admitted).collect();
        self.state().started.extend(runs);
        Ok(())
    }

    fn note_end_at_once(&self, (run, ending): (RunId, crate::machine::Ending)) -> Result<(), StoreError> {
        let Some(record) = self.store.run(run)? else { return Ok(()) };
        let workflow = record.summary.workflow;
        self.note(Fact::Started { run, workflow: workflow.clone(), contact: None, card: None });
        self.note(Fact::Ended { run, workflow, ending });
        Ok(())
    }
}

fn admitted(accepted: &Accepted) -> Vec<RunId> {
    let Accepted::New { runs, .. } = accepted else { return vec![] };
    let admitted = runs.iter().filter_map(|admission| match admission {
        Admission::Admitted { run, .. } => Some(*run),
        Admission::Ended { .. } | Admission::KeptOut { .. } => None,
    });
    admitted.collect()
}

fn endings(accepted: &Accepted) -> Vec<(RunId, crate::machine::Ending)> {
    let Accepted::New { runs, .. } = accepted else { return vec![] };
    let ended = runs.iter().filter_map(|admission| match admission {
        Admission::Ended { run, ending } => Some((*run, ending.clone())),
        Admission::Admitted { .. } | Admission::KeptOut { .. } => None,
    });
    ended.collect()
}
