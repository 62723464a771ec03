//! How changes are told: in the words of the author, and one as one.

use super::pairs::SHOP;
use super::{difference, line};

/// What stood in for a value is quoted as it was written.
#[test]
fn what_stood_in_for_a_value_is_quoted() {
    let mail = |text: &str| SHOP.replace("\"News. ", &format!("\"{text} News. "));
    let cases = [
        ("${contact.town|'here'}", "$contact.town", "${contact.town|'here'}"),
        ("$!contact.town", "${contact.town}", "$!contact.town"),
        ("$!{contact.town}", "$contact.town", "$!{contact.town}"),
        (
            "#if($contact.town)$contact.town#end",
            "$contact.town",
            "$contact.town inside of what asks whether it is there",
        ),
        ("$!contact.town ${contact.town|'x'}", "$!contact.town $contact.town", "$!contact.town"),
    ];
    for (old, new, was) in cases {
        let changes = difference(&mail(old), &mail(new)).changes;
        let lost = changes.iter().find(|it| it.slug.word() == "template-variable-fallback-removed").unwrap();
        let shown = new.rsplit(' ').next();
        assert_eq!((lost.before.as_deref(), lost.after.as_deref()), (Some(was), shown), "{old} -> {new}");
    }
}

/// One is not told as several.
#[test]
fn one_of_something_is_one() {
    let base = SHOP.replace("  returns json { code: string }", "  returns json { code: string }\n  attempts 1");
    let changes = |head: &str| difference(&base, head).changes.iter().map(line).collect::<Vec<_>>().join("\n");
    let more = changes(&base.replace("attempts 1", "attempts 2"));
    assert!(more.contains("| 1 attempt from") && more.contains("-> 2 attempts from"), "{more}");
}
