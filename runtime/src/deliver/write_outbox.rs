//! Writing the outbox's files.
//!
//! What is durable is the message's row in the store; its file follows, without an fsync of its own. A mark in the store says
//! up to which message the files were written, so after a crash the ones behind it are written again, under the same names.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Mail, Outbox};
use crate::store::{MessageRecord, Store, StoreError};

/// How many messages are read in one go.
const BATCH: usize = 256;
/// How often the mark is moved at most.
const MARK: Duration = Duration::from_secs(1);
/// The pause after files could not be written.
const PAUSE: Duration = Duration::from_secs(2);

/// Writes a file for each message in the outbox, as they come, until the store is closed or fails. `filled` is notified when
/// there are new ones.
///
/// # Errors
/// When the store fails for good.
pub async fn write_outbox(store: Arc<dyn Store>, outbox: Outbox, filled: Arc<Notify>) -> Result<(), StoreError> {
    loop {
        match write_from_mark(&*store, &outbox, &filled).await {
            // Files that were written behind the mark are found again, under the same names.
            Err(error) if error.passes() => {
                tracing::warn!(%error, "the outbox rests");
                tokio::time::sleep(PAUSE).await;
            }
            ended => return ended,
        }
    }
}

async fn write_from_mark(store: &dyn Store, outbox: &Outbox, filled: &Notify) -> Result<(), StoreError> {
    let identity = store.identity();
    let mut mark = store.outbox_mark().await?;
    let (mut written, mut marked_at) = (mark, Instant::now());
    loop {
        let batch = store.outbox_after(written, BATCH).await?;
        if let Some(last) = batch.last().map(|message| message.number) {
            let outbox = outbox.clone();
            let done = tokio::task::spawn_blocking(move || write(&outbox, identity, &batch)).await;
            if let Ok(Err(error)) = &done {
                tracing::error!(%error, "a message stays in the store: its file cannot be written");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            written = last;
        } else if written == mark {
            filled.notified().await;
            continue;
        } else {
            let _ = tokio::time::timeout_at(marked_at + MARK, filled.notified()).await;
        }
        if written > mark && marked_at.elapsed() >= MARK {
            store.outbox_written(written).await?;
            (mark, marked_at) = (written, Instant::now());
        }
    }
}

fn write(outbox: &Outbox, identity: u64, messages: &[MessageRecord]) -> Result<(), super::outbox::OutboxError> {
    for message in messages {
        let change = &message.change;
        match Mail::build(&change.mail, &message.run.key(identity, &change.step), change.at) {
            Ok(mail) => {
                outbox.write(&mail)?;
            }
            // It was built once before it was kept.
            Err(error) => tracing::error!(run = %message.run, %error, "a kept message cannot be built"),
        }
    }
    Ok(())
}
