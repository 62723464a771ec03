//! Changes as people make them, several in one: what is dangerous is told as such, in their words, and nothing else is.

use compiler::diff::Risk;

use super::{difference, line};

pub(super) const SHOP: &str = r#"
event cart {
  email: email
  order: string
  total: decimal
}

event bought {
  email: email
  order: string
}

contact {
  marketing_ok: bool = false
  tier: "bronze" | "silver" | "gold" = "bronze"
  passport: string? sensitive
  points: int = 0
}

connector promo bearer {
  token secret("PROMO_TOKEN")
}

webhook code {
  post "https://promo.example.com/codes"
  auth promo
  body json { order: event.order }
  returns json { code: string }
}

webhook erp {
  post "https://erp.example.com/in"
  body json { town: contact.town }
}

segment loyal { contact.marketing_ok and contact.tier == "gold" }

message offer {
  email {
    from "Shop <hello@shop.example.com>"
    subject "Your code"
    html "<p>$data.code.code</p><a href='https://shop.example.com/Cart'>Cart</a> <a href='https://shop.example.com/u'>Unsubscribe</a>"
    text "$data.code.code Unsubscribe: https://shop.example.com/u"
  }
}

message news {
  email {
    from "Shop <hello@shop.example.com>"
    subject "News"
    text "News. Unsubscribe: https://shop.example.com/u"
  }
}

workflow rescue {
  on cart where event.total > 50
  identify by email event.email else create
  once per 7d
  exit on bought as it where it.order == event.order

  wait 1h
  call code
  if contact.marketing_ok and contact.points > 5 {
    send offer
  } else if contact.tier == "gold" {
    call erp
  }
  wait for bought as later up to 2d {
    set contact.points = 10
  } on timeout {
    stop "did not buy"
  }
}

workflow weekly {
  on schedule "0 9 * * 1" in "Europe/Kyiv" for segment loyal
  one at a time

  match contact.tier {
    "gold" { wait 1d }
    "silver", "bronze" { stop "no gold" }
  }
  send news
}

test "small carts are left alone" {
  receive cart { email: "a@example.com", order: "1", total: 5 }
  expect not send offer
}
"#;

/// Holds that edits are told with these dangers, no other ones, and with these lines among the rest: beginnings of
/// `RISK SLUG ADDRESS | BEFORE -> AFTER`.
#[track_caller]
pub(super) fn told(edits: &[(&str, &str)], dangers: &[&str], others: &[&str]) {
    let mut changed = SHOP.to_owned();
    for (old, new) in edits {
        assert!(changed.contains(old), "{old} is not there");
        changed = changed.replace(old, new);
    }
    let changes = difference(SHOP, &changed).changes;
    let all: Vec<String> = changes.iter().map(line).collect();
    let found: Vec<&String> =
        changes.iter().zip(&all).filter(|(change, _)| change.risk == Risk::Danger).map(|(_, line)| line).collect();
    let same = found.len() == dangers.len() && dangers.iter().all(|it| found.iter().any(|line| line.contains(it)));
    assert!(same, "{edits:?}: expected {dangers:#?}, found {all:#?}");
    for expected in others {
        assert!(all.iter().any(|line| line.starts_with(expected)), "{edits:?}: no {expected:?} in {all:#?}");
    }
}

#[test]
fn a_segment_that_asks_less_takes_the_check_from_its_messages() {
    let gone = "consent-check-removed workflow.weekly/send:news";
    told(
        &[("contact.marketing_ok and contact.tier", "contact.points > 5 and contact.tier")],
        &[gone],
        &["review segment-changed"],
    );
    told(
        &[("{ contact.marketing_ok and contact.tier == \"gold\" }", "{ contact.tier == \"gold\" }")],
        &[gone, "segment-changed segment.loyal"],
        &[],
    );
    // Asked elsewhere it is still asked.
    told(
        &[
            ("{ contact.marketing_ok and contact.tier == \"gold\" }", "{ contact.tier == \"gold\" }"),
            ("  send news", "  if contact.marketing_ok == false { stop }\n  send news"),
        ],
        &["segment-changed segment.loyal"],
        &[],
    );
    // Another segment has other members.
    told(
        &[
            ("for segment loyal", "for segment all"),
            ("segment loyal", "segment all { contact.email is set }\nsegment loyal"),
            ("    call erp", "    if contact in loyal { call erp }"),
        ],
        &[gone, "schedule-changed workflow.weekly.on"],
        &[],
    );
}

#[test]
fn a_check_stands_by_itself_in_a_condition() {
    // The other half of the condition may go; the check still stands.
    told(
        &[("contact.marketing_ok and contact.points > 5", "contact.marketing_ok")],
        &[],
        &["review branch-condition-changed"],
    );
    let gone = "consent-check-removed workflow.rescue/send:offer";
    told(&[("contact.marketing_ok and contact.points > 5", "contact.points > 5")], &[gone], &[]);
    told(
        &[("contact.marketing_ok and contact.points > 5", "contact.marketing_ok or contact.points > 5")],
        &[gone],
        &[],
    );
    // Who never said no counts as having said yes.
    told(
        &[("marketing_ok: bool = false", "marketing_ok: bool = true")],
        &["field-default-changed contact.marketing_ok | false -> true"],
        &[],
    );
}

