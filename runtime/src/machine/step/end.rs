//! `stop` and `fail`: the author ends the run.

use compiler::ir::{Part, StepId};

use super::{Flow, Outcome, Turn, expression_failed};
use crate::machine::effect::{Ending, ReasonCode};
use crate::machine::expression::text;
use crate::value::HIDDEN;

impl Turn<'_> {
    pub(super) fn stop(&mut self, id: &StepId, reason: Option<&[Part]>) -> Outcome {
        self.begun(id, "stop", None);
        let reason = reason.map(|parts| self.reason(parts)).transpose()?;
        self.done(id, "stopped".to_owned());
        Ok(Flow::End(Ending::Stopped { reason, reason_code: ReasonCode::Stopped }))
    }

    pub(super) fn fail(&mut self, id: &StepId, reason: &[Part]) -> Outcome {
        self.begun(id, "fail", None);
        let reason = self.reason(reason)?;
        self.done(id, "failed".to_owned());
        Ok(Flow::End(Ending::Failed { reason, reason_code: ReasonCode::Failed }))
    }

    /// A reason for people: texts of `sensitive` fields are masked, for it stands in history and logs.
    fn reason(&self, parts: &[Part]) -> Result<String, Ending> {
        let scope = self.scope().noting_sensitive();
        let reason = text(parts, &scope).map_err(expression_failed)?;
        let mut sensitive = scope.sensitive_texts();
        // The longest first, so that masking one never leaves the rest of another.
        sensitive.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Ok(sensitive.iter().fold(reason, |reason, text| reason.replace(text, HIDDEN)))
    }
}
