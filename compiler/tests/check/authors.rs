//! Programs as authors write them who come from elsewhere: the finding names the place, and the hint says what was meant.

use super::{AROUND, refuses, steps};

/// The program gets the findings that are marked in it, and a hint of one of them says this.
#[track_caller]
fn says(marked: &str, hint: &str) {
    let said = refuses(marked);
    let hints: Vec<&str> = said.iter().filter_map(|finding| finding.hint.as_deref()).collect();
    assert!(hints.iter().any(|said| said.contains(hint)), "{hint}: {hints:#?}");
}

/// A message with this text, sent after a call.
fn message(text: &str) -> String {
    let text = format!("text {text}");
    let around = AROUND.replace("text \"Hello!\"", &text);
    format!(
        "{around}\nworkflow w {{\n  on signup\n  identify by email event.email else create\n\n  call score\n  send hello\n}}\n"
    )
}

fn webhook(lines: &str) -> String {
    format!("webhook w {{\n  post \"https://erp.example.com/in\"\n  {lines}\n}}\n")
}

#[test]
fn values_in_the_spelling_of_another_language() {
    for (text, hint) in [
        ("\"Hi ⟦sent-as-written: {{contact.first_name}}⟧\"", "`$!{contact.first_name}`"),
        ("\"Hi ⟦sent-as-written: {{ plan }}⟧ and #[[{{plan}}]]#\"", "`$!{plan}`"),
        ("\"#if($event.visits > 3)a⟦sent-as-written: #else if⟧ ($event.visits > 2)b#end\"", "`#elseif(…)`"),
        ("⟦sent-as-written: \"templates/hello.txt.vm\"⟧", "`file \"…\"`"),
        ("\"Hi ${contact.first_name ⟦template-syntax: ??⟧ 'you'}\"", "`${contact.first_name|'you'}`"),
        ("\"$event.plan.⟦template-method: upper⟧()\"", "`toUpperCase`"),
    ] {
        says(&message(text), hint);
    }
    for (lines, hint) in [
        ("body text \"to ⟦sent-as-written: $event.email⟧, {{braces}} and \\$event.x cost $5.00\"", "`${event.email}`"),
        ("body json { to: \"⟦sent-as-written: {{ event.email }}⟧\" }", "`${event.email}`"),
        ("headers { \"X-To\": \"⟦sent-as-written: $!event.email⟧\" }", "`${event.email}`"),
    ] {
        says(&webhook(lines), hint);
    }
    says("webhook w {\n  get \"https://a.example.com/?x=⟦sent-as-written: $event.id⟧&y=$5\"\n}", "`${event.id}`");
    says("webhook w {\n  get \"https://a.example.com/?x=⟦url-invalid: {{event.id}}⟧\"\n}", "`${event.id}`");
}

#[test]
fn conditions_as_in_other_languages() {
    for (condition, hint) in [
        ("⟦wrong-type: contact.town⟧", "is set"),
        ("⟦types-differ: event.total > \"100\"⟧", "only values of one type"),
        ("⟦optional-as-value: contact.town⟧ contains \"K\"", "`?? \"\"`"),
        ("event.plan == ⟦not-a-member: \"frree\"⟧", "did you mean `\"free\"`"),
        ("⟦unknown-name: score⟧.points > 3", "`data.score`"),
        ("event.until < ⟦unknown-name: now⟧", "`event`, `contact` or `data`"),
        ("⟦unknown-function: len(event.text)⟧ > 3", "operators, fields and indexes"),
    ] {
        says(&steps(&format!("call score\n  if {condition} {{ stop }}")), hint);
    }
    says(&steps("set contact.town = ⟦wrong-type: \"a\" + event.email⟧"), "${…}");
    says(&steps("stop ⟦unexpected-token: because⟧ of it"), "in quotes");
    says(&steps("wait ⟦wrong-type: \"1h\"⟧"), "without quotes");
}

#[test]
fn line_ends_blanks_and_letters_of_any_kind() {
    let slip = steps("if contact.town == \"Київ 🎉\" and event.⟦unknown-field: plam⟧ == \"pro\" { stop }");
    refuses(&slip);
    refuses(&slip.replace('\n', "\r\n"));
    refuses(&slip.replace("  ", "\t"));
    refuses(&format!("\u{feff}{slip}"));
    let block = message("\"\"\"\n\tПривіт 🎉 $event.⟦unknown-field: plam⟧\n\t\"\"\"");
    refuses(&block);
    refuses(&block.replace('\n', "\r\n"));
}
