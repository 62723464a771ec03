//! Names: declared once, used as declared.

use super::{accepts, refuses, steps};

#[test]
fn a_name_stands_for_one_thing() {
    refuses("event a { }\nevent ⟦duplicate-name: a⟧ { }");
    refuses("segment s { contact.id == 1 }\nsegment ⟦duplicate-name: \"s\"⟧ { contact.id == 2 }");
    refuses("contact { a: int? }\n⟦duplicate-name: contact { b: int? }⟧");
    refuses("event e { a: int ⟦duplicate-name: a⟧: string }");
    refuses("event e { a: { b: int, ⟦duplicate-name: b⟧: int } }");
    refuses("event signUp { }\nevent ⟦similar-names: signup⟧ { }");
    refuses("contact { tier: int? ⟦similar-names: Tier⟧: int? ⟦similar-names: Town⟧: string? }");
    // Kinds do not compete.
    accepts("event promo { }\nsegment promo { contact.id == 1 }\nworkflow promo { on promo identify by id 1 stop }");
}

#[test]
fn built_in_fields_stay_what_they_are() {
    refuses("contact { ⟦reserved-field: town⟧: int? }");
    refuses("event e { ⟦reserved-field: id⟧: int ⟦reserved-field: occurred_at⟧: date }");
}

#[test]
fn unknown_names_are_found_at_every_use() {
    for (line, other) in [
        ("call ⟦unknown-name: scor⟧", "`score`"),
        ("send ⟦unknown-name: helo⟧", "`hello`"),
        ("if contact in ⟦unknown-name: loyl⟧ { stop }", "`loyal`"),
        ("call ⟦unknown-name: \"Any nam!\"⟧", "`Any name!`"),
    ] {
        let said = refuses(&steps(line));
        let hint = said.iter().find(|finding| finding.code.slug() == "unknown-name").and_then(|said| said.hint.clone());
        assert!(hint.as_deref().is_some_and(|hint| hint.contains(other)), "{line}: {hint:?}");
    }
    refuses("workflow w { on ⟦unknown-name: signup⟧ identify by email event.email if event.x.y == 3 { stop } }");
    for (name, hint) in [("crm", "`connector crm bearer { … }`"), ("bearer", "`connector crm bearer { … }`")] {
        let text = format!("webhook w {{ get \"https://a.example.com/\" auth ⟦unknown-name: {name}⟧ }}");
        let said = refuses(&text);
        assert!(said.iter().any(|said| said.hint.as_deref().is_some_and(|said| said.contains(hint))), "{said:#?}");
    }
}

#[test]
fn what_follows_from_an_unknown_name_is_not_said() {
    // Of one that is written wrong, its result is spoken of by its right name.
    refuses(&steps("call ⟦unknown-name: scor⟧\n  if data.score.score > 3 { stop \"${data.score.score}\" }"));
    refuses(&steps("call ⟦unknown-name: nothing⟧\n  if data.nothing.x > 3 { stop \"${data.nothing}\" }"));
    refuses(&steps("call ⟦unknown-name: nothing⟧ as it on failure { stop }\n  if data.it.x > 3 { stop }"));
}

#[test]
fn what_nothing_uses_is_a_warning() {
    refuses(
        "event ⟦unused-declaration: a⟧ { }
         connector ⟦unused-declaration: b⟧ bearer { token secret(\"T\") }
         webhook ⟦unused-declaration: c⟧ { get \"https://a.example.com/\" }
         segment ⟦unused-declaration: d⟧ { contact.id == 1 }
         message ⟦unused-declaration: e⟧ { email { from \"a@b.co\" subject \"x\" text \"x\" } }",
    );
}

#[test]
fn segments_are_not_defined_by_themselves() {
    refuses("segment ⟦segment-cycle: a⟧ { contact in a }");
    refuses(
        "segment ⟦segment-cycle: a⟧ { contact in b }\nsegment b { contact in c }\nsegment c { contact in a or contact in d }\nsegment d { contact.id == 1 }",
    );
    accepts("segment a { contact in b and contact in c }\nsegment b { contact in c }\nsegment c { contact.id == 1 }");
    refuses("segment a { ⟦not-available-here: event⟧.x == 1 and ⟦not-available-here: data.y⟧ == 2 }");
}
