//! One slip, one finding: where it stands, and with the way out where there is one.

use super::authors::{mends_into, message, says, webhook};
use super::branches::mends_all;
use super::{AROUND, accepts, refuses, steps};

/// A test of the workflow that most steps are in.
fn test(lines: &str) -> String {
    format!("{}\ntest \"t\" {{\n  {lines}\n  expect complete\n}}\n", steps("call score\n  send hello"))
}

#[test]
fn within_an_arm_leave_the_others_alone() {
    let arms = |inner: &str| {
        steps(&format!(
            "match event.plan {{\n    \"pro\" {{\n      {inner}\n    }}\n    \"free\" {{ stop }}\n  }}\n  wait 1h"
        ))
    };
    let mends = |slip: &str, line: &str| mends_into(&arms(slip), line);
    mends(
        "wait for signup up to 1d { stop } ⟦unexpected-token: else⟧ { stop }",
        "wait for signup up to 1d { stop } on timeout { stop }",
    );
    mends("set contact.town ⟦unexpected-token: to⟧ \"v\"", "set contact.town = \"v\"");
    mends(
        "if event.agreed { set contact.town ⟦unexpected-token: to⟧ \"v\" }",
        "if event.agreed { set contact.town = \"v\" }",
    );
    refuses(&arms("wait 1h ⟦unexpected-token: 2⟧"));
    refuses(&arms("send hello ⟦unexpected-token: \"x\"⟧"));
    refuses(&arms("if event.agreed { wait 1h ⟦unexpected-token: 2⟧ } else { stop }"));
    refuses(&steps(
        "split \"s\" {\n    50% \"a\" {\n      wait 1h ⟦unexpected-token: 5%⟧\n    }\n    rest \"b\" { stop }\n  }\n  wait 1h",
    ));
    // The head of an arm may be the slip as well, and it may be the last one.
    refuses(&steps("match event.plan {\n    \"pro\" { stop }\n    ⟦unexpected-token: free⟧ { stop }\n  }\n  wait 1h"));
}

#[test]
fn in_the_types_of_fields() {
    let field = |slip: &str, line: &str| mends_into(&format!("contact {{\n  {slip}\n  other: string?\n}}"), line);
    field("track⟦unexpected-token: ?⟧: url", "track: url?");
    field("\"my track\"⟦unexpected-token: ?⟧: url", "\"my track\": url?");
    field("order⟦unexpected-token: ?⟧: [int]", "order: [int]?");
    field("tier⟦unexpected-token: ?⟧: \"gold\" | \"silver\"", "tier: (\"gold\" | \"silver\")?");
    field("tier⟦unexpected-token: ?⟧: (\"gold\" | \"silver\")?", "tier: (\"gold\" | \"silver\")?");
    field("place⟦unexpected-token: ?⟧: { town: string }", "place: { town: string }?");
    field("ip: ⟦unexpected-token: secret⟧ string", "ip: string sensitive");
    field("ip: ⟦unexpected-token: sensitive⟧ string?", "ip: string? sensitive");
    field("ip: ⟦unexpected-token: private⟧ [string]", "ip: [string] sensitive");
    field("ip: string ⟦unexpected-token: secret⟧", "ip: string sensitive");
    field("tags: ⟦unexpected-token: string[]⟧?", "tags: [string]?");
    field("rows: { id: int }⟦unexpected-token: []⟧", "rows: [{ id: int }]");
    field("rows: [int]⟦unexpected-token: []⟧?", "rows: [[int]]?");
    let answer = |slip: &str, line: &str| mends_into(&webhook(&format!("returns json {slip}")), line);
    answer("⟦unexpected-token: string[]⟧", "returns json [string]");
    answer("{ id: int }⟦unexpected-token: []⟧", "returns json [{ id: int }]");
    answer("{ rows: { id: int }⟦unexpected-token: []⟧, n: int }", "returns json { rows: [{ id: int }], n: int }");
    answer("{ id⟦unexpected-token: ?⟧: { a: int } }", "returns json { id: { a: int }? }");
    answer("{ ip: ⟦unexpected-token: secret⟧ string, n: int }", "returns json { ip: string sensitive, n: int }");
    mends_into(&AROUND.replace("subject \"Hello\"", "subject⟦needless-colon: ?:⟧ \"Hello\""), "subject \"Hello\"");
    // A value by itself would be a type that has no other one.
    says(&webhook("returns json { ⟦unexpected-token: ok⟧ = false, n: int }"), "`ok: bool = false`");
    super::fix::left(&webhook("returns json { ok = false, n: int }"));
}

