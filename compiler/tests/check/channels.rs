//! Channels, the messages that they carry, and the parts of requests that are not what every webhook has.

use compiler::ir::{Body, Escape, Expression, Part, PartName, Root};

use super::{AROUND, accepts, refuses};

const SMS: &str = "channel sms {\n post \"https://sms.example.com/v1\"\n body json { to: contact.phone, text: message.text, title: message.title ?? \"\" }\n}\n";

fn project(channel: &str, message: &str) -> String {
    format!(
        "{AROUND}\n{channel}\nmessage code {{ {message} }}\nworkflow w {{\n on signup\n identify by email event.email\n send code\n}}"
    )
}

#[test]
fn a_message_has_the_parts_that_its_channel_reads() {
    let program = accepts(&project(SMS, "sms { text \"Hello $contact.id\" title \"x\" }"));
    let parts = &program.messages["code"].channels["sms"];
    assert_eq!(parts.keys().copied().collect::<Vec<_>>(), [PartName::Title, PartName::Text]);
    let Some(Body::Json(Expression::Record(fields))) = &program.channels["sms"].request.body else { panic!("a body") };
    assert!(matches!(&fields[1].1, Expression::Reference { root: Root::Message, .. }));
    accepts(&project(SMS, "sms { text \"Hello\" }"));
    accepts(&project(SMS, "sms { text \"Hello\" }\n email { from \"a@b.co\" subject \"x\" text \"y\" }"));
    for message in [
        "⟦setting-missing: sms⟧ { title \"x\" }",
        "sms { text \"x\" ⟦unknown-setting: image⟧ \"https://a.example.com/a.png\" }",
        "sms { text \"x\" ⟦unknown-setting: subject⟧ \"y\" }",
        "sms { text \"x\" ⟦setting-twice: text \"y\"⟧ }",
        "sms { text \"x\" }\n ⟦setting-twice: sms⟧ { text \"y\" }",
        "sms { text \"$!contact.⟦unknown-field: twon⟧\" }",
        "⟦unknown-name: push⟧ { text \"x\" }",
        "sms { text \"x\" title ⟦setting-invalid: file \"t.vm\"⟧ }"
            .replace("⟦setting-invalid: file \"t.vm\"⟧", "file ⟦setting-invalid: \"t.vm\"⟧")
            .as_str(),
    ] {
        refuses(&project(SMS, message));
    }
}

#[test]
fn a_channel_is_held_to_the_rules_of_a_webhook() {
    for channel in [
        "channel sms { post \"⟦plain-http: http⟧://sms.example.com/\" body text message.text }",
        "channel sms { post \"https://sms.example.com/\" auth ⟦unknown-name: gateway⟧ body text message.text }",
        "channel sms { post \"https://sms.example.com/\" body json { to: contact.⟦unknown-field: phon⟧, t: message.text } }",
        "channel sms { post \"https://sms.example.com/\" body json { a: message.⟦unknown-field: txt⟧, t: message.text } }",
        "channel sms { post \"https://sms.example.com/\" body xml \"\"\"\n  <a>${⟦optional-as-value: contact.phone⟧}${message.text}</a>\n  \"\"\"\n}",
        "channel sms { post \"https://sms.example.com/\" body json { v: event.⟦unknown-field: vists⟧, t: message.text } }",
        "channel ⟦setting-missing: sms⟧ { body text message.text }",
    ] {
        refuses(&project(channel, "sms { text \"x\" }"));
    }
    refuses("webhook w { post \"https://a.example.com/\" body text ⟦not-available-here: message⟧.text }");
    refuses(&format!(
        "{AROUND}\n{}",
        SMS.replace("channel sms", "channel ⟦unused-declaration: sms⟧")
            + "workflow w { on signup identify by email event.email\n call score call ping call \"Any name!\" if contact in loyal { send hello } }"
    ));
}

#[test]
fn a_channel_escapes_for_the_place() {
    let channel = "channel sms { post \"https://sms.example.com/${message.text}?title=${message.title}\" headers { \"X-Link\": message.link } body form { html: message.html, to: contact.phone ?? \"\" } }";
    let program = accepts(&project(channel, "sms { text \"a\" title \"b\" link \"c\" html \"d\" }"));
    let request = &program.channels["sms"].request;
    let escape = |parts: &[Part]| match parts.last() {
        Some(Part::Value { escape, .. }) => *escape,
        other => panic!("{other:?}"),
    };
    assert_eq!(escape(&request.url.path), Escape::PathSegment);
    assert_eq!(escape(request.url.query[0].value.as_deref().unwrap()), Escape::QueryValue);
    assert_eq!(escape(&request.headers[0].value), Escape::HeaderValue);
    assert!(matches!(&request.body, Some(Body::Form(fields)) if fields.len() == 2));
}

#[test]
fn a_request_is_made_with_any_method_a_form_and_a_limit() {
    let webhook = |lines: &str| format!("webhook w {{\n {lines}\n}}\n");
    for method in ["put", "patch", "delete"] {
        accepts(&webhook(&format!("{method} \"https://a.example.com/\" body json {{ a: 1 }}")));
    }
    accepts(&webhook(
        "post \"https://a.example.com/\" body form { a: contact.id, \"b c\": \"x ${contact.id}\", a: 2 }",
    ));
    refuses(&webhook("post \"https://a.example.com/\" body form { a: ⟦optional-as-value: contact.town⟧ }"));
    refuses(&webhook("post \"https://a.example.com/\" body form { a: ⟦wrong-type: [1]⟧ }"));
    refuses(&webhook("post \"https://a.example.com/\" body form ⟦wrong-type: \"a=1\"⟧"));
    let program = accepts(&webhook("post \"https://a.example.com/\" limit 10 per 1s"));
    let limit = program.webhooks["w"].limit.unwrap();
    assert_eq!((limit.count, limit.period.milliseconds), (10, 1000));
    refuses(&webhook("post \"https://a.example.com/\" limit ⟦out-of-range: 0⟧ per 1s"));
    refuses(&webhook("post \"https://a.example.com/\" limit 10 per ⟦out-of-range: 0s⟧"));
}

#[test]
fn a_connector_may_sign() {
    let program = accepts("connector c bearer {\n token secret(\"T\")\n signing secret(\"S\")\n}");
    assert_eq!(program.connectors["c"].signing.as_deref(), Some("S"));
    refuses("connector c bearer {\n token secret(\"T\")\n signing ⟦secret-required: \"abc\"⟧\n}");
    refuses("connector c bearer {\n token secret(\"T\")\n signing secret(⟦secret-name: \"a b\"⟧)\n}");
}
