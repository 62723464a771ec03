//! The journal of the embedded engine: what a turn did is gathered and written as one record.
//!
//! A record is written when something is about to leave the machine, and at the end of the turn. In between nothing has
//! happened that the outside could have seen, so a crash takes the run back to a state that is as good.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use compiler::ir::StepId;
use jiff::Timestamp;
use smol_str::SmolStr;

use super::accept;
use super::embedded::Embedded;
use super::full_disk;
use super::opening::FirstRecord;
use super::raise::Raised;
use super::services::Services;
use super::turn::{CallEnd, Journal, Rests, SendEnd, Stop, TurnEnd};
use crate::deliver::Mail;
use crate::directory::to_card;
use crate::machine::identify::Lookup;
use crate::machine::{
    CallOutcome, CallSpec, Card, Ending, Heard, LoadedProgram, MailSpec, Retried, Saved, idempotency_key,
};
use crate::store::{ListeningChange, MessageChange, MessageStatus, Progress, Recorded, RunId, RunStatus, Watching};
use crate::trace::Trace;
use crate::value::{Record, Value, to_json};

/// So many events are handed to a run at once.
const HEARD_AT_ONCE: usize = 256;

/// The journal of one turn of one run.
pub(super) struct EmbeddedJournal<'a> {
    engine: &'a Embedded,
    pub(super) services: &'a Services,
    pub(super) program: Arc<LoadedProgram>,
    pub(super) run: RunId,
    /// When the run was admitted.
    pub(super) accepted_at: Timestamp,
    /// The contact's number, if the run has one.
    pub(super) contact_id: Option<i64>,
    /// The contact as last read, and the count of changes then.
    card: Option<(u64, Card)>,
    /// What is not written yet.
    pub(super) progress: Progress,
    /// For each of its messages the mail that becomes a file once it is kept.
    pub(super) mails: Vec<Option<Mail>>,
    /// The trace that its calls belong to.
    pub(super) trace: Option<Trace>,
    /// Whether the run was taken up again: attempts may have been made before this turn.
    pub(super) resumed: bool,
    /// Whether it was told to come again, by a limit or a busy host, and has not gone on since.
    pub(super) came_again: bool,
    /// The statement that it was sent back to, after it had failed.
    pub(super) retried: Option<Retried>,
    /// Whether the run listens to events of its contact.
    pub(super) listens: bool,
    /// Up to which acceptance number events were handed to the run in this turn.
    heard_up_to: Option<i64>,
    /// How the last turn left the run, when it rests still.
    pub(super) rests: Option<Rests>,
    /// The depth of the event that the run is about.
    pub(super) depth: u32,
    /// The run's workflow.
    pub(super) workflow: Option<SmolStr>,
    /// Whether the contact's next run may have begun.
    begun: AtomicBool,
    /// What was raised and is not written yet.
    raised: Vec<Raised>,
    /// Where the first record goes, when it is not the store.
    pub(super) opening: Option<FirstRecord>,
}

