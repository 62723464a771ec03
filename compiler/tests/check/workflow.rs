//! Header lines and single steps.

use compiler::ir::Statement;

use super::{accepts, refuses, steps};

#[test]
fn a_workflow_has_a_trigger_and_a_contact() {
    refuses("workflow ⟦missing-trigger: w⟧ { wait 1h }");
    refuses("event e { }\nworkflow ⟦missing-identification: w⟧ { on e wait 1h }");
    refuses("event e { a: int }\nworkflow w { on e where ⟦wrong-type: event.a⟧ identify by id event.a stop }");
    refuses(
        "event e { a: int }\nworkflow w { on e where ⟦not-available-here: contact⟧.town == \"x\" identify by id event.a stop }",
    );
}

#[test]
fn several_events_share_what_all_of_them_have() {
    let events = "event a { email: email x: int y: int z: int? }\nevent b { email: email x: int y: string z: int }\n";
    let workflow = |steps: &str| {
        format!("{events}workflow w {{\n on a where event.y == 1\n on b\n identify by email event.email\n {steps}\n}}")
    };
    accepts(&workflow("if event.x == 1 and (event.z ?? 0) == 1 { stop }"));
    refuses(&workflow("if event.⟦unknown-field: y⟧ == 1 { stop }"));
    refuses(&workflow("if ⟦optional-as-value: event.z⟧ > 1 { stop }"));
    let only_b = workflow("if event.⟦unknown-field: w⟧ == 1 { stop }").replace("z: int }", "z: int w: int }");
    let said = refuses(&only_b);
    assert!(said[0].message.contains("not every event"), "{said:?}");
    assert_eq!(said[0].also.len(), 2, "the event that has it and the one that has not: {said:?}");
}

#[test]
fn steps_take_values_of_their_type() {
    accepts(&steps("wait event.pause"));
    refuses(&steps("wait ⟦wrong-type: event.visits⟧"));
    accepts(&steps("send hello to event.email"));
    accepts(&steps("send hello to \"ann@example.com\""));
    refuses(&steps("send hello to ⟦wrong-type: event.text⟧"));
    refuses(&steps("send hello to ⟦optional-as-value: contact.email⟧"));
}

#[test]
fn a_match_goes_one_way_for_each_value() {
    accepts(&steps("match event.plan { \"pro\" { wait 1h } \"free\" { stop } }"));
    accepts(&steps("match event.note { \"a\", \"b\" { stop \"${event.note}\" } null { stop } else { wait 1h } }"));
    accepts(&steps("match event.visits { 1, 2 { stop } -1 { wait 1h } }"));
    for arms in [
        "match event.plan { ⟦not-a-member: \"por\"⟧ { stop } }",
        "match event.plan { \"pro\" { stop } ⟦duplicate-value: \"pro\"⟧ { stop } }",
        "match event.visits { ⟦types-differ: \"1\"⟧ { stop } }",
        "match ⟦wrong-type: event.tags⟧ { \"a\" { stop } }",
    ] {
        refuses(&steps(arms));
    }
    // The values have all their ways: nothing goes on behind them.
    refuses(&steps("match event.plan { \"pro\" { stop } \"free\" { stop } }\n  ⟦unreachable-step: wait 1h⟧"));
    accepts(&steps("match event.plan { \"pro\" { stop } }\n  wait 1h"));
}

#[test]
fn shares_make_a_whole() {
    let program = accepts(&steps("split \"t\" { 12.5% \"a\" { stop } rest \"b\" { wait 1h } 0% \"c\" { } }"));
    let Statement::Split(split) = &program.workflows["w"].steps[0].statement else { panic!("a split") };
    let shares: Vec<(&str, u32)> = split.arms.iter().map(|arm| (arm.label.as_str(), arm.share)).collect();
    assert_eq!(shares, [("a", 1250), ("b", 8750), ("c", 0)]);
    for ways in [
        "⟦shares-not-whole: split \"t\"⟧ { 60% \"a\" { } 50% \"b\" { } }",
        "⟦shares-not-whole: split \"t\"⟧ { 60% \"a\" { } 30% \"b\" { } }",
        "split \"t\" { 60% \"a\" { } 40% \"b\" { } ⟦shares-not-whole: rest⟧ \"c\" { } }",
        "split \"t\" { rest \"a\" { } ⟦shares-not-whole: rest⟧ \"b\" { } }",
        "split \"t\" { ⟦shares-not-whole: 33.333%⟧ \"a\" { } rest \"b\" { } }",
        "split \"t\" { 50% \"a\" { } 50% ⟦duplicate-name: \"a\"⟧ { } }",
    ] {
        refuses(&steps(ways));
    }
}
