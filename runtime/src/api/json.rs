//! Reading JSON bodies and writing JSON answers without losing a digit.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;

use super::problem::Problem;
use crate::value::{Value, read};

/// An answer whose body is JSON.
pub(super) struct Json<T>(pub(super) StatusCode, pub(super) T);

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.1) {
            Ok(text) => {
                let mut response = (self.0, text).into_response();
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Err(error) => Problem::new(500, "internal", error.to_string()).into_response(),
        }
    }
}

/// The value in a request's body: it must say that it is JSON, and be it.
pub(super) fn body(headers: &HeaderMap, body: &Bytes) -> Result<Value, Problem> {
    let essence = essence(headers);
    if !essence.eq_ignore_ascii_case("application/json") {
        let got = if essence.is_empty() { "none was given".to_owned() } else { format!("got `{essence}`") };
        return Err(Problem::new(415, "not-json", format!("the content type must be `application/json`; {got}")));
    }
    read_body(headers, body)
}

/// The content type of a request without its parameters; empty when there is none.
pub(super) fn essence(headers: &HeaderMap) -> &str {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim()
}

/// Refuses a body that would have to be decompressed: a small one could become a very large one.
pub(super) fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => {
            Err(Problem::new(415, "encoded-body", "the body must not have a content encoding"))
        }
        _ => Ok(()),
    }
}

/// The value in a request's body, whose content type is known to be JSON.
pub(super) fn read_body(headers: &HeaderMap, body: &Bytes) -> Result<Value, Problem> {
    check_encoding(headers)?;
    parse(body, "body")
}

/// The value that bytes are in JSON; `what` they are is told where they are none. A byte order mark before it, which some
/// programs write, is passed over, as RFC 8259 lets a reader do (section 8.1).
pub(super) fn parse(bytes: &[u8], what: &str) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Problem::new(400, "malformed-json", format!("the {what} is not UTF-8: byte {} is wrong", error.valid_up_to()))
    })?;
    read(text.strip_prefix('\u{feff}').unwrap_or(text))
        .map_err(|error| Problem::new(400, "malformed-json", format!("the {what} is not JSON: {error}")))
}

/// Kept JSON, put into an answer as it is.
pub(super) fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_before_a_body_is_passed_over() {
        let headers: HeaderMap =
            [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))].into_iter().collect();
        let read = |bytes: &'static [u8]| body(&headers, &Bytes::from_static(bytes)).ok();
        assert_eq!(read(b"\xef\xbb\xbf{\"a\": 1}"), read(b"{\"a\": 1}"));
        assert!(read(b"{\"a\": 1}").is_some());
        for none in [&b"\xef\xbb\xbf\xef\xbb\xbf{}"[..], b" \xef\xbb\xbf{}", b"\xef\xbb{}", b"\xef\xbb\xbf"] {
            assert!(read(none).is_none(), "{none:?}");
        }
    }
}
