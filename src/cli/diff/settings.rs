//! What a change of `wf.toml` lets through that was held back: hosts, callers, encryption, where mail goes.
//!
//! The file is read as it stands: whether it is whole, with the environment of some daemon, is that daemon's to say.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use compiler::diff::{Change, Risk, Slug};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::side::Side;
use crate::cli::failure::Failure;

/// The file in the project's folder.
pub(super) const FILE: &str = runtime::config::FILE_NAME;
/// What the addresses of settings begin with.
pub(super) const ADDRESS: &str = "setting.";

/// Values by their keys, with dots.
type Flat = BTreeMap<String, Value>;

/// What differs between the settings of two sides; nothing where one of them has none, as a compiled program.
pub(super) fn compare(base: &Side, head: &Side) -> Result<Vec<Change>, Failure> {
    let (Some(before), Some(after)) = (&base.settings, &head.settings) else { return Ok(Vec::new()) };
    between((&base.name, before), (&head.name, after))
}

/// What differs between two texts, each with the name of its side.
fn between(before: (&str, &str), after: (&str, &str)) -> Result<Vec<Change>, Failure> {
    if before.1 == after.1 {
        return Ok(Vec::new());
    }
    let (before, after) = (read(before)?, read(after)?);
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let (old, new) = (before.get(key), after.get(key));
        if old != new {
            setting(key, old, new, &mut changes);
        }
    }
    Ok(changes)
}

fn read((side, text): (&str, &str)) -> Result<Flat, Failure> {
    let table = |text: &str| text.parse::<Table>();
    let written = table(text).map_err(|error| Failure::usage(format!("`{FILE}` of {side}: {}", error.message())))?;
    let mut flat = Flat::new();
    for table in [table(runtime::config::DEFAULTS).unwrap_or_default(), written] {
        flatten("", table, &mut flat);
    }
    Ok(flat)
}

fn flatten(prefix: &str, table: Table, into: &mut Flat) {
    for (name, value) in table {
        match value {
            Value::Table(inner) => flatten(&format!("{prefix}{name}."), inner, into),
            // A token is known by its name.
            Value::Array(items) if prefix.is_empty() && name == "tokens" => {
                for item in items {
                    let token = item.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                    into.insert(format!("tokens.{token}"), item);
                }
            }
            value => {
                into.insert(format!("{prefix}{name}"), value);
            }
        }
    }
}

fn change(slug: Slug, key: &str) -> Change {
    Change::new(slug, format!("{ADDRESS}{key}"), format!("setting {key}"))
}

/// What one setting lets through now.
fn setting(key: &str, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<Change>) {
    let opened = |opens: bool| change(if opens { Slug::PolicyLoosened } else { Slug::PolicyTightened }, key);
    let told = |change: Change| change.between(old.map(shown), new.map(shown));
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let other = |risk: Risk| told(change(Slug::SettingChanged, key)).risk(risk);
    if let Some(name) = key.strip_prefix("tokens.") {
        return token(name, key, old, new, changes);
    }
    match key {
        "egress.allow_hosts" | "egress.allow_private" | "hosts" => list(key, &items(old), &items(new), changes),
        "egress.ca_file" => {
            changes.push(told(opened(new.is_some())).detail("who vouches for the hosts that are called"))
        }
        "insecure_plaintext" => changes.push(told(opened(new.and_then(Value::as_bool) == Some(true)))),
        "tls.cert" | "tls.key" if old.is_some() != new.is_some() => changes.push(told(opened(new.is_none()))),
        "listen" => {
            let local = |value: Option<&Value>| {
                let address: Option<SocketAddr> = text(value).and_then(|text| text.parse().ok());
                address.is_none_or(|address| address.ip().to_canonical().is_loopback())
            };
            changes.push(match (local(old), local(new)) {
                (true, false) => told(opened(true)).detail("other machines reach the API"),
                (false, true) => told(opened(false)),
                _ => other(Risk::Review),
            });
        }
        "smtp.url" => {
            let open = |value: Option<&Value>| text(value).is_some_and(|url| url.contains("tls=none"));
            changes.push(if open(new) && !open(old) {
                told(opened(true)).detail("mail goes out without TLS")
            } else {
                other(Risk::Danger).detail("all mail goes out by it")
            });
        }
        "smtp.on_unknown" => changes.push(told(opened(text(new).as_deref() != Some("hold")))),
        "smtp.password_secret" => changes.push(other(Risk::Danger)),
        "data" => changes.push(other(Risk::Danger).detail(
            "another store knows no contacts and no runs: who may enter again, and who is in the middle, is forgotten",
        )),
        "retention.days" | "retention.max_bytes" => {
            let kept = |value: Option<&Value>| value.and_then(Value::as_integer).unwrap_or(i64::MAX);
            changes.push(if kept(new) < kept(old) {
                other(Risk::Danger).detail("older events go, with their runs and messages, and do not come back")
            } else {
                other(Risk::Review).detail("what is stored of people is kept for longer")
            });
        }
        key if key.starts_with("log.") => changes.push(other(Risk::Note)),
        _ => changes.push(other(Risk::Review)),
    }
}

