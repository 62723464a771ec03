//! Tests of the rehearsal: what passes, what fails, and what is said of it.

use std::sync::Arc;

use compiler::source::Sources;

use super::*;

const SHOP: &str = r#"
    event signup { email: email, plan: "free" | "pro" }
    event paid { email: email }
    event welcomed { email: email, score: decimal }
    contact { tier: "silver" | "gold" = "silver", visits: int? }
    connector key bearer { token secret("KEY") }
    webhook score {
      post "https://scoring.example.com/v2/score?plan=${event.plan}"
      auth key
      headers { "X-Plan": event.plan }
      body json { email: event.email, plan: event.plan, tier: contact.tier }
      returns json { score: decimal }
      timeout 10s
      attempts 3 from 1s to 1min
    }
    webhook note { post "https://notes.example.com/in" body form { plan: event.plan, visits: contact.visits ?? 0 } returns text }
    channel sms { post "https://sms.example.com/send" body json { to: contact.phone, text: message.text } }
    message welcome { email { from "a@example.com" subject "Score $data.score.score" text "Hello" } }
    message code { sms { text "Hello ${contact.first_name|'you'}" } }
    workflow greet {
      on signup
      identify by email event.email else create
      once per 1d
      exit on paid
      call score on failure { send code stop "no score" }
      if data.score.score > 0.5 { set contact.tier = "gold" emit welcomed { email: event.email, score: data.score.score } }
      send welcome
      wait for paid up to 2d { } on timeout { stop "late" }
    }
    workflow notes { on signup where event.plan == "free" identify by email event.email else create call note }
"#;

/// The reports of tests, each a block of steps, of a program.
fn perform_on(program: &str, tests: &[&str]) -> Vec<Report> {
    let tests = tests.iter().enumerate().map(|(number, steps)| format!("test \"t{number}\" {{ {steps} }}\n"));
    let text = format!("{program}\n{}", tests.collect::<String>());
    let compiled = compiler::compile(&Sources::single("a.wf", &text));
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|one| one.is_error()).collect();
    let program = compiled.program.unwrap_or_else(|| panic!("{errors:#?}"));
    perform_all(&Play::new(program), &compiled.tests, 2, &|| Duration::ZERO, &|| ()).unwrap()
}

/// What is wrong with a test, in a few words; nothing when it passes.
#[track_caller]
fn check_on(program: &str, steps: &str, expected: &[&str]) {
    let report = perform_on(program, &[steps]).remove(0);
    let told: Vec<String> = report
        .failures
        .iter()
        .map(|failure| {
            let marks = failure.marks.iter().map(|mark| format!(" [{}: {}]", mark.path.join("."), mark.found));
            let add = failure.add.as_ref().map(|add| format!(" + {add}")).unwrap_or_default();
            format!("{}{}{add}", failure.message, marks.collect::<String>())
        })
        .collect();
    assert_eq!(told, expected, "{steps}\n{:#?}", report.log);
}

#[track_caller]
fn check(steps: &str, expected: &[&str]) {
    check_on(SHOP, steps, expected);
}

const PRO: &str = "receive signup { email: \"a@example.com\", plan: \"pro\" }";

#[test]
fn a_test_of_all_that_happens_passes() {
    check(
        r#"
        at 2026-03-28T09:00 in "Europe/Berlin"
        given contact ann { id: 41, email: "a@example.com" }
        stub score { status 503 } then { timeout } then { delay 250ms status 200 body { score: 0.93 } }
        receive signup { email: "a@example.com", plan: "pro" }
        expect not send welcome
        advance 5min
        expect call score { attempts 3 times 1 url contains "plan=pro" headers { "x-plan": "pro" } body { plan: "pro" tier: "silver" } }
        expect send welcome { to "a@example.com" subject contains "0.93" times 1 }
        expect contact ann { id: 41, tier: "gold", visits: null }
        expect contact { tier: "gold" }
        expect event welcomed { score: 0.930 }
        expect not event welcomed { score: 0.5 }
        expect in order { call score event welcomed send welcome }
        expect not stop
        advance until 2026-03-31T09:00+02:00
        expect stop "late"
        expect in order { send welcome stop "late" }
        "#,
        &[],
    );
}

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
fn failures_of_every_sort_take_their_time_and_are_tried_again_as_the_daemon_does() {
    for (stub, attempts, lasts) in [
        ("{ timeout }", 3, "33s"),
        ("{ refused }", 3, "5s"),
        ("{ reset }", 3, "5s"),
        ("{ dns }", 3, "5s"),
        ("{ truncated }", 3, "5s"),
        ("{ tls }", 1, "0s"),
        ("{ oversize }", 1, "0s"),
        ("{ delay 11s status 200 body { score: 1 } }", 3, "33s"),
        ("{ status 404 }", 1, "0s"),
        ("{ status 302 headers { Location: \"https://example.com/\" } }", 1, "0s"),
        ("{ body \"oops\" }", 1, "0s"),
        ("{ status 429 headers { \"Retry-After\": \"120\" } }", 3, "240s"),
        ("{ status 200 body \"\" }", 1, "0s"),
    ] {
        let steps = format!(
            "stub score {stub} {PRO} advance {lasts} advance 3s expect call score {{ attempts {attempts} }} \
             expect send code {{ text \"Hello you\" }} expect call sms {{ body {{ text: \"Hello you\" }} }} expect stop \"no score\""
        );
        check(&steps, &[]);
    }
}

