//! What handlers take from a request: its query, the name in its path, and its body, bounded in size and in time. What is
//! wrong with any of them is told as every other problem is.

use std::error::Error;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
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
pub(super) async fn read_body(State(limits): State<BodyLimits>, mut request: Request, next: Next) -> Response {
    DefaultBodyLimit::max(limits.bytes).apply(&mut request);
    let (parts, body) = request.into_parts();
    let unread = Request::from_parts(parts.clone(), body);
    let problem = match tokio::time::timeout(limits.time, Bytes::from_request(unread, &())).await {
        Ok(Ok(body)) => return next.run(Request::from_parts(parts, Body::from(body))).await,
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(413, "body-too-large", format!("a request may have {} bytes", limits.bytes))
        }
        Ok(Err(error)) => Problem::new(400, "unreadable-body", cause(&error)),
        Err(_) => Problem::new(408, "body-too-slow", format!("a body may take {:?}", limits.time)),
    };
    let mut response = problem.into_response();
    // What is left of the body is not waited for.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
