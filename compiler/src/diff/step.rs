//! Changes of a workflow's steps.

use smol_str::SmolStr;

use super::align::{self, Aligned, align};
use super::catalogue::{Risk, Runs, Slug};
use super::change::Change;
use super::filter::{self, Order};
use super::words;
use crate::audit::{blocks, each_statement};
use crate::ir::{Block, Duration, Expression, Literal, Statement, Step, Workflow, Written};

/// Compares the steps of a workflow.
pub(super) fn compare(name: &SmolStr, base: &Workflow, head: &Workflow, changes: &mut Vec<Change>) {
    let mut steps = Steps {
        workflow: name,
        base: &base.steps,
        head: &head.steps,
        found: Vec::new(),
        removed: Vec::new(),
        added: Vec::new(),
    };
    steps.block(&base.steps, &head.steps, &base.steps);
    steps.moved();
    let Steps { mut found, removed, added, .. } = steps;
    for gone in removed {
        found.push(gone.change);
    }
    for new in added {
        found.push(new.change);
    }
    changes.append(&mut found);
}

/// What a workflow that is new does to people: its messages, what it writes and raises.
pub(super) fn added(name: &SmolStr, workflow: &Workflow, changes: &mut Vec<Change>) {
    let block = &workflow.steps;
    let mut steps =
        Steps { workflow: name, base: block, head: block, found: Vec::new(), removed: Vec::new(), added: Vec::new() };
    workflow.steps.iter().for_each(|step| steps.fresh(step));
    // That the others are new is said with the workflow.
    let told = steps.added.into_iter().map(|new| new.change).filter(|change| change.slug != Slug::StepAdded);
    changes.extend(told);
}

/// A step that is on one side only, and what is said of it unless it was moved.
struct Loose<'a> {
    step: &'a Step,
    change: Change,
}

struct Steps<'a> {
    workflow: &'a SmolStr,
    base: &'a Block,
    head: &'a Block,
    found: Vec<Change>,
    removed: Vec<Loose<'a>>,
    added: Vec<Loose<'a>>,
}

impl<'a> Steps<'a> {
    fn change(&self, slug: Slug, step: &Step) -> Change {
        let address = format!("workflow.{}/{}", self.workflow, step.id.0);
        Change::new(slug, address, format!("workflow {}", self.workflow)).in_workflow(self.workflow)
    }

    fn push(&mut self, change: Change) {
        self.found.push(change);
    }

    /// Compares two blocks; `rest` is the old block that a removed wait may hold a send back in.
    fn block(&mut self, base: &'a Block, head: &'a Block, rest: &'a Block) {
        for aligned in align(base, head) {
            match aligned {
                Aligned::Both(old, new) => self.step(old, new),
                Aligned::Removed(old) => self.gone(old, sends_after(rest, old)),
                Aligned::Added(new) => self.fresh(new),
            }
        }
    }

    fn gone(&mut self, step: &'a Step, before_send: bool) {
        let resting = matches!(
            step.statement,
            Statement::Wait { .. }
                | Statement::WaitUntil { .. }
                | Statement::WaitFor { .. }
                | Statement::Call { .. }
                | Statement::Send { .. }
        );
        let runs = if resting { Runs::Break } else { Runs::Continue };
        let change = match &step.statement {
            Statement::Send { .. } => self.change(Slug::SendRemoved, step),
            Statement::Set { .. } => self.change(Slug::ContactWriteRemoved, step),
            Statement::Emit { .. } => self.change(Slug::EmitRemoved, step),
            Statement::Wait { .. } | Statement::WaitUntil { .. } => {
                let risk = if before_send { Risk::Danger } else { Risk::Review };
                self.change(Slug::WaitRemoved, step).risk(risk)
            }
            _ => self.change(Slug::StepRemoved, step),
        };
        let mut change = change.runs(runs).before(words::head(&step.statement));
        change.was_at = Some(step.id.0.clone());
        self.removed.push(Loose { step, change });
        for inner in blocks(&step.statement) {
            for step in inner {
                self.gone(step, false);
            }
        }
    }

    fn fresh(&mut self, step: &'a Step) {
        let slug = match &step.statement {
            Statement::Send { .. } => Slug::SendAdded,
            Statement::Set { .. } => Slug::ContactWriteAdded,
            Statement::Emit { .. } => Slug::EmitAdded,
            _ => Slug::StepAdded,
        };
        let change = self.change(slug, step).after(words::head(&step.statement));
        self.added.push(Loose { step, change });
        for inner in blocks(&step.statement) {
            for step in inner {
                self.fresh(step);
            }
        }
    }

