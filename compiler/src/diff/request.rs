//! Changes of what is called and how: webhooks, channels' gateways, connectors.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::catalogue::{Risk, Slug};
use super::change::Change;
use super::declaration;
use crate::audit::Host;
use crate::ir::{
    ApiKeyPlace, Attempts, Body, Channel, Connector, Credentials, Expression, Header, Limit, Login, Method, Part,
    Program, Returns, Url, Webhook, Written, WrittenText,
};
use crate::pair::{Pair, pairs};

/// Compares connectors, webhooks and channels.
pub(super) fn compare(base: &Program, head: &Program, changes: &mut Vec<Change>) {
    for (name, pair) in pairs(&base.connectors, &head.connectors) {
        declaration::compare("connector", name, pair, changes, connector);
    }
    for (name, pair) in pairs(&base.webhooks, &head.webhooks) {
        declaration::compare("webhook", name, pair, changes, |address, before, after, changes| {
            request(address, (base, before), (head, after), changes);
        });
    }
    for (name, pair) in pairs(&base.channels, &head.channels) {
        declaration::compare("channel", name, pair, changes, |address, before: &Channel, after: &Channel, changes| {
            request(address, (base, &before.request), (head, &after.request), changes);
        });
    }
}

fn title(address: &str) -> String {
    address.replacen('.', " ", 1)
}

fn connector(address: &str, base: &Connector, head: &Connector, changes: &mut Vec<Change>) {
    declaration::description(address, &base.description, &head.description, changes);
    if base.credentials != head.credentials {
        let change = Change::new(Slug::AuthChanged, address, title(address))
            .before(credentials(&base.credentials))
            .after(credentials(&head.credentials));
        changes.push(if in_url(&head.credentials) && !in_url(&base.credentials) {
            change.detail(IN_URL)
        } else {
            change
        });
    }
    if base.signing != head.signing {
        let words = |secret: &Option<_>| secret.as_ref().map(|name| format!("signed with secret({name:?})"));
        let change = Change::new(Slug::SigningChanged, address, title(address))
            .between(words(&base.signing), words(&head.signing));
        // Who does not know of a signature takes requests as before.
        changes.push(if base.signing.is_none() { change.risk(Risk::Review) } else { change });
    }
}

/// What is wrong with a key in a URL.
const IN_URL: &str = "the key is a part of the URL now, which servers on the way keep in their logs";

const fn in_url(credentials: &Credentials) -> bool {
    matches!(credentials, Credentials::ApiKey { place: ApiKeyPlace::Query(_), .. })
}

/// Credentials in words; a secret by its name.
pub(super) fn credentials(credentials: &Credentials) -> String {
    match credentials {
        Credentials::Basic { login: Login::Literal(login), password } => {
            format!("basic, login {login:?}, password secret({password:?})")
        }
        Credentials::Basic { login: Login::Secret(login), password } => {
            format!("basic, login secret({login:?}), password secret({password:?})")
        }
        Credentials::Bearer { token } => format!("bearer, token secret({token:?})"),
        Credentials::ApiKey { place: ApiKeyPlace::Header(name), key } => {
            format!("api_key, header {name:?}, key secret({key:?})")
        }
        Credentials::ApiKey { place: ApiKeyPlace::Query(name), key } => {
            format!("api_key, query {name:?}, key secret({key:?})")
        }
    }
}

