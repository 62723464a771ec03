//! `wait for` and `exit on`: what counts is the order of acceptance.

use std::sync::Arc;

use compiler::ir::{Access, Exit, Identification, Identifier, Identify, NotFound, Root};
use jiff::Timestamp;

use super::*;
use crate::machine::input::Event;
use crate::value::Value;

/// An event of an order, accepted at a time.
pub(super) fn heard(name: &str, order: &str, at: Timestamp) -> Heard {
    let Value::Record(params) =
        read(&format!(r#"{{"email":"ann@example.com","order_id":"{order}","total":1}}"#)).unwrap()
    else {
        panic!("not a record")
    };
    let event = Event { id: format!("{name}-{order}").into(), name: name.into(), occurred_at: at, params };
    Heard { event: Arc::new(event), received_at: at }
}

pub(super) fn call_as_other() -> Statement {
    let way = Identify { by: Identifier::Email, value: path("event.email") };
    Statement::Call {
        webhook: "offer".into(),
        store_as: "offer".into(),
        identification: Some(Identification { ways: vec![way], otherwise: NotFound::Fail }),
        on_failure: None,
    }
}

pub(super) fn emit() -> Statement {
    let fields = vec![
        ("email".into(), path("contact.email")),
        ("order_id".into(), path("event.order_id")),
        ("total".into(), Expression::Literal(Literal::Int(7))),
    ];
    Statement::Emit { event: "cart".into(), fields }
}

fn alias(name: &str, field: &str) -> Expression {
    Expression::Reference { root: Root::Alias(name.into()), path: vec![Access::Field(field.into())] }
}

/// `wait for EVENT as later where later.order_id == ORDER up to 1h { stop "came" } on timeout { stop "late" }`
fn wait_for(id: &str, event: &str, order: Option<&str>) -> Step {
    let filter = order.map(|order| binary(alias("later", "order_id"), BinaryOperator::Equal, string(order)));
    let statement = Statement::WaitFor {
        event: event.into(),
        alias: Some("later".into()),
        filter,
        up_to: duration(3_600),
        then: vec![],
        on_timeout: vec![stop("late", "late")],
    };
    step(id, statement)
}

fn told() -> Step {
    let reason = Some(vec![Part::Value { value: alias("later", "order_id"), escape: compiler::ir::Escape::None }]);
    step("told", Statement::Stop { reason })
}

fn at(text: &str) -> Timestamp {
    format!("2026-01-01T{text}Z").parse().unwrap()
}

/// A run whose program has these events beside `cart`, and these exits.
fn listening(steps: Vec<Step>, exits: Vec<Exit>) -> Feeding {
    let mut program = sample::program();
    for name in ["paid", "left"] {
        let event = program.events.get("cart").cloned().unwrap();
        program.events.insert(name.into(), event);
    }
    let mut workflow = sample::workflow(steps);
    workflow.exits = exits;
    program.workflows.insert("main".into(), Arc::new(workflow));
    Feeding { run: sample::run_of(program), card: Some(sample::card()), at: sample::start() }
}

fn exit_on(event: &str, order: Option<&str>) -> Exit {
    let filter = order.map(|order| binary(alias("order", "order_id"), BinaryOperator::Equal, string(order)));
    Exit { event: event.into(), alias: Some("order".into()), filter }
}

#[test]
fn an_event_that_is_waited_for_is_taken_with_its_name() {
    let mut run = listening(vec![wait_for("w", "paid", Some("o-1")), told()], vec![]);
    assert_eq!(run.start(), "w: await paid until 2026-01-01T01:00:00Z");
    assert_eq!(run.feed_hearing(&[heard("paid", "o-2", at("00:10:00"))], Happened::Heard), "", "another order");
    assert_eq!(run.feed_hearing(&[heard("cart", "o-1", at("00:11:00"))], Happened::Heard), "", "another event");
    assert_eq!(run.feed_hearing(&[heard("paid", "o-1", at("00:12:00"))], Happened::Heard), "stopped Stopped o-1");
    assert_eq!(run.history(), ["wait for paid: came: paid-o-1", "stop: stopped"]);
}

#[test]
fn an_event_that_does_not_come_in_time_leads_into_the_other_branch() {
    let mut run = listening(vec![wait_for("w", "paid", None), told()], vec![]);
    run.start();
    assert_eq!(
        run.woken("w", "2026-01-01T00:59:59Z"),
        "w: await paid until 2026-01-01T01:00:00Z",
        "the clock was set back"
    );
    assert_eq!(run.woken("elsewhere", "2026-01-01T01:00:00Z"), "");
    assert_eq!(run.woken("w", "2026-01-01T01:00:00Z"), "stopped Stopped late");
    assert_eq!(run.history()[0], "wait for paid: did not come in time");
}

/// Whichever the run learns of first, what decides is when the event was accepted.
#[test]
fn an_event_in_time_is_in_time_though_the_run_is_late() {
    for (received, expected) in [("00:59:59", "stopped Stopped o-1"), ("01:00:00", "stopped Stopped late")] {
        let mut run = listening(vec![wait_for("w", "paid", None), told()], vec![]);
        run.start();
        run.at = at("05:00:00");
        let happened = Happened::Woken { step: StepId("w".into()) };
        assert_eq!(run.feed_hearing(&[heard("paid", "o-1", at(received))], happened), expected, "{received}");
    }
}

#[test]
fn an_event_during_a_call_counts_and_one_from_an_earlier_wait_does_not() {
    let paid = |order: &str, text: &str| heard("paid", order, at(text));
    let steps = || vec![wait("sleep", duration(600)), call(None), wait_for("w", "paid", None), told()];

    // Accepted while the call was under way.
    let mut run = listening(steps(), vec![]);
    run.start();
    run.woken("sleep", "2026-01-01T00:10:00Z");
    let answer = CallOutcome::Succeeded(read(r#"{"code":"A"}"#).unwrap());
    let called = Happened::Called { step: StepId("call:offer".into()), outcome: answer };
    assert_eq!(run.feed_hearing(&[paid("o-9", "00:10:01")], called.clone()), "stopped Stopped o-9");

    // Told of while the call rests between two attempts.
    let mut run = listening(steps(), vec![]);
    run.start();
    run.woken("sleep", "2026-01-01T00:10:00Z");
    assert_eq!(run.feed_hearing(&[paid("o-8", "00:10:01")], Happened::Heard), "");
    assert_eq!(run.feed(called.clone()), "stopped Stopped o-8");

    // Accepted during the sleep, whenever the run learns of it.
    let mut run = listening(steps(), vec![]);
    run.start();
    let woken = Happened::Woken { step: StepId("sleep".into()) };
    run.at = at("00:10:05");
    assert!(run.feed_hearing(&[paid("o-7", "00:09:59")], woken).starts_with("call:offer"));
    assert_eq!(run.feed(called.clone()), "w: await paid until 2026-01-01T01:10:05Z");

    // Accepted after the sleep should have ended, though the run was woken late.
    let mut run = listening(steps(), vec![]);
    run.start();
    let woken = Happened::Woken { step: StepId("sleep".into()) };
    run.at = at("00:20:00");
    run.feed_hearing(&[paid("o-6", "00:10:00")], woken);
    assert_eq!(run.feed(called), "stopped Stopped o-6");
}

#[test]
fn a_wait_for_ends_with_the_event_that_met_it() {
    let both = vec![wait_for("w1", "paid", None), wait_for("w2", "left", None), told()];
    let mut run = listening(both.clone(), vec![]);
    run.start();
    let events = [heard("left", "o-1", at("00:01:00")), heard("paid", "o-2", at("00:01:00"))];
    assert_eq!(
        run.feed_hearing(&events, Happened::Heard),
        "w2: await left until 2026-01-01T01:00:00Z",
        "it was before"
    );

    let mut run = listening(both.clone(), vec![]);
    run.start();
    let events = [heard("paid", "o-2", at("00:01:00")), heard("left", "o-1", at("00:01:00"))];
    assert_eq!(run.feed_hearing(&events, Happened::Heard), "stopped Stopped o-1", "it came after");

    // Both were accepted before the run came to either.
    let mut run = listening([vec![call(None)], both].concat(), vec![]);
    run.start();
    run.feed_hearing(&events, Happened::Heard);
    assert_eq!(run.called("call:offer", r#"{"code":"A"}"#), "stopped Stopped o-1");
}

#[test]
fn an_exit_ends_a_run_wherever_it_waits() {
    let left = [heard("left", "o-1", at("00:01:00"))];
    let exits = || vec![exit_on("left", Some("o-1"))];
    let gone = "Exited { event: \"left\" }";
    for first in [wait("s", duration(60)), call(None), wait_for("w", "paid", None)] {
        let mut run = listening(vec![first.clone(), stop("end", "end")], exits());
        run.start();
        assert_eq!(run.feed_hearing(&[heard("left", "o-2", at("00:01:00"))], Happened::Heard), "", "another order");
        assert_eq!(run.feed_hearing(&left, Happened::Heard), gone, "{first:?}");
        let history = run.history();
        let [waited, left_on] = history.as_slice() else { panic!("{history:?}") };
        assert!(waited.contains("left on `left`") && left_on.starts_with("exit on left: came: "), "{history:?}");
        assert_eq!(run.feed_hearing(&left, Happened::Heard), "", "it has ended");
    }
    let mut run = listening(vec![set("set", "town", string("Lviv"))], exits());
    assert_eq!(run.feed_hearing(&left, Happened::Started), gone, "before its first statement");
}

#[test]
fn what_a_call_has_led_to_is_history_before_the_run_leaves() {
    let mut run = listening(vec![call(None), set("set", "town", string("Lviv"))], vec![exit_on("left", None)]);
    run.start();
    let answer = CallOutcome::Succeeded(read(r#"{"code":"A"}"#).unwrap());
    let called = Happened::Called { step: StepId("call:offer".into()), outcome: answer };
    assert_eq!(run.feed_hearing(&[heard("left", "o-1", at("00:01:00"))], called), "Exited { event: \"left\" }");
    assert_eq!(run.history(), ["call offer: succeeded"]);
}

#[test]
fn a_flood_of_events_is_bounded() {
    let mut run = listening(vec![call(None), wait_for("w", "paid", Some("o-1199")), told()], vec![]);
    run.start();
    for hundred in 0..12 {
        let events: Vec<Heard> = (hundred * 100..hundred * 100 + 100)
            .map(|number| heard("paid", &format!("o-{number}"), at("00:01:00")))
            .collect();
        run.feed_hearing(&events, Happened::Heard);
    }
    assert_eq!(run.run.saved.heard.len(), 250);
    assert_eq!(run.called("call:offer", r#"{"code":"A"}"#), "stopped Stopped o-1199");
}
