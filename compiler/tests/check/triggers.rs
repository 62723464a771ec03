//! What starts a workflow other than an event, who may enter again, and what ends a run.

use compiler::ir::{Duration, Reentry, Trigger};

use super::{AROUND, accepts, refuses};

/// A workflow that no event starts.
fn started(header: &str, steps: &str) -> String {
    format!("{AROUND}\nworkflow w {{\n  {header}\n\n  {steps}\n}}\n")
}

/// A workflow that an event starts, with further header lines.
fn header(lines: &str) -> String {
    format!(
        "{AROUND}\nevent paid {{ email: email plan: string }}\nworkflow w {{\n  on signup\n  identify by email event.email\n  {lines}\n\n  wait 1h\n}}\n"
    )
}

fn schedule(cron: &str) -> String {
    started(&format!("on schedule {cron} in \"Europe/Kyiv\" for segment loyal"), "stop")
}

#[test]
fn a_schedule_is_kept_in_one_form() {
    for (written, kept) in [
        ("0 9 * * 1", "0 9 * * 1"),
        ("  */15  8-18/2 1,15 * *  ", "*/15 8-18/2 1,15 * *"),
        ("0 9 * jan-mar,DEC mon-Fri", "0 9 * 1-3,12 1-5"),
        ("0 9 * * SUN", "0 9 * * 0"),
        ("0 9 * * 7", "0 9 * * 0"),
        ("0 9 * * FRI-SUN", "0 9 * * 5-7"),
        ("0 9 29 2 *", "0 9 29 2 *"),
        ("0 9 31 2 MON", "0 9 31 2 1"),
    ] {
        let program = accepts(&schedule(&format!("\"{written}\"")));
        let Trigger::Schedule { cron, zone, segment } = &program.workflows["w"].triggers[0] else {
            panic!("{written}")
        };
        assert_eq!((cron.as_str(), zone.as_str(), segment.as_str()), (kept, "Europe/Kyiv", "loyal"));
    }
}

#[test]
fn a_schedule_that_is_none_is_refused() {
    for cron in [
        "⟦schedule-invalid: \"0 9 * *\"⟧",
        "⟦schedule-invalid: \"0 0 9 * * 1\"⟧",
        "⟦schedule-invalid: \"\"⟧",
        "⟦schedule-invalid: \"@daily\"⟧",
        "⟦schedule-invalid: \"0 9 31 2,4,6 *\"⟧",
        "\"⟦schedule-invalid: 60⟧ 9 * * 1\"",
        "\"0 ⟦schedule-invalid: 24⟧ ⟦schedule-invalid: 0⟧ ⟦schedule-invalid: 13⟧ ⟦schedule-invalid: 8⟧\"",
        "\"0 9 ⟦schedule-invalid: L⟧ * ⟦schedule-invalid: MON#1⟧\"",
        "\"0 9 ⟦schedule-invalid: ?⟧ * 1\"",
        "\"⟦schedule-invalid: 5/15⟧ 9 * * 1\"",
        "\"⟦schedule-invalid: */0⟧ 9 * * 1\"",
        "\"0 ⟦schedule-invalid: 18-8⟧ * * 1\"",
        "\"0 9 1,⟦schedule-invalid: x⟧,3 * 1\"",
        "\"0 9 ⟦schedule-invalid: 1-й⟧ * 1\"".replace("⟦schedule-invalid: 1-й⟧", "1-⟦schedule-invalid: й⟧").as_str(),
        "\"0 ${⟦interpolation-not-allowed: 9⟧} * * *\""
            .replace("${⟦interpolation-not-allowed: 9⟧}", "⟦interpolation-not-allowed: ${9}⟧")
            .as_str(),
    ] {
        refuses(&schedule(cron));
    }
}

#[test]
fn a_schedule_says_where_and_for_whom() {
    refuses(&started("⟦zone-missing: on schedule \"0 9 * * *\" for segment loyal⟧", "stop"));
    refuses(&started("⟦setting-missing: on schedule \"0 9 * * *\" in \"UTC\"⟧", "stop"));
    refuses(&started("on schedule \"0 9 * * *\" in ⟦unknown-zone: \"Kyiv\"⟧ for segment loyal", "stop"));
    refuses(&started("on schedule \"0 9 * * *\" in ⟦wrong-type: contact.timezone⟧ for segment loyal", "stop"));
    refuses(&started("on schedule \"0 9 * * *\" in \"UTC\" for segment ⟦unknown-name: loyl⟧", "stop"));
    // The database's own spelling, whatever case was typed.
    let program = accepts(&started("on schedule \"0 9 * * *\" in \"europe/kyiv\" for segment loyal", "stop"));
    assert!(matches!(&program.workflows["w"].triggers[0], Trigger::Schedule { zone, .. } if zone == "Europe/Kyiv"));
}

