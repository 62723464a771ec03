//! Branches, fields set at once and heads of declarations as they are written elsewhere: one finding for each, and what
//! its fix makes of it compiles.

use compiler::fix::mend;
use compiler::source::Sources;
use compiler::{Workspace, compile};

use super::authors::{mends_into, says, webhook};
use super::{refuses, steps, unmark};

/// The program gets the findings that are marked in it, and nothing is left of them when all fixes were made: the lines
/// that were not there before are these.
#[track_caller]
pub(super) fn mends_all(marked: &str, lines: &[&str]) {
    refuses(marked);
    let (text, _) = unmark(marked);
    let mut workspace = Workspace::from(Sources::single("main.wf", &text));
    let Ok(mended) = mend(&mut workspace, |_| Ok::<_, std::convert::Infallible>(()));
    let sources = workspace.sources();
    let after = sources.find("main.wf").map_or("", |file| sources.text(file));
    let left: Vec<_> = mended.compiled.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(left.is_empty(), "{after}\n{left:#?}");
    let before: Vec<&str> = text.lines().map(str::trim).collect();
    let new: Vec<&str> = after.lines().map(str::trim).filter(|line| !before.contains(line)).collect();
    assert_eq!(new, lines, "{after}");
}

#[test]
fn branches_of_a_match_without_braces() {
    for (branches, lines) in [
        (
            "\"pro\" ⟦foreign-sign: =>⟧ stop\n    else ⟦foreign-sign: =>⟧ { send hello }",
            &["\"pro\" { stop }", "else { send hello }"] as &[&str],
        ),
        (
            "\"pro\" ⟦foreign-sign: ->⟧ stop,\n    ⟦unexpected-token: else ->⟧ call score on failure { stop } // so be it",
            &["\"pro\" { stop }", "else { call score on failure { stop } } // so be it"],
        ),
        ("\"pro\" { stop }\n    ⟦unexpected-token: *⟧ { send hello }", &["else { send hello }"]),
        ("\"pro\" { stop }\n    ⟦unexpected-token: _⟧ { send hello }", &["else { send hello }"]),
        (
            "⟦unexpected-token: case \"pro\":⟧ { stop }\n    ⟦unexpected-token: default:⟧ { send hello }",
            &["\"pro\" { stop }", "else { send hello }"],
        ),
        (
            "⟦unexpected-token: case pro:⟧\n      call score\n      send hello\n      break\n    ⟦unexpected-token: default:⟧\n      stop // else",
            &["\"pro\" {", "else {", "stop", "} // else"],
        ),
        (
            "⟦unexpected-token: when \"pro\", \"free\":⟧ send hello\n    ⟦unexpected-token: otherwise:⟧ stop",
            &["\"pro\", \"free\" { send hello }", "else { stop }"],
        ),
        (
            "⟦unexpected-token: \"pro\":⟧ stop\n    \"free\"⟦needless-colon: :⟧ { stop }\n    ⟦unexpected-token: else:⟧ wait ⟦malformed-duration: 5 min⟧",
            &["\"pro\" { stop }", "\"free\" { stop }", "else { wait 5min }"],
        ),
    ] {
        let marked = steps(&format!("match event.plan {{\n    {branches}\n  }}\n  call score"));
        mends_all(&marked, lines);
    }
    says(&steps("match event.plan { \"pro\" ⟦foreign-sign: =>⟧ \"free\" }"), "`\"pro\" { … }`");
    // What is wrong in such a branch is told as well, and what follows it is read.
    refuses(&steps(
        "match event.plan {\n    \"pro\" ⟦foreign-sign: =>⟧ send ⟦unknown-name: ghost⟧\n    else { send hello }\n  }\n  call ⟦unknown-name: spirit⟧",
    ));
}

#[test]
fn branches_of_an_if_on_one_line() {
    for (slip, line) in [
        ("if event.agreed ⟦foreign-sign: =>⟧ stop", "if event.agreed { stop }"),
        ("if event.agreed ⟦unexpected-token: stop⟧", "if event.agreed { stop }"),
        (
            "if (event.visits > 3) ⟦unexpected-token: send⟧ hello // later",
            "if (event.visits > 3) { send hello } // later",
        ),
        ("call score on failure ⟦unexpected-token: stop⟧", "call score on failure { stop }"),
    ] {
        mends_all(&steps(slip), &[line]);
    }
}

