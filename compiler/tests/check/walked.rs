//! Slips that authors make who know other languages, by family: each is told once, at its place, and its fix writes what was
//! meant.

use super::authors::{mends_into, message, says, webhook};
use super::branches::mends_all;
use super::{AROUND, accepts, refuses, steps};

fn condition(written: &str) -> String {
    steps(&format!("if {written} {{ stop }}"))
}

fn header(lines: &str) -> String {
    steps("send hello").replace("  on signup\n  identify by email event.email else create", lines)
}

#[test]
fn a_condition_behind_its_step() {
    for (slip, line) in [
        ("send hello ⟦unexpected-token: if⟧ event.visits > 3", "if event.visits > 3 { send hello }"),
        ("call score ⟦unexpected-token: when⟧ event.agreed", "if event.agreed { call score }"),
        ("wait 1h ⟦unexpected-token: where⟧ event.agreed", "if event.agreed { wait 1h }"),
        (
            "set contact.visits = 1 ⟦unexpected-token: if⟧ (event.agreed)",
            "if (event.agreed) { set contact.visits = 1 }",
        ),
        ("emit done { } stop ⟦unexpected-token: if⟧ event.agreed", "emit done { } if event.agreed { stop }"),
        ("stop ⟦unexpected-token: if⟧ event.note is set", "if event.note is set { stop }"),
        ("send hello ⟦unexpected-token: unless⟧ event.agreed", "if not event.agreed { send hello }"),
        (
            "send hello ⟦unexpected-token: unless⟧ event.agreed or event.visits > 3",
            "if not (event.agreed or event.visits > 3) { send hello }",
        ),
    ] {
        // What follows is reached all the same.
        mends_into(&(steps(&format!("{slip}\n  call ping")) + "event done { }\n"), line);
    }
    says(
        &steps("set contact.town = \"a\" ⟦unexpected-token: if event.agreed else⟧ \"b\""),
        "`if … { set … } else { set … }`",
    );
    refuses(&steps("send hello ⟦unexpected-token: if⟧ event.⟦unknown-field: vists⟧ > 3"));
    accepts(&steps("send hello if event.agreed { stop } call score if event.agreed\n  { stop }"));
}

#[test]
fn steps_in_one_line() {
    for (slip, line) in [
        ("send hello ⟦unexpected-token: ->⟧ wait 1h", "wait 1h"),
        ("wait 1h ⟦unexpected-token: then⟧ send hello", "send hello"),
        ("wait 1h ⟦unexpected-token: and⟧ send hello", "send hello"),
        ("call score ⟦unexpected-token: |⟧ send hello", "send hello"),
        ("⟦foreign-sign: 1.⟧ send hello", "send hello"),
        ("send hello⟦unexpected-token: ()⟧", "send hello"),
        ("⟦unknown-keyword: sleep⟧(1h)", "wait 1h"),
        ("⟦unknown-keyword: notify⟧(hello)", "send hello"),
    ] {
        mends_into(&steps(slip), line);
    }
    says(&steps("⟦unknown-keyword: sleep⟧(3600)"), "`wait 3600s`");
    // The workflow that a step belongs to is known however far above it begins.
    mends_into(&steps(&format!("{}⟦unknown-keyword: sleep⟧(1h)", "send hello\n  ".repeat(2_100))), "wait 1h");
    says(&steps("⟦unexpected-token: hello⟧"), "`send NAME`");
}

#[test]
fn what_is_asked_of_lists() {
    for slip in [
        "⟦unexpected-token: any⟧ event.items.qty > 3 and event.agreed",
        "not ⟦unexpected-token: all⟧ event.tags == \"x\"",
        "event.tags.⟦unknown-function: some⟧(tag => tag == \"x\") or event.agreed",
        "⟦unknown-function: event.tags.includes(\"x\")⟧",
    ] {
        says(&condition(slip), "`\"x\" in event.tags`");
    }
    mends_into(
        &condition("event.plan in ⟦unexpected-token: \"pro\", \"free\"⟧"),
        "if event.plan in [\"pro\", \"free\"] { stop }",
    );
    refuses(&steps("set contact.marks = [1, 2, ⟦types-differ: \"3\"⟧]"));
}

