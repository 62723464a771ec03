//! Events that runs listen to: put before a run in the act that accepts them, and taken away by the turn that took them in.

use compiler::ir::ProgramHash;
use rusqlite::{Connection, OptionalExtension};

use super::column::{Hash, Instant};
use super::fault::Fault;
use super::progress::run_number;
use super::run::rows;
use super::{contact, event};
use crate::machine::Listening;
use crate::store::{Acceptance, EventRecord, ListeningChange, RunId, Signal};

/// Lets a run that was just admitted listen.
pub(super) fn begin(connection: &Connection, run: i64, contact: i64, listening: &Listening) -> Result<(), Fault> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO listener (contact, event, run, leaves, key, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (event, leaves) in &listening.events {
        insert.execute((contact, event.as_str(), run, leaves, listening.key, i64::MIN))?;
    }
    Ok(())
}

/// Puts an event before every run that listens to it. Whether there was one.
pub(super) fn signal(connection: &Connection, event: &Acceptance, acceptance: i64) -> Result<bool, Fault> {
    let mut heard = false;
    for signal in &event.signals {
        let Some(contact) = whose(connection, signal)? else { continue };
        let mut listeners = connection.prepare_cached(
            "SELECT run, key FROM listener WHERE contact = ?1 AND event = ?2 AND since <= ?3 ORDER BY run",
        )?;
        let since = Instant(event.received_at).number();
        let mut found = listeners.query((contact, event.name.as_str(), since))?;
        while let Some(row) = found.next()? {
            let (run, key): (i64, i64) = (row.get(0)?, row.get(1)?);
            if signal.listeners.contains(&key) {
                // A run may both wait for an event and leave on it.
                connection
                    .prepare_cached("INSERT OR IGNORE INTO inbox (run, acceptance) VALUES (?1, ?2)")?
                    .execute((run, acceptance))?;
                heard = true;
            }
        }
    }
    Ok(heard)
}

fn whose(connection: &Connection, signal: &Signal) -> Result<Option<i64>, Fault> {
    for (by, value) in &signal.ways {
        if let Some(contact) = contact::find_id(connection, *by, value)? {
            return Ok(Some(contact));
        }
    }
    Ok(signal.contact)
}

/// Makes durable what a turn took in, and from when on the run listens again.
pub(super) fn change(connection: &Connection, run: i64, change: &ListeningChange, ended: bool) -> Result<(), Fault> {
    if ended {
        connection.prepare_cached("DELETE FROM listener WHERE run = ?1")?.execute([run])?;
        connection.prepare_cached("DELETE FROM inbox WHERE run = ?1")?.execute([run])?;
        return Ok(());
    }
    if let Some(from) = change.from {
        connection
            .prepare_cached("UPDATE listener SET since = ?2 WHERE run = ?1 AND leaves = 0 AND since <> ?2")?
            .execute((run, Instant(from)))?;
    }
    if let Some(heard_up_to) = change.heard_up_to {
        connection
            .prepare_cached("DELETE FROM inbox WHERE run = ?1 AND acceptance <= ?2")?
            .execute((run, heard_up_to))?;
    }
    Ok(())
}

/// Events that a run listens to and has not taken in, after an acceptance number.
pub(super) fn heard(connection: &Connection, run: RunId, after: i64, limit: usize) -> Result<Vec<EventRecord>, Fault> {
    let Some(run) = run_number(connection, run)? else { return Ok(vec![]) };
    let mut statement = connection.prepare_cached(
        "SELECT acceptance FROM inbox WHERE run = ?1 AND acceptance > ?2 ORDER BY acceptance LIMIT ?3",
    )?;
    let numbers: Vec<i64> =
        statement.query_map((run, after, rows(limit)), |row| row.get(0))?.collect::<Result<_, _>>()?;
    numbers.into_iter().filter_map(|number| event::get(connection, number).transpose()).collect()
}

/// The programs that runs which listen are pinned to.
pub(super) fn programs(connection: &Connection) -> Result<Vec<ProgramHash>, Fault> {
    // Loose scan: as many look-ups as there are programs, not as there are listeners.
    let mut keys = Vec::new();
    let mut first = connection.prepare_cached("SELECT min(key) FROM listener WHERE key > ?1")?;
    let mut after = i64::MIN;
    while let Some(key) = first.query_row([after], |row| row.get::<_, Option<i64>>(0))? {
        keys.push(key);
        after = key;
    }
    let mut hashes = Vec::new();
    for key in keys {
        let hash = connection
            .prepare_cached(
                "SELECT p.hash FROM listener AS l CROSS JOIN run AS r ON r.number = l.run
                 CROSS JOIN program AS p ON p.number = r.program WHERE l.key = ?1 LIMIT 1",
            )?
            .query_row([key], |row| Ok(row.get::<_, Hash>(0)?.0))
            .optional()?;
        hashes.extend(hash.filter(|hash| !hashes.contains(hash)));
    }
    Ok(hashes)
}
