//! Connections whose callers do not read their answers: they are not written to for ever.
//!
//! What a caller leaves unread fills the buffers on the way and then holds the connection, of which there are only so many. Who
//! reads slowly is another matter: buffers on both sides take much at once and then nothing for a long while, so every byte that
//! was taken lets a caller take more time for the next.
//!
//! With HTTP/2 a caller says how much may be sent, and who says nothing leaves nothing to write that could stall. The frames
//! tell which answers are begun and not ended.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::Version;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::frames::Answers;

/// Whoever is not waited for any longer has this part of the time once more.
const REPRIEVE: u32 = 8;

/// How long callers are waited for who take nothing of their answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// So long at first.
    pub(super) patience: Duration,
    /// A caller who reads no slower has it all, in bytes a second.
    pub(super) slowest: u64,
    /// Nobody has more time than this for what was taken, however much it was.
    pub(super) credit: Duration,
}

impl Pace {
    /// The pace of callers; `patience` is for those who have taken nothing.
    pub(super) fn new(patience: Duration) -> Pace {
        // A client of HTTP/2 that reads a kilobyte a second may let nothing be sent until it has read a megabyte.
        Pace { patience, slowest: 512, credit: Duration::from_secs(20 * 60) }
    }
}

/// A stream that fails when nothing of what is written can go on for a while.
pub(super) struct Unread<S> {
    stream: S,
    pace: Pace,
    /// Until when the reader of the slowest sort is busy with what was taken.
    busy_until: Instant,
    /// Runs while nothing goes on.
    stalled: Option<Pin<Box<Sleep>>>,
    /// What is owed over HTTP/2.
    answers: Option<Answers>,
    /// Runs while an answer is owed over HTTP/2.
    owed: Option<Pin<Box<Sleep>>>,
    /// Whether its time was over once: a daemon that was held up itself finds what the caller has said meanwhile unread.
    reprieved: bool,
}

impl<S: Unpin> Unread<S> {
    /// The stream of a connection that speaks this version.
    pub(super) fn new(stream: S, pace: Pace, version: Version) -> Unread<S> {
        let answers = (version == Version::HTTP_2).then(Answers::default);
        Unread { stream, pace, busy_until: Instant::now(), stalled: None, answers, owed: None, reprieved: false }
    }

    /// Takes note of bytes that were taken.
    fn took(&mut self, bytes: usize) {
        let (now, credit) = (Instant::now(), self.pace.credit);
        let reading = Duration::from_millis((bytes as u64).saturating_mul(1_000) / self.pace.slowest);
        self.busy_until = (self.busy_until.max(now) + reading.min(credit)).min(now + credit);
    }

    /// Until when a caller who takes nothing from now on is waited for.
    fn limit(&self) -> Instant {
        self.busy_until.max(Instant::now()) + self.pace.patience
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
        let limit = self.limit();
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep_until(limit))).as_mut().poll(context));
        Poll::Ready(Err(unread()))
    }

    /// Takes note of what was written of these bytes.
    fn wrote<'a>(&mut self, written: &Poll<Result<usize>>, slices: impl Iterator<Item = &'a [u8]>) {
        let Poll::Ready(Ok(mut left)) = *written else { return };
        let Some(answers) = &mut self.answers else { return self.took(left) };
        let mut taken = 0;
        for slice in slices {
            let piece = slice.get(..left.min(slice.len())).unwrap_or_default();
            taken += answers.written(piece);
            left -= piece.len();
        }
        // What is said about the connection itself is no answer.
        if taken > 0 {
            self.took(taken);
            let limit = self.limit();
            self.reprieved = false;
            if let Some(owed) = &mut self.owed {
                owed.as_mut().reset(limit);
            }
        }
    }

    /// Whether an answer is owed of which the caller lets nothing be sent for too long; who asks is woken when it is so.
    fn is_held_up(&mut self, context: &mut Context<'_>) -> bool {
        if self.answers.as_ref().is_none_or(Answers::are_ended) {
            (self.owed, self.reprieved) = (None, false);
            return false;
        }
        let limit = self.limit();
        let owed = self.owed.get_or_insert_with(|| Box::pin(sleep_until(limit)));
        if owed.as_mut().poll(context).is_pending() {
            return false;
        }
        if self.reprieved {
            return true;
        }
        self.reprieved = true;
        owed.as_mut().reset(Instant::now() + self.pace.patience / REPRIEVE);
        owed.as_mut().poll(context).is_ready()
    }
}

fn unread() -> Error {
    Error::new(ErrorKind::TimedOut, "the caller does not read the answer")
}

impl<S: AsyncRead + Unpin> AsyncRead for Unread<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(answers) = &mut self.answers {
            answers.read(buffer.filled().get(before..).unwrap_or_default());
            // A caller may say very much that lets nothing be sent.
            if self.is_held_up(context) {
                return Poll::Ready(Err(unread()));
            }
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unread<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let written = self.watch(context, |stream, context| stream.poll_write(context, bytes));
        self.wrote(&written, std::iter::once(bytes));
        let _ = self.is_held_up(context);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = self.watch(context, |stream, context| stream.poll_write_vectored(context, slices));
        self.wrote(&written, slices.iter().map(|slice| &**slice));
        let _ = self.is_held_up(context);
        written
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
mod tests;
