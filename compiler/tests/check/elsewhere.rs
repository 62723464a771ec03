//! What people write who come from YAML, JavaScript, Python, Ruby and SQL: one finding for each slip, and what its fix
//! makes of it compiles.

use super::authors::says;
use super::branches::mends_all;
use super::{accepts, refuses, steps};

#[test]
fn steps_with_the_signs_of_other_languages() {
    for (slip, line) in [
        ("⟦foreign-sign: -⟧ send hello", "send hello"),
        ("send⟦unexpected-token: (⟧hello)", "send hello"),
        ("call⟦unexpected-token: (⟧score)", "call score"),
        ("call score⟦unexpected-token: ,⟧ send hello", "call score send hello"),
        ("⟦unknown-keyword: await⟧ call score", "call score"),
        ("⟦unexpected-token: contact⟧.tier = \"gold\"", "set contact.tier = \"gold\""),
        ("⟦unexpected-token: contact⟧.visits += 1", "set contact.visits = contact.visits + 1"),
        ("⟦unexpected-token: contact⟧.visits++", "set contact.visits = contact.visits + 1"),
        ("call score ⟦unexpected-token: catch⟧ { stop }", "call score on failure { stop }"),
        ("wait for signup ⟦unexpected-token: 2d⟧ { stop }", "wait for signup up to 2d { stop }"),
        (
            "wait for signup up to 2d { stop } ⟦unexpected-token: else⟧ { send hello }",
            "wait for signup up to 2d { stop } on timeout { send hello }",
        ),
        (
            "send hello between 09:00 and 21:00 in ⟦wrong-type: Europe/Kyiv⟧",
            "send hello between 09:00 and 21:00 in \"Europe/Kyiv\"",
        ),
        (
            "send hello between ⟦wrong-type: 9⟧ and ⟦wrong-type: 21⟧ in \"UTC\"",
            "send hello between 09:00 and 21:00 in \"UTC\"",
        ),
        ("wait until 09:00 in ⟦wrong-type: UTC⟧", "wait until 09:00 in \"UTC\""),
    ] {
        mends_all(&steps(slip), &[line]);
    }
    for (slip, hint) in [
        ("send hello⟦unexpected-token: ,⟧ score", "a step of its own: `send score`"),
        ("send hello ⟦unexpected-token: in⟧ 1h", "`wait 1h`"),
        ("send hello ⟦unexpected-token: {⟧ name: contact.first_name }", "in its declaration"),
        ("call score ⟦unexpected-token: with⟧ { id: event.visits }", "in the webhook's declaration"),
        ("call score ⟦unexpected-token: or⟧ stop", "`on failure { … }`"),
        ("wait until ⟦unexpected-token: tomorrow 09:00⟧", "a time of the day"),
        ("wait until ⟦unexpected-token: noon⟧ in \"UTC\"", "`12:00`"),
        ("⟦unexpected-token: random⟧ 50% { send hello }", "`split"),
        ("if event.agreed { stop }\n  ⟦unexpected-token: end⟧", "a block ends with `}`"),
    ] {
        says(&steps(slip), hint);
    }
}

#[test]
fn blocks_of_other_languages() {
    for (slip, lines) in [
        ("if event.agreed ⟦unexpected-token: do⟧\n    send hello\n  end", &["if event.agreed {"] as &[&str]),
        (
            "if event.agreed ⟦unexpected-token: then⟧\n    send hello\n  else\n    call score\n  end",
            &["if event.agreed {", "} else {"],
        ),
        (
            "if event.agreed ⟦unexpected-token: do⟧\n    if event.visits > 3 ⟦unexpected-token: do⟧\n      stop\n    end\n    ⟦unknown-keyword: sleep⟧(1h)\n  end",
            &["if event.agreed {", "if event.visits > 3 {", "wait 1h"],
        ),
        ("call score on failure ⟦unexpected-token: do⟧\n    stop\n  end", &["call score on failure {"]),
        ("if event.agreed ⟦unexpected-token: {{⟧ send hello }}", &["if event.agreed { send hello }"]),
        (
            "if event.agreed ⟦unexpected-token: {{⟧\n    if event.visits > 3 { stop }\n    ⟦unknown-keyword: sleep⟧(1h)\n  }}",
            &["if event.agreed {", "wait 1h"],
        ),
    ] {
        mends_all(&steps(slip), lines);
    }
    for (slip, hint) in [
        ("split ⟦unexpected-token: 50/50⟧ {\n    \"a\" { stop }\n    \"b\" { send hello }\n  }", "`split \"name\" {"),
        ("split \"s\" ⟦unexpected-token: 50%, 50%⟧ { { stop } { send hello } }", "`split \"s\" { 50% \"a\" {"),
        ("split ⟦unexpected-token: 50⟧ { stop }", "before its label"),
    ] {
        says(&steps(&format!("{slip}\n  call ping")), hint);
    }
}

