//! `GET /v1/openapi.json`: what this API is, for programs. A test holds the document to the router and to its answers.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// The document (OpenAPI 3.1).
pub const OPENAPI: &str = include_str!("openapi.json");

/// `GET /v1/openapi.json`.
pub(super) async fn show() -> Response {
    ([(CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}
