//! Which step of the new block is which step of the old one.
//!
//! Steps are paired in their order, so that the pairs together are as alike as can be: equal steps first, then those of one
//! kind and label, then those of one kind.

use std::collections::BTreeSet;

use crate::ir::{Split, Statement, Step, each_step};

/// A step of a block, on one side or both.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aligned<'a> {
    /// On both sides, alike or changed.
    Both(&'a Step, &'a Step),
    /// On the old side alone.
    Removed(&'a Step),
    /// On the new side alone.
    Added(&'a Step),
}

/// Two blocks longer than this (multiplied) are paired from both ends only: a block of 2,000 steps is no block that people
/// wrote.
const LONGEST: usize = 4_000_000;

/// Pairs the steps of two blocks.
pub(crate) fn align<'a>(base: &'a [Step], head: &'a [Step]) -> Vec<Aligned<'a>> {
    let front = base.iter().zip(head).take_while(|(old, new)| likeness(old, new) >= SAME).count();
    let (base_rest, head_rest) = (base.get(front..).unwrap_or_default(), head.get(front..).unwrap_or_default());
    let back = base_rest.iter().rev().zip(head_rest.iter().rev()).take_while(|(old, new)| likeness(old, new) >= SAME);
    let back = back.count();
    let (base_middle, base_back) = base_rest.split_at(base_rest.len() - back);
    let (head_middle, head_back) = head_rest.split_at(head_rest.len() - back);
    let mut aligned: Vec<Aligned<'a>> =
        base.iter().zip(head).take(front).map(|(old, new)| Aligned::Both(old, new)).collect();
    middle(base_middle, head_middle, &mut aligned);
    aligned.extend(base_back.iter().zip(head_back).map(|(old, new)| Aligned::Both(old, new)));
    aligned
}

/// The likeness of steps that are the same, and of those with others inside a multiple of it.
const SAME: u32 = 1_000;

/// Beyond so many inner steps all are alike, so that no sum overflows.
const MOST_INSIDE: u32 = 500;

/// How many steps are inside of a step.
fn inside(step: &Step) -> u32 {
    let mut count = 0_u32;
    for block in step.statement.blocks() {
        each_step(block, &mut |_| count = count.saturating_add(1));
    }
    count
}

fn middle<'a>(base: &'a [Step], head: &'a [Step], aligned: &mut Vec<Aligned<'a>>) {
    if base.len().saturating_mul(head.len()) > LONGEST {
        aligned.extend(base.iter().map(Aligned::Removed));
        aligned.extend(head.iter().map(Aligned::Added));
        return;
    }
    // `best[i][j]`: the likeness of the best pairing of what follows `i` and `j`.
    let width = head.len() + 1;
    let mut best = vec![0u32; (base.len() + 1) * width];
    let at = |best: &[u32], old: usize, new: usize| best.get(old * width + new).copied().unwrap_or(0);
    for (old, old_step) in base.iter().enumerate().rev() {
        for (new, new_step) in head.iter().enumerate().rev() {
            let paired = match likeness(old_step, new_step) {
                0 => 0,
                likeness => likeness + at(&best, old + 1, new + 1),
            };
            let most = paired.max(at(&best, old + 1, new)).max(at(&best, old, new + 1));
            if let Some(cell) = best.get_mut(old * width + new) {
                *cell = most;
            }
        }
    }
    let (mut old, mut new) = (0, 0);
    loop {
        match (base.get(old), head.get(new)) {
            (Some(old_step), Some(new_step)) => {
                let here = at(&best, old, new);
                let likeness = likeness(old_step, new_step);
                if likeness > 0 && here == likeness + at(&best, old + 1, new + 1) {
                    aligned.push(Aligned::Both(old_step, new_step));
                    (old, new) = (old + 1, new + 1);
                } else if here == at(&best, old + 1, new) {
                    aligned.push(Aligned::Removed(old_step));
                    old += 1;
                } else {
                    aligned.push(Aligned::Added(new_step));
                    new += 1;
                }
            }
            (Some(old_step), None) => {
                aligned.push(Aligned::Removed(old_step));
                old += 1;
            }
            (None, Some(new_step)) => {
                aligned.push(Aligned::Added(new_step));
                new += 1;
            }
            (None, None) => return,
        }
    }
}

/// How alike two steps are; 0: they are not one step.
fn likeness(old: &Step, new: &Step) -> u32 {
    if same(&old.statement, &new.statement) {
        // Of two steps that changed places the one with less inside is told as moved.
        return SAME.saturating_mul(1 + inside(new).min(MOST_INSIDE));
    }
    match (&old.statement, &new.statement) {
        // An end of the other kind.
        (Statement::Stop { .. }, Statement::Fail { .. }) | (Statement::Fail { .. }, Statement::Stop { .. }) => {
            return 10;
        }
        // Another name, the arms of which are the same.
        (Statement::Split(old), Statement::Split(new)) if old.name != new.name => {
            let labels = |split: &Split| split.arms.iter().map(|arm| arm.label.clone()).collect::<BTreeSet<_>>();
            return if labels(old) == labels(new) { 50 } else { 0 };
        }
        _ => {}
    }
    let (old_key, new_key) = (key(&old.statement), key(&new.statement));
    if old_key.0 != new_key.0 {
        return 0;
    }
    match (old_key.1, new_key.1) {
        (Some(old), Some(new)) if old == new => 100,
        // Another label is another step: a call of another webhook, a message of another name.
        (Some(_), Some(_)) => 0,
        _ => 10,
    }
}

/// Whether two statements say the same. Identities are no part of what is said: a step put before may count them anew.
pub(super) fn same(old: &Statement, new: &Statement) -> bool {
    if old == new {
        return true;
    }
    if old.block(0).is_none() || old.blocks().count() != new.blocks().count() {
        return false;
    }
    let mut blocks = old.blocks().zip(new.blocks());
    let blocks_same = blocks.all(|(old, new)| {
        old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(&old.statement, &new.statement))
    });
    blocks_same && super::rename::bare(old) == super::rename::bare(new)
}

/// The kind of a statement and its label.
pub(super) fn key(statement: &Statement) -> (&'static str, Option<&str>) {
    match statement {
        Statement::Call { webhook, .. } => ("call", Some(webhook)),
        Statement::Send { message, .. } => ("send", Some(message)),
        Statement::Wait { .. } => ("wait", None),
        Statement::WaitUntil { .. } => ("wait until", None),
        Statement::WaitFor { .. } => ("wait for", None),
        Statement::If { .. } => ("if", None),
        Statement::Match { .. } => ("match", None),
        Statement::Split(split) => ("split", Some(&split.name)),
        Statement::Set { field, .. } => ("set", Some(field)),
        Statement::Emit { event, .. } => ("emit", Some(event)),
        Statement::Stop { .. } => ("stop", None),
        Statement::Fail { .. } => ("fail", None),
    }
}
