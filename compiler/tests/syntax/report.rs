//! Findings as people and programs see them: whole drawings, a few.

use compiler::catalogue::Code;
use compiler::diagnostic::{Diagnostic, Fix};
use compiler::report;
use compiler::source::{FileId, Sources, Span};

use super::parse;

const TEXT: &str = "\u{feff}// Кошик\r\nsegment лояльні {\r\n\tcontact.town = \"Львів\u{202e}\"\r\n}\r\n\r\nworkflow w {\r\n  on cart\r\n  wait 5 minutes\r\n";

#[test]
fn a_drawing_underlines_what_is_meant() {
    let sources = Sources::single("shop/кошик.wf", TEXT);
    insta::assert_snapshot!(report::human(&parse(TEXT).diagnostics, &sources, false));
}

#[test]
fn concise_is_one_line_each() {
    let sources = Sources::single("shop/кошик.wf", TEXT);
    insta::assert_snapshot!(report::concise(&parse(TEXT).diagnostics, &sources));
}

/// A finding over two files, the second of them with letters of several bytes before its place.
fn of_two_files() -> (Sources, Diagnostic) {
    let first = "workflow w {\n  send promo\n}\n";
    let second = "// Лист із промокодом для покупця\nmessage promo {\n  sms {}\n}\n";
    let sources: Sources = [("a.wf", first), ("b.wf", second)].into_iter().collect();
    let span = |path: &str, text: &str, part: &str| {
        let start = text.find(part).unwrap() as u32;
        Span::new(sources.find(path).unwrap(), start, start + part.len() as u32)
    };
    let diagnostic = Diagnostic::new(Code::WrongType, span("a.wf", first, "promo"))
        .message("this message has no e-mail")
        .label("sent here")
        .also(span("b.wf", second, "promo"), "declared here")
        .hint("add `email { … }`")
        .fix(Fix::insert_after(span("b.wf", second, "{"), "\n  email {}"));
    (sources, diagnostic)
}

#[test]
fn a_finding_over_two_files_shows_both() {
    let (sources, diagnostic) = of_two_files();
    insta::assert_snapshot!(report::human(std::slice::from_ref(&diagnostic), &sources, false));
    let json = serde_json::to_string_pretty(&report::json(&[diagnostic], &sources)).unwrap();
    insta::assert_snapshot!(json);
}

#[test]
fn colour_is_the_callers_choice() {
    let (sources, diagnostic) = of_two_files();
    let diagnostics = [diagnostic];
    assert!(!report::human(&diagnostics, &sources, false).contains('\u{1b}'));
    let coloured = report::human(&diagnostics, &sources, true);
    assert!(coloured.starts_with("\u{1b}[1;31merror[wrong-type]\u{1b}[0m: this message has no e-mail\n"), "{coloured}");
}

/// Whoever writes a file does not write to the terminal of whoever checks it.
#[test]
fn a_text_cannot_write_to_the_terminal() {
    let text = "segment s {\n  contact.town = \"\u{1b}[2J\u{9b}31m\u{202e}\u{7}\"\n}\nev\u{1b}]0;title\u{7} x { }\n";
    let sources = Sources::single("a\u{1b}[31m.wf", text);
    let diagnostics = parse(text).diagnostics;
    for shown in [report::human(&diagnostics, &sources, false), report::concise(&diagnostics, &sources)] {
        assert!(shown.contains("assignment-in-condition"));
        let bad = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!shown.chars().any(bad), "{shown:?}");
    }
}

/// A line that is too long to be drawn is told, not drawn; a place that is in no file does no harm.
#[test]
fn what_cannot_be_drawn_is_told() {
    let text = format!("segment s {{ {}contact.town = \"x\" }}", "contact.id > 1 and ".repeat(100));
    let sources = Sources::single("a.wf", &text);
    let told = report::human(&parse(&text).diagnostics, &sources, false);
    assert_eq!(
        told,
        "error[assignment-in-condition]: `=` does not compare\n  at a.wf:1:1926\n  Help: two values are compared with `==`\n"
    );
    for span in [Span::new(FileId::new(7), 0, 1), Span::new(FileId::new(0), 5_000, 6_000)] {
        let diagnostic = Diagnostic::new(Code::WrongType, span);
        assert!(report::human(&[diagnostic], &sources, false).starts_with("error[wrong-type]: "));
    }
}
