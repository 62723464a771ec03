//! The templates of a program's messages, each read once.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;
use velocity::Reference;

use crate::ir::{Email, Program, Statement, Template, Workflow, each_step, parse_template};

/// What templates refer to, by their texts.
pub(super) struct Templates<'p>(HashMap<&'p str, Vec<Reference>>);

impl<'p> Templates<'p> {
    /// Reads the templates of what these workflows send.
    pub(super) fn of(program: &'p Program, workflows: impl Iterator<Item = &'p Workflow>) -> Templates<'p> {
        let mut messages = BTreeSet::new();
        for workflow in workflows {
            each_step(&workflow.steps, &mut |step| {
                if let Statement::Send { message, .. } = &step.statement {
                    messages.insert(message);
                }
            });
        }
        let messages = messages.into_iter().filter_map(|name| program.messages.get(name));
        // What several messages say, such as the way out, is read once.
        let templates: HashMap<&str, &str> = messages
            .flat_map(|message| {
                let mail = message.email.iter().flat_map(Email::parts).map(|(_, template)| template);
                mail.chain(message.channels.values().flat_map(std::collections::BTreeMap::values))
            })
            .map(|template| (template.source.as_str(), template.name.as_str()))
            .collect();
        let read = |(source, name): (&'p str, &str)| {
            // A template that cannot be read was refused.
            parse_template(name, source).ok().map(|parsed| (source, parsed.references()))
        };
        Templates(templates.into_par_iter().filter_map(read).collect())
    }

    /// What a template refers to.
    pub(super) fn references(&self, template: &Template) -> &[Reference] {
        self.0.get(template.source.as_str()).map(Vec::as_slice).unwrap_or_default()
    }
}