#[test]
fn stubs_answer_by_what_is_asked_and_in_turn() {
    check(
        r#"
        stub score when { body { plan: "pro" } } { body { score: 1 } } then { body { score: 2 } }
        stub score { body { score: 3 } }
        stub note { body "noted" }
        receive signup { email: "a@example.com", plan: "pro" }
        receive signup { email: "b@example.com", plan: "free" }
        receive signup { email: "c@example.com", plan: "pro" }
        receive signup { email: "d@example.com", plan: "pro" }
        expect send welcome { to "a@example.com" subject "Score 1" }
        expect send welcome { to "b@example.com" subject "Score 3" }
        expect send welcome { to "c@example.com" subject "Score 2" }
        expect send welcome { to "d@example.com" subject "Score 2" times 1 }
        expect call note { body { plan: "free", visits: 0 } }
        "#,
        &[],
    );
}

#[test]
fn who_is_kept_out_and_who_leaves_is_the_daemons_decision() {
    check(
        &format!(
            "stub score {{ body {{ score: 0 }} }} {PRO} {PRO} advance 1h \
             receive paid {{ email: \"a@example.com\" }} expect exit \"paid\" expect call score {{ times 1 }} \
             advance 1d {PRO} expect call score {{ times 2 }} expect send welcome {{ times 2 }}"
        ),
        &[],
    );
    // An exit during a call is taken when the call has ended.
    check(
        &format!(
            "stub score {{ delay 5s body {{ score: 0 }} }} {PRO} advance 1s receive paid {{ email: \"a@example.com\" }} \
             expect not exit advance 5s expect exit expect call score"
        ),
        &[],
    );
    // Between two attempts it is taken at once.
    check(
        &format!(
            "stub score {{ status 503 }} {PRO} receive paid {{ email: \"a@example.com\" }} expect exit expect call score {{ attempts 1 }}"
        ),
        &[],
    );
}

#[test]
fn schedules_and_changes_of_contacts_start_runs() {
    let program = r#"
        segment big { contact.town == "Kyiv" }
        contact { tier: string? }
        message m { email { from "a@example.com" subject "$contact.tier" text "x" } }
        workflow weekly { on schedule "0 9 * * 1" in "Europe/Kyiv" for segment big send m }
        workflow watch { on contact.tier changed send m }
    "#;
    check_on(
        program,
        r#"
        at 2026-01-01T00:00Z
        given contact ann { email: "a@example.com", town: "Kyiv", tier: "one" }
        given contact bob { email: "b@example.com", town: "Lviv", tier: "two" }
        expect not send m
        advance until 2026-01-05T06:59:59Z
        expect not send m
        advance 1s
        expect send m { to "a@example.com" subject "one" times 1 }
        expect not send m { to "b@example.com" }
        advance 2w
        expect send m { times 3 }
        given contact bob { tier: "three" }
        expect send m { to "b@example.com" subject "three" times 1 }
        expect contact bob { tier: "three", town: "Lviv" }
        "#,
        &[],
    );
}

#[test]
fn workflows_that_start_each_other_and_go_on_for_ever_come_to_an_end() {
    let program = r#"
        segment all { contact.id > 0 }
        workflow tick { on schedule "* * * * *" in "UTC" for segment all wait 1s }
    "#;
    check_on(
        program,
        "given contact { email: \"a@example.com\" } advance 52w expect complete",
        &["it goes on for more than 2000 turns; do workflows start each other?"],
    );
}

#[test]
fn the_same_test_is_the_same_each_time_however_many_are_performed_at_once() {
    let test = format!(
        "stub score {{ status 503 }} then {{ delay 3s body {{ score: 1 }} }} {PRO} advance 1min expect send welcome"
    );
    let tests = vec![test.as_str(); 12];
    let reports = perform_on(SHOP, &tests);
    let told: Vec<String> = reports.iter().map(|report| format!("{:?} {:?}", report.log, report.failures)).collect();
    assert!(reports.iter().all(Report::passed), "{told:#?}");
    assert!(told.iter().all(|one| *one == told[0]));
    assert_eq!(reports[7].name, "t7");
}

