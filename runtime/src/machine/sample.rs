//! A small program and what it runs on, for the tests of this room.

use std::collections::BTreeMap;
use std::sync::Arc;

use compiler::ir::{
    self, Access, Attempts, Contact, ContactField, Duration, Email, Expression, Field, IR_VERSION, Literal, Message,
    Method, Origin, Part, Program, Reentry, Returns, Root, Statement, Step, StepId, Template, Trigger, Type, Url,
    Webhook, Workflow,
};
use jiff::Timestamp;

use super::input::{Card, Event};
use super::program::LoadedProgram;
use super::run::Run;
use crate::value::{Value, read};

pub(super) fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

pub(super) fn field(ty: Type) -> Field {
    Field { ty, sensitive: false, default: None }
}

pub(super) fn template(name: &str, source: &str) -> Template {
    Template { name: name.to_owned(), source: source.to_owned() }
}

/// `event.a.b`, `contact.a`, or `data.NAME.a` and so on.
pub(super) fn path(text: &str) -> Expression {
    let mut names = text.split('.');
    let root = match names.next().unwrap() {
        "event" => Root::Event,
        "contact" => Root::Contact,
        "data" => Root::Data(names.next().unwrap().into()),
        other => panic!("{other} is no root"),
    };
    Expression::Reference { root, path: names.map(|name| Access::Field(name.into())).collect() }
}

pub(super) fn string(text: &str) -> Expression {
    Expression::Literal(Literal::String(text.to_owned()))
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration { milliseconds: seconds * 1_000 }
}

pub(super) fn step(id: &str, statement: Statement) -> Step {
    Step { id: StepId(id.into()), statement }
}

pub(super) fn email() -> Email {
    Email {
        from: template("promo.email.from", "Shop <shop@example.com>"),
        to: None,
        reply_to: None,
        subject: template("promo.email.subject", "Hello"),
        html: None,
        text: Some(template("promo.email.text", "Text")),
    }
}

pub(super) fn program() -> Program {
    let pin = Field { sensitive: true, ..field(Type::String.optional()) };
    let event = ir::Event {
        description: None,
        fields: BTreeMap::from([
            ("email".into(), field(Type::Email)),
            ("order_id".into(), field(Type::String)),
            ("total".into(), field(Type::Decimal)),
            ("note".into(), field(Type::String.optional())),
            ("pin".into(), pin),
        ]),
    };
    let additional = |ty: Type, default: Option<&str>, sensitive| ContactField {
        ty,
        default: default.map(|text| Literal::String(text.to_owned())),
        sensitive,
    };
    let contact = Contact {
        fields: BTreeMap::from([
            ("tier".into(), additional(Type::String, Some("bronze"), false)),
            ("memo".into(), additional(Type::String.optional(), None, true)),
            ("points".into(), additional(Type::Decimal.optional(), None, false)),
        ]),
    };
    let offer = Type::Record(BTreeMap::from([
        ("code".into(), field(Type::String)),
        ("price".into(), field(Type::Decimal.optional())),
    ]));
    let webhook = Webhook {
        description: None,
        method: Method::Post,
        url: Url {
            origin: Origin::from_literal("https://api.example.com").unwrap(),
            path: vec![Part::Literal("/v1/offers".into())],
            query: vec![],
        },
        connector: Some("api".into()),
        headers: vec![],
        body: Some(ir::Body::Json(Expression::Record(vec![("town".into(), path("contact.town"))]))),
        returns: Returns::Json(offer),
        timeout: seconds(10),
        attempts: Attempts::default(),
        uses: Default::default(),
        limit: None,
    };
    let message = Message { description: None, email: Some(email()), channels: BTreeMap::new() };
    Program {
        ir_version: IR_VERSION,
        events: BTreeMap::from([("cart".into(), event.into())]),
        contact,
        connectors: BTreeMap::new(),
        webhooks: BTreeMap::from([("offer".into(), webhook.into())]),
        channels: BTreeMap::new(),
        segments: BTreeMap::new(),
        messages: BTreeMap::from([("promo".into(), message.into())]),
        workflows: BTreeMap::from([("main".into(), workflow(vec![]).into())]),
    }
}

pub(super) fn workflow(steps: Vec<Step>) -> Workflow {
    Workflow {
        description: None,
        triggers: vec![Trigger::Event { event: "cart".into(), filter: None }],
        identification: None,
        reentry: Reentry::Always,
        one_at_a_time: false,
        exits: vec![],
        steps,
    }
}

pub(super) fn event() -> Event {
    let params = r#"{"email":"ann@example.com","order_id":"o-1","total":250.00,"pin":"4711"}"#;
    let Value::Record(params) = read(params).unwrap() else { panic!("not a record") };
    Event { id: "e-1".into(), name: "cart".into(), occurred_at: start(), params }
}

pub(super) fn card() -> Card {
    let fields = r#"{"id":42,"email":"ann@example.com","first_name":"Ann","town":"Kyiv","memo":"secret-note"}"#;
    let Value::Record(fields) = read(fields).unwrap() else { panic!("not a record") };
    Card { id: 42, fields }
}

/// A run of the sample program whose workflow has these steps.
pub(super) fn run(steps: Vec<Step>) -> Run {
    let mut program = program();
    program.workflows.insert("main".into(), workflow(steps).into());
    run_of(program)
}

/// A run of a program's workflow `main`.
pub(super) fn run_of(program: Program) -> Run {
    let program = Arc::new(LoadedProgram::new(program));
    let workflow = Arc::clone(program.workflow("main").unwrap());
    Run::new(program, workflow, Arc::new(event()))
}
