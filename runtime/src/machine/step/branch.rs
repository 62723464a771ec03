//! `if` and `match`: the first branch that holds.

use compiler::ir::{Branch, Expression, MatchArm, StepId};

use super::{Flow, Outcome, Turn, cursor_index, expression_failed};
use crate::machine::expression::{Written, condition, equal, evaluate};
use crate::value::{HIDDEN, Value};

impl Turn<'_> {
    pub(super) fn choose(&mut self, id: &StepId, branches: &[Branch]) -> Outcome {
        self.begun(id, "if", None);
        for (index, branch) in branches.iter().enumerate() {
            if condition(&branch.condition, &self.scope()).map_err(expression_failed)? {
                self.done(id, format!("took `{}`", Written(&branch.condition)));
                return Ok(Flow::Enter(cursor_index(index)));
            }
        }
        self.done(id, "took `else`".to_owned());
        Ok(Flow::Enter(cursor_index(branches.len())))
    }

    pub(super) fn choose_arm(&mut self, id: &StepId, value: &Expression, arms: &[MatchArm]) -> Outcome {
        self.begun(id, "match", None);
        let scope = self.scope().noting_sensitive();
        let value = evaluate(value, &scope).map_err(expression_failed)?;
        let masked = !scope.sensitive_texts().is_empty();
        for (index, arm) in arms.iter().enumerate() {
            if let Some(matched) = arm.values.iter().find(|literal| equal(&value, &Value::from(*literal))) {
                let told = if masked { HIDDEN.to_owned() } else { format!("`{matched}`") };
                self.done(id, format!("took {told}"));
                return Ok(Flow::Enter(cursor_index(index)));
            }
        }
        self.done(id, "took `else`".to_owned());
        Ok(Flow::Enter(cursor_index(arms.len())))
    }
}
