//! `set contact.FIELD = …`: what follows sees it at once. Whether a value that contacts are found by is another contact's is
//! known before anything follows, for it may be an address that mail goes to.

use compiler::ir::{Expression, Identifier, StepId, contact};
use smol_str::SmolStr;

use super::{Flow, Outcome, Turn, expression_failed, lost};
use crate::machine::effect::{Effect, Ending, ReasonCode};
use crate::machine::expression::evaluate;
use crate::machine::run::Waiting;
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
        let told = told(&value, masked);
        if is_identifying(field)
            && value != Value::Null
            && let Some(card) = &self.card
            && card.fields.get(field) != Some(&value)
        {
            let value = display(&value);
            return Ok(Flow::Wait(Waiting::Claim { step: id.clone(), field: field.clone(), value, told }));
        }
        self.update(field, &value)?;
        self.done(id, told);
        self.effects.push(Effect::Set { step: id.clone(), field: field.clone(), value });
        Ok(Flow::Next)
    }

    /// Goes on after a value that contacts are found by was set, or was `taken` by another contact.
    pub(super) fn claimed(&mut self, id: &StepId, field: &SmolStr, waiting: Option<Waiting>, taken: bool) -> Outcome {
        let Some(Waiting::Claim { value, told, .. }) = waiting else { return Err(lost()) };
        if taken {
            self.done(id, "left as it was: another contact has this value".to_owned());
            return Ok(Flow::Next);
        }
        self.update(field, &Value::from(value.as_str()))?;
        self.done(id, told);
        Ok(Flow::Next)
    }

    fn update(&mut self, field: &SmolStr, value: &Value) -> Result<(), Ending> {
        self.update_card(field, value).ok_or_else(|| {
            let reason = format!("there is no contact to set `{field}` of");
            Ending::Failed { reason, reason_code: ReasonCode::ContactNotFound }
        })
    }
}

/// Whether contacts are found by a field, so that no two have the same value.
fn is_identifying(field: &str) -> bool {
    [Identifier::ExternalId, Identifier::Phone, Identifier::Email].iter().any(|by| by.word() == field)
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
