//! How much of each side its tests rehearse, for `--coverage`.

use std::collections::BTreeMap;
use std::time::Duration;

use compiler::diff::{Change, Slug};
use runtime::rehearsal::{Coverage, Play, Point, perform_all};
use smol_str::SmolStr;

use super::side::Side;
use crate::cli::failure::{Exit, Failure};

/// Of so many points the first are named.
const NAMED: usize = 8;

/// The points of one workflow, or of one message: whether each had its turn.
type Turns = BTreeMap<Point, bool>;

/// Where the tests of the new side reach a smaller part than those of the old side did. A side without tests, such as a
/// compiled program, is not compared.
pub(super) fn compare(base: &Side, head: &Side) -> Result<Vec<Change>, Failure> {
    let (Some(before), Some(after)) = (turns(base)?, turns(head)?) else { return Ok(Vec::new()) };
    let mut changes = Vec::new();
    for (address, now) in &after {
        let was = before.get(address);
        let covered = |turns: &Turns| turns.values().filter(|had| **had).count();
        let fewer = match was {
            Some(was) => covered(now) * was.len() < covered(was) * now.len(),
            // It had nothing to try, and now has something that nobody tries; or it is new, and nobody tries any of it.
            None if exists(address, base) => covered(now) < now.len(),
            None => covered(now) == 0,
        };
        if !fewer {
            continue;
        }
        let words = |turns: &Turns| format!("{} of {} ways", covered(turns), turns.len());
        let title = address.replacen('.', " ", 1);
        let mut change = Change::new(Slug::CoverageDecreased, address.as_str(), title);
        change.workflow = address.strip_prefix("workflow.").map(SmolStr::from);
        change.before = was.map(words);
        change.after = Some(words(now));
        let known = |point: &&Point| was.is_some_and(|was| was.get(*point) == Some(&false));
        let missing = now.iter().filter(|(_, had)| !**had).map(|(point, _)| point).filter(|point| !known(point));
        change.details = missing.take(NAMED).map(|point| format!("never: {}", told(point, head))).collect();
        changes.push(change);
    }
    Ok(changes)
}

/// Whether a side has the workflow or the message with this address.
fn exists(address: &str, side: &Side) -> bool {
    let named = |kind: &str| address.strip_prefix(kind);
    named("workflow.").is_some_and(|name| side.program.workflows.contains_key(name))
        || named("message.").is_some_and(|name| side.program.messages.contains_key(name))
}

fn told(point: &Point, side: &Side) -> String {
    let told = point.told(&side.program);
    match side.location(&point.address()) {
        Some(location) => format!("{told} ({}:{})", location.path, location.line),
        None => told,
    }
}

/// Which points had their turn, by the address of the workflow or message.
fn turns(side: &Side) -> Result<Option<BTreeMap<String, Turns>>, Failure> {
    let Some(tests) = &side.tests else { return Ok(None) };
    let play = Play::new(side.program.clone());
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let reports = perform_all(&play, tests, at_once, &|| Duration::ZERO, &|| {});
    let reports = reports.map_err(|error| Failure::caused(Exit::Internal, &error))?;
    let mut coverage = Coverage::default();
    reports.iter().for_each(|report| coverage.add(&report.coverage));
    coverage.add(&play.coverage());
    let mut found: BTreeMap<String, Turns> = BTreeMap::new();
    for point in Point::all(&side.program) {
        let address = match &point {
            Point::Branch { workflow, .. }
            | Point::Exhausted { workflow, .. }
            | Point::Waited { workflow, .. }
            | Point::Left { workflow, .. } => format!("workflow.{workflow}"),
            Point::Sent { message, .. } | Point::Way { message, .. } => format!("message.{message}"),
        };
        let had = coverage.count(&point) > 0;
        found.entry(address).or_default().insert(point, had);
    }
    Ok(Some(found))
}
