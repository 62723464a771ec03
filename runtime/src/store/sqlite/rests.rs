//! Runs that rest before the next attempt of a call or a delivery, when the wall clock was set: their pauses keep their length.
//! What a program waits for is a time of the wall clock, and stays as it is.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use super::column::Instant;
use super::fault::Fault;
use super::known::Known;
use crate::store::ClockSet;

/// So many runs are looked at in one go.
const LOOKED_AT: i64 = 500;

/// A run that rests by a time of a clock that was set since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    number: i64,
    revision: u32,
    /// When its pause is over by the clock as it is now.
    wake_at: i64,
    /// When it began, by the same clock: it is not moved again for having begun by another.
    kept_at: i64,
}

/// Those of the next runs after a number whose pause has to be another, and where to go on.
pub(super) fn find(connection: &Connection, set: ClockSet, after: i64) -> Result<(Vec<Rest>, Option<i64>), Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT r.number, r.wake_at, s.updated_at, s.revision,
                json_valid(s.saved) AND (json_type(s.saved, '$.waiting.call') IS NOT NULL
                                         OR json_type(s.saved, '$.waiting.send') IS NOT NULL)
         FROM run AS r INDEXED BY run_unfinished JOIN run_state AS s ON s.run = r.number
         WHERE r.status < 2 AND r.number > ?1 AND r.wake_at IS NOT NULL ORDER BY r.number LIMIT ?2",
    )?;
    let mut rows = statement.query((after, LOOKED_AT))?;
    let (mut rests, mut last, mut seen) = (vec![], after, 0);
    while let Some(row) = rows.next()? {
        (last, seen) = (row.get(0)?, seen + 1);
        let (wake_at, kept_at) = (row.get::<_, Instant>(1)?.0, row.get::<_, Instant>(2)?.0);
        if row.get::<_, bool>(4)?
            && let Some((wake_at, kept_at)) = set.moved(wake_at, kept_at)
        {
            let (wake_at, kept_at) = (Instant(wake_at).number(), Instant(kept_at).number());
            rests.push(Rest { number: last, revision: row.get(3)?, wake_at, kept_at });
        }
    }
    Ok((rests, (seen == LOOKED_AT).then_some(last)))
}

/// Moves the ends of pauses; of runs that have gone on meanwhile nothing. How many there were.
pub(super) fn shift(connection: &Connection, known: &Known, rests: &[Rest]) -> Result<u64, Fault> {
    // What is remembered of where they stand is no longer so.
    known.clear();
    let mut statement = connection.prepare_cached(
        "UPDATE run SET wake_at = ?2 WHERE number = ?1 AND status = 1 AND wake_at IS NOT NULL
         AND (SELECT revision FROM run_state WHERE run = number) = ?3",
    )?;
    let mut state = connection.prepare_cached("UPDATE run_state SET updated_at = ?2 WHERE run = ?1")?;
    let mut shifted = 0;
    for rest in rests {
        if statement.execute((rest.number, rest.wake_at, rest.revision))? > 0 {
            shifted += state.execute((rest.number, rest.kept_at))?;
        }
    }
    Ok(u64::try_from(shifted).unwrap_or(u64::MAX))
}

/// The time of the last record, as far as the newest event, the newest attempt and the runs that are woken next tell.
pub(super) fn newest(connection: &Connection) -> Result<Option<Timestamp>, Fault> {
    let mut newest = None;
    for sql in [
        "SELECT received_at FROM event ORDER BY acceptance DESC LIMIT 1",
        "SELECT started_at FROM attempt ORDER BY id DESC LIMIT 1",
        "SELECT max(updated_at)
         FROM (SELECT number FROM run INDEXED BY run_due WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 500)
         JOIN run_state ON run = number",
    ] {
        let found = connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, Option<Instant>>(0)).optional()?;
        newest = newest.max(found.flatten().map(|at| at.0));
    }
    Ok(newest)
}

impl ClockSet {
    /// When a pause is over that was kept at a time, and when it was kept, by the clock as it is now; `None` when it is right
    /// as it stands.
    fn moved(self, wake_at: Timestamp, kept_at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let jump = match self {
            ClockSet::By { jump, now } => {
                // A clock that was set forward has never shown what comes later.
                let is_later = kept_at > now && jump.is_negative();
                let by_this_clock = !is_later && now.duration_since(kept_at) < ClockSet::NOTICED_WITHIN;
                if by_this_clock { None } else { Some(jump) }
            }
            ClockSet::Unseen { now } => {
                let behind = now.duration_since(kept_at);
                if behind > -ClockSet::LEAST { None } else { Some(behind) }
            }
        }?;
        Some((wake_at.checked_add(jump).ok()?, kept_at.checked_add(jump).ok()?))
    }
}

impl ClockSet {
    /// What is less is no setting of the clock: it is slewed, or drifts.
    pub(crate) const LEAST: SignedDuration = SignedDuration::from_secs(2);
    /// How long after the clock was set that is noticed.
    const NOTICED_WITHIN: SignedDuration = SignedDuration::from_millis(1_500);
}