#[test]
fn signs_of_other_languages() {
    for (slip, line) in [
        ("event⟦foreign-sign: ->⟧plan == \"pro\"", "event.plan == \"pro\""),
        ("event⟦foreign-sign: :⟧plan == \"pro\"", "event.plan == \"pro\""),
        ("⟦unknown-character: ${event.plan}⟧ == \"pro\"", "event.plan == \"pro\""),
        ("⟦unexpected-token: {{ event.plan }}⟧ == \"pro\"", "event.plan == \"pro\""),
        ("event.visits ⟦foreign-sign: ≥⟧ 3", "event.visits >= 3"),
        ("event.visits ⟦foreign-sign: ≠⟧ 3", "event.visits != 3"),
        ("event.visits ⟦foreign-sign: –⟧ 1 > 3", "event.visits - 1 > 3"),
        ("event.total > ⟦malformed-number: .5⟧", "event.total > 0.5"),
        ("event.total > ⟦malformed-number: 5.⟧", "event.total > 5"),
        ("event.note ⟦foreign-sign: ||⟧ \"none\" == \"none\"", "event.note ?? \"none\" == \"none\""),
        ("event.visits > 3⟦unexpected-token: )⟧", "event.visits > 3"),
        ("event.plan == \"pro\" or ⟦wrong-type: \"free\"⟧", "event.plan in [\"pro\", \"free\"]"),
        ("event.visits != 1 and ⟦wrong-type: 2⟧", "event.visits not in [1, 2]"),
        ("event.note not ⟦unexpected-token: set⟧", "event.note is not set"),
        ("event.note is ⟦unexpected-token: unset⟧", "event.note is not set"),
        ("event.note ⟦unexpected-token: is_set⟧", "event.note is set"),
        ("(event.visits > 3 ⟦unexpected-token: {⟧ wait 1h }\n  if event.agreed", "if (event.visits > 3) { wait 1h }"),
    ] {
        let line = if line.starts_with("if") { line.to_owned() } else { format!("if {line} {{ stop }}") };
        mends_into(&condition(slip), &line);
    }
    says(&condition("event.agreed ⟦question-mark: ?⟧ true : false"), "`??` gives a default");
    says(&steps("set contact.town = event.agreed ⟦question-mark: ?⟧ \"a\" : \"b\""), "steps choose with `if`");
    // A comma may part thousands or stand for a point: which one is the author's to say.
    let said = refuses(&condition("event.total > 1⟦unexpected-token: ,⟧000"));
    assert!(said.iter().any(|finding| finding.fixes.len() == 2), "{said:#?}");
    refuses(&condition("event.items⟦unexpected-token: .0⟧.note is set"));
}

#[test]
fn moments_and_durations_in_words() {
    for (slip, line) in [
        ("wait ⟦malformed-duration: a day⟧", "wait 1d"),
        ("wait ⟦malformed-duration: half an hour⟧", "wait 30min"),
        ("wait ⟦malformed-duration: 1M⟧", "wait 1min"),
        ("wait ⟦malformed-duration: 5 хв⟧", "wait 5min"),
        ("wait ⟦malformed-duration: 2 дні⟧", "wait 2d"),
        ("wait ⟦unexpected-token: till⟧ 09:00 in \"UTC\"", "wait until 09:00 in \"UTC\""),
        ("wait ⟦unexpected-token: untill⟧ event.until", "wait until event.until"),
        ("wait until 09:00 ⟦unexpected-token: UTC⟧", "wait until 09:00 in \"UTC\""),
        ("wait until 09:00 ⟦unexpected-token: at⟧ \"Europe/Kyiv\"", "wait until 09:00 in \"Europe/Kyiv\""),
        ("wait until 09:00 ⟦unexpected-token: \"Europe/Kyiv\"⟧", "wait until 09:00 in \"Europe/Kyiv\""),
        ("wait ⟦unexpected-token: event⟧ signup up to 2d { stop }", "wait for signup up to 2d { stop }"),
        ("wait ⟦unexpected-token: signup⟧ up to 2d { stop }", "wait for signup up to 2d { stop }"),
        ("wait for signup ⟦unexpected-token: for⟧ 2d { stop }", "wait for signup up to 2d { stop }"),
        (
            "wait for signup up to 2d { stop } ⟦unexpected-token: timeout⟧ { fail \"x\" }",
            "wait for signup up to 2d { stop } on timeout { fail \"x\" }",
        ),
        (
            "wait for signup up to 2d { stop } on ⟦unexpected-token: failure⟧ { fail \"x\" }",
            "wait for signup up to 2d { stop } on timeout { fail \"x\" }",
        ),
        (
            "send hello between 09:00 ⟦unexpected-token: to⟧ 21:00 in \"UTC\"",
            "send hello between 09:00 and 21:00 in \"UTC\"",
        ),
        (
            "send hello ⟦unexpected-token: from⟧ 09:00 to 21:00 in \"UTC\"",
            "send hello between 09:00 and 21:00 in \"UTC\"",
        ),
    ] {
        mends_into(&steps(slip), line);
    }
    says(&steps("wait ⟦malformed-duration: 2 months⟧"), "`60d`");
    says(&steps("wait until ⟦unexpected-token: next monday 09:00⟧"), "a moment is");
    says(&steps("wait for ⟦unexpected-token: signup⟧"), "up to 2d");
    says(&steps("wait for signup up to 2d ⟦unexpected-token: where⟧ event.agreed { stop }"), "before `up to`");
    says(&steps("set contact.seen = ⟦unknown-function: now()⟧"), "`event.occurred_at`");
}

