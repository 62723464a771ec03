//! Accepting events: the dedup key, the event, its contacts and its runs, all in one act.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use compiler::ir::Reentry;
use rusqlite::{Connection, OptionalExtension, params};

use super::column::{Exact, Instant, Json, PLACES, run_numbers, run_status};
use super::fault::Fault;
use super::identify::{Identified, identify};
use super::known::{Known, Standing};
use super::{contact, listening, program, progress, retention, stretch};
use crate::machine::Ending;
use crate::store::{Acceptance, Accepted, Admission, ContactRecord, Recorded, RunId, RunStatus, Start, StartContact};

/// How many of a contact's last runs of a workflow are looked at for one that goes on. More would let one contact with very
/// many runs hold up all others.
const RUNS_LOOKED_AT: i64 = 1000;

/// Accepts events in the order given; a later one sees what an earlier one did.
pub(super) fn accept(
    connection: &Connection,
    known: &Known,
    acceptances: &[Acceptance],
    all_or_none: bool,
    dedup_window: Duration,
) -> Result<Vec<Accepted>, Fault> {
    if all_or_none && let Some(withheld) = withhold(connection, acceptances, dedup_window)? {
        return Ok(withheld);
    }
    acceptances.iter().map(|acceptance| accept_one(connection, known, acceptance, dedup_window)).collect()
}

/// The answers when one event's key was used for something else and so none is kept; `None` when there is no such event.
fn withhold(
    connection: &Connection,
    acceptances: &[Acceptance],
    dedup_window: Duration,
) -> Result<Option<Vec<Accepted>>, Fault> {
    let mut answers = Vec::with_capacity(acceptances.len());
    let mut seen = BTreeMap::new();
    for event in acceptances {
        let answer = match known(connection, event, dedup_window)? {
            Some(before) => before,
            None => match &event.key {
                Some(key) if *seen.entry((&event.source, key)).or_insert(event.payload_hash) != event.payload_hash => {
                    Accepted::KeyReused
                }
                _ => Accepted::Withheld,
            },
        };
        answers.push(answer);
    }
    let refused = answers.iter().any(|answer| matches!(answer, Accepted::KeyReused));
    Ok(refused.then_some(answers))
}

pub(super) fn accept_one(
    connection: &Connection,
    runs_known: &Known,
    event: &Acceptance,
    dedup_window: Duration,
) -> Result<Accepted, Fault> {
    if let Some(before) = known(connection, event, dedup_window)? {
        return Ok(before);
    }
    let keys: BTreeSet<u32> = event.starts.iter().map(|start| RunId::new(0, &start.workflow).workflow).collect();
    if keys.len() < event.starts.len() {
        return Err(Fault::Refused("two workflows of one event have the same key; rename one of them".into()));
    }
    if i64::try_from(keys.len()).is_ok_and(|starts| starts > PLACES) {
        return Err(Fault::Refused(format!("an event starts at most {PLACES} workflows")));
    }
    let mut decisions = Vec::with_capacity(event.starts.len());
    let mut kept_out: Vec<(&str, &str)> =
        event.kept_out.iter().map(|(workflow, reason_code)| (workflow.as_str(), *reason_code)).collect();
    for start in &event.starts {
        let decision = decide(connection, runs_known, event, start)?;
        if let Decision::KeepOut(reason_code) = decision {
            kept_out.push((&start.workflow, reason_code));
        }
        decisions.push(decision);
    }
    let program = program::number(connection, &event.program)?;
    connection
        .prepare_cached(
            "INSERT INTO event
             (id, source, payload_hash, name, occurred_at, received_at, program, kept_out, params, depth)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            event.event_id.as_str(),
            event.source.as_str(),
            event.key.as_ref().map(|_| event.payload_hash),
            event.name.as_str(),
            Exact(event.occurred_at),
            Instant(event.received_at),
            program,
            (!kept_out.is_empty()).then_some(Json(&kept_out)),
            event.params,
            event.depth,
        ])?;
    let acceptance = connection.last_insert_rowid();
    // Before the runs that it starts, which do not hear it themselves.
    let heard = listening::signal(connection, event, acceptance)?;
    let mut runs = Vec::with_capacity(decisions.len());
    let (first, _) = run_numbers(acceptance);
    for (number, (start, decision)) in (first..).zip(event.starts.iter().zip(decisions)) {
        let run = RunId::new(acceptance, &start.workflow);
        let admission = match decision {
            Decision::Admit(contact) => {
                insert_run(connection, number, run, start, program, event, Some(contact.id), None)?;
                runs_known.put(run, Standing::admitted(number, contact.id));
                if let Some(listening) = &start.listening {
                    listening::begin(connection, number, contact.id, listening)?;
                }
                Admission::Admitted { run, workflow: start.workflow.clone(), contact, opened: None }
            }
            Decision::End(ending) => {
                insert_run(connection, number, run, start, program, event, None, Some(&ending))?;
                Admission::Ended { run, ending }
            }
            Decision::KeepOut(reason_code) => Admission::KeptOut { reason_code },
        };
        runs.push(admission);
    }
    let begun = runs.iter().filter_map(|admission| match admission {
        Admission::Admitted { run, .. } | Admission::Ended { run, .. } => Some(run.workflow),
        Admission::KeptOut { .. } => None,
    });
    stretch::note(connection, runs_known, acceptance, &event.name, begun)?;
    open(connection, runs_known, event, first, &mut runs, dedup_window)?;
    Ok(Accepted::New { acceptance, runs, heard })
}

