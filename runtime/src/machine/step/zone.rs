//! From dates and times of the day to instants.
//!
//! A local time that a clock change leaves out moves forward by the gap, one that it repeats is the first.

use std::fmt;
use std::sync::LazyLock;

use compiler::ir::{Expression, Window};
use jiff::civil::{DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan as _};

use super::expression_failed;
use crate::machine::effect::{Ending, ReasonCode};
use crate::machine::expression::{Scope, Written, evaluate};
use crate::value::Value;

/// The zone rules that are part of the program: the same on every machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

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
/// midnight.
pub(super) fn opening(window: &Window, scope: &Scope<'_>) -> Result<Option<Timestamp>, Ending> {
    let time = |expression: &Expression| match evaluate(expression, scope).map_err(expression_failed)? {
        Value::Time(time) => Ok(time),
        _ => Err(no_time(Written(expression), "is no time of the day")),
    };
    let (from, to) = (time(&window.from)?, time(&window.to)?);
    let zone = time_zone(&window.zone, scope)?;
    let now = zone.to_datetime(scope.now).time();
    // From and to the same time is the whole day.
    let is_open = if from < to { from <= now && now < to } else { from <= now || now < to };
    if is_open {
        return Ok(None);
    }
    let opens = next(from, &zone, scope.now).ok_or_else(|| no_time(Written(&window.from), "does not come any more"))?;
    Ok(Some(opens))
}

fn time_zone(expression: &Expression, scope: &Scope<'_>) -> Result<TimeZone, Ending> {
    let value = evaluate(expression, scope).map_err(expression_failed)?;
    let zone = value.as_str().and_then(named);
    zone.ok_or_else(|| no_time(Written(expression), "is no time zone such as `Europe/Kyiv`"))
}

/// The time zone of an IANA name.
pub(in crate::machine) fn named(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok()
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
