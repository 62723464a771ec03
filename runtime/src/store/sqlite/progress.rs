//! Making a turn of a run durable: its state, its attempts, its messages and what it wrote to the contact.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::column::{Instant, run_numbers, run_status};
use super::contact::Written;
use super::fault::Fault;
use super::known::{Known, Standing};
use super::{accept, attempt, changed, contact, forget, listening, message};
use crate::store::{Progress, Recorded, Revival, Revived, RunId, RunStatus};

/// Keeps what a turn did. The same progress a second time changes nothing, but for the revision.
pub(super) fn record(
    connection: &Connection,
    known: &Known,
    progress: &Progress,
    dedup_window: Duration,
) -> Result<Recorded, Fault> {
    if let Some(run) = known.take(progress.run, progress.revision)
        && let Some(recorded) = write(connection, known, run, progress, dedup_window)?
    {
        return Ok(recorded);
    }
    let Some(run) = standing(connection, progress.run)? else {
        return Ok(Recorded::Stale);
    };
    let overtaken = progress.revision.is_some_and(|revision| revision != run.revision);
    if run.reason_code.as_deref() == Some(forget::REASON_CODE) {
        // Nothing is kept of somebody who was erased, not even how an attempt ended.
        return Ok(Recorded::Stale);
    }
    if run.status.has_ended() || overtaken {
        attempt::end(connection, known, &run, &progress.attempts_ended, progress.at)?;
        message::end(connection, run.number, &progress.messages)?;
        return Ok(Recorded::Stale);
    }
    let written = write(connection, known, run, progress, dedup_window)?;
    written.ok_or_else(|| Fault::Refused(format!("the run {} changed while it was written", progress.run)))
}

/// Writes what a turn did to a run that stands so; `None`, and nothing is written, when it stands otherwise.
fn write(
    connection: &Connection,
    known: &Known,
    mut run: Standing,
    progress: &Progress,
    dedup_window: Duration,
) -> Result<Option<Recorded>, Fault> {
    let saved = params![run.number, Instant(progress.at), &*progress.saved, run.revision];
    let sql = match run.revision {
        0 => {
            "INSERT INTO run_state (run, updated_at, saved, revision) VALUES (?1, ?2, ?3, ?4 + 1)
             ON CONFLICT (run) DO UPDATE SET updated_at = excluded.updated_at, saved = excluded.saved,
             revision = excluded.revision WHERE run_state.revision = 0"
        }
        _ => "UPDATE run_state SET updated_at = ?2, saved = ?3, revision = ?4 + 1 WHERE run = ?1 AND revision = ?4",
    };
    if connection.prepare_cached(sql)?.execute(saved)? == 0 {
        return Ok(None);
    }
    if run.revision == 0 {
        known.has_begun(progress.run);
    }
    run.revision += 1;
    // The column is written by whole nanoseconds, so a wake-up is never early.
    let wake_at =
        progress.wake_at.as_ref().filter(|_| !progress.status.has_ended()).map(|(_, at)| Instant(*at).number());
    // A turn that changes none of these leaves the row, and with it three indexes, alone.
    let reason_code = progress.reason_code.as_deref();
    if (progress.status, wake_at) != (run.status, run.wake_at)
        || (reason_code, &progress.reason) != (run.reason_code.as_deref(), &run.reason)
    {
        connection
            .prepare_cached(
                "UPDATE run SET status = ?2, wake_at = ?3, reason_code = ?4, reason = ?5 WHERE number = ?1",
            )?
            .execute(params![run.number, run_status(progress.status), wake_at, reason_code, progress.reason])?;
        run.status = progress.status;
        run.wake_at = wake_at;
        run.reason_code = reason_code.map(str::to_owned);
        run.reason = progress.reason.clone();
    }
    attempt::start(connection, known, &mut run, &progress.attempts_started)?;
    attempt::end(connection, known, &run, &progress.attempts_ended, progress.at)?;
    run.attempts.retain(|(step, number, _)| {
        !progress.attempts_ended.iter().any(|ended| ended.step == *step && ended.number == *number)
    });
    let messages = message::put(connection, &run, &progress.messages)?;
    run.messages |= !messages.is_empty();
    if let Some(change) = &progress.listening {
        listening::change(connection, run.number, change, progress.status.has_ended())?;
    }
    known.put(progress.run, run);
    let raised = progress.raised.iter().map(|event| accept::accept_one(connection, known, event, dedup_window));
    let mut raised = raised.collect::<Result<Vec<_>, _>>()?;
    let written = match progress.contact {
        Some(id) if !progress.contact_fields.is_empty() => {
            contact::write_fields(connection, id, &progress.contact_fields, progress.at)?
        }
        _ => None,
    };
    let Some(Written { before, contact, taken }) = written else {
        return Ok(Some(Recorded::Kept { contact: None, taken: vec![], messages, raised }));
    };
    if let Some(watching) = &progress.watching {
        raised.extend(changed::raise(connection, known, watching, &before, &contact, progress.at, dedup_window)?);
    }
    Ok(Some(Recorded::Kept { contact: Some(contact), taken, messages, raised }))
}

