//! What one change is told as: one line that says what follows from it, or a quiet one where nothing does.

use compiler::diff::{Change, Risk, Runs};

use super::difference;
use super::pairs::SHOP;

/// A shop that has what the one of the other tests lacks.
fn shop() -> String {
    let html = "html \"<p>$data.code.code</p>";
    let block = "html \"\"\"\n      <p>Dear $!contact.first_name</p>\n      <p>$data.code.code</p>\n      ";
    let base = SHOP.replace(html, block).replace("Unsubscribe</a>\"", "Unsubscribe</a>\n      \"\"\"");
    let base = base.replace("  call code\n", "  call code on failure {\n    stop \"no code\"\n  }\n");
    let base = base.replace("  wait for bought", "  if contact.id > 50 { wait 3h } else if contact.id < 5 { wait 4h }\n  split \"ab\" {\n    50% \"a\" { wait 2h }\n    30% \"b\" { wait 3h }\n    rest \"c\" { set contact.points = 3 }\n  }\n  wait for bought");
    format!(
        "{base}\nevent nudge {{\n  email: email\n  why: string = \"cart\"\n}}\nworkflow nudged {{\n  on nudge where event.why != \"none\"\n  \
         identify by email event.email\n  call erp\n  send news\n}}\n"
    )
}

fn changes(old: &str, new: &str) -> Vec<Change> {
    let base = shop();
    assert!(base.contains(old), "{old} is not in {base}");
    difference(&base, &base.replacen(old, new, 1)).changes
}

#[track_caller]
fn only(old: &str, new: &str) -> Change {
    let changes = changes(old, new);
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    change.clone()
}

/// What nobody notices is at most a note without a letter.
#[test]
fn what_nobody_notices_is_a_note() {
    let cases = [
        ("      <p>Dear", "      ## a word to the next author\n      <p>Dear", "message-text-changed"),
        ("<p>Dear", "<p>#* see #42, https://wiki.example.org *#Dear", "message-text-changed"),
        ("$!contact.first_name", "$!{contact.first_name}", "message-text-changed"),
        ("<p>$data.code.code</p>", "<p>${data.code.code}</p>", "message-text-changed"),
        ("<p>Dear", "#macro(unused $a)<b>$a</b>#end<p>Dear", "message-text-changed"),
        (
            "50% \"a\" { wait 2h }\n    30% \"b\" { wait 3h }",
            "30% \"b\" { wait 3h }\n    50% \"a\" { wait 2h }",
            "split-share-changed",
        ),
        (
            "if contact.id > 50 { wait 3h } else if contact.id < 5 { wait 4h }",
            "if contact.id < 5 { wait 4h } else if contact.id > 50 { wait 3h }",
            "branch-condition-changed",
        ),
        (
            "\"gold\" { wait 1d }\n    \"silver\", \"bronze\" { stop \"no gold\" }",
            "\"bronze\", \"silver\" { stop \"no gold\" }\n    \"gold\" { wait 1d }",
            "branch-condition-changed",
        ),
    ];
    for (old, new, slug) in cases {
        let change = only(old, new);
        assert_eq!((change.slug.word(), change.risk, change.runs), (slug, Risk::Note, Runs::Unaffected), "{change:#?}");
    }
}

/// Attempts are what they come to: a longest pause that is never reached limits none.
#[test]
fn attempts_are_compared_by_their_pauses() {
    let with = |attempts: &str| {
        let webhook = "post \"https://erp.example.com/in\"";
        SHOP.replace(webhook, &format!("{webhook}\n  attempts {attempts}"))
    };
    for (old, new, slug, risk) in [
        ("3 from 1s to 10s", "3 from 1s to 100s", "retry-lowered", Risk::Note),
        ("3 from 1s to 10s", "3 from 2s to 10s", "retry-raised", Risk::Review),
        ("3 from 1s to 10s", "5 from 1s to 10s", "retry-raised", Risk::Review),
        ("3 from 4s to 10s", "3 from 4s to 4s", "retry-lowered", Risk::Review),
    ] {
        let changes = difference(&with(old), &with(new)).changes;
        let [change] = changes.as_slice() else { panic!("{changes:#?}") };
        assert_eq!((change.slug.word(), change.risk), (slug, risk), "{old} → {new}: {change:#?}");
    }
}

