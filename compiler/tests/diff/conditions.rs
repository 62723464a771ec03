//! Conditions that changed: who gets through now, and nothing where only the writing differs.

use compiler::diff::{Change, Risk, Runs};

use super::difference;
use super::pairs::SHOP;

/// A shop whose second workflow asks `condition` and leads to `then`, or else to `otherwise`.
fn shop(condition: &str, then: &str, otherwise: &str) -> String {
    let fields = "points: int = 0\n  vip: bool = false\n  lang: string?\n  due: date?\n  asked: bool?\n  age: int?";
    let (before, _) = SHOP.split_once("  match contact.tier").unwrap();
    let before = before.replace("points: int = 0", fields);
    format!(
        "{before}  if {condition} {{\n{then}\n}} else {{\n{otherwise}\n}}\n  send news\n}}\nsegment few {{ contact.points < 3 }}\n\
         segment others {{ contact not in few }}\n"
    )
}

#[track_caller]
fn only(old: &str, new: &str) -> Change {
    let changes = difference(old, new).changes;
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    change.clone()
}

/// Two ways to write one condition: a note that moves nobody.
#[test]
fn the_same_condition_written_otherwise_moves_nobody() {
    let cases = [
        ("contact.vip and contact.points > 5", "contact.points > 5 and contact.vip"),
        ("contact.vip or contact.points > 5", "contact.points > 5 or contact.vip"),
        ("not (contact.vip or contact.points > 5)", "not contact.vip and not contact.points > 5"),
        ("not (contact.vip and contact.points > 5)", "not contact.vip or contact.points <= 5"),
        ("contact.vip == true", "contact.vip"),
        ("contact.vip", "contact.vip != false"),
        ("contact.vip == false", "not contact.vip"),
        ("true == contact.vip", "contact.vip"),
        ("not not contact.vip", "contact.vip"),
        ("contact.points > 5", "5 < contact.points"),
        ("contact.points > 5", "contact.points >= 6"),
        ("contact.points > 5", "not (contact.points <= 5)"),
        ("contact.points > 5 and contact.points > 3", "contact.points > 5"),
        ("contact.tier == \"gold\" or contact.tier == \"silver\"", "contact.tier in [\"silver\", \"gold\"]"),
        ("contact.tier in [\"gold\", \"silver\"]", "contact.tier != \"bronze\""),
        ("contact.first_name == contact.lang", "contact.lang == contact.first_name"),
        ("contact.vip and (contact.points > 5 or contact.vip)", "contact.vip"),
        ("contact.id > contact.points", "not (contact.id <= contact.points)"),
        ("contact.lang ?? \"uk\" == \"uk\"", "contact.lang is not set or contact.lang == \"uk\""),
        ("contact.lang ?? \"uk\" == \"en\"", "contact.lang == \"en\""),
        ("contact.lang ?? \"uk\" != \"en\"", "contact.lang != \"en\""),
        ("contact.asked ?? false", "contact.asked == true"),
        ("contact.asked ?? true", "contact.asked != false"),
        ("contact.age ?? 18 >= 18", "contact.age is not set or contact.age > 17"),
        ("contact.age ?? 0 > 17", "contact.age ?? 5 > 17"),
    ];
    for (old, new) in cases {
        let change = only(&shop(old, "wait 1h", "wait 2h"), &shop(new, "wait 1h", "wait 2h"));
        let found = (change.slug.word(), change.risk, change.runs);
        assert_eq!(found, ("branch-condition-changed", Risk::Note, Runs::Unaffected), "{old} → {new}: {change:#?}");
        assert!(change.after.as_ref().unwrap().ends_with("(lets the same through)"), "{change:#?}");
        let change = only(&shop(old, "stop", "wait 2h"), &shop(new, "stop", "wait 2h"));
        assert_eq!(change.risk, Risk::Note, "{change:#?}");
        // The same as a segment, where the contact alone is asked.
        let segment =
            |condition: &str| shop("contact.vip", "wait 1h", "wait 2h").replace("contact not in few", condition);
        let change = only(&segment(old), &segment(new));
        assert_eq!((change.slug.word(), change.risk), ("segment-changed", Risk::Note), "{change:#?}");
    }
}

