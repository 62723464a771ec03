use compiler::ir::{
    BinaryOperator, Branch, Expression, Literal, MatchArm, Part, Returns, Split, SplitArm, Statement, Window,
};

use super::*;
use crate::machine::effect::{CallSpec, MailSpec};
use crate::machine::input::{CallFailure, CallOutcome, FailureClass, Heard, SendOutcome};
use crate::machine::run::Run;
use crate::machine::sample::{self, path, step, string};
use crate::value::{read, to_json};

/// Feeds a run, one input after the other. Between two of them its state goes through JSON, as over a restart.
struct Feeding {
    run: Run,
    card: Option<Card>,
    at: Timestamp,
}

impl Feeding {
    fn of(steps: Vec<Step>) -> Feeding {
        Feeding { run: sample::run(steps), card: Some(sample::card()), at: sample::start() }
    }

    /// Feeds, and shows the effects, each on a line.
    fn feed(&mut self, what: Happened) -> String {
        self.feed_hearing(&[], what)
    }

    /// The same, with events that were heard meanwhile.
    fn feed_hearing(&mut self, heard: &[Heard], what: Happened) -> String {
        let json = serde_json::to_string(&self.run.saved).unwrap();
        let (program, workflow, event) = (&self.run.program, &self.run.workflow, &self.run.event);
        let mut resumed = Run::resume(program.clone(), workflow.clone(), event.clone(), &json).unwrap();
        let input = Input { at: self.at, contact: self.card.as_ref(), heard, what };
        let effects = self.run.feed(&input);
        assert_eq!(resumed.feed(&input), effects, "after a restart");
        assert_eq!(
            serde_json::to_string(&resumed.saved).unwrap(),
            serde_json::to_string(&self.run.saved).unwrap(),
            "after a restart"
        );
        effects.iter().map(show).collect::<Vec<_>>().join("\n")
    }

    fn start(&mut self) -> String {
        self.feed(Happened::Started)
    }

    fn called(&mut self, id: &str, json: &str) -> String {
        let outcome = CallOutcome::Succeeded(read(json).unwrap());
        self.feed(Happened::Called { step: StepId(id.into()), outcome })
    }

    fn failed(&mut self, id: &str, message: &str) -> String {
        let failure = CallFailure { class: FailureClass::Status, status: Some(500), message: message.to_owned() };
        self.feed(Happened::Called { step: StepId(id.into()), outcome: CallOutcome::Failed(failure) })
    }

    fn sent(&mut self, id: &str) -> String {
        self.feed(Happened::Sent { step: StepId(id.into()), outcome: SendOutcome::Sent })
    }

    fn woken(&mut self, id: &str, at: &str) -> String {
        self.at = at.parse().unwrap();
        self.feed(Happened::Woken { step: StepId(id.into()) })
    }

    /// The history: kind, label and outcome of each statement.
    fn history(&self) -> Vec<String> {
        let told = |record: &StepRecord| {
            let label = record.label.as_ref().map(|label| format!(" {label}")).unwrap_or_default();
            format!("{}{label}: {}", record.kind, record.outcome.as_deref().unwrap_or("…"))
        };
        self.run.saved.steps.iter().map(told).collect()
    }
}

fn show(effect: &Effect) -> String {
    match effect {
        Effect::Call { step, spec } => {
            let CallSpec { webhook, request, .. } = &**spec;
            format!("{}: call {webhook} {} {}", step.0, request.url(), request.body.as_deref().unwrap_or("-"))
        }
        Effect::Send { step, spec } => {
            let MailSpec { message, to, .. } = &**spec;
            format!("{}: send {message} to {to}", step.0)
        }
        Effect::Sleep { step, until } => format!("{}: sleep {until}", step.0),
        Effect::Await { step, event, until } => format!("{}: await {event} until {until}", step.0),
        Effect::Identify { step, lookup } => format!("{}: identify {:?}", step.0, lookup.ways),
        Effect::Claim { step, field, value } => format!("{}: claim {field} {value}", step.0),
        Effect::Emit { step, event, params } => {
            format!("{}: emit {event} {}", step.0, to_json(&Value::Record(params.clone())))
        }
        Effect::Set { step, field, value } => format!("{}: set {field} {}", step.0, to_json(value)),
        Effect::Finish(Ending::Completed) => "completed".to_owned(),
        Effect::Finish(Ending::Stopped { reason, reason_code }) => {
            format!("stopped {reason_code:?} {}", reason.as_deref().unwrap_or("-"))
        }
        Effect::Finish(Ending::Failed { reason, reason_code }) => format!("failed {reason_code:?} {reason}"),
        Effect::Finish(other) => format!("{other:?}"),
    }
}

