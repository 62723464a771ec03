//! Whether somebody has set the wall clock, told by the monotonic one. That one stands still while the machine is suspended, so
//! a pause before an attempt goes on where it was when the machine is awake again.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::store::{ClockSet, Store};

/// Both clocks as they were read last.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockWatch {
    wall: Timestamp,
    instant: Instant,
}

impl ClockWatch {
    /// Watches from now on.
    pub(super) fn new(clock: &Clock) -> ClockWatch {
        ClockWatch { wall: clock.now(), instant: clock.instant() }
    }

    /// Looks at the clocks. What they say when the wall clock was set since the last look.
    pub(super) fn look(&mut self, clock: &Clock) -> Option<ClockSet> {
        let before = std::mem::replace(self, ClockWatch::new(clock));
        let passed = SignedDuration::try_from(self.instant.duration_since(before.instant)).unwrap_or_default();
        let jump = self.wall.duration_since(before.wall) - passed;
        (jump.abs() >= ClockSet::LEAST).then_some(ClockSet::By { jump, now: self.wall })
    }
}

/// Lets runs that rest before an attempt rest as long as they were to, though the wall clock was set.
pub(super) async fn follow(store: &dyn Store, set: ClockSet) {
    match (store.shift_rests(set).await, set) {
        (Ok(pauses), ClockSet::By { jump, .. }) => {
            tracing::warn!(
                seconds = jump.as_secs(),
                pauses,
                "the clock was set; pauses before attempts keep their length"
            );
        }
        (Ok(0), ClockSet::Unseen { .. }) => {}
        (Ok(pauses), ClockSet::Unseen { .. }) => {
            tracing::warn!(pauses, "the clock is behind what was kept; pauses before attempts keep their length");
        }
        (Err(error), _) => {
            tracing::warn!(%error, "the clock was set; pauses before attempts may be shorter or longer");
        }
    }
}
