//! What an expression or a template reads, seen from the workflow that it runs in.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;
use velocity::{ArgumentKind, Place, Reference, Segment, SegmentKind};

use super::Source;
use super::templates::Templates;
use crate::ir::{self, Access, Expression, Part, Program, Root, Statement, Trigger, Workflow, each_step};

/// Pieces of data, each with whether it is certain that this one is read.
pub(super) type Sources = BTreeMap<Source, bool>;

/// What names stand for in a workflow.
pub(super) struct Reading<'p> {
    program: &'p Program,
    /// The events that `event` may be.
    events: BTreeSet<&'p SmolStr>,
    /// The events that each alias may be.
    aliases: BTreeMap<&'p SmolStr, BTreeSet<&'p SmolStr>>,
    /// The webhooks that each name of a result may be of.
    results: BTreeMap<&'p SmolStr, BTreeSet<&'p SmolStr>>,
    templates: &'p Templates<'p>,
}

impl<'p> Reading<'p> {
    /// The names of a workflow, all steps taken together: which step comes first does not matter to where data may go.
    pub(super) fn of(program: &'p Program, workflow: &'p Workflow, templates: &'p Templates<'p>) -> Reading<'p> {
        let events = workflow.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Event { event, .. } => Some(event),
            Trigger::Schedule { .. } | Trigger::ContactChanged { .. } => None,
        });
        let (aliases, results) = (BTreeMap::new(), BTreeMap::new());
        let mut reading = Reading { program, events: events.collect(), aliases, results, templates };
        each_step(&workflow.steps, &mut |step| match &step.statement {
            Statement::Call { webhook, store_as, .. } => {
                reading.results.entry(store_as).or_default().insert(webhook);
            }
            Statement::WaitFor { event, alias: Some(alias), .. } => {
                reading.aliases.entry(alias).or_default().insert(event);
            }
            _ => {}
        });
        reading
    }

    /// Whether this webhook is one whose request, answers and all, belongs to another run: nothing of it is known here.
    fn webhooks<'a>(&'a self, name: &'a SmolStr) -> impl Iterator<Item = &'a SmolStr> {
        let known = self.results.get(name);
        let itself = known.is_none().then_some(name);
        known.into_iter().flatten().copied().chain(itself)
    }

    /// Adds what an expression's value is made of.
    pub(super) fn expression(&self, expression: &Expression, into: &mut Sources) {
        match expression {
            Expression::Literal(_) => {}
            Expression::Reference { root, path } => {
                self.reference(root, path, into);
                for access in path {
                    if let Access::Index(index) = access {
                        self.expression(index, into);
                    }
                }
            }
            Expression::Text(parts) => self.parts(parts, into),
            Expression::List(items) => items.iter().for_each(|item| self.expression(item, into)),
            Expression::Record(fields) => fields.iter().for_each(|(_, value)| self.expression(value, into)),
            Expression::Not(inner) | Expression::Negate(inner) | Expression::IsSet(inner) => {
                self.expression(inner, into);
            }
            Expression::InSegment(segment) => {
                if let Some(segment) = self.program.segments.get(segment) {
                    self.expression(&segment.condition, into);
                }
            }
            Expression::Binary { left, right, .. } => {
                self.expression(left, into);
                self.expression(right, into);
            }
        }
    }

    /// Adds what a text is made of.
    pub(super) fn parts(&self, parts: &[Part], into: &mut Sources) {
        for part in parts {
            if let Part::Value { value, .. } = part {
                self.expression(value, into);
            }
        }
    }

    fn reference(&self, root: &Root, path: &[Access], into: &mut Sources) {
        let names = names(path.iter().map(|access| match access {
            Access::Field(name) => Step::Name(name.clone()),
            Access::Index(index) => match &**index {
                Expression::Literal(ir::Literal::String(name)) => Step::Name(name.as_str().into()),
                Expression::Literal(ir::Literal::Int(_)) => Step::Item,
                _ => Step::Unknown,
            },
        }));
        match root {
            Root::Event => self.of_events(&self.events, &names, into),
            Root::Contact => self.of_contact(&names, into),
            Root::Data(name) => self.of_result(name, &names, into),
            Root::Alias(alias) => {
                if let Some(events) = self.aliases.get(alias) {
                    self.of_events(events, &names, into);
                }
            }
            // Whoever hands the message over says what is in its parts.
            Root::Message => {}
        }
    }

    fn of_contact(&self, names: &Names, into: &mut Sources) {
        match names.first() {
            Some(field) => add(into, Source::Contact(field.clone()), true),
            None => {
                for (field, _) in self.program.contact.all_fields() {
                    add(into, Source::Contact(field), names.whole);
                }
            }
        }
    }

    fn of_events(&self, events: &BTreeSet<&'p SmolStr>, names: &Names, into: &mut Sources) {
        for event in events {
            if names.first().is_some() {
                add(into, Source::Event { event: (*event).clone(), field: names.joined() }, true);
                continue;
            }
            let declared = self.program.events.get(*event).into_iter().flat_map(|event| event.fields.keys());
            for field in declared {
                add(into, Source::Event { event: (*event).clone(), field: field.clone() }, names.whole);
            }
        }
    }

    fn of_result(&self, name: &SmolStr, names: &Names, into: &mut Sources) {
        for webhook in self.webhooks(name) {
            add(into, Source::Result { webhook: webhook.clone(), field: names.joined() }, true);
        }
    }

    /// Adds what a template prints. What only decides an `#if` is not printed; what a name of the template's own was made
    /// of is found where it was made.
    pub(super) fn template(&self, template: &ir::Template, into: &mut Sources) {
        for reference in self.templates.references(template) {
            let printed = !matches!(reference.place, Place::Condition | Place::SetTarget);
            if printed && reference.binding.is_none() {
                self.template_reference(reference, into);
            }
        }
    }

    /// Adds what only decides the conditions of a template.
    pub(super) fn asked(&self, template: &ir::Template, into: &mut Sources) {
        for reference in self.templates.references(template) {
            if reference.place == Place::Condition && reference.binding.is_none() {
                self.template_reference(reference, into);
            }
        }
    }

    fn template_reference(&self, reference: &Reference, into: &mut Sources) {
        let mut steps = steps(&reference.path);
        match reference.root.as_str() {
            "event" => self.of_events(&self.events, &names(steps), into),
            "contact" => self.of_contact(&names(steps), into),
            "data" => match steps.next() {
                Some(Step::Name(name)) => self.of_result(&name, &names(steps), into),
                _ => {
                    for name in self.results.keys() {
                        self.of_result(name, &Names::default(), into);
                    }
                }
            },
            bare => self.bare(bare, steps, into),
        }
    }

    /// A bare name: a parameter of the event, else the contact's field of this name in any case.
    fn bare(&self, name: &str, steps: impl Iterator<Item = Step>, into: &mut Sources) {
        let mut with_it = BTreeSet::new();
        for event in &self.events {
            if self.program.events.get(*event).is_some_and(|declared| declared.fields.contains_key(name)) {
                with_it.insert(*event);
            }
        }
        let names = names([Step::Name(name.into())].into_iter().chain(steps));
        self.of_events(&with_it, &names, into);
        if with_it.len() == self.events.len() && !with_it.is_empty() {
            return;
        }
        let exact = self.program.contact.field_type(name).map(|_| SmolStr::from(name));
        let lowered = name.to_lowercase();
        let field = exact.or_else(|| {
            self.program.contact.all_fields().map(|(field, _)| field).find(|field| field.to_lowercase() == lowered)
        });
        if let Some(field) = field {
            add(into, Source::Contact(field), with_it.is_empty());
        }
    }
}

