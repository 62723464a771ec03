//! What people write who know other tools well: each habit is one finding at its place, and its fix says what was meant.

use super::authors::{mends_into, message, says, webhook};
use super::{accepts, refuses, steps};

#[test]
fn marks_of_other_platforms_in_messages() {
    for (text, line) in [
        ("\"Hi ⟦sent-as-written: %first_name%⟧!\"", "text \"Hi $!{contact.first_name}!\""),
        ("\"Hi ⟦sent-as-written: %FNAME%⟧!\"", "text \"Hi $!{contact.first_name}!\""),
        ("\"Plan ⟦sent-as-written: %plan%⟧\"", "text \"Plan $!{event.plan}\""),
        ("\"Plan ⟦sent-as-written: %event.plan%⟧\"", "text \"Plan $!{event.plan}\""),
        ("\"Hi ⟦sent-as-written: *|FNAME|*⟧\"", "text \"Hi $!{contact.first_name}\""),
        ("\"Hi ⟦sent-as-written: <!-- a note -->⟧there\"", "text \"Hi #* a note *#there\""),
    ] {
        mends_into(&message(text), line);
    }
    for (text, hint) in [
        ("\"⟦sent-as-written: {% if plan %}⟧a⟦sent-as-written: {%- endif -%}⟧\"", "`#if(…) … #end`"),
        ("\"⟦sent-as-written: {% for i in items %}⟧a\"", "`#foreach($item in $event.items) … #end`"),
        ("\"Hi ⟦sent-as-written: <%= name %>⟧\"", "`$!{contact.first_name}`"),
        ("\"⟦template-directive: {{#if plan}}⟧a⟦template-directive: {{/if}}⟧\"", "`#end`"),
    ] {
        says(&message(text), hint);
    }
    for text in [
        // Shares, encoded addresses, words that are no value; what is meant so.
        "\"50% off, 20%today% and https://a.example.com/?q=%D0%BA%D1%96%D1%82 100%\"",
        "\"#[[{% if %} %first_name% <!-- a --> *|FNAME|*]]#\"",
        "\"a <b, c > d, a || b, *|* and { % }\"",
        "\"\"\"\n      ## {% a comment %}\n      Hi\n      \"\"\"",
    ] {
        accepts(&message(text));
    }
    // A comment of HTML is one there, and what it hides from some readers may be written for others.
    let html = message("\"Hello!\"").replace("text \"Hello!\"", "html \"<p>Hi</p><!--[if mso]><p>a</p><![endif]-->\"");
    accepts(&html);
    refuses(&message("\"⟦sent-as-written: <!-- *# -->⟧\""));
}

#[test]
fn calls_of_tools() {
    for (call, told) in [
        ("$date.⟦template-method: format⟧()", "`format` takes 1 to 5 arguments, not 0"),
        ("$esc.⟦template-method: html⟧()", "`html` takes 1 argument, not 0"),
        ("$math.⟦template-method: round⟧(1, 2, 3)", "`round` takes 1 argument, not 3"),
        ("$math.⟦template-method: ad⟧(1, 2)", "`$math` has no method `ad`"),
    ] {
        let said = refuses(&message(&format!("\"{call}\"")));
        assert!(said.iter().any(|finding| finding.message == told), "{said:#?}");
    }
}

#[test]
fn calls_of_macros() {
    let footer = "#macro(footer $town)Kyiv, $town#end";
    for (call, line) in [
        ("#⟦sent-as-written: foter⟧('x')", "#footer('x')"),
        ("#⟦sent-as-written: Footer⟧($event.text)", "#footer($event.text)"),
        ("#{⟦sent-as-written: foter⟧}('x')", "#{footer}('x')"),
    ] {
        mends_into(&message(&format!("\"{footer}{call}\"")), &format!("text \"{footer}{line}\""));
    }
    says(&message("\"Bye #⟦sent-as-written: footer⟧()\""), "`#macro(footer …) … #end`");
    says(&message("\"#macro(line $a $b)$a: ${b}#end#⟦sent-as-written: line⟧('x')\""), "`#macro(line … $b = '…')`");
    says(&message("\"#if($event.agreed)#⟦sent-as-written: footer⟧('x', 1)#end\""), "`#[[`");
    // People would read the backslash too.
    says(&message("\"\\\\#⟦sent-as-written: footer⟧()\""), "`#[[`");
    says(&message(&format!("\"{footer}⟦template-syntax: #footer(Lviv)⟧\"")), "`'Lviv'`");
    for text in [
        // A macro may stand below its call, and without brackets.
        &format!("#footer('x'){footer}#macro(bye)Bye#end#bye $event.text"),
        // What is given no value is not printed, has a default, or is looked up around the call.
        "#macro(line $a $b)#if($b)$b#end$!b${b|'x'}$a#end#line('x')",
        "#macro(line $a $b='x')$a$b#end#line('x')",
        "#set($b = 'x')#macro(line $a $b)$a$b#end#line('x')",
        "#fff, #1 (or #2), the #first (of May), #footer, #footer { color: red } #main(of it)",
        "#[[#footer()]]# #* #footer() *# $event.text",
    ] {
        accepts(&message(&format!("\"{text}\"")));
    }
}

