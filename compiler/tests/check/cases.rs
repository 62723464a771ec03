//! Tables of cases: one test for each row, held to all that a test is held to.

use compiler::compile;
use compiler::ir::test::{Expectation, ReplyOutcome, Test, TestStep};
use compiler::ir::{Expression, Literal};
use compiler::source::Sources;

use super::{accepts, refuses};

const AROUND: &str = r#"
event signup { email: email plan: "free" | "pro" visits: int }
contact { tier: "silver" | "gold" = "silver" }
webhook score { post "https://s.example.com/" body json { plan: event.plan } attempts 2 }
workflow greet {
  on signup
  identify by email event.email else create
  call score on failure { stop "no score" }
  if event.plan == "pro" { set contact.tier = "gold" } else { split "s" { 50% "a b" { wait 1h } rest "c" { stop } } }
}
"#;

fn project(steps: &str) -> String {
    format!("{AROUND}\ntest \"it runs\" {{\n  {steps}\n}}\n")
}

#[track_caller]
fn lowered(steps: &str) -> Vec<Test> {
    let text = project(steps);
    accepts(&text);
    compile(&Sources::single("main.wf", &text)).tests.iter().map(|test| (**test).clone()).collect()
}

#[track_caller]
fn refused(steps: &[&str]) {
    for step in steps {
        refuses(&project(&format!("{step}\n  expect complete")));
    }
}

#[test]
fn each_row_is_a_test() {
    let tests = lowered(
        r#"cases { plan, code, pause, text | "pro", 200, 3s, "Kyiv" | "free", 503, 1min, null }
  at 2026-01-02T00:00Z
  given contact { id: 1, town: text, first_name: "${plan}!" }
  stub score { status code delay pause }
  receive signup { email: "a@b.co", plan: plan, visits: code + 1 }
  advance pause
  expect call score { attempts 1 body { plan: plan } }
  expect in order { call score { body { plan: plan } } complete }"#,
    );
    let names: Vec<&str> = tests.iter().map(|test| test.name.node.as_str()).collect();
    assert_eq!(
        names,
        [
            "it runs (plan: \"pro\", code: 200, pause: 3s, text: \"Kyiv\")",
            "it runs (plan: \"free\", code: 503, pause: 1min, text: null)",
        ]
    );
    let between = tests[1].name.span.start - tests[0].name.span.start;
    assert_eq!(between as usize, "| \"pro\", 200, 3s, \"Kyiv\" ".len(), "the place of a test is its row's");
    for (test, (status, pause)) in tests.iter().zip([(200, 3_000), (503, 60_000)]) {
        let TestStep::Stub(stub) = &test.steps[1].node else { panic!("a stub") };
        assert_eq!(stub.replies[0].delay.milliseconds, pause);
        assert!(matches!(stub.replies[0].outcome, ReplyOutcome::Response { status: found, .. } if found == status));
        assert!(matches!(&test.steps[3].node, TestStep::Advance(duration) if duration.milliseconds == pause));
        assert_eq!(test.start.to_string(), "2026-01-02T00:00:00Z");
    }
    let TestStep::Receive { parameters, .. } = &tests[0].steps[2].node else { panic!("an event") };
    assert_eq!(parameters[1].1, Expression::Literal(Literal::String("pro".into())));
}

#[test]
fn layout_is_free_and_rows_may_end_with_a_comma() {
    let one = lowered(
        "cases { a | 1 | 2 }\n  receive signup { email: \"a@b.co\", plan: \"pro\", visits: a }\n  expect complete",
    );
    let other = lowered(
        "cases {\n    a\n    |\n    1,\n    | 2,\n  }\n  receive signup { email: \"a@b.co\", plan: \"pro\", visits: a }\n  expect complete",
    );
    assert_eq!(one, other);
    assert_eq!(one.len(), 2);
}

