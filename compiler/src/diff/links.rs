//! Where messages lead: links that are new, that lead elsewhere, that anybody on the way can read, or that are no links.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use regex::Regex;
use url::Url;

use super::catalogue::{Risk, Slug};
use super::change::Change;
use super::message::{Parts, line_of};
use super::visible::visible;

/// A link of a message.
#[derive(Clone, Copy, Debug)]
struct Link<'m> {
    /// As it is written, without what follows `?` and `#`.
    text: &'m str,
    /// Where it is in its text.
    place: usize,
}

/// What a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `https:`, or whatever the page itself came by.
    Closed,
    /// `http:`.
    Open,
    /// A script, a page of its own, a file.
    Code,
    /// Data decides.
    Data,
}

/// Reports links that a message did not have in any of its parts, each where it is met first.
pub(super) fn compare(
    address: &str,
    title: &str,
    before: &BTreeMap<&str, Parts<'_>>,
    after: &BTreeMap<&str, Parts<'_>>,
    changes: &mut Vec<Change>,
) {
    let old: BTreeSet<&str> = all(before).map(|link| link.text).collect();
    let new: BTreeSet<&str> = all(after).map(|link| link.text).collect();
    let gone: Vec<&str> = old.difference(&new).copied().collect();
    let added = new.difference(&old).count();
    let hosts: BTreeSet<String> = old.iter().filter_map(|url| host(url)).collect();
    let mut told = BTreeSet::new();
    for (channel, parts) in after {
        for (word, template) in parts {
            for link in links(word, &template.source) {
                let url = link.text;
                if old.contains(url) || !told.insert(url) {
                    continue;
                }
                let host = host(url);
                let known = hosts.is_empty() || host.as_ref().is_none_or(|host| hosts.contains(host));
                // What it was: the only one that is gone for the only one that is new, or that of the same path.
                let was = match gone.as_slice() {
                    [only] if added == 1 => Some(*only),
                    several => several.iter().copied().find(|it| path(it).len() > 1 && path(it) == path(url)),
                };
                let slug = if known { Slug::LinkAdded } else { Slug::LinkHostChanged };
                let change = Change::new(slug, format!("{address}.{channel}.{word}"), title);
                let change = change.between(was, Some(url)).value(host.as_deref().unwrap_or(url));
                let change = change.line(Some(line_of(&template.source, link.place)));
                let was_closed = old.iter().any(|it| kind(it) == Kind::Closed && self::host(it) == host);
                changes.push(match kind(url) {
                    Kind::Code => change
                        .risk(Risk::Danger)
                        .detail("it is no link to a page: what it says is run, or shown as a page, where it is opened"),
                    Kind::Open if !known => change.detail(OPEN),
                    Kind::Open if was_closed => change.risk(Risk::Danger).detail(OPEN),
                    Kind::Data => change.detail("data decides where it leads"),
                    Kind::Closed if known && was.is_some_and(|was| only_closed(was, url)) => {
                        change.risk(Risk::Note).detail("nobody on the way can read it any more")
                    }
                    Kind::Open | Kind::Closed => change,
                });
            }
        }
    }
}

/// What is wrong with `http:`.
const OPEN: &str = "it is not encrypted: whoever is on the way can read and change what is opened";

/// Whether a link is the same but for `https:` in place of `http:`.
fn only_closed(was: &str, url: &str) -> bool {
    kind(was) == Kind::Open && host(was) == host(url) && path(was) == path(url)
}

/// All links of a message.
fn all<'m>(channels: &BTreeMap<&str, Parts<'m>>) -> impl Iterator<Item = Link<'m>> {
    channels.values().flatten().flat_map(|(word, template)| links(word, &template.source))
}

