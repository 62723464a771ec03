//! Schedules: which time was begun last, and how far it has come through the contacts.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accept;
use super::column::Instant;
use super::fault::Fault;
use super::known::Known;
use crate::store::{Accepted, ScheduleRecord, TickBatch};

fn record(row: &Row<'_>) -> rusqlite::Result<ScheduleRecord> {
    let going_on: Option<i64> = row.get(2)?;
    Ok(ScheduleRecord { schedule: row.get(0)?, tick: row.get::<_, Instant>(1)?.0, going_on: going_on.zip(row.get(3)?) })
}

/// Where all schedules stand.
pub(super) fn list(connection: &Connection) -> Result<Vec<ScheduleRecord>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT schedule, tick, come_to, up_to FROM schedule ORDER BY schedule")?;
    Ok(statement.query_map([], record)?.collect::<Result<_, _>>()?)
}

/// Keeps these schedules and forgets all others.
pub(super) fn set(connection: &Connection, schedules: &[(String, Timestamp)]) -> Result<Vec<ScheduleRecord>, Fault> {
    for gone in list(connection)?.iter().filter(|kept| schedules.iter().all(|(name, _)| *name != kept.schedule)) {
        connection.prepare_cached("DELETE FROM schedule WHERE schedule = ?1")?.execute([&gone.schedule])?;
    }
    for (name, from) in schedules {
        connection
            .prepare_cached("INSERT INTO schedule (schedule, tick) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![name, Instant(*from)])?;
    }
    list(connection)
}

fn get(connection: &Connection, schedule: &str) -> Result<Option<ScheduleRecord>, Fault> {
    let sql = "SELECT schedule, tick, come_to, up_to FROM schedule WHERE schedule = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([schedule], record).optional()?)
}

/// Begins a time, unless it or a later one was begun before.
pub(super) fn begin(connection: &Connection, schedule: &str, tick: Timestamp) -> Result<Option<ScheduleRecord>, Fault> {
    connection
        .prepare_cached(
            "UPDATE schedule SET tick = ?2, come_to = 0, up_to = (SELECT coalesce(max(id), 0) FROM contact)
             WHERE schedule = ?1 AND tick < ?2 AND come_to IS NULL",
        )?
        .execute(params![schedule, Instant(tick)])?;
    get(connection, schedule)
}

/// Accepts a part, and notes how far the time has come.
pub(super) fn tick(
    connection: &Connection,
    known: &Known,
    batch: &TickBatch,
    dedup_window: Duration,
) -> Result<Option<Vec<Accepted>>, Fault> {
    let moved = connection
        .prepare_cached(
            "UPDATE schedule SET come_to = ?4, up_to = CASE WHEN ?4 IS NULL THEN NULL ELSE up_to END
             WHERE schedule = ?1 AND tick = ?2 AND come_to = ?3",
        )?
        .execute(params![batch.schedule, Instant(batch.tick), batch.from, batch.to])?;
    if moved == 0 {
        return Ok(None);
    }
    let accepted = batch.events.iter().map(|event| accept::accept_one(connection, known, event, dedup_window));
    accepted.collect::<Result<_, _>>().map(Some)
}