#[test]
fn coverage_knows_what_had_its_turn() {
    let tests = [
        format!("stub score {{ body {{ score: 1 }} }} {PRO} advance 3d expect send welcome expect stop"),
        format!("stub score {{ refused }} {PRO} advance 1min expect send code expect stop"),
    ];
    let reports = perform_on(SHOP, &[&tests[0], &tests[1]]);
    let compiled = compiler::compile(&Sources::single("a.wf", SHOP));
    let program = compiled.program.unwrap();
    let mut coverage = Coverage::default();
    reports.iter().for_each(|report| coverage.add(&report.coverage));
    let missing = Point::all(&program).into_iter().filter(|point| coverage.count(point) == 0);
    let missing: Vec<String> = missing.map(|point| format!("{} {}", point.address(), point.told(&program))).collect();
    assert_eq!(
        missing,
        [
            "workflow.greet/if else of if data.score.score > 0.5",
            "workflow.greet/wait:paid wait for paid: it came",
            "workflow.greet.exit exit on paid",
            "workflow.notes/call:note attempts of `note` used up",
        ]
    );
}

#[test]
fn a_first_test_of_every_workflow_passes() {
    let program = r#"
        segment big { contact.town == "Kyiv" }
        webhook xml { get "https://x.example.com/" returns xml { code: string, "@n": int, tag: [string] } }
        workflow weekly { on schedule "0 9 * * 1" in "Europe/Kyiv" for segment big call xml }
        workflow watch { on contact.town changed call xml }
        workflow reads { on odd identify by id event.who call xml as first wait 90min set contact.town = data.first.code }
        event odd { who: int, at: datetime, on: date, items: [{ sku: string, n: decimal? }], "if": bool }
    "#;
    for (text, workflows) in [(SHOP, vec!["greet", "notes"]), (program, vec!["weekly", "watch", "reads"])] {
        for workflow in workflows {
            let sources = |test: &str| Sources::single("a.wf", &format!("{text}\n{test}"));
            let program = compiler::compile(&Sources::single("a.wf", text)).program.unwrap();
            let draft = first_test(&program, workflow, None).unwrap();
            let compiled = compiler::compile(&sources(&draft));
            let play = Play::new(compiled.program.unwrap_or_else(|| panic!("{draft}\n{:#?}", compiled.diagnostics)));
            let store = Arc::new(MemoryStore::new().unwrap());
            let (log, lasts) = follow(&play, &store, &compiled.tests[0]).unwrap();
            let whole = first_test(&program, workflow, Some((&log, lasts))).unwrap();
            let compiled = compiler::compile(&sources(&whole));
            assert!(compiled.program.is_some(), "{whole}\n{:#?}", compiled.diagnostics);
            let report = perform(&play, &store, &compiled.tests[0]).unwrap();
            assert!(report.passed(), "{whole}\n{:#?}\n{:#?}", report.failures, report.log);
        }
    }
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
fn what_befalls_the_daemon_is_rehearsed_too() {
    let answered = "stub score { body { score: 0.2 } }";
    for (steps, expected) in [
        // A crash loses nothing that was saved, and an attempt that was under way is made again with the same key.
        (
            format!(
                "stub score {{ delay 3s body {{ score: 1 }} }} {PRO} advance 1s crash advance 3s expect call score {{ attempts 2 \
                 headers {{ \"Idempotency-Key\": same }} }} expect send welcome {{ times 1 }} crash crash advance 2d expect stop \"late\""
            ),
            &[][..],
        ),
        (format!("{answered} {PRO} expect send welcome cancel expect not waiting advance 3d expect not stop"), &[]),
        (
            format!(
                "given contact ann {{ email: \"a@example.com\" }} given contact bob {{ email: \"b@example.com\" }} {answered} \
                 {PRO} receive signup {{ email: \"b@example.com\", plan: \"pro\" }} expect send welcome \
                 cancel workflow greet for bob expect waiting \"wait:paid\" cancel for ann expect not waiting"
            ),
            &[],
        ),
        (format!("{answered} cancel {PRO} expect send welcome"), &["there is no such run that goes on"]),
        (format!("{answered} {PRO} cancel workflow notes expect send welcome"), &["there is no such run that goes on"]),
        (format!("{answered} {PRO} reload crash expect send welcome {{ times 1 }} expect waiting"), &[]),
    ] {
        check(&steps, expected);
    }
}

#[test]
fn a_reload_leaves_runs_with_their_program_and_starts_new_ones_on_another() {
    let reload = r#"reload {
        message welcome { email { from "a@example.com" subject "New $data.score.score" text "Hello" } }
        event returned { email: email }
        workflow greet {
          on signup
          identify by email event.email else create
          call score
          send welcome
          wait 1h
          stop "new"
        }
        workflow back {
          on returned
          identify by email event.email
          stop "returned"
        }
    }"#;
    let stub = "stub score { delay 2s body { score: 1 } }";
    check(
        &format!(
            "{stub} {PRO} advance 1s {reload} receive signup {{ email: \"b@example.com\", plan: \"pro\" }} advance 5s \
             expect send welcome {{ to \"a@example.com\" subject \"Score 1\" }} \
             expect send welcome {{ to \"b@example.com\" subject \"New 1\" }} \
             expect waiting \"wait:paid\" expect waiting \"wait\" advance 1h expect stop \"new\" expect not stop \"late\" \
             receive returned {{ email: \"b@example.com\" }} expect stop \"returned\" \
             receive paid {{ email: \"a@example.com\" }} expect exit \"paid\" expect not waiting"
        ),
        &[],
    );
    // What is covered is the program of the project.
    let reports = perform_on(SHOP, &[&format!("{stub} {reload} {PRO} advance 1d expect send welcome expect stop")]);
    assert!(reports[0].passed(), "{:#?}", reports[0].failures);
    assert!(reports[0].coverage.counts.is_empty(), "{:#?}", reports[0].coverage);
    // Schedules are those of the program that runs.
    let program = r#"
        segment all { contact.id > 0 }
        message m { email { from "a@example.com" subject "old" text "x" } }
        workflow daily { on schedule "0 9 * * *" in "UTC" for segment all send m }
    "#;
    check_on(
        program,
        r#"given contact { email: "a@example.com" }
        advance 1d
        expect send m { subject "old" times 1 }
        reload {
          message m { email { from "a@example.com" subject "new" text "x" } }
          workflow daily { on schedule "0 18 * * *" in "UTC" for segment all send m }
        }
        advance until 17:59 in "UTC"
        expect not send m { subject "new" }
        advance until 18:00 in "UTC"
        expect send m { subject "new" times 1 }
        expect send m { times 2 }"#,
        &[],
    );
}

