//! Letters that people take for the same when they look for somebody: in any case, and with or without their marks.
//!
//! `jose` finds José, and `елкин` Ёлкин. A mark may well be a part of a letter (й, ё, が) or a vowel (हि): it is passed over on
//! both sides, so that whoever writes it and whoever leaves it out find the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How texts are folded here: whoever keeps what was folded notes it, and folds anew when it is another one. A new version of
/// Unicode knows letters that none before has folded.
pub(super) const FOLDING: i64 = {
    let (marks, cases) = (unicode_normalization::UNICODE_VERSION, char::UNICODE_VERSION);
    (((1 << 8 | marks.0 as i64) << 8 | marks.1 as i64) << 8 | cases.0 as i64) << 8 | cases.1 as i64
};

/// A text with the same letters for all that are taken for the same. One that is nothing but marks is empty.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.chars().filter(|char| *char != '\0').map(|char| char.to_ascii_lowercase()).collect();
    }
    let letters = text.nfkd().filter(|char| !is_combining_mark(*char) && !is_unseen(*char));
    let letters = letters.flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    letters.map(without_stroke).collect()
}

/// A stroke through a letter is a mark that Unicode does not take off.
fn without_stroke(letter: char) -> char {
    match letter {
        'đ' => 'd',
        'ħ' => 'h',
        'ł' => 'l',
        'ø' => 'o',
        'ŧ' => 't',
        other => other,
    }
}

/// What only says how its neighbours are drawn. At a NUL, SQLite has its own opinion of where a text ends.
fn is_unseen(char: char) -> bool {
    matches!(char, '\0' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use regex::RegexBuilder;

    use super::*;

    #[test]
    fn what_people_take_for_the_same_is_folded_to_the_same() {
        for (one, other) in [
            ("José", "jose"),
            ("Jose\u{301}", "JOSÉ"),
            ("Łukasz Żółć", "lukasz zolc"),
            ("Søren Đặng", "SOREN DANG"),
            ("Йосип Їжак", "иосип іжак"),
            ("Ёлкин", "ЕЛКИН"),
            ("Straße", "STRASSE"),
            ("İpek", "ipek"),
            ("が", "か"),
            ("ｶﾞｸ", "カク"),
            ("हिन्दी", "हनद"),
            ("ａｎｎ　１", "ann 1"),
            ("نیک\u{200c}پور", "نیکپور"),
            ("Ảnh Nguyễn", "anh nguyen"),
            ("ﬁn", "FIN"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
        }
        for (one, other) in [("жар", "шар"), ("か", "き"), ("ann", "an")] {
            assert_ne!(folded(one), folded(other), "{one} and {other}");
        }
        assert_eq!(folded("\u{301}\u{93f}"), "");
    }

    #[test]
    fn what_is_folded_stays_as_it_is() {
        for char in '\0'..=char::MAX {
            let once = folded(&char.to_string());
            assert_eq!(folded(&once), once, "{char:?}");
        }
    }

    /// What was found by its letters in another case is found.
    #[test]
    fn letters_that_are_the_same_in_another_case_are_folded_to_the_same() {
        // The iota below a letter is a mark that has another case.
        let is_letter = |char: &char| !is_combining_mark(*char);
        let has_case = |char: &char| !char.to_lowercase().eq([*char]) || !char.to_uppercase().eq([*char]);
        let cased: Vec<char> = ('\u{1}'..char::MAX).filter(has_case).filter(is_letter).collect();
        let all: String = cased.iter().collect();
        assert!(cased.len() > 2_000);
        for char in cased {
            let same = RegexBuilder::new(&regex::escape(&char.to_string())).case_insensitive(true).build().unwrap();
            for other in same.find_iter(&all) {
                assert_eq!(folded(other.as_str()), folded(&char.to_string()), "{char:?} and {:?}", other.as_str());
            }
        }
    }
}
