//! `emit`, `call … identify by`, and messages through channels.

use std::collections::BTreeMap;

use compiler::ir::{Access, Body, Channel, Escape, PartName, Root};

use super::*;
use crate::machine::step::tests::listening::{call_as_other, emit};
use crate::value::Value;

#[test]
fn an_event_is_raised_with_fitted_parameters() {
    let mut run = Feeding::of(vec![step("emit:cart", emit())]);
    let raised = "emit:cart: emit cart {\"email\":\"ann@example.com\",\"order_id\":\"o-1\",\"total\":7}\ncompleted";
    assert_eq!(run.start().replace(",\"note\":null,\"pin\":null", ""), raised);
    assert_eq!(run.history(), ["emit cart: raised"]);
    let missing = Statement::Emit { event: "cart".into(), fields: vec![("total".into(), string("secret"))] };
    let failed = Feeding::of(vec![step("emit:cart", missing)]).start();
    assert!(failed.starts_with("failed ExpressionFailed the parameters of `cart` do not fit: `email`"), "{failed}");
    assert!(!failed.contains("secret"), "{failed}");
    let unknown = Statement::Emit { event: "nothing".into(), fields: vec![] };
    assert_eq!(Feeding::of(vec![step("e", unknown)]).start(), "failed ExpressionFailed there is no event `nothing`");
}

#[test]
fn a_call_may_be_about_another_contact() {
    let step_id = || StepId("call:offer".into());
    let steps = || vec![set("set", "town", string("Odesa")), step("call:offer", call_as_other()), call(None)];
    let asked = "set: set town \"Odesa\"\ncall:offer: identify [(Email, \"ann@example.com\")]";
    let mut run = Feeding::of(steps());
    assert_eq!(run.start(), asked);
    let Value::Record(fields) = read(r#"{"id":7,"town":"Lviv"}"#).unwrap() else { panic!() };
    let other = Card { id: 7, fields };
    assert_eq!(
        run.feed(Happened::Identified { step: step_id(), found: Ok(other) }),
        CALL.replace("Kyiv", "Lviv"),
        "the card is the other's"
    );
    run.card = Some(Card { id: 42, ..sample::card() });
    assert_eq!(run.called("call:offer", r#"{"code":"A"}"#), CALL, "the next one is about its own contact again");

    // The same contact, found by another way: what was set just now is not lost.
    let mut run = Feeding::of(vec![step("call:offer", call_as_other())]);
    run.start();
    assert_eq!(run.feed(Happened::Identified { step: step_id(), found: Ok(sample::card()) }), CALL);

    for ending in [
        Ending::Failed { reason: "nobody".into(), reason_code: ReasonCode::ContactNotFound },
        Ending::Stopped { reason: Some("nobody".into()), reason_code: ReasonCode::ContactNotFound },
    ] {
        let mut run = Feeding::of(vec![step("call:offer", call_as_other())]);
        run.start();
        let shown = run.feed(Happened::Identified { step: step_id(), found: Err(ending.clone()) });
        assert_eq!(shown, show(&Effect::Finish(ending)));
    }
}

fn gateway(name: &str) -> (smol_str::SmolStr, Arc<Channel>) {
    let part = |part: &str| Expression::Reference { root: Root::Message, path: vec![Access::Field(part.into())] };
    let mut request = (*sample::program().webhooks.remove("offer").unwrap()).clone();
    request.url.path = vec![
        Part::Literal(format!("/{name}/")),
        Part::Value { value: path("contact.id"), escape: Escape::PathSegment },
    ];
    request.body =
        Some(Body::Json(Expression::Record(vec![("text".into(), part("text")), ("title".into(), part("title"))])));
    request.returns = Returns::Nothing;
    (name.into(), Arc::new(Channel { request }))
}

/// The sample program whose message goes by these channels, and by e-mail or not.
fn by_channels(channels: &[&str], email: bool) -> Feeding {
    let mut program = sample::program();
    program.channels = channels.iter().map(|name| gateway(name)).collect();
    let text = || sample::template("promo.sms.text", "Hi $contact.first_name, <b>$event.order_id</b> \"$event.pin\"");
    let parts = || BTreeMap::from([(PartName::Text, text())]);
    let message = Arc::make_mut(program.messages.get_mut("promo").unwrap());
    message.channels = channels.iter().map(|name| ((*name).into(), parts())).collect();
    if !email {
        message.email = None;
    }
    let send = step("send:promo", Statement::Send { message: "promo".into(), to: None, between: None });
    program.workflows.insert("main".into(), Arc::new(sample::workflow(vec![send])));
    Feeding { run: sample::run_of(program), card: Some(sample::card()), at: sample::start() }
}

const HANDED_OVER: &str =
    r#"call sms https://api.example.com/sms/42 {"text":"Hi Ann, <b>o-1</b> \"4711\"","title":null}"#;

#[test]
fn a_message_goes_through_a_channel_as_a_request() {
    let mut run = by_channels(&["sms"], false);
    assert_eq!(run.start(), format!("send:promo: {HANDED_OVER}"));
    let Some(Waiting::Call { spec, .. }) = &run.run.saved.waiting else { panic!("it does not call") };
    assert!(spec.is_channel && spec.request.sensitive.contains(&"4711".to_owned()), "{spec:?}");
    assert!(spec.declaration(&run.run.program.ir).is_some());
    let done = CallOutcome::Succeeded(Value::Null);
    assert_eq!(run.feed(Happened::Called { step: StepId("send:promo".into()), outcome: done }), "completed");
    assert_eq!(run.history(), ["send promo: sent by `sms`"]);

    let mut run = by_channels(&["sms"], false);
    run.start();
    assert_eq!(run.failed("send:promo", "down"), "failed SendFailed `sms` did not take the message: down");
}

#[test]
fn a_message_with_several_forms_goes_by_each() {
    let mut run = by_channels(&["push", "sms"], true);
    assert_eq!(run.start(), "send:promo: send promo to ann@example.com");
    assert!(run.sent("send:promo").starts_with("send:promo/push: call push https://api.example.com/push/42 "));
    let done =
        |step: &str| Happened::Called { step: StepId(step.into()), outcome: CallOutcome::Succeeded(Value::Null) };
    assert_eq!(run.feed(done("send:promo/push")), format!("send:promo/sms: {HANDED_OVER}"));
    assert_eq!(run.feed(done("send:promo/sms")), "completed");
    assert_eq!(run.history(), ["send promo: sent", "send promo: sent by `push`", "send promo: sent by `sms`"]);
}
