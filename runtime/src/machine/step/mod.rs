//! One turn of a run: from what happened to where it waits next. One statement a file.
//!
//! The cursor is a path of indexes: the statement in the outermost block, the branch of it that is running, the
//! statement in that branch, and so on. It names the statement that the run stands at; at the end of a branch the
//! statement around it is done.

mod branch;
mod call;
mod emit;
mod end;
mod gateway;
mod listen;
mod send;
mod set;
mod split;
#[cfg(test)]
mod tests;
mod wait;
mod zone;

pub(super) use zone::next as next_time_of_day;

use std::collections::BTreeMap;
use std::sync::Arc;

use compiler::ir::{Block, Statement, Step, StepId};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::effect::{Effect, Ending, ReasonCode};
use super::expression::{ExpressionError, Scope};
use super::input::{Card, Event, Happened, Input};
use super::program::{LoadedProgram, LoadedWorkflow};
use super::run::{Known, Saved, Seen, StepRecord, Waiting};
use crate::value::{Record, Value, to_json};

/// So much of a field's value is kept with a decision, in bytes.
const SEEN_BYTES: usize = 1_024;

/// A turn of a run.
pub(super) struct Turn<'a> {
    program: &'a LoadedProgram,
    workflow: &'a LoadedWorkflow,
    event: &'a Event,
    saved: &'a mut Saved,
    known: &'a mut Known,
    at: Timestamp,
    /// The contact with what was set in this turn.
    card: Option<Card>,
    effects: Vec<Effect>,
}

/// Where a statement leads.
#[derive(Debug)]
enum Flow {
    /// To the statement after it.
    Next,
    /// Into a branch of it.
    Enter(u32),
    /// Nowhere before something happens.
    Wait(Waiting),
    /// To the end of the run.
    End(Ending),
}

/// A statement that fails ends the run.
type Outcome = Result<Flow, Ending>;

/// Where a cursor points.
pub(super) enum Place<'w> {
    Statement(&'w Step),
    EndOfBlock,
}

