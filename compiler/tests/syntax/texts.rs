//! Texts, blocks, names and descriptions: what they mean and where each byte of them stands.

use compiler::syntax::ast::{DeclarationKind, Expr, ExprKind, Part, PartValue, TextPart};
use compiler::syntax::text_block::TextBlock;

use super::{FILE, accepts, findings, parse};

/// The value that a segment's condition compares with.
fn value(text: &str) -> Expr {
    let parsed = accepts(&format!("segment s {{\n  x == {text}\n}}"));
    let DeclarationKind::Segment(segment) = &parsed.declarations[0].node.kind else { panic!() };
    let ExprKind::Binary { right, .. } = &segment.condition.node else { panic!() };
    (**right).clone()
}

/// The text of a value, values in it as `<…>` with the text at their place.
fn cooked(text: &str) -> String {
    let source = format!("segment s {{\n  x == {text}\n}}");
    let ExprKind::Text(read) = value(text).node else { panic!("{text}") };
    let part = |part: &TextPart| match part {
        TextPart::Literal(block) => block.text.clone(),
        TextPart::Interpolation(value) => format!("<{}>", &source[value.node.span.range()]),
    };
    read.parts.iter().map(part).collect()
}

#[test]
fn texts_mean_what_they_say() {
    for (written, meant) in [
        (r#""""#, ""),
        (r#""Привіт, 😀""#, "Привіт, 😀"),
        (r#""a\"b\\c\n\r\t\$\u{1F600}\u{41}""#, "a\"b\\c\n\r\t$😀A"),
        (r#""\${x}""#, "${x}"),
        (r#""$x $ {y} }""#, "$x $ {y} }"),
        (r#""${a}""#, "<a>"),
        (r#""a${ b.c }d${e}""#, "a<b.c>d<e>"),
        (r#""${contact.town ?? "unknown ${a + "}" } x"}!""#, "<contact.town ?? \"unknown ${a + \"}\" } x\">!"),
        (r#""${ { a: "}" } }""#, "<{ a: \"}\" }>"),
        ("\"\"\"\n  \"\"\"", ""),
        ("\"\"\"\n    a\n      b\n\n    c \n    \"\"\"", "a\n  b\n\nc "),
        ("\"\"\"\r\n    a\r\n    b\r\n    \"\"\"", "a\nb"),
        ("\"\"\"\n\t\ta\n\t\t\"\"\"", "a"),
        ("\"\"\"\n    say \"\"\" and ${x} \\u{e9}\n    \"\"\"", "say \"\"\" and <x> é"),
        ("\"\"\"  \n   \n    a\n  \"\"\"", "\n  a"),
    ] {
        assert_eq!(cooked(written), meant, "{written}");
    }
}

/// The templates of a message of one channel.
fn templates(message: &str) -> Vec<TextBlock> {
    let parsed = accepts(message);
    let DeclarationKind::Message(message) = &parsed.declarations[0].node.kind else { panic!() };
    let parts = message.channels.iter().flat_map(|channel| &channel.node.parts);
    let template = |part: &Part| match &part.value {
        PartValue::Template(template) => Some(template.node.clone()),
        _ => None,
    };
    parts.filter_map(|part| template(&part.node)).collect()
}

#[test]
fn templates_are_raw() {
    for (written, meant) in [
        (r#""$!x ${y|'z'} \n \q $data.get('W')""#, r"$!x ${y|'z'} \n \q $data.get('W')"),
        (r#""say \"hi\" \\""#, r#"say "hi" \\"#),
        (r#""${x|"y"}""#, r#"${x|"y"}"#),
        (r#""${x|'"'} #if($a)b#end""#, r##"${x|'"'} #if($a)b#end"##),
        (r#""$x.get("a\")""#, ""),
        ("\"\"\"\n    <a b=\"c\">\\\n      ${d}\n    \"\"\"", "<a b=\"c\">\\\n  ${d}"),
    ] {
        let message = format!("message m {{\n  email {{\n    text {written}\n  }}\n}}");
        if meant.is_empty() {
            // A quote within a template of one line needs a backslash: here it ends early, and what follows is no part.
            assert!(!findings(&message).is_empty());
        } else {
            assert_eq!(templates(&message)[0].text, meant, "{written}");
        }
    }
}

/// Every byte leads back to where it was typed.
#[test]
fn each_byte_of_a_template_knows_its_place() {
    let message = "message m {\r\n  email {\r\n    subject \"Привіт \\\"$x\\\"!\"\r\n    text \"\"\"\r\n      Вітаю, $name!\r\n\r\n        $data.get(0)\r\n      \"\"\"\r\n  }\r\n}\r\n";
    let blocks = templates(message);
    assert_eq!(blocks[0].text, "Привіт \"$x\"!");
    assert_eq!(blocks[1].text, "Вітаю, $name!\n\n  $data.get(0)");
    for block in &blocks {
        for (at, letter) in block.text.char_indices() {
            let place = block.span(at..at + letter.len_utf8());
            let written = &message[place.range()];
            let meant = letter.to_string();
            let expected = match letter {
                '"' => "\\\"",
                '\n' => written,
                _ => &meant,
            };
            assert_eq!(written, expected, "{letter:?} at {at}");
            assert!(letter != '\n' || written.trim_matches(['\r', '\n', ' ']).is_empty(), "{written:?}");
            assert_eq!(block.map.to_source(at as u32), place.start);
        }
        for part in ["$x", "$name", "$data.get(0)", "Вітаю, $name!"] {
            let Some(at) = block.text.find(part) else { continue };
            assert_eq!(&message[block.span(at..at + part.len()).range()], part);
        }
        let end = block.text.len();
        assert_eq!(block.span(end..end).start, block.map.to_source(end as u32));
        assert!(matches!(message.as_bytes()[block.map.to_source(end as u32) as usize], b'"' | b'\r'));
    }
}

/// A mistake within `${…}` is reported at its place in the file, also behind letters of several bytes and within blocks.
#[test]
fn mistakes_in_values_have_true_places() {
    for (text, found) in [
        ("segment s { x == \"Львів ${contact.town ?? } 😀\" }", "expected a value behind `??`"),
        ("segment s { x == \"a ${} b\" }", "a value is missing between the braces"),
        ("segment s { x == \"a ${b c} d\" }", "unexpected-token at \"c\""),
        ("segment s { x == \"a ${\"b ${c d}\"} d\" }", "unexpected-token at \"d\""),
        (
            "webhook w {\n  post \"https://x\"\n  body xml \"\"\"\n    <тег a=\"${b.}\">\n    \"\"\"\n}",
            "unexpected-token",
        ),
        ("segment s { x == \"a ${b\" }", "unclosed-interpolation at \"${\""),
        ("segment s { x == \"a \\q\" }", "unknown-escape at \"\\\\q\""),
        ("segment s { x == \"\\u{110000}\" }", "unknown-escape at \"\\\\u\""),
    ] {
        let all = findings(text);
        assert!(all.len() == 1 && all[0].contains(found), "{text}: {all:?}");
    }
}

#[test]
fn both_spellings_of_a_name_are_one() {
    let parsed = accepts("event a { x: int }\nevent \"a\" { x: int }\nevent \"e\u{301}\" {}\nevent \"é\" {}");
    let names: Vec<_> = parsed.declarations.iter().map(|found| found.node.kind.name().cloned().unwrap()).collect();
    assert_eq!(names[0], names[1]);
    assert_eq!(names[2], names[3], "composed and decomposed letters are one name");
    assert_eq!(names[2].span.len(), 5, "the place is that of the text with its quotes");
}

#[test]
fn some_names_are_none() {
    for (name, found) in [
        (r#""""#, "bad-name"),
        (r#"" ""#, "bad-name"),
        (r#""a\nb""#, "bad-name"),
        (r#""a\u{202e}b""#, "bad-name"),
        (r#""a${b}""#, "interpolation-not-allowed"),
        ("покупка", "bad-name"),
        ("let", "reserved-word"),
        ("order", ""),
        ("a\u{301}", "unknown-character"),
    ] {
        let text = format!("event {name} {{ x: int }}");
        let all = findings(&text);
        if found.is_empty() {
            assert_eq!(all, [] as [&str; 0], "{name}");
        } else {
            assert!(all.len() == 1 && all[0].starts_with(found), "{name}: {all:?}");
        }
    }
}

/// A broken head still declares its name: what refers to it must not be reported as unknown.
#[test]
fn a_broken_head_keeps_its_name() {
    for (head, name) in [
        ("event test {", Some("test")),
        ("event my-event {", Some("my-event")),
        ("event 2fa {", Some("2fa")),
        ("event \"a\" b {", Some("a")),
        ("evnt a {", Some("a")),
        ("event: a {", Some("a")),
        ("event {", None),
    ] {
        let text = format!("{head}\n  x: int\n}}\n");
        let parsed = parse(&text);
        assert_eq!(parsed.diagnostics.len(), 1, "{head}: {:?}", findings(&text));
        let found = parsed.declarations[0].node.kind.name().map(|name| name.node.as_str());
        assert_eq!(found, name, "{head}");
    }
}

#[test]
fn descriptions_belong_to_what_is_below() {
    let text = "\
/// Above.
///   Indented.\r
// Not a part.
/// Below.

event a {
  /// A field.
  x: int /// stray
  //// four slashes are a comment
  y: int
  /// nothing follows
}
/// Also nothing.
";
    let parsed = parse(text);
    let docs = parsed.declarations[0].node.docs.as_ref().map(|docs| docs.node.as_str());
    assert_eq!(docs, Some("Above.\n  Indented.\nBelow."));
    let DeclarationKind::Event(event) = &parsed.declarations[0].node.kind else { panic!() };
    let of_field = |number: usize| event.fields.fields[number].node.docs.as_ref().map(|docs| docs.node.as_str());
    assert_eq!((of_field(0), of_field(1)), (Some("A field."), None));
    let stray: Vec<_> = parsed.diagnostics.iter().map(|found| (found.code.slug(), &text[found.span.range()])).collect();
    assert_eq!(
        stray,
        [
            ("stray-description", "/// stray"),
            ("stray-description", "/// nothing follows"),
            ("stray-description", "/// Also nothing."),
        ]
    );
}

#[test]
fn trivia_is_kept_beside_the_tree() {
    use compiler::syntax::trivia::TriviaKind::{BlankLines, Comment, Description};
    let text = "// a\n\n\n/// b\nevent e { // c\r\n\n  x: int\n}\n\n";
    let parsed = accepts(text);
    let kinds: Vec<_> = parsed.trivia.iter().map(|found| (found.kind, &text[found.span.range()])).collect();
    assert_eq!(
        kinds,
        [
            (Comment, "// a"),
            (BlankLines, "\n\n"),
            (Description, "/// b"),
            (Comment, "// c"),
            (BlankLines, "\n"),
            (BlankLines, "\n")
        ]
    );
    assert!(parsed.trivia.iter().all(|found| found.span.file == FILE));
}

#[test]
fn a_byte_order_mark_and_an_empty_file_are_nothing() {
    assert!(accepts("").declarations.is_empty());
    assert!(accepts("\u{feff}").declarations.is_empty());
    assert!(accepts("\u{feff}// only\r\n").declarations.is_empty());
    let marked = accepts("\u{feff}event a { x: int }");
    assert_eq!(marked.declarations, accepts("event a { x: int }").declarations);
    assert_eq!(marked.declarations[0].span.start, 3);
}
