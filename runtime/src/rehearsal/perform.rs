//! A test, from its first step to its verdict.

use std::sync::Arc;

use compiler::ir::test::{Expectation, GivenEvent, Test, TestStep, Until};
use compiler::ir::{Duration, Expression};
use compiler::source::Span;
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::acts::Standing;
use super::answers::{Answers, Asked, Given, Stubs};
use super::compare::{self, Mark};
use super::coverage::Coverage;
use super::expect::{self, Found};
use super::log::{Fact, Log};
use super::stage::{Play, Stage, Trouble};
use super::suggest;
use crate::engine::NewEvent;
use crate::machine::Ending;
use crate::machine::schedule::next_local;
use crate::store::StoreError;
use crate::store::sqlite::MemoryStore;
use crate::value::{Record, Value};

/// What came of a test.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its name.
    pub name: SmolStr,
    /// Where its name stands.
    pub span: Span,
    /// What is not as it says; nothing when it passed.
    pub failures: Vec<Failure>,
    /// The virtual start.
    pub start: Timestamp,
    /// The virtual end.
    pub end: Timestamp,
    /// What happened.
    pub log: Log,
    /// Which parts of the program had their turn.
    pub coverage: Coverage,
    /// The real time that it took.
    pub took: std::time::Duration,
}

/// Something that is not as a test says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step that says so; that of the test's name when it is about the whole.
    pub span: Span,
    /// What is so instead; may be empty where the marks say all.
    pub message: String,
    /// What stands where something else was expected.
    pub marks: Vec<Mark>,
    /// What to add to the test, when this is as it should be.
    pub add: Option<String>,
}

impl Report {
    /// Whether all was as the test says.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Rehearses a test on a store that it empties first.
///
/// # Errors
/// When the store in memory fails.
pub fn perform(play: &Play, store: &Arc<MemoryStore>, test: &Test) -> Result<Report, StoreError> {
    let mut performance = Performance::new(play, store, test)?;
    performance.steps();
    performance.nothing_else();
    let (log, end) = (performance.stage.log(), performance.stage.now());
    let coverage = Coverage::of(&log);
    Ok(Report {
        name: test.name.node.clone(),
        span: test.name.span,
        failures: performance.failures,
        start: test.start,
        end,
        log,
        coverage,
        took: std::time::Duration::ZERO,
    })
}

/// How long a test is followed at most to see what comes of it.
const FOLLOWED: SignedDuration = SignedDuration::from_hours(24 * 400);

/// What comes of a test in the end, whatever it expects: what happened, and how long after its last step.
///
/// # Errors
/// When the store in memory fails.
pub fn follow(play: &Play, store: &Arc<MemoryStore>, test: &Test) -> Result<(Log, SignedDuration), StoreError> {
    let mut steps = test.clone();
    steps.steps.retain(|step| !matches!(step.node, TestStep::Expect { .. }));
    let mut performance = Performance::new(play, store, &steps)?;
    performance.steps();
    let stage = &mut performance.stage;
    let from = stage.now();
    let until = from.checked_add(FOLLOWED).unwrap_or(Timestamp::MAX);
    let mut lasts = SignedDuration::ZERO;
    let mut length = stage.read(|log| log.entries.len());
    // A schedule begins again and again: what it has begun first is followed to its end.
    while !stage.read(|log| log.endings().next().is_some() && log.going_on().is_empty()) && stage.step(until) {
        let now = stage.read(|log| log.entries.len());
        if now > length {
            (length, lasts) = (now, stage.now().duration_since(from));
        }
    }
    Ok((stage.log(), lasts))
}

/// Stubs that a test changes while its runs call them.
#[derive(Clone, Default)]
struct Shared(Arc<std::sync::Mutex<Stubs>>);

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Stubs> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Answers for Shared {
    fn answer(&mut self, asked: &Asked) -> Option<Given> {
        self.lock().answer(asked)
    }
}

struct Performance<'t> {
    play: &'t Play,
    test: &'t Test,
    stage: Stage,
    stubs: Shared,
    /// The contacts that have a name.
    given: Vec<(SmolStr, i64)>,
    failures: Vec<Failure>,
    /// How many expectations that something must be so were looked at.
    met: usize,
}