#[test]
fn calls_and_their_ways() {
    for (slip, line) in [
        ("call score ⟦unexpected-token: onfailure⟧ { stop }", "call score on failure { stop }"),
        ("call score on ⟦unexpected-token: timeout⟧ { stop }", "call score on failure { stop }"),
        ("call score ⟦unexpected-token: into⟧ points", "call score as points"),
        ("⟦unexpected-token: result⟧ = call score", "call score as result"),
        ("fail ⟦unexpected-token: event⟧.text", "fail \"${event.text}\""),
        ("set contact.visits = 1⟦unexpected-token: ,⟧ contact.town = \"x\"", "set contact.town = \"x\""),
    ] {
        mends_into(&steps(slip), line);
    }
    says(&steps("call score ⟦unexpected-token: on success⟧ { stop }"), "stands below it");
    says(
        &steps("call ⟦unexpected-token: GET \"https://a.example.com/\"⟧"),
        "`webhook NAME { get \"https://a.example.com/\" }`",
    );
    says(&steps("set contact.place⟦unexpected-token: .⟧city = \"x\""), "as a whole");
}

#[test]
fn header_lines() {
    let identified = "\n  identify by email event.email";
    for (slip, line) in [
        ("⟦unknown-keyword: trigger⟧ on signup", "on signup"),
        ("⟦unknown-keyword: when⟧ signup", "on signup"),
        ("on signup\n  once ⟦unexpected-token: every 7d⟧", "once per 7d"),
        ("on signup\n  once ⟦unexpected-token: a day⟧", "once per 1d"),
        ("on signup\n  once ⟦unexpected-token: weekly⟧", "once per 1w"),
        ("on signup\n  one at ⟦unexpected-token: time⟧", "one at a time"),
    ] {
        let lines = if slip.contains("once") || slip.contains("one at") {
            slip.replacen("on signup", &format!("on signup{identified}"), 1)
        } else {
            format!("{slip}{identified}")
        };
        mends_into(&header(&format!("  {lines}")), line);
    }
    for (slip, line) in [
        ("identify ⟦unexpected-token: contact⟧ by email event.email", "identify by email event.email"),
        ("identify by ⟦unexpected-token: event⟧.email", "identify by email event.email"),
        ("identify by email ⟦unexpected-token: =⟧ event.email", "identify by email event.email"),
        ("identify by email event.email ⟦unexpected-token: create⟧", "identify by email event.email else create"),
    ] {
        mends_into(&header(&format!("  on signup\n  {slip}")), line);
    }
    // Nothing is said of an identification that could not be read.
    says(&header("  on signup\n  identify by email event.email else ⟦unexpected-token: {⟧ stop }"), "`else create`");
    refuses(&header("  on signup ⟦unexpected-token: {⟧ send hello }"));
    let scheduled = |line: &str| header(&format!("  {line}"));
    let zone = "in \"Europe/Kyiv\" for segment loyal";
    says(&scheduled(&format!("on schedule ⟦unexpected-token: daily⟧ at 09:00 {zone}")), "a cron line");
    says(&scheduled(&format!("on schedule ⟦unexpected-token: 09:00⟧ {zone}")), "a cron line");
    let line = format!("on schedule \"0 9 * * *\" {zone}");
    mends_into(&scheduled(&format!("⟦unknown-keyword: schedule⟧ \"0 9 * * *\" {zone}")), &line);
    mends_into(&scheduled("on schedule \"0 9 * * *\" for segment loyal ⟦unexpected-token: in⟧ \"Europe/Kyiv\""), &line);
}

