//! The facts of one workflow, and which of them hold in another program, too.

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::bounds::{self, Reach};
use super::origin::Fills;
use super::reading::Reading;
use super::templates::Templates;
use super::{Audit, Flow, Source, flow, reading};
use crate::ir::{Program, Statement, Workflow, each_step};
use crate::pair::pairs;

/// What follows from a workflow, and from what it uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Data that goes out under its own name.
    pub(super) flows: BTreeSet<Flow>,
    /// What it fills fields with.
    pub(super) fills: Fills,
    /// What it reads of answers, anywhere.
    pub results: BTreeSet<Source>,
    /// What it may do to one contact.
    pub reach: Reach,
}

impl Facts {
    /// Derives the facts of a workflow.
    pub(super) fn of(program: &Program, name: &SmolStr, workflow: &Workflow, templates: &Templates<'_>) -> Facts {
        let reading = Reading::of(program, workflow, templates);
        Facts {
            flows: flow::flows(program, name, workflow, &reading),
            fills: Fills::of(workflow, &reading),
            results: reading::results(program, workflow, &reading),
            reach: bounds::reach(program, workflow),
        }
    }
}

/// The facts of a program that hold in another one.
pub(super) struct Kept<'a> {
    base: &'a Program,
    known: &'a Audit,
    /// What is not the same in both.
    webhooks: BTreeSet<&'a SmolStr>,
    channels: BTreeSet<&'a SmolStr>,
    messages: BTreeSet<&'a SmolStr>,
}

impl<'a> Kept<'a> {
    /// What of the facts of `base` may hold in `program`; nothing if what all workflows have in common is not the same.
    pub(super) fn between(base: &'a Program, program: &'a Program, known: &'a Audit) -> Option<Kept<'a>> {
        let same = base.contact == program.contact
            && differing(&base.events, &program.events).next().is_none()
            && differing(&base.segments, &program.segments).next().is_none();
        same.then(|| Kept {
            base,
            known,
            webhooks: differing(&base.webhooks, &program.webhooks).collect(),
            channels: differing(&base.channels, &program.channels).collect(),
            messages: differing(&base.messages, &program.messages).collect(),
        })
    }

    /// The facts of a workflow, if it is the same and so is what it uses.
    pub(super) fn find(&self, name: &SmolStr, workflow: &Arc<Workflow>) -> Option<&'a Arc<Facts>> {
        let before = self.base.workflows.get(name)?;
        let same = (Arc::ptr_eq(before, workflow) || before == workflow) && !self.uses_other(workflow);
        self.known.workflows.get(name).filter(|_| same).map(|derived| &derived.facts)
    }

    fn uses_other(&self, workflow: &Workflow) -> bool {
        if self.webhooks.is_empty() && self.channels.is_empty() && self.messages.is_empty() {
            return false;
        }
        let mut other = false;
        each_step(&workflow.steps, &mut |step| match &step.statement {
            Statement::Call { webhook, .. } => other |= self.webhooks.contains(webhook),
            Statement::Send { message, .. } => {
                let message_before = self.base.messages.get(message);
                let mut channels = message_before.into_iter().flat_map(|message| message.channels.keys());
                other |= self.messages.contains(message) || channels.any(|channel| self.channels.contains(channel));
            }
            _ => {}
        });
        other
    }
}

/// The names that do not stand for the same on both sides.
fn differing<'a, T: PartialEq>(
    base: &'a std::collections::BTreeMap<SmolStr, Arc<T>>,
    program: &'a std::collections::BTreeMap<SmolStr, Arc<T>>,
) -> impl Iterator<Item = &'a SmolStr> {
    pairs(base, program).filter(|(_, pair)| !pair.is_same()).map(|(name, _)| name)
}
