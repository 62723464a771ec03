//! Messages that say mostly the same, by their words.
//!
//! Each message with another name is compared with each, so its words are counted once, as numbers in order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::ir::{Email, Message};

/// The words of a message's parts, each by its channel and name, as numbers in order.
type Parts<'p> = BTreeMap<(&'p str, &'p str), Vec<usize>>;

/// The words of the messages that are on one side only.
pub(super) struct Texts<'p> {
    old: BTreeMap<&'p SmolStr, Parts<'p>>,
    new: BTreeMap<&'p SmolStr, Parts<'p>>,
}

impl<'p> Texts<'p> {
    pub(super) fn of(
        base: &'p BTreeMap<SmolStr, Arc<Message>>,
        head: &'p BTreeMap<SmolStr, Arc<Message>>,
    ) -> Texts<'p> {
        let mut numbers: HashMap<&'p str, usize> = HashMap::new();
        let mut only = |here: &'p BTreeMap<SmolStr, Arc<Message>>, there: &BTreeMap<SmolStr, Arc<Message>>| {
            let gone = here.iter().filter(|(name, _)| !there.contains_key(*name));
            gone.map(|(name, message)| (name, parts(message, &mut numbers))).collect()
        };
        Texts { old: only(base, head), new: only(head, base) }
    }

    /// Whether two messages have the same parts, and these two thirds of their words in common. Each part counts the same: a
    /// long layout makes no other text the same.
    pub(super) fn are_mostly_same(&self, old: &SmolStr, new: &SmolStr) -> bool {
        let (Some(before), Some(after)) = (self.old.get(old), self.new.get(new)) else { return false };
        if before.is_empty() || !before.keys().eq(after.keys()) {
            return false;
        }
        let shared: usize = before.values().zip(after.values()).map(|(old, new)| percent_shared(old, new)).sum();
        3 * shared >= 200 * before.len()
    }
}

fn parts<'p>(message: &'p Message, numbers: &mut HashMap<&'p str, usize>) -> Parts<'p> {
    let mail = message.email.iter().flat_map(Email::parts).map(|(part, it)| ("email", part, it));
    let others = message
        .channels
        .iter()
        .flat_map(|(channel, parts)| parts.iter().map(|(part, template)| (channel.as_str(), part.word(), template)));
    let said = mail.chain(others).filter(|(_, part, _)| !matches!(*part, "from" | "to" | "reply_to"));
    said.map(|(channel, part, template)| {
        let number = |word| {
            let next = numbers.len();
            *numbers.entry(word).or_insert(next)
        };
        let mut words: Vec<usize> = template.source.split_whitespace().map(number).collect();
        words.sort_unstable();
        ((channel, part), words)
    })
    .collect()
}

/// How many of a hundred words two texts have in common, wherever they stand.
fn percent_shared(mut old: &[usize], mut new: &[usize]) -> usize {
    let most = old.len().max(new.len());
    let mut shared = 0_usize;
    while let ([one, rest_of_old @ ..], [other, rest_of_new @ ..]) = (old, new) {
        let order = one.cmp(other);
        shared += usize::from(order == Ordering::Equal);
        if order != Ordering::Greater {
            old = rest_of_old;
        }
        if order != Ordering::Less {
            new = rest_of_new;
        }
    }
    (100 * shared).checked_div(most).unwrap_or(100)
}
