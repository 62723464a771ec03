//! Who may call which host now: so many calls to a host at once, a limit that its webhook sets, and a circuit breaker.
//!
//! A host that hangs holds up its own runs and nobody else's. A run that may not call yet waits in a short queue for its
//! host, without its turn; when that is full, or the time is longer than it is worth to wait in memory, it is told when to
//! come again and rests in the store. Nothing is ever dropped, and a run that comes again goes before one that is new.
//!
//! A host that answers fast may have more calls at once than one that does not: what is too much for a host shows in how long
//! it takes. And it is given more passes than it may have calls on the wire, because most of a pass's time is then spent on
//! making its attempt durable; see [`Pass::wire`].

mod breaker;
mod host;
mod permits;
mod rate;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use compiler::ir::{Limit, Origin};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::host::{Back, Host};
use crate::clock::Clock;
use crate::machine::{CallFailure, CallOutcome, FailureClass};

/// Runs that may wait in memory for all hosts together.
const SEATS: usize = 4_096;
/// Hosts that may be remembered; beyond them, those are forgotten that nothing is to be remembered of.
const HOSTS: usize = 1_024;

/// Lets calls through, host by host.
#[derive(Debug)]
pub struct Gate {
    hosts: Mutex<HashMap<Origin, Host>>,
    seats: Arc<Semaphore>,
    /// Counts those that wait for hosts that are fast, by how often it is shared.
    crowd: Arc<()>,
    calls: Calls,
    clock: Clock,
}

/// How many calls a host may have at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Any host.
    pub per_host: usize,
    /// One that answers within 50 milliseconds; no fewer than any.
    pub per_fast_host: usize,
}

impl Calls {
    /// As many for every host.
    pub const fn alike(calls: usize) -> Calls {
        Calls { per_host: calls, per_fast_host: calls }
    }
}

/// A call that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Where to.
    pub origin: &'a Origin,
    /// The webhook, and the limit that it sets.
    pub webhook: &'a str,
    /// At most so many of its requests.
    pub limit: Option<Limit>,
    /// Whether it was told before to come again: then it does not stand behind those.
    pub came_again: bool,
}

/// What becomes of a call that is to be made.
#[derive(Debug)]
pub enum Entry {
    /// It may be made.
    Pass(Pass),
    /// It may be made when a call to the host has ended.
    Queue(Queued),
    /// It may be asked for again after a while.
    Rest(Rest),
}

/// How long a call is to rest, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How long from now.
    pub pause: Duration,
    /// Why.
    pub reason: RestReason,
}

/// Why a call is not made yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestReason {
    /// Most calls to the host failed lately.
    CircuitOpen,
    /// Too many calls to the host wait already.
    HostBusy,
    /// The webhook's limit is used up.
    RateLimit,
}

impl RestReason {
    /// The reason code of a run that rests for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            RestReason::CircuitOpen => "parked_circuit_open",
            RestReason::HostBusy => "parked_host_busy",
            RestReason::RateLimit => "parked_rate_limit",
        }
    }

    /// The same for people.
    pub fn describe(self, origin: &Origin) -> String {
        let host = origin.host();
        match self {
            RestReason::CircuitOpen => {
                format!("most calls to `{host}` failed lately; they are paused, then one is tried")
            }
            RestReason::HostBusy => format!("`{host}` answers more slowly than calls to it come"),
            RestReason::RateLimit => "the webhook's `limit` is used up for now".to_owned(),
        }
    }
}

/// What a call says about its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It works, whatever it thinks of the request.
    Answered,
    /// It does not.
    Failed,
    /// Nothing: the request was not sent, or the host asked for a pause.
    Nothing,
}

impl Verdict {
    /// What an outcome says.
    pub fn of(outcome: &CallOutcome) -> Verdict {
        let CallOutcome::Failed(CallFailure { class, status, .. }) = outcome else { return Verdict::Answered };
        match class {
            FailureClass::Dns
            | FailureClass::Connection
            | FailureClass::Timeout
            | FailureClass::Certificate
            | FailureClass::Unknown => Verdict::Failed,
            FailureClass::Status => match status {
                Some(408 | 500..=599) => Verdict::Failed,
                Some(429) => Verdict::Nothing,
                _ => Verdict::Answered,
            },
            FailureClass::Body | FailureClass::TooLarge => Verdict::Answered,
            FailureClass::Request | FailureClass::MissingSecret | FailureClass::Blocked => Verdict::Nothing,
        }
    }
}

impl Gate {
    /// A gate with so many calls to a host at once.
    pub fn new(clock: Clock, calls: Calls) -> Gate {
        let per_host = calls.per_host.max(1);
        Gate {
            hosts: Mutex::default(),
            seats: Arc::new(Semaphore::new(SEATS)),
            crowd: Arc::new(()),
            calls: Calls { per_host, per_fast_host: calls.per_fast_host.max(per_host) },
            clock,
        }
    }

    /// Takes what an earlier daemon has sent under a webhook's limit, by how long that was ago, the newest first; and for how
    /// long runs still rest for it, behind which new ones stand.
    pub fn prime(&self, ask: Ask<'_>, ages: &[Duration], given: Duration, now: Instant) {
        let Some(limit) = ask.limit else { return };
        let mut hosts = self.lock();
        let host = hosts.entry(ask.origin.clone()).or_insert_with(|| Host::new(self.calls, now));
        host.prime(ask.webhook, limit, ages, given, now);
    }

