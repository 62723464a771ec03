//! Admission: events are checked, kept together with the runs that they start, and these get their turn.

use std::sync::{Arc, Mutex};

use smol_str::SmolStr;
use tokio::runtime::Handle;

use super::accept::{self, Checked, EventRefusal, NewEvent, Taken};
use super::embedded::Embedded;
use super::opening::FirstTurn;
use super::unstoppable::Unstoppable;
use crate::machine::LoadedWorkflow;
use crate::store::{Acceptance, Accepted, Admission, RunStatus, StoreError};

/// An event that fits, without what the store takes.
struct Fitted {
    id: SmolStr,
    workflows: Vec<Arc<LoadedWorkflow>>,
    ignored: Vec<SmolStr>,
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
                for (start, workflow) in acceptance.starts.iter_mut().zip(&workflows) {
                    start.opening = Some(Arc::new(FirstTurn {
                        engine: self.clone(),
                        runtime: Handle::try_current().ok(),
                        program: program.loaded.clone(),
                        workflow: workflow.clone(),
                        event: event.clone(),
                        accepted_at: acceptance.received_at,
                        trace: trace.clone(),
                        bytes: acceptance.params.len(),
                        changes,
                        begun: Mutex::default(),
                    }));
                }
                acceptances.push(acceptance);
                Fitted { id: event.id.clone(), workflows, ignored }
            }));
        }
        // A caller that goes away must not keep what was admitted from running.
        let keeping = self.clone().keep(acceptances, rest, all_or_none);
        Unstoppable::new(self.services.clock.clone(), keeping).await
    }

    /// Keeps what was checked; the runs that are admitted get their turn where they are.
    async fn keep(
        self,
        acceptances: Vec<Acceptance>,
        rest: Vec<Result<Fitted, EventRefusal>>,
        all_or_none: bool,
    ) -> Result<Vec<Taken>, StoreError> {
        let mut accepted = self.services.store.accept(acceptances, all_or_none).await?.into_iter();
        let mut answers = Vec::with_capacity(rest.len());
        for entry in rest {
            let Fitted { id, workflows, ignored } = match entry {
                Ok(entry) => entry,
                Err(refusal) => {
                    answers.push(Taken::Refused(refusal));
                    continue;
                }
            };
            answers.push(match accepted.next() {
                Some(Accepted::New { runs, heard, .. }) => {
                    if heard {
                        self.services.sleeping.notify_one();
                    }
                    self.services.metrics.accepted(false);
                    for (admission, workflow) in runs.into_iter().zip(workflows) {
                        if let Admission::Ended { ending, .. } = admission {
                            self.services.metrics.started(&workflow.name);
                            self.services.metrics.ended(&workflow.name, RunStatus::of(&ending).0);
                        }
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
