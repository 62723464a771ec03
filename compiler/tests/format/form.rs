//! The canonical form, by example.

use super::{formats, formatted};

#[test]
fn the_program_of_the_reference_is_canonical() {
    let program = include_str!("../data/language.wf");
    assert!(formatted(program) == program, "{}", formatted(program));
}

#[test]
fn nothing_stays_nothing() {
    for text in ["", "\n\n", "\u{feff}", " \t\r\n"] {
        formats(text, "");
    }
    formats("// a\r\n\r\n\r\n\r\n//  b  ", "// a\n\n//  b\n");
}

#[test]
fn a_declaration_has_a_line_for_each_fact() {
    formats(
        "\u{feff}\r\n// License.\r\n\r\n\r\n/// A cart.\r\n\r\nevent   cart{a:int,b : string ?, c:[{x:int,y:\"a\"|-1}],}\r\ncontact{}",
        "// License.\n\n/// A cart.\nevent cart {\n  a: int\n  b: string?\n  c: [{ x: int, y: \"a\" | -1 }]\n}\n\ncontact {}\n",
    );
    formats(
        "connector crm basic { login \"a\" password secret ( \"P\" ) }",
        "connector crm basic {\n  login \"a\"\n  password secret(\"P\")\n}\n",
    );
    formats(
        "webhook w { get \"https://a.example.com\" auth crm uses a,b headers{\"X-A\":1} returns json{a:int} timeout 5s attempts 2 from 1s to 2s }",
        "webhook w {\n  get \"https://a.example.com\"\n  auth crm\n  uses a, b\n  headers { \"X-A\": 1 }\n  returns json { a: int }\n  timeout 5s\n  attempts 2 from 1s to 2s\n}\n",
    );
    formats("segment s { data [ \"x\" ] . list[ 0 ].a==- 1 }", "segment s {\n  data[\"x\"].list[0].a == -1\n}\n");
    formats(
        "message m { email { from \"a\" html file \"x.vm\" } sms { text \"a\" } push { text contact . x link [file \"a\",x] } }",
        "message m {\n  email {\n    from \"a\"\n    html file \"x.vm\"\n  }\n  sms { text \"a\" }\n  push {\n    text contact.x\n    link [file \"a\", x]\n  }\n}\n",
    );
}

#[test]
fn declarations_of_one_line_may_stand_together() {
    formats(
        "event a {} event b {}\n\n\nevent c { x: int } event d {}",
        "event a {}\nevent b {}\n\nevent c {\n  x: int\n}\n\nevent d {}\n",
    );
    // A comment keeps its side of the blank line.
    formats("event a { x: int } // a\n// b\nevent b {}", "event a {\n  x: int\n} // a\n\n// b\nevent b {}\n");
    formats("event a { x: int }\n// a\n\nevent b {}", "event a {\n  x: int\n}\n// a\n\nevent b {}\n");
}

#[test]
fn what_is_broken_behind_its_brace_stays_so() {
    formats("event e { a: { b: int,\n c: int } }", "event e {\n  a: { b: int, c: int }\n}\n");
    formats("event e { a: {\n b: int, c: int } }", "event e {\n  a: {\n    b: int\n    c: int\n  }\n}\n");
    formats("event e { a: [\n{ b: int }] }", "event e {\n  a: [{ b: int }]\n}\n");
    formats("event e { a: [{\nb: int }?] }", "event e {\n  a: [{\n    b: int\n  }?]\n}\n");
    formats("segment s { a in [\n1,2] }", "segment s {\n  a in [\n    1,\n    2,\n  ]\n}\n");
    formats("segment s { a in [1,2,] }", "segment s {\n  a in [1, 2]\n}\n");
    formats("segment s { a or b and\nc }", "segment s {\n  a\n    or b\n      and c\n}\n");
    formats("segment s { a\nor\nb }", "segment s {\n  a\n    or b\n}\n");
}

/// A workflow with these lines.
fn workflow(lines: &str) -> String {
    format!("workflow w {{\n{lines}}}\n")
}

#[test]
fn steps_have_a_line_each() {
    formats(
        "workflow w { on a where x>1 identify by email event.email else create wait 1h call W identify by id 1 as x on failure { fail \"a\" stop } }",
        &workflow(
            "  on a where x > 1\n  identify by email event.email else create\n\n  wait 1h\n  call W identify by id 1 as x on failure {\n    fail \"a\"\n    stop\n  }\n",
        ),
    );
    formats(
        "workflow w { if a { stop } else if b { stop } else { stop } match x { \"a\",\"b\"|1 { stop } else {} } split x { 5% a { stop } rest b {} } }",
        &workflow(
            "  if a { stop } else if b { stop } else { stop }\n  match x {\n    \"a\", \"b\" | 1 { stop }\n    else {}\n  }\n  split \"x\" {\n    5% \"a\" { stop }\n    rest \"b\" {}\n  }\n",
        ),
    );
    // One broken block breaks the others of its step.
    formats(
        "workflow w { if a { stop } else {\nstop } }",
        &workflow("  if a {\n    stop\n  } else {\n    stop\n  }\n"),
    );
    // The blank line between head and steps.
    formats("workflow w { on a\n// x\nstop }", &workflow("  on a\n\n  // x\n  stop\n"));
    formats("workflow w { on a\n// x\n\nstop }", &workflow("  on a\n  // x\n\n  stop\n"));
}