/// A list of what is let through, an entry each: an accept line covers one host, not the next.
fn list(key: &str, old: &BTreeSet<String>, new: &BTreeSet<String>, changes: &mut Vec<Change>) {
    let all = "every public host";
    let words = |list: &BTreeSet<String>| list.iter().cloned().collect::<Vec<_>>().join(", ");
    if key == "egress.allow_hosts" && (old.is_empty() || new.is_empty()) {
        changes.push(if new.is_empty() {
            change(Slug::PolicyLoosened, key).before(words(old)).after(all)
        } else {
            change(Slug::PolicyTightened, key).before(all).after(words(new))
        });
        return;
    }
    for added in new.difference(old) {
        changes.push(change(Slug::PolicyLoosened, key).after(added));
    }
    for removed in old.difference(new) {
        changes.push(change(Slug::PolicyTightened, key).before(removed));
    }
}

fn items(value: Option<&Value>) -> BTreeSet<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A caller of the API.
fn token(name: &str, key: &str, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<Change>) {
    let part = |token: Option<&Value>, part: &str| items(token.and_then(|token| token.get(part)));
    let words = |list: &BTreeSet<String>| list.iter().cloned().collect::<Vec<_>>().join(", ");
    let (before, after) = (part(old, "scopes"), part(new, "scopes"));
    let caller = |slug| change(slug, key).between(old.map(|_| words(&before)), new.map(|_| words(&after)));
    if before != after || old.is_none() != new.is_none() {
        let more = after.difference(&before).next().is_some() || old.is_none();
        let slug = if more { Slug::PolicyLoosened } else { Slug::PolicyTightened };
        changes.push(caller(slug).detail(format!("what the caller `{name}` of the API may do")));
    }
    let (before, after) = (part(old, "sha256"), part(new, "sha256"));
    if old.is_some() && new.is_some() && before != after {
        // Enough of a hash to find it, and of no use to anybody.
        let short = |list: &BTreeSet<String>| {
            list.iter().map(|hash| hash.chars().take(8).collect::<String>()).collect::<Vec<_>>().join(", ")
        };
        let change = change(Slug::SettingChanged, key).before(short(&before)).after(short(&after));
        changes.push(change.detail(format!("which tokens the caller `{name}` of the API is known by (SHA-256)")));
    }
}

/// A value for people; the password in a URL stays hidden.
fn shown(value: &Value) -> String {
    let Some(text) = value.as_str() else { return value.to_string() };
    let hidden = text.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.split_once('@')?;
        let (user, _) = user.split_once(':')?;
        Some(format!("{scheme}://{user}:…@{host}"))
    });
    hidden.unwrap_or_else(|| text.to_owned())
}

/// The line, from 1, in which a file sets a key, or the table around it.
pub(super) fn line_of(text: &str, key: &str) -> Option<u32> {
    let (root, _) = DeTable::parse_recoverable(text);
    let place = place_of(root.get_ref(), key)?;
    let before = text.bytes().take(place).filter(|byte| *byte == b'\n').count();
    u32::try_from(before + 1).ok()
}

fn place_of(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let (name, value) = table.iter().find(|(name, _)| name.get_ref() == first)?;
    let inside = rest.and_then(|rest| match value.get_ref() {
        DeValue::Table(inner) => place_of(inner, rest),
        DeValue::Array(items) => items.iter().find_map(|item| named(item, rest)),
        _ => None,
    });
    Some(inside.unwrap_or(name.span().start))
}

