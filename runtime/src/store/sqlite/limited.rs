//! What a daemon that starts must know to keep to the limits of webhooks: the attempts of the last while, and which runs
//! rest because a limit was used up.

use std::collections::HashMap;

use compiler::ir::{ProgramHash, StepId};
use jiff::Timestamp;
use rusqlite::Connection;

use super::column::{Hash, Instant, Text};
use super::fault::Fault;
use crate::store::{AttemptPlace, Lately, RestsUntil};

/// So many attempts, and so many of the runs that are woken next, are looked at: a start takes no longer for more.
const LOOKED_AT: i64 = 100_000;

/// The attempts since a time, newest first, and the runs that rest for a limit.
pub(super) fn lately(connection: &Connection, since: Timestamp) -> Result<Lately, Fault> {
    let mut lately = Lately::default();
    let mut programs: HashMap<i64, Option<ProgramHash>> = HashMap::new();
    let mut hash_of = |program: i64| -> Result<Option<ProgramHash>, Fault> {
        if let Some(known) = programs.get(&program) {
            return Ok(known.clone());
        }
        let mut asked = connection.prepare_cached("SELECT hash FROM program WHERE number = ?1")?;
        let found = asked.query_map([program], |row| Ok(row.get::<_, Hash>(0)?.0))?.next().transpose()?;
        programs.insert(program, found.clone());
        Ok(found)
    };
    let mut statement = connection.prepare_cached(
        "SELECT a.started_at, r.program, r.workflow, a.step
         FROM (SELECT id, run, step, started_at FROM attempt ORDER BY id DESC LIMIT ?1) AS a
         CROSS JOIN run AS r ON r.number = a.run ORDER BY a.id DESC",
    )?;
    let mut rows = statement.query([LOOKED_AT])?;
    while let Some(row) = rows.next()? {
        let started_at = row.get::<_, Instant>(0)?.0;
        if started_at < since {
            break;
        }
        let Some(program) = hash_of(row.get(1)?)? else { continue };
        let (workflow, step) = (row.get::<_, Text>(2)?.0, StepId(row.get::<_, Text>(3)?.0));
        lately.attempts.push((AttemptPlace { program, workflow, step }, started_at));
    }
    let mut statement = connection.prepare_cached(
        "SELECT r.program, r.workflow, s.saved ->> '$.steps[#-1].id', max(r.wake_at), count(*)
         FROM (SELECT number, program, workflow, wake_at, reason_code FROM run INDEXED BY run_due
               WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT ?1) AS r
         CROSS JOIN run_state AS s ON s.run = r.number
         WHERE r.reason_code = 'parked_rate_limit' GROUP BY 1, 2, 3",
    )?;
    let mut rows = statement.query([LOOKED_AT])?;
    while let Some(row) = rows.next()? {
        let (Some(program), Some(step)) = (hash_of(row.get(0)?)?, row.get::<_, Option<Text>>(2)?) else { continue };
        let place = AttemptPlace { program, workflow: row.get::<_, Text>(1)?.0, step: StepId(step.0) };
        let runs = row.get::<_, i64>(4)?.unsigned_abs();
        lately.resting.push(RestsUntil { place, runs, until: row.get::<_, Instant>(3)?.0 });
    }
    Ok(lately)
}