#[test]
fn what_an_if_around_it_has_found() {
    for text in [
        "#if($event.address)$event.address.city#end",
        "#if($event.address && $event.note)$event.address.city, $event.note#end",
        "#if($event.address.zip)$event.address.city $event.address.zip#end",
        "#if(!$event.address)none#else$event.address.city#end",
        "#set($a = $event.address)#if($a)$a.city#end",
    ] {
        accepts(&message(&format!("\"{text}\"")));
    }
    for text in [
        "#if($event.address)⟦template-may-be-missing: $event.address.zip⟧#end",
        "#if($event.note)⟦template-may-be-missing: $event.address.city⟧#end",
        "#if($event.address)a#else⟦template-may-be-missing: $event.address.city⟧#end",
    ] {
        says(&message(&format!("\"{text}\"")), "for nothing");
    }
}

#[test]
fn what_a_loop_tells_of_itself() {
    let text = |inner: &str| message(&format!("\"#foreach($i in $event.items)$i.sku{inner}#end\""));
    for (slip, line) in [
        ("#if($foreach.⟦unknown-field: has_next⟧), #end", "#if($foreach.hasNext), #end"),
        ("$foreach.⟦unknown-field: idx⟧", "$foreach.index"),
        ("${foreach.⟦unknown-field: cuont⟧}", "${foreach.count}"),
    ] {
        mends_into(&text(slip), &format!("text \"#foreach($i in $event.items)$i.sku{line}#end\""));
    }
    says(&text("$foreach.⟦unknown-field: total⟧"), "`count` (from 1)");
    for inner in [
        "$foreach.index $foreach.count $foreach.first $foreach.last $foreach.hasNext $foreach.hasNext() $foreach.getIndex()",
        "#foreach($j in $event.items)$foreach.parent.count#end",
        "#set($foreach.total = 3)$foreach.total",
        "#if($foreach.put('total', 3))#end$foreach.total",
    ] {
        accepts(&text(inner));
    }
}

#[test]
fn a_mark_before_its_field() {
    let event = |lines: &str| format!("event e {{\n  {lines}\n}}\n");
    for (slip, line) in [
        ("source: url\n  ⟦unexpected-token: sensitive⟧ card: string", "card: string sensitive"),
        ("⟦unexpected-token: sensitive⟧ card: string\n  source: url", "card: string sensitive"),
        ("⟦unexpected-token: sensitive⟧ card: string?, source: url", "card: string? sensitive, source: url"),
        ("source: url, ⟦unexpected-token: sensitive⟧ card: [string]", "source: url, card: [string] sensitive"),
        ("⟦unexpected-token: sensitive⟧ card: [[{ a: [int] }]]", "card: [[{ a: [int] }]] sensitive"),
        ("⟦unexpected-token: sensitive⟧ card: \"a\" | \"b\" = \"a\"", "card: \"a\" | \"b\" sensitive = \"a\""),
        ("⟦unexpected-token: sensitive⟧ card: (\"a\" | \"b\")?", "card: (\"a\" | \"b\")? sensitive"),
        ("⟦unexpected-token: sensitive⟧ card: {\n    a: int\n  }?\n  b: int", "}? sensitive"),
        ("⟦unexpected-token: sensitive⟧ \"card\": string sensitive", "\"card\": string sensitive"),
    ] {
        mends_into(&event(slip), line);
    }
    mends_into(
        &event("").replace("event e", "contact").replace("  \n", "  ⟦unexpected-token: sensitive⟧ a: int = 1\n"),
        "a: int sensitive = 1",
    );
    mends_into(
        &webhook("returns json {\n    id: int\n    ⟦unexpected-token: sensitive⟧ iban: string\n  }"),
        "iban: string sensitive",
    );
    // Above a field it could be of either.
    says(&event("source: url\n  ⟦unexpected-token: sensitive⟧\n  card: string"), "`card: … sensitive`");
    accepts(&event("card: string\n    sensitive"));
    accepts(&event("sensitive: bool sensitive\n  card: string sensitive"));
}

