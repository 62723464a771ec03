//! What types the values of a condition have, as far as that narrows down what they can be.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::ir::{Access, Expression, Program, Root, Statement, Trigger, Type, Workflow, each_step};

/// Where a condition stands.
#[derive(Clone, Copy, Debug)]
pub(in crate::diff) struct Scope<'a> {
    /// The old program, and the new one.
    pub(in crate::diff) programs: (&'a Program, &'a Program),
    workflow: Option<&'a Workflow>,
}

impl<'a> Scope<'a> {
    /// A condition that reads the contact alone.
    pub(in crate::diff) const fn of(programs: (&'a Program, &'a Program)) -> Scope<'a> {
        Scope { programs, workflow: None }
    }

    /// A condition of a workflow.
    pub(in crate::diff) const fn within(programs: (&'a Program, &'a Program), workflow: &'a Workflow) -> Scope<'a> {
        Scope { programs, workflow: Some(workflow) }
    }

    /// The type of a value, where it is read from the contact or from an event.
    pub(super) fn ty(&self, value: &Expression) -> Option<Type> {
        let Expression::Reference { root, path } = value else { return None };
        let [Access::Field(first), rest @ ..] = path.as_slice() else { return None };
        let mut ty = match root {
            Root::Contact => self.programs.1.contact.field_type(first)?,
            Root::Event => self.field(&self.starts(), first)?,
            Root::Alias(alias) => self.field(&self.named(alias), first)?,
            Root::Data(_) | Root::Message => return None,
        };
        for access in rest {
            let (Type::Record(fields), Access::Field(name)) = (&ty, access) else { return None };
            ty = fields.get(name)?.ty.clone();
        }
        Some(ty)
    }

    /// The type that a field has in all of some events.
    fn field(&self, events: &BTreeSet<&SmolStr>, name: &SmolStr) -> Option<Type> {
        let types = events.iter().map(|event| Some(&self.programs.1.events.get(*event)?.fields.get(name)?.ty));
        let types: Vec<&Type> = types.collect::<Option<_>>()?;
        let (first, others) = types.split_first()?;
        others.iter().all(|other| other == first).then(|| (*first).clone())
    }

    fn starts(&self) -> BTreeSet<&'a SmolStr> {
        let triggers = self.workflow.into_iter().flat_map(|workflow| &workflow.triggers);
        let event = |trigger: &'a Trigger| match trigger {
            Trigger::Event { event, .. } => Some(event),
            Trigger::Schedule { .. } | Trigger::ContactChanged { .. } => None,
        };
        triggers.filter_map(event).collect()
    }

    /// The events that a name may stand for.
    fn named(&self, wanted: &SmolStr) -> BTreeSet<&'a SmolStr> {
        let Some(workflow) = self.workflow else { return BTreeSet::new() };
        let is_it = |alias: &Option<SmolStr>| alias.as_ref() == Some(wanted);
        let exits = workflow.exits.iter().filter(|exit| is_it(&exit.alias)).map(|exit| &exit.event);
        let mut events: BTreeSet<&SmolStr> = exits.collect();
        each_step(&workflow.steps, &mut |step| {
            if let Statement::WaitFor { event, alias, .. } = &step.statement
                && is_it(alias)
            {
                events.insert(event);
            }
        });
        events
    }
}
