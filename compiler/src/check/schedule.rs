//! Cron lines: the five fields of POSIX `crontab`, with steps and the names of months and days.
//!
//! ```text
//! minute 0-59   hour 0-23   day of the month 1-31   month 1-12 or JAN-DEC   day of the week 0-7 or SUN-SAT
//! ```
//!
//! A field is `*` or a list of numbers and ranges; `/n` behind `*` or a range takes every n-th. Where both days are given,
//! either is enough, as `crontab` has it. What other dialects add (seconds, years, `L W # ?`, `@daily`) is refused: a
//! schedule must mean one thing to everybody who reads it.

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Text, TextPart};
use crate::syntax::text_block::TextBlock;

/// One of the five fields.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    words: &'static [&'static str],
    /// The number of the first word.
    first_word: u32,
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, words: &[], first_word: 0 },
    Field { name: "hour", least: 0, most: 23, words: &[], first_word: 0 },
    Field { name: "day of the month", least: 1, most: 31, words: &[], first_word: 0 },
    Field { name: "month", least: 1, most: 12, words: MONTHS, first_word: 1 },
    Field { name: "day of the week", least: 0, most: 7, words: DAYS, first_word: 0 },
];

/// The most days of each month, the 29th of February among them.
const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Short forms of other dialects and what they stand for.
const SHORT_FORMS: &[(&str, &str)] = &[
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// What is wrong with a part of a line.
struct Wrong {
    /// The offset of the part in the line, and its length.
    at: (usize, usize),
    message: String,
    hint: Option<String>,
}

/// Reads a cron line. Gives it in one form: numbers for names, one blank between the fields.
pub(crate) fn read(written: &Spanned<Text>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let block = match written.node.parts.as_slice() {
        [TextPart::Literal(block)] => block,
        [] => {
            diagnostics.push(count(0, written.span));
            return None;
        }
        parts => {
            let hole = parts.iter().find_map(|part| match part {
                TextPart::Interpolation(hole) => Some(hole.span),
                TextPart::Literal(_) => None,
            });
            diagnostics.push(
                Diagnostic::new(Code::InterpolationNotAllowed, hole.unwrap_or(written.span))
                    .message("a schedule is literal")
                    .hint("it is one for all contacts: no value is known yet"),
            );
            return None;
        }
    };
    let text = block.text.as_str();
    if let Some((_, long)) = SHORT_FORMS.iter().find(|(short, _)| text.trim().eq_ignore_ascii_case(short)) {
        diagnostics.push(
            Diagnostic::new(Code::ScheduleInvalid, written.span)
                .message("a schedule is written in five fields")
                .hint("minute, hour, day of the month, month, day of the week")
                .fix(Fix::replace(written.span, format!("\"{long}\""))),
        );
        return None;
    }
    let fields: Vec<(usize, &str)> =
        text.split_whitespace().map(|field| (field.as_ptr() as usize - text.as_ptr() as usize, field)).collect();
    if fields.len() != FIELDS.len() {
        diagnostics.push(count(fields.len(), written.span));
        return None;
    }
    let mut canonical = Vec::with_capacity(FIELDS.len());
    let mut sets = Vec::with_capacity(FIELDS.len());
    let before = diagnostics.len();
    for ((at, text), field) in fields.into_iter().zip(&FIELDS) {
        match field.read(at, text) {
            Ok((text, set)) => {
                canonical.push(text);
                sets.push(set);
            }
            Err(wrong) => diagnostics.push(report(block, wrong)),
        }
    }
    if diagnostics.len() > before {
        return None;
    }
    if never(&sets) {
        diagnostics.push(
            Diagnostic::new(Code::ScheduleInvalid, written.span)
                .message("this day never comes: no month of the schedule has it"),
        );
        return None;
    }
    Some(canonical.join(" "))
}

fn count(found: usize, span: Span) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::ScheduleInvalid, span).message(format!("a schedule has five fields, this has {found}"));
    finding.hint(if found == 6 {
        "minute, hour, day of the month, month, day of the week; there are no seconds and no years"
    } else {
        "minute, hour, day of the month, month, day of the week: `0 9 * * 1` is Mondays at nine"
    })
}

