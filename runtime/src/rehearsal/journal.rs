//! The journal of a rehearsed run: what its turns do is kept in memory, its calls go to stubs, its mails nowhere.

use std::sync::Arc;

use compiler::ir::StepId;
use compiler::ir::test::Callee;
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::answers::{Asked, Given};
use super::log::{Attempt, Fact, Sent};
use super::shared::Shared;
use super::stage::Trouble;
use crate::deliver::Mail;
use crate::directory::to_card;
use crate::engine::raise::Raised;
use crate::engine::{CallEnd, Journal, Rests, SendEnd, Stop, TurnEnd};
use crate::machine::identify::Lookup;
use crate::machine::{
    CallFailure, CallOutcome, CallSpec, Card, Ending, Heard, LoadedProgram, MailSpec, Saved, SendOutcome, retry,
};
use crate::store::{ListeningChange, Progress, Recorded, RunId, RunStatus};
use crate::trace::Trace;
use crate::value::{Record, Value, to_json};
use crate::webhook::{AttemptInput, Rehearsed, rehearse};

/// So many events are handed to a run at once.
const HEARD_AT_ONCE: usize = 256;

/// The journal of one turn of a rehearsed run.
pub(super) struct RehearsalJournal {
    pub(super) shared: Arc<Shared>,
    pub(super) program: Arc<LoadedProgram>,
    pub(super) run: RunId,
    pub(super) workflow: SmolStr,
    pub(super) contact_id: Option<i64>,
    /// How many runs led to the event that this one is about.
    pub(super) depth: u32,
    pub(super) rests: Option<Rests>,
    pub(super) listens: bool,
    heard_up_to: Option<i64>,
    /// The contact with what this turn has set and not written.
    card: Option<Card>,
    progress: Progress,
    raised: Vec<Raised>,
}

impl RehearsalJournal {
    pub(super) fn new(
        shared: Arc<Shared>,
        program: Arc<LoadedProgram>,
        run: RunId,
        workflow: SmolStr,
        contact_id: Option<i64>,
        revision: u32,
    ) -> RehearsalJournal {
        let progress = Progress {
            run,
            revision: Some(revision),
            saved: Arc::default(),
            status: RunStatus::Running,
            reason: None,
            reason_code: None,
            wake_at: None,
            at: shared.clock.now(),
            attempts_started: vec![],
            attempts_ended: vec![],
            messages: vec![],
            contact_fields: vec![],
            contact: contact_id,
            watching: None,
            raised: vec![],
            listening: None,
        };
        RehearsalJournal {
            shared,
            program,
            run,
            workflow,
            contact_id,
            depth: 0,
            rests: None,
            listens: false,
            heard_up_to: None,
            card: None,
            progress,
            raised: vec![],
        }
    }

    /// Keeps what has been gathered, as one act. Answers which fields of the contact were left as they were.
    fn write(&mut self) -> Result<Vec<SmolStr>, Stop> {
        let shared = Arc::clone(&self.shared);
        let now = shared.clock.now();
        let active = shared.active();
        let depth = self.depth.saturating_add(1);
        let wrote = !self.progress.contact_fields.is_empty();
        let listening = self.progress.listening.unwrap_or_default();
        let raised = std::mem::take(&mut self.raised);
        let progress = Progress {
            at: now,
            reason: self.progress.reason.take(),
            reason_code: self.progress.reason_code.take(),
            wake_at: self.progress.wake_at.take(),
            contact_fields: std::mem::take(&mut self.progress.contact_fields),
            watching: if wrote { active.watching(Some(&self.workflow), depth) } else { None },
            raised: raised.into_iter().map(|raised| raised.accept(Some(&active), &self.program, now)).collect(),
            listening: self.listens.then_some(ListeningChange { heard_up_to: self.heard_up_to, ..listening }),
            ..self.progress.clone()
        };
        let Recorded::Kept { taken, raised, .. } = shared.store.record(&progress)? else { return Err(Stop::Stale) };
        self.progress.revision = self.progress.revision.map(|revision| revision + 1);
        self.card = None;
        for field in &taken {
            shared.note_of(&self.program, Fact::Taken { run: self.run, field: field.clone() });
        }
        shared.follow(&raised)?;
        Ok(taken)
    }

