//! Work that goes on when nobody waits for it any more, without a task of its own while somebody does.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::clock::Clock;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future that is carried on by a task when it is dropped before its end.
pub(super) struct Unstoppable<T: Send + 'static>(Clock, Option<Work<T>>);

impl<T: Send + 'static> Unstoppable<T> {
    /// Work that is done here as long as somebody waits for it.
    pub(super) fn new(clock: Clock, work: impl Future<Output = T> + Send + 'static) -> Unstoppable<T> {
        Unstoppable(clock, Some(Box::pin(work)))
    }
}

impl<T: Send + 'static> Future for Unstoppable<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // It is there until it has ended, and then nobody polls.
        let Some(work) = &mut self.1 else { return Poll::Pending };
        let poll = work.as_mut().poll(context);
        if poll.is_ready() {
            self.1 = None;
        }
        poll
    }
}

impl<T: Send + 'static> Drop for Unstoppable<T> {
    fn drop(&mut self) {
        // Work that has failed inside cannot go on.
        if let (Some(work), false) = (self.1.take(), std::thread::panicking()) {
            self.0.spawn(async {
                let _ = work.await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn it_ends_whether_it_is_waited_for_or_not() {
        assert_eq!(Unstoppable::new(Clock::System, async { 1 }).await, 1);
        let (done, ended) = oneshot::channel();
        let work = Unstoppable::new(Clock::System, async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            done.send(2)
        });
        assert!(tokio::time::timeout(Duration::ZERO, work).await.is_err(), "nobody waits so long");
        assert_eq!(ended.await, Ok(2));
    }
}
