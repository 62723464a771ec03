//! Whom a workflow is about, and what it writes on the card.

use super::{accepts, refuses, steps};

fn identify(lines: &str) -> String {
    format!(
        "event e {{ email: email phone: phone number: int code: string maybe: email? other: phone? extra: json }}
         workflow w {{
           on e
           {lines}
           wait 1h
         }}"
    )
}

#[test]
fn a_contact_is_identified_by_a_value_of_the_right_type() {
    for line in [
        "identify by email event.email else create",
        "identify by phone event.phone else stop",
        "identify by id event.number",
        "identify by external_id event.number",
        "identify by external_id event.code",
        "identify by external_id event.email",
        "identify by email \"ann@example.com\"",
        "identify by email event.extra.email",
        "identify by email event.maybe ?? event.email",
        "identify by email event.maybe\n identify by phone event.other else create",
    ] {
        accepts(&identify(line));
    }
    for line in [
        "identify by email ⟦wrong-type: event.code⟧",
        "identify by email ⟦wrong-type: event.phone⟧",
        "identify by email ⟦wrong-type: \"ann\"⟧",
        "identify by phone ⟦wrong-type: \"${event.code}\"⟧",
        "identify by id ⟦wrong-type: event.code⟧",
        "identify by external_id ⟦wrong-type: event.extra is set⟧",
        "identify by email ⟦optional-as-value: event.maybe⟧",
        "identify by email ⟦optional-as-value: null⟧",
        "identify by email ⟦not-available-here: contact⟧.email",
        "identify by ⟦unknown-name: mail⟧ event.email",
        "identify by email event.email else ⟦else-before-last: create⟧\n identify by phone event.phone",
        "identify by email event.email else ⟦else-before-last: create⟧\n identify by phone event.phone else stop",
    ] {
        refuses(&identify(line));
    }
}

#[test]
fn a_field_takes_values_of_its_type() {
    accepts(&steps(
        "set contact.town = event.text
         set contact.town = event.note
         set contact.town = null
         set contact.email = event.email
         set contact.tier = \"gold\"
         set contact.score = event.visits
         set contact.visits = contact.visits + 1
         set contact.visits = null
         set contact.seen = event.occurred_at
         set contact.birthday = event.born
         set contact.town = event.extra.town
         set contact.place = { city: \"x\" }
         set contact.place = event.address
         set contact.marks = [1, 2]
         set contact.marks = []
         set contact.language = event.plan
         set contact.town = \"${event.visits}\"",
    ));
    for line in [
        "set contact.town = ⟦wrong-type: event.visits⟧",
        "set contact.tier = ⟦not-a-member: \"platinum\"⟧",
        "set contact.tier = ⟦not-a-member: \"glod\"⟧",
        "set contact.tier = ⟦wrong-type: event.text⟧",
        "set contact.tier = ⟦not-a-member: event.plan⟧",
        "set contact.visits = ⟦optional-as-value: event.items[0].qty⟧",
        "set contact.visits = ⟦wrong-type: event.total⟧",
        "set contact.email = ⟦wrong-type: event.text⟧",
        "set contact.seen = ⟦wrong-type: event.born⟧",
        "set contact.place = ⟦wrong-type: { city: \"x\", zpi: \"y\" }⟧",
        "set contact.place = ⟦wrong-type: { zip: \"y\" }⟧",
        "set contact.place = ⟦wrong-type: { city: 3 }⟧",
        "set contact.marks = ⟦wrong-type: [\"x\"]⟧",
        "set contact.⟦unknown-field: toun⟧ = \"Kyiv\"",
        "set contact.⟦read-only-field: id⟧ = 3",
        "set contact.⟦read-only-field: updated_at⟧ = event.occurred_at",
    ] {
        refuses(&steps(line));
    }
}

#[test]
fn what_is_set_is_there_until_something_takes_time() {
    accepts(&steps("set contact.town = \"Kyiv\"\n  stop \"${contact.town}\""));
    accepts(&steps("if contact.town is set {\n set contact.address = contact.town\n stop \"${contact.town}\" }"));
    refuses(&steps("set contact.town = event.note\n  stop \"${⟦optional-as-value: contact.town⟧}\""));
    for step in ["wait 1h", "call ping", "send hello"] {
        refuses(&steps(&format!(
            "if contact.town is set {{\n  {step}\n  stop \"${{⟦optional-as-value: contact.town⟧}}\"\n  }}"
        )));
        accepts(&steps(&format!("if event.note is set {{\n  {step}\n  stop \"${{event.note}}\"\n  }}")));
    }
}
