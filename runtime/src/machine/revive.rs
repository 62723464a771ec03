//! Sending a run that failed back to the statement that it failed at.

use compiler::ir::{Statement, Step, StepId};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::effect::Ending;
use super::run::{Retried, Run, StepRecord};
use super::step::{Place, place};

/// Why a run cannot be sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hopeless {
    /// It has not failed.
    #[error("the run has not failed")]
    NotFailed,
    /// A `fail` ended it that answers no call.
    #[error(
        "the workflow itself has ended the run with `fail`, and would again; to let the contact through a changed \
         workflow, send its event once more under another id"
    )]
    ByItself,
    /// Its state does not belong to its program.
    #[error("the run stands at a statement that its program does not have")]
    Lost,
}

impl Run {
    /// The statement that a failed run would be sent back to: the one that failed. Of a `fail` in an `on failure` it is the
    /// call that had failed.
    ///
    /// # Errors
    /// When there is none; see [`Hopeless`].
    pub fn failed_step(&self) -> Result<&Step, Hopeless> {
        self.way_back().map(|(step, _)| step)
    }

    fn way_back(&self) -> Result<(&Step, &[u32]), Hopeless> {
        if !matches!(self.saved.ending, Some(Ending::Failed { .. })) {
            return Err(Hopeless::NotFailed);
        }
        let steps = &self.workflow.ir.steps;
        let mut cursor = self.saved.cursor.as_slice();
        let Some(Place::Statement(failed)) = place(steps, cursor) else { return Err(Hopeless::Lost) };
        if !matches!(failed.statement, Statement::Fail { .. }) {
            return Ok((failed, cursor));
        }
        while let [outer @ .., _, _] = cursor {
            if let Some(Place::Statement(step)) = place(steps, outer)
                && matches!(step.statement, Statement::Call { .. })
            {
                return Ok((step, outer));
            }
            cursor = outer;
        }
        Err(Hopeless::ByItself)
    }

    /// Sends a failed run back to the statement that it failed at, with all that it has had from others before. `attempt` is
    /// the number of the statement's last attempt.
    ///
    /// # Errors
    /// As of [`Run::failed_step`]; the run is as before then.
    pub fn send_back(&mut self, attempt: u32, at: Timestamp) -> Result<(), Hopeless> {
        let (step, cursor) = self.way_back()?;
        let (step, cursor) = (step.id.clone(), cursor.to_vec());
        self.saved.steps.push(StepRecord {
            id: StepId(SmolStr::new_static("retry")),
            kind: SmolStr::new_static("retry"),
            label: None,
            started_at: at,
            ended_at: Some(at),
            outcome: Some("sent back by hand".to_owned()),
            branch: None,
            seen: vec![],
        });
        self.saved.retried = Some(Retried { step, after: attempt });
        self.saved.cursor = cursor;
        self.saved.ending = None;
        self.saved.waiting = None;
        Ok(())
    }
}
