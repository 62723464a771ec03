//! Statements that have several ways: which way of the new one is which of the old one.

use super::{Steps, ends};
use crate::diff::catalogue::{Risk, Runs, Slug};
use crate::diff::filter::{self, Order};
use crate::diff::membership::stopping;
use crate::diff::{align, words};
use crate::ir::{Block, Branch, Literal, MatchArm, Statement, Step, Written};

impl<'a> Steps<'a> {
    pub(super) fn branches(&mut self, old: &'a Step, new: &'a Step) {
        let (Statement::If { branches, otherwise }, Statement::If { branches: new_branches, otherwise: new_otherwise }) =
            (&old.statement, &new.statement)
        else {
            return;
        };
        if let ([branch], [new_branch]) = (branches.as_slice(), new_branches.as_slice())
            && same_block(&branch.block, new_otherwise)
            && same_block(otherwise, &new_branch.block)
            && !same_block(&branch.block, otherwise)
            && filter::order(&self.scope, &filter::negated(&branch.condition), &new_branch.condition) == Order::Same
        {
            let change = self.change(Slug::BranchConditionChanged, new).unaffected();
            let after = format!("{} (turned round: all go where they went)", Written(&new_branch.condition));
            self.push(change.before(Written(&branch.condition)).after(after));
            return;
        }
        let equal = |old: &Branch, new: &Branch| old.condition == new.condition;
        let pairing = Pairing::of(branches, new_branches, true, equal, |_, _| true);
        if pairing.turns() {
            // The first condition that holds decides.
            let order = |branches: &[Branch]| {
                branches.iter().map(|it| Written(&it.condition).to_string()).collect::<Vec<_>>().join(", then ")
            };
            let change = self.change(Slug::BranchConditionChanged, new).before(order(branches));
            let scope = self.scope;
            let apart = |branches: &[Branch]| {
                branches.iter().enumerate().all(|(place, one)| {
                    let mut others = branches.iter().skip(place + 1);
                    others.all(|it| filter::exclude_each_other(&scope, &one.condition, &it.condition))
                })
            };
            let after = order(new_branches);
            self.push(if apart(branches) && apart(new_branches) {
                change.after(format!("{after} (never more than one of them holds)")).unaffected()
            } else {
                change.after(after)
            });
        }
        for (branch, new_branch) in pairing.both(branches, new_branches) {
            if branch.condition != new_branch.condition {
                let order = filter::order(&self.scope, &branch.condition, &new_branch.condition);
                let note = match order {
                    Order::Unknown => String::new(),
                    Order::Wider | Order::Narrower if ends(&new_branch.block) => format!(" ({})", stopping(order)),
                    order => format!(" ({})", order.words()),
                };
                let change = self.change(Slug::BranchConditionChanged, new).before(Written(&branch.condition));
                let change = change.after(format!("{}{note}", Written(&new_branch.condition)));
                self.push(if order == Order::Same { change.unaffected() } else { change });
            }
            self.block(&branch.block, &new_branch.block);
        }
        for branch in pairing.gone(branches) {
            self.branch_gone(new, format!("if {}", Written(&branch.condition)), &branch.block);
        }
        for branch in pairing.added(new_branches) {
            self.branch_new(new, format!("if {}", Written(&branch.condition)), &branch.block);
        }
        self.otherwise(new, otherwise, new_otherwise);
    }

    pub(super) fn arms(&mut self, old: &'a Step, new: &'a Step) {
        let (
            Statement::Match { value, arms, otherwise },
            Statement::Match { value: new_value, arms: new_arms, otherwise: new_otherwise },
        ) = (&old.statement, &new.statement)
        else {
            return;
        };
        let known = (self.found.len(), self.removed.len(), self.added.len());
        if value != new_value {
            let change = self.change(Slug::BranchConditionChanged, new);
            self.push(change.before(Written(value)).after(Written(new_value)));
        }
        let equal = |old: &MatchArm, new: &MatchArm| sorted(&old.values) == sorted(&new.values);
        // An arm that still has one of its values is that arm. The order of arms means nothing.
        let shared = |old: &MatchArm, new: &MatchArm| old.values.iter().any(|value| new.values.contains(value));
        let pairing = Pairing::of(arms, new_arms, false, equal, shared);
        for (arm, new_arm) in pairing.both(arms, new_arms) {
            if !equal(arm, new_arm) {
                let change = self.change(Slug::BranchConditionChanged, new);
                self.push(change.before(words::values(&arm.values)).after(words::values(&new_arm.values)));
            }
            self.block(&arm.block, &new_arm.block);
        }
        for arm in pairing.gone(arms) {
            self.branch_gone(new, words::values(&arm.values), &arm.block);
        }
        for arm in pairing.added(new_arms) {
            self.branch_new(new, words::values(&arm.values), &arm.block);
        }
        self.otherwise(new, otherwise, new_otherwise);
        if known == (self.found.len(), self.removed.len(), self.added.len()) {
            let change = self.change(Slug::BranchConditionChanged, new).unaffected();
            let after = format!("{} (the order means nothing)", words::head(&new.statement));
            self.push(change.before(words::head(&old.statement)).after(after));
        }
    }