fn call(on_failure: Option<Block>) -> Step {
    let statement =
        Statement::Call { webhook: "offer".into(), store_as: "offer".into(), identification: None, on_failure };
    step("call:offer", statement)
}

fn stop(id: &str, reason: &str) -> Step {
    step(id, Statement::Stop { reason: Some(vec![Part::Literal(reason.to_owned())]) })
}

fn fail(id: &str, reason: &str) -> Step {
    step(id, Statement::Fail { reason: vec![Part::Literal(reason.to_owned())] })
}

fn wait(id: &str, duration: Expression) -> Step {
    step(id, Statement::Wait { duration })
}

fn duration(seconds: u64) -> Expression {
    Expression::Literal(Literal::Duration(sample::seconds(seconds)))
}

fn set(id: &str, field: &str, value: Expression) -> Step {
    step(id, Statement::Set { field: field.into(), value })
}

fn boolean(value: bool) -> Expression {
    Expression::Literal(Literal::Bool(value))
}

fn binary(left: Expression, operator: BinaryOperator, right: Expression) -> Expression {
    Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

const CALL: &str = "call:offer: call offer https://api.example.com/v1/offers {\"town\":\"Kyiv\"}";

#[test]
fn an_empty_run_completes_and_nothing_follows() {
    let mut run = Feeding::of(vec![]);
    assert_eq!(run.start(), "completed");
    assert_eq!(run.start(), "");
    assert_eq!(run.feed(Happened::Cancelled), "");
}

#[test]
fn answers_are_kept_and_seen_by_what_follows() {
    let mut run = Feeding::of(vec![
        call(None),
        wait("wait", duration(3_600)),
        set("set:tier", "tier", path("data.offer.code")),
        set("set:points", "points", path("data.offer.price")),
        stop("stop", "done"),
    ]);
    assert_eq!(run.start(), CALL);
    assert_eq!(run.called("call:offer", r#"{"code":"A-1","price":1.50}"#), "wait: sleep 2026-01-01T01:00:00Z");
    assert_eq!(
        run.woken("wait", "2026-01-01T01:00:00Z"),
        "set:tier: set tier \"A-1\"\nset:points: set points 1.50\nstopped Stopped done"
    );
    assert_eq!(
        run.history(),
        [
            "call offer: succeeded",
            "wait: waited",
            "set tier: set to `A-1`",
            "set points: set to `1.50`",
            "stop: stopped"
        ]
    );
}

#[test]
fn a_failed_call_takes_its_branch_and_goes_on_after_it() {
    let mut run =
        Feeding::of(vec![call(Some(vec![set("call:offer/0/set", "tier", string("none"))])), stop("stop", "end")]);
    assert_eq!(run.start(), CALL);
    assert_eq!(run.failed("call:offer", "status 500"), "call:offer/0/set: set tier \"none\"\nstopped Stopped end");
    assert_eq!(run.history()[0], "call offer: failed: status 500");

    let mut run = Feeding::of(vec![call(None)]);
    run.start();
    assert_eq!(run.failed("call:offer", "status 500"), "failed CallFailed the call of `offer` failed: status 500");

    let mut run = Feeding::of(vec![call(Some(vec![]))]);
    run.start();
    assert_eq!(run.failed("call:offer", "status 500"), "completed");
}

#[test]
fn a_request_that_cannot_be_built_is_a_failed_call() {
    let mut program = sample::program();
    Arc::make_mut(program.webhooks.get_mut("offer").unwrap()).url.path = vec![
        Part::Literal("/v1/".into()),
        Part::Value { value: string(".."), escape: compiler::ir::Escape::PathSegment },
    ];
    program
        .workflows
        .insert("main".into(), sample::workflow(vec![call(Some(vec![fail("fail", "no promo code")]))]).into());
    let mut run = Feeding { run: sample::run_of(program), card: Some(sample::card()), at: sample::start() };
    assert_eq!(run.start(), "failed Failed no promo code");
    assert_eq!(
        run.history()[0],
        "call offer: failed: a segment of the path becomes `..`: the request would go to another address"
    );
}

#[test]
fn nothing_is_kept_of_a_call_that_returns_nothing() {
    let mut program = sample::program();
    Arc::make_mut(program.webhooks.get_mut("offer").unwrap()).returns = Returns::Nothing;
    program.workflows.insert("main".into(), sample::workflow(vec![call(None)]).into());
    let mut run = Feeding { run: sample::run_of(program), card: Some(sample::card()), at: sample::start() };
    run.start();
    assert_eq!(run.called("call:offer", "null"), "completed");
    assert!(run.run.saved.results.is_empty());
}

#[test]
fn stale_and_foreign_inputs_change_nothing() {
    let mut run = Feeding::of(vec![wait("wait:a", duration(10)), wait("wait:b", duration(10)), call(None)]);
    assert_eq!(run.woken("wait:a", "2026-01-01T00:00:00Z"), "", "before the start");
    assert_eq!(run.start(), "wait:a: sleep 2026-01-01T00:00:10Z");
    let waiting = serde_json::to_string(&run.run.saved).unwrap();
    assert_eq!(run.start(), "");
    assert_eq!(run.called("call:offer", "{}"), "");
    assert_eq!(run.sent("wait:a"), "");
    assert_eq!(run.woken("wait:b", "2026-01-01T00:00:10Z"), "");
    assert_eq!(run.woken("wait:a", "2026-01-01T00:00:09Z"), "wait:a: sleep 2026-01-01T00:00:10Z", "too early");
    assert_eq!(serde_json::to_string(&run.run.saved).unwrap(), waiting);
    assert_eq!(run.woken("wait:a", "2026-01-01T00:00:12Z"), "wait:b: sleep 2026-01-01T00:00:22Z");
    assert_eq!(run.woken("wait:a", "2026-01-01T00:00:30Z"), "");
    assert_eq!(run.woken("wait:b", "2026-01-01T00:00:30Z"), CALL);
    assert_eq!(run.called("call:other", r#"{"code":"x"}"#), "");
    assert_eq!(run.called("call:offer", r#"{"code":"x"}"#), "completed");
}

#[test]
fn a_cancelled_run_ends_wherever_it_stands() {
    let mut run = Feeding::of(vec![wait("wait", duration(10))]);
    run.start();
    assert_eq!(run.feed(Happened::Cancelled), "Cancelled");
    assert_eq!(run.woken("wait", "2026-01-01T00:00:10Z"), "");
    assert_eq!(run.history(), ["wait: cancelled"]);
    assert_eq!(Feeding::of(vec![call(None)]).feed(Happened::Cancelled), "Cancelled");
}

#[test]
fn the_first_branch_that_holds_is_taken() {
    let branch = |condition: Expression, block: Block| Branch { condition, block };
    let gold = || binary(path("contact.tier"), BinaryOperator::Equal, string("gold"));
    let nested = |first: Expression, second: Expression| {
        step(
            "if",
            Statement::If {
                branches: vec![
                    branch(first, vec![]),
                    branch(
                        second,
                        vec![step(
                            "if/1/if",
                            Statement::If {
                                branches: vec![branch(gold(), vec![stop("if/1/if/0/stop", "gold")])],
                                otherwise: vec![set("if/1/if/1/set", "tier", string("gold"))],
                            },
                        )],
                    ),
                ],
                otherwise: vec![stop("if/2/stop", "else")],
            },
        )
    };
    let after = || stop("stop", "after");
    for (first, second, tier, expected) in [
        (boolean(true), boolean(true), "bronze", "stopped Stopped after"),
        (boolean(false), boolean(true), "gold", "stopped Stopped gold"),
        (boolean(false), boolean(true), "bronze", "if/1/if/1/set: set tier \"gold\"\nstopped Stopped after"),
        (boolean(false), Expression::Literal(Literal::Null), "gold", "stopped Stopped else"),
        (string("x"), boolean(true), "gold", "failed ExpressionFailed `\"x\"` is a text, not `true` or `false`"),
    ] {
        let mut run = Feeding::of(vec![nested(first, second), after()]);
        let mut fields = (*sample::card().fields).clone();
        fields.set("tier", Value::from(tier));
        run.card = Some(Card { id: 42, fields: fields.into() });
        assert_eq!(run.start(), expected);
    }
    let mut run = Feeding::of(vec![nested(boolean(false), boolean(true))]);
    run.start();
    assert_eq!(run.history(), ["if: took `true`", "if: took `else`", "set tier: set to `gold`"]);
}

#[test]
fn a_match_takes_the_arm_that_names_the_value() {
    let arms = vec![
        MatchArm { values: vec![Literal::Int(1), Literal::Int(250)], block: vec![stop("match/0/stop", "250")] },
        MatchArm { values: vec![Literal::String("o-1".into())], block: vec![stop("match/1/stop", "o-1")] },
    ];
    for (value, expected) in [
        (path("event.total"), "stopped Stopped 250"),
        (path("event.order_id"), "stopped Stopped o-1"),
        (path("event.note"), "stopped Stopped else"),
    ] {
        let otherwise = vec![stop("match/2/stop", "else")];
        let mut run = Feeding::of(vec![step("match", Statement::Match { value, arms: arms.clone(), otherwise })]);
        assert_eq!(run.start(), expected);
    }
}

#[test]
fn a_split_runs_the_arm_of_the_contact() {
    let arm = |label: &str, share| SplitArm {
        label: label.into(),
        share,
        block: vec![stop(&format!("split/{label}/stop"), label)],
    };
    let split = |arms| step("split:s", Statement::Split(Split { name: "s".into(), arms }));
    assert_eq!(Feeding::of(vec![split(vec![arm("a", 0), arm("b", 10_000)])]).start(), "stopped Stopped b");
    assert!(Feeding::of(vec![split(vec![])]).start().starts_with("failed Unsupported"));
}

#[test]
fn what_is_set_is_seen_at_once_and_fits_its_field() {
    let mut run = Feeding::of(vec![
        set("set:a", "tier", string("gold")),
        set("set:b", "first_name", path("contact.tier")),
        set("set:c", "town", Expression::Literal(Literal::Null)),
        set("set:d", "memo", string("4711")),
        set("set:e", "tier", Expression::Literal(Literal::Null)),
        set("set:f", "last_name", path("contact.tier")),
        set("set:g", "points", string("1.50")),
        call(None),
    ]);
    assert_eq!(
        run.start(),
        "set:a: set tier \"gold\"\nset:b: set first_name \"gold\"\nset:c: set town null\nset:d: set memo \"4711\"\nset:e: \
         set tier null\nset:f: set last_name \"bronze\"\nset:g: set points 1.50\ncall:offer: call offer \
         https://api.example.com/v1/offers {\"town\":null}"
    );
    assert_eq!(run.history()[2..4], ["set town: removed", "set memo: set to •••"]);
    for (field, value, expected) in [
        ("points", path("event.pin"), "set: set points 4711\ncompleted"),
        ("points", string("x"), "failed ExpressionFailed the value for `contact.points` does not fit `decimal?`"),
        ("memo", boolean(true), "failed ExpressionFailed the value for `contact.memo` does not fit `string?`"),
        ("id", Expression::Literal(Literal::Int(7)), "failed ExpressionFailed `contact.id` cannot be set"),
        ("unknown", string("x"), "failed ExpressionFailed `contact.unknown` cannot be set"),
    ] {
        assert_eq!(Feeding::of(vec![set("set", field, value)]).start(), expected);
    }
    let mut nobody = Feeding::of(vec![set("set", "tier", string("x"))]);
    nobody.card = None;
    assert_eq!(nobody.start(), "failed ContactNotFound there is no contact to set `tier` of");
}

/// Mail may go to it next: whether another contact has it is asked first.
#[test]
fn what_contacts_are_found_by_is_claimed() {
    for (taken, told) in [(false, "set to `Ann@example.com`"), (true, "left as it was: another contact has this value")]
    {
        let mut run = Feeding::of(vec![set("set:h", "email", string("Ann@EXAMPLE.com")), stop("stop", "end")]);
        assert_eq!(run.start(), "set:h: claim email Ann@example.com");
        assert_eq!(run.woken("set:h", "2026-11-05T00:00:00Z"), "", "it waits for the answer");
        assert_eq!(run.feed(Happened::Claimed { step: StepId("set:h".into()), taken }), "stopped Stopped end");
        assert_eq!(run.history()[0], format!("set email: {told}"));
    }
    let own = Feeding::of(vec![set("set", "email", path("contact.email"))]).start();
    assert_eq!(own, "set: set email \"ann@example.com\"\ncompleted", "it has this value");
    let none = Feeding::of(vec![set("set", "email", Expression::Literal(Literal::Null))]).start();
    assert_eq!(none, "set: set email null\ncompleted");
}

#[test]
fn sensitive_values_do_not_reach_the_history() {
    let pin = || Part::Value { value: path("event.pin"), escape: compiler::ir::Escape::None };
    let reason = || vec![Part::Literal("pin ".into()), pin(), Part::Literal(" is wrong".into())];
    let arm = MatchArm { values: vec![Literal::String("4711".into())], block: vec![] };
    let mut run = Feeding::of(vec![
        set("set", "tier", path("event.pin")),
        step("match", Statement::Match { value: path("event.pin"), arms: vec![arm], otherwise: vec![] }),
        step("fail", Statement::Fail { reason: reason() }),
    ]);
    assert_eq!(run.start(), "set: set tier \"4711\"\nfailed Failed pin ••• is wrong");
    assert_eq!(run.history(), ["set tier: set to •••", "match: took •••", "fail: failed"]);
    let mut run = Feeding::of(vec![step("stop", Statement::Stop { reason: Some(reason()) })]);
    assert_eq!(run.start(), "stopped Stopped pin ••• is wrong");
}

#[test]
fn waits_have_an_end() {
    let zone = |name: &str| Some(string(name));
    let until = |time: Literal, zone| step("until", Statement::WaitUntil { time: Expression::Literal(time), zone });
    let time = |text: &str| Literal::Time(text.parse().unwrap());
    for (step, expected) in [
        (wait("wait", duration(0)), "wait: sleep 2026-01-01T00:00:00Z"),
        (
            wait("wait", duration(u64::MAX / 1_000)),
            "failed ExpressionFailed `18446744073709551s` is no length of time that ends before the year 10000",
        ),
        (
            wait("wait", string("1h")),
            "failed ExpressionFailed `\"1h\"` is no length of time that ends before the year 10000",
        ),
        (until(Literal::Datetime("2026-01-01T00:00:01Z".parse().unwrap()), None), "until: sleep 2026-01-01T00:00:01Z"),
        (until(Literal::Datetime("2025-01-01T00:00:00Z".parse().unwrap()), None), "completed"),
        (until(Literal::Date("2026-07-01".parse().unwrap()), zone("Europe/Kyiv")), "until: sleep 2026-06-30T21:00:00Z"),
        // 02:30 is left out that night, and repeated on the other.
        (
            until(Literal::LocalDatetime("2026-03-29T02:30".parse().unwrap()), zone("Europe/Berlin")),
            "until: sleep 2026-03-29T01:30:00Z",
        ),
        (
            until(Literal::LocalDatetime("2026-10-25T02:30".parse().unwrap()), zone("Europe/Berlin")),
            "until: sleep 2026-10-25T00:30:00Z",
        ),
        (until(time("02:00"), zone("Europe/Kyiv")), "until: sleep 2026-01-02T00:00:00Z"),
        (until(time("02:01"), zone("Europe/Kyiv")), "until: sleep 2026-01-01T00:01:00Z"),
        (until(time("02:01"), None), "failed ExpressionFailed `02:01` needs `in` and a time zone to be an instant"),
        (
            until(time("02:01"), zone("Europe/Nowhere")),
            "failed ExpressionFailed `\"Europe/Nowhere\"` is no time zone such as `Europe/Kyiv`",
        ),
    ] {
        assert_eq!(Feeding::of(vec![step]).start(), expected);
    }
}

#[test]
fn a_message_is_rendered_delivered_and_noted() {
    let send = || step("send:promo", Statement::Send { message: "promo".into(), to: None, between: None });
    let mut run = Feeding::of(vec![send(), stop("stop", "after")]);
    assert_eq!(run.start(), "send:promo: send promo to ann@example.com");
    assert_eq!(run.sent("send:promo"), "stopped Stopped after");
    assert_eq!(run.sent("send:promo"), "");
    assert_eq!(run.history(), ["send promo: sent", "stop: stopped"]);

    let mut run = Feeding::of(vec![send(), stop("stop", "after")]);
    run.start();
    let outcome = SendOutcome::Failed { message: "550 no such user".into() };
    let refused = Happened::Sent { step: StepId("send:promo".into()), outcome };
    assert_eq!(run.feed(refused), "failed SendFailed the message was not delivered: 550 no such user");
    assert_eq!(run.history(), ["send promo: failed: the message was not delivered: 550 no such user"]);

    let mut nobody = Feeding::of(vec![send()]);
    nobody.card = None;
    assert_eq!(nobody.start(), "failed NoRecipient there is no address to send `promo` to: contact.email is empty");
}

#[test]
fn a_message_waits_for_its_hours() {
    let time = |text: &str| Expression::Literal(Literal::Time(text.parse().unwrap()));
    let send = |from: &str, to: &str| {
        let between = Some(Window { from: time(from), to: time(to), zone: string("Europe/Kyiv") });
        vec![step(
            "send:promo",
            Statement::Send { message: "promo".into(), to: Some(string("a@example.com")), between },
        )]
    };
    // It is 02:00 in Kyiv.
    for (from, to, expected) in [
        ("02:00", "02:01", "send:promo: send promo to a@example.com"),
        ("22:00", "02:01", "send:promo: send promo to a@example.com"),
        ("09:00", "09:00", "send:promo: send promo to a@example.com"),
        ("02:01", "02:00", "send:promo: sleep 2026-01-01T00:01:00Z"),
        ("03:00", "21:00", "send:promo: sleep 2026-01-01T01:00:00Z"),
        ("21:00", "02:00", "send:promo: sleep 2026-01-01T19:00:00Z"),
    ] {
        assert_eq!(Feeding::of(send(from, to)).start(), expected);
    }
    let mut run = Feeding::of(send("09:00", "21:00"));
    assert_eq!(run.start(), "send:promo: sleep 2026-01-01T07:00:00Z");
    assert_eq!(
        run.woken("send:promo", "2026-01-01T19:00:00Z"),
        "send:promo: sleep 2026-01-02T07:00:00Z",
        "woken too late"
    );
}

/// Clocks in Berlin go from 02:00 to 03:00 on 2026-03-29 and from 03:00 back to 02:00 on 2026-10-25, both at 01:00Z.
#[test]
fn the_hours_of_a_message_over_a_clock_change() {
    let time = |text: &str| Expression::Literal(Literal::Time(text.parse().unwrap()));
    const OPEN: &str = "open";
    for (zone, from, to, now, expected) in [
        // Wholly in the gap: they move.
        ("Europe/Berlin", "02:00", "03:00", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "02:00", "03:00", "2026-03-29T01:00:00Z", OPEN),
        ("Europe/Berlin", "02:00", "03:00", "2026-03-29T01:59:59Z", OPEN),
        ("Europe/Berlin", "02:00", "03:00", "2026-03-29T02:00:00Z", "2026-03-30T00:00:00Z"),
        ("Europe/Berlin", "02:15", "02:45", "2026-03-29T00:30:00Z", "2026-03-29T01:15:00Z"),
        ("Europe/Berlin", "02:15", "02:45", "2026-03-29T01:44:59Z", OPEN),
        ("Europe/Berlin", "02:15", "02:45", "2026-03-29T01:45:00Z", "2026-03-30T00:15:00Z"),
        // Partly in it.
        ("Europe/Berlin", "01:30", "02:30", "2026-03-29T00:00:00Z", "2026-03-29T00:30:00Z"),
        ("Europe/Berlin", "01:30", "02:30", "2026-03-29T01:29:59Z", OPEN),
        ("Europe/Berlin", "01:30", "02:30", "2026-03-29T01:30:00Z", "2026-03-29T23:30:00Z"),
        ("Europe/Berlin", "02:30", "03:30", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "02:30", "03:30", "2026-03-29T01:59:59Z", OPEN),
        ("Europe/Berlin", "02:30", "03:30", "2026-03-29T02:00:00Z", "2026-03-30T00:30:00Z"),
        ("Europe/Berlin", "03:00", "04:00", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "03:00", "04:00", "2026-03-29T02:00:00Z", "2026-03-30T01:00:00Z"),
        // Over midnight.
        ("Europe/Berlin", "23:00", "02:30", "2026-03-29T01:29:59Z", OPEN),
        ("Europe/Berlin", "23:00", "02:30", "2026-03-29T01:30:00Z", "2026-03-29T21:00:00Z"),
        ("Europe/Berlin", "02:30", "01:00", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
        ("Asia/Beirut", "00:00", "01:00", "2026-03-28T21:30:00Z", "2026-03-28T22:00:00Z"),
        ("Asia/Beirut", "00:00", "01:00", "2026-03-28T23:00:00Z", "2026-03-29T21:00:00Z"),
        // The repeated hour: whenever clocks show a time in them.
        ("Europe/Berlin", "02:00", "03:00", "2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z"),
        ("Europe/Berlin", "02:00", "03:00", "2026-10-25T00:59:59Z", OPEN),
        ("Europe/Berlin", "02:00", "03:00", "2026-10-25T01:59:59Z", OPEN),
        ("Europe/Berlin", "02:00", "03:00", "2026-10-25T02:00:00Z", "2026-10-26T01:00:00Z"),
        ("Europe/Berlin", "02:30", "02:45", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"),
        ("Europe/Berlin", "02:30", "02:45", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z"),
        ("Europe/Berlin", "02:30", "02:45", "2026-10-25T01:45:00Z", "2026-10-26T01:30:00Z"),
        ("Europe/Berlin", "01:30", "02:15", "2026-10-25T00:15:00Z", "2026-10-25T01:00:00Z"),
        ("Europe/Berlin", "23:00", "02:30", "2026-10-25T01:29:59Z", OPEN),
        ("Europe/Berlin", "23:00", "02:30", "2026-10-25T01:30:00Z", "2026-10-25T22:00:00Z"),
    ] {
        let between = Some(Window { from: time(from), to: time(to), zone: string(zone) });
        let send = Statement::Send { message: "promo".into(), to: Some(string("a@example.com")), between };
        let mut run = Feeding::of(vec![step("send:promo", send)]);
        run.at = now.parse().unwrap();
        let found = run.start();
        let found = found.strip_prefix("send:promo: sleep ").unwrap_or(OPEN);
        assert_eq!(found, expected, "between {from} and {to} in {zone} at {now}");
    }
}

#[test]
fn a_state_of_another_program_fails_the_run() {
    for cursor in [vec![], vec![7], vec![0, 0, 0], vec![0, 1]] {
        let mut run = Feeding::of(vec![wait("wait", duration(1))]);
        run.run.saved.cursor = cursor;
        assert!(run.start().starts_with("failed Unsupported the run stands at a statement"));
    }
}

mod generated;
mod listening;
mod others;
