//! Values, operators and what may be absent.

use super::{accepts, accepts_conditions, refuses, refuses_conditions, steps};

#[test]
fn values_are_compared_with_values_of_their_type() {
    accepts_conditions(&[
        "event.plan == \"pro\"",
        "event.plan in [\"pro\", \"free\"]",
        "event.text == event.email",
        "event.level != null",
        "event.visits == 1.5 and event.total == 3",
        "event.born == 2026-11-24",
        "event.until == 2026-11-24T09:30Z and event.until > 2026-11-24T09:30:00+02:00",
        "event.pause == 90min",
        "event.note == \"x\" and contact.town != event.note",
        "event.agreed",
        "not event.agreed or event.extra",
        "event.extra.a[0].b == 3 and event.extra == \"x\"",
        "event.tags contains \"a\" and event.text contains \"b\"",
        "event.items[0].sku == \"x\"",
        "event.tags in [[\"a\"], []]",
        "contact.town in [\"Kyiv\", \"Lviv\"]",
        "contact in loyal and contact not in loyal",
        "contact in \"loyal\"",
        "event.id == \"x\" and event.occurred_at < event.until",
    ]);
    refuses_conditions(&[
        "⟦types-differ: event.visits == \"3\"⟧",
        "⟦types-differ: event.agreed == \"true\"⟧",
        "⟦types-differ: event.born == \"2026-11-24\"⟧",
        "⟦types-differ: event.born == event.until⟧",
        "⟦types-differ: event.tags == \"a\"⟧",
        "event.plan == ⟦not-a-member: \"por\"⟧",
        "⟦not-a-member: \"gold\"⟧ != event.plan",
        "event.level == ⟦not-a-member: \"hihg\"⟧",
        "⟦types-differ: event.level == event.visits⟧",
        "⟦types-differ: event.plan⟧ == null",
        "event.visits in [1, 2, ⟦types-differ: \"3\"⟧]",
        "event.visits in [⟦types-differ: \"2\"⟧, \"3\"]",
        "event.plan in [\"pro\", ⟦not-a-member: \"fre\"⟧, ⟦not-a-member: \"x\"⟧]",
        "⟦types-differ: event.visits in event.tags⟧",
        "⟦types-differ: event.level == event.plan⟧",
        "⟦types-differ: event.until == 2026-11-24T09:30⟧",
        "⟦types-differ: event.tags contains 3⟧",
        "⟦types-differ: event.text contains 3⟧",
        "⟦wrong-type: event.visits⟧ contains 3",
        "event.text in ⟦wrong-type: event.email⟧",
        "⟦wrong-type: event.email⟧ in loyal",
        "⟦wrong-type: event.text⟧",
        "⟦wrong-type: event⟧",
        "⟦wrong-type: loyal⟧",
        "not ⟦wrong-type: event.visits⟧",
        "event.agreed and ⟦wrong-type: event.text⟧",
    ]);
}

#[test]
fn order_and_arithmetic_take_numbers_and_times() {
    accepts_conditions(&[
        "event.visits + 1 > event.total * 2 / 3 - 0.5",
        "event.until + event.pause < 2026-11-24T09:30Z - 1h",
        "event.born + 1w >= 2026-11-24",
        "event.pause + 5min - 1s < 1d",
        "-event.visits < -1",
        "(event.ratio ?? 0) + 1 > 2",
        "event.extra + 1 > event.extra.x",
    ]);
    refuses_conditions(&[
        "⟦wrong-type: event.text⟧ < \"b\"",
        "⟦types-differ: event.visits >= \"3\"⟧",
        "⟦types-differ: event.until > 2026-11-24⟧",
        "⟦types-differ: 1 < event.agreed⟧",
        "⟦types-differ: event.visits < event.until⟧",
        "⟦wrong-type: event.text + \"x\"⟧ == \"yx\"",
        "⟦wrong-type: event.agreed * 2⟧ == 2",
        "⟦wrong-type: event.born + 1⟧ == 2026-11-24",
        "event.born + ⟦wrong-type: 12h⟧ == 2026-11-24",
        "⟦wrong-type: event.until - event.until⟧ > 1h",
        "-⟦wrong-type: event.text⟧ == 1",
        "⟦optional-as-value: event.ratio⟧ + 1 > 2",
        "⟦optional-as-value: event.ratio⟧ > ⟦optional-as-value: contact.score⟧",
    ]);
}

