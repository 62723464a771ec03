//! Connections whose callers do not read their answers: they are not written to for ever.
//!
//! What a caller leaves unread fills the buffers on the way and then holds the connection, of which there are only so many.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream that fails when nothing of what is written can go on for a while.
pub(super) struct Unread<S> {
    stream: S,
    patience: Duration,
    /// Runs while nothing goes on.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S: Unpin> Unread<S> {
    /// The stream; `patience` is how long nothing may go on.
    pub(super) fn new(stream: S, patience: Duration) -> Unread<S> {
        Unread { stream, patience, stalled: None }
    }

    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<Result<T>>,
    ) -> Poll<Result<T>> {
        let written = write(Pin::new(&mut self.stream), context);
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(context));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the caller does not read the answer")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unread<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unread<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.watch(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.watch(context, |stream, context| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.watch(context, |stream, context| stream.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.watch(context, |stream, context| stream.poll_shutdown(context))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn what_nobody_reads_is_written_for_a_while_only() {
        let (near, _far) = duplex(64);
        let error = Unread::new(near, Duration::from_millis(20)).write_all(&[0; 1_000]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    /// However long all of it takes, who goes on reading has it.
    #[tokio::test]
    async fn who_reads_slowly_has_it_all() {
        let (near, mut far) = duplex(64);
        let reads = tokio::spawn(async move {
            let (mut seen, mut piece) = (0, [0; 64]);
            while seen < 1_000 {
                sleep(Duration::from_millis(10)).await;
                seen += far.read(&mut piece).await.unwrap();
            }
        });
        Unread::new(near, Duration::from_secs(60)).write_all(&[0; 1_000]).await.unwrap();
        reads.await.unwrap();
    }
}