impl<'a> EmbeddedJournal<'a> {
    /// The journal of a run. `card` is its contact, if it was read just now.
    pub(super) fn new(
        engine: &'a Embedded,
        program: Arc<LoadedProgram>,
        run: RunId,
        contact_id: Option<i64>,
        card: Option<(u64, Card)>,
        revision: u32,
        resumed: bool,
    ) -> EmbeddedJournal<'a> {
        let progress = Progress {
            run,
            revision: Some(revision),
            saved: Arc::default(),
            status: RunStatus::Running,
            reason: None,
            reason_code: None,
            wake_at: None,
            at: engine.services.clock.now(),
            attempts_started: vec![],
            attempts_ended: vec![],
            messages: vec![],
            contact_fields: vec![],
            contact: contact_id,
            watching: None,
            raised: vec![],
            listening: None,
        };
        EmbeddedJournal {
            engine,
            services: &engine.services,
            program,
            run,
            accepted_at: progress.at,
            contact_id,
            card,
            progress,
            mails: vec![],
            trace: None,
            resumed,
            came_again: false,
            retried: None,
            listens: false,
            heard_up_to: None,
            rests: None,
            depth: 0,
            workflow: None,
            begun: AtomicBool::new(false),
            raised: vec![],
            opening: None,
        }
    }

    /// Lets the contact's next run begin: this one's first step is journaled, or held up by something outside.
    fn has_begun(&self) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.engine.leave_first(self.run);
        }
    }

    /// The run as no other is called.
    pub(super) fn name(&self) -> String {
        self.services.store.keys().name(self.run, self.accepted_at)
    }

    /// The trace that the run belongs to. Where nobody gave the event one, it is made from the event: all that it leads to
    /// shares it.
    pub(super) fn own_trace(&self) -> Trace {
        let event = RunId { workflow: 0, ..self.run };
        let derived = || Trace::derived(&self.services.store.keys().name(event, self.accepted_at));
        self.trace.clone().unwrap_or_else(derived)
    }

    /// The key of a step, for the outside.
    pub(super) fn key(&self, step: &StepId) -> String {
        idempotency_key(&self.name(), step)
    }

    /// Up to which acceptance number events were handed to the run.
    pub(super) fn heard_up_to(&self) -> i64 {
        self.heard_up_to.unwrap_or(0)
    }

    /// Waits for something without the turn, which another run has meanwhile.
    pub(super) async fn aside<T>(&mut self, waiting: impl Future<Output = T>) -> Result<T, Stop> {
        if !self.progress.contact_fields.is_empty() {
            // The contact's next run begins meanwhile, and finds what this one has written.
            self.write().await?;
        }
        self.has_begun();
        self.engine.step_aside();
        let waited = self.services.unless_stopped(waiting).await;
        self.engine.step_back();
        waited
    }

    /// Writes what has been gathered, as one atomic act. Answers which fields of the contact were left as they were, because
    /// another contact has the value.
    pub(super) async fn write(&mut self) -> Result<Vec<SmolStr>, Stop> {
        self.progress.at = self.services.clock.now();
        let wrote = !self.progress.contact_fields.is_empty();
        let active = (wrote || !self.raised.is_empty()).then(|| self.services.programs.active()).flatten();
        let active = active.as_deref();
        let watching = active
            .filter(|_| wrote)
            .and_then(|active| active.watching(self.workflow.as_ref(), self.depth.saturating_add(1)))
            .map(|watching| Watching { first_state: accept::first_state(Some(&self.own_trace())), ..watching });
        let progress = &mut self.progress;
        let record = Progress {
            run: progress.run,
            revision: progress.revision,
            saved: progress.saved.clone(),
            status: progress.status,
            reason: progress.reason.take(),
            reason_code: progress.reason_code.take(),
            wake_at: progress.wake_at.take(),
            at: progress.at,
            attempts_started: std::mem::take(&mut progress.attempts_started),
            attempts_ended: std::mem::take(&mut progress.attempts_ended),
            messages: std::mem::take(&mut progress.messages),
            contact_fields: std::mem::take(&mut progress.contact_fields),
            contact: progress.contact,
            watching,
            raised: self.raised.drain(..).map(|raised| raised.accept(active, &self.program, progress.at)).collect(),
            listening: self
                .listens
                .then(|| ListeningChange { heard_up_to: self.heard_up_to, ..progress.listening.unwrap_or_default() }),
        };
        let wrote_contact = !record.contact_fields.is_empty();
        let mails = std::mem::take(&mut self.mails);
        let statuses: Vec<MessageStatus> = record.messages.iter().map(|message| message.status).collect();
        let changes = self.services.directory.changes();
        let (recorded, begins) = match self.opening.take() {
            Some(opening) => (opening.keep(record).await.ok_or(Stop::Stale)?, None),
            None => full_disk::record(self.services, record).await?,
        };
        let Recorded::Kept { contact, taken, messages, raised } = recorded else { return Err(Stop::Stale) };
        self.services.follow(&raised);
        self.progress.revision = self.progress.revision.map(|revision| revision + 1);
        for field in &taken {
            tracing::warn!(run = %self.run, field = field.as_str(), "another contact has this identifier; the field is unchanged");
        }
        if wrote_contact {
            self.services.directory.changed();
            // Only our own change lies between the two counts, or the card is read again.
            self.card = contact.map(|record| (changes + 1, to_card(&self.program.ir.contact, &record)));
        }
        // Only now: a turn that was not kept is had again.
        for status in statuses {
            match status {
                MessageStatus::Outbox => self.services.metrics.delivered("outbox"),
                MessageStatus::Failed => self.services.metrics.delivered("failed"),
                MessageStatus::Sending | MessageStatus::Sent => {}
            }
        }
        for (mail, number) in mails.into_iter().zip(messages) {
            if let (Some(mail), Some(number)) = (mail, number) {
                self.services.outgoing.put(number, mail);
            }
        }
        // After all that, so that the next run of the contact finds what this one has written.
        self.has_begun();
        if let Some(begins) = begins {
            let Recorded::Kept { .. } = self.services.store.record(begins).await? else {
                return Err(Stop::Stale);
            };
            self.progress.revision = self.progress.revision.map(|revision| revision + 1);
        }
        Ok(taken)
    }
}

impl EmbeddedJournal<'_> {
    /// Notes a message; `mail` when the outbox is to have its file.
    pub(super) fn push_message(&mut self, change: MessageChange, mail: Option<Mail>) {
        self.progress.messages.push(change);
        self.mails.push(mail);
    }
}