/// What is told of a branch holds: more and less are claimed only where nothing else can be.
#[test]
fn more_and_less_are_claimed_where_they_are_certain() {
    let cases = [
        ("contact.vip", "contact.vip and contact.points > 5", " (lets less through)"),
        ("contact.vip and contact.points > 5", "contact.vip", " (lets more through)"),
        ("contact.vip", "contact.vip or contact.points > 5", " (lets more through)"),
        ("not (contact.vip or contact.points > 5)", "not contact.vip", " (lets more through)"),
        ("not contact.vip", "not (contact.vip and contact.points > 5)", " (lets more through)"),
        ("contact not in few", "contact not in few and contact.vip", " (lets less through)"),
        ("contact.points > 5", "contact.points > 7", " (lets less through)"),
        ("contact.points > 5", "contact.points < 7", ""),
        ("contact.points > 5", "contact.points > 7 or contact.vip", ""),
        ("contact.tier == \"gold\"", "contact.tier in [\"gold\", \"silver\"]", " (lets more through)"),
        ("contact.tier == \"gold\"", "contact.tier == \"silver\"", ""),
        ("contact.lang == \"uk\"", "contact.lang is set", " (lets more through)"),
        // Nobody has said no who was never asked.
        ("contact.lang is set and contact.lang != \"uk\"", "contact.lang != \"uk\"", " (lets more through)"),
        ("contact.vip and contact.points > 5", "contact.points > 9 or not contact.vip", ""),
        ("contact.asked ?? false", "contact.asked ?? true", " (lets more through)"),
        ("contact.age ?? 0 > 17", "contact.age ?? 18 > 17", " (lets more through)"),
        ("contact.points < contact.id", "contact.points <= contact.id", " (lets more through)"),
    ];
    for (old, new, told) in cases {
        let change = only(&shop(old, "wait 1h", "wait 2h"), &shop(new, "wait 1h", "wait 2h"));
        let after = change.after.as_deref().unwrap();
        let note = after.find(" (lets").and_then(|at| after.get(at..)).unwrap_or_default();
        assert_eq!(note, told, "{old} → {new}: {change:#?}");
        assert_eq!(
            (change.slug.word(), change.risk, change.runs),
            ("branch-condition-changed", Risk::Review, Runs::Continue)
        );
    }
    // Who takes a way that ends does not get what follows.
    let change = only(
        &shop("contact.id > 7", "stop", "wait 2h"),
        &shop("contact.id > 7 and contact.points > 5", "stop", "wait 2h"),
    );
    assert!(change.after.as_ref().unwrap().ends_with("(ends fewer runs: more go on)"), "{change:#?}");
}

/// A condition of forty terms is compared, too.
#[test]
fn long_conditions_are_compared_by_what_differs() {
    let fields = ["first_name", "last_name", "lang", "town", "region", "country", "postcode", "address", "gender"];
    let pairs =
        fields.iter().enumerate().flat_map(|(place, one)| fields.iter().skip(place + 1).map(move |it| (one, it)));
    let terms: Vec<String> = pairs.map(|(one, other)| format!("contact.{one} != contact.{other}")).collect();
    let long = terms.join(" and ");
    let change =
        only(&shop(&long, "wait 1h", "wait 2h"), &shop(&format!("contact.vip and {long}"), "wait 1h", "wait 2h"));
    assert!(change.after.as_ref().unwrap().ends_with("(lets less through)"), "{change:#?}");
    let mut turned = terms;
    turned.reverse();
    let change = only(&shop(&long, "wait 1h", "wait 2h"), &shop(&turned.join(" and "), "wait 1h", "wait 2h"));
    assert_eq!(change.risk, Risk::Note);
}

/// A run fails where its condition cannot be computed: what is asked before decides whether it comes to that.
#[test]
fn a_condition_that_may_fail_is_the_same_only_where_it_fails_alike() {
    let (ratio, less) = ("contact.points / contact.id > 2", "contact.points - contact.id < 0");
    let divided = |before: &str, after: &str| format!("{before} {ratio} {after}");
    let cases = [
        (divided("", "and contact.vip"), divided("contact.vip and", ""), false),
        (divided("", "or contact.vip"), divided("contact.vip or", ""), false),
        (divided("", "and contact.vip"), "contact.vip".to_owned(), false),
        ("contact.vip".to_owned(), divided("contact.vip or", ""), false),
        (less.to_owned(), "contact.points < contact.id".to_owned(), false),
        (divided("", "and contact in odd"), divided("contact in odd and", ""), false),
        (divided("not (not", "and contact.vip)"), divided("", "or not contact.vip"), true),
        (divided("contact.vip and", ""), divided("contact.vip == true and", ""), true),
        (divided("", ""), "2 < contact.points / contact.id".to_owned(), true),
        (
            divided("contact.vip and", "and contact in few"),
            divided("contact.vip and (", "and contact.points < 3)"),
            true,
        ),
    ];
    let odd = "\nsegment odd { 7 / contact.id == 1 }\n";
    for (old, new, same) in &cases {
        for (old, new) in [(old, new), (new, old)] {
            let [before, after] = [old, new].map(|it| shop(it, "wait 1h", "wait 2h") + odd);
            let change = only(&before, &after);
            let note = change.after.as_deref().unwrap().contains("(lets");
            assert_eq!((note, change.risk == Risk::Note), (*same, *same), "{old} → {new}: {change:#?}");
            // In a segment as in a step.
            let [before, after] =
                [old, new].map(|it| shop("contact.vip", "wait 1h", "wait 2h").replace("contact not in few", it) + odd);
            assert_eq!(only(&before, &after).risk == Risk::Note, *same, "{old} → {new}");
        }
    }
}

