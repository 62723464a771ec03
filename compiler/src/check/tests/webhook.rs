//! Headers, bodies and limits of webhooks.

use super::{accepts, refuses, warns, webhook};
use crate::ir::{Body, Escape, Part};

const POST: &str = "post \"https://a.example.com/\"";

fn post(lines: &str) -> String {
    webhook(&format!("{POST}\n  {lines}"))
}

#[test]
fn headers_are_tokens_and_not_the_clients() {
    let (invalid, reserved) = ("header-invalid", "header-reserved");
    let table: &[(&str, &[(&str, &str)])] = &[
        ("\"X Order\": \"1\"", &[(invalid, "\"X Order\"")]),
        ("\"X-Order:\": \"1\"", &[(invalid, "\"X-Order:\"")]),
        ("\"Заголовок\": \"1\"", &[(invalid, "\"Заголовок\"")]),
        ("\"X-Town\": \"Київ\"", &[(invalid, "К")]),
        ("\"X-Town\": \"a\\r\\nBcc: b\"", &[(invalid, "\\r")]),
        ("Host: \"b.example.com\"", &[(reserved, "Host")]),
        ("\"content-LENGTH\": \"1\"", &[(reserved, "\"content-LENGTH\"")]),
        ("Authorization: \"x\"", &[(reserved, "Authorization")]),
        ("\"User-Agent\": \"x\"", &[(reserved, "\"User-Agent\"")]),
        ("\"proxy-Whatever\": \"x\"", &[(reserved, "\"proxy-Whatever\"")]),
        ("\"Idempotency-Key\": event.id", &[(reserved, "\"Idempotency-Key\"")]),
        ("\"Webhook-Signature\": \"x\"", &[(reserved, "\"Webhook-Signature\"")]),
        ("\"X-A\": \"1\" \"x-a\": \"2\"", &[("header-twice", "\"x-a\"")]),
        ("\"X-A\": contact.town", &[("optional-as-value", "contact.town")]),
        ("\"X-A\": \"${contact.town}\"", &[("optional-as-value", "contact.town")]),
        ("\"X-A\": [1]", &[("wrong-type", "[1]")]),
        ("\"X-Api-Key\": \"3f1a9c7e5b2d4f60\"", &[("credential-literal", "3f1a9c7e5b2d4f60")]),
        ("\"X-A\": secret(\"A\")", &[("secret-outside-connector", "secret(\"A\")")]),
        ("\"X-A\": data.other.x", &[("unknown-name", "data.other")]),
    ];
    for (header, expected) in table {
        refuses(&post(&format!("headers {{ {header} }}")), expected);
    }
    let program = accepts(&post("headers { \"X-A\": \"a\tb ${contact.id}\" \"X-B\": contact.id, \"X-C\": event.id }"));
    let headers = &program.webhooks["w"].headers;
    assert_eq!(headers.iter().map(|header| header.name.as_str()).collect::<Vec<_>>(), ["X-A", "X-B", "X-C"]);
    for header in headers {
        assert!(matches!(header.value.last(), Some(Part::Value { escape: Escape::HeaderValue, .. })), "{header:?}");
    }
}

#[test]
fn a_connectors_key_is_not_set_twice() {
    let connector = "connector c api_key { header \"X-Key\" key secret(\"K\") }\n";
    let lines = post("auth c headers { \"x-key\": \"1\" }");
    refuses(&format!("{connector}{lines}"), &[("header-twice", "\"x-key\"")]);
    let connector = "connector c api_key { query \"key\" key secret(\"K\") }\n";
    let lines = webhook("get \"https://a.example.com/?key=1\" auth c");
    refuses(&format!("{connector}{lines}"), &[("header-twice", "\"https://a.example.com/?key=1\"")]);
    refuses(&post("auth d"), &[("unknown-name", "d")]);
}

#[test]
fn bodies_are_what_their_kind_says() {
    refuses(&webhook("get \"https://a.example.com/\" body json { a: 1 }"), &[("body-with-get", "body json { a: 1 }")]);
    let text = "\"{ \\\"a\\\": 1 }\"";
    refuses(&post(&format!("body json {text}")), &[("json-body-is-text", text)]);
    refuses(&post("body yaml { a: 1 }"), &[("unknown-kind", "yaml")]);
    refuses(&post("body xml { a: 1 }"), &[("body-is-no-text", "{ a: 1 }")]);
    refuses(&post("body text [1]"), &[("body-is-no-text", "[1]")]);
    refuses(&post("body text \"${contact.town}\""), &[("optional-as-value", "contact.town")]);
    refuses(&post("body form [1]"), &[("wrong-type", "[1]")]);
    refuses(&post("body json { password: \"hunter2hunter2\" }"), &[("credential-literal", "hunter2hunter2")]);
    refuses(&post("body json { a: { b: contact.twon } }"), &[("unknown-field", "twon")]);
    refuses(&post("body json { a: data.other }"), &[("unknown-name", "data.other")]);
    let program = accepts(&post(
        "body json { town: contact.town, n: 1.50, all: [contact.id], none: null, params: [1, \"a\", { b: true }] }",
    ));
    assert!(matches!(program.webhooks["w"].body, Some(Body::Json(_))));
    let program = accepts(&post("body text contact.id"));
    assert!(matches!(&program.webhooks["w"].body, Some(Body::Text(parts)) if parts.len() == 1));
}

