//! What is read and does not run yet: one finding each, and none of its consequences.

use super::{accepts, refuses, steps};

const EVENTS: &str =
    "event e { email: email }\nevent paid { email: email id_of: string }\nsegment s { contact.id == 1 }\n";

#[test]
fn header_lines() {
    for header in [
        "⟦not-supported-yet: once per 7d⟧",
        "⟦not-supported-yet: once ever⟧",
        "⟦not-supported-yet: one at a time⟧",
        "⟦not-supported-yet: exit on paid as p where p.id_of == event.email⟧",
    ] {
        refuses(&format!("{EVENTS}workflow w {{\n on e\n identify by email event.email\n {header}\n wait 1h\n}}"));
    }
    for trigger in [
        "⟦not-supported-yet: on schedule \"0 9 * * *\" in \"Europe/Kyiv\" for segment s⟧",
        "⟦not-supported-yet: on contact.town changed⟧",
    ] {
        refuses(&format!("{EVENTS}workflow w {{\n {trigger}\n if event.x == 1 {{ stop }}\n}}"));
    }
}

#[test]
fn steps_and_parts_of_steps() {
    for step in [
        "⟦not-supported-yet: wait until 2026-11-24T09:30Z⟧",
        "⟦not-supported-yet: wait until 09:30 in contact.timezone ?? \"Europe/Kyiv\"⟧",
        "⟦not-supported-yet: wait for signup⟧ as later up to 2d {\n if later.plan == \"pro\" { stop }\n } on timeout { stop }",
        "⟦not-supported-yet: emit signup⟧ { email: event.email }",
        "send hello ⟦not-supported-yet: between 09:00 and 21:00 in \"Europe/Kyiv\"⟧",
        "call score ⟦not-supported-yet: identify by email event.email⟧",
    ] {
        refuses(&steps(step));
    }
    // What stands in it is checked.
    refuses(&steps(
        "⟦not-supported-yet: wait for signup⟧ as later up to 2d {\n if later.⟦unknown-field: plam⟧ == \"pro\" { stop }\n }",
    ));
}

#[test]
fn declarations_and_lines_of_webhooks() {
    refuses(
        "channel ⟦not-supported-yet: sms⟧ {\n post \"https://a.example.com/\"\n body json { text: message.text }\n}",
    );
    for line in ["⟦not-supported-yet: limit 10 per 1s⟧", "body ⟦not-supported-yet: form⟧ { a: 1 }"] {
        refuses(&format!("webhook w {{\n post \"https://a.example.com/\"\n {line}\n}}"));
    }
    for method in ["put", "patch", "delete"] {
        refuses(&format!("webhook w {{\n ⟦not-supported-yet: {method}⟧ \"https://a.example.com/\"\n}}"));
    }
}

#[test]
fn a_project_with_tests_compiles() {
    let said = refuses(&format!("{}\ntest ⟦test-not-run-yet: \"it runs\"⟧ {{ expect complete }}", steps("wait 1h")));
    assert!(said.iter().all(|finding| !finding.is_error()));
    accepts(&steps("wait 1h"));
}
