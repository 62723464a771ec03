//! What is due now happens, until nothing more is: turns of runs, runs that something started or woke, times of schedules.

use std::sync::Arc;

use jiff::Timestamp;

use super::journal::RehearsalJournal;
use super::log::Fact;
use super::stage::{Stage, TURNS, Trouble};
use crate::directory::{segment, to_card};
use crate::engine::restored::{left_resting, restored};
use crate::engine::{Begin, Stop, schedule, turn};
use crate::machine::Run;
use crate::store::{Members, RunId, RunRecord, TickBatch};

/// So many runs are woken in one go.
const BATCH: usize = 200;

impl Stage {
    /// Lets all happen that is due now.
    pub(super) fn settle(&mut self) {
        while !self.has_trouble() {
            match self.settle_once() {
                Ok(true) => {}
                Ok(false) => return,
                Err(trouble) => self.shared.trouble(trouble),
            }
        }
    }

    /// One round; `false` when nothing more is due.
    fn settle_once(&mut self) -> Result<bool, Trouble> {
        let mut went_on = false;
        for (run, end) in self.tasks.run() {
            went_on = true;
            self.in_flight.remove(&run);
            match end {
                Ok(_) | Err(Stop::Stale | Stop::Shutdown) => {}
                Err(Stop::Store(error)) => return Err(error.into()),
            }
        }
        if self.has_trouble() {
            return Ok(false);
        }
        let started = std::mem::take(&mut self.shared.state().started);
        for run in started {
            went_on = true;
            self.take_up(run)?;
        }
        let limit = BATCH + self.in_flight.len();
        let mut waiting = self.shared.store.signalled(limit)?;
        waiting.extend(self.shared.store.due(self.now(), limit)?.0);
        for record in waiting {
            if !self.in_flight.contains(&record.summary.id) {
                went_on = true;
                self.take_up_as(record, Begin::Resume)?;
            }
        }
        Ok(self.tick()? || went_on)
    }

    pub(super) fn take_up(&mut self, run: RunId) -> Result<(), Trouble> {
        let Some(record) = self.shared.store.run(run)? else { return Ok(()) };
        if record.saved.is_none() {
            let (workflow, contact) = (record.summary.workflow.clone(), record.summary.contact);
            let active = self.shared.active();
            let card = record.contact.as_ref().map(|record| to_card(&active.loaded.ir.contact, record).fields);
            self.shared.note(Fact::Started { run, workflow, contact, card });
        }
        self.take_up_as(record, Begin::Resume)
    }

    pub(super) fn take_up_as(&mut self, record: RunRecord, begin: Begin) -> Result<(), Trouble> {
        // A run stays with the program that it began with.
        let program = self.shared.program(&record.summary.program);
        let rests = left_resting(&record.summary, self.now());
        let machine = restored(program, &record).map_err(|error| Trouble::Resume(error.to_string()))?;
        let (run, contact, depth) = (record.summary.id, record.summary.contact, record.event.depth);
        let revision = record.summary.revision;
        self.spawn(run, machine, contact, revision, begin, |journal| {
            journal.rests = rests;
            journal.depth = depth;
        });
        Ok(())
    }

    pub(super) fn spawn(
        &mut self,
        run: RunId,
        mut machine: Run,
        contact: Option<i64>,
        revision: u32,
        begin: Begin,
        more: impl FnOnce(&mut RehearsalJournal),
    ) {
        self.turns += 1;
        if self.turns > TURNS {
            return self.shared.trouble(Trouble::Endless);
        }
        let workflow = machine.workflow.name.clone();
        let (shared, program) = (Arc::clone(&self.shared), Arc::clone(&machine.program));
        let mut journal = RehearsalJournal::new(shared, program, run, workflow, contact, revision);
        journal.listens = machine.workflow.listening.is_some();
        more(&mut journal);
        self.in_flight.insert(run);
        self.tasks.spawn(async move { (run, turn(&mut journal, &mut machine, begin).await) });
    }

    /// The next moment at which something happens.
    pub(super) fn next_moment(&self) -> Option<Timestamp> {
        let now = self.now();
        let due = self.shared.store.due(now, BATCH + self.in_flight.len()).ok().and_then(|(_, next)| next);
        let active = self.shared.active();
        let ticks = active.loaded.schedules().iter().filter_map(|schedule| schedule.times.next_after(now)).min();
        [self.shared.clock.next(), due, ticks].into_iter().flatten().filter(|next| *next > now).min()
    }

    /// Begins the times of schedules that have come, for all contacts that there are; whether there was one.
    fn tick(&mut self) -> Result<bool, Trouble> {
        if self.schedules.is_empty() {
            return Ok(false);
        }
        let (active, now) = (self.shared.active(), self.now());
        let mut went_on = false;
        for schedule in active.loaded.schedules() {
            let Some(stands) = self.schedules.iter_mut().find(|stands| stands.schedule == schedule.name) else {
                continue;
            };
            let Some(tick) = schedule.times.last_until(now).filter(|tick| *tick > stands.tick) else { continue };
            let store = &self.shared.store;
            let Some(begun) = store.begin_tick(&schedule.name, tick)? else { continue };
            *stands = begun;
            while let Some((from, up_to)) = stands.going_on {
                let segment = segment(&active.loaded, &schedule.segment);
                let Members { contacts, come_to: to } = store.members(&segment, from, up_to, BATCH)?;
                let members = contacts.iter();
                let events = members.map(|contact| schedule::event(&active.loaded, schedule, contact.id, tick, now));
                let batch = TickBatch { schedule: schedule.name.clone(), tick, from, to, events: events.collect() };
                let Some(accepted) = store.tick(&batch)? else { break };
                self.shared.follow(&accepted)?;
                stands.going_on = to.map(|to| (to, up_to));
                went_on = true;
            }
        }
        Ok(went_on)
    }
}
