//! Texts that nobody would write: the reader ends, and every place that it names is one.

use compiler::source::Sources;
use compiler::{report, syntax};
use proptest::prelude::*;

use super::{FILE, parse};

const PROGRAM: &str = include_str!("../data/language.wf");

/// Reads a text, and holds all that comes of it to the text.
fn read(text: &str) {
    let parsed = parse(text);
    let place = |span: compiler::source::Span| {
        assert!(span.start <= span.end, "{span:?}");
        assert!(text.get(span.range()).is_some(), "{span:?} lies outside of {text:?} or within a character");
    };
    for diagnostic in &parsed.diagnostics {
        place(diagnostic.span);
        diagnostic.also.iter().for_each(|label| place(label.span));
        let edits = diagnostic.fixes.iter().flat_map(|fix| &fix.edits);
        edits.for_each(|edit| place(edit.span));
    }
    for trivia in &parsed.trivia {
        place(trivia.span);
    }
    // Each node of the tree prints its place behind an `@`.
    let tree = format!("{:?}", parsed.declarations);
    for found in tree.split(" @ ").skip(1) {
        let numbers: String = found.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
        let Some((start, end)) = numbers.split_once("..") else { continue };
        if let (Ok(start), Ok(end)) = (start.parse::<usize>(), end.parse::<usize>()) {
            assert!(text.get(start..end).is_some(), "a node at {numbers} of {text:?}");
        }
    }
    let sources = Sources::single("test.wf", text);
    let few: Vec<_> = parsed.diagnostics.iter().take(20).cloned().collect();
    let drawn = report::human(&few, &sources, false);
    assert!(!drawn.contains('\u{1b}'), "nothing but the colours that are asked for");
    assert_eq!(report::concise(&few, &sources).lines().count(), few.len());
    assert_eq!(report::json(&few, &sources).len(), few.len());
}

/// Pieces that mean something, and pieces that do not.
fn piece() -> impl Strategy<Value = String> {
    let pieces = vec![
        "event",
        "contact",
        "webhook",
        "workflow",
        "message",
        "test",
        "segment",
        "connector",
        "channel",
        "if",
        "else",
        "match",
        "split",
        "call",
        "send",
        "wait",
        "for",
        "until",
        "up",
        "to",
        "on",
        "failure",
        "timeout",
        "where",
        "as",
        "in",
        "is",
        "not",
        "set",
        "and",
        "or",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ":",
        ",",
        ".",
        "|",
        "?",
        "??",
        "=",
        "==",
        "<",
        "+",
        "-",
        "*",
        "/",
        ";",
        "=>",
        "&&",
        "#",
        "//",
        "///",
        "/*",
        "*/",
        "\"",
        "\"\"\"",
        "${",
        "$",
        "\\",
        "'",
        "“",
        "\n",
        "\r\n",
        "\t",
        " ",
        "\u{feff}",
        "\u{200b}",
        "\u{202e}",
        "\u{0}",
        "я",
        "😀",
        "é",
        "1",
        "5m",
        "1h",
        "09:30",
        "2026-11-24",
        "2026-11-24T09:30Z",
        "50%",
        "1.5",
        "99999999999999999999",
        "name",
        "json",
        "x",
    ];
    prop_oneof![4 => proptest::sample::select(pieces).prop_map(str::to_owned), 1 => "\\PC{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn any_sequence_of_tokens_is_read(pieces in proptest::collection::vec(piece(), 0..60), blanks in any::<bool>()) {
        read(&pieces.join(if blanks { " " } else { "" }));
    }

    /// A stretch of a good program is cut out, or replaced by something else.
    #[test]
    fn any_damaged_program_is_read(
        at in 0..PROGRAM.len(), length in 0usize..80, pieces in proptest::collection::vec(piece(), 0..4), windows in any::<bool>(),
    ) {
        let end = (at + length).min(PROGRAM.len());
        let (Some(before), Some(after)) = (PROGRAM.get(..at), PROGRAM.get(end..)) else { return Ok(()) };
        let text = format!("{before}{}{after}", pieces.concat());
        read(&if windows { text.replace('\n', "\r\n") } else { text });
    }

    /// One declaration is damaged: the others are what they were.
    #[test]
    fn damage_stays_where_it_is(at in 0..PROGRAM.len(), length in 1usize..20) {
        let sound = parse(PROGRAM).declarations;
        let Some(hit) = sound.iter().position(|found| found.span.range().contains(&at)) else { return Ok(()) };
        let span = sound[hit].span;
        // The first word begins the declaration, its last brace ends it: without them it is another division.
        let inner = PROGRAM[span.range()].find('{').unwrap() + span.start as usize + 1..span.end as usize - 1;
        let end = (at + length).min(inner.end);
        if at < inner.start || end <= at || PROGRAM.get(at..end).is_none() {
            return Ok(());
        }
        let text = format!("{}{}", &PROGRAM[..at], &PROGRAM[end..]);
        let damaged = parse(&text).declarations;
        let mut rest = damaged.iter();
        for (number, declaration) in sound.iter().enumerate() {
            prop_assert!(number == hit || rest.any(|found| found == declaration), "{:?}\n{text}", declaration.node.kind.name());
        }
    }
}

