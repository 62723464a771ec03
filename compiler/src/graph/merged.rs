//! Two versions of a workflow in one picture: what is gone stands where it was, dashed.

use super::{Drawer, Open, goes_on, ways};
use crate::diff::{Aligned, align};
use crate::ir::{Block, Step, Trigger, Workflow};

impl Drawer {
    /// Draws both sides.
    pub(super) fn merge(&mut self, old: Option<&Workflow>, new: Option<&Workflow>) {
        let triggers = |side: Option<&Workflow>| side.map(|it| it.triggers.clone()).unwrap_or_default();
        let (before, after) = (triggers(old), triggers(new));
        let gone = before.iter().filter(|trigger| after.iter().all(|other| !is_about_same(trigger, other)));
        let open = after.iter().map(|trigger| (self.trigger(trigger, false), None)).collect();
        let lost = gone.map(|trigger| (self.trigger(trigger, true), None)).collect();
        let nothing = Block::new();
        let steps = |side: Option<&Workflow>| side.map_or(&nothing, |it| &it.steps).clone();
        let (open, lost) = self.both(&steps(old), &steps(new), open, lost);
        self.end(open, lost);
    }

    /// Draws a block on both sides. `open`: what the next step follows; `lost`: what the next step of the old side followed.
    fn both(&mut self, old: &Block, new: &Block, mut open: Open, mut lost: Open) -> (Open, Open) {
        for aligned in align(old, new) {
            match aligned {
                Aligned::Added(step) => {
                    let node = self.step(step, false);
                    self.join(std::mem::take(&mut open), node, false);
                    open = self.behind(&step.statement, node, false);
                }
                Aligned::Removed(step) => {
                    let node = self.step(step, true);
                    // What was before it still is; the words on its way stand on the way that is.
                    let from = open.iter().map(|(from, _)| (*from, None)).chain(std::mem::take(&mut lost)).collect();
                    self.join(from, node, true);
                    lost = self.behind(&step.statement, node, true);
                }
                Aligned::Both(was, is) => {
                    let node = self.step(is, false);
                    self.join(std::mem::take(&mut open), node, false);
                    self.join(std::mem::take(&mut lost), node, true);
                    (open, lost) = self.inside(was, is, node);
                }
            }
        }
        (open, lost)
    }

    /// Draws the ways of a step that is on both sides.
    fn inside(&mut self, was: &Step, is: &Step, node: usize) -> (Open, Open) {
        let (mut before, after) = (ways(&was.statement), ways(&is.statement));
        let (mut open, mut lost) = (Open::new(), Open::new());
        let known: Vec<bool> = after.iter().map(|(label, _)| before.iter().any(|(old, _)| old == label)).collect();
        for ((label, block), known) in after.iter().zip(known) {
            // A way with other words is the first one that no way has the words of any more.
            let place = before
                .iter()
                .position(|(old, _)| if known { old == label } else { after.iter().all(|(other, _)| other != old) });
            let (old, nothing) = (place.map(|place| before.remove(place)), Block::new());
            let old = old.map_or(&nothing, |(_, block)| block);
            let (behind, gone) = self.both(old, block, vec![(node, Some(label.clone()))], Open::new());
            open.extend(behind);
            lost.extend(gone);
        }
        for (label, block) in before {
            lost.extend(self.block(block, vec![(node, Some(label))], true));
        }
        if goes_on(&is.statement) {
            open.push((node, None));
        }
        (open, lost)
    }
}

/// Whether two triggers are one line, the conditions of which may differ.
fn is_about_same(one: &Trigger, other: &Trigger) -> bool {
    match (one, other) {
        (Trigger::Event { event: one, .. }, Trigger::Event { event: other, .. }) => one == other,
        (Trigger::ContactChanged { field: one }, Trigger::ContactChanged { field: other }) => one == other,
        (Trigger::Schedule { .. }, Trigger::Schedule { .. }) => true,
        _ => false,
    }
}
