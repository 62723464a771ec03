//! What types the values of a condition have, as far as that narrows down what they can be.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::ir::{Access, Expression, Program, Returns, Root, Statement, Trigger, Type, Workflow, each_step};

/// Where a condition stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The old program, and the new one.
    pub(crate) programs: (&'a Program, &'a Program),
    workflow: Option<&'a Workflow>,
}

impl<'a> Scope<'a> {
    /// A condition that reads the contact alone.
    pub(crate) const fn of(programs: (&'a Program, &'a Program)) -> Scope<'a> {
        Scope { programs, workflow: None }
    }

    /// A condition of a workflow.
    pub(crate) const fn within(programs: (&'a Program, &'a Program), workflow: &'a Workflow) -> Scope<'a> {
        Scope { programs, workflow: Some(workflow) }
    }

    /// The type of a value, where it is read from the contact, an event or an answer.
    pub(crate) fn ty(&self, value: &Expression) -> Option<Type> {
        let Expression::Reference { root, path } = value else { return None };
        let [Access::Field(first), rest @ ..] = path.as_slice() else { return None };
        let mut ty = match root {
            Root::Contact => self.programs.1.contact.field_type(first)?,
            Root::Event => self.field(&self.starts(), first)?,
            Root::Alias(alias) => self.field(&self.named(alias), first)?,
            Root::Data(name) => self.result(name, first)?,
            Root::Message => return None,
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

    /// The type that a field has in all answers that have a name.
    fn result(&self, wanted: &SmolStr, field: &SmolStr) -> Option<Type> {
        let mut types = Vec::new();
        each_step(&self.workflow?.steps, &mut |step| {
            if let Statement::Call { webhook, store_as, .. } = &step.statement
                && store_as == wanted
            {
                let returns = self.programs.1.webhooks.get(webhook).map(|webhook| &webhook.returns);
                types.push(match returns {
                    Some(Returns::Json(Type::Record(fields))) => fields.get(field).map(|field| &field.ty),
                    _ => None,
                });
            }
        });
        let types: Vec<&Type> = types.into_iter().collect::<Option<_>>()?;
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
