//! What starts a workflow, and what is known of the event then.
//!
//! An event names no contact by itself, so `identify` lines say which one a run is about. A schedule and a changed contact
//! bring theirs; a run of theirs has no event.

use std::collections::HashMap;

use crate::catalogue::Code;
use crate::check::{schedule, zone};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir;
use crate::ir::contact::is_read_only;
use crate::names::{Entry, Names};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Expr, HeaderKind, Name, Text, Trigger};
use crate::types::{self, Environment, EventScope, Lookup, Schema};

/// What the `on` lines say together.
pub(crate) struct Triggers {
    /// The triggers.
    pub(crate) lowered: Vec<ir::Trigger>,
    /// The event of a run, in its steps: there is one if nothing but events starts it.
    pub(crate) event: EventScope,
    /// The event that the contact is identified by.
    pub(crate) identifying: EventScope,
    /// Whether an event starts it, so that it must be said which contact a run is about.
    pub(crate) by_event: bool,
    /// Whether something is broken or unknown, so that nothing is to be said about what seems to be missing.
    pub(crate) hidden: bool,
}

/// Checks the `on` lines of a workflow.
pub(crate) fn check(
    names: &Names<'_>,
    schema: &Schema<'_>,
    workflow: &Entry<'_, ast::Workflow>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Triggers {
    let headers = &workflow.node.headers;
    let on = || {
        headers.iter().filter_map(|header| match &header.node {
            HeaderKind::On(trigger) => Some((header.span, trigger)),
            _ => None,
        })
    };
    let mut lowered = Vec::new();
    let mut types = Vec::new();
    let mut hidden = workflow.node.may_lack_headers();
    let mut without_event = false;
    for (span, trigger) in on() {
        match trigger {
            Trigger::Event { event, condition } => {
                let known = names.event(event, diagnostics).is_some();
                let scope = if known { schema.event_of([event.node.clone()]) } else { EventScope::Unknown };
                let environment = Environment::trigger(names, schema, scope);
                let filter = condition.as_ref().map(|filter| types::condition(&environment, filter, diagnostics));
                hidden |= !known;
                types.push(event.node.clone());
                lowered.push(ir::Trigger::Event { event: event.node.clone(), filter });
            }
            Trigger::Schedule { cron, zone, segment } => {
                without_event = true;
                lowered.extend(on_schedule(names, span, cron, zone.as_ref(), segment.as_ref(), diagnostics));
            }
            Trigger::ContactChanged { field } => {
                without_event = true;
                lowered.extend(on_change(names, schema, field, diagnostics));
            }
        }
    }
    twice(on(), diagnostics);
    if on().next().is_none() && !hidden {
        diagnostics.push(
            Diagnostic::new(Code::MissingTrigger, workflow.name.span)
                .message(format!("nothing starts the workflow `{}`", workflow.name.node))
                .hint("add an `on EVENT` line above the first step"),
        );
        hidden = true;
    }
    let by_event = !types.is_empty();
    let identifying = if hidden || !by_event { EventScope::Unknown } else { schema.event_of(types) };
    let event = match () {
        () if hidden => EventScope::Unknown,
        () if without_event => EventScope::Absent,
        () => identifying.clone(),
    };
    Triggers { lowered, event, identifying, by_event, hidden }
}

/// `on schedule "…" in "…" for segment …`: the zone and the segment are never left to chance.
fn on_schedule(
    names: &Names<'_>,
    line: Span,
    cron: &Spanned<Text>,
    zone: Option<&Expr>,
    segment: Option<&Name>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ir::Trigger> {
    let lowered = schedule::read(cron, diagnostics);
    let zone_name = match zone {
        Some(zone) => zone::literal(zone, "a schedule", diagnostics),
        None => {
            diagnostics.push(
                Diagnostic::new(Code::ZoneMissing, line)
                    .message("a schedule needs a time zone")
                    .hint("say where its clock hangs: `in \"Europe/Kyiv\"`")
                    .fix(Fix::insert_after(cron.span, " in \"UTC\"").left_to_author()),
            );
            None
        }
    };
    let segment = match segment {
        Some(segment) => names.segment(segment, diagnostics).map(|_| segment.node.clone()),
        None => {
            diagnostics.push(
                Diagnostic::new(Code::SettingMissing, line)
                    .message("a schedule says whom it starts a run for")
                    .hint("name a segment: `for segment loyal`"),
            );
            None
        }
    };
    Some(ir::Trigger::Schedule { cron: lowered?, zone: zone_name?, segment: segment? })
}

/// `on contact.FIELD changed`.
fn on_change(
    names: &Names<'_>,
    schema: &Schema<'_>,
    field: &Name,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ir::Trigger> {
    let contact = types::Ty::Record(std::sync::Arc::clone(schema.contact()));
    match contact.field(&field.node) {
        Lookup::Missing(record) => {
            let declared = names.contact().map(|(_, span)| span);
            diagnostics.push(types::unknown_field("the contact", record, field, declared));
            None
        }
        _ if is_read_only(&field.node) => {
            diagnostics.push(
                Diagnostic::new(Code::FieldNotWatched, field.span)
                    .message(format!("a change of `contact.{}` starts nothing", field.node))
                    .hint(if field.node == "updated_at" {
                        "it changes with every other field: name those that matter, one `on` line each"
                    } else {
                        "the store writes it once and never again"
                    }),
            );
            None
        }
        _ => Some(ir::Trigger::ContactChanged { field: field.node.clone() }),
    }
}

/// Reports lines that say nothing new: the same again, or a condition where the line without one stands already.
fn twice<'t>(lines: impl Iterator<Item = (Span, &'t Trigger)>, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&Trigger, Span> = HashMap::new();
    // The first lines of events, without a condition and with one.
    let mut always: HashMap<&Name, Span> = HashMap::new();
    let mut sometimes: HashMap<&Name, Span> = HashMap::new();
    for (span, trigger) in lines {
        let (covering, covered) = match trigger {
            Trigger::Event { event, condition: Some(_) } => (always.get(event), None),
            Trigger::Event { event, condition: None } => (None, sometimes.get(event)),
            _ => (None, None),
        };
        let first = seen.get(trigger).into_iter().chain(covering).min();
        if let Some(first) = first {
            diagnostics.push(
                Diagnostic::new(Code::SettingTwice, span)
                    .message("this line starts nothing that another one does not start")
                    .also(*first, "starts it already")
                    .fix(Fix::delete(span)),
            );
            continue;
        }
        if let Some(first) = covered {
            diagnostics.push(
                Diagnostic::new(Code::SettingTwice, *first)
                    .message("this line starts nothing that another one does not start")
                    .also(span, "starts it in any case")
                    .fix(Fix::delete(*first)),
            );
        }
        seen.insert(trigger, span);
        if let Trigger::Event { event, condition } = trigger {
            let lines = if condition.is_none() { &mut always } else { &mut sometimes };
            lines.entry(event).or_insert(span);
        }
    }
}
