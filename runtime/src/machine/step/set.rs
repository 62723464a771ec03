//! `set contact.FIELD = …`: what follows sees it at once.

use compiler::ir::{Expression, StepId, contact};
use smol_str::SmolStr;

use super::{Flow, Outcome, Turn, expression_failed};
use crate::machine::effect::{Effect, Ending, ReasonCode};
use crate::machine::expression::evaluate;
use crate::value::{Value, display, fit};

/// So many characters of a value that was set are told in the history.
const SHOWN_CHARACTERS: usize = 200;

impl Turn<'_> {
    pub(super) fn set(&mut self, id: &StepId, field: &SmolStr, value: &Expression) -> Outcome {
        self.begun(id, "set", Some(field));
        let failed = |reason: String| Ending::Failed { reason, reason_code: ReasonCode::ExpressionFailed };
        let card = &self.program.ir.contact;
        let ty = card.field_type(field).filter(|_| !contact::is_read_only(field));
        let ty = ty.ok_or_else(|| failed(format!("`contact.{field}` cannot be set")))?;
        let value = evaluate(value, &self.scope()).map_err(expression_failed)?;
        // Nothing takes a value away, and a default stands again.
        let value = fit(value, &ty.optional()).map_err(|mismatches| {
            let wrong = mismatches.first().map(|mismatch| mismatch.message.as_str()).unwrap_or_default();
            let masked = card.fields.get(field).is_some_and(|field| field.sensitive);
            failed(format!("`contact.{field}`: {}", if masked { "the value does not fit" } else { wrong }))
        })?;
        if self.update_card(field, &value).is_none() {
            let reason = format!("there is no contact to set `{field}` of");
            return Err(Ending::Failed { reason, reason_code: ReasonCode::ContactNotFound });
        }
        let told = self.told(field, &value);
        self.done(id, told);
        self.effects.push(Effect::Set { step: id.clone(), field: field.clone(), value });
        Ok(Flow::Next)
    }

    fn told(&self, field: &SmolStr, value: &Value) -> String {
        let masked = self.program.ir.contact.fields.get(field).is_some_and(|field| field.sensitive);
        match value {
            Value::Null => "removed".to_owned(),
            _ if masked => "set to •••".to_owned(),
            value => {
                let text: String = display(value).chars().take(SHOWN_CHARACTERS).collect();
                format!("set to `{text}`")
            }
        }
    }
}
