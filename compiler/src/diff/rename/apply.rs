//! The old program, and its tests, under the names that its parts have on the new side.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;
use velocity::{ArgumentKind, SegmentKind};

use super::{Names, Renames, rename_keys};
use crate::ir::test::{Callee, Expectation, Stub, Stubbed, TestStep};
use crate::ir::{
    Access, Block, Body, Exit, Expression, Identification, Message, Part, Program, Root, Statement, Template, Test,
    Trigger, Webhook, Workflow,
};

fn rename(name: &mut SmolStr, names: &Names) {
    if let Some(new) = names.get(name) {
        *name = new.clone();
    }
}

impl Renames {
    /// Tests with the new names: a test that knows its subject by another name is the same test.
    pub(in crate::diff) fn tests(&self, tests: &[Arc<Test>]) -> Vec<Arc<Test>> {
        let anew = |test: &Arc<Test>| {
            let mut test = Test::clone(test);
            test.steps.iter_mut().for_each(|step| self.test_step(&mut step.node));
            Arc::new(test)
        };
        tests.iter().map(anew).collect()
    }

    fn test_step(&self, step: &mut TestStep) {
        match step {
            TestStep::Stub(Stub { who: Stubbed::Callee(callee), .. }) => self.callee(callee),
            TestStep::GivenRun(run) => {
                let events = run.event.iter_mut().chain(run.aliases.iter_mut().map(|(_, event)| event));
                events.for_each(|event| rename(&mut event.event, &self.events));
                run.data.iter_mut().for_each(|(_, webhook, _)| rename(webhook, &self.webhooks));
            }
            TestStep::Receive { event, .. } => rename(event, &self.events),
            TestStep::Expect { what, .. } => self.expectation(what),
            TestStep::Given { .. }
            | TestStep::Stub(_)
            | TestStep::Seed(_)
            | TestStep::Crash
            | TestStep::Cancel { .. }
            | TestStep::Reload(_)
            | TestStep::Advance(_)
            | TestStep::AdvanceUntil(_) => {}
        }
    }

    fn expectation(&self, expectation: &mut Expectation) {
        match expectation {
            Expectation::Call { callee, .. } => self.callee(callee),
            Expectation::Send { message, .. } => rename(message, &self.messages),
            Expectation::Event { event, .. } | Expectation::Exit(Some(event)) => rename(event, &self.events),
            Expectation::InOrder(all) => all.iter_mut().for_each(|it| self.expectation(&mut it.node)),
            Expectation::Contact { .. }
            | Expectation::Workflow { .. }
            | Expectation::Waiting(_)
            | Expectation::Path(_)
            | Expectation::NothingElse
            | Expectation::Complete
            | Expectation::Stop(_)
            | Expectation::Fail(_)
            | Expectation::Exit(None) => {}
        }
    }

    fn callee(&self, callee: &mut Callee) {
        match callee {
            Callee::Webhook(name) => rename(name, &self.webhooks),
            Callee::Channel(name) => rename(name, &self.channels),
        }
    }

    /// A program with the new names.
    pub(super) fn apply(&self, base: &Program) -> Program {
        let mut program = base.clone();
        each(&mut program.webhooks, |_, webhook| self.request(webhook));
        each(&mut program.channels, |_, channel| self.request(&mut channel.request));
        each(&mut program.segments, |_, segment| self.expression(&mut segment.condition));
        each(&mut program.messages, |name, message| self.message(name, message));
        each(&mut program.workflows, |_, workflow| self.workflow(workflow));
        rename_keys(&mut program.events, &self.events);
        rename_keys(&mut program.connectors, &self.connectors);
        rename_keys(&mut program.webhooks, &self.webhooks);
        rename_keys(&mut program.channels, &self.channels);
        rename_keys(&mut program.segments, &self.segments);
        rename_keys(&mut program.messages, &self.messages);
        program
    }

    fn request(&self, request: &mut Webhook) {
        if let Some(connector) = &mut request.connector {
            rename(connector, &self.connectors);
        }
        for name in std::mem::take(&mut request.uses) {
            request.uses.insert(self.webhooks.get(&name).cloned().unwrap_or(name));
        }
        let values = request.url.query.iter_mut().filter_map(|parameter| parameter.value.as_mut());
        let headers = request.headers.iter_mut().map(|header| &mut header.value);
        values.chain(headers).chain([&mut request.url.path]).for_each(|parts| self.parts(parts));
        match &mut request.body {
            None => {}
            Some(Body::Json(value)) => self.expression(value),
            Some(Body::Xml(parts) | Body::Text(parts)) => self.parts(parts),
            Some(Body::Form(fields)) => fields.iter_mut().for_each(|(_, value)| self.expression(value)),
        }
    }

    fn message(&self, name: &SmolStr, message: &mut Message) {
        for (channel, parts) in std::mem::take(&mut message.channels) {
            message.channels.insert(self.channels.get(&channel).cloned().unwrap_or(channel), parts);
        }
        let mail = message.email.iter_mut().flat_map(|it| {
            [Some(&mut it.from), it.to.as_mut(), it.reply_to.as_mut(), Some(&mut it.subject), it.html.as_mut()]
                .into_iter()
                .chain([it.text.as_mut()])
                .flatten()
        });
        for template in mail.chain(message.channels.values_mut().flat_map(BTreeMap::values_mut)) {
            if let Some((new, rest)) = self.messages.get(name).zip(template.name.strip_prefix(name.as_str())) {
                template.name = format!("{new}{rest}");
            }
            self.template(template);
        }
    }

