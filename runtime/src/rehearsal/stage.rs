//! The stage of a rehearsal: a store in memory, a clock that is moved by hand, and runs that have their turns on one thread.
//!
//! What is admitted, who is found, what listens, when an attempt is made again: all of that is decided by what the daemon
//! decides it with. There is no way from here to any network: no type in this room could open a connection.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use compiler::ir::Program;
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};

use super::answers::{Answers, Asked};
use super::coverage::{Coverage, Point};
use super::log::{Fact, Log};
use super::shared::{Running, Shared};
use crate::directory::{change_of, to_card};
use crate::engine::accept::check_as;
use crate::engine::{ActiveProgram, Begin, EventRefusal, NewEvent, Stop, TurnEnd};
use crate::machine::{Card, LoadedProgram, Run, Saved};
use crate::store::sqlite::MemoryStore;
use crate::store::{Accepted, Admission, ContactConflict, RunId, RunQuery, RunSummary, ScheduleRecord, StoreError};
use crate::value::{Mismatch, Record};
use crate::virtual_time::Tasks;
use crate::webhook::{Secrets, stand_in_secrets};

/// So many turns a rehearsal has at most: workflows may start each other, and schedules come often.
pub(super) const TURNS: u32 = if cfg!(test) { 2_000 } else { 100_000 };

/// A program, ready to be rehearsed any number of times.
#[derive(Clone, Debug)]
pub struct Play {
    active: Arc<ActiveProgram>,
    secrets: Arc<Secrets>,
    /// The programs of reloads, by the place of each in memory: many tests, and each row of a table, have the same.
    reloads: Arc<Mutex<BTreeMap<usize, Arc<LoadedProgram>>>>,
}

impl Play {
    /// Links a program.
    pub fn new(program: Program) -> Play {
        let secrets = Arc::new(stand_in_secrets(&program));
        let active = Arc::new(ActiveProgram::new(Arc::new(LoadedProgram::counting(program)), vec![]));
        Play { active, secrets, reloads: Arc::default() }
    }

    /// Which ways the conditions and loops of messages went, in all that was rehearsed so far.
    pub fn coverage(&self) -> Coverage {
        let mut coverage = Coverage::default();
        for (message, channel, part, template) in self.program().templates() {
            for (way, count) in template.ways().into_iter().filter(|(_, count)| *count > 0) {
                let point = Point::Way { message: message.clone(), channel: channel.clone(), part, way };
                coverage.counts.insert(point, count);
            }
        }
        coverage
    }

    /// A program that a test reloads, linked. Whoever calls this holds the test, so that its program stays where it is.
    pub(super) fn reloaded(&self, program: &Arc<Program>) -> Arc<LoadedProgram> {
        let mut reloads = self.reloads.lock().unwrap_or_else(PoisonError::into_inner);
        let place = Arc::as_ptr(program).addr();
        Arc::clone(reloads.entry(place).or_insert_with(|| Arc::new(LoadedProgram::new(Program::clone(program)))))
    }

    /// The program.
    pub fn program(&self) -> &LoadedProgram {
        &self.active.loaded
    }
}

/// Why a rehearsal cannot go on.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Trouble {
    /// A call that nothing answers.
    #[error("a call has no stub")]
    Unstubbed(Box<Asked>),
    /// An event that is not taken.
    #[error("the event is not taken: {0:?}")]
    Refused(EventRefusal),
    /// A contact that cannot be as it is given.
    #[error("the contact does not fit: {}", .0.iter().map(|one| format!("`{}` {}", one.path, one.message)).collect::<Vec<_>>().join(", "))]
    Contact(Vec<Mismatch>),
    /// Its identifiers lead to no one contact.
    #[error(transparent)]
    Conflict(#[from] ContactConflict),
    /// It goes on and on.
    #[error("it goes on for more than {TURNS} turns; do workflows start each other?")]
    Endless,
    /// The store in memory refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run cannot be taken up again.
    #[error("a run cannot be taken up again: {0}")]
    Resume(String),
    /// A run that is given would not have begun.
    #[error("no run of `{workflow}` begins like this: {reason}")]
    NotBegun {
        /// The workflow.
        workflow: SmolStr,
        /// Why.
        reason: String,
    },
}

/// A run that has not ended.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Its workflow.
    pub workflow: SmolStr,
    /// The step that it waits at; `None` when it does not wait.
    pub step: Option<SmolStr>,
    /// Until when it waits at most.
    pub until: Option<Timestamp>,
}