impl<'t> Performance<'t> {
    fn new(play: &'t Play, store: &Arc<MemoryStore>, test: &'t Test) -> Result<Performance<'t>, StoreError> {
        let stubs = Shared::default();
        match Stage::new(play, Arc::clone(store), test.start, Box::new(stubs.clone())) {
            Ok(stage) => Ok(Performance { play, test, stage, stubs, given: vec![], failures: vec![], met: 0 }),
            Err(Trouble::Store(error)) => Err(error),
            Err(trouble) => Err(StoreError::Refused(trouble.to_string())),
        }
    }

    fn steps(&mut self) {
        for step in &self.test.steps {
            let done = self.step(&step.node, step.span);
            let trouble = self.stage.trouble();
            if let Some(trouble) = trouble.or(done.err()) {
                self.in_trouble(&trouble, step.span);
                return;
            }
        }
    }

    fn step(&mut self, step: &TestStep, span: Span) -> Result<(), Trouble> {
        match step {
            TestStep::Given { name, fields } => {
                let known = name.as_ref().and_then(|name| self.given.iter().find(|(given, _)| given == name));
                let known = known.map(|(_, id)| *id);
                let id = self.stage.contact(&record(fields), known)?;
                if let Some(name) = name.as_ref().filter(|_| known.is_none()) {
                    self.given.push((name.clone(), id));
                }
            }
            TestStep::Stub(stub) => self.stubs.lock().put(stub),
            TestStep::Receive { event, parameters } => {
                let event = self.event(event, parameters);
                self.stage.receive(event)?;
            }
            TestStep::GivenRun(run) => {
                let contact = self.named(run.contact.as_ref());
                let event = run.event.as_ref().map(|event| self.event(&event.event, &event.parameters));
                let alias =
                    |(name, event): &(SmolStr, GivenEvent)| (name.clone(), self.event(&event.event, &event.parameters));
                let aliases = run.aliases.iter().map(alias).collect();
                let result = |(name, webhook, value): &(SmolStr, SmolStr, Expression)| {
                    (name.clone(), webhook.clone(), compare::constant(value))
                };
                let data = run.data.iter().map(result).collect();
                let (workflow, step) = (run.workflow.as_str(), run.step.node.as_str());
                self.stage.given_run(Standing { workflow, step, contact, event, aliases, data })?;
            }
            TestStep::Seed(seed) => self.stage.set_seed(*seed),
            TestStep::Crash => self.stage.crash()?,
            TestStep::Cancel { workflow, contact } => {
                let cancelled = self.stage.cancel(workflow.as_deref(), self.named(contact.as_ref()))?;
                if cancelled == 0 {
                    let message = "there is no such run that goes on".to_owned();
                    self.failures.push(Failure { span, message, marks: vec![], add: None });
                }
            }
            TestStep::Reload(reloaded) => {
                let program = reloaded.as_ref().and_then(|reloaded| reloaded.program.as_ref());
                self.stage.reload(self.play, program)?;
            }
            TestStep::Advance(duration) => {
                let to = self.stage.now().checked_add(signed(*duration)).unwrap_or(Timestamp::MAX);
                self.stage.advance_to(to);
            }
            TestStep::AdvanceUntil(until) => self.advance_until(until, span),
            TestStep::Expect { negated, what } => {
                if let Err(unmet) = self.check(what, *negated)? {
                    let span = unmet.part.unwrap_or(span);
                    self.failures.push(Failure { span, message: unmet.message, marks: unmet.marks, add: None });
                }
                self.met += usize::from(!*negated);
            }
        }
        Ok(())
    }

    /// The contact that has this name.
    fn named(&self, name: Option<&SmolStr>) -> Option<i64> {
        let name = name?;
        self.given.iter().find(|(given, _)| given == name).map(|(_, id)| *id)
    }

    /// An event as a test writes it.
    fn event(&self, event: &SmolStr, parameters: &[(SmolStr, Expression)]) -> NewEvent {
        let mut parameters = record(parameters);
        let program = self.stage.program();
        let declared = program.ir.events.get(event);
        let mut take = |name: &str| match declared.is_some_and(|event| event.fields.contains_key(name)) {
            true => None,
            false => parameters.remove(name),
        };
        let key = take("id").map(|id| SmolStr::new(crate::value::display(&id)));
        let occurred_at = match take("occurred_at") {
            Some(Value::Datetime(at)) => Some(at),
            _ => None,
        };
        let params = Value::Record(Arc::new(parameters));
        NewEvent { source: SmolStr::default(), name: event.clone(), key, occurred_at, params, trace: None }
    }

    fn advance_until(&mut self, until: &Until, span: Span) {
        let now = self.stage.now();
        let to = match until {
            Until::Instant(at) => Some(*at),
            Until::Next { time, zone } => next_local(*time, zone, now),
        };
        match to {
            Some(to) if to >= now => self.stage.advance_to(to),
            _ => self.failures.push(Failure {
                span,
                message: format!("it is {} already", expect::clock(self.test.start, now)),
                marks: vec![],
                add: None,
            }),
        }
    }

    fn check(&self, what: &Expectation, negated: bool) -> Result<Result<(), expect::Unmet>, Trouble> {
        let contact = match what {
            Expectation::Contact { name, .. } => {
                let id = match name {
                    Some(name) => self.named(Some(name)),
                    None => self.stage.read(Log::last_contact).or_else(|| self.only_contact()),
                };
                let card = id.map(|id| self.stage.card(id)).transpose()?.flatten();
                card.map(|card| (card.id, Value::Record(card.fields)))
            }
            _ => None,
        };
        let standing = || self.stage.waiting().unwrap_or_default();
        let log = self.stage.log();
        let above: Vec<&Expectation> = self.test.steps.iter().filter_map(expectation).collect();
        let above = above.get(..self.met).unwrap_or_default();
        let found = Found { log: &log, contact, standing: &standing, start: self.test.start, above };
        Ok(found.check(what, negated))
    }

    /// The contact of a test that gives one alone.
    fn only_contact(&self) -> Option<i64> {
        self.stage.read(|log| {
            let mut made = log.entries.iter().filter_map(|entry| match entry.fact {
                Fact::Contact { id, created: true } => Some(id),
                _ => None,
            });
            made.next().filter(|_| made.next().is_none())
        })
    }

    /// What went out and what failed is expected, or the test fails.
    fn nothing_else(&mut self) {
        if self.stage.trouble().is_some() {
            return;
        }
        let expected: Vec<&Expectation> = self.test.steps.iter().filter_map(expectation).collect();
        let (span, start) = (self.test.name.span, self.test.start);
        let mut failures = Vec::new();
        self.stage.read(|log| {
            for (position, sent) in log.sent() {
                if expected.iter().any(|what| expect::expects_sent(what, sent)) {
                    continue;
                }
                let at = log.entries.get(position).map(|entry| expect::clock(start, entry.at)).unwrap_or_default();
                let to = sent.parts.iter().find(|(name, _)| name == "to");
                let to = to.map(|(_, to)| format!(" to {to}")).unwrap_or_default();
                let message = format!("`{}` went out{to} at {at}, and nothing expects it", sent.message);
                failures.push(Failure { span, message, marks: vec![], add: Some(suggest::expect_send(sent)) });
            }
            for (position, workflow, ending) in log.endings() {
                let Ending::Failed { reason, reason_code } = ending else { continue };
                if expected.iter().any(|what| expect::expects_end(what, ending)) {
                    continue;
                }
                let at = log.entries.get(position).map(|entry| expect::clock(start, entry.at)).unwrap_or_default();
                let message = format!("`{workflow}` failed at {at}, and nothing expects it: {reason}");
                let add = Some(format!("expect fail {:?}", reason_code.as_str()));
                failures.push(Failure { span, message, marks: vec![], add });
            }
        });
        self.failures.extend(failures);
    }

    fn in_trouble(&mut self, trouble: &Trouble, span: Span) {
        let (message, add) = match trouble {
            Trouble::Unstubbed(asked) => {
                (expect::unstubbed(asked), Some(suggest::stub(&self.stage.program().ir, &asked.callee)))
            }
            other => (other.to_string(), None),
        };
        self.failures.push(Failure { span, message, marks: vec![], add });
    }
}

/// What a step says must be so.
fn expectation(step: &compiler::source::Spanned<TestStep>) -> Option<&Expectation> {
    match &step.node {
        TestStep::Expect { negated: false, what } => Some(what),
        _ => None,
    }
}

fn record(fields: &[(SmolStr, Expression)]) -> Record {
    fields.iter().map(|(name, value)| (name.clone(), compare::constant(value))).collect()
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(duration.milliseconds).unwrap_or(i64::MAX))
}
