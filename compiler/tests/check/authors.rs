//! Programs as authors write them who come from elsewhere: the finding names the place, and the hint says what was meant.

use compiler::source::FileId;

use super::{AROUND, refuses, steps, unmark};

/// The program gets the findings that are marked in it, and a hint of one of them says this.
#[track_caller]
pub(super) fn says(marked: &str, hint: &str) {
    let said = refuses(marked);
    let hints: Vec<&str> = said.iter().filter_map(|finding| finding.hint.as_deref()).collect();
    assert!(hints.iter().any(|said| said.contains(hint)), "{hint}: {hints:#?}");
}

/// A message with this text, sent after a call.
pub(super) fn message(text: &str) -> String {
    let text = format!("text {text}");
    let around = AROUND.replace("text \"Hello!\"", &text);
    format!(
        "{around}\nworkflow w {{\n  on signup\n  identify by email event.email else create\n\n  call score\n  send hello\n}}\n"
    )
}

pub(super) fn webhook(lines: &str) -> String {
    format!("webhook w {{\n  post \"https://erp.example.com/in\"\n  {lines}\n}}\n")
}

#[test]
fn values_in_the_spelling_of_another_language() {
    for (text, hint) in [
        ("\"Hi ⟦sent-as-written: {{contact.first_name}}⟧\"", "`$!{contact.first_name}`"),
        ("\"Hi ⟦sent-as-written: {{ plan }}⟧ and #[[{{plan}}]]#\"", "`$!{plan}`"),
        ("\"#if($event.visits > 3)a⟦sent-as-written: #else if⟧ ($event.visits > 2)b#end\"", "`#elseif(…)`"),
        ("⟦sent-as-written: \"templates/hello.txt.vm\"⟧", "`file \"…\"`"),
        ("\"Hi ${contact.first_name ⟦template-syntax: ??⟧ 'you'}\"", "`${contact.first_name|'you'}`"),
        ("\"$event.plan.⟦template-method: upper⟧()\"", "`toUpperCase`"),
    ] {
        says(&message(text), hint);
    }
    for (lines, hint) in [
        ("body text \"to ⟦sent-as-written: $event.email⟧, {{braces}} and \\$event.x cost $5.00\"", "`${event.email}`"),
        ("body json { to: \"⟦sent-as-written: {{ event.email }}⟧\" }", "`${event.email}`"),
        ("headers { \"X-To\": \"⟦sent-as-written: $!event.email⟧\" }", "`${event.email}`"),
    ] {
        says(&webhook(lines), hint);
    }
    says("webhook w {\n  get \"https://a.example.com/?x=⟦sent-as-written: $event.id⟧&y=$5\"\n}", "`${event.id}`");
    says("webhook w {\n  get \"https://a.example.com/?x=⟦url-invalid: {{event.id}}⟧\"\n}", "`${event.id}`");
}

#[test]
fn conditions_as_in_other_languages() {
    for (condition, hint) in [
        ("⟦wrong-type: contact.town⟧", "is set"),
        ("⟦types-differ: event.total > \"100\"⟧", "only values of one type"),
        ("⟦optional-as-value: contact.town⟧ contains \"K\"", "`?? \"\"`"),
        ("event.plan == ⟦not-a-member: \"frree\"⟧", "did you mean `\"free\"`"),
        ("⟦unknown-name: score⟧.points > 3", "`data.score`"),
        ("event.until < ⟦unknown-name: now⟧", "`event.occurred_at` is when the event happened"),
        ("event.until < ⟦unknown-name: moment⟧", "`event`, `contact` or `data`"),
        ("⟦unknown-function: len(event.text)⟧ > 3", "nothing is counted here"),
        ("⟦unknown-function: upper(event.text)⟧ == \"A\"", "operators, fields and indexes"),
    ] {
        says(&steps(&format!("call score\n  if {condition} {{ stop }}")), hint);
    }
    says(&steps("set contact.town = ⟦wrong-type: \"a\" + event.email⟧"), "${…}");
    says(&steps("stop ⟦unexpected-token: because⟧ of it"), "in quotes");
    says(&steps("wait ⟦wrong-type: \"1h\"⟧"), "without quotes");
}

/// The program gets the findings that are marked in it and no others, and the fix of the first one turns the line with
/// its mark into this one.
#[track_caller]
pub(super) fn mends_into(marked: &str, line: &str) {
    let said = refuses(marked);
    let fix = said.iter().find_map(|finding| finding.fixes.first()).expect("a fix is offered");
    let mended = fix.apply(FileId::new(0), &unmark(marked).0);
    assert!(mended.lines().any(|found| found.trim() == line), "{line}: {mended}");
}

