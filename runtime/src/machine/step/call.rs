//! `call WEBHOOK`: builds the request; the driver makes the attempts and hands the outcome back.

use std::sync::Arc;

use compiler::ir::{Identification, Returns, StepId};
use smol_str::SmolStr;

use super::{Flow, Outcome, Turn};
use crate::machine::effect::{CallSpec, Ending, ReasonCode};
use crate::machine::expression::Answer;
use crate::machine::identify;
use crate::machine::input::{CallFailure, CallOutcome, Card, FailureClass};
use crate::machine::request;
use crate::machine::run::{SavedResult, Waiting};
use crate::value::to_json;

impl Turn<'_> {
    /// Looks another contact up, whose card the request will have.
    pub(super) fn identify(&mut self, id: &StepId, webhook: &SmolStr, identification: &Identification) -> Outcome {
        self.begun(id, "call", Some(webhook));
        let lookup = identify::lookup(identification, &self.scope())?;
        Ok(Flow::Wait(Waiting::Identify { step: id.clone(), lookup }))
    }

    /// Builds the request; with the card of another contact when one was looked up.
    pub(super) fn call(&mut self, id: &StepId, name: &SmolStr, has_branch: bool, other: Option<&Card>) -> Outcome {
        self.begun(id, "call", Some(name));
        let Some(webhook) = self.program.ir.webhooks.get(name) else {
            return self.not_answered(id, name, has_branch, &unbuilt(format!("there is no webhook `{name}`")));
        };
        let mut scope = self.scope();
        // Its own contact may have been written in this turn: then the card at hand is the newer one.
        if let Some(other) = other.filter(|other| self.card.as_ref().is_none_or(|own| own.id != other.id)) {
            scope.contact = Some(other);
        }
        match request::build(webhook, scope) {
            Ok(request) => {
                let spec = Arc::new(CallSpec {
                    webhook: name.clone(),
                    is_channel: false,
                    message: None,
                    connector: webhook.connector.clone(),
                    request,
                    timeout: webhook.timeout,
                    attempts: webhook.attempts,
                });
                Ok(Flow::Wait(Waiting::Call { step: id.clone(), spec }))
            }
            Err(error) => self.not_answered(id, name, has_branch, &unbuilt(error.to_string())),
        }
    }

    pub(super) fn called(
        &mut self,
        id: &StepId,
        webhook: &SmolStr,
        store_as: &SmolStr,
        has_branch: bool,
        outcome: &CallOutcome,
    ) -> Outcome {
        match outcome {
            CallOutcome::Failed(failure) => self.not_answered(id, webhook, has_branch, failure),
            CallOutcome::Succeeded(value) => {
                let returns = self.program.ir.webhooks.get(webhook).map(|webhook| &webhook.returns);
                if !matches!(returns, None | Some(Returns::Nothing)) {
                    let value = value.clone();
                    self.keep(Answer { name: store_as.clone(), webhook: webhook.clone(), value })?;
                }
                self.done(id, "succeeded".to_owned());
                Ok(Flow::Next)
            }
        }
    }

    /// Keeps an answer, in place of an earlier one of its name.
    fn keep(&mut self, answer: Answer) -> Result<(), Ending> {
        let kept =
            serde_json::value::RawValue::from_string(to_json(&answer.value)).map_err(|error| Ending::Failed {
                reason: format!("the answer of `{}` cannot be kept: {error}", answer.webhook),
                reason_code: ReasonCode::CallFailed,
            })?;
        self.saved.results.retain(|result| result.name != answer.name);
        self.saved.results.push(SavedResult {
            name: answer.name.clone(),
            webhook: answer.webhook.clone(),
            value: kept,
        });
        self.known.answers.retain(|earlier| earlier.name != answer.name);
        self.known.answers.push(answer);
        Ok(())
    }

    fn not_answered(&mut self, id: &StepId, webhook: &SmolStr, has_branch: bool, failure: &CallFailure) -> Outcome {
        self.done(id, format!("failed: {}", failure.message));
        if has_branch {
            return Ok(Flow::Enter(0));
        }
        let reason = format!("the call of `{webhook}` failed: {}", failure.message);
        Err(Ending::Failed { reason, reason_code: ReasonCode::CallFailed })
    }
}

/// A request that cannot be built fails the call before anything is sent.
fn unbuilt(message: String) -> CallFailure {
    CallFailure { class: FailureClass::Request, status: None, message }
}
