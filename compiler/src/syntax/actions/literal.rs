//! Numbers, percentages, durations, dates and times.
//!
//! The lexer takes what looks like one of them; whether it is one is decided here. A value that is none is reported and
//! read as broken or as something harmless, so that one slip is one report.

use jiff::civil;
use jiff::tz::Offset;
use rust_decimal::Decimal;

use super::Deep;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{DateTime, Duration, DurationUnit, Expr, ExprKind, Literal, Name, Share};
use crate::syntax::layer;
use crate::syntax::reader::Reader;

/// The longest duration: a hundred years. Beyond, a moment may be one that no calendar has.
const LONGEST: u64 = 36_525 * 86_400_000;

pub(crate) fn text_literal(text: Name) -> Spanned<Literal> {
    text.map(Literal::Text)
}

impl Reader<'_> {
    fn number_out_of_range(&mut self, span: Span, limit: &str) {
        // What was no number to begin with is reported already.
        if !self.is_slip(span.start) {
            self.report(Diagnostic::new(Code::NumberOutOfRange, span).hint(limit.to_owned()));
        }
    }

    /// The text of a number. Behind its minus a blank may stand, or a comment.
    fn number(&self, span: Span) -> String {
        let text = self.slice(span);
        let digits = text.rsplit(|letter: char| letter.is_whitespace() || letter == '-').next().unwrap_or("");
        if text.starts_with('-') { format!("-{digits}") } else { digits.to_owned() }
    }

    fn integer(&mut self, span: Span) -> Option<i64> {
        let value = self.number(span).parse().ok();
        if value.is_none() {
            self.number_out_of_range(span, "whole numbers reach from -9223372036854775808 to 9223372036854775807");
        }
        value
    }

    fn exact(&mut self, span: Span) -> Option<Decimal> {
        let value = Decimal::from_str_exact(self.number(span).trim_end_matches('%')).ok();
        if value.is_none() {
            self.number_out_of_range(span, "a decimal has at most 28 digits; it would have to be rounded");
        }
        value
    }

    /// A count, as in `attempts 5`. One out of range counts as 1.
    pub(crate) fn int(&mut self, start: u32, end: u32) -> Spanned<i64> {
        let span = self.span(start, end);
        span.with(self.integer(span).unwrap_or(1))
    }

    pub(crate) fn int_literal(&mut self, start: u32, end: u32) -> Spanned<Literal> {
        let span = self.span(start, end);
        span.with(self.integer(span).map_or(Literal::Broken, Literal::Int))
    }

    pub(crate) fn decimal_literal(&mut self, start: u32, end: u32) -> Spanned<Literal> {
        let span = self.span(start, end);
        span.with(self.exact(span).map_or(Literal::Broken, Literal::Decimal))
    }

    pub(crate) fn int_value(&mut self, start: u32, end: u32) -> Deep<Expr> {
        let span = self.span(start, end);
        let value = self.integer(span).map_or(ExprKind::Broken, ExprKind::Int);
        Deep::leaf(span.with(value))
    }

    pub(crate) fn decimal_value(&mut self, start: u32, end: u32) -> Deep<Expr> {
        let span = self.span(start, end);
        let value = self.exact(span).map_or(ExprKind::Broken, ExprKind::Decimal);
        Deep::leaf(span.with(value))
    }

    pub(crate) fn percent(&mut self, start: u32, end: u32) -> Spanned<Share> {
        let span = self.span(start, end);
        span.with(Share::Percent(self.exact(span).unwrap_or_default()))
    }

    /// A duration. One that is none counts as a minute.
    pub(crate) fn duration(&mut self, start: u32, end: u32) -> Spanned<Duration> {
        let span = self.span(start, end);
        // One of another form was told of, and counts as what is meant.
        let meant = if self.is_slip(start) { layer::meant_duration(self.slice(span)) } else { None };
        let text = meant.as_deref().unwrap_or_else(|| self.slice(span));
        let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        let (amount, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
        let unit = match unit {
            "ms" => DurationUnit::Milliseconds,
            "s" => DurationUnit::Seconds,
            "h" => DurationUnit::Hours,
            "d" => DurationUnit::Days,
            "w" => DurationUnit::Weeks,
            _ => DurationUnit::Minutes,
        };
        let duration = amount.parse().ok().map(|amount| Duration { amount, unit });
        match duration.filter(|duration| duration.milliseconds() <= LONGEST) {
            Some(duration) => span.with(duration),
            None => {
                self.number_out_of_range(span, "a duration has at most a hundred years");
                span.with(Duration { amount: 1, unit: DurationUnit::Minutes })
            }
        }
    }

    pub(crate) fn duration_value(&mut self, start: u32, end: u32) -> Deep<Expr> {
        Deep::leaf(self.duration(start, end).map(ExprKind::Duration))
    }

    pub(crate) fn date_value(&mut self, start: u32, end: u32) -> Deep<Expr> {
        let span = self.span(start, end);
        let value = self.date(span, self.slice(span)).map_or(ExprKind::Broken, ExprKind::Date);
        Deep::leaf(span.with(value))
    }

    fn date(&mut self, span: Span, text: &str) -> Option<civil::Date> {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        if let ([_, _], [_, _]) = (month.as_bytes(), day.as_bytes()) {
            let date = civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
            if date.is_none() {
                self.no_such_date(span, "the calendar has no such day", None);
            }
            return date;
        }
        let padded = format!("{year}-{month:0>2}-{day:0>2}");
        self.no_such_date(span, "month and day have two digits", Some(padded));
        None
    }

    pub(crate) fn time_value(&mut self, start: u32, end: u32) -> Deep<Expr> {
        let span = self.span(start, end);
        let value = self.time(span).map_or(ExprKind::Broken, ExprKind::Time);
        Deep::leaf(span.with(value))
    }

    fn time(&mut self, span: Span) -> Option<civil::Time> {
        let text = self.slice(span);
        let (hour, rest) = text.split_once(':')?;
        let (minute, seconds) = rest.split_once(':').map_or((rest, false), |(minute, _)| (minute, true));
        if seconds {
            self.no_such_date(span, "a time of day has no seconds", Some(format!("{hour:0>2}:{minute:0>2}")));
            return None;
        }
        if hour.len() < 2 || minute.len() < 2 {
            self.no_such_date(span, "hour and minute have two digits", Some(format!("{hour:0>2}:{minute:0>2}")));
            return None;
        }
        let time = clock(hour, minute, "00");
        if time.is_none() {
            self.no_such_date(span, "hours go from 00 to 23, minutes from 00 to 59", None);
        }
        time
    }

    pub(crate) fn datetime_value(&mut self, start: u32, end: u32) -> Deep<Expr> {
        let span = self.span(start, end);
        let value = self.datetime(span).map_or(ExprKind::Broken, ExprKind::DateTime);
        Deep::leaf(span.with(value))
    }

    fn datetime(&mut self, span: Span) -> Option<DateTime> {
        let text = self.slice(span);
        let (date, rest) = text.split_once(['T', 't'])?;
        let date = self.date(span, date)?;
        let zone = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (time, zone) = rest.split_at_checked(zone)?;
        let mut parts = time.split(':');
        let clock = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(hour), Some(minute), seconds, None) => clock(hour, minute, seconds.unwrap_or("00")),
            _ => None,
        };
        let offset = match zone {
            "" => Some(None),
            "Z" => Some(Some(Offset::UTC)),
            _ => offset(zone).map(Some),
        };
        let (Some(clock), Some(offset)) = (clock, offset) else {
            self.no_such_date(
                span,
                "write it as `2026-11-24T09:30`, `2026-11-24T09:30:00Z` or `2026-11-24T09:30+02:00`",
                None,
            );
            return None;
        };
        Some(DateTime { civil: date.to_datetime(clock), offset })
    }

    fn no_such_date(&mut self, span: Span, hint: &str, repaired: Option<String>) {
        let diagnostic = Diagnostic::new(Code::NoSuchDate, span).hint(hint);
        self.report(match repaired {
            Some(repaired) => diagnostic.fix(Fix::replace(span, repaired)),
            None => diagnostic,
        });
    }
}

/// Two digits each.
fn clock(hour: &str, minute: &str, second: &str) -> Option<civil::Time> {
    civil::Time::new(two(hour)?, two(minute)?, two(second)?, 0).ok()
}

/// `+02:00`, at most 18 hours either way.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (i32::from(two(hours)?), i32::from(two(minutes)?));
    let seconds = hours * 3600 + minutes * 60;
    if minutes > 59 || seconds > 18 * 3600 {
        return None;
    }
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

fn two(digits: &str) -> Option<i8> {
    if digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}
