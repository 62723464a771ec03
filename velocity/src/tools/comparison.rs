//! How far two moments are apart, in words.

use super::moment::{Fields, Zone};
use crate::error::Result;
use crate::methods::{Class, Method, Type, argument, failure};
use crate::value::{Object, Value};
use jiff::Zoned;
use std::any::Any;
use std::rc::Rc;

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Against now: `2 days ago`.
    Current,
    /// `2 days later`
    Relative,
    /// `2 days`
    Difference,
    /// By the calendar's fields rather than by mean lengths.
    Exact,
}

/// Two moments and how their distance is told.
#[derive(Clone)]
pub(super) struct Comparison {
    now: Zoned,
    then: Zoned,
    sort: Sort,
    short: bool,
}

const DAY: i64 = 86_400_000;

/// Units from the smallest, with their lengths in milliseconds and their short names.
const UNITS: [(&str, i64, &str); 8] = [
    ("millisecond", 1, "ms"),
    ("second", 1000, "s"),
    ("minute", 60_000, "min"),
    ("hour", 3_600_000, "h"),
    ("day", DAY, "d"),
    ("week", 7 * DAY, "w"),
    ("month", 30 * DAY, "m"),
    ("year", 365 * DAY, "y"),
];

/// The units of an exact difference, the largest first, by their place in [`UNITS`].
const EXACT: [usize; 7] = [7, 6, 4, 3, 2, 1, 0];

impl Comparison {
    pub(super) fn new(now: Zoned, then: Zoned, sort: Sort) -> Comparison {
        Comparison { now, then, sort, short: false }
    }

    pub(super) fn into_value(self) -> Value {
        let object: Rc<dyn Object> = Rc::new(self);
        Value::from(object)
    }

    fn milliseconds(&self) -> i64 {
        self.then.timestamp().as_millisecond() - self.now.timestamp().as_millisecond()
    }

    /// Years, months, days, hours, minutes, seconds and milliseconds between the two.
    fn exact(&self) -> [i64; 7] {
        let (from, to) = if self.milliseconds() < 0 { (&self.then, &self.now) } else { (&self.now, &self.then) };
        let list = |fields: Fields| {
            [fields.year, fields.month, fields.day, fields.hour, fields.minute, fields.second, fields.millisecond]
        };
        let month_before = to.date().first_of_month().yesterday().map_or(30, |date| i64::from(date.days_in_month()));
        let most = [0, 12, month_before, 24, 60, 60, 1000];
        let (from, to) = (list(Fields::of(from)), list(Fields::of(to)));
        let mut difference = [0; 7];
        let mut carry = 0;
        let rows = difference.iter_mut().zip(from).zip(to).zip(most).enumerate().rev();
        for (place, (((slot, from), to), most)) in rows {
            let mut apart = to - (from + carry);
            carry = 0;
            if apart < 0 && place > 0 {
                apart += most;
                carry = 1;
            }
            *slot = apart;
        }
        difference
    }

    fn unit(&self, place: usize, value: i64) -> String {
        let Some((name, _, short)) = UNITS.get(place) else { return String::new() };
        if self.short {
            return format!("{value} {short}");
        }
        format!("{value} {name}{}", if value == 1 { "" } else { "s" })
    }

    /// The largest unit that the amount fills.
    fn words(&self, amount: i64) -> Option<String> {
        let (place, (_, length, _)) = UNITS.iter().enumerate().rfind(|(_, (_, length, _))| amount >= *length)?;
        Some(self.unit(place, amount / length))
    }

    /// The largest unit in which the calendar's fields differ.
    fn exact_words(&self) -> Option<String> {
        let (place, value) = EXACT.iter().zip(self.exact()).find(|(_, value)| *value != 0)?;
        Some(self.unit(*place, value))
    }

    fn total(&self, exact: usize, unit: i64) -> i64 {
        if self.sort == Sort::Exact {
            self.exact().get(exact).copied().unwrap_or(0)
        } else {
            self.milliseconds() / unit
        }
    }
}

