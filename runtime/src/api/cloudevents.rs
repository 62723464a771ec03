//! CloudEvents 1.0 as events of ours, in the three modes of their HTTP binding: structured, batched and binary.
//!
//! `type` is the event type; of a reverse-DNS name it is the last part, as `cart_abandoned` of `com.example.cart_abandoned`.
//! `source` and `id` together are the dedup key, `time` is when it happened, and `data`, a JSON object, holds the parameters.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use super::events::{MAX_KEY_BYTES, excerpt, moment};
use super::json;
use super::problem::Problem;
use crate::engine::NewEvent;
use crate::hex;
use crate::trace::Trace;
use crate::value::{Record, Value};

/// How a request carries events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// As events of ours.
    Own,
    /// One CloudEvent as a JSON object.
    Structured,
    /// An array of them.
    Batch,
    /// One whose attributes are headers.
    Binary,
}

impl Mode {
    /// The mode of a request: its content type says it, or the headers of the binary one.
    pub(super) fn of(headers: &HeaderMap) -> Mode {
        match json::essence(headers).to_ascii_lowercase().as_str() {
            "application/cloudevents+json" => Mode::Structured,
            "application/cloudevents-batch+json" => Mode::Batch,
            _ if headers.contains_key("ce-specversion") => Mode::Binary,
            _ => Mode::Own,
        }
    }
}

/// Reads one event of the structured mode or of a batch. `source` is whose it is.
pub(super) fn structured(event: &Value, source: &SmolStr, trace: Option<&Trace>) -> Result<NewEvent, Problem> {
    let Value::Record(fields) = event else { return Err(malformed("a CloudEvent is a JSON object")) };
    let attribute = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_string())),
        Some(_) => Err(malformed(format!("the attribute `{name}` is not text"))),
    };
    let data = match (fields.get("data"), attribute("data_base64")?) {
        (Some(_), Some(_)) => return Err(malformed("an event has `data` or `data_base64`, not both")),
        (data, None) => data.cloned(),
        (None, Some(text)) => {
            let bytes = STANDARD.decode(text).map_err(|_| malformed("`data_base64` is not Base64"))?;
            Some(json::parse(&bytes, "data")?)
        }
    };
    make(&attribute, data, source, trace)
}

/// Reads the one event of the binary mode.
pub(super) fn binary(
    headers: &HeaderMap,
    body: &Bytes,
    source: &SmolStr,
    trace: Option<&Trace>,
) -> Result<NewEvent, Problem> {
    let attribute = |name: &str| {
        let Some(value) = headers.get(format!("ce-{name}")) else { return Ok(None) };
        decoded(value.as_bytes()).map(Some).ok_or_else(|| malformed(format!("the header `ce-{name}` is not text")))
    };
    let kind = json::essence(headers).to_ascii_lowercase();
    let data = match () {
        () if body.is_empty() => None,
        () if kind == "application/json" || kind.ends_with("+json") || kind == "text/json" => {
            json::check_encoding(headers)?;
            Some(json::parse(body, "data")?)
        }
        () => {
            let got =
                headers.get(header::CONTENT_TYPE).map_or("none was given".to_owned(), |_| format!("got `{kind}`"));
            return Err(Problem::new(415, "not-json", format!("the data of an event must be JSON; {got}")));
        }
    };
    make(&attribute, data, source, trace)
}

type Attribute<'a> = dyn Fn(&str) -> Result<Option<String>, Problem> + 'a;

fn make(
    attribute: &Attribute<'_>,
    data: Option<Value>,
    source: &SmolStr,
    trace: Option<&Trace>,
) -> Result<NewEvent, Problem> {
    let needed = |name: &str| {
        let found = attribute(name)?.filter(|text| !text.is_empty());
        found.ok_or_else(|| malformed(format!("the attribute `{name}` of a CloudEvent is missing")))
    };
    let version = needed("specversion")?;
    if version != "1.0" {
        return Err(malformed(format!("CloudEvents {} are not known here, only 1.0", excerpt(&version))));
    }
    let (kind, origin, id) = (needed("type")?, needed("source")?, needed("id")?);
    let occurred_at = match attribute("time")? {
        None => None,
        Some(text) => Some(moment("time", &text).map_err(malformed)?),
    };
    let params = match data {
        None | Some(Value::Null) => Value::Record(Record::new().into()),
        Some(params @ Value::Record(_)) => params,
        Some(_) => return Err(malformed("`data` is not a JSON object")),
    };
    let name = kind.rsplit('.').next().unwrap_or(&kind);
    // The extension for distributed tracing says it of each event; the request's own header of all.
    let own_trace = attribute("traceparent").ok().flatten().and_then(|text| Trace::from_header(&text));
    Ok(NewEvent {
        source: source.clone(),
        name: name.into(),
        key: Some(key(&origin, &id)?),
        occurred_at,
        params,
        trace: own_trace.or_else(|| trace.cloned()),
    })
}

