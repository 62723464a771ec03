//! Changes of what holds a program: its tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::catalogue::Slug;
use super::change::Change;
use super::pair::{Pair, pairs};
use crate::ir::Test;

/// Compares tests by name.
pub(super) fn compare(base: &[Arc<Test>], head: &[Arc<Test>], changes: &mut Vec<Change>) {
    let by_name = |tests: &[Arc<Test>]| -> BTreeMap<SmolStr, Arc<Test>> {
        tests.iter().map(|test| (test.name.node.clone(), test.clone())).collect()
    };
    let (before, after) = (by_name(base), by_name(head));
    for (name, pair) in pairs(&before, &after) {
        let change = |slug| Change::new(slug, format!("test.{name}"), format!("test {name}"));
        match pair {
            Pair::Added(_) => changes.push(change(Slug::TestAdded)),
            Pair::Removed(_) => changes.push(change(Slug::TestRemoved)),
            Pair::Both(old, new) if old != new => {
                let steps = |test: &Test| format!("{} steps", test.steps.len());
                changes.push(change(Slug::TestExpectationChanged).before(steps(old)).after(steps(new)));
            }
            Pair::Both(..) => {}
        }
    }
}
