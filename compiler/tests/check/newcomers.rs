//! The first programs of people who bring habits along: one finding for each slip, at its place, with the way out.

use super::authors::{mends_into, message, says, webhook};
use super::{refuses, steps};

#[test]
fn steps_that_are_put_otherwise() {
    for (slip, line) in [
        ("wait for ⟦unexpected-token: 2d⟧", "wait 2d"),
        ("wait until ⟦no-such-date: 9am⟧ in \"UTC\"", "wait until 09:00 in \"UTC\""),
        ("wait until ⟦no-such-date: 12PM⟧ in \"UTC\"", "wait until 12:00 in \"UTC\""),
        ("wait until ⟦wrong-type: \"09:00\"⟧ in \"UTC\"", "wait until 09:00 in \"UTC\""),
        (
            "send hello between ⟦wrong-type: \"09:00\"⟧ and 21:00 in \"UTC\"",
            "send hello between 09:00 and 21:00 in \"UTC\"",
        ),
        ("set contact.visits⟦unexpected-token: +⟧+", "set contact.visits = contact.visits + 1"),
        ("if event.plan is ⟦unexpected-token: in⟧ [\"pro\"] { stop }", "if event.plan in [\"pro\"] { stop }"),
        ("if event.visits in [1 ⟦unexpected-token: 2⟧] { stop }", "if event.visits in [1, 2] { stop }"),
        ("if ⟦unknown-character: $⟧event.visits > 3 { stop }", "if event.visits > 3 { stop }"),
        ("if contact.⟦unknown-field: plan⟧ == \"pro\" { stop }", "if event.plan == \"pro\" { stop }"),
        ("if event.⟦unknown-field: town⟧ == \"Kyiv\" { stop }", "if contact.town == \"Kyiv\" { stop }"),
    ] {
        mends_into(&steps(slip), line);
    }
    for (slip, hint) in [
        ("set contact ⟦unexpected-token: {⟧ tier: \"gold\" }", "`set contact.town = \"Kyiv\"`"),
        ("if exists ⟦unexpected-token: event⟧.note { stop }", "`event.note is set`"),
        ("⟦unexpected-token: for⟧ item in event.items { stop }", "no loops"),
        ("split \"s\" { ⟦unexpected-token: \"a\"⟧ 50% { stop } }", "`50% \"a\" { … }`"),
        ("match event.plan { \"pro\" ⟦unexpected-token: send⟧ hello }", "between braces"),
        ("if event.items.⟦unknown-field: length⟧ > 1 { stop }", "`[0] is set`"),
    ] {
        says(&steps(slip), hint);
    }
}

#[test]
fn header_lines_that_are_put_otherwise() {
    let header = |line: &str| steps("send hello").replace("  on signup\n", &format!("  on signup\n  {line}\n"));
    mends_into(&header("once per ⟦unexpected-token: day⟧"), "once per 1d");
    mends_into(&header("exit ⟦unexpected-token: when⟧ signup"), "exit on signup");
    let named = |name: &str| steps("send hello").replace("workflow w {", &format!("workflow {name} {{"));
    mends_into(&named("welcome⟦unexpected-token: -⟧mail-2024"), "workflow \"welcome-mail-2024\" {");
    mends_into(&named("w⟦unexpected-token: (⟧)"), "workflow w {");
    says("event ⟦unexpected-token: {⟧ a: int }", "`event NAME { … }`");
}

#[test]
fn lines_of_webhooks_and_connectors_that_are_put_otherwise() {
    for (slip, line) in [
        ("timeout ⟦unexpected-token: =⟧ 5s", "timeout 5s"),
        ("attempts 3 ⟦unexpected-token: 1s⟧ to 1min", "attempts 3 from 1s to 1min"),
        ("body json { a: \"x\" }⟦unmatched-brace: }⟧\n  timeout 5s", "body json { a: \"x\" }}"),
    ] {
        let program = webhook(slip);
        if slip.contains("unmatched") {
            refuses(&program);
        } else {
            mends_into(&program, line);
        }
    }
    says(&webhook("headers ⟦unexpected-token: [⟧ \"X-A\" ]"), "headers are fields");
    mends_into("connector k bearer {\n  token ⟦unexpected-token: =⟧ secret(\"K\")\n}", "token secret(\"K\")");
}

#[test]
fn types_of_other_languages() {
    for (slip, line) in [
        ("all: ⟦unexpected-token: string[]⟧", "all: [string]"),
        ("all: ⟦unexpected-token: map<string, int>⟧", "all: json"),
        ("level: ⟦unexpected-token: enum(\"a\", b)⟧", "level: \"a\" | \"b\""),
        ("level: ⟦unexpected-token: enum { gold, silver }⟧", "level: \"gold\" | \"silver\""),
    ] {
        mends_into(&format!("contact {{\n  {slip}\n  other: string?\n}}"), line);
    }
}

#[test]
fn templates_of_other_languages() {
    for (text, line) in [
        (
            "\"⟦template-directive: #for⟧($i in $event.items)$i.sku#end\"",
            "text \"#foreach($i in $event.items)$i.sku#end\"",
        ),
        (
            "\"#if($event.agreed)a⟦template-directive: #elif⟧($event.plan)b#end\"",
            "text \"#if($event.agreed)a#elseif($event.plan)b#end\"",
        ),
        ("\"#if($event.plan ⟦template-syntax: =⟧ 'pro')a#end\"", "text \"#if($event.plan == 'pro')a#end\""),
        ("\"$contact.⟦unknown-field: plan⟧\"", "text \"$event.plan\""),
        ("\"${event.⟦unknown-field: town⟧}\"", "text \"${contact.town}\""),
    ] {
        mends_into(&message(text), line);
    }
}

#[test]
fn letters_of_another_script_behind_a_dot() {
    mends_into(&steps("if event.extra.⟦bad-name: вік⟧ == 3 { stop }"), "if event.extra[\"вік\"] == 3 { stop }");
}

#[test]
fn lines_of_tests_that_are_put_otherwise() {
    let test = |line: &str| format!("{}\ntest \"t\" {{\n  {line}\n  expect complete\n}}\n", steps("send hello"));
    mends_into(&test("⟦unexpected-token: wait⟧ 2h"), "advance 2h");
    mends_into(&test("expect ⟦unexpected-token: no⟧ send hello"), "expect not send hello");
    says(&test("expect contact⟦unexpected-token: .⟧tier == \"gold\""), "`expect contact { town: \"Kyiv\" }`");
}
