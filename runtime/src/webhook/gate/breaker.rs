//! The circuit breaker of a host: when most calls fail, no more are made for a while, then one is tried. Pure.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How far back outcomes count.
const WINDOW: Duration = Duration::from_secs(30);
/// Outcomes are counted by the second.
const CELL: Duration = Duration::from_secs(1);
/// Fewer calls than this decide nothing.
const FEWEST: u32 = 20;
/// How long it stays open the first time; each failed try doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How long others wait for what becomes of a try, before they ask again.
const TRY_TIME: Duration = Duration::from_secs(1);
/// How long it stays open at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What one host's calls came to lately.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// The seconds with outcomes in them, oldest first.
    cells: VecDeque<Cell>,
    state: State,
}

#[derive(Debug)]
struct Cell {
    begins: Instant,
    answered: u32,
    failed: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    /// Nothing goes out before `until`; then one call.
    Open { until: Instant, pause: Duration },
    /// The one call is under way.
    Trying { since: Instant, pause: Duration },
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// It may.
    Go,
    /// It may, and what becomes of it decides.
    Try,
    /// Not before this time.
    Wait(Instant),
}

impl Breaker {
    /// Whether a call may be made now.
    pub(super) fn ask(&mut self, now: Instant) -> Leave {
        match self.state {
            State::Closed => Leave::Go,
            State::Open { until, .. } if now < until => Leave::Wait(until),
            State::Open { pause, .. } => {
                self.state = State::Trying { since: now, pause };
                Leave::Try
            }
            State::Trying { .. } => Leave::Wait(now + TRY_TIME),
        }
    }

    /// Takes what became of a call, and of a call that was let go as a try. Answers whether the breaker has opened.
    pub(super) fn note(&mut self, failed: bool, tried: bool, now: Instant) -> bool {
        match self.state {
            State::Trying { pause, .. } if tried => {
                if failed {
                    let pause = (pause * 2).min(LONGEST_PAUSE);
                    self.state = State::Open { until: now + pause, pause };
                } else {
                    *self = Breaker::default();
                }
                failed
            }
            // What went out before it opened tells nothing new.
            State::Open { .. } | State::Trying { .. } => false,
            State::Closed => {
                self.count(failed, now);
                let (all, failures) = self.sums();
                let opens = failed && all >= FEWEST && failures * 2 >= all;
                if opens {
                    self.cells.clear();
                    self.state = State::Open { until: now + FIRST_PAUSE, pause: FIRST_PAUSE };
                }
                opens
            }
        }
    }

    /// The try came to nothing that tells anything about the host: another call is the try.
    pub(super) fn forgo(&mut self, now: Instant) {
        if let State::Trying { pause, .. } = self.state {
            self.state = State::Open { until: now, pause };
        }
    }

    /// Somebody wants it tried now.
    pub(super) fn allow(&mut self, now: Instant) {
        if let State::Open { until, .. } = &mut self.state {
            *until = now.min(*until);
        }
    }

    /// Whether calls are kept back.
    pub(super) fn is_open(&self) -> bool {
        self.state != State::Closed
    }

    /// Whether it remembers nothing that counts.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        !self.is_open() && self.cells.back().is_none_or(|cell| cell.begins + WINDOW < now)
    }

    fn count(&mut self, failed: bool, now: Instant) {
        while self.cells.front().is_some_and(|cell| cell.begins + WINDOW <= now) {
            self.cells.pop_front();
        }
        if self.cells.back().is_none_or(|cell| cell.begins + CELL <= now) {
            self.cells.push_back(Cell { begins: now, answered: 0, failed: 0 });
        }
        if let Some(cell) = self.cells.back_mut() {
            if failed { cell.failed += 1 } else { cell.answered += 1 }
        }
    }

    fn sums(&self) -> (u32, u32) {
        self.cells.iter().fold((0, 0), |(all, failed), cell| (all + cell.answered + cell.failed, failed + cell.failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    /// Outcomes, `x` for a failure, so many milliseconds apart; answers whether it is open after them.
    fn opens(outcomes: &str, apart: u64) -> bool {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for (number, outcome) in (0..).zip(outcomes.chars()) {
            breaker.note(outcome == 'x', false, at(start, number * apart));
        }
        breaker.is_open()
    }

    #[test]
    fn it_opens_when_half_of_at_least_twenty_fail() {
        for (outcomes, apart, expected) in [
            ("x".repeat(19), 10, false),
            ("x".repeat(20), 10, true),
            (".x".repeat(10), 10, true),
            (".".repeat(11) + &"x".repeat(9), 10, false),
            (".".repeat(100) + &"x".repeat(99), 10, false),
            (".".repeat(100) + &"x".repeat(100), 10, true),
            // So slowly that never twenty lie in the window.
            ("x".repeat(100), 1_700, false),
            ("x".repeat(100), 1_400, true),
            // What is long past does not count.
            (".".repeat(30) + &"x".repeat(30), 1_000, true),
        ] {
            assert_eq!(opens(&outcomes, apart), expected, "{outcomes} {apart}");
        }
    }

    #[test]
    fn one_call_is_tried_and_decides() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..20 {
            breaker.note(true, false, start);
        }
        assert_eq!(breaker.ask(at(start, 4_999)), Leave::Wait(at(start, 5_000)));
        assert_eq!(breaker.ask(at(start, 5_000)), Leave::Try);
        assert!(matches!(breaker.ask(at(start, 5_001)), Leave::Wait(_)), "one at a time");
        breaker.note(false, false, at(start, 5_002));
        assert!(breaker.is_open(), "a call from before does not decide");
        assert!(breaker.note(true, true, at(start, 6_000)));
        assert_eq!(breaker.ask(at(start, 15_999)), Leave::Wait(at(start, 16_000)), "the pause doubles");
        breaker.allow(at(start, 7_000));
        assert_eq!(breaker.ask(at(start, 7_000)), Leave::Try, "unless somebody wants it tried");
        breaker.forgo(at(start, 7_500));
        assert_eq!(breaker.ask(at(start, 7_500)), Leave::Try, "a try that told nothing is made again");
        assert!(!breaker.note(false, true, at(start, 8_000)));
        assert_eq!(breaker.ask(at(start, 8_000)), Leave::Go);
        assert!(breaker.is_idle(at(start, 8_000)));
    }

    #[test]
    fn the_pause_grows_to_a_minute() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..20 {
            breaker.note(true, false, start);
        }
        let mut now = start;
        let mut pauses = vec![];
        for _ in 0..6 {
            let Leave::Wait(until) = breaker.ask(now) else { panic!("it is open") };
            pauses.push((until - now).as_secs());
            now = until;
            assert_eq!(breaker.ask(now), Leave::Try);
            breaker.note(true, true, now);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    }
}