#[test]
fn durations_of_several_units() {
    for (slip, line) in [
        ("wait ⟦malformed-duration: 1 hour and 30 minutes⟧", "wait 90min"),
        ("wait ⟦malformed-duration: 1h 30min⟧", "wait 90min"),
        ("wait ⟦malformed-duration: for 2 days 12 hours⟧", "wait 60h"),
    ] {
        mends_all(&steps(slip), &[line]);
    }
    // What is meant is known, and nothing follows from the form.
    refuses(&steps("wait until event.born + ⟦malformed-duration: 3 days⟧ in \"UTC\""));
    accepts(&steps("if event.pause > 1h and event.visits > 3 { stop }"));
}

#[test]
fn conditions_of_other_languages() {
    for (slip, line) in [
        ("event.plan in ⟦unexpected-token: (⟧\"pro\", \"free\")", "event.plan in [\"pro\", \"free\"]"),
        ("event.plan in ⟦unexpected-token: {⟧\"pro\", \"free\"}", "event.plan in [\"pro\", \"free\"]"),
        ("event.visits ⟦foreign-sign: =<⟧ 3", "event.visits <= 3"),
        ("event.visits ⟦foreign-sign: =>⟧ 3", "event.visits >= 3"),
        ("event.note != ⟦unknown-name: undefined⟧", "event.note != null"),
        ("event.note == ⟦unknown-name: None⟧", "event.note == null"),
        ("event.agreed == ⟦unknown-name: True⟧", "event.agreed == true"),
        ("⟦unexpected-token: segment⟧ loyal", "contact in loyal"),
        ("event.visits > 3 and not ⟦unexpected-token: segment⟧ loyal", "event.visits > 3 and not contact in loyal"),
        ("contact.⟦unknown-field: loyal⟧", "contact in loyal"),
        ("event.text ⟦foreign-sign: =~⟧ \"a\"", "event.text contains \"a\""),
    ] {
        mends_all(&steps(&format!("if {slip} {{ stop }}")), &[&format!("if {line} {{ stop }}")]);
    }
    for (slip, hint) in [
        ("event.text ⟦foreign-sign: =~⟧ /a+/", "there are no patterns"),
        ("event.text ⟦foreign-sign: ~=⟧ \"a\"", "`contains`"),
        ("contact.⟦unknown-field: segment⟧ == \"loyal\"", "`contact in NAME`"),
    ] {
        says(&steps(&format!("if {slip} {{ stop }}")), hint);
    }
    mends_all(
        &steps("if event.visits > 3 {\n    stop\n  } ⟦unknown-keyword: elif⟧ event.agreed {\n    send hello\n  }"),
        &["} else if event.agreed {"],
    );
}

#[test]
fn ways_of_a_split_that_are_put_otherwise() {
    for (slip, lines) in [
        (
            "⟦unexpected-token: a⟧ 50% { stop }\n    ⟦unexpected-token: \"b\"⟧ 50% { send hello }",
            &["50% a { stop }", "50% \"b\" { send hello }"] as &[&str],
        ),
        ("50% a { stop }⟦unexpected-token: ,⟧\n    50% b { send hello }", &["50% a { stop }"]),
        ("50% a { stop }\n    ⟦unexpected-token: else⟧ { send hello }", &["rest \"rest\" { send hello }"]),
    ] {
        mends_all(&steps(&format!("split \"s\" {{\n    {slip}\n  }}")), lines);
    }
    says(&steps("split \"s\" { 50% ⟦unexpected-token: {⟧ stop } rest \"b\" { stop } }"), "each way has a label");
    for (slip, lines) in [
        (
            "⟦unexpected-token: 50/50⟧ { 50% \"a\" { stop } 50% \"b\" { stop } }",
            &["split \"s\" { 50% \"a\" { stop } 50% \"b\" { stop } }"] as &[&str],
        ),
        (
            "⟦unexpected-token: 70%, 30%⟧ {\n    \"a\" { stop }\n    \"b\" { send hello }\n  }",
            &["split \"s\" {", "70% \"a\" { stop }", "30% \"b\" { send hello }"],
        ),
    ] {
        mends_all(&steps(&format!("split \"s\" {slip}")), lines);
    }
}