    fn has_unwritten(&self) -> bool {
        !self.progress.contact_fields.is_empty() || !self.raised.is_empty()
    }

    /// The answer to a request, and when it is there; nothing when the test has none.
    fn answer(&self, spec: &CallSpec, asked: &Asked) -> Option<Given> {
        let given = self.shared.answers().answer(asked).or_else(|| {
            // A gateway takes every message that no stub says anything about.
            let taken = Rehearsed::Answer { status: 200, headers: vec![], body: vec![], truncated: false };
            spec.is_channel.then_some(Given { delay: SignedDuration::ZERO, met: taken })
        })?;
        let timeout = SignedDuration::from_millis(i64::try_from(spec.timeout.milliseconds).unwrap_or(i64::MAX));
        Some(match given {
            Given { met: Rehearsed::Timeout, .. } => Given { delay: timeout, met: Rehearsed::Timeout },
            Given { delay, .. } if delay >= timeout => Given { delay: timeout, met: Rehearsed::Timeout },
            given => given,
        })
    }

    /// Makes the attempt that is next.
    async fn attempt(&mut self, step: &StepId, spec: &CallSpec) -> Result<CallEnd, Stop> {
        let program = Arc::clone(&self.program);
        let shared = Arc::clone(&self.shared);
        let Some(webhook) = spec.declaration(&program.ir) else { return Err(Stop::Shutdown) };
        let connector = spec.connector.as_ref().and_then(|name| program.ir.connectors.get(name)).map(AsRef::as_ref);
        let (seed, key) = (shared.seed(), self.run.key(shared.seed(), step));
        let (number, counted) = shared.begin_attempt(self.run, step);
        let began = shared.clock.now();
        let traceparent = Trace::derived(&self.run.to_string()).header(&format!("{key}/{number}"));
        let input = AttemptInput { spec, connector, key: &key, traceparent: &traceparent, at: began };
        let prepared = rehearse(input, &shared.secrets(&program)).await;
        let asked = asked(spec, &prepared.request);
        let given = match prepared.refusal() {
            Some(_) => Given { delay: SignedDuration::ZERO, met: Rehearsed::Reset },
            None => match self.answer(spec, &asked) {
                Some(given) => given,
                None => {
                    shared.trouble(Trouble::Unstubbed(Box::new(asked)));
                    return Err(Stop::Shutdown);
                }
            },
        };
        // What was done before is seen by others while this takes its time.
        if !given.delay.is_zero() || self.has_unwritten() {
            self.write()?;
        }
        if let Ok(until) = began.checked_add(given.delay)
            && until > began
        {
            let (callee, answer) = (asked.callee.clone(), "no outcome before the crash".to_owned());
            let lost = Attempt {
                run: self.run,
                workflow: self.workflow.clone(),
                step: step.clone(),
                callee,
                number,
                asked: asked.clone(),
                began,
                answer,
                exhausted: false,
                failure: None,
                last: false,
            };
            shared.note_under_way(&program, lost);
            shared.clock.sleep_until(until).await;
        }
        let nothing = compiler::ir::Returns::Nothing;
        let unasked = spec.is_channel
            && given.met == Rehearsed::Answer { status: 200, headers: vec![], body: vec![], truncated: false };
        let result = prepared.meet(&given.met, if unasked { &nothing } else { &webhook.returns });
        let now = shared.clock.now();
        shared.end_attempt(self.run, step);
        let failure = match &result.outcome {
            CallOutcome::Succeeded(_) => None,
            CallOutcome::Failed(failure) => Some(failure.clone()),
        };
        let next = failure.as_ref().and_then(|failure| {
            let retry_after = result.retry_after.as_deref();
            let run = if seed == 0 { self.run.to_string() } else { format!("{seed}/{}", self.run) };
            retry::next_attempt(&spec.attempts, &run, step, counted, failure, retry_after, now)
        });
        let callee = asked.callee.clone();
        shared.note_of(
            &program,
            Fact::Attempt(Box::new(Attempt {
                run: self.run,
                workflow: self.workflow.clone(),
                step: step.clone(),
                callee,
                number,
                asked,
                began,
                answer: told(&given.met, failure.as_ref()),
                exhausted: failure.as_ref().is_some_and(|failure| {
                    next.is_none() && counted >= spec.attempts.count && retry::is_retried(failure)
                }),
                failure,
                last: next.is_none(),
            })),
        );
        match next {
            Some(at) => Ok(CallEnd::Later(at)),
            None => Ok(CallEnd::Done(result.outcome)),
        }
    }