/// What a workflow reads of answers: in its steps, in the requests that it makes and in its messages.
pub(super) fn results(program: &Program, workflow: &Workflow, reading: &Reading<'_>) -> BTreeSet<Source> {
    let mut sources = Sources::new();
    each_step(&workflow.steps, &mut |step| {
        for expression in expressions(&step.statement) {
            reading.expression(expression, &mut sources);
        }
        match &step.statement {
            Statement::Stop { reason: Some(reason) } | Statement::Fail { reason } => {
                reading.parts(reason, &mut sources)
            }
            Statement::Send { message, .. } => {
                let message = program.messages.get(message);
                let email = message.and_then(|message| message.email.as_ref());
                let parts = email.into_iter().flat_map(ir::Email::parts).map(|(_, template)| template);
                let others =
                    message.into_iter().flat_map(|message| message.channels.values()).flat_map(BTreeMap::values);
                parts.chain(others).for_each(|template| reading.template(template, &mut sources));
            }
            _ => {}
        }
    });
    sources.into_keys().filter(|source| matches!(source, Source::Result { .. })).collect()
}

/// The expressions of a statement itself, without those of its blocks.
pub(super) fn expressions(statement: &Statement) -> Vec<&Expression> {
    match statement {
        Statement::Call { identification, .. } => {
            identification.iter().flat_map(|it| &it.ways).map(|way| &way.value).collect()
        }
        Statement::Send { to, between, .. } => {
            let hours = between.iter().flat_map(|window| [&window.from, &window.to, &window.zone]);
            to.iter().chain(hours).collect()
        }
        Statement::Wait { duration } => vec![duration],
        Statement::WaitUntil { time, zone } => [time].into_iter().chain(zone).collect(),
        Statement::WaitFor { filter, up_to, .. } => filter.iter().chain([up_to]).collect(),
        Statement::If { branches, .. } => branches.iter().map(|branch| &branch.condition).collect(),
        Statement::Match { value, .. } | Statement::Set { value, .. } => vec![value],
        Statement::Emit { fields, .. } => fields.iter().map(|(_, value)| value).collect(),
        Statement::Split(_) | Statement::Stop { .. } | Statement::Fail { .. } => Vec::new(),
    }
}

