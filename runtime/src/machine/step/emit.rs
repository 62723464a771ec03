//! `emit EVENT { … }`: an event like any other, raised by the run.

use compiler::ir::{Expression, StepId, Type};
use smol_str::SmolStr;

use super::{Flow, Outcome, Turn, expression_failed};
use crate::machine::effect::{Effect, Ending, ReasonCode};
use crate::machine::expression::evaluate;
use crate::value::{Record, Value, fit};

impl Turn<'_> {
    pub(super) fn emit(&mut self, id: &StepId, event: &SmolStr, fields: &[(SmolStr, Expression)]) -> Outcome {
        self.begun(id, "emit", Some(event));
        let failed = |reason: String| Ending::Failed { reason, reason_code: ReasonCode::ExpressionFailed };
        let declared = self.program.ir.events.get(event);
        let declared = declared.ok_or_else(|| failed(format!("there is no event `{event}`")))?;
        let mut given = Record::new();
        for (name, value) in fields {
            given.set(name.clone(), evaluate(value, &self.scope()).map_err(expression_failed)?);
        }
        let fitted =
            fit(Value::Record(given.into()), &Type::Record(declared.fields.clone())).map_err(|mismatches| {
                // Which parameters, and not their values: these may be sensitive.
                let places: Vec<String> = mismatches.iter().map(|mismatch| format!("`{}`", mismatch.path)).collect();
                failed(format!("the parameters of `{event}` do not fit: {}", places.join(", ")))
            })?;
        let Value::Record(params) = fitted else {
            return Err(failed(format!("the parameters of `{event}` are no record")));
        };
        self.done(id, "raised".to_owned());
        self.effects.push(Effect::Emit { step: id.clone(), event: event.clone(), params });
        Ok(Flow::Next)
    }
}