#[test]
fn a_name_for_what_starts_a_workflow() {
    let workflow = |on: &str, steps: &str| {
        let lines = format!("  {on}\n  identify by email s.email else create");
        header(&lines).replace("send hello", steps)
    };
    mends_all(
        &workflow(
            "on signup ⟦unexpected-token: as s⟧ where s.visits > 1",
            "if s.visits > 3 { stop \"${s.text} and s.text\" }",
        ),
        &[
            "on signup where event.visits > 1",
            "identify by email event.email else create",
            "if event.visits > 3 { stop \"${event.text} and s.text\" }",
        ],
    );
    refuses(&workflow(
        "on signup ⟦unexpected-token: as s⟧",
        "if s.⟦unknown-field: vists⟧ > 3 { stop \"${s.⟦unknown-field: txet⟧}\" }",
    ));
    refuses(
        &(workflow("on signup ⟦unexpected-token: as s⟧", "stop") + "segment others { ⟦unknown-name: s⟧.visits > 3 }\n"),
    );
    // What has the name for good keeps it.
    let said = refuses(
        &workflow("on signup ⟦unexpected-token: as⟧ s", "wait for signup as s up to 1d { stop \"${s.text}\" }")
            .replace("by email s.", "by email event."),
    );
    assert!(said.iter().all(|finding| finding.fixes.iter().all(|fix| fix.edits.len() == 1)), "{said:#?}");
}

#[test]
fn quotes_and_letters() {
    mends_into(
        &message("\"say ⟦unexpected-token: \"⟧hi\" to $data.score.points\""),
        "text \"say \\\"hi\\\" to $data.score.points\"",
    );
    mends_into(&steps("stop ⟦unclosed-text: \"done”⟧"), "stop \"done\"");
    mends_into(&steps("send ⟦bad-name: hеllo⟧"), "send hello");
    mends_into(&steps("⟦bad-name: seпd⟧ hello"), "send hello");
    mends_into(&steps("if event.⟦bad-name: рlan⟧ == \"pro\" { stop }"), "if event.plan == \"pro\" { stop }");
    mends_into(
        &steps("send hello to ⟦unexpected-token: ann.lee+x@example.com⟧"),
        "send hello to \"ann.lee+x@example.com\"",
    );
    mends_into(&steps("set contact.town = \"⟦sent-as-written: $event.text⟧\""), "set contact.town = \"${event.text}\"");
    mends_into(
        &steps("stop \"⟦sent-as-written: {event.text}⟧, {text} and {}\""),
        "stop \"${event.text}, {text} and {}\"",
    );
    mends_into(
        &message("\"Hi ⟦sent-as-written: {contact.first_name}⟧ $!{contact.town} {town}\""),
        "text \"Hi $!{contact.first_name} $!{contact.town} {town}\"",
    );
    mends_into("⟦foreign-comment: # a comment⟧\nevent e { a: int }", "// a comment");
    mends_into("⟦foreign-comment: /* a comment */⟧\nevent e { a: int }", "// a comment");
    mends_into("⟦foreign-comment: --⟧ a comment\nevent e { a: int }", "// a comment");
}