#[test]
fn in_what_tests_expect() {
    let one = |slip: &str, line: &str| mends_into(&test(slip), line);
    one("expect call score ⟦unexpected-token: attempts⟧ 1 }", "expect call score { attempts 1 }");
    one("expect call score ⟦unexpected-token: attempts⟧ 1", "expect call score { attempts 1 }");
    one(
        "expect not call score ⟦unexpected-token: headers⟧ { \"X-A\": \"b\" }",
        "expect not call score { headers { \"X-A\": \"b\" } }",
    );
    one("expect send hello ⟦unexpected-token: subject⟧ contains \"x\"", "expect send hello { subject contains \"x\" }");
    mends_into(
        &test("expect send hello ⟦unexpected-token: subject⟧ \"x\"\n    text \"y\"\n  }"),
        "expect send hello { subject \"x\"",
    );
    one(
        "expect in order { call score ⟦unexpected-token: attempts⟧ 1 }",
        "expect in order { call score { attempts 1 } }",
    );
    one("expect send hello { text ⟦unexpected-token: includes⟧ \"x\" }", "expect send hello { text contains \"x\" }");
    one(
        "expect send hello { to \"a@b.co\" text ⟦unexpected-token: include⟧ \"x\" }",
        "expect send hello { to \"a@b.co\" text contains \"x\" }",
    );
    one("expect send hello { subject ⟦unexpected-token: equals⟧ \"x\" }", "expect send hello { subject \"x\" }");
    one("expect send hello { subject ⟦unexpected-token: is⟧ \"x\" }", "expect send hello { subject \"x\" }");
    says(&test("expect send hello { subject ⟦unexpected-token: starts with⟧ \"x\" }"), "`subject contains \"…\"`");
    says(&test("expect send hello { subject ⟦unexpected-token: =⟧ \"x\" }"), "without a sign between");
    // Steps of another version are none of these.
    accepts(&test(
        "reload {\n    workflow w {\n      on signup\n      identify by email event.email\n\n      send hello to \"a@b.co\"\n    }\n  }\n  expect not send hello",
    ));
    one("expect ⟦unexpected-token: failed⟧ \"x\"", "expect fail \"x\"");
    one("expect not ⟦unexpected-token: stopped⟧", "expect not stop");
    one("expect ⟦unexpected-token: exited⟧ \"signup\"", "expect exit \"signup\"");
}

#[test]
fn in_conditions_and_values() {
    let one = |slip: &str, line: &str| mends_into(&steps(slip), line);
    one("if contact.email ⟦unexpected-token: exists⟧ { stop }", "if contact.email is set { stop }");
    one(
        "if event.agreed and contact.email ⟦unexpected-token: exists⟧ { stop }",
        "if event.agreed and contact.email is set { stop }",
    );
    one("if contact.email ⟦unexpected-token: not exists⟧ { stop }", "if contact.email is not set { stop }");
    one("if contact.email ⟦unexpected-token: does not exist⟧ { stop }", "if contact.email is not set { stop }");
    one("if contact.email ⟦unexpected-token: is not defined⟧ { stop }", "if contact.email is not set { stop }");
    one(
        "wait for signup where contact.email ⟦unexpected-token: exists⟧ up to 1d { stop }",
        "wait for signup where contact.email is set up to 1d { stop }",
    );
    mends_into("segment s {\n  contact.email ⟦unexpected-token: exists⟧\n}", "contact.email is set");
    mends_into(&webhook("body form { to: ⟦unknown-character: ${event.email}⟧ }"), "body form { to: event.email }");
    mends_into(
        &webhook("body form { to: ⟦unknown-character: ${contact.email ?? \"x\"}⟧ }"),
        "body form { to: contact.email ?? \"x\" }",
    );
    one(
        "set contact.visits = 2 * ⟦unknown-character: ${event.visits + 1}⟧",
        "set contact.visits = 2 * (event.visits + 1)",
    );
    mends_into(
        &webhook("body json { to: contact.email ⟦unexpected-token: exists⟧ }"),
        "body json { to: contact.email is set }",
    );
}

#[test]
fn of_an_event_that_is_handed_its_parameters() {
    let emits = |inner: &str, lines: &[&str]| {
        let around = "event paid { email: email, total: decimal }\nevent nothing { note: string? }\n";
        mends_all(
            &format!("{around}{}", steps(&format!("if event.agreed {{\n    {inner}\n    send hello\n  }}\n  wait 1h"))),
            lines,
        );
    };
    emits(
        "emit paid⟦unexpected-token: (⟧email: event.email, total: 3)",
        &["emit paid { email: event.email, total: 3 }"],
    );
    emits("emit paid⟦unexpected-token: (⟧\n      email: event.email,\n      total: (1 + 2)\n    )", &["emit paid {"]);
    emits("emit nothing⟦unexpected-token: (⟧)", &["emit nothing {}"]);
    says(&steps("emit signup⟦unexpected-token: (⟧event.email)"), "between braces");
}

