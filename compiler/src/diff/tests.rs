//! Changes of what holds a program: its tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::catalogue::{Risk, Slug};
use super::change::Change;
use crate::ir::test::{
    Callee, Expectation, GivenEvent, Matcher, Reply, ReplyBody, ReplyOutcome, RequestPattern, Stub, Stubbed, TestStep,
    Until,
};
use crate::ir::{Expression, Test, Written};
use crate::pair::{Pair, pairs};

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
                let words = |test: &Test, steps: &[&TestStep], others: &[&TestStep]| match steps {
                    [] if old.start != new.start => Some(format!("at {}", test.start)),
                    [] => None,
                    steps => Some(steps.iter().map(|step| told(step, others)).collect::<Vec<_>>().join("; ")),
                };
                let change = change(Slug::TestExpectationChanged).risk(risk);
                changes.push(change.between(words(old, &removed, &added), words(new, &added, &removed)));
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

/// A step in words; where the other side has one like it, with those of its parts alone that differ.
fn told(step: &TestStep, others: &[&TestStep]) -> String {
    let head = words(step);
    let (mut own, mut there) = (Vec::new(), Vec::new());
    parts(step, &mut own);
    if let Some(other) = others.iter().find(|other| words(other) == head) {
        parts(other, &mut there);
    }
    own.retain(|part| !there.contains(part));
    if own.is_empty() { head } else { format!("{head} {{ {} }}", own.join(", ")) }
}

/// What a step says of its parts, one by one.
fn parts(step: &TestStep, into: &mut Vec<String>) {
    match step {
        TestStep::Given { fields, .. } => named(fields, into),
        TestStep::Receive { parameters, .. } => named(parameters, into),
        TestStep::Stub(stub) => {
            if let Some(pattern) = &stub.when {
                let mut when = Vec::new();
                request(pattern, &mut when);
                into.push(format!("when {}", when.join(" ")));
            }
            into.push(stub.replies.iter().map(reply).collect::<Vec<_>>().join(" then "));
        }
        TestStep::Expect { what, .. } => asked(what, into),
        TestStep::GivenRun(run) => {
            let event = |event: &GivenEvent, alias: Option<&SmolStr>, into: &mut Vec<String>| {
                let alias = alias.map(|alias| format!(" as {alias}")).unwrap_or_default();
                let mut of = Vec::new();
                named(&event.parameters, &mut of);
                into.push(format!("event {}{alias} {{ {} }}", event.event, of.join(", ")));
            };
            run.event.iter().for_each(|started| event(started, None, into));
            run.aliases.iter().for_each(|(alias, taken)| event(taken, Some(alias), into));
            into.extend(run.data.iter().map(|(name, _, value)| format!("data.{name}: {}", Written(value))));
        }
        TestStep::Reload(Some(reloaded)) => into.extend(reloaded.declared.iter().map(ToString::to_string)),
        TestStep::Seed(_)
        | TestStep::Crash
        | TestStep::Cancel { .. }
        | TestStep::Reload(None)
        | TestStep::Advance(_)
        | TestStep::AdvanceUntil(_) => {}
    }
}

fn named(fields: &[(SmolStr, Expression)], into: &mut Vec<String>) {
    into.extend(fields.iter().map(|(name, value)| format!("{name}: {}", Written(value))));
}

fn matcher(matcher: &Matcher) -> String {
    format!("{}{}", if matcher.contains { "contains " } else { "" }, Written(&matcher.value))
}

fn request(pattern: &RequestPattern, into: &mut Vec<String>) {
    into.extend(pattern.url.iter().map(|url| format!("url {}", matcher(url))));
    into.extend(pattern.headers.iter().map(|(name, value)| format!("header {name:?}: {}", Written(value))));
    let names = [("with header", &pattern.present), ("without header", &pattern.absent), ("the same", &pattern.same)];
    for (word, names) in names {
        into.extend(names.iter().map(|name| format!("{word} {name:?}")));
    }
    into.extend(pattern.body.iter().map(|body| format!("body {}", matcher(body))));
}

