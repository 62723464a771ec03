//! Tests in the language: what they are given and expect is held to what is declared.

use compiler::compile;
use compiler::ir::test::{Callee, Expectation, ReplyBody, ReplyOutcome, Stubbed, Test, TestStep, Until};
use compiler::ir::{Expression, Literal};
use compiler::source::Sources;

use super::authors::says;
use super::{AROUND, accepts, refuses};

const FLOW: &str = r#"
connector gateway bearer { token secret("T") }
channel sms { post "https://sms.example.com/" auth gateway body json { to: contact.phone, text: message.text } }
message code { sms { text "x" } email { from "a@b.co" subject "x" text "y" } }
event raised { visits: int note: string? }
webhook report {
  post "https://report.example.com/in"
  body json { plan: event.plan, who: { id: contact.id, town: contact.town }, tags: event.tags }
}
webhook feed {
  post "https://feed.example.com/in"
  body xml """
    <a>${event.visits}</a>
    """
  returns xml { n: int }
}
workflow w {
  on signup
  identify by email event.email else create
  exit on raised
  call score
  call ping
  call "Any name!"
  call report
  call feed
  if contact in loyal { send hello } else { send code }
  emit raised { visits: 1 }
}
"#;

const SIGNUP: &str = "email: \"ann@example.com\", plan: \"pro\", visits: 1, total: 2.50, born: 2000-02-29, text: \"x\", agreed: true, tags: [], items: [{ sku: \"a\", qty: 1 }], extra: null, until: 2026-01-02T00:00Z, pause: 5min";

fn project(steps: &str) -> String {
    format!("{AROUND}{FLOW}\ntest \"it runs\" {{\n  {steps}\n}}\n")
}

#[track_caller]
fn lowered(steps: &str) -> Test {
    let text = project(steps);
    accepts(&text);
    (*compile(&Sources::single("main.wf", &text)).tests.remove(0)).clone()
}

#[track_caller]
fn refused(steps: &[&str]) {
    for step in steps {
        // A test that expects nothing is warned of, which is not what these are about.
        refuses(&project(&format!("{step}\n  expect complete")));
    }
}

fn number(value: i64) -> Expression {
    Expression::Literal(Literal::Int(value))
}

#[test]
fn a_whole_test_is_lowered_in_its_order() {
    let test = lowered(&format!(
        r#"at 2026-03-28T09:00 in "Europe/Berlin"
  given contact ann {{ id: 1, email: "ann@example.com", tier: "silver", birthday: 2000-01-01 }}
  given contact {{ id: 2 }}
  stub score {{ status 503 }} then {{ timeout }} then {{ delay 250ms status 200 headers {{ "X-A": "1" }} body {{ points: 3, rows: [{{ id: 1 }}] }} }}
  stub report when {{ url contains "in" body {{ plan: "pro" }} }} {{ refused }}
  stub "Any name!" {{ body "text" }}
  stub feed {{ body "<a><n>1</n></a>" }}
  stub sms {{ reset }}
  receive signup {{ {SIGNUP} }}
  advance 2d
  advance until 2026-04-01T09:00+02:00
  advance until 09:30 in "Europe/Berlin"
  expect call score {{ attempts 3 times 1 }}
  expect call report {{ body {{ plan: "pro", who: {{ town: null }} }} headers {{ "X-A": "b" }} }}
  expect not send hello
  expect send code {{ to "+4915123456789" text contains "Hello" text contains "x" times 1 }}
  expect call sms
  expect in order {{ call score send code event raised complete }}
  expect contact ann {{ tier: "gold", note_is_absent: null }}
  expect contact {{ score: 2.5 }}
  expect event raised {{ visits: 1 }}
  expect stop "because"
  expect fail
  expect exit "raised"
  expect complete"#
    ).replace(", note_is_absent: null", ", town: null"));
    assert_eq!(test.name.node, "it runs");
    assert_eq!(test.start.to_string(), "2026-03-28T08:00:00Z");
    assert_eq!(test.steps.len(), 24);
    let TestStep::Stub(stub) = &test.steps[2].node else { panic!("a stub") };
    assert_eq!(stub.who, Stubbed::Callee(Callee::Webhook("score".into())));
    assert_eq!(stub.replies.len(), 3);
    assert!(matches!(stub.replies[1].outcome, ReplyOutcome::Timeout));
    let ReplyOutcome::Response { status, headers, body } = &stub.replies[2].outcome else { panic!("an answer") };
    assert_eq!((*status, headers.len(), stub.replies[2].delay.milliseconds), (200, 1, 250));
    assert!(matches!(body, ReplyBody::Json(Expression::Record(_))));
    let TestStep::Stub(stub) = &test.steps[3].node else { panic!("a stub") };
    assert!(stub.when.as_ref().is_some_and(|when| when.url.as_ref().is_some_and(|url| url.contains)));
    assert!(
        matches!(&test.steps[6].node, TestStep::Stub(stub) if stub.who == Stubbed::Callee(Callee::Channel("sms".into())))
    );
    let TestStep::AdvanceUntil(Until::Next { zone, .. }) = &test.steps[10].node else { panic!("a moment") };
    assert_eq!(zone, "Europe/Berlin");
    let TestStep::Expect { negated: false, what: Expectation::Call { attempts, times, .. } } = &test.steps[11].node
    else {
        panic!("a call")
    };
    assert_eq!((*attempts, *times), (Some(3), Some(1)));
    let TestStep::Expect { what: Expectation::Send { parts, times, .. }, .. } = &test.steps[14].node else {
        panic!("a send")
    };
    assert_eq!((parts.len(), *times), (3, Some(1)));
    let TestStep::Expect { what: Expectation::Event { parameters, .. }, .. } = &test.steps[19].node else {
        panic!("an event")
    };
    assert_eq!(parameters, &[("visits".into(), number(1))]);
}