impl Journal for EmbeddedJournal<'_> {
    fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    async fn contact(&mut self) -> Result<Option<Card>, Stop> {
        let Some(id) = self.contact_id else { return Ok(None) };
        let changes = self.services.directory.changes();
        // What this turn wrote is not in the store yet: then the card at hand is the newer one.
        let wrote = !self.progress.contact_fields.is_empty();
        if let Some((read_at, card)) = &self.card
            && (wrote || *read_at == changes)
        {
            return Ok(Some(card.clone()));
        }
        let card = self.services.directory.card(&self.program.ir.contact, id).await?;
        self.card = card.clone().map(|card| (changes, card));
        Ok(card)
    }

    async fn call(&mut self, step: &StepId, spec: &CallSpec) -> Result<CallEnd, Stop> {
        let end = self.perform_call(step, spec).await?;
        if spec.is_channel
            && let CallEnd::Done(outcome) = &end
        {
            self.services.metrics.delivered(match outcome {
                CallOutcome::Succeeded(_) => "sent",
                CallOutcome::Failed(_) => "failed",
            });
        }
        Ok(end)
    }

    fn sends_at_once(&self) -> bool {
        self.services.mailer.is_outbox()
    }

    async fn send(&mut self, step: &StepId, spec: &MailSpec) -> Result<SendEnd, Stop> {
        self.perform_send(step, spec).await
    }

    async fn heard(&mut self) -> Result<Vec<Heard>, Stop> {
        // Before its first record nothing can have come: its admission is not over.
        if !self.listens || self.opening.is_some() {
            return Ok(vec![]);
        }
        let events = self.services.store.heard(self.run, self.heard_up_to(), HEARD_AT_ONCE).await?;
        self.heard_up_to = events.last().map(|event| event.acceptance).or(self.heard_up_to);
        Ok(events.iter().map(|kept| kept.heard(&self.program.ir)).collect())
    }

    fn rests(&self) -> Option<Rests> {
        self.rests.clone()
    }

    async fn identify(&mut self, lookup: &Lookup) -> Result<Result<Card, Ending>, Stop> {
        // What this turn wrote may be what the contact is found by.
        if !self.progress.contact_fields.is_empty() {
            self.write().await?;
        }
        let found = self.services.store.identify(lookup.clone(), self.services.clock.now()).await?;
        Ok(found.map(|contact| to_card(&self.program.ir.contact, &contact)))
    }

    fn emit(&mut self, step: &StepId, event: &SmolStr, params: &Arc<Record>) {
        self.raised.push(Raised {
            id: SmolStr::new(self.key(step)),
            event: event.clone(),
            params: params.clone(),
            contact: self.contact_id,
            depth: self.depth.saturating_add(1),
            trace: Some(self.own_trace()),
        });
    }

    fn set(&mut self, field: &SmolStr, value: &Value) {
        self.progress.contact_fields.push((field.clone(), to_json(value)));
        if let Some((_, card)) = &mut self.card {
            let mut fields: Record = (*card.fields).clone();
            fields.set(field.clone(), value.clone());
            card.fields = Arc::new(fields);
        }
    }

    async fn claim(&mut self, field: &SmolStr, value: &str) -> Result<bool, Stop> {
        self.set(field, &Value::from(value));
        Ok(self.write().await?.contains(field))
    }

    fn save(&mut self, saved: &Saved) {
        // Plain data with text keys always serialises.
        self.progress.saved = serde_json::to_string(saved).unwrap_or_default().into();
        if self.listens {
            self.progress.listening = Some(ListeningChange { heard_up_to: None, from: saved.listens_from });
        }
    }

    async fn end(&mut self, end: &TurnEnd) -> Result<(), Stop> {
        match end {
            TurnEnd::Ended(ending) => {
                (self.progress.status, self.progress.reason, self.progress.reason_code) = RunStatus::of(ending);
            }
            TurnEnd::Waits { step, until } => {
                self.progress.status = RunStatus::Waiting;
                self.progress.wake_at = Some((step.clone(), *until));
            }
            TurnEnd::Parked { step, parking } => {
                self.services.metrics.parked(&parking.reason_code);
                self.progress.status = RunStatus::Waiting;
                self.progress.reason = Some(parking.reason.clone());
                self.progress.reason_code = Some(parking.reason_code.clone());
                self.progress.wake_at = parking.until.map(|until| (step.clone(), until));
            }
            TurnEnd::Stale => return Ok(()),
        }
        self.write().await?;
        if let TurnEnd::Waits { .. } | TurnEnd::Parked { .. } = end {
            self.services.sleeping.notify_one();
        }
        Ok(())
    }
}
