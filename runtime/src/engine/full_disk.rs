//! Recording a turn while the disk is full: how attempts ended is known here and nowhere else, so it waits for room, and what
//! the turn is about to begin does not keep it from being written down.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::services::Services;
use super::turn::Stop;
use crate::store::{MessageStatus, Progress, Recorded, StoreError};

/// How often room is looked for.
const PAUSE: Duration = Duration::from_secs(1);

/// Records what a turn has gathered. Where there is room only for how attempts ended, also while the daemon goes down, that
/// is recorded, and what the turn is about to begin is answered, to be recorded after it.
pub(super) async fn record(services: &Services, record: Progress) -> Result<(Recorded, Option<Arc<Progress>>), Stop> {
    let record = Arc::new(record);
    match services.store.record(record.clone()).await {
        Err(StoreError::Full) if !record.attempts_ended.is_empty() => {}
        recorded => return Ok((recorded?, None)),
    }
    let _unkept = Unkept::new(&services.unkept);
    let (ends, begins) = part(&record);
    let ends = Arc::new(ends);
    loop {
        match services.store.record(ends.clone()).await {
            Err(StoreError::Full) => services.clock.sleep(PAUSE).await,
            recorded => return Ok((recorded?, begins.map(Arc::new))),
        }
    }
}

/// What of a record ends something, and after that what begins something. The run's state is the same after both: it stands
/// before what is about to begin.
fn part(record: &Progress) -> (Progress, Option<Progress>) {
    let mut ends = record.clone();
    let attempts_started = std::mem::take(&mut ends.attempts_started);
    // A delivery that begins is the last message of its record.
    let messages = ends.messages.extract_if(.., |message| message.status == MessageStatus::Sending).collect();
    let begins = (!attempts_started.is_empty()).then(|| Progress {
        revision: record.revision.map(|revision| revision + 1),
        attempts_started,
        messages,
        attempts_ended: vec![],
        contact_fields: vec![],
        watching: None,
        raised: vec![],
        listening: None,
        ..record.clone()
    });
    (ends, begins)
}

/// A record that waits for room on the disk, counted while it does.
struct Unkept<'a>(&'a AtomicUsize);

impl<'a> Unkept<'a> {
    fn new(counter: &'a AtomicUsize) -> Unkept<'a> {
        counter.fetch_add(1, Ordering::Relaxed);
        Unkept(counter)
    }
}

impl Drop for Unkept<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
