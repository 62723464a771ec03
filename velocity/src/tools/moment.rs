//! Dates as numbers: what a calendar's fields are, and which moment they name.

use super::locale::Locale;
use crate::value::Value;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// A moment as milliseconds since 1970.
pub(super) fn milliseconds(value: &Value) -> Option<i64> {
    match value {
        Value::Date(moment) => Some(moment.as_millisecond()),
        Value::Calendar(calendar) => Some(calendar.moment().timestamp().as_millisecond()),
        other => crate::number::Number::of(other).map(|number| number.to_i64()),
    }
}

pub(super) fn timestamp(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}

/// Fields that may be out of their range, as a lenient calendar takes them; the month counts from 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) millisecond: i64,
}

impl Default for Fields {
    fn default() -> Fields {
        Fields { year: 1970, month: 0, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 }
    }
}

impl Fields {
    pub(crate) fn of(moment: &Zoned) -> Fields {
        Fields {
            year: i64::from(moment.year()),
            month: i64::from(moment.month()) - 1,
            day: i64::from(moment.day()),
            hour: i64::from(moment.hour()),
            minute: i64::from(moment.minute()),
            second: i64::from(moment.second()),
            millisecond: i64::from(moment.millisecond()),
        }
    }

    /// The wall-clock time the fields name; what is too much in one of them carries over.
    pub(crate) fn wall(&self) -> Option<DateTime> {
        let months = self.year.checked_mul(12)?.checked_add(self.month)?;
        let year = i16::try_from(months.div_euclid(12)).ok()?;
        let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
        let start = Date::new(year, month, 1).ok()?.at(0, 0, 0, 0);
        let seconds =
            self.hour.checked_mul(3600)?.checked_add(self.minute.checked_mul(60)?)?.checked_add(self.second)?;
        // One after the other: the parts of one span would share a sign.
        let days = Span::new().try_days(self.day.checked_sub(1)?).ok()?;
        let seconds = Span::new().try_seconds(seconds).ok()?;
        let milliseconds = Span::new().try_milliseconds(self.millisecond).ok()?;
        start.checked_add(days).ok()?.checked_add(seconds).ok()?.checked_add(milliseconds).ok()
    }

    pub(crate) fn in_zone(&self, zone: &TimeZone) -> Option<Zoned> {
        zone.to_zoned(self.wall()?).ok()
    }
}

/// A calendar's fields, by Java's numbers.
pub(crate) fn field(moment: &Zoned, number: i32, locale: &Locale) -> Option<i32> {
    let (week, _) = week_of_year(moment, locale);
    Some(match number {
        0 => i32::from(moment.year() > 0),
        1 => i32::from(moment.year()),
        2 => i32::from(moment.month()) - 1,
        3 => week,
        4 => week_of_month(moment, locale),
        5 => i32::from(moment.day()),
        6 => i32::from(moment.day_of_year()),
        7 => weekday(moment),
        8 => (i32::from(moment.day()) - 1) / 7 + 1,
        9 => i32::from(moment.hour() >= 12),
        10 => i32::from(moment.hour()) % 12,
        11 => i32::from(moment.hour()),
        12 => i32::from(moment.minute()),
        13 => i32::from(moment.second()),
        14 => i32::from(moment.millisecond()),
        15 => (moment.offset().seconds() - saving(moment)) * 1000,
        16 => saving(moment) * 1000,
        _ => return None,
    })
}

/// The number of a field by its name in capitals.
pub(super) fn field_number(name: &str) -> Option<i32> {
    const NAMES: &[&str] = &[
        "ERA",
        "YEAR",
        "MONTH",
        "WEEK_OF_YEAR",
        "WEEK_OF_MONTH",
        "DAY_OF_MONTH",
        "DAY_OF_YEAR",
        "DAY_OF_WEEK",
        "DAY_OF_WEEK_IN_MONTH",
        "AM_PM",
        "HOUR",
        "HOUR_OF_DAY",
        "MINUTE",
        "SECOND",
        "MILLISECOND",
        "ZONE_OFFSET",
        "DST_OFFSET",
    ];
    if name == "DATE" {
        return Some(5);
    }
    NAMES.iter().position(|known| *known == name).and_then(|at| i32::try_from(at).ok())
}

/// Seconds that daylight saving adds.
fn saving(moment: &Zoned) -> i32 {
    let info = moment.time_zone().to_offset_info(moment.timestamp());
    if info.dst().is_dst() { 3600 } else { 0 }
}

/// 1 for Sunday to 7 for Saturday.
pub(super) fn weekday(moment: &Zoned) -> i32 {
    i32::from(moment.weekday().to_sunday_zero_offset()) + 1
}

/// The week of the year, and the year it belongs to.
pub(super) fn week_of_year(moment: &Zoned, locale: &Locale) -> (i32, i32) {
    let (first, least) = locale.week();
    let day = i32::from(moment.day_of_year()) - 1;
    let year = i32::from(moment.year());
    let relative = (weekday(moment) - first).rem_euclid(7);
    // Where January 1st stands in its week.
    let start = (relative - day).rem_euclid(7);
    let length = i32::from(moment.days_in_year());
    let next_start = (start + length).rem_euclid(7);
    if day >= length - next_start && 7 - next_start >= least {
        return (1, year + 1);
    }
    let week = (day + start) / 7 + i32::from(7 - start >= least);
    if week > 0 {
        return (week, year);
    }
    let leap = |year: i32| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before = if leap(year - 1) { 366 } else { 365 };
    let start = (start - before).rem_euclid(7);
    ((day + before + start) / 7 + i32::from(7 - start >= least), year - 1)
}

pub(super) fn week_of_month(moment: &Zoned, locale: &Locale) -> i32 {
    let (first, least) = locale.week();
    let day = i32::from(moment.day()) - 1;
    let relative = (weekday(moment) - first).rem_euclid(7);
    let start = (relative - day).rem_euclid(7);
    (day + start) / 7 + i32::from(7 - start >= least)
}

/// A zone as a value.
#[derive(Clone)]
pub(crate) struct Zone(pub(crate) TimeZone);

impl Zone {
    /// Java's `TimeZone.getTimeZone`: what it does not know is GMT.
    pub(super) fn named(name: &str) -> Zone {
        if let Some(offset) = name.strip_prefix("GMT").filter(|rest| !rest.is_empty()) {
            return Zone(offset_zone(offset).unwrap_or(TimeZone::UTC));
        }
        Zone(TimeZone::get(name).unwrap_or(TimeZone::UTC))
    }

    pub(super) fn id(&self) -> String {
        self.0.iana_name().unwrap_or("UTC").to_owned()
    }
}

/// `+02:00`, `+0200`, `+2` as a zone.
pub(super) fn offset_zone(text: &str) -> Option<TimeZone> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "0"),
    };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    let offset = jiff::tz::Offset::from_seconds(sign * seconds).ok()?;
    Some(TimeZone::fixed(offset))
}
