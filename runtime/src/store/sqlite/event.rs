//! Reading events.

use rusqlite::{Connection, OptionalExtension, Row};
use smol_str::SmolStr;

use super::column::{Exact, Hash, Instant, Json, PLACES, Text, run_id, run_numbers};
use super::cursor::{self, List};
use super::fault::Fault;
use super::list::Filter;
use super::stretch::{self, Way};
use crate::store::{EventQuery, EventRecord, Page, RunId};

/// An event `e` from somewhere.
fn columns(from: &str) -> String {
    format!(
        "SELECT e.acceptance, e.id, e.name, e.occurred_at, e.received_at, e.params, p.hash, e.kept_out, e.depth
         FROM {from} CROSS JOIN program AS p ON p.number = e.program"
    )
}

/// A row without the runs, which are rows of their own.
fn record(row: &Row<'_>) -> rusqlite::Result<EventRecord> {
    Ok(EventRecord {
        acceptance: row.get(0)?,
        id: row.get::<_, Text>(1)?.0,
        name: row.get::<_, Text>(2)?.0,
        occurred_at: row.get::<_, Exact>(3)?.0,
        received_at: row.get::<_, Instant>(4)?.0,
        params: row.get(5)?,
        program: row.get::<_, Hash>(6)?.0,
        runs: vec![],
        kept_out: row.get::<_, Option<Json<Vec<(SmolStr, SmolStr)>>>>(7)?.map(|kept| kept.0).unwrap_or_default(),
        depth: row.get(8)?,
    })
}

/// The runs that an event started.
fn runs(connection: &Connection, acceptance: i64) -> Result<Vec<RunId>, Fault> {
    let sql = "SELECT number, workflow_key FROM run WHERE number BETWEEN ?1 AND ?2 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(run_numbers(acceptance), |row| Ok(run_id(row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn with_runs(connection: &Connection, event: Option<EventRecord>) -> Result<Option<EventRecord>, Fault> {
    let Some(mut event) = event else { return Ok(None) };
    event.runs = runs(connection, event.acceptance)?;
    Ok(Some(event))
}

/// An event by its number.
pub(super) fn get(connection: &Connection, acceptance: i64) -> Result<Option<EventRecord>, Fault> {
    let mut statement = connection.prepare_cached(&format!("{} WHERE e.acceptance = ?1", columns("event AS e")))?;
    let event = statement.query_row([acceptance], record).optional()?;
    with_runs(connection, event)
}

/// The last event of an id: sources do not share their ids, and a key may be used again after the dedup window.
pub(super) fn find(connection: &Connection, id: &str) -> Result<Option<EventRecord>, Fault> {
    let sql = format!("{} WHERE e.id = ?1 ORDER BY e.acceptance DESC LIMIT 1", columns("event AS e"));
    let event = connection.prepare_cached(&sql)?.query_row([id], record).optional()?;
    with_runs(connection, event)
}

/// Events, newest first.
pub(super) fn list(connection: &Connection, query: &EventQuery) -> Result<Page<EventRecord>, Fault> {
    let limit = cursor::limit(query.limit);
    let mut filter = Filter::default();
    let before = List::Events.read(query.cursor.as_deref())?;
    if let Some(before) = before {
        filter.add("e.acceptance < ?", before);
    }
    if let Some(name) = &query.name {
        filter.add("e.name = ?", name.clone());
    }
    let way = match (query.contact, &query.name) {
        (None, Some(name)) => stretch::events(&mut filter, name, before),
        (contact, _) => {
            if let Some(contact) = contact {
                filter.add(&format!("e.acceptance IN (SELECT number / {PLACES} FROM run WHERE contact = ?)"), contact);
            }
            Way { from: "event AS e".to_owned(), order: "ORDER BY e.acceptance DESC" }
        }
    };
    let mut items = filter.query(connection, &columns(&way.from), way.order, limit + 1, record)?;
    for event in &mut items {
        event.runs = runs(connection, event.acceptance)?;
    }
    Ok(List::Events.page(items, limit, |event| event.acceptance))
}