/// Source and id as one key. No source holds a blank, so no two events have the same; a long one is hashed.
fn key(source: &str, id: &str) -> Result<SmolStr, Problem> {
    if source.chars().chain(id.chars()).any(char::is_control) || source.contains(' ') {
        return Err(malformed("`source` is no URI reference, or `id` holds a control character"));
    }
    let key = format!("{source} {id}");
    if key.len() <= MAX_KEY_BYTES {
        return Ok(key.into());
    }
    let digest = Sha256::digest(&key);
    Ok(format!("sha256 {}", hex::of(&digest)).into())
}

/// A header's value, which is percent-encoded beyond visible ASCII (HTTP binding, section 3.1.3.2).
fn decoded(bytes: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => break,
            [b'%', high, low, rest @ ..] => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                match (digit(high), digit(low)) {
                    (Some(high), Some(low)) => decoded.push(u8::try_from(high * 16 + low).ok()?),
                    // A lone percent sign is itself, as the standard wants readers to take it.
                    _ => decoded.extend([b'%', *high, *low]),
                }
                rest
            }
            [byte, rest @ ..] => {
                decoded.push(*byte);
                rest
            }
        };
    }
    String::from_utf8(decoded).ok()
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(400, "malformed-event", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::read;

    fn event(json: &str) -> Result<NewEvent, Problem> {
        structured(&read(json).unwrap(), &SmolStr::new("shop"), None)
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    const WHOLE: &str = r#"{"specversion":"1.0","type":"com.example.left","source":"/shop/1","id":"a b",
        "time":"2026-01-02T03:04:05+01:00","datacontenttype":"application/json","extra":7,"data":{"n":1.50},
        "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}"#;

    #[test]
    fn the_mode_is_that_of_the_request() {
        for (pairs, mode) in [
            (&[("content-type", "application/json")][..], Mode::Own),
            (&[("content-type", "application/cloudevents+json; charset=utf-8")], Mode::Structured),
            (&[("content-type", "Application/CloudEvents-Batch+JSON")], Mode::Batch),
            (&[("content-type", "application/json"), ("ce-specversion", "1.0")], Mode::Binary),
            (&[], Mode::Own),
        ] {
            assert_eq!(Mode::of(&headers(pairs)), mode, "{pairs:?}");
        }
    }

    #[test]
    fn an_event_is_mapped() {
        let new = event(WHOLE).unwrap();
        assert_eq!((new.name.as_str(), new.key.as_deref(), new.source.as_str()), ("left", Some("/shop/1 a b"), "shop"));
        assert_eq!(new.occurred_at, Some("2026-01-02T02:04:05Z".parse().unwrap()));
        assert_eq!(crate::value::to_json(&new.params), r#"{"n":1.50}"#);
        assert!(new.trace.is_some());
        let coded = r#"{"specversion":"1.0","type":"left","source":"s","id":"1","data_base64":"eyJuIjogMX0="}"#;
        assert_eq!(crate::value::to_json(&event(coded).unwrap().params), r#"{"n":1}"#);
        let bare = r#"{"specversion":"1.0","type":"left","source":"s","id":"1"}"#;
        assert_eq!(crate::value::to_json(&event(bare).unwrap().params), "{}");
        // Two that differ anywhere have two keys, however long.
        let long = |id: &str| key(&format!("/{}", "x".repeat(5_000)), id).unwrap();
        assert!(long("1").len() <= MAX_KEY_BYTES && long("1") != long("2"));
    }

    #[test]
    fn the_binary_mode_has_its_attributes_in_headers() {
        let pairs = [
            ("ce-specversion", "1.0"),
            ("ce-type", "left"),
            ("ce-source", "/caf%C3%A9"),
            ("ce-id", "100%"),
            ("content-type", "application/vnd.shop+json"),
        ];
        let source = SmolStr::default();
        let new = binary(&headers(&pairs), &Bytes::from_static(b"{\"n\":1}"), &source, None).unwrap();
        assert_eq!((new.name.as_str(), new.key.as_deref()), ("left", Some("/café 100%")));
        assert_eq!(crate::value::to_json(&new.params), r#"{"n":1}"#);
        let mut other = pairs;
        other[4].1 = "text/plain";
        assert!(binary(&headers(&other), &Bytes::from_static(b"x"), &source, None).is_err());
        assert!(binary(&headers(&other), &Bytes::new(), &source, None).is_ok(), "no data needs no type");
    }

    #[test]
    fn what_is_malformed_says_which_attribute() {
        for (from, to, names) in [
            ("\"1.0\"", "\"0.3\"", "0.3"),
            ("\"specversion\":\"1.0\",", "", "`specversion`"),
            ("\"type\":\"com.example.left\",", "", "`type`"),
            ("\"id\":\"a b\"", "\"id\":\"\"", "`id`"),
            ("\"id\":\"a b\"", "\"id\":7", "`id`"),
            ("\"/shop/1\"", "\"a b\"", "`source`"),
            ("2026-01-02T03:04:05+01:00", "yesterday", "`time`"),
            ("{\"n\":1.50}", "[1]", "`data`"),
            ("\"extra\":7", "\"data_base64\":\"e30=\"", "`data_base64`"),
        ] {
            let text = WHOLE.replace(from, to);
            assert_ne!(text, WHOLE, "{from}");
            let problem = event(&text).unwrap_err().to_json().to_string();
            assert!(problem.contains(names), "{from} {problem}");
        }
    }
}