/// Whatever stands in place of what started a workflow starts it for other people.
#[test]
fn another_start_is_told_as_such() {
    let schedule = "on schedule \"0 9 * * 1\" in \"Europe/Kyiv\" for segment loyal";
    let on_field = SHOP.replace(schedule, "on contact.tier changed");
    let changes = |head: &str| difference(&on_field, head).changes.iter().map(line).collect::<Vec<_>>();
    assert_eq!(
        changes(&on_field.replace("contact.tier changed", "contact.points changed")),
        ["danger trigger-event-changed workflow.weekly.on | on contact.tier changed -> on contact.points changed"],
    );
    let found = changes(SHOP);
    let told = format!("danger trigger-event-changed workflow.weekly.on | on contact.tier changed -> {schedule}");
    assert!(found.contains(&told), "{found:#?}");
    // One more beside it is one more.
    assert_eq!(
        changes(
            &on_field.replace("  on contact.tier changed", "  on contact.tier changed\n  on contact.points changed")
        ),
        ["review trigger-added workflow.weekly.on -> on contact.points changed"],
    );
}

#[test]
fn branches_are_known_by_their_conditions() {
    // The first branch is gone; the second one is what it was.
    told(
        &[(
            "if contact.marketing_ok and contact.points > 5 {\n    send offer\n  } else if contact.tier",
            "if contact.tier",
        )],
        &[],
        &["review branch-removed", "review send-removed workflow.rescue/if/1/send:offer"],
    );
    told(
        &[(
            "  if contact.marketing_ok and",
            "  if contact.town is set {\n    wait 5min\n  } else if contact.marketing_ok and",
        )],
        &[],
        &["review branch-added workflow.rescue/if -> if contact.town is set", "review step-added"],
    );
    // Values that move between arms.
    told(
        &[("\"gold\" { wait 1d }", "\"gold\", \"silver\" { wait 1d }"), ("\"silver\", \"bronze\"", "\"bronze\"")],
        &[],
        &["review branch-condition-changed workflow.weekly/match | \"gold\" -> \"gold\", \"silver\""],
    );
    // The same the other way round.
    told(
        &[(
            "if contact.marketing_ok and contact.points > 5 {\n    send offer\n  } else if contact.tier == \"gold\" {\n    call erp\n  }",
            "if contact.tier == \"gold\" {\n    call erp\n  } else if contact.marketing_ok and contact.points > 5 {\n    send offer\n  }",
        )],
        &[],
        &["review branch-condition-changed"],
    );
}

#[test]
fn of_two_steps_the_smaller_one_moves() {
    told(
        &[("  wait 1h\n", ""), ("  wait for bought", "  wait 1h\n  wait for bought")],
        &["step-reordered workflow.rescue/wait | wait 1h: first"],
        &[],
    );
}

#[test]
fn waits_hold_back_what_is_far_behind() {
    told(
        &[(
            "  match contact.tier {\n    \"gold\" { wait 1d }\n    \"silver\", \"bronze\" { stop \"no gold\" }\n  }\n",
            "",
        )],
        &["wait-removed workflow.weekly/match/"],
        &["review step-removed"],
    );
    told(
        &[(
            "  wait for bought as later up to 2d {\n    set contact.points = 10\n  } on timeout {\n    stop \"did not buy\"\n  }\n",
            "",
        )],
        &[],
        &["review wait-removed workflow.rescue/wait:bought"],
    );
}

#[test]
fn exits_that_end_less_are_dangerous() {
    told(
        &[("where it.order == event.order", "where it.order == event.order and event.total > 100")],
        &["exit-changed workflow.rescue.exit"],
        &[],
    );
    told(
        &[("where it.order == event.order", "where it.order == event.order or event.total > 100")],
        &[],
        &["review exit-changed"],
    );
}