fn request(
    address: &str,
    (base_program, base): (&Program, &Webhook),
    (head_program, head): (&Program, &Webhook),
    changes: &mut Vec<Change>,
) {
    declaration::description(address, &base.description, &head.description, changes);
    let change = |slug, line: &str| Change::new(slug, format!("{address}.{line}"), title(address));
    if base.method != head.method {
        let danger = base.method == Method::Get;
        let risk = if danger { Risk::Danger } else { Risk::Review };
        let change = change(Slug::MethodChanged, "method").risk(risk);
        changes.push(change.before(base.method.as_str()).after(head.method.as_str()));
    }
    if base.url.origin != head.url.origin {
        let (before, after) = (Host(base.url.origin.clone()), Host(head.url.origin.clone()));
        changes.push(change(Slug::HostChanged, "url").before(before).value(&after).after(after));
    }
    if (&base.url.path, &base.url.query) != (&head.url.path, &head.url.query) {
        changes.push(change(Slug::PathChanged, "url").before(resource(&base.url)).after(resource(&head.url)));
    }
    let auth = |program: &Program, name: &SmolStr| match program.connectors.get(name) {
        Some(connector) => format!("{name} ({})", credentials(&connector.credentials)),
        None => name.to_string(),
    };
    match (&base.connector, &head.connector) {
        (None, Some(now)) => changes.push(change(Slug::AuthAdded, "auth").after(auth(head_program, now))),
        (Some(before), None) => changes.push(change(Slug::AuthRemoved, "auth").before(auth(base_program, before))),
        (Some(before), Some(now)) if before != now => {
            let shown =
                |program: &Program, name| program.connectors.get(name).is_some_and(|it| in_url(&it.credentials));
            let to_url = shown(head_program, now) && !shown(base_program, before);
            let change = change(Slug::AuthChanged, "auth").before(auth(base_program, before));
            let change = change.after(auth(head_program, now));
            changes.push(if to_url { change.detail(IN_URL) } else { change });
        }
        _ => {}
    }
    headers(address, &base.headers, &head.headers, changes);
    if base.body != head.body {
        let words = |it: &Option<Body>| it.as_ref().map(body);
        let change = change(Slug::BodyShapeChanged, "body").between(words(&base.body), words(&head.body));
        changes.push(match (&base.body, &head.body) {
            (Some(Body::Json(old)), Some(Body::Json(new))) if sorted(old) == sorted(new) => {
                change.unaffected().detail("the order of keys means nothing")
            }
            (Some(old), Some(new)) if kind(old) != kind(new) => {
                change.detail(format!("it is sent as {} now, and was sent as {}", kind(new), kind(old)))
            }
            _ => change,
        });
    }
    if base.returns != head.returns {
        let (before, after) = (returns(&base.returns), returns(&head.returns));
        if before != after {
            changes.push(change(Slug::ResponseTypeChanged, "returns").before(before).after(after));
        }
        if let (Some(before), Some(after)) = (answer(&base.returns), answer(&head.returns)) {
            super::data::inner_marks(&format!("{address}.returns"), before, after, changes);
        }
    }
    if base.timeout != head.timeout {
        changes.push(change(Slug::TimeoutChanged, "timeout").before(base.timeout).after(head.timeout));
    }
    if base.attempts != head.attempts {
        changes.push(retries(change, base, head));
    }
    if base.uses != head.uses {
        let words = |it: &Webhook| {
            (!it.uses.is_empty()).then(|| it.uses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        };
        changes.push(change(Slug::UsesChanged, "uses").between(words(base), words(head)));
    }
    limit(change, &base.limit, &head.limit, changes);
}

/// A path and a query as written.
fn resource(url: &Url) -> String {
    let mut out = unquoted(&url.path);
    for (position, parameter) in url.query.iter().enumerate() {
        out.push(if position == 0 { '?' } else { '&' });
        out.push_str(&parameter.name);
        if let Some(value) = &parameter.value {
            out.push('=');
            out.push_str(&unquoted(value));
        }
    }
    out
}

fn unquoted(parts: &[Part]) -> String {
    let quoted = WrittenText(parts).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&quoted).to_owned()
}

/// A value as written: one that stands alone stands without quotes.
fn value(parts: &[Part]) -> String {
    match parts {
        [Part::Value { value, .. }] => Written(value).to_string(),
        parts => WrittenText(parts).to_string(),
    }
}

fn headers(address: &str, base: &[Header], head: &[Header], changes: &mut Vec<Change>) {
    let by_name = |headers: &[Header]| -> BTreeMap<String, String> {
        headers.iter().map(|header| (header.name.clone(), value(&header.value))).collect()
    };
    let (before, after) = (by_name(base), by_name(head));
    let known = changes.len();
    for (name, pair) in pairs(&before, &after) {
        let change = Change::new(Slug::HeaderChanged, format!("{address}.headers.{name}"), title(address));
        match pair {
            Pair::Added(value) => changes.push(change.after(format!("{name}: {value}"))),
            Pair::Removed(value) => changes.push(change.before(format!("{name}: {value}"))),
            Pair::Both(old, new) if old != new => {
                changes.push(change.before(format!("{name}: {old}")).after(format!("{name}: {new}")));
            }
            Pair::Both(..) => {}
        }
    }
    if changes.len() == known && base != head {
        let names = |headers: &[Header]| headers.iter().map(|it| it.name.clone()).collect::<Vec<_>>().join(", ");
        let change = Change::new(Slug::HeaderChanged, format!("{address}.headers"), title(address));
        changes.push(change.before(names(base)).after(names(head)));
    }
}

