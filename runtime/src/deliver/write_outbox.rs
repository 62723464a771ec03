//! Writing the outbox's files.
//!
//! What is durable is the message's row in the store; its file follows, without an fsync of its own. Mails come here as they
//! were built, once they are kept. A mark in the store says up to which message all files were written, so after a crash,
//! or when mails came faster than files can be written, the ones behind it are read back and written under the same names.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;

use super::outbox::Presence;
use super::{Mail, Outbox};
use crate::store::{Keys, MessageRecord, Store, StoreError};

/// How many files are written in one go.
const BATCH: usize = 256;
/// How many mails wait in memory at most; the others are read back from the store.
const ROOM: usize = 512;
/// A larger mail does not wait in memory, in bytes.
const LARGE: usize = 64 << 10;
/// How long more mails are waited for: to write several files in one go takes less work for each.
const GATHER: Duration = Duration::from_millis(10);
/// So many are enough to be written at once.
const ENOUGH: usize = 16;
/// How often the mark is moved at most.
const MARK: Duration = Duration::from_secs(1);
/// The pause after files could not be written.
const PAUSE: Duration = Duration::from_secs(2);

/// Hands mails that are kept to the one who writes their files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outgoing {
    mails: mpsc::Sender<(i64, Mail)>,
    /// Whether a mail did not get in.
    missed: Arc<AtomicBool>,
    erased: Arc<Mutex<BTreeSet<i64>>>,
}

/// The other end of [`Outgoing`].
#[derive(Debug)]
pub struct Incoming {
    mails: mpsc::Receiver<(i64, Mail)>,
    missed: Arc<AtomicBool>,
    /// Messages that were erased after they were handed over. Held while files are written, so that none comes late.
    erased: Arc<Mutex<BTreeSet<i64>>>,
}

/// The way from those who make mails to the one who writes their files.
pub fn outgoing() -> (Outgoing, Incoming) {
    let (sender, receiver) = mpsc::channel(ROOM);
    let missed = Arc::new(AtomicBool::new(false));
    let erased = Arc::new(Mutex::default());
    let incoming = Incoming { mails: receiver, missed: missed.clone(), erased: erased.clone() };
    (Outgoing { mails: sender, missed, erased }, incoming)
}

impl Outgoing {
    /// Hands over a mail that the store keeps under this number.
    pub fn put(&self, number: i64, mail: Mail) {
        if mail.bytes().len() > LARGE || self.mails.try_send((number, mail)).is_err() {
            self.missed.store(true, Ordering::Release);
        }
    }

    /// Lets no file be written any more of messages that were erased. Files that are there are somebody else's matter.
    pub async fn erase(&self, mails: &[(i64, String)]) {
        self.erased.lock().await.extend(mails.iter().map(|(number, _)| *number));
    }
}

/// Writes a file for each message in the outbox, as they come, until nobody hands over any more, or the store is closed or
/// fails.
///
/// # Errors
/// When the store fails for good.
pub async fn write_outbox(store: Arc<dyn Store>, outbox: Outbox, mut incoming: Incoming) -> Result<(), StoreError> {
    loop {
        match write_from_mark(&*store, &outbox, &mut incoming).await {
            // Files that were written behind the mark are found again, under the same names.
            Err(error) if error.passes() => {
                error.note_rest("the outbox rests");
                tokio::time::sleep(PAUSE).await;
            }
            ended => return ended,
        }
    }
}

/// Which messages are files.
struct Files {
    /// All up to this number.
    written: i64,
    /// And these beyond it.
    ahead: BTreeSet<i64>,
    /// The mark in the store.
    mark: i64,
    marked_at: Instant,
}

impl Files {
    fn has(&self, number: i64) -> bool {
        number <= self.written || self.ahead.contains(&number)
    }

    /// All up to this number are files.
    fn up_to(&mut self, number: i64) {
        self.written = self.written.max(number);
        self.ahead.retain(|ahead| *ahead > number);
        while self.ahead.remove(&(self.written + 1)) {
            self.written += 1;
        }
    }
}

async fn write_from_mark(store: &dyn Store, outbox: &Outbox, incoming: &mut Incoming) -> Result<(), StoreError> {
    let mark = store.outbox_mark().await?;
    let mut files = Files { written: mark, ahead: BTreeSet::new(), mark, marked_at: Instant::now() };
    catch_up(store, outbox, &mut files).await?;
    loop {
        let mut batch = Vec::new();
        let settled = files.written == files.mark && files.ahead.is_empty();
        let received = incoming.mails.recv_many(&mut batch, BATCH);
        if settled && !incoming.missed.load(Ordering::Acquire) {
            if received.await == 0 {
                return Ok(());
            }
        } else if let Ok(0) = tokio::time::timeout_at(files.marked_at + MARK, received).await {
            return Ok(());
        }
        if !batch.is_empty() && batch.len() < ENOUGH {
            tokio::time::sleep(GATHER).await;
            while batch.len() < BATCH
                && let Ok(mail) = incoming.mails.try_recv()
            {
                batch.push(mail);
            }
        }
        let erased = incoming.erased.clone().lock_owned().await;
        batch.retain(|(number, _)| !files.has(*number) && !erased.contains(number));
        if !batch.is_empty() {
            let numbers: Vec<i64> = batch.iter().map(|(number, _)| *number).collect();
            let mails = batch.into_iter().map(|(_, mail)| mail).collect();
            if write(outbox, mails, Presence::New).await {
                files.ahead.extend(numbers);
                let written = files.written;
                files.up_to(written);
            } else {
                incoming.missed.store(true, Ordering::Release);
            }
        }
        drop(erased);
        if files.marked_at.elapsed() >= MARK {
            if incoming.missed.swap(false, Ordering::AcqRel) || !files.ahead.is_empty() {
                catch_up(store, outbox, &mut files).await?;
            }
            if files.written > files.mark {
                store.outbox_written(files.written).await?;
                files.mark = files.written;
            }
            files.marked_at = Instant::now();
        }
    }
}

/// Writes the files of all messages that the store has and that are none yet.
async fn catch_up(store: &dyn Store, outbox: &Outbox, files: &mut Files) -> Result<(), StoreError> {
    loop {
        let batch = store.outbox_after(files.written, BATCH).await?;
        let Some(last) = batch.last().map(|message| message.number) else { return Ok(()) };
        let missing = batch.iter().filter(|message| !files.has(message.number));
        let mails = missing.filter_map(|message| build(message, store.keys())).collect();
        if write(outbox, mails, Presence::Unknown).await {
            files.up_to(last);
        }
    }
}

/// The mail of a kept message, made again.
fn build(message: &MessageRecord, keys: Keys) -> Option<Mail> {
    let change = &message.change;
    let key = keys.key(message.run, message.run_accepted_at, &change.step);
    match Mail::build(&change.mail, &key, change.at) {
        Ok(mail) => Some(mail),
        Err(_) => {
            // It was built once before it was kept. What is wrong with it may name its recipient.
            tracing::error!(run = %message.run, "a kept message cannot be built");
            None
        }
    }
}

/// Writes files; after a pause answers `false` when they could not be written.
async fn write(outbox: &Outbox, mails: Vec<Mail>, presence: Presence) -> bool {
    let outbox = outbox.clone();
    let write = move || mails.iter().try_for_each(|mail| outbox.write(mail, presence).map(drop));
    match tokio::task::spawn_blocking(write).await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => tracing::error!(%error, "messages stay in the store: a file cannot be written"),
        Err(error) => tracing::error!(%error, "messages stay in the store: the writing failed inside"),
    }
    tokio::time::sleep(PAUSE).await;
    false
}
