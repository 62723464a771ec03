//! What holds for the difference of any two programs.

use std::collections::{BTreeMap, BTreeSet};

use compiler::audit::Audit;
use compiler::diff::{Risk, Slug};
use compiler::format::format;
use compiler::source::{FileId, Sources};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::mutations::MUTATIONS;
use super::shop::Shop;
use super::{between, changes, compiled, difference, line};
use crate::support::maker::Maker;

const SHOP: &str = include_str!("shop.wf");

#[test]
fn a_program_does_not_differ_from_itself() {
    assert_eq!(changes(SHOP, SHOP), Vec::<String>::new());
}

fn formatted(text: &str) -> String {
    format(FileId::new(0), text).unwrap().text
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..160)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// How many shops are changed in all ways; more by `WF_SHOPS`.
fn shops() -> usize {
    std::env::var("WF_SHOPS").ok().and_then(|count| count.parse().ok()).unwrap_or(10)
}

fn compiles(text: &str) -> bool {
    compiler::compile(&Sources::single("main.wf", text)).program.is_some()
}

proptest! {
    #![proptest_config(config(12))]

    /// Nothing differs from itself, laid out in any way.
    #[test]
    fn layout_is_no_difference(tree in bytes()) {
        let text = Shop::made(&mut Maker::new(&tree)).text();
        prop_assert_eq!(changes(&text, &text), Vec::<String>::new());
        prop_assert_eq!(changes(&text, &formatted(&text)), Vec::<String>::new());
        let mut quoted = false;
        let commented = text.lines().map(|line| {
            let inside = quoted;
            quoted ^= line.contains("\"\"\"");
            if inside || !line.starts_with("  ") { format!("{line}\n") } else { format!("  // A word.\n    {line}\n") }
        });
        let commented: String = commented.collect();
        prop_assert_eq!(changes(&text, &commented), Vec::<String>::new());
        let mut declarations: Vec<&str> = text.split("\n\n").collect();
        declarations.reverse();
        let reversed = declarations.join("\n\n");
        if compiles(&reversed) {
            prop_assert_eq!(changes(&text, &reversed), Vec::<String>::new());
        }
    }

    /// Where nothing is told, the compiled programs are the same to the byte; and what is told one way is told the other.
    #[test]
    fn silence_means_the_same_bytes(one in bytes(), other in bytes()) {
        let (one, other) = (Shop::made(&mut Maker::new(&one)).text(), Shop::made(&mut Maker::new(&other)).text());
        let json = |text: &str| compiler::compile(&Sources::single("main.wf", text)).program.map(|it| it.to_json());
        let equal = json(&one) == json(&other);
        prop_assert_eq!(difference(&one, &other).changes.is_empty(), equal);
        prop_assert_eq!(difference(&other, &one).changes.is_empty(), equal);
    }
}

proptest! {
    #![proptest_config(config(24))]

    /// What both sides share is looked at once, and told as if each had been made by itself.
    #[test]
    fn what_is_shared_is_told_as_if_it_were_not(one in bytes(), other in bytes(), mutation in 0..MUTATIONS.len()) {
        let shop = Shop::made(&mut Maker::new(&one));
        let mut mutated = shop.clone();
        let _ = (MUTATIONS[mutation].change)(&mut mutated);
        for head in [mutated.text(), Shop::made(&mut Maker::new(&other)).text()] {
            if !compiles(&head) {
                continue;
            }
            let mut workspace = compiler::Workspace::new();
            workspace.set("main.wf", shop.text());
            let base = workspace.compile();
            workspace.set("main.wf", head.as_str());
            let shared = workspace.compile();
            let (base_program, program) = (base.program.as_ref().unwrap(), shared.program.as_ref().unwrap());
            let fresh = Audit::of(program);
            let known = Audit::after(program, base_program, &Audit::of(base_program));
            prop_assert_eq!(known.flows(), fresh.flows());
            prop_assert_eq!(&known, &fresh);
            let told = |diff: compiler::diff::Diff| diff.changes.iter().map(line).collect::<Vec<_>>();
            prop_assert_eq!(told(between(&base, &shared)), told(between(&compiled(&shop.text()), &compiled(&head))));
        }
    }
}

/// Each single change is told by its name, and no danger is told that it does not bring.
#[test]
fn a_single_change_is_told_by_its_name() {
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 1, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    for _ in 0..shops() {
        let tree = bytes().new_tree(&mut runner).unwrap().current();
        let shop = Shop::made(&mut Maker::new(&tree));
        let before = compiled(&shop.text());
        for mutation in MUTATIONS {
            let mut changed = shop.clone();
            let after = match (mutation.change)(&mut changed) {
                Some(()) => changed.text(),
                None => continue,
            };
            // A change that leads to a program that is refused is none.
            let after = compiler::compile(&Sources::single("main.wf", &after));
            if after.program.is_none() {
                continue;
            }
            *tried.entry(mutation.slug.word()).or_default() += 1;
            let found = between(&before, &after).changes;
            let told: Vec<String> = found.iter().map(line).collect();
            if !found.iter().any(|change| change.slug == mutation.slug) {
                wrong.push(format!("{} is not told:\n    {}", mutation.slug.word(), told.join("\n    ")));
            }
            let dangers = found.iter().filter(|change| change.risk == Risk::Danger).map(|change| change.slug);
            let stray: BTreeSet<&str> = dangers
                .filter(|slug| *slug != mutation.slug && !mutation.with.contains(slug))
                .map(|slug| slug.word())
                .collect();
            if !stray.is_empty() {
                wrong.push(format!("{} tells {stray:?}, too:\n    {}", mutation.slug.word(), told.join("\n    ")));
            }
        }
    }
    wrong.sort();
    wrong.dedup_by_key(|it| it.lines().next().unwrap().to_owned());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let never: Vec<&str> = Slug::ALL.iter().map(|slug| slug.word()).filter(|slug| !tried.contains_key(slug)).collect();
    // What no other kind names has no operator, nor has what accept lines, tests and settings say.
    let without: Vec<&str> = Slug::ALL
        .iter()
        .filter(|slug| **slug == Slug::DeclarationChanged || !slug.is_of_programs())
        .map(|slug| slug.word())
        .collect();
    assert_eq!(never, without, "no operator has led to these");
}
