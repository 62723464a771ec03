//! When a failed attempt is made again: pure, so that the schedule can be shown before anything is sent.

use compiler::ir::{Attempts, Duration, StepId};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use sha2::{Digest, Sha256};

use super::input::{CallFailure, FailureClass};

/// A host may ask for a pause of at most so long.
const LONGEST_RETRY_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// When the next attempt is made, after attempt `number` (1 for the first) failed at `now`; `None` when it was the last
/// one or the failure is final. `retry_after` is the text of the answer's `Retry-After` header.
///
/// The pause is the schedule's own, or what the host asks for when that is longer, up to 24 hours.
pub fn next_attempt(
    attempts: &Attempts,
    run: &str,
    step: &StepId,
    number: u32,
    failure: &CallFailure,
    retry_after: Option<&str>,
    now: Timestamp,
) -> Option<Timestamp> {
    if !is_retried(failure) {
        return None;
    }
    let asked = retry_after.and_then(|text| parse_retry_after(text, now)).unwrap_or_default();
    next_by_schedule(attempts, run, step, number, asked, now)
}

/// When the next attempt is made after one that is worth another, if there are any left; not before the pause that was
/// `asked` for.
pub fn next_by_schedule(
    attempts: &Attempts,
    run: &str,
    step: &StepId,
    number: u32,
    asked: SignedDuration,
    now: Timestamp,
) -> Option<Timestamp> {
    if number >= attempts.count {
        return None;
    }
    let own = pause(attempts, run, step, number);
    now.checked_add(own.max(asked.min(LONGEST_RETRY_AFTER))).ok()
}

/// How often a mail is handed over that the mail server puts off, and how far apart: for about a day, at last every half an
/// hour, as RFC 5321, section 4.5.4.1, has it. Servers that do not know a sender put a first mail off for some minutes.
pub const MAIL_ATTEMPTS: Attempts =
    Attempts { count: 56, from: Duration { milliseconds: 1_000 }, to: Duration { milliseconds: 30 * 60 * 1_000 } };

/// The schedule's own pause after attempt `number`: `from` doubled for each one before, at most `to`, times 0.8 to 1.2.
/// The factor is derived from the run, the step and the number, so the same pause comes out after a restart.
pub fn pause(attempts: &Attempts, run: &str, step: &StepId, number: u32) -> SignedDuration {
    let doublings = number.saturating_sub(1).min(63);
    let doubled = u128::from(attempts.from.milliseconds) << doublings;
    let capped = doubled.min(u128::from(attempts.to.milliseconds.max(attempts.from.milliseconds)));
    // 800 to 1200 thousandths.
    let thousandths = 800 + u128::from(jitter(run, step, number)) * 401 / (1 << 32);
    let milliseconds = capped * thousandths / 1_000;
    SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

/// An evenly spread number that depends on its arguments alone.
fn jitter(run: &str, step: &StepId, number: u32) -> u32 {
    let mut hasher = Sha256::new();
    for part in [run.as_bytes(), step.0.as_bytes()] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(number.to_le_bytes());
    hasher.finalize().iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// Whether a failure may pass by itself: no connection, no name, no answer in time, and the statuses 408, 425, 429, 5xx.
pub fn is_retried(failure: &CallFailure) -> bool {
    match failure.class {
        FailureClass::Dns | FailureClass::Connection | FailureClass::Timeout | FailureClass::Unknown => true,
        FailureClass::Status => matches!(failure.status, Some(408 | 425 | 429 | 500..=599)),
        FailureClass::Request
        | FailureClass::MissingSecret
        | FailureClass::Blocked
        | FailureClass::Certificate
        | FailureClass::Body
        | FailureClass::TooLarge => false,
    }
}

/// How long a `Retry-After` header asks to wait: a number of seconds or an HTTP date (RFC 9110, section 10.2.3). A date
/// in the past is no pause.
pub fn parse_retry_after(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim_matches([' ', '\t']);
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a very long time.
        return Some(text.parse().map_or(LONGEST_RETRY_AFTER, SignedDuration::from_secs));
    }
    let pause = http_date(text)?.duration_since(now);
    Some(pause.max(SignedDuration::ZERO))
}

/// The three forms of an HTTP date (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    const FORMS: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let written = FORMS.iter().find_map(|form| civil::DateTime::strptime(form, text).ok())?;
    TimeZone::UTC.to_timestamp(written).ok()
}

