//! Steps that are arranged otherwise: a note where every case does what it did, and told where one does not.

use compiler::diff::{Change, Risk, Runs};

use super::pairs::SHOP;
use super::{difference, line};

/// The shop with a further workflow of these steps.
fn with(steps: &str) -> String {
    let shop = SHOP.replace("  total: decimal\n", "  total: decimal\n  kind: \"a\" | \"b\" = \"a\"\n  note: string?\n");
    format!("{shop}\nworkflow more {{\n  on cart\n  identify by email event.email\n{steps}\n}}\n")
}

const MATCH: &str =
    "match contact.tier { \"gold\" { send news } \"silver\" { call erp } \"bronze\" { set contact.points = 1 } }";
const CHAIN: &str = "if contact.tier == \"gold\" { send news } else if contact.tier == \"silver\" { call erp } else { set contact.points = 1 }";

const SAME: [(&str, &str); 12] = [
    (MATCH, CHAIN),
    (
        "match event.kind { \"a\" { wait 1d send news } \"b\" { send news } }",
        "if event.kind == \"b\" { send news } else { wait 1d send news }",
    ),
    (
        "if event.kind == \"a\" { send news wait 1h } else { send news call erp }",
        "send news\nif event.kind == \"a\" { wait 1h } else { call erp }",
    ),
    (
        "if event.kind == \"a\" { wait 1h send news } else { call erp send news }",
        "if event.kind == \"a\" { wait 1h } else { call erp }\nsend news",
    ),
    (
        "match event.kind { \"a\" { call erp wait 1h } else { call erp wait 2h } }",
        "call erp\nmatch event.kind { \"a\" { wait 1h } else { wait 2h } }",
    ),
    (
        "if contact.marketing_ok { set contact.points = 3 send news } else { set contact.points = 3 }",
        "set contact.points = 3\nif contact.marketing_ok { send news }",
    ),
    (
        "if contact.marketing_ok { if event.kind == \"a\" { send news } }",
        "if contact.marketing_ok and event.kind == \"a\" { send news }",
    ),
    ("if event.kind == \"a\" { send news stop \"a\" }\nsend news", "send news\nif event.kind == \"a\" { stop \"a\" }"),
    (
        "if contact in loyal { send news } else { call erp }",
        "match contact.marketing_ok { true { match contact.tier { \"gold\" { send news } else { call erp } } } false { call erp } }",
    ),
    (
        "match event.note { null { call erp } \"x\" { send news } }",
        "if event.note is set { if event.note == \"x\" { send news } } else { call erp }",
    ),
    (
        "if event.kind == \"a\" { call code send news if data.code.code == \"x\" { call erp } } else { send news }",
        "if event.kind == \"b\" { send news } else { call code send news if data.code.code == \"x\" { call erp } }",
    ),
    (
        "wait 1h\nif event.kind == \"a\" { send news wait 1h } else { send news call erp }\nwait 3h",
        "wait 1h\nsend news\nif event.kind == \"a\" { wait 1h } else { call erp }\nwait 3h",
    ),
];

/// The only change from some steps to others.
#[track_caller]
fn only(old: &str, new: &str) -> Change {
    let mut changes = difference(&with(old), &with(new)).changes;
    assert_eq!(changes.len(), 1, "{old} → {new}: {:#?}", changes.iter().map(line).collect::<Vec<_>>());
    changes.remove(0)
}

#[test]
fn steps_that_do_the_same_are_a_note() {
    for (one, other) in SAME {
        for (old, new) in [(one, other), (other, one)] {
            let change = only(old, new);
            assert_eq!(change.risk, Risk::Note, "{old} → {new}: {change:#?}");
            let told = change.after.as_deref().unwrap();
            let ways = ["does what it did", "lets the same through", "all go where they went"];
            assert!(ways.iter().any(|words| told.contains(words)), "{change:#?}");
        }
    }
}

