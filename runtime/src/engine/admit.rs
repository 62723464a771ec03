//! Admission: events are checked, kept together with the runs that they start, and these get their turn.

use std::sync::{Arc, Mutex};

use smol_str::SmolStr;
use tokio::runtime::Handle;

use super::accept::{self, Checked, EventRefusal, NewEvent, Taken};
use super::embedded::{Embedded, Job};
use super::opening::FirstTurn;
use super::programs::ActiveProgram;
use super::unstoppable::Unstoppable;
use crate::directory::to_card;
use crate::machine::input::Event;
use crate::machine::{LoadedWorkflow, Run};
use crate::store::{Acceptance, Accepted, Admission, Opening, RunStatus, StoreError};
use crate::trace::Trace;

/// An event that fits, without what the store takes.
struct Fitted {
    event: Arc<Event>,
    /// About how much memory it takes.
    bytes: usize,
    workflows: Vec<Arc<LoadedWorkflow>>,
    /// The first turns of these, where they may be kept with the admission.
    openings: Vec<Option<Arc<FirstTurn>>>,
    ignored: Vec<SmolStr>,
    trace: Option<Trace>,
}

impl Embedded {
    /// Accepts events: each answer comes after its event is durable. With `all_or_none`, one that is refused keeps the
    /// others out.
    ///
    /// # Errors
    /// When the store fails: then nothing is known of any of them, and they may be sent again with the same keys.
    pub async fn accept(&self, events: Vec<NewEvent>, all_or_none: bool) -> Result<Vec<Taken>, StoreError> {
        if self.services.is_stopping() {
            return Err(StoreError::Closed);
        }
        self.pace().await;
        let Some(program) = self.services.programs.active() else {
            return Ok(events.iter().map(|_| Taken::Refused(EventRefusal::NoProgram)).collect());
        };
        let now = self.services.clock.now();
        let changes = self.services.directory.changes();
        let checked: Vec<Result<Checked, EventRefusal>> =
            events.into_iter().map(|event| accept::check(&program, event, now)).collect();
        let refused = checked.iter().any(Result::is_err);
        if refused && all_or_none {
            let withheld = |checked: Result<Checked, EventRefusal>| match checked {
                Ok(_) => Taken::Withheld,
                Err(refusal) => Taken::Refused(refusal),
            };
            return Ok(checked.into_iter().map(withheld).collect());
        }
        let (mut acceptances, mut rest) = (Vec::with_capacity(checked.len()), Vec::with_capacity(checked.len()));
        for checked in checked {
            rest.push(checked.map(|checked| {
                let Checked { event, mut acceptance, workflows, ignored, trace } = checked;
                let bytes = acceptance.params.len();
                let openings = workflows.iter().map(|workflow| self.opening(&program, workflow, &event, &trace));
                let openings: Vec<_> = openings.collect();
                for (start, opening) in acceptance.starts.iter_mut().zip(&openings) {
                    start.opening = opening.clone().map(|opening| opening as Arc<dyn Opening>);
                }
                acceptances.push(acceptance);
                Fitted { event, bytes, workflows, openings, ignored, trace }
            }));
        }
        // A caller that goes away must not keep what was admitted from running.
        let keeping = self.clone().keep(program, acceptances, rest, all_or_none, changes);
        Unstoppable::new(self.services.clock.clone(), keeping).await
    }

    /// The first turn of a run that an event may start, if it is one to be begun where the run is admitted.
    fn opening(
        &self,
        program: &ActiveProgram,
        workflow: &Arc<LoadedWorkflow>,
        event: &Arc<Event>,
        trace: &Option<Trace>,
    ) -> Option<Arc<FirstTurn>> {
        let first = || FirstTurn {
            engine: self.clone(),
            runtime: Handle::try_current().ok(),
            program: program.loaded.clone(),
            workflow: workflow.clone(),
            event: event.clone(),
            trace: trace.clone(),
            begun: Mutex::default(),
        };
        workflow.begins_lightly.then(|| Arc::new(first()))
    }

    /// Keeps what was checked, and gives the runs that were admitted their turn.
    async fn keep(
        self,
        program: Arc<ActiveProgram>,
        acceptances: Vec<Acceptance>,
        rest: Vec<Result<Fitted, EventRefusal>>,
        all_or_none: bool,
        changes: u64,
    ) -> Result<Vec<Taken>, StoreError> {
        let mut accepted = self.services.store.accept(acceptances, all_or_none).await?.into_iter();
        let mut answers = Vec::with_capacity(rest.len());
        for entry in rest {
            let Fitted { event, bytes, workflows, openings, ignored, trace } = match entry {
                Ok(entry) => entry,
                Err(refusal) => {
                    answers.push(Taken::Refused(refusal));
                    continue;
                }
            };
            let id = event.id.clone();
            answers.push(match accepted.next() {
                Some(Accepted::New { runs, heard, .. }) => {
                    if heard {
                        self.services.sleeping.notify_one();
                    }
                    self.services.metrics.accepted(false);
                    for ((admission, workflow), opening) in runs.into_iter().zip(workflows).zip(openings) {
                        let (id, contact) = match admission {
                            Admission::Admitted { opened: Some(recorded), .. } => {
                                self.services.metrics.started(&workflow.name);
                                if let Some(opening) = opening {
                                    opening.go_on(recorded);
                                }
                                continue;
                            }
                            Admission::Admitted { run, contact, opened: None } => (run, contact),
                            Admission::Ended { ending, .. } => {
                                self.services.metrics.started(&workflow.name);
                                self.services.metrics.ended(&workflow.name, RunStatus::of(&ending).0);
                                continue;
                            }
                            Admission::KeptOut { .. } => continue,
                        };
                        self.services.metrics.started(&workflow.name);
                        let card = to_card(&program.loaded.ir.contact, &contact);
                        let bytes = bytes + contact.fields.len();
                        let mut run = Box::new(Run::new(program.loaded.clone(), workflow, event.clone()));
                        run.saved.trace.clone_from(&trace);
                        self.submit_first(id, false, Job::Admitted { run, contact: contact.id, card, changes, bytes });
                    }
                    Taken::Accepted { id, duplicate: false, ignored }
                }
                Some(Accepted::Duplicate { .. }) => {
                    self.services.metrics.accepted(true);
                    Taken::Accepted { id, duplicate: true, ignored }
                }
                Some(Accepted::KeyReused) => Taken::Refused(EventRefusal::KeyReused { key: id }),
                Some(Accepted::Withheld) => Taken::Withheld,
                None => return Err(StoreError::Failed("the store answered too few events".to_owned())),
            });
        }
        Ok(answers)
    }
}
