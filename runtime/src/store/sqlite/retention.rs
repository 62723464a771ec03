//! Taking old history out, a slice at a time.
//!
//! What goes is an event with everything that came of it, once nothing of it goes on. What stays is that a contact has been in
//! a workflow, because `once ever` means ever, and how much was taken out.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::column::{Instant, run_numbers};
use super::fault::Fault;
use super::{message, stretch};
use crate::store::{Aged, Pruned};

/// Of the next so many events after one, those that were received before a time and are over. What a mail's file or the next
/// number of something still needs is left.
pub(super) fn aged(connection: &Connection, before: Timestamp, after: i64, limit: usize) -> Result<Aged, Fault> {
    let needed = Needed::read(connection)?;
    let newest: i64 =
        connection.prepare_cached("SELECT coalesce(max(acceptance), 0) FROM event")?.query_row([], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(
        "SELECT acceptance, received_at FROM event WHERE acceptance > ?1 AND acceptance < ?2
         ORDER BY acceptance LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![after, newest, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let events: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
    let mut aged = Aged::default();
    for (acceptance, received_at) in &events {
        if *received_at >= Instant(before).number() {
            // Those behind it are as young, but for a clock that was set.
            return Ok(aged);
        }
        if !needed.has(connection, *acceptance)? {
            aged.events.push((*acceptance, files(connection, *acceptance)?));
        }
    }
    let full = events.len() as u64 == limit.unsigned_abs();
    aged.next = events.last().map(|(acceptance, _)| *acceptance).filter(|_| full);
    Ok(aged)
}

/// The `Message-ID`s of an event's mails that lie in the outbox.
fn files(connection: &Connection, acceptance: i64) -> Result<Vec<String>, Fault> {
    let (first, last) = run_numbers(acceptance);
    let mut statement =
        connection.prepare_cached("SELECT message_id FROM message WHERE run BETWEEN ?1 AND ?2 AND status = 0")?;
    let ids = statement.query_map([first, last], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Takes out events with all that came of them, but for those that are needed by now.
pub(super) fn prune(connection: &Connection, events: &[i64]) -> Result<Pruned, Fault> {
    let needed = Needed::read(connection)?;
    let mut pruned = Pruned::default();
    for acceptance in events {
        if !needed.has(connection, *acceptance)? {
            take_out(connection, *acceptance, &mut pruned)?;
        }
    }
    count(connection, &pruned)?;
    Ok(pruned)
}

/// What decides whether an event is still needed.
struct Needed {
    /// Up to which message all files are written.
    written: i64,
    newest_message: i64,
}

impl Needed {
    fn read(connection: &Connection) -> Result<Needed, Fault> {
        let newest_message = connection
            .prepare_cached("SELECT coalesce(max(number), 0) FROM message")?
            .query_row([], |row| row.get(0))?;
        Ok(Needed { written: message::written(connection)?, newest_message })
    }

    /// Whether something of an event goes on, or is needed for what comes.
    fn has(&self, connection: &Connection, acceptance: i64) -> Result<bool, Fault> {
        let (first, last) = run_numbers(acceptance);
        let goes_on = connection
            .prepare_cached("SELECT 1 FROM run WHERE number BETWEEN ?1 AND ?2 AND status < 2 LIMIT 1")?
            .exists([first, last])?;
        // Another run listens to it, and has not taken it in.
        let is_heard =
            connection.prepare_cached("SELECT 1 FROM inbox WHERE acceptance = ?1 LIMIT 1")?.exists([acceptance])?;
        // Outbox messages whose files are not written yet, and the newest one, after which the next is numbered.
        let has_mail = connection
            .prepare_cached(
                "SELECT 1 FROM message WHERE run BETWEEN ?1 AND ?2 AND (number = ?3 OR status = 0 AND number > ?4)
                 LIMIT 1",
            )?
            .exists([first, last, self.newest_message, self.written])?;
        Ok(goes_on || is_heard || has_mail)
    }
}

fn take_out(connection: &Connection, acceptance: i64, pruned: &mut Pruned) -> Result<(), Fault> {
    let (first, last) = run_numbers(acceptance);
    let delete =
        |sql: &str| -> Result<u64, Fault> { Ok(connection.prepare_cached(sql)?.execute([first, last])? as u64) };
    connection
        .prepare_cached(
            "INSERT INTO entry (contact, workflow_key, started_at)
             SELECT contact, workflow_key, max(started_at) FROM run
             WHERE number BETWEEN ?1 AND ?2 AND contact IS NOT NULL GROUP BY contact, workflow_key
             ON CONFLICT DO UPDATE SET started_at = max(started_at, excluded.started_at)",
        )?
        .execute([first, last])?;
    const ATTEMPTS: &str = "SELECT id FROM attempt WHERE run BETWEEN ?1 AND ?2";
    delete(&format!("DELETE FROM attempt_outcome WHERE attempt IN ({ATTEMPTS})"))?;
    for part in 0..super::body::PARTS {
        let ids = format!("SELECT id * {} + {part} FROM attempt WHERE run BETWEEN ?1 AND ?2", super::body::PARTS);
        delete(&format!("DELETE FROM body WHERE id IN ({ids})"))?;
    }
    pruned.attempts += delete("DELETE FROM attempt WHERE run BETWEEN ?1 AND ?2")?;
    pruned.messages += delete("DELETE FROM message WHERE run BETWEEN ?1 AND ?2")?;
    delete("DELETE FROM listener WHERE run BETWEEN ?1 AND ?2")?;
    delete("DELETE FROM inbox WHERE run BETWEEN ?1 AND ?2")?;
    delete("DELETE FROM run_state WHERE run BETWEEN ?1 AND ?2")?;
    pruned.runs += delete("DELETE FROM run WHERE number BETWEEN ?1 AND ?2")?;
    pruned.events +=
        connection.prepare_cached("DELETE FROM event WHERE acceptance = ?1")?.execute([acceptance])? as u64;
    stretch::take_out(connection, acceptance)
}

/// What was taken out is counted, for ever.
fn count(connection: &Connection, pruned: &Pruned) -> Result<(), Fault> {
    for (name, number) in [
        ("pruned_events", pruned.events),
        ("pruned_runs", pruned.runs),
        ("pruned_attempts", pruned.attempts),
        ("pruned_messages", pruned.messages),
    ] {
        add(connection, name, number)?;
    }
    Ok(())
}

/// Adds to a count that is kept for ever.
pub(super) fn add(connection: &Connection, name: &str, number: u64) -> Result<(), Fault> {
    if number > 0 {
        connection
            .prepare_cached(
                "INSERT INTO mark (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            )?
            .execute(params![name, i64::try_from(number).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}

/// How much was taken out since the store was made.
pub(super) fn pruned(connection: &Connection) -> Result<Pruned, Fault> {
    let number = |name: &str| -> Result<u64, Fault> {
        let mut statement = connection.prepare_cached("SELECT value FROM mark WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get::<_, i64>(0)).optional()?.unwrap_or(0).unsigned_abs())
    };
    Ok(Pruned {
        events: number("pruned_events")?,
        runs: number("pruned_runs")?,
        attempts: number("pruned_attempts")?,
        messages: number("pruned_messages")?,
    })
}

/// How many bytes of the file are in use: what was freed is written over before the file grows.
pub(super) fn size(connection: &Connection) -> Result<u64, Fault> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = number("page_count")? - number("freelist_count")?;
    Ok(pages.unsigned_abs() * number("page_size")?.unsigned_abs())
}

/// When a contact last entered a workflow in a run that was taken out.
pub(super) fn last_entry(connection: &Connection, contact: i64, workflow_key: i64) -> Result<Option<i64>, Fault> {
    Ok(connection
        .prepare_cached("SELECT started_at FROM entry WHERE contact = ?1 AND workflow_key = ?2")?
        .query_row([contact, workflow_key], |row| row.get(0))
        .optional()?)
}