#[test]
fn fields_that_are_set_at_once() {
    for (slip, lines) in [
        ("⟦unknown-keyword: update⟧ contact { tier: \"gold\" }", &["set contact.tier = \"gold\""] as &[&str]),
        (
            "⟦unknown-keyword: update⟧ contact {\n    tier: \"gold\"\n    visits: event.visits + 1,\n    place: { city: \"Kyiv\" }\n  }",
            &[
                "set contact.tier = \"gold\"",
                "set contact.visits = event.visits + 1",
                "set contact.place = { city: \"Kyiv\" }",
            ],
        ),
        (
            "set contact ⟦unexpected-token: {⟧ tier: \"gold\", \"visits\": 3 }",
            &["set contact.tier = \"gold\"", "set contact[\"visits\"] = 3"],
        ),
        ("set ⟦unexpected-token: {⟧ tier: \"gold\" }", &["set contact.tier = \"gold\""]),
        ("⟦unknown-keyword: update⟧ contact.tier = \"gold\"", &["set contact.tier = \"gold\""]),
    ] {
        mends_all(&steps(slip), lines);
    }
    // The values are checked as those of the steps.
    refuses(&steps(
        "set contact ⟦unexpected-token: {⟧ tier: ⟦not-a-member: \"gould\"⟧ ⟦unknown-field: twon⟧: \"Kyiv\" }",
    ));
    says(&steps("set contact ⟦unexpected-token: {⟧\n    tier: \"gold\" // the best\n  }"), "a step of its own");
}

#[test]
fn lines_of_a_declaration_before_its_brace() {
    let around = "event signup { email: email }\nwebhook score {\n  get \"https://a.example.com/\"\n  returns json { id: int }\n}\n";
    for (slip, lines) in [
        (
            "workflow w ⟦unexpected-token: on⟧ signup {\n  identify by email event.email\n\n  call score\n}\n",
            &["workflow w {", "on signup"] as &[&str],
        ),
        (
            "webhook w ⟦unexpected-token: uses⟧ score {\n  post \"https://b.example.com/${data.score.id}\"\n}\n",
            &["webhook w {", "uses score"],
        ),
        (
            "test \"t\" ⟦unexpected-token: at⟧ 2026-01-01T00:00Z {\n  expect complete\n}\n",
            &["test \"t\" {", "at 2026-01-01T00:00Z"],
        ),
    ] {
        mends_all(&format!("{around}{slip}"), lines);
    }
}

#[test]
fn a_misplaced_header_line_is_not_told_twice() {
    for line in ["⟦header-below-step: on⟧ signup", "⟦header-below-step: identify⟧ by email event.email"] {
        refuses(&steps(&format!("send hello\n  {line}")));
    }
}

#[test]
fn attempts_as_they_are_counted_elsewhere() {
    for slip in
        ["⟦unknown-keyword: retry⟧ 3 times", "⟦unknown-keyword: retries⟧: 3 times", "⟦unknown-keyword: retry⟧ 3"]
    {
        mends_into(&webhook(slip), "attempts 3");
    }
    says(&steps("⟦unexpected-token: retry⟧ 3 times {\n    call score\n  }"), "`attempts 5 from 1s to 1min`");
}

#[test]
fn words_of_tests_that_are_misspelt() {
    let test = |line: &str| format!("{}\ntest \"t\" {{\n  {line}\n  expect complete\n}}\n", steps("send hello"));
    for (slip, hint) in [
        ("⟦unknown-keyword: crsh⟧", "`crash`: the daemon is killed and started again"),
        ("⟦unknown-keyword: cancl⟧", "`cancel`: the runs are ended from outside"),
        ("⟦unknown-keyword: relaod⟧ { event x { a: int } }", "`reload`: the program is changed while it runs"),
        ("stub ⟦unexpected-token: pst⟧ \"https://score.example.com/\" { status 200 }", "write `post`"),
        ("stub ⟦unexpected-token: fetch⟧ \"https://score.example.com/\" { status 200 }", "behind `get`, `post`"),
    ] {
        says(&test(slip), hint);
    }
    // Within a line, one misspelt word spoils nothing behind it.
    for slip in [
        "reload { ⟦unknown-keyword: evnt⟧ x { a: int } webhook y { ⟦unknown-keyword: pst⟧ \"https://a.example.com/\" } }",
        "reload { ⟦unknown-keyword: worklfow⟧ x { on signup identify by email event.email stop } }",
    ] {
        refuses(&test(slip));
    }
}

/// As many findings as there are slips that the parser tells, each on a line of its own, and nothing else.
#[test]
fn a_file_of_slips_of_syntax_has_as_many_findings() {
    let text = r#"
event signup { email email: email, visits: int; plan: pro | free }
conector crm bearer { token secret(CRM) }
webhook score {
  url: "https://score.example.com/"
  timeout = 5s
  retry 3 times
  headers [ "X-A" ]
  returns json { points: int }
}
message hello {
  email {
    from: "shop@example.com"
    subject 'Hello'
    text "Hello!"
  }
}
workflow w on signup {
  identify by email event.email or create
  once 7d

  wiat 5min
  wait 5 min
  if event.visits > 3 && event.visits < 9 {
    send email hello
  }
  match event.plan {
    "pro" => stop
    * { call score() }
  }
  set contact.town to "Kyiv"
}
"#;
    let said = compile(&Sources::single("main.wf", text)).diagnostics;
    let said: Vec<_> = said.iter().filter(|found| found.code.slug() != "unused-declaration").collect();
    let listed: Vec<String> = said.iter().map(|found| format!("{}: {}", found.code.slug(), found.message)).collect();
    assert_eq!(said.len(), 21, "{listed:#?}");
}
