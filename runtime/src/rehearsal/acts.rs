//! What befalls the daemon in a rehearsal: a crash, a reload, a hand that cancels; and runs that are there already.

use std::sync::Arc;

use compiler::ir::Program;
use jiff::Timestamp;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::log::Fact;
use super::shared::Running;
use super::stage::{Play, Stage, Trouble};
use crate::directory::to_card;
use crate::engine::accept::check_as;
use crate::engine::{ActiveProgram, Begin, NewEvent, begun_by_itself};
use crate::machine::input::Event;
use crate::machine::run::{SavedEvent, SavedResult};
use crate::machine::{LoadedWorkflow, Run, Saved, cursor_of};
use crate::store::{Acceptance, Accepted, Admission, RunStatus, Start, StartContact};
use crate::value::{Value, to_json};
use crate::virtual_time::Tasks;
use crate::webhook::stand_in_secrets;

/// A run that goes on and stands before a step.
#[derive(Debug)]
pub struct Standing<'s> {
    /// Its workflow.
    pub workflow: &'s str,
    /// The step.
    pub step: &'s str,
    /// Its contact; without one its event says who is meant.
    pub contact: Option<i64>,
    /// The event that it was started by; `None` where nothing from outside has.
    pub event: Option<NewEvent>,
    /// The events that a `wait for` took, by the names that it gave them.
    pub aliases: Vec<(SmolStr, NewEvent)>,
    /// What its calls have answered: the name that it is stored under, the webhook, the value.
    pub data: Vec<(SmolStr, SmolStr, Value)>,
}

impl Stage {
    /// From here on, what is spread by chance comes out as this number wants it.
    pub fn set_seed(&self, seed: u64) {
        self.shared.set_seed(seed);
    }

    /// Loses all that is not in the store, as a crash does, and takes up from there.
    ///
    /// # Errors
    /// When the store fails.
    pub fn crash(&mut self) -> Result<(), Trouble> {
        self.tasks = Tasks::new();
        self.in_flight.clear();
        self.shared.lose_under_way();
        self.shared.note(Fact::Crashed);
        for run in self.runs()?.into_iter().filter(|run| run.status == RunStatus::Running) {
            self.take_up(run.id)?;
        }
        self.settle();
        Ok(())
    }

