//! History is kept for so long, or up to such a size, and then taken out, a slice at a time.
//!
//! A slice is one short transaction of the store's writer, and there is a pause behind each, so that whoever sends events does
//! not notice. What a key may still have to be compared with, the dedup window, is never taken out.
//!
//! The files of mails in the outbox go with their messages, and before them: a file whose message is gone would be known to
//! nobody, also not to who erases a person.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::deliver::Outbox;
use crate::store::{Aged, Pruned, Store, StoreError};

/// How many events are looked at in one transaction: with what came of them about 500 rows.
const SLICE: usize = 100;
/// The pause after a slice.
const PAUSE: Duration = Duration::from_millis(50);
/// How often it is seen to.
const ROUND: Duration = Duration::from_secs(600);
/// After a start, other things come first.
const FIRST: Duration = Duration::from_secs(60);

/// How much history is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// For so many days.
    pub days: Option<u32>,
    /// So many bytes of the store's file may be in use.
    pub bytes: Option<u64>,
    /// Nothing younger than this is taken out: the dedup window.
    pub least: Duration,
}

impl Rules {
    /// Whether anything is ever taken out.
    pub fn is_any(&self) -> bool {
        self.days.is_some() || self.bytes.is_some()
    }
}

/// Sees to the rules for as long as the store works.
pub async fn keep(store: Arc<dyn Store>, outbox: Outbox, rules: Rules) {
    tokio::time::sleep(FIRST).await;
    loop {
        match round(&*store, &outbox, rules, Timestamp::now()).await {
            Ok(Pruned { events: 0, .. }) => {}
            Ok(Pruned { events, runs, attempts, messages, .. }) => {
                tracing::info!(events, runs, attempts, messages, "old history was taken out");
            }
            Err(error) if error.passes() => error.note_rest("old history was not taken out"),
            Err(_) => return,
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Takes out what is too old, and then what is too much, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn round(store: &dyn Store, outbox: &Outbox, rules: Rules, now: Timestamp) -> Result<Pruned, StoreError> {
    let ago = |time: SignedDuration| now.saturating_sub(time).unwrap_or(now);
    let least = ago(SignedDuration::try_from(rules.least).unwrap_or(SignedDuration::MAX));
    let mut round = Round { store, outbox, all: Pruned::default(), left: 0, why: None };
    if let Some(days) = rules.days {
        let before = ago(SignedDuration::from_hours(24 * i64::from(days))).min(least);
        round.prune(before, || async { Ok(true) }).await?;
    }
    if let Some(most) = rules.bytes {
        round.prune(least, || async { Ok(store.size().await? > most) }).await?;
    }
    if let Round { left: files, why: Some(error), .. } = &round {
        tracing::error!(files, error, "mails in the outbox cannot be removed; their history is kept");
    }
    Ok(round.all)
}

/// What is done in a round.
struct Round<'a> {
    store: &'a dyn Store,
    outbox: &'a Outbox,
    /// What was taken out.
    all: Pruned,
    /// Files that could not be removed, and why the first of them.
    left: usize,
    why: Option<String>,
}

impl Round<'_> {
    /// Takes out slices until there is nothing older, or `more` says that it is enough.
    async fn prune<F>(&mut self, before: Timestamp, more: impl Fn() -> F) -> Result<(), StoreError>
    where
        F: Future<Output = Result<bool, StoreError>>,
    {
        let mut after = 0;
        while more().await? {
            let Aged { mut events, next } = self.store.aged(before, after, SLICE).await?;
            let files = events.iter().flat_map(|(_, mails)| mails).cloned().collect();
            let left = self.outbox.remove(files).await;
            events.retain(|(_, mails)| !mails.iter().any(|id| left.message_ids.contains(id)));
            self.left += left.message_ids.len();
            self.why = self.why.take().or(left.why);
            let pruned = self.store.prune(events.into_iter().map(|(acceptance, _)| acceptance).collect()).await?;
            self.all.events += pruned.events;
            self.all.runs += pruned.runs;
            self.all.attempts += pruned.attempts;
            self.all.messages += pruned.messages;
            let Some(next) = next else { return Ok(()) };
            after = next;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}