#[test]
fn paths_without_quotes() {
    for path in ["templates/hello.txt.vm", "./hello-2.vm", "a/2024/07.vm"] {
        mends_into(&message(&format!("file ⟦unexpected-token: {path}⟧")), &format!("text file \"{path}\""));
    }
}

#[test]
fn a_day_and_a_time() {
    for (slip, line) in [
        (
            "wait until ⟦no-such-date: 2026-05-04 06:00⟧ in \"Europe/Kyiv\"",
            "wait until 2026-05-04T06:00 in \"Europe/Kyiv\"",
        ),
        ("wait until ⟦no-such-date: 2026-05-04 06:00Z⟧", "wait until 2026-05-04T06:00Z"),
        ("wait until ⟦no-such-date: 2026-05-04   06:00+02:00⟧", "wait until 2026-05-04T06:00+02:00"),
        (
            "if event.until > ⟦no-such-date: 2026-05-04 06:00:30Z⟧ { stop }",
            "if event.until > 2026-05-04T06:00:30Z { stop }",
        ),
    ] {
        mends_into(&steps(slip), line);
    }
    let test = steps("send hello")
        + "test \"t\" {\n  at ⟦no-such-date: 2026-05-04 06:00⟧ in \"Europe/Berlin\"\n  expect not call score\n}\n";
    mends_into(&test, "at 2026-05-04T06:00 in \"Europe/Berlin\"");
}

#[test]
fn fields_with_an_equals_sign() {
    for (slip, line) in [
        ("body form { ⟦unexpected-token: to⟧ = \"a\", x: \"1\" }", "body form { to: \"a\", x: \"1\" }"),
        ("body json {\n    a: { ⟦unexpected-token: from⟧ = 1 }\n  }", "a: { from: 1 }"),
        ("body json {\n    a: 1\n    ⟦unexpected-token: text⟧ = \"x\"\n  }", "text: \"x\""),
        ("headers { ⟦unexpected-token: token⟧ = \"x\" }", "headers { token: \"x\" }"),
        ("body json { ⟦unexpected-token: a⟧ = 1 }", "body json { a: 1 }"),
        ("timeout ⟦unexpected-token: =⟧ 5s\n  body json { a: 1 }", "timeout 5s"),
    ] {
        mends_into(&webhook(slip), line);
    }
    // A field of a card has a type.
    for (slip, line) in [
        ("⟦unexpected-token: ok⟧ = false", "ok: bool = false"),
        ("⟦unexpected-token: visits⟧ = 3", "visits: int = 3"),
        ("⟦unexpected-token: share⟧ = 0.5", "share: decimal = 0.5"),
        ("⟦unexpected-token: text⟧ = \"x\"", "text: string = \"x\""),
        ("⟦unexpected-token: to⟧ = \"x\"", "to: string = \"x\""),
        ("⟦unexpected-token: ok⟧ = bool", "ok: bool"),
    ] {
        mends_into(&format!("contact {{\n  {slip}\n  other: string?\n}}\n"), line);
    }
}

#[test]
fn comparisons() {
    for (condition, line) in [
        ("event.agreed ⟦unexpected-token: equals⟧ true", "event.agreed == true"),
        ("event.visits ⟦unexpected-token: gte⟧ 3", "event.visits >= 3"),
        ("event.note ⟦unexpected-token: exists⟧", "event.note is set"),
        ("event.note is ⟦unexpected-token: null⟧", "event.note is not set"),
        ("event.note is ⟦unexpected-token: empty⟧", "event.note is not set"),
        ("event.note is not ⟦unexpected-token: null⟧", "event.note is set"),
        ("event.agreed is ⟦unexpected-token: true⟧", "event.agreed == true"),
        ("contact is ⟦unexpected-token: loyal⟧", "contact in loyal"),
        ("contact in ⟦unexpected-token: segment⟧ loyal", "contact in loyal"),
        ("event.total > 1⟦unexpected-token: ,⟧000.50", "event.total > 1000.50"),
    ] {
        mends_into(&steps(&format!("if {condition} {{ stop }}")), &format!("if {line} {{ stop }}"));
    }
    mends_into(&steps("if event.visits > 3 ⟦unexpected-token: then⟧ { stop }"), "if event.visits > 3 { stop }");
    for (condition, hint) in [
        ("event.text ⟦unexpected-token: startsWith⟧ \"a\"", "`contains`"),
        ("event.text ⟦unexpected-token: matches⟧ \"a.*\"", "`contains`"),
        ("event.visits ⟦unexpected-token: between⟧ 1 and 3", "two comparisons"),
        ("event.visits > 3 and ⟦unexpected-token: <⟧ 5", "both of its sides"),
        ("event.total > 100 ⟦unexpected-token: USD⟧", "without a unit"),
    ] {
        says(&steps(&format!("if {condition} {{ stop }}")), hint);
    }
}

