//! What is expected, and what is said where it is not so.

use super::*;

#[test]
fn what_is_not_as_it_says_is_told_with_what_is_there() {
    let begin = format!("stub score {{ body {{ score: 0.2 }} }} {PRO} expect send welcome");
    for (steps, expected) in [
        ("expect contact { tier: \"gold\" }", " [tier: \"silver\"]"),
        (
            "expect call score { body { plan: \"free\" } }",
            "`score` was called at 00:00:00, and it was otherwise [body.plan: \"pro\"]",
        ),
        ("expect call score { attempts 2 }", "`score` was called at 00:00:00, and it was otherwise [attempts: 1]"),
        ("expect call score { times 2 }", " [times: 1]"),
        ("expect call note", "`note` was not called: `greet` waits at `wait:paid` until 2026-01-03 00:00:00"),
        ("expect not call score", "`score` was called at 00:00:00"),
        (
            "expect send welcome { subject contains \"0.9\" }",
            "`welcome` went out at 00:00:00, and it was otherwise [subject: \"Score 0.2\"]",
        ),
        (
            "expect send welcome { to \"b@example.com\" }",
            "`welcome` went out at 00:00:00, and it was otherwise [to: \"a@example.com\"]",
        ),
        ("expect event welcomed", "`welcomed` was not raised: `greet` waits at `wait:paid` until 2026-01-03 00:00:00"),
        ("expect stop", "`greet` waits at `wait:paid` until 2026-01-03 00:00:00"),
        ("expect complete", "`greet` waits at `wait:paid` until 2026-01-03 00:00:00"),
        (
            "expect in order { send welcome call score }",
            "`score` was called at 00:00:00, before `welcome` went out at 00:00:00",
        ),
        ("advance until 2025-01-01T00:00Z", "it is 00:00:00 already"),
    ] {
        check(&format!("{begin} {steps}"), &[expected]);
    }
    check(&format!("{begin} advance 3d expect stop \"early\""), &["`greet` was stopped: late"]);
}

#[test]
fn what_nothing_expects_fails_the_test_and_says_what_to_add() {
    check(
        PRO,
        &["`score` was called and has no stub: POST https://scoring.example.com/v2/score?plan=pro \
           {\"email\":\"a@example.com\",\"plan\":\"pro\",\"tier\":\"silver\"} + stub score { status 200 body { score: 10.00 } }"],
    );
    check(
        &format!("stub score {{ body {{ score: 1 }} }} {PRO} expect not fail"),
        &["`welcome` went out to a@example.com at 00:00:00, and nothing expects it + \
           expect send welcome { to \"a@example.com\" subject \"Score 1\" }"],
    );
    check(
        "stub note { status 404 } stub score { body { score: 0 } } receive signup { email: \"a@example.com\", plan: \"free\" } \
         expect send welcome { to \"a@example.com\" }",
        &[
            "`notes` failed at 00:00:00, and nothing expects it: the call of `note` failed: the host answered 404 Not Found \
           + expect fail \"call_failed\"",
        ],
    );
}

#[test]
fn headers_paths_and_all_else_can_be_expected() {
    let begin = "given contact ann { email: \"a@example.com\", town: \"Kyiv\" } stub score { status 503 } then { body { score: 1 } }";
    check(
        &format!(
            r#"{begin} {PRO} advance 5s
            expect call score {{ attempts 2 headers {{ "Idempotency-Key": same, "X-Plan": present, "X-Other": absent, Authorization: present }} }}
            expect not call score {{ headers {{ "webhook-timestamp": same }} }}
            expect contact ann {{ town: unchanged, tier: "gold" }}
            expect not contact ann {{ tier: unchanged }}
            expect path "if/1/set:tier"
            expect not path "call:score/failure/send:code"
            expect not nothing else
            expect event welcomed
            expect send welcome
            expect nothing else"#
        ),
        &[],
    );
    check(
        &format!(
            r#"{begin} {PRO} advance 5s
            expect call score {{ headers {{ "webhook-timestamp": same, "X-Plan": absent, "X-Other": present }} }}
            expect contact ann {{ tier: unchanged }}
            expect path "call:note"
            expect nothing else
            expect send welcome"#
        ),
        &[
            "`score` was called at 00:00:00, and it was otherwise [headers.X-Other: nothing] [headers.X-Plan: \"pro\"] \
             [headers.webhook-timestamp: 1767225600, 1767225601]",
            " [tier: \"gold\"]",
            "no run came by `call:note`; they came by call:score, if, if/1/set:tier, if/1/emit:welcomed, send:welcome",
            "there is more: 00:00:00 call score → 503; 00:00:01.126 emit welcomed; 00:00:01.126 send welcome to a@example.com by email",
        ],
    );
}

#[test]
fn beginnings_and_waits_are_expected() {
    let begin = format!("stub score {{ body {{ score: 0.2 }} }} {PRO} expect send welcome");
    for (steps, expected) in [
        (
            "expect workflow greet expect not workflow notes expect workflow notes { kept_out \"where\" } expect waiting",
            &[][..],
        ),
        ("expect workflow greet { times 2 }", &[" [times: 1]"]),
        ("expect workflow notes", &["`notes` did not begin: it was kept out because of where"]),
        ("expect not workflow greet", &["`greet` began at 00:00:00"]),
        (
            "expect workflow notes { kept_out \"once\" }",
            &["`notes` was kept from beginning at 00:00:00, and it was otherwise [kept_out: \"where\"]"],
        ),
        (
            "expect workflow greet { kept_out \"once\" }",
            &["`greet` was never kept from beginning: `greet` waits at `wait:paid` until 2026-01-03 00:00:00"],
        ),
        (
            "expect waiting \"call:score\"",
            &["no run waits at `call:score`: `greet` waits at `wait:paid` until 2026-01-03 00:00:00"],
        ),
        ("expect not waiting", &["`greet` waits at `wait:paid` until 2026-01-03 00:00:00"]),
        ("advance 3d expect waiting expect stop", &["no run waits: `greet` was stopped: late"]),
    ] {
        check(&format!("{begin} {steps}"), expected);
    }
}

/// What a run raises and writes keeps out as what comes from outside does.
#[test]
fn what_runs_raise_and_write_keeps_workflows_out_too() {
    let program = r#"
        event signup { email: email, plan: "free" | "pro" }
        event welcomed { email: email, plan: "free" | "pro" }
        contact { tier: string? }
        workflow greet { on signup identify by email event.email else create
          set contact.tier = event.plan emit welcomed { email: event.email, plan: event.plan } }
        workflow pro { on welcomed where event.plan == "pro" identify by email event.email else stop once per 1d wait 1h }
        workflow watch { on contact.tier changed once per 1d set contact.tier = "watched" }
    "#;
    let first = r#"receive signup { email: "a@example.com", plan: "free" }"#;
    let second = r#"receive signup { email: "a@example.com", plan: "pro" }"#;
    check_on(
        program,
        &format!(
            r#"{first} expect not workflow pro expect workflow pro {{ kept_out "where" }}
            expect workflow watch {{ times 1 }} expect workflow watch {{ kept_out "own_change" }}
            {second} expect workflow pro {{ times 1 }} expect workflow watch {{ kept_out "once" }}
            {second} expect workflow pro {{ kept_out "once" }} expect workflow pro {{ times 1 }}"#
        ),
        &[],
    );
    check_on(
        program,
        &format!(r#"{first} expect workflow pro {{ kept_out "once" }}"#),
        &["`pro` was kept from beginning at 00:00:00, and it was otherwise [kept_out: \"where\"]"],
    );
}
