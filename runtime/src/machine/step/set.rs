//! `set contact.FIELD = …`: what follows sees it at once.

use compiler::ir::{Expression, StepId, contact};
use smol_str::SmolStr;

use super::{Flow, Outcome, Turn, expression_failed};
use crate::machine::effect::{Effect, Ending, ReasonCode};
use crate::machine::expression::evaluate;
use crate::value::{HIDDEN, Value, display, fit};

/// So many characters of a value that was set are told in the history.
const SHOWN_CHARACTERS: usize = 200;

impl Turn<'_> {
    pub(super) fn set(&mut self, id: &StepId, field: &SmolStr, value: &Expression) -> Outcome {
        self.begun(id, "set", Some(field));
        let failed = |reason: String| Ending::Failed { reason, reason_code: ReasonCode::ExpressionFailed };
        let card = &self.program.ir.contact;
        let ty = card.field_type(field).filter(|_| !contact::is_read_only(field));
        let ty = ty.ok_or_else(|| failed(format!("`contact.{field}` cannot be set")))?;
        let scope = self.scope().noting_sensitive();
        let value = evaluate(value, &scope).map_err(expression_failed)?;
        let masked = !scope.sensitive_texts().is_empty() || card.fields.get(field).is_some_and(|field| field.sensitive);
        // Nothing takes a value away, and a default stands again. What does not fit may be sensitive and is not told.
        let value = fit(value, &ty.clone().optional())
            .map_err(|_| failed(format!("the value for `contact.{field}` does not fit `{ty}`")))?;
        if self.update_card(field, &value).is_none() {
            let reason = format!("there is no contact to set `{field}` of");
            return Err(Ending::Failed { reason, reason_code: ReasonCode::ContactNotFound });
        }
        self.done(id, told(&value, masked));
        self.effects.push(Effect::Set { step: id.clone(), field: field.clone(), value });
        Ok(Flow::Next)
    }
}

/// What the history says of a value that was set.
fn told(value: &Value, masked: bool) -> String {
    match value {
        Value::Null => "removed".to_owned(),
        _ if masked => format!("set to {HIDDEN}"),
        value => {
            let text: String = display(value).chars().take(SHOWN_CHARACTERS).collect();
            format!("set to `{text}`")
        }
    }
}
