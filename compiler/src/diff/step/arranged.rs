//! Steps that are arranged otherwise and do the same: a `match` written as a chain of `if`, a step taken out of every way.
//!
//! Both arrangements are gone through in every case that their conditions can tell apart. Where that leads to the same steps
//! in the same order each time, a run does what it did. A condition is only compared with one that is asked of the same
//! values: behind a step that may change what it reads, a statement counts as one step that has to stay as it is.

use std::ops::Range;

use super::Steps;
use super::reading::{ContactRead, Reads, State, Touch, touch};
use crate::diff::catalogue::{Risk, Runs, Slug};
use crate::diff::change::Change;
use crate::diff::filter::{self, Cases, Scope, meant};
use crate::diff::{align, words};
use crate::ir::{Expression, Program, Statement, Step, each_step};

/// Of more steps than this it is not asked.
const MOST_STEPS: usize = 120;
/// Nor where so many steps would be gone through in all cases together.
const MOST_WORK: usize = 100_000;
/// Of stretches no longer than this every part is looked at.
const SHORT: usize = 6;

/// A part of the old steps, and the part of the new ones that does the same.
pub(super) type Parts = (Range<usize>, Range<usize>);

/// The smallest parts of two stretches that do the same and are no pair of one kind.
pub(super) fn parts(scope: &Scope<'_>, old: &[Step], new: &[Step]) -> Option<Parts> {
    if !old.iter().chain(new).any(is_choice) {
        return None;
    }
    let mut candidates: Vec<Parts> = if old.len() <= SHORT && new.len() <= SHORT {
        let ranges = |length: usize| (0..length).flat_map(move |from| (from + 1..=length).map(move |to| from..to));
        ranges(old.len()).flat_map(|one| ranges(new.len()).map(move |other| (one.clone(), other))).collect()
    } else {
        vec![(0..old.len(), 0..new.len())]
    };
    candidates.sort_by_key(|(one, other)| one.len() + other.len());
    candidates.into_iter().find(|(one, other)| {
        let (Some(one), Some(other)) = (old.get(one.clone()), new.get(other.clone())) else { return false };
        let pair = matches!((one, other), ([one], [other])
            if align::key(&one.statement).0 == align::key(&other.statement).0);
        !pair && one.iter().chain(other).any(is_choice) && do_the_same(scope, one, other)
    })
}

/// Whether steps do in every case what others do, if nobody else changes the contact meanwhile.
pub(super) fn do_the_same(scope: &Scope<'_>, old: &[Step], new: &[Step]) -> bool {
    do_the_same_with(ContactRead::Once, scope, old, new)
}

fn do_the_same_with(contact: ContactRead, scope: &Scope<'_>, old: &[Step], new: &[Step]) -> bool {
    let plan = || Plan { contact, ..Plan::default() };
    compared(scope, old, new, plan(), &written) || compared(scope, old, new, plan(), &meant)
}

/// A condition as it is written, with its segments unopened.
fn written(_: &Program, condition: &Expression) -> Expression {
    condition.clone()
}

/// Whether all that is left of a workflow does what it did, but that a run which ends there may count as stopped.
fn ends_alike(scope: &Scope<'_>, old: &[Step], new: &[Step]) -> bool {
    compared(scope, old, new, Plan { to_the_end: true, ..Plan::default() }, &written)
}