/// What stands in a comment is no way out, and no link.
#[test]
fn what_a_comment_says_nobody_reads() {
    let gone = "<a href='https://shop.example.com/u'>Unsubscribe</a>";
    for hidden in ["<!-- Unsubscribe -->", "#* Unsubscribe: https://other.example.org/ *#", "## Unsubscribe"] {
        let told: Vec<_> = changes(gone, hidden).iter().map(|it| it.slug.word()).collect();
        assert_eq!(told, ["unsubscribe-removed", "message-text-changed"], "{hidden}");
    }
    // It is told with what it was, where it stood.
    let changes = changes(gone, "");
    let change = changes.iter().find(|it| it.slug.word() == "unsubscribe-removed").unwrap();
    assert!(change.gone, "{change:#?}");
    assert_eq!((change.line, change.before.as_deref().unwrap().contains(gone)), (Some(3), true), "{change:#?}");
}

/// Who reads it, and whether it leads anywhere, is a part of the way out.
#[test]
fn a_way_out_that_not_all_have_is_lost() {
    let whole = "<a href='https://shop.example.com/u'>Unsubscribe</a>";
    let some = "only some have it now: it stands where the template decides who reads it";
    let idle = "the words are there, but no link and no address by them";
    let wrapped = |condition: &str| format!("#if({condition}){whole}#end");
    for (now, lost) in [
        (wrapped("$contact.points > 3"), Some(some)),
        (wrapped("false"), Some("")),
        (wrapped("true"), None),
        (format!("#if($contact.points > 3)<b>{whole}</b>#else{whole}#end"), None),
        (
            format!("{}<p>To unsubscribe write to us.</p>", "<p>We are glad that you are here.</p>".repeat(5)),
            Some(idle),
        ),
        ("<a href='https://shop.example.com/leave'>Opt out</a>".to_owned(), None),
        ("Reply STOP".to_owned(), None),
    ] {
        let changes = changes(whole, &now);
        let found = changes.iter().find(|it| it.slug.word() == "unsubscribe-removed");
        let told = found.map(|it| it.details.first().map_or("", String::as_str));
        assert_eq!(told, lost, "{now}: {changes:#?}");
        assert!(found.is_none_or(|it| it.risk == Risk::Danger && it.gone == it.details.is_empty()), "{changes:#?}");
    }
    // What only some had before, only some lose.
    let base = shop().replace(whole, &wrapped("$contact.points > 3"));
    let head = base.replace(&wrapped("$contact.points > 3"), &wrapped("$contact.points > 4"));
    let told: Vec<_> = difference(&base, &head).changes.iter().map(|it| it.slug.word()).collect();
    assert_eq!(told, ["message-text-changed"]);
}

/// A text saved on another system looks the same.
#[test]
fn line_ends_are_a_note() {
    let block = "<p>Dear $!contact.first_name</p>\n      <p>$data.code.code</p>";
    let changes = changes(block, &block.replace('\n', "\r\n"));
    assert!(changes.iter().all(|it| it.risk == Risk::Note && it.words.is_none()), "{changes:#?}");
}

/// A condition is what it asks, whether a segment asks it or it is written out.
#[test]
fn segments_are_opened_to_compare_conditions() {
    let shop = shop().replace("segment loyal {", "segment consenting { contact.marketing_ok }\n\nsegment loyal {");
    let with = |condition: &str| shop.replace("if contact.id > 50 {", &format!("if {condition} {{"));
    let gold = "contact.marketing_ok and contact.tier == \"gold\"";
    for (before, after, words) in [
        ("contact in loyal", gold, None),
        ("contact.tier == \"gold\" and contact in consenting", "contact in loyal", None),
        ("contact in loyal", "contact in consenting", Some("lets more through")),
        ("contact in loyal", "contact in loyal and contact.id > 5", Some("lets less through")),
        ("contact in loyal", "contact.id > 5", Some("")),
    ] {
        let changes = difference(&with(before), &with(after)).changes;
        let [change] = changes.as_slice() else { panic!("{before} -> {after}: {changes:#?}") };
        assert_eq!(change.slug.word(), "branch-condition-changed");
        assert_eq!(change.risk == Risk::Note, words.is_none(), "{before} -> {after}: {change:#?}");
        let shown = format!("{change:?}");
        assert!(words.is_none_or(|words| shown.contains(words)), "{before} -> {after}: {change:#?}");
    }
}

