//! Making a turn of a run durable: its state, its attempts, its messages and what it wrote to the contact.

use rusqlite::{Connection, OptionalExtension, params};

use super::column::{Instant, run_numbers, run_status};
use super::fault::Fault;
use super::{attempt, contact, message};
use crate::store::{Progress, Recorded, RunId, RunStatus};

/// What of a run decides how its progress is written.
struct Standing {
    number: i64,
    contact: Option<i64>,
    status: RunStatus,
    wake_at: Option<i64>,
    reason_code: Option<String>,
    reason: Option<String>,
    revision: u32,
}

/// Keeps what a turn did. The same progress a second time changes nothing, but for the revision.
pub(super) fn record(connection: &Connection, progress: &Progress) -> Result<Recorded, Fault> {
    let Some(run) = standing(connection, progress.run)? else {
        return Ok(Recorded::Stale);
    };
    let overtaken = progress.revision.is_some_and(|revision| revision != run.revision);
    if run.status.has_ended() || overtaken {
        attempt::end(connection, run.number, &progress.attempts_ended, progress.at)?;
        message::end(connection, run.number, &progress.messages)?;
        return Ok(Recorded::Stale);
    }
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
            .execute(params![run.number, run_status(progress.status), wake_at, reason_code, progress.reason,])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO run_state (run, updated_at, revision, saved) VALUES (?1, ?2, 1, ?3)
             ON CONFLICT (run) DO UPDATE
             SET updated_at = excluded.updated_at, revision = revision + 1, saved = excluded.saved",
        )?
        .execute(params![run.number, Instant(progress.at), progress.saved])?;
    attempt::start(connection, run.number, &progress.attempts_started)?;
    attempt::end(connection, run.number, &progress.attempts_ended, progress.at)?;
    message::put(connection, run.number, run.contact, &progress.messages)?;
    let (contact, taken) = match progress.contact {
        Some(id) if !progress.contact_fields.is_empty() => {
            contact::write_fields(connection, id, &progress.contact_fields, progress.at)?
        }
        _ => (None, vec![]),
    };
    Ok(Recorded::Kept { contact, taken })
}

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
            })
        })
        .optional()?)
}

/// The number of a run.
pub(super) fn run_number(connection: &Connection, run: RunId) -> Result<Option<i64>, Fault> {
    Ok(standing(connection, run)?.map(|run| run.number))
}