#[cfg(test)]
mod tests {
    use compiler::ir::Duration;

    use super::*;

    fn attempts() -> Attempts {
        Attempts { count: 5, from: Duration { milliseconds: 1_000 }, to: Duration { milliseconds: 60_000 } }
    }

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn failure(class: FailureClass, status: Option<u16>) -> CallFailure {
        CallFailure { class, status, message: String::new() }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_are_spread() {
        for (number, base) in [(1, 1_000), (2, 2_000), (5, 16_000), (6, 32_000), (7, 60_000), (1_000, 60_000)] {
            let pauses: Vec<i128> = (0..400)
                .map(|run| pause(&attempts(), &run.to_string(), &StepId("call:a".into()), number).as_millis())
                .collect();
            assert!(pauses.iter().all(|pause| (base * 8 / 10..=base * 12 / 10).contains(pause)), "{number}");
            assert!(pauses.iter().any(|pause| *pause < base * 85 / 100), "{number}");
            assert!(pauses.iter().any(|pause| *pause > base * 115 / 100), "{number}");
        }
        let one = |step: &str| pause(&attempts(), "r", &StepId(step.into()), 3);
        assert_eq!(one("a"), one("a"));
        assert_ne!(one("a"), one("b"));
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (class, status, expected) in [
            (FailureClass::Connection, None, true),
            (FailureClass::Dns, None, true),
            (FailureClass::Timeout, None, true),
            (FailureClass::Status, Some(408), true),
            (FailureClass::Status, Some(425), true),
            (FailureClass::Status, Some(429), true),
            (FailureClass::Status, Some(500), true),
            (FailureClass::Status, Some(599), true),
            (FailureClass::Status, Some(301), false),
            (FailureClass::Status, Some(400), false),
            (FailureClass::Status, Some(404), false),
            (FailureClass::Status, None, false),
            (FailureClass::Blocked, None, false),
            (FailureClass::Certificate, None, false),
            (FailureClass::Body, Some(200), false),
            (FailureClass::TooLarge, Some(200), false),
            (FailureClass::MissingSecret, None, false),
            (FailureClass::Request, None, false),
        ] {
            assert_eq!(is_retried(&failure(class, status)), expected, "{class:?} {status:?}");
        }
        let step = StepId("call:a".into());
        let next =
            |number| next_attempt(&attempts(), "r", &step, number, &failure(FailureClass::Timeout, None), None, now());
        assert!(next(4).is_some());
        assert_eq!(next(5), None);
        assert_eq!(next(u32::MAX), None);
    }

    #[test]
    fn a_host_may_ask_for_longer_but_not_for_shorter_pauses() {
        let step = StepId("call:a".into());
        let next = |retry_after: &str| {
            let failure = failure(FailureClass::Status, Some(429));
            let at = next_attempt(&attempts(), "r", &step, 1, &failure, Some(retry_after), now()).unwrap();
            at.duration_since(now()).as_millis()
        };
        let own = pause(&attempts(), "r", &step, 1).as_millis();
        for (retry_after, expected) in [
            ("0", own),
            ("120", 120_000),
            (" 7 ", 7_000),
            ("86400", 86_400_000),
            ("86401", 86_400_000),
            ("99999999999999999999999", 86_400_000),
            ("Thu, 01 Jan 2026 00:10:00 GMT", 600_000),
            ("Thursday, 01-Jan-26 00:10:00 GMT", 600_000),
            ("Thu Jan  1 00:10:00 2026", 600_000),
            ("Thu, 01 Jan 1970 00:00:00 GMT", own),
            ("Fri, 01 Jan 2038 00:00:00 GMT", 86_400_000),
            ("-5", own),
            ("1.5", own),
            ("soon", own),
            ("", own),
        ] {
            assert_eq!(next(retry_after), expected, "{retry_after:?}");
        }
    }
}