/// What reads a result under its new name reads the same.
#[test]
fn a_result_with_another_name_is_one_change() {
    let base = shop().replace("if contact.id > 50 {", "if data.code.code == \"A\" and contact.id > 50 {");
    let head =
        base.replace("call code on", "call code as offered on").replace("data.code.code ==", "data.offered.code ==");
    let head = head.replace("$data.code.code", "$data.offered.code");
    let changes = difference(&base, &head).changes;
    let of_steps: Vec<_> = changes.iter().filter(|it| it.workflow.is_some()).map(|it| it.slug.word()).collect();
    assert_eq!(of_steps, ["result-renamed"], "{changes:#?}");
}

#[test]
fn an_event_with_another_name_is_told_to_callers() {
    let base = shop();
    let head = base.replace("event nudge {", "event remind {").replace("on nudge", "on remind");
    let changes = difference(&base, &head).changes;
    let change = changes.iter().find(|it| it.slug.word() == "declaration-renamed").unwrap();
    assert_eq!(change.details, ["callers must send the new name: events of the old one are refused"]);
}

#[test]
fn a_default_names_who_reads_it() {
    let change = only("points: int = 0", "points: int = 7");
    assert_eq!(change.reaches, ["rescue"], "{change:#?}");
    assert_eq!(change.details, ["workflow rescue reads it: if contact.marketing_ok and contact.points > 5"]);
    let change = only("why: string = \"cart\"", "why: string = \"none\"");
    assert_eq!((change.reaches.as_slice(), change.details.len()), (["nudged".into()].as_slice(), 1), "{change:#?}");
    assert!(change.details[0].contains("on nudge where event.why"), "{change:#?}");
    let (old, new) = (
        "tier: \"bronze\" | \"silver\" | \"gold\" = \"bronze\"",
        "tier: \"bronze\" | \"silver\" | \"gold\" = \"gold\"",
    );
    let change = only(old, new);
    assert_eq!(change.reaches, ["rescue", "weekly"], "{change:#?}");
    // The segment of a schedule asks for it, and so does a step.
    assert!(change.details[1].contains("for segment loyal; match contact.tier"), "{change:#?}");
    let unread = shop().replace("points: int = 0", "points: int = 0\n  unread: int = 1");
    let changes = difference(&unread, &unread.replace("unread: int = 1", "unread: int = 2")).changes;
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    assert_eq!((change.reaches.len(), change.details.as_slice()), (0, ["no workflow reads it".to_owned()].as_slice()));
}

#[test]
fn an_event_that_is_raised_names_what_it_starts() {
    let raise = "emit nudge { email: event.email }\n  wait for bought";
    let changes_of = changes("wait for bought", raise);
    let change = changes_of.iter().find(|it| it.slug.word() == "emit-added").unwrap();
    assert_eq!(change.risk, Risk::Danger, "it leads to a message");
    let starts = "workflow nudged (on nudge where event.why != \"none\"): calls erp, sends news (email)";
    assert_eq!(change.details, [format!("starts {starts}")]);
    // One that ends runs alone is none that writes to anybody.
    let raise = "emit bought { email: event.email, order: event.order }\n  wait for bought";
    let changes_of = changes("wait for bought", raise);
    let change = changes_of.iter().find(|it| it.slug.word() == "emit-added").unwrap();
    assert_eq!(
        (change.risk, change.details.as_slice()),
        (Risk::Review, ["bought ends runs of workflow rescue".to_owned()].as_slice())
    );
    let base = shop().replace("wait for bought", "emit nudge { email: event.email }\n  wait for bought");
    let changes = difference(&base, &shop()).changes;
    let change = changes.iter().find(|it| it.slug.word() == "emit-removed").unwrap();
    assert_eq!(change.details, [format!("does not start {starts}")]);
}

