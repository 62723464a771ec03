//! Checks on consent that only some ways of a workflow make.

use compiler::diff::Risk;

use super::pairs::SHOP;
use super::{difference, line};

fn told(old: &str, new: &str) -> Vec<String> {
    let with = |steps: &str| {
        let shop = SHOP.replace("  total: decimal\n", "  total: decimal\n  kind: \"a\" | \"b\" | \"c\" = \"a\"\n");
        format!("{shop}\nworkflow more {{\n  on cart\n  identify by email event.email\n{steps}\n  send news\n}}\n")
    };
    let changes = difference(&with(old), &with(new)).changes;
    let gone = changes.iter().filter(|change| change.slug.word() == "consent-check-removed");
    assert!(gone.clone().all(|change| change.risk == Risk::Danger), "{changes:#?}");
    gone.map(line).collect()
}

const GOLD: &str = "match contact.tier { \"gold\" { } else { if not contact.marketing_ok { stop } } }";

#[test]
fn who_goes_on_without_being_asked_is_told() {
    let ended = "if event.kind == \"a\" { wait 1h } else if event.kind == \"b\" { if contact.marketing_ok { wait 2h } else { stop } }";
    let lost = [
        (GOLD, GOLD.replace("gold", "silver")),
        (GOLD, GOLD.replace("\"gold\"", "\"gold\", \"silver\"")),
        (GOLD, "wait 1h".to_owned()),
        ("if not contact.marketing_ok { stop }", GOLD.to_owned()),
        (ended, ended.replace("\"b\"", "\"c\"")),
        (ended, ended.replace("stop", "call erp")),
        (
            "if event.kind == \"a\" { if not contact.marketing_ok { if contact.tier == \"gold\" { stop } } }",
            "if event.kind == \"a\" { if not contact.marketing_ok { if contact.tier == \"silver\" { stop } } }"
                .to_owned(),
        ),
        (
            "split \"s\" { 50% \"x\" { if not contact.marketing_ok { stop } } rest \"y\" { if not contact.marketing_ok { stop } } }",
            "split \"s\" { 50% \"x\" { if not contact.marketing_ok { stop } } rest \"y\" { } }".to_owned(),
        ),
    ];
    for (old, new) in &lost {
        let gone = told(old, new);
        assert!(
            matches!(gone.as_slice(), [one] if one.contains("workflow.more/send:news")),
            "{old} → {new}: {gone:#?}"
        );
    }
}

#[test]
fn who_is_asked_otherwise_is_not_told() {
    let kept = [
        (GOLD, "if contact.tier != \"gold\" { if contact.marketing_ok == false { stop } }"),
        (GOLD, "if contact.tier != \"gold\" and not contact.marketing_ok { stop }"),
        (GOLD, "if not contact.marketing_ok { stop }"),
        (
            GOLD,
            "match contact.tier { \"silver\", \"bronze\" { if not contact.marketing_ok { stop } } else { wait 1h } }",
        ),
        (
            "if event.kind == \"a\" { if not contact.marketing_ok { stop } } else if not contact.marketing_ok { stop }",
            "if not contact.marketing_ok { stop }",
        ),
    ];
    for (old, new) in kept {
        assert_eq!(told(old, new), Vec::<String>::new(), "{old} → {new}");
    }
}
