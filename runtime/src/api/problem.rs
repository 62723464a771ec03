//! Errors as problem details (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use crate::store::StoreError;
use crate::value::Mismatch;

/// An error as callers see it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    status: u16,
    slug: &'static str,
    detail: String,
    members: Map<String, Json>,
    retry_after: Option<u32>,
}

impl Problem {
    /// A problem with its status, the stable slug of its type, and what is wrong, for people.
    pub(super) fn new(status: u16, slug: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, slug, detail: detail.into(), members: Map::new(), retry_after: None }
    }

    /// With a further member.
    pub(super) fn with(mut self, name: &str, value: Json) -> Problem {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// With each place that does not fit.
    pub(super) fn with_mismatches(self, mismatches: &[Mismatch]) -> Problem {
        let errors: Vec<Json> =
            mismatches.iter().map(|mismatch| json!({ "path": mismatch.path, "message": mismatch.message })).collect();
        self.with("errors", errors.into())
    }

    /// The stable slug of its type.
    pub(super) fn slug(&self) -> &'static str {
        self.slug
    }

    /// To be tried again after so many seconds.
    pub(super) fn retry_after(mut self, seconds: u32) -> Problem {
        self.retry_after = Some(seconds);
        self
    }

    /// The problem as an object.
    pub(super) fn to_json(&self) -> Json {
        let mut object = Map::new();
        object.insert("type".to_owned(), format!("urn:wf:{}", self.slug).into());
        object.insert("title".to_owned(), self.slug.replace('-', " ").into());
        object.insert("status".to_owned(), self.status.into());
        object.insert("detail".to_owned(), self.detail.clone().into());
        object.extend(self.members.clone());
        object.into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.to_json().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::Full => Problem::new(507, "disk-full", error.to_string()).retry_after(10),
            StoreError::Closed => Problem::new(503, "stopping", "the daemon is stopping").retry_after(5),
            StoreError::Cursor => Problem::new(400, "malformed-cursor", error.to_string()),
            StoreError::Refused(_) => Problem::new(422, "store-refused", error.to_string()),
            StoreError::Locked { .. } | StoreError::Format(_) | StoreError::Failed(_) => {
                Problem::new(500, "store-failed", "the store failed; what was not answered with 2xx was not kept")
            }
        }
    }
}
