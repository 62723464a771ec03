//! An answer as it came in, and what an attempt comes to by it: the same for answers from the network and for those that a
//! test makes up.

use std::borrow::Cow;

use compiler::ir::{Duration, Returns};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};

use super::charset;
use super::failure::classify;
use super::guard::Blocked;
use super::mask::Masker;
use super::record::{self, Received};
use crate::machine::{CallFailure, CallOutcome, FailureClass};
use crate::value::{Value, each_sensitive, has_sensitive, read, read_answer, read_xml};

/// What stopped an exchange.
pub(super) enum Fault {
    /// The connection, or what came over it: the kind, and what went wrong.
    Broken(FailureClass, String),
    Blocked(Blocked),
    Late(Duration),
    LargeHeaders,
    LargeBody,
}

impl Fault {
    /// Whether the request had an address to go to.
    pub(super) fn is_on_the_way(&self) -> bool {
        match self {
            Fault::Broken(class, _) => {
                matches!(class, FailureClass::Connection | FailureClass::Certificate | FailureClass::Timeout)
            }
            Fault::Late(_) => true,
            Fault::Blocked(_) | Fault::LargeHeaders | Fault::LargeBody => false,
        }
    }
}

impl From<reqwest::Error> for Fault {
    fn from(error: reqwest::Error) -> Fault {
        let (class, message) = classify(&error);
        Fault::Broken(class, message)
    }
}

/// What has come in so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) status: Option<u16>,
    pub(super) headers: HeaderMap,
    pub(super) body: Received,
    /// Whether the body was a text before it was bytes, as in a test: then what it says of its own encoding is not so.
    pub(super) is_text: bool,
}

impl Seen {
    /// The webhook's result, or why there is none.
    pub(super) fn judge(&self, fault: Option<Fault>, returns: &Returns, masker: &Masker) -> CallOutcome {
        let fail = |class, message: String| {
            CallOutcome::Failed(CallFailure { class, status: self.status, message: masker.mask(&message).into_owned() })
        };
        // A status other than 2xx says all, however the rest of the answer came in.
        match self.status {
            Some(status) if !(200..300).contains(&status) => return fail(FailureClass::Status, status_text(status)),
            _ => {}
        }
        match fault {
            None => {}
            Some(Fault::Broken(class, message)) => return fail(class, message),
            Some(Fault::Blocked(blocked)) => return fail(FailureClass::Blocked, blocked.to_string()),
            Some(Fault::Late(limit)) => {
                let message = match self.status {
                    Some(_) => format!("the answer was not complete after {limit}"),
                    None => format!("no answer after {limit}"),
                };
                return fail(FailureClass::Timeout, message);
            }
            Some(Fault::LargeHeaders) => {
                return fail(FailureClass::TooLarge, "the headers of the answer are larger than 64 KiB".to_owned());
            }
            Some(Fault::LargeBody) => {
                return fail(FailureClass::TooLarge, "the body of the answer is larger than 1 MiB".to_owned());
            }
        }
        match self.read(returns) {
            Ok(value) => CallOutcome::Succeeded(masker.mask_result(value)),
            Err(message) => fail(FailureClass::Body, message),
        }
    }

    fn read(&self, returns: &Returns) -> Result<Value, String> {
        let kind = match returns {
            Returns::Nothing => return read_answer(returns, ""),
            Returns::Text => "text",
            Returns::Json(_) => "JSON",
            Returns::Xml(_) => "XML",
        };
        let text = match self.text() {
            Some(text) => text,
            None => {
                return Err(match self.header(CONTENT_ENCODING).filter(|encoding| encoding != "identity") {
                    Some(encoding) => format!("the body is compressed (`{encoding}`), which was not asked for"),
                    None => match charset::told(&self.body.bytes, self.charset()) {
                        Some(name) if charset::is_read(&name) => format!("the body is no text in `{name}`, as it says"),
                        Some(name) => {
                            format!("the body is in `{name}`, and cannot be {kind}: only {} are read", charset::READ)
                        }
                        None => format!("the body is not UTF-8, and cannot be {kind}"),
                    },
                });
            }
        };
        if text.trim_ascii().is_empty() && !matches!(returns, Returns::Text) {
            return Err(format!("the body is empty where {kind} was expected"));
        }
        read_answer(returns, &text)
    }

    /// What the answer holds in `sensitive` fields is not to be shown.
    pub(super) fn note_sensitive(&self, returns: &Returns, masker: &mut Masker) {
        let (Returns::Json(ty) | Returns::Xml(ty)) = returns else { return };
        let Some(text) = self.text().filter(|_| has_sensitive(ty)) else { return };
        let value = if matches!(returns, Returns::Xml(_)) { read_xml(&text) } else { read(&text) };
        if let Ok(value) = value {
            each_sensitive(&value, ty, &mut |text| masker.sensitive(&text));
        }
    }

    /// The body as text, in the encoding that the answer says.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        charset::text(&self.body.bytes, self.charset(), !self.is_text)
    }

    /// The encoding that the media type names.
    fn charset(&self) -> Option<&[u8]> {
        self.headers.get(CONTENT_TYPE).and_then(named_charset)
    }

    pub(super) fn header(&self, name: reqwest::header::HeaderName) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The text of its `Retry-After` header.
    pub(super) fn retry_after(&self) -> Option<String> {
        self.header(RETRY_AFTER)
    }

    /// The answer as history shows it.
    pub(super) fn record(&self, masker: &Masker) -> Option<String> {
        let text = self.text().unwrap_or_else(|| String::from_utf8_lossy(&self.body.bytes));
        Some(record::response(self.status?, &self.headers, &text, &self.body, masker))
    }
}

/// The encoding that a media type names, whatever quotes and blanks are around it.
fn named_charset(kind: &HeaderValue) -> Option<&[u8]> {
    kind.as_bytes().split(|byte| *byte == b';').skip(1).find_map(|parameter| {
        let mut parts = parameter.splitn(2, |byte| *byte == b'=');
        let (name, value) = (parts.next()?, parts.next()?.trim_ascii());
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let value = value.strip_suffix(b"\"").unwrap_or(value);
        name.trim_ascii().eq_ignore_ascii_case(b"charset").then_some(value.trim_ascii())
    })
}

fn status_text(status: u16) -> String {
    let reason = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let redirect = if (300..400).contains(&status) { "; redirects are not followed" } else { "" };
    match reason {
        Some(reason) => format!("the host answered {status} {reason}{redirect}"),
        None => format!("the host answered {status}{redirect}"),
    }
}
