//! Neither the formatter nor the layout of a text changes the program that it says, to the last byte.

use std::path::Path;

use compiler::format::format;
use compiler::source::{FileId, Sources};
use compiler::{Compiled, compile};
use proptest::prelude::*;

#[path = "../../benches/corpus/mod.rs"]
mod corpus;

/// The same text in another layout: wherever blanks or line ends stand between two words, `newline` decides for one of them.
/// Texts, blocks and comments stay as they are.
fn laid_out(text: &str, mut newline: impl FnMut() -> bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').map_or(rest.len(), |end| end + 1)
        } else if rest.starts_with("\"\"\"") {
            let closing = |line: &str| line.trim_start().starts_with("\"\"\"");
            let mut lines = rest.split_inclusive('\n');
            let mut length = lines.next().map_or(0, str::len);
            for line in lines {
                if closing(line) {
                    length += line.find("\"\"\"").unwrap() + 3;
                    break;
                }
                length += line.len();
            }
            length
        } else if first == '"' {
            string(rest)
        } else if first.is_whitespace() {
            let behind = rest.trim_start();
            // A description stands first on its line.
            let line = newline() || behind.starts_with("///");
            out.push_str(if line { "\n\n   " } else { " " });
            rest = behind;
            continue;
        } else {
            first.len_utf8()
        };
        let (piece, behind) = rest.split_at(length);
        out.push_str(piece);
        rest = behind;
    }
    out
}

/// How long a text of one line is, with its quotes.
fn string(text: &str) -> usize {
    let mut at = 1;
    let mut depth = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += match rest.as_bytes()[0] {
            b'\\' => 2,
            b'"' if depth == 0 => return at + 1,
            b'"' => string(rest),
            b'$' if rest.starts_with("${") => {
                depth += 1;
                2
            }
            b'}' => {
                depth = usize::saturating_sub(depth, 1);
                1
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    at
}

fn compiled(files: &[(String, String)], change: impl FnMut(&str) -> String) -> Compiled {
    let mut change = change;
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|(path, text)| (path.clone(), if path.ends_with(".wf") { change(text) } else { text.clone() }))
        .collect();
    let sources: Sources = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    compile(&sources)
}

fn formatted(text: &str) -> String {
    format(FileId::new(0), text).unwrap_or_else(|law| panic!("{law}\n{text}")).text
}

/// The same program and the same tests come of a project however its texts are laid out.
fn says_the_same(files: &[(String, String)], choices: &[u8]) {
    let first = compiled(files, str::to_owned);
    let Some(program) = &first.program else { panic!("{:#?}", first.diagnostics) };
    let mut choice = choices.iter().cycle();
    let mut random = || choice.next().is_some_and(|choice| choice % 2 == 0);
    let layouts: [&mut dyn FnMut(&str) -> String; 5] = [
        &mut |text| formatted(text),
        &mut |text| laid_out(&formatted(text), || false),
        &mut |text| laid_out(text, || true),
        &mut |text| laid_out(text, &mut random),
        &mut |text| formatted(&laid_out(text, || false)),
    ];
    for (number, layout) in layouts.into_iter().enumerate() {
        let other = compiled(files, layout);
        let findings: Vec<_> = other.diagnostics.iter().map(|found| (found.code, &found.message)).collect();
        let expected: Vec<_> = first.diagnostics.iter().map(|found| (found.code, &found.message)).collect();
        assert_eq!(findings, expected, "in the layout {number}");
        assert_eq!(other.program.map(|other| other.to_json()), Some(program.to_json()), "in the layout {number}");
        assert_eq!(other.tests, first.tests, "in the layout {number}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_programs_say_the_same_in_any_layout(choices in proptest::collection::vec(any::<u8>(), 1..400)) {
        says_the_same(&corpus::project(1, 2), &choices);
    }
}

/// Every example of the specification that is accepted.
#[test]
fn the_specification_says_the_same_in_any_layout() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lang-spec");
    let mut examples = 0;
    for page in std::fs::read_dir(&folder).unwrap().map(|page| page.unwrap().path()).filter(|page| page.is_file()) {
        let text = std::fs::read_to_string(&page).unwrap();
        let fences = text.split("\n```wf\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
        for example in fences {
            let files = [("example.wf".to_owned(), format!("{example}\n"))];
            if compiled(&files, str::to_owned).program.is_some() {
                says_the_same(&files, &[1, 2, 4, 7, 9, 10, 12, 13, 15, 16]);
                examples += 1;
            }
        }
    }
    assert!(examples >= 10, "{examples} examples");
}

/// What stands on one line and could be taken for another line's slip.
#[test]
fn one_line_is_enough() {
    for steps in [
        "on contact.town changed if contact.town is set { stop }",
        "on e identify by id 1 if contact.town is set { stop }",
        "on contact.town changed exit on e if contact.town is set { stop }",
        "on contact.town changed exit on e as x if contact.town is set { stop } wait 1h",
        "on contact.town changed exit on \"e\" as x where x.n > 1 if contact.town is set { stop }",
        "on e identify by id 1 call when call with as having",
        "on e identify by id 1 wait for e as when up to 1h { stop }",
    ] {
        let text = format!(
            "event e {{ n: int }} webhook when {{ get \"https://a.example.com/\" }} webhook with {{ get \"https://a.example.com/\" }} workflow w {{ {steps} }}"
        );
        let found = compile(&Sources::single("main.wf", &text)).diagnostics;
        assert!(found.iter().all(|found| !found.is_error()), "{text}\n{found:#?}");
    }
}
