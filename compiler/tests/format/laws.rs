//! What holds for every text.

use compiler::format::{Formatted, WIDTH, format};
use compiler::source::FileId;
use compiler::syntax::trivia::TriviaKind;
use compiler::syntax::{self, Parsed};
use proptest::prelude::*;

use crate::support::maker::Maker;
use crate::support::written::written;

const FILE: FileId = FileId::new(0);
const PROGRAM: &str = include_str!("../data/language.wf");

fn comments(read: &Parsed, text: &str) -> Vec<String> {
    let comments = read.trivia.iter().filter(|trivia| trivia.kind != TriviaKind::BlankLines);
    comments.map(|trivia| text[trivia.span.range()].trim_end().to_owned()).collect()
}

/// Formats a text, and holds the result to it from outside: the same tree, the same comments, nothing to be done again.
fn faithful(text: &str) -> Result<Formatted, TestCaseError> {
    let formatted = format(FILE, text).map_err(|law| TestCaseError::fail(format!("{law}:\n{text}")))?;
    let (before, after) = (syntax::parse(FILE, text), syntax::parse(FILE, &formatted.text));
    prop_assert_eq!(&before.declarations, &after.declarations, "\n{}\n{}", text, formatted.text);
    prop_assert_eq!(comments(&before, text), comments(&after, &formatted.text), "\n{}\n{}", text, formatted.text);
    let again = format(FILE, &formatted.text).map_err(|law| TestCaseError::fail(format!("{law}:\n{text}")))?;
    prop_assert_eq!(&again.text, &formatted.text, "\n{}", text);
    Ok(formatted)
}

/// What is written at the end of one line and the beginning of the next is not mistaken for what other languages say.
#[test]
fn a_value_may_stand_beside_anything() {
    let texts = [
        // Lines that begin with `set` are steps.
        "test t {\n  cases { a | (1 is\n set) }\n  receive e { \"a b\": 1 }\n}\n",
        "workflow w {\n  on e where (contact.town is not\n set)\n  if (contact.town is\n set) { stop }\n}\n",
        // A type is `list<gold | silver>`.
        "test t {\n  cases { a | (event) < \"\" | town }\n  receive e { \"a b\": 1 }\n}\n",
    ];
    for text in texts {
        let read = syntax::parse(FILE, text);
        assert!(read.diagnostics.is_empty(), "{:#?}\n{text}", read.diagnostics);
    }
}

