//! Webhooks and the requests of channels: the request that is sent, and how often it is tried.
//!
//! A webhook names no event type, so it is checked in two steps. [`read`] looks at what does not depend on who calls it –
//! URL, header names, well-formedness, limits – and is done once; [`check`] types the values in it, once in each
//! environment that it is called from.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::body::{self, Body};
use crate::check::header::{self, Header};
use crate::check::pieces::fill;
use crate::check::url::{self, Url};
use crate::check::{foreign, mention};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{self, Attempts, Duration, Limit, Method};
use crate::names::{Entry, Names};
use crate::source::{Span, Spanned};
use crate::syntax::ast;
use crate::types::{Environment, Returned};

/// How long one attempt takes where nothing else is written.
const DEFAULT_TIMEOUT: u64 = 10_000;
/// The shortest and the longest time that an attempt may take, in milliseconds.
const TIMEOUTS: (u64, u64) = (10, 300_000);
/// The most requests of one step.
const MOST_ATTEMPTS: i64 = 100;
/// The most requests of a `limit` line.
const MOST_REQUESTS: i64 = 100_000;
/// The shortest and the longest time of a `limit` line, in milliseconds: one millisecond and one day.
const PERIODS: (u64, u64) = (1, Limit::LONGEST.milliseconds);
/// The shortest and the longest pause between attempts, in milliseconds: one millisecond and one day.
const PAUSES: (u64, u64) = (1, 86_400_000);

/// A webhook whose structure has been checked; the values in it have no type yet.
#[derive(Clone, Debug)]
pub(crate) struct Outline<'a> {
    description: Option<String>,
    method: Method,
    url: Option<Url<'a>>,
    connector: Option<SmolStr>,
    headers: Vec<Header<'a>>,
    body: Option<Body<'a>>,
    timeout: Duration,
    attempts: Attempts,
    uses: BTreeSet<SmolStr>,
    limit: Option<Limit>,
    /// Whether nothing was found and nothing is broken: only then can there be a compiled webhook.
    complete: bool,
}

/// Checks what does not depend on who calls the webhook.
pub(crate) fn read<'a>(
    names: &Names<'a>,
    entry: &Entry<'a, ast::Webhook>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Outline<'a> {
    let webhook = entry.node;
    let before = diagnostics.iter().filter(|finding| finding.is_error()).count();
    let (method, url) = request(webhook, diagnostics);
    let headers = webhook.headers.as_ref().map_or_else(Vec::new, |headers| header::read(headers, diagnostics));
    let connector = auth(names, webhook, &headers, url.as_ref(), diagnostics);
    let body = webhook.body.as_ref().and_then(|body| {
        if method == Method::Get {
            diagnostics.push(
                Diagnostic::new(Code::BodyWithGet, body.span)
                    .hint("write `post` to send a body, or put the values into the query"),
            );
        }
        body::read(body, diagnostics)
    });
    let limit = webhook.limit.as_ref().map(|written| limit(&written.node, diagnostics));
    let uses = uses(names, webhook, diagnostics);
    let timeout = webhook.timeout.as_ref().map_or(DEFAULT_TIMEOUT, |written| timeout(written, diagnostics));
    let attempts = webhook.attempts.as_ref().map_or_else(Attempts::default, |written| attempts(written, diagnostics));
    let complete = diagnostics.iter().filter(|finding| finding.is_error()).count() == before && !webhook.broken;
    Outline {
        description: entry.description(),
        method,
        url,
        connector,
        headers,
        body,
        timeout: Duration { milliseconds: timeout },
        attempts,
        uses,
        limit,
        complete,
    }
}

