//! `given run at "STEP" in W [for ann] { … }`: a run that is there when a test begins, and stands before a step.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::Rehearsal;
use crate::catalogue::Code;
use crate::check::parameters::{self, Extent, Owner};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir;
use crate::ir::test::{GivenEvent, TestStep};
use crate::names::near;
use crate::places;
use crate::source::Spanned;
use crate::syntax::ast::{Block, GivenPart, GivenRun, HeaderKind, Name, Record, StatementKind, Trigger, Workflow};
use crate::types::{self, Ty};

impl Rehearsal<'_, '_> {
    pub(super) fn given_run(&mut self, written: &GivenRun) -> Option<TestStep> {
        let names = self.environment.names;
        let workflow = names.known(&names.workflows, &written.workflow, self.diagnostics).map(|entry| entry.node);
        if let Some(contact) = &written.contact {
            self.is_given(contact);
        }
        let known = workflow.map(Known::of);
        let mut run = ir::test::GivenRun {
            step: written.step.clone(),
            workflow: written.workflow.node.clone(),
            contact: written.contact.as_ref().map(|name| name.node.clone()),
            event: None,
            aliases: Vec::new(),
            data: Vec::new(),
        };
        for part in &written.parts {
            match &part.node {
                GivenPart::Event { event, alias: None, parameters } => {
                    if run.event.is_some() {
                        self.diagnostics.push(
                            Diagnostic::new(Code::SettingTwice, part.span)
                                .message("one event has started the run")
                                .hint("one that a `wait for` took has the name that it was given: `event paid as payment { … }`"),
                        );
                    }
                    self.starts(event, workflow, known.as_ref());
                    run.event = Some(self.given_event(event, parameters));
                }
                GivenPart::Event { event, alias: Some(alias), parameters } => {
                    self.is_alias(alias, event, known.as_ref());
                    run.aliases.push((alias.node.clone(), self.given_event(event, parameters)));
                }
                GivenPart::Data(results) => self.results(results, known.as_ref(), &mut run.data),
            }
        }
        if let Some(known) = known
            && run.event.is_none()
            && !written.broken
        {
            self.without_event(written, &known);
        }
        Some(TestStep::GivenRun(Box::new(run)))
    }

    fn given_event(&mut self, event: &Name, parameters: &Spanned<Record>) -> GivenEvent {
        GivenEvent { event: event.node.clone(), parameters: self.parameters(event, parameters, true) }
    }

    /// Whether the event is one that the workflow begins with.
    fn starts(&mut self, event: &Name, workflow: Option<&Workflow>, known: Option<&Known<'_>>) {
        let (Some(workflow), Some(known)) = (workflow, known) else { return };
        if known.broken || known.events.iter().any(|start| start.node == event.node) {
            return;
        }
        let finding = Diagnostic::new(Code::NotAMember, event.span)
            .message(format!("`{}` does not begin with the event `{}`", workflow.name.node, event.node));
        self.diagnostics.push(match known.events.first() {
            Some(start) => finding
                .also(start.span, "it begins with this one")
                .hint("one that a `wait for` took is written with its name: `event paid as payment { … }`"),
            None => finding.hint("a schedule or a change of its contact begins it: name that, `for ann`"),
        });
    }