#[test]
fn a_run_is_given_at_a_step() {
    let given = |step: &str, more: &str| {
        format!(
            "given contact ann {{ id: 7, email: \"a@example.com\" }} given run at {step:?} in greet {{ \
             event signup {{ email: \"a@example.com\", plan: \"pro\" }} {more} }}"
        )
    };
    let data = "data { score: { score: 0.75 } }";
    for (steps, expected) in [
        (
            format!(
                "{} expect send welcome {{ to \"a@example.com\" subject \"Score 0.75\" }} expect not call score \
                 expect waiting \"wait:paid\" expect not path \"if\" advance 2d expect stop \"late\"",
                given("send:welcome", data)
            ),
            &[][..],
        ),
        (
            format!(
                "{} expect contact {{ tier: \"gold\" }} expect event welcomed {{ score: 0.75 }} expect send welcome",
                given("if", data)
            ),
            &[],
        ),
        (format!("{} receive paid {{ email: \"a@example.com\" }} expect exit", given("wait:paid/timeout/stop", data)), &["`greet` was stopped: late"]),
        (format!("{} expect waiting \"wait:paid\"  crash receive paid {{ email: \"a@example.com\" }} expect exit \"paid\"", given("wait:paid", data)), &[]),
        (
            "given run at \"call:note\" in notes { event signup { email: \"a@example.com\", plan: \"pro\" } } expect complete".to_owned(),
            &["no run of `notes` begins like this: where"],
        ),
        (
            format!("{} stub score {{ body {{ score: 0.1 }} }} {PRO} expect workflow greet {{ times 1 }} \
                     expect workflow greet {{ kept_out \"once\" }}", given("wait:paid", data)),
            &[],
        ),
    ] {
        check(&steps, expected);
    }
    // A run that a schedule has begun, and what a `wait for` took.
    check_on(
        r#"
        event paid { email: email, sum: int }
        segment all { contact.id > 0 }
        message m { email { from "a@example.com" subject "x" text "y" } }
        webhook note { post "https://n.example.com/" body json { sum: 1 } returns json { n: int } }
        workflow weekly { on schedule "0 9 * * 1" in "UTC" for segment all send m wait 1h stop "weekly" }
        workflow tied { on paid identify by email event.email
          wait for paid as second up to 2d { if second.sum > event.sum { stop "more" } call note as first send m } on timeout { stop }
        }
        "#,
        r#"given contact ann { email: "a@example.com" }
        given run at "wait" in weekly for ann { }
        expect waiting "wait"
        advance 1h
        expect stop "weekly"
        given run at "wait:paid/then/if" in tied for ann {
          event paid { email: "other@example.com", sum: 1 }
          event paid as second { email: "a@example.com", sum: 2 }
        }
        expect stop "more""#,
        &[],
    );
}