/// What is asked of the contact behind a call or a message is read anew there.
const READ_AGAIN: [(&str, &str); 4] = [
    (
        "if contact.tier == \"gold\" { send news call erp } else { send news }",
        "send news\nif contact.tier == \"gold\" { call erp }",
    ),
    (
        "match contact.tier { \"gold\" { call erp wait 1h } else { call erp wait 2h } }",
        "call erp\nmatch contact.tier { \"gold\" { wait 1h } else { wait 2h } }",
    ),
    (
        "if contact.tier == \"gold\" { set contact.points = 9 call erp send news } else { set contact.points = 9 call erp }",
        "set contact.points = 9\ncall erp\nif contact.tier == \"gold\" { send news }",
    ),
    (
        "if contact.points > 5 { send news } else { call erp }",
        "if contact.points > 5 { send news }\nif contact.points <= 5 { call erp }",
    ),
];

#[test]
fn what_is_read_again_is_to_be_looked_at() {
    for (one, other) in READ_AGAIN {
        for (old, new) in [(one, other), (other, one)] {
            let change = only(old, new);
            assert_eq!((change.risk, change.runs), (Risk::Review, Runs::Unaffected), "{old} → {new}: {change:#?}");
            assert!(change.details.iter().any(|line| line.contains("what the contact is by then")), "{change:#?}");
        }
    }
}

/// Another change beside it is told alone.
#[test]
fn a_change_beside_it_is_told() {
    let (old, new) = (format!("{MATCH}\nwait 1h"), format!("{CHAIN}\nsend news\nwait 1h"));
    let changes: Vec<String> = difference(&with(&old), &with(&new)).changes.iter().map(line).collect();
    let dangers: Vec<&String> = changes.iter().filter(|line| line.starts_with("danger")).collect();
    assert!(dangers.iter().any(|line| line.contains("send-added workflow.more/send:news")), "{changes:#?}");
    assert!(dangers.iter().all(|line| line.contains("send-added") || line.contains("max-sends")), "{changes:#?}");
    assert!(changes.iter().any(|line| line.starts_with("note branch-condition-changed")), "{changes:#?}");
}

/// A way that stands behind a `stop` in place of in an `else`: who ends as stopped differs, and nothing else.
#[test]
fn a_way_that_ends_early_is_told_once() {
    let nested = "if event.kind == \"a\" { send news } else { call erp wait 1d send news }";
    let early = "if event.kind == \"a\" { send news stop }\ncall erp\nwait 1d\nsend news";
    for (old, new) in [(nested, early), (early, nested)] {
        let changes: Vec<String> = difference(&with(old), &with(new)).changes.iter().map(line).collect();
        assert!(matches!(changes.as_slice(), [one] if one.starts_with("review step-reordered")), "{changes:#?}");
    }
    // Where nobody is stopped nobody counts as stopped.
    let (chosen, plain) = ("if event.kind == \"a\" { send news } else { send news }", "send news");
    for (old, new) in [(chosen, plain), (plain, chosen)] {
        let changes: Vec<String> = difference(&with(old), &with(new)).changes.iter().map(line).collect();
        assert!(matches!(changes.as_slice(), [one] if one.starts_with("note ")), "{changes:#?}");
    }
    // Nor is another reason that sentence.
    let (one, other) = (early.replace("stop", "stop \"a\""), nested.replace("send news }", "send news stop \"b\" }"));
    let changes = difference(&with(&one), &with(&other)).changes;
    assert!(changes.iter().all(|it| it.details.iter().all(|line| !line.contains("stopped now"))), "{changes:#?}");
    // Behind it somebody gets more.
    let more = early.replace("send news stop", "send news");
    let changes: Vec<String> = difference(&with(nested), &with(&more)).changes.iter().map(line).collect();
    assert!(changes.iter().any(|it| it.starts_with("danger max-sends-increased")), "{changes:#?}");
}

/// A statement that is of the other kind now, with something else in one of its ways: that is told, and nothing else.
#[test]
fn what_changed_in_a_way_is_told_alone() {
    let cases = [
        (
            CHAIN.replace("points = 1", "points = 2"),
            vec!["review contact-write-changed workflow.more/if/else/set:points"],
        ),
        (
            CHAIN.replace("{ send news }", "{ send news wait 1d send news }"),
            vec!["danger send-added", "danger max-sends-increased", "review step-added", "review longest-wait-changed"],
        ),
        (
            CHAIN.replace("call erp", "wait 1h"),
            vec!["review step-removed", "review step-added", "review longest-wait-changed"],
        ),
    ];
    for (chain, told) in cases {
        let changes: Vec<String> = difference(&with(MATCH), &with(&chain)).changes.iter().map(line).collect();
        let (notes, found): (Vec<&String>, Vec<&String>) = changes.iter().partition(|it| it.starts_with("note"));
        assert!(notes.iter().any(|it| it.contains("(all go where they went)")), "{changes:#?}");
        assert!(found.iter().all(|it| told.iter().any(|told| it.starts_with(told))), "{chain}: {changes:#?}");
        assert!(found.iter().any(|it| it.starts_with(told[0])), "{chain}: {changes:#?}");
    }
}