    /// Renames the answers that a template reads.
    fn template(&self, template: &mut Template) {
        if self.webhooks.is_empty() {
            return;
        }
        let Ok(parsed) = template.parse() else { return };
        let mut places: Vec<_> = parsed.references();
        places.retain(|reference| reference.root == "data" && reference.binding.is_none());
        let mut edits: BTreeMap<usize, (std::ops::Range<usize>, String)> = BTreeMap::new();
        for segment in places.iter().filter_map(|reference| reference.path.first()) {
            let range = segment.span.range();
            let named = answer(&segment.kind).and_then(|name| Some((name, self.webhooks.get(name)?)));
            if let (Some((old, new)), Some(written)) = (named, template.source.get(range.clone())) {
                edits.insert(range.start, (range, written.replacen(old, new, 1)));
            }
        }
        for (range, text) in edits.into_values().rev() {
            template.source.replace_range(range, &text);
        }
    }

    pub(super) fn workflow(&self, workflow: &mut Workflow) {
        for trigger in &mut workflow.triggers {
            match trigger {
                Trigger::Event { event, filter } => {
                    rename(event, &self.events);
                    filter.iter_mut().for_each(|filter| self.expression(filter));
                }
                Trigger::Schedule { segment, .. } => rename(segment, &self.segments),
                Trigger::ContactChanged { .. } => {}
            }
        }
        workflow.identification.iter_mut().for_each(|it| self.identification(it));
        for Exit { event, filter, .. } in &mut workflow.exits {
            rename(event, &self.events);
            filter.iter_mut().for_each(|filter| self.expression(filter));
        }
        self.block(&mut workflow.steps);
    }

    fn identification(&self, identification: &mut Identification) {
        identification.ways.iter_mut().for_each(|way| self.expression(&mut way.value));
    }

    fn block(&self, block: &mut Block) {
        for step in block {
            self.statement(&mut step.statement);
            step.statement.change_blocks(|inner| self.block(inner));
        }
    }

    fn statement(&self, statement: &mut Statement) {
        match statement {
            Statement::Call { webhook, store_as, identification, .. } => {
                if store_as == webhook {
                    rename(store_as, &self.webhooks);
                }
                rename(webhook, &self.webhooks);
                identification.iter_mut().for_each(|it| self.identification(it));
            }
            Statement::Send { message, to, between } => {
                rename(message, &self.messages);
                let hours = between.iter_mut().flat_map(|it| [&mut it.from, &mut it.to, &mut it.zone]);
                to.iter_mut().chain(hours).for_each(|it| self.expression(it));
            }
            Statement::Wait { duration } => self.expression(duration),
            Statement::WaitUntil { time, zone } => {
                [time].into_iter().chain(zone).for_each(|it| self.expression(it));
            }
            Statement::WaitFor { event, filter, up_to, .. } => {
                rename(event, &self.events);
                filter.iter_mut().chain([up_to]).for_each(|it| self.expression(it));
            }
            Statement::If { branches, .. } => branches.iter_mut().for_each(|it| self.expression(&mut it.condition)),
            Statement::Match { value, .. } | Statement::Set { value, .. } => self.expression(value),
            Statement::Emit { event, fields } => {
                rename(event, &self.events);
                fields.iter_mut().for_each(|(_, value)| self.expression(value));
            }
            Statement::Stop { reason: Some(reason) } | Statement::Fail { reason } => self.parts(reason),
            Statement::Split(_) | Statement::Stop { reason: None } => {}
        }
    }

    fn parts(&self, parts: &mut [Part]) {
        for part in parts {
            if let Part::Value { value, .. } = part {
                self.expression(value);
            }
        }
    }

    fn expression(&self, expression: &mut Expression) {
        match expression {
            Expression::Literal(_) => {}
            Expression::Reference { root, path } => {
                if let Root::Data(name) = root {
                    rename(name, &self.webhooks);
                    rename(name, &self.results);
                }
                for access in path {
                    if let Access::Index(index) = access {
                        self.expression(index);
                    }
                }
            }
            Expression::Text(parts) => self.parts(parts),
            Expression::List(items) => items.iter_mut().for_each(|item| self.expression(item)),
            Expression::Record(fields) => fields.iter_mut().for_each(|(_, value)| self.expression(value)),
            Expression::Not(inner) | Expression::Negate(inner) | Expression::IsSet(inner) => self.expression(inner),
            Expression::InSegment(segment) => rename(segment, &self.segments),
            Expression::Binary { left, right, .. } => {
                self.expression(left);
                self.expression(right);
            }
        }
    }
}

/// Changes each value of a map. What is the same afterwards stays what it was: that it is shared tells that it is the same.
fn each<T: Clone + PartialEq>(map: &mut BTreeMap<SmolStr, Arc<T>>, change: impl Fn(&SmolStr, &mut T)) {
    for (name, value) in map {
        let mut changed = (**value).clone();
        change(name, &mut changed);
        if changed != **value {
            *value = Arc::new(changed);
        }
    }
}

/// The answer that the first step behind `$data` names: `.name`, `.get('name')`, `['name']`.
fn answer(kind: &SegmentKind) -> Option<&str> {
    let argument = match kind {
        SegmentKind::Property { name } => return Some(name),
        SegmentKind::Index { argument } => argument,
        SegmentKind::Method { name, arguments } if name == "get" => arguments.first()?,
        SegmentKind::Method { .. } => return None,
    };
    match &argument.kind {
        ArgumentKind::String(name) => Some(name),
        _ => None,
    }
}
