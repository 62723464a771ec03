//! How many messages reach a contact, before and after.

use super::pairs::{SHOP, told};
use super::{difference, line};

#[test]
fn messages_are_counted_over_days_and_weeks() {
    told(
        &[("\"0 9 * * 1\"", "\"0 9 * * *\"")],
        &["max-sends-increased workflow.weekly | at most 1 message a week -> at most 7 messages a week"],
        &["review schedule-changed"],
    );
    told(&[("\"0 9 * * 1\"", "\"0 9 1 * *\"")], &[], &["review schedule-changed"]);
    told(
        &[("{ stop \"no gold\" }", "{ wait 2d }")],
        &[],
        &["note sends-changed workflow.weekly | 0..1 messages a run"],
    );
    // Who is left of those that got it is no danger; who comes to it is.
    told(&[("  send news\n", "  if contact.town is set { send news }\n")], &[], &["review step-reordered"]);
}

const EACH_TIER: &str = "match contact.tier { \"gold\" { send news } \"silver\", \"bronze\" { send news } }";

/// A number that is certain is one number.
#[test]
fn a_certain_number_of_messages_is_told_as_one() {
    let with = |steps: &str| {
        format!("{SHOP}\nworkflow thanks {{\n  on bought\n  identify by email event.email\n  {steps}\n}}\n")
    };
    let count = |before: &str, after: &str| {
        let changes = difference(&with(before), &with(after)).changes;
        let counted = changes.into_iter().find(|it| matches!(it.slug.word(), "max-sends-increased" | "sends-changed"));
        counted.map(|it| format!("{} -> {}", it.before.unwrap_or_default(), it.after.unwrap_or_default()))
    };
    for (before, after, told) in [
        ("wait 1h", "send news", "no message -> 1 message a run"),
        ("send news", "send news\n  wait 1d\n  send news", "1 message a run -> 2 messages a run"),
        ("send news", "if contact.points > 1 { send news }", "1 message a run -> 0..1 messages a run"),
        // Everybody has a way, so everybody gets one.
        ("wait 1h", EACH_TIER, "no message -> 1 message a run"),
        (
            "wait 1h",
            "if contact.tier == \"gold\" { send news } else if contact.tier != \"gold\" { send news }",
            "no message -> 1 message a run",
        ),
        (
            "wait 1h",
            "match contact.marketing_ok { true { send news } false { send news send news } }",
            "no message -> 1..2 messages a run",
        ),
        (
            "wait 1h",
            "match contact.tier { \"gold\" { stop } \"silver\", \"bronze\" { send news } } send news",
            "no message -> 0..2 messages a run",
        ),
        // Somebody has none.
        (
            "wait 1h",
            "match contact.town { null { send news } \"Lviv\" { send news } }",
            "no message -> 0..1 messages a run",
        ),
        ("wait 1h", "match contact.tier { \"gold\", \"silver\" { send news } }", "no message -> 0..1 messages a run"),
    ] {
        assert_eq!(count(before, after).as_deref(), Some(told));
    }
}

/// More of the same in a month is more, whatever a day or a week may hold.
#[test]
fn messages_are_counted_over_months() {
    let base = SHOP.replace("\"0 9 * * 1\"", "\"0 9 1 * *\"");
    let changes: Vec<String> = difference(&base, SHOP).changes.iter().map(line).collect();
    let told = "danger max-sends-increased workflow.weekly | at most 1 message a month -> at most 5 messages a month";
    assert!(changes.iter().any(|it| it == told), "{changes:#?}");
}

/// A message that goes out by one more channel is one message more, as a second `send` is.
#[test]
fn a_further_channel_is_a_further_message() {
    let gateway = "channel sms {\n  post \"https://sms.example.com/send\"\n  body json { to: contact.phone, text: message.text }\n}\n\n";
    let base = format!("{gateway}{SHOP}");
    let texted = |message: &str| base.replace(message, &format!("{message}\n  sms {{\n    text \"Hello\"\n  }}"));
    let changes = |head: &str| difference(&base, head).changes.iter().map(line).collect::<Vec<_>>();
    let found = changes(&texted("message news {"));
    for expected in [
        "danger channel-added message.news.sms -> sms",
        "danger max-sends-increased workflow.weekly | 0..1 messages a run -> 0..2 messages a run",
    ] {
        assert!(found.iter().any(|line| line == expected), "no {expected:?} in {found:#?}");
    }
    // On a way that does not send most it is told at the message.
    let found = changes(&texted("message offer {"));
    assert!(found.iter().any(|line| line == "danger channel-added message.offer.sms -> sms"), "{found:#?}");
}
