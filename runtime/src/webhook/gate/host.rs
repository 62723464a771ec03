//! One host at the gate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use compiler::ir::{Limit, Origin};
use smol_str::SmolStr;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::breaker::{Breaker, Leave};
use super::permits::Permits;
use super::rate::Rate;
use super::{Ask, Calls, Queued, Rest, RestReason, SEATS, Seat, Slot, Verdict};

/// Runs that may wait in memory for one host, while it is fast: going through the store and back is the slower way by far.
/// Acceptance slows down before there are so many.
const QUEUE: usize = 2_048;
/// The same for a host that is not fast; more than a few would only be served late.
const QUEUE_OF_SLOW: usize = 128;
/// The same for a host that has not answered yet, while half of all seats are free: after a start the first events come before
/// the first connection stands, and shall not rest in the store for it.
const QUEUE_OF_UNKNOWN: usize = 1_024;
/// A host that answers within this is fast.
const FAST: Duration = Duration::from_millis(50);
/// A fast host has so many passes for each call that it may have on the wire.
const PASSES_OF_FAST: usize = 4;
/// A run that rests for a busy host or an open circuit comes again after this at the latest.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// Runs that rest for an open circuit come again so far apart.
const APART: Duration = Duration::from_millis(1);

/// What is known of a host.
#[derive(Debug)]
pub(super) struct Host {
    breaker: Breaker,
    rates: Vec<(SmolStr, Limit, Rate)>,
    /// One permit for each pass that is not given out.
    slots: Permits,
    /// The same for calls on the wire.
    wire: Permits,
    calls: Calls,
    /// Shared by those that wait for a pass.
    queue: Arc<()>,
    /// How long a call takes, the last ones counting most.
    took: Option<Duration>,
    /// Up to when runs that rest for a busy host have been given their times.
    given: Instant,
    /// The same for an open circuit: whoever comes first after its pause is the try, however long others rest.
    given_open: Instant,
}

/// A pass that comes back.
pub(super) struct Back {
    pub(super) slot: Slot,
    /// Its time on the wire, when it had one.
    pub(super) wire: Option<OwnedSemaphorePermit>,
    /// Whether it was let through as a try.
    pub(super) tried: bool,
    /// How long the call took, when there was one.
    pub(super) took: Option<Duration>,
}

/// What becomes of a call.
pub(super) enum Entry {
    Pass { slot: Slot, tried: bool },
    Queue(Queued),
    Rest(Rest),
}

impl Host {
    pub(super) fn new(calls: Calls, now: Instant) -> Host {
        Host {
            breaker: Breaker::default(),
            rates: Vec::new(),
            slots: Permits::new(calls.per_host),
            wire: Permits::new(calls.per_host),
            calls,
            queue: Arc::new(()),
            took: None,
            given: now,
            given_open: now,
        }
    }

    pub(super) fn enter(
        &mut self,
        ask: Ask<'_>,
        slot: Option<Slot>,
        seats: &Arc<Semaphore>,
        crowd: &Arc<()>,
        now: Instant,
    ) -> Entry {
        // A look first: who cannot go because of the breaker shall wait for nothing else.
        let leave = self.breaker.ask(now);
        let tried = leave == Leave::Try;
        if let Leave::Wait(until) = leave {
            return self.rest(until, APART, RestReason::CircuitOpen, now);
        }
        let slot = match slot.or_else(|| self.slot()) {
            Some(slot) => slot,
            None => {
                if tried {
                    self.breaker.forgo(now);
                }
                return self.queue(seats, crowd, now);
            }
        };
        match self.rate(ask, now) {
            Ok(()) => Entry::Pass { slot, tried },
            Err(next) => {
                if tried {
                    self.breaker.forgo(now);
                }
                let pause = next.saturating_duration_since(now);
                Entry::Rest(Rest { pause, reason: RestReason::RateLimit })
            }
        }
    }

    /// Whether a call may be made, and nobody waits to make one.
    pub(super) fn is_free(&self) -> bool {
        !self.breaker.is_open() && self.waiting() == 0 && self.slots.available() > 0
    }

    pub(super) fn wire(&self) -> Arc<Semaphore> {
        self.wire.semaphore()
    }

    pub(super) fn allow(&mut self, now: Instant) {
        self.breaker.allow(now);
    }

    pub(super) fn is_open(&self) -> bool {
        self.breaker.is_open()
    }

