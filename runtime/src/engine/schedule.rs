//! `on schedule`: at its times, one run for each contact of a segment.
//!
//! Where a schedule stands is in the store: which time was begun last, and how far it has come through the contacts. A part of
//! the contacts is accepted and noted in one act, so a crash neither skips nor doubles anybody. Of times that passed while no
//! daemon ran the last one is made up for, and no other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use compiler::ir::ProgramHash;
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};

use super::change;
use super::embedded::Embedded;
use super::programs::ActiveProgram;
use crate::machine::{LoadedProgram, LoadedSchedule, LoadedWorkflow};
use crate::store::{Acceptance, Members, RunId, ScheduleRecord, Start, StartContact, StoreError, TickBatch};

/// So many contacts are started in one go.
const BATCH: usize = 200;
/// The longest sleep: the program may become another, and the wall clock may be set.
const LOOK_AT_LEAST: Duration = Duration::from_secs(1);
/// The pause after the store refused.
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// Starts runs at their times, for as long as the store works.
pub(super) async fn run(engine: Embedded) {
    let mut schedules = Schedules::default();
    loop {
        if engine.is_stopping() {
            return;
        }
        let pause = match schedules.look(&engine).await {
            Ok(pause) => pause,
            Err(error) if error.passes() => {
                error.note_rest("schedules rest");
                schedules.known = None;
                AFTER_ERROR
            }
            Err(_) if engine.is_stopping() => return,
            Err(error) => {
                tracing::error!(%error, "no schedule starts anything any more");
                return;
            }
        };
        engine.services.clock.sleep(pause).await;
    }
}

/// Where the schedules of the program that runs stand.
#[derive(Default)]
struct Schedules {
    /// The program that `stand` belongs to.
    known: Option<ProgramHash>,
    stand: HashMap<String, ScheduleRecord>,
}

impl Schedules {
    /// Does a part of what is due; how long until it is worth to look again.
    async fn look(&mut self, engine: &Embedded) -> Result<Duration, StoreError> {
        let Some(program) = engine.services.programs.active() else { return Ok(LOOK_AT_LEAST) };
        let now = engine.services.clock.now();
        if self.known.as_ref() != Some(&program.loaded.hash) {
            self.take_over(engine, &program.loaded, now).await?;
        }
        let mut pause = LOOK_AT_LEAST;
        for schedule in program.loaded.schedules() {
            let Some(stands) = self.stand.get_mut(&schedule.name) else { continue };
            if stands.going_on.is_none() {
                let last = schedule.times.last_until(now).filter(|last| *last > stands.tick);
                let Some(last) = last else {
                    if let Some(next) = schedule.times.next_after(now.max(stands.tick)) {
                        pause = pause.min(next.duration_since(now).try_into().unwrap_or(Duration::ZERO));
                    }
                    continue;
                };
                match engine.services.store.begin_tick(schedule.name.clone(), last).await? {
                    Some(begun) => *stands = begun,
                    // Another program's schedules were put in its place meanwhile.
                    None => self.known = None,
                }
                return Ok(Duration::ZERO);
            }
            if go_on(engine, &program, schedule, stands).await? {
                return Ok(Duration::ZERO);
            }
            self.known = None;
            return Ok(Duration::ZERO);
        }
        Ok(pause)
    }

    async fn take_over(
        &mut self,
        engine: &Embedded,
        program: &LoadedProgram,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let store = &engine.services.store;
        let mut stands = store.schedules().await?;
        let wanted = program.schedules();
        let same = stands.len() == wanted.len()
            && wanted.iter().all(|wanted| stands.iter().any(|stands| stands.schedule == wanted.name));
        if !same {
            let wanted = wanted.iter().map(|schedule| (schedule.name.clone(), now)).collect();
            stands = store.set_schedules(wanted).await?;
        }
        self.stand = stands.into_iter().map(|stands| (stands.schedule.clone(), stands)).collect();
        self.known = Some(program.hash.clone());
        Ok(())
    }
}

/// Starts the runs of the next contacts; `false` when the schedule stands elsewhere than was thought.
async fn go_on(
    engine: &Embedded,
    program: &Arc<ActiveProgram>,
    schedule: &LoadedSchedule,
    stands: &mut ScheduleRecord,
) -> Result<bool, StoreError> {
    let Some((from, up_to)) = stands.going_on else { return Ok(false) };
    let store = &engine.services.store;
    let segment = crate::directory::segment(&program.loaded, &schedule.segment);
    let Members { contacts, come_to: to } = store.members(segment, from, up_to, BATCH).await?;
    let now = engine.services.clock.now();
    let events =
        contacts.iter().map(|contact| event(&program.loaded, schedule, contact.id, stands.tick, now)).collect();
    let batch = TickBatch { schedule: schedule.name.clone(), tick: stands.tick, from, to, events };
    if store.tick(batch).await?.is_none() {
        return Ok(false);
    }
    stands.going_on = to.map(|to| (to, up_to));
    Ok(true)
}

/// What such a run's event is called.
pub(crate) const NAME: SmolStr = SmolStr::new_static("(schedule)");

/// The event of one contact's run; its id is derived from the workflow, the time and the contact.
pub(crate) fn event(
    program: &LoadedProgram,
    schedule: &LoadedSchedule,
    contact: i64,
    tick: Timestamp,
    now: Timestamp,
) -> Acceptance {
    let workflow = RunId::new(0, &schedule.workflow.name).workflow;
    Acceptance {
        source: NAME,
        key: None,
        event_id: format_smolstr!("schedule-{workflow:08x}-{}-{contact}", tick.as_second()),
        payload_hash: [0; 32],
        name: NAME,
        occurred_at: tick,
        received_at: now,
        params: serde_json::json!({ "contact": contact, "tick": tick }).to_string(),
        program: program.hash.clone(),
        starts: vec![Start { contact: StartContact::Known(contact), ..change::start(&schedule.workflow) }],
        kept_out: vec![],
        signals: vec![],
        depth: 0,
        first_state: None,
    }
}

/// The event of a run that nothing from outside has started, whenever that was.
pub(crate) fn begun_by_itself(
    program: &LoadedProgram,
    workflow: &LoadedWorkflow,
    contact: i64,
    event_id: SmolStr,
    now: Timestamp,
) -> Acceptance {
    Acceptance {
        source: NAME,
        key: None,
        event_id,
        payload_hash: [0; 32],
        name: NAME,
        occurred_at: now,
        received_at: now,
        params: serde_json::json!({ "contact": contact, "tick": now }).to_string(),
        program: program.hash.clone(),
        starts: vec![Start { contact: StartContact::Known(contact), ..change::start(workflow) }],
        kept_out: vec![],
        signals: vec![],
        depth: 0,
        first_state: None,
    }
}
