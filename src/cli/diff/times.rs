//! The next times of schedules that changed: what a cron line means is seen in its times.

use compiler::diff::{Change, Slug};
use compiler::ir::{Trigger, Workflow};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use runtime::machine::schedule::Schedule;

use super::Compared;

/// So many times are shown.
const SHOWN: usize = 5;

/// Notes the next times at each change of what starts a workflow by the clock.
pub(super) fn note(compared: &mut Compared, now: Timestamp) {
    let base = compared.diff.renamed.as_ref().unwrap_or(&compared.base.program);
    let head = &compared.head.program;
    for change in &mut compared.diff.changes {
        let Some(name) = &change.workflow else { continue };
        let (old, new) = (base.workflows.get(name), head.workflows.get(name));
        match change.slug {
            Slug::ScheduleChanged => {
                let (gone, come) = (schedules(old, new), schedules(new, old));
                tell(change, "next until now", &gone, now, None);
                // What a clock shows elsewhere says little to who knows the one that was used.
                let known = gone.first().map(|(_, zone)| zone.as_str());
                tell(change, "next from now on", &come, now, known);
            }
            Slug::TriggerAdded | Slug::WorkflowAdded => tell(change, "next", &schedules(new, old), now, None),
            _ => {}
        }
    }
}

/// The times at which one side starts and the other does not.
fn schedules(
    one: Option<&std::sync::Arc<Workflow>>,
    other: Option<&std::sync::Arc<Workflow>>,
) -> Vec<(String, String)> {
    let times = |workflow: Option<&std::sync::Arc<Workflow>>| -> Vec<(String, String)> {
        let triggers = workflow.into_iter().flat_map(|it| &it.triggers);
        triggers
            .filter_map(|trigger| match trigger {
                Trigger::Schedule { cron, zone, .. } => Some((cron.clone(), zone.clone())),
                Trigger::Event { .. } | Trigger::ContactChanged { .. } => None,
            })
            .collect()
    };
    let known = times(other);
    times(one).into_iter().filter(|it| !known.contains(it)).collect()
}

fn tell(change: &mut Change, words: &str, schedules: &[(String, String)], now: Timestamp, known: Option<&str>) {
    for (cron, zone) in schedules {
        let (Some(schedule), Ok(time_zone)) = (Schedule::read(cron, zone), TimeZone::get(zone)) else { continue };
        let shown =
            |time: Timestamp, zone: &TimeZone| time.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string();
        let first = schedule.next_after(now);
        let elsewhere = known.filter(|known| known != zone).and_then(|known| {
            let there = shown(first?, &TimeZone::get(known).ok()?);
            Some(format!("the first of these is {there} in {known}"))
        });
        let times: Vec<String> = std::iter::successors(first, |last| schedule.next_after(*last))
            .take(SHOWN)
            .map(|time| shown(time, &time_zone))
            .collect();
        if !times.is_empty() {
            change.details.push(format!("{words}: {} ({zone})", times.join(", ")));
            change.details.extend(elsewhere);
        }
    }
}
