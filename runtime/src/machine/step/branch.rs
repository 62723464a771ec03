//! `if` and `match`: the first branch that holds.

use compiler::ir::{Branch, Expression, MatchArm, StepId};

use super::{Flow, Outcome, Turn, cursor_index, expression_failed};
use crate::machine::expression::{ExpressionError, Scope, Written, condition, equal, evaluate};
use crate::value::{HIDDEN, Value};

impl Turn<'_> {
    pub(super) fn choose(&mut self, id: &StepId, branches: &[Branch]) -> Outcome {
        self.begun(id, "if", None);
        let scope = self.scope().noting_contact();
        let chosen = first_that_holds(branches, &scope);
        let seen = scope.seen();
        self.saw(seen);
        let (index, told) = match chosen.map_err(expression_failed)? {
            Some((index, branch)) => (index, format!("took `{}`", Written(&branch.condition))),
            None => (branches.len(), "took `else`".to_owned()),
        };
        self.done(id, told);
        Ok(Flow::Enter(cursor_index(index)))
    }

    pub(super) fn choose_arm(&mut self, id: &StepId, value: &Expression, arms: &[MatchArm]) -> Outcome {
        self.begun(id, "match", None);
        let scope = self.scope().noting_sensitive().noting_contact();
        let value = evaluate(value, &scope);
        let masked = !scope.sensitive_texts().is_empty();
        let seen = scope.seen();
        self.saw(seen);
        let value = value.map_err(expression_failed)?;
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

/// The first branch whose condition is true, with its number.
fn first_that_holds<'b>(
    branches: &'b [Branch],
    scope: &Scope<'_>,
) -> Result<Option<(usize, &'b Branch)>, ExpressionError> {
    for (index, branch) in branches.iter().enumerate() {
        if condition(&branch.condition, scope)? {
            return Ok(Some((index, branch)));
        }
    }
    Ok(None)
}