/// Keeps what a run is to remember that has not had its first turn: no turn was recorded, so its revision is 0.
pub(super) fn await_first_turn(connection: &Connection, number: i64, state: &str, at: Timestamp) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO run_state (run, updated_at, saved, revision) VALUES (?1, ?2, ?3, 0)")?
        .execute(params![number, Instant(at), state])?;
    Ok(())
}

/// Where a run stands, by the file.
fn standing(connection: &Connection, run: RunId) -> Result<Option<Standing>, Fault> {
    let (first, last) = run_numbers(run.acceptance);
    Ok(connection
        .prepare_cached(
            "SELECT number, contact, status, wake_at, reason_code, reason, revision
             FROM run LEFT JOIN run_state ON run = number
             WHERE number BETWEEN ?1 AND ?2 AND workflow_key = ?3",
        )?
        .query_row(params![first, last, run.workflow], |row| {
            Ok(Standing {
                number: row.get(0)?,
                contact: row.get(1)?,
                status: row.get(2)?,
                wake_at: row.get(3)?,
                reason_code: row.get(4)?,
                reason: row.get(5)?,
                revision: row.get::<_, Option<u32>>(6)?.unwrap_or_default(),
                attempts: vec![],
                messages: true,
            })
        })
        .optional()?)
}

/// The number of a run.
pub(super) fn run_number(connection: &Connection, run: RunId) -> Result<Option<i64>, Fault> {
    Ok(standing(connection, run)?.map(|run| run.number))
}

/// Lets a run that waits go on at a time; `false` when it does not wait.
pub(super) fn wake(connection: &Connection, known: &Known, run: RunId, at: Timestamp) -> Result<bool, Fault> {
    // What is remembered of it is no longer so.
    known.take(run, None);
    let (first, last) = run_numbers(run.acceptance);
    let changed = connection
        .prepare_cached(
            "UPDATE run SET wake_at = ?4, reason = NULL, reason_code = NULL
             WHERE number BETWEEN ?1 AND ?2 AND workflow_key = ?3 AND status = 1",
        )?
        .execute(params![first, last, run.workflow, Instant(at)])?;
    Ok(changed > 0)
}

/// Lets a run go on that had failed.
pub(super) fn revive(connection: &Connection, known: &Known, revival: &Revival) -> Result<Revived, Fault> {
    known.take(revival.run, None);
    let Some(run) = standing(connection, revival.run)? else { return Ok(Revived::Changed) };
    if run.status != RunStatus::Failed || run.revision != revival.revision {
        return Ok(Revived::Changed);
    }
    if revival.one_at_a_time
        && let Some(contact) = run.contact
        && accept::goes_on(connection, contact, i64::from(revival.run.workflow))?
    {
        return Ok(Revived::Busy);
    }
    connection
        .prepare_cached("UPDATE run_state SET saved = ?2, updated_at = ?3, revision = revision + 1 WHERE run = ?1")?
        .execute(params![run.number, revival.saved, Instant(revival.at)])?;
    connection
        .prepare_cached(
            "UPDATE run SET status = ?2, wake_at = ?3, reason = NULL, reason_code = NULL WHERE number = ?1",
        )?
        .execute(params![run.number, run_status(RunStatus::Waiting), Instant(revival.at)])?;
    if let (Some(contact), Some(listening)) = (run.contact, &revival.listening) {
        listening::begin(connection, run.number, contact, listening)?;
    }
    Ok(Revived::Going)
}

/// Lets a run that has not ended wait for a person.
pub(super) fn park(
    connection: &Connection,
    known: &Known,
    run: RunId,
    reason: &str,
    reason_code: &str,
) -> Result<(), Fault> {
    known.take(run, None);
    let (first, last) = run_numbers(run.acceptance);
    connection
        .prepare_cached(
            "UPDATE run SET status = 1, wake_at = NULL, reason = ?4, reason_code = ?5
             WHERE number BETWEEN ?1 AND ?2 AND workflow_key = ?3 AND status < 2",
        )?
        .execute(params![first, last, run.workflow, reason, reason_code])?;
    Ok(())
}
