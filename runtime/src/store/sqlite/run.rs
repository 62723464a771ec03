//! Reading runs: one, those that go on, those whose time has come, and lists.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::column::{Hash, Instant, PLACES, Text, acceptance, run_id, run_numbers, run_status};
use super::cursor::{self, List};
use super::fault::Fault;
use super::list::Filter;
use super::progress::run_number;
use super::stretch::{self, Way};
use super::{contact, event};
use crate::store::{Page, RunId, RunQuery, RunRecord, RunStatus, RunSummary};

/// A run `r` from somewhere, with its event's id. CROSS JOIN keeps SQLite from turning the order of the tables round.
fn columns(from: &str) -> String {
    format!(
        "SELECT r.number, r.workflow_key, r.workflow, p.hash, r.contact, e.id, r.status, r.reason, r.reason_code,
                r.started_at, s.updated_at, r.wake_at, s.revision, s.saved
         FROM {from} CROSS JOIN event AS e ON e.acceptance = r.number / {PLACES}
         CROSS JOIN program AS p ON p.number = r.program LEFT JOIN run_state AS s ON s.run = r.number"
    )
}

fn summary(row: &Row<'_>) -> rusqlite::Result<RunSummary> {
    let started_at = row.get::<_, Instant>(9)?.0;
    Ok(RunSummary {
        id: run_id(row.get(0)?, row.get(1)?),
        workflow: row.get::<_, Text>(2)?.0,
        program: row.get::<_, Hash>(3)?.0,
        contact: row.get(4)?,
        event: row.get::<_, Text>(5)?.0,
        status: row.get(6)?,
        reason: row.get(7)?,
        reason_code: row.get::<_, Option<Text>>(8)?.map(|code| code.0),
        started_at,
        updated_at: row.get::<_, Option<Instant>>(10)?.map_or(started_at, |at| at.0),
        wake_at: row.get::<_, Option<Instant>>(11)?.map(|at| at.0),
        revision: row.get::<_, Option<u32>>(12)?.unwrap_or_default(),
    })
}

/// A run by its number, with all that is needed to go on.
fn load(connection: &Connection, number: i64) -> Result<Option<RunRecord>, Fault> {
    let mut statement = connection.prepare_cached(&format!("{} WHERE r.number = ?1", columns("run AS r")))?;
    let found = statement.query_row([number], |row| Ok((summary(row)?, row.get(13)?))).optional()?;
    let Some((summary, saved)) = found else { return Ok(None) };
    let Some(event) = event::get(connection, acceptance(number))? else { return Ok(None) };
    let contact = match summary.contact {
        Some(id) => contact::get(connection, id)?,
        None => None,
    };
    Ok(Some(RunRecord { summary, saved, event, contact }))
}

fn load_all(connection: &Connection, numbers: Vec<i64>) -> Result<Vec<RunRecord>, Fault> {
    let runs = numbers.into_iter().map(|number| load(connection, number));
    runs.filter_map(Result::transpose).collect()
}

/// A run.
pub(super) fn get(connection: &Connection, id: RunId) -> Result<Option<RunRecord>, Fault> {
    match run_number(connection, id)? {
        Some(number) => load(connection, number),
        None => Ok(None),
    }
}

/// Runs that go on and wait for no time, oldest first, after a run.
pub(super) fn unfinished(connection: &Connection, after: Option<RunId>, limit: usize) -> Result<Vec<RunRecord>, Fault> {
    let after = match after {
        // A run that is not there any more had a place among those of its event; all of them lie before the next event's.
        Some(id) => run_number(connection, id)?.unwrap_or_else(|| run_numbers(id.acceptance).1),
        None => -1,
    };
    let mut statement = connection.prepare_cached(
        // One that is parked for a person waits for no time either.
        "SELECT number FROM run INDEXED BY run_unfinished
         WHERE status < 2 AND wake_at IS NULL AND number > ?1 AND coalesce(reason_code, '') NOT GLOB 'parked_*'
         ORDER BY number LIMIT ?2",
    )?;
    let numbers = statement.query_map((after, rows(limit)), |row| row.get(0))?.collect::<Result<_, _>>()?;
    load_all(connection, numbers)
}

/// Runs whose time has come, in the order of their times, and the time of the next one after these.
pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<(Vec<RunRecord>, Option<Timestamp>), Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT number, wake_at FROM run INDEXED BY run_due
         WHERE wake_at IS NOT NULL AND wake_at <= ?1 ORDER BY wake_at, number LIMIT ?2",
    )?;
    let due: Vec<(i64, i64)> = statement
        .query_map((Instant(now), rows(limit)), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let (number, time) = match due.last() {
        Some(last) => *last,
        // Nothing has come yet, or nothing was asked for.
        None => (-1, i64::MIN),
    };
    let next = connection
        .prepare_cached(
            "SELECT wake_at FROM run INDEXED BY run_due
             WHERE wake_at IS NOT NULL AND (wake_at, number) > (?1, ?2) ORDER BY wake_at, number LIMIT 1",
        )?
        .query_row((time, number), |row| row.get::<_, Instant>(0))
        .optional()?;
    let runs = load_all(connection, due.into_iter().map(|(number, _)| number).collect())?;
    Ok((runs, next.map(|at| at.0)))
}

/// Runs that rest and have events before them that they have not taken in.
pub(super) fn signalled(connection: &Connection, limit: usize) -> Result<Vec<RunRecord>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT run FROM inbox CROSS JOIN run AS r ON r.number = inbox.run WHERE r.status = 1 LIMIT ?1",
    )?;
    let numbers = statement.query_map([rows(limit)], |row| row.get(0))?.collect::<Result<_, _>>()?;
    load_all(connection, numbers)
}