#[test]
fn a_seed_throws_the_dice_again() {
    let test = |seed: &str| {
        format!(
            "{seed} stub score {{ status 503 }} {PRO} advance 1min expect call score {{ attempts 3 }} expect send code expect stop"
        )
    };
    let seeds = ["", "given seed 0", "given seed 1", "given seed 2", "given seed 1"].map(test);
    let reports = perform_on(SHOP, &seeds.each_ref().map(String::as_str));
    let times = |report: &Report| -> Vec<String> {
        assert!(report.passed(), "{:#?}", report.failures);
        report.log.calls()[0].iter().map(|(_, attempt)| attempt.began.to_string()).collect()
    };
    let times: Vec<Vec<String>> = reports.iter().map(times).collect();
    assert_eq!(times[0], times[1], "without a seed it is 0");
    assert_ne!(times[1], times[2]);
    assert_ne!(times[2], times[3]);
    assert_eq!(times[2], times[4], "the same seed is the same each time");
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

#[test]
fn a_default_stands_again_where_a_value_is_taken_away() {
    let program = r#"
        event signup { email: email }
        contact { tier: "silver" | "gold" = "silver", town_2: string? }
        workflow w { on signup identify by email event.email else create
          set contact.tier = "gold" set contact.town_2 = "Kyiv" wait 1h set contact.tier = null set contact.town_2 = null
          if contact.tier == "silver" { stop "silver" } }
    "#;
    check_on(
        program,
        r#"receive signup { email: "a@example.com" } expect contact { tier: "gold", town_2: "Kyiv" }
        advance 2h expect contact { tier: "silver", town_2: null } expect stop "silver""#,
        &[],
    );
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

#[test]
fn an_address_is_stubbed_whoever_calls_it() {
    check(
        &format!(
            r#"
            stub post "https://scoring.example.com/v2/score" when {{ url contains "plan=free" }} {{ body {{ score: 3 }} }}
            stub post "https://scoring.example.com/v2/score?plan=pro" {{ body {{ score: 1 }} }}
            stub post "https://sms.example.com/send" {{ status 500 }}
            stub note {{ body "ok" }}
            {PRO}
            receive signup {{ email: "b@example.com", plan: "free" }}
            expect send welcome {{ subject "Score 1" }}
            expect send welcome {{ subject "Score 3" }}
            "#
        ),
        &[],
    );
    check(
        &format!(
            "stub post \"https://scoring.example.com/v2/score\" {{ body {{ score: 3 }} }} stub score {{ body {{ score: 4 }} }} {PRO} \
             expect send welcome {{ subject \"Score 4\" }}"
        ),
        &[],
    );
}

#[test]
fn values_stand_in_files() {
    let mut sources = Sources::single(
        "a.wf",
        &format!(
            r#"{SHOP}
        test "files" {{
          given contact ann file "tests/ann.json"
          stub score {{ body file "tests/score.json" }}
          stub note {{ status 500 body file "tests/note.txt" }}
          receive signup file "tests/signup.json"
          advance 5min
          expect send welcome {{ subject "Score 0.123456789012345678" to "ann@example.com" }}
          expect contact ann {{ birthday: 1990-02-03, town: "Kyiv" }}
          expect fail "call_failed"
        }}"#
        ),
    );
    sources.add(
        "tests/ann.json",
        r#"{ "email": "ann@example.com", "birthday": "1990-02-03", "town": "Kyiv", "visits": null }"#,
    );
    sources.add("tests/score.json", "{ \"score\": 0.123456789012345678, \"more\": [1, 2] }\n");
    sources.add("tests/note.txt", "no room");
    sources.add("tests/signup.json", r#"{ "email": "ann@example.com", "plan": "free" }"#);
    let compiled = compiler::compile(&sources);
    let play = Play::new(compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)));
    let reports = perform_all(&play, &compiled.tests, 1, &|| Duration::ZERO, &|| ()).unwrap();
    assert!(reports[0].passed(), "{:#?}\n{:#?}", reports[0].failures, reports[0].log);
}