    fn is_alias(&mut self, alias: &Name, event: &Name, known: Option<&Known<'_>>) {
        let Some(known) = known.filter(|known| !known.broken) else { return };
        let finding = match known.aliases.get(&alias.node) {
            Some(taken) if taken.node == event.node => return,
            Some(taken) => Diagnostic::new(Code::NotAMember, event.span)
                .message(format!("`{}` is an event `{}`", alias.node, taken.node))
                .also(taken.span, "it is taken here")
                .fix(Fix::replace(event.span, taken.node.as_str())),
            None => {
                let finding = Diagnostic::new(Code::UnknownName, alias.span)
                    .message(format!("no `wait for` of this workflow takes an event as `{}`", alias.node));
                match near(&alias.node, known.aliases.keys().map(|name| name.as_str())) {
                    Some(meant) => {
                        finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(alias.span, meant))
                    }
                    None => finding.hint("leave it out, or name the event there: `wait for paid as payment up to 2d`"),
                }
            }
        };
        self.diagnostics.push(finding);
    }

    /// What the calls of the run have answered, each held to what its webhook returns.
    fn results(
        &mut self,
        written: &Spanned<Record>,
        known: Option<&Known<'_>>,
        data: &mut Vec<(SmolStr, SmolStr, ir::Expression)>,
    ) {
        for entry in &written.node.entries {
            let name = &entry.name;
            let webhook = known.and_then(|known| known.calls.get(&name.node)).copied();
            if let (Some(known), None) = (known.filter(|known| !known.broken), webhook) {
                let finding = Diagnostic::new(Code::UnknownName, name.span)
                    .message(format!("no call of this workflow is stored as `{}`", name.node));
                self.diagnostics.push(match near(&name.node, known.calls.keys().map(|name| name.as_str())) {
                    Some(meant) => finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(name.span, meant)),
                    None => finding.hint("a call is stored under its webhook's name, or under that behind `as`"),
                });
            }
            let returned = webhook.and_then(|webhook| self.environment.schema.result(&webhook.node));
            let ty = returned.and_then(types::Returned::ty).unwrap_or(Ty::Unknown);
            let owner = Owner { words: format!("`{}`", name.node), at: name.span, declared: None };
            let value =
                parameters::value(&self.environment, &entry.value, &ty, Extent::Whole, &owner, self.diagnostics);
            if data.iter().any(|(other, ..)| *other == name.node) {
                self.diagnostics.push(
                    Diagnostic::new(Code::DuplicateName, name.span).message(format!("`{}` is given twice", name.node)),
                );
            }
            let webhook = webhook.map_or_else(|| name.node.clone(), |webhook| webhook.node.clone());
            data.push((name.node.clone(), webhook, value));
        }
    }

    /// What a run without an event is about must be said.
    fn without_event(&mut self, written: &GivenRun, known: &Known<'_>) {
        let by_itself = known.by_itself && written.contact.is_some();
        if by_itself || known.broken {
            return;
        }
        let finding = Diagnostic::new(Code::SettingMissing, written.workflow.span);
        self.diagnostics.push(match (known.events.first(), known.by_itself) {
            (Some(event), _) => finding
                .message("which event has started this run?")
                .also(event.span, "the workflow begins with it")
                .hint(format!("write it in the braces: `event {} {{ … }}`", event.node)),
            (None, _) => finding
                .message("which contact is this run about?")
                .hint("name a contact of a `given` line: `for ann`")
                .fix(Fix::insert_after(written.workflow.span, " for ann").left_to_author()),
        });
    }
}

/// What the text of a workflow says that its runs can know.
struct Known<'w> {
    /// The events that it begins with.
    events: Vec<&'w Name>,
    /// Whether a schedule or a change of its contact begins it.
    by_itself: bool,
    /// The webhooks by the names that their answers are stored under.
    calls: BTreeMap<SmolStr, &'w Name>,
    /// The events by the names that a `wait for` gives them.
    aliases: BTreeMap<SmolStr, &'w Name>,
    /// A part of it could not be read.
    broken: bool,
}

impl<'w> Known<'w> {
    fn of(workflow: &'w Workflow) -> Known<'w> {
        let mut known = Known {
            events: Vec::new(),
            by_itself: false,
            calls: BTreeMap::new(),
            aliases: BTreeMap::new(),
            broken: false,
        };
        for header in &workflow.headers {
            match &header.node {
                HeaderKind::On(Trigger::Event { event, .. }) => known.events.push(event),
                HeaderKind::On(Trigger::Schedule { .. } | Trigger::ContactChanged { .. }) => known.by_itself = true,
                HeaderKind::Broken => known.broken = true,
                _ => {}
            }
        }
        known.steps(&workflow.steps);
        known
    }

    fn steps(&mut self, block: &'w Block) {
        for statement in &block.node {
            match &*statement.node {
                StatementKind::Call(call) => {
                    let stored = call.alias.as_ref().unwrap_or(&call.webhook);
                    self.calls.insert(stored.node.clone(), &call.webhook);
                }
                StatementKind::WaitFor(wait) => {
                    if let Some(alias) = &wait.alias {
                        self.aliases.insert(alias.node.clone(), &wait.event);
                    }
                }
                StatementKind::Broken(_) => self.broken = true,
                _ => {}
            }
            places::blocks(&statement.node).into_iter().for_each(|block| self.steps(block));
        }
    }
}
