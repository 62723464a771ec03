//! Connectors: what a request shows to say who sends it.
//!
//! Passwords, tokens and keys are always `secret(…)`; a login may be literal, for it is no secret by itself.

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::settings::{Settings, unknown_kind};
use crate::check::{credential, header, secret};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{self, ApiKeyPlace, Credentials, Login, SecretName};
use crate::source::Spanned;
use crate::syntax::ast::{Connector, Name, SettingValue, TextPart};

/// The kinds of connectors.
const KINDS: &[&str] = &["basic", "bearer", "api_key"];

/// Checks a connector and brings it into the program.
pub(crate) fn check(
    connector: &Connector,
    description: Option<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ir::Connector> {
    let before = diagnostics.len();
    let mut signing = None;
    let credentials = match connector.kind.node.as_str() {
        "basic" => basic(connector, &mut signing, diagnostics),
        "bearer" => bearer(connector, &mut signing, diagnostics),
        "api_key" => api_key(connector, &mut signing, diagnostics),
        _ => {
            diagnostics.push(unknown_kind("connector", &connector.kind, KINDS));
            None
        }
    };
    let complete = diagnostics.len() == before && !connector.broken;
    let description = description.map(str::to_owned);
    Some(ir::Connector { description, credentials: credentials?, signing }).filter(|_| complete)
}

/// `login "…" password secret("…")`.
fn basic(
    connector: &Connector,
    signing: &mut Option<SecretName>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Credentials> {
    let mut settings = read(connector, &["login", "password"], signing, diagnostics);
    let login = settings.required("login", "login \"…\"", diagnostics).and_then(|it| login(it, diagnostics));
    let password = required_secret(&mut settings, connector, "password", diagnostics);
    Some(Credentials::Basic { login: login?, password: password? })
}

/// `token secret("…")`.
fn bearer(
    connector: &Connector,
    signing: &mut Option<SecretName>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Credentials> {
    let mut settings = read(connector, &["token"], signing, diagnostics);
    Some(Credentials::Bearer { token: required_secret(&mut settings, connector, "token", diagnostics)? })
}

/// `header "X-Api-Key" key secret("…")`, or `query "api_key"` in place of `header`.
fn api_key(
    connector: &Connector,
    signing: &mut Option<SecretName>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Credentials> {
    let mut settings = read(connector, &["header", "query", "key"], signing, diagnostics);
    let place = match (settings.take("header"), settings.take("query")) {
        (Some(header), Some(query)) => {
            let (first, second) = if header.span <= query.span { (header, query) } else { (query, header) };
            diagnostics.push(
                Diagnostic::new(Code::SettingTwice, second.span)
                    .message("a key goes into a header or into the query, not into both")
                    .also(first.span, "already goes here")
                    .fix(Fix::delete(second.span)),
            );
            None
        }
        (Some(header), None) => header_name(header, diagnostics).map(ApiKeyPlace::Header),
        (None, Some(query)) => query_name(query, diagnostics).map(ApiKeyPlace::Query),
        (None, None) => {
            settings.missing("header", "header \"X-Api-Key\"", diagnostics);
            None
        }
    };
    let key = required_secret(&mut settings, connector, "key", diagnostics);
    Some(Credentials::ApiKey { place: place?, key: key? })
}

/// Reads the settings by name. Every kind may have `signing secret("…")`.
fn read<'a>(
    connector: &'a Connector,
    known: &'static [&'static str],
    signing: &mut Option<SecretName>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Settings<'a, SettingValue> {
    let all: Vec<&'static str> = known.iter().copied().chain(["signing"]).collect();
    let written = connector
        .settings
        .iter()
        .map(|setting| Spanned { node: (&setting.node.name, &setting.node.value), span: setting.span });
    let what = format!("connector of the kind `{}`", connector.kind.node);
    let mut settings = Settings::read(what, &connector.name, &all, written, connector.broken, diagnostics);
    if let Some(value) = settings.take("signing") {
        *signing = as_secret(value, connector, "signing", diagnostics);
    }
    settings
}

/// A setting that must be a secret.
fn required_secret(
    settings: &mut Settings<'_, SettingValue>,
    connector: &Connector,
    name: &'static str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SecretName> {
    let suggestion = secret::suggestion(&connector.name.node, name);
    let value = settings.required(name, &format!("{name} secret(\"{suggestion}\")"), diagnostics)?;
    as_secret(value, connector, name, diagnostics)
}

/// A value that must be a secret.
fn as_secret(
    value: Spanned<&SettingValue>,
    connector: &Connector,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SecretName> {
    let suggestion = secret::suggestion(&connector.name.node, name);
    match value.node {
        SettingValue::Secret(secret) => secret::name(secret, diagnostics),
        SettingValue::Text(text) => {
            diagnostics.push(
                Diagnostic::new(Code::SecretRequired, text.span)
                    .message(format!("a {} is never written out", if name == "signing" { "signing key" } else { name }))
                    .hint("name a secret; its value is kept outside the project")
                    .fix(Fix::replace(text.span, format!("secret(\"{suggestion}\")"))),
            );
            None
        }
        SettingValue::Broken => None,
    }
}

/// A login: literal text or a secret.
fn login(value: Spanned<&SettingValue>, diagnostics: &mut Vec<Diagnostic>) -> Option<Login> {
    if let SettingValue::Secret(name) = value.node {
        return secret::name(name, diagnostics).map(Login::Secret);
    }
    let text = literal(value, diagnostics)?;
    credential::check(&text.node, text.span, None, diagnostics);
    if let Some(bad) = text.node.chars().find(|c| *c == ':' || c.is_control()) {
        diagnostics.push(
            Diagnostic::new(Code::SettingInvalid, text.span)
                .message(format!("{} cannot stand in a login", crate::check::url::shown(bad)))
                .hint("a colon ends the login in an `Authorization` header (RFC 7617)"),
        );
        return None;
    }
    not_empty(&text, "login", diagnostics).then(|| Login::Literal(text.node.to_string()))
}

fn header_name(value: Spanned<&SettingValue>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let text = literal(value, diagnostics)?;
    (not_empty(&text, "header", diagnostics) && header::name(&text, diagnostics)).then(|| text.node.to_string())
}

fn query_name(value: Spanned<&SettingValue>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let text = literal(value, diagnostics)?;
    if !not_empty(&text, "query", diagnostics) {
        return None;
    }
    if let Some(bad) = text.node.chars().find(|c| !c.is_ascii_alphanumeric() && !"-._~".contains(*c)) {
        diagnostics.push(
            Diagnostic::new(Code::SettingInvalid, text.span)
                .message(format!("{} cannot stand in a parameter's name", crate::check::url::shown(bad)))
                .hint("a name is made of letters, digits and `-._~`"),
        );
        return None;
    }
    Some(text.node.to_string())
}

fn not_empty(text: &Name, what: &str, diagnostics: &mut Vec<Diagnostic>) -> bool {
    if text.node.is_empty() {
        diagnostics.push(Diagnostic::new(Code::SettingInvalid, text.span).message(format!("the `{what}` is empty")));
    }
    !text.node.is_empty()
}

/// A setting that must be literal text.
fn literal(value: Spanned<&SettingValue>, diagnostics: &mut Vec<Diagnostic>) -> Option<Name> {
    match value.node {
        SettingValue::Text(text) => match text.node.literal() {
            Some(literal) => Some(text.span.with(SmolStr::new(literal))),
            None => {
                let hole = text.node.parts.iter().find_map(|part| match part {
                    TextPart::Interpolation(hole) => Some(hole.span),
                    TextPart::Literal(_) => None,
                });
                diagnostics.push(
                    Diagnostic::new(Code::SettingInvalid, hole.unwrap_or(text.span))
                        .message("a connector knows no event and no contact")
                        .hint("write the text out; it is the same for every request"),
                );
                None
            }
        },
        SettingValue::Secret(name) => {
            diagnostics.push(
                Diagnostic::new(Code::SettingInvalid, name.span)
                    .message("this is not a secret: it stands in every request's history")
                    .hint("write the text out"),
            );
            None
        }
        SettingValue::Broken => None,
    }
}