/// Types the values of a webhook as it is called from `environment`, and brings it into the program.
pub(crate) fn check(
    outline: &Outline<'_>,
    returned: &Returned,
    environment: &Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ir::Webhook> {
    let url = outline.url.as_ref().map(|url| {
        let path = fill(&url.path, environment, diagnostics);
        let query = url.query.iter().map(|(name, value)| {
            let value = value.as_ref().map(|value| fill(value, environment, diagnostics));
            ir::QueryParameter { name: name.clone(), value }
        });
        let query = query.collect();
        ir::Url { origin: url.origin.clone(), path, query }
    });
    let headers = outline.headers.iter().map(|header| ir::Header {
        name: header.name.node.to_string(),
        value: fill(&header.value, environment, diagnostics),
    });
    let headers = headers.collect();
    let body = outline.body.as_ref().map(|body| body::check(body, environment, diagnostics));
    if !outline.complete {
        return None;
    }
    Some(ir::Webhook {
        description: outline.description.clone(),
        method: outline.method,
        url: url?,
        connector: outline.connector.clone(),
        headers,
        body,
        returns: returned.lowered()?,
        timeout: outline.timeout,
        attempts: outline.attempts,
        uses: outline.uses.clone(),
        limit: outline.limit,
    })
}

/// The method and the address.
fn request<'a>(webhook: &'a ast::Webhook, diagnostics: &mut Vec<Diagnostic>) -> (Method, Option<Url<'a>>) {
    let Some(request) = &webhook.request else {
        if !webhook.broken {
            diagnostics.push(
                Diagnostic::new(Code::SettingMissing, webhook.name.span)
                    .message(format!("`{}` says nothing of what it calls", webhook.name.node))
                    .hint("write `get \"https://…\"` or `post \"https://…\"`"),
            );
        }
        return (Method::Post, None);
    };
    let method = match request.node.method.node {
        ast::Method::Get => Method::Get,
        ast::Method::Post => Method::Post,
        ast::Method::Put => Method::Put,
        ast::Method::Patch => Method::Patch,
        ast::Method::Delete => Method::Delete,
    };
    foreign::url(&request.node.url.node, diagnostics);
    (method, url::read(&request.node.url, diagnostics))
}

/// The connector of the `auth` line. A key that it puts where the author puts something too is reported.
fn auth(
    names: &Names<'_>,
    webhook: &ast::Webhook,
    headers: &[Header<'_>],
    url: Option<&Url<'_>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SmolStr> {
    let auth = webhook.auth.as_ref()?;
    let connector = names.connector(auth, diagnostics)?;
    let setting = |wanted: &str| {
        connector.node.settings.iter().find_map(|setting| match &setting.node.value {
            ast::SettingValue::Text(text) if setting.node.name.node == wanted => {
                Some((text.node.literal()?, text.span))
            }
            _ => None,
        })
    };
    if connector.node.kind.node != "api_key" {
        return Some(auth.node.clone());
    }
    if let Some((name, place)) = setting("header")
        && let Some(header) = headers.iter().find(|header| header.name.node.eq_ignore_ascii_case(name))
    {
        diagnostics.push(key_twice(header.name.span, place, &format!("the header `{name}`")));
    }
    if let Some((name, place)) = setting("query")
        && url.is_some_and(|url| url.query.iter().any(|(parameter, _)| parameter == name))
    {
        let span = webhook.request.as_ref().map_or(auth.span, |request| request.node.url.span);
        diagnostics.push(key_twice(span, place, &format!("the parameter `{name}`")));
    }
    Some(auth.node.clone())
}

fn key_twice(span: Span, connector: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::HeaderTwice, span)
        .message(format!("{what} is the connector's"))
        .also(connector, "the connector puts its key there")
        .hint("remove it here")
}

