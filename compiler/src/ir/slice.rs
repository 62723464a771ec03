//! The part of a program that one workflow makes use of: itself, what it calls, sends, waits for and raises, and whatever
//! that uses in turn.
//!
//! Its hash tells whether a change of the sources can matter to the workflow: a webhook that it does not call may change, a
//! field of the contact card that nothing here reads may come and go.

use smol_str::SmolStr;
use velocity::{ArgumentKind, Reference, SegmentKind};

use super::{
    Access, Block, Body, Expression, Identification, Message, Part, Program, ProgramHash, Root, Statement, Template,
    Trigger, Webhook, Workflow,
};

impl Program {
    /// The program that holds one workflow and all that it uses; nothing if there is no such workflow.
    pub fn slice(&self, workflow: &str) -> Option<Program> {
        let (name, found) = self.workflows.get_key_value(workflow)?;
        let nothing = Program {
            ir_version: self.ir_version,
            events: Default::default(),
            contact: Default::default(),
            connectors: Default::default(),
            webhooks: Default::default(),
            channels: Default::default(),
            segments: Default::default(),
            messages: Default::default(),
            workflows: [(name.clone(), found.clone())].into(),
        };
        let mut slicer = Slicer { program: self, slice: nothing };
        slicer.workflow(found);
        Some(slicer.slice)
    }

    /// The content hash of a workflow with all that it uses; nothing if there is no such workflow.
    pub fn workflow_hash(&self, workflow: &str) -> Option<ProgramHash> {
        Some(self.slice(workflow)?.hash())
    }
}

struct Slicer<'p> {
    program: &'p Program,
    slice: Program,
}