#[test]
fn in_heads_and_lines() {
    mends_all(
        "connector ⟦unexpected-token: basic crm⟧ {\n  login \"a\"\n  password secret(\"P\")\n}\nwebhook w {\n  get \"https://a.example.com/\"\n  auth crm\n}\n",
        &["connector crm basic {"],
    );
    mends_all(
        "webhook w {\n  put ⟦unexpected-token: https://erp.example.com/in?id=${event.id}⟧\n  body json { a: 1 }\n}\n",
        &["put \"https://erp.example.com/in?id=${event.id}\""],
    );
    says("webhook w {\n  put ⟦unexpected-token: address⟧\n  body json { a: 1 }\n}\n", "`put \"https://…\"`");
    // A name that is near is the one that is meant.
    mends_all(
        "webhook acct {\n  get \"https://a.example.com/\"\n  returns json { n: int }\n}\nwebhook w {\n  post \"https://b.example.com/\"\n  uses ⟦unknown-name: acc⟧\n  body json { a: data.acct.n }\n}\n",
        &["uses acct"],
    );
}

#[test]
fn in_templates() {
    let block = |line: &str| format!("\"\"\"\n      {line}\n      \"\"\"");
    let one = |slip: &str, line: &str| mends_into(&message(&block(slip)), line);
    one("⟦template-directive: #set⟧ $x = $event.visits\n      #if($x > 3)$x#end", "#set($x = $event.visits)");
    one("⟦template-directive: #set⟧ x = 5\n      $x", "#set($x = 5)");
    says(&message("\"⟦template-directive: #set⟧ $x = 5 and $x\""), "`#set($name = …)`");
    says(&message("\"#if ⟦template-syntax: $event⟧.agreed a #end\""), "`#if($event.agreed) … #end`");
    mends_into(
        &message("\"#if($event.agreed)a⟦sent-as-written: #{else⟧ b#end\""),
        "text \"#if($event.agreed)a#{else} b#end\"",
    );
    mends_into(
        &message("\"Hi ⟦sent-as-written: [[first_name]]⟧, ⟦sent-as-written: [[ plan ]]⟧\""),
        "text \"Hi $!{contact.first_name}, [[ plan ]]\"",
    );
    says(&message("\"a ⟦sent-as-written: [[link]]⟧, ⟦sent-as-written: %link%⟧\""), "`#[[` and `]]#`");
    says(&message("\"⟦template-syntax: #if⟧($event.agreed)a#foreach($i in $event.items)b#end\""), "none left for it");
    says(&message("\"⟦template-syntax: #if⟧($event.agreed)a#ends\""), "`#{end}`");
    for text in [
        "\"[[1, 2], [3]] [[a b]] #[[ [[link]] %link% ]]# a[[0]]\"",
        "\"20%today% 5%-10% %ab% https://a.example.com/?a=%D0%BA\"",
        "\"#{set}($x = 1)#{if}($x == 1)a#{else}b#{end}\"",
        "\"#{else-where} and #set the table, #set a == b\"",
    ] {
        accepts(&message(text));
    }
}

#[test]
fn in_a_template_that_many_workflows_send() {
    let mut text = String::from(
        "webhook score {\n  get \"https://a.example.com/\"\n  returns json { points: int }\n}\nmessage m {\n  email {\n    from \"a@example.com\"\n    subject \"x\"\n    text \"$⟦result-not-certain: data.score⟧.points\"\n  }\n}\n",
    );
    for number in 0..30 {
        text += &format!(
            "event e{number} {{ email: email }}\nworkflow w{number} {{\n  on e{number}\n  identify by email event.email\n\n  send m\n}}\n"
        );
    }
    let said = refuses(&text);
    let told: Vec<&str> = said
        .iter()
        .filter(|finding| finding.code.slug() == "result-not-certain")
        .flat_map(|finding| &finding.also)
        .map(|label| label.text.as_str())
        .filter(|label| label.starts_with("sent here"))
        .collect();
    assert_eq!(told, ["sent here", "sent here", "sent here, and at 27 or more further places"]);
}

#[test]
fn of_a_value_in_quotes() {
    let called = |body: &str| {
        format!("{AROUND}{}{}", webhook(body), steps("call w").replace(AROUND, "").replace("workflow w", "workflow v"))
    };
    mends_into(
        &called(
            "body json { to: ⟦sent-as-written: \"event.email\"⟧, kind: \"event.created\", n: \"contact.updated\" }",
        ),
        "body json { to: event.email, kind: \"event.created\", n: \"contact.updated\" }",
    );
    mends_into(
        &called("body form { to: ⟦sent-as-written: \"event.email\"⟧, n: \"my event.email\" }"),
        "body form { to: event.email, n: \"my event.email\" }",
    );
    refuses(&webhook("body json { to: [⟦sent-as-written: \"contact.email\"⟧], of: \"contact.card\" }"));
    mends_into(&steps("set contact.town = ⟦sent-as-written: \"event.text\"⟧"), "set contact.town = event.text");
    let emitted = format!(
        "event f {{ to: email, why: string }}\n{}",
        steps("emit f { to: event.email, why: ⟦sent-as-written: \"event.text\"⟧ }")
    );
    mends_into(&emitted, "emit f { to: event.email, why: event.text }");
}

