//! Messages as people read them, before and after, for a sample contact.
//!
//! The data comes from the project's tests, where they have a contact and an event; the rest is made up from the types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compiler::ir::{Email, Literal, Program, Statement, Template, Test, Trigger, Type, test::TestStep};
use jiff::Timestamp;
use runtime::machine::expression::{Answer, Scope, evaluate};
use runtime::machine::template::LoadedTemplate;
use runtime::machine::{Card, input::Event};
use runtime::value::{Record, Value};
use smol_str::SmolStr;

use super::Compared;
use super::side::Side;

/// A part of a message that reads otherwise.
#[derive(Debug)]
pub(super) struct Rendered {
    /// What it is: `message.promo.email.text`.
    pub(super) address: String,
    /// How it read; nothing if it was not there.
    pub(super) before: Option<String>,
    /// How it reads; nothing if it is gone.
    pub(super) after: Option<String>,
}

/// The moment that everything is rendered at: the start of tests.
const NOW: i64 = 1_767_225_600;

/// What reads otherwise, in order.
pub(super) fn rendered(compared: &Compared) -> Vec<Rendered> {
    let messages: BTreeSet<&str> = compared
        .diff
        .changes
        .iter()
        .filter_map(|change| change.address.strip_prefix("message."))
        .filter_map(|rest| rest.split('.').next())
        .collect();
    let (base, head) = (&compared.base.program, &compared.head.program);
    let mut found = Vec::new();
    for name in messages {
        let (before, after) = (parts(base, name), parts(head, name));
        let places: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for place in places {
            let (old, new) = (before.get(place), after.get(place));
            if old.map(|it| &it.0.source) == new.map(|it| &it.0.source) {
                continue;
            }
            let read = |part: Option<&(Template, velocity::Escape)>, side: &Side| {
                part.map(|(template, escape)| sample(side, compared, name).render(template, *escape))
            };
            let (before, after) = (read(old, &compared.base), read(new, &compared.head));
            if before != after {
                found.push(Rendered { address: format!("message.{name}.{place}"), before, after });
            }
        }
    }
    found
}

type Parts = BTreeMap<String, (Template, velocity::Escape)>;

/// The templates of a message by channel and part.
fn parts(program: &Program, message: &str) -> Parts {
    let mut parts = Parts::new();
    let Some(message) = program.messages.get(message) else { return parts };
    if let Some(Email { from, to, reply_to, subject, html, text }) = &message.email {
        let plain = [("from", Some(from)), ("to", to.as_ref()), ("reply_to", reply_to.as_ref())];
        let said = [("subject", Some(subject)), ("text", text.as_ref()), ("html", html.as_ref())];
        for (word, template) in plain.into_iter().chain(said) {
            let escape = if word == "html" { velocity::Escape::Html } else { velocity::Escape::None };
            parts.extend(template.map(|template| (format!("email.{word}"), (template.clone(), escape))));
        }
    }
    for (channel, texts) in &message.channels {
        for (part, template) in texts {
            let word = format!("{part:?}").to_lowercase();
            let escape = if word == "html" { velocity::Escape::Html } else { velocity::Escape::None };
            parts.insert(format!("{channel}.{word}"), (template.clone(), escape));
        }
    }
    parts
}

/// What templates are rendered over.
struct Sample<'p> {
    program: &'p Program,
    event: Event,
    card: Card,
    answers: Vec<Answer>,
}

impl Sample<'_> {
    fn render(&self, template: &Template, escape: velocity::Escape) -> String {
        let now = Timestamp::from_second(NOW).unwrap_or_default();
        let mut scope = Scope::of_event(&self.event, now);
        scope.program = Some(self.program);
        scope.contact = Some(&self.card);
        scope.data = &self.answers;
        match LoadedTemplate::new(template, escape).render(&scope) {
            Ok(text) => text,
            Err(error) => format!("(cannot be rendered: {error})"),
        }
    }
}

/// Sample data for a message, of this side's types. Both sides take their given data from the same tests.
fn sample<'p>(side: &'p Side, compared: &Compared, message: &str) -> Sample<'p> {
    let program = &side.program;
    let tests: &[Arc<Test>] = compared.head.tests.as_deref().or(compared.base.tests.as_deref()).unwrap_or_default();
    let events = events(program, message);
    let chosen = tests.iter().find(|test| test.steps.iter().any(|step| receives(&step.node, &events)));
    let (mut given, mut params) = (Record::new(), Record::new());
    let mut name = events.first().cloned().unwrap_or_default();
    for step in chosen.into_iter().flat_map(|test| &test.steps) {
        match &step.node {
            TestStep::Given { fields, .. } => fill(&mut given, fields),
            TestStep::Receive { event, parameters } if events.contains(event) => {
                name = event.clone();
                fill(&mut params, parameters);
            }
            _ => {}
        }
    }
    let mut contact = Record::new();
    for (field, it) in program.contact.all_fields() {
        let value = given.get(&field).cloned().or_else(|| it.default.as_ref().map(Value::from));
        contact.set(field.clone(), value.unwrap_or_else(|| made_up(&field, &it.ty)));
    }
    let declared = program.events.get(&name).map(|event| event.fields.clone()).unwrap_or_default();
    let mut all = Record::new();
    for (field, it) in &declared {
        let value = params.get(field).cloned().or_else(|| it.default.as_ref().map(Value::from));
        all.set(field.clone(), value.unwrap_or_else(|| made_up(field, &it.ty)));
    }
    let now = Timestamp::from_second(NOW).unwrap_or_default();
    Sample {
        program,
        event: Event { id: "sample".into(), name, occurred_at: now, params: Arc::new(all) },
        card: Card { id: 1, fields: Arc::new(contact) },
        answers: answers(program, message),
    }
}

