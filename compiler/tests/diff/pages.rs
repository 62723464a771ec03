//! The page on each kind of change shows a pair of programs that differ so, and in no other way of that risk.

use compiler::diff::Slug;

use super::difference;

/// The fences of a page with this word.
fn fence<'p>(page: &'p str, word: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("```wf {word}\n"))?;
    rest.split_once("```").map(|(text, _)| text)
}

/// The kinds of change that programs alone do not show: what accept lines, settings and rehearsals say. Their pairs are held
/// to the whole of `wf diff`.
const WITHOUT_PROGRAMS: &[Slug] = &[
    Slug::CoverageDecreased,
    Slug::PolicyLoosened,
    Slug::PolicyTightened,
    Slug::SettingChanged,
    Slug::SuppressionAdded,
    Slug::SuppressionUnused,
];

#[test]
fn each_page_shows_its_change() {
    let mut wrong = Vec::new();
    for slug in Slug::ALL.iter().filter(|slug| !WITHOUT_PROGRAMS.contains(slug)) {
        let page = slug.page();
        let (Some(before), Some(after)) = (fence(page, "before"), fence(page, "after")) else {
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
