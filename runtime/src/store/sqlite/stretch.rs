//! Stretches of history: so many events with the runs that they started.
//!
//! Which workflows and types of events a stretch has is written with the first of them, which costs an event next to nothing.
//! A list of one workflow, however seldom among very many, looks through the stretches that have it.

use rusqlite::{Connection, params};
use smol_str::SmolStr;

use super::column::PLACES;
use super::fault::Fault;
use super::known::Known;
use super::list::Filter;

/// Events of a stretch. It stands in `schema/8.sql` too.
const EVENTS: i64 = 256;

/// Numbers of runs of a stretch.
const RUNS: i64 = EVENTS * PLACES;

/// Notes what the stretch of an event has by it: its type, and the workflows that it started runs of, by their keys.
pub(super) fn note(
    connection: &Connection,
    known: &Known,
    acceptance: i64,
    event: &SmolStr,
    workflows: impl Iterator<Item = u32>,
) -> Result<(), Fault> {
    let stretch = acceptance / EVENTS;
    if known.notes.is_new_event(stretch, event) {
        connection
            .prepare_cached("INSERT OR IGNORE INTO event_stretch (name, stretch) VALUES (?1, ?2)")?
            .execute(params![event.as_str(), stretch])?;
    }
    for key in workflows {
        if known.notes.is_new_workflow(stretch, key) {
            connection
                .prepare_cached("INSERT OR IGNORE INTO workflow_stretch (workflow_key, stretch) VALUES (?1, ?2)")?
                .execute([i64::from(key), stretch])?;
        }
    }
    Ok(())
}

/// Takes note that an event is gone: a stretch without events has nothing.
pub(super) fn take_out(connection: &Connection, acceptance: i64) -> Result<(), Fault> {
    let stretch = acceptance / EVENTS;
    let first = stretch * EVENTS;
    let is_left = connection
        .prepare_cached("SELECT 1 FROM event WHERE acceptance BETWEEN ?1 AND ?2 LIMIT 1")?
        .exists([first, first + EVENTS - 1])?;
    if !is_left {
        connection.prepare_cached("DELETE FROM event_stretch WHERE stretch = ?1")?.execute([stretch])?;
        connection.prepare_cached("DELETE FROM workflow_stretch WHERE stretch = ?1")?.execute([stretch])?;
    }
    Ok(())
}

/// How the rows of a list are come to.
pub(super) struct Way {
    /// What stands in the place of the list's own table.
    pub(super) from: String,
    /// Newest first.
    pub(super) order: &'static str,
}

/// The runs `r` of one workflow, by its key, from a number on, up to before another.
pub(super) fn runs(filter: &mut Filter, key: i64, from: i64, before: Option<i64>) -> Way {
    filter.add("h.workflow_key = ?", key);
    filter.add("h.stretch >= ?", from / RUNS);
    filter.add("h.stretch <= ?", newest(before));
    let range = format!("h.stretch * {RUNS} AND h.stretch * {RUNS} + {}", RUNS - 1);
    let from = format!("workflow_stretch AS h CROSS JOIN run AS r ON r.number BETWEEN {range}");
    Way { from, order: "ORDER BY h.stretch DESC, r.number DESC" }
}

/// The first number of so many stretches that have runs of a workflow before a number; `None` when there are none.
pub(super) fn back(
    connection: &Connection,
    key: i64,
    before: Option<i64>,
    stretches: i64,
) -> Result<Option<i64>, Fault> {
    let sql = "SELECT min(stretch) FROM (
                   SELECT stretch FROM workflow_stretch WHERE workflow_key = ?1 AND stretch <= ?2
                   ORDER BY stretch DESC LIMIT ?3
               )";
    let first: Option<i64> =
        connection.prepare_cached(sql)?.query_row([key, newest(before), stretches], |row| row.get(0))?;
    Ok(first.map(|first| first * RUNS))
}

/// The last stretch that has numbers of runs before one.
fn newest(before: Option<i64>) -> i64 {
    before.map_or(i64::MAX, |before| before.saturating_sub(1).div_euclid(RUNS))
}

/// The events `e` of one type before a number.
pub(super) fn events(filter: &mut Filter, name: &str, before: Option<i64>) -> Way {
    filter.add("h.name = ?", name.to_owned());
    if let Some(before) = before {
        filter.add("h.stretch <= ?", before / EVENTS);
    }
    let range = format!("h.stretch * {EVENTS} AND h.stretch * {EVENTS} + {}", EVENTS - 1);
    let from = format!("event_stretch AS h CROSS JOIN event AS e ON e.acceptance BETWEEN {range}");
    Way { from, order: "ORDER BY h.stretch DESC, e.acceptance DESC" }
}
