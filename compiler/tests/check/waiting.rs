//! Steps that wait: for a moment, for hours of the day, for an event; and the events that a run raises.

use compiler::ir::{Statement, Step};

use super::{AROUND, accepts, refuses, steps};

fn first(text: &str) -> Statement {
    let program = accepts(&steps(text));
    let step = program.workflows.get("w").and_then(|workflow| workflow.steps.first());
    step.expect("a step").statement.clone()
}

fn ids(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.id.0.as_str()).collect()
}

#[test]
fn a_moment_is_an_instant_or_has_a_zone() {
    for (moment, zoned) in [
        ("2026-11-24T09:30+02:00", false),
        ("event.until", false),
        ("event.until + 3d", false),
        ("event.extra", false),
        ("2026-11-24 in \"Europe/Kyiv\"", true),
        ("2026-11-24T09:30 in \"Europe/Kyiv\"", true),
        ("09:30 in contact.timezone ?? \"Europe/Kyiv\"", true),
        ("event.born + 7d in event.text", true),
    ] {
        let Statement::WaitUntil { zone, .. } = first(&format!("wait until {moment}")) else { panic!("{moment}") };
        assert_eq!(zone.is_some(), zoned, "{moment}");
    }
    for moment in [
        "⟦zone-missing: 09:30⟧",
        "⟦zone-missing: 2026-11-24⟧",
        "⟦zone-missing: 2026-11-24T09:30⟧",
        "⟦zone-missing: event.born⟧",
        "⟦optional-as-value: contact.seen⟧",
        "2026-11-24T09:30Z in ⟦wrong-type: \"Europe/Kyiv\"⟧",
        "⟦wrong-type: 1h⟧",
        "⟦wrong-type: event.text⟧",
        "09:30 in ⟦unknown-zone: \"Europe/Kiiv\"⟧",
        "09:30 in contact.timezone ?? ⟦unknown-zone: \"Europe/Kiiv\"⟧",
        "09:30 in ⟦unknown-zone: \"Etc/Unknown\"⟧",
        "09:30 in ⟦optional-as-value: contact.timezone⟧",
        "09:30 in ⟦wrong-type: event.visits⟧",
    ] {
        refuses(&steps(&format!("wait until {moment}")));
    }
}

#[test]
fn a_window_has_two_times_and_a_zone() {
    let Statement::Send { between: Some(_), .. } = first("send hello between 22:00 and 06:00 in \"Europe/Kyiv\"")
    else {
        panic!("a window")
    };
    for window in [
        "⟦zone-missing: between 09:00 and 21:00⟧",
        "between ⟦wrong-type: 9⟧ and 21:00 in \"UTC\"",
        "between 09:00 and ⟦wrong-type: event.until⟧ in \"UTC\"",
        "⟦out-of-range: between 09:00 and 09:00 in \"UTC\"⟧",
        "between 09:00 and 21:00 in ⟦optional-as-value: contact.timezone⟧",
        "between 09:00 and 21:00 in ⟦unknown-zone: \"Kiev/Europe\"⟧",
    ] {
        refuses(&steps(&format!("send hello {window}")));
    }
}

