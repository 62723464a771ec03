//! How much a workflow may do to one contact: messages and calls of a run, its longest wait, and how often it starts.
//!
//! Counted over the ways that an author wrote. A run that fails because a call did, without an `on failure`, or that an
//! `exit on` ends, does less than the least of them: the least says what a run does that goes well.

use std::ops::Add;

use serde::Serialize;

use crate::filter::{self, Scope};
use crate::ir::{Block, Duration, Expression, Literal, Program, Reentry, Statement, Trigger, Workflow};

/// What a workflow may do to one contact.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reach {
    /// Messages of one run; one that goes out by two channels is two.
    pub sends: Bounds,
    /// Calls of one run; each may be several requests.
    pub calls: Bounds,
    /// The waits of the longest way, added up; `None` where a wait ends at a computed time.
    pub longest_wait: Option<Duration>,
    /// How often it may start.
    pub starts: Repetition,
    /// The most messages of one contact in a day; `None`: as many as events come.
    pub sends_a_day: Option<u64>,
    /// The most messages of one contact in a week; `None`: as many as events come.
    pub sends_a_week: Option<u64>,
    /// The most messages of one contact in 30 days; `None`: as many as events come.
    pub sends_a_month: Option<u64>,
}

/// The least and the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// On the way that does least.
    pub least: u64,
    /// On the way that does most.
    pub most: u64,
}

/// How often a workflow may start for one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repetition {
    /// Once and never again.
    Once,
    /// Not again before this time has passed.
    Per(Duration),
    /// By a clock.
    Schedule,
    /// With each event.
    EachEvent,
}

const DAY: u64 = 86_400_000;
const WEEK: u64 = 7 * DAY;
const MONTH: u64 = 30 * DAY;

/// The bounds of a workflow.
pub(super) fn reach(program: &Program, workflow: &Workflow) -> Reach {
    let scope = Scope::within((program, program), workflow);
    let all = |weight: &dyn Fn(&Statement) -> u64| Count { scope, weight }.ways(&workflow.steps).all();
    let sends = all(&|statement| match statement {
        Statement::Send { message, .. } => channels(program, message),
        _ => 0,
    });
    let calls = all(&|statement| u64::from(matches!(statement, Statement::Call { .. })));
    let starts = match workflow.reentry {
        Reentry::OnceEver => Repetition::Once,
        Reentry::OncePer(period) => Repetition::Per(period),
        Reentry::Always => {
            let clock = workflow.triggers.iter().all(|trigger| matches!(trigger, Trigger::Schedule { .. }));
            if clock { Repetition::Schedule } else { Repetition::EachEvent }
        }
    };
    let by_reentry = |time: u64| match workflow.reentry {
        Reentry::OnceEver => Some(1),
        Reentry::OncePer(period) if period.milliseconds > 0 => Some(time.div_ceil(period.milliseconds)),
        Reentry::OncePer(_) | Reentry::Always => None,
    };
    let most_sends = |time: u64, times: fn(&str) -> u64| match sends.most {
        0 => Some(0),
        // Each bound holds for itself; the lower one counts.
        most => match (by_reentry(time), by_clock(&workflow.triggers, times)) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
        .map(|starts| most.saturating_mul(starts)),
    };
    Reach {
        sends,
        calls,
        longest_wait: longest_wait(&workflow.steps),
        starts,
        sends_a_day: most_sends(DAY, times_a_day),
        sends_a_week: most_sends(WEEK, times_a_week),
        sends_a_month: most_sends(MONTH, times_a_month),
    }
}

/// How many channels a message goes out by: it reaches a contact once by each of them.
fn channels(program: &Program, message: &str) -> u64 {
    program.messages.get(message).map_or(1, |message| {
        let gateways = u64::try_from(message.channels.len()).unwrap_or(u64::MAX);
        gateways.saturating_add(u64::from(message.email.is_some()))
    })
}

/// How often schedules start a run at most; nothing where something else starts one, too.
fn by_clock(triggers: &[Trigger], times: fn(&str) -> u64) -> Option<u64> {
    triggers.iter().try_fold(0_u64, |sum, trigger| match trigger {
        Trigger::Schedule { cron, .. } => Some(sum.saturating_add(times(cron))),
        Trigger::Event { .. } | Trigger::ContactChanged { .. } => None,
    })
}

/// How many times a cron line names in a day: its minutes times its hours.
fn times_a_day(cron: &str) -> u64 {
    let mut fields = cron.split(' ');
    let minutes = fields.next().map_or(60, |field| values(field, 60));
    let hours = fields.next().map_or(24, |field| values(field, 24));
    minutes.saturating_mul(hours)
}

/// How many times a cron line names in a week at most.
fn times_a_week(cron: &str) -> u64 {
    times_a_day(cron).saturating_mul(days(cron, 7))
}

/// How many times a cron line names in 30 days at most.
fn times_a_month(cron: &str) -> u64 {
    times_a_day(cron).saturating_mul(days(cron, 30))
}