    /// Asks for a call, with the slot that was waited for, if any.
    pub fn enter(self: &Arc<Gate>, ask: Ask<'_>, slot: Option<Slot>, now: Instant) -> Entry {
        let mut hosts = self.lock();
        if hosts.len() >= HOSTS {
            hosts.retain(|_, host| !host.is_idle(now));
        }
        // Mostly the host is known, and its name need not be copied.
        if !hosts.contains_key(ask.origin) {
            hosts.insert(ask.origin.clone(), Host::new(self.calls, now));
        }
        let Some(host) = hosts.get_mut(ask.origin) else {
            return Entry::Rest(Rest { pause: Duration::from_secs(1), reason: RestReason::HostBusy });
        };
        match host.enter(ask, slot, &self.seats, &self.crowd, now) {
            host::Entry::Pass { slot, tried } => Entry::Pass(Pass {
                gate: self.clone(),
                origin: ask.origin.clone(),
                wire: host.wire(),
                slot: Some(slot),
                on_wire: None,
                tried,
            }),
            host::Entry::Queue(queued) => Entry::Queue(queued),
            host::Entry::Rest(rest) => Entry::Rest(rest),
        }
    }

    /// A pass for a call that may be made at once: no webhook's limit has to be looked at, nobody waits for the host, and its
    /// circuit is closed. Asking changes nothing where there is none.
    pub fn enter_at_once(self: &Arc<Gate>, ask: Ask<'_>, now: Instant) -> Option<Pass> {
        let hosts = self.lock();
        let may = |host: &Host| ask.limit.is_none() && host.is_free();
        if hosts.get(ask.origin).map_or(hosts.len() >= HOSTS, |host| !may(host)) {
            return None;
        }
        drop(hosts);
        match self.enter(ask, None, now) {
            Entry::Pass(pass) => Some(pass),
            Entry::Queue(_) | Entry::Rest(_) => None,
        }
    }

    /// A place to wait in memory; there are only so many.
    pub fn seat(&self) -> Option<Seat> {
        self.seats.clone().try_acquire_owned().ok().map(Seat)
    }

    /// How many runs wait in memory for hosts that are fast: they will all have been served in a moment.
    pub fn crowd(&self) -> usize {
        Arc::strong_count(&self.crowd) - 1
    }

    /// Has a host tried now whose calls are paused: somebody knows more than the breaker.
    pub fn allow(&self, origin: &Origin, now: Instant) {
        if let Some(host) = self.lock().get_mut(origin) {
            host.allow(now);
        }
    }

    /// How many hosts' calls are paused, and how many runs wait in memory.
    pub fn load(&self) -> Load {
        let open_circuits = self.lock().values().filter(|host| host.is_open()).count();
        Load { open_circuits, waiting: SEATS.saturating_sub(self.seats.available_permits()) }
    }

    fn settle(&self, origin: &Origin, back: Back, verdict: Verdict) {
        let now = self.clock.instant();
        let mut hosts = self.lock();
        if let Some(host) = hosts.get_mut(origin) {
            host.settle(origin, back, verdict, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Origin, Host>> {
        // Nothing in here panics half-way.
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much there is at the gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Hosts whose calls are paused.
    pub open_circuits: usize,
    /// Runs that wait in memory for a host.
    pub waiting: usize,
}

/// A place to wait in memory.
#[derive(Debug)]
pub struct Seat(#[expect(dead_code, reason = "it is held, and given back when it is dropped")] OwnedSemaphorePermit);

/// The right to be one of a host's calls.
#[derive(Debug)]
pub struct Slot(OwnedSemaphorePermit);

/// A call that waits for a slot of its host.
#[derive(Debug)]
pub struct Queued {
    slots: Arc<Semaphore>,
    seat: Seat,
    /// Counts those that wait, by how often it is shared.
    place: Arc<()>,
    /// The same for all hosts that are fast.
    crowd: Option<Arc<()>>,
}

impl Queued {
    /// Waits for the slot; with it the gate is asked again. `None` when the gate is gone.
    pub async fn wait(self) -> Option<Slot> {
        let Queued { slots, seat, place, crowd } = self;
        let slot = slots.acquire_owned().await.ok().map(Slot);
        drop((seat, place, crowd));
        slot
    }
}

/// The right to make one call. Dropping it unused gives it back.
#[derive(Debug)]
pub struct Pass {
    gate: Arc<Gate>,
    origin: Origin,
    wire: Arc<Semaphore>,
    on_wire: Option<OwnedSemaphorePermit>,
    slot: Option<Slot>,
    tried: bool,
}

impl Pass {
    /// Waits for its time on the wire, when the attempt is durable. It is a short wait: only a host that answers fast has
    /// more passes than that.
    pub async fn wire(&mut self) {
        self.on_wire = self.wire.clone().acquire_owned().await.ok();
    }

    /// Gives it back, with what became of the call and how long that took.
    pub fn settle(mut self, verdict: Verdict, took: Duration) {
        self.give_back(verdict, Some(took));
    }
}

impl Pass {
    fn give_back(&mut self, verdict: Verdict, took: Option<Duration>) {
        if let Some(slot) = self.slot.take() {
            let back = Back { slot, wire: self.on_wire.take(), tried: self.tried, took };
            self.gate.settle(&self.origin, back, verdict);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.give_back(Verdict::Nothing, None);
    }
}