    fn note_sent(&self, step: &StepId, message: &SmolStr, channel: &SmolStr, parts: Vec<(SmolStr, String)>) {
        self.shared.note_of(
            &self.program,
            Fact::Sent(Box::new(Sent {
                run: self.run,
                step: step.clone(),
                message: message.clone(),
                channel: channel.clone(),
                parts,
                contact: self.contact_id,
            })),
        );
    }
}

/// The request as the log has it.
fn asked(spec: &CallSpec, shown: &str) -> Asked {
    let shown: serde_json::Value = serde_json::from_str(shown).unwrap_or_default();
    let headers = shown.get("headers").and_then(serde_json::Value::as_object).into_iter().flatten();
    let mut headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
    for (name, value) in &spec.request.headers {
        // What is masked for history is compared as it is.
        match headers.iter_mut().find(|(shown, _)| shown.eq_ignore_ascii_case(name)) {
            Some((_, shown)) => value.clone_into(shown),
            None => headers.push((name.to_string(), value.clone())),
        }
    }
    let name = spec.webhook.clone();
    Asked {
        callee: if spec.is_channel { Callee::Channel(name) } else { Callee::Webhook(name) },
        method: spec.request.method.as_str().to_owned(),
        url: spec.request.url(),
        headers,
        body: spec.request.body.clone(),
    }
}

/// So many characters of an answer's body are told.
const TOLD: usize = 60;

/// What came back, in a few words.
fn told(met: &Rehearsed, failure: Option<&CallFailure>) -> String {
    let mut told = match met {
        Rehearsed::Answer { status, body, .. } => {
            let body = String::from_utf8_lossy(body);
            let mut short: String = body.chars().take(TOLD).collect();
            if short.len() < body.len() {
                short.push('…');
            }
            format!("{status} {short}").trim_end().to_owned()
        }
        Rehearsed::Oversize => "a body that is too large".to_owned(),
        Rehearsed::Timeout => "timeout".to_owned(),
        Rehearsed::Dns => "dns".to_owned(),
        Rehearsed::Refused => "refused".to_owned(),
        Rehearsed::Certificate => "tls".to_owned(),
        Rehearsed::Reset => "reset".to_owned(),
    };
    if let (Rehearsed::Answer { status: 200..=299, .. }, Some(failure)) = (met, failure) {
        told.push_str(&format!(" ({})", failure.message));
    }
    told
}

impl Journal for RehearsalJournal {
    fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    async fn contact(&mut self) -> Result<Option<Card>, Stop> {
        let Some(id) = self.contact_id else { return Ok(None) };
        // What this turn wrote is not in the store yet: then the card at hand is the newer one.
        if !self.progress.contact_fields.is_empty() && self.card.is_some() {
            return Ok(self.card.clone());
        }
        let record = self.shared.store.contact(id)?;
        self.card = record.map(|record| to_card(&self.program.ir.contact, &record));
        Ok(self.card.clone())
    }

    async fn call(&mut self, step: &StepId, spec: &CallSpec) -> Result<CallEnd, Stop> {
        let end = self.attempt(step, spec).await?;
        if let (CallEnd::Done(CallOutcome::Succeeded(_)), Some(message)) = (&end, &spec.message) {
            self.note_sent(step, &message.name, &spec.webhook, message.parts.clone());
        }
        Ok(end)
    }

