//! Bodies that a caller may send to the end, whether they are read or not.
//!
//! A body that is dropped before its end resets its stream (HTTP/2) or ends its connection (HTTP/1.1), and the caller, who still
//! sends, may see that in place of the answer: a refusal would look like a broken network. What is left is therefore taken in
//! beside the answer, within bounds.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::http::Request;
use hyper::body::{Frame, SizeHint};

/// What is taken in of a body that nobody reads, in bytes.
const BYTES: usize = 1 << 20;
/// How long the rest of it is waited for.
const TIME: Duration = Duration::from_secs(2);

/// A body whose rest is taken in when it is dropped.
pub(super) struct Patient<B: HttpBody<Data = Bytes> + Send + Unpin + 'static> {
    /// Nothing once its end has been read.
    body: Option<B>,
}

impl<B: HttpBody<Data = Bytes> + Send + Unpin + 'static> Patient<B> {
    /// The request with its body.
    pub(super) fn of(request: Request<B>) -> Request<Patient<B>> {
        request.map(|body| Patient { body: Some(body) })
    }
}

impl<B: HttpBody<Data = Bytes> + Send + Unpin + 'static> HttpBody for Patient<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl<B: HttpBody<Data = Bytes> + Send + Unpin + 'static> Drop for Patient<B> {
    fn drop(&mut self) {
        let rest = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(mut body), Ok(runtime)) = (rest, tokio::runtime::Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(TIME, async move {
                let mut taken = 0;
                while let Some(Ok(frame)) =
                    std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
                {
                    taken += frame.data_ref().map_or(0, Bytes::len);
                    if taken > BYTES {
                        break;
                    }
                }
            }));
        }
    }
}
