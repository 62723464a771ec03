//! One turn: feed the machine, perform what it asks, until the run waits or ends. Knows no engine.

use compiler::ir::StepId;
use jiff::Timestamp;
use smol_str::SmolStr;

use crate::machine::{
    CallOutcome, CallSpec, Card, Effect, Ending, Happened, Input, MailSpec, Run, Saved, SendOutcome, Waiting,
};
use crate::store::StoreError;
use crate::value::Value;

/// What one turn of a run needs from the engine that it runs on.
pub trait Journal: Send {
    /// The time.
    fn now(&self) -> Timestamp;

    /// The contact as it is now.
    fn contact(&mut self) -> impl Future<Output = Result<Option<Card>, Stop>> + Send;

    /// Performs a call: every attempt, each one durable before its first byte leaves.
    fn call(&mut self, step: &StepId, spec: &CallSpec) -> impl Future<Output = Result<CallEnd, Stop>> + Send;

    /// Delivers a message.
    fn send(&mut self, step: &StepId, spec: &MailSpec) -> impl Future<Output = Result<SendEnd, Stop>> + Send;

    /// Writes a field of the contact, as part of the turn.
    fn set(&mut self, field: &SmolStr, value: &Value);

    /// Notes the state that the machine is in; durable at the latest with the end of the turn, and before any attempt.
    fn save(&mut self, saved: &Saved);

    /// Ends the turn: the state, what was set, and how the run goes on are durable as one atomic act.
    fn end(&mut self, end: &TurnEnd) -> impl Future<Output = Result<(), Stop>> + Send;
}

/// How a call that was asked for stands.
#[derive(Clone, Debug, PartialEq)]
pub enum CallEnd {
    /// It has its outcome.
    Done(CallOutcome),
    /// The next attempt is due later: the run rests until then.
    Later(Timestamp),
    /// It may not be made now.
    Parked(Parking),
}

/// Why a run rests that did not ask for it, and how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Parking {
    /// When it goes on by itself; `None` when somebody has to see to it.
    pub until: Option<Timestamp>,
    /// Why, for people.
    pub reason: String,
    /// Why, for programs: it begins with `parked_`.
    pub reason_code: &'static str,
}

/// How a delivery that was asked for stands.
#[derive(Clone, Debug, PartialEq)]
pub enum SendEnd {
    /// It has its outcome.
    Done(SendOutcome),
    /// The next attempt is due later: the run rests until then.
    Later(Timestamp),
    /// It may not be made now.
    Parked(Parking),
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnEnd {
    /// The run has ended.
    Ended(Ending),
    /// The run rests until a time.
    Waits {
        /// The step that waits.
        step: StepId,
        /// When it goes on.
        until: Timestamp,
    },
    /// The run rests though its program does not say so.
    Parked {
        /// The step that it stands at.
        step: StepId,
        /// Why, and how long.
        parking: Parking,
    },
    /// The input was stale: nothing happened.
    Stale,
}

/// Why a turn could not be finished. The run stands where it was last saved and is taken up again from there.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Stop {
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run went on elsewhere: it had ended, or another turn of it was recorded first.
    #[error("the run has gone on elsewhere")]
    Stale,
    /// The daemon is going down.
    #[error("the daemon is stopping")]
    Shutdown,
}

/// How a turn begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Begin {
    /// The run was just admitted.
    Start,
    /// The run is taken up again: after a restart, or because its time has come.
    Resume,
    /// Somebody cancelled it.
    Cancel,
}

/// One turn of a run, until it waits or ends.
///
/// # Errors
/// When the store failed or the daemon stops; see [`Stop`].
pub async fn turn<J: Journal>(journal: &mut J, run: &mut Run, begin: Begin) -> Result<TurnEnd, Stop> {
    // What the turn records before the machine was fed is the state that it began with.
    journal.save(&run.saved);
    let mut happened = match begin {
        Begin::Start => Happened::Started,
        Begin::Cancel => Happened::Cancelled,
        Begin::Resume => match run.saved.waiting.clone() {
            None => Happened::Started,
            Some(Waiting::Sleep { step, until }) if until <= journal.now() => Happened::Woken { step },
            Some(Waiting::Sleep { step, until }) => return rest(journal, step, until).await,
            Some(Waiting::Call { step, spec }) => match journal.call(&step, &spec).await? {
                CallEnd::Done(outcome) => Happened::Called { step, outcome },
                CallEnd::Later(until) => return rest(journal, step, until).await,
                CallEnd::Parked(parking) => return park(journal, step, parking).await,
            },
            Some(Waiting::Send { step, spec }) => match journal.send(&step, &spec).await? {
                SendEnd::Done(outcome) => Happened::Sent { step, outcome },
                SendEnd::Later(until) => return rest(journal, step, until).await,
                SendEnd::Parked(parking) => return park(journal, step, parking).await,
            },
        },
    };
    loop {
        let contact = journal.contact().await?;
        let input = Input { at: journal.now(), contact: contact.as_ref(), what: happened };
        let effects = run.feed(&input);
        if effects.is_empty() {
            return Ok(TurnEnd::Stale);
        }
        journal.save(&run.saved);
        let mut next = None;
        for effect in effects {
            match effect {
                Effect::Set { field, value, .. } => journal.set(&field, &value),
                Effect::Call { step, spec } => match journal.call(&step, &spec).await? {
                    CallEnd::Done(outcome) => next = Some(Happened::Called { step, outcome }),
                    CallEnd::Later(until) => return rest(journal, step, until).await,
                    CallEnd::Parked(parking) => return park(journal, step, parking).await,
                },
                Effect::Send { step, spec } => match journal.send(&step, &spec).await? {
                    SendEnd::Done(outcome) => next = Some(Happened::Sent { step, outcome }),
                    SendEnd::Later(until) => return rest(journal, step, until).await,
                    SendEnd::Parked(parking) => return park(journal, step, parking).await,
                },
                Effect::Sleep { step, until } => return rest(journal, step, until).await,
                Effect::Finish(ending) => {
                    let end = TurnEnd::Ended(ending);
                    journal.end(&end).await?;
                    return Ok(end);
                }
            }
        }
        match next {
            Some(what) => happened = what,
            // INVARIANT: the last effect of a turn waits or ends; a machine that breaks this stands still, visibly.
            None => return Ok(TurnEnd::Stale),
        }
    }
}

async fn rest<J: Journal>(journal: &mut J, step: StepId, until: Timestamp) -> Result<TurnEnd, Stop> {
    let end = TurnEnd::Waits { step, until };
    journal.end(&end).await?;
    Ok(end)
}

async fn park<J: Journal>(journal: &mut J, step: StepId, parking: Parking) -> Result<TurnEnd, Stop> {
    let end = TurnEnd::Parked { step, parking };
    journal.end(&end).await?;
    Ok(end)
}
