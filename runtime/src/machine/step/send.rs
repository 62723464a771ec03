//! `send MESSAGE`: renders it and hands it to the driver, within its hours.

use std::sync::Arc;

use compiler::ir::{Expression, StepId, Window};
use smol_str::SmolStr;

use super::{Flow, Outcome, Turn, zone};
use crate::machine::effect::{Ending, ReasonCode};
use crate::machine::input::SendOutcome;
use crate::machine::mail;
use crate::machine::run::Waiting;

impl Turn<'_> {
    pub(super) fn send(
        &mut self,
        id: &StepId,
        message: &SmolStr,
        to: Option<&Expression>,
        between: Option<&Window>,
    ) -> Outcome {
        self.begun(id, "send", Some(message));
        if let Some(window) = between
            && let Some(until) = zone::opening(window, &self.scope())?
        {
            return Ok(Flow::Wait(Waiting::Sleep { step: id.clone(), until }));
        }
        let forms = self.program.ir.messages.get(message);
        if forms.is_some_and(|forms| forms.email.is_none() && !forms.channels.is_empty()) {
            return self.next_channel(id, message, None);
        }
        let rendered = mail::render(self.program, message, to, &self.scope());
        let spec = rendered
            .map_err(|error| Ending::Failed { reason: error.reason, reason_code: error.reason_code })
            .map(Arc::new)?;
        Ok(Flow::Wait(Waiting::Send { step: id.clone(), spec }))
    }

    pub(super) fn sent(&mut self, id: &StepId, message: &SmolStr, outcome: &SendOutcome) -> Outcome {
        match outcome {
            SendOutcome::Sent => {
                self.done(id, "sent".to_owned());
                self.next_channel(id, message, None)
            }
            SendOutcome::Failed { message } => Err(Ending::Failed {
                reason: format!("the message was not delivered: {message}"),
                reason_code: ReasonCode::SendFailed,
            }),
        }
    }
}
