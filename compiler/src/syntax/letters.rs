//! Letters of other scripts that look like Latin ones.

use crate::vocabulary;

/// A word with letters that look like Latin ones, in Latin letters. Of a word without any Latin letter only one of the
/// language: others may well be meant as they are.
pub(crate) fn latin(word: &str) -> Option<String> {
    const LOOK: [(&str, &str); 2] = [("асеорхуіјѕ", "aceopxyijs"), ("АВСЕНІЈКМОРЅТХ", "ABCEHIJKMOPSTX")];
    // These look so in writing by hand or in some fonts only: nothing but a word of the language shows what was meant.
    const NEAR: (&str, &str) = ("пгтмквниь", "nrtmkbhub");
    let letter = |letter: char, near: bool| {
        let more = near.then_some(&NEAR);
        let mut pairs = LOOK.iter().chain(more).flat_map(|(foreign, latin)| foreign.chars().zip(latin.chars()));
        if letter.is_ascii() {
            Some(letter)
        } else {
            pairs.find(|(foreign, _)| *foreign == letter).map(|(_, latin)| latin)
        }
    };
    let read = |near: bool| word.chars().map(|written| letter(written, near)).collect::<Option<String>>();
    let Some(latin) = read(false) else {
        return read(true).filter(|latin| vocabulary::reserved(latin).is_some());
    };
    (word.bytes().any(|byte| byte.is_ascii_alphabetic()) || vocabulary::reserved(&latin).is_some()).then_some(latin)
}
