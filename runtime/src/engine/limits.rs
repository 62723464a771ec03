//! Limits of webhooks over a restart: what was sent a moment before counts, and who rests for a limit goes first.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use compiler::ir::{Limit, Origin, Program, ProgramHash, Statement, Webhook, each_step};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::embedded::{Embedded, EngineError};
use super::programs::PinError;
use crate::machine::{LoadedProgram, delivery};
use crate::store::AttemptPlace;
use crate::webhook::Gate;
use crate::webhook::gate::Ask;

/// So long are programs read whose attempts may count: a start should not take longer.
const READING: Duration = Duration::from_millis(400);

/// What a limit counts: the requests of one webhook to one host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Limited {
    webhook: SmolStr,
    origin: Origin,
    count: u32,
    milliseconds: u64,
}

/// What was sent under a limit, by how long ago; how many runs rest for it, and for how long.
#[derive(Debug, Default)]
struct Sent {
    ages: Vec<Duration>,
    resting: u64,
    given: Duration,
}

impl Embedded {
    /// Tells the gate what an earlier daemon has sent under the limits of the program that runs, and of those that runs are pinned
    /// to. What cannot be read in time is not worth a start.
    pub(super) async fn remember_limits(&self) -> Result<(), EngineError> {
        match self.read_limits().await {
            Err(EngineError::Store(error)) if error.passes() => {
                tracing::warn!(%error, "what was sent under limits before the start is not counted");
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn read_limits(&self) -> Result<(), EngineError> {
        let longest = SignedDuration::from_millis(i64::try_from(Limit::LONGEST.milliseconds).unwrap_or(i64::MAX));
        let now = self.services.clock.now();
        let lately = self.services.store.lately(now.saturating_sub(longest).unwrap_or(Timestamp::MIN)).await?;
        let until = self.services.clock.instant() + READING;
        let mut places = Places { until, programs: HashMap::new(), found: HashMap::new() };
        let mut sent: HashMap<Limited, Sent> = HashMap::new();
        for (place, at) in lately.attempts {
            if let Some(limited) = places.find(self, place).await? {
                // A clock that was set back makes it newer, never older.
                let age = Duration::try_from(now.duration_since(at)).unwrap_or_default();
                sent.entry(limited).or_default().ages.push(age);
            }
        }
        for resting in lately.resting {
            if let Some(limited) = places.find(self, resting.place).await? {
                let given = Duration::try_from(resting.until.duration_since(now)).unwrap_or_default();
                let sent = sent.entry(limited).or_default();
                sent.given = sent.given.max(given);
                sent.resting += resting.runs;
            }
        }
        let gate = &self.services.gate;
        sent.into_iter().for_each(|(limited, sent)| tell(gate, limited, sent, self.services.clock.instant()));
        Ok(())
    }
}

/// Tells the gate of one limit.
fn tell(gate: &Gate, limited: Limited, sent: Sent, now: Instant) {
    let Limited { webhook, origin, count, milliseconds } = limited;
    let Sent { mut ages, resting, given } = sent;
    ages.sort_unstable();
    // Those whose time has come while there was no daemon go as fast as the limit lets them.
    let backlog = milliseconds.saturating_mul(resting) / u64::from(count.max(1));
    let given = given.max(Duration::from_millis(backlog));
    let limit = Limit { count, period: compiler::ir::Duration { milliseconds } };
    let ask = Ask { origin: &origin, webhook: &webhook, limit: Some(limit), came_again: true };
    gate.prime(ask, &ages, given, now);
}

/// What the attempts of each place count for, as far as it was asked.
struct Places {
    /// Up to when programs are read; those that were used last come first.
    until: Instant,
    programs: HashMap<ProgramHash, Option<Arc<LoadedProgram>>>,
    found: HashMap<AttemptPlace, Option<Limited>>,
}

impl Places {
    async fn find(&mut self, engine: &Embedded, place: AttemptPlace) -> Result<Option<Limited>, EngineError> {
        if let Some(found) = self.found.get(&place) {
            return Ok(found.clone());
        }
        if !self.programs.contains_key(&place.program) && engine.services.clock.instant() < self.until {
            let program = match engine.services.programs.pinned(&place.program).await {
                Ok(program) => Some(program),
                Err(PinError::Store(error)) => return Err(error.into()),
                Err(PinError::Missing(_) | PinError::Unreadable { .. }) => None,
            };
            self.programs.insert(place.program.clone(), program);
        }
        let program = self.programs.get(&place.program).and_then(Option::as_ref);
        let found = program.and_then(|program| limited_at(&program.ir, &place));
        self.found.insert(place, found.clone());
        Ok(found)
    }
}

/// The limit that a statement's attempts count for.
fn limited_at(program: &Program, place: &AttemptPlace) -> Option<Limited> {
    let mut found = None;
    let limited = |name: &SmolStr, request: &Webhook| {
        let (origin, limit) = (request.url.origin.clone(), request.limit?);
        let (count, milliseconds) = (limit.count, limit.period.milliseconds);
        Some(Limited { webhook: name.clone(), origin, count, milliseconds })
    };
    each_step(&program.workflows.get(&place.workflow)?.steps, &mut |step| match &step.statement {
        Statement::Call { webhook, .. } if step.id == place.step => {
            found = program.webhooks.get(webhook).and_then(|request| limited(webhook, request));
        }
        Statement::Send { message, .. } => {
            let Some(forms) = program.messages.get(message) else { return };
            let own = delivery::steps(forms, &step.id).find(|(own, _)| *own == place.step);
            if let Some((_, Some(name))) = own {
                found = program.channels.get(name).and_then(|channel| limited(name, &channel.request));
            }
        }
        _ => {}
    });
    found
}
