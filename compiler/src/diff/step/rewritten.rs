//! A `match` that is written as a chain of `if` now, or the other way round, with other steps in some of its ways.

use std::collections::BTreeSet;

use super::Steps;
use crate::diff::catalogue::Slug;
use crate::diff::filter::{self, Cases, Scope};
use crate::diff::words;
use crate::ir::{Statement, Step};

/// Which way of a statement is which one of another.
type Ways = BTreeSet<(usize, usize)>;

/// The first of the old steps, and of the new ones, that send everybody the same ways and are of different kinds.
pub(super) fn pair(scope: &Scope<'_>, old: &[Step], new: &[Step]) -> Option<(usize, usize, Ways)> {
    let choices = |steps: &[Step]| -> Vec<usize> {
        let is_choice = |step: &Step| matches!(step.statement, Statement::If { .. } | Statement::Match { .. });
        steps.iter().enumerate().filter(|(_, step)| is_choice(step)).map(|(place, _)| place).collect()
    };
    let (old_places, new_places) = (choices(old), choices(new));
    old_places.into_iter().find_map(|place| {
        new_places.iter().find_map(|new_place| {
            let ways = ways(scope, &old.get(place)?.statement, &new.get(*new_place)?.statement)?;
            Some((place, *new_place, ways))
        })
    })
}

/// Which way is which, if in every case the two go one way or its counterpart.
fn ways(scope: &Scope<'_>, old: &Statement, new: &Statement) -> Option<Ways> {
    if matches!(old, Statement::If { .. }) == matches!(new, Statement::If { .. }) {
        return None;
    }
    let (conditions, new_conditions) = (filter::ways(old), filter::ways(new));
    let cases = Cases::of(scope, conditions.iter().chain(&new_conditions))?;
    let mut ways = Ways::new();
    for case in cases.each() {
        let (first, both) = (conditions.len(), conditions.len() + new_conditions.len());
        match (cases.way(0..first, &case), cases.way(first..both, &case)) {
            (Some(way), Some(new_way)) => _ = ways.insert((way, new_way)),
            // A run fails here, and does not there.
            (Some(_), None) | (None, Some(_)) => return None,
            (None, None) => {}
        }
    }
    let (olds, news): (Vec<usize>, Vec<usize>) = ways.iter().copied().unzip();
    let once = |places: &[usize]| places.iter().collect::<BTreeSet<_>>().len() == places.len();
    // What nobody gets to has no counterpart.
    let idle = |statement: &Statement, met: &[usize]| {
        statement.blocks().enumerate().all(|(place, block)| block.is_empty() || met.contains(&place))
    };
    (once(&olds) && once(&news) && idle(old, &olds) && idle(new, &news)).then_some(ways)
}

impl<'a> Steps<'a> {
    /// Whether one of the steps is written as one of the other kind now: that is told, and its ways and what stands around it
    /// compared.
    pub(super) fn rewritten(&mut self, old: &'a [Step], new: &'a [Step]) -> bool {
        let Some((place, new_place, ways)) = pair(&self.scope, old, new) else { return false };
        let ((front, rest), (new_front, new_rest)) = (old.split_at(place), new.split_at(new_place));
        let (Some((step, back)), Some((new_step, new_back))) = (rest.split_first(), new_rest.split_first()) else {
            return false;
        };
        self.block(front, new_front);
        let after = format!("{} (all go where they went)", words::head(&new_step.statement));
        let mut change = self.change(Slug::BranchConditionChanged, new_step).unaffected();
        change.was_at = Some(step.id.0.clone());
        self.push(change.before(words::head(&step.statement)).after(after));
        for (way, new_way) in ways {
            let block = step.statement.block(way).map(Vec::as_slice).unwrap_or_default();
            self.block(block, new_step.statement.block(new_way).map(Vec::as_slice).unwrap_or_default());
        }
        self.block(back, new_back);
        true
    }
}
