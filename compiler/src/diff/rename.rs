//! What has another name on the new side and is otherwise what it was.
//!
//! A new name is one change, not a declaration that went, another that came, and all steps between them. So names are
//! paired first, and the old program is compared as if it had the new ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;
use velocity::{ArgumentKind, SegmentKind};

use super::align::same;
use super::catalogue::{Risk, Slug};
use super::change::Change;
use crate::audit::{blocks, blocks_mut};
use crate::ir::{
    Access, Block, Body, Exit, Expression, Identification, Message, Part, Program, Reentry, Root, Statement, Template,
    Trigger, Webhook, Workflow,
};

/// New names by old ones.
type Names = BTreeMap<SmolStr, SmolStr>;

#[derive(Debug, Default)]
struct Renames {
    events: Names,
    connectors: Names,
    webhooks: Names,
    channels: Names,
    segments: Names,
    messages: Names,
}

/// The old program with the names that its parts have on the new side, if any has another; the change of each name is
/// reported.
pub(super) fn renamed(base: &Program, head: &Program, changes: &mut Vec<Change>) -> Option<Program> {
    let request = |old: &Webhook, new: &Webhook| old.method == new.method && old.url == new.url;
    let renames = Renames {
        events: matched(&base.events, &head.events, |old, new| !old.fields.is_empty() && old.fields == new.fields),
        connectors: matched(&base.connectors, &head.connectors, |old, new| old.credentials == new.credentials),
        webhooks: matched(&base.webhooks, &head.webhooks, request),
        channels: matched(&base.channels, &head.channels, |old, new| request(&old.request, &new.request)),
        segments: matched(&base.segments, &head.segments, |old, new| old.condition == new.condition),
        messages: matched(&base.messages, &head.messages, alike),
    };
    let kinds = [
        ("event", &renames.events),
        ("connector", &renames.connectors),
        ("webhook", &renames.webhooks),
        ("channel", &renames.channels),
        ("segment", &renames.segments),
        ("message", &renames.messages),
    ];
    for (kind, names) in kinds {
        for (old, new) in names {
            let change = Change::new(Slug::DeclarationRenamed, format!("{kind}.{new}"), format!("{kind} {new}"));
            // Who sends an event knows it by its name.
            let risk = if kind == "event" { Risk::Review } else { Risk::Note };
            changes.push(change.risk(risk).before(old).after(new));
        }
    }
    let leaves = kinds.iter().any(|(_, names)| !names.is_empty());
    let mut program = if leaves { renames.apply(base) } else { base.clone() };
    let workflows = matched(&program.workflows, &head.workflows, |old, new| {
        old.triggers.iter().any(|trigger| new.triggers.contains(trigger)) && mostly_same(&old.steps, &new.steps)
    });
    for (old, new) in &workflows {
        let change = Change::new(Slug::WorkflowRenamed, format!("workflow.{new}"), format!("workflow {new}"));
        let kept_out = program.workflows.get(old).is_some_and(|it| it.reentry != Reentry::Always || it.one_at_a_time);
        // Who may enter again is counted by the workflow's name.
        let risk = if kept_out { Risk::Danger } else { Risk::Review };
        changes.push(change.in_workflow(new).risk(risk).before(old).after(new));
    }
    rename_keys(&mut program.workflows, &workflows);
    (leaves || !workflows.is_empty()).then_some(program)
}

/// The names that are on one side only and stand for what is alike, without doubt.
fn matched<T>(
    base: &BTreeMap<SmolStr, Arc<T>>,
    head: &BTreeMap<SmolStr, Arc<T>>,
    alike: impl Fn(&T, &T) -> bool,
) -> Names {
    let gone: Vec<_> = base.iter().filter(|(name, _)| !head.contains_key(*name)).collect();
    let new: Vec<_> = head.iter().filter(|(name, _)| !base.contains_key(*name)).collect();
    let mut found = Names::new();
    for (old_name, old) in &gone {
        let mut candidates = new.iter().filter(|(_, new)| alike(old, new));
        let (Some((new_name, candidate)), None) = (candidates.next(), candidates.next()) else { continue };
        if gone.iter().filter(|(_, other)| alike(other, candidate)).count() == 1 {
            found.insert((*old_name).clone(), (*new_name).clone());
        }
    }
    found
}

/// Whether half of the texts of two messages are the same, and they go out by the same channels.
fn alike(old: &Message, new: &Message) -> bool {
    let texts = |message: &Message| -> BTreeSet<String> {
        let mail = message.email.iter().flat_map(crate::audit::email_parts);
        let mail = mail.filter(|(part, _)| *part != "from").map(|(_, template)| template);
        let others = message.channels.values().flat_map(BTreeMap::values);
        mail.chain(others).map(|template| template.source.clone()).collect()
    };
    let (before, after) = (texts(old), texts(new));
    let shared = before.intersection(&after).count();
    old.email.is_some() == new.email.is_some()
        && old.channels.keys().eq(new.channels.keys())
        && shared > 0
        && 2 * shared >= before.len().max(after.len())
}

fn mostly_same(old: &Block, new: &Block) -> bool {
    let shared = old.iter().filter(|step| new.iter().any(|other| same(&step.statement, &other.statement))).count();
    shared > 0 && 2 * shared >= old.len().max(new.len())
}

fn rename_keys<T>(map: &mut BTreeMap<SmolStr, T>, names: &Names) {
    for (old, new) in names {
        if let Some(value) = map.remove(old) {
            map.insert(new.clone(), value);
        }
    }
}

fn rename(name: &mut SmolStr, names: &Names) {
    if let Some(new) = names.get(name) {
        *name = new.clone();
    }
}

impl Renames {
    fn apply(&self, base: &Program) -> Program {
        let mut program = base.clone();
        for webhook in program.webhooks.values_mut() {
            self.request(Arc::make_mut(webhook));
        }
        for channel in program.channels.values_mut() {
            self.request(&mut Arc::make_mut(channel).request);
        }
        for segment in program.segments.values_mut() {
            self.expression(&mut Arc::make_mut(segment).condition);
        }
        for (name, message) in &mut program.messages {
            self.message(name, Arc::make_mut(message));
        }
        for workflow in program.workflows.values_mut() {
            self.workflow(Arc::make_mut(workflow));
        }
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
        let Ok(parsed) = velocity::Template::parse(&template.name, &template.source) else { return };
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

    fn workflow(&self, workflow: &mut Workflow) {
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
            for inner in blocks_mut(&mut step.statement) {
                self.block(inner);
            }
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

/// Whether two workflows say the same, the identities of their steps left out: those follow names.
pub(super) fn same_steps(old: &Workflow, new: &Workflow) -> bool {
    fn block(old: &Block, new: &Block) -> bool {
        old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(&old.statement, &new.statement))
    }
    let rest = |workflow: &Workflow| Workflow { steps: Block::new(), ..workflow.clone() };
    rest(old) == rest(new) && block(&old.steps, &new.steps)
}

/// A statement without its blocks.
pub(super) fn bare(statement: &Statement) -> Statement {
    let mut bare = match statement {
        // Copying what is thrown away again would cost a copy of the rest for each level.
        Statement::If { branches, .. } => Statement::If {
            branches: branches
                .iter()
                .map(|it| crate::ir::Branch { condition: it.condition.clone(), block: Block::new() })
                .collect(),
            otherwise: Block::new(),
        },
        other => other.clone(),
    };
    if !blocks(&bare).is_empty() {
        blocks_mut(&mut bare).into_iter().for_each(Block::clear);
    }
    bare
}
