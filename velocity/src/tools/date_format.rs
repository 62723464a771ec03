//! Java's `SimpleDateFormat`: dates shown by patterns such as `d MMMM yyyy`.

use super::locale::Locale;
use super::moment::{week_of_month, week_of_year, weekday};
use crate::error::Result;
use crate::methods::failure;
use jiff::Zoned;

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A letter and how often it stands there.
    Field(char, usize),
    Text(String),
    /// The zone's own name, which no pattern letter shows.
    ZoneId,
}

/// A pattern, read.
#[derive(Clone, Debug)]
pub(super) struct DateFormat {
    pub(super) pieces: Vec<Piece>,
    pub(super) locale: Locale,
}

const LETTERS: &str = "GyYMLwWDdFEuaHkKhmsSzZX";

impl DateFormat {
    /// Reads a pattern.
    pub(super) fn pattern(pattern: &str, locale: &Locale) -> Result<DateFormat> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = pattern.chars().peekable();
        let literal = |pieces: &mut Vec<Piece>, character: char| match pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(character),
            _ => pieces.push(Piece::Text(character.to_string())),
        };
        while let Some(character) = rest.next() {
            match character {
                '\'' if rest.next_if_eq(&'\'').is_some() => literal(&mut pieces, '\''),
                '\'' => loop {
                    match rest.next() {
                        Some('\'') if rest.next_if_eq(&'\'').is_some() => literal(&mut pieces, '\''),
                        Some('\'') => break,
                        Some(quoted) => literal(&mut pieces, quoted),
                        None => return Err(failure("a quote in a date pattern is not closed")),
                    }
                },
                letter if letter.is_ascii_alphabetic() => {
                    if !LETTERS.contains(letter) {
                        return Err(failure(format!("`{letter}` is no letter of a date pattern")));
                    }
                    let mut count = 1;
                    while rest.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    if letter == 'X' && count > 3 {
                        return Err(failure("a zone in a date pattern has three letters at most"));
                    }
                    pieces.push(Piece::Field(letter, count));
                }
                other => literal(&mut pieces, other),
            }
        }
        Ok(DateFormat { pieces, locale: locale.clone() })
    }

    /// The format of a style such as `medium` or `short_date`, or of a pattern; `None` when there is none.
    pub(super) fn new(format: &str, locale: &Locale) -> Result<Option<DateFormat>> {
        if let Some(style) = format.strip_suffix("_date") {
            return DateFormat::styles(style_of(style), None, locale);
        }
        if let Some(style) = format.strip_suffix("_time") {
            return DateFormat::styles(None, style_of(style), locale);
        }
        match style_of(format) {
            Some(style) => DateFormat::styles(Some(style), Some(style), locale),
            None => DateFormat::pattern(format, locale).map(Some),
        }
    }

    /// The format of a date and a time in the given styles.
    pub(super) fn styles(date: Option<Style>, time: Option<Style>, locale: &Locale) -> Result<Option<DateFormat>> {
        // Without any style it is the machine's own way to show a date, whatever the locale.
        let fallback = Locale::us();
        let locale = if date.is_none() && time.is_none() { &fallback } else { locale };
        let data = locale.data();
        let mut zone_id = false;
        let pattern = match (date, time) {
            (None, None) => data.dates[2].to_owned(),
            (Some(Style::Plain(date)), None) => data.dates.get(date).copied().unwrap_or_default().to_owned(),
            (Some(_), None) => "yyyy-MM-dd".to_owned(),
            (None, Some(Style::Plain(time))) => data.times.get(time).copied().unwrap_or_default().to_owned(),
            (None, Some(Style::Iso | Style::Intl)) => "HH:mm:ss".to_owned(),
            (None, Some(Style::IsoZone)) => "HH:mm:ssXXX".to_owned(),
            (None, Some(Style::IntlZone)) => {
                zone_id = true;
                "HH:mm:ss".to_owned()
            }
            (Some(Style::Iso), Some(_)) => "yyyy-MM-dd'T'HH:mm:ss".to_owned(),
            (Some(Style::IsoZone), Some(_)) => "yyyy-MM-dd'T'HH:mm:ssXXX".to_owned(),
            (Some(Style::Intl), Some(_)) => "yyyy-MM-dd HH:mm:ss".to_owned(),
            (Some(Style::IntlZone), Some(_)) => {
                zone_id = true;
                "yyyy-MM-dd HH:mm:ss".to_owned()
            }
            (Some(Style::Plain(date)), Some(Style::Plain(time))) => data.date_time(date, time),
            (Some(Style::Plain(_)), Some(_)) => return Ok(None),
        };
        let mut format = DateFormat::pattern(&pattern, locale)?;
        if zone_id {
            format.pieces.push(Piece::Text(" ".to_owned()));
            format.pieces.push(Piece::ZoneId);
        }
        Ok(Some(format))
    }

    /// A moment as text.
    pub(super) fn format(&self, moment: &Zoned) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::ZoneId => text.push_str(moment.time_zone().iana_name().unwrap_or("UTC")),
                Piece::Field(letter, count) => text.push_str(&self.field(moment, *letter, *count)),
            }
        }
        text
    }

    fn field(&self, moment: &Zoned, letter: char, count: usize) -> String {
        let data = self.locale.data();
        let number = |value: i64| format!("{value:0>count$}");
        let name = |names: &[&'static str], index: i32| -> String {
            usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default().to_owned()
        };
        let year = |year: i32| {
            let year = i64::from(if year > 0 { year } else { 1 - year });
            if count == 2 { format!("{:02}", year % 100) } else { number(year) }
        };
        let hour = i64::from(moment.hour());
        let month = i32::from(moment.month()) - 1;
        // A month without anything else around it stands alone.
        match letter {
            'G' => name(&data.eras, i32::from(moment.year() > 0)),
            'y' => year(i32::from(moment.year())),
            'Y' => year(week_of_year(moment, &self.locale).1),
            'M' | 'L' if count >= 4 => {
                name(if letter == 'L' || self.lone_month() { &data.lone_months } else { &data.months }, month)
            }
            'M' | 'L' if count == 3 => {
                let lone = letter == 'L' || self.lone_month();
                name(if lone { &data.lone_short_months } else { &data.short_months }, month)
            }
            'M' | 'L' => number(i64::from(month) + 1),
            'w' => number(i64::from(week_of_year(moment, &self.locale).0)),
            'W' => number(i64::from(week_of_month(moment, &self.locale))),
            'D' => number(i64::from(moment.day_of_year())),
            'd' => number(i64::from(moment.day())),
            'F' => number((i64::from(moment.day()) - 1) / 7 + 1),
            'E' => name(if count >= 4 { &data.days } else { &data.short_days }, weekday(moment) - 1),
            'u' => number(i64::from(moment.weekday().to_monday_one_offset())),
            'a' => name(&data.half_days, i32::from(hour >= 12)),
            'H' => number(hour),
            'k' => number(if hour == 0 { 24 } else { hour }),
            'K' => number(hour % 12),
            'h' => number(if hour % 12 == 0 { 12 } else { hour % 12 }),
            'm' => number(i64::from(moment.minute())),
            's' => number(i64::from(moment.second())),
            'S' => number(i64::from(moment.millisecond())),
            'z' => self.zone(moment, count),
            'Z' => offset(moment, "+0000", ""),
            'X' => match count {
                _ if moment.offset().seconds() == 0 => "Z".to_owned(),
                1 => offset(moment, "", "").chars().take(3).collect(),
                2 => offset(moment, "", ""),
                _ => offset(moment, "", ":"),
            },
            _ => String::new(),
        }
    }

    /// Whether the pattern is a month and nothing else.
    fn lone_month(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Field('M', _)])
    }

    fn zone(&self, moment: &Zoned, count: usize) -> String {
        let info = moment.time_zone().to_offset_info(moment.timestamp());
        let short = info.abbreviation();
        let data = self.locale.data();
        let find = |names: &[(&'static str, &'static str)]| {
            names.iter().find(|(known, _)| *known == short).map(|(_, name)| (*name).to_owned())
        };
        if short.starts_with(['+', '-']) || short.is_empty() {
            return format!("GMT{}", offset(moment, "", ":"));
        }
        let long = if count >= 4 { find(data.long_zones) } else { None };
        long.or_else(|| find(data.zones)).unwrap_or_else(|| short.to_owned())
    }
}

/// `+0200`, with something between hours and minutes; `zero` is for none, if it is given.
fn offset(moment: &Zoned, zero: &str, between: &str) -> String {
    let seconds = moment.offset().seconds();
    if seconds == 0 && !zero.is_empty() {
        return zero.to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
}

/// A named style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// 0 for full to 3 for short.
    Plain(usize),
    Iso,
    IsoZone,
    Intl,
    IntlZone,
}

pub(super) fn style_of(name: &str) -> Option<Style> {
    Some(match name.to_ascii_uppercase().as_str() {
        "FULL" => Style::Plain(0),
        "LONG" => Style::Plain(1),
        "MEDIUM" | "DEFAULT" => Style::Plain(2),
        "SHORT" => Style::Plain(3),
        "ISO" => Style::Iso,
        "ISO_TZ" => Style::IsoZone,
        "INTL" => Style::Intl,
        "INTL_TZ" => Style::IntlZone,
        _ => return None,
    })
}
