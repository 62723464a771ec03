//! The page on each kind of change shows a pair of programs that differ so, and in no other way of that risk.

use compiler::diff::Slug;

use super::difference;

/// What programs alone do not show is held to the whole of `wf diff`.
#[test]
fn each_page_shows_its_change() {
    let mut wrong = Vec::new();
    for slug in Slug::ALL.iter().filter(|slug| slug.is_of_programs()) {
        let (Some((_, before)), Some((_, after))) = (slug.example("before"), slug.example("after")) else {
            wrong.push(format!("{}: the page lacks its pair", slug.word()));
            continue;
        };
        let diff = difference(before, after);
        if !diff.changes.iter().any(|change| change.slug == *slug) {
            let found: Vec<String> = diff.changes.iter().map(super::line).collect();
            wrong.push(format!("{}: not among\n    {}", slug.word(), found.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
