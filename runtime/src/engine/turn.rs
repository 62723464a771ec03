//! One turn: feed the machine, perform what it asks, until the run waits or ends. Knows no engine.

use std::sync::Arc;

use compiler::ir::StepId;
use jiff::Timestamp;
use smol_str::SmolStr;

use crate::machine::identify::Lookup;
use crate::machine::{
    CallOutcome, CallSpec, Card, Effect, Ending, Happened, Heard, Input, MailSpec, Run, Saved, SendOutcome, Waiting,
};
use crate::store::StoreError;
use crate::value::{Record, Value};

/// What one turn of a run needs from the engine that it runs on.
pub trait Journal: Send {
    /// The time.
    fn now(&self) -> Timestamp;

    /// The contact as it is now.
    fn contact(&mut self) -> impl Future<Output = Result<Option<Card>, Stop>> + Send;

    /// Performs a call: every attempt, each one durable before its first byte leaves.
    fn call(&mut self, step: &StepId, spec: &CallSpec) -> impl Future<Output = Result<CallEnd, Stop>> + Send;

    /// Whether a message that is sent has its outcome at once, within the turn: then the state in which the run waits for it
    /// is never kept.
    fn sends_at_once(&self) -> bool {
        false
    }

    /// Delivers a message.
    fn send(&mut self, step: &StepId, spec: &MailSpec) -> impl Future<Output = Result<SendEnd, Stop>> + Send;

    /// Events that the run listens to and was not told of before, in the order of their acceptance. That they were taken
    /// in is durable with what is saved next.
    fn heard(&mut self) -> impl Future<Output = Result<Vec<Heard>, Stop>> + Send;

    /// How the last turn left the run, when its time has not come yet.
    fn rests(&self) -> Option<Rests>;

    /// Finds another contact, or makes it; or says how the run ends without one.
    fn identify(&mut self, lookup: &Lookup) -> impl Future<Output = Result<Result<Card, Ending>, Stop>> + Send;

    /// Raises an event, as part of the turn.
    fn emit(&mut self, step: &StepId, event: &SmolStr, params: &Arc<Record>);

    /// Writes a field of the contact, as part of the turn.
    fn set(&mut self, field: &SmolStr, value: &Value);

