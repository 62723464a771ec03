//! What the language promises to refuse, item by item: each with a program that is accepted and its nearest neighbours
//! that are refused, with this code and nothing else.

use compiler::compile;
use compiler::source::Sources;

use super::steps;

/// One item: what it is about, a program that is accepted, and the ones that are refused.
struct Item {
    about: &'static str,
    accepted: String,
    refused: Vec<(&'static str, String)>,
}

fn item(about: &'static str, accepted: String, refused: &[(&'static str, String)]) -> Item {
    Item { about, accepted, refused: refused.to_vec() }
}

/// The codes of what is said of a program, unused declarations aside unless the item is about them.
fn codes(text: &str, about_uses: bool) -> Vec<&'static str> {
    let files = [("main.wf", text), ("mail.vm", "Hello!")];
    let said = compile(&files.into_iter().collect::<Sources>()).diagnostics;
    let codes = said.iter().map(|found| found.code.slug());
    codes.filter(|code| about_uses || *code != "unused-declaration").collect()
}

fn webhook(lines: &str) -> String {
    format!(
        "connector key bearer {{ token secret(\"KEY\") }}\nwebhook other {{ get \"https://o.example.com/\" returns json {{ id: int }} }}\nwebhook w {{ {lines} }}\n"
    )
}

/// A workflow whose message says this, behind a call of `score`.
fn says(text: &str) -> String {
    steps("call score\n  send hello").replace("text \"Hello!\"", &format!("text \"{text}\""))
}

fn declared(declarations: &str) -> String {
    format!("{declarations}\n{}", steps("send hello"))
}

fn headed(header: &str) -> String {
    steps("send hello").replace("  identify by email event.email else create\n", header)
}

