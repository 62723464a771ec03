//! Numbers by a seed: SplitMix64 (Steele, Lea, Flood 2014), which any seed is good for.

use std::ops::Range;

/// A source of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// Another source, for a part of what is simulated, so that parts do not depend on each other.
    pub(crate) fn fork(&mut self) -> Random {
        Random(self.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// A length of time, short ones more often: so many orders of magnitude as there are between the two.
    pub(crate) fn duration(&mut self, from: std::time::Duration, to: std::time::Duration) -> std::time::Duration {
        let (from, to) = (from.as_secs_f64(), to.as_secs_f64());
        let share = (self.next() % 10_000) as f64 / 10_000.0;
        std::time::Duration::from_secs_f64(from * (to / from).powf(share))
    }
}