/// A run that waits before a call would go on with the other contact; one that has a contact keeps it.
#[test]
fn who_a_call_is_about_concerns_runs_in_the_middle() {
    let named = "call erp identify by email event.email";
    let change = only("call erp", named);
    let words = (change.before.as_deref(), change.after.as_deref());
    assert_eq!((change.slug.word(), change.risk, change.runs), ("identify-key-changed", Risk::Danger, Runs::Continue));
    assert_eq!(words, (Some("the contact of the run"), Some("identify by email event.email, else the run fails")));
    let base = shop().replacen("call erp", named, 1);
    let changes = difference(&base, &base.replacen(named, &format!("{named} else create"), 1)).changes;
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    assert_eq!(
        (change.slug.word(), change.risk, change.runs),
        ("create-if-missing-changed", Risk::Danger, Runs::Continue)
    );
    let header = only("identify by email event.email else create", "identify by email event.email");
    assert_eq!((header.slug.word(), header.runs), ("create-if-missing-changed", Runs::New));
}

#[test]
fn an_end_of_another_kind_is_one_change() {
    let change = only("stop \"no code\"", "fail \"no code\"");
    assert_eq!((change.slug.word(), change.risk), ("end-changed", Risk::Review), "{change:#?}");
    assert_eq!(change.details, ["runs that end here count as failed now"]);
    assert_eq!(change.before.as_deref(), Some("stop \"no code\""));
    let change = only("stop \"did not buy\"", "fail \"too late\"");
    assert_eq!((change.slug.word(), change.details.len()), ("end-changed", 1), "{change:#?}");
}

#[test]
fn a_split_with_another_name_divides_anew() {
    let change = only("split \"ab\"", "split \"test of June\"");
    assert_eq!((change.slug.word(), change.risk, change.runs), ("split-share-changed", Risk::Review, Runs::Continue));
    assert!(change.details[0].contains("many go another way"), "{change:#?}");
    // What changes inside of it is told, too.
    let base = shop();
    let head = base.replace("split \"ab\"", "split \"june\"").replace("{ wait 2h }", "{ wait 4h }");
    let told: Vec<_> = difference(&base, &head).changes.iter().map(|it| it.slug.word().to_owned()).collect();
    assert_eq!(told, ["split-share-changed", "wait-changed", "longest-wait-changed"]);
}

/// One edit, and what is told of it: slug, risk, letter, and how one of its details begins.
type Told<'t> = (&'t str, &'t str, &'t str, Risk, Runs, &'t str);

