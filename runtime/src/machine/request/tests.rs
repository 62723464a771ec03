use compiler::ir::{Escape, Header, Literal};

use super::*;
use crate::machine::sample::{self, path as reference, string};

fn value(value: Expression, escape: Escape) -> Part {
    Part::Value { value, escape }
}

fn literal(text: &str) -> Part {
    Part::Literal(text.to_owned())
}

/// Changes the sample webhook, builds its request, and shows it: target, headers, body; or the error.
fn check(change: impl FnOnce(&mut Webhook), expected: &str) {
    let (program, event, card) = (sample::program(), sample::event(), sample::card());
    let mut webhook = (*program.webhooks["offer"]).clone();
    change(&mut webhook);
    let mut scope = Scope::of_event(&event, sample::start());
    scope.program = Some(&program);
    scope.contact = Some(&card);
    let got = match build(&webhook, scope) {
        Err(error) => error.to_string(),
        Ok(request) => {
            let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            format!("{} {} {}", request.url(), headers.join(" | "), request.body.unwrap_or_default())
        }
    };
    assert_eq!(got.trim_end(), expected);
}

fn check_path(parts: Vec<Part>, expected: &str) {
    check(
        |webhook| {
            webhook.url.path = parts;
            webhook.body = None;
        },
        expected,
    );
}

#[test]
fn values_stay_in_their_segment_of_the_path() {
    let segment = |text: &str| vec![literal("/a/"), value(string(text), Escape::PathSegment), literal("/b")];
    check_path(segment("x y"), "https://api.example.com/a/x%20y/b");
    check_path(segment("../../admin?x=1#f"), "https://api.example.com/a/..%2F..%2Fadmin%3Fx%3D1%23f/b");
    check_path(segment("%2e%2e"), "https://api.example.com/a/%252e%252e/b");
    check_path(segment("é\\@"), "https://api.example.com/a/%C3%A9%5C%40/b");
    let refused = |what: &str| format!("a segment of the path becomes {what}: the request would go to another address");
    check_path(segment(""), &refused("empty"));
    check_path(segment("."), &refused("`.`"));
    check_path(segment(".."), &refused("`..`"));
    check_path(vec![literal("/a/%2E"), value(string("."), Escape::None)], &refused("`..`"));
    check_path(vec![literal("/a/v"), value(string(""), Escape::PathSegment)], "https://api.example.com/a/v");
    check_path(vec![literal("/a//%C3%A9/./")], "https://api.example.com/a//%C3%A9/./");
    check_path(
        vec![literal("/"), value(reference("event.total"), Escape::PathSegment)],
        "https://api.example.com/250.00",
    );
}

#[test]
fn query_headers_and_bodies() {
    check(
        |webhook| {
            let parameter = |name: &str, value| QueryParameter { name: name.to_owned(), value };
            webhook.url.query = vec![
                parameter("q%20", Some(vec![literal("a%2Bb-"), value(string("1&2=3 +"), Escape::QueryValue)])),
                parameter("flag", None),
                parameter("none", Some(vec![value(reference("event.note"), Escape::QueryValue)])),
            ];
            webhook.headers = vec![Header {
                name: "X-Order".into(),
                value: vec![literal("no "), value(reference("event.order_id"), Escape::HeaderValue)],
            }];
        },
        "https://api.example.com/v1/offers?q%20=a%2Bb-1%262%3D3%20%2B&flag&none= X-Order: no o-1 | content-type: \
         application/json {\"town\":\"Kyiv\"}",
    );
    for (hostile, character) in [("a\r\nX-Admin: 1", "000D"), ("é", "00E9"), ("a\0", "0000")] {
        check(
            |webhook| {
                let value = vec![value(string(hostile), Escape::None)];
                webhook.headers = vec![Header { name: "X-Name".into(), value }];
            },
            &format!("the header `X-Name` holds the character U+{character}, which a header cannot"),
        );
    }
    check(
        |webhook| {
            webhook.body = Some(Body::Xml(vec![
                literal("<o t=\""),
                value(string("a\"<"), Escape::XmlAttribute),
                literal("\">"),
                value(reference("event.total"), Escape::XmlText),
                literal("</o>"),
            ]));
        },
        "https://api.example.com/v1/offers content-type: application/xml; charset=utf-8 <o t=\"a&quot;&lt;\">250.00</o>",
    );
    check(
        |webhook| webhook.body = Some(Body::Xml(vec![value(string("a\u{1}"), Escape::XmlText)])),
        "`\"a\\u{1}\"` holds the character U+0001, which XML does not have",
    );
    check(
        |webhook| {
            webhook.body = Some(Body::Form(vec![
                ("a b".into(), string("1&2=é")),
                ("n".into(), Expression::Literal(Literal::Null)),
            ]));
        },
        "https://api.example.com/v1/offers content-type: application/x-www-form-urlencoded a+b=1%262%3D%C3%A9&n=",
    );
    check(
        |webhook| {
            let fields = vec![
                ("total".into(), reference("event.total")),
                ("none".into(), reference("event.note")),
                ("list".into(), Expression::List(vec![string("\"</script>\n")])),
            ];
            webhook.body = Some(Body::Json(Expression::Record(fields)));
        },
        "https://api.example.com/v1/offers content-type: application/json \
         {\"total\":250.00,\"none\":null,\"list\":[\"\\\"</script>\\n\"]}",
    );
}

#[test]
fn sensitive_texts_are_listed_in_every_form_they_may_be_sent_in() {
    let (program, mut event) = (sample::program(), sample::event());
    let mut params = (*event.params).clone();
    params.set("pin", Value::from("a \"b\"&"));
    event.params = params.into();
    let mut webhook = (*program.webhooks["offer"]).clone();
    webhook.body = Some(Body::Json(Expression::Record(vec![("pin".into(), reference("event.pin"))])));
    let mut scope = Scope::of_event(&event, sample::start());
    scope.program = Some(&program);
    let request = build(&webhook, scope).unwrap();
    assert_eq!(request.body.as_deref(), Some(r#"{"pin":"a \"b\"&"}"#));
    assert_eq!(
        request.sensitive,
        ["a &quot;b&quot;&amp;", "a%20%22b%22%26", "a+%22b%22%26", "a \"b\"&amp;", "a \\\"b\\\"&", "a \"b\"&"]
    );
}

/// An answer may know what the request did not read.
#[test]
fn sensitive_texts_that_were_not_read_are_listed_too() {
    for (pin, memo, expected) in
        [("123", "ab", &[][..]), ("4711", "secret note", &["secret%20note", "secret note", "secret+note", "4711"])]
    {
        let (program, mut event, mut card) = (sample::program(), sample::event(), sample::card());
        let mut params = (*event.params).clone();
        params.set("pin", Value::from(pin));
        event.params = params.into();
        let mut fields = (*card.fields).clone();
        fields.set("memo", Value::from(memo));
        card.fields = fields.into();
        let mut webhook = (*program.webhooks["offer"]).clone();
        webhook.body = None;
        let mut scope = Scope::of_event(&event, sample::start());
        (scope.program, scope.contact) = (Some(&program), Some(&card));
        assert_eq!(build(&webhook, scope).unwrap().sensitive, expected);
    }
}
