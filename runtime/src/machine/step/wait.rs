//! `wait DURATION` and `wait until TIME`: an instant is computed once and kept, so no restart moves it.

use compiler::ir::{Expression, StepId};
use jiff::{SignedDuration, Timestamp};

use super::{Flow, Outcome, Turn, expression_failed, zone};
use crate::machine::effect::Ending;
use crate::machine::expression::{Written, evaluate};
use crate::machine::run::Waiting;
use crate::value::Value;

impl Turn<'_> {
    pub(super) fn wait_for_time(&mut self, id: &StepId, duration: &Expression) -> Outcome {
        self.begun(id, "wait", None);
        let until = self.end_of(duration)?;
        self.deaf_until(until);
        Ok(Flow::Wait(Waiting::Sleep { step: id.clone(), until }))
    }

    /// When a length of time that begins now is over.
    pub(super) fn end_of(&mut self, duration: &Expression) -> Result<Timestamp, Ending> {
        let scope = self.scope().noting_contact();
        let length = evaluate(duration, &scope);
        let seen = scope.seen();
        self.saw(seen);
        let until = match length.map_err(expression_failed)? {
            Value::Duration(duration) => {
                let milliseconds = i64::try_from(duration.milliseconds).ok();
                milliseconds.and_then(|count| self.at.checked_add(SignedDuration::from_millis(count)).ok())
            }
            _ => None,
        };
        until.ok_or_else(|| zone::no_time(Written(duration), "is no length of time that ends before the year 10000"))
    }

    pub(super) fn wait_until(&mut self, id: &StepId, time: &Expression, in_zone: Option<&Expression>) -> Outcome {
        self.begun(id, "wait until", None);
        let scope = self.scope().noting_contact();
        let until = zone::instant(time, in_zone, &scope);
        let seen = scope.seen();
        self.saw(seen);
        let until = until?;
        self.deaf_until(until.max(self.at));
        if until <= self.at {
            self.done(id, "the time had come".to_owned());
            return Ok(Flow::Next);
        }
        Ok(Flow::Wait(Waiting::Sleep { step: id.clone(), until }))
    }
}
