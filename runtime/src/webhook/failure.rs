//! What kind of failure an error of the HTTP client is: by its type, never by its text.

use std::error::Error;

use super::guard::Blocked;
use crate::machine::FailureClass;

/// The class of an error, and what went wrong in a few words. The text holds no URL.
pub(super) fn classify(error: &reqwest::Error) -> (FailureClass, String) {
    if let Some(blocked) = find::<Blocked>(error) {
        return (FailureClass::Blocked, blocked.to_string());
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        let certificate = matches!(
            tls,
            rustls::Error::InvalidCertificate(_)
                | rustls::Error::NoCertificatesPresented
                | rustls::Error::UnsupportedNameType
                | rustls::Error::InvalidCertRevocationList(_)
        );
        return match certificate {
            true => (FailureClass::Certificate, format!("the host's certificate was not accepted: {tls}")),
            false => (FailureClass::Connection, format!("no secure connection: {tls}")),
        };
    }
    let cause = innermost(error);
    if error.is_dns() {
        (FailureClass::Dns, format!("the host's name has no address: {cause}"))
    } else if error.is_timeout() {
        (FailureClass::Timeout, format!("no answer in time: {cause}"))
    } else if error.is_connect() {
        (FailureClass::Connection, format!("no connection: {cause}"))
    } else if error.is_builder() {
        (FailureClass::Request, format!("the request cannot be sent: {cause}"))
    } else {
        (FailureClass::Connection, format!("the connection broke, or the answer is not HTTP: {cause}"))
    }
}

/// The first error of a type in a chain of causes. `io::Error` passes over the error that it wraps, so that one is looked
/// at by itself.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = wrapped(error);
    }
    None
}

fn wrapped<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner as &(dyn Error + 'static)),
        None => error.source(),
    }
}

/// The text of the last cause: the outer ones only say that sending failed, and may show the URL.
fn innermost(error: &reqwest::Error) -> String {
    let mut last: Option<&(dyn Error + 'static)> = None;
    let mut next = error.source();
    while let Some(error) = next {
        last = Some(error);
        next = wrapped(error);
    }
    last.map_or_else(|| "no cause is known".to_owned(), ToString::to_string)
}
