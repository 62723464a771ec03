//! What a text stands for when its type is a date, a datetime, a duration, a phone number or a URL.

use compiler::ir::Duration;
use jiff::{Timestamp, civil};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use smol_str::SmolStr;

/// Longer texts are no phone numbers, in bytes.
const LONGEST_PHONE: usize = 64;

/// A phone number in normal form: `+` and 7 to 15 digits, the first one not 0 (E.164). A number that is written for people is
/// read as libphonenumber reads it: blanks, dashes, dots and brackets are dropped, and so is a zero that is dialled within its
/// country only, `+49 (0)151 …`. Whether somebody has the number is not asked: tables of numbers age.
pub fn phone(text: &str) -> Option<SmolStr> {
    let text = text.trim_matches(' ');
    let rest = text.strip_prefix('+')?;
    if is_number(rest) {
        return Some(SmolStr::new(text));
    }
    read_phone(None, text).or_else(|| without_marks(rest))
}

/// A number as it is written in a country, `067 123 45 67`, or with `+`. The country has two letters (ISO 3166).
pub fn phone_in(text: &str, country: &str) -> Option<SmolStr> {
    let text = text.trim_matches(' ');
    if text.starts_with('+') {
        return phone(text);
    }
    read_phone(Some(region(country)?), text)
}

/// Whether there is such a country, by its two letters.
pub fn is_country(country: &str) -> bool {
    region(country).is_some()
}

fn region(country: &str) -> Option<Region> {
    // There are some of three digits, for numbers of no country.
    let two_letters = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic());
    let region = two_letters.then(|| Region::from_code(&country.to_ascii_uppercase()).ok()).flatten()?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| region)
}

fn is_number(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0') && (7..=15).contains(&digits.len())
}

fn read_phone(country: Option<Region>, text: &str) -> Option<SmolStr> {
    let plain = text.len() <= LONGEST_PHONE && text.chars().all(|character| !character.is_alphabetic());
    let number = plain.then(|| PHONE_NUMBER_UTIL.parse(text, country).ok()).flatten()?;
    let written = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164);
    written.strip_prefix('+').is_some_and(is_number).then(|| SmolStr::new(written))
}

/// A number of a country that is in no table yet.
fn without_marks(rest: &str) -> Option<SmolStr> {
    let digits: String = rest
        .chars()
        .filter(|character| !matches!(character, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '[' | ']'))
        .collect();
    is_number(&digits).then(|| SmolStr::from(format!("+{digits}")))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_have_one_form() {
        for (text, expected) in [
            ("+380671234567", Some("+380671234567")),
            ("+38 067 123-45-67", Some("+380671234567")),
            (" +49 (0)151 123 45 678 ", Some("+4915112345678")),
            ("+1 (555) 010-0199", Some("+15550100199")),
            // A country that no table has.
            ("+999 12 34 567", Some("+9991234567")),
            ("067 123 45 67", None),
            ("+0123456789", None),
            ("+1", None),
            ("+1 800 FLOWERS", None),
            ("+1234567890123456", None),
            ("", None),
        ] {
            assert_eq!(phone(text).as_deref(), expected, "{text}");
            assert_eq!(phone(text).and_then(|number| phone(&number)), phone(text), "{text}");
        }
    }

    #[test]
    fn a_number_of_a_country_is_read_as_there() {
        for (text, country, expected) in [
            ("067 123 45 67", "UA", Some("+380671234567")),
            ("0151 12345678", "de", Some("+4915112345678")),
            ("(415) 555-2671", "US", Some("+14155552671")),
            ("+44 20 7946 0958", "US", Some("+442079460958")),
            ("067 123 45 67", "XX", None),
        ] {
            assert_eq!(phone_in(text, country).as_deref(), expected, "{text} {country}");
        }
        assert!(is_country("ua") && !is_country("XX") && !is_country("") && !is_country("001"));
    }
}
