//! What a daemon that starts must know to keep to the limits of webhooks: the attempts of the last while, and which runs
//! rest because a limit was used up.

use std::collections::HashMap;
use std::time::Duration;

use compiler::ir::{ProgramHash, StepId};
use jiff::Timestamp;
use rusqlite::Connection;

use super::column::{Hash, Instant, Text};
use super::fault::Fault;
use crate::store::{AttemptPlace, Lately, RestsUntil};

/// So many attempts, and so many of the runs that are woken next, are looked at: a start takes no longer for more.
const LOOKED_AT: i64 = 100_000;

/// So long is each looked for, on a disk however slow.
const PATIENCE: Duration = Duration::from_millis(400);

/// So many rows are read before the clock is.
const ROWS: usize = 64;

/// The attempts since a time, newest first, and the runs that rest for a limit, as far as they are found in a moment.
pub(super) fn lately(connection: &Connection, since: Timestamp) -> Result<Lately, Fault> {
    // A store that knows no limit is not read through.
    let sql = "SELECT 1 FROM program WHERE instr(json, '\"limit\":{') > 0 LIMIT 1";
    if !connection.prepare_cached(sql)?.exists([])? {
        return Ok(Lately::default());
    }
    let mut programs = Programs { connection, known: HashMap::new() };
    Ok(Lately { attempts: attempts(&mut programs, since)?, resting: resting(&mut programs)? })
}

/// The hashes of programs by their numbers.
struct Programs<'c> {
    connection: &'c Connection,
    known: HashMap<i64, Option<ProgramHash>>,
}

impl Programs<'_> {
    fn hash(&mut self, program: i64) -> Result<Option<ProgramHash>, Fault> {
        if let Some(known) = self.known.get(&program) {
            return Ok(known.clone());
        }
        let mut asked = self.connection.prepare_cached("SELECT hash FROM program WHERE number = ?1")?;
        let found = asked.query_map([program], |row| Ok(row.get::<_, Hash>(0)?.0))?.next().transpose()?;
        self.known.insert(program, found.clone());
        Ok(found)
    }
}

/// The clock over rows that are read.
struct Look {
    begun: std::time::Instant,
    rows: usize,
}

impl Look {
    fn begin() -> Look {
        Look { begun: std::time::Instant::now(), rows: 0 }
    }

    /// Whether it is time to be content.
    fn is_over(&mut self) -> bool {
        self.rows += 1;
        self.rows.is_multiple_of(ROWS) && self.begun.elapsed() > PATIENCE
    }
}

fn attempts(programs: &mut Programs<'_>, since: Timestamp) -> Result<Vec<(AttemptPlace, Timestamp)>, Fault> {
    let mut found = vec![];
    let mut look = Look::begin();
    let mut statement = programs.connection.prepare_cached(
        "SELECT a.started_at, r.program, r.workflow, a.step
         FROM (SELECT id, run, step, started_at FROM attempt ORDER BY id DESC LIMIT ?1) AS a
         CROSS JOIN run AS r ON r.number = a.run ORDER BY a.id DESC",
    )?;
    let mut rows = statement.query([LOOKED_AT])?;
    while let Some(row) = rows.next()? {
        let started_at = row.get::<_, Instant>(0)?.0;
        if started_at < since || look.is_over() {
            break;
        }
        let Some(program) = programs.hash(row.get(1)?)? else { continue };
        let (workflow, step) = (row.get::<_, Text>(2)?.0, StepId(row.get::<_, Text>(3)?.0));
        found.push((AttemptPlace { program, workflow, step }, started_at));
    }
    Ok(found)
}

fn resting(programs: &mut Programs<'_>) -> Result<Vec<RestsUntil>, Fault> {
    let mut found: HashMap<AttemptPlace, (u64, Timestamp)> = HashMap::new();
    let mut look = Look::begin();
    let mut statement = programs.connection.prepare_cached(
        "SELECT number, program, workflow, wake_at, reason_code FROM run INDEXED BY run_due
         WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT ?1",
    )?;
    let mut step_of = programs.connection.prepare_cached(
        "SELECT iif(json_valid(saved), saved ->> '$.steps[#-1].id', NULL) FROM run_state WHERE run = ?1",
    )?;
    let mut rows = statement.query([LOOKED_AT])?;
    while let Some(row) = rows.next()? {
        if look.is_over() {
            break;
        }
        if row.get_ref(4)?.as_str_or_null().ok().flatten() != Some("parked_rate_limit") {
            continue;
        }
        let step =
            step_of.query_map([row.get::<_, i64>(0)?], |row| row.get::<_, Option<Text>>(0))?.next().transpose()?;
        let (Some(program), Some(step)) = (programs.hash(row.get(1)?)?, step.flatten()) else { continue };
        let place = AttemptPlace { program, workflow: row.get::<_, Text>(2)?.0, step: StepId(step.0) };
        let until = row.get::<_, Instant>(3)?.0;
        let (runs, last) = found.entry(place).or_insert((0, until));
        (*runs, *last) = (*runs + 1, until.max(*last));
    }
    Ok(found.into_iter().map(|(place, (runs, until))| RestsUntil { place, runs, until }).collect())
}
