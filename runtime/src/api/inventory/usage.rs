//! How it went lately with each webhook and each message: from the last attempts, so that asking costs the same however much
//! history there is.

use std::collections::HashMap;
use std::sync::Arc;

use compiler::ir::each_step;
use compiler::ir::{Program, ProgramHash, Statement, StepId};
use jiff::Timestamp;
use serde::Serialize;
use smol_str::SmolStr;

use super::super::Api;
use super::super::problem::Problem;
use crate::engine::PinError;
use crate::machine::{CallFailure, LoadedProgram, delivery};
use crate::store::AttemptOutcome;

/// So many attempts are looked at.
const ATTEMPTS: usize = 2_000;

/// Attempts of more programs than these say nothing: to read them would cost more than the answer is worth.
const PROGRAMS: usize = 16;

/// What an attempt was for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// A webhook that was called.
    Webhook(SmolStr),
    /// A message that was delivered, by e-mail or through a channel.
    Message(SmolStr),
}

/// How the last attempts for something went.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Usage {
    /// How many of the last attempts of all were for it.
    attempts: u32,
    /// How many of these failed.
    failed: u32,
    /// The part that failed, 0 to 1; nothing without an attempt.
    error_rate: Option<f64>,
    /// When the oldest of the attempts that were looked at was made, whatever it was for.
    since: Option<Timestamp>,
    /// The last one.
    last: Option<Last>,
}

#[derive(Clone, Debug, Serialize)]
struct Last {
    at: Timestamp,
    outcome: &'static str,
    run: String,
    duration_ms: u64,
    error: Option<CallFailure>,
}

/// How it went lately with everything.
pub(super) struct Lately {
    since: Option<Timestamp>,
    usage: HashMap<Target, Usage>,
}

impl Lately {
    /// Looks at the last attempts.
    pub(super) async fn of(api: &Api) -> Result<Lately, Problem> {
        let outcomes = api.store.recent_attempts(ATTEMPTS).await?;
        let mut lately = Lately { since: outcomes.last().map(|outcome| outcome.started_at), usage: HashMap::new() };
        let mut programs: HashMap<ProgramHash, Option<Arc<LoadedProgram>>> = HashMap::new();
        let mut targets: HashMap<(ProgramHash, SmolStr), HashMap<StepId, Target>> = HashMap::new();
        for outcome in outcomes {
            if !programs.contains_key(&outcome.program) && programs.len() < PROGRAMS {
                let program = match api.programs.pinned(&outcome.program).await {
                    Ok(program) => Some(program),
                    Err(PinError::Store(error)) => return Err(error.into()),
                    Err(PinError::Missing(_) | PinError::Unreadable { .. }) => None,
                };
                programs.insert(outcome.program.clone(), program);
            }
            let Some(Some(program)) = programs.get(&outcome.program) else { continue };
            let key = (outcome.program.clone(), outcome.workflow.clone());
            let steps = targets.entry(key).or_insert_with(|| steps_of(&program.ir, &outcome.workflow));
            if let Some(target) = steps.get(&outcome.step) {
                lately.usage.entry(target.clone()).or_default().count(outcome);
            }
        }
        Ok(lately)
    }

    /// How it went with one.
    pub(super) fn with(&self, target: &Target) -> Usage {
        let usage = self.usage.get(target).cloned().unwrap_or_default();
        let error_rate = (usage.attempts > 0).then(|| {
            let rate = f64::from(usage.failed) / f64::from(usage.attempts);
            (rate * 10_000.0).round() / 10_000.0
        });
        Usage { since: self.since, error_rate, ..usage }
    }
}

impl Usage {
    /// Counts an attempt; the newest comes first.
    fn count(&mut self, outcome: AttemptOutcome) {
        self.attempts += 1;
        self.failed += u32::from(outcome.error.is_some());
        self.last.get_or_insert_with(|| Last {
            at: outcome.started_at,
            outcome: if outcome.error.is_some() { "failed" } else { "succeeded" },
            run: outcome.run.to_string(),
            duration_ms: outcome.duration_ms,
            error: outcome.error,
        });
    }
}

/// What the attempts of each step of a workflow are for.
fn steps_of(program: &Program, workflow: &str) -> HashMap<StepId, Target> {
    let mut steps = HashMap::new();
    let Some(workflow) = program.workflows.get(workflow) else { return steps };
    each_step(&workflow.steps, &mut |step| match &step.statement {
        Statement::Call { webhook, .. } => {
            steps.insert(step.id.clone(), Target::Webhook(webhook.clone()));
        }
        Statement::Send { message, .. } => {
            let forms = program.messages.get(message).into_iter();
            let own = forms.flat_map(|forms| delivery::steps(forms, &step.id)).map(|(own, _)| own);
            steps.extend(own.map(|own| (own, Target::Message(message.clone()))));
        }
        _ => {}
    });
    steps
}
