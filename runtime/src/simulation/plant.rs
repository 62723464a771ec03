//! Defects that are planted between the engine and its store, to show that the simulation finds each of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use compiler::ir::{ProgramHash, StepId};

use super::story;
use crate::clock::Clock;
use crate::store::hooked::Hooks;
use crate::store::{Acceptance, AttemptStarted, Progress, RunId, RunRecord, StoreError};

/// A defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plant {
    /// An event is answered before it is kept.
    AnsweredTooEarly,
    /// Keys of events are not looked at.
    NoDedup,
    /// That an attempt is made is written with its outcome.
    EffectBeforeIntent,
    /// Where a run stands is written once, and never again.
    StateForgotten,
    /// Runs that were put to sleep before a restart are never woken.
    TimersForgotten,
    /// Runs are taken up in another order than that of their events.
    OrderLost,
    /// A run goes on with the program that is newer than its own.
    OtherProgram,
    /// Keys that receivers see change with a restart.
    KeyOfOneLife,
    /// Pauses before attempts become longer and shorter as the clock is set.
    PausesByTheWallClock,
}

impl Plant {
    pub(crate) const ALL: [Plant; 9] = [
        Plant::AnsweredTooEarly,
        Plant::NoDedup,
        Plant::EffectBeforeIntent,
        Plant::StateForgotten,
        Plant::TimersForgotten,
        Plant::OrderLost,
        Plant::OtherProgram,
        Plant::KeyOfOneLife,
        Plant::PausesByTheWallClock,
    ];
}

/// A defect at work; with none, all is passed on.
pub(crate) struct Planted {
    pub(crate) plant: Option<Plant>,
    /// Which daemon on the store this is.
    pub(crate) life: u32,
    pub(crate) clock: Clock,
    /// What the runs' states were first. It outlives the daemon.
    pub(crate) states: Arc<Mutex<HashMap<RunId, Arc<str>>>>,
    held: Mutex<HashMap<(RunId, StepId, u32), AttemptStarted>>,
    put_to_sleep: Mutex<HashSet<RunId>>,
}

impl Planted {
    pub(crate) fn new(
        plant: Option<Plant>,
        life: u32,
        clock: Clock,
        states: Arc<Mutex<HashMap<RunId, Arc<str>>>>,
    ) -> Planted {
        Planted { plant, life, clock, states, held: Mutex::default(), put_to_sleep: Mutex::default() }
    }
}

impl Hooks for Planted {
    fn before(&self, verb: &'static str) -> Result<(), StoreError> {
        let refused = verb == "shift_rests" && self.plant == Some(Plant::PausesByTheWallClock);
        if refused { Err(StoreError::Refused("as planted".to_owned())) } else { Ok(()) }
    }

    fn answers_early(&self) -> Option<Clock> {
        (self.plant == Some(Plant::AnsweredTooEarly)).then(|| self.clock.clone())
    }

    fn accept(&self, acceptances: &mut Vec<Acceptance>) {
        if self.plant == Some(Plant::NoDedup) {
            acceptances.iter_mut().for_each(|acceptance| acceptance.key = None);
        }
    }

    fn record(&self, progress: &mut Progress) {
        match self.plant {
            Some(Plant::EffectBeforeIntent) => {
                let mut held = self.held.lock().unwrap();
                let run = progress.run;
                for started in std::mem::take(&mut progress.attempts_started) {
                    held.insert((run, started.step.clone(), started.number), started);
                }
                for ended in &progress.attempts_ended {
                    progress.attempts_started.extend(held.remove(&(run, ended.step.clone(), ended.number)));
                }
            }
            Some(Plant::StateForgotten) if !progress.status.has_ended() => {
                let mut states = self.states.lock().unwrap();
                progress.saved = states.entry(progress.run).or_insert_with(|| progress.saved.clone()).clone();
            }
            Some(Plant::TimersForgotten) => {
                self.put_to_sleep.lock().unwrap().insert(progress.run);
            }
            _ => {}
        }
    }

    fn read(&self, verb: &'static str, runs: &mut Vec<RunRecord>) {
        match self.plant {
            Some(Plant::TimersForgotten) if verb == "due" => {
                let known = self.put_to_sleep.lock().unwrap();
                runs.retain(|run| known.contains(&run.summary.id));
            }
            // The last one stays, for reading goes on behind it.
            Some(Plant::OrderLost) if verb == "unfinished" => {
                if let Some((_, before)) = runs.split_last_mut() {
                    before.reverse();
                }
            }
            _ => {}
        }
    }

    fn program(&self, hash: ProgramHash) -> ProgramHash {
        match self.plant {
            Some(Plant::OtherProgram) => story::hash(1),
            _ => hash,
        }
    }

    fn identity(&self, identity: u64) -> u64 {
        match self.plant {
            Some(Plant::KeyOfOneLife) => identity ^ u64::from(self.life),
            _ => identity,
        }
    }
}