/// A rehearsal that goes on.
pub struct Stage {
    pub(super) shared: Arc<Shared>,
    pub(super) tasks: Tasks<'static, (RunId, Result<TurnEnd, Stop>)>,
    pub(super) in_flight: BTreeSet<RunId>,
    pub(super) schedules: Vec<ScheduleRecord>,
    pub(super) turns: u32,
    events: u32,
}

impl Stage {
    /// A rehearsal that begins at a moment, with a store that is emptied for it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn new(
        play: &Play,
        store: Arc<MemoryStore>,
        start: Timestamp,
        answers: Box<dyn Answers>,
    ) -> Result<Stage, Trouble> {
        store.clear()?;
        let schedules =
            play.program().schedules().iter().map(|schedule| (schedule.name.clone(), start)).collect::<Vec<_>>();
        let schedules = if schedules.is_empty() { vec![] } else { store.set_schedules(&schedules)? };
        let running = Running { active: Arc::clone(&play.active), secrets: Arc::clone(&play.secrets) };
        Ok(Stage {
            shared: Arc::new(Shared::new(store, start, running, answers)),
            tasks: Tasks::new(),
            in_flight: BTreeSet::new(),
            schedules,
            turns: 0,
            events: 0,
        })
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// What has happened so far.
    pub fn log(&self) -> Log {
        self.shared.state().log.clone()
    }

    /// Looks at what has happened so far.
    pub fn read<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.shared.state().log)
    }

    /// The program that is active.
    pub fn program(&self) -> Arc<LoadedProgram> {
        Arc::clone(&self.shared.active().loaded)
    }

    /// Who answers from here on.
    pub fn set_answers(&self, answers: Box<dyn Answers>) {
        *self.shared.answers() = answers;
    }

    /// Why it cannot go on, if so.
    pub fn trouble(&self) -> Option<Trouble> {
        self.shared.state().trouble.clone()
    }

    /// Makes or changes a contact, as the API does. One that is made may have a number of the caller's choice.
    ///
    /// # Errors
    /// When the fields do not fit, or identify nobody or several.
    pub fn contact(&mut self, fields: &Record, id: Option<i64>) -> Result<i64, Trouble> {
        let active = self.shared.active();
        let now = self.now();
        let mut change = change_of(&active.loaded.ir.contact, None, fields, now).map_err(Trouble::Contact)?;
        let wanted = change.id.or(id);
        let exists = match wanted {
            Some(id) => self.shared.store.contact(id)?.is_some(),
            None => false,
        };
        if let (Some(id), false) = (wanted, exists) {
            let made = self.shared.store.make_contact(Some(id), &change.fields, now)?;
            self.shared.note(Fact::Contact { id: made.id, created: true });
            return Ok(made.id);
        }
        change.id = wanted;
        change.watching = active.watching(None, 0);
        match self.shared.store.put_contact(&change)? {
            Ok(put) => {
                self.shared.note(Fact::Contact { id: put.contact.id, created: put.created });
                self.shared.follow(&put.raised)?;
                self.settle();
                Ok(put.contact.id)
            }
            // Nobody can find such a contact by an event, but a schedule has it.
            Err(ContactConflict::NoIdentifier) => {
                let made = self.shared.store.make_contact(None, &change.fields, now)?;
                self.shared.note(Fact::Contact { id: made.id, created: true });
                Ok(made.id)
            }
            Err(conflict) => Err(conflict.into()),
        }
    }

    /// The card of a contact, as it is now.
    ///
    /// # Errors
    /// When the store fails.
    pub fn card(&self, id: i64) -> Result<Option<Card>, Trouble> {
        let active = self.shared.active();
        Ok(self.shared.store.contact(id)?.map(|record| to_card(&active.loaded.ir.contact, &record)))
    }

    /// Takes an event, and lets all happen that follows at once. Its id, when it has no key.
    ///
    /// # Errors
    /// When it is not taken.
    pub fn receive(&mut self, new: NewEvent) -> Result<SmolStr, Trouble> {
        let active = self.shared.active();
        let now = self.now();
        let fresh_id = self.fresh_id();
        let checked = check_as(&active, new, now, || fresh_id).map_err(Trouble::Refused)?;
        let (id, name) = (checked.event.id.clone(), checked.event.name.clone());
        let accepted = self.shared.store.accept(&checked.acceptance)?;
        let duplicate = matches!(accepted, Accepted::Duplicate { .. });
        if let Accepted::KeyReused = accepted {
            return Err(Trouble::Refused(EventRefusal::KeyReused { key: id }));
        }
        self.shared.note(Fact::Received { event: name, id: id.clone(), duplicate });
        let Accepted::New { runs, .. } = accepted else { return Ok(id) };
        for (workflow, reason_code) in checked.acceptance.kept_out {
            let reason_code = SmolStr::new_static(reason_code);
            self.shared.note(Fact::KeptOut { workflow, reason_code });
        }
        for (admission, workflow) in runs.into_iter().zip(checked.workflows) {
            let name = workflow.name.clone();
            match admission {
                Admission::Admitted { run, contact, .. } => {
                    let card = Some(to_card(&active.loaded.ir.contact, &contact).fields);
                    self.shared.note(Fact::Started { run, workflow: name, contact: Some(contact.id), card });
                    let machine = Run::new(Arc::clone(&active.loaded), workflow, Arc::clone(&checked.event));
                    self.spawn(run, machine, Some(contact.id), 0, Begin::Start, |_| {});
                }
                Admission::Ended { run, ending } => {
                    self.shared.note(Fact::Started { run, workflow: name.clone(), contact: None, card: None });
                    self.shared.note(Fact::Ended { run, workflow: name, ending });
                }
                Admission::KeptOut { reason_code } => {
                    let reason_code = SmolStr::new_static(reason_code);
                    self.shared.note(Fact::KeptOut { workflow: name, reason_code });
                }
            }
        }
        self.settle();
        Ok(id)
    }

    /// The id of an event without a key of its own.
    pub(super) fn fresh_id(&mut self) -> SmolStr {
        self.events += 1;
        format_smolstr!("00000000-0000-7000-8000-{:012}", self.events)
    }

    /// Moves the clock on to a moment; all that falls due until then happens.
    pub fn advance_to(&mut self, to: Timestamp) {
        self.settle();
        while let Some(next) = self.next_moment().filter(|next| *next <= to) {
            self.shared.clock.advance_to(next);
            self.settle();
            if self.has_trouble() {
                return;
            }
        }
        self.shared.clock.advance_to(to);
        self.settle();
    }

    /// Moves the clock on to the next moment at which something happens, up to one; `false` when nothing does.
    pub fn step(&mut self, up_to: Timestamp) -> bool {
        self.settle();
        match self.next_moment().filter(|next| *next <= up_to && !self.has_trouble()) {
            Some(next) => {
                self.shared.clock.advance_to(next);
                self.settle();
                true
            }
            None => false,
        }
    }

    /// All runs, in the order of their start.
    ///
    /// # Errors
    /// When the store fails.
    pub fn runs(&self) -> Result<Vec<RunSummary>, Trouble> {
        let mut runs = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.shared.store.runs(&RunQuery { cursor, limit: 500, ..RunQuery::default() })?;
            runs.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                runs.reverse();
                return Ok(runs);
            }
        }
    }

    /// The runs that go on and wait: the workflow, the step, and until when it waits at most.
    ///
    /// # Errors
    /// When the store fails.
    pub fn waiting(&self) -> Result<Vec<Waits>, Trouble> {
        let mut waiting = Vec::new();
        for run in self.runs()?.into_iter().filter(|run| !run.status.has_ended()) {
            let record = self.shared.store.run(run.id)?;
            let saved = record.and_then(|record| serde_json::from_str::<Saved>(record.saved.as_deref()?).ok());
            let step = saved.and_then(|saved| saved.waiting.map(|waiting| waiting.step().0.clone()));
            waiting.push(Waits { workflow: run.workflow, step, until: run.wake_at });
        }
        Ok(waiting)
    }

    /// The workflows that an event started no run of, with the reason codes.
    ///
    /// # Errors
    /// When the store fails.
    pub fn kept_out(&self, event_id: &str) -> Result<Vec<(SmolStr, SmolStr)>, Trouble> {
        Ok(self.shared.store.event(event_id)?.map(|event| event.kept_out).unwrap_or_default())
    }

    pub(super) fn has_trouble(&self) -> bool {
        self.shared.state().trouble.is_some()
    }
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Stage").field("now", &self.now()).finish_non_exhaustive()
    }
}