#[test]
fn each_item_has_its_finding() {
    let of_workflow = |text: &str| steps(text);
    let items = [
        item(
            "plain http",
            webhook("get \"https://a.example.com/\""),
            &[("plain-http", webhook("get \"http://a.example.com/\""))],
        ),
        item(
            "an interpolation in scheme, host or port",
            webhook("get \"https://a.example.com:8443/${event.id}?q=${event.id}\""),
            &[
                ("url-host-not-literal", webhook("get \"${event.id}://a.example.com/\"")),
                ("url-host-not-literal", webhook("get \"https://${event.id}.example.com/\"")),
                ("url-host-not-literal", webhook("get \"https://a.example.com:${event.id}/\"")),
            ],
        ),
        item(
            "user info in an address",
            webhook("get \"https://a.example.com/@b\""),
            &[("url-user-info", webhook("get \"https://ann:x@a.example.com/\""))],
        ),
        item(
            "a secret outside of a connector",
            webhook("get \"https://a.example.com/\" auth key"),
            &[
                (
                    "secret-outside-connector",
                    webhook("get \"https://a.example.com/\" headers { \"X-Key\": secret(\"K\") }"),
                ),
                ("secret-outside-connector", of_workflow("set contact.town = secret(\"K\")")),
            ],
        ),
        item(
            "the result of another webhook without `uses`",
            webhook("get \"https://a.example.com/${data.other.id}\" uses other"),
            &[("data-without-uses", webhook("get \"https://a.example.com/${data.other.id}\""))],
        ),
        item(
            "an event parameter, a contact field or a result that is not known",
            of_workflow("call score\n  if event.visits > 1 and contact.visits > 1 and data.score.points > 1 { stop }"),
            &[
                ("unknown-field", of_workflow("if event.vsits > 1 { stop }")),
                ("unknown-field", of_workflow("if contact.vsits > 1 { stop }")),
                ("unknown-field", of_workflow("call score\n  if data.score.pionts > 1 { stop }")),
            ],
        ),
        item(
            "the same in a template",
            says("$event.visits $!contact.town $data.score.points"),
            &[
                ("unknown-field", says("$event.vsits")),
                ("unknown-field", says("$!contact.twon")),
                ("unknown-field", says("$data.score.pionts")),
            ],
        ),
        item(
            "one of another type",
            of_workflow("call score\n  if event.visits > 1 and contact.visits > 1 and data.score.points > 1 { stop }"),
            &[
                ("types-differ", of_workflow("if event.visits > \"1\" { stop }")),
                ("types-differ", of_workflow("if contact.visits == event.text { stop }")),
                ("types-differ", of_workflow("call score\n  if data.score.points == true { stop }")),
            ],
        ),
        item(
            "an optional as a value",
            of_workflow("if event.note is set { stop \"${event.note}\" }\n  set contact.town = event.note ?? \"\""),
            &[
                ("optional-as-value", of_workflow("stop \"${event.note}\"")),
                ("optional-as-value", webhook("get \"https://a.example.com/${contact.town}\"")),
            ],
        ),
        item(
            "a result where the call has not certainly succeeded",
            of_workflow("call score on failure { stop }\n  if data.score.points > 1 { stop }"),
            &[
                (
                    "result-not-certain",
                    of_workflow("call score on failure { wait 1h }\n  if data.score.points > 1 { stop }"),
                ),
                (
                    "result-not-certain",
                    of_workflow("if event.agreed { call score }\n  if data.score.points > 1 { stop }"),
                ),
                (
                    "result-not-certain",
                    of_workflow(
                        "match event.plan { \"pro\" { call score } else { wait 1h } }\n  if data.score.points > 1 { stop }",
                    ),
                ),
                (
                    "result-not-certain",
                    of_workflow(
                        "split \"s\" { 50% \"a\" { call score } rest \"b\" { wait 1h } }\n  if data.score.points > 1 { stop }",
                    ),
                ),
            ],
        ),
        item(
            "the same in a template",
            says("$data.score.points $data.get('score').points"),
            &[
                (
                    "result-not-certain",
                    says("$data.score.points").replace("call score\n", "call score on failure { wait 1h }\n"),
                ),
                (
                    "result-not-certain",
                    says("$data.get('score').points").replace("call score\n", "if event.agreed { call score }\n"),
                ),
            ],
        ),
        item(
            "a missing identification",
            headed("  identify by email event.email\n"),
            &[("missing-identification", headed(""))],
        ),
        item(
            "an identification by a value of another type",
            headed("  identify by id event.visits\n"),
            &[
                ("wrong-type", headed("  identify by id event.email\n")),
                ("wrong-type", headed("  identify by email event.visits\n")),
            ],
        ),
        item(
            "shares over 100 %",
            of_workflow("split \"s\" { 40% \"a\" { stop } 60% \"b\" { wait 1h } }"),
            &[
                ("shares-not-whole", of_workflow("split \"s\" { 50% \"a\" { stop } 60% \"b\" { wait 1h } }")),
                (
                    "shares-not-whole",
                    of_workflow("split \"s\" { 50% \"a\" { stop } 60% \"b\" { wait 1h } rest \"c\" { wait 1h } }"),
                ),
            ],
        ),
        item(
            "steps that cannot be reached",
            of_workflow("if event.agreed { stop } else { wait 1h }\n  send hello"),
            &[
                ("unreachable-step", of_workflow("stop\n  send hello")),
                ("unreachable-step", of_workflow("if event.agreed { stop } else { fail \"no\" }\n  send hello")),
                (
                    "unreachable-step",
                    of_workflow("wait for signup up to 1d {\n    send hello\n  }")
                        .replace("  identify", "  exit on signup\n  identify"),
                ),
            ],
        ),
        item(
            "names of headers that are no tokens or that the client owns",
            webhook("get \"https://a.example.com/\" headers { \"X-Order\": \"1\" }"),
            &[
                ("header-invalid", webhook("get \"https://a.example.com/\" headers { \"X Order\": \"1\" }")),
                ("header-reserved", webhook("get \"https://a.example.com/\" headers { Host: \"a\" }")),
                ("header-reserved", webhook("get \"https://a.example.com/\" headers { \"webhook-id\": \"a\" }")),
            ],
        ),
        item(
            "malformed XML, or an interpolation where XML allows none",
            webhook("post \"https://a.example.com/\" body xml \"<a b='${event.id}'>${event.id}</a>\""),
            &[
                ("xml-malformed", webhook("post \"https://a.example.com/\" body xml \"<a>${event.id}</b>\"")),
                ("xml-interpolation", webhook("post \"https://a.example.com/\" body xml \"<${event.id}/>\"")),
                (
                    "xml-interpolation",
                    webhook("post \"https://a.example.com/\" body xml \"<a><!-- ${event.id} --></a>\""),
                ),
            ],
        ),
        item(
            "a file that does not exist or lies outside of the project",
            steps("send hello").replace("text \"Hello!\"", "text file \"mail.vm\""),
            &[
                ("file-missing", steps("send hello").replace("text \"Hello!\"", "text file \"mial.vm\"")),
                ("file-outside", steps("send hello").replace("text \"Hello!\"", "text file \"../mail.vm\"")),
                ("file-outside", steps("send hello").replace("text \"Hello!\"", "text file \"/etc/mail.vm\"")),
            ],
        ),
        item(
            "names declared twice",
            declared("event paid { a: int }\nwebhook paid { get \"https://a.example.com/\" }"),
            &[
                ("duplicate-name", declared("event paid { a: int }\nevent \"paid\" { a: int }")),
                ("duplicate-name", declared("event paid { a: int, a: int }")),
            ],
        ),
        item(
            "events that emit each other in a circle",
            declared("event paid { email: email }\nworkflow p { on paid identify by email event.email send hello }"),
            &[(
                "emit-cycle",
                declared(
                    "event paid { email: email }\nworkflow p { on paid identify by email event.email emit paid { email: event.email } }",
                ),
            )],
        ),
        item(
            "a literal that looks like a credential",
            webhook("get \"https://a.example.com/\" headers { \"X-Shop\": \"kyiv-1\" }"),
            &[(
                "credential-literal",
                webhook(
                    "get \"https://a.example.com/\" headers { \"X-Api-Key\": \"sk_live_4eC39HqLyjWDarjtT1zdp7dc\" }",
                ),
            )],
        ),
    ];
    let mut wrong = Vec::new();
    for Item { about, accepted, refused } in items {
        let said = codes(&accepted, false);
        if !said.is_empty() {
            wrong.push(format!("{about}: accepted, but {said:?}\n{accepted}"));
        }
        for (code, text) in refused {
            let said = codes(&text, false);
            if said != [code] {
                wrong.push(format!("{about}: {code}, but {said:?}\n{text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A warning, and one for each kind of declaration.
#[test]
fn what_nothing_uses_is_warned_of() {
    let used = "event e { m: email }\nconnector k bearer { token secret(\"K\") }\nwebhook w { get \"https://a.example.com/\" auth k }\nsegment s { contact.id > 1 }\nmessage m { email { from \"a@b.co\" subject \"x\" text \"y\" } }\nworkflow f {\n  on e\n  identify by email event.m\n\n  call w\n  if contact in s { send m }\n}\n";
    assert_eq!(codes(used, true), [] as [&str; 0]);
    for (line, left) in [
        ("  call w\n", "  wait 1h\n"),
        (" auth k }", " }"),
        ("  if contact in s { send m }\n", "  send m\n"),
        ("{ send m }", "{ wait 1h }"),
    ] {
        let text = used.replace(line, left);
        let said = codes(&text, true);
        assert!(said.contains(&"unused-declaration"), "{text}");
        assert!(said.iter().all(|code| *code == "unused-declaration"), "{said:?}\n{text}");
    }
}