#[test]
fn steps_of_other_tools() {
    for (slip, line) in [
        ("set contact.tier ⟦unexpected-token: to⟧ \"gold\"", "set contact.tier = \"gold\""),
        ("wait ⟦malformed-duration: for 2 days⟧", "wait 2d"),
        ("stop⟦unexpected-token: (⟧)", "stop"),
        ("wait for signup ⟦unexpected-token: within⟧ 2d { stop }", "wait for signup up to 2d { stop }"),
        ("wait for signup ⟦unexpected-token: timeout⟧ 2d { stop }", "wait for signup up to 2d { stop }"),
    ] {
        mends_into(&steps(slip), line);
    }
    for (slip, hint) in [
        ("send hello ⟦unexpected-token: via⟧ email", "by which channel"),
        ("send hello ⟦unexpected-token: after⟧ 1h", "`wait 1h`"),
        ("call score ⟦unexpected-token: {⟧ id: 1 }", "in the webhook's declaration"),
        ("⟦unexpected-token: exit⟧", "`stop`"),
        ("⟦unexpected-token: fail⟧", "`fail \"…\"`"),
        ("wait for signup up to ⟦unexpected-token: 2d⟧", "between braces"),
        ("⟦unexpected-token: parallel⟧ { send hello }", "follow each other"),
        ("send hello\n  ⟦unexpected-token: on⟧ failure { stop }", "behind the `call`"),
    ] {
        says(&steps(slip), hint);
    }
}

#[test]
fn a_header_line_below_a_step_takes_nothing_from_the_steps_around_it() {
    for line in [
        "⟦header-below-step: exit⟧ on signup",
        "⟦header-below-step: once⟧ per 1d",
        "⟦header-below-step: one⟧ at a time",
    ] {
        says(&steps(&format!("call score\n  {line}\n  if data.score.points > 3 {{ stop }}")), "move the line up");
    }
}

#[test]
fn lines_of_requests() {
    for (lines, line) in [
        ("body ⟦unexpected-token: \"a\"⟧", "body text \"a\""),
        ("limit 10⟦unexpected-token: /⟧s", "limit 10 per 1s"),
        ("limit 10 per ⟦unexpected-token: second⟧", "limit 10 per 1s"),
    ] {
        mends_into(&webhook(lines), line);
    }
    for (lines, hint) in [
        ("auth ⟦unexpected-token: bearer \"abc\"⟧", "`connector NAME bearer { … }`"),
        ("auth ⟦unexpected-token: basic \"user\" \"pw\"⟧\n  timeout 5s", "`connector NAME basic { … }`"),
        ("auth ⟦unexpected-token: bearer token \"abc\"⟧", "`auth NAME`"),
        ("⟦unknown-keyword: header⟧ \"X-A\" \"b\"", "headers are fields"),
    ] {
        says(&webhook(lines), hint);
    }
    let alone = |lines: &str| format!("webhook w {{\n  {lines}\n}}\n");
    mends_into(&alone("⟦unknown-keyword: url⟧: \"https://a.example.com/in\""), "get \"https://a.example.com/in\"");
    mends_into(
        &alone("⟦unknown-keyword: endpoint⟧ \"https://a.example.com/in\"\n  body json { a: 1 }"),
        "post \"https://a.example.com/in\"",
    );
    says(
        &alone(
            "⟦unexpected-token: method: POST⟧\n  ⟦unknown-keyword: url⟧: \"https://a.example.com/in\"\n  body json { a: 1 }",
        ),
        "before the address",
    );
    // Such a field is none of this.
    accepts(&webhook("body json {\n    method: \"POST\"\n    url: \"https://a.example.com/in\"\n  }"));
}