fn body(body: &Body) -> String {
    match body {
        Body::Json(value) => format!("json {}", Written(value)),
        Body::Xml(parts) => format!("xml {}", WrittenText(parts)),
        Body::Text(parts) => format!("text {}", WrittenText(parts)),
        Body::Form(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}: {}", Written(value))).collect();
            format!("form {{ {} }}", fields.join(", "))
        }
    }
}

/// What the receiver is told that a body is.
const fn kind(body: &Body) -> &'static str {
    match body {
        Body::Json(_) => "JSON",
        Body::Xml(_) => "XML",
        Body::Text(_) => "plain text",
        Body::Form(_) => "a form",
    }
}

/// A value with the keys of its records in an order of their own.
fn sorted(value: &Expression) -> Expression {
    match value {
        Expression::Record(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Expression::Record(fields)
        }
        Expression::List(items) => Expression::List(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

fn answer(returns: &Returns) -> Option<&crate::ir::Type> {
    match returns {
        Returns::Json(ty) | Returns::Xml(ty) => Some(ty),
        Returns::Nothing | Returns::Text => None,
    }
}

fn returns(returns: &Returns) -> String {
    match returns {
        Returns::Nothing => "nothing".to_owned(),
        Returns::Text => "text".to_owned(),
        Returns::Json(ty) => format!("json {ty}"),
        Returns::Xml(ty) => format!("xml {ty}"),
    }
}

fn retries(change: impl Fn(Slug, &str) -> Change, base: &Webhook, head: &Webhook) -> Change {
    let (before, after) = (base.attempts, head.attempts);
    let raised = (after.count, longest(after)) > (before.count, longest(before));
    let slug = if raised { Slug::RetryRaised } else { Slug::RetryLowered };
    let change = change(slug, "attempts").before(attempts(before)).after(attempts(after));
    // A pause that is never reached limits none.
    let alike = before.count == after.count && longest(before) == longest(after);
    if alike && (before.count == 1 || before.from == after.from) {
        return change.unaffected().detail("the pauses are the same");
    }
    change
}

fn attempts(attempts: Attempts) -> String {
    let Attempts { count, from, to } = attempts;
    let noun = if count == 1 { "attempt" } else { "attempts" };
    format!("{count} {noun} from {from} to {to}, pauses of at most {} in all", seconds(longest(attempts)))
}

/// The pauses of all attempts, in milliseconds, without jitter.
fn longest(attempts: Attempts) -> u64 {
    let mut total: u64 = 0;
    let mut pause = attempts.from.milliseconds;
    for attempt in 1..attempts.count {
        total = total.saturating_add(pause.min(attempts.to.milliseconds));
        pause = pause.saturating_mul(2);
        if pause >= attempts.to.milliseconds {
            let rest = u64::from(attempts.count - attempt - 1);
            return total.saturating_add(rest.saturating_mul(attempts.to.milliseconds));
        }
    }
    total
}

fn seconds(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    match (seconds / 60, seconds % 60) {
        (0, _) if milliseconds < 1_000 => format!("{milliseconds}ms"),
        (0, seconds) => format!("{seconds}s"),
        (minutes @ 1..60, 0) => format!("{minutes}min"),
        (60.., _) => super::facts::spoken(milliseconds),
        (minutes, seconds) => format!("{minutes}min {seconds}s"),
    }
}

fn limit(change: impl Fn(Slug, &str) -> Change, base: &Option<Limit>, head: &Option<Limit>, changes: &mut Vec<Change>) {
    if base == head {
        return;
    }
    let words = |it: &Option<Limit>| it.map(|limit| format!("{} per {}", limit.count, limit.period));
    let rate = |it: &Limit| f64::from(it.count) / (it.period.milliseconds.max(1) as f64);
    // So many may go out at once, and so many in the long run.
    let (slug, told) = match (base, head) {
        (Some(_), None) => (Slug::RateLimitRemoved, None),
        (Some(before), Some(after)) => {
            let once = after.count.cmp(&before.count);
            let long = rate(after).total_cmp(&rate(before));
            let slug = if once.is_gt() || long.is_gt() { Slug::RateLimitRaised } else { Slug::RateLimitLowered };
            let words = |order: Ordering| match order {
                Ordering::Less => "fewer",
                Ordering::Equal => "as many",
                Ordering::Greater => "more",
            };
            let told =
                format!("at once {}: {} → {}; in the long run {}", words(once), before.count, after.count, words(long));
            (slug, (once != long).then_some(told))
        }
        _ => (Slug::RateLimitLowered, None),
    };
    let mut change = change(slug, "limit").between(words(base), words(head));
    change.details.extend(told);
    changes.push(change);
}