/// Adds the parts of a message that a gateway's text names.
pub(super) fn message_parts<'a>(text: &'a [Part], into: &mut BTreeSet<&'a str>) {
    fn look<'a>(expression: &'a Expression, into: &mut BTreeSet<&'a str>) {
        match expression {
            Expression::Reference { root, path } => {
                if let (Root::Message, Some(Access::Field(part))) = (root, path.first()) {
                    into.insert(part);
                }
            }
            Expression::Text(parts) => message_parts(parts, into),
            Expression::List(items) => items.iter().for_each(|item| look(item, into)),
            Expression::Record(fields) => fields.iter().for_each(|(_, value)| look(value, into)),
            Expression::Not(inner) | Expression::Negate(inner) | Expression::IsSet(inner) => look(inner, into),
            Expression::Binary { left, right, .. } => {
                look(left, into);
                look(right, into);
            }
            Expression::Literal(_) | Expression::InSegment(_) => {}
        }
    }
    for part in text {
        if let Part::Value { value, .. } = part {
            look(value, into);
        }
    }
}

/// Adds a piece of data; what is certain once stays so.
pub(super) fn add(into: &mut Sources, source: Source, certain: bool) {
    let known = into.entry(source).or_insert(certain);
    *known |= certain;
}

/// A step from a value to a part of it.
enum Step {
    Name(SmolStr),
    /// An item of a list: the list's name stands for all.
    Item,
    /// Computed: any part.
    Unknown,
    /// A method that makes something else of the value.
    Computed,
}

/// The names along a path, as far as they are known.
#[derive(Default)]
struct Names {
    names: Vec<SmolStr>,
    /// Whether the path ends where it is said to, so that without a name the whole value is meant.
    whole: bool,
}

impl Names {
    fn first(&self) -> Option<&SmolStr> {
        self.names.first()
    }

    fn joined(&self) -> SmolStr {
        self.names.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(".").into()
    }
}

fn names(steps: impl Iterator<Item = Step>) -> Names {
    let mut names = Names { names: Vec::new(), whole: true };
    for step in steps {
        match step {
            Step::Name(name) => names.names.push(name),
            Step::Item => {}
            Step::Computed => break,
            Step::Unknown => {
                names.whole = false;
                break;
            }
        }
    }
    names
}

/// The steps of a template's reference: `.name`, `.get('name')`, `['name']` and `.getName()` are all one.
fn steps(path: &[Segment]) -> impl Iterator<Item = Step> + '_ {
    path.iter().map(|segment| match &segment.kind {
        SegmentKind::Property { name } => Step::Name(name.clone()),
        SegmentKind::Index { argument } => argument_step(&argument.kind),
        SegmentKind::Method { name, arguments } => match (name.as_str(), arguments.as_slice()) {
            ("get" | "getOrDefault", [key, ..]) => argument_step(&key.kind),
            _ => Step::Computed,
        },
    })
}

fn argument_step(argument: &ArgumentKind) -> Step {
    match argument {
        ArgumentKind::String(name) => Step::Name(name.clone()),
        ArgumentKind::Integer(_) => Step::Item,
        _ => Step::Unknown,
    }
}
