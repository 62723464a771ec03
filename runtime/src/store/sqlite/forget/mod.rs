//! Erasing a person: the contact, and every word of it in history.
//!
//! What is left are counted rows that say that something was there: an event without its parameters, a run with its steps and
//! without their outcomes, an attempt without request and answer, a message without text. It is done in parts, each one act:
//! the first takes the contact away and ends its runs, so that nothing new is written about it; the second goes through the
//! contact's own runs; the third through all the history for the person's e-mail address, phone number and external id,
//! because other runs may name them. What is still to be searched for is kept until it is done, so a crash forgets nothing.

mod needles;
mod words;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

pub(super) use self::needles::Needles;
pub(super) use self::words::{search, strike};

use super::body::PARTS;
use super::column::{Instant, acceptance, run_status};
use super::fault::Fault;
use super::known::Known;
use super::message::{self, BLANK};
use super::{contact, retention, search};
use crate::machine::{Ending, Saved};
use crate::store::{Erased, Forgetting, RunStatus};

/// Why runs of somebody who was erased have ended.
pub(super) const REASON_CODE: &str = "contact_forgotten";

/// What stands for an erased request, answer or event.
pub(super) const NOTHING: &str = "null";

/// Takes a contact away and cancels its runs; `None` when there is no such contact.
pub(super) fn begin(
    connection: &Connection,
    known: &Known,
    id: i64,
    at: Timestamp,
) -> Result<Option<Forgetting>, Fault> {
    let Some(contact) = contact::get(connection, id)? else {
        return Ok(pending(connection)?.into_iter().find(|forgetting| forgetting.contact == id));
    };
    let needles = Needles::of(&contact);
    connection
        .prepare_cached("INSERT OR REPLACE INTO forgotten (contact, at, needles) VALUES (?1, ?2, ?3)")?
        .execute(params![id, Instant(at), needles.encode()])?;
    connection.prepare_cached("DELETE FROM contact WHERE id = ?1")?.execute([id])?;
    search::remove(connection, id)?;
    connection.prepare_cached("DELETE FROM entry WHERE contact = ?1")?.execute([id])?;
    connection
        .prepare_cached("DELETE FROM inbox WHERE run IN (SELECT number FROM run WHERE contact = ?1 AND status < 2)")?
        .execute([id])?;
    connection.prepare_cached("DELETE FROM listener WHERE contact = ?1")?.execute([id])?;
    let cancelled = connection
        .prepare_cached(
            "UPDATE run SET status = ?2, wake_at = NULL, reason = NULL, reason_code = ?3
             WHERE contact = ?1 AND status < 2",
        )?
        .execute(params![id, run_status(RunStatus::Cancelled), REASON_CODE])?;
    // What is remembered of them is no longer so.
    known.clear();
    retention::add(connection, "forgotten_contacts", 1)?;
    retention::add(connection, "forgotten_cancelled_runs", cancelled as u64)?;
    let erased = Erased { runs_cancelled: cancelled as u64, ..Erased::default() };
    Ok(Some(Forgetting { contact: id, needles: needles.encode(), after: None, erased, mails: vec![] }))
}

