//! Two blocks side by side: what stays, what is arranged otherwise, what is changed, gone or new.

use super::{Steps, arranged};
use crate::diff::align::{self, Aligned, align};
use crate::ir::Step;

impl<'a> Steps<'a> {
    /// Compares the steps of two blocks.
    pub(super) fn block(&mut self, base: &'a [Step], head: &'a [Step]) {
        // What stays as it is at both ends says nothing.
        let same = |(old, new): &(&Step, &Step)| align::same(&old.statement, &new.statement);
        let front = base.iter().zip(head).take_while(same).count();
        let (base, head) = (base.get(front..).unwrap_or_default(), head.get(front..).unwrap_or_default());
        let back = base.iter().rev().zip(head.iter().rev()).take_while(same).count();
        let base = base.get(..base.len() - back).unwrap_or_default();
        let head = head.get(..head.len() - back).unwrap_or_default();
        if self.rearranged(base, head) || self.rewritten(base, head) {
            return;
        }
        let aligned = align(base, head);
        let stays = |it: &Aligned<'_>| matches!(it, Aligned::Both(old, new) if same(&(*old, *new)));
        let (mut from, mut new_from) = (0, 0);
        for stretch in aligned.split_inclusive(stays) {
            let kept = usize::from(stretch.last().is_some_and(stays));
            let to = from + stretch.iter().filter(|it| !matches!(it, Aligned::Added(_))).count();
            let new_to = new_from + stretch.iter().filter(|it| !matches!(it, Aligned::Removed(_))).count();
            let old = base.get(from..to - kept).unwrap_or_default();
            let new = head.get(new_from..new_to - kept).unwrap_or_default();
            (from, new_from) = (to, new_to);
            // All of it was looked at before.
            let whole = (old.len(), new.len()) == (base.len(), head.len());
            if whole || !self.rearranged(old, new) {
                stretch.iter().for_each(|it| self.aligned(*it));
            }
        }
    }

    /// Whether some of the steps do what others did: that is told, and what stands around them compared.
    fn rearranged(&mut self, old: &'a [Step], new: &'a [Step]) -> bool {
        let Some((part, new_part)) = arranged::parts(&self.scope, old, new) else { return false };
        let cut = |steps: &'a [Step], part: &std::ops::Range<usize>| {
            let (front, rest) = steps.split_at(part.start);
            let (middle, back) = rest.split_at(part.len());
            (front, middle, back)
        };
        let ((front, middle, back), (new_front, new_middle, new_back)) = (cut(old, &part), cut(new, &new_part));
        self.block(front, new_front);
        self.arranged(middle, new_middle);
        self.block(back, new_back);
        true
    }

    fn aligned(&mut self, aligned: Aligned<'a>) {
        match aligned {
            Aligned::Both(old, new) => self.step(old, new),
            Aligned::Removed(old) => self.gone(old),
            Aligned::Added(new) => self.fresh(new),
        }
    }
}