pub(super) fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Runs, newest first.
pub(super) fn list(connection: &Connection, query: &RunQuery) -> Result<Page<RunSummary>, Fault> {
    let limit = cursor::limit(query.limit);
    let before = List::Runs.read(query.cursor.as_deref())?;
    let mut come_to = None;
    let items = match (query.contact, &query.workflow) {
        (Some(contact), None) => {
            // The runs of a contact stand in the index by workflow and then by number: the newest of each workflow are read, and
            // of these the newest, so that a contact with very many runs takes no longer than another.
            let mut items = vec![];
            for workflow in workflows_of(connection, contact)? {
                items.extend(select(connection, query, Some(workflow), 0, before, limit + 1)?);
            }
            items.sort_by(|(one, _), (other, _)| other.cmp(one));
            items.truncate(limit + 1);
            items
        }
        (_, Some(workflow)) => {
            let key = i64::from(RunId::new(0, workflow).workflow);
            if query.contact.is_none() && index_of(&query.status).is_none() {
                let found = of_workflow(connection, query, key, before, limit + 1)?;
                come_to = found.1;
                found.0
            } else {
                select(connection, query, Some(key), 0, before, limit + 1)?
            }
        }
        (None, None) => select(connection, query, None, 0, before, limit + 1)?,
    };
    let page = List::Runs.page(items, limit, |(number, _)| *number);
    let next = page.next.or_else(|| come_to.map(|number| List::Runs.after(number)));
    Ok(Page { items: page.items.into_iter().map(|(_, run)| run).collect(), next })
}

/// Runs with their numbers.
type Numbered = Vec<(i64, RunSummary)>;

/// So many stretches of history are looked through before the clock is looked at.
const STRETCHES: i64 = if cfg!(test) { 1 } else { 64 };

/// How long a page is looked for before a shorter one is answered.
const PATIENCE: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_millis(500) };

/// The first of a workflow's runs that a query is for, newest first; and the number before which there may be more, where it
/// was looked for long enough.
fn of_workflow(
    connection: &Connection,
    query: &RunQuery,
    key: i64,
    before: Option<i64>,
    limit: usize,
) -> Result<(Numbered, Option<i64>), Fault> {
    let begun = std::time::Instant::now();
    let (mut items, mut before) = (vec![], before);
    while let Some(from) = stretch::back(connection, key, before, STRETCHES)? {
        items.extend(select(connection, query, Some(key), from, before, limit - items.len())?);
        if items.len() >= limit {
            break;
        }
        if begun.elapsed() > PATIENCE {
            let is_more = stretch::back(connection, key, Some(from), 1)?.is_some();
            return Ok((items, is_more.then_some(from)));
        }
        before = Some(from);
    }
    Ok((items, None))
}

/// The index that all runs of some statuses are in: SQLite sees neither that these are so few, nor that they are those of the
/// index. With what it takes to be used.
fn index_of(status: &[RunStatus]) -> Option<(&'static str, &'static str)> {
    if status.is_empty() {
        None
    } else if status.iter().all(|status| !status.has_ended()) {
        Some(("run_unfinished", "r.status < 2"))
    } else if status.iter().all(|status| run_status(*status) > run_status(RunStatus::Completed)) {
        Some(("run_ended_early", "r.status > 2"))
    } else {
        None
    }
}

/// The keys of the workflows that a contact has runs of, each found by one step in the index.
fn workflows_of(connection: &Connection, contact: i64) -> Result<Vec<i64>, Fault> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE found (workflow) AS (
             SELECT min(workflow_key) FROM run INDEXED BY run_contact WHERE contact = ?1
             UNION ALL
             SELECT (SELECT min(workflow_key) FROM run INDEXED BY run_contact
                     WHERE contact = ?1 AND workflow_key > found.workflow)
             FROM found WHERE found.workflow IS NOT NULL
         )
         SELECT workflow FROM found WHERE workflow IS NOT NULL",
    )?;
    Ok(statement.query_map([contact], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// The first of the runs that a query is for, newest first, from a number on and before another; perhaps of one workflow only,
/// known by its key.
fn select(
    connection: &Connection,
    query: &RunQuery,
    workflow: Option<i64>,
    from: i64,
    before: Option<i64>,
    limit: usize,
) -> Result<Numbered, Fault> {
    let mut filter = Filter::default();
    if let Some(before) = before {
        filter.add("r.number < ?", before);
    }
    if let Some(workflow) = workflow {
        filter.add("r.workflow_key = ?", workflow);
    }
    if let Some(workflow) = &query.workflow {
        // The key is in an index; the name tells apart what has the same key.
        filter.add("r.workflow = ?", workflow.clone());
    }
    if let Some(contact) = query.contact {
        filter.add("r.contact = ?", contact);
    }
    if let Some(from) = query.from {
        filter.add("r.started_at >= ?", Instant(from).number());
    }
    if let Some(to) = query.to {
        filter.add("r.started_at < ?", Instant(to).number());
    }
    filter.add_any("r.status", query.status.iter().map(|status| run_status(*status)));
    let index = |name: &str| Way { from: format!("run AS r INDEXED BY {name}"), order: "ORDER BY r.number DESC" };
    let way = if query.contact.is_some() {
        index("run_contact")
    } else if let Some((name, condition)) = index_of(&query.status) {
        filter.add_fixed(condition);
        index(name)
    } else if let Some(workflow) = workflow {
        stretch::runs(&mut filter, workflow, from, before)
    } else {
        Way { from: "run AS r".to_owned(), order: "ORDER BY r.number DESC" }
    };
    filter.query(connection, &columns(&way.from), way.order, limit, |row| Ok((row.get::<_, i64>(0)?, summary(row)?)))
}