/// What would take for ever if any of it took time by the square, or bring the stack down if it nested.
#[test]
fn long_texts_are_read_to_their_end() {
    let many = |count: usize, piece: &str| piece.repeat(count);
    let texts = [
        many(200_000, "${"),
        format!("webhook w {{ get \"{}\" }}", many(200_000, "${")),
        many(100_000, "\"${\" "),
        many(300_000, "\""),
        many(200_000, "\"a\" "),
        many(200_000, "' "),
        many(200_000, "{"),
        many(200_000, "}"),
        many(20_000, "event a {\n"),
        many(20_000, "  event a {\n"),
        many(10_000, "message m {\n  email {\n    text \"\"\"\n"),
        many(10_000, "workflow w {\n  on e\n  if x\n    call a\n  }\n  stop\n}\n"),
        many(10_000, "workflow w {\n  on e\n  if x {\n    call a\n  stop\n}\n"),
        format!("segment s {{ {}a }}", many(100_000, "a + ")),
        format!("segment s {{ {}a }}", many(100_000, "not ")),
        format!("segment s {{ {}a }}", many(100_000, "- ")),
        format!("segment s {{ a{} }}", many(100_000, " ?? a")),
        format!("segment s {{ a{} }}", many(100_000, ".b")),
        format!("segment s {{ {}", many(100_000, "(")),
        format!("segment s {{ x == {}", many(100_000, "[")),
        format!("segment s {{ x == \"{}a{}\" }}", many(1_000, "${\""), many(1_000, "\"}")),
        format!("event e {{ a: {}", many(100_000, "[")),
        format!("workflow w {{ on e if a {{ stop }} {}}}", many(20_000, "else if a { stop } ")),
        format!("workflow w {{\n on e\n call W {}\n}}", many(100_000, "? ")),
        format!("workflow w {{ on e {}{}}}", many(1_000, "if a { "), many(1_000, "} ")),
        many(200_000, "@"),
        many(100_000, "/*"),
        many(50_000, "/// a\n"),
        many(1_000_000, "a"),
        many(1_000_000, "\n"),
        format!("workflow w {{ wait {} }}", many(100_000, "1h")),
        format!("segment s {{ x == \"{}\" }}", many(50_000, "\\q")),
        many(500, &format!("{}event a {{\n", " ".repeat(2_000))),
        format!("workflow w {{ on e {} }}", many(20_000, "=> stop ")),
        format!("workflow w {{ on e {} }}", many(20_000, "=> stop ( ")),
        format!("workflow w {{ on e {} }}", many(20_000, "match x { case \"a\": ")),
        format!("workflow w {{ on e match x {{\n{} }} }}", many(20_000, "case \"a\": wait 1h\n")),
        format!("workflow w {{ on e {} }}", many(20_000, "set contact { a: ")),
        many(20_000, "workflow w on "),
        many(10_000, "workflow w on a\n"),
        format!("segment s {{ x in ({}", many(100_000, "1, ")),
        format!("segment s {{ x {}", many(10_000, "=~ / a ")),
        format!("workflow w {{ on e wait {} }}", many(10_000, "1 hour and 30 minutes ")),
    ];
    for text in &texts {
        let parsed = parse(text);
        // The tree is walked to its depths, as checks do.
        let tree = format!("{:?}", parsed.declarations);
        assert!(!tree.is_empty());
    }
    let nested = &texts[13];
    assert!(parse(nested).diagnostics.iter().any(|found| found.code.slug() == "nesting-too-deep"));
}

/// One line as long as a file may be; a longer one is not read at all.
#[test]
fn the_largest_files_are_read() {
    for piece in ["a ", "${", "{", "\"", "=> stop "] {
        let text = piece.repeat(syntax::MAX_FILE_SIZE / piece.len());
        assert!(!parse(&text).diagnostics.is_empty(), "{piece}");
        let longer = piece.repeat(10 * 1024 * 1024 / piece.len());
        let said: Vec<&str> = parse(&longer).diagnostics.iter().map(|found| found.code.slug()).collect();
        assert_eq!(said, ["file-too-large"], "{piece}");
    }
}

#[test]
fn what_nests_as_deep_as_it_may_is_accepted() {
    let conditions = syntax::MAX_DEPTH - 1;
    let text = format!("workflow w {{ on e {}{}}}", "if a { ".repeat(conditions), "} ".repeat(conditions));
    super::accepts(&text);
    let sums = format!("segment s {{ {}a > 1 }}", "a + ".repeat(syntax::MAX_DEPTH - 3));
    super::accepts(&sums);
    assert_eq!(FILE.number(), 0);
}
