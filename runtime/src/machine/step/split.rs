//! `split`: weighted rendezvous hashing, so that a contact stays in its arm.
//!
//! Each arm draws a number from the contact, the split's name and the arm's label; the arm whose number, stretched by its
//! share, wins gets the contact. The order of the arms is irrelevant, and a changed share moves only what it must.

use compiler::ir::{Split, SplitArm, StepId};
use sha2::{Digest, Sha256};

use super::{Flow, Outcome, Turn, cursor_index, lost};

impl Turn<'_> {
    pub(super) fn split(&mut self, id: &StepId, split: &Split) -> Outcome {
        self.begun(id, "split", Some(&split.name));
        let contact = self.card.as_ref().map_or_else(|| self.event.id.to_string(), |card| card.id.to_string());
        let Some((index, arm)) = choose(&contact, split) else { return Err(lost()) };
        self.done(id, format!("took `{}`", arm.label));
        Ok(Flow::Enter(cursor_index(index)))
    }
}

/// The arm of a contact; `None` when no arm has a share.
fn choose<'s>(contact: &str, split: &'s Split) -> Option<(usize, &'s SplitArm)> {
    let with_share = split.arms.iter().enumerate().filter(|(_, arm)| arm.share > 0);
    with_share.min_by(|(_, left), (_, right)| {
        let draw = |arm: &SplitArm| u128::from(exponential(draw(contact, &split.name, &arm.label)));
        // draw(left) / share(left) against draw(right) / share(right), without a division.
        (draw(left) * u128::from(right.share)).cmp(&(draw(right) * u128::from(left.share)))
    })
}

/// An evenly spread number that depends on its arguments alone.
fn draw(contact: &str, split: &str, label: &str) -> u64 {
    let mut hasher = Sha256::new();
    for part in [contact, split, label] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The bits after the point of [`exponential`].
const FRACTION_BITS: u32 = 48;

/// -log2 of an evenly spread number, taken as a fraction of 2^64, with 48 bits after the point. In whole numbers, for the
/// logarithm of a binary float may differ from one machine to the next.
fn exponential(even: u64) -> u64 {
    let even = even.max(1);
    let zeros = even.leading_zeros();
    // The number as 1.x · 2^(63 - zeros), with 63 bits after the point.
    let mut mantissa = u128::from(even << zeros);
    let mut fraction: u64 = 0;
    for _ in 0..FRACTION_BITS {
        mantissa = (mantissa * mantissa) >> 63;
        let bit = mantissa >> 64;
        fraction = fraction << 1 | u64::from(bit != 0);
        mantissa >>= bit;
    }
    let whole = u64::from(zeros) + 1;
    (whole << FRACTION_BITS) - fraction
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn arms(arms: &[(&str, u32)]) -> Split {
        let arm = |(label, share): &(&str, u32)| SplitArm { label: (*label).into(), share: *share, block: vec![] };
        Split { name: "promo test".into(), arms: arms.iter().map(arm).collect() }
    }

    fn label(contact: u32, split: &Split) -> String {
        choose(&contact.to_string(), split).unwrap().1.label.to_string()
    }

    #[test]
    fn contacts_are_divided_by_share_and_stay_in_their_arm() {
        let split = arms(&[("a", 5_000), ("b", 3_000), ("c", 2_000), ("never", 0)]);
        let turned = arms(&[("never", 0), ("c", 2_000), ("a", 5_000), ("b", 3_000)]);
        let moved = arms(&[("a", 4_000), ("b", 3_000), ("c", 3_000)]);
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for contact in 0..10_000 {
            let before = label(contact, &split);
            assert_eq!(label(contact, &turned), before);
            let after = label(contact, &moved);
            assert!(after == before || (before == "a" || after == "c"), "{before} to {after}");
            *counts.entry(before).or_default() += 1;
        }
        let share = |label: &str| counts.get(label).copied().unwrap_or(0);
        assert!((4_850..5_150).contains(&share("a")), "{counts:?}");
        assert!((2_850..3_150).contains(&share("b")), "{counts:?}");
        assert!((1_850..2_150).contains(&share("c")), "{counts:?}");
        assert_eq!(share("never"), 0);
    }

    #[test]
    fn a_contact_has_the_same_arm_for_ever() {
        let split = arms(&[("control", 5_000), ("offer", 5_000)]);
        let arms: Vec<String> = (1..=8).map(|contact| label(contact, &split)).collect();
        assert_eq!(arms.join(" "), "control offer control offer control control offer control");
        assert!(choose("1", &Split { name: "none".into(), arms: vec![] }).is_none());
    }

    #[test]
    fn the_logarithm_is_one() {
        for even in [1, 2, 3, 1 << 20, u64::MAX / 3, u64::MAX / 2, 1 << 63, u64::MAX] {
            let expected = 64.0 - (even as f64).log2();
            let found = exponential(even) as f64 / (1_u64 << FRACTION_BITS) as f64;
            assert!((found - expected).abs() < 1e-9, "{even}: {found} is not {expected}");
        }
    }
}
