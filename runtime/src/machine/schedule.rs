//! When a schedule's time has come: the five fields of `crontab`, read in a time zone.
//!
//! A schedule that names its hours fires at them: a time that a clock change leaves out moves forward by the gap, one that
//! it repeats is the first. One for every hour (`*`) goes by the hours that pass: none is left out, and a repeated one counts
//! twice.

use compiler::ir::zone::time_zone;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan as _};

use super::step::next_time_of_day;

/// So many days are looked through for the next time: the 29th of February may be eight years away.
const DAYS: u32 = 9 * 366;

/// The next instant at which clocks in a zone show a time of the day; `None` when there is no such zone.
pub fn next_local(time: Time, zone: &str, now: Timestamp) -> Option<Timestamp> {
    next_time_of_day(time, &time_zone(zone)?, now)
}

/// A schedule, read.
#[derive(Clone, Debug)]
pub struct Schedule {
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
    zone: TimeZone,
}

/// Which numbers a field takes: bit n stands for n.
#[derive(Clone, Copy, Debug)]
struct Field {
    set: u64,
    /// Whether it is `*`.
    every: bool,
}

impl Field {
    fn read(text: &str, least: u32, most: u32) -> Option<Field> {
        let mut set = 0_u64;
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
                None => (item, 1),
            };
            let (from, to) = match range.split_once('-') {
                _ if range == "*" => (least, most),
                Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
                None => {
                    let number: u32 = range.parse().ok()?;
                    (number, number)
                }
            };
            if from < least || to > most {
                return None;
            }
            let mut number = from;
            while number <= to {
                set |= 1 << number;
                number = number.saturating_add(step);
            }
        }
        (set != 0).then_some(Field { set, every: text == "*" })
    }

    fn has(self, number: i8) -> bool {
        u32::try_from(number).is_ok_and(|number| self.set >> number.min(63) & 1 == 1)
    }

    fn numbers(self, most: i8) -> impl DoubleEndedIterator<Item = i8> {
        (0..=most).filter(move |number| self.has(*number))
    }
}

impl Schedule {
    /// Reads five fields as the compiler writes them: numbers, one blank between the fields. `None` when they, or the zone,
    /// are none.
    pub fn read(cron: &str, zone: &str) -> Option<Schedule> {
        let fields: Vec<&str> = cron.split(' ').collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let mut weekdays = Field::read(weekdays, 0, 7)?;
        // Both 0 and 7 are Sunday.
        weekdays.set |= weekdays.set >> 7 & 1;
        Some(Schedule {
            minutes: Field::read(minutes, 0, 59)?,
            hours: Field::read(hours, 0, 23)?,
            days: Field::read(days, 1, 31)?,
            months: Field::read(months, 1, 12)?,
            weekdays,
            zone: time_zone(zone)?,
        })
    }

