//! What handlers take from a request: its query, the name in its path, and its body, bounded in size and in time. What is
//! wrong with any of them is told as every other problem is.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// How long a body may take.
pub(super) const BODY_TIME: Duration = Duration::from_secs(30);

/// The query: a parameter that is unknown, given twice or malformed is refused.
#[derive(Debug)]
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Parameters<T>, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|error| Problem::new(400, "malformed-query", cause(&error)))?;
        Ok(Parameters(query))
    }
}

/// The name in the path, percent-decoded.
#[derive(Debug)]
pub(super) struct Name(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Name, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        let Path(name) = path.map_err(|error| Problem::new(400, "malformed-path", cause(&error)))?;
        Ok(Name(name))
    }
}

/// What is wrong, without the sentence about Rust's types around it.
fn cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// How large a body may be, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyLimits {
    /// Its bytes.
    pub(super) bytes: usize,
    /// Its time, counted from the end of the header.
    pub(super) time: Duration,
}

/// Reads the whole body before the handler has it. It comes after the checks of host and token: nobody else's is read.
pub(super) async fn read_body(State(limits): State<BodyLimits>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match limits.read(body).await {
        Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(problem) => unread(problem),
    }
}

/// The answer to a request whose body was not read to its end.
pub(super) fn unread(problem: Problem) -> Response {
    let mut response = problem.into_response();
    // What is left of the body is not waited for.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

impl BodyLimits {
    /// The whole body.
    pub(super) async fn read<B>(self, body: B) -> Result<Bytes, Problem>
    where
        B: HttpBody<Data = Bytes>,
        B::Error: fmt::Display,
    {
        match tokio::time::timeout(self.time, collect(pin!(body), self.bytes)).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(Unread::TooLarge)) => {
                Err(Problem::new(413, "body-too-large", format!("a request may have {} bytes", self.bytes)))
            }
            Ok(Err(Unread::Broken(cause))) => Err(Problem::new(400, "unreadable-body", cause)),
            Err(_) => Err(Problem::new(408, "body-too-slow", format!("a body may take {:?}", self.time))),
        }
    }
}

/// Why a body was not read.
enum Unread {
    TooLarge,
    Broken(String),
}

async fn collect<B>(mut body: Pin<&mut B>, limit: usize) -> Result<Bytes, Unread>
where
    B: HttpBody<Data = Bytes>,
    B::Error: fmt::Display,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(Unread::TooLarge);
    }
    let mut whole = Bytes::new();
    let mut parts = Vec::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|error| Unread::Broken(error.to_string()))?;
        // Trailers say nothing that is asked for here.
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + parts.len() + data.len() > limit {
            return Err(Unread::TooLarge);
        }
        // Mostly it comes in one piece, which is not copied.
        if whole.is_empty() && parts.is_empty() {
            whole = data;
            continue;
        }
        if parts.is_empty() {
            parts.extend_from_slice(&std::mem::take(&mut whole));
        }
        parts.extend_from_slice(&data);
    }
    Ok(if parts.is_empty() { whole } else { parts.into() })
}