/// How many days of a stretch of so many a cron line names at most. Where days of the month are named, any of them may be in
/// a shorter stretch.
fn days(cron: &str, stretch: u64) -> u64 {
    let fields: Vec<&str> = cron.split(' ').collect();
    match fields.as_slice() {
        [_, _, "*", _, "*"] => stretch,
        [_, _, "*", _, weekdays] => {
            // Both 0 and 7 are Sunday. What is left over of the whole weeks holds a named day or not.
            let named = values(weekdays, 8).min(7);
            (stretch / 7).saturating_mul(named).saturating_add(named.min(stretch % 7))
        }
        [_, _, month_days, _, "*"] => values(month_days, 32).min(stretch),
        _ => stretch,
    }
}

/// How many of the numbers below `end` a field of a cron line names. The line was checked and has numbers only.
fn values(field: &str, end: u64) -> u64 {
    let mut named = std::collections::BTreeSet::new();
    for part in field.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: usize = step.parse().unwrap_or(1);
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, end - 1),
            Some((first, last)) => (first.parse().unwrap_or(0), last.parse().unwrap_or(end - 1)),
            None => (range.parse().unwrap_or(0), range.parse().unwrap_or(end - 1)),
        };
        named.extend((first..=last).step_by(step.max(1)));
    }
    u64::try_from(named.len()).unwrap_or(end)
}

/// The bounds of a block's ways: those that go on behind it, and those that end in it.
#[derive(Clone, Copy, Debug)]
struct Ways {
    on: Option<Bounds>,
    ended: Option<Bounds>,
}

impl Ways {
    fn all(self) -> Bounds {
        either(self.on, self.ended).unwrap_or_default()
    }
}

/// What is counted on the ways of a workflow.
struct Count<'a> {
    scope: Scope<'a>,
    weight: &'a dyn Fn(&Statement) -> u64,
}

impl Count<'_> {
    fn ways(&self, block: &Block) -> Ways {
        let mut so_far = Ways { on: Some(Bounds::default()), ended: None };
        for step in block {
            let Some(before) = so_far.on else { break };
            let own = (self.weight)(&step.statement);
            let here = before + Bounds { least: own, most: own };
            let inner = self.alternatives(&step.statement);
            so_far = Ways {
                on: inner.on.map(|inner| here + inner),
                ended: either(so_far.ended, inner.ended.map(|inner| here + inner)),
            };
        }
        so_far
    }

    fn alternatives(&self, statement: &Statement) -> Ways {
        let inner = || statement.blocks().map(|block| self.ways(block));
        match statement {
            Statement::Stop { .. } | Statement::Fail { .. } => Ways { on: None, ended: Some(Bounds::default()) },
            // A call that succeeds goes on; `on failure` is the other way.
            Statement::Call { .. } => inner().fold(NOTHING, join),
            Statement::If { otherwise, .. } | Statement::Match { otherwise, .. } if otherwise.is_empty() => {
                let named = inner().take(statement.blocks().count().saturating_sub(1)).reduce(join).unwrap_or(NOTHING);
                let whole = join(named, NOTHING);
                // Whether all have a way is asked only where it counts.
                let alike = (named.on, named.ended) == (whole.on, whole.ended);
                if alike || !filter::one_holds(&self.scope, &filter::ways(statement)) { whole } else { named }
            }
            Statement::WaitFor { .. } | Statement::If { .. } | Statement::Match { .. } | Statement::Split(_) => {
                inner().reduce(join).unwrap_or(NOTHING)
            }
            Statement::Send { .. }
            | Statement::Wait { .. }
            | Statement::WaitUntil { .. }
            | Statement::Set { .. }
            | Statement::Emit { .. } => NOTHING,
        }
    }
}

/// Nothing, and then on.
const NOTHING: Ways = Ways { on: Some(Bounds { least: 0, most: 0 }), ended: None };

fn join(one: Ways, other: Ways) -> Ways {
    Ways { on: either(one.on, other.on), ended: either(one.ended, other.ended) }
}

fn either(one: Option<Bounds>, other: Option<Bounds>) -> Option<Bounds> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Bounds { least: one.least.min(other.least), most: one.most.max(other.most) }),
        (one, other) => one.or(other),
    }
}

impl Add for Bounds {
    type Output = Bounds;

    fn add(self, other: Bounds) -> Bounds {
        Bounds { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }
}

/// The waits of the longest way through a block, added up. What follows an end is unreachable and was refused, so the sum
/// over a block is its longest way or more.
fn longest_wait(block: &Block) -> Option<Duration> {
    let mut total: u64 = 0;
    for step in block {
        let own = match &step.statement {
            Statement::Wait { duration } | Statement::WaitFor { up_to: duration, .. } => literal(duration)?,
            Statement::WaitUntil { time: Expression::Literal(Literal::Time(_)), .. } => DAY,
            Statement::WaitUntil { .. } => return None,
            Statement::Send { between: Some(_), .. } => DAY,
            _ => 0,
        };
        let mut longest = 0;
        for inner in step.statement.blocks() {
            longest = longest.max(longest_wait(inner)?.milliseconds);
        }
        total = total.saturating_add(own).saturating_add(longest);
    }
    Some(Duration { milliseconds: total })
}

fn literal(duration: &Expression) -> Option<u64> {
    match duration {
        Expression::Literal(Literal::Duration(duration)) => Some(duration.milliseconds),
        _ => None,
    }
}
