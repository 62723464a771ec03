//! How much may come in at once: decided before a body is read, so that what is too much costs next to nothing.
//!
//! A caller that asks for more than its part is told so (429); when all together are too much, everybody is (503). Both name
//! a time after which it is worth to try again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use smol_str::SmolStr;

use super::Api;
use super::access::Caller;
use super::problem::Problem;
use crate::store::StoreError;

/// A request that reads or keeps events.
#[derive(Debug)]
pub struct Intake {
    room: usize,
    per_second: Option<u32>,
    inside: AtomicUsize,
    callers: Mutex<HashMap<SmolStr, Part>>,
}

/// What one caller takes of it.
#[derive(Debug)]
struct Part {
    inside: usize,
    /// Requests that it may still make at once, and when that was so.
    left: f64,
    at: Instant,
}

/// Why a request is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// All together are too many.
    Overloaded,
    /// One caller has too many requests open.
    TooMany,
    /// One caller makes too many a second; after so many seconds it may make one more.
    TooFast(u32),
}

impl Intake {
    /// So many requests at once, and so many a second for each caller.
    pub fn new(room: usize, per_second: Option<u32>) -> Intake {
        Intake { room: room.max(1), per_second, inside: AtomicUsize::new(0), callers: Mutex::default() }
    }

    /// How many are inside.
    pub fn inside(&self) -> usize {
        self.inside.load(Ordering::Relaxed)
    }

    /// Lets a request in. A caller without a name is everybody on this machine.
    fn enter(self: &Arc<Intake>, caller: &SmolStr, now: Instant) -> Result<Inside, Refusal> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let burst = f64::from(self.per_second.unwrap_or_default());
        // There are as many as there are tokens.
        let part = callers.entry(caller.clone()).or_insert(Part { inside: 0, left: burst, at: now });
        if let Some(per_second) = self.per_second {
            let passed = now.saturating_duration_since(part.at).as_secs_f64();
            part.left = (part.left + passed * f64::from(per_second)).min(burst);
            part.at = now;
            if part.left < 1.0 {
                let wait = Duration::from_secs_f64((1.0 - part.left) / f64::from(per_second));
                return Err(Refusal::TooFast(u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX)));
            }
        }
        if self.inside.load(Ordering::Relaxed) >= self.room {
            return Err(Refusal::Overloaded);
        }
        // A quarter is left to the others.
        if !caller.is_empty() && part.inside >= self.room.div_ceil(4) * 3 {
            return Err(Refusal::TooMany);
        }
        part.left -= 1.0;
        part.inside += 1;
        self.inside.fetch_add(1, Ordering::Relaxed);
        Ok(Inside { intake: self.clone(), caller: caller.clone() })
    }
}

/// A request that was let in.
#[derive(Debug)]
pub(super) struct Inside {
    intake: Arc<Intake>,
    caller: SmolStr,
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.intake.inside.fetch_sub(1, Ordering::Relaxed);
        let mut callers = self.intake.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = callers.get_mut(&self.caller) {
            part.inside -= 1;
        }
    }
}

/// Lets a request in, or turns it away unread.
pub(super) async fn admit(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().cloned();
    match enter(&api, &caller.unwrap_or_else(|| Caller(SmolStr::default()))) {
        Ok(_inside) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// The same for a request whose caller is known.
pub(super) fn enter(api: &Api, caller: &Caller) -> Result<Inside, Problem> {
    let entered = match api.engine.is_stopping() {
        true => Err(Problem::from(StoreError::Closed)),
        false => api.intake.enter(&caller.0, Instant::now()).map_err(|refusal| refusal.problem(&caller.0)),
    };
    entered.inspect_err(|problem| api.metrics.turned_away(problem.slug()))
}

impl Refusal {
    fn problem(self, caller: &str) -> Problem {
        match self {
            Refusal::Overloaded => {
                let detail = "more requests are open than this daemon takes at once";
                Problem::new(503, "overloaded", detail).retry_after(1)
            }
            Refusal::TooMany => {
                let detail = format!("the token `{caller}` has too many requests open");
                Problem::new(429, "too-many-requests", detail).retry_after(1)
            }
            Refusal::TooFast(seconds) => {
                let detail = "more requests a second than `limits.requests_per_second` allows";
                Problem::new(429, "too-many-requests", detail).retry_after(seconds)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(intake: &Arc<Intake>, caller: &str, now: Instant) -> Result<Inside, Refusal> {
        intake.enter(&SmolStr::new(caller), now)
    }

    #[test]
    fn one_caller_leaves_room_for_the_others() {
        let intake = Arc::new(Intake::new(8, None));
        let now = Instant::now();
        let mut inside: Vec<Inside> = (0..6).map(|_| enter(&intake, "a", now).unwrap()).collect();
        assert_eq!(enter(&intake, "a", now).unwrap_err(), Refusal::TooMany);
        inside.extend((0..2).map(|_| enter(&intake, "b", now).unwrap()));
        assert_eq!(enter(&intake, "b", now).unwrap_err(), Refusal::Overloaded);
        inside.truncate(5);
        inside.push(enter(&intake, "a", now).unwrap());
        assert_eq!(intake.inside(), 6);
        drop(inside);
        assert_eq!(intake.inside(), 0);
        // Without tokens there is nobody to leave room for.
        let all: Vec<Inside> = (0..8).map(|_| enter(&intake, "", now).unwrap()).collect();
        assert_eq!((all.len(), enter(&intake, "", now).unwrap_err()), (8, Refusal::Overloaded));
    }

    #[test]
    fn a_rate_is_each_callers_own() {
        let intake = Arc::new(Intake::new(100, Some(2)));
        let now = Instant::now();
        let go = |caller: &str, after_ms: u64| enter(&intake, caller, now + Duration::from_millis(after_ms)).map(drop);
        assert_eq!((go("a", 0), go("a", 0)), (Ok(()), Ok(())));
        assert_eq!(go("a", 0), Err(Refusal::TooFast(1)));
        assert_eq!(go("b", 0), Ok(()));
        assert_eq!(go("a", 499), Err(Refusal::TooFast(1)));
        assert_eq!(go("a", 510), Ok(()));
        // A long pause is worth no more than a second's requests.
        assert_eq!((go("a", 60_000), go("a", 60_000)), (Ok(()), Ok(())));
        assert_eq!(go("a", 60_000), Err(Refusal::TooFast(1)));
    }
}
