//! Steps that are gone at one place and new at another: they have moved.

use super::{Loose, Steps, sends_anything};
use crate::diff::catalogue::{Risk, Runs, Slug};
use crate::diff::change::Change;
use crate::diff::{align, words};
use crate::ir::{Block, Statement, Step, each_step};

impl<'a> Steps<'a> {
    /// What is gone at one place and new at another has moved. What is inside of it has moved along.
    pub(super) fn moved(&mut self) {
        let mut kept = Vec::new();
        let mut gone = std::mem::take(&mut self.removed).into_iter();
        while let Some(old) = gone.next() {
            let place = self.added.iter().position(|new| align::same(&new.step.statement, &old.step.statement));
            let Some(place) = place else {
                kept.push(old);
                continue;
            };
            let new = self.added.remove(place);
            // A step's inner steps stand right behind it, but for those of the new one that were found to have moved by
            // themselves.
            gone.by_ref().take(inner_steps(old.step).len()).for_each(drop);
            for inner in inner_steps(new.step) {
                if self.added.get(place).is_some_and(|next| std::ptr::eq(next.step, inner)) {
                    self.added.remove(place);
                }
            }
            let change = self.told_as_moved(&old, &new);
            self.push(change);
        }
        self.removed = kept;
    }

    fn told_as_moved(&self, old: &Loose<'a>, new: &Loose<'a>) -> Change {
        let waits = matches!(old.step.statement, Statement::Wait { .. } | Statement::WaitUntil { .. });
        let (from, to) = (whereabouts(self.base, old.step), whereabouts(self.head, new.step));
        // A message that moves to another branch goes to other people, and one with a further branch around it to some of them;
        // a wait that no longer stands before one holds none back.
        let others = !to.branch.starts_with(&from.branch) && sends_anything(old.step);
        let hurries = waits && from.sends_behind > to.sends_behind;
        let risk = if others || hurries { Risk::Danger } else { Risk::Review };
        let head = words::head(&old.step.statement);
        let mut change = self
            .change(Slug::StepReordered, new.step)
            .risk(risk)
            .runs(if waits { Runs::Break } else { Runs::Continue })
            .before(format!("{head}: {}", from.words))
            .after(to.words);
        change.was_at = Some(old.step.id.0.clone());
        change
    }
}

/// How many steps are inside of a step.
fn inner_steps(step: &Step) -> Vec<&Step> {
    let mut inside = Vec::new();
    for block in step.statement.blocks() {
        each_step(block, &mut |step| inside.push(step));
    }
    inside
}

/// Where a step stands, for people.
struct Whereabouts {
    /// The branches around it, outermost first.
    branch: Vec<String>,
    /// The branches and what stands before it.
    words: String,
    /// How many messages follow in its block.
    sends_behind: usize,
}

fn whereabouts(block: &Block, step: &Step) -> Whereabouts {
    fn find(block: &Block, wanted: &Step, branch: &mut Vec<String>) -> Option<Whereabouts> {
        for (position, step) in block.iter().enumerate() {
            if std::ptr::eq(step, wanted) {
                let before = position.checked_sub(1).and_then(|position| block.get(position));
                let mut words = before.map_or("first".to_owned(), |it| format!("after {}", words::head(&it.statement)));
                if !branch.is_empty() {
                    words.push_str(&format!(", in {}", branch.join(", in ")));
                }
                let mut sends_behind = 0;
                for step in block.iter().skip(position + 1) {
                    each_step(std::slice::from_ref(step), &mut |step| {
                        sends_behind += usize::from(matches!(step.statement, Statement::Send { .. }));
                    });
                }
                return Some(Whereabouts { branch: branch.clone(), words, sends_behind });
            }
            for (label, inner) in words::branches(&step.statement).into_iter().zip(step.statement.blocks()) {
                branch.push(label);
                if let Some(found) = find(inner, wanted, branch) {
                    return Some(found);
                }
                branch.pop();
            }
        }
        None
    }
    find(block, step, &mut Vec::new()).unwrap_or_else(|| Whereabouts {
        branch: Vec::new(),
        words: step.id.0.to_string(),
        sends_behind: 0,
    })
}
