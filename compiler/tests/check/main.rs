//! Whole projects in, findings and programs out.
//!
//! A program carries its expected findings where they belong: `event.⟦unknown-field: plam⟧` is the text `event.plam` with
//! that finding under `plam`. [`refuses`] and [`accepts`] are the only places that call the compiler.
#![expect(clippy::expect_used, reason = "a test fails loudly, in its helpers too")]

mod authors;
mod branches;
mod cases;
mod channels;
mod circles;
mod conflicts;
mod contact;
mod data;
mod elsewhere;
mod expressions;
mod findings;
mod fix;
mod flow;
mod habits;
mod many;
mod names;
mod newcomers;
mod program;
mod refused;
mod rehearsals;
mod slips;
mod triggers;
mod uses;
mod waiting;
mod walked;
mod workflow;
mod workspace;

use compiler::diagnostic::{Diagnostic, Fix};
use compiler::ir::Program;
use compiler::source::{FileId, Sources};
use compiler::{Compiled, compile};

/// A finding: code, offset and underlined text.
type Found = (String, usize, String);

/// Takes the marks out of a program.
fn unmark(marked: &str) -> (String, Vec<Found>) {
    let (mut text, mut marks) = (String::new(), Vec::new());
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('⟦') {
        text.push_str(before);
        let (mark, behind) = after.split_once('⟧').expect("a mark ends in ⟧");
        let (code, marked) = mark.split_once(": ").expect("a mark is `code: text`");
        // Several findings at one place: `⟦one, other: text⟧`.
        for code in code.split(", ") {
            marks.push((code.to_owned(), text.len(), marked.to_owned()));
        }
        text.push_str(marked);
        rest = behind;
    }
    text.push_str(rest);
    (text, marks)
}

fn found(sources: &Sources, finding: &Diagnostic) -> Found {
    (finding.code.slug().to_owned(), finding.span.start as usize, sources.slice(finding.span).to_owned())
}

/// What the compiler says of a program: all of it, only what nothing uses is left out unless a test is about that.
fn findings(sources: &Sources, compiled: &Compiled, about_uses: bool) -> Vec<Found> {
    let said = compiled.diagnostics.iter().filter(|finding| about_uses || finding.code.slug() != "unused-declaration");
    said.map(|finding| found(sources, finding)).collect()
}

/// The program is refused with these findings and no others. Every fix that is offered mends what it is offered for.
#[track_caller]
fn refuses(marked: &str) -> Vec<Diagnostic> {
    let (text, mut expected) = unmark(marked);
    expected.sort_by(|a, b| (a.1, a.2.len(), &a.0).cmp(&(b.1, b.2.len(), &b.0)));
    let sources = Sources::single("main.wf", &text);
    let compiled = compile(&sources);
    let about_uses = marked.contains("unused-declaration");
    let mut found = findings(&sources, &compiled, about_uses);
    found.sort_by(|a, b| (a.1, a.2.len(), &a.0).cmp(&(b.1, b.2.len(), &b.0)));
    assert_eq!(found, expected, "\n{}\n{:#?}", text, compiled.diagnostics);
    assert_eq!(compiled.program.is_none(), compiled.diagnostics.iter().any(Diagnostic::is_error), "{text}");
    for finding in &compiled.diagnostics {
        for fix in &finding.fixes {
            mends(&text, finding, fix, &compiled);
        }
    }
    compiled.diagnostics
}

#[track_caller]
fn mends(text: &str, finding: &Diagnostic, fix: &Fix, before: &Compiled) {
    let mended = fix.apply(FileId::new(0), text);
    let after = compile(&Sources::single("main.wf", &mended));
    let count = |compiled: &Compiled| {
        compiled
            .diagnostics
            .iter()
            .filter(|other| (other.code, &other.message) == (finding.code, &finding.message))
            .count()
    };
    let unexpected = |compiled: &Compiled| {
        compiled.diagnostics.iter().filter(|other| other.code.slug().starts_with("unexpected")).count()
    };
    assert!(unexpected(&after) <= unexpected(before), "{fix:?} breaks the program: {:?}\n{mended}", after.diagnostics);
    assert!(count(&after) < count(before), "{fix:?} leaves {}: {}\n{mended}", finding.code.slug(), finding.message);
}

/// The program compiles without any finding but those on unused declarations.
#[track_caller]
fn accepts(text: &str) -> Program {
    let sources = Sources::single("main.wf", text);
    let compiled = compile(&sources);
    let found = findings(&sources, &compiled, false);
    assert!(found.is_empty(), "{text}\n{:#?}", compiled.diagnostics);
    compiled.program.expect("a program without an error")
}

/// What the steps of most tests are about.
const AROUND: &str = r#"
event signup {
  email: email
  phone: phone?
  plan: "pro" | "free"
  level: ("low" | "high")?
  visits: int
  total: decimal
  ratio: decimal?
  born: date
  text: string
  note: string?
  agreed: bool
  tags: [string]
  items: [{ sku: string, qty: int, note: string? }]
  extra: json
  address: { city: string, zip: string? }?
  until: datetime
  pause: duration
}

contact {
  tier: "bronze" | "silver" | "gold" = "bronze"
  score: decimal?
  visits: int = 0
  seen: datetime?
  place: { city: string, zip: string? }?
  marks: [int]
}

webhook score {
  get "https://score.example.com/v1"
  returns json { points: int, name: string?, rows: [{ id: int }] }
}

webhook ping {
  get "https://score.example.com/ping"
}

webhook "Any name!" {
  get "https://score.example.com/any"
  returns text
}

segment loyal {
  contact.tier == "gold"
}

message hello {
  email {
    from "shop@example.com"
    subject "Hello"
    text "Hello!"
  }
}
"#;

/// A program with these steps.
fn steps(steps: &str) -> String {
    format!("{AROUND}\nworkflow w {{\n  on signup\n  identify by email event.email else create\n\n  {steps}\n}}\n")
}

/// Each of these conditions is refused as marked.
#[track_caller]
fn refuses_conditions(conditions: &[&str]) {
    for condition in conditions {
        refuses(&steps(&format!("if {condition} {{ stop }}")));
    }
}

/// Each of these conditions is accepted.
#[track_caller]
fn accepts_conditions(conditions: &[&str]) {
    for condition in conditions {
        accepts(&steps(&format!("if {condition} {{ stop }}")));
    }
}