fn report(block: &TextBlock, wrong: Wrong) -> Diagnostic {
    let (at, length) = wrong.at;
    Diagnostic::new(Code::ScheduleInvalid, block.span(at..at + length)).message(wrong.message).maybe_hint(wrong.hint)
}

/// Which numbers a field takes; bit n stands for n. `None` is every one of them, written as `*`.
type Set = Option<u64>;

impl Field {
    fn read(&self, at: usize, text: &str) -> Result<(String, Set), Wrong> {
        let mut items = Vec::new();
        let mut set = 0_u64;
        let mut place = at;
        for item in text.split(',') {
            let (item_text, from, to, step) = self.item(place, item)?;
            let mut number = from;
            while number <= to {
                // Both 0 and 7 are Sunday.
                set |= 1 << if self.words.len() == DAYS.len() && number == 7 { 0 } else { number };
                number += step;
            }
            items.push(item_text);
            place += item.len() + 1;
        }
        let set = (text != "*").then_some(set);
        Ok((items.join(","), set))
    }

    /// `*`, `5`, `1-5`, `*/10`, `8-18/2`: its form, first and last number and step.
    fn item(&self, at: usize, item: &str) -> Result<(String, u32, u32, u32), Wrong> {
        let (base, step_text) = match item.split_once('/') {
            Some((base, step)) => (base, Some(step)),
            None => (item, None),
        };
        let wrong = |message: String, hint: &str| Wrong {
            at: (at, item.len()),
            message,
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        };
        let (from, to, form) = if base == "*" {
            (self.least, self.most, "*".to_owned())
        } else if let Some((from_text, to_text)) = base.split_once('-') {
            let from = self.number(from_text).ok_or_else(|| self.unknown(at, from_text))?;
            let to = self.number(to_text).ok_or_else(|| self.unknown(at + from_text.len() + 1, to_text))?;
            // A week may end with its Sunday.
            let to = if to == 0 && from > 0 && self.most == 7 { 7 } else { to };
            if from > to {
                return Err(wrong(
                    format!("the range `{base}` runs backwards"),
                    "write two: the end and the beginning",
                ));
            }
            (from, to, format!("{from}-{to}"))
        } else {
            let number = self.number(base).ok_or_else(|| self.unknown(at, base))?;
            if step_text.is_some() {
                return Err(wrong(
                    format!("`{item}` takes every n-th of one number"),
                    "a step stands behind `*` or a range: `*/15`, `8-18/2`",
                ));
            }
            let number = if self.most == 7 && number == 7 { 0 } else { number };
            (number, number, number.to_string())
        };
        let Some(step_text) = step_text else { return Ok((form, from, to, 1)) };
        let step = digits(step_text).filter(|step| (1..=self.most).contains(step));
        let Some(step) = step else {
            return Err(wrong(format!("a step is a number from 1 to {}", self.most), ""));
        };
        Ok((format!("{form}/{step}"), from, to, step))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text));
        match word {
            Some(position) => Some(u32::try_from(position).ok()? + self.first_word),
            None => digits(text).filter(|number| (self.least..=self.most).contains(number)),
        }
    }

    fn unknown(&self, at: usize, text: &str) -> Wrong {
        let (least, most) = (self.least, self.most);
        let words = match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => format!(", or {first} to {last}"),
            _ => String::new(),
        };
        Wrong {
            at: (at, text.len()),
            message: format!("`{text}` is no {}", self.name),
            hint: Some(format!("it is a number from {least} to {most}{words}")),
        }
    }
}

fn digits(text: &str) -> Option<u32> {
    let written = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if written { text.parse().ok() } else { None }
}

/// Whether no month of the schedule has its day. A day of the week comes in every month.
fn never(sets: &[Set]) -> bool {
    let (Some(days), Some(months), Some(week)) = (sets.get(2), sets.get(3), sets.get(4)) else { return false };
    let (Some(days), None) = (days, week) else { return false };
    let has = |set: &Set, number: u32| set.is_none_or(|set| set & (1 << number) != 0);
    !(1_u32..).zip(LENGTHS).any(|(month, length)| has(months, month) && (1..=length).any(|day| has(&Some(*days), day)))
}
