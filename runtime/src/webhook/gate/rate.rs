//! `limit 10 per 1s`: at most so many requests in any stretch of that length. Pure.
//!
//! A token bucket lets twice as many through when a full bucket is followed by its refill, so what has gone out is counted
//! in short slices of time, and a request may go when the slices that a whole period can touch hold fewer than the limit.
//! That takes the same memory for ten a second as for a million a day.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use compiler::ir::Limit;

/// How many slices a period is cut into.
const SLICES: u64 = 256;

/// How much later than it was let through a request may reach its host, without the host seeing more than the limit.
const LATE: Duration = Duration::from_millis(40);

/// What has gone out under one limit.
#[derive(Debug)]
pub(super) struct Rate {
    limit: Limit,
    began: Instant,
    slice: Duration,
    /// So many slices back count.
    span: u64,
    /// Slices with requests in them, oldest first, and how many.
    sent: VecDeque<(u64, u32)>,
    total: u32,
    /// The slice in which it began: those before hold what an earlier daemon has sent.
    first: u64,
    /// Up to when runs that had to rest have been given their times.
    given: Instant,
}

impl Rate {
    /// Nothing has gone out yet.
    pub(super) fn new(limit: Limit, now: Instant) -> Rate {
        let period = Duration::from_millis(limit.period.milliseconds.max(1));
        let slice = (period / u32::try_from(SLICES).unwrap_or(1)).max(Duration::from_nanos(1));
        // A period touches one slice more than it is long.
        let late = LATE.min(period / 10).as_nanos().div_ceil(slice.as_nanos());
        let span = SLICES + 1 + u64::try_from(late).unwrap_or(0);
        Rate { limit, began: now, slice, span, sent: VecDeque::new(), total: 0, first: span, given: now }
    }

    /// What an earlier daemon has sent, by how long that was ago, the newest first; and for how long runs still rest that it
    /// has given their times. Only what is new is told so.
    pub(super) fn prime(&mut self, ages: &[Duration], given: Duration) {
        for age in ages {
            let back = u64::try_from(age.as_nanos().div_ceil(self.slice.as_nanos().max(1))).unwrap_or(u64::MAX);
            let Some(slice) = self.first.checked_sub(back).filter(|_| self.total < self.limit.count.max(1)) else {
                break;
            };
            self.total += 1;
            match self.sent.front_mut() {
                Some((oldest, count)) if *oldest <= slice => *count += 1,
                _ => self.sent.push_front((slice, 1)),
            }
        }
        self.given = self.given.max(self.began + given);
    }

