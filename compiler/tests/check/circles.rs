//! Workflows that start each other, values that must not be seen, and what says nothing.

use super::{AROUND, accepts, refuses, steps};

fn workflow(name: &str, on: &str, steps: &str) -> String {
    format!("workflow {name} {{\n  on {on}\n  identify by email event.email\n\n  {steps}\n}}\n")
}

const EVENTS: &str = "event a { email: email }\nevent b { email: email }\nevent c { email: email }\n";

fn emit(event: &str) -> String {
    format!("emit {event} {{ email: event.email }}")
}

#[test]
fn no_event_starts_what_raised_it() {
    let closing = |event: &str| format!("emit ⟦emit-cycle: {event}⟧ {{ email: event.email }}");
    refuses(&format!("{EVENTS}{}", workflow("w", "a", &closing("a"))));
    refuses(&format!(
        "{EVENTS}{}",
        workflow("w", "a where event.id == \"1\"", &format!("if event.id == \"2\" {{ wait 1d {} }}", closing("a")))
    ));
    let said = refuses(&format!(
        "{EVENTS}{}{}{}",
        workflow("w1", "a", &emit("b")),
        workflow("w2", "b", &emit("c")),
        workflow("w3", "c", &closing("a"))
    ));
    let cycle = said.iter().find(|said| said.code.slug() == "emit-cycle").unwrap();
    assert_eq!(cycle.also.len(), 2, "the other ways of the circle: {cycle:?}");
    accepts(&format!(
        "{EVENTS}{}{}{}",
        workflow("w1", "a", &emit("b")),
        workflow("w2", "b", &emit("c")),
        workflow("w3", "c", "stop")
    ));
    accepts(&format!(
        "{EVENTS}{}{}",
        workflow("w1", "a", &format!("{}\n  {}", emit("b"), emit("c"))),
        workflow("w2", "b", &emit("c"))
    ));
}

#[test]
fn a_sensitive_value_stays_where_it_is_masked() {
    let around = "event paid { email: email card: string sensitive who: { ssn: string sensitive }? }\ncontact { card: string? sensitive open: string? }\n";
    let flow = |steps: &str| format!("{around}{}", workflow("w", "paid", steps));
    refuses(&flow("stop \"card ${⟦sensitive-shown: event.card⟧}\""));
    refuses(&flow("fail \"card ${⟦sensitive-shown: contact.card ?? \"none\"⟧}\""));
    refuses(&flow("set contact.⟦sensitive-shown: open⟧ = event.card"));
    refuses(&flow("set contact.⟦sensitive-shown: open⟧ = \"no. ${event.card}\""));
    refuses(&flow("if event.who is set { stop \"${⟦sensitive-shown: event.who.ssn⟧}\" }"));
    accepts(&flow("set contact.card = event.card\n  if event.card == \"1\" { stop \"paid\" }"));
    let webhook = |request: &str| format!("{}webhook h {{ {request} }}\n", flow("call h"));
    refuses(&webhook("get \"https://a.example.com/${⟦sensitive-shown: event.card⟧}\""));
    refuses(&webhook("get \"https://a.example.com/?c=${⟦sensitive-shown: event.card⟧}\""));
    accepts(&webhook("post \"https://a.example.com/\" body json { card: event.card }"));
}

#[test]
fn a_default_stands_for_what_may_be_absent() {
    refuses(&steps(
        "set contact.visits = event.visits⟦needless-default: ?? 3⟧"
            .replace("⟦needless-default: ?? 3⟧", " ?? ⟦needless-default: 3⟧")
            .as_str(),
    ));
    refuses(&steps("if event.note is set { stop \"${event.note ?? ⟦needless-default: \"x\"⟧}\" }"));
    refuses(&steps("set contact.score = contact.id ?? ⟦needless-default: 3⟧"));
    accepts(&steps("stop \"${event.note ?? contact.town ?? \"x\"} ${event.extra ?? \"y\"}\""));
    // Whether a webhook's value is there depends on who calls it.
    let town = "webhook town { get \"https://a.example.com/${contact.town ?? \"x\"}/${event.note ?? \"y\"}\" }";
    accepts(&format!(
        "{}\n{town}",
        steps("if contact.town is set and event.note is set { call town } else { call town }")
    ));
    let tier = "webhook tier { get \"https://a.example.com/${contact.tier ?? ⟦needless-default: \"x\"⟧}\" }";
    refuses(&format!("{}\n{tier}", steps("call tier")));
}

#[test]
fn a_contact_is_made_from_what_identifies_it() {
    let on = |identify: &str| {
        format!("event e {{ n: int email: email }}\nworkflow w {{\n  on e\n  {identify}\n\n  wait 1h\n}}")
    };
    refuses(&on("identify by id event.n else ⟦create-by-id: create⟧"));
    accepts(&on("identify by id event.n else stop"));
    accepts(&on("identify by id event.n\n  identify by email event.email else create"));
    refuses(&steps("call score identify by id 4 else ⟦create-by-id: create⟧"));
}

#[test]
fn keys_of_issuers_stand_nowhere() {
    let key = format!("sk_{}_51H8abcdEFGH", "live");
    refuses(&steps(&format!("set contact.language = \"⟦credential-literal: {key}⟧\"")));
    let events = "event out { key: string }\n";
    refuses(&format!("{events}{}", steps(&format!("emit out {{ key: \"⟦credential-literal: {key}⟧\" }}"))));
    refuses(&format!(
        "{AROUND}\nmessage m {{ email {{ from \"a@b.co\" subject \"x\" text \"Уже: ⟦credential-literal: {key}⟧.\" }} }}"
    ));
}

#[test]
fn waits_take_time_and_recipients_are_of_mail() {
    refuses(&steps("wait ⟦out-of-range: 0s⟧"));
    refuses(&steps("wait for signup up to ⟦out-of-range: 0h⟧ { stop }"));
    let sms = "channel sms { post \"https://sms.example.com/\" body json { to: contact.phone, text: message.text } }\nmessage code { sms { text \"x\" } }\n";
    refuses(&format!("{sms}{}", steps("send code to ⟦setting-invalid: event.email⟧")));
    accepts(&format!("{sms}{}", steps("send code")));
}

#[test]
fn fields_of_any_name_are_written_and_watched() {
    let text = "event e { email: email \"дата народження\": date }\ncontact { \"Пошта №1\": date? \"in\": string? }
workflow w {
  on e
  identify by email event.email

  set contact[\"Пошта №1\"] = event[\"дата народження\"]
  set contact.in = \"x\"
}
workflow v {
  on contact[\"Пошта №1\"] changed

  stop
}";
    let program = accepts(text);
    assert_eq!(program.workflows["w"].steps.len(), 2);
    refuses(&text.replace("set contact[\"Пошта №1\"]", "set contact[⟦unknown-field: \"Пошта №2\"⟧]"));
}

#[test]
fn a_slip_in_a_head_is_no_end() {
    // The colon makes the block another step's: what it ends is not known.
    let said = compiler::compile(&compiler::source::Sources::single(
        "main.wf",
        &steps("if event.agreed:\n    stop\n  wait 1h\n  send hello"),
    ))
    .diagnostics;
    assert!(said.iter().all(|said| said.code.slug() != "unreachable-step"), "{said:?}");
    assert!(said.iter().any(|said| said.is_error()));
}
