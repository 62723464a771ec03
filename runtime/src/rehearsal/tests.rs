//! Tests of the rehearsal: what passes, what fails, and what is said of it.

mod befalls;
mod expecting;

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