#[test]
fn a_changed_field_is_one_that_somebody_writes() {
    let program = accepts(&started("on contact.tier changed\n  on contact[\"town\"] changed", "stop"));
    assert_eq!(program.workflows["w"].triggers.len(), 2);
    assert_eq!(program.workflows["w"].identification, None);
    refuses(&started("on contact.⟦unknown-field: teir⟧ changed", "stop"));
    for field in ["id", "created_at", "updated_at"] {
        refuses(&started(&format!("on contact.⟦field-not-watched: {field}⟧ changed"), "stop"));
    }
}

#[test]
fn what_no_event_starts_has_no_event() {
    let without = |steps: &str| started("on contact.town changed", steps);
    refuses(&without("if ⟦not-available-here: event⟧.visits == 1 { stop }"));
    accepts(&without("if contact.town == \"Kyiv\" { stop }"));
    refuses(&started("on contact.town changed\n  ⟦needless-identification: identify by id 4⟧", "stop"));
    let mixed = |steps: &str| {
        started("on signup\n  on contact.town changed\n  identify by email event.email else create", steps)
    };
    accepts(&mixed("send hello"));
    refuses(&mixed("if ⟦not-available-here: event⟧.visits == 1 { stop }"));
    refuses(
        &started("on signup\n  on contact.town changed", "stop")
            .replace("workflow w", "workflow ⟦missing-identification: w⟧"),
    );
    // A webhook and a message that read the event cannot be used there.
    let text = format!(
        "{AROUND}\nwebhook tell {{ post \"https://a.example.com/\" body json {{ v: ⟦not-available-here: event⟧.visits }} }}
         message news {{ email {{ from \"a@b.co\" subject \"$⟦not-available-here: event⟧.visits\" text \"x\" }} }}
         workflow w {{ on schedule \"0 9 * * *\" in \"UTC\" for segment loyal\n call tell\n send news }}
         workflow v {{ on signup identify by email event.email\n call tell\n send news }}"
    );
    let said = refuses(&text);
    assert!(
        said.iter().filter(|said| said.is_error()).all(|said| said.also.iter().any(|also| also.text.ends_with("here"))),
        "{said:?}"
    );
}

#[test]
fn a_contact_enters_again_as_the_header_says() {
    let entry = |lines: &str| {
        let program = accepts(&header(lines));
        let workflow = &program.workflows["w"];
        (workflow.reentry, workflow.one_at_a_time)
    };
    assert_eq!(entry(""), (Reentry::Always, false));
    assert_eq!(entry("once per 7d"), (Reentry::OncePer(Duration { milliseconds: 604_800_000 }), false));
    assert_eq!(entry("once ever\n  one at a time"), (Reentry::OnceEver, true));
    refuses(&header("once per 7d\n  ⟦setting-twice: once ever⟧"));
    refuses(&header("one at a time\n  ⟦setting-twice: one at a time⟧"));
    refuses(&header("once per ⟦out-of-range: 0s⟧"));
}

#[test]
fn an_exit_knows_its_event_by_a_name() {
    let program =
        accepts(&header("exit on paid as p where p.plan == event.plan and contact.tier == \"gold\"\n  exit on signup"));
    let exits = &program.workflows["w"].exits;
    assert_eq!(exits.len(), 2);
    assert_eq!((exits[0].alias.as_deref(), exits[1].alias.as_deref()), (Some("p"), None));
    assert!(exits[0].filter.is_some() && exits[1].filter.is_none());
    refuses(&header("exit on ⟦unknown-name: piad⟧"));
    refuses(&header("exit on paid as p where p.⟦unknown-field: paln⟧ == \"x\""));
    refuses(&header("exit on paid where ⟦unknown-name: p⟧.plan == \"x\""));
    refuses(&header("exit on paid as ⟦duplicate-name: data⟧"));
    refuses(&header("exit on paid as ⟦bad-name: \"my order\"⟧"));
    refuses(&header("exit on paid\n  ⟦setting-twice: exit on paid⟧"));
    refuses(&header("exit on paid where ⟦result-not-certain: data.score⟧.points > 1"));
}

#[test]
fn a_trigger_stands_once() {
    let twice =
        |lines: &str| format!("{AROUND}\nworkflow w {{\n  {lines}\n  identify by email event.email\n\n  wait 1h\n}}\n");
    refuses(&twice("on signup\n  ⟦setting-twice: on signup⟧"));
    refuses(&twice("on signup\n  ⟦setting-twice: on signup where event.agreed⟧"));
    refuses(&twice("⟦setting-twice: on signup where event.agreed⟧\n  on signup"));
    accepts(&twice("on signup where event.agreed\n  on signup where event.visits > 3"));
}