    fn otherwise(&mut self, new: &'a Step, old_block: &'a Block, new_block: &'a Block) {
        match (old_block.is_empty(), new_block.is_empty()) {
            (false, true) => {
                let change = self.change(Slug::DefaultBranchRemoved, new).before("else");
                self.push(change);
                for step in old_block {
                    self.gone(step);
                }
            }
            (true, false) => self.branch_new(new, "else".to_owned(), new_block),
            _ => self.block(old_block, new_block),
        }
    }

    pub(super) fn split(&mut self, old: &'a Step, new: &'a Step) {
        let (Statement::Split(split), Statement::Split(new_split)) = (&old.statement, &new.statement) else { return };
        let shares = |split: &crate::ir::Split| {
            let mut shares: Vec<_> = split.arms.iter().map(|arm| (arm.label.clone(), arm.share)).collect();
            shares.sort();
            shares
        };
        if split.name != new_split.name {
            let change = self.change(Slug::SplitShareChanged, new);
            let change = change.before(words::head(&old.statement)).after(words::head(&new.statement));
            self.push(
                change.detail("contacts are divided by the name: with another one many go another way than before"),
            );
        } else if shares(split) != shares(new_split) {
            let change = self.change(Slug::SplitShareChanged, new);
            self.push(change.before(words::head(&old.statement)).after(words::head(&new.statement)));
        }
        for arm in &split.arms {
            match new_split.arms.iter().find(|candidate| candidate.label == arm.label) {
                Some(there) => self.block(&arm.block, &there.block),
                None => self.branch_gone(new, format!("{:?}", arm.label), &arm.block),
            }
        }
        for arm in new_split.arms.iter().filter(|arm| split.arms.iter().all(|there| there.label != arm.label)) {
            self.branch_new(new, format!("{:?}", arm.label), &arm.block);
        }
        if split.name == new_split.name
            && shares(split) == shares(new_split)
            && split.arms.iter().map(|arm| &arm.label).ne(new_split.arms.iter().map(|arm| &arm.label))
        {
            let change = self.change(Slug::SplitShareChanged, new).risk(Risk::Note).runs(Runs::Unaffected);
            self.push(change.before(words::head(&old.statement)).after(words::head(&new.statement)));
        }
    }

    fn branch_gone(&mut self, step: &Step, label: String, block: &'a Block) {
        let change = self.change(Slug::BranchRemoved, step).before(label);
        self.push(change);
        for step in block {
            self.gone(step);
        }
    }

    fn branch_new(&mut self, step: &Step, label: String, block: &'a Block) {
        let change = self.change(Slug::BranchAdded, step).after(label);
        self.push(change);
        for step in block {
            self.fresh(step);
        }
    }
}

/// Whether two blocks say the same, the identities of their steps left out.
fn same_block(old: &Block, new: &Block) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| align::same(&old.statement, &new.statement))
}

/// Values in an order of their own: that in which they were written means nothing.
fn sorted(values: &[Literal]) -> Vec<String> {
    let mut sorted: Vec<String> = values.iter().map(ToString::to_string).collect();
    sorted.sort();
    sorted
}

/// Which way of the new statement is which of the old one, by their places.
struct Pairing {
    /// Ways that are one, in the old order.
    both: Vec<(usize, usize)>,
    gone: Vec<usize>,
    added: Vec<usize>,
}

impl Pairing {
    /// Pairs equal ways first, then alike ones; `ordered`: of the alike ones only those that did not change places.
    fn of<T>(
        base: &[T],
        head: &[T],
        ordered: bool,
        equal: impl Fn(&T, &T) -> bool,
        alike: impl Fn(&T, &T) -> bool,
    ) -> Pairing {
        let mut pairing =
            Pairing { both: Vec::new(), gone: (0..base.len()).collect(), added: (0..head.len()).collect() };
        pairing.add(base, head, |_, _, old, new| equal(old, new));
        pairing.add(base, head, |known, (place, new_place), old, new| {
            let crosses = known.iter().any(|(one, other)| (*one < place) != (*other < new_place));
            !(ordered && crosses) && alike(old, new)
        });
        pairing.both.sort_unstable();
        pairing
    }

    fn add<T>(&mut self, base: &[T], head: &[T], fits: impl Fn(&[(usize, usize)], (usize, usize), &T, &T) -> bool) {
        for place in std::mem::take(&mut self.gone) {
            let Some(old) = base.get(place) else { continue };
            let found = self.added.iter().position(|new_place| {
                head.get(*new_place).is_some_and(|new| fits(&self.both, (place, *new_place), old, new))
            });
            match found {
                Some(found) => self.both.push((place, self.added.remove(found))),
                None => self.gone.push(place),
            }
        }
    }

    /// Whether ways that are one have changed places.
    fn turns(&self) -> bool {
        self.both.windows(2).any(|two| matches!(two, [(_, one), (_, other)] if one > other))
    }

    fn both<'t, T>(&self, base: &'t [T], head: &'t [T]) -> impl Iterator<Item = (&'t T, &'t T)> {
        self.both.iter().filter_map(|(old, new)| base.get(*old).zip(head.get(*new)))
    }

    fn gone<'t, T>(&self, base: &'t [T]) -> impl Iterator<Item = &'t T> {
        self.gone.iter().filter_map(|place| base.get(*place))
    }

    fn added<'t, T>(&self, head: &'t [T]) -> impl Iterator<Item = &'t T> {
        self.added.iter().filter_map(|place| head.get(*place))
    }
}
