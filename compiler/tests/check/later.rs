//! What is read and does not run yet: one finding each, and none of its consequences.

use super::{AROUND, accepts, refuses, steps};

const EVENTS: &str =
    "event e { email: email }\nevent paid { email: email id_of: string }\nsegment s { contact.id == 1 }\n";

/// Header lines of a workflow that starts with an event, by their names in the specification.
const HEADERS: &[(&str, &str)] = &[
    ("once", "⟦not-supported-yet: once per 7d⟧"),
    ("once", "⟦not-supported-yet: once ever⟧"),
    ("one at a time", "⟦not-supported-yet: one at a time⟧"),
    ("exit on", "⟦not-supported-yet: exit on paid as p where p.id_of == event.email⟧"),
];

/// Triggers other than an event.
const TRIGGERS: &[(&str, &str)] = &[
    ("on schedule", "⟦not-supported-yet: on schedule \"0 9 * * *\" in \"Europe/Kyiv\" for segment s⟧"),
    ("on contact.FIELD changed", "⟦not-supported-yet: on contact.town changed⟧"),
];

const STEPS: &[(&str, &str)] = &[
    ("wait until", "⟦not-supported-yet: wait until 2026-11-24T09:30Z⟧"),
    ("wait until", "⟦not-supported-yet: wait until 09:30 in contact.timezone ?? \"Europe/Kyiv\"⟧"),
    (
        "wait for",
        "⟦not-supported-yet: wait for signup⟧ as later up to 2d {\n if later.plan == \"pro\" { stop }\n } on timeout { wait 1h }",
    ),
    ("emit", "⟦not-supported-yet: emit signup⟧ { email: event.email }"),
    ("send … between", "send hello ⟦not-supported-yet: between 09:00 and 21:00 in \"Europe/Kyiv\"⟧"),
    ("call … identify by", "call score ⟦not-supported-yet: identify by email event.email⟧"),
];

/// Lines of a webhook that posts.
const LINES: &[(&str, &str)] =
    &[("limit", "⟦not-supported-yet: limit 10 per 1s⟧"), ("body form", "body ⟦not-supported-yet: form⟧ { a: 1 }")];

const METHODS: &[&str] = &["put", "patch", "delete"];

const DECLARATIONS: &[(&str, &str)] = &[
    (
        "channel",
        "channel ⟦not-supported-yet: sms⟧ {\n post \"https://a.example.com/\"\n body json { text: message.text }\n}",
    ),
    ("signing", "connector c bearer {\n token secret(\"T\")\n ⟦not-supported-yet: signing secret(\"S\")⟧\n}"),
];

fn names(table: &'static [(&str, &str)]) -> impl Iterator<Item = &'static str> {
    table.iter().map(|(name, _)| *name)
}

#[test]
fn header_lines() {
    for (_, header) in HEADERS {
        refuses(&format!("{EVENTS}workflow w {{\n on e\n identify by email event.email\n {header}\n wait 1h\n}}"));
    }
    for (_, trigger) in TRIGGERS {
        refuses(&format!("{EVENTS}workflow w {{\n {trigger}\n if event.x == 1 {{ stop }}\n}}"));
    }
}

#[test]
fn steps_and_parts_of_steps() {
    for (_, step) in STEPS {
        refuses(&steps(step));
    }
    // What stands in it is checked.
    refuses(&steps(
        "⟦not-supported-yet: wait for signup⟧ as later up to 2d {\n if later.⟦unknown-field: plam⟧ == \"pro\" { stop }\n }",
    ));
}

#[test]
fn declarations_and_lines_of_webhooks() {
    for (_, declaration) in DECLARATIONS {
        refuses(declaration);
    }
    for (_, line) in LINES {
        refuses(&format!("webhook w {{\n post \"https://a.example.com/\"\n {line}\n}}"));
    }
    for method in METHODS {
        refuses(&format!("webhook w {{\n ⟦not-supported-yet: {method}⟧ \"https://a.example.com/\"\n}}"));
    }
}

#[test]
fn a_project_that_uses_all_of_it_gets_one_finding_for_each() {
    let headers: String = HEADERS.iter().skip(1).map(|(_, header)| format!("  {header}\n")).collect();
    let steps: String = STEPS.iter().map(|(_, step)| format!("  {step}\n")).collect();
    let mut text = format!(
        "{AROUND}\nevent paid {{ email: email id_of: string }}\nsegment s {{ contact.id == 1 }}\n
workflow w {{\n  on signup\n  identify by email event.email\n{headers}\n{steps}}}\n"
    );
    for (number, (_, trigger)) in TRIGGERS.iter().enumerate() {
        text += &format!("workflow t{number} {{\n  {trigger}\n  wait 1h\n}}\n");
    }
    for (number, (_, line)) in LINES.iter().enumerate() {
        text += &format!("webhook l{number} {{\n  post \"https://a.example.com/\"\n  {line}\n}}\n");
    }
    for method in METHODS {
        text += &format!("webhook m_{method} {{\n  ⟦not-supported-yet: {method}⟧ \"https://a.example.com/\"\n}}\n");
    }
    for (_, declaration) in DECLARATIONS {
        text += &format!("{declaration}\n");
    }
    refuses(&text);
}

#[test]
fn the_specification_names_all_of_it() {
    let chapter = include_str!("../../../lang-spec/README.md");
    let (_, list) = chapter.split_once("`not-supported-yet` for now, never silence:").expect("the list begins so");
    let (list, _) = list.split_once(". A `test` block").expect("and ends so");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut told: Vec<String> = list.split('`').skip(1).step_by(2).map(words).collect();
    let tables = [HEADERS, TRIGGERS, STEPS, LINES, DECLARATIONS];
    let mut held: Vec<&str> = tables.into_iter().flat_map(names).chain(METHODS.iter().copied()).collect();
    told.sort();
    held.sort_unstable();
    held.dedup();
    assert_eq!(told, held);
}

#[test]
fn a_project_with_tests_compiles() {
    let said = refuses(&format!("{}\ntest ⟦test-not-run-yet: \"it runs\"⟧ {{ expect complete }}", steps("wait 1h")));
    assert!(said.iter().all(|finding| !finding.is_error()));
    accepts(&steps("wait 1h"));
}
