//! What the author got wrong, one topic a file, in the order in which a program is looked at.
//!
//! A check reports and goes on: what it could not make sense of is of unknown type from there on, and that is silent.

// What data looks like, and who is meant.
mod data;
mod segment;

// Workflows.
mod entry;
mod flow;
mod identify;
mod parameters;
mod schedule;
mod site;
mod step;
mod trigger;
mod workflow;
mod zone;

// What leaves the house: requests and messages.
mod address;
mod body;
mod channel;
mod connector;
mod credential;
mod file;
mod foreign;
mod header;
mod mention;
mod message;
mod pieces;
mod secret;
mod settings;
mod template;
mod url;
mod webhook;
mod xml;

// Tests.
mod rehearsal;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::diagnostic::Diagnostic;
use crate::ir;
use crate::names::Names;
use crate::source::{Sources, Spanned};
use crate::syntax::ast;
use crate::types::{Environment, Returned, Schema};
use site::Sites;

/// A project without an error.
pub(crate) struct Checked {
    /// What runs.
    pub(crate) program: ir::Program,
    /// What rehearses it.
    pub(crate) tests: Vec<ir::Test>,
}

/// Checks a whole project. The program is there if nothing is wrong with any part of it.
pub(crate) fn project(names: &Names<'_>, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
    let schema = data::schema(names, diagnostics);
    let segments = segment::check(names, &schema, diagnostics);
    let mut sites = Sites::default();
    let workflows = workflows(names, &schema, &mut sites, diagnostics);
    let connectors = connectors(names, diagnostics);
    let webhooks = webhooks(names, &schema, &sites, diagnostics);
    let messages = messages(names, &schema, sources, &sites, diagnostics);
    let channels = channel::check(names, &schema, &sites, diagnostics);
    let tests = rehearsal::check(names, &schema, diagnostics);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    let program = ir::Program {
        ir_version: ir::IR_VERSION,
        events: data::lowered_events(names, &schema)?,
        contact: data::lowered_contact(&schema)?,
        connectors: connectors?,
        webhooks: webhooks?,
        channels: channels?,
        segments,
        messages: messages?,
        workflows,
    };
    Some(Checked { program, tests })
}

/// The files that a message names beside its own text.
pub(crate) fn files(message: &ast::Message) -> impl Iterator<Item = &Spanned<SmolStr>> {
    message::files(message)
}

fn workflows<'a>(
    names: &'a Names<'a>,
    schema: &'a Schema,
    sites: &mut Sites<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<SmolStr, ir::Workflow> {
    let mut lowered = BTreeMap::new();
    for (name, entry) in names.workflows.iter() {
        lowered.insert(name.clone(), workflow::check(names, schema, entry, sites, diagnostics));
    }
    lowered
}

fn connectors(names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<BTreeMap<SmolStr, ir::Connector>> {
    let mut lowered = Some(BTreeMap::new());
    for (name, entry) in names.connectors.iter() {
        let connector = connector::check(entry.node, entry.description().as_deref(), diagnostics);
        lowered = gather(lowered, name, connector);
    }
    lowered
}

fn webhooks(
    names: &Names<'_>,
    schema: &Schema,
    sites: &Sites<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<BTreeMap<SmolStr, ir::Webhook>> {
    let alone = Environment::unused(names, schema);
    let mut lowered = Some(BTreeMap::new());
    for (name, entry) in names.webhooks.iter() {
        let outline = webhook::read(names, entry, diagnostics);
        let uses = sites.calls_of(name);
        let alone = alone.for_webhook(entry.node);
        let returned = schema.results.get(name).unwrap_or(&Returned::Unknown);
        let webhook = site::check_uses(&alone, uses, "called", diagnostics, |environment, diagnostics| {
            webhook::check(&outline, returned, environment, diagnostics)
        });
        lowered = gather(lowered, name, webhook);
    }
    lowered
}

fn messages(
    names: &Names<'_>,
    schema: &Schema,
    sources: &Sources,
    sites: &Sites<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<BTreeMap<SmolStr, ir::Message>> {
    let alone = Environment::unused(names, schema).for_message();
    let mut lowered = Some(BTreeMap::new());
    for (name, entry) in names.messages.iter() {
        let outline = message::read(names, sources, entry, diagnostics);
        let uses = sites.sends_of(name);
        let message = site::check_uses(&alone, uses, "sent", diagnostics, |environment, diagnostics| {
            outline.check(environment, diagnostics)
        });
        lowered = gather(lowered, name, message);
    }
    lowered
}

/// Adds one to what is complete so far; nothing is complete any more if this one is missing.
fn gather<T>(into: Option<BTreeMap<SmolStr, T>>, name: &SmolStr, one: Option<T>) -> Option<BTreeMap<SmolStr, T>> {
    let (mut all, one) = (into?, one?);
    all.insert(name.clone(), one);
    Some(all)
}
