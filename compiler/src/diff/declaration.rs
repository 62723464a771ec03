//! What all declarations have in common: they come and go, have descriptions, and never change without a word.

use std::sync::Arc;

use smol_str::SmolStr;

use super::catalogue::Slug;
use super::change::Change;
use crate::pair::Pair;

/// Compares a declaration. If it differs and `differences` names nothing, it is named as such: what compiles to another
/// program never shows as no change.
pub(super) fn compare<T: PartialEq>(
    kind: &str,
    name: &SmolStr,
    pair: Pair<'_, Arc<T>>,
    changes: &mut Vec<Change>,
    differences: impl FnOnce(&str, &T, &T, &mut Vec<Change>),
) {
    if pair.is_same() {
        return;
    }
    let (address, title) = (format!("{kind}.{name}"), format!("{kind} {name}"));
    match pair {
        Pair::Added(_) => changes.push(Change::new(Slug::DeclarationAdded, address, title)),
        Pair::Removed(_) => changes.push(Change::new(Slug::DeclarationRemoved, address, title)),
        Pair::Both(before, after) => {
            let known = changes.len();
            differences(&address, before, after, changes);
            if changes.len() == known {
                changes.push(Change::new(Slug::DeclarationChanged, address, title));
            }
        }
    }
}

/// Compares the descriptions of a declaration.
pub(super) fn description(address: &str, before: &Option<String>, after: &Option<String>, changes: &mut Vec<Change>) {
    if before != after {
        changes.push(
            Change::new(Slug::DescriptionChanged, address, address.replacen('.', " ", 1))
                .between(before.as_ref(), after.as_ref()),
        );
    }
}