/// Keeps the first turns of the runs that an event has started, of which the first has this number. All of these are there before the first one begins, which may
/// write to the contact and raise events.
fn open(
    connection: &Connection,
    known: &Known,
    event: &Acceptance,
    first: i64,
    runs: &mut [Admission],
    dedup_window: Duration,
) -> Result<(), Fault> {
    let mut wrote = false;
    for ((start, admission), number) in event.starts.iter().zip(runs).zip(first..) {
        let Admission::Admitted { run, contact, opened, .. } = admission else { continue };
        if wrote && let Some(written) = contact::get(connection, contact.id)? {
            *contact = written;
        }
        // A contact's runs begin in their order: behind one that has not, none does so here.
        let turn = match &start.opening {
            Some(opening) if !has_unbegun(connection, known, contact.id, number)? => opening.open(*run, contact),
            _ => None,
        };
        if let Some(turn) = turn
            && let kept @ Recorded::Kept { .. } = progress::record(connection, known, &turn, dedup_window)?
        {
            wrote |= !turn.contact_fields.is_empty();
            *opened = Some(kept);
        } else {
            known.put_unbegun(*run, contact.id);
            if let Some(state) = &event.first_state {
                progress::await_first_turn(connection, number, state, event.received_at)?;
            }
        }
    }
    Ok(())
}

/// What became of an earlier event with the same key, within the window. A clock that was set back makes the window longer,
/// never shorter.
fn known(connection: &Connection, event: &Acceptance, dedup_window: Duration) -> Result<Option<Accepted>, Fault> {
    let Some(key) = &event.key else { return Ok(None) };
    let window = i64::try_from(dedup_window.as_nanos()).unwrap_or(i64::MAX);
    let since = Instant(event.received_at).number().saturating_sub(window);
    let before = connection
        .prepare_cached(
            "SELECT acceptance, payload_hash FROM event
             WHERE id = ?1 AND source = ?2 AND payload_hash IS NOT NULL AND received_at > ?3
             ORDER BY acceptance DESC LIMIT 1",
        )?
        .query_row(params![key.as_str(), event.source.as_str(), since], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?))
        })
        .optional()?;
    Ok(before.map(|(acceptance, payload_hash)| {
        if payload_hash == event.payload_hash { Accepted::Duplicate { acceptance } } else { Accepted::KeyReused }
    }))
}

