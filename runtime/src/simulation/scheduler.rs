//! Tasks that take turns by a seed, on a clock that goes on when there is nothing else to do.
//!
//! Any task that could go on may be the next: so each seed is another order of all that happens at once.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::random::Random;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs tasks. Copies are the same.
#[derive(Clone)]
pub struct Scheduler(Arc<Shared>);

struct Shared(Mutex<State>);

struct State {
    zero: Instant,
    /// How long it has been running, by the monotonic clock.
    elapsed: Duration,
    /// The wall clock when nothing had elapsed; it moves when the clock is set.
    wall: Timestamp,
    /// Who sleeps, by the time of waking.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    /// Tasks but the one whose turn it is.
    tasks: HashMap<u64, Task>,
    /// Tasks that could go on.
    ready: Vec<u64>,
    /// The number of the next task or sleeper.
    next: u64,
    random: Random,
}

impl Scheduler {
    pub(crate) fn new(seed: u64, wall: Timestamp) -> Scheduler {
        let state = State {
            zero: Instant::now(),
            elapsed: Duration::ZERO,
            wall,
            sleepers: BTreeMap::new(),
            tasks: HashMap::new(),
            ready: vec![],
            next: 0,
            random: Random::new(seed),
        };
        Scheduler(Arc::new(Shared(Mutex::new(state))))
    }

    /// The time of the wall clock.
    pub(crate) fn now(&self) -> Timestamp {
        let state = self.lock();
        state.wall.checked_add(state.elapsed).unwrap()
    }

    /// The time of the monotonic clock.
    pub(crate) fn instant(&self) -> Instant {
        let state = self.lock();
        state.zero + state.elapsed
    }

    /// How long it has been running.
    pub(crate) fn elapsed(&self) -> Duration {
        self.lock().elapsed
    }

    /// Sets the wall clock.
    pub(crate) fn set_clock(&self, by: SignedDuration) {
        let mut state = self.lock();
        state.wall = state.wall.checked_add(by).unwrap();
    }

    pub(crate) fn sleep(&self, time: Duration) -> Sleep {
        Sleep { scheduler: self.clone(), until: self.lock().elapsed.saturating_add(time), place: None }
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut state = self.lock();
        let id = state.number();
        state.tasks.insert(id, Box::pin(task));
        state.ready.push(id);
    }

    /// How many tasks could go on.
    pub(crate) fn ready(&self) -> usize {
        self.lock().ready.len()
    }

    /// Lets one of them have its turn.
    pub(crate) fn run_one(&self) {
        let mut state = self.lock();
        if state.ready.is_empty() {
            return;
        }
        let count = state.ready.len();
        let chosen = state.random.below(count);
        let id = state.ready.swap_remove(chosen);
        let Some(mut task) = state.tasks.remove(&id) else { return };
        drop(state);
        let waker = Waker::from(Arc::new(TaskWaker { id, shared: Arc::downgrade(&self.0) }));
        match task.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                self.lock().tasks.insert(id, task);
            }
            Poll::Ready(()) => self.lock().ready.retain(|ready| *ready != id),
        }
    }

    /// When the next sleeper wakes.
    pub(crate) fn next_waking(&self) -> Option<Duration> {
        self.lock().sleepers.keys().next().map(|(until, _)| *until)
    }

    /// Lets time pass, and wakes whose time has come.
    pub(crate) fn pass_until(&self, time: Duration) {
        let mut state = self.lock();
        state.elapsed = state.elapsed.max(time);
        let after = state.elapsed + Duration::from_nanos(1);
        let later = state.sleepers.split_off(&(after, 0));
        let woken = std::mem::replace(&mut state.sleepers, later);
        drop(state);
        woken.into_values().for_each(Waker::wake);
    }

    /// Ends all tasks where they stand.
    pub(crate) fn kill(&self) {
        loop {
            let tasks = std::mem::take(&mut self.lock().tasks);
            if tasks.is_empty() {
                break;
            }
            // What is dropped may begin another task.
            drop(tasks);
        }
        self.lock().ready.clear();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap()
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Scheduler").finish_non_exhaustive()
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

struct TaskWaker {
    id: u64,
    shared: Weak<Shared>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<TaskWaker>) {
        let Some(shared) = self.shared.upgrade() else { return };
        let mut state = shared.0.lock().unwrap();
        if !state.ready.contains(&self.id) {
            state.ready.push(self.id);
        }
    }
}

/// Somebody who sleeps.
pub(crate) struct Sleep {
    scheduler: Scheduler,
    until: Duration,
    place: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let scheduler = self.scheduler.clone();
        let mut state = scheduler.lock();
        if state.elapsed >= self.until {
            return Poll::Ready(());
        }
        let place = self.place.unwrap_or_else(|| state.number());
        self.place = Some(place);
        state.sleepers.insert((self.until, place), context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let waker = self.scheduler.lock().sleepers.remove(&(self.until, place));
        drop(waker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What three tasks do, in the order in which a seed lets them.
    fn order(seed: u64) -> Vec<(u64, u32)> {
        let scheduler = Scheduler::new(seed, Timestamp::UNIX_EPOCH);
        let done = Arc::new(Mutex::new(vec![]));
        for task in 0..3 {
            let (own, done) = (scheduler.clone(), done.clone());
            scheduler.spawn(async move {
                for step in 0..3 {
                    own.sleep(Duration::from_secs(u64::from(step))).await;
                    done.lock().unwrap().push((task, step));
                }
            });
        }
        while scheduler.ready() > 0 || scheduler.next_waking().is_some() {
            match scheduler.ready() {
                0 => scheduler.pass_until(scheduler.next_waking().unwrap()),
                _ => scheduler.run_one(),
            }
        }
        assert_eq!(scheduler.elapsed(), Duration::from_secs(3));
        assert_eq!(scheduler.now().as_second(), 3);
        done.lock().unwrap().clone()
    }

    #[test]
    fn a_seed_is_an_order() {
        let orders: std::collections::BTreeSet<_> = (0..20).map(order).collect();
        assert!(orders.len() > 5, "seeds differ");
        for seed in 0..20 {
            assert_eq!(order(seed), order(seed));
        }
    }
}
