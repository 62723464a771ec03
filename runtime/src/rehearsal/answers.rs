//! Who answers the calls of a rehearsal.

use std::sync::Arc;

use compiler::ir::test::{Callee, Reply, ReplyBody, ReplyOutcome, RequestPattern, Stub, Stubbed};
use jiff::SignedDuration;

use super::compare;
use crate::value::{Value, display, read, to_json};
use crate::webhook::Rehearsed;

/// A request as it would go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who is called.
    pub callee: Callee,
    /// The HTTP method.
    pub method: String,
    /// The whole address, without what a connector puts into it.
    pub url: String,
    /// The headers; credentials masked.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// What is answered, and after how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The virtual time that it takes.
    pub delay: SignedDuration,
    /// What comes.
    pub met: Rehearsed,
}

/// Who answers.
pub trait Answers: Send {
    /// The answer to a request; `None` when there is none for it.
    fn answer(&mut self, asked: &Asked) -> Option<Given>;
}

/// The stubs of a test.
#[derive(Debug, Default)]
pub(super) struct Stubs(Vec<Standing>);

/// A stub, and how many of its answers were given.
#[derive(Debug)]
struct Standing {
    stub: Stub,
    given: usize,
}

impl Stubs {
    /// From here on this one answers; without `when`, in place of the one before.
    pub(super) fn put(&mut self, stub: &Stub) {
        let standing = Standing { stub: stub.clone(), given: 0 };
        let same = |before: &&mut Standing| before.stub.who == stub.who && before.stub.when == stub.when;
        match self.0.iter_mut().find(same) {
            Some(before) => *before = standing,
            None => self.0.push(standing),
        }
    }
}

impl Answers for Stubs {
    fn answer(&mut self, asked: &Asked) -> Option<Given> {
        let fits = |standing: &Standing| {
            let pattern = standing.stub.when.as_ref();
            is_for(&standing.stub, asked) && pattern.is_some_and(|pattern| is_like(asked, pattern))
        };
        // One that names its callee says more than one that answers for an address.
        let plain = |named: bool| {
            let is = |standing: &Standing| {
                let stub = &standing.stub;
                stub.when.is_none() && matches!(stub.who, Stubbed::Callee(_)) == named && is_for(stub, asked)
            };
            self.0.iter().position(is)
        };
        let at = self.0.iter().position(fits).or_else(|| plain(true)).or_else(|| plain(false))?;
        let standing = self.0.get_mut(at)?;
        let reply = standing.stub.replies.get(standing.given).or(standing.stub.replies.last())?;
        standing.given = standing.given.saturating_add(1);
        Some(given(reply))
    }
}

/// Whether a stub answers the requests that this one is of.
fn is_for(stub: &Stub, asked: &Asked) -> bool {
    match &stub.who {
        Stubbed::Callee(callee) => *callee == asked.callee,
        Stubbed::Address { method, url } => {
            let whole = if url.node.contains('?') { Some(asked.url.as_str()) } else { asked.url.split('?').next() };
            method.as_str() == asked.method && whole == Some(url.node.as_str())
        }
    }
}

/// Whether a request is like a pattern.
fn is_like(asked: &Asked, pattern: &RequestPattern) -> bool {
    compare::request(pattern, asked).is_empty()
}

fn given(reply: &Reply) -> Given {
    let met = match &reply.outcome {
        ReplyOutcome::Dns => Rehearsed::Dns,
        ReplyOutcome::Tls => Rehearsed::Certificate,
        // The status and a part of the body have come.
        ReplyOutcome::Truncated => {
            Rehearsed::Answer { status: 200, headers: vec![], body: b"{".to_vec(), truncated: true }
        }
        ReplyOutcome::Oversize => Rehearsed::Oversize,
        ReplyOutcome::Response { status, headers, body } => {
            let mut headers: Vec<(String, String)> =
                headers.iter().map(|(name, value)| (name.to_string(), display(&compare::constant(value)))).collect();
            let (kind, body) = match body {
                ReplyBody::File { kind, text } => (Some(*kind), text.to_string()),
                ReplyBody::Empty => (None, String::new()),
                ReplyBody::Text(text) => (Some("text/plain; charset=utf-8"), display(&compare::constant(text))),
                ReplyBody::Json(value) => (Some("application/json"), to_json(&compare::constant(value))),
            };
            let named = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if let Some(kind) = kind.filter(|_| !named) {
                headers.push(("content-type".to_owned(), kind.to_owned()));
            }
            Rehearsed::Answer { status: *status, headers, body: body.into_bytes(), truncated: false }
        }
        ReplyOutcome::Timeout => Rehearsed::Timeout,
        ReplyOutcome::Refused => Rehearsed::Refused,
        ReplyOutcome::Reset => Rehearsed::Reset,
    };
    let delay = i64::try_from(reply.delay.milliseconds).unwrap_or(i64::MAX);
    Given { delay: SignedDuration::from_millis(delay), met }
}

impl Asked {
    fn kind(&self) -> &str {
        let kind = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        kind.map_or("", |(_, kind)| kind.as_str())
    }

    /// Whether its body is a form.
    pub(super) fn is_form(&self) -> bool {
        self.kind().starts_with("application/x-www-form-urlencoded")
    }

    /// The body as a value: a form as a record of texts, JSON as what it says, anything else as a text.
    pub(super) fn body_value(&self) -> Option<Value> {
        let body = self.body.as_deref()?;
        if self.is_form() {
            let fields = url::form_urlencoded::parse(body.as_bytes());
            let fields = fields.map(|(name, value)| (name.as_ref().into(), Value::from(value.as_ref())));
            return Some(Value::Record(Arc::new(fields.collect())));
        }
        if self.kind().contains("json")
            && let Ok(value) = read(body)
        {
            return Some(value);
        }
        Some(Value::from(body))
    }
}