/// What becomes of a run that an event asks for.
enum Decision {
    Admit(ContactRecord),
    End(Ending),
    KeepOut(&'static str),
}

fn decide(connection: &Connection, known: &Known, event: &Acceptance, start: &Start) -> Result<Decision, Fault> {
    let identified = match &start.contact {
        StartContact::Lookup(lookup) => match identify(connection, known, lookup, event.received_at)? {
            Ok(identified) => identified,
            Err(ending) => return Ok(Decision::End(ending)),
        },
        StartContact::Known(id) => match contact::get(connection, *id)? {
            Some(contact) => Identified { contact, created: false },
            None => return Ok(Decision::KeepOut("contact_not_found")),
        },
        StartContact::Nobody(ending) => return Ok(Decision::End(ending.clone())),
    };
    if !identified.created {
        let key = i64::from(RunId::new(0, &start.workflow).workflow);
        if is_too_soon(connection, event, start.reentry, identified.contact.id, key)? {
            return Ok(Decision::KeepOut("once"));
        }
        if start.one_at_a_time && goes_on(connection, identified.contact.id, key)? {
            return Ok(Decision::KeepOut("one_at_a_time"));
        }
    }
    Ok(Decision::Admit(identified.contact))
}

/// Whether the start of the contact's last run of the workflow keeps it out.
fn is_too_soon(
    connection: &Connection,
    event: &Acceptance,
    reentry: Reentry,
    contact: i64,
    workflow_key: i64,
) -> Result<bool, Fault> {
    if reentry == Reentry::Always {
        return Ok(false);
    }
    let last: Option<i64> = connection
        .prepare_cached(
            "SELECT started_at FROM run WHERE contact = ?1 AND workflow_key = ?2 ORDER BY number DESC LIMIT 1",
        )?
        .query_row([contact, workflow_key], |row| row.get(0))
        .optional()?;
    let last = match last {
        Some(last) => Some(last),
        // It may have been taken out of history.
        None => retention::last_entry(connection, contact, workflow_key)?,
    };
    Ok(match (reentry, last) {
        (Reentry::Always, _) | (_, None) => false,
        (Reentry::OnceEver, Some(_)) => true,
        (Reentry::OncePer(time), Some(last)) => {
            let time = i64::try_from(time.milliseconds).ok().and_then(|time| time.checked_mul(1_000_000));
            let passed = Instant(event.received_at).number().saturating_sub(last);
            passed < time.unwrap_or(i64::MAX)
        }
    })
}

/// Whether a run of the workflow goes on for the contact.
pub(super) fn goes_on(connection: &Connection, contact: i64, workflow_key: i64) -> Result<bool, Fault> {
    let sql = "SELECT EXISTS (
                   SELECT 1 FROM (
                       SELECT status FROM run WHERE contact = ?1 AND workflow_key = ?2 ORDER BY number DESC LIMIT ?3
                   ) WHERE status < 2
               )";
    Ok(connection.prepare_cached(sql)?.query_row([contact, workflow_key, RUNS_LOOKED_AT], |row| row.get(0))?)
}

/// Whether the contact has a run before this one of which nothing was recorded yet; also when that would take too long to
/// find out.
fn has_unbegun(connection: &Connection, known: &Known, contact: i64, run: i64) -> Result<bool, Fault> {
    if let Some(unbegun) = known.has_unbegun(contact) {
        return Ok(unbegun);
    }
    let sql = "SELECT count(*) = ?2 OR max(status = 0 AND ifnull(revision, 0) = 0) FROM (
                   SELECT number, status FROM run WHERE contact = ?1 AND number < ?3 LIMIT ?2
               ) LEFT JOIN run_state ON run_state.run = number";
    let mut asked = connection.prepare_cached(sql)?;
    let unbegun: Option<bool> = asked.query_row([contact, RUNS_LOOKED_AT, run], |row| row.get(0))?;
    Ok(unbegun.unwrap_or(false))
}

#[expect(clippy::too_many_arguments, reason = "these are the columns of the row")]
fn insert_run(
    connection: &Connection,
    number: i64,
    run: RunId,
    start: &Start,
    program: i64,
    event: &Acceptance,
    contact: Option<i64>,
    ending: Option<&Ending>,
) -> Result<(), Fault> {
    let (status, reason, reason_code) = match ending {
        None => (RunStatus::Running, None, None),
        Some(ending) => RunStatus::of(ending),
    };
    connection
        .prepare_cached(
            "INSERT INTO run (number, workflow_key, workflow, program, contact, status, started_at, reason, reason_code)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            number,
            run.workflow,
            start.workflow.as_str(),
            program,
            contact,
            run_status(status),
            Instant(event.received_at),
            reason,
            reason_code.as_deref(),
        ])?;
    Ok(())
}
