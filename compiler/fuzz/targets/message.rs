//! Whatever a template says, in a message or in a file, findings lie within the texts.
#![no_main]

use compiler::Workspace;
use libfuzzer_sys::fuzz_target;

const AROUND: &str = r#"
event signup { email: email name: string? items: [{ sku: string, qty: int }] extra: json }
contact { tier: "gold" | "silver" = "silver" score: decimal? }
webhook score { get "https://score.example.com/v1" returns json { points: int, rows: [{ id: int }] } }
workflow w { on signup identify by email event.email call score send m }
"#;

fuzz_target!(|template: &str| {
    let mut workspace = Workspace::new();
    workspace.set("t.vm", template);
    let block: String = template.lines().map(|line| format!("      {line}\n")).collect();
    let quoted: String = template.chars().filter(|letter| !matches!(letter, '"' | '\n' | '\r' | '\\')).collect();
    let message = format!(
        "message m {{\n  email {{\n    from \"a@b.co\"\n    subject \"{quoted}\"\n    html file \"t.vm\"\n    text \"\"\"\n{block}      \"\"\"\n  }}\n}}\n"
    );
    workspace.set("a.wf", format!("{AROUND}{message}"));
    let compiled = workspace.compile();
    for finding in &compiled.diagnostics {
        for span in std::iter::once(finding.span).chain(finding.also.iter().map(|label| label.span)) {
            assert!(workspace.sources().text(span.file).get(span.range()).is_some(), "{finding:?}");
        }
    }
});
