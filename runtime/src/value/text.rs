//! What a text stands for when its type is a date, a datetime, a duration, a phone number or a URL.

use compiler::ir::Duration;
use jiff::{Timestamp, civil};
use smol_str::SmolStr;

/// A phone number in normal form: `+` and 7 to 15 digits, the first one not 0 (E.164). Blanks, dashes, dots and brackets
/// are dropped.
pub fn phone(text: &str) -> Option<SmolStr> {
    let text = text.trim_matches(' ');
    let rest = text.strip_prefix('+')?;
    let digits: String = rest
        .chars()
        .filter(|character| !matches!(character, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '[' | ']'))
        .collect();
    let well_formed = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    (well_formed && (7..=15).contains(&digits.len())).then(|| SmolStr::from(format!("+{digits}")))
}

/// An absolute `http:` or `https:` URL in normal form (WHATWG URL). The URL reader drops line ends and tabs silently, so
/// a text that holds one is refused before.
pub(super) fn url(text: &str) -> Option<SmolStr> {
    if text.contains(|character: char| character.is_control()) {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| SmolStr::from(String::from(url)))
}

/// A calendar day: `2026-11-24` and nothing else.
pub(super) fn date(text: &str) -> Option<civil::Date> {
    let date: civil::Date = text.parse().ok()?;
    (text.len() == 10).then_some(date)
}

/// An instant: RFC 3339, with its offset.
pub(super) fn datetime(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A length of time, as in the language: `500ms 5s 10min 1h 7d 2w`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|character: char| !character.is_ascii_digit())?;
    let (count, unit) = text.split_at_checked(unit_at)?;
    let size: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return None,
    };
    let milliseconds = count.parse::<u64>().ok()?.checked_mul(size)?;
    Some(Duration { milliseconds })
}
