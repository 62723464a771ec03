use compiler::ir::Program;

use super::*;
use crate::machine::expression::Answer;
use crate::machine::input::{Card, Event};
use crate::machine::sample::{self, string, template};
use crate::value::{Record, read};

/// What a message is rendered over.
struct Sample {
    program: Program,
    event: Event,
    card: Card,
    to: Option<Expression>,
}

impl Sample {
    fn new() -> Sample {
        Sample { program: sample::program(), event: sample::event(), card: sample::card(), to: None }
    }

    fn email(&mut self) -> &mut Email {
        std::sync::Arc::make_mut(self.program.messages.get_mut("promo").unwrap()).email.as_mut().unwrap()
    }

    /// Renders; the error is its code and reason.
    fn render(self) -> Result<MailSpec, String> {
        let program = LoadedProgram::new(self.program);
        let answers = ["offer", "Notify ERP (v2)!"].map(|name| Answer {
            name: name.into(),
            webhook: "offer".into(),
            value: read(r#"{"code":"A<1>","price":9.90,"list":[{"id":7}],"big":12345678901234567890123456789}"#)
                .unwrap(),
        });
        let mut scope = Scope::of_event(&self.event, sample::start());
        scope.program = Some(&program.ir);
        scope.contact = Some(&self.card);
        scope.data = &answers;
        render(&program, &"promo".into(), self.to.as_ref(), &scope)
            .map_err(|error| format!("{:?}: {}", error.reason_code, error.reason))
    }
}

fn set_field(record: &mut std::sync::Arc<Record>, name: &str, value: Value) {
    let mut fields = (**record).clone();
    fields.set(name, value);
    *record = fields.into();
}

#[test]
fn templates_see_event_contact_and_answers() {
    for (source, expected) in [
        ("$event.order_id $event.total $event.id", "o-1 250.00 e-1"),
        ("$contact.town $contact.tier", "Kyiv bronze"),
        ("$data.offer.code $data.get('offer').get('price')", "A<1> 9.90"),
        ("$data.get('Notify ERP (v2)!').list.get(0).id", "7"),
        ("$data.offer.big", "12345678901234567890123456789"),
        ("$order_id $town $TOWN $first_name $tier", "o-1 Kyiv Kyiv Ann bronze"),
        // The event's parameter comes first, and its case counts.
        ("$email $Email $Order_Id", "cart@example.com ann@example.com $Order_Id"),
        ("$event.occurred_at", "2026-01-01T00:00:00Z"),
        ("$note $!note ${event.note}", "$note  ${event.note}"),
        ("#set($town = 'x')$town #foreach($item in $data.offer.list)$item.id#end", "x 7"),
        // Behind a backslash a value only has to be there.
        (r"\$event.order_id \${town} \$email", "$event.order_id ${town} $email"),
        (r"\$data.offer.code \$event.note \$secret", r"$data.offer.code \$event.note \$secret"),
        ("$secret.x $event.class", "$secret.x $event.class"),
    ] {
        let mut sample = Sample::new();
        set_field(&mut sample.event.params, "email", Value::from("cart@example.com"));
        sample.email().text = Some(template("promo.email.text", source));
        assert_eq!(sample.render().unwrap().text.as_deref(), Some(expected), "{source}");
    }
}

#[test]
fn only_html_parts_escape() {
    let mut sample = Sample::new();
    let source = "<b>$contact.first_name</b>";
    sample.email().html = Some(template("promo.html.vm", source));
    sample.email().text = Some(template("promo.email.text", source));
    set_field(&mut sample.card.fields, "first_name", Value::from("<script>\"&'"));
    let mail = sample.render().unwrap();
    assert_eq!(mail.html.as_deref(), Some("<b>&lt;script&gt;&quot;&amp;&#39;</b>"));
    assert_eq!(mail.text.as_deref(), Some("<b><script>\"&'</b>"));
}

#[test]
fn the_recipient_is_the_nearest_that_was_named() {
    let to = |in_message: Option<&str>, in_send: Option<Expression>, in_contact: Option<&str>| {
        let mut sample = Sample::new();
        sample.email().to = in_message.map(|source| template("promo.email.to", source));
        sample.to = in_send;
        set_field(&mut sample.card.fields, "email", in_contact.map(Value::from).unwrap_or_default());
        sample.render().map(|mail| mail.to)
    };
    let missing = |place: &str| Err(format!("NoRecipient: there is no address to send `promo` to: {place} is empty"));
    assert_eq!(to(None, None, Some("ann@example.com")), Ok("ann@example.com".into()));
    assert_eq!(to(Some(" Ann <$event.email> "), None, None), Ok("Ann <ann@example.com>".into()));
    assert_eq!(to(Some("x@example.com"), Some(string("y@example.com")), None), Ok("y@example.com".into()));
    assert_eq!(to(None, None, None), missing("contact.email"));
    assert_eq!(to(Some("$!event.note"), None, Some("ann@example.com")), missing("promo.email.to"));
    assert_eq!(to(None, Some(sample::path("event.note")), None), missing("the `to` of `send promo`"));
}

#[test]
fn nothing_gets_into_a_header_that_does_not_belong_there() {
    let control = |place: &str, character: &str| {
        format!("RenderFailed: {place} holds the control character U+{character}, which a header cannot")
    };
    let address = |place: &str| {
        format!("RenderFailed: {place} is not one e-mail address such as `ann@example.com` or `Ann <ann@example.com>`")
    };
    for (name, expected) in [
        ("Ann\r\nBcc: v@example.com", "000D"),
        ("Ann\nBcc: v@example.com", "000A"),
        ("Ann\0", "0000"),
        ("Ann\u{85}", "0085"),
        ("Ann\u{2028}", "2028"),
        ("Ann\n", "000A"),
    ] {
        let hostile = || {
            let mut sample = Sample::new();
            set_field(&mut sample.card.fields, "first_name", Value::from(name));
            sample
        };
        let mut sample = hostile();
        sample.email().subject = template("promo.email.subject", "Hi $contact.first_name");
        assert_eq!(sample.render(), Err(control("promo.email.subject", expected)));
        let mut sample = hostile();
        sample.email().from = template("promo.email.from", "$contact.first_name <a@example.com>");
        assert_eq!(sample.render(), Err(control("promo.email.from", expected)));
        let mut sample = hostile();
        sample.email().to = Some(template("promo.email.to", "$contact.first_name <a@example.com>"));
        assert_eq!(sample.render(), Err(control("promo.email.to", expected)));
        let mut sample = hostile();
        sample.email().reply_to = Some(template("promo.email.reply_to", "$contact.first_name <a@example.com>"));
        assert_eq!(sample.render(), Err(control("promo.email.reply_to", expected)));
    }
    for several in
        ["a@example.com, b@example.com", "a@example.com b@example.com", "A <a@example.com>, B <b@example.com>"]
    {
        let mut sample = Sample::new();
        sample.to = Some(string(several));
        assert_eq!(sample.render(), Err(address("the `to` of `send promo`")));
    }
    let mut sample = Sample::new();
    sample.email().from = template("promo.email.from", "nobody");
    assert_eq!(sample.render(), Err(address("promo.email.from")));
}

#[test]
fn a_template_that_fails_says_where() {
    let failing = |source: &str| {
        let mut sample = Sample::new();
        sample.email().text = Some(template("promo.txt.vm", source));
        sample.render().unwrap_err()
    };
    assert!(failing("one\n#if($event.total) two").starts_with("RenderFailed: promo.txt.vm:2:"), "malformed");
    assert!(
        failing("one\n  #foreach($i in [1..1000000])x#end").starts_with("RenderFailed: promo.txt.vm:2:"),
        "too much"
    );
    assert!(failing("#evaluate('$x')").starts_with("RenderFailed: promo.txt.vm:1:"), "switched off");
}

#[test]
fn a_message_without_an_e_mail_form_is_not_sent() {
    let mut sample = Sample::new();
    std::sync::Arc::make_mut(sample.program.messages.get_mut("promo").unwrap()).email = None;
    assert_eq!(sample.render(), Err("RenderFailed: the message `promo` has no e-mail form".into()));
}