/// What an edit means for inboxes and data, where the words of the edit alone do not show it.
#[test]
fn consequences_are_told() {
    use Risk::{Danger, Note, Review};
    use Runs::{Continue, New, Unaffected};
    let cases: &[Told<'_>] = &[
        // Units of waits.
        ("wait 1h", "wait 1s", "wait-changed", Danger, Continue, "a message behind it goes out 59min 59s earlier"),
        ("wait 1h", "wait 50min", "wait-changed", Review, Continue, "a message behind it goes out 10min earlier"),
        ("wait 1h", "wait 1d", "wait-changed", Review, Continue, "a message behind it goes out 23h later"),
        ("wait 2h", "wait 1s", "wait-changed", Review, Continue, ""),
        ("up to 2d {", "up to 2h {", "wait-until-changed", Review, Continue, "fewer events end the wait"),
        // Windows.
        ("once per 7d", "once per 30d", "dedupe-changed", Review, New, "a contact may enter again later"),
        ("once per 7d", "once ever", "dedupe-changed", Review, New, "a contact may enter again later"),
        ("once per 7d", "once per 1d", "dedupe-changed", Danger, New, "a contact may enter again sooner"),
        (
            HOURS,
            "between 21:00 and 09:00",
            "quiet-hours-changed",
            Review,
            Continue,
            "it goes out at hours now at which it did not: 21:00 to 09:00",
        ),
        (
            HOURS,
            "between 08:30 and 22:00",
            "quiet-hours-changed",
            Review,
            Continue,
            "it goes out at hours now at which it did not: 08:30 to 09:00, 21:00 to 22:00",
        ),
        (HOURS, "between 10:00 and 21:00", "quiet-hours-changed", Review, Continue, ""),
        // Ends.
        (
            "exit on bought as it where it.",
            "exit on bought as done where done.",
            "exit-changed",
            Note,
            Unaffected,
            "it ends the same runs",
        ),
        (
            "for bought as later up",
            "for bought as then_bought up",
            "wait-until-changed",
            Note,
            Unaffected,
            "the same events",
        ),
        // Limits.
        (
            LIMIT,
            "limit 600 per 1min",
            "rate-limit-raised",
            Review,
            Continue,
            "at once more: 10 → 600; in the long run as many",
        ),
        (
            LIMIT,
            "limit 100 per 1h",
            "rate-limit-raised",
            Review,
            Continue,
            "at once more: 10 → 100; in the long run fewer",
        ),
        (LIMIT, "limit 5 per 1s", "rate-limit-lowered", Review, Continue, ""),
        (
            LIMIT,
            "limit 1 per 100ms",
            "rate-limit-lowered",
            Review,
            Continue,
            "at once fewer: 10 → 1; in the long run as many",
        ),
        // What a receiver sees.
        (
            "<p>Dear $!contact.first_name</p>",
            "<p>Dear $!esc.raw($contact.first_name)</p>",
            "message-text-changed",
            Danger,
            Continue,
            "$esc.raw($contact.first_name) stands in the page as it is now",
        ),
        (
            "token secret(\"PROMO_TOKEN\")",
            "token secret(\"PROMO_TOKEN\")\n  signing secret(\"S\")",
            "signing-changed",
            Review,
            Continue,
            "",
        ),
        (
            "body json { order: event.order }",
            "body form { order: event.order }",
            "body-shape-changed",
            Review,
            Continue,
            "it is sent as a form now, and was sent as JSON",
        ),
        (
            "body json { town: contact.town, points: 1 }",
            "body json { points: 1, town: contact.town }",
            "body-shape-changed",
            Note,
            Unaffected,
            "the order of keys",
        ),
        (
            "string? sensitive",
            "string?",
            "field-classification-lowered",
            Danger,
            Unaffected,
            "history, logs and the console show it now",
        ),
    ];
    let base = shop().replace("    send offer\n", &format!("    send offer {HOURS} in \"Europe/Kyiv\"\n")).replace(
        "body json { town: contact.town }",
        &format!("body json {{ town: contact.town, points: 1 }}\n  {LIMIT}"),
    );
    for (old, new, slug, risk, runs, detail) in cases {
        assert!(base.contains(old), "{old}");
        let changes = difference(&base, &base.replacen(old, new, 1)).changes;
        let others = ["longest-wait-changed", "max-sends-increased", "auth-host-widened"];
        let told: Vec<&Change> = changes.iter().filter(|it| !others.contains(&it.slug.word())).collect();
        let [change] = told.as_slice() else { panic!("{old} → {new}: {told:#?}") };
        assert_eq!((change.slug.word(), change.risk, change.runs), (*slug, *risk, *runs), "{old} → {new}: {change:#?}");
        let told = change.details.first().map_or("", String::as_str);
        assert!(told.starts_with(detail) && (told.is_empty() || !detail.is_empty()), "{old} → {new}: {told}");
    }
}

const HOURS: &str = "between 09:00 and 21:00";
const LIMIT: &str = "limit 10 per 1s";

/// A shorter wait for an event sends more runs the way that they take without it.
#[test]
fn a_shorter_wait_for_an_event_leads_more_runs_to_the_other_way() {
    let base = shop().replace("    stop \"did not buy\"\n", "    send news\n");
    for (up_to, risk, told) in [("2h", Risk::Danger, "fewer events end the wait"), ("9d", Risk::Review, "more events")]
    {
        let changes = difference(&base, &base.replace("up to 2d {", &format!("up to {up_to} {{"))).changes;
        let change = changes.iter().find(|it| it.slug.word() == "wait-until-changed").unwrap();
        assert!(change.risk == risk && change.details[0].starts_with(told), "{change:#?}");
    }
}