#[test]
fn types_of_fields() {
    for (slip, line) in [
        ("⟦unexpected-token: list(string)⟧", "a: [string]"),
        ("⟦unexpected-token: list of⟧ string", "a: [string]"),
        (
            "⟦unexpected-token: Array of⟧ { sku: string, more: { at: date } }",
            "a: [{ sku: string, more: { at: date } }]",
        ),
        ("⟦unexpected-token: list of⟧ {\n    sku: string\n    at: ⟦unexpected-token: optional date⟧\n  }", "a: [{"),
        ("⟦unexpected-token: list of⟧ [string]", "a: [string]"),
        (
            "⟦unexpected-token: array of⟧ [{ sku: string, at: ⟦unexpected-token: optional date⟧ }]",
            "a: [{ sku: string, at: optional date }]",
        ),
        ("⟦unexpected-token: optional string⟧", "a: string?"),
        ("⟦unexpected-token: Optional<string>⟧", "a: string?"),
        ("⟦unexpected-token: required string⟧", "a: string"),
        ("⟦unexpected-token: string | null⟧", "a: string?"),
        ("string⟦foreign-sign: !⟧", "a: string"),
        ("string, ⟦unexpected-token: required⟧", "a: string"),
    ] {
        mends_into(&format!("event e {{\n  a: {slip}\n}}\n"), line);
    }
    says("event e {\n  a: ⟦unexpected-token: string | int⟧\n}\n", "`json`");
    mends_into("event e ⟦unexpected-token: =⟧ {\n  a: string\n}\n", "event e {");
    mends_into(
        "segment s {\n  contact.id > 3⟦unexpected-token: ,⟧ contact.id < 9\n}\n",
        "contact.id > 3 and contact.id < 9",
    );
    mends_into("segment s {\n  contact.id > 3\n  ⟦unexpected-token: contact⟧.id < 9\n}\n", "and contact.id < 9");
}

#[test]
fn webhooks_and_connectors() {
    let alone = |lines: &str| format!("webhook w {{\n  {lines}\n}}\n");
    for (lines, line) in [
        ("get \"https://a.example.com/\" ⟦unexpected-token: {⟧\n    timeout 5s\n  }", "timeout 5s"),
        ("⟦unexpected-token: request {⟧\n    get \"https://a.example.com/\"\n  }", "get \"https://a.example.com/\""),
        (
            "⟦unexpected-token: request {⟧\n    get \"https://a.example.com/\"\n    ⟦unknown-keyword: header⟧ \"X-A\": \"b\"\n  }",
            "get \"https://a.example.com/\"",
        ),
        (
            "⟦unknown-keyword: url⟧: \"https://a.example.com/\"\n  ⟦unexpected-token: method: PUT⟧",
            "put \"https://a.example.com/\"",
        ),
    ] {
        mends_into(&alone(lines), line);
    }
    let read = |lines: &str| format!("{AROUND}\n{}", alone(lines));
    refuses(&read("uses score ⟦unexpected-token: {⟧ get \"https://a.example.com/${data.score.points}\" }"));
    for (lines, line) in
        [("uses ⟦unexpected-token: data.⟧score", "uses score"), ("uses ⟦unexpected-token: [⟧score]", "uses score")]
    {
        mends_into(
            &read(&format!("post \"https://a.example.com/\"\n  {lines}\n  body json {{ a: data.score.points }}")),
            line,
        );
    }
    for (lines, line) in [
        (
            "body json ⟦json-body-is-text: \"\"\"{\"a\": [\"${event.id}\", ${event.id}]}\"\"\"⟧",
            "body json {a: [\"${event.id}\", event.id]}",
        ),
        ("body json ⟦json-body-is-text: \"{\\\"a\\\": 1}\"⟧", "body json {a: 1}"),
        ("⟦unknown-keyword: header⟧ \"X-A\": \"b\"", "headers { \"X-A\": \"b\" }"),
        ("timeout ⟦unexpected-token: \"5s\"⟧", "timeout 5s"),
        ("attempts 5⟦unexpected-token: ,⟧ from 1s to 1min", "attempts 5 from 1s to 1min"),
        ("limit 10 ⟦unexpected-token: requests⟧ per 1s", "limit 10 per 1s"),
        ("body json { ⟦unexpected-token: a⟧.b: 1 }", "body json { \"a.b\": 1 }"),
        ("body json { a: 1 ⟦unmatched-brace: ]⟧", "body json { a: 1 }"),
    ] {
        mends_into(&webhook(lines), line);
    }
    refuses(&webhook("auth ⟦unexpected-token: basic { login \"a\" password secret(\"B\") }⟧"));
    refuses(&webhook(
        "auth ⟦unexpected-token: basic⟧ {\n    login \"a\"\n    password secret(\"B\")\n  }\n  timeout 5s",
    ));
    // A text that is no JSON has no value to be.
    let said = refuses(&webhook("body json ⟦json-body-is-text: \"{a\"⟧"));
    assert!(said.iter().all(|finding| finding.fixes.is_empty()), "{said:#?}");
    for (line, fixed) in [
        (
            "connector c api_key { ⟦unexpected-token: \"X-Key\":⟧ secret(\"K\") }",
            "connector c api_key { header \"X-Key\" key secret(\"K\") }",
        ),
        (
            "connector c ⟦unknown-kind: api-key⟧ { header \"X-Key\" key secret(\"K\") }",
            "connector c api_key { header \"X-Key\" key secret(\"K\") }",
        ),
        (
            "connector c bearer { token ⟦unexpected-token: =⟧ secret(\"K\") }",
            "connector c bearer { token secret(\"K\") }",
        ),
    ] {
        mends_into(line, fixed);
    }
}