impl Object for Comparison {
    fn kind(&self) -> &'static str {
        "comparison"
    }

    fn class(&self) -> Class {
        Class::Comparison
    }

    fn print(&self) -> String {
        let amount = self.milliseconds();
        if amount == 0 {
            let text = match (self.sort, self.short) {
                (Sort::Current, _) => "now",
                (Sort::Relative, false) => "same time",
                (Sort::Relative, true) => "same",
                (_, false) => "0 milliseconds",
                (_, true) => "0 ms",
            };
            return text.to_owned();
        }
        let words = match self.sort {
            Sort::Exact => self.exact_words(),
            _ => self.words(amount.abs()),
        };
        let words = words.unwrap_or_else(|| "null".to_owned());
        match (self.sort, amount < 0) {
            (Sort::Difference, false) => words,
            (Sort::Difference, true) => format!("-{words}"),
            (Sort::Current, before) => {
                if words == self.unit(4, 1) {
                    return if before { "yesterday" } else { "tomorrow" }.to_owned();
                }
                format!("{words} {}", if before { "ago" } else { "away" })
            }
            (_, before) => format!("{words} {}", if before { "earlier" } else { "later" }),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn this(value: &Value) -> Result<&Comparison> {
    match value {
        Value::Opaque(object) if let Some(comparison) = object.downcast::<Comparison>() => Ok(comparison),
        _ => Err(failure("this is no comparison")),
    }
}

fn with(value: &Value, change: impl FnOnce(&mut Comparison)) -> Result<Value> {
    let mut comparison = this(value)?.clone();
    change(&mut comparison);
    Ok(comparison.into_value())
}

/// The methods of a comparison.
pub(crate) const COMPARISON: &[Method] = &[
    Method::new("getYears", &[], |_, value, _| Ok(Value::Long(this(value)?.total(0, 365 * DAY)))),
    Method::new("getMonths", &[], |_, value, _| Ok(Value::Long(this(value)?.total(1, 30 * DAY)))),
    Method::new("getWeeks", &[], |_, value, _| Ok(Value::Long(this(value)?.milliseconds() / (7 * DAY)))),
    Method::new("getDays", &[], |_, value, _| Ok(Value::Long(this(value)?.total(2, DAY)))),
    Method::new("getHours", &[], |_, value, _| Ok(Value::Long(this(value)?.total(3, 3_600_000)))),
    Method::new("getMinutes", &[], |_, value, _| Ok(Value::Long(this(value)?.total(4, 60_000)))),
    Method::new("getSeconds", &[], |_, value, _| Ok(Value::Long(this(value)?.total(5, 1000)))),
    Method::new("getMilliseconds", &[], |_, value, _| Ok(Value::Long(this(value)?.total(6, 1)))),
    // As in the reference, where a comparison prints one unit whatever its depth.
    Method::new("getFull", &[], |_, value, _| Ok(value.clone())),
    Method::new("getDifference", &[], |_, value, _| with(value, |comparison| comparison.sort = Sort::Difference)),
    Method::new("getRelative", &[], |_, value, _| with(value, |comparison| comparison.sort = Sort::Relative)),
    // As in the reference, where `exact` is the relative form.
    Method::new("getExact", &[], |_, value, _| with(value, |comparison| comparison.sort = Sort::Relative)),
    Method::new("getAbbr", &[], |_, value, _| with(value, |comparison| comparison.short = true)),
    Method::new("abbr", &[Type::Boolean], |_, value, arguments| {
        let short = matches!(argument(arguments, 0), Value::Boolean(true));
        with(value, |comparison| comparison.short = short)
    }),
    Method::new("depth", &[Type::Int], |_, value, _| Ok(value.clone())),
    Method::new("locale", &[Type::Locale], |_, value, _| Ok(value.clone())),
];

impl Object for Zone {
    fn kind(&self) -> &'static str {
        "time zone"
    }

    fn class(&self) -> Class {
        Class::Zone
    }

    fn java_type(&self) -> Type {
        Type::TimeZone
    }

    fn print(&self) -> String {
        self.id()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn zone(value: &Value) -> Result<&Zone> {
    match value {
        Value::Opaque(object) if let Some(zone) = object.downcast::<Zone>() => Ok(zone),
        _ => Err(failure("this is no time zone")),
    }
}

/// The methods of a time zone.
pub(crate) const ZONE: &[Method] = &[
    Method::new("getID", &[], |_, value, _| Ok(Value::from(zone(value)?.id()))),
    Method::new("getTimeZone", &[Type::String], |_, _, arguments| {
        let name = argument(arguments, 0).as_str().ok_or_else(|| failure("the zone's name is null"))?;
        let object: Rc<dyn Object> = Rc::new(Zone::named(name));
        Ok(Value::from(object))
    }),
];