/// What such a text holds is read all the same: nothing follows from it, and its own mistakes are found with it.
#[test]
fn a_block_of_text_that_begins_on_its_first_line() {
    let webhook = |body: &str| {
        format!(
            "event e {{ email: email }}\nwebhook w {{\n  post \"https://x.example.com/\"\n  body xml {body}\n}}\n\
             workflow f {{\n  on e\n  identify by email event.email\n  call w\n}}\n"
        )
    };
    mends_all(
        &webhook("\"\"\"⟦malformed-text-block: <o id=\"${event.email}\"/>\"\"\"⟧"),
        &["body xml \"\"\"", "<o id=\"${event.email}\"/>", "\"\"\""],
    );
    mends_all(&webhook("\"\"\"⟦malformed-text-block: <o/>\"\"\"⟧"), &["body xml \"<o/>\""]);
    refuses(&webhook(
        "\"\"\"⟦malformed-text-block: <o>${event.email}⟧\n    <p>${event.⟦unknown-field: name⟧}</p></o>\n    \"\"\"",
    ));
}

#[test]
fn a_declaration_with_a_colon_for_its_braces() {
    says(
        "workflow ⟦unexpected-token: welcome⟧:\n  on signup\n  identify by email event.email\n  send hello\n",
        "`workflow welcome { … }`",
    );
}

/// What looks like such a slip and is none.
#[test]
fn programs_that_mean_what_they_say() {
    for program in [
        "if [1h, 30min] contains event.pause or event.pause > 1h and event.pause < 2d { stop }",
        "if event.visits\n    * 2 > 4 { stop }",
        "set contact.visits = contact.visits\n    * 2\n  call score",
        "if (\n    contact.visits - -1 > 3) { stop }",
        "emit signup_again { default: { case: 1 }, set: 2, when: \"x\" }",
        "match event.plan { \"pro\" { if event.agreed { stop } else { send hello } } else { stop } }",
        "match event.visits {\n    1, 2 { stop }\n    else {\n      call score\n      on failure { stop }\n    }\n  }",
    ] {
        let extra = "event signup_again { default: json, set: int, when: string }\n";
        accepts(&format!("{extra}{}", steps(program)));
    }
    let test = "test \"t\" {\n  receive signup file \"a.json\"\n  expect in order {\n    workflow w { } call score { attempts 1 }\n  }\n}\n";
    assert!(
        !compiler::syntax::parse(compiler::source::FileId::new(0), test)
            .diagnostics
            .iter()
            .any(|found| found.is_error())
    );
}

#[test]
fn a_backslash_that_escapes_nothing_is_read_by_people() {
    for text in [
        "It costs ⟦sent-as-written: \\⟧$5.00",
        "100 ⟦sent-as-written: \\⟧$",
        "No. ⟦sent-as-written: \\⟧#1 and ⟦sent-as-written: \\⟧$ too",
    ] {
        super::refuses(&super::authors::message(&format!("\"{text}\"")));
    }
    // It stands before a value or a directive, or people are to read it.
    for text in [
        "\\$event.email",
        "\\${event.email}",
        "#if($contact.first_name)\\$contact.first_name#end",
        "\\${contact.first_name|'x'}",
        "#[[$contact.first_name]]#",
        "#set($name = 1)\\$name",
        "#foreach($letter in ['a'])\\$foreach.index\\$letter#end",
        "\\#if",
        "## costs \\$5",
        "#[[\\$5]]#",
        "It costs $5.00, No. #1",
        "\\\\$5",
    ] {
        super::accepts(&super::authors::message(&format!("\"{text}\"")));
    }
}

#[test]
fn a_backslash_before_what_may_have_no_value_is_read_by_people() {
    use super::authors::{mends_into, message};
    for (text, line) in [
        ("Write ⟦sent-as-written: \\$contact.first_name⟧!", "Write #[[$contact.first_name]]#!"),
        ("⟦sent-as-written: \\$!{contact.first_name}⟧", "#[[$!{contact.first_name}]]#"),
        ("⟦sent-as-written: \\$notavalue⟧.", "#[[$notavalue]]#."),
        ("⟦sent-as-written: \\$event.notavalue⟧.", "#[[$event.notavalue]]#."),
        ("⟦sent-as-written: \\$data.none.x⟧", "#[[$data.none.x]]#"),
        ("#set($name = $contact.first_name)⟦sent-as-written: \\$name⟧", "#set($name = $contact.first_name)#[[$name]]#"),
    ] {
        mends_into(&message(&format!("\"{text}\"")), &format!("text \"{line}\""));
    }
    super::refuses(&message("\"\\\\⟦sent-as-written: \\$notavalue⟧\""));
}
