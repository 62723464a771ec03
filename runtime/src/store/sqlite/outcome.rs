//! How attempts went lately: what error rates are made of.

use compiler::ir::StepId;
use rusqlite::Connection;

use super::column::{Hash, Instant, Json, Text, run_id};
use super::fault::Fault;
use crate::machine::CallFailure;
use crate::store::AttemptOutcome;

/// The last attempts, newest first, without what was sent and answered. What it costs is bounded by their number.
pub(super) fn recent(connection: &Connection, limit: usize) -> Result<Vec<AttemptOutcome>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT r.number, r.workflow_key, r.workflow, p.hash, a.step, a.started_at, o.duration_ms, o.error
         FROM (SELECT id, run, step, started_at FROM attempt ORDER BY id DESC LIMIT ?1) AS a
         CROSS JOIN attempt_outcome AS o ON o.attempt = a.id
         CROSS JOIN run AS r ON r.number = a.run CROSS JOIN program AS p ON p.number = r.program
         ORDER BY a.id DESC",
    )?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok(AttemptOutcome {
            run: run_id(row.get(0)?, row.get(1)?),
            workflow: row.get::<_, Text>(2)?.0,
            program: row.get::<_, Hash>(3)?.0,
            step: StepId(row.get::<_, Text>(4)?.0),
            started_at: row.get::<_, Instant>(5)?.0,
            duration_ms: row.get::<_, i64>(6)?.unsigned_abs(),
            error: row.get::<_, Option<Json<CallFailure>>>(7)?.map(|error| error.0),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