/// The webhooks of the `uses` lines: each exists, stands once and is made use of.
fn uses(names: &Names<'_>, webhook: &ast::Webhook, diagnostics: &mut Vec<Diagnostic>) -> BTreeSet<SmolStr> {
    let mut mentioned = BTreeSet::new();
    mention::results_of_webhook(webhook, &mut mentioned);
    let mut result = BTreeSet::new();
    for name in &webhook.uses {
        // A `uses` line is no call: a webhook that is only named here is still unused.
        if names.webhooks.get(&name.node).is_none() {
            names.webhook(name, diagnostics);
        } else if !mentioned.contains(&name.node) && !webhook.broken {
            diagnostics.push(
                Diagnostic::new(Code::UnusedUses, name.span)
                    .message(format!("nothing of `{}` is sent", name.node))
                    .hint("remove it: the line says to a reviewer what leaves the house"),
            );
        }
        result.insert(name.node.clone());
    }
    result
}

fn timeout(written: &Spanned<ast::Duration>, diagnostics: &mut Vec<Diagnostic>) -> u64 {
    // The place is that of the whole line.
    within(written, TIMEOUTS, ("a time-out is", "timeout "), diagnostics)
}

fn attempts(written: &Spanned<ast::Attempts>, diagnostics: &mut Vec<Diagnostic>) -> Attempts {
    let count = written.node.count;
    if !(1..=MOST_ATTEMPTS).contains(&count.node) {
        diagnostics.push(
            Diagnostic::new(Code::OutOfRange, count.span)
                .message(format!("there are 1 to {MOST_ATTEMPTS} attempts; the first request is one of them"))
                .fix(Fix::replace(count.span, count.node.clamp(1, MOST_ATTEMPTS).to_string())),
        );
    }
    let usual = Attempts::default();
    let mut pause = |written: &Option<Spanned<ast::Duration>>| {
        written.as_ref().map(|written| within(written, PAUSES, ("a pause is", ""), diagnostics))
    };
    let (from, to) = match (pause(&written.node.from), pause(&written.node.to)) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, from.max(usual.to.milliseconds)),
        (None, Some(to)) => (to.min(usual.from.milliseconds), to),
        (None, None) => (usual.from.milliseconds, usual.to.milliseconds),
    };
    if let (Some(first), Some(longest)) = (&written.node.from, &written.node.to)
        && from > to
    {
        diagnostics.push(
            Diagnostic::new(Code::OutOfRange, longest.span)
                .message("the longest pause is shorter than the first")
                .also(first.span, "the first pause")
                .hint("pauses grow, from the first one to the longest"),
        );
    }
    let count = u32::try_from(count.node).unwrap_or(1);
    Attempts { count, from: Duration { milliseconds: from }, to: Duration { milliseconds: to } }
}

fn limit(written: &ast::Limit, diagnostics: &mut Vec<Diagnostic>) -> Limit {
    let count = written.count;
    if !(1..=MOST_REQUESTS).contains(&count.node) {
        diagnostics.push(
            Diagnostic::new(Code::OutOfRange, count.span)
                .message(format!("a limit is 1 to {MOST_REQUESTS} requests"))
                .fix(Fix::replace(count.span, count.node.clamp(1, MOST_REQUESTS).to_string())),
        );
    }
    let period = within(&written.per, PERIODS, ("the time of a limit is", ""), diagnostics);
    let count = u32::try_from(count.node).unwrap_or(1);
    Limit { count, period: Duration { milliseconds: period } }
}

/// A length of time within limits, in milliseconds. A fix writes `prefix` before the nearest one.
fn within(
    written: &Spanned<ast::Duration>,
    (least, most): (u64, u64),
    (what, prefix): (&str, &str),
    diagnostics: &mut Vec<Diagnostic>,
) -> u64 {
    let milliseconds = written.node.milliseconds();
    if !(least..=most).contains(&milliseconds) {
        let [shortest, longest, nearest] =
            [least, most, milliseconds.clamp(least, most)].map(|milliseconds| Duration { milliseconds });
        diagnostics.push(
            Diagnostic::new(Code::OutOfRange, written.span)
                .message(format!("{what} between {shortest} and {longest}"))
                .fix(Fix::replace(written.span, format!("{prefix}{nearest}"))),
        );
    }
    milliseconds
}
