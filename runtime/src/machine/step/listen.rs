//! `wait for EVENT` and `exit on EVENT`: events of the contact that a run listens to.
//!
//! What counts is when an event was accepted, not when the run came to it: so no call in flight, no backlog and no restart
//! decides whether it was in time. An event counts for a `wait for` when it was accepted after the last waiting step had
//! ended: a `wait` at its time, a `wait for` that was met with the event that met it. While a `wait` goes on the run is
//! deaf to all but its exits.

use std::collections::BTreeMap;

use compiler::ir::{Block, Exit, Expression, Statement, Step, StepId};
use jiff::Timestamp;
use serde_json::value::RawValue;
use smol_str::{SmolStr, format_smolstr};

use super::{Flow, Outcome, Place, Turn, lost, place};
use crate::machine::effect::{Effect, Ending};
use crate::machine::expression::condition;
use crate::machine::input::{Happened, Heard};
use crate::machine::run::{EXIT, SavedEvent, StepRecord, Waiting};
use crate::value::{Value, to_json};

/// So many events are kept for a `wait for` to come; of more, the oldest are forgotten. All of them are written with each turn.
const KEPT_EVENTS: usize = 250;

impl Turn<'_> {
    /// Takes in what was heard. How the run ends, when one of the events makes it leave.
    pub(super) fn hear(&mut self, heard: &[Heard]) -> Option<Ending> {
        for new in heard {
            let workflow = self.workflow;
            if let Some(exit) = workflow.ir.exits.iter().find(|exit| self.leaves_on(exit, new)) {
                self.left_on(exit, new);
                return Some(Ending::Exited { event: new.event.name.clone() });
            }
            let in_time = self.saved.listens_from.is_none_or(|from| from <= new.received_at);
            if in_time && self.workflow.awaits.contains(&new.event.name) {
                self.keep_heard(new);
            }
        }
        None
    }

    fn leaves_on(&self, exit: &Exit, heard: &Heard) -> bool {
        exit.event == heard.event.name && self.holds(exit.filter.as_ref(), exit.alias.as_ref(), heard)
    }

    /// Whether a condition holds for an event. One that cannot be computed does not, as with triggers.
    fn holds(&self, filter: Option<&Expression>, alias: Option<&SmolStr>, heard: &Heard) -> bool {
        filter.is_none_or(|filter| self.decide(filter, alias, heard).0)
    }

    /// The same, with the contact's fields that it has read.
    fn decide(&self, filter: &Expression, alias: Option<&SmolStr>, heard: &Heard) -> (bool, BTreeMap<SmolStr, Value>) {
        let mut aliases = self.known.aliases.clone();
        aliases.extend(alias.map(|alias| (alias.clone(), heard.event.clone())));
        let mut scope = self.scope().noting_contact();
        scope.aliases = &aliases;
        let holds = condition(filter, &scope).unwrap_or(false);
        (holds, scope.seen())
    }

    /// Notes why the run leaves, where that was a question.
    fn left_on(&mut self, exit: &Exit, heard: &Heard) {
        let Some(filter) = &exit.filter else { return };
        let (_, seen) = self.decide(filter, exit.alias.as_ref(), heard);
        // What is open is closed by the run's end; this stands behind it.
        self.saved.steps.push(StepRecord {
            id: StepId(format_smolstr!("exit on:{}", exit.event)),
            kind: SmolStr::new_static(EXIT),
            label: Some(exit.event.clone()),
            started_at: self.at,
            ended_at: Some(self.at),
            outcome: Some(format!("came: {}", heard.event.id)),
            branch: None,
            seen: vec![],
        });
        self.saw(seen);
        if let Some(alias) = &exit.alias {
            self.bind(alias, heard);
        }
    }

    /// Gives an event a name, from here on.
    fn bind(&mut self, alias: &SmolStr, heard: &Heard) {
        let Some(saved) = saved_event(heard) else { return };
        self.saved.aliases.retain(|(name, _)| name != alias);
        self.saved.aliases.push((alias.clone(), saved));
        self.known.aliases.retain(|(name, _)| name != alias);
        self.known.aliases.push((alias.clone(), heard.event.clone()));
    }

    fn keep_heard(&mut self, heard: &Heard) {
        if self.saved.heard.len() >= KEPT_EVENTS {
            self.saved.heard.remove(0);
            self.known.heard.remove(0);
        }
        let Some(saved) = saved_event(heard) else { return };
        self.saved.heard.push(saved);
        self.known.heard.push(heard.clone());
    }

    /// Forgets what was heard up to a place in the order of acceptance.
    fn forget(&mut self, count: usize) {
        self.saved.heard.drain(..count.min(self.saved.heard.len()));
        self.known.heard.drain(..count.min(self.known.heard.len()));
    }

    /// Nothing that is accepted before a time counts for a `wait for`.
    pub(super) fn deaf_until(&mut self, until: Timestamp) {
        self.saved.listens_from = Some(until);
        let early = self.known.heard.iter().take_while(|heard| heard.received_at < until).count();
        self.forget(early);
    }

    /// `wait for EVENT`: done at once when it has come.
    pub(super) fn wait_for_event(&mut self, step: &Step, up_to: &Expression) -> Outcome {
        let label = match &step.statement {
            Statement::WaitFor { event, .. } => Some(event),
            _ => None,
        };
        self.begun(&step.id, "wait for", label);
        let until = self.end_of(up_to)?;
        if let Some(came) = self.came(step, None) {
            return Ok(came);
        }
        self.forget(usize::MAX);
        Ok(Flow::Wait(Waiting::Event { step: step.id.clone(), until }))
    }

    /// What follows for a run that waits for an event, when something was heard or its time has come; `None` when it still
    /// waits.
    pub(super) fn listened(&mut self, steps: &Block, what: &Happened) -> Option<Outcome> {
        let Some(Waiting::Event { step: waiting, until }) = self.saved.waiting.clone() else { return None };
        let Some(Place::Statement(step)) = place(steps, &self.saved.cursor) else { return Some(Err(lost())) };
        if let Happened::Woken { step } = what
            && *step != waiting
        {
            return None;
        }
        if let Some(came) = self.came(step, Some(until)) {
            self.saved.waiting = None;
            return Some(Ok(came));
        }
        // What came in time and is not what it waits for is behind it.
        let passed = self.known.heard.iter().take_while(|heard| heard.received_at < until).count();
        self.forget(passed);
        match what {
            Happened::Woken { .. } if self.at >= until => {
                self.saved.waiting = None;
                self.deaf_until(until);
                self.done(&step.id, "did not come in time".to_owned());
                Some(Ok(Flow::Enter(1)))
            }
            Happened::Woken { .. } => {
                // The clock was set back since: the wish stands.
                let event = self.awaited().unwrap_or_default();
                self.effects.push(Effect::Await { step: waiting, event, until });
                None
            }
            _ => None,
        }
    }

    /// Takes the first event that a `wait for` is met with, and forgets it and what was accepted before it.
    fn came(&mut self, step: &Step, until: Option<Timestamp>) -> Option<Flow> {
        let Statement::WaitFor { event, alias, filter, .. } = &step.statement else { return None };
        let at = self.known.heard.iter().position(|heard| {
            heard.event.name == *event
                && until.is_none_or(|until| heard.received_at < until)
                && self.holds(filter.as_ref(), alias.as_ref(), heard)
        })?;
        let heard = self.known.heard.get(at)?.clone();
        if let Some(filter) = filter {
            let (_, seen) = self.decide(filter, alias.as_ref(), &heard);
            self.saw(seen);
        }
        if let Some(alias) = alias {
            self.bind(alias, &heard);
        }
        self.forget(at.saturating_add(1));
        self.done(&step.id, format!("came: {}", heard.event.id));
        Some(Flow::Enter(0))
    }

    /// The event type that the run stands and waits for.
    pub(super) fn awaited(&self) -> Option<SmolStr> {
        match place(&self.workflow.ir.steps, &self.saved.cursor)? {
            Place::Statement(Step { statement: Statement::WaitFor { event, .. }, .. }) => Some(event.clone()),
            _ => None,
        }
    }
}

fn saved_event(heard: &Heard) -> Option<SavedEvent> {
    let event = &heard.event;
    Some(SavedEvent {
        id: event.id.clone(),
        name: event.name.clone(),
        occurred_at: event.occurred_at,
        received_at: heard.received_at,
        params: RawValue::from_string(to_json(&Value::Record(event.params.clone()))).ok()?,
    })
}