const OTHER: [(&str, &str); 16] = [
    // A run fails where its condition cannot be computed.
    (
        "if event.total / contact.points > 2 { if event.kind == \"a\" { send news } }",
        "if event.kind == \"a\" { if event.total / contact.points > 2 { send news } }",
    ),
    (
        "if event.kind == \"a\" { if event.total / contact.points > 2 { send news } else { send news } }",
        "if event.kind == \"a\" { send news }",
    ),
    (
        "match event.kind { \"a\" { send news } \"b\" { if event.total / contact.points > 2 { send news } } }",
        "if event.total / contact.points > 2 { send news } else if event.kind == \"a\" { send news }",
    ),
    // Stopped for another reason.
    (
        "if event.kind == \"a\" { send news stop \"a\" } else { call erp }",
        "if event.kind == \"a\" { send news stop \"b\" }\ncall erp",
    ),
    // Another value, another order, another case.
    (
        MATCH,
        "if contact.tier == \"gold\" { send news } else if contact.tier == \"bronze\" { call erp } else { set contact.points = 1 }",
    ),
    (
        MATCH,
        "if contact.tier == \"gold\" { send news } else if contact.tier == \"silver\" { call erp } else if contact.points > 3 { set contact.points = 1 }",
    ),
    (
        "if event.kind == \"a\" { send news wait 1h } else { call erp send news }",
        "send news\nif event.kind == \"a\" { wait 1h } else { call erp }",
    ),
    (
        "if event.kind == \"a\" { wait 1h send news } else { wait 2h send news }",
        "send news\nif event.kind == \"a\" { wait 1h } else { wait 2h }",
    ),
    // What is asked may be otherwise by then.
    (
        "if contact.tier == \"gold\" { wait 1d send news } else { wait 1d }",
        "wait 1d\nif contact.tier == \"gold\" { send news }",
    ),
    (
        "if contact.points > 3 { set contact.points = 3 send news } else { set contact.points = 3 }",
        "set contact.points = 3\nif contact.points > 3 { send news }",
    ),
    (
        "if contact in loyal { set contact.tier = \"gold\" send news } else { set contact.tier = \"gold\" }",
        "set contact.tier = \"gold\"\nif contact in loyal { send news }",
    ),
    (
        "if contact.tier == \"gold\" { emit bought { email: event.email, order: \"1\" } send news } else { emit bought { email: event.email, order: \"1\" } }",
        "emit bought { email: event.email, order: \"1\" }\nif contact.tier == \"gold\" { send news }",
    ),
    (
        "if contact.tier == \"gold\" { send news between 09:00 and 10:00 in \"Europe/Kyiv\" call erp } else { send news between 09:00 and 10:00 in \"Europe/Kyiv\" }",
        "send news between 09:00 and 10:00 in \"Europe/Kyiv\"\nif contact.tier == \"gold\" { call erp }",
    ),
    // Who has no value has no way.
    (
        "match event.note { \"x\" { send news } else { call erp } }",
        "if event.note == \"x\" { send news } else if event.note is set { call erp }",
    ),
    (
        "if event.kind == \"a\" { send news stop } else { call erp }\nsend news",
        "send news\nif event.kind == \"a\" { stop } else { call erp }",
    ),
    (
        "if event.kind == \"a\" { stop \"a\" } else { send news stop \"b\" }",
        "if event.kind == \"a\" { stop \"b\" } else { send news stop \"a\" }",
    ),
];

#[test]
fn steps_that_do_something_else_are_told() {
    for (one, other) in OTHER {
        for (old, new) in [(one, other), (other, one)] {
            let changes = difference(&with(old), &with(new)).changes;
            let told = changes.iter().any(|change| change.risk > Risk::Note);
            assert!(told, "{old} → {new}: {:#?}", changes.iter().map(line).collect::<Vec<_>>());
        }
    }
}