#[test]
fn what_may_be_absent_is_asked_for_first() {
    accepts_conditions(&[
        "event.note is set and event.note contains \"x\"",
        "event.note is not set or event.note contains \"x\"",
        "not (event.note is not set) and event.note contains \"x\"",
        "event.note != null and event.note contains \"x\"",
        "event.note == \"x\" and event.note contains \"x\"",
        "event.level in [\"low\"] and event.level == \"low\"",
        "event.address.zip is set and event.address.zip contains \"0\" and event.address.city contains \"x\"",
        "event.items[0].note is set and event.items[0].note contains \"x\" and event.items[0].qty > 1",
        "(event.note ?? \"\") contains \"x\"",
        "(event.note ?? contact.town ?? \"\") contains \"x\"",
        "contact.score is set and contact.score > 1",
    ]);
    refuses_conditions(&[
        "⟦optional-as-value: event.note⟧ contains \"x\"",
        "event.note is not set and ⟦optional-as-value: event.note⟧ contains \"x\"",
        "event.note is set or ⟦optional-as-value: event.note⟧ contains \"x\"",
        "(event.note is set or event.agreed) and ⟦optional-as-value: event.note⟧ contains \"x\"",
        "event.address is set and ⟦optional-as-value: event.address.zip⟧ contains \"0\"",
        "⟦optional-as-value: event.items[0].qty⟧ > 1",
        "event.items[1].qty is set and ⟦optional-as-value: event.items[0].qty⟧ > 1",
        "⟦optional-as-value: event.note ?? contact.town⟧ contains \"x\"",
        "⟦types-differ: event.note ?? 3⟧ == \"x\"",
        "⟦wrong-type: \"x\"⟧ is set",
    ]);
}

#[test]
fn texts_take_plain_values_that_are_there() {
    accepts(&steps("stop \"${event.visits} ${event.born} ${event.plan} ${event.extra.a} ${contact.town ?? \"\"}\""));
    refuses(&steps("stop \"a ${⟦optional-as-value: contact.town⟧} b\""));
    refuses(&steps("stop \"ти ${⟦wrong-type: event.tags⟧}\""));
    refuses(&steps("fail \"${⟦wrong-type: event⟧}\""));
    refuses(&steps("fail \"${event.⟦unknown-field: nam⟧}\""));
}

#[test]
fn fields_and_elements_are_those_that_are_declared() {
    refuses_conditions(&[
        "event.⟦unknown-field: vists⟧ == 1",
        "contact.⟦unknown-field: tiers⟧ == \"gold\"",
        "event.items[0].⟦unknown-field: skus⟧ == \"x\"",
        "event.items.⟦unknown-field: sku⟧ == \"x\"",
        "event.text.⟦unknown-field: length⟧ == 1",
        "event.address.⟦unknown-field: street⟧ == \"x\"",
        "event[⟦unknown-field: \"vists\"⟧] == 1",
        "⟦wrong-type: event.text⟧[0] == \"x\"",
        "event.tags[⟦wrong-type: \"a\"⟧] == \"x\"",
        "event.tags[⟦wrong-type: -1⟧] == \"x\"",
        "event[⟦wrong-type: event.visits⟧] == 1",
        "⟦unknown-name: tier⟧ == \"gold\"",
        "⟦unknown-name: plan⟧ == \"pro\"",
        "⟦unknown-name: evnt⟧.plan == \"pro\"",
        "⟦unknown-name: score⟧.points == 1",
        "⟦unknown-name: something⟧ == 1",
        "⟦wrong-type: data⟧ == 1",
        "⟦not-available-here: message⟧.text == \"x\"",
        "⟦unknown-function: lower(event.text)⟧ == \"x\"",
        "⟦unknown-function: event.extra.get(\"x\")⟧ == 1",
        "⟦secret-outside-connector: secret(\"KEY\")⟧ == \"x\"",
    ]);
    accepts_conditions(&["event[\"visits\"] == 1", "event.extra[\"a\"][event.visits] == 1"]);
}

#[test]
fn one_mistake_in_a_type_is_one_finding() {
    refuses(
        "event signup { email: email plan: ⟦unknown-type: strng⟧ list: [⟦unknown-type: number⟧] }
         workflow w {
           on signup
           identify by email event.email
           if event.plan == 3 and event.plan.x > 1 and event.list[0] contains 3 { stop \"${event.plan}\" }
         }",
    );
}

#[test]
fn an_element_that_a_list_may_not_have_is_said_to_be_the_reason() {
    let event = "event e {\n  email: email\n  items: [{ sku: string, tags: [string] }]\n}\n";
    let label = |path: &str| {
        let said = refuses(&format!(
            "{event}\nworkflow w {{\n  on e\n  identify by email event.email else create\n\n  if ⟦optional-as-value: {path}⟧ contains \"a\" {{\n    stop\n  }}\n}}\n"
        ));
        said.into_iter().find_map(|finding| finding.label)
    };
    let reason = |element: &str| Some(format!("this is `string?`, for a list may have no `[{element}]`"));
    assert_eq!(label("event.items[0].sku"), reason("0"));
    assert_eq!(label("contact.town"), Some("this is `string?`".to_owned()));
}
