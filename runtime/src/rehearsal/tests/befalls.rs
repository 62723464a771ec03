//! What befalls the daemon: crashes, reloads, runs that are there already, other dice.

use super::*;

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
