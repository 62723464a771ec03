//! Performing calls and deliveries: every attempt is durable before its first byte leaves, and its outcome before anything
//! is done with it. The schedule is the machine's; here it is carried out.

use std::sync::Arc;
use std::time::Duration;

use compiler::ir::{Origin, StepId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use smol_str::SmolStr;

use super::journal::EmbeddedJournal;
use super::turn::{CallEnd, Parking, SendEnd, Stop};
use crate::deliver::{Delivery, Mail};
use crate::machine::retry::MAIL_ATTEMPTS;
use crate::machine::{CallFailure, CallOutcome, CallSpec, FailureClass, MailSpec, SendOutcome, idempotency_key, retry};
use crate::store::{AttemptEnded, AttemptStarted, MessageChange, MessageStatus};
use crate::webhook::AttemptInput;
use crate::webhook::gate::{Ask, Entry, Gate, Pass, Rest, RestReason, Verdict};

/// A pause up to this is slept through in memory; for a longer one the run rests in the store, so that a restart keeps it.
const SLEEP_AT_MOST: SignedDuration = SignedDuration::from_secs(1);

/// What follows an attempt.
enum Next {
    /// Another one, now.
    Again,
    /// Another one, later.
    Rest(Timestamp),
    /// None.
    Over,
}

impl EmbeddedJournal<'_> {
    /// Performs a call, from the attempt that is next.
    pub(super) async fn perform_call(&mut self, step: &StepId, spec: &CallSpec) -> Result<CallEnd, Stop> {
        let program = self.program.clone();
        let Some(webhook) = spec.declaration(&program.ir) else {
            let message = format!("the program has no webhook `{}`", spec.webhook);
            return Ok(CallEnd::Done(CallOutcome::Failed(failure(FailureClass::Request, message))));
        };
        let connector = spec.connector.as_ref().and_then(|name| program.ir.connectors.get(name)).map(AsRef::as_ref);
        let run = self.name();
        let key = idempotency_key(&run, step);
        let trace = self.own_trace();
        let made = self.attempts_made(step).await?;
        let (mut number, mut counted) = (made.number, made.known);
        loop {
            if self.services.is_stopping() {
                return Err(Stop::Shutdown);
            }
            let ask = Ask {
                origin: &spec.request.origin,
                webhook: &spec.webhook,
                limit: webhook.limit,
                came_again: self.came_again,
            };
            let gate = Arc::clone(&self.services.gate);
            let mut pass = match self.enter(&gate, ask).await? {
                Ok(pass) => pass,
                Err(parking) => return Ok(CallEnd::Parked(parking)),
            };
            self.came_again = false;
            number += 1;
            counted += 1;
            let at = self.services.clock.now();
            let mut span = String::with_capacity(key.len() + 12);
            span.push_str(&key);
            span.push('/');
            span.push_str(itoa::Buffer::new().format(number));
            let traceparent = trace.header(&span);
            let input = AttemptInput { spec, connector, key: &key, traceparent: &traceparent, at };
            let prepared = self.services.client.prepare(input).await;
            let request = prepared.request.clone();
            self.progress.attempts_started.push(AttemptStarted { step: step.clone(), number, at, request });
            self.write().await?;
            pass.wire().await;
            let attempted = self.services.client.attempt(prepared, &webhook.returns).await;
            pass.settle(Verdict::of(&attempted.outcome), attempted.duration);
            let host = spec.request.origin.host();
            let class = match &attempted.outcome {
                CallOutcome::Succeeded(_) => None,
                CallOutcome::Failed(failed) => Some(failed.class),
            };
            self.services.metrics.attempted(host, class, attempted.duration);
            let mut ended = AttemptEnded {
                step: step.clone(),
                number,
                duration_ms: milliseconds(attempted.duration),
                address: attempted.address.map(|address| address.to_string()),
                response: attempted.response,
                error: None,
            };
            let failed = match attempted.outcome {
                CallOutcome::Succeeded(_) => {
                    self.progress.attempts_ended.push(ended);
                    return Ok(CallEnd::Done(attempted.outcome));
                }
                CallOutcome::Failed(failed) => failed,
            };
            ended.error = Some(failed.clone());
            self.progress.attempts_ended.push(ended);
            let retry_after = attempted.retry_after.as_deref();
            let (run, now) = (self.run.to_string(), self.services.clock.now());
            let next = retry::next_attempt(&spec.attempts, &run, step, counted, &failed, retry_after, now);
            match self.after(next).await? {
                Next::Again => {}
                Next::Rest(until) => return Ok(CallEnd::Later(until)),
                Next::Over => return Ok(CallEnd::Done(CallOutcome::Failed(failed))),
            }
        }
    }

    /// Waits at the gate until the call may be made, or says that the run rests.
    async fn enter(&mut self, gate: &Arc<Gate>, mut ask: Ask<'_>) -> Result<Result<Pass, Parking>, Stop> {
        let clock = &self.services.clock.clone();
        let mut slot = None;
        if self.opening.is_some() {
            // What may not be done at once is not done here.
            return match gate.enter_at_once(ask, clock.instant()) {
                Some(pass) => Ok(Ok(pass)),
                None => std::future::pending().await,
            };
        }
        loop {
            match gate.enter(ask, slot.take(), self.services.clock.instant()) {
                Entry::Pass(pass) => return Ok(Ok(pass)),
                Entry::Queue(queued) => slot = self.aside(queued.wait()).await?,
                Entry::Rest(Rest { pause, reason }) => {
                    let seat = gate.seat().filter(|_| pause <= SLEEP_AT_MOST.unsigned_abs());
                    let Some(_seat) = seat else {
                        return Ok(Err(held_up(reason, ask.origin, clock.now().saturating_add(pause).ok())));
                    };
                    self.aside(clock.sleep(pause)).await?;
                    ask.came_again = true;
                }
            }
            if self.has_heard().await? {
                // What it heard meanwhile may end it, and is looked at first.
                return Ok(Err(held_up(RestReason::HostBusy, ask.origin, Some(clock.now()))));
            }
        }
    }

    /// Whether something has come that the run listens to and was not told of.
    async fn has_heard(&self) -> Result<bool, Stop> {
        Ok(self.listens && !self.services.store.heard(self.run, self.heard_up_to(), 1).await?.is_empty())
    }

    /// Delivers a message: the outbox has it with the end of the turn; a mail server gets it now.
    pub(super) async fn perform_send(&mut self, step: &StepId, spec: &MailSpec) -> Result<SendEnd, Stop> {
        let mut change = MessageChange {
            step: step.clone(),
            mail: spec.clone(),
            message_id: String::new(),
            status: MessageStatus::Outbox,
            at: self.services.clock.now(),
            error: None,
        };
        let mail = match Mail::build(spec, &self.key(step), change.at) {
            Ok(mail) => mail,
            Err(error) => return Ok(self.send_failed(change, error.to_string())),
        };
        change.message_id = mail.message_id().to_owned();
        let Some(server) = self.services.mailer.origin() else {
            self.push_message(change, Some(mail));
            return Ok(SendEnd::Done(SendOutcome::Sent));
        };
        let made = self.attempts_made(step).await?;
        let (mut number, mut counted) = (made.number, made.known);
        change.status = MessageStatus::Sending;
        let holds = self.services.mailer.holds_unknown();
        if let Some(unknown) = made.unknown.filter(|_| holds) {
            // The daemon ended while the mail was being handed over. From now on that is an outcome, so that whoever lets the
            // run go on decides about it once.
            let message = "the daemon ended while the mail was being handed over".to_owned();
            let error = Some(failure(FailureClass::Unknown, message.clone()));
            let step = step.clone();
            let (address, response) = (None, None);
            let ended = AttemptEnded { step, number: unknown, duration_ms: 0, address, response, error };
            self.progress.attempts_ended.push(ended);
            return Ok(SendEnd::Parked(mail_unknown(&message)));
        }
        loop {
            if self.services.is_stopping() {
                return Err(Stop::Shutdown);
            }
            let ask = Ask { origin: &server, webhook: "", limit: None, came_again: self.came_again };
            let gate = Arc::clone(&self.services.mail_gate);
            let mut pass = match self.enter(&gate, ask).await? {
                Ok(pass) => pass,
                Err(parking) => return Ok(SendEnd::Parked(parking)),
            };
            number += 1;
            counted += 1;
            let at = self.services.clock.now();
            let request = describe_mail(spec, &mail);
            self.progress.attempts_started.push(AttemptStarted { step: step.clone(), number, at, request });
            self.push_message(change.clone(), None);
            self.write().await?;
            pass.wire().await;
            let begun = self.services.clock.instant();
            // It is by far the largest of what a turn may wait for, and mostly the outbox has the mail instead.
            let delivery = Box::pin(self.services.mailer.deliver(&mail)).await;
            let took = self.services.clock.instant().duration_since(begun);
            pass.settle(verdict(&delivery), took);
            self.services.metrics.attempted(server.host(), failure_class(&delivery), took);
            let mut ended = AttemptEnded {
                step: step.clone(),
                number,
                duration_ms: milliseconds(took),
                address: None,
                response: None,
                error: None,
            };
            let class = failure_class(&delivery).unwrap_or(FailureClass::Unknown);
            let (message, again) = match delivery {
                Delivery::Sent { reply } => {
                    ended.response = Some(json!({ "body": reply }).to_string());
                    self.progress.attempts_ended.push(ended);
                    self.services.metrics.delivered("sent");
                    change.status = MessageStatus::Sent;
                    change.at = self.services.clock.now();
                    self.push_message(change, None);
                    return Ok(SendEnd::Done(SendOutcome::Sent));
                }
                Delivery::Refused { message } => (message, false),
                Delivery::Unknown { message } if holds => {
                    ended.error = Some(failure(class, message.clone()));
                    self.progress.attempts_ended.push(ended);
                    return Ok(SendEnd::Parked(mail_unknown(&message)));
                }
                // Where nobody knows whether it was taken, it is sent again under the same Message-ID.
                Delivery::TryAgain { message } | Delivery::Unreachable { message } | Delivery::Unknown { message } => {
                    (message, true)
                }
            };
            let failed = failure(class, message);
            ended.error = Some(failed.clone());
            self.progress.attempts_ended.push(ended);
            let (run, now) = (self.run.to_string(), self.services.clock.now());
            let next = retry::next_by_schedule(&MAIL_ATTEMPTS, &run, step, counted, SignedDuration::ZERO, now);
            match self.after(next.filter(|_| again)).await? {
                Next::Again => {}
                Next::Rest(until) => return Ok(SendEnd::Later(until)),
                Next::Over => return Ok(self.send_failed(change, failed.message)),
            }
        }
    }

    /// Notes a message that was refused for good.
    fn send_failed(&mut self, mut change: MessageChange, message: String) -> SendEnd {
        change.status = MessageStatus::Failed;
        change.at = self.services.clock.now();
        change.error = Some(message.clone());
        self.push_message(change, None);
        SendEnd::Done(SendOutcome::Failed { message })
    }

    /// Waits for the next attempt, or says that there is none.
    async fn after(&mut self, next: Option<Timestamp>) -> Result<Next, Stop> {
        let Some(next) = next else { return Ok(Next::Over) };
        let now = self.services.clock.now();
        let pause = next.duration_since(now);
        // A run that may leave at once must be found resting.
        if pause > SLEEP_AT_MOST || self.listens {
            return Ok(Next::Rest(next));
        }
        // The outcome is durable before the pause, so that a crash in it costs no attempt.
        self.write().await?;
        self.services.sleep(Duration::try_from(pause).unwrap_or_default()).await?;
        Ok(Next::Again)
    }

    /// The attempts of a step that were made before this turn.
    async fn attempts_made(&mut self, step: &StepId) -> Result<Made, Stop> {
        if !self.resumed {
            return Ok(Made { number: 0, known: 0, unknown: None });
        }
        let attempts = self.services.store.attempts(self.run).await?;
        let own = attempts.iter().filter(|attempt| attempt.step == *step);
        let before = self.retried.as_ref().filter(|retried| retried.step == *step).map_or(0, |retried| retried.after);
        let mut made = Made { number: 0, known: 0, unknown: None };
        for attempt in own {
            made.number = made.number.max(attempt.number);
            // One whose outcome nobody knows does not count: the step is tried until it has an outcome.
            made.known += u32::from(attempt.duration_ms.is_some() && attempt.number > before);
            made.unknown = attempt.duration_ms.is_none().then_some(attempt.number);
        }
        Ok(made)
    }
}

