//! What an unknown name may have been meant to be.

/// The name among `candidates` that `written` was probably meant to be, if one is near enough.
///
/// Near is: alike but for case, or at most one change in three letters. Farther ones would be guesses.
pub fn near<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(1);
    let lower = written.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| *candidate != written)
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn only_what_is_near_is_offered() {
        let names = ["promo", "contacts_get_by_email", "WH5", "a"];
        for (written, expected) in [
            ("promos", Some("promo")),
            ("PROMO", Some("promo")),
            ("contact_get_by_mail", Some("contacts_get_by_email")),
            ("wh5", Some("WH5")),
            ("WH6", Some("WH5")),
            ("invoice", None),
            ("b", None),
            ("", None),
        ] {
            assert_eq!(near(written, names), expected, "{written}");
        }
    }
}
