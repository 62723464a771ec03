//! What a segment that changed means where it is asked: `contact not in blocked` lets fewer through when `blocked` has more
//! members.

use smol_str::SmolStr;

use super::catalogue::{Risk, Slug};
use super::change::Change;
use super::filter::{self, Order, Scope, meant};
use super::step::{ends, sends_anything};
use crate::ir::{Expression, Program, Statement, Trigger, Workflow, Written, each_step};

/// So many places of a segment are told.
const MOST_TOLD: usize = 5;

/// A place that asks for a segment, and what became of it.
struct Asked {
    words: String,
    /// Whether more or fewer than before may get a message, or go on.
    order: Order,
}

/// Tells of each segment that changed what it does where it is asked, and rates it by that.
pub(super) fn rate(base: &Program, head: &Program, changes: &mut [Change]) {
    let changed = changes.iter_mut().filter(|it| it.slug == Slug::SegmentChanged && it.risk != Risk::Note);
    for change in changed {
        let Some(name) = change.address.strip_prefix("segment.").map(SmolStr::new) else { continue };
        let mut found = Vec::new();
        for (workflow_name, workflow) in &head.workflows {
            asked(&name, (base, head), workflow_name, workflow, &mut found);
        }
        if found.is_empty() {
            continue;
        }
        let danger = found.iter().any(|it| it.order == Order::Wider);
        let unknown = found.iter().any(|it| it.order == Order::Unknown);
        change.risk = match change.risk {
            _ if danger => Risk::Danger,
            Risk::Danger if unknown => Risk::Danger,
            _ => Risk::Review,
        };
        // Who gets more comes first; a place that goes on as before is told if there is no other.
        if found.iter().any(|it| it.order != Order::Same) {
            found.retain(|it| it.order != Order::Same);
        }
        found.sort_by_key(|it| match it.order {
            Order::Wider => 0,
            Order::Unknown => 1,
            Order::Narrower | Order::Same => 2,
        });
        let left = found.len().saturating_sub(MOST_TOLD);
        change.details.extend(found.into_iter().take(MOST_TOLD).map(|it| it.words));
        if left > 0 {
            change.details.push(format!("and {left} more places ask for it"));
        }
    }
}

fn asked(
    segment: &SmolStr,
    (base, head): (&Program, &Program),
    name: &SmolStr,
    workflow: &Workflow,
    found: &mut Vec<Asked>,
) {
    let scope = Scope::within((base, head), workflow);
    let order = |condition: &Expression| {
        let changed = asks(head, segment, condition) || asks(base, segment, condition);
        changed.then(|| filter::order(&scope, &meant(base, condition), &meant(head, condition)))
    };
    for trigger in &workflow.triggers {
        if let Trigger::Schedule { segment: own, .. } = trigger
            && let Some(order) = order(&Expression::InSegment(own.clone()))
        {
            let words = format!("workflow {name}: the schedule {}", starts(order));
            found.push(Asked { words, order });
        }
    }
    each_step(&workflow.steps, &mut |step| {
        let Statement::If { branches, otherwise } = &step.statement else { return };
        for (place, branch) in branches.iter().enumerate() {
            let Some(order) = order(&branch.condition) else { continue };
            let others: Vec<_> = branches.iter().skip(place + 1).map(|it| &it.block).chain([otherwise]).collect();
            let written = Written(&branch.condition);
            // Who takes the way that ends does not get what follows.
            let stops = ends(&branch.block) && !others.iter().all(|block| ends(block));
            let elsewhere =
                !branch.block.iter().any(sends_anything) && others.iter().any(|block| block.iter().any(sends_anything));
            let (words, order) = match order {
                order if stops => (format!("`if {written}` {}", stopping(order)), opposite(order)),
                order if elsewhere => (format!("`if {written}` {}", order.words()), opposite(order)),
                order => (format!("`if {written}` {}", order.words()), order),
            };
            found.push(Asked { words: format!("workflow {name}: {words}"), order });
        }
    });
}

/// Whether a condition asks for a segment, also by way of another one.
fn asks(program: &Program, segment: &SmolStr, condition: &Expression) -> bool {
    match condition {
        Expression::InSegment(name) => {
            name == segment || program.segments.get(name).is_some_and(|it| asks(program, segment, &it.condition))
        }
        Expression::Not(inner) => asks(program, segment, inner),
        Expression::Binary { left, right, .. } => asks(program, segment, left) || asks(program, segment, right),
        _ => false,
    }
}

const fn opposite(order: Order) -> Order {
    match order {
        Order::Wider => Order::Narrower,
        Order::Narrower => Order::Wider,
        same => same,
    }
}

/// What becomes of those who get behind a way that ends.
pub(super) const fn stopping(order: Order) -> &'static str {
    match order {
        Order::Same => "ends the same runs",
        Order::Wider => "ends more runs: fewer go on",
        Order::Narrower => "ends fewer runs: more go on",
        Order::Unknown => "ends other runs",
    }
}

const fn starts(order: Order) -> &'static str {
    match order {
        Order::Same => "starts for the same contacts",
        Order::Wider => "starts for more contacts",
        Order::Narrower => "starts for fewer contacts",
        Order::Unknown => "starts for other contacts",
    }
}
