//! Who reads a field that changed.

use smol_str::SmolStr;

use super::catalogue::Slug;
use super::change::Change;
use crate::audit::{Audit, Source, readers};
use crate::ir::Program;

/// So many workflows, and so many places of each, are told.
const MOST_TOLD: usize = 5;

/// Notes at each field that has another default, or another type, which workflows read it, and where.
pub(super) fn note(head: &Program, facts: &Audit, changes: &mut [Change]) {
    let changed = |it: &&mut Change| matches!(it.slug, Slug::FieldDefaultChanged | Slug::FieldTypeChanged);
    let (mut told, mut sources) = (Vec::new(), Vec::new());
    for change in changes.iter_mut().filter(changed) {
        if let Some(source) = source(head, &change.address) {
            sources.push(source);
            told.push(change);
        }
    }
    if sources.is_empty() {
        return;
    }
    for (change, found) in told.into_iter().zip(readers(head, facts, &sources)) {
        if found.is_empty() {
            change.details.push("no workflow reads it".to_owned());
            if change.slug == Slug::FieldDefaultChanged {
                change.reaches.clear();
            }
            continue;
        }
        let left = found.len().saturating_sub(MOST_TOLD);
        for (workflow, places) in found.iter().take(MOST_TOLD) {
            let more = places.len().saturating_sub(MOST_TOLD);
            let mut words = places.iter().take(MOST_TOLD).cloned().collect::<Vec<_>>().join("; ");
            if more > 0 {
                words.push_str(&format!("; {more} more"));
            }
            change.details.push(format!("workflow {workflow} reads it: {words}"));
        }
        if left > 0 {
            change.details.push(format!("{left} more workflows read it"));
        }
        change.reaches = found.into_iter().map(|(workflow, _)| workflow).collect();
    }
}

/// What a field's address stands for.
fn source(program: &Program, address: &str) -> Option<Source> {
    if let Some(field) = address.strip_prefix("contact.") {
        let first = field.split('.').next().unwrap_or(field);
        return Some(Source::Contact(first.into()));
    }
    let rest = address.strip_prefix("event.")?;
    // A name may have dots: the longest one is meant.
    let events = program.events.keys().filter_map(|event| Some((event, rest.strip_prefix(event.as_str())?)));
    let fields = events.filter_map(|(event, rest)| Some((event, rest.strip_prefix('.')?)));
    let (event, field) = fields.max_by_key(|(event, _)| event.len())?;
    Some(Source::Event { event: event.clone(), field: SmolStr::from(field) })
}
