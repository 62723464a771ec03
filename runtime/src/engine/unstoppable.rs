//! Work that goes on when nobody waits for it any more, without a task of its own while somebody does.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future that is carried on by a task when it is dropped before its end.
pub(super) struct Unstoppable<T: Send + 'static>(Option<Work<T>>);

impl<T: Send + 'static> Unstoppable<T> {
    /// Work that is done here as long as somebody waits for it.
    pub(super) fn new(work: impl Future<Output = T> + Send + 'static) -> Unstoppable<T> {
        Unstoppable(Some(Box::pin(work)))
    }
}

impl<T: Send + 'static> Future for Unstoppable<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // It is there until it has ended, and then nobody polls.
        let Some(work) = &mut self.0 else { return Poll::Pending };
        let poll = work.as_mut().poll(context);
        if poll.is_ready() {
            self.0 = None;
        }
        poll
    }
}

impl<T: Send + 'static> Drop for Unstoppable<T> {
    fn drop(&mut self) {
        // Work that has failed inside cannot go on, and outside a runtime everything ends anyway.
        if let (Some(work), Ok(runtime), false) = (self.0.take(), Handle::try_current(), std::thread::panicking()) {
            runtime.spawn(work);
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
        assert_eq!(Unstoppable::new(async { 1 }).await, 1);
        let (done, ended) = oneshot::channel();
        let work = Unstoppable::new(async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            done.send(2)
        });
        assert!(tokio::time::timeout(Duration::ZERO, work).await.is_err(), "nobody waits so long");
        assert_eq!(ended.await, Ok(2));
    }
}