    /// The first time after an instant.
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        // A time may have moved into the next day by a gap at midnight.
        let mut day = self.zone.to_datetime(instant).date().checked_sub(1.day()).ok()?;
        for _ in 0..DAYS {
            if let Some(found) = self.times(day).into_iter().find(|time| *time > instant) {
                return Some(found);
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// The last time that is not after an instant.
    pub fn last_until(&self, instant: Timestamp) -> Option<Timestamp> {
        let mut day = self.zone.to_datetime(instant).date();
        for _ in 0..DAYS {
            if let Some(found) = self.times(day).into_iter().rev().find(|time| *time <= instant) {
                return Some(found);
            }
            day = day.yesterday().ok()?;
        }
        None
    }

    /// The times that belong to a day, in order.
    fn times(&self, day: Date) -> Vec<Timestamp> {
        let mut times = Vec::new();
        if !self.takes(day) {
            return times;
        }
        for hour in self.hours.numbers(23) {
            for minute in self.minutes.numbers(59) {
                let local = self.zone.to_ambiguous_timestamp(day.at(hour, minute, 0, 0));
                match local.offset() {
                    AmbiguousOffset::Gap { .. } if self.hours.every => {}
                    AmbiguousOffset::Fold { .. } if self.hours.every => {
                        times.extend(local.earlier().ok());
                        times.extend(local.later().ok());
                    }
                    _ => times.extend(local.compatible().ok()),
                }
            }
        }
        times.sort_unstable();
        times.dedup();
        times
    }

    /// Whether a day is one of the schedule: where both days are given, either is enough.
    fn takes(&self, day: Date) -> bool {
        let by_month = self.days.has(day.day());
        let by_week = self.weekdays.has(day.weekday().to_sunday_zero_offset());
        let by_day = match (self.days.every, self.weekdays.every) {
            (false, false) => by_month || by_week,
            _ => by_month && by_week,
        };
        self.months.has(day.month()) && by_day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first times after an instant, in the zone's own clock.
    fn check(cron: &str, zone: &str, after: &str, expected: &[&str]) {
        let schedule = Schedule::read(cron, zone).unwrap();
        let mut at: Timestamp = after.parse().unwrap();
        let mut found = Vec::new();
        for _ in expected {
            let next = schedule.next_after(at).unwrap();
            assert_eq!(schedule.last_until(next), Some(next), "{cron}");
            assert!(schedule.last_until(next - 1.nanosecond()).is_none_or(|last| last <= at), "{cron}");
            at = next;
            found.push(at.to_zoned(schedule.zone.clone()).strftime("%a %F %H:%M%z").to_string());
        }
        assert_eq!(found, expected, "{cron} in {zone}");
    }

    #[test]
    fn the_fields_mean_what_crontab_says() {
        let after = "2026-01-30T12:00:00Z";
        check("0 9 * * 1", "UTC", after, &["Mon 2026-02-02 09:00+0000", "Mon 2026-02-09 09:00+0000"]);
        check(
            "30 8-10/2,23 * * *",
            "UTC",
            after,
            &["Fri 2026-01-30 23:30+0000", "Sat 2026-01-31 08:30+0000", "Sat 2026-01-31 10:30+0000"],
        );
        check("0 0 31 * *", "UTC", after, &["Sat 2026-01-31 00:00+0000", "Tue 2026-03-31 00:00+0000"]);
        check("0 0 29 2 *", "UTC", after, &["Tue 2028-02-29 00:00+0000", "Sun 2032-02-29 00:00+0000"]);
        check("0 0 1 * 5", "UTC", after, &["Sun 2026-02-01 00:00+0000", "Fri 2026-02-06 00:00+0000"]);
        check("0 0 * * 7", "UTC", after, &["Sun 2026-02-01 00:00+0000"]);
        check(
            "0 0 * * 5-7",
            "UTC",
            after,
            &["Sat 2026-01-31 00:00+0000", "Sun 2026-02-01 00:00+0000", "Fri 2026-02-06 00:00+0000"],
        );
        check("*/20 * * * *", "Asia/Kathmandu", after, &["Fri 2026-01-30 18:00+0545", "Fri 2026-01-30 18:20+0545"]);
        check("59 23 31 12 *", "UTC", "2026-12-31T23:59:00Z", &["Fri 2027-12-31 23:59+0000"]);
    }

    /// Clocks in Kyiv go from 03:00 to 04:00 on 2026-03-29 and from 04:00 back to 03:00 on 2026-10-25.
    #[test]
    fn a_time_that_is_left_out_moves_and_a_repeated_one_is_the_first() {
        let kyiv = "Europe/Kyiv";
        check(
            "30 3 * * *",
            kyiv,
            "2026-03-28T00:00:00Z",
            &["Sat 2026-03-28 03:30+0200", "Sun 2026-03-29 04:30+0300", "Mon 2026-03-30 03:30+0300"],
        );
        check(
            "30 3,4 * * *",
            kyiv,
            "2026-03-28T12:00:00Z",
            &["Sun 2026-03-29 04:30+0300", "Mon 2026-03-30 03:30+0300"],
        );
        check("30 3 * * *", kyiv, "2026-10-24T12:00:00Z", &["Sun 2026-10-25 03:30+0300", "Mon 2026-10-26 03:30+0200"]);
        check("30 * * * *", kyiv, "2026-03-29T00:00:00Z", &["Sun 2026-03-29 02:30+0200", "Sun 2026-03-29 04:30+0300"]);
        check(
            "30 * * * *",
            kyiv,
            "2026-10-25T00:00:00Z",
            &["Sun 2026-10-25 03:30+0300", "Sun 2026-10-25 03:30+0200", "Sun 2026-10-25 04:30+0200"],
        );
        // The gap is at midnight: the day begins at one.
        check(
            "0 0 * * *",
            "Asia/Beirut",
            "2026-03-28T12:00:00Z",
            &["Sun 2026-03-29 01:00+0300", "Mon 2026-03-30 00:00+0300"],
        );
        // A day that the zone never had.
        check("0 9 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", &["Sat 2011-12-31 09:00+1400"]);
    }

    #[test]
    fn what_is_no_schedule_is_none() {
        for cron in [
            "",
            "* * * *",
            "60 * * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *",
            "a * * * *",
        ] {
            assert!(Schedule::read(cron, "UTC").is_none(), "{cron}");
        }
        assert!(Schedule::read("* * * * *", "Mars/Olympus").is_none());
        assert!(Schedule::read("0 0 30 2 *", "UTC").unwrap().next_after(Timestamp::UNIX_EPOCH).is_none());
    }
}
