//! Keeps the index of contacts' names up with the contacts, beside the daemon's work.
//!
//! It is gone on with in short transactions with a pause behind each, so that whoever sends events does not notice.

use std::sync::Arc;
use std::time::Duration;

use crate::store::{Store, StoreError};

/// How often it is seen to.
const ROUND: Duration = Duration::from_secs(2);
/// The pause after a transaction.
const PAUSE: Duration = Duration::from_millis(20);

/// Sees to it for as long as the store works.
pub async fn keep(store: Arc<dyn Store>) {
    loop {
        tokio::time::sleep(ROUND).await;
        loop {
            match store.index_contacts().await {
                Ok(true) => tokio::time::sleep(PAUSE).await,
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
