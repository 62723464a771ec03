//! Where the engine's time comes from, and where its tasks run: the system's, or the simulation's.
//!
//! The wall clock may be set at any moment; the monotonic one only goes on. What is kept or shown is a time of the wall
//! clock; how long something takes, or is waited for within this process, is measured by the monotonic one.

use std::time::{Duration, Instant};

use jiff::Timestamp;

#[cfg(test)]
use crate::simulation::Scheduler;

/// A source of time, and a place for tasks. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's, and the tasks of the runtime that is current.
    #[default]
    System,
    /// A time that goes on when there is nothing else to do, and tasks that take turns by a seed.
    #[cfg(test)]
    Simulated(Scheduler),
}

impl Clock {
    /// The time of the wall clock.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            #[cfg(test)]
            Clock::Simulated(scheduler) => scheduler.now(),
        }
    }

    /// The time of the monotonic clock.
    pub fn instant(&self) -> Instant {
        match self {
            Clock::System => Instant::now(),
            #[cfg(test)]
            Clock::Simulated(scheduler) => scheduler.instant(),
        }
    }

    /// Waits by the monotonic clock.
    pub async fn sleep(&self, time: Duration) {
        match self {
            Clock::System => tokio::time::sleep(time).await,
            #[cfg(test)]
            Clock::Simulated(scheduler) => scheduler.sleep(time).await,
        }
    }

    /// Waits for something, but no longer than this; `None` when it was not there by then.
    pub async fn timeout<T>(&self, time: Duration, waiting: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            waited = waiting => Some(waited),
            () = self.sleep(time) => None,
        }
    }

    /// Begins a task that nobody waits for. Where there is no place for tasks any more, everything ends anyway.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        match self {
            Clock::System => {
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(task);
                }
            }
            #[cfg(test)]
            Clock::Simulated(scheduler) => scheduler.spawn(task),
        }
    }

    /// Has the tasks that were spawned just now begin in that order. Without this the last one would be the first, for
    /// a thread of tokio's begins with the task that it was handed last.
    pub fn begin_in_order(&self) {
        match self {
            Clock::System => self.spawn(async {}),
            #[cfg(test)]
            Clock::Simulated(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::Clock;

    #[test]
    fn tasks_begin_in_the_order_in_which_they_were_spawned() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let begun = Arc::new(Mutex::new(vec![]));
        let (all, spawner) = (0..100, begun.clone());
        let numbers = all.clone();
        let spawned = runtime.spawn(async move {
            for number in numbers {
                let begun = spawner.clone();
                Clock::System.spawn(async move { begun.lock().unwrap().push(number) });
            }
            Clock::System.begin_in_order();
        });
        runtime.block_on(spawned).unwrap();
        while begun.lock().unwrap().len() < all.len() {
            std::thread::yield_now();
        }
        assert_eq!(*begun.lock().unwrap(), all.collect::<Vec<_>>());
    }
}