    /// Lets a request go, or says when the next one may.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let slice = self.slice_of(now);
        while let Some((oldest, count)) = self.sent.front().copied() {
            if oldest + self.span > slice {
                break;
            }
            self.sent.pop_front();
            self.total -= count;
        }
        if self.total >= self.limit.count.max(1) {
            let oldest = self.sent.front().map_or(slice, |(oldest, _)| *oldest);
            return Err(self.start_of(oldest + self.span));
        }
        self.total += 1;
        match self.sent.back_mut() {
            // A clock that stood still, or a caller that looked at it earlier than another one.
            Some((newest, count)) if *newest >= slice => *count += 1,
            _ => self.sent.push_back((slice, 1)),
        }
        Ok(())
    }

    /// A time for a run that found nothing left: one after the other, as far apart as that each finds something left then.
    pub(super) fn turn(&mut self, next: Instant) -> Instant {
        let counted = self.slice * u32::try_from(self.span).unwrap_or(u32::MAX);
        // Rounded up: else one in many would come a moment before something is left.
        let apart = counted / self.limit.count.max(1) + Duration::from_nanos(1);
        self.given = next.max(self.given + apart);
        self.given
    }

    /// Whether runs that rest have been given later times than this: who comes new goes behind them.
    pub(super) fn has_turns_after(&self, now: Instant) -> bool {
        self.given > now
    }

    /// Whether it remembers nothing that counts.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        let newest = self.sent.back().map_or(0, |(newest, _)| newest + self.span);
        newest <= self.slice_of(now) && self.given <= now
    }

    fn slice_of(&self, at: Instant) -> u64 {
        let passed = at.saturating_duration_since(self.began).as_nanos() / self.slice.as_nanos().max(1);
        self.first + u64::try_from(passed).unwrap_or(u64::MAX / 2)
    }

    fn start_of(&self, slice: u64) -> Instant {
        let nanoseconds = u128::from(slice.saturating_sub(self.first)) * self.slice.as_nanos();
        self.began + Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX / 4))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limit(count: u32, period_ms: u64) -> Limit {
        Limit { count, period: compiler::ir::Duration { milliseconds: period_ms } }
    }

    /// Asks at these times, in milliseconds, and returns those at which a request went.
    fn went(limit: Limit, asked: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let start = Instant::now();
        let mut rate = Rate::new(limit, start);
        asked.into_iter().filter(|at| rate.take(start + Duration::from_millis(*at)).is_ok()).collect()
    }

    #[test]
    fn a_full_limit_is_used_at_once_and_then_again_a_period_later() {
        let times = went(limit(10, 1_000), 0..3_000);
        assert_eq!(times[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let second = times[10];
        assert!((1_000..1_060).contains(&second), "{second}");
        // Within a few hundredths of the limit over a long time.
        let many = went(limit(100, 1_000), 0..60_000).len();
        assert!((5_600..=6_000).contains(&many), "{many}");
    }

    #[test]
    fn the_next_time_is_one_at_which_a_request_may_go() {
        let start = Instant::now();
        let mut rate = Rate::new(limit(2, 1_000), start);
        assert_eq!((rate.take(start), rate.take(start)), (Ok(()), Ok(())));
        let next = rate.take(start).unwrap_err();
        assert!(rate.take(next - Duration::from_millis(1)).is_err());
        assert_eq!(rate.take(next), Ok(()));
        assert!(!rate.is_idle(next));
        assert!(rate.is_idle(next + Duration::from_secs(2)));
    }

    #[test]
    fn what_an_earlier_daemon_has_sent_counts() {
        let (start, milliseconds) = (Instant::now(), Duration::from_millis);
        // Of ten in a second, three were sent 0.2 s ago, four 0.7 s ago, and the rest too long ago.
        let ages = [200, 200, 200, 700, 700, 700, 700, 1_500, 1_500, 9_000].map(milliseconds);
        let mut rate = Rate::new(limit(10, 1_000), start);
        rate.prime(&ages, Duration::ZERO);
        let went: Vec<u64> = (0..=1_100).filter(|at| rate.take(start + milliseconds(*at)).is_ok()).collect();
        assert_eq!(went[..3], [0, 1, 2]);
        assert!(went[3..7].iter().all(|at| (300..360).contains(at)), "{went:?}");
        assert!(went[7..10].iter().all(|at| (800..860).contains(at)), "{went:?}");
        assert!(went[10] > 1_000, "{went:?}");

        let mut rate = Rate::new(limit(2, 60_000), start);
        rate.prime(&[milliseconds(0); 5], milliseconds(90_000));
        let next = rate.take(start).unwrap_err() - start;
        assert!((60_000..62_000).contains(&next.as_millis()), "{next:?}");
        assert!(rate.has_turns_after(start + milliseconds(89_999)), "those that rest go first");
        assert!(!rate.is_idle(start + milliseconds(80_000)) && rate.is_idle(start + milliseconds(90_000)));
    }

    #[test]
    fn runs_that_rest_get_times_one_after_the_other() {
        let start = Instant::now();
        let mut rate = Rate::new(limit(10, 1_000), start);
        let next = start + Duration::from_millis(500);
        let turns: Vec<u128> = (0..4).map(|_| (rate.turn(next) - start).as_millis()).collect();
        assert_eq!(turns, [500, 604, 709, 814]);
        assert!(rate.has_turns_after(next) && !rate.has_turns_after(start + Duration::from_secs(1)));
    }

    proptest! {
        /// Who comes when he was told to finds something left: nobody is told twice, and later ones do not go before him.
        #[test]
        fn every_turn_is_one(count in 1_u32..200, period in 1_u64..100_000, asked in 1_usize..600) {
            let start = Instant::now();
            let mut rate = Rate::new(limit(count, period), start);
            let mut turns = vec![];
            for _ in 0..asked {
                if let Err(next) = rate.take(start) {
                    turns.push(rate.turn(next));
                }
            }
            for (number, turn) in turns.into_iter().enumerate() {
                prop_assert_eq!(rate.take(turn), Ok(()), "turn {}", number);
            }
        }

        /// Whenever it is asked: no stretch of a period holds more than the limit, though some arrive late.
        #[test]
        fn no_period_holds_more(
            count in 1_u32..20,
            period in 1_u64..2_000,
            mut asked in prop::collection::vec(0_u64..10_000, 0..400),
        ) {
            asked.sort_unstable();
            let times = went(limit(count, period), asked);
            for (first, last) in times.iter().zip(times.iter().skip(count as usize)) {
                prop_assert!(last - first > period, "{first} {last}");
            }
        }
    }
}
