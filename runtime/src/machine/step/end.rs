//! `stop` and `fail`: the author ends the run.

use compiler::ir::{Part, StepId};

use super::{Flow, Outcome, Turn, expression_failed};
use crate::machine::effect::{Ending, ReasonCode};
use crate::machine::expression::text;

impl Turn<'_> {
    pub(super) fn stop(&mut self, id: &StepId, reason: Option<&[Part]>) -> Outcome {
        self.begun(id, "stop", None);
        let reason = reason.map(|parts| text(parts, &self.scope())).transpose().map_err(expression_failed)?;
        self.done(id, "stopped".to_owned());
        Ok(Flow::End(Ending::Stopped { reason, reason_code: ReasonCode::Stopped }))
    }

    pub(super) fn fail(&mut self, id: &StepId, reason: &[Part]) -> Outcome {
        self.begun(id, "fail", None);
        let reason = text(reason, &self.scope()).map_err(expression_failed)?;
        self.done(id, "failed".to_owned());
        Ok(Flow::End(Ending::Failed { reason, reason_code: ReasonCode::Failed }))
    }
}