/// The attempts of a step so far.
struct Made {
    /// The highest number.
    number: u32,
    /// How many have an outcome.
    known: u32,
    /// The last one, when it has none.
    unknown: Option<u32>,
}

/// A run rests because its request may not be made yet.
fn held_up(reason: RestReason, origin: &Origin, until: Option<Timestamp>) -> Parking {
    Parking { until, reason: reason.describe(origin), reason_code: SmolStr::new_static(reason.as_str()) }
}

/// A run rests because nobody knows whether its mail was taken.
fn mail_unknown(message: &str) -> Parking {
    let reason = format!("whether the mail server has taken the mail is not known: {message}");
    Parking { until: None, reason, reason_code: SmolStr::new_static("parked_mail_unknown") }
}

/// What history shows of a mail that is handed over.
fn describe_mail(spec: &MailSpec, mail: &Mail) -> String {
    json!({ "message_id": mail.message_id(), "from": spec.from, "to": spec.to, "subject": spec.subject }).to_string()
}

/// What kind of failure a delivery is, if it is one.
fn failure_class(delivery: &Delivery) -> Option<FailureClass> {
    match delivery {
        Delivery::Sent { .. } => None,
        Delivery::Refused { .. } | Delivery::TryAgain { .. } => Some(FailureClass::Status),
        Delivery::Unreachable { .. } => Some(FailureClass::Connection),
        Delivery::Unknown { .. } => Some(FailureClass::Unknown),
    }
}

/// What a delivery says about the mail server.
fn verdict(delivery: &Delivery) -> Verdict {
    match delivery {
        Delivery::Sent { .. } | Delivery::Refused { .. } | Delivery::TryAgain { .. } => Verdict::Answered,
        Delivery::Unreachable { .. } | Delivery::Unknown { .. } => Verdict::Failed,
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn failure(class: FailureClass, message: String) -> CallFailure {
    CallFailure { class, status: None, message }
}
