//! Where the parts of a program were written.
//!
//! The compiled program knows nothing of its sources; reports about it, such as a difference of two programs, name parts of it
//! by an *address*: `webhook.WH5.url`, `workflow.promo/if/1/send:offer`. This is the table from addresses to places.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use crate::ir::{self, Program, Statement as Lowered};
use crate::names::{Kind, Known, Unit};
use crate::source::Span;
use crate::syntax::ast::{self, DeclarationKind, HeaderKind, Statement, StatementKind};

/// The places of a program's parts, by address.
///
/// Of a project of a thousand files a report names a few parts, so a declaration is looked into when one of its parts is asked
/// for.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The declarations by their own addresses.
    declarations: HashMap<String, Declared>,
}

/// A declaration whose parts may be asked for.
#[derive(Clone, Debug)]
struct Declared {
    unit: Arc<Unit>,
    /// Its steps as the program has them, of a workflow.
    steps: Option<Arc<ir::Workflow>>,
    parts: OnceLock<Parts>,
}

/// The places of one declaration's parts.
#[derive(Clone, Debug, Default)]
struct Parts {
    spans: BTreeMap<String, Span>,
    /// The template files that parts of messages are kept in.
    files: BTreeMap<String, SmolStr>,
}

impl Places {
    /// The places of a program in what it was compiled from.
    pub(crate) fn of<'u>(units: impl Iterator<Item = &'u Arc<Unit>>, program: &Program) -> Places {
        let mut declarations = HashMap::new();
        for unit in units {
            let (address, steps) = match unit.known() {
                Known::As(kind, name) => {
                    let steps = (kind == Kind::Workflow).then(|| program.workflows.get(&name.node).cloned()).flatten();
                    (format!("{}.{}", kind.word(), name.node), steps)
                }
                Known::Contact => ("contact".to_owned(), None),
                Known::Broken(_) => continue,
            };
            let declared = Declared { unit: Arc::clone(unit), steps, parts: OnceLock::new() };
            declarations.entry(address).or_insert(declared);
        }
        Places { declarations }
    }

    /// The place of a part; where there is no exact one, that of what is around it.
    pub fn find(&self, address: &str) -> Option<Span> {
        let parts = self.around(address)?;
        outwards(address).find_map(|address| parts.spans.get(address)).copied()
    }

    /// The place of a part itself.
    pub fn exact(&self, address: &str) -> Option<Span> {
        self.around(address)?.spans.get(address).copied()
    }

    /// The template file that a part of a message is kept in, as written.
    pub fn file(&self, address: &str) -> Option<&str> {
        self.around(address)?.files.get(address).map(SmolStr::as_str)
    }

    /// The parts of the declaration that an address is in. A name may have dots: the longest one is meant.
    fn around(&self, address: &str) -> Option<&Parts> {
        let (own, declared) = outwards(address).find_map(|own| Some((own, self.declarations.get(own)?)))?;
        Some(declared.parts.get_or_init(|| Parts::of(own, declared)))
    }
}

/// An address, and those of what is around it.
fn outwards(address: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(address), |inner| inner.get(..inner.rfind(['.', '/'])?))
}

impl Parts {
    /// The parts of a declaration with this address.
    fn of(address: &str, declared: &Declared) -> Parts {
        let mut parts = Parts::default();
        parts.declaration(address, &declared.unit.declaration.node.kind, declared.steps.as_deref());
        parts
    }

    fn note(&mut self, address: String, span: Span) {
        self.spans.entry(address).or_insert(span);
    }

    fn declaration(&mut self, address: &str, declaration: &DeclarationKind, steps: Option<&ir::Workflow>) {
        if let Some(name) = declaration.name() {
            self.note(address.to_owned(), name.span);
        }
        match declaration {
            DeclarationKind::Event(event) => self.fields(address, &event.fields),
            DeclarationKind::Contact(contact) => self.fields(address, &contact.fields),
            DeclarationKind::Connector(connector) => {
                for setting in &connector.settings {
                    self.note(format!("{address}.{}", setting.node.name.node), setting.span);
                }
            }
            DeclarationKind::Webhook(request) | DeclarationKind::Channel(request) => self.request(address, request),
            DeclarationKind::Message(message) => self.message(address, message),
            DeclarationKind::Workflow(workflow) => self.workflow(address, workflow, steps),
            DeclarationKind::Segment(_) | DeclarationKind::Test(_) | DeclarationKind::Broken(_) => {}
        }
    }

    fn fields(&mut self, address: &str, fields: &ast::Fields) {
        for field in &fields.fields {
            self.note(format!("{address}.{}", field.node.name.node), field.span);
        }
    }

    fn request(&mut self, address: &str, webhook: &ast::Webhook) {
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
        if let Some(headers) = &webhook.headers {
            self.entries(&format!("{address}.headers"), &headers.node);
        }
        if let Some(body) = &webhook.body {
            self.value(&format!("{address}.body"), &body.node.value);
        }
    }

    /// Named values, each at its path of names.
    fn entries(&mut self, address: &str, record: &ast::Record) {
        for entry in &record.entries {
            let address = format!("{address}.{}", entry.name.node);
            self.value(&address, &entry.value);
            self.note(address, entry.name.span);
        }
    }

    /// What is inside of a value: of a list all items together, as data flows are told.
    fn value(&mut self, address: &str, value: &ast::Expr) {
        match &value.node {
            ast::ExprKind::Record(record) => self.entries(address, record),
            ast::ExprKind::List(items) => items.iter().for_each(|item| self.value(address, item)),
            _ => {}
        }
    }

    fn message(&mut self, address: &str, message: &ast::Message) {
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
    }

    fn workflow(&mut self, address: &str, workflow: &ast::Workflow, steps: Option<&ir::Workflow>) {
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
        if let Some(lowered) = steps {
            self.steps(address, &workflow.steps.node, &lowered.steps);
        }
    }

    /// The program's steps stand in the order in which they were written, each with its blocks.
    fn steps(&mut self, address: &str, written: &[Statement], lowered: &ir::Block) {
        for (statement, step) in written.iter().zip(lowered) {
            self.note(format!("{address}/{}", step.id.0), head(statement));
            let lowered: Vec<&ir::Block> = match &step.statement {
                // An absent `else` is an empty block there.
                Lowered::WaitFor { then, on_timeout, .. } => vec![then, on_timeout],
                other => other.blocks().collect(),
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

/// The blocks within a statement, in the order written.
pub(crate) fn blocks(statement: &StatementKind) -> Vec<&ast::Block> {
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