#[test]
fn an_event_that_is_waited_for_has_its_name_where_it_came() {
    let statement = first(
        "wait for signup as later where later.plan == event.plan up to 2d {\n if later.visits > 1 { stop }\n call score\n } on timeout {\n stop \"late\"\n }\n set contact.visits = later.visits\n if data.score.points > 1 { stop }",
    );
    let Statement::WaitFor { alias, filter, then, on_timeout, .. } = statement else { panic!("a wait") };
    assert_eq!((alias.as_deref(), filter.is_some()), (Some("later"), true));
    assert_eq!(ids(&then), ["wait:signup/then/if", "wait:signup/then/call:score"]);
    assert_eq!(ids(&on_timeout), ["wait:signup/timeout/stop"]);
    for wait in [
        "wait for ⟦unknown-name: sigup⟧ up to 2d { stop }",
        "wait for signup up to ⟦wrong-type: 2⟧ { stop }",
        "wait for signup as later up to 2d { if later.⟦unknown-field: plam⟧ == \"pro\" { stop } }",
        "wait for signup as later up to 2d { wait 1h } on timeout { if ⟦unknown-name: later⟧.agreed { stop } }",
        "wait for signup as later up to 2d { wait 1h }\n if ⟦unknown-name: later⟧.agreed { stop }",
        "wait for signup up to 2d { call score } on timeout { wait 1h }\n if ⟦result-not-certain: data.score⟧.points > 1 { stop }",
        "wait for signup up to 2d { stop } on timeout { stop }\n ⟦unreachable-step: wait 1h⟧",
    ] {
        refuses(&steps(wait));
    }
    accepts(&steps("wait for signup up to 2d { stop }\n wait 1h"));
    accepts(&steps("wait for signup as s where s.note is set up to 2d { stop \"${s.note}\" }"));
}

#[test]
fn nothing_waits_for_the_event_that_ends_the_run() {
    let with_exit = |exit: &str, block: &str| {
        format!(
            "{AROUND}\nworkflow w {{\n  on signup\n  identify by email event.email\n  {exit}\n  wait for signup as s up to 1d {{ {block} }} on timeout {{ send hello }}\n}}"
        )
    };
    refuses(&with_exit("exit on signup", "⟦unreachable-step: wait 1h⟧"));
    accepts(&with_exit("exit on signup as o where o.agreed", "wait 1h"));
    accepts(&with_exit("exit on signup", ""));
}

#[test]
fn a_call_may_be_about_another_contact() {
    let Statement::Call { identification: Some(found), .. } =
        first("call score identify by email event.email else stop on failure { stop }")
    else {
        panic!("a call")
    };
    assert_eq!(found.ways.len(), 1);
    refuses(&steps("call score identify by email ⟦wrong-type: event.text⟧"));
    refuses(&steps("call score identify by ⟦unknown-name: mail⟧ event.email"));
    refuses(&steps("call score identify by phone ⟦optional-as-value: event.phone⟧"));
    // What is known of the run's contact is not known of another one.
    let town = "webhook town { get \"https://a.example.com/${contact.town}\" }";
    accepts(&format!("{}\n{town}", steps("if contact.town is set { call town }")));
    let text = format!(
        "{}\n{}",
        steps("if contact.town is set { call town identify by id 4 }"),
        town.replace("contact.town", "⟦optional-as-value: contact.town⟧")
    );
    refuses(&text);
}

#[test]
fn an_event_is_raised_with_all_that_it_needs() {
    let around = "event paid { email: email amount: decimal note: string? times: int = 1 lines: [{ sku: string }] }\n";
    let emit = |fields: &str| format!("{around}{}", steps(&format!("emit paid {{ {fields} }}")));
    accepts(&emit("email: event.email, amount: event.total, note: event.note, lines: [{ sku: \"a\" }]"));
    accepts(&emit("email: event.email, amount: 1, times: null, lines: event.items"));
    let all = "email: event.email, amount: 1, lines: []";
    for fields in [
        "email: event.email, amount: ⟦wrong-type: \"1\"⟧, lines: []",
        "email: ⟦wrong-type: event.text⟧, amount: 1, lines: []",
        &format!("{all}, ⟦unknown-field: nota⟧: \"x\""),
        &format!("{all}, ⟦duplicate-name: amount⟧: 2"),
        &format!("{all}, ⟦reserved-field: id⟧: \"x\""),
        "email: ⟦optional-as-value: contact.email⟧, amount: 1, lines: []",
    ] {
        refuses(&emit(fields));
    }
    refuses(&emit("email: event.email").replace("emit paid", "emit ⟦parameter-missing: paid⟧"));
    refuses(&steps("emit ⟦unknown-name: payed⟧ { a: event.⟦unknown-field: vists⟧ }"));
}
