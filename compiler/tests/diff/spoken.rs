//! How changes are told: in the words of the author, one as one, and no worse than they are.

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

/// A header, and why a run ends, are shown as they are written.
#[test]
fn what_is_written_is_shown_as_it_stands() {
    let header = |value: &str| {
        SHOP.replace("  body json { order", &format!("  headers {{ \"X-Mail\": {value} }}\n  body json {{ order"))
    };
    for value in ["event.email", "\"to ${event.email}\"", "\"it's \\\"fine\\\"\"", "\"5 \\${\"", "\"a\\\\b\""] {
        let found = difference(SHOP, &header(value)).changes;
        let change = found.iter().find(|it| it.slug.word() == "header-changed").unwrap();
        assert_eq!(change.after.as_deref(), Some(format!("X-Mail: {value}").as_str()));
    }
    let found = difference(SHOP, &SHOP.replace("\"did not buy\"", "\"didn't buy\"")).changes;
    assert_eq!(found[0].after.as_deref(), Some("stop \"didn't buy\""));
}

/// One is not told as several.
#[test]
fn one_of_something_is_one() {
    let base = SHOP.replace("  returns json { code: string }", "  returns json { code: string }\n  attempts 1");
    let changes = |head: &str| difference(&base, head).changes.iter().map(line).collect::<Vec<_>>().join("\n");
    let more = changes(&base.replace("attempts 1", "attempts 2"));
    assert!(more.contains("| 1 attempt from") && more.contains("-> 2 attempts from"), "{more}");
}

/// A field that takes all that it took breaks nobody who sends it, however that is written.
#[test]
fn a_field_is_held_to_what_it_took() {
    let (shop, _) = SHOP.split_once("test ").unwrap();
    let event = |ty: &str| {
        shop.replace(
            "  order: string\n  total: decimal\n",
            &format!("  order: string\n  total: decimal\n  ref: {ty}\n"),
        )
    };
    let cases = [
        ("string?", "string = \"x\"", "review field-type-changed event.cart.ref"),
        ("string = \"x\"", "string?", "review field-type-changed event.cart.ref"),
        ("int = 1", "decimal = 1.0", "review field-type-changed event.cart.ref"),
        ("{ a: string? }", "{ a: string = \"x\" }", "review field-type-changed event.cart.ref.a"),
        ("[{ a: int? }]", "[{ a: decimal = 1.0 }]", "review field-type-changed event.cart.ref.a"),
        ("string?", "string", "danger field-type-changed event.cart.ref"),
        ("int?", "bool = true", "danger field-type-changed event.cart.ref"),
        ("int = 1", "decimal", "danger field-type-changed event.cart.ref"),
        // Who left it out is refused now.
        ("string = \"x\"", "string", "danger field-default-changed event.cart.ref"),
        ("string = \"x\"", "string = \"y\"", "review field-default-changed event.cart.ref"),
    ];
    for (old, new, told) in cases {
        let found: Vec<String> = difference(&event(old), &event(new)).changes.iter().map(line).collect();
        assert!(found.iter().any(|line| line.starts_with(told)), "{old} -> {new}: {found:#?}");
        let danger = found.iter().any(|line| line.starts_with("danger"));
        assert_eq!(danger, told.starts_with("danger"), "{old} -> {new}: {found:#?}");
    }
}