    /// Ends runs that go on, as a person does who cancels them: those of a workflow and of a contact, where these are named.
    /// How many there were.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cancel(&mut self, workflow: Option<&str>, contact: Option<i64>) -> Result<usize, Trouble> {
        let mut cancelled = 0;
        for run in self.runs()?.into_iter().filter(|run| !run.status.has_ended()) {
            let other = workflow.is_some_and(|workflow| run.workflow != workflow);
            if other || contact.is_some_and(|contact| run.contact != Some(contact)) {
                continue;
            }
            let Some(record) = self.shared.store.run(run.id)? else { continue };
            self.in_flight.remove(&run.id);
            self.take_up_as(record, Begin::Cancel)?;
            cancelled += 1;
        }
        self.settle();
        Ok(cancelled)
    }

    /// Another program is active from here on, or the same once more. Runs that go on stay with theirs.
    ///
    /// # Errors
    /// When the store fails.
    pub fn reload(&mut self, play: &Play, program: Option<&Arc<Program>>) -> Result<(), Trouble> {
        let before = self.shared.active();
        let after = program.map_or_else(|| Arc::clone(&before.loaded), |program| play.reloaded(program));
        let changed = after.hash != before.loaded.hash;
        self.shared.note(Fact::Reloaded { changed });
        if changed {
            let secrets = Arc::new(stand_in_secrets(&after.ir));
            let others = before.listening.iter().filter(|program| program.hash != after.hash).cloned().collect();
            let active = Arc::new(ActiveProgram::new(Arc::clone(&after), others));
            self.shared.activate(Running { active, secrets });
            let now = self.now();
            let schedules: Vec<(String, Timestamp)> =
                after.schedules().iter().map(|schedule| (schedule.name.clone(), now)).collect();
            self.schedules = self.shared.store.set_schedules(&schedules)?;
        }
        self.settle();
        Ok(())
    }

    /// A run that began before: it goes on with its step at once.
    ///
    /// # Errors
    /// When no such run could have begun, or the store fails.
    pub fn given_run(&mut self, standing: Standing<'_>) -> Result<(), Trouble> {
        let active = self.shared.active();
        let loaded = &active.loaded;
        let not_begun =
            |reason: &str| Trouble::NotBegun { workflow: standing.workflow.into(), reason: reason.to_owned() };
        let workflow = loaded.workflow(standing.workflow).ok_or_else(|| not_begun("there is no such workflow"))?;
        let cursor = cursor_of(&workflow.ir.steps, standing.step).ok_or_else(|| not_begun("it has no such step"))?;
        let saved = self.saved(&active, cursor, &standing)?;
        let acceptance = self.acceptance(&active, workflow, &standing)?;
        let Accepted::New { runs, .. } = self.shared.store.accept(&acceptance)? else {
            return Err(not_begun("its event was received before"));
        };
        match runs.into_iter().next() {
            Some(Admission::Admitted { run, contact, .. }) => {
                let card = Some(to_card(&loaded.ir.contact, &contact).fields);
                let name = workflow.name.clone();
                self.shared.note(Fact::Started { run, workflow: name, contact: Some(contact.id), card });
                let (name, id, at) = (&acceptance.name, &acceptance.event_id, acceptance.occurred_at);
                let event = Arc::new(Event::restore(&loaded.ir, name, id, at, &acceptance.params));
                let machine = Run::resume(Arc::clone(loaded), Arc::clone(workflow), event, &saved)
                    .map_err(|error| Trouble::Resume(error.to_string()))?;
                self.spawn(run, machine, Some(contact.id), 0, Begin::Start, |_| {});
                self.settle();
                Ok(())
            }
            Some(Admission::Ended { ending, .. }) => Err(not_begun(&super::expect::told(&ending))),
            Some(Admission::KeptOut { reason_code }) => Err(not_begun(reason_code)),
            None => Err(not_begun("its event does not start it")),
        }
    }

    /// The event as it was accepted, with that one run.
    fn acceptance(
        &mut self,
        active: &ActiveProgram,
        workflow: &LoadedWorkflow,
        standing: &Standing<'_>,
    ) -> Result<Acceptance, Trouble> {
        let (now, fresh_id) = (self.now(), self.fresh_id());
        let known = standing.contact.map(StartContact::Known);
        let Some(event) = &standing.event else {
            let contact = standing.contact.unwrap_or_default();
            return Ok(begun_by_itself(&active.loaded, workflow, contact, fresh_id, now));
        };
        let checked = check_as(active, event.clone(), now, || fresh_id).map_err(Trouble::Refused)?;
        let mut acceptance = checked.acceptance;
        let kept_out = acceptance.kept_out.iter().find(|(name, _)| *name == workflow.name).map(|(_, code)| *code);
        acceptance.starts.retain(|start| start.workflow == workflow.name);
        if acceptance.starts.is_empty() {
            let reason = kept_out.unwrap_or("its event does not start it").to_owned();
            return Err(Trouble::NotBegun { workflow: workflow.name.clone(), reason });
        }
        if let Some(contact) = known {
            let known = |start: Start| Start { contact: contact.clone(), ..start };
            acceptance.starts = acceptance.starts.into_iter().map(known).collect();
        }
        // Nobody is told of an event of the past, and it keeps nobody out.
        acceptance.kept_out.clear();
        acceptance.signals.clear();
        Ok(acceptance)
    }

    /// Where the run stands, as the store would have it.
    fn saved(&mut self, active: &ActiveProgram, cursor: Vec<u32>, standing: &Standing<'_>) -> Result<String, Trouble> {
        let raw = |text: String| RawValue::from_string(text).map_err(|error| Trouble::Resume(error.to_string()));
        let mut saved = Saved { cursor, listens_from: Some(self.now()), ..Saved::default() };
        for (name, webhook, value) in &standing.data {
            let (name, webhook) = (name.clone(), webhook.clone());
            saved.results.push(SavedResult { name, webhook, value: raw(to_json(value))? });
        }
        for (name, event) in &standing.aliases {
            let (now, id) = (self.now(), self.fresh_id());
            let checked = check_as(active, event.clone(), now, || id).map_err(Trouble::Refused)?;
            let event = SavedEvent {
                id: checked.event.id.clone(),
                name: checked.event.name.clone(),
                occurred_at: checked.event.occurred_at,
                received_at: now,
                params: raw(checked.acceptance.params)?,
            };
            saved.aliases.push((name.clone(), event));
        }
        serde_json::to_string(&saved).map_err(|error| Trouble::Resume(error.to_string()))
    }
}