#[test]
fn a_test_changes_nothing_that_runs() {
    let with =
        accepts(&project("receive signup { }\n  expect complete".replace("receive signup { }", "advance 1h").as_str()));
    let without = accepts(&format!("{AROUND}{FLOW}"));
    assert_eq!(with.hash(), without.hash());
    let test = lowered("expect complete");
    assert_eq!(test.start, Test::START);
    assert_eq!(Test::START.to_string(), "2026-01-01T00:00:00Z");
}

#[test]
fn values_are_of_the_types_of_their_fields() {
    refused(&[
        "receive ⟦unknown-name: sigup⟧ { }",
        "receive ⟦parameter-missing: raised⟧ { }",
        "receive raised { visits: ⟦wrong-type: \"1\"⟧ }",
        "receive raised { visits: 1, ⟦unknown-field: nota⟧: \"x\" }",
        "receive raised { visits: 1, id: ⟦wrong-type: 3⟧ }",
        "receive raised { visits: ⟦not-available-here: contact⟧.id }",
        "receive raised { visits: ⟦not-available-here: data.score⟧.points }",
        "given contact { ⟦unknown-field: teir⟧: \"gold\" }",
        "given contact { tier: ⟦not-a-member: \"god\"⟧ }",
        "given contact { place: { city: ⟦wrong-type: 3⟧ } }",
        "given contact { place: ⟦parameter-missing: { zip: \"1\" }⟧ }"
            .replace("⟦parameter-missing: { zip: \"1\" }⟧", "{ zip: \"1\" }")
            .as_str(),
        "given contact { id: 1, ⟦duplicate-name: id⟧: 2 }",
        "expect contact { tier: ⟦not-a-member: \"god\"⟧ }",
        "expect contact ⟦unknown-name: ann⟧ { tier: \"gold\" }",
        "given contact ann { id: 1 }\n  expect contact ⟦unknown-name: an⟧ { tier: \"gold\" }",
        "expect event raised { ⟦unknown-field: vist⟧: 1 }",
        "expect event ⟦unknown-name: raise⟧",
        "expect exit ⟦unknown-name: \"rased\"⟧",
    ]);
}

#[test]
fn a_good_answer_is_one_that_the_webhook_takes() {
    refused(&[
        "stub ⟦unknown-name: scor⟧ { status 200 }",
        "stub score { body { points: ⟦wrong-type: \"3\"⟧, rows: [] } }",
        "stub score { body { points: 3, rows: [{ ⟦unknown-field: ix⟧: 1, id: 1 }] } }",
        "stub score { status 201 body ⟦parameter-missing: { points: 3 }⟧ }",
        "stub score ⟦setting-missing: { status 200 }⟧",
        "stub score { status ⟦out-of-range: 99⟧ }",
        "stub score { timeout status 200 body ⟦setting-invalid: { points: 1, rows: [] }⟧ }"
            .replace("status 200 ", "")
            .as_str(),
        "stub feed { body ⟦wrong-type: { n: 1 }⟧ }",
        "stub ping { headers { a: \"1\", ⟦header-twice: A⟧: \"2\" } }",
        "stub ping when { ⟦unknown-setting: attempts⟧ 1 } { status 200 }",
    ]);
    lowered(
        "stub score { status 500 body { whatever: 1 } } then { status 404 } then { body \"no json\" } then { body \"\" }\n  expect fail \"call_failed\"",
    );
    lowered("stub ping { status 204 } then { body { any: [1] } }\n  expect complete");
}

