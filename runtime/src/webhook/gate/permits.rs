//! Permits whose number changes while they are out.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits of which there are so many now, and perhaps another number soon.
#[derive(Debug)]
pub(super) struct Permits {
    semaphore: Arc<Semaphore>,
    /// How many there are, given out or not.
    count: usize,
    /// How many of these are to be taken away as they come back.
    surplus: usize,
}

impl Permits {
    pub(super) fn new(count: usize) -> Permits {
        Permits { semaphore: Arc::new(Semaphore::new(count)), count, surplus: 0 }
    }

    /// Where they are waited for.
    pub(super) fn semaphore(&self) -> Arc<Semaphore> {
        self.semaphore.clone()
    }

    /// One that is not given out.
    pub(super) fn take(&self) -> Option<OwnedSemaphorePermit> {
        self.semaphore.clone().try_acquire_owned().ok()
    }

    /// How many are not given out.
    pub(super) fn available(&self) -> usize {
        self.semaphore.available_permits()
    }

    /// Whether none is given out.
    pub(super) fn is_whole(&self) -> bool {
        self.available() == self.count
    }

    /// Makes them so many, at the latest when those that are out have come back.
    pub(super) fn set(&mut self, wanted: usize) {
        let kept = self.count - self.surplus;
        if wanted > kept {
            let back = self.surplus.min(wanted - kept);
            self.surplus -= back;
            let more = wanted - kept - back;
            self.semaphore.add_permits(more);
            self.count += more;
        } else if wanted < kept {
            let gone = self.semaphore.forget_permits(kept - wanted);
            self.count -= gone;
            self.surplus += kept - wanted - gone;
        }
    }

    /// Takes one back.
    pub(super) fn give_back(&mut self, permit: OwnedSemaphorePermit) {
        if self.surplus > 0 {
            self.surplus -= 1;
            self.count -= 1;
            permit.forget();
        }
    }
}