impl<'a> Turn<'a> {
    pub(super) fn new(
        program: &'a LoadedProgram,
        workflow: &'a LoadedWorkflow,
        event: &'a Event,
        saved: &'a mut Saved,
        known: &'a mut Known,
        input: &Input<'_>,
    ) -> Turn<'a> {
        let card = input.contact.cloned();
        Turn { program, workflow, event, saved, known, at: input.at, card, effects: vec![] }
    }

    /// Goes on until the run waits or ends. An input that it does not wait for is dropped; events that were heard never are.
    pub(super) fn run(mut self, input: &Input<'_>) -> Vec<Effect> {
        if self.saved.ending.is_some() {
            return self.effects;
        }
        let workflow = self.workflow;
        let steps = &workflow.ir.steps;
        let taken = match self.hear(input.heard) {
            // What a call, a delivery or a `set` has led to is history, and then the run ends.
            Some(exit) => {
                if matches!(input.what, Happened::Called { .. } | Happened::Sent { .. } | Happened::Claimed { .. }) {
                    self.take(steps, &input.what);
                }
                Some(Ok(Flow::End(exit)))
            }
            None => self.take(steps, &input.what),
        };
        let Some(mut outcome) = taken else { return self.effects };
        loop {
            match outcome {
                Ok(Flow::Next) => self.advance(),
                Ok(Flow::Enter(branch)) => self.enter(steps, branch),
                Ok(Flow::Wait(waiting)) => {
                    self.wait(waiting);
                    return self.effects;
                }
                Ok(Flow::End(ending)) | Err(ending) => {
                    self.end(ending);
                    return self.effects;
                }
            }
            outcome = match place(steps, &self.saved.cursor) {
                Some(Place::Statement(step)) => self.execute(step),
                Some(Place::EndOfBlock) if self.saved.cursor.len() == 1 => Ok(Flow::End(Ending::Completed)),
                Some(Place::EndOfBlock) => {
                    let outer = self.saved.cursor.len().saturating_sub(2);
                    self.saved.cursor.truncate(outer);
                    Ok(Flow::Next)
                }
                None => Err(lost()),
            };
        }
    }

    /// What an input leads to; `None` when it is stale.
    fn take(&mut self, steps: &Block, what: &Happened) -> Option<Outcome> {
        match (what, &self.saved.waiting) {
            (Happened::Cancelled, _) => return Some(Ok(Flow::End(Ending::Cancelled))),
            (Happened::Started, None) => {
                return Some(match place(steps, &self.saved.cursor) {
                    Some(Place::Statement(step)) => self.execute(step),
                    Some(Place::EndOfBlock) => Ok(Flow::End(Ending::Completed)),
                    None => Err(lost()),
                });
            }
            (Happened::Called { step, .. }, Some(Waiting::Call { step: waiting, .. }))
            | (Happened::Sent { step, .. }, Some(Waiting::Send { step: waiting, .. }))
            | (Happened::Identified { step, .. }, Some(Waiting::Identify { step: waiting, .. }))
            | (Happened::Claimed { step, .. }, Some(Waiting::Claim { step: waiting, .. }))
                if step == waiting => {}
            (Happened::Woken { step }, Some(Waiting::Sleep { step: waiting, until })) if step == waiting => {
                if self.at < *until {
                    // The clock was set back since: the wish stands, and the state is unchanged.
                    self.effects.push(Effect::Sleep { step: step.clone(), until: *until });
                    return None;
                }
            }
            (Happened::Woken { .. } | Happened::Heard, Some(Waiting::Event { .. })) => {
                return self.listened(steps, what);
            }
            _ => return None,
        }
        let waiting = self.saved.waiting.take();
        let Some(Place::Statement(step)) = place(steps, &self.saved.cursor) else { return Some(Err(lost())) };
        Some(match (what, &step.statement) {
            (Happened::Called { outcome, .. }, Statement::Call { webhook, store_as, on_failure, .. }) => {
                self.called(&step.id, webhook, store_as, on_failure.is_some(), outcome)
            }
            (Happened::Identified { found, .. }, Statement::Call { webhook, on_failure, .. }) => match found {
                Ok(card) => self.call(&step.id, webhook, on_failure.is_some(), Some(card)),
                Err(ending) => Err(ending.clone()),
            },
            (Happened::Claimed { taken, .. }, Statement::Set { field, .. }) => {
                self.claimed(&step.id, field, waiting, *taken)
            }
            (Happened::Sent { outcome, .. }, Statement::Send { message, .. }) => self.sent(&step.id, message, outcome),
            (Happened::Called { outcome, .. }, Statement::Send { message, .. }) => {
                self.handed_over(&step.id, message, waiting.as_ref(), outcome)
            }
            // A message that waited for its hours.
            (Happened::Woken { .. }, Statement::Send { .. }) => self.execute(step),
            (Happened::Woken { .. }, Statement::Wait { .. } | Statement::WaitUntil { .. }) => {
                self.done(&step.id, "waited".to_owned());
                Ok(Flow::Next)
            }
            _ => Err(lost()),
        })
    }

    fn execute(&mut self, step: &Step) -> Outcome {
        let id = &step.id;
        match &step.statement {
            Statement::Call { webhook, identification: Some(identification), .. } => {
                self.identify(id, webhook, identification)
            }
            Statement::Call { webhook, on_failure, .. } => self.call(id, webhook, on_failure.is_some(), None),
            Statement::Send { message, to, between } => self.send(id, message, to.as_ref(), between.as_ref()),
            Statement::Wait { duration } => self.wait_for_time(id, duration),
            Statement::WaitUntil { time, zone } => self.wait_until(id, time, zone.as_ref()),
            Statement::WaitFor { up_to, .. } => self.wait_for_event(step, up_to),
            Statement::If { branches, .. } => self.choose(id, branches),
            Statement::Match { value, arms, .. } => self.choose_arm(id, value, arms),
            Statement::Split(split) => self.split(id, split),
            Statement::Set { field, value } => self.set(id, field, value),
            Statement::Emit { event, fields } => self.emit(id, event, fields),
            Statement::Stop { reason } => self.stop(id, reason.as_deref()),
            Statement::Fail { reason } => self.fail(id, reason),
        }
    }

    fn enter(&mut self, steps: &Block, branch: u32) {
        if let (Some(Place::Statement(step)), Some(record)) =
            (place(steps, &self.saved.cursor), self.saved.steps.last_mut())
            && record.id == step.id
        {
            record.branch = Some(branch);
        }
        self.saved.cursor.extend([branch, 0]);
    }

    fn advance(&mut self) {
        if let Some(index) = self.saved.cursor.last_mut() {
            *index = index.saturating_add(1);
        }
    }

    fn wait(&mut self, waiting: Waiting) {
        self.effects.push(match &waiting {
            Waiting::Call { step, spec } => Effect::Call { step: step.clone(), spec: spec.clone() },
            Waiting::Send { step, spec } => Effect::Send { step: step.clone(), spec: spec.clone() },
            Waiting::Event { step, until } => {
                let event = self.awaited().unwrap_or_default();
                Effect::Await { step: step.clone(), event, until: *until }
            }
            Waiting::Identify { step, lookup } => Effect::Identify { step: step.clone(), lookup: lookup.clone() },
            Waiting::Claim { step, field, value, .. } => {
                Effect::Claim { step: step.clone(), field: field.clone(), value: value.clone() }
            }
            Waiting::Sleep { step, until } => Effect::Sleep { step: step.clone(), until: *until },
        });
        self.saved.waiting = Some(waiting);
    }

    fn end(&mut self, ending: Ending) {
        self.saved.waiting = None;
        let told = match &ending {
            Ending::Failed { reason, .. } => format!("failed: {reason}"),
            Ending::Cancelled => "cancelled".to_owned(),
            Ending::Exited { event } => format!("left on `{event}`"),
            Ending::Completed | Ending::Stopped { .. } => "ended".to_owned(),
        };
        if let Some(record) = self.saved.steps.iter_mut().rev().find(|record| record.ended_at.is_none()) {
            record.ended_at = Some(self.at);
            record.outcome = Some(told);
        }
        self.saved.ending = Some(ending.clone());
        self.effects.push(Effect::Finish(ending));
    }

    /// What an expression of a statement can see.
    fn scope(&self) -> Scope<'_> {
        let mut scope = Scope::of_event(self.event, self.at);
        scope.program = Some(&self.program.ir);
        scope.contact = self.card.as_ref();
        scope.data = &self.known.answers;
        scope.aliases = &self.known.aliases;
        scope
    }

    /// Notes that the run has come to a statement; once, also when it comes back to it after a wait.
    fn begun(&mut self, id: &StepId, kind: &'static str, label: Option<&SmolStr>) {
        if self.saved.steps.last().is_some_and(|record| record.id == *id && record.ended_at.is_none()) {
            return;
        }
        self.saved.steps.push(StepRecord {
            id: id.clone(),
            kind: SmolStr::new_static(kind),
            label: label.cloned(),
            started_at: self.at,
            ended_at: None,
            outcome: None,
            branch: None,
            seen: vec![],
        });
    }

    /// Notes what of the contact decided about the statement that the run has come to.
    fn saw(&mut self, fields: BTreeMap<SmolStr, Value>) {
        let Some(record) = self.saved.steps.last_mut().filter(|_| !fields.is_empty()) else { return };
        for (field, value) in fields {
            let mut json = to_json(&value);
            let is_cut = json.len() > SEEN_BYTES;
            if is_cut {
                json.truncate(json.floor_char_boundary(SEEN_BYTES));
            }
            record.seen.retain(|seen| seen.field != field);
            record.seen.push(Seen { field, json, is_cut });
        }
    }

    /// Notes that a statement was done.
    fn done(&mut self, id: &StepId, outcome: String) {
        let record = self.saved.steps.iter_mut().rev().find(|record| record.id == *id);
        if let Some(record) = record {
            record.ended_at = Some(self.at);
            record.outcome = Some(outcome);
        }
    }

    /// Writes a field of the contact, as the rest of this turn sees it; `None` when there is no contact.
    fn update_card(&mut self, field: &SmolStr, value: &Value) -> Option<()> {
        let card = self.card.as_mut()?;
        let mut fields: Record = (*card.fields).clone();
        match value {
            Value::Null => drop(fields.remove(field)),
            value => fields.set(field.clone(), value.clone()),
        }
        card.fields = Arc::new(fields);
        Some(())
    }
}