    /// What is gone at one place and new at another has moved. What is inside of it has moved along.
    fn moved(&mut self) {
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
        let sends = |step: &Step| {
            let mut found = matches!(step.statement, Statement::Send { .. });
            for block in blocks(&step.statement) {
                each_statement(block, &mut |step| found |= matches!(step.statement, Statement::Send { .. }));
            }
            found
        };
        // A message that moves to another branch goes to other people; a wait that no longer stands before one holds none back.
        let others = from.branch != to.branch && sends(old.step);
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

    fn step(&mut self, old: &'a Step, new: &'a Step) {
        if align::same(&old.statement, &new.statement) {
            return;
        }
        let known = (self.found.len(), self.removed.len(), self.added.len());
        self.statement(old, new);
        if known == (self.found.len(), self.removed.len(), self.added.len()) {
            let change = self.change(Slug::DeclarationChanged, new);
            self.push(change.before(words::head(&old.statement)).after(words::head(&new.statement)));
        }
        for change in self.found.iter_mut().skip(known.0).filter(|change| change.was_at.is_none()) {
            change.was_at = Some(old.id.0.clone());
        }
    }

    fn statement(&mut self, old: &'a Step, new: &'a Step) {
        match (&old.statement, &new.statement) {
            (
                Statement::Call { store_as, identification, on_failure, .. },
                Statement::Call {
                    store_as: new_as, identification: new_identification, on_failure: new_failure, ..
                },
            ) => {
                if store_as != new_as {
                    let change = self.change(Slug::ResultRenamed, new).before(store_as).after(new_as);
                    self.push(change);
                }
                if identification != new_identification {
                    let words = |it: &Option<_>| it.as_ref().map(super::header::identification_words);
                    let change = self.change(Slug::IdentifyKeyChanged, new);
                    self.push(change.between(words(identification), words(new_identification)));
                }
                self.failure(new, on_failure.as_ref(), new_failure.as_ref());
            }
            (Statement::Send { .. }, Statement::Send { .. }) => self.send(old, new),
            (Statement::Wait { duration }, Statement::Wait { duration: new_duration }) => {
                let change = self.change(Slug::WaitChanged, new);
                self.push(change.before(longer(duration)).after(longer(new_duration)));
            }
            (Statement::WaitUntil { time, zone }, Statement::WaitUntil { time: new_time, zone: new_zone }) => {
                if time != new_time {
                    let change = self.change(Slug::WaitUntilChanged, new);
                    self.push(change.before(words::head(&old.statement)).after(words::head(&new.statement)));
                } else if zone != new_zone {
                    let change = self.change(Slug::TimezoneChanged, new);
                    self.push(change.between(zone.as_ref().map(Written), new_zone.as_ref().map(Written)));
                }
            }
            (
                Statement::WaitFor { then, on_timeout, .. },
                Statement::WaitFor { then: new_then, on_timeout: new_timeout, .. },
            ) => {
                let (before, after) = (words::head(&old.statement), words::head(&new.statement));
                if before != after {
                    let change = self.change(Slug::WaitUntilChanged, new);
                    self.push(change.before(before).after(after));
                }
                self.block(then, new_then, then);
                self.block(on_timeout, new_timeout, on_timeout);
            }
            (Statement::If { .. }, Statement::If { .. }) => self.branches(old, new),
            (Statement::Match { .. }, Statement::Match { .. }) => self.arms(old, new),
            (Statement::Split(_), Statement::Split(_)) => self.split(old, new),
            (Statement::Set { value, .. }, Statement::Set { value: new_value, .. }) => {
                let change = self.change(Slug::ContactWriteChanged, new);
                self.push(change.before(Written(value)).after(Written(new_value)));
            }
            (Statement::Emit { .. }, Statement::Emit { .. }) => {
                let change = self.change(Slug::EmitChanged, new);
                self.push(change.before(words::head(&old.statement)).after(words::head(&new.statement)));
            }
            _ => {
                let change = self.change(Slug::EndChanged, new);
                self.push(change.before(words::head(&old.statement)).after(words::head(&new.statement)));
            }
        }
    }

    fn failure(&mut self, step: &Step, old: Option<&'a Block>, new: Option<&'a Block>) {
        match (old, new) {
            (Some(old), Some(new)) => {
                if ends(old) != ends(new) {
                    let words = |ends| if ends { "the run ends" } else { "the run goes on" };
                    let change = self.change(Slug::OnErrorChanged, step).risk(risk_of_going_on(ends(old), ends(new)));
                    self.push(change.before(words(ends(old))).after(words(ends(new))));
                }
                self.block(old, new, old);
            }
            (None, None) => {}
            (old, new) => {
                // Without the block the run fails.
                let (ends_before, ends_after) = (old.is_none_or(ends), new.is_none_or(ends));
                let words = |block: Option<&Block>| match block {
                    None => "the run fails".to_owned(),
                    Some(block) => block.iter().map(|step| words::head(&step.statement)).collect::<Vec<_>>().join("; "),
                };
                let change = self.change(Slug::OnErrorChanged, step).risk(risk_of_going_on(ends_before, ends_after));
                self.push(change.before(words(old)).after(words(new)));
                for step in old.into_iter().flatten() {
                    self.gone(step, false);
                }
                for step in new.into_iter().flatten() {
                    self.fresh(step);
                }
            }
        }
    }

    fn send(&mut self, old: &'a Step, new: &'a Step) {
        let (Statement::Send { to, between, .. }, Statement::Send { to: new_to, between: new_between, .. }) =
            (&old.statement, &new.statement)
        else {
            return;
        };
        if to != new_to {
            let change = self.change(Slug::RecipientChanged, new);
            self.push(change.between(to.as_ref().map(Written), new_to.as_ref().map(Written)));
        }
        match (between, new_between) {
            (Some(old_hours), Some(new_hours)) => {
                if words::hours(old_hours) != words::hours(new_hours) {
                    let change = self.change(Slug::QuietHoursChanged, new);
                    self.push(change.before(words::hours(old_hours)).after(words::hours(new_hours)));
                }
                if old_hours.zone != new_hours.zone {
                    let change = self.change(Slug::TimezoneChanged, new);
                    self.push(change.before(Written(&old_hours.zone)).after(Written(&new_hours.zone)));
                }
            }
            (None, Some(hours)) => {
                let change = self.change(Slug::QuietHoursChanged, new).after(words::window(hours));
                self.push(change);
            }
            (Some(hours), None) => {
                let change = self.change(Slug::ConsentCheckRemoved, new).value("hours").before(words::window(hours));
                self.push(change);
            }
            (None, None) => {}
        }
    }

    fn branches(&mut self, old: &'a Step, new: &'a Step) {
        let (Statement::If { branches, otherwise }, Statement::If { branches: new_branches, otherwise: new_otherwise }) =
            (&old.statement, &new.statement)
        else {
            return;
        };
        for (branch, new_branch) in branches.iter().zip(new_branches) {
            if branch.condition != new_branch.condition {
                let order = filter::order(&branch.condition, &new_branch.condition);
                let note = if order == Order::Unknown { String::new() } else { format!(" ({})", order.words()) };
                let change = self.change(Slug::BranchConditionChanged, new).before(Written(&branch.condition));
                self.push(change.after(format!("{}{note}", Written(&new_branch.condition))));
            }
            self.block(&branch.block, &new_branch.block, &branch.block);
        }
        for branch in branches.iter().skip(new_branches.len()) {
            self.branch_gone(new, format!("if {}", Written(&branch.condition)), &branch.block);
        }
        for branch in new_branches.iter().skip(branches.len()) {
            self.branch_new(new, format!("if {}", Written(&branch.condition)), &branch.block);
        }
        self.otherwise(new, otherwise, new_otherwise);
    }

    fn arms(&mut self, old: &'a Step, new: &'a Step) {
        let (
            Statement::Match { value, arms, otherwise },
            Statement::Match { value: new_value, arms: new_arms, otherwise: new_otherwise },
        ) = (&old.statement, &new.statement)
        else {
            return;
        };
        if value != new_value {
            let change = self.change(Slug::BranchConditionChanged, new);
            self.push(change.before(Written(value)).after(Written(new_value)));
        }
        for arm in arms {
            match new_arms.iter().find(|candidate| candidate.values == arm.values) {
                Some(there) => self.block(&arm.block, &there.block, &arm.block),
                None => self.branch_gone(new, words::values(&arm.values), &arm.block),
            }
        }
        for arm in new_arms.iter().filter(|arm| arms.iter().all(|candidate| candidate.values != arm.values)) {
            self.branch_new(new, words::values(&arm.values), &arm.block);
        }
        self.otherwise(new, otherwise, new_otherwise);
    }

    fn otherwise(&mut self, new: &'a Step, old_block: &'a Block, new_block: &'a Block) {
        match (old_block.is_empty(), new_block.is_empty()) {
            (false, true) => {
                let change = self.change(Slug::DefaultBranchRemoved, new).before("else");
                self.push(change);
                for step in old_block {
                    self.gone(step, false);
                }
            }
            (true, false) => self.branch_new(new, "else".to_owned(), new_block),
            _ => self.block(old_block, new_block, old_block),
        }
    }

    fn split(&mut self, old: &'a Step, new: &'a Step) {
        let (Statement::Split(split), Statement::Split(new_split)) = (&old.statement, &new.statement) else { return };
        let shares = |split: &crate::ir::Split| {
            let mut shares: Vec<_> = split.arms.iter().map(|arm| (arm.label.clone(), arm.share)).collect();
            shares.sort();
            shares
        };
        if shares(split) != shares(new_split) {
            let change = self.change(Slug::SplitShareChanged, new);
            self.push(change.before(words::head(&old.statement)).after(words::head(&new.statement)));
        }
        for arm in &split.arms {
            match new_split.arms.iter().find(|candidate| candidate.label == arm.label) {
                Some(there) => self.block(&arm.block, &there.block, &arm.block),
                None => self.branch_gone(new, format!("{:?}", arm.label), &arm.block),
            }
        }
        for arm in new_split.arms.iter().filter(|arm| split.arms.iter().all(|there| there.label != arm.label)) {
            self.branch_new(new, format!("{:?}", arm.label), &arm.block);
        }
        if shares(split) == shares(new_split)
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
            self.gone(step, false);
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

/// Whether no run gets behind a block.
pub(super) fn ends(block: &Block) -> bool {
    block.iter().any(|step| match &step.statement {
        Statement::Stop { .. } | Statement::Fail { .. } => true,
        Statement::If { branches, otherwise } => {
            !otherwise.is_empty() && ends(otherwise) && branches.iter().all(|branch| ends(&branch.block))
        }
        Statement::Match { arms, otherwise, .. } => {
            !otherwise.is_empty() && ends(otherwise) && arms.iter().all(|arm| ends(&arm.block))
        }
        Statement::Split(split) => split.arms.iter().all(|arm| ends(&arm.block)),
        Statement::WaitFor { then, on_timeout, .. } => ends(then) && ends(on_timeout),
        _ => false,
    })
}

const fn risk_of_going_on(ended: bool, ends: bool) -> Risk {
    if ended && !ends { Risk::Danger } else { Risk::Review }
}

/// How many steps are inside of a step.
fn inner_steps(step: &Step) -> Vec<&Step> {
    let mut inside = Vec::new();
    for block in blocks(&step.statement) {
        each_statement(block, &mut |step| inside.push(step));
    }
    inside
}

/// Where a step stands, for people.
struct Whereabouts {
    /// The branches around it.
    branch: String,
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
                    let one = std::slice::from_ref(step).to_vec();
                    each_statement(&one, &mut |step| {
                        sends_behind += usize::from(matches!(step.statement, Statement::Send { .. }));
                    });
                }
                return Some(Whereabouts { branch: branch.join(", "), words, sends_behind });
            }
            for (label, inner) in words::branches(&step.statement).into_iter().zip(blocks(&step.statement)) {
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
        branch: String::new(),
        words: step.id.0.to_string(),
        sends_behind: 0,
    })
}

/// Whether a message follows a step in its block.
fn sends_after(block: &Block, step: &Step) -> bool {
    let mut found = false;
    let rest: Block = block.iter().skip_while(|it| it.id != step.id).skip(1).cloned().collect();
    each_statement(&rest, &mut |step| found |= matches!(step.statement, Statement::Send { .. }));
    found
}

/// The length of a wait.
fn longer(duration: &Expression) -> String {
    match duration {
        Expression::Literal(Literal::Duration(Duration { milliseconds })) => {
            Duration { milliseconds: *milliseconds }.to_string()
        }
        other => Written(other).to_string(),
    }
}
