//! From dates and times of the day to instants.
//!
//! A local time that a clock change leaves out moves forward by the gap, one that it repeats is the first.

use std::fmt;

use compiler::ir::{Expression, Window, zone};
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::expression_failed;
use crate::machine::effect::{Ending, ReasonCode};
use crate::machine::expression::{Scope, Written, evaluate};
use crate::value::Value;

/// The instant that `wait until` names: a datetime; a date or a datetime without offset in a zone; or the next time of
/// that sort after now.
pub(super) fn instant(time: &Expression, zone: Option<&Expression>, scope: &Scope<'_>) -> Result<Timestamp, Ending> {
    let value = evaluate(time, scope).map_err(expression_failed)?;
    if let Value::Datetime(instant) = value {
        return Ok(instant);
    }
    let Some(zone) = zone else {
        return Err(no_time(Written(time), "needs `in` and a time zone to be an instant"));
    };
    let zone = time_zone(zone, scope)?;
    let found = match value {
        Value::Date(date) => local(date.to_datetime(Time::midnight()), &zone),
        Value::LocalDatetime(datetime) => local(datetime, &zone),
        Value::Time(time) => next(time, &zone, scope.now),
        _ => None,
    };
    found.ok_or_else(|| no_time(Written(time), "is no time to wait until"))
}

/// When a window opens, when it is shut now; `None` when it is open. It holds its start, not its end, and may span
/// midnight. It is open whenever clocks show a time in it, and when they would but for a clock change that leaves the time
/// out.
pub(super) fn opening(window: &Window, scope: &Scope<'_>) -> Result<Option<Timestamp>, Ending> {
    let time = |expression: &Expression| match evaluate(expression, scope).map_err(expression_failed)? {
        Value::Time(time) => Ok(time),
        _ => Err(no_time(Written(expression), "is no time of the day")),
    };
    let hours = Hours { from: time(&window.from)?, to: time(&window.to)?, zone: time_zone(&window.zone, scope)? };
    if hours.are_open(scope.now) {
        return Ok(None);
    }
    let opens = hours.next_opening(scope.now);
    Ok(Some(opens.ok_or_else(|| no_time(Written(&window.from), "does not come any more"))?))
}

/// A window, in a zone.
struct Hours {
    from: Time,
    to: Time,
    zone: TimeZone,
}

impl Hours {
    fn are_open(&self, now: Timestamp) -> bool {
        // From and to the same time is the whole day.
        let holds = |time: Time| match self.from < self.to {
            true => self.from <= time && time < self.to,
            false => self.from <= time || time < self.to,
        };
        holds(self.zone.to_datetime(now).time()) || moved(&self.zone, now).is_some_and(holds)
    }

    /// The first instant after now at which they are open.
    fn next_opening(&self, now: Timestamp) -> Option<Timestamp> {
        let today = self.zone.to_datetime(now).date();
        let days = [Some(today), today.checked_add(1.day()).ok(), today.checked_add(2.days()).ok()];
        // It may also be a clock change that opens them: it goes past their start, or back behind it.
        let changes = self.zone.following(now).take(1).map(|change| change.timestamp());
        days.into_iter()
            .flatten()
            .flat_map(|day| {
                let start = self.zone.to_ambiguous_timestamp(day.to_datetime(self.from));
                [start.compatible().ok(), start.later().ok()]
            })
            .flatten()
            .chain(changes)
            .filter(|instant| *instant > now && self.are_open(*instant))
            .min()
    }
}

/// The time that clocks leave out and that has moved forward to this instant, if they do.
fn moved(zone: &TimeZone, instant: Timestamp) -> Option<Time> {
    let before = instant.checked_add(1.nanosecond()).ok()?;
    let change = zone.preceding(before).next()?.timestamp();
    let offset = zone.to_offset(change.checked_sub(1.nanosecond()).ok()?);
    let gap = zone.to_offset(change).seconds() - offset.seconds();
    let since = instant.as_second() - change.as_second();
    (since < i64::from(gap)).then(|| offset.to_datetime(instant).time())
}

fn time_zone(expression: &Expression, scope: &Scope<'_>) -> Result<TimeZone, Ending> {
    let value = evaluate(expression, scope).map_err(expression_failed)?;
    let zone = value.as_str().and_then(zone::time_zone);
    zone.ok_or_else(|| no_time(Written(expression), "is no time zone such as `Europe/Kyiv`"))
}

/// The first instant after now at which clocks in the zone show the time.
pub(in crate::machine) fn next(time: Time, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let today = zone.to_datetime(now).date();
    let days = [Some(today), today.checked_add(1.day()).ok(), today.checked_add(2.days()).ok()];
    days.into_iter().flatten().find_map(|day| local(day.to_datetime(time), zone).filter(|instant| *instant > now))
}

fn local(datetime: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(datetime).compatible().ok()
}

/// An expression that should be a time is none.
pub(super) fn no_time(expression: Written<'_>, what: impl fmt::Display) -> Ending {
    Ending::Failed { reason: format!("`{expression}` {what}"), reason_code: ReasonCode::ExpressionFailed }
}