/// One of the lines of an event is enough, and one that cannot be computed is not met.
#[test]
fn the_lines_of_one_event_are_compared_together() {
    let lines = |lines: &[&str]| {
        let on: Vec<String> = lines.iter().map(|line| format!("  on cart{line}\n")).collect();
        let cart = SHOP.replace("  total: decimal\n", "  total: decimal\n  flag: bool = false\n  times: int = 1\n");
        format!("{cart}\nworkflow more {{\n{}  identify by email event.email\n  send news\n}}\n", on.concat())
    };
    let (many, few) = (" where event.times > 2", " where event.times > 200");
    let (flag, ratio) = (" where event.flag", " where 7 / event.times > 2");
    let cases: [(&[&str], &[&str], &str); 13] = [
        (&[flag], &[many, flag], "danger filter-widened"),
        (&[flag], &[flag, many], "danger filter-widened"),
        (&[few, flag], &[many, flag], "danger filter-widened"),
        (&[flag, few], &[flag, many], "danger filter-widened"),
        (&[many, flag], &[flag], "review filter-narrowed"),
        (&[few, flag], &[many, " where event.flag and event.times < 0"], "review filter-changed"),
        (&[few, flag], &[""], "danger filter-widened"),
        (&[""], &[few, flag], "review filter-narrowed"),
        (&[many, flag], &[flag, many], "note filter-changed"),
        (&[" where event.flag or event.times > 2"], &[flag, many], "note filter-changed"),
        (
            &[" where 7 / event.times > 2 or event.times == 0"],
            &[ratio, " where event.times == 0"],
            "danger filter-widened",
        ),
        (&[ratio, flag], &[flag, ratio], "note filter-changed"),
        (
            &[" where event.flag and 7 / event.times > 2"],
            &[" where 7 / event.times > 2 and event.flag"],
            "note filter-changed",
        ),
    ];
    for (old, new, told) in cases {
        let change = only(&lines(old), &lines(new));
        let found = format!("{} {}", change.risk.word(), change.slug.word());
        assert_eq!(found, told, "{old:?} → {new:?}: {change:#?}");
    }
    // The lines that end a run, too: who is not let go is written to.
    let exits = |exits: &[&str]| {
        let exits: Vec<String> = exits.iter().map(|exit| format!("  exit on bought{exit}\n")).collect();
        SHOP.replace("event bought {", "event bought {\n  paid: bool = true\n  count: int = 1").to_string()
            + &format!(
                "\nworkflow more {{\n  on cart\n  identify by email event.email\n{}  wait 1d\n  send news\n}}\n",
                exits.concat()
            )
    };
    let (paid, two) = (" as b where b.paid", " as other where other.count > 2");
    for (old, new, told) in [
        (&[paid, two][..], &[two][..], Risk::Danger),
        (&[two], &[paid, two], Risk::Review),
        (&[paid, two], &[two, paid], Risk::Note),
        (&[paid, two], &[" as a where a.count > 2 or a.paid"], Risk::Note),
    ] {
        let change = only(&exits(old), &exits(new));
        assert_eq!((change.slug.word(), change.risk), ("exit-changed", told), "{old:?} → {new:?}: {change:#?}");
    }
}