/// Erasures that were begun and not ended.
pub(super) fn pending(connection: &Connection) -> Result<Vec<Forgetting>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT contact, needles FROM forgotten WHERE needles IS NOT NULL ORDER BY contact")?;
    let rows = statement.query_map([], |row| {
        Ok(Forgetting {
            contact: row.get(0)?,
            needles: row.get(1)?,
            after: None,
            erased: Erased::default(),
            mails: vec![],
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When a contact was erased.
pub(super) fn when(connection: &Connection, id: i64) -> Result<Option<Timestamp>, Fault> {
    let sql = "SELECT at FROM forgotten WHERE contact = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([id], |row| Ok(row.get::<_, Instant>(0)?.0)).optional()?)
}

/// Erases what the next runs of a contact have left; `after` is where they go on, and `None` when there are no more.
pub(super) fn own(connection: &Connection, mut forgetting: Forgetting, limit: usize) -> Result<Forgetting, Fault> {
    let needles = Needles::decode(&forgetting.needles);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let numbers: Vec<i64> = connection
        .prepare_cached("SELECT number FROM run WHERE contact = ?1 AND number > ?2 ORDER BY number LIMIT ?3")?
        .query_map(params![forgetting.contact, forgetting.after.unwrap_or(-1), limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut done = Erased::default();
    for number in &numbers {
        done.runs += 1;
        blank_state(connection, *number)?;
        let changed = "UPDATE run SET reason = NULL WHERE number = ?1 AND reason IS NOT NULL";
        connection.prepare_cached(changed)?.execute([number])?;
        done.attempts += blank_attempts(connection, *number)?;
        forgetting.mails.extend(blank_messages(connection, *number)?);
        done.events += blank_event(connection, acceptance(*number), &needles)?;
    }
    done.messages = forgetting.mails.len() as u64 - forgetting.erased.messages;
    count(connection, &done)?;
    forgetting.erased.add(&done);
    forgetting.after = numbers.last().copied().filter(|_| numbers.len() as i64 == limit);
    Ok(forgetting)
}

/// Notes that nothing is left to search for.
pub(super) fn end(connection: &Connection, id: i64) -> Result<(), Fault> {
    connection.prepare_cached("UPDATE forgotten SET needles = NULL WHERE contact = ?1")?.execute([id])?;
    Ok(())
}

fn count(connection: &Connection, erased: &Erased) -> Result<(), Fault> {
    retention::add(connection, "forgotten_events", erased.events)?;
    retention::add(connection, "forgotten_runs", erased.runs)?;
    retention::add(connection, "forgotten_attempts", erased.attempts)?;
    retention::add(connection, "forgotten_messages", erased.messages)
}

/// The state of a run without anything that came from outside: its steps and their times stay.
fn blank_state(connection: &Connection, number: i64) -> Result<(), Fault> {
    let saved: Option<String> = connection
        .prepare_cached("SELECT saved FROM run_state WHERE run = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    let Some(saved) = saved else { return Ok(()) };
    let kept: Saved = serde_json::from_str(&saved).unwrap_or_default();
    let mut blank = Saved { ending: Some(Ending::Cancelled), ..Saved::new() };
    blank.steps = kept.steps;
    for step in &mut blank.steps {
        step.outcome = None;
        step.seen = vec![];
    }
    let blank = serde_json::to_string(&blank).map_err(|error| Fault::Refused(error.to_string()))?;
    connection.prepare_cached("UPDATE run_state SET saved = ?2 WHERE run = ?1")?.execute(params![number, blank])?;
    Ok(())
}

fn blank_attempts(connection: &Connection, number: i64) -> Result<u64, Fault> {
    const OWN: &str = "SELECT id FROM attempt WHERE run = ?1";
    for part in 0..PARTS {
        let sql = format!("DELETE FROM body WHERE id IN (SELECT id * {PARTS} + {part} FROM attempt WHERE run = ?1)");
        connection.prepare_cached(&sql)?.execute([number])?;
    }
    let sql =
        format!("UPDATE attempt_outcome SET response = NULL, address = NULL, error = NULL WHERE attempt IN ({OWN})");
    connection.prepare_cached(&sql)?.execute([number])?;
    let sql = "UPDATE attempt SET request = ?2 WHERE run = ?1";
    Ok(connection.prepare_cached(sql)?.execute(params![number, NOTHING])? as u64)
}

/// Answers the messages' numbers and ids: their files go too. One that is not written yet is never.
fn blank_messages(connection: &Connection, number: i64) -> Result<Vec<(i64, String)>, Fault> {
    let mut statement = connection.prepare_cached("SELECT number, message_id FROM message WHERE run = ?1")?;
    let messages: Vec<(i64, String)> =
        statement.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    if !messages.is_empty() {
        connection
            .prepare_cached(
                "UPDATE message SET mail = json_set(?2, '$.message', mail ->> '$.message'), error = NULL,
                                    status = CASE WHEN status <> 0 THEN status WHEN number > ?3 THEN 3 ELSE 2 END
                 WHERE run = ?1",
            )?
            .execute(params![number, BLANK, message::written(connection)?])?;
    }
    Ok(messages)
}

/// Takes the parameters out of an event, and its id where that names the person.
pub(super) fn blank_event(connection: &Connection, acceptance: i64, needles: &Needles) -> Result<u64, Fault> {
    let id: Option<String> = connection
        .prepare_cached("SELECT id FROM event WHERE acceptance = ?1 AND params <> ?2")?
        .query_row(params![acceptance, NOTHING], |row| row.get(0))
        .optional()?;
    let Some(id) = id else { return Ok(0) };
    let id = if needles.is_in(&id) { format!("erased-{acceptance}") } else { id };
    // The hash of what was sent stays: a sender who sends it once more does not bring the person back.
    connection
        .prepare_cached("UPDATE event SET params = ?2, id = ?3 WHERE acceptance = ?1")?
        .execute(params![acceptance, NOTHING, id])?;
    Ok(1)
}
