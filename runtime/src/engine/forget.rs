//! Erasing a person: the contact and its runs at once, then all the history, the outbox's files, and what the disk still
//! holds of it.

use jiff::Timestamp;

use super::embedded::Embedded;
use crate::store::{Erased, Forgetting, Place, StoreError, Table};

/// Runs of the contact that are erased in one act.
const RUNS: usize = 50;

/// Records that are looked through at once; long ones are fewer.
const RECORDS: usize = 2_000;
const BODIES: usize = 100;

impl Embedded {
    /// Erases a contact from everything that is kept; `None` when there is no such contact. When this answers, no file of the
    /// store holds the person's words any more.
    ///
    /// # Errors
    /// When the store fails; what was begun is gone on with at the next start.
    pub async fn forget(&self, contact: i64) -> Result<Option<Erased>, StoreError> {
        let _one_at_a_time = self.services.forgetting.lock().await;
        let begun = self.services.store.forget(contact, Timestamp::now()).await?;
        self.services.directory.changed();
        match begun {
            Some(begun) => self.erase(begun).await.map(Some),
            None => Ok(None),
        }
    }

    /// Goes on with erasures that a crash broke off.
    pub(super) async fn go_on_forgetting(self) {
        let _one_at_a_time = self.services.forgetting.lock().await;
        let pending = match self.services.store.forgetting().await {
            Ok(pending) => pending,
            Err(error) => return tracing::error!(%error, "erasures that were broken off are not gone on with"),
        };
        for begun in pending {
            let contact = begun.contact;
            match self.erase(begun).await {
                Ok(_) => tracing::info!(contact, "an erasure that was broken off is done"),
                Err(error) => tracing::error!(contact, %error, "an erasure that was broken off is not done"),
            }
        }
    }

    async fn erase(&self, mut forgetting: Forgetting) -> Result<Erased, StoreError> {
        let store = &self.services.store;
        loop {
            forgetting = store.forget_own(forgetting, RUNS).await?;
            if forgetting.after.is_none() {
                break;
            }
        }
        let Forgetting { contact, needles, mut erased, mails, .. } = forgetting;
        for table in Table::ALL {
            let mut after = Some(i64::MIN);
            let limit = if table == Table::Bodies { BODIES } else { RECORDS };
            while let Some(from) = after {
                let place = Place { table, after: from };
                let (found, next) = store.forget_search(needles.clone(), place, limit).await?;
                if !found.is_empty() {
                    erased.add(&store.forget_strike(needles.clone(), table, found).await?);
                }
                after = next;
            }
        }
        self.services.outgoing.erase(&mails).await;
        if let Some(outbox) = self.services.mailer.outbox() {
            let left = outbox.remove(mails.into_iter().map(|(_, id)| id).collect()).await;
            if let Some(error) = left.why {
                let files = left.message_ids.len();
                tracing::error!(contact, files, error, "mails of somebody who was erased are still in the outbox");
            }
        }
        if !store.scour(needles).await? {
            tracing::warn!(contact, "unused parts of the store's file may still hold words of somebody who was erased");
        }
        store.forget_end(contact).await?;
        tracing::info!(contact, events = erased.events, runs = erased.runs, messages = erased.messages, "erased");
        Ok(erased)
    }
}