#[test]
fn tests_in_the_words_of_other_frames() {
    let test = |step: &str| steps("send hello") + &format!("test \"t\" {{\n  {step}\n  expect not call score\n}}\n");
    for (step, line) in [
        ("advance ⟦unexpected-token: by⟧ 2h", "advance 2h"),
        ("advance ⟦unexpected-token: to⟧ 2026-01-02T00:00Z", "advance until 2026-01-02T00:00Z"),
        ("stub ping { ⟦unexpected-token: 200⟧ }", "stub ping { status 200 }"),
        (
            "stub ping { status 500 }⟦unexpected-token: ,⟧ { status 200 }",
            "stub ping { status 500 } then { status 200 }",
        ),
        ("expect ⟦unexpected-token: failure⟧", "expect fail"),
        ("expect exit ⟦unexpected-token: on⟧ signup", "expect exit \"signup\""),
        (
            "expect send hello ⟦unexpected-token: to⟧ \"ann@example.com\"",
            "expect send hello { to \"ann@example.com\" }",
        ),
        (
            "expect send hello { to ⟦unexpected-token: ==⟧ \"ann@example.com\" }",
            "expect send hello { to \"ann@example.com\" }",
        ),
        ("expect send hello ⟦unexpected-token: and⟧ call score", "expect send hello expect call score"),
    ] {
        mends_into(&test(step), line);
    }
    says(&test("stub ping { delay ⟦unexpected-token: 3⟧ }"), "`5s`");
    refuses(&test("stub score { body { ⟦unknown-field: pionts⟧: 1, rows: [] } }"));
}

#[test]
fn names_of_other_systems() {
    for (written, hint) in [
        ("contact in ⟦unknown-name: hello⟧", "`send hello`"),
        ("⟦unknown-name: signup⟧.visits > 3", "named by `as`"),
        ("contact.⟦unknown-field: city⟧ == \"x\"", "`town`"),
        ("contact.⟦unknown-field: zip⟧ == \"x\"", "`postcode`"),
        ("⟦unknown-name: customer⟧.town == \"x\"", "`contact`"),
        ("⟦unknown-name: payload⟧.plan == \"x\"", "`event`"),
    ] {
        says(&condition(written), hint);
    }
    says(&steps("call ⟦unknown-name: hello⟧"), "`send hello`");
    says(&steps("send ⟦unknown-name: score⟧"), "`call score`");
}

#[test]
fn labels_of_shares() {
    for slip in ["⟦unexpected-token: as⟧ a", "⟦unexpected-token: as⟧ \"a\""] {
        let split = format!("split \"s\" {{\n    60% {slip} {{ stop }}\n    rest \"b\" {{ stop }}\n  }}");
        mends_into(&steps(&split), "60% \"a\" { stop }");
        says(&steps(&split), "`60% \"a\" {`");
    }
}

#[test]
fn a_connector_is_no_webhook() {
    let webhook = "webhook w {\n  get \"https://a.example.com/\"\n  uses ⟦unknown-name: k⟧\n}\n";
    says(&format!("{webhook}connector k bearer {{ token secret(\"K\") }}"), "`auth k`");
}