#[test]
fn long_lines_are_broken_from_the_outside_in() {
    let (long, names) = ("contact.some_long_name_of_a_field", "\"Kyiv\", \"Lviv\", \"Odesa\", \"Dnipro\", \"Poltava\"");
    formats(
        &format!("segment s {{ {long}==1 and {long} in [{names}] or {long}+{long}*2>3 }}"),
        &format!("segment s {{\n  {long} == 1 and {long} in [\n    \"Kyiv\",\n    \"Lviv\",\n    \"Odesa\",\n    \"Dnipro\",\n    \"Poltava\",\n  ]\n    or {long} + {long} * 2 > 3\n}}\n").replace(
            &format!("  {long} == 1 and {long} in [\n    \"Kyiv\",\n    \"Lviv\",\n    \"Odesa\",\n    \"Dnipro\",\n    \"Poltava\",\n  ]\n"),
            &format!("  {long} == 1\n      and {long} in [{names}]\n"),
        ),
    );
    formats(
        &format!("segment s {{ {long} in [{names},{names}] }}"),
        &format!(
            "segment s {{\n  {long} in [\n{}  ]\n}}\n",
            format!("{names}, {names}, ")
                .replace("\"", "\u{0}")
                .split(", ")
                .filter(|name| !name.is_empty())
                .map(|name| format!("    {},\n", name.replace('\u{0}', "\"")))
                .collect::<String>()
        ),
    );
    formats(
        &format!("workflow w {{ set contact.x={long}+{long}*{long}+1 if {long} and {long} and {long} {{ stop }} }}"),
        &workflow(&format!(
            "  set contact.x = {long}\n    + {long} * {long}\n    + 1\n  if {long}\n    and {long}\n    and {long}\n  {{\n    stop\n  }}\n"
        )),
    );
    formats(
        &format!(
            "workflow w {{ exit on e as x where {long}=={long} and x.a == 1 send m between 09:00 and 21:00 in {long} ?? \"Europe/Kyiv\" wait for e where {long}=={long}+1 up to 2d {{ stop }} on timeout {{ stop }} }}"
        ),
        &workflow(&format!(
            "  exit on e as x\n    where {long} == {long} and x.a == 1\n\n  send m between 09:00 and 21:00 in {long} ?? \"Europe/Kyiv\"\n  wait for e\n    where {long} == {long} + 1\n    up to 2d\n  {{\n    stop\n  }} on timeout {{\n    stop\n  }}\n"
        )),
    );
    formats(
        &format!("event e {{ a: {{ b: string, c: {{ d: \"{0}\" | \"{0}\" }} }} = \"x\" }}", "x".repeat(50)),
        &format!(
            "event e {{\n  a: {{\n    b: string\n    c: {{\n      d: \"{0}\"\n        | \"{0}\"\n    }}\n  }} = \"x\"\n}}\n",
            "x".repeat(50)
        ),
    );
    // Width is counted in characters, and what cannot be broken is as long as it is.
    let text = "ї".repeat(70);
    formats(
        &format!("segment s {{ x=={{a:\"{text}\"}} }}"),
        &format!("segment s {{\n  x == {{ a: \"{text}\" }}\n}}\n"),
    );
    let text = "ї".repeat(150);
    formats(&format!("segment s {{ \"{text}\" }}"), &format!("segment s {{\n  \"{text}\"\n}}\n"));
}

#[test]
fn comments_stay_where_they_are() {
    formats(
        "event e { // opening\n\n // first\n\n\n // second\n a: int, // a\n b: int // b\n , c: int\n // last\n\n} // behind\n// end\n",
        "event e { // opening\n  // first\n\n  // second\n  a: int // a\n  b: int // b\n  c: int\n  // last\n} // behind\n// end\n",
    );
    formats(
        "event e { a: int, // one\n  b: [ // two\n int ] /// three\n\n // four\n}",
        "event e {\n  a: int // one\n  b: [ // two\n    int\n  ] /// three\n\n  // four\n}\n",
    );
    formats("event e { // nothing\n}", "event e { // nothing\n}\n");
    formats("event e {\n// nothing\n}", "event e {\n  // nothing\n}\n");
    formats(
        "workflow w { call W // why\n on failure { stop } // c\n// d\n\nif a // e\n{ stop } // f\n else { stop } wait // g\n 1h send m // h\n }",
        &workflow(
            "  call W // why\n  on failure {\n    stop\n  } // c\n  // d\n\n  if a // e\n  {\n    stop\n  } // f\n  else {\n    stop\n  }\n  wait // g\n    1h\n  send m // h\n",
        ),
    );
    formats(
        "segment s { a // a\n and b in [ 1, // one\n 2 // two\n , 3 ] and // c\n c }",
        "segment s {\n  a // a\n    and b in [\n      1, // one\n      2, // two\n      3,\n    ]\n    and // c\n      c\n}\n",
    );
    formats("event e { x // a\n: int }", "event e {\n  x: // a\n    int\n}\n");
    formats("event // a\n e // b\n { // c\n }", "event // a\n  e // b\n{ // c\n}\n");
    // Descriptions stand on what they describe.
    formats("event a { x: int }\n/// b\n\nevent b {}", "event a {\n  x: int\n}\n\n/// b\nevent b {}\n");
    formats("event e {\n/// a\n\n/// b\n\nx: int }", "event e {\n  /// a\n  /// b\n  x: int\n}\n");
    formats(
        "event e { x: { /// stray\n\n/// y\n y: int } }",
        "event e {\n  x: { /// stray\n    /// y\n    y: int\n  }\n}\n",
    );
}

