//! Attempts of calls and deliveries: announced before the first byte leaves, and their outcomes.
//!
//! What is once written stays: the same attempt a second time changes nothing.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use smol_str::SmolStr;

use super::body::{self, Part};
use super::column::{Instant, Json, Text};
use super::fault::Fault;
use super::known::{Known, Standing};
use crate::machine::CallFailure;
use crate::store::{AttemptEnded, AttemptRecord, AttemptStarted};

/// Takes note that a daemon starts: of the attempts before it none goes on.
pub(super) fn note_start(connection: &Connection, known: &Known) -> Result<(), Fault> {
    let sql = "INSERT INTO mark (name, value) VALUES ('starts', 1)
               ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
    known.has_started(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?);
    Ok(())
}

/// Announces attempts.
pub(super) fn start(
    connection: &Connection,
    known: &Known,
    run: &mut Standing,
    attempts: &[AttemptStarted],
) -> Result<(), Fault> {
    for attempt in attempts {
        let row = insert(connection, known, run.number, attempt)?;
        run.attempts.extend(row.map(|row| (attempt.step.clone(), attempt.number, row)));
    }
    Ok(())
}

/// Keeps outcomes.
pub(super) fn end(
    connection: &Connection,
    known: &Known,
    run: &Standing,
    attempts: &[AttemptEnded],
    at: Timestamp,
) -> Result<(), Fault> {
    for attempt in attempts {
        let step = &attempt.step.0;
        let duration = i64::try_from(attempt.duration_ms).unwrap_or(i64::MAX);
        let announced =
            run.attempts.iter().find(|(known, number, _)| *known == attempt.step && *number == attempt.number);
        let row = match announced {
            Some((_, _, row)) => Some(*row),
            None => find(connection, run.number, step, attempt.number)?,
        };
        let row = match row {
            Some(row) => row,
            // It was never announced; better a line without its request than none.
            None => {
                let begun = at.saturating_sub(SignedDuration::from_millis(duration)).unwrap_or(at);
                let (step, request) = (attempt.step.clone(), "null".to_owned());
                let started = AttemptStarted { step, number: attempt.number, at: begun, request };
                insert(connection, known, run.number, &started)?;
                connection.last_insert_rowid()
            }
        };
        connection
            .prepare_cached(
                "INSERT INTO attempt_outcome (attempt, duration_ms, address, response, error)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (attempt) DO NOTHING",
            )?
            .execute(params![
                row,
                duration,
                attempt.address,
                attempt.response.as_deref().map(body::column),
                attempt.error.as_ref().map(Json)
            ])?;
        if let Some(response) = &attempt.response {
            body::put(connection, row, Part::Response, response)?;
        }
    }
    Ok(())
}

/// Makes the row of an attempt and answers which; `None` when it is there already.
fn insert(connection: &Connection, known: &Known, run: i64, attempt: &AttemptStarted) -> Result<Option<i64>, Fault> {
    let AttemptStarted { step, number, at, request } = attempt;
    let inserted = connection
        .prepare_cached(
            "INSERT INTO attempt (run, step, number, started_at, request, start) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (run, step, number) DO NOTHING",
        )?
        .execute(params![run, step.0.as_str(), number, Instant(*at), body::column(request), known.start()])?;
    if inserted != 1 {
        return Ok(None);
    }
    let row = connection.last_insert_rowid();
    body::put(connection, row, Part::Request, request)?;
    Ok(Some(row))
}

fn find(connection: &Connection, run: i64, step: &SmolStr, number: u32) -> Result<Option<i64>, Fault> {
    Ok(connection
        .prepare_cached("SELECT id FROM attempt WHERE run = ?1 AND step = ?2 AND number = ?3")?
        .query_row(params![run, step.as_str(), number], |row| row.get(0))
        .optional()?)
}

/// The attempts of a run, in the order they were made.
pub(super) fn list(connection: &Connection, known: &Known, run: i64) -> Result<Vec<AttemptRecord>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT a.step, a.number, a.started_at, a.request, o.duration_ms, o.address, o.response, o.error, a.id, a.start
         FROM attempt AS a LEFT JOIN attempt_outcome AS o ON o.attempt = a.id
         WHERE a.run = ?1 ORDER BY a.id",
    )?;
    let rows = statement.query_map([run], |row| {
        let attempt = AttemptRecord {
            step: compiler::ir::StepId(row.get::<_, Text>(0)?.0),
            number: row.get(1)?,
            started_at: row.get::<_, Instant>(2)?.0,
            of_this_start: row.get::<_, i64>(9)? == known.start(),
            request: row.get(3)?,
            duration_ms: row.get::<_, Option<i64>>(4)?.map(i64::unsigned_abs),
            address: row.get(5)?,
            response: row.get(6)?,
            error: row.get::<_, Option<Json<CallFailure>>>(7)?.map(|error| error.0),
        };
        Ok((row.get::<_, i64>(8)?, attempt))
    })?;
    let mut attempts = vec![];
    for row in rows {
        let (id, mut attempt) = row?;
        attempt.request = body::get(connection, id, Part::Request, attempt.request)?;
        attempt.response =
            attempt.response.map(|response| body::get(connection, id, Part::Response, response)).transpose()?;
        attempts.push(attempt);
    }
    Ok(attempts)
}
