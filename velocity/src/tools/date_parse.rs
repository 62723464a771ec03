//! Dates read by patterns, as leniently as Java reads them: `2026-13-45` is a date.

use super::date_format::{DateFormat, Piece};
use super::moment::{Fields, offset_zone};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

#[derive(Default)]
struct Found {
    fields: Fields,
    half_day: Option<i64>,
    /// An hour from 0 to 11 or from 1 to 12.
    half_hour: Option<i64>,
    zone: Option<TimeZone>,
    day_of_year: Option<i64>,
    before_christ: bool,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// A whole number, of `most` digits if the next field follows at once.
    fn number(&mut self, most: Option<usize>) -> Option<(i64, usize)> {
        self.blanks();
        let rest = self.rest();
        let (sign, digits) = rest.strip_prefix('-').map_or((1, rest), |digits| (-1, digits));
        let mut length = digits.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(most) = most {
            if length < most {
                return None;
            }
            length = most;
        }
        let value: i64 = digits.get(..length).filter(|digits| !digits.is_empty())?.parse().ok()?;
        self.at += length + usize::from(sign < 0);
        Some((sign * value, length))
    }

    /// The longest of these names that comes next, by its place.
    fn name(&mut self, lists: &[&[&'static str]]) -> Option<i64> {
        self.blanks();
        let rest = self.rest();
        let mut best: Option<(usize, usize)> = None;
        for list in lists {
            for (place, name) in list.iter().enumerate() {
                let here = rest.get(..name.len()).is_some_and(|start| start.to_lowercase() == name.to_lowercase());
                if here && !name.is_empty() && best.is_none_or(|(length, _)| name.len() > length) {
                    best = Some((name.len(), place));
                }
            }
        }
        let (length, place) = best?;
        self.at += length;
        i64::try_from(place).ok()
    }

    fn offset(&mut self) -> Option<TimeZone> {
        let rest = self.rest();
        if rest.starts_with('Z') {
            self.at += 1;
            return Some(TimeZone::UTC);
        }
        let rest = rest.strip_prefix("GMT").unwrap_or(rest);
        let skipped = self.rest().len() - rest.len();
        if !rest.starts_with(['+', '-']) {
            if skipped > 0 {
                self.at += skipped;
                return Some(TimeZone::UTC);
            }
            return None;
        }
        let end = 1 + rest
            .get(1..)?
            .find(|character: char| !character.is_ascii_digit() && character != ':')
            .unwrap_or(rest.len() - 1);
        let zone = offset_zone(rest.get(..end)?)?;
        self.at += skipped + end;
        Some(zone)
    }

    fn zone(&mut self) -> Option<TimeZone> {
        self.blanks();
        const NAMES: &[(&str, &str)] = &[
            ("UTC", "UTC"),
            ("EEST", "Europe/Kyiv"),
            ("EET", "Europe/Kyiv"),
            ("CEST", "Europe/Berlin"),
            ("CET", "Europe/Berlin"),
            ("EST", "America/New_York"),
            ("EDT", "America/New_York"),
            ("CST", "America/Chicago"),
            ("CDT", "America/Chicago"),
            ("PST", "America/Los_Angeles"),
            ("PDT", "America/Los_Angeles"),
        ];
        if let Some(zone) = self.offset() {
            return Some(zone);
        }
        let (name, zone) = NAMES.iter().find(|(name, _)| self.rest().starts_with(name))?;
        self.at += name.len();
        TimeZone::get(zone).ok()
    }
}

impl DateFormat {
    /// The moment a text names; what follows it is ignored.
    pub(super) fn parse(&self, text: &str, zone: &TimeZone, now: Option<Timestamp>) -> Option<Zoned> {
        let mut reader = Reader { text, at: 0 };
        let mut found = Found::default();
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Text(literal) => {
                    reader.rest().starts_with(literal.as_str()).then_some(())?;
                    reader.at += literal.len();
                }
                Piece::ZoneId => return None,
                Piece::Field(letter, count) => {
                    let abuts = matches!(self.pieces.get(index + 1), Some(Piece::Field(next, width))
                        if is_number(*next, *width));
                    self.read(&mut reader, &mut found, *letter, *count, abuts, now)?;
                }
            }
        }
        // A pattern that takes nothing has not read anything.
        (reader.at > 0).then_some(())?;
        let mut fields = found.fields;
        if let Some(hour) = found.half_hour {
            fields.hour = hour + 12 * found.half_day.unwrap_or(0);
        }
        if let Some(day) = found.day_of_year {
            fields.month = 0;
            fields.day = day;
        }
        if found.before_christ {
            fields.year = 1 - fields.year;
        }
        let moment = fields.in_zone(found.zone.as_ref().unwrap_or(zone))?;
        Some(moment.with_time_zone(zone.clone()))
    }

    fn read(
        &self,
        reader: &mut Reader<'_>,
        found: &mut Found,
        letter: char,
        count: usize,
        abuts: bool,
        now: Option<Timestamp>,
    ) -> Option<()> {
        let data = self.locale.data();
        let fields = &mut found.fields;
        match letter {
            'G' => found.before_christ = reader.name(&[&data.eras])? == 0,
            'M' | 'L' if count >= 3 => {
                fields.month =
                    reader.name(&[&data.months, &data.short_months, &data.lone_months, &data.lone_short_months])?;
            }
            'E' => drop(reader.name(&[&data.days, &data.short_days])?),
            'a' => found.half_day = Some(reader.name(&[&data.half_days])?),
            'z' | 'Z' => found.zone = Some(reader.zone()?),
            'X' => found.zone = Some(reader.offset()?),
            _ => {
                let (value, digits) = reader.number(abuts.then_some(count))?;
                match letter {
                    'y' | 'Y' => {
                        fields.year = if count <= 2 && digits == 2 { in_this_age(value, now) } else { value };
                    }
                    'M' | 'L' => fields.month = value - 1,
                    'd' => fields.day = value,
                    'D' => found.day_of_year = Some(value),
                    'H' => fields.hour = value,
                    'k' => fields.hour = if value == 24 { 0 } else { value },
                    'K' => found.half_hour = Some(value),
                    'h' => found.half_hour = Some(if value == 12 { 0 } else { value }),
                    'm' => fields.minute = value,
                    's' => fields.second = value,
                    'S' => fields.millisecond = value,
                    _ => {}
                }
            }
        }
        Some(())
    }
}

fn is_number(letter: char, count: usize) -> bool {
    match letter {
        'M' | 'L' => count < 3,
        'G' | 'E' | 'a' | 'z' | 'Z' | 'X' => false,
        _ => true,
    }
}

/// Two digits name a year from 80 years ago to 20 years ahead.
fn in_this_age(year: i64, now: Option<Timestamp>) -> i64 {
    let this = now.map_or(2026, |now| i64::from(now.to_zoned(TimeZone::UTC).year()));
    let first = this - 80;
    let candidate = first - first.rem_euclid(100) + year;
    if candidate < first { candidate + 100 } else { candidate }
}
