//! What has another name on the new side and is otherwise what it was.
//!
//! A new name is one change, not a declaration that went, another that came, and all steps between them. So names are
//! paired first, and the old program is compared as if it had the new ones.

mod apply;
mod texts;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use self::texts::Texts;
use super::align::same;
use super::catalogue::{Risk, Slug};
use super::change::Change;
use crate::ir::{
    BinaryOperator, Block, Connector, Event, Expression, Message, Part, Program, Reentry, Statement, Webhook, Workflow,
    each_step,
};

/// New names by old ones.
type Names = BTreeMap<SmolStr, SmolStr>;

/// What has another name on the new side.
#[derive(Debug, Default)]
pub(super) struct Renames {
    events: Names,
    connectors: Names,
    webhooks: Names,
    channels: Names,
    segments: Names,
    messages: Names,
    /// What calls store, under the names that it is read by.
    results: Names,
}

/// The old program with the names that its parts have on the new side, if any has another; the change of each name is
/// reported.
pub(super) fn renamed(base: &Program, head: &Program, changes: &mut Vec<Change>) -> Option<(Program, Renames)> {
    let request = |old: &Webhook, new: &Webhook| old.method == new.method && old.url == new.url;
    // The same system with another resource, or the same resource and content with another system.
    let system = |old: &Webhook, new: &Webhook| {
        let moved = (&old.url.path, &old.url.query, &old.body) == (&new.url.path, &new.url.query, &new.body);
        let tells = new.url.path.iter().any(|part| !matches!(part, Part::Literal(text) if text == "/"));
        old.method == new.method
            && if old.url.origin == new.url.origin {
                old.body.is_some() == new.body.is_some()
            } else {
                moved && (tells || new.body.is_some())
            }
    };
    let (requests_before, requests_after) = (requests(base), requests(head));
    // What is signed by one connector then and by another now makes these two one.
    let in_place_of = |(old_name, old): (&SmolStr, &Connector), (new_name, new): (&SmolStr, &Connector)| {
        let kind = |it: &Connector| std::mem::discriminant(&it.credentials);
        let before = |address: &String| requests_before.get(address).copied().flatten() == Some(old_name);
        kind(old) == kind(new) && requests_after.iter().any(|(address, now)| *now == Some(new_name) && before(address))
    };
    let texts = Texts::of(&base.messages, &head.messages);
    let renames = Renames {
        events: matched(
            &base.events,
            &head.events,
            |old, new| !old.fields.is_empty() && old.fields == new.fields,
            |(_, old), (_, new)| mostly_same_fields(old, new),
        ),
        connectors: matched(
            &base.connectors,
            &head.connectors,
            |old, new| old.credentials == new.credentials,
            in_place_of,
        ),
        webhooks: matched(&base.webhooks, &head.webhooks, request, |(_, old), (_, new)| system(old, new)),
        channels: matched(
            &base.channels,
            &head.channels,
            |old, new| request(&old.request, &new.request),
            |(_, old), (_, new)| system(&old.request, &new.request),
        ),
        segments: matched(
            &base.segments,
            &head.segments,
            |old, new| old.condition == new.condition,
            |(_, old), (_, new)| shares_a_term(&old.condition, &new.condition),
        ),
        messages: matched(&base.messages, &head.messages, alike, |(old, _), (new, _)| texts.are_mostly_same(old, new)),
        results: Names::new(),
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
            let change = if kind == "event" {
                change.risk(Risk::Review).detail("callers must send the new name: events of the old one are refused")
            } else {
                change.risk(Risk::Note)
            };
            changes.push(change.before(old).after(new));
        }
    }
    let leaves = kinds.iter().any(|(_, names)| !names.is_empty());
    let mut program = if leaves { Cow::Owned(renames.apply(base)) } else { Cow::Borrowed(base) };
    let alike = |old: &Workflow, new: &Workflow| {
        old.triggers.iter().any(|trigger| new.triggers.contains(trigger)) && mostly_same(&old.steps, &new.steps)
    };
    let workflows = matched(&program.workflows, &head.workflows, alike, |_, _| false);
    for (old, new) in &workflows {
        let change = Change::new(Slug::WorkflowRenamed, format!("workflow.{new}"), format!("workflow {new}"));
        let kept_out = program.workflows.get(old).is_some_and(|it| it.reentry != Reentry::Always || it.one_at_a_time);
        // Who may enter again is counted by the workflow's name.
        let change = change.in_workflow(new).before(old).after(new);
        changes.push(if kept_out {
            change.risk(Risk::Danger).detail("who may enter again is counted by the name: all may enter once more")
        } else {
            change
        });
    }
    if !workflows.is_empty() {
        rename_keys(&mut program.to_mut().workflows, &workflows);
    }
    match program {
        Cow::Owned(program) => Some((program, renames)),
        Cow::Borrowed(_) => None,
    }
}

