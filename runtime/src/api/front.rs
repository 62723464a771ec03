//! What stands before the router: the shortest way for `POST /v1/events`, which is nearly all that a busy daemon is asked for.
//!
//! INVARIANT: a request meets the same checks here, in the same order, as it would behind the router: host, token, room, body.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, Method, Request, header};
use axum::response::{IntoResponse, Response};
use tower::{Service, ServiceExt};

use super::extract::{BODY_TIME, BodyLimits, unread};
use super::patient::Patient;
use super::{Api, events, intake, router};
use crate::config::Scope;

/// Answers requests. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    api: Arc<Api>,
    router: Router,
}

impl Front {
    /// What answers for an API.
    pub fn new(api: Api) -> Front {
        let api = Arc::new(api);
        Front { router: router(api.clone()), api }
    }
}

impl<B> Service<Request<B>> for Front
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: fmt::Display + Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let request = Patient::of(request);
        let uri = request.uri();
        let api = self.api.clone();
        if request.method() == Method::POST && uri.path() == "/v1/events" && uri.query().is_none() {
            return Box::pin(async move { Ok(goodbye(&api, take_events(&api, request).await)) });
        }
        let answer = self.router.clone().oneshot(request.map(Body::new));
        Box::pin(async move { Ok(goodbye(&api, answer.await?)) })
    }
}

/// Tells callers of a daemon that is going down to connect anew, which leads them to another one.
fn goodbye(api: &Api, mut response: Response) -> Response {
    if api.engine.is_stopping() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn take_events<B>(api: &Api, request: Request<B>) -> Response
where
    B: HttpBody<Data = Bytes> + Send,
    B::Error: fmt::Display,
{
    let (parts, body) = request.into_parts();
    let admitted = api.access.check_host(&parts.uri, &parts.headers);
    let caller = match admitted.and_then(|()| api.access.admit(&parts.headers, Scope::Ingest)) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let _inside = match intake::enter(api, &caller) {
        Ok(inside) => inside,
        Err(problem) => return problem.into_response(),
    };
    let limits = BodyLimits { bytes: api.max_body_bytes, time: BODY_TIME };
    let body = match limits.read(body).await {
        Ok(body) => body,
        Err(problem) => return unread(problem),
    };
    events::take(api, &caller, &parts.headers, &body, false).await.into_response()
}
