//! Time that passes only when it is told to: a clock, and futures that wait on it, on one thread.
//!
//! Nothing happens by itself: what is ready is run until all of it waits, and then the clock is moved to the next moment that
//! something waits for. The same work in the same order gives the same moments, so what is run on it is the same each time.
//! Real waiting (a socket, another thread) has no place here: it would never end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use jiff::Timestamp;

/// A clock. Cheap to clone; all clones show the same time.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<Times>>);

#[derive(Debug)]
struct Times {
    now: Timestamp,
    /// What waits, by its moment and then in the order in which it began to wait.
    timers: BinaryHeap<Reverse<(Timestamp, u64)>>,
    wakers: BTreeMap<u64, Waker>,
    next: u64,
}

impl VirtualClock {
    /// A clock that shows a moment.
    pub fn new(now: Timestamp) -> VirtualClock {
        VirtualClock(Arc::new(Mutex::new(Times { now, timers: BinaryHeap::new(), wakers: BTreeMap::new(), next: 0 })))
    }

    /// The moment that it shows.
    pub fn now(&self) -> Timestamp {
        self.lock().now
    }

    /// Waits for a moment; not at all for one that has passed.
    pub fn sleep_until(&self, until: Timestamp) -> Sleep {
        Sleep { clock: self.clone(), until, number: None }
    }

    /// The first moment that something waits for.
    pub fn next(&self) -> Option<Timestamp> {
        let mut times = self.lock();
        while let Some(Reverse((at, number))) = times.timers.peek().copied() {
            if times.wakers.contains_key(&number) {
                return Some(at);
            }
            // Whoever waited for it has gone.
            times.timers.pop();
        }
        None
    }

    /// Moves on to a moment, and wakes what waited for it or an earlier one, in the order of the moments. A clock never goes
    /// back.
    pub fn advance_to(&self, to: Timestamp) {
        let mut woken = Vec::new();
        {
            let mut times = self.lock();
            times.now = times.now.max(to);
            while let Some(Reverse((at, number))) = times.timers.peek().copied() {
                if at > times.now {
                    break;
                }
                times.timers.pop();
                woken.extend(times.wakers.remove(&number));
            }
        }
        for waker in woken {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Times> {
        // Nothing in here panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a moment of a [`VirtualClock`].
#[derive(Debug)]
pub struct Sleep {
    clock: VirtualClock,
    until: Timestamp,
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        let mut times = clock.lock();
        if self.until <= times.now {
            return Poll::Ready(());
        }
        let number = match self.number {
            Some(number) => number,
            None => {
                let number = times.next;
                times.next += 1;
                times.timers.push(Reverse((self.until, number)));
                self.number = Some(number);
                number
            }
        };
        times.wakers.insert(number, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.clock.lock().wakers.remove(&number);
        }
    }
}

/// Futures that are run on one thread, in the order in which they became ready.
pub struct Tasks<'f, T> {
    futures: BTreeMap<u64, Pin<Box<dyn Future<Output = T> + 'f>>>,
    ready: Arc<Mutex<Vec<u64>>>,
    next: u64,
}

struct Ready {
    task: u64,
    ready: Arc<Mutex<Vec<u64>>>,
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if !ready.contains(&self.task) {
            ready.push(self.task);
        }
    }
}

impl<'f, T> Tasks<'f, T> {
    /// No task yet.
    pub fn new() -> Tasks<'f, T> {
        Tasks { futures: BTreeMap::new(), ready: Arc::default(), next: 0 }
    }

    /// Takes a future, which runs with the next [`Tasks::run`].
    pub fn spawn(&mut self, future: impl Future<Output = T> + 'f) {
        let task = self.next;
        self.next += 1;
        self.futures.insert(task, Box::pin(future));
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }

    /// Runs what is ready until all of it waits or has ended; what ended, in that order.
    pub fn run(&mut self) -> Vec<T> {
        let mut ended = Vec::new();
        loop {
            let ready = std::mem::take(&mut *self.ready.lock().unwrap_or_else(PoisonError::into_inner));
            if ready.is_empty() {
                return ended;
            }
            for task in ready {
                let Some(future) = self.futures.get_mut(&task) else { continue };
                let waker = Waker::from(Arc::new(Ready { task, ready: Arc::clone(&self.ready) }));
                if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    self.futures.remove(&task);
                    ended.push(output);
                }
            }
        }
    }

    /// How many have not ended.
    pub fn len(&self) -> usize {
        self.futures.len()
    }

    /// Whether all have ended.
    pub fn is_empty(&self) -> bool {
        self.futures.is_empty()
    }
}

impl<T> Default for Tasks<'_, T> {
    fn default() -> Self {
        Tasks::new()
    }
}

impl<T> std::fmt::Debug for Tasks<'_, T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tasks").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn what_waits_is_woken_in_the_order_of_its_moments_and_then_of_its_beginning() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = VirtualClock::new(start);
        let log = RefCell::new(vec![]);
        let mut tasks = Tasks::new();
        for (name, pauses) in [("a", [3, 1]), ("b", [1, 2]), ("c", [3, 0])] {
            let (clock, log) = (clock.clone(), &log);
            tasks.spawn(async move {
                for pause in pauses {
                    clock.sleep_until(clock.now() + pause.seconds()).await;
                    log.borrow_mut().push(format!("{name}{}", clock.now().duration_since(start).as_secs()));
                }
                name
            });
        }
        let mut ended = tasks.run();
        assert!(ended.is_empty() && tasks.len() == 3);
        while let Some(next) = clock.next() {
            clock.advance_to(next);
            ended.extend(tasks.run());
        }
        assert_eq!(*log.borrow(), ["b1", "a3", "c3", "c3", "b3", "a4"]);
        assert_eq!(ended, ["c", "b", "a"]);
        assert!(tasks.is_empty() && clock.next().is_none());
        clock.advance_to(start);
        assert_eq!(clock.now(), start + 4.seconds(), "it never goes back");
    }

    #[test]
    fn who_gives_up_is_not_waited_for() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = VirtualClock::new(start);
        let mut tasks = Tasks::new();
        tasks.spawn(clock.sleep_until(start + 1.hour()));
        tasks.run();
        drop(tasks);
        assert_eq!(clock.next(), None);
    }
}