    async fn send(&mut self, step: &StepId, spec: &MailSpec) -> Result<SendEnd, Stop> {
        if let Err(error) = Mail::build(spec, &self.run.key(self.shared.seed(), step), self.now()) {
            return Ok(SendEnd::Done(SendOutcome::Failed { message: error.to_string() }));
        }
        let parts = [
            ("from", Some(&spec.from)),
            ("to", Some(&spec.to)),
            ("reply_to", spec.reply_to.as_ref()),
            ("subject", Some(&spec.subject)),
            ("html", spec.html.as_ref()),
            ("text", spec.text.as_ref()),
        ];
        let parts = parts.into_iter().filter_map(|(name, text)| Some((SmolStr::new_static(name), text?.clone())));
        self.note_sent(step, &spec.message, &SmolStr::new_static("email"), parts.collect());
        Ok(SendEnd::Done(SendOutcome::Sent))
    }

    async fn heard(&mut self) -> Result<Vec<Heard>, Stop> {
        if !self.listens {
            return Ok(vec![]);
        }
        let events = self.shared.store.heard(self.run, self.heard_up_to.unwrap_or(0), HEARD_AT_ONCE)?;
        self.heard_up_to = events.last().map(|event| event.acceptance).or(self.heard_up_to);
        Ok(events.iter().map(|kept| kept.heard(&self.program.ir)).collect())
    }

    fn rests(&self) -> Option<Rests> {
        self.rests.clone()
    }

    async fn identify(&mut self, lookup: &Lookup) -> Result<Result<Card, Ending>, Stop> {
        // What this turn wrote may be what the contact is found by.
        if !self.progress.contact_fields.is_empty() {
            self.write()?;
        }
        let found = self.shared.store.identify(lookup, self.now())?;
        Ok(found.map(|contact| to_card(&self.program.ir.contact, &contact)))
    }

    fn emit(&mut self, step: &StepId, event: &SmolStr, params: &Arc<Record>) {
        let parameters = Value::Record(Arc::clone(params));
        self.shared.note_of(&self.program, Fact::Raised { run: self.run, event: event.clone(), parameters });
        self.raised.push(Raised {
            id: SmolStr::new(self.run.key(self.shared.seed(), step)),
            event: event.clone(),
            params: params.clone(),
            contact: self.contact_id,
            depth: self.depth.saturating_add(1),
            trace: None,
        });
    }

    fn set(&mut self, field: &SmolStr, value: &Value) {
        self.progress.contact_fields.push((field.clone(), to_json(value)));
        if let Some(card) = &mut self.card {
            let mut fields: Record = (*card.fields).clone();
            match value {
                Value::Null => drop(fields.remove(field)),
                value => fields.set(field.clone(), value.clone()),
            }
            card.fields = Arc::new(fields);
        }
    }

    async fn claim(&mut self, field: &SmolStr, value: &str) -> Result<bool, Stop> {
        self.set(field, &Value::from(value));
        Ok(self.write()?.contains(field))
    }

    fn save(&mut self, saved: &Saved) {
        // Plain data with text keys always serialises.
        self.progress.saved = serde_json::to_string(saved).unwrap_or_default().into();
        if self.listens {
            self.progress.listening = Some(ListeningChange { heard_up_to: None, from: saved.listens_from });
        }
        self.shared.note_steps(self.run, &self.program, &self.workflow, &saved.steps);
    }

    async fn end(&mut self, end: &TurnEnd) -> Result<(), Stop> {
        match end {
            TurnEnd::Ended(ending) => {
                (self.progress.status, self.progress.reason, self.progress.reason_code) = RunStatus::of(ending);
                let (run, workflow) = (self.run, self.workflow.clone());
                self.shared.note_of(&self.program, Fact::Ended { run, workflow, ending: ending.clone() });
            }
            TurnEnd::Waits { step, until } => {
                self.progress.status = RunStatus::Waiting;
                self.progress.wake_at = Some((step.clone(), *until));
            }
            TurnEnd::Parked { step, parking } => {
                self.progress.status = RunStatus::Waiting;
                self.progress.wake_at = parking.until.map(|until| (step.clone(), until));
            }
            TurnEnd::Stale => return Ok(()),
        }
        self.write().map(drop)
    }
}