/// A `where` that lets more events end a wait sends more runs one way, one that lets fewer the other way.
#[test]
fn a_wait_for_fewer_or_more_events_tells_its_direction() {
    let wait = |condition: &str, ways: &str| {
        let (before, rest) = SHOP.split_once("  wait for bought as later up to 2d").unwrap();
        let (_, behind) = rest.split_once("  }\n}\n").unwrap();
        format!("{before}  wait for bought as later{condition} up to 2d {ways}\n}}\n{behind}")
    };
    let (all, some) = ("", " where later.order == event.order");
    let (news, end) = ("{ send news }", "{ stop }");
    let on_timeout = |then: &str, otherwise: &str| format!("{then} on timeout {otherwise}");
    let behind = |ways: String| format!("{ways}\n  send news");
    let cases = [
        (some, all, news.to_owned(), "danger", "more events"),
        (all, some, news.to_owned(), "review", "fewer events"),
        (all, some, on_timeout("{ wait 1h }", news), "danger", "fewer events"),
        (some, all, on_timeout("{ wait 1h }", news), "review", "more events"),
        // What follows is sent to those that one way alone leads to it.
        (some, all, behind(on_timeout("{ wait 1h }", end)), "danger", "more events"),
        (all, some, behind(on_timeout("{ wait 1h }", end)), "review", "fewer events"),
        (all, some, behind(end.to_owned()), "danger", "fewer events"),
        (some, all, behind("{ wait 1h }".to_owned()), "review", "more events"),
    ];
    for (old, new, ways, risk, direction) in cases {
        let changes = difference(&wait(old, &ways), &wait(new, &ways)).changes;
        let [change] = changes.as_slice() else { panic!("{old} -> {new} {ways}: {changes:#?}") };
        assert_eq!((change.slug.word(), change.risk.word()), ("wait-until-changed", risk), "{old} -> {new} {ways}");
        assert!(change.details[0].starts_with(direction), "{change:#?}");
    }
    let [changes] = [difference(&wait(some, news), &wait(" where later.order == event.email", news)).changes];
    assert!(changes.iter().all(|it| it.risk == Risk::Review && it.details.is_empty()), "{changes:#?}");
}

#[test]
fn the_way_out_is_asked_of_each_part() {
    told(
        &[(" <a href='https://shop.example.com/u'>Unsubscribe</a>", "")],
        &["unsubscribe-removed message.offer.email.html"],
        &["review message-text-changed message.offer.email.html"],
    );
    // A link is told at its part, as it is written.
    told(
        &[("https://shop.example.com/Cart", "https://Other.example.com/Cart?x=1")],
        &[
            "link-host-changed message.offer.email.html | https://shop.example.com/Cart -> https://Other.example.com/Cart",
        ],
        &[],
    );
}

#[test]
fn data_is_followed_through_fields() {
    told(
        &[("set contact.points = 10", "set contact.town = contact.passport")],
        &[
            "field-sent-added webhook.erp -> contact.passport? → https://erp.example.com (body.town) through contact.town",
        ],
        &["review contact-write-added"],
    );
    told(
        &[("body json { order: event.order }", "body json { order: event.order, p: contact.passport }")],
        &["field-sent-added webhook.code"],
        &["review body-shape-changed"],
    );
}

#[test]
fn tests_say_what_differs() {
    told(
        &[("total: 5 }", "total: 7 }")],
        &[],
        &[
            "review test-expectation-changed test.small carts are left alone | receive cart { total: 5 } -> receive cart { total: 7 }",
        ],
    );
    told(
        &[("  expect not send offer\n", "  expect complete\n"), ("wait 1h", "wait 2h")],
        &[],
        &["review test-expectation-changed test.small carts are left alone | expect not send offer -> expect complete"],
    );
}

#[test]
fn a_key_in_the_url_is_told_as_such() {
    let changes = difference(
        &SHOP.replace("promo bearer {\n  token secret", "promo api_key {\n  header \"X-Key\"\n  key secret"),
        &SHOP.replace("promo bearer {\n  token secret", "promo api_key {\n  query \"key\"\n  key secret"),
    )
    .changes;
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    assert!(change.slug.word() == "auth-changed" && change.details[0].contains("URL"), "{change:#?}");
}

/// A secret that goes with a host that moved goes to the new one, and no more to the old one.
#[test]
fn a_secret_moves_with_its_host() {
    told(
        &[("https://promo.example.com", "https://promo.example.net")],
        &[
            "host-added webhook.code",
            "host-changed webhook.code.url",
            "field-sent-added webhook.code",
            "auth-host-widened webhook.code | https://promo.example.com -> https://promo.example.net",
        ],
        &["note host-removed"],
    );
}

/// A missing check is told at the message that lacks it.
#[test]
fn a_missing_check_is_told_at_its_message() {
    let head = SHOP.replace("contact.marketing_ok and contact.points > 5", "contact.points > 5");
    let changes = difference(SHOP, &head).changes;
    let gone = changes.iter().find(|it| it.slug.word() == "consent-check-removed").unwrap();
    assert_eq!(gone.part.as_deref(), Some("workflow.rescue/if/1/send:offer"), "{gone:#?}");
}

/// The places that are told are those of the very parts.
#[test]
fn what_is_gone_is_known_to_be_of_the_old_side() {
    let base = SHOP.replace("  wait 1h\n", "  wait 1h\n  set contact.points = 1\n  wait 3h\n");
    let head = base.replace("  wait 1h\n", "");
    let changes = difference(&base, &head).changes;
    let gone = changes.iter().find(|it| it.slug.word() == "wait-removed").unwrap();
    assert!(gone.gone && gone.was_at.is_some(), "{gone:?}");
    assert!(changes.iter().filter(|it| it.slug.word() != "wait-removed").all(|it| !it.gone), "{changes:#?}");
}
