//! How long connections take: names looked up, TCP and TLS.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tower::{Layer, Service};

/// Notes how long the last connection took that was made through it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ConnectClock(Arc<Mutex<Option<Duration>>>);

impl ConnectClock {
    /// How long the last connection took; `None` before there was one.
    pub fn last(&self) -> Option<Duration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, duration: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(duration);
    }
}

impl<S> Layer<S> for ConnectClock {
    type Service = Timed<S>;

    fn layer(&self, connector: S) -> Timed<S> {
        Timed { connector, clock: self.clone() }
    }
}

/// A connector that is looked on at.
#[derive(Clone, Debug)]
pub struct Timed<S> {
    connector: S,
    clock: ConnectClock,
}

impl<R, S> Service<R> for Timed<S>
where
    S: Service<R, Future: Send + 'static>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let started = Instant::now();
        let connecting = self.connector.call(target);
        let clock = self.clock.clone();
        Box::pin(async move {
            let connected = connecting.await;
            if connected.is_ok() {
                clock.note(started.elapsed());
            }
            connected
        })
    }
}