fn compared<'s>(
    scope: &Scope<'_>,
    old: &'s [Step],
    new: &'s [Step],
    mut plan: Plan<'s>,
    read: &dyn Fn(&Program, &Expression) -> Expression,
) -> bool {
    let mut count = 0_usize;
    [old, new].into_iter().for_each(|steps| each_step(steps, &mut |_| count += 1));
    if count > MOST_STEPS {
        return false;
    }
    let before = plan.block(old, &|condition| read(scope.programs.0, condition));
    let taken = std::mem::take(&mut plan.taken);
    let after = plan.block(new, &|condition| read(scope.programs.1, condition));
    let all = |some: &[usize], others: &[usize]| some.iter().all(|one| others.contains(one));
    if !all(&taken, &plan.taken) || !all(&plan.taken, &taken) {
        return false;
    }
    let Some(cases) = Cases::of(scope, &plan.conditions) else { return false };
    if cases.count().saturating_mul(taken.len() + plan.taken.len()) > MOST_WORK {
        return false;
    }
    cases.each().all(|case| {
        let [(old, stopped), (new, new_stopped)] = [&before, &after].map(|nodes| {
            let mut run = Run {
                reads: &plan.reads,
                way: &|conditions| cases.way(conditions, &case),
                state: State::default(),
                did: Vec::new(),
                stopped: None,
            };
            run.block(nodes);
            (run.did, run.stopped)
        });
        // Who is stopped on both sides is stopped for the same reason.
        old == new && stopped.zip(new_stopped).is_none_or(|(one, other)| one == other)
    })
}

fn is_choice(step: &Step) -> bool {
    matches!(step.statement, Statement::If { .. } | Statement::Match { .. })
}

/// A step as it is gone through. Steps of one number say the same.
enum Node {
    Step(usize, Touch),
    End(usize),
    /// The same where nothing follows: a run that is stopped does no less than one that has come to the end.
    Stopped(usize),
    Choice {
        whole: usize,
        conditions: Range<usize>,
        blocks: Vec<Vec<Node>>,
    },
}

/// Both sides as they are gone through.
#[derive(Default)]
struct Plan<'s> {
    /// Nothing follows: a run that is stopped does no less than one that goes on.
    to_the_end: bool,
    contact: ContactRead,
    /// Steps that say different things, each once.
    known: Vec<&'s Statement>,
    /// Those that a run may take, in the order met.
    taken: Vec<usize>,
    conditions: Vec<Expression>,
    /// What the conditions of a choice read, by the first of them.
    reads: Vec<(usize, Reads)>,
}

impl<'s> Plan<'s> {
    fn number(&mut self, statement: &'s Statement) -> usize {
        let known = self.known.iter().position(|known| align::same(known, statement));
        known.unwrap_or_else(|| {
            self.known.push(statement);
            self.known.len() - 1
        })
    }

    fn block(&mut self, steps: &'s [Step], read: &dyn Fn(&Expression) -> Expression) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(steps.len());
        for step in steps {
            let number = self.number(&step.statement);
            nodes.push(if is_choice(step) {
                let ways: Vec<Expression> = filter::ways(&step.statement).iter().map(read).collect();
                let first = self.conditions.len();
                self.reads.push((first, Reads::of(&ways)));
                self.conditions.extend(ways);
                let conditions = first..self.conditions.len();
                let blocks = step.statement.blocks().map(|block| self.block(block, read)).collect();
                Node::Choice { whole: number, conditions, blocks }
            } else if self.to_the_end && matches!(step.statement, Statement::Stop { .. }) {
                Node::Stopped(number)
            } else {
                self.taken.push(number);
                match &step.statement {
                    Statement::Stop { .. } | Statement::Fail { .. } => Node::End(number),
                    other => Node::Step(number, touch(other, self.contact)),
                }
            });
        }
        nodes
    }
}

/// What a run does that comes to a condition which cannot be computed.
const FAILED: usize = usize::MAX;

/// One way through the steps, in one case.
struct Run<'p> {
    reads: &'p [(usize, Reads)],
    way: &'p dyn Fn(Range<usize>) -> Option<usize>,
    state: State,
    did: Vec<usize>,
    stopped: Option<usize>,
}