fn reply(reply: &Reply) -> String {
    let delay = if reply.delay.milliseconds == 0 { String::new() } else { format!("delay {} ", reply.delay) };
    let outcome = match &reply.outcome {
        ReplyOutcome::Response { status, headers, body } => {
            let headers: String =
                headers.iter().map(|(name, value)| format!(" header {name:?}: {}", Written(value))).collect();
            let body = match body {
                ReplyBody::Empty => String::new(),
                ReplyBody::Text(body) | ReplyBody::Json(body) => format!(" body {}", Written(body)),
                ReplyBody::File { text, .. } => format!(" body {text}"),
            };
            format!("status {status}{headers}{body}")
        }
        ReplyOutcome::Timeout => "timeout".to_owned(),
        ReplyOutcome::Refused => "refused".to_owned(),
        ReplyOutcome::Reset => "reset".to_owned(),
        ReplyOutcome::Dns => "dns".to_owned(),
        ReplyOutcome::Tls => "tls".to_owned(),
        ReplyOutcome::Truncated => "truncated".to_owned(),
        ReplyOutcome::Oversize => "oversize".to_owned(),
    };
    format!("{delay}{outcome}")
}

/// What is asked of the parts of something that is expected.
fn asked(expectation: &Expectation, into: &mut Vec<String>) {
    let count = |word: &str, count: &Option<u32>| count.map(|count| format!("{word} {count}"));
    match expectation {
        Expectation::Call { attempts, times, request: pattern, .. } => {
            into.extend([count("attempts", attempts), count("times", times)].into_iter().flatten());
            request(pattern, into);
        }
        Expectation::Send { times, parts, .. } => {
            into.extend(count("times", times));
            into.extend(parts.iter().map(|(part, asked)| format!("{part} {}", matcher(asked))));
        }
        Expectation::Contact { fields, unchanged, .. } => {
            named(fields, into);
            into.extend(unchanged.iter().map(|field| format!("{field} unchanged")));
        }
        Expectation::Event { parameters, .. } => named(parameters, into),
        Expectation::InOrder(all) => {
            for it in all {
                let mut inner = Vec::new();
                asked(&it.node, &mut inner);
                into.push(format!("{} {}", self::expectation(&it.node), inner.join(" ")).trim_end().to_owned());
            }
        }
        Expectation::Workflow { times, kept_out, .. } => {
            into.extend(count("times", times));
            into.extend(kept_out.iter().map(|code| format!("kept_out {code:?}")));
        }
        Expectation::Path(_)
        | Expectation::Waiting(_)
        | Expectation::NothingElse
        | Expectation::Complete
        | Expectation::Stop(_)
        | Expectation::Fail(_)
        | Expectation::Exit(_) => {}
    }
}

/// A step in words, without what is asked of its parts.
fn words(step: &TestStep) -> String {
    match step {
        TestStep::Given { name: Some(name), .. } => format!("given contact {name}"),
        TestStep::Given { name: None, .. } => "given contact".to_owned(),
        TestStep::GivenRun(run) => {
            let contact = run.contact.as_ref().map(|contact| format!(" for {contact}")).unwrap_or_default();
            format!("given run at {:?} in {}{contact}", run.step.node.as_str(), run.workflow)
        }
        TestStep::Seed(seed) => format!("given seed {seed}"),
        TestStep::Stub(Stub { who: Stubbed::Callee(called), .. }) => format!("stub {}", callee(called)),
        TestStep::Stub(Stub { who: Stubbed::Address { method, url }, .. }) => {
            format!("stub {} {:?}", method.as_str().to_ascii_lowercase(), url.node.as_str())
        }
        TestStep::Crash => "crash".to_owned(),
        TestStep::Cancel { workflow, contact } => {
            let workflow = workflow.as_ref().map(|workflow| format!(" workflow {workflow}")).unwrap_or_default();
            let contact = contact.as_ref().map(|contact| format!(" for {contact}")).unwrap_or_default();
            format!("cancel{workflow}{contact}")
        }
        TestStep::Reload(_) => "reload".to_owned(),
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
        Expectation::Contact { name: Some(name), .. } => format!("contact {name}"),
        Expectation::Contact { name: None, .. } => "contact".to_owned(),
        Expectation::Event { event, .. } => format!("event {event}"),
        Expectation::InOrder(_) => "in order".to_owned(),
        Expectation::Path(step) => format!("path {:?}", step.node),
        Expectation::Waiting(Some(step)) => format!("waiting {:?}", step.node),
        Expectation::Waiting(None) => "waiting".to_owned(),
        Expectation::Workflow { workflow, .. } => format!("workflow {workflow}"),
        Expectation::NothingElse => "nothing else".to_owned(),
        Expectation::Complete => "complete".to_owned(),
        Expectation::Stop(why) => reason("stop", why),
        Expectation::Fail(why) => reason("fail", why),
        Expectation::Exit(why) => reason("exit", why),
    }
}
