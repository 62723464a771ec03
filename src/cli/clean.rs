//! Text of strangers on a terminal.
//!
//! Bodies of webhooks, event ids and file names are other people's words. A terminal obeys some of them: an escape sequence
//! can repaint what was printed before, a direction mark can reorder a line. So control characters are shown, not sent.

use std::borrow::Cow;

/// The text with every character that a terminal would act on written as `\u{…}`; line ends and tabs stay.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    // A line end of two characters is one: bodies written on other systems are no reason for marks on every line.
    let mut result = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        if acts(character) {
            result.extend(character.escape_unicode());
        } else {
            result.push(character);
        }
    }
    Cow::Owned(result)
}

/// The text as [`clean`] gives it, on one line.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(|character| acts(character) || matches!(character, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(clean(text).replace('\n', "\\n").replace('\t', "\\t"))
}

/// A time of the API (RFC 3339, UTC) with at most three digits of a second: more only make columns wide.
pub(crate) fn time(text: &str) -> Cow<'_, str> {
    let shortened = || {
        let (whole, fraction) = text.strip_suffix('Z')?.split_once('.')?;
        let digits = fraction.get(..3)?;
        fraction.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{whole}.{digits}Z"))
    };
    shortened().map_or_else(|| one_line(text), |short| Cow::Owned(one_line(&short).into_owned()))
}

/// Control characters, the marks and overrides of the bidirectional algorithm (UAX #9, section 2), and what takes no room.
fn acts(character: char) -> bool {
    let shown = matches!(character, '\n' | '\t');
    (character.is_control() && !shown)
        || matches!(character, '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        let cases = [
            ("plain й 😀\n\tnext", "plain й 😀\n\tnext"),
            ("a\r\nb\rc", "a\nb\\u{d}c"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}txt.exe\u{2069}", "\\u{202e}txt.exe\\u{2069}"),
            ("\0\u{7f}", "\\u{0}\\u{7f}"),
            ("a\u{200b}b\u{ad}c 👩\u{200d}💻", "a\\u{200b}b\\u{ad}c 👩\u{200d}💻"),
        ];
        for (text, shown) in cases {
            assert_eq!(clean(text), shown, "{text:?}");
        }
        assert_eq!(one_line("a\tb\r\nc\u{1b}"), "a\\tb\\nc\\u{1b}");
    }

    #[test]
    fn times_are_short() {
        let cases = [
            ("2026-11-21T22:35:48.413469043Z", "2026-11-21T22:35:48.413Z"),
            ("2026-11-21T22:35:48.41Z", "2026-11-21T22:35:48.41Z"),
            ("2026-11-21T22:35:48Z", "2026-11-21T22:35:48Z"),
            ("a.\u{1b}12345Z", "a.\\u{1b}12345Z"),
            ("", ""),
        ];
        for (text, short) in cases {
            assert_eq!(time(text), short);
        }
    }
}