    /// Writes a field of the contact that contacts are found by, so that it is durable. Answers whether it was left as it was,
    /// because another contact has the value.
    fn claim(&mut self, field: &SmolStr, value: &str) -> impl Future<Output = Result<bool, Stop>> + Send;

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
    pub reason_code: SmolStr,
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

/// How a run was left that rests.
#[derive(Clone, Debug, PartialEq)]
pub enum Rests {
    /// Until a time.
    Until(Timestamp),
    /// Though its program does not say so.
    Parked(Parking),
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
    let mut happened = match begin {
        Begin::Start => Happened::Started,
        Begin::Cancel => Happened::Cancelled,
        Begin::Resume => {
            // What the turn records before the machine is fed is the state that it began with.
            journal.save(&run.saved);
            match resume(journal, run).await? {
                Resumed::On(happened) => happened,
                Resumed::Over(end) => return Ok(end),
            }
        }
    };
    loop {
        let heard = journal.heard().await?;
        let effects = feed(journal, run, &heard, happened).await?;
        if effects.is_empty() {
            return Ok(TurnEnd::Stale);
        }
        happened = match perform(journal, effects).await? {
            Resumed::On(happened) => happened,
            Resumed::Over(end) => return Ok(end),
        };
    }
}

/// How a turn goes on.
enum Resumed {
    /// With this.
    On(Happened),
    /// Not at all.
    Over(TurnEnd),
}

async fn feed<J: Journal>(
    journal: &mut J,
    run: &mut Run,
    heard: &[Heard],
    what: Happened,
) -> Result<Vec<Effect>, Stop> {
    let contact = journal.contact().await?;
    let effects = run.feed(&Input { at: journal.now(), contact: contact.as_ref(), heard, what });
    if !(journal.sends_at_once() && matches!(effects.last(), Some(Effect::Send { .. }))) {
        journal.save(&run.saved);
    }
    Ok(effects)
}

/// What a run that is taken up again goes on with: first what it heard, then what it waits for.
async fn resume<J: Journal>(journal: &mut J, run: &mut Run) -> Result<Resumed, Stop> {
    let heard = journal.heard().await?;
    if !heard.is_empty() && run.saved.waiting.is_some() {
        let effects = feed(journal, run, &heard, Happened::Heard).await?;
        if !effects.is_empty() {
            return perform(journal, effects).await;
        }
        // It still waits for the same: an attempt is not made before its time because an event came.
        if let (Some(step), Some(rests)) = (run.resting_step().cloned(), journal.rests()) {
            return match rests {
                Rests::Until(until) => rest(journal, step, until).await,
                Rests::Parked(parking) => park(journal, step, parking).await,
            }
            .map(Resumed::Over);
        }
    }
    Ok(Resumed::On(match run.saved.waiting.clone() {
        None => match feed(journal, run, &heard, Happened::Started).await? {
            effects if effects.is_empty() => return Ok(Resumed::Over(TurnEnd::Stale)),
            effects => return perform(journal, effects).await,
        },
        Some(Waiting::Sleep { step, until } | Waiting::Event { step, until }) if until <= journal.now() => {
            Happened::Woken { step }
        }
        Some(Waiting::Sleep { step, until } | Waiting::Event { step, until }) => {
            return rest(journal, step, until).await.map(Resumed::Over);
        }
        Some(Waiting::Call { step, spec }) => return perform(journal, vec![Effect::Call { step, spec }]).await,
        Some(Waiting::Send { step, spec }) => return perform(journal, vec![Effect::Send { step, spec }]).await,
        Some(Waiting::Claim { step, field, value, .. }) => {
            return perform(journal, vec![Effect::Claim { step, field, value }]).await;
        }
        Some(Waiting::Identify { step, lookup }) => {
            return perform(journal, vec![Effect::Identify { step, lookup }]).await;
        }
    }))
}

/// Performs what the machine asks for. Its last effect waits or ends.
async fn perform<J: Journal>(journal: &mut J, effects: Vec<Effect>) -> Result<Resumed, Stop> {
    for effect in effects {
        return match effect {
            Effect::Set { field, value, .. } => {
                journal.set(&field, &value);
                continue;
            }
            Effect::Emit { step, event, params } => {
                journal.emit(&step, &event, &params);
                continue;
            }
            Effect::Call { step, spec } => match journal.call(&step, &spec).await? {
                CallEnd::Done(outcome) => Ok(Resumed::On(Happened::Called { step, outcome })),
                CallEnd::Later(until) => rest(journal, step, until).await.map(Resumed::Over),
                CallEnd::Parked(parking) => park(journal, step, parking).await.map(Resumed::Over),
            },
            Effect::Send { step, spec } => match journal.send(&step, &spec).await? {
                SendEnd::Done(outcome) => Ok(Resumed::On(Happened::Sent { step, outcome })),
                SendEnd::Later(until) => rest(journal, step, until).await.map(Resumed::Over),
                SendEnd::Parked(parking) => park(journal, step, parking).await.map(Resumed::Over),
            },
            Effect::Identify { step, lookup } => {
                let found = journal.identify(&lookup).await?;
                Ok(Resumed::On(Happened::Identified { step, found }))
            }
            Effect::Claim { step, field, value } => {
                let taken = journal.claim(&field, &value).await?;
                Ok(Resumed::On(Happened::Claimed { step, taken }))
            }
            Effect::Sleep { step, until } | Effect::Await { step, until, .. } => {
                rest(journal, step, until).await.map(Resumed::Over)
            }
            Effect::Finish(ending) => {
                let end = TurnEnd::Ended(ending);
                journal.end(&end).await?;
                Ok(Resumed::Over(end))
            }
        };
    }
    // INVARIANT: the last effect of a turn waits or ends; a machine that breaks this stands still, visibly.
    Ok(Resumed::Over(TurnEnd::Stale))
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
