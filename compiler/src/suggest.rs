//! Which of the names that exist was meant.
//!
//! Only what is near is suggested: a wrong guess costs more than none.

/// How alike two names must be, from 0 to 1. One wrong letter of four passes, two of five do not.
const FLOOR: f64 = 0.7;

/// The longest name that is compared, in characters.
const LONGEST: usize = 200;

/// How many candidates are compared at most. Where there are more, nobody knows them by heart, and a search through all of
/// them for each of many unknown names would take quadratic time.
const MOST: usize = 2_000;

/// The name among `candidates` that is most like `written`, if one is alike enough. Letter case does not count. Of two that are
/// equally near, the first one wins.
pub fn nearest<'name>(written: &str, candidates: impl IntoIterator<Item = &'name str>) -> Option<&'name str> {
    nearest_of_all(written, candidates.into_iter().take(MOST))
}

/// As [`nearest`], among any number of candidates: for whoever asks a few times only.
pub(crate) fn nearest_of_all<'name>(
    written: &str,
    candidates: impl IntoIterator<Item = &'name str>,
) -> Option<&'name str> {
    let length = written.chars().count();
    if length > LONGEST {
        return None;
    }
    let written = written.to_lowercase();
    let letters = Letters::of(&written);
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        // Most names are unlike in their length or in the letters that they have, and need not be compared.
        let other = candidate.chars().count();
        let unlike = (1.0 - FLOOR) * (length.max(other) as f64);
        if length.abs_diff(other) as f64 > unlike || f64::from(letters.apart(&Letters::of(candidate))) > unlike {
            continue;
        }
        let likeness = likeness(&written, &candidate.to_lowercase());
        if likeness >= FLOOR && best.is_none_or(|(found, _)| likeness > found) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How often each ASCII letter or digit occurs in a name, whatever its case; other characters are not counted.
struct Letters([u8; 36]);

impl Letters {
    fn of(name: &str) -> Letters {
        let mut counts = [0u8; 36];
        for byte in name.bytes() {
            let place = match byte.to_ascii_lowercase() {
                letter @ b'a'..=b'z' => letter - b'a',
                digit @ b'0'..=b'9' => digit - b'0' + 26,
                _ => continue,
            };
            if let Some(count) = counts.get_mut(usize::from(place)) {
                *count = count.saturating_add(1);
            }
        }
        Letters(counts)
    }

    /// How many letters at least have to be typed anew to make one of the other: each of them takes one away and adds one.
    fn apart(&self, other: &Letters) -> u32 {
        let apart = self.0.iter().zip(&other.0).map(|(one, other)| u32::from(one.abs_diff(*other))).sum::<u32>();
        apart / 2
    }
}

/// One less the share of letters that must be typed anew; two swapped letters count as one, and the same letters in
/// another order are near in any case.
fn likeness(written: &str, candidate: &str) -> f64 {
    let sorted = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    let likeness = strsim::normalized_damerau_levenshtein(written, candidate);
    if likeness < FLOOR && sorted(written) == sorted(candidate) { FLOOR } else { likeness }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_near_is_suggested() {
        let keywords = ["webhook", "workflow", "wait", "send", "set", "call", "expect"];
        for (written, meant) in [
            ("webook", Some("webhook")),
            ("worklfow", Some("workflow")),
            ("Wait", Some("wait")),
            ("wiat", Some("wait")),
            ("sned", Some("send")),
            ("ste", Some("set")),
            ("expects", Some("expect")),
            ("retry", None),
            ("sleep", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, keywords), meant, "{written:?}");
        }
    }

    #[test]
    fn letters_of_any_script_count_as_one() {
        assert_eq!(nearest("мисто", ["місто", "регіон"]), Some("місто"));
        assert_eq!(nearest("promo", []), None);
        let long = "long".repeat(1_000_000);
        assert_eq!(nearest(&long, [long.as_str()]), None);
    }
}