#[test]
fn a_table_has_a_value_for_each_column() {
    let receive = "receive signup { email: \"a@b.co\", plan: plan, visits: 1 }";
    refused(&[
        &format!("cases {{ plan | \"pro\" ⟦setting-invalid: | \"pro\", 1⟧ }} {receive}"),
        &format!("cases {{ plan, ⟦duplicate-name: plan⟧ | \"pro\", \"free\" }} {receive}"),
        &format!("cases {{ plan | \"pro\" ⟦duplicate-value: | \"pro\"⟧ }} {receive}"),
        &format!("cases {{ plan | ⟦wrong-type: pro⟧ }} {receive}"),
        &format!("cases {{ plan | ⟦not-available-here: contact⟧.town }} {receive}"),
        &format!("cases {{ plan, ⟦unused-declaration: tier⟧ | \"pro\", 1 }} {receive}"),
        &format!("⟦setting-missing: cases {{ plan }}⟧ {receive}"),
        &format!("cases {{ plan | \"pro\" }} ⟦setting-twice: cases {{ plan | \"free\" }}⟧ {receive}"),
        "cases { ⟦reserved-word: same⟧ | \"pro\" } expect call score { body { plan: same } }",
        "cases { code | 99 | 98 } stub score { status ⟦out-of-range: code⟧ }",
        "cases { code | 200 | 98 } stub score { status ⟦out-of-range: code⟧ }",
        "stub score { ⟦unexpected-token: status⟧ }",
        "stub score { status ⟦unknown-name: code⟧ }",
    ]);
}

#[test]
fn a_mistake_of_one_row_shows_the_row_and_one_of_all_rows_is_said_once() {
    let text = project(
        "cases { plan | \"pro\" | \"por\" | \"free\" }\n  receive signup { email: \"a@b.co\", plan: plan, visits: \"x\" }\n  expect complete",
    );
    let sources = Sources::single("main.wf", &text);
    let found = compile(&sources).diagnostics;
    let row = text.find("| \"por\"").unwrap();
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found.iter().any(|finding| finding.also.iter().any(|label| label.span.start as usize == row)),
        "{found:#?}"
    );
    assert!(found.iter().all(|finding| finding.also.len() <= 2));
}

#[test]
fn words_stand_for_values_in_expectations() {
    let tests = lowered(
        r#"stub score { dns } then { tls } then { truncated } then { oversize } then { reset } then { status 302 headers { Location: "https://x.example.com/" } }
  receive signup { email: "a@b.co", plan: "pro", visits: 1 }
  expect call score { headers { "Idempotency-Key": same, "X-A": absent, Accept: present, Host: "s.example.com" } }
  expect contact { town: unchanged, tier: "gold" }
  expect path "if/1/set:tier"
  expect not path "if/else/split:s/a%20b/wait"
  expect nothing else"#,
    );
    let TestStep::Stub(stub) = &tests[0].steps[0].node else { panic!("a stub") };
    assert!(matches!(stub.replies[0].outcome, ReplyOutcome::Dns));
    assert!(matches!(stub.replies[3].outcome, ReplyOutcome::Oversize));
    let TestStep::Expect { what: Expectation::Call { request, .. }, .. } = &tests[0].steps[2].node else {
        panic!("a call")
    };
    assert_eq!(
        (&request.same[..], &request.absent[..], &request.present[..]),
        (&["Idempotency-Key".into()][..], &["X-A".into()][..], &["Accept".into()][..])
    );
    assert_eq!(request.headers.len(), 1);
    let TestStep::Expect { what: Expectation::Contact { fields, unchanged, .. }, .. } = &tests[0].steps[3].node else {
        panic!("a contact")
    };
    assert_eq!((fields.len(), &unchanged[..]), (1, &["town".into()][..]));
    assert!(matches!(&tests[0].steps[6].node, TestStep::Expect { what: Expectation::NothingElse, .. }));
    refused(&[
        "expect path ⟦unknown-name: \"if/1/set:teir\"⟧",
        "expect contact { ⟦unknown-field: twon⟧: unchanged }",
        "expect in order { call score ⟦setting-invalid: nothing else⟧ }",
        "expect ⟦unexpected-token: noting⟧ else",
        "expect contact { town: ⟦unknown-name: unchangd⟧ }",
        "stub score { ⟦unexpected-token: truncate⟧ }",
    ]);
}