/// The old workflow, reading the results of its calls by the names that they have on the new side, if any has another. What
/// the calls themselves store them as stays what it was.
pub(super) fn with_results_of(old: &Workflow, new: &Workflow) -> Option<Workflow> {
    fn results(workflow: &Workflow) -> BTreeMap<&SmolStr, Vec<&SmolStr>> {
        let mut found: BTreeMap<&SmolStr, Vec<&SmolStr>> = BTreeMap::new();
        each_step(&workflow.steps, &mut |step| {
            if let Statement::Call { webhook, store_as, .. } = &step.statement {
                found.entry(webhook).or_default().push(store_as);
            }
        });
        found
    }
    let (before, after) = (results(old), results(new));
    let (mut names, mut doubtful) = (Names::new(), BTreeSet::new());
    for (webhook, stored) in &before {
        let Some(stored_now) = after.get(webhook).filter(|now| now.len() == stored.len()) else {
            doubtful.extend(stored.iter().copied());
            continue;
        };
        for (old, new) in stored.iter().zip(stored_now) {
            let known = names.insert((*old).clone(), (*new).clone());
            if known.is_some_and(|known| known != **new) {
                doubtful.insert(*old);
            }
        }
    }
    names.retain(|old, new| old != new && !doubtful.contains(old));
    if names.is_empty() {
        return None;
    }
    let mut renamed = old.clone();
    Renames { results: names, ..Renames::default() }.workflow(&mut renamed);
    Some(renamed)
}

/// The connector of each webhook and channel.
fn requests(program: &Program) -> BTreeMap<String, Option<&SmolStr>> {
    let webhooks = program.webhooks.iter().map(|(name, it)| (format!("webhook.{name}"), it.connector.as_ref()));
    let channels = program.channels.iter().map(|(name, it)| (format!("channel.{name}"), it.request.connector.as_ref()));
    webhooks.chain(channels).collect()
}

fn mostly_same_fields(old: &Event, new: &Event) -> bool {
    let shared = old.fields.iter().filter(|(name, field)| new.fields.get(*name) == Some(*field)).count();
    shared > 0 && 2 * shared >= old.fields.len().max(new.fields.len())
}

/// Whether two conditions have a part in common.
fn shares_a_term(old: &Expression, new: &Expression) -> bool {
    fn terms<'e>(condition: &'e Expression, into: &mut Vec<&'e Expression>) {
        match condition {
            Expression::Binary { operator: BinaryOperator::And | BinaryOperator::Or, left, right } => {
                terms(left, into);
                terms(right, into);
            }
            Expression::Not(inner) => terms(inner, into),
            Expression::Binary { left, .. } => into.push(left),
            other => into.push(other),
        }
    }
    let (mut before, mut after) = (Vec::new(), Vec::new());
    terms(old, &mut before);
    terms(new, &mut after);
    before.iter().any(|term| after.contains(term))
}

/// The names that are on one side only and stand for what is alike, without doubt; then those that stand for what is
/// roughly alike.
fn matched<T>(
    base: &BTreeMap<SmolStr, Arc<T>>,
    head: &BTreeMap<SmolStr, Arc<T>>,
    alike: impl Fn(&T, &T) -> bool,
    roughly: impl Fn((&SmolStr, &T), (&SmolStr, &T)) -> bool,
) -> Names {
    let mut gone: Vec<_> = base.iter().filter(|(name, _)| !head.contains_key(*name)).collect();
    let mut new: Vec<_> = head.iter().filter(|(name, _)| !base.contains_key(*name)).collect();
    let mut found = pairs_without_doubt(&gone, &new, |(_, old), (_, new)| alike(old, new));
    gone.retain(|(name, _)| !found.contains_key(*name));
    new.retain(|(name, _)| !found.values().any(|taken| taken == *name));
    found.extend(pairs_without_doubt(&gone, &new, roughly));
    found
}

fn pairs_without_doubt<T>(
    gone: &[(&SmolStr, &Arc<T>)],
    new: &[(&SmolStr, &Arc<T>)],
    alike: impl Fn((&SmolStr, &T), (&SmolStr, &T)) -> bool,
) -> Names {
    let mut found = Names::new();
    for (old_name, old) in gone {
        let mut candidates = new.iter().filter(|(name, new)| alike((old_name, old), (name, new)));
        let (Some((new_name, candidate)), None) = (candidates.next(), candidates.next()) else { continue };
        if gone.iter().filter(|(name, other)| alike((name, other), (new_name, candidate))).count() == 1 {
            found.insert((*old_name).clone(), (*new_name).clone());
        }
    }
    found
}

/// Whether half of the texts of two messages are the same, and they go out by the same channels.
fn alike(old: &Message, new: &Message) -> bool {
    let texts = |message: &Message| -> BTreeSet<String> {
        let mail = message.email.iter().flat_map(crate::ir::Email::parts);
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
    bare.change_blocks(Block::clear);
    bare
}
