//! Changes of what holds a program: its tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::catalogue::{Risk, Slug};
use super::change::Change;
use super::pair::{Pair, pairs};
use crate::ir::Test;
use crate::ir::test::{Callee, Expectation, TestStep, Until};

/// Compares tests by name. What a test holds back no more is a danger where the behaviour changes with it.
pub(super) fn compare(base: &[Arc<Test>], head: &[Arc<Test>], behaviour_changed: bool, changes: &mut Vec<Change>) {
    let by_name = |tests: &[Arc<Test>]| -> BTreeMap<SmolStr, Arc<Test>> {
        tests.iter().map(|test| (test.name.node.clone(), test.clone())).collect()
    };
    let (mut before, after) = (by_name(base), by_name(head));
    let body = |test: &Test| (test.start, test.steps.iter().map(|step| step.node.clone()).collect::<Vec<_>>());
    for (name, new) in &after {
        let renamed =
            |old: &SmolStr| !after.contains_key(old) && before.get(old).is_some_and(|it| body(it) == body(new));
        let old = (!before.contains_key(name)).then(|| before.keys().find(|old| renamed(old)).cloned()).flatten();
        if let Some(test) = old.as_ref().and_then(|old| before.remove(old)) {
            let change = Change::new(Slug::DeclarationRenamed, format!("test.{name}"), format!("test {name:?}"));
            changes.push(change.before(&test.name.node).after(name));
            before.insert(name.clone(), Arc::clone(new));
        }
    }
    let gone = if behaviour_changed { Risk::Danger } else { Risk::Review };
    for (name, pair) in pairs(&before, &after) {
        let change = |slug| Change::new(slug, format!("test.{name}"), format!("test {name:?}"));
        match pair {
            Pair::Added(_) => changes.push(change(Slug::TestAdded)),
            Pair::Removed(_) => changes.push(change(Slug::TestRemoved).risk(gone)),
            Pair::Both(old, new) if old != new => {
                let (removed, added) = (only(old, new), only(new, old));
                let expects = |steps: &[&TestStep]| steps.iter().any(|it| matches!(it, TestStep::Expect { .. }));
                let less = expects(&removed) && !expects(&added);
                let risk = if less { gone } else { Risk::Review };
                let words = |test: &Test, steps: &[&TestStep]| match steps {
                    [] if old.start != new.start => Some(format!("at {}", test.start)),
                    [] => None,
                    steps => Some(steps.iter().map(|step| words(step)).collect::<Vec<_>>().join("; ")),
                };
                let change = change(Slug::TestExpectationChanged).risk(risk);
                changes.push(change.between(words(old, &removed), words(new, &added)));
            }
            Pair::Both(..) => {}
        }
    }
}

/// The steps of one test that the other does not have.
fn only<'t>(one: &'t Test, other: &Test) -> Vec<&'t TestStep> {
    let mut left: Vec<&TestStep> = other.steps.iter().map(|step| &step.node).collect();
    let mut found = Vec::new();
    for step in &one.steps {
        match left.iter().position(|there| **there == step.node) {
            Some(place) => {
                left.swap_remove(place);
            }
            None => found.push(&step.node),
        }
    }
    found
}

/// A step in words, without what is asked of its parts.
fn words(step: &TestStep) -> String {
    match step {
        TestStep::Given { name: Some(name), .. } => format!("given contact {name}"),
        TestStep::Given { name: None, .. } => "given contact".to_owned(),
        TestStep::Stub(stub) => format!("stub {}", callee(&stub.callee)),
        TestStep::Receive { event, .. } => format!("receive {event}"),
        TestStep::Advance(duration) => format!("advance {duration}"),
        TestStep::AdvanceUntil(Until::Instant(instant)) => format!("advance until {instant}"),
        TestStep::AdvanceUntil(Until::Next { time, zone }) => {
            format!("advance until {} in {zone:?}", time.strftime("%H:%M"))
        }
        TestStep::Expect { negated, what } => {
            format!("expect {}{}", if *negated { "not " } else { "" }, expectation(what))
        }
    }
}

fn callee(callee: &Callee) -> &SmolStr {
    match callee {
        Callee::Webhook(name) | Callee::Channel(name) => name,
    }
}

fn expectation(expectation: &Expectation) -> String {
    let reason = |word: &str, reason: &Option<SmolStr>| match reason {
        Some(reason) => format!("{word} {reason:?}"),
        None => word.to_owned(),
    };
    match expectation {
        Expectation::Call { callee: called, .. } => format!("call {}", callee(called)),
        Expectation::Send { message, .. } => format!("send {message}"),
        Expectation::Contact { fields, .. } => {
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            format!("contact {{ {} }}", names.join(", "))
        }
        Expectation::Event { event, .. } => format!("event {event}"),
        Expectation::InOrder(_) => "in order".to_owned(),
        Expectation::Path(step) => format!("path {:?}", step.node),
        Expectation::NothingElse => "nothing else".to_owned(),
        Expectation::Complete => "complete".to_owned(),
        Expectation::Stop(why) => reason("stop", why),
        Expectation::Fail(why) => reason("fail", why),
        Expectation::Exit(why) => reason("exit", why),
    }
}
