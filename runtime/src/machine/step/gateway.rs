//! `send MESSAGE` through channels: after the e-mail, each channel that the message has a form for, by name.

use std::ops::Bound;
use std::sync::Arc;

use compiler::ir::StepId;
use smol_str::SmolStr;

use super::{Flow, Outcome, Turn};
use crate::machine::effect::{Ending, ReasonCode};
use crate::machine::input::CallOutcome;
use crate::machine::run::Waiting;
use crate::machine::{delivery, gateway};

impl Turn<'_> {
    /// Hands the message over to the channel after one; on to the next statement when there is none.
    pub(super) fn next_channel(&mut self, id: &StepId, message: &SmolStr, after: Option<&SmolStr>) -> Outcome {
        let program = self.program;
        let Some(forms) = program.ir.messages.get(message) else { return Ok(Flow::Next) };
        let behind = after.map_or(Bound::Unbounded, Bound::Excluded);
        let Some((channel, _)) = forms.channels.range::<SmolStr, _>((behind, Bound::Unbounded)).next() else {
            return Ok(Flow::Next);
        };
        let step = delivery::step_of(forms, id, channel);
        self.begun(&step, "send", Some(message));
        let rendered = gateway::render(program, message, channel, self.scope());
        let spec = rendered
            .map_err(|error| Ending::Failed { reason: error.reason, reason_code: error.reason_code })
            .map(Arc::new)?;
        Ok(Flow::Wait(Waiting::Call { step, spec }))
    }

    /// What follows when a channel has taken the message, or has not.
    pub(super) fn handed_over(
        &mut self,
        id: &StepId,
        message: &SmolStr,
        waiting: Option<&Waiting>,
        outcome: &CallOutcome,
    ) -> Outcome {
        let Some(Waiting::Call { step, spec }) = waiting else { return Err(super::lost()) };
        match outcome {
            CallOutcome::Succeeded(_) => {
                self.done(step, format!("sent by `{}`", spec.webhook));
                self.next_channel(id, message, Some(&spec.webhook))
            }
            CallOutcome::Failed(failure) => {
                self.done(step, format!("failed: {}", failure.message));
                let reason = format!("`{}` did not take the message: {}", spec.webhook, failure.message);
                Err(Ending::Failed { reason, reason_code: ReasonCode::SendFailed })
            }
        }
    }
}
