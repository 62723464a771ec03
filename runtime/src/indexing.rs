//! Keeps the index of contacts' names up with the contacts, beside the daemon's work.
//!
//! It waits for a time when there is little else to do, unless it is far behind. It is gone on with in short transactions with
//! a pause behind each, so that whoever sends events hardly notices, also where each event makes a contact.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::store::{Store, StoreError};

/// How often it is seen to.
const ROUND: Duration = Duration::from_secs(2);
/// The pause after a transaction: so many times as long as it took. That is longer the more there is to do for others, and a
/// contact that is not in the index yet is found without it.
const PAUSES: u32 = 20;
/// The pause is at most so long.
const PAUSE_AT_MOST: Duration = Duration::from_secs(2);

/// Sees to it for as long as the store works.
pub async fn keep(store: Arc<dyn Store>) {
    loop {
        tokio::time::sleep(ROUND).await;
        loop {
            let begun = Instant::now();
            match store.index_contacts().await {
                Ok(true) => tokio::time::sleep((begun.elapsed() * PAUSES).min(PAUSE_AT_MOST)).await,
                Ok(false) => break,
                Err(StoreError::Closed) => return,
                Err(error) if error.passes() => break,
                Err(error) => {
                    tracing::warn!(%error, "contacts are searched for without an index");
                    return;
                }
            }
        }
    }
}
