//! W3C trace context: a call can be found in the traces of whoever sent the event and of whoever is called.
//!
//! The `traceparent` of the request that brought an event goes on to every call of its runs, each attempt with a span of its
//! own. An event without one gets a trace that is made from the event, so that all calls which it leads to belong together.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex;

/// The header of a trace (W3C Trace Context, section 3.2).
pub const HEADER: &str = "traceparent";

/// The trace that a run belongs to: 32 hexadecimal digits, and the two of the flags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Trace {
    id: [u8; 16],
    flags: u8,
}

impl Trace {
    /// Reads a `traceparent`. One that is malformed is no trace: it is left out, as the standard says.
    pub fn from_header(text: &str) -> Option<Trace> {
        let mut parts = text.trim().split('-');
        let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // A later version may have more parts; the first four are the same.
        let version: [u8; 1] = digits(version)?;
        if version == [0xff] || (version == [0] && parts.next().is_some()) {
            return None;
        }
        let parent: [u8; 8] = digits(parent)?;
        let [flags] = digits(flags)?;
        let id: [u8; 16] = digits(id)?;
        (id != [0; 16] && parent != [0; 8]).then_some(Trace { id, flags })
    }

    /// The trace of what nobody else gave one: the same for the same key.
    pub fn derived(key: &str) -> Trace {
        let mut id = [0; 16];
        fill(&mut id, &Sha256::digest(key));
        Trace { id, flags: 1 }
    }

    /// The `traceparent` of a request; `span` tells it from every other one of the trace.
    pub fn header(&self, span: &str) -> String {
        let mut parent = [0; 8];
        fill(&mut parent, &Sha256::digest(span));
        let mut header = String::with_capacity(55);
        header.push_str("00-");
        hex::push(&mut header, &self.id);
        header.push('-');
        hex::push(&mut header, &parent);
        header.push('-');
        // Of the flags, the first version knows one.
        hex::push(&mut header, &[self.flags & 1]);
        header
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(35);
        hex::push(&mut text, &self.id);
        text.push('-');
        hex::push(&mut text, &[self.flags]);
        out.write_str(&text)
    }
}

impl From<Trace> for String {
    fn from(trace: Trace) -> String {
        trace.to_string()
    }
}

impl TryFrom<String> for Trace {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Trace, &'static str> {
        let read = || {
            let (id, flags) = text.split_once('-')?;
            let [flags] = digits(flags)?;
            Some(Trace { id: digits(id)?, flags })
        };
        read().ok_or("not a trace")
    }
}

/// The first bytes of a digest; never all zero, which the standard forbids.
fn fill(bytes: &mut [u8], digest: &[u8]) {
    for (byte, digit) in bytes.iter_mut().zip(digest) {
        *byte = *digit;
    }
    if let Some(first) = bytes.first_mut() {
        *first |= 1;
    }
}

/// Lower-case hexadecimal digits, as the standard wants them.
fn digits<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !plain || text.len() != 2 * BYTES {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_trace_goes_on_with_a_span_of_its_own() {
        let trace = Trace::from_header(&format!("00-{ID}-00f067aa0ba902b7-01")).unwrap();
        let header = trace.header("a");
        assert!(header.starts_with(&format!("00-{ID}-")) && header.ends_with("-01"), "{header}");
        assert!(!header.contains("00f067aa0ba902b7"));
        assert_eq!(Trace::from_header(&header), Some(trace.clone()), "and is one");
        assert_ne!(header, trace.header("b"));
        let json = serde_json::to_string(&trace).unwrap();
        assert_eq!(serde_json::from_str::<Trace>(&json).unwrap(), trace);
        let later = format!("cc-{ID}-00f067aa0ba902b7-00-what-comes-later");
        assert!(Trace::from_header(&later).unwrap().header("a").ends_with("-00"));
        assert_eq!(Trace::derived("1"), Trace::derived("1"));
        assert_ne!(Trace::derived("1"), Trace::derived("2"));
    }

    #[test]
    fn what_is_malformed_is_no_trace() {
        let zero = "0".repeat(32);
        for text in [
            String::new(),
            "00".to_owned(),
            format!("00-{ID}-00f067aa0ba902b7"),
            format!("00-{ID}-00f067aa0ba902b7-01-x"),
            format!("ff-{ID}-00f067aa0ba902b7-01"),
            format!("00-{zero}-00f067aa0ba902b7-01"),
            format!("00-{ID}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", ID.to_uppercase()),
            format!("00-{ID}0-00f067aa0ba902b7-01"),
            format!("00-{ID}-00f067aa0ba902b7-1"),
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01".to_owned(),
        ] {
            assert_eq!(Trace::from_header(&text), None, "{text}");
        }
    }
}