impl Run<'_> {
    /// Whether the run has ended.
    fn block(&mut self, nodes: &[Node]) -> bool {
        for node in nodes {
            match node {
                Node::End(number) => {
                    self.did.push(*number);
                    return true;
                }
                Node::Stopped(number) => {
                    self.stopped = Some(*number);
                    return true;
                }
                Node::Step(number, touch) => {
                    self.did.push(*number);
                    self.state.touched(touch);
                }
                Node::Choice { whole, conditions, blocks } => {
                    let reads = self.reads.iter().find(|(first, _)| *first == conditions.start).map(|(_, reads)| reads);
                    if reads.is_some_and(|it| self.state.leaves(it)) {
                        let Some(way) = (self.way)(conditions.clone()) else {
                            self.did.push(FAILED);
                            return true;
                        };
                        if blocks.get(way).is_some_and(|block| self.block(block)) {
                            return true;
                        }
                    } else {
                        self.did.push(*whole);
                        self.state.touched(&Touch::All);
                    }
                }
            }
        }
        false
    }
}

impl<'a> Steps<'a> {
    /// What to say in place of all that was found, where each case has the steps that it had and only ends as stopped, or no
    /// longer does: a way that was an `else` stands behind a `stop` now.
    pub(super) fn ended_early(&self) -> Option<Change> {
        let loose = self.removed.iter().chain(&self.added).map(|it| &it.change);
        let mut found = loose.chain(&self.found).filter(|change| change.risk > Risk::Note);
        found.find(|change| change.risk == Risk::Danger || change.slug == Slug::StepReordered)?;
        let same = |(old, new): &(&Step, &Step)| align::same(&old.statement, &new.statement);
        let front = self.base.iter().zip(self.head).take_while(same).count();
        let (old, new) = (self.base.get(front..)?, self.head.get(front..)?);
        if !ends_alike(&self.scope, old, new) {
            return None;
        }
        let mut told = Steps::new(self.workflow, self.base, self.head, self.scope);
        told.arranged(old, new);
        let change = told.found.pop()?;
        if do_the_same(&self.scope, old, new) {
            return Some(change);
        }
        Some(change.risk(Risk::Review).detail("others count as stopped now than did; nobody gets anything else"))
    }

    /// Says that steps are arranged otherwise and do the same.
    pub(super) fn arranged(&mut self, old: &'a [Step], new: &'a [Step]) {
        let Some(first) = new.iter().find(|step| is_choice(step)).or_else(|| new.first()) else { return };
        let (slug, note) = match (old, new) {
            ([_], [_]) => (Slug::BranchConditionChanged, " (each case does what it did)"),
            _ => (Slug::StepReordered, " (each case does what it did, in the same order)"),
        };
        let heads = |steps: &[Step]| steps.iter().map(|it| words::head(&it.statement)).collect::<Vec<_>>().join("; ");
        let ahead = |steps: &'a [Step]| steps.iter().take_while(|step| !is_choice(step)).count();
        // A run that waits in one of them finds no step of that name.
        let mut names = Vec::new();
        each_step(new, &mut |step| names.push(&step.id));
        let mut breaks = false;
        each_step(old, &mut |step| {
            let waits = matches!(
                step.statement,
                Statement::Wait { .. } | Statement::WaitUntil { .. } | Statement::WaitFor { .. }
            );
            breaks |= waits && !names.contains(&&step.id);
        });
        let mut change =
            self.change(slug, first).unaffected().before(heads(old)).after(format!("{}{note}", heads(new)));
        let kept = |contact| do_the_same_with(contact, &self.scope, old, new);
        if !kept(ContactRead::Again) && kept(ContactRead::Once) {
            let asked = "it is asked what the contact is by then, and a workflow or a person may have changed that";
            change = change.risk(Risk::Review).detail(asked);
        }
        if breaks {
            change = change.runs(Runs::Break);
        }
        change.was_at = old.iter().find(|step| is_choice(step)).or_else(|| old.first()).map(|step| step.id.0.clone());
        if !old.iter().any(is_choice) || !new.iter().any(is_choice) {
            return self.push(change);
        }
        self.push(match ahead(new).cmp(&ahead(old)) {
            std::cmp::Ordering::Greater => change.detail("what is asked is asked behind it now, not before it"),
            std::cmp::Ordering::Less => change.detail("what is asked is asked before it now, not behind it"),
            std::cmp::Ordering::Equal => change,
        });
    }
}