/// The links of a text, in their order.
fn links<'m>(word: &str, text: &'m str) -> Vec<Link<'m>> {
    static URL: OnceLock<Option<Regex>> = OnceLock::new();
    static ATTRIBUTE: OnceLock<Option<Regex>> = OnceLock::new();
    let read = visible(word, text);
    let link = |place: std::ops::Range<usize>| Some(Link { text: text.get(place.clone())?, place: place.start });
    let url = URL.get_or_init(|| Regex::new(r#"(?i)https?://[^\s"'<>?#)]+"#).ok());
    let mut found: Vec<Link<'m>> =
        url.iter().flat_map(|it| it.find_iter(&read)).filter_map(|found| link(found.range())).collect();
    // What leads somewhere without naming a host: of it only what is written as a link counts.
    if word == "html" {
        let attribute = ATTRIBUTE.get_or_init(|| {
            let value = r#"\s*=\s*(?:"\s*([^"]*)|'\s*([^']*)|([^\s"'<>]+))"#;
            let leads = r"\b(?:(href|action|formaction|ping)|src|srcset|background|poster|data)";
            Regex::new(&format!(r#"(?i){leads}{value}|\burl\(\s*["']?([^\s"')]+)"#)).ok()
        });
        for captures in attribute.iter().flat_map(|it| it.captures_iter(&read)) {
            let Some(target) = (2..=5).find_map(|group| captures.get(group)) else { continue };
            let picture = captures.get(1).is_none();
            // Of a `srcset` the first; others are met as they name a host.
            let target = match picture {
                true => {
                    target.start()..target.start() + target.as_str().find(char::is_whitespace).unwrap_or(target.len())
                }
                false => target.start()..target.start() + target.as_str().trim_end().len(),
            };
            let Some(written) = read.get(target.clone()) else { continue };
            let meant = resolved(written);
            let kind = kind(written);
            let counts = match kind {
                Kind::Code => !picture || has_scheme(&meant, &["javascript", "vbscript"]),
                Kind::Data => !picture,
                Kind::Open | Kind::Closed => {
                    let found = url.as_ref().and_then(|url| url.find(written)).is_some_and(|url| url.start() == 0);
                    !found && (meant.starts_with("//") || has_scheme(&meant, &["http", "https"]))
                }
            };
            if counts {
                let behind = |(at, sign): &(usize, char)| {
                    *sign == '?' || *sign == '#' && !written.get(..*at).is_some_and(|before| before.ends_with('&'))
                };
                let end = written.char_indices().find(behind).filter(|_| kind != Kind::Data && kind != Kind::Code);
                found.extend(link(target.start..target.start + end.map_or(written.len(), |(at, _)| at)));
            }
        }
    } else if word == "link" {
        let trimmed = read.trim();
        let start = read.len() - read.trim_start().len();
        if kind(trimmed) == Kind::Code || trimmed.starts_with('$') {
            found.extend(link(start..start + trimmed.len()));
        }
    }
    found.sort_by_key(|link| link.place);
    found
}

fn kind(url: &str) -> Kind {
    match &*resolved(url) {
        url if url.starts_with('$') => Kind::Data,
        url if has_scheme(url, &["http"]) => Kind::Open,
        url if has_scheme(url, &["javascript", "vbscript", "data", "file", "blob"]) => Kind::Code,
        _ => Kind::Closed,
    }
}

/// Whether a link begins with one of some schemes.
fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| schemes.iter().any(|it| scheme.trim_end().eq_ignore_ascii_case(it)))
}

/// The host of a link, in small letters.
fn host(url: &str) -> Option<String> {
    if !matches!(kind(url), Kind::Open | Kind::Closed) {
        return None;
    }
    let url = resolved(url);
    Some(url.split('/').nth(2).unwrap_or(&url).to_lowercase())
}

/// What stands behind the host.
fn path(url: &str) -> &str {
    url.splitn(4, '/').nth(3).unwrap_or_default()
}

/// A link as browsers read it: with characters in place of what stands for them in HTML, and the host behind two slashes,
/// whatever was written there. What is not in disguise, or leads nowhere by itself, stays as it is.
fn resolved(url: &str) -> Cow<'_, str> {
    static REFERENCE: OnceLock<Option<Regex>> = OnceLock::new();
    let is_web = has_scheme(url, &["http", "https"]);
    if !url.contains(['&', '\\', '\t', '\n', '\r']) && (!is_web || url.contains("://") && !url.contains(":///")) {
        return Cow::Borrowed(url);
    }
    let reference = REFERENCE
        .get_or_init(|| Regex::new(r"(?i)&(?:#(\d+)|#x([0-9a-f]+)|(colon|sol|bsol|tab|newline|amp))\b;?").ok());
    let character = |found: &regex::Captures<'_>| {
        let number = |group: usize, radix: u32| u32::from_str_radix(found.get(group)?.as_str(), radix).ok();
        let character = number(1, 10).or_else(|| number(2, 16)).and_then(char::from_u32);
        let named = || match found.get(3).map(|name| name.as_str().to_ascii_lowercase()).as_deref() {
            Some("colon") => ':',
            Some("sol") => '/',
            Some("bsol") => '\\',
            Some("amp") => '&',
            _ => '\t',
        };
        character.unwrap_or_else(named).to_string()
    };
    let decoded = reference.as_ref().map_or(Cow::Borrowed(url), |it| it.replace_all(url, character));
    // A mail has no address of its own; what is relative to one leads nowhere.
    let nowhere = Url::parse("https://nowhere.invalid/");
    match nowhere.and_then(|nowhere| nowhere.join(&decoded)) {
        Ok(absolute) if absolute.host_str() != Some("nowhere.invalid") => String::from(absolute).into(),
        _ => decoded,
    }
}