fn receives(step: &TestStep, events: &[SmolStr]) -> bool {
    matches!(step, TestStep::Receive { event, .. } if events.contains(event))
}

/// Sets constants of a test.
fn fill(record: &mut Record, fields: &[(SmolStr, compiler::ir::Expression)]) {
    let event = Event {
        id: SmolStr::default(),
        name: SmolStr::default(),
        occurred_at: Timestamp::UNIX_EPOCH,
        params: Arc::default(),
    };
    let scope = Scope::of_event(&event, Timestamp::UNIX_EPOCH);
    for (name, value) in fields {
        if let Ok(value) = evaluate(value, &scope) {
            record.set(name.clone(), value);
        }
    }
}

/// The workflows that send a message.
fn senders<'p>(program: &'p Program, message: &str) -> Vec<&'p compiler::ir::Workflow> {
    let sends = |workflow: &compiler::ir::Workflow| {
        let mut found = false;
        compiler::ir::each_step(&workflow.steps, &mut |step| {
            found |= matches!(&step.statement, Statement::Send { message: sent, .. } if sent == message);
        });
        found
    };
    program.workflows.values().map(|workflow| &**workflow).filter(|workflow| sends(workflow)).collect()
}

/// The events that may lead to a message.
fn events(program: &Program, message: &str) -> Vec<SmolStr> {
    let triggers = senders(program, message).into_iter().flat_map(|workflow| &workflow.triggers);
    let named = triggers.filter_map(|trigger| match trigger {
        Trigger::Event { event, .. } => Some(event.clone()),
        Trigger::Schedule { .. } | Trigger::ContactChanged { .. } => None,
    });
    named.collect()
}

/// Made-up answers of every call of the workflows that send a message.
fn answers(program: &Program, message: &str) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for workflow in senders(program, message) {
        compiler::ir::each_step(&workflow.steps, &mut |step| {
            let Statement::Call { webhook, store_as, .. } = &step.statement else { return };
            let known = answers.iter().any(|answer| answer.name == *store_as);
            let returns = program.webhooks.get(webhook).map(|webhook| &webhook.returns);
            let value = match returns {
                Some(compiler::ir::Returns::Json(ty) | compiler::ir::Returns::Xml(ty)) => made_up(store_as, ty),
                Some(compiler::ir::Returns::Text) => Value::from("an answer"),
                Some(compiler::ir::Returns::Nothing) | None => return,
            };
            if !known {
                answers.push(Answer { name: store_as.clone(), webhook: webhook.clone(), value });
            }
        });
    }
    answers
}

/// A value of a type that reads like one of this name.
fn made_up(name: &str, ty: &Type) -> Value {
    let named = |name: &str| {
        let known = [
            ("first_name", "Ann"),
            ("last_name", "Lysenko"),
            ("town", "Kyiv"),
            ("country", "UA"),
            ("language", "uk"),
            ("timezone", "Europe/Kyiv"),
            ("gender", "female"),
            ("postcode", "01001"),
            ("name", "Ann"),
        ];
        known.iter().find(|(field, _)| *field == name).map(|(_, value)| (*value).to_owned())
    };
    match ty {
        Type::String => Value::from(named(name).unwrap_or_else(|| format!("a {}", name.replace('_', " "))).as_str()),
        Type::Email => Value::from("ann@example.com"),
        Type::Phone => Value::from("+380671234567"),
        Type::Url => Value::from("https://shop.example.com/"),
        Type::Int => Value::from(&Literal::Int(2)),
        Type::Decimal => Value::from(&Literal::Decimal("249.90".parse().unwrap_or_default())),
        Type::Bool => Value::Bool(true),
        Type::Date => Value::from(&Literal::Date(jiff::civil::date(2026, 11, 24))),
        Type::Datetime => Value::from(&Literal::Datetime(Timestamp::from_second(NOW).unwrap_or_default())),
        Type::Duration => Value::from(&Literal::Duration(compiler::ir::Duration { milliseconds: 3_600_000 })),
        Type::Json => Value::Null,
        Type::List(item) => Value::List(vec![made_up(name, item)].into()),
        Type::Record(fields) => {
            let mut record = Record::new();
            for (field, it) in fields {
                record.set(field.clone(), made_up(field, &it.ty));
            }
            Value::Record(record.into())
        }
        Type::Union(members) => members.first().map(Value::from).unwrap_or_default(),
        Type::Optional(inner) => made_up(name, inner),
    }
}