#[test]
fn a_fix_writes_what_was_meant() {
    for (slip, line) in [
        ("set contact.tier⟦unexpected-token: :⟧ \"gold\"", "set contact.tier = \"gold\""),
        ("set contact.visits ⟦unexpected-token: +⟧= 1", "set contact.visits = contact.visits + 1"),
        ("set contact.visits ⟦unexpected-token: *⟧=event.visits", "set contact.visits = contact.visits *event.visits"),
        ("⟦bad-name: саll⟧ score", "call score"),
        ("wait ⟦malformed-duration: 5 min⟧", "wait 5min"),
        ("wait ⟦malformed-duration: 2 days⟧ send hello", "wait 2d send hello"),
        ("wait ⟦malformed-duration: 2 houres⟧ send hello", "wait 2h send hello"),
        ("wait ⟦malformed-duration: 3 weaks⟧", "wait 3w"),
        ("call score on ⟦unexpected-token: error⟧ { stop }", "call score on failure { stop }"),
        ("call score⟦unexpected-token: ()⟧", "call score"),
        ("call ⟦unexpected-token: webhook⟧ score", "call score"),
        ("send ⟦unexpected-token: email⟧ hello", "send hello"),
        ("send ⟦unexpected-token: message⟧ hello to event.email", "send hello to event.email"),
        ("if event.visits ⟦foreign-sign: <>⟧ 3 { stop }", "if event.visits != 3 { stop }"),
        ("if event.total > 12⟦unexpected-token: ,⟧5 { stop }", "if event.total > 12.5 { stop }"),
        ("if event.total > 1 ⟦unexpected-token: 000⟧ { stop }", "if event.total > 1000 { stop }"),
        ("if event.born > ⟦no-such-date: 24.1.2026⟧ { stop }", "if event.born > 2026-01-24 { stop }"),
        ("if event.visits > 3⟦unexpected-token: :⟧ { stop }", "if event.visits > 3 { stop }"),
    ] {
        mends_into(&steps(slip), line);
    }
    for (slip, line) in [
        ("mail⟦unexpected-token: ?⟧: email", "mail: email?"),
        ("mail: email ⟦unexpected-token: required⟧", "mail: email"),
        ("mail: email ⟦unexpected-token: optional⟧", "mail: email?"),
        ("level: string ⟦unexpected-token: \"gold\"⟧", "level: string = \"gold\""),
        ("all: ⟦unexpected-token: list<string>⟧", "all: [string]"),
        ("level: ⟦unexpected-token: gold⟧ | silver", "level: \"gold\" | \"silver\""),
        ("level: (\"gold\" | ⟦unexpected-token: silver⟧)?", "level: (\"gold\" | \"silver\")?"),
    ] {
        mends_into(&format!("contact {{\n  {slip}\n  other: string?\n}}"), line);
    }
    mends_into(&webhook("headers { ⟦unexpected-token: X⟧-Order-2: \"12\" }"), "headers { \"X-Order-2\": \"12\" }");
    mends_into("connector k bearer {\n  token secret(⟦unexpected-token: TOKEN⟧)\n}", "token secret(\"TOKEN\")");
    mends_into("segment s {\n  ⟦unexpected-token: if⟧ contact.id > 3\n}", "contact.id > 3");
    let header = |line: &str| steps("send hello").replace("  on signup", line);
    mends_into(&header("  on ⟦unexpected-token: event⟧ signup"), "on signup");
    mends_into(&header("  ⟦unknown-keyword: trigger⟧ signup"), "on signup");
}

#[test]
fn a_slip_without_a_fix_says_the_way_out_once() {
    says(&steps("set ⟦unexpected-token: event⟧.visits = 3"), "an event cannot be changed");
    says(&webhook("auth ⟦unexpected-token: bearer secret(\"K\")⟧\n  timeout 5s"), "`connector NAME bearer { … }`");
    says(&webhook("auth ⟦unexpected-token: secret(\"K\")⟧"), "`auth NAME`");
    says(&steps("call score⟦unexpected-token: (⟧event.email)"), "in the webhook's declaration");
    says("segment s {\n  ⟦unexpected-token: if⟧ contact.id > 3 { true }\n}", "a condition and nothing else");
    says(
        "message m {\n  ⟦unexpected-token: from⟧ \"a@example.com\"\n  subject \"x\"\n  text \"y\"\n}",
        "in the braces of its channel",
    );
    says("⟦unexpected-token: event⟧:\n  a: string", "`event NAME { … }`");
    says(&steps("if event.visits > 3⟦unexpected-token: :⟧\n    stop"), "between braces");
}

#[test]
fn a_workflow_without_steps_is_warned_of() {
    let header = "event e { a: int }\nworkflow ⟦workflow-without-steps: w⟧ {\n  on e\n  identify by id event.a\n}\n";
    says(header, "`stop` if it is nothing");
    // What is broken may be the step.
    refuses("event e { a: int }\nworkflow w {\n  on e\n  identify by id event.a\n\n  ⟦unexpected-token: nothing⟧\n}\n");
}

#[test]
fn line_ends_blanks_and_letters_of_any_kind() {
    let slip = steps("if contact.town == \"Київ 🎉\" and event.⟦unknown-field: plam⟧ == \"pro\" { stop }");
    refuses(&slip);
    refuses(&slip.replace('\n', "\r\n"));
    refuses(&slip.replace("  ", "\t"));
    refuses(&format!("\u{feff}{slip}"));
    let block = message("\"\"\"\n\tПривіт 🎉 $event.⟦unknown-field: plam⟧\n\t\"\"\"");
    refuses(&block);
    refuses(&block.replace('\n', "\r\n"));
}

#[test]
fn a_match_on_what_is_no_plain_value_says_what_to_write() {
    for (subject, hint) in [
        ("event.tags", "`if event.tags contains \"a\" { … }`"),
        ("event.items", "`event.items[0]`"),
        ("event.items[0]", "`match event.items[0].note { … }`"),
        ("event.address", "`match event.address.city { … }`"),
    ] {
        says(&steps(&format!("match ⟦wrong-type: {subject}⟧ {{ \"a\" {{ stop }} }}")), hint);
    }
}
