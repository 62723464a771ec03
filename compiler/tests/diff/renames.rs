//! What has another name is compared with what it was.

use super::pairs::{SHOP, told};
use super::{difference, line};

#[test]
fn what_is_renamed_is_compared_with_what_it_was() {
    // A segment with another name and more members.
    told(
        &[
            (
                "segment loyal { contact.marketing_ok and contact.tier == \"gold\" }",
                "segment fans { contact.marketing_ok }",
            ),
            ("for segment loyal", "for segment fans"),
        ],
        &["segment-changed segment.fans"],
        &["note declaration-renamed segment.fans | loyal -> fans"],
    );
    // A connector with another name and another secret.
    told(
        &[("connector promo ", "connector promotions "), ("auth promo", "auth promotions"), ("PROMO_TOKEN", "OTHER")],
        &["auth-changed connector.promotions"],
        &["note declaration-renamed connector.promotions"],
    );
    // An event with a further field; its tests know it by the new name.
    told(
        &[
            ("event cart {", "event basket {\n  site: string?"),
            ("on cart", "on basket"),
            ("receive cart", "receive basket"),
        ],
        &[],
        &["review declaration-renamed event.basket", "review field-added event.basket.site"],
    );
    // A workflow that is entered once in a while forgets who has been in it.
    told(&[("workflow rescue", "workflow bring_back")], &["workflow-renamed workflow.bring_back"], &[]);
}

/// What has one text, or one address, is known by that also where it changed at the same time.
#[test]
fn what_has_one_text_is_known_by_it_when_renamed() {
    // A webhook with another name and another host.
    told(
        &[("webhook erp ", "webhook ledger "), ("call erp", "call ledger"), ("erp.example.com", "erp.example.net")],
        &["host-added webhook.ledger", "host-changed webhook.ledger.url", "field-sent-added webhook.ledger"],
        &["note declaration-renamed webhook.ledger | erp -> ledger", "note host-removed"],
    );
    // One that is called for something else is another one.
    told(
        &[
            ("webhook erp ", "webhook ledger "),
            ("call erp", "call ledger"),
            ("https://erp.example.com/in\"\n  body json { town: contact.town }", "https://books.example.net/v2\""),
        ],
        &["host-added webhook.ledger"],
        &["review declaration-removed webhook.erp", "note declaration-added webhook.ledger"],
    );
    let gateway = "channel sms {\n  post \"https://sms.example.com/send\"\n  body json { to: contact.phone, text: message.text }\n}\n\n";
    let texted = |name: &str, text: &str| {
        let message = format!("message {name} {{\n  sms {{\n    text \"{text}\"\n  }}\n}}\n");
        format!("{gateway}{message}{}", SHOP.replace("  call erp", &format!("  send {name}")))
    };
    let base = texted("nudge", "Your cart waits for you. Come back soon.");
    let changes = |head: &str| difference(&base, head).changes.iter().map(line).collect::<Vec<_>>();
    let [text, name] = changes(&texted("reminder", "Your cart waits for you. Come back today.")).try_into().unwrap();
    assert!(text.starts_with("review message-text-changed message.reminder.sms.text"), "{text}");
    assert_eq!(name, "note declaration-renamed message.reminder | nudge -> reminder");
    // Another text under another name is another message.
    let found = changes(&texted("reminder", "Spring has come: all shoes for half of their price."));
    assert!(found.iter().any(|line| line.starts_with("danger send-added")), "{found:#?}");
}

#[test]
fn a_test_with_another_name_for_its_subject_is_no_change() {
    let renamed = SHOP.replace("cart {", "basket {").replace("on cart", "on basket").replace("offer", "proposal");
    let changes = difference(SHOP, &renamed).changes;
    assert!(changes.iter().all(|change| change.slug.word() == "declaration-renamed"), "{changes:#?}");
}
