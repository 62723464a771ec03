//! A contact's field became another value: what that starts, in the act that writes it.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use smol_str::SmolStr;

use super::accept;
use super::fault::Fault;
use super::known::Known;
use crate::machine::expression::equal;
use crate::store::{Acceptance, Accepted, CHANGED, ContactRecord, DEPTH_LIMIT, Start, StartContact, Watch, Watching};
use crate::value::{Value, read};

/// Starts what a change of a contact starts: one event for all fields that changed together.
pub(super) fn raise(
    connection: &Connection,
    known: &Known,
    watching: &Watching,
    before: &ContactRecord,
    after: &ContactRecord,
    at: Timestamp,
    dedup_window: Duration,
) -> Result<Vec<Accepted>, Fault> {
    if before.fields == after.fields {
        return Ok(vec![]);
    }
    let (old, new) = (read(&before.fields).unwrap_or_default(), read(&after.fields).unwrap_or_default());
    let changed: Vec<&Watch> =
        watching.watches.fields.iter().filter(|watch| !equal(&value(watch, &old), &value(watch, &new))).collect();
    if changed.is_empty() {
        return Ok(vec![]);
    }
    let (mut starts, mut kept_out): (Vec<Start>, Vec<(SmolStr, &'static str)>) = (vec![], vec![]);
    for start in changed.iter().flat_map(|watch| &watch.starts) {
        let seen = |workflow: &SmolStr| *workflow == start.workflow;
        if starts.iter().any(|start| seen(&start.workflow)) || kept_out.iter().any(|(workflow, _)| seen(workflow)) {
            continue;
        }
        if watching.workflow.as_ref().is_some_and(seen) {
            kept_out.push((start.workflow.clone(), "own_change"));
        } else if watching.depth > DEPTH_LIMIT {
            kept_out.push((start.workflow.clone(), "chain_too_long"));
        } else {
            starts.push(Start { contact: StartContact::Known(after.id), ..start.clone() });
        }
    }
    let fields: Vec<&str> = changed.iter().map(|watch| watch.field.as_str()).collect();
    let params = serde_json::json!({ "contact": after.id, "fields": fields }).to_string();
    let event = Acceptance {
        source: SmolStr::new_static("(contact)"),
        key: None,
        event_id: format!("changed-{}-{}", after.id, at.as_nanosecond()).into(),
        payload_hash: [0; 32],
        name: CHANGED,
        occurred_at: at,
        received_at: at,
        params,
        program: watching.watches.program.clone(),
        starts,
        kept_out,
        signals: vec![],
        depth: watching.depth,
        first_state: watching.first_state.clone(),
    };
    Ok(vec![accept::accept_one(connection, known, &event, dedup_window)?])
}

/// What a contact has in a field, or the default that stands for it.
fn value(watch: &Watch, fields: &Value) -> Value {
    let given = fields.field(&watch.field).filter(|value| !value.is_null()).cloned();
    given.or_else(|| watch.default.as_ref().and_then(|default| read(default).ok())).unwrap_or_default()
}
