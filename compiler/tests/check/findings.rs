//! Findings as a whole: many at once, none that follows from another, none lost, no panic.

use compiler::compile;
use compiler::source::{FileId, Sources, Span};
use proptest::prelude::*;

use super::{AROUND, refuses, steps};
use crate::program::LANGUAGE;

#[test]
fn twenty_mistakes_are_twenty_findings() {
    let said = refuses(
        r#"
event signup {
  email: email
  plan: "pro" | "free"
  visits: int
  code: ⟦unknown-type: strng⟧
  visits_text: int = ⟦default-does-not-fit: "none"⟧
}

event ⟦duplicate-name: signup⟧ {
  email: email
}

contact {
  ⟦reserved-field: town⟧: string?
  tier: "gold" | "silver" | ⟦duplicate-value: "gold"⟧
}

webhook score {
  get "⟦plain-http: http⟧://score.example.com/v1"
  returns json { points: int, name: string? }
}

webhook report {
  post "https://report.example.com/in"
  auth ⟦unknown-name: crm⟧
  body json { points: ⟦data-without-uses: data.score⟧.points }
}

segment loyal {
  contact.tier == ⟦not-a-member: "glod"⟧
}

segment ⟦similar-names: Loyal⟧ {
  contact.id > 10
}

message hello {
  email {
    from "shop@example.com"
    subject "Hello $!contact.⟦unknown-field: first_nam⟧"
    text "Hello!"
  }
}

workflow welcome {
  on signup where ⟦not-available-here: contact⟧.id == 1
  identify by email event.⟦unknown-field: emial⟧

  if ⟦types-differ: event.visits == "3"⟧ { send ⟦unknown-name: helo⟧ }
  call score on failure { wait 1h }
  if ⟦result-not-certain: data.score⟧.points > 1 { call report }
  set contact.⟦read-only-field: id⟧ = event.visits
  set contact.language = ⟦wrong-type: event.visits⟧
  stop "${⟦optional-as-value: contact.postcode⟧}"
  ⟦unreachable-step: send hello⟧
}

workflow ⟦missing-identification, workflow-without-steps: second⟧ {
  on signup
  once per ⟦out-of-range: 0s⟧
}
"#,
    );
    assert!(said.len() >= 20, "{}", said.len());
    let order: Vec<Span> = said.iter().map(|said| said.span).collect();
    assert!(order.is_sorted(), "findings come in the order of the text");
}

#[test]
fn what_cannot_be_read_has_no_consequences() {
    // The parser says its part; the checks say what is wrong elsewhere, and nothing else.
    let text = format!(
        "{AROUND}\nwebhook broken {{\n  gett \"https://a.example.com/\"\n  returns json {{ x: int }}\n}}\n
workflow w {{
  on signup
  identify by email event.email

  call brokn => 3
  call broken
  if data.broken.x > 1 {{ stop }}
  if event.plam == \"pro\" {{ stop }}
}}"
    );
    let sources = Sources::single("main.wf", &text);
    let said = compile(&sources).diagnostics;
    let codes: Vec<&str> = said.iter().map(|said| said.code.slug()).collect();
    assert_eq!(codes, ["unknown-keyword", "unknown-name", "foreign-sign", "unknown-field"], "{said:#?}");
}

#[test]
fn long_and_deep_programs_are_read_to_their_end() {
    let many: String =
        (0..2_000).map(|number| format!("if event.visits == {number} {{ call score as s{number} }}\n")).collect();
    assert!(compile(&Sources::single("main.wf", &steps(&many))).program.is_some());
    let chain = vec!["event.visits == 1"; 5_000].join(" or ");
    let _ = compile(&Sources::single("main.wf", &steps(&format!("if {chain} {{ stop }}"))));
    let sum = vec!["1"; 5_000].join(" + ");
    let _ = compile(&Sources::single("main.wf", &steps(&format!("set contact.visits = {sum}"))));
    let deep = format!("{}stop{}", "if event.agreed { ".repeat(120), " }".repeat(120));
    let _ = compile(&Sources::single("main.wf", &steps(&deep)));
}

/// A place in a text, brought to a character boundary.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at % (text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is cut out of a program, doubled or put into it: there is an answer, and its places lie in the text.
    #[test]
    fn any_text_gets_an_answer(
        edits in prop::collection::vec((any::<usize>(), 0_usize..40, 0_usize..12), 1..6),
    ) {
        let bits = ["", "}", "{", "\"", "${", "event.", "?? ", "call ", "data.", " as ", "ї", "in "];
        let mut text = LANGUAGE.to_owned();
        for (at, length, bit) in edits {
            let start = boundary(&text, at);
            let end = boundary(&text, (start + length).min(text.len()));
            let end = end.max(start);
            text.replace_range(start..end, bits[bit]);
        }
        let sources = Sources::single("main.wf", &text);
        let compiled = compile(&sources);
        for finding in &compiled.diagnostics {
            let places = finding.also.iter().map(|label| label.span).chain([finding.span]);
            // The reader of templates may end a place inside a letter.
            if finding.code == compiler::catalogue::Code::TemplateSyntax { continue; }
            for span in places.chain(finding.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.span))) {
                prop_assert!(span.file == FileId::new(0) && text.get(span.range()).is_some(), "{finding:?}");
            }
            prop_assert!(!finding.message.contains('\n'), "{finding:?}");
        }
        let refused = compiled.diagnostics.iter().any(|finding| finding.is_error());
        prop_assert!(refused == compiled.program.is_none(), "refused without a word, or not refused:\n{text}");
        if let Some(program) = compiled.program {
            let json = program.to_json();
            prop_assert_eq!(compiler::ir::Program::from_json(&json).unwrap(), program);
        }
    }
}