#[test]
fn a_text_keeps_its_content_and_moves_as_a_whole() {
    formats(
        "message m {\n email {\n text \"\"\"\n\t\t<a>\n\t\t  b  \n   \n\n\t\t\tc \\n ${x}\n\t\t\"\"\"\n}\n}",
        "message m {\n  email {\n    text \"\"\"\n      <a>\n        b  \n\n\n      \tc \\n ${x}\n      \"\"\"\n  }\n}\n",
    );
    formats(
        "webhook w {\r\n  body xml \"\"\"\r\n<a>\r\n\"\"\" timeout 5s }",
        "webhook w {\n  body xml \"\"\"\n    <a>\n    \"\"\"\n  timeout 5s\n}\n",
    );
    formats(
        "test t { receive e { a: \"\"\"\n  x\n  \"\"\", b: [\"\"\"\n  y\n  \"\"\", 1] } }",
        "test \"t\" {\n  receive e {\n    a: \"\"\"\n      x\n      \"\"\"\n    b: [\n      \"\"\"\n        y\n        \"\"\",\n      1,\n    ]\n  }\n}\n",
    );
    formats("segment s { x == \"a\\tb\\u{e9} ${ a  +b } \" }", "segment s {\n  x == \"a\\tb\\u{e9} ${ a  +b } \"\n}\n");
}

#[test]
fn names_are_quoted_where_they_must_be() {
    formats(
        "webhook \"WH5\" { post \"https://a.example.com\" auth \"crm\" uses \"a\", \"b c\" body json { \"in\": 1, \"a b\": 2, \"x\": 3 } }",
        "webhook WH5 {\n  post \"https://a.example.com\"\n  auth crm\n  uses a, \"b c\"\n  body json { in: 1, \"a b\": 2, x: 3 }\n}\n",
    );
    formats(
        "workflow \"test\" { on \"schedule\" call \"let\" as \"x\" send \"email\" to \"x\" emit \"a\\u{62}\" {} stop \"stop\" }",
        "workflow \"test\" {\n  on schedule\n\n  call \"let\" as x\n  send email to \"x\"\n  emit \"a\\u{62}\" {}\n  stop \"stop\"\n}\n",
    );
    formats(
        "test \"x\" { given contact \"ann\" {} expect exit \"e\" }",
        "test \"x\" {\n  given contact ann {}\n  expect exit \"e\"\n}\n",
    );
}

#[test]
fn what_cannot_be_read_is_copied() {
    for (text, canonical) in [
        (
            "event a { x:int }\n\n  event  b { x:  }\nevent c { x:int }",
            "event a {\n  x: int\n}\n\n  event  b { x:  }\n\nevent c {\n  x: int\n}\n",
        ),
        ("event a { x:int };\nevent c { x:int }", "event a { x:int };\n\nevent c {\n  x: int\n}\n"),
        ("event a { x:int }\n;;\nevent c { x:int }", "event a {\n  x: int\n}\n\n;;\n\nevent c {\n  x: int\n}\n"),
        ("# note\nevent c { x:int }\n/* a\n b */", "# note\nevent c {\n  x: int\n}\n/* a\n b */\n"),
        (
            "message m {\n email {\n text \"\"\"\n  x\n\n\n// about\nevent c {\nx:int }\nevent  d {\n\r\n  ",
            "message m {\n email {\n text \"\"\"\n  x\n\n\n// about\nevent c {\n  x: int\n}\n\nevent  d {\n",
        ),
    ] {
        let found = compiler::format::format(compiler::source::FileId::new(0), text).unwrap();
        assert!(found.is_partial(), "{text}");
        formats(text, canonical);
    }
    // Where a place is told, it is one of the new text.
    let found = compiler::format::format(compiler::source::FileId::new(0), "event a{x:int}event b{x:}").unwrap();
    assert_eq!(&found.text[found.diagnostics[0].span.range()], "}", "{found:?}");
}
