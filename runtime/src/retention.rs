//! History is kept for so long, or up to such a size, and then taken out, a slice at a time.
//!
//! A slice is one short transaction of the store's writer, and there is a pause behind each, so that whoever sends events does
//! not notice. What a key may still have to be compared with, the dedup window, is never taken out.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::store::{Pruned, Store, StoreError};

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
pub async fn keep(store: Arc<dyn Store>, rules: Rules) {
    tokio::time::sleep(FIRST).await;
    loop {
        match round(&*store, rules, Timestamp::now()).await {
            Ok(Pruned { events: 0, .. }) => {}
            Ok(Pruned { events, runs, attempts, messages, .. }) => {
                tracing::info!(events, runs, attempts, messages, "old history was taken out");
            }
            Err(error) if error.passes() => tracing::warn!(%error, "old history was not taken out"),
            Err(_) => return,
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Takes out what is too old, and then what is too much, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn round(store: &dyn Store, rules: Rules, now: Timestamp) -> Result<Pruned, StoreError> {
    let ago = |time: SignedDuration| now.saturating_sub(time).unwrap_or(now);
    let least = ago(SignedDuration::try_from(rules.least).unwrap_or(SignedDuration::MAX));
    let mut all = Pruned::default();
    if let Some(days) = rules.days {
        let before = ago(SignedDuration::from_hours(24 * i64::from(days))).min(least);
        prune(store, before, &mut all, || async { Ok(true) }).await?;
    }
    if let Some(most) = rules.bytes {
        prune(store, least, &mut all, || async { Ok(store.size().await? > most) }).await?;
    }
    Ok(all)
}

/// Takes out slices until there is nothing older, or `more` says that it is enough.
async fn prune<F>(
    store: &dyn Store,
    before: Timestamp,
    all: &mut Pruned,
    more: impl Fn() -> F,
) -> Result<(), StoreError>
where
    F: Future<Output = Result<bool, StoreError>>,
{
    let mut after = 0;
    while more().await? {
        let pruned = store.prune(before, after, SLICE).await?;
        all.events += pruned.events;
        all.runs += pruned.runs;
        all.attempts += pruned.attempts;
        all.messages += pruned.messages;
        let Some(next) = pruned.next else { return Ok(()) };
        after = next;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