impl Slicer<'_> {
    fn workflow(&mut self, workflow: &Workflow) {
        for trigger in &workflow.triggers {
            match trigger {
                Trigger::Event { event, filter } => {
                    self.event(event);
                    self.expressions(filter);
                }
                Trigger::Schedule { segment, .. } => self.segment(segment),
                Trigger::ContactChanged { field } => self.field(field),
            }
        }
        self.identification(workflow.identification.as_ref());
        for exit in &workflow.exits {
            self.event(&exit.event);
            self.expressions(&exit.filter);
        }
        self.block(&workflow.steps);
    }

    fn identification(&mut self, identification: Option<&Identification>) {
        for way in identification.into_iter().flat_map(|it| &it.ways) {
            self.expression(&way.value);
        }
    }

    fn block(&mut self, block: &Block) {
        for step in block {
            self.statement(&step.statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Call { webhook, store_as: _, identification, on_failure } => {
                self.webhook(webhook);
                self.identification(identification.as_ref());
                self.blocks(on_failure);
            }
            Statement::Send { message, to, between } => {
                self.message(message);
                self.expressions(to);
                if let Some(window) = between {
                    self.expressions([&window.from, &window.to, &window.zone]);
                }
            }
            Statement::Wait { duration } => self.expression(duration),
            Statement::WaitUntil { time, zone } => {
                self.expression(time);
                self.expressions(zone);
            }
            Statement::WaitFor { event, alias: _, filter, up_to, then, on_timeout } => {
                self.event(event);
                self.expressions(filter);
                self.expression(up_to);
                self.blocks([then, on_timeout]);
            }
            Statement::If { branches, otherwise } => {
                self.expressions(branches.iter().map(|branch| &branch.condition));
                self.blocks(branches.iter().map(|branch| &branch.block));
                self.block(otherwise);
            }
            Statement::Match { value, arms, otherwise } => {
                self.expression(value);
                self.blocks(arms.iter().map(|arm| &arm.block));
                self.block(otherwise);
            }
            Statement::Split(split) => self.blocks(split.arms.iter().map(|arm| &arm.block)),
            Statement::Set { field, value } => {
                self.field(field);
                self.expression(value);
            }
            Statement::Emit { event, fields } => {
                self.event(event);
                self.expressions(fields.iter().map(|(_, value)| value));
            }
            Statement::Stop { reason } => self.parts(reason.iter().flatten()),
            Statement::Fail { reason } => self.parts(reason),
        }
    }

    fn blocks<'b>(&mut self, blocks: impl IntoIterator<Item = &'b Block>) {
        blocks.into_iter().for_each(|block| self.block(block));
    }

    fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expression>) {
        expressions.into_iter().for_each(|expression| self.expression(expression));
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Literal(_) => {}
            Expression::Reference { root, path } => {
                match (root, path.first()) {
                    (Root::Contact, Some(Access::Field(field))) => self.field(field),
                    (Root::Contact, _) => self.card(),
                    (Root::Event | Root::Data(_) | Root::Alias(_) | Root::Message, _) => {}
                }
                for access in path {
                    match access {
                        Access::Field(_) => {}
                        Access::Index(index) => self.expression(index),
                    }
                }
            }
            Expression::Text(parts) => self.parts(parts),
            Expression::List(items) => self.expressions(items),
            Expression::Record(entries) => self.expressions(entries.iter().map(|(_, value)| value)),
            Expression::Not(inner) | Expression::Negate(inner) | Expression::IsSet(inner) => self.expression(inner),
            Expression::InSegment(segment) => self.segment(segment),
            Expression::Binary { operator: _, left, right } => {
                self.expression(left);
                self.expression(right);
            }
        }
    }

    fn parts<'t>(&mut self, parts: impl IntoIterator<Item = &'t Part>) {
        for part in parts {
            match part {
                Part::Literal(_) => {}
                Part::Value { value, .. } => self.expression(value),
            }
        }
    }

    fn event(&mut self, name: &SmolStr) {
        if let Some(event) = self.program.events.get(name) {
            self.slice.events.insert(name.clone(), event.clone());
        }
    }

    fn field(&mut self, name: &SmolStr) {
        if let Some(field) = self.program.contact.fields.get(name) {
            self.slice.contact.fields.insert(name.clone(), field.clone());
        }
    }

    /// Any field may be read.
    fn card(&mut self) {
        self.slice.contact = self.program.contact.clone();
    }

    fn segment(&mut self, name: &SmolStr) {
        let Some(segment) = self.program.segments.get(name) else { return };
        if self.slice.segments.insert(name.clone(), segment.clone()).is_none() {
            self.expression(&segment.condition);
        }
    }

    fn webhook(&mut self, name: &SmolStr) {
        let Some(webhook) = self.program.webhooks.get(name) else { return };
        if self.slice.webhooks.insert(name.clone(), webhook.clone()).is_none() {
            self.request(webhook);
        }
    }

    fn request(&mut self, webhook: &Webhook) {
        self.parts(&webhook.url.path);
        self.parts(webhook.url.query.iter().flat_map(|parameter| &parameter.value).flatten());
        self.parts(webhook.headers.iter().flat_map(|header| &header.value));
        match &webhook.body {
            None => {}
            Some(Body::Json(value)) => self.expression(value),
            Some(Body::Xml(parts) | Body::Text(parts)) => self.parts(parts),
            Some(Body::Form(fields)) => self.expressions(fields.iter().map(|(_, value)| value)),
        }
        if let Some(name) = &webhook.connector
            && let Some(connector) = self.program.connectors.get(name)
        {
            self.slice.connectors.insert(name.clone(), connector.clone());
        }
    }

    fn message(&mut self, name: &SmolStr) {
        let Some(message) = self.program.messages.get(name) else { return };
        if self.slice.messages.insert(name.clone(), message.clone()).is_some() {
            return;
        }
        let Message { description: _, email, channels } = &**message;
        if let Some(email) = email {
            let parts = [&email.to, &email.reply_to, &email.html, &email.text];
            [&email.from, &email.subject]
                .into_iter()
                .chain(parts.into_iter().flatten())
                .for_each(|it| self.template(it));
        }
        for (name, parts) in channels {
            parts.values().for_each(|template| self.template(template));
            let Some(channel) = self.program.channels.get(name) else { continue };
            if self.slice.channels.insert(name.clone(), channel.clone()).is_none() {
                self.request(&channel.request);
            }
        }
    }

    /// The fields of the contact that a template reads, by their own name in any case or behind `$contact`.
    fn template(&mut self, template: &Template) {
        match template.parse() {
            Ok(read) => {
                let read = read.collected();
                read.references.iter().chain(&read.escaped).for_each(|reference| self.reference(reference));
            }
            Err(_) => self.card(),
        }
    }

    fn reference(&mut self, reference: &Reference) {
        let name = if reference.root == "contact" {
            match reference.path.first().map(|segment| &segment.kind) {
                Some(SegmentKind::Property { name }) => name,
                Some(SegmentKind::Index { argument }) => match &argument.kind {
                    ArgumentKind::String(name) => name,
                    _ => return self.card(),
                },
                _ => return self.card(),
            }
        } else {
            &reference.root
        };
        let wanted = name.to_lowercase();
        let fields: Vec<_> =
            self.program.contact.fields.keys().filter(|field| field.to_lowercase() == wanted).collect();
        fields.into_iter().for_each(|field| self.field(field));
    }
}