/// The place of the name of a token.
fn named(item: &Spanned<DeValue<'_>>, wanted: &str) -> Option<usize> {
    let DeValue::Table(table) = item.get_ref() else { return None };
    let (_, value) = table.iter().find(|(name, _)| name.get_ref() == "name")?;
    matches!(value.get_ref(), DeValue::String(name) if name == wanted).then_some(value.span().start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The changes between two files, a line each.
    #[track_caller]
    fn changes(before: &str, after: &str) -> Vec<String> {
        let Ok(found) = between(("old", before), ("new", after)) else { panic!("{before}\n{after}") };
        let line = |it: &Change| {
            let mut out = format!("{} {} {}", it.risk.word(), it.slug.word(), it.address);
            it.before.iter().for_each(|before| out.push_str(&format!(" - {before}")));
            it.after.iter().for_each(|after| out.push_str(&format!(" + {after}")));
            out
        };
        found.iter().map(line).collect()
    }

    #[test]
    fn each_setting_is_told_as_what_it_lets_through() {
        let token = |scopes: &str, hash: &str| {
            format!("[[tokens]]\nname = \"shop\"\nsha256 = [\"{}\"]\nscopes = [{scopes}]\n", hash.repeat(64))
        };
        let cases: Vec<(String, String, &[&str])> = vec![
            ("".into(), "# A comment.\nlisten = \"127.0.0.1:8080\"\n".into(), &[]),
            (
                "[egress]\nallow_hosts = [\"a.example\"]".into(),
                "[egress]\nallow_hosts = [\"b.example\"]".into(),
                &[
                    "danger policy-loosened setting.egress.allow_hosts + b.example",
                    "review policy-tightened setting.egress.allow_hosts - a.example",
                ],
            ),
            (
                "[egress]\nallow_hosts = [\"a.example\"]".into(),
                "".into(),
                &["danger policy-loosened setting.egress.allow_hosts - a.example + every public host"],
            ),
            (
                "".into(),
                "[egress]\nallow_hosts = [\"a.example\"]".into(),
                &["review policy-tightened setting.egress.allow_hosts - every public host + a.example"],
            ),
            (
                "".into(),
                "egress.allow_private = [\"10.0.0.0/8\"]".into(),
                &["danger policy-loosened setting.egress.allow_private + 10.0.0.0/8"],
            ),
            (
                "".into(),
                "insecure_plaintext = true\nlisten = \"0.0.0.0:80\"".into(),
                &[
                    "danger policy-loosened setting.insecure_plaintext - false + true",
                    "danger policy-loosened setting.listen - 127.0.0.1:8080 + 0.0.0.0:80",
                ],
            ),
            (
                "listen = \"127.0.0.1:8080\"".into(),
                "listen = \"[::1]:9090\"".into(),
                &["review setting-changed setting.listen - 127.0.0.1:8080 + [::1]:9090"],
            ),
            (
                "[smtp]\nurl = \"smtps://m:secret@a.example\"".into(),
                "[smtp]\nurl = \"smtps://m:other@b.example\"".into(),
                &["danger setting-changed setting.smtp.url - smtps://m:…@a.example + smtps://m:…@b.example"],
            ),
            (
                "[smtp]\non_unknown = \"hold\"".into(),
                "".into(),
                &["danger policy-loosened setting.smtp.on_unknown - hold + resend"],
            ),
            (
                token("\"ingest\"", "a"),
                token("\"ingest\", \"admin\"", "a"),
                &["danger policy-loosened setting.tokens.shop - ingest + admin, ingest"],
            ),
            (
                token("\"ingest\"", "a"),
                token("\"ingest\"", "b"),
                &["review setting-changed setting.tokens.shop - aaaaaaaa + bbbbbbbb"],
            ),
            ("".into(), token("\"read\"", "a"), &["danger policy-loosened setting.tokens.shop + read"]),
            (token("\"read\"", "a"), "".into(), &["review policy-tightened setting.tokens.shop - read"]),
            (
                "[retention]\ndays = 400".into(),
                "[retention]\ndays = 30".into(),
                &["danger setting-changed setting.retention.days - 400 + 30"],
            ),
            ("".into(), "[retention]\ndays = 30".into(), &["danger setting-changed setting.retention.days + 30"]),
            ("[retention]\ndays = 30".into(), "".into(), &["review setting-changed setting.retention.days - 30"]),
            ("".into(), "[log]\nformat = \"json\"".into(), &["note setting-changed setting.log.format + json"]),
            ("".into(), "[limits]\nrequests = 9".into(), &["review setting-changed setting.limits.requests - 256 + 9"]),
        ];
        for (before, after, expected) in cases {
            assert_eq!(changes(&before, &after), expected, "{before}\n---\n{after}");
        }
    }

    #[test]
    fn lines_are_found() {
        let text = "listen = \"x\"\n\n[egress]\nallow_hosts = [\n  \"a\",\n]\n\n[[tokens]]\nname = \"a\"\n\n[[tokens]]\nname = \"b\"\n";
        for (key, line) in
            [("listen", 1), ("egress.allow_hosts", 4), ("egress.ca_file", 3), ("tokens.a", 9), ("tokens.b", 12)]
        {
            assert_eq!(line_of(text, key), Some(line), "{key}");
        }
        assert_eq!(line_of(text, "smtp.url"), None);
    }
}
