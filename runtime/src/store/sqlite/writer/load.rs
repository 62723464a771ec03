//! How much the writer has had to do lately, for work that can wait for a calmer time.

use std::time::{Duration, Instant};

/// With more jobs a second than this the writer is busy.
const BUSY: u128 = 50;

/// It is looked at over so long a time at least.
const SPAN: Duration = Duration::from_secs(1);

/// What was seen last.
#[derive(Debug)]
pub(super) struct Load {
    at: Instant,
    jobs: u64,
    busy: bool,
}

impl Load {
    /// Nothing was seen yet, and it is calm.
    pub(super) fn new(now: Instant) -> Load {
        Load { at: now, jobs: 0, busy: false }
    }

    /// Whether the writer is busy that has had so many jobs since its start.
    pub(super) fn is_busy(&mut self, now: Instant, jobs: u64) -> bool {
        let span = now.saturating_duration_since(self.at);
        if span >= SPAN {
            let more = u128::from(jobs.saturating_sub(self.jobs));
            *self = Load { at: now, jobs, busy: more * 1_000 > BUSY * span.as_millis() };
        }
        self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_second_decides() {
        let start = Instant::now();
        let mut load = Load::new(start);
        for (milliseconds, jobs, busy) in [
            (10, 400, false), // too early to say
            (2_000, 400, true),
            (2_500, 400, true), // the same
            (3_000, 450, false),
            (13_000, 951, true),
            (14_000, 951, false),
        ] {
            let now = start + Duration::from_millis(milliseconds);
            assert_eq!(load.is_busy(now, jobs), busy, "{milliseconds} ms, {jobs} jobs");
        }
    }
}