/// Wherever the edge of the page falls, a broken line is not broken otherwise the next time.
#[test]
fn lines_of_any_length_have_one_form() {
    let values = [
        "({ town: null }) + FILL + (10ms + contact) + \"\"",
        "({ town: null,\n a: 1 }) + order[0] + (FILL + contact) + \"\"",
        "([{ town: null }]) + FILL + ([{ town: contact }]) + \"\"",
        "[[[FILL, 1]]] + [[[FILL, 1]]]",
        "[({ FILL: 1 })] == ([FILL, 2]) ?? ([FILL])",
    ];
    for value in values {
        for length in 1..WIDTH + 10 {
            let value = value.replace("FILL", &"f".repeat(length));
            for text in [
                format!("contact {{\n  a: {{\n    b: decimal = {value}\n  }}\n}}\n"),
                format!("workflow w {{\n  on e where {value}\n  set contact.a = {value}\n  stop\n}}\n"),
            ] {
                faithful(&text).unwrap();
            }
        }
    }
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is written of a tree is read as that tree, in any layout; and formatted it still is.
    #[test]
    fn what_is_written_is_read(tree in bytes(400), layout in bytes(600)) {
        let program = Maker::new(&tree).program();
        let text = written(&program, &mut Maker::new(&layout));
        let read = syntax::parse(FILE, &text);
        let errors: Vec<_> = read.diagnostics.iter().filter(|found| found.is_error()).collect();
        prop_assert!(errors.is_empty(), "{:#?}\n{}", errors, text);
        prop_assert_eq!(&read.declarations, &program, "\n{}", text);
        let formatted = faithful(&text)?;
        prop_assert!(!formatted.is_partial());
        prop_assert!(formatted.text.lines().all(|line| !line.contains('\r')));
    }

    /// Blanks make no difference, nor do commas and quotes that could be left out.
    #[test]
    fn one_tree_has_one_form(tree in bytes(400), one in bytes(300), other in bytes(300)) {
        let program = Maker::new(&tree).program();
        let joined = |layout: &[u8]| {
            let tokens = crate::support::written::tokens(&program, &mut Maker::new(layout));
            // What is in a text stays as it was written.
            let spelled = tokens.iter().any(|token| token.starts_with("\"\"\"") || token.contains("${"));
            (!spelled).then(|| tokens.join(" "))
        };
        if let (Some(one), Some(other)) = (joined(&one), joined(&other)) && !one.contains('|') && !other.contains('|') {
            prop_assert_eq!(faithful(&one)?.text, faithful(&other)?.text);
        }
    }

    /// Whatever is not a program comes out as it went in, but for the parts that are.
    #[test]
    fn any_text_is_formatted(text in any::<String>()) {
        faithful(&text)?;
    }

    /// A stretch of a good program is cut out, and something else put in.
    #[test]
    fn any_damaged_program_is_formatted(
        at in 0..PROGRAM.len(), length in 0usize..60, windows in any::<bool>(),
        put_in in prop_oneof!["[ \n{}\\[\\]()\",:|?.$/#;a-c0-9]{0,8}", Just("// comment\n".to_owned()), Just("\"\"\"\n".to_owned())],
    ) {
        let end = (at + length).min(PROGRAM.len());
        let (Some(before), Some(after)) = (PROGRAM.get(..at), PROGRAM.get(end..)) else { return Ok(()) };
        let text = format!("{before}{put_in}{after}");
        faithful(&if windows { text.replace('\n', "\r\n") } else { text })?;
    }
}

/// A comment between any two tokens stays between them.
#[test]
fn comments_may_stand_anywhere() {
    for declaration in syntax::parse(FILE, PROGRAM).declarations {
        let text = &PROGRAM[declaration.span.range()];
        let trivia = syntax::parse(FILE, text).trivia.len();
        for (at, _) in text.match_indices([' ', '\n']).filter(|(at, _)| !text[*at..].starts_with("  ")) {
            for comment in [" // a comment\n", "\n\n// a comment\n\n// another\n"] {
                let commented = format!("{}{comment}{}", &text[..at], &text[at..]);
                // Within a text it is none.
                if syntax::parse(FILE, &commented).trivia.len() > trivia {
                    faithful(&commented).unwrap();
                }
            }
        }
    }
}

/// Texts that would take for ever if any of it took time by the square, or bring the stack down if it nested.
#[test]
fn long_texts_are_formatted() {
    let many = |count: usize, piece: &str| piece.repeat(count);
    for text in [
        format!("segment s {{ {}a }}", many(50, "a + b * c and d or ")),
        format!("segment s {{ a in [{}1] }}", many(50_000, "1, ")),
        format!("event e {{ {} }}", many(50_000, "a: int, ")),
        format!("workflow w {{ {} }}", many(50_000, "stop ")),
        format!("test t {{ stub w {{}} {} }}", many(20_000, "then { status 200 } ")),
        format!("webhook w {{ uses a{} }}", many(50_000, ", b")),
        format!("event e {{ a: 1{} }}", many(50_000, " | 1")),
        format!("workflow w {{ {} {} }}", many(60, "if a { "), many(60, "} else { stop }")),
        format!("segment s {{ a == {}1{} }}", many(100, "["), many(100, "]")),
        many(20_000, "event e {}\n// c\n"),
        many(100_000, "// c\n\n\n"),
        many(50_000, ";"),
        many(20_000, "event a {\n"),
    ] {
        faithful(&text).unwrap();
    }
}