#[test]
fn of_braces_and_words_that_are_left_out() {
    let one = |slip: &str, line: &str| mends_into(&test(slip), line);
    one("stub score ⟦unexpected-token: status⟧ 503", "stub score { status 503 }");
    one("stub score ⟦unexpected-token: 503⟧", "stub score { status 503 }");
    one("stub ping ⟦unexpected-token: timeout⟧", "stub ping { timeout }");
    one("expect contact ⟦unexpected-token: tier⟧: \"gold\"", "expect contact { tier: \"gold\" }");
    let lines = |slip: &str, line: &str| mends_into(&webhook(slip), line);
    lines("attempts 5 ⟦unexpected-token: 1s⟧ 1min", "attempts 5 from 1s to 1min");
    lines("attempts 5 from 1s ⟦unexpected-token: 1min⟧", "attempts 5 from 1s to 1min");
    lines("attempts 3 ⟦unexpected-token: times⟧", "attempts 3");
    mends_into(&steps("send hello").replace("on signup", "on signup⟦unexpected-token: ()⟧"), "on signup");
    let arms = |slip: &str| steps(&format!("match event.plan {{\n    {slip}\n  }}\n  wait 1h"));
    mends_all(
        &arms("\"pro\" ⟦unexpected-token: send⟧ hello\n    \"free\" ⟦unexpected-token: stop⟧"),
        &["\"pro\" { send hello }", "\"free\" { stop }"],
    );
    says(&arms("else { stop }\n    ⟦unexpected-token: \"pro\"⟧ { send hello }"), "move it down");
    says(&arms("\"pro\" { send hello }\n    else { stop }\n    ⟦unexpected-token: else⟧ { stop }"), "has one `else`");
}

#[test]
fn in_the_order_of_other_languages() {
    let event = |slip: &str, line: &str| mends_into(&format!("event e {{\n  {slip}\n  other: string\n}}"), line);
    event("⟦unexpected-token: string⟧ email", "email: string");
    event("⟦unexpected-token: email⟧ string", "email: string");
    event("email⟦foreign-sign: !⟧: email", "email: email");
    mends_into(&webhook("returns json ⟦unexpected-token: list of⟧ { id: int }"), "returns json [{ id: int }]");
    mends_into(&webhook("body json ⟦unexpected-token: =⟧ { a: 1 }"), "body json { a: 1 }");
    says("webhook w {\n  get \"https://a.example.com/orders/⟦sent-as-written: :id⟧/x:y\"\n}", "`${event.id}`");
    mends_into(
        &AROUND.replace("from \"shop@example.com\"", "from ⟦unexpected-token: Shop <shop@example.com>⟧"),
        "from \"Shop <shop@example.com>\"",
    );
    for (slip, line) in [
        ("⟦unexpected-token: $TOKEN⟧", "token secret(\"TOKEN\")"),
        ("⟦unexpected-token: secret.TOKEN⟧", "token secret(\"TOKEN\")"),
        ("⟦unexpected-token: secret TOKEN⟧", "token secret(\"TOKEN\")"),
    ] {
        mends_into(&format!("connector k bearer {{\n  token {slip}\n}}"), line);
    }
    mends_into(
        &steps("split \"s\" {\n    ⟦unexpected-token: 60 percent⟧ \"a\" { stop }\n    rest \"b\" { stop }\n  }"),
        "60% \"a\" { stop }",
    );
    says(&steps("call score ⟦unexpected-token: then⟧ {\n    send hello\n  }\n  stop"), "stands below it");
    says(
        &steps("⟦unexpected-token: try⟧ {\n    call score\n  } catch (e) {\n    stop\n  }\n  send hello"),
        "`call NAME on failure { … }`",
    );
    says(&steps("⟦unexpected-token: steps⟧ {\n    send hello\n  }"), "in no braces of their own");
    mends_into("segment s ⟦unexpected-token: =⟧ contact.id > 3", "segment s { contact.id > 3 }");
    mends_into("segment s ⟦unexpected-token: where⟧ contact.id > 3", "segment s { contact.id > 3 }");
    says(
        &steps("stop").replace("  on signup\n", "  on signup\n  exit on signup ⟦unexpected-token: {⟧ stop }\n"),
        "ends the run at once",
    );
}
