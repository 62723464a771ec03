//! Who reads a piece of data: in a condition, a step, a request or a message.

use smol_str::SmolStr;

use super::reading::{Reading, Sources, expressions};
use super::templates::Templates;
use super::{Audit, Derived, Source};
use crate::diff::step_words;
use crate::ir::{self, Expression, Program, Statement, Trigger, Workflow, Written, each_step};

/// The workflows that read each of these pieces of data, with where, for people.
pub(crate) fn readers(program: &Program, audit: &Audit, wanted: &[Source]) -> Vec<Vec<(SmolStr, Vec<String>)>> {
    let templates = Templates::of(program, program.workflows.values().map(|workflow| &**workflow));
    wanted.iter().map(|wanted| of(program, audit, &templates, wanted)).collect()
}

fn of<'p>(
    program: &'p Program,
    audit: &Audit,
    templates: &'p Templates<'p>,
    wanted: &'p Source,
) -> Vec<(SmolStr, Vec<String>)> {
    let mut found = Vec::new();
    for (name, workflow) in &program.workflows {
        let reading = Reading::of(program, workflow, templates);
        let mut search = Search { program, reading, wanted, places: Vec::new() };
        search.header(workflow);
        search.steps(workflow);
        let flows = audit.workflows.get(name).into_iter().flat_map(Derived::flows);
        for flow in flows.filter(|flow| is_part(&flow.source, wanted) && flow.through.is_none()) {
            search.note(format!("{} ({})", flow.carrier, flow.place));
        }
        if !search.places.is_empty() {
            found.push((name.clone(), search.places));
        }
    }
    found
}

struct Search<'p> {
    program: &'p Program,
    reading: Reading<'p>,
    wanted: &'p Source,
    places: Vec<String>,
}

impl Search<'_> {
    fn note(&mut self, place: String) {
        if !self.places.contains(&place) {
            self.places.push(place);
        }
    }

    fn reads<'e>(&self, expressions: impl IntoIterator<Item = &'e Expression>) -> bool {
        let mut sources = Sources::new();
        expressions.into_iter().for_each(|expression| self.reading.expression(expression, &mut sources));
        sources.keys().any(|source| is_part(source, self.wanted))
    }

    fn header(&mut self, workflow: &Workflow) {
        for trigger in &workflow.triggers {
            let condition = match trigger {
                Trigger::Event { filter, .. } => filter.as_ref(),
                Trigger::Schedule { segment, .. } => self.program.segments.get(segment).map(|it| &it.condition),
                Trigger::ContactChanged { field } => {
                    if *self.wanted == Source::Contact(field.clone()) {
                        self.note(crate::diff::trigger_words(trigger));
                    }
                    None
                }
            };
            if self.reads(condition) {
                self.note(crate::diff::trigger_words(trigger));
            }
        }
        if self.reads(workflow.identification.iter().flat_map(|it| &it.ways).map(|way| &way.value)) {
            self.note("identify".to_owned());
        }
        for exit in &workflow.exits {
            if self.reads(&exit.filter) {
                self.note(format!("exit on {}", exit.event));
            }
        }
    }

    fn steps(&mut self, workflow: &Workflow) {
        each_step(&workflow.steps, &mut |step| match &step.statement {
            Statement::If { branches, .. } => {
                for branch in branches {
                    if self.reads([&branch.condition]) {
                        self.note(format!("if {}", Written(&branch.condition)));
                    }
                }
            }
            statement => {
                if self.reads(expressions(statement)) {
                    self.note(step_words(statement));
                }
                if let Statement::Send { message, .. } = statement {
                    self.message(message);
                }
            }
        });
    }

    /// What a template asks decides what it says, as much as what it prints.
    fn message(&mut self, name: &SmolStr) {
        let Some(message) = self.program.messages.get(name) else { return };
        let email = message.email.iter().flat_map(ir::Email::parts).map(|(_, template)| template);
        let templates = email.chain(message.channels.values().flat_map(|parts| parts.values()));
        let mut sources = Sources::new();
        templates.for_each(|template| self.reading.asked(template, &mut sources));
        if sources.keys().any(|source| is_part(source, self.wanted)) {
            self.note(format!("a condition of message {name}"));
        }
    }
}

/// Whether one piece of data is another one, a part of it, or has it as a part.
fn is_part(source: &Source, wanted: &Source) -> bool {
    let within = |one: &SmolStr, other: &SmolStr| {
        one.strip_prefix(other.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match (source, wanted) {
        (Source::Contact(one), Source::Contact(other)) => within(one, other) || within(other, one),
        (Source::Event { event, field }, Source::Event { event: other_event, field: other }) => {
            event == other_event && (within(field, other) || within(other, field))
        }
        _ => false,
    }
}
