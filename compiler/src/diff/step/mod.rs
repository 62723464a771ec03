//! Changes of a workflow's steps.

// Ways of a statement, and steps that are elsewhere now.
mod arranged;
mod blocks;
mod branching;
mod hours;
mod moving;
mod raising;
mod reading;
mod rewritten;
mod waiting;

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::align;
use super::catalogue::{Risk, Runs, Slug};
use super::change::Change;
use super::facts::spoken;
use super::filter::Scope;
use super::{header, words};
use crate::ir::{
    Block, Duration, Expression, Identification, Literal, Program, Statement, Step, Workflow, Written, each_step,
};

/// Compares the steps of a workflow.
pub(super) fn compare(
    name: &SmolStr,
    (base_program, base): (&Program, &Workflow),
    (head_program, head): (&Program, &Workflow),
    changes: &mut Vec<Change>,
) {
    let mut steps = Steps::new(name, &base.steps, &head.steps, Scope::within((base_program, head_program), head));
    steps.before_sends = before_sends(&base.steps);
    steps.block(&base.steps, &head.steps);
    steps.moved();
    if let Some(change) = steps.ended_early() {
        changes.push(change);
        return;
    }
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
pub(super) fn added(name: &SmolStr, (program, workflow): (&Program, &Workflow), changes: &mut Vec<Change>) {
    let mut steps = Steps::new(name, &workflow.steps, &workflow.steps, Scope::within((program, program), workflow));
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
    scope: Scope<'a>,
    /// The old steps that a message may follow, however far behind them.
    before_sends: BTreeSet<&'a str>,
    found: Vec<Change>,
    removed: Vec<Loose<'a>>,
    added: Vec<Loose<'a>>,
}

impl<'a> Steps<'a> {
    fn new(workflow: &'a SmolStr, base: &'a Block, head: &'a Block, scope: Scope<'a>) -> Steps<'a> {
        let (found, removed, added) = (Vec::new(), Vec::new(), Vec::new());
        Steps { workflow, base, head, scope, before_sends: BTreeSet::new(), found, removed, added }
    }

    fn change(&self, slug: Slug, step: &Step) -> Change {
        let address = format!("workflow.{}/{}", self.workflow, step.id.0);
        Change::new(slug, address, format!("workflow {}", self.workflow)).in_workflow(self.workflow)
    }

    fn push(&mut self, change: Change) {
        self.found.push(change);
    }

    fn gone(&mut self, step: &'a Step) {
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
            Statement::Wait { .. } | Statement::WaitUntil { .. } | Statement::WaitFor { .. } => {
                // What was held back by it goes out at once.
                let danger = self.before_sends.contains(step.id.0.as_str());
                self.change(Slug::WaitRemoved, step).risk(if danger { Risk::Danger } else { Risk::Review })
            }
            _ => self.change(Slug::StepRemoved, step),
        };
        let mut change = change.runs(runs).before(words::head(&step.statement));
        if let Statement::Emit { event, .. } = &step.statement {
            change.details = raising::followed(self.scope.programs.1, event, "does not start").lines;
        }
        change.was_at = Some(step.id.0.clone());
        change.gone = true;
        self.removed.push(Loose { step, change });
        for inner in step.statement.blocks() {
            for step in inner {
                self.gone(step);
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
        let mut change = self.change(slug, step).after(words::head(&step.statement));
        if let Statement::Emit { event, .. } = &step.statement {
            let followed = raising::followed(self.scope.programs.1, event, "starts");
            if followed.sends {
                change = change.risk(Risk::Danger);
            }
            change.details = followed.lines;
        }
        self.added.push(Loose { step, change });
        for inner in step.statement.blocks() {
            for step in inner {
                self.fresh(step);
            }
        }
    }

    fn step(&mut self, old: &'a Step, new: &'a Step) {
        if align::same(&old.statement, &new.statement) {
            return;
        }
        let known = (self.found.len(), self.removed.len(), self.added.len());
        self.statement(old, new);
        let quiet = self.found.iter().skip(known.0).all(|change| change.risk == Risk::Note);
        if (!quiet || known.1 < self.removed.len() || known.2 < self.added.len())
            && matches!(new.statement, Statement::If { .. } | Statement::Match { .. })
            && arranged::do_the_same(&self.scope, std::slice::from_ref(old), std::slice::from_ref(new))
        {
            self.found.truncate(known.0);
            self.removed.truncate(known.1);
            self.added.truncate(known.2);
            self.arranged(std::slice::from_ref(old), std::slice::from_ref(new));
            return;
        }
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
                self.callee(new, identification.as_ref(), new_identification.as_ref());
                self.failure(new, on_failure.as_ref(), new_failure.as_ref());
            }
            (Statement::Send { .. }, Statement::Send { .. }) => self.send(old, new),
            (Statement::Wait { duration }, Statement::Wait { duration: new_duration }) => {
                let change = self.change(Slug::WaitChanged, new).before(longer(duration)).after(longer(new_duration));
                let change = match (milliseconds(duration), milliseconds(new_duration)) {
                    (Some(before), Some(after)) if self.before_sends.contains(old.id.0.as_str()) => {
                        hurried(change, before, after)
                    }
                    _ => change,
                };
                self.push(change);
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
            (Statement::WaitFor { .. }, Statement::WaitFor { .. }) => self.wait_for(old, new),
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
            (old_end, new_end) => {
                let change = self.change(Slug::EndChanged, new);
                let change = change.before(words::head(old_end)).after(words::head(new_end));
                self.push(match (old_end, new_end) {
                    (Statement::Stop { .. }, Statement::Fail { .. }) => {
                        change.detail("runs that end here count as failed now")
                    }
                    (Statement::Fail { .. }, Statement::Stop { .. }) => {
                        change.detail("runs that end here count as stopped now, and no longer as failed")
                    }
                    _ => change,
                });
            }
        }
    }

    /// Whose contact a call is about. A run that waits before it would go on with the other one.
    fn callee(&mut self, step: &Step, old: Option<&Identification>, new: Option<&Identification>) {
        if let (Some(old), Some(new)) = (old, new)
            && old.ways == new.ways
        {
            if old.otherwise != new.otherwise {
                let change = header::not_found_changed(self.change(Slug::CreateIfMissingChanged, step), old, new);
                self.push(change.runs(Runs::Continue));
            }
            return;
        }
        if old != new {
            let words = |it: Option<&Identification>| {
                it.map_or("the contact of the run".to_owned(), header::identification_words)
            };
            let change = self.change(Slug::IdentifyKeyChanged, step).runs(Runs::Continue);
            self.push(change.before(words(old)).after(words(new)));
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
                self.block(old, new);
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
                    self.gone(step);
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
                    let change = change.before(words::hours(old_hours)).after(words::hours(new_hours));
                    self.push(match hours::opened(old_hours, new_hours) {
                        Some(opened) => {
                            change.detail(format!("it goes out at hours now at which it did not: {opened}"))
                        }
                        None => change,
                    });
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

/// The steps that a message may follow, however far behind them.
pub(super) fn before_sends(block: &Block) -> BTreeSet<&str> {
    let mut noted = BTreeSet::new();
    note_before_sends(block, false, &mut noted);
    noted
}

/// Notes the steps that a message may follow; `behind`: one follows the whole block.
fn note_before_sends<'a>(block: &'a Block, behind: bool, noted: &mut BTreeSet<&'a str>) {
    let mut sends = behind && !ends(block);
    for step in block.iter().rev() {
        if sends {
            noted.insert(step.id.0.as_str());
        }
        for inner in step.statement.blocks() {
            note_before_sends(inner, sends, noted);
        }
        sends |= sends_anything(step);
    }
}

/// Whether a step is a message, or has one inside.
pub(super) fn sends_anything(step: &Step) -> bool {
    let mut found = matches!(step.statement, Statement::Send { .. });
    for block in step.statement.blocks() {
        each_step(block, &mut |step| found |= matches!(step.statement, Statement::Send { .. }));
    }
    found
}

fn milliseconds(duration: &Expression) -> Option<u64> {
    match duration {
        Expression::Literal(Literal::Duration(duration)) => Some(duration.milliseconds),
        _ => None,
    }
}

/// By how much the messages behind a wait go out at another time. One of which next to nothing is left holds back as little
/// as one that is gone.
fn hurried(change: Change, before: u64, after: u64) -> Change {
    if after < before {
        let change = change.detail(format!("a message behind it goes out {} earlier", spoken(before - after)));
        if after < before / 10 { change.risk(Risk::Danger) } else { change }
    } else {
        change.detail(format!("a message behind it goes out {} later", spoken(after - before)))
    }
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
