//! Webhooks and messages name no event: each is checked in every place that uses it.

use compiler::compile;
use compiler::source::Sources;

use super::{AROUND, accepts, refuses};

fn two_workflows(webhook: &str) -> String {
    format!(
        "event a {{ email: email order: string }}
event b {{ email: email order: int? }}
{webhook}
workflow first {{
  on a
  identify by email event.email
  call report
  call report
}}
workflow second {{
  on b
  identify by email event.email
  call report
}}"
    )
}

#[test]
fn a_finding_names_the_use_that_it_comes_from() {
    let said = refuses(&two_workflows(
        "webhook report {\n  post \"https://a.example.com/?order=${⟦optional-as-value: event.order⟧}\"\n}",
    ));
    let places: Vec<&str> = said[0].also.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(places, ["declared here", "called here"], "{said:?}");

    // Nobody has the field: once, with a call for each event.
    let said = refuses(&two_workflows(
        "webhook report {\n  post \"https://a.example.com/?order=${event.⟦unknown-field: ordr⟧}\"\n}",
    ));
    let calls = said[0].also.iter().filter(|label| label.text == "called here");
    assert_eq!(calls.count(), 2, "{said:?}");

    // Wrong whatever the use is: once.
    let said = refuses(&two_workflows(
        "webhook report {\n  post \"https://a.example.com/?order=${contact.⟦unknown-field: twon⟧}\"\n}",
    ));
    assert!(said[0].also.iter().all(|label| label.text != "called here"), "{said:?}");
}

#[test]
fn an_unused_webhook_is_checked_for_what_no_use_decides() {
    accepts("webhook w { post \"https://a.example.com/?x=${event.anything}\" body json { a: event.b.c } }");
    refuses("webhook w { post \"https://a.example.com/?x=${contact.⟦unknown-field: twon⟧}\" }");
}

#[test]
fn results_are_passed_on_by_name() {
    let webhooks =
        |lines: &str| format!("{AROUND}\nwebhook report {{\n  post \"https://a.example.com/\"\n  {lines}\n}}\n");
    let workflow = |calls: &str| format!("workflow w {{\n on signup\n identify by email event.email\n {calls}\n}}");
    let uses = webhooks("uses score\n body json { points: data.score.points }");
    accepts(&format!("{uses}{}", workflow("call score\n call report")));
    refuses(&format!(
        "{}{}",
        webhooks("body json { points: ⟦data-without-uses: data.score⟧.points }"),
        workflow("call score\n call report")
    ));
    refuses(&format!(
        "{}{}",
        webhooks("uses score\n body json { points: ⟦result-not-certain: data.score⟧.points }"),
        workflow("call report\n call score")
    ));
    refuses(&format!(
        "{}{}",
        webhooks("uses score\n body json { points: ⟦result-not-certain: data.score⟧.points }"),
        workflow("call score as s\n call report")
    ));
    refuses(&format!(
        "{}{}",
        webhooks("body json { points: ⟦unknown-name: data.scor⟧.points }"),
        workflow("call report")
    ));
}

#[test]
fn what_a_workflow_has_found_out_holds_in_what_it_uses() {
    let program = |steps: &str| {
        format!(
            "{AROUND}\nwebhook report {{\n  post \"https://a.example.com/${{contact.town}}\"\n}}\n
             workflow w {{\n on signup\n identify by email event.email\n {steps}\n}}"
        )
    };
    accepts(&program("if contact.town is set { call report }"));
    let text = program("if contact.town is set { call report }\n call report");
    let sources = Sources::single("main.wf", &text);
    let said = compile(&sources).diagnostics;
    let found: Vec<(&str, &str)> = said.iter().map(|said| (said.code.slug(), sources.slice(said.span))).collect();
    assert!(found.contains(&("optional-as-value", "contact.town")), "{found:?}");
    // The way out is at the call that does not ask, whether another one does or not.
    for steps in ["if contact.town is set { call report }\n call report", "call report"] {
        let text = program(steps);
        let last = text.rfind("call report").unwrap();
        let said = compile(&Sources::single("main.wf", &text)).diagnostics;
        let said = said.iter().find(|said| said.code.slug() == "optional-as-value").unwrap();
        let calls: Vec<usize> = said
            .also
            .iter()
            .filter(|label| label.text == "called here")
            .map(|label| label.span.start as usize)
            .collect();
        assert!(matches!(calls.as_slice(), [call] if (last..=last + 5).contains(call)), "{said:?}");
    }
    // A message, too, is sent here with it and there without.
    let text = format!(
        "{}\nworkflow w {{\n on signup\n identify by email event.email\n if contact.first_name is set {{ send hello }}\n send hello\n}}",
        AROUND.replace("text \"Hello!\"", "text \"Hello $contact.first_name!\"")
    );
    let said = compile(&Sources::single("main.wf", &text)).diagnostics;
    let said = said.iter().find(|said| said.code.slug() == "template-may-be-missing").unwrap();
    assert_eq!(said.also.iter().filter(|label| label.text == "sent here").count(), 1, "{said:?}");
}
