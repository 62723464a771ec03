//! Which of the names that exist was meant.
//!
//! Only what is near is suggested: a wrong guess costs more than none.

/// How alike two names must be, from 0 to 1. One wrong letter of four passes, two of five do not.
const FLOOR: f64 = 0.7;

/// The longest name that is compared, in characters.
const LONGEST: usize = 200;

/// The name among `candidates` that is most like `written`, if one is alike enough. Letter case does not count. Of two that are
/// equally near, the first one wins.
pub fn nearest<'name>(written: &str, candidates: impl IntoIterator<Item = &'name str>) -> Option<&'name str> {
    let written = written.to_lowercase();
    let length = written.chars().count();
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        // Names of too different lengths need not be compared, which would take long where one of them is huge.
        let other = candidate.chars().count();
        if (length.abs_diff(other) as f64) > (1.0 - FLOOR) * (length.max(other) as f64) || length > LONGEST {
            continue;
        }
        let likeness = likeness(&written, &candidate.to_lowercase());
        if likeness >= FLOOR && best.is_none_or(|(found, _)| likeness > found) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
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