#[test]
fn times_and_numbers_are_within_their_ranges() {
    for (line, place) in [
        ("timeout 0s", "timeout 0s"),
        ("timeout 6min", "timeout 6min"),
        ("attempts 0", "0"),
        ("attempts 101 from 1s to 2s", "101"),
        ("attempts 2 from 0s to 2s", "0s"),
        ("attempts 2 from 1s to 2d", "2d"),
        ("attempts 2 from 10s to 2s", "2s"),
    ] {
        refuses(&post(line), &[("out-of-range", place)]);
    }
    for (lines, expected) in [
        ("", (10_000, 5, 1_000, 60_000)),
        ("timeout 500ms", (500, 5, 1_000, 60_000)),
        ("attempts 1", (10_000, 1, 1_000, 60_000)),
        ("attempts 3 from 2min", (10_000, 3, 120_000, 120_000)),
        ("attempts 3 to 500ms", (10_000, 3, 500, 500)),
        ("attempts 3 from 2s to 3s", (10_000, 3, 2_000, 3_000)),
    ] {
        let webhook = &accepts(&post(lines)).webhooks["w"];
        let attempts = webhook.attempts;
        let found =
            (webhook.timeout.milliseconds, attempts.count, attempts.from.milliseconds, attempts.to.milliseconds);
        assert_eq!(found, expected, "{lines}");
    }
}

#[test]
fn a_uses_line_says_what_is_passed_on_and_nothing_else() {
    let score = "webhook score { get \"https://s.example.com/\" returns json { n: int } }\n";
    warns(&format!("{score}{}", post("uses score")), &[("unused-uses", "score")]);
    refuses(&format!("{score}{}", post("uses scores body json { n: 1 }")), &[("unknown-name", "scores")]);
    refuses(&format!("{score}{}", post("body json { n: data.score.n }")), &[("data-without-uses", "data.score")]);
    accepts(&format!("{score}{}", post("uses score body json { n: data.score.n }")));
}

#[test]
fn a_webhook_says_what_it_calls() {
    refuses(&webhook("timeout 5s"), &[("setting-missing", "w")]);
}

/// An XML body as the program holds it: holes by their escape.
fn xml(text: &str) -> String {
    let program = accepts(&post(&format!("body xml \"\"\"\n    {text}\n    \"\"\"")));
    let Some(Body::Xml(parts)) = &program.webhooks["w"].body else { panic!("no XML body") };
    let shown = parts.iter().map(|part| match part {
        Part::Literal(text) => text.clone(),
        Part::Value { escape: Escape::XmlText, .. } => "{text}".to_owned(),
        Part::Value { escape: Escape::XmlAttribute, .. } => "{attribute}".to_owned(),
        Part::Value { escape, .. } => panic!("{escape:?} in XML"),
    });
    shown.collect::<String>().trim_end().to_owned()
}

#[test]
fn well_formed_xml_is_sent_as_written() {
    let hole = "${contact.id}";
    for (text, expected) in [
        ("<a/>", "<a/>"),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a b='1' c=\"2\" />",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a b='1' c=\"2\" />",
        ),
        (
            "<a><!-- x --><b>&amp;&#38;&#x26;</b><![CDATA[<x>&]]></a>",
            "<a><!-- x --><b>&amp;&#38;&#x26;</b><![CDATA[<x>&]]></a>",
        ),
        ("<місто назва=\"Київ\">€</місто>", "<місто назва=\"Київ\">€</місто>"),
        ("<s:a xmlns:s=\"urn:x\"><?pi x?></s:a>", "<s:a xmlns:s=\"urn:x\"><?pi x?></s:a>"),
    ] {
        assert_eq!(xml(text), expected);
    }
    assert_eq!(
        xml(&format!("<a b=\"x{hole}y\" c='{hole}'>1{hole}2</a>")),
        "<a b=\"x{attribute}y\" c='{attribute}'>1{text}2</a>"
    );
}