/// A segment with more members lets fewer through where it is asked with `not`, and before a `stop`.
#[test]
fn a_segment_is_rated_by_where_it_is_asked() {
    let (few, less, more) = ("contact.points < 3", "contact.points < 2", "contact.points < 9");
    let cases = [
        ("contact in few", "send news", "", more, Risk::Danger, "`if contact in few` lets more through"),
        ("contact in few", "send news", "", less, Risk::Review, "`if contact in few` lets less through"),
        ("contact not in few", "send news", "", more, Risk::Review, "`if not contact in few` lets less through"),
        ("contact not in few", "send news", "", less, Risk::Danger, "`if not contact in few` lets more through"),
        ("contact in others", "send news", "", less, Risk::Danger, "`if contact in others` lets more through"),
        ("contact in few", "stop", "", more, Risk::Review, "`if contact in few` ends more runs: fewer go on"),
        ("contact in few", "stop", "", less, Risk::Danger, "`if contact in few` ends fewer runs: more go on"),
        ("contact in few", "wait 1h", "send news", less, Risk::Danger, "`if contact in few` lets less through"),
    ];
    for (condition, then, otherwise, new, risk, told) in cases {
        let base = shop(condition, then, otherwise);
        let changes = difference(&base, &base.replace(few, new)).changes;
        let change = changes.iter().find(|it| it.address == "segment.few").unwrap();
        let words = format!("workflow weekly: {told}");
        assert_eq!((change.risk, change.details.as_slice()), (risk, [words].as_slice()), "{condition} {then} {new}");
    }
}

/// Of many places those come first by which somebody gets more, and those that go on as before are left out.
#[test]
fn of_many_places_the_dangerous_ones_come_first() {
    let asked = |number: usize, condition: &str| format!("if {condition} and contact.id > {number} {{ send news }}\n");
    let mut steps: String = (0..9).map(|number| asked(number, "contact in few")).collect();
    steps.push_str(&asked(90, "contact not in few"));
    steps.push_str(&asked(91, "contact in few and contact.points < 1"));
    let base =
        shop("contact.vip", "wait 1h", "wait 2h").replace("  if contact.vip", &format!("{steps}  if contact.vip"));
    let changes = difference(&base, &base.replace("contact.points < 3", "contact.points < 2")).changes;
    let change = changes.iter().find(|it| it.address == "segment.few").unwrap();
    assert_eq!(change.risk, Risk::Danger);
    assert!(change.details[0].contains("`if not contact in few and contact.id > 90` lets more"), "{change:#?}");
    assert_eq!(change.details.last().unwrap(), "and 5 more places ask for it");
}

/// A `where` that says the same starts, ends and awaits the same.
#[test]
fn the_same_where_is_a_note() {
    let cases = [
        ("on cart where event.total > 50", "on cart where 50 < event.total", "filter-changed"),
        ("where it.order == event.order", "where event.order == it.order", "exit-changed"),
        ("wait for bought as later up", "wait for bought as later where event.order == later.order up", ""),
    ];
    for (old, new, slug) in cases {
        let base = SHOP.replace("bought as later up", "bought as later where later.order == event.order up");
        let (old, slug) = if slug.is_empty() {
            ("wait for bought as later where later.order == event.order up", "wait-until-changed")
        } else {
            (old, slug)
        };
        assert!(base.contains(old), "{old}");
        let change = only(&base, &base.replace(old, new));
        assert_eq!((change.slug.word(), change.risk, change.runs), (slug, Risk::Note, Runs::Unaffected), "{change:#?}");
    }
}

/// A value that a type has now, and that no way is for, is told at each step that named every value before.
#[test]
fn a_value_without_a_way_is_told_where_it_bites() {
    let widened = |shop: &str| {
        let head = shop.replace("\"silver\" | \"gold\"", "\"silver\" | \"gold\" | \"trial\"");
        difference(shop, &head).changes
    };
    let ways = "match contact.tier {\n    \"gold\" { wait 1d }\n    \"silver\", \"bronze\" { stop \"no gold\" }\n  }";
    let with = |steps: &str| SHOP.replace(ways, steps);
    let chain = "if contact.tier == \"gold\" { wait 1d } else if contact.tier in [\"silver\", \"bronze\"] { wait 2d }";
    for (steps, told) in [
        (ways, Some("danger | no way for \"trial\"")),
        (
            "match contact.tier { \"gold\" { send news } \"silver\", \"bronze\" { wait 1d } }",
            Some("review | no way for \"trial\""),
        ),
        (chain, Some("review | not every value has a way")),
        ("match contact.tier { \"gold\" { wait 1d } else { stop } }", None),
        ("match contact.tier { \"gold\" { wait 1d } \"silver\" { stop } }", None),
    ] {
        let found = widened(&with(steps));
        let told_here: Vec<String> = found
            .iter()
            .filter(|it| it.slug.word() == "branch-condition-changed")
            .map(|it| format!("{} | {}", it.risk.word(), it.after.as_deref().unwrap()))
            .collect();
        assert_eq!(told_here.first().map(String::as_str), told, "{steps}: {found:#?}");
        assert!(told_here.len() <= 1, "{told_here:#?}");
    }
}