/// Where a cursor points; `None` when it leads nowhere in this workflow.
pub(super) fn place<'w>(block: &'w [Step], cursor: &[u32]) -> Option<Place<'w>> {
    let (mut block, mut cursor) = (block, cursor);
    loop {
        let (index, rest) = cursor.split_first()?;
        let index = usize::try_from(*index).ok()?;
        match rest.split_first() {
            None if index == block.len() => return Some(Place::EndOfBlock),
            None => return block.get(index).map(Place::Statement),
            Some((branch, inner)) => {
                block = block.get(index)?.statement.block(usize::try_from(*branch).ok()?)?;
                cursor = inner;
            }
        }
    }
}

/// The way to the statement with this identity; `None` when there is none.
pub(crate) fn cursor_of(block: &[Step], id: &str) -> Option<Vec<u32>> {
    for (index, step) in block.iter().enumerate() {
        if step.id.0 == id {
            return Some(vec![cursor_index(index)]);
        }
        for (branch, inner) in (0..).map_while(|branch| Some((branch, step.statement.block(branch)?))) {
            if let Some(way) = cursor_of(inner, id) {
                return Some([vec![cursor_index(index), cursor_index(branch)], way].concat());
            }
        }
    }
    None
}

fn expression_failed(error: ExpressionError) -> Ending {
    Ending::Failed { reason: error.to_string(), reason_code: ReasonCode::ExpressionFailed }
}

/// The kept state does not belong to the workflow. Runs are pinned to their program, so this is not expected.
fn lost() -> Ending {
    let reason = "the run stands at a statement that its program does not have".to_owned();
    Ending::Failed { reason, reason_code: ReasonCode::Unsupported }
}

/// A number as the cursor holds it. A block has fewer statements than that.
fn cursor_index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