#[test]
fn an_expectation_can_come_true() {
    refused(&[
        "expect call ⟦unknown-name: scor⟧",
        "expect send ⟦unknown-name: helo⟧",
        "expect call score { ⟦unknown-setting: atempts⟧ 2 }",
        "expect call score { attempts ⟦out-of-range: 0⟧ }",
        "expect call score { attempts ⟦wrong-type: \"2\"⟧ }",
        "expect call score { attempts ⟦setting-invalid: contains⟧ 2 }",
        "expect call score { attempts 2 ⟦setting-twice: attempts 3⟧ }",
        "expect call score { ⟦setting-invalid: body⟧ { a: 1 } }",
        "expect call report { body { ⟦unknown-field: paln⟧: \"pro\" } }",
        "expect call report { body { who: { ⟦unknown-field: twon⟧: \"Kyiv\" } } }",
        "expect call report { body { who: { town: ⟦wrong-type: 4⟧ } } }",
        "expect send hello { subject ⟦wrong-type: 4⟧ }",
        "expect send hello { ⟦unknown-setting: title⟧ \"x\" }",
        "expect in order { call score ⟦setting-invalid: contact { tier: \"gold\" }⟧ }",
    ]);
    lowered("expect call report { body { tags: [], plan: \"free\" } url \"https://report.example.com/in\" }");
    lowered("expect call feed { body contains \"<a>1\" }");
    lowered("expect not call score { times 0 }");
}

#[test]
fn the_clock_is_set_once_and_moves_on() {
    refused(&[
        "at 2026-01-01T00:00Z\n  ⟦setting-twice: at 2026-01-01T00:00Z⟧",
        "advance 1h\n  ⟦header-below-step: at 2026-01-01T00:00Z⟧",
        "at ⟦zone-missing: 2026-01-01⟧",
        "at 2026-01-01 in ⟦unknown-zone: \"Europe/Kiiv\"⟧",
        "at 2026-01-01T00:00Z in ⟦wrong-type: \"UTC\"⟧",
        "at ⟦wrong-type: 09:30⟧ in \"UTC\"",
        "at ⟦wrong-type: \"now\"⟧",
        "at ⟦wrong-type: 2026-01-01T00:00Z + 1d⟧",
        "advance ⟦wrong-type: 5⟧",
        "advance ⟦wrong-type: 1h + 30min⟧",
        "advance until ⟦zone-missing: 09:30⟧",
    ]);
    assert_eq!(
        lowered("at 2026-01-01 in \"Europe/Kyiv\"\n  expect complete").start.to_string(),
        "2025-12-31T22:00:00Z"
    );
}