    /// Whether nothing is to be remembered of it.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        let unused = self.slots.is_whole() && self.waiting() == 0;
        unused && self.breaker.is_idle(now) && self.rates.iter().all(|(_, _, rate)| rate.is_idle(now))
    }

    /// Takes a pass back, and its time on the wire if it had one.
    pub(super) fn settle(&mut self, origin: &Origin, back: Back, verdict: Verdict, now: Instant) {
        let Back { slot, wire, tried, took } = back;
        let failed = match verdict {
            Verdict::Answered => Some(false),
            Verdict::Failed => Some(true),
            Verdict::Nothing => None,
        };
        match failed {
            Some(failed) => {
                let was_open = self.breaker.is_open();
                let opened = self.breaker.note(failed, tried, now);
                if opened && !was_open {
                    tracing::warn!(host = origin.host(), "most calls fail; calls to this host are paused");
                } else if was_open && !self.breaker.is_open() {
                    tracing::info!(host = origin.host(), "the host answers again");
                }
            }
            None if tried => self.breaker.forgo(now),
            None => {}
        }
        if let (Some(took), Some(failed)) = (took, failed) {
            let took = self.took.map_or(took, |before| before * 4 / 5 + took / 5);
            self.took = Some(took);
            self.adapt(!failed && took < FAST);
        }
        self.slots.give_back(slot.0);
        if let Some(wire) = wire {
            self.wire.give_back(wire);
        }
    }

    /// Gives a fast host more calls at once, and more passes than calls; any other has as many of both.
    fn adapt(&mut self, fast: bool) {
        let Calls { per_host, per_fast_host } = self.calls;
        let (wire, passes) = if fast { (per_fast_host, per_fast_host * PASSES_OF_FAST) } else { (per_host, per_host) };
        self.wire.set(wire);
        self.slots.set(passes);
    }

    /// A slot that is free, unless somebody waits for it.
    fn slot(&self) -> Option<Slot> {
        if self.waiting() > 0 {
            return None;
        }
        self.slots.take().map(Slot)
    }

    fn waiting(&self) -> usize {
        Arc::strong_count(&self.queue) - 1
    }

    fn queue(&mut self, seats: &Arc<Semaphore>, crowd: &Arc<()>, now: Instant) -> Entry {
        let fast = self.took.is_some_and(|took| took < FAST);
        let most = match self.took {
            Some(_) if fast => QUEUE,
            None if seats.available_permits() * 2 > SEATS => QUEUE_OF_UNKNOWN,
            _ => QUEUE_OF_SLOW,
        };
        let seat = if self.waiting() < most { seats.clone().try_acquire_owned().ok() } else { None };
        match seat {
            Some(seat) => Entry::Queue(Queued {
                slots: self.slots.semaphore(),
                seat: Seat(seat),
                place: self.queue.clone(),
                crowd: fast.then(|| crowd.clone()),
            }),
            None => {
                // They come again as fast as the host takes them now, and to a fast one twice as fast: how long its calls take
                // changes soon, and there is room for those who come too early.
                let calls = if fast { 2 * self.calls.per_fast_host } else { self.calls.per_host };
                let apart = self.took.unwrap_or(FAST) / u32::try_from(calls).unwrap_or(u32::MAX);
                let queue = apart * u32::try_from(self.waiting()).unwrap_or(u32::MAX);
                self.rest(now + queue.min(LONGEST_REST / 2), apart, RestReason::HostBusy, now)
            }
        }
    }

    /// Tells a run when to come again: not before `from`, and one after the other.
    fn rest(&mut self, from: Instant, apart: Duration, reason: RestReason, now: Instant) -> Entry {
        let latest = now + LONGEST_REST;
        let given = if reason == RestReason::CircuitOpen { &mut self.given_open } else { &mut self.given };
        *given = from.max(*given + apart);
        // So many rest that the last would come too late: they begin again at the front.
        if *given > latest {
            *given = from.min(latest);
        }
        Entry::Rest(Rest { pause: given.saturating_duration_since(now), reason })
    }

    /// Takes what an earlier daemon has sent under a limit.
    pub(super) fn prime(&mut self, webhook: &str, limit: Limit, ages: &[Duration], given: Duration, now: Instant) {
        if let Some(rate) = self.rate_of(webhook, limit, now) {
            rate.prime(ages, given);
        }
    }

    fn rate_of(&mut self, webhook: &str, limit: Limit, now: Instant) -> Option<&mut Rate> {
        let known = self.rates.iter().position(|(name, known, _)| name == webhook && *known == limit);
        let place = known.unwrap_or_else(|| {
            // Limits of earlier programs are forgotten when nothing is to be remembered of them.
            self.rates.retain(|(_, _, rate)| !rate.is_idle(now));
            self.rates.push((SmolStr::new(webhook), limit, Rate::new(limit, now)));
            self.rates.len() - 1
        });
        self.rates.get_mut(place).map(|(_, _, rate)| rate)
    }

    fn rate(&mut self, ask: Ask<'_>, now: Instant) -> Result<(), Instant> {
        let Some(limit) = ask.limit else { return Ok(()) };
        let Some(rate) = self.rate_of(ask.webhook, limit, now) else { return Ok(()) };
        if !ask.came_again && rate.has_turns_after(now) {
            return Err(rate.turn(now));
        }
        rate.take(now).map_err(|next| if ask.came_again { next } else { rate.turn(next) })
    }
}
