//! What to add to a test, in the language: stubs, expectations, and a whole first test.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use compiler::ir::test::Callee;
use compiler::ir::{
    Access, Block, Event, Expression, Identifier, Program, Returns, Root, Statement, Trigger, Type, Workflow,
};
use jiff::SignedDuration;
use smol_str::SmolStr;

use super::expect::name_of;
use super::log::{Fact, Log, Sent};
use crate::machine::Ending;

/// The virtual start of a test that names none, as the language writes it, for values of that time.
const DAY: &str = "2026-01-01";

/// So deep a sample goes.
const DEPTH: u32 = 8;

/// A name as the language writes it: quoted where it is no plain word.
fn declared(name: &str) -> String {
    let head = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let plain = head && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let reserved = compiler::vocabulary::KEYWORDS.iter().any(|keyword| keyword.word == name);
    if plain && !reserved { name.to_owned() } else { quoted(name) }
}

fn field(name: &str) -> String {
    let head = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let plain = head && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { name.to_owned() } else { quoted(name) }
}

/// A text as the language writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' => out.push_str("\\$"),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// A value of a type, as the language writes it. `name` is what it is for, and shows in texts.
pub fn sample(ty: &Type, name: &str) -> String {
    sample_at(ty, name, 0)
}

fn sample_at(ty: &Type, name: &str, depth: u32) -> String {
    match ty {
        Type::String => sample_text(name),
        Type::Int => "1".to_owned(),
        Type::Decimal => "10.00".to_owned(),
        Type::Bool => "true".to_owned(),
        Type::Date => DAY.to_owned(),
        Type::Datetime => format!("{DAY}T12:00Z"),
        Type::Duration => "1h".to_owned(),
        Type::Email => "\"ann@example.com\"".to_owned(),
        Type::Phone => "\"+380671234567\"".to_owned(),
        Type::Url => "\"https://example.com/\"".to_owned(),
        Type::Json => "{}".to_owned(),
        Type::List(item) if depth < DEPTH => format!("[{}]", sample_at(item, name, depth + 1)),
        Type::List(_) => "[]".to_owned(),
        Type::Record(fields) => {
            let required = fields.iter().filter(|(_, field)| !field.ty.is_optional() && field.default.is_none());
            let fields: Vec<String> = required
                .map(|(name, one)| format!("{}: {}", field(name), sample_at(&one.ty, name, depth + 1)))
                .collect();
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        Type::Union(members) => members.first().map(ToString::to_string).unwrap_or_else(|| "null".to_owned()),
        Type::Optional(inner) => sample_at(inner, name, depth),
    }
}

/// A text that says what it is for; where the name tells what is meant, one that looks like it.
fn sample_text(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let is = |part: &str| lower.contains(part);
    match () {
        () if is("email") || is("mail") => "\"ann@example.com\"".to_owned(),
        () if is("phone") => "\"+380671234567\"".to_owned(),
        () if is("timezone") || lower == "zone" || is("time_zone") => "\"Europe/Kyiv\"".to_owned(),
        () if is("first_name") || lower == "name" => "\"Ann\"".to_owned(),
        () if is("last_name") => "\"Smith\"".to_owned(),
        () if is("town") || is("city") => "\"Kyiv\"".to_owned(),
        () if is("country") => "\"Ukraine\"".to_owned(),
        () if is("language") => "\"en\"".to_owned(),
        () => quoted(&format!("{name}-1")),
    }
}

/// The answer of a call that goes well, as a stub writes it: `status 200 body { … }`.
pub fn call_answer(returns: &Returns) -> String {
    match returns {
        Returns::Nothing => "status 204".to_owned(),
        Returns::Text => "status 200 body \"text\"".to_owned(),
        Returns::Json(ty) => format!("status 200 body {}", sample(ty, "value")),
        Returns::Xml(ty) => format!("status 200 body {}", quoted(&xml("answer", ty, 0))),
    }
}

/// A document that fits a type: fields are children of the root, `@name` its attributes, lists repeated children.
fn xml(name: &str, ty: &Type, depth: u32) -> String {
    let text = |ty: &Type| sample_at(ty, name, depth).trim_matches('"').to_owned();
    match ty.required() {
        Type::Record(fields) if depth < DEPTH => {
            let (mut attributes, mut children) = (String::new(), String::new());
            for (name, field) in fields.iter().filter(|(_, field)| !field.ty.is_optional()) {
                let value = sample_at(&field.ty, name, depth + 1).trim_matches('"').to_owned();
                match name.strip_prefix('@') {
                    // Writing to a string cannot fail.
                    Some(name) => drop(write!(attributes, " {name}='{value}'")),
                    None => children.push_str(&xml(name, &field.ty, depth + 1)),
                }
            }
            format!("<{name}{attributes}>{children}</{name}>")
        }
        Type::List(item) => xml(name, item, depth + 1),
        other => format!("<{name}>{}</{name}>", text(other)),
    }
}

/// The stub that a call lacks.
pub(super) fn stub(program: &Program, callee: &Callee) -> String {
    let returns = match callee {
        Callee::Webhook(name) => program.webhooks.get(name).map(|webhook| &webhook.returns),
        Callee::Channel(name) => program.channels.get(name).map(|channel| &channel.request.returns),
    };
    format!("stub {} {{ {} }}", declared(name_of(callee)), call_answer(returns.unwrap_or(&Returns::Nothing)))
}

/// So many characters of a text are expected word by word.
const SHORT: usize = 120;

/// The expectation that a message went out as it did.
pub(super) fn expect_send(sent: &Sent) -> String {
    let mut parts = String::new();
    for name in ["to", "subject", "title"] {
        if let Some((_, text)) = sent.parts.iter().find(|(part, _)| part == name) {
            let _ = write!(parts, " {name} {}", quoted(text));
        }
    }
    if parts.is_empty()
        && let Some((name, text)) =
            sent.parts.iter().find(|(_, text)| text.chars().count() <= SHORT && !text.contains('\n'))
    {
        let _ = write!(parts, " {name} {}", quoted(text));
    }
    match parts.is_empty() {
        true => format!("expect send {}", declared(&sent.message)),
        false => format!("expect send {} {{{parts} }}", declared(&sent.message)),
    }
}

/// A first test of a workflow: what starts it, with values that fit, and stubs for what it calls. With the log of its rehearsal
/// and how long that took, also what came of it. `None` when there is no such workflow.
pub fn first_test(program: &Program, name: &str, seen: Option<(&Log, SignedDuration)>) -> Option<String> {
    let workflow = program.workflows.get(name)?;
    let mut lines = Vec::new();
    let mut fields = contact_fields(program, workflow);
    let event = workflow.triggers.iter().find_map(|trigger| match trigger {
        Trigger::Event { event, .. } => Some(event),
        Trigger::Schedule { .. } | Trigger::ContactChanged { .. } => None,
    });
    let changed = workflow.triggers.iter().find_map(|trigger| match trigger {
        Trigger::ContactChanged { field } => Some(field),
        _ => None,
    });
    if event.is_none() && !fields.iter().any(|(name, _)| name == "email") {
        fields.push(("email".into(), "\"ann@example.com\"".to_owned()));
    }
    lines.push(format!("given contact ann {{ {} }}", joined(&fields)));
    lines.extend(called(program, name).iter().map(|callee| stub(program, callee)));
    lines.push(String::new());
    match (event, changed) {
        (Some(event), _) => {
            let declaration = program.events.get(event)?;
            lines.push(format!("receive {} {{ {} }}", declared(event), joined(&parameters(declaration))));
        }
        (None, Some(changed)) => {
            let ty = program.contact.field_type(changed);
            let value = ty.map(|ty| other_sample(&ty, changed)).unwrap_or_else(|| "\"changed\"".to_owned());
            lines.push(format!("given contact ann {{ {}: {value} }}", field(changed)));
        }
        (None, None) => {}
    }
    if let Some((log, lasts)) = seen {
        if !lasts.is_zero() {
            lines.push(format!("advance {}", written(lasts)));
        }
        lines.extend(expectations(log, name));
    } else {
        lines.push("expect not fail".to_owned());
    }
    let lines: String = lines.iter().map(|line| format!("  {line}\n").replace("  \n", "\n")).collect();
    Some(format!("test {} {{\n{lines}}}\n", quoted(&format!("{name}: from its start to its end"))))
}

fn joined(fields: &[(SmolStr, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {value}", field(name))).collect();
    fields.join(", ")
}

fn parameters(event: &Event) -> Vec<(SmolStr, String)> {
    let required = event.fields.iter().filter(|(_, field)| !field.ty.is_optional() && field.default.is_none());
    required.map(|(name, field)| (name.clone(), sample(&field.ty, name))).collect()
}

/// The contact that an event's run is about: what it is found by, and a value for each field that the workflow reads.
fn contact_fields(program: &Program, workflow: &Workflow) -> Vec<(SmolStr, String)> {
    let mut fields: Vec<(SmolStr, String)> = Vec::new();
    for way in workflow.identification.iter().flat_map(|identification| &identification.ways) {
        let value = match &way.value {
            Expression::Reference { root: Root::Event, path } => match path.as_slice() {
                [Access::Field(name)] => workflow.triggers.iter().find_map(|trigger| match trigger {
                    Trigger::Event { event, .. } => {
                        Some(sample(&program.events.get(event)?.fields.get(name)?.ty, name))
                    }
                    _ => None,
                }),
                _ => None,
            },
            Expression::Literal(literal) => Some(literal.to_string()),
            _ => None,
        };
        if let Some(value) = value {
            fields.push((SmolStr::new_static(way.by.word()), value));
        }
    }
    if !fields.iter().any(|(name, _)| name == Identifier::Email.word()) && sends(&workflow.steps) {
        fields.push((SmolStr::new_static("email"), "\"ann@example.com\"".to_owned()));
    }
    fields
}

fn sends(block: &Block) -> bool {
    block.iter().any(|step| matches!(step.statement, Statement::Send { .. }) || step.statement.blocks().any(sends))
}

/// A value that is not the first one that comes to mind.
fn other_sample(ty: &Type, name: &str) -> String {
    match ty.required() {
        Type::Union(members) => members.last().map(ToString::to_string).unwrap_or_default(),
        Type::Bool => "false".to_owned(),
        Type::Int => "2".to_owned(),
        ty => sample(ty, name),
    }
}

/// Whom a workflow may call, and those that begin together with it or because of it: each once, its own first, in the order of
/// the statements.
fn called(program: &Program, name: &str) -> Vec<Callee> {
    let mut reached = Reached::default();
    let mut workflows: Vec<&Workflow> = Vec::new();
    let own = program.workflows.get(name);
    let mut next: Vec<&Workflow> = own.map(|own| &**own).into_iter().collect();
    for trigger in own.iter().flat_map(|own| &own.triggers) {
        reached.trigger(trigger);
    }
    while !next.is_empty() {
        next.iter().for_each(|workflow| reached.block(&workflow.steps));
        workflows.append(&mut next);
        let known = |workflow: &Workflow| workflows.iter().any(|known| std::ptr::eq(*known, workflow));
        let begun = |workflow: &Workflow| workflow.triggers.iter().any(|trigger| reached.starts(trigger));
        let others = program.workflows.values().map(|workflow| &**workflow);
        next = others.filter(|workflow| !known(workflow) && begun(workflow)).collect();
    }
    reached.called.into_iter().map(Callee::Webhook).collect()
}

/// What a rehearsal may come to.
#[derive(Default)]
struct Reached {
    events: BTreeSet<SmolStr>,
    fields: BTreeSet<SmolStr>,
    called: Vec<SmolStr>,
}

impl Reached {
    fn trigger(&mut self, trigger: &Trigger) {
        match trigger {
            Trigger::Event { event, .. } => drop(self.events.insert(event.clone())),
            Trigger::ContactChanged { field } => drop(self.fields.insert(field.clone())),
            Trigger::Schedule { .. } => {}
        }
    }

    fn starts(&self, trigger: &Trigger) -> bool {
        match trigger {
            Trigger::Event { event, .. } => self.events.contains(event),
            Trigger::ContactChanged { field } => self.fields.contains(field),
            Trigger::Schedule { .. } => false,
        }
    }

    fn block(&mut self, block: &Block) {
        for step in block {
            match &step.statement {
                Statement::Call { webhook, .. } if !self.called.contains(webhook) => self.called.push(webhook.clone()),
                Statement::Emit { event, .. } => drop(self.events.insert(event.clone())),
                Statement::Set { field, .. } => drop(self.fields.insert(field.clone())),
                _ => {}
            }
            for block in step.statement.blocks() {
                self.block(block);
            }
        }
    }
}

/// What came of a rehearsal, as expectations.
fn expectations(log: &Log, workflow: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    let mut push = |line: String| {
        if seen.insert(line.clone()) {
            lines.push(line);
        }
    };
    for entry in &log.entries {
        match &entry.fact {
            Fact::Attempt(attempt) if attempt.last && matches!(attempt.callee, Callee::Webhook(_)) => {
                push(format!("expect call {}", declared(name_of(&attempt.callee))));
            }
            Fact::Sent(sent) => push(expect_send(sent)),
            Fact::Raised { event, .. } => push(format!("expect event {}", declared(event))),
            Fact::Ended { ending, workflow: ended, .. } => {
                if let Some(line) =
                    expect_end(ending).filter(|_| ended == workflow || matches!(ending, Ending::Failed { .. }))
                {
                    push(line);
                }
            }
            _ => {}
        }
    }
    if lines.is_empty() {
        lines.push("expect not fail".to_owned());
    }
    lines
}

fn expect_end(ending: &Ending) -> Option<String> {
    Some(match ending {
        Ending::Completed => "expect complete".to_owned(),
        Ending::Stopped { reason: Some(reason), .. } => format!("expect stop {}", quoted(reason)),
        Ending::Stopped { .. } => "expect stop".to_owned(),
        Ending::Exited { event } => format!("expect exit {}", quoted(event)),
        Ending::Failed { reason_code, .. } => format!("expect fail {}", quoted(reason_code.as_str())),
        Ending::Cancelled => return None,
    })
}

/// A length of time as the language writes it: in the largest unit that holds it, rounded up to whole seconds.
fn written(duration: SignedDuration) -> String {
    let seconds = duration.as_secs() + i64::from(duration.subsec_nanos() > 0);
    let units = [(604_800, "w"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds % size == 0).unwrap_or((1, "s"));
    format!("{}{unit}", seconds / size)
}