#[test]
fn what_only_a_test_names_is_unused() {
    let text =
        "event ⟦unused-declaration: e⟧ { a: int }\nwebhook ⟦unused-declaration: h⟧ { get \"https://a.example.com/\" }\n
message ⟦unused-declaration: m⟧ { email { from \"a@b.co\" subject \"x\" text \"y\" } }\n
test \"t\" { stub h { status 200 } receive e { a: 1 } expect call h expect send m }\n
test ⟦test-expects-nothing: \"u\"⟧ { advance 1h }\n";
    refuses(text);
    refuses("test \"t\" { expect complete }\ntest ⟦duplicate-name: \"t\"⟧ { expect complete }");
}

#[test]
fn what_befalls_the_daemon_is_written_in_words() {
    let given = "given contact ann { id: 1 }";
    let test = lowered(&format!(
        r#"given seed 7
  {given}
  crash
  cancel
  cancel workflow w
  cancel for ann
  cancel workflow w for ann
  reload
  stub post "https://report.example.com/in" {{ status 200 }}
  expect waiting
  expect waiting "call:score"
  expect workflow w {{ times 0 }}
  expect workflow w {{ kept_out "once" }}
  expect complete"#
    ));
    let acts: Vec<String> = test.steps.iter().map(|step| format!("{:?}", step.node)).collect();
    assert_eq!(acts[0], "Seed(7)");
    assert_eq!(acts[2], "Crash");
    assert_eq!(acts[3], "Cancel { workflow: None, contact: None }");
    assert_eq!(acts[6], "Cancel { workflow: Some(\"w\"), contact: Some(\"ann\") }");
    assert_eq!(acts[7], "Reload(None)");
    assert!(acts[8].contains("Address { method: Post"), "{}", acts[8]);
    refused(&[
        "⟦unknown-keyword: crsh⟧",
        "⟦unexpected-token: restart⟧ { }",
        "given ⟦unexpected-token: sed⟧ 7",
        "given seed ⟦out-of-range: -1⟧",
        "given seed ⟦wrong-type: \"x\"⟧",
        "advance 1h\n  ⟦header-below-step: given seed 1⟧",
        "cancel workflow ⟦unknown-name: v⟧",
        "cancel for ⟦unknown-name: bob⟧",
        "stub post ⟦url-invalid: \"report\"⟧ { status 200 }",
        "stub get ⟦unknown-name: \"https://report.example.com/in\"⟧ { status 200 }",
        "stub post ⟦unknown-name: \"https://other.example.org/in\"⟧ { status 200 }",
        "expect waiting ⟦unknown-name: \"call:scor\"⟧",
        "expect workflow ⟦unknown-name: v⟧",
        "expect workflow w { kept_out ⟦not-a-member: \"onse\"⟧ }",
        "expect workflow w { ⟦unknown-setting: runs⟧ 1 }",
        "expect in order { ⟦setting-invalid: waiting⟧ }",
    ]);
}

#[test]
fn a_given_run_knows_what_runs_know_that_came_so_far() {
    let score = "score: { points: 3, rows: [] }";
    let event = format!("event signup {{ {SIGNUP} }}");
    lowered(&format!("given run at \"call:ping\" in w {{ {event} data {{ {score} }} }}\n  expect complete"));
    lowered(&format!(
        "given contact ann {{ id: 1 }}\n  given run at \"call:score\" in w for ann {{ {event} }}\n  expect complete"
    ));
    refused(&[
        &format!("given run at ⟦unknown-name: \"call:pin\"⟧ in w {{ {event} data {{ {score} }} }}"),
        &format!("given run at \"call:ping\" in ⟦unknown-name: v⟧ {{ {event} }}"),
        &format!("given run at ⟦setting-missing: \"call:ping\"⟧ in w {{ {event} }}"),
        &format!("given run at \"call:ping\" in w {{ {event} data {{ {score}, ⟦unknown-name: scoer⟧: 1 }} }}"),
        &format!(
            "given run at \"call:ping\" in w {{ {event} data {{ score: {{ points: ⟦wrong-type: \"3\"⟧, rows: [] }} }} }}"
        ),
        "given run at \"call:score\" in ⟦setting-missing: w⟧ { }",
        "given run at \"call:score\" in w { event ⟦not-a-member: raised⟧ { visits: 1 } }",
        &format!("given run at \"call:score\" in w {{ {event} event signup as ⟦unknown-name: later⟧ {{ {SIGNUP} }} }}"),
        &format!("given run at \"call:score\" in w for ⟦unknown-name: ann⟧ {{ {event} }}"),
        &format!("given run at \"call:score\" in w {{ {event} ⟦unexpected-token: dat⟧ {{ {score} }} }}"),
    ]);
}

#[test]
fn a_reload_is_held_to_the_whole_project() {
    let test = lowered(
        r#"reload {
    /// Told of.
    event left { why: string }
    workflow w2 { on left identify by id 1 wait 1h }
    message hello { email { from "a@b.co" subject "new" text "y" } }
  }
  receive left { why: "x" }
  expect workflow w2"#,
    );
    let TestStep::Reload(Some(reloaded)) = &test.steps[0].node else { panic!("a reload") };
    assert_eq!(reloaded.declared, ["event left", "workflow w2", "message hello"]);
    let program = reloaded.program.as_ref().expect("the project has no error");
    assert!(program.events.contains_key("left") && program.workflows.len() == 2);
    refused(&[
        "receive ⟦unknown-name: left⟧ { }",
        "reload { event left { why: ⟦unknown-type: strin⟧ } workflow w2 { on left identify by id 1 wait 1h } }",
        "reload { workflow w2 { on ⟦unknown-name: lft⟧ identify by id 1 wait 1h } }",
        "reload { workflow w2 { on raised identify by id 1 call ⟦unknown-name: scor⟧ } }",
        "reload { event twice { a: int } event ⟦duplicate-name: twice⟧ { b: int } workflow w2 { on twice identify by id 1 wait 1h } }",
        "reload { test ⟦unexpected-token: \"inner\"⟧ { expect complete } }",
    ]);
    // What is wrong elsewhere because of it is said where it stands, with the reload.
    let text = project("reload {\n    event raised { visits: string }\n  }\n  expect complete");
    let compiled = compile(&Sources::single("main.wf", &text));
    assert!(compiled.program.is_none());
    let found: Vec<_> = compiled.diagnostics.iter().filter(|finding| finding.is_error()).collect();
    assert!(!found.is_empty());
    let reload = text.find("reload {").expect("it is there");
    assert!(
        found.iter().all(|finding| finding.also.iter().any(|also| also.span.start as usize == reload)),
        "{found:#?}"
    );
}

#[test]
fn values_in_files_are_held_to_their_types() {
    let steps = r#"given contact file "ann.json"
  stub score { body file "score.json" }
  stub feed { body file "feed.xml" }
  receive raised file "raised.json"
  expect complete"#;
    let good = [
        ("ann.json", r#"{ "email": "a@example.com", "birthday": "1990-01-31", "tier": "gold" }"#),
        ("score.json", r#"{ "points": 3, "rows": [{ "id": 1 }], "more": null }"#),
        ("feed.xml", "<a><n>1</n></a>"),
        ("raised.json", r#"{ "visits": 1, "note": null, "id": "e-1", "occurred_at": "2026-01-01T00:00:00+02:00" }"#),
    ];
    let check = |path: &str, text: &str, expected: &[(&str, &str, &str)]| {
        let mut sources = Sources::single("main.wf", &project(steps));
        for (file, good) in good {
            sources.add(file, if file == path { text } else { good });
        }
        let compiled = compile(&sources);
        let found = compiled.diagnostics.iter().filter(|finding| finding.is_error());
        let found: Vec<(&str, &str, &str)> = found
            .map(|finding| {
                assert!(finding.fixes.is_empty() || finding.span.file == sources.find("main.wf").unwrap());
                let file = sources.get(finding.span.file).unwrap().path();
                (finding.code.slug(), file, sources.slice(finding.span))
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    };
    check("", "", &[]);
    check("ann.json", r#"{ "email": "a@example.com", "tier": "god" }"#, &[("not-a-member", "ann.json", "\"god\"")]);
    check("ann.json", r#"{ "teir": 1 }"#, &[("unknown-field", "ann.json", "1")]);
    check("ann.json", "[1]", &[("wrong-type", "ann.json", "[1]")]);
    check("ann.json", "{ email: 1 }", &[("wrong-type", "ann.json", "e")]);
    check("ann.json", "{\n  \"email\": \"a@example.com\",\n}\n", &[("wrong-type", "ann.json", ",")]);
    check("ann.json", "{ \"town\": \"Київ\" \"tier\": 1 }", &[("wrong-type", "ann.json", "\"")]);
    check("ann.json", "{ \"email\": 1", &[("wrong-type", "ann.json", "1")]);
    check("ann.json", r#"{ "birthday": "1990-02-30" }"#, &[("wrong-type", "ann.json", "\"1990-02-30\"")]);
    check("score.json", r#"{ "points": "3", "rows": [] }"#, &[]);
    check("score.json", r#"{ "points": "x", "rows": [] }"#, &[("wrong-type", "score.json", "\"x\"")]);
    check("score.json", r#"{ "points": 3 }"#, &[("parameter-missing", "score.json", r#"{ "points": 3 }"#)]);
    check("raised.json", "{ }", &[("parameter-missing", "main.wf", "raised")]);
    refused(&[
        "given contact file ⟦file-missing: \"no.json\"⟧",
        "stub score { body file ⟦file-outside: \"../no.json\"⟧ }",
        "stub score { body 1 ⟦setting-twice: \"no.json\"⟧ }"
            .replace("body 1 ⟦", "body { points: 1, rows: [] } body file ⟦")
            .as_str(),
    ]);
}

/// While a test is wrong the project compiles to nothing that a picture could be drawn of: the hint names the steps itself.
#[test]
fn the_steps_of_a_long_workflow_are_named() {
    let steps = (1..=14).map(|number| format!("wait {number}d")).collect::<Vec<_>>().join(" ");
    let long = format!("workflow long {{ on signup identify by email event.email else create {steps} }}");
    let given =
        format!("given run at ⟦unknown-name: \"zzzzz\"⟧ in long {{ event signup {{ {SIGNUP} }} }}\n  expect complete");
    says(&format!("{}{long}", project(&given)), "the steps are called `wait`, `wait~2`, ");
    says(&format!("{}{long}", project(&given)), "`, and 2 more");
}
