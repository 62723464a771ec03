//! From a webhook and what a run knows to the request that is sent: plain data, without credentials.

use std::collections::BTreeSet;

use compiler::ir::{Body, Expression, Part, QueryParameter, Webhook};
use smol_str::SmolStr;

use super::effect::Request;
use super::escape;
use super::expression::{ExpressionError, Scope, evaluate, text};
use crate::value::{Value, display, to_json};

/// Why a request cannot be built from its values. Shows no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// An expression has no value, or one that cannot stand in its place.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// A segment of the path would be left out or climb.
    #[error("a segment of the path becomes {0}: the request would go to another address")]
    PathSegment(&'static str),
    /// A header's value cannot be sent.
    #[error("the header `{name}` {message}")]
    Header {
        /// The header.
        name: String,
        /// What is wrong.
        message: String,
    },
}

/// Builds the request of a webhook.
///
/// # Errors
/// When a value has none or cannot stand in its place; see [`RequestError`].
pub fn build(webhook: &Webhook, scope: Scope<'_>) -> Result<Request, RequestError> {
    let scope = scope.noting_sensitive();
    let mut target = path(&webhook.url.path, &scope)?;
    for (position, parameter) in webhook.url.query.iter().enumerate() {
        target.push(if position == 0 { '?' } else { '&' });
        query(parameter, &scope, &mut target)?;
    }
    let mut headers = Vec::with_capacity(webhook.headers.len() + 1);
    for header in &webhook.headers {
        let value = text(&header.value, &scope)?;
        escape::check_header(&value).map_err(|message| RequestError::Header { name: header.name.clone(), message })?;
        headers.push((SmolStr::new(&header.name), value));
    }
    let mut body = None;
    if let Some(carried) = &webhook.body {
        let (content_type, written) = self::body(carried, &scope)?;
        headers.push((SmolStr::new_static("content-type"), content_type.to_owned()));
        body = Some(written);
    }
    Ok(Request {
        method: webhook.method,
        origin: webhook.url.origin.clone(),
        target,
        headers,
        body,
        sensitive: as_sent(scope.all_sensitive_texts()),
    })
}

/// The path. Its place decides the escaping: whatever a value holds, it stays within its segment.
fn path(parts: &[Part], scope: &Scope<'_>) -> Result<String, RequestError> {
    let mut out = String::new();
    let mut has_value = false;
    for part in parts {
        match part {
            Part::Literal(literal) => {
                for (position, piece) in literal.split('/').enumerate() {
                    if position > 0 {
                        check_segment(&out, has_value)?;
                        has_value = false;
                        out.push('/');
                    }
                    out.push_str(piece);
                }
            }
            Part::Value { value, .. } => {
                has_value = true;
                escape::percent(&display(&evaluate(value, scope)?), &mut out);
            }
        }
    }
    check_segment(&out, has_value)?;
    Ok(out)
}

/// Refuses a last segment that a value made empty, `.` or `..`: a server would take the address for another one.
fn check_segment(path: &str, has_value: bool) -> Result<(), RequestError> {
    if !has_value {
        return Ok(());
    }
    let segment = path.rsplit('/').next().unwrap_or(path);
    match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
        "" => Err(RequestError::PathSegment("empty")),
        "." => Err(RequestError::PathSegment("`.`")),
        ".." => Err(RequestError::PathSegment("`..`")),
        _ => Ok(()),
    }
}

fn query(parameter: &QueryParameter, scope: &Scope<'_>, out: &mut String) -> Result<(), RequestError> {
    out.push_str(&parameter.name);
    let Some(value) = &parameter.value else { return Ok(()) };
    out.push('=');
    for part in value {
        match part {
            Part::Literal(literal) => out.push_str(literal),
            Part::Value { value, .. } => escape::percent(&display(&evaluate(value, scope)?), out),
        }
    }
    Ok(())
}

/// The media type and the text of a body.
fn body(body: &Body, scope: &Scope<'_>) -> Result<(&'static str, String), RequestError> {
    Ok(match body {
        Body::Json(value) => ("application/json", to_json(&evaluate(value, scope)?)),
        Body::Xml(parts) => ("application/xml; charset=utf-8", text(parts, scope)?),
        Body::Text(parts) => ("text/plain; charset=utf-8", text(parts, scope)?),
        Body::Form(fields) => ("application/x-www-form-urlencoded", form(fields, scope)?),
    })
}

fn form(fields: &[(SmolStr, Expression)], scope: &Scope<'_>) -> Result<String, RequestError> {
    let mut out = String::new();
    for (position, (name, value)) in fields.iter().enumerate() {
        if position > 0 {
            out.push('&');
        }
        escape::form(name, &mut out);
        out.push('=');
        escape::form(&display(&evaluate(value, scope)?), &mut out);
    }
    Ok(out)
}

/// Texts as they may stand in a request: plain and in each encoding; the longest first, so that masking one never leaves
/// the rest of another.
pub(super) fn as_sent(texts: Vec<String>) -> Vec<String> {
    let mut forms = BTreeSet::new();
    for plain in texts {
        let mut encoded = String::new();
        escape::percent(&plain, &mut encoded);
        forms.insert(std::mem::take(&mut encoded));
        escape::form(&plain, &mut encoded);
        forms.insert(encoded);
        for place in [compiler::ir::Escape::XmlText, compiler::ir::Escape::XmlAttribute] {
            let mut encoded = String::new();
            if escape::write(place, &plain, &mut encoded).is_ok() {
                forms.insert(encoded);
            }
        }
        let json = to_json(&Value::from(plain.as_str()));
        forms.extend(json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).map(str::to_owned));
        forms.insert(plain);
    }
    let mut forms: Vec<String> = forms.into_iter().collect();
    forms.sort_by_key(|text| std::cmp::Reverse(text.len()));
    forms
}

#[cfg(test)]
mod tests;