#[test]
fn hostile_xml_is_refused_where_it_is_wrong() {
    let (bad, hole) = ("xml-malformed", "xml-interpolation");
    let value = "${contact.id}";
    let table: &[(&str, &[(&str, &str)])] = &[
        ("text", &[(bad, "text")]),
        ("<a>", &[(bad, "<a")]),
        ("<a></b>", &[(bad, "</b>")]),
        ("</a>", &[(bad, "</a>")]),
        ("<a/><b/>", &[(bad, "<b")]),
        ("<a/>text", &[(bad, "text")]),
        ("<a><b></a></b>", &[(bad, "</a>")]),
        ("<a b=1/>", &[(bad, "1")]),
        ("<a b/>", &[(bad, "/")]),
        ("<a b=\"1\"c=\"2\"/>", &[(bad, "c")]),
        ("<a b=\"1\" b=\"2\"/>", &[(bad, "b")]),
        ("<a b=\"<\"/>", &[(bad, "<")]),
        ("<a b=\"1/>", &[(bad, "\"")]),
        ("<a>&nbsp;</a>", &[(bad, "&nbsp;")]),
        ("<a>Tom & Ann</a>", &[(bad, "&")]),
        ("<a>&#0;</a>", &[(bad, "&#0;")]),
        ("<a>]]></a>", &[(bad, "]]>")]),
        ("<a>1 < 2</a>", &[(bad, "<")]),
        ("<a><!-- a -- b --></a>", &[(bad, "--")]),
        ("<a><!-- a</a>", &[(bad, "<!--")]),
        ("<a><![CDATA[x</a>", &[(bad, "<![CDATA[")]),
        ("<!DOCTYPE a><a/>", &[(bad, "<!DOCTYPE a>")]),
        ("<!doctype a [<!ENTITY x \"y\">]><a/>", &[(bad, "<!doctype a [<!ENTITY x \"y\">")]),
        ("<a/><?xml version=\"1.0\"?>", &[(bad, "<?xml")]),
        ("<?xml version=\"1.0\" encoding=\"cp1251\"?><a/>", &[(bad, " version=\"1.0\" encoding=\"cp1251\"")]),
        ("<${contact.id}/>", &[(hole, value)]),
        ("<a${contact.id}/>", &[(hole, value)]),
        ("<a ${contact.id}/>", &[(hole, value)]),
        ("<a b${contact.id}=\"1\"/>", &[(hole, value)]),
        ("<a b=${contact.id} />", &[(hole, value)]),
        ("<a></${contact.id}>", &[(hole, value)]),
        ("<a><!-- ${contact.id} --></a>", &[(hole, value)]),
        ("<a><![CDATA[${contact.id}]]></a>", &[(hole, value)]),
        ("<a><?pi ${contact.id}?></a>", &[(hole, value)]),
        ("<a/>${contact.id}", &[(hole, value)]),
        ("<a>${contact.town}</a>", &[("optional-as-value", "contact.town")]),
        ("<a b=\"${contact.town}\"/>", &[("optional-as-value", "contact.town")]),
        ("<місто>Київ ${contact.twon ?? 1}</місто>", &[("unknown-field", "twon")]),
    ];
    for (text, expected) in table {
        refuses(&post(&format!("body xml \"\"\"\n    {text}\n    \"\"\"")), expected);
    }
    refuses(&post("body xml \"\""), &[(bad, "\"\"")]);
    // A document of many unclosed tags needs no deep stack.
    let deep = "<a>".repeat(100_000);
    refuses(&post(&format!("body xml \"{deep}\"")), &[(bad, "<a")]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_accepted_is_well_formed_with_any_value(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "<a", "<b", ">", "/>", "</a>", "</b>", " x=", "'", "\\\"", "${contact.id}", "&amp;", "&", "<", "<!--", "-->",
                "<![CDATA[", "]]>", "<?xml version='1.0'?>", "<?p ", "?>", "text", " ", "й", "--", "]]", "<!DOCTYPE a>",
            ]),
            0..12,
        )
    ) {
        let body = format!("<a>{}</a>", pieces.concat());
        let program = super::compiled(&crate::source::Sources::single("a.wf", &post(&format!("body xml \"{body}\"")))).0;
        if let Some(Body::Xml(parts)) = program.and_then(|program| program.webhooks.get("w")?.body.clone()) {
            let text: String = parts.iter().map(|part| match part {
                Part::Literal(text) => text.as_str(),
                Part::Value { escape: Escape::XmlText, .. } => "&lt;&amp;'\"",
                Part::Value { escape: Escape::XmlAttribute, .. } => "&lt;&amp;&apos;&quot;",
                Part::Value { escape, .. } => panic!("{escape:?} in XML"),
            }).collect();
            let mut reader = quick_xml::Reader::from_str(&text);
            reader.config_mut().check_comments = true;
            loop {
                match reader.read_event() {
                    Ok(quick_xml::events::Event::Eof) => break,
                    Ok(_) => {}
                    Err(error) => panic!("{text}: {error}"),
                }
            }
        }
    }
}
