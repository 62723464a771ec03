//! Where the parts of a program were written.
//!
//! The compiled program knows nothing of its sources; reports about it, such as a difference of two programs, name parts of it
//! by an *address*: `webhook.WH5.url`, `workflow.promo/if/1/send:offer`. This is the table from addresses to places.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::ir::{self, Program, Statement as Lowered};
use crate::source::Span;
use crate::syntax::ast::{self, DeclarationKind, HeaderKind, Statement, StatementKind};

/// The places of a program's parts, by address.
#[derive(Clone, Debug, Default)]
pub struct Places {
    spans: BTreeMap<String, Span>,
    /// The template files that parts of messages are kept in.
    files: BTreeMap<String, SmolStr>,
}

impl Places {
    /// The places of a program in what it was compiled from.
    pub(crate) fn of<'d>(declarations: impl Iterator<Item = &'d DeclarationKind>, program: &Program) -> Places {
        let mut places = Places::default();
        for declaration in declarations {
            places.declaration(declaration, program);
        }
        places
    }

    /// The place of a part; where there is no exact one, that of what is around it.
    pub fn find(&self, address: &str) -> Option<Span> {
        let mut rest = address;
        loop {
            if let Some(span) = self.spans.get(rest) {
                return Some(*span);
            }
            let end = rest.rfind(['.', '/'])?;
            rest = rest.get(..end)?;
        }
    }

    /// The place of a part itself.
    pub fn exact(&self, address: &str) -> Option<Span> {
        self.spans.get(address).copied()
    }

    /// The template file that a part of a message is kept in, as written.
    pub fn file(&self, address: &str) -> Option<&str> {
        self.files.get(address).map(SmolStr::as_str)
    }

    fn note(&mut self, address: String, span: Span) {
        self.spans.entry(address).or_insert(span);
    }

    fn declaration(&mut self, declaration: &DeclarationKind, program: &Program) {
        match declaration {
            DeclarationKind::Event(event) => {
                let address = format!("event.{}", event.name.node);
                self.fields(&address, &event.fields);
                self.note(address, event.name.span);
            }
            DeclarationKind::Contact(contact) => self.fields("contact", &contact.fields),
            DeclarationKind::Connector(connector) => {
                let address = format!("connector.{}", connector.name.node);
                for setting in &connector.settings {
                    self.note(format!("{address}.{}", setting.node.name.node), setting.span);
                }
                self.note(address, connector.name.span);
            }
            DeclarationKind::Webhook(webhook) => self.request("webhook", webhook),
            DeclarationKind::Channel(channel) => self.request("channel", channel),
            DeclarationKind::Segment(segment) => {
                self.note(format!("segment.{}", segment.name.node), segment.name.span);
            }
            DeclarationKind::Message(message) => self.message(message),
            DeclarationKind::Workflow(workflow) => self.workflow(workflow, program),
            DeclarationKind::Test(test) => self.note(format!("test.{}", test.name.node), test.name.span),
            DeclarationKind::Broken(_) => {}
        }
    }

    fn fields(&mut self, address: &str, fields: &ast::Fields) {
        for field in &fields.fields {
            self.note(format!("{address}.{}", field.node.name.node), field.span);
        }
    }

    fn request(&mut self, kind: &str, webhook: &ast::Webhook) {
        let address = format!("{kind}.{}", webhook.name.node);
        if let Some(request) = &webhook.request {
            self.note(format!("{address}.method"), request.node.method.span);
            self.note(format!("{address}.url"), request.node.url.span);
        }
        let lines = [
            ("auth", webhook.auth.as_ref().map(|it| it.span)),
            ("uses", webhook.uses.first().map(|it| it.span)),
            ("headers", webhook.headers.as_ref().map(|it| it.span)),
            ("body", webhook.body.as_ref().map(|it| it.span)),
            ("returns", webhook.returns.as_ref().map(|it| it.span)),
            ("timeout", webhook.timeout.as_ref().map(|it| it.span)),
            ("attempts", webhook.attempts.as_ref().map(|it| it.span)),
            ("limit", webhook.limit.as_ref().map(|it| it.span)),
        ];
        for (line, span) in lines {
            if let Some(span) = span {
                self.note(format!("{address}.{line}"), span);
            }
        }
        self.note(address, webhook.name.span);
    }

    fn message(&mut self, message: &ast::Message) {
        let address = format!("message.{}", message.name.node);
        for channel in &message.channels {
            let address = format!("{address}.{}", channel.node.channel.node);
            for part in &channel.node.parts {
                if let ast::PartValue::File(file) = &part.node.value {
                    self.files.insert(format!("{address}.{}", part.node.name.node), file.node.clone());
                }
                self.note(format!("{address}.{}", part.node.name.node), part.span);
            }
            self.note(address, channel.node.channel.span);
        }
        self.note(address, message.name.span);
    }

    fn workflow(&mut self, workflow: &ast::Workflow, program: &Program) {
        let address = format!("workflow.{}", workflow.name.node);
        for header in &workflow.headers {
            let line = match header.node {
                HeaderKind::On(_) => "on",
                HeaderKind::Identify(_) => "identify",
                HeaderKind::OncePer(_) | HeaderKind::OnceEver => "once",
                HeaderKind::OneAtATime => "one",
                HeaderKind::ExitOn(_) => "exit",
                HeaderKind::Broken => continue,
            };
            self.note(format!("{address}.{line}"), header.span);
        }
        if let Some(lowered) = program.workflows.get(&workflow.name.node) {
            self.steps(&address, &workflow.steps.node, &lowered.steps);
        }
        self.note(address, workflow.name.span);
    }

    /// The program's steps stand in the order in which they were written, each with its blocks.
    fn steps(&mut self, address: &str, written: &[Statement], lowered: &ir::Block) {
        for (statement, step) in written.iter().zip(lowered) {
            self.note(format!("{address}/{}", step.id.0), head(statement));
            let lowered: Vec<&ir::Block> = match &step.statement {
                // An absent `else` is an empty block there.
                Lowered::WaitFor { then, on_timeout, .. } => vec![then, on_timeout],
                other => crate::audit::blocks(other),
            };
            for (written, lowered) in blocks(&statement.node).into_iter().zip(lowered) {
                self.steps(address, &written.node, lowered);
            }
        }
    }
}

/// The place of a statement without its blocks.
fn head(statement: &Statement) -> Span {
    match blocks(&statement.node).first() {
        Some(block) => Span::new(statement.span.file, statement.span.start, block.span.start),
        None => statement.span,
    }
}

fn blocks(statement: &StatementKind) -> Vec<&ast::Block> {
    match statement {
        StatementKind::Call(call) => call.on_failure.iter().collect(),
        StatementKind::WaitFor(wait) => [&wait.block].into_iter().chain(&wait.on_timeout).collect(),
        StatementKind::If(branches) => {
            branches.branches.iter().map(|branch| &branch.block).chain(&branches.otherwise).collect()
        }
        StatementKind::Match(matched) => {
            matched.arms.iter().map(|arm| &arm.node.block).chain(&matched.otherwise).collect()
        }
        StatementKind::Split(split) => split.ways.iter().map(|way| &way.node.block).collect(),
        StatementKind::Broken(blocks) => blocks.iter().collect(),
        StatementKind::Send(_)
        | StatementKind::Wait(_)
        | StatementKind::WaitUntil(_)
        | StatementKind::Set(_)
        | StatementKind::Emit { .. }
        | StatementKind::Stop(_)
        | StatementKind::Fail(_) => Vec::new(),
    }
}
