//! Changes that were accepted in advance: lines with a reason, bound to what they accept.
//!
//! They stand in the project's `wf-accept.toml`, or beside the declaration that they are about as a comment. A line covers one
//! value, a host or a field, so that it cannot silently cover the next one; what it no longer covers is reported.

use std::path::Path;

use compiler::diff::{Accepted, Change, Diff, Risk, Slug};
use compiler::suggest;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::Compared;
use super::side::Side;
use crate::cli::failure::Failure;
use crate::cli::replace::write_whole;

/// The file in the project's folder.
pub(super) const FILE: &str = "wf-accept.toml";
/// What a comment begins with that accepts something.
const COMMENT: &str = "// wf: accept ";
/// What a part's address begins with that is a line of a file: `accepted in shop.wf:31`.
pub(super) const WRITTEN: &str = "accepted in ";

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    accept: Vec<Entry>,
}

/// One entry of the file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    change: Spanned<String>,
    at: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    value: String,
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// A line that accepts a change.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    slug: String,
    place: Place,
    value: String,
    reason: String,
    until: Option<Date>,
    /// Where it is written, for people.
    by: String,
    /// The file and the line, from 1.
    written: (String, u32),
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// The part of the program with this address.
    Address(String),
    /// The declaration that these lines of a file hold.
    Declaration {
        path: String,
        /// The first line, from 1.
        first: u32,
        /// The last line.
        last: u32,
    },
}

/// Marks what was accepted, and reports lines that are new and lines that cover nothing.
pub(super) fn apply(compared: &mut Compared, today: Date) -> Result<(), Failure> {
    let (known, lines) = (lines(&compared.base)?, lines(&compared.head)?);
    let mut diff = std::mem::take(&mut compared.diff.changes);
    let mut reports = Vec::new();
    for line in lines {
        let expired = line.until.is_some_and(|until| until < today);
        let mut used = false;
        for change in diff.iter_mut().filter(|change| !expired && covers(&line, change, compared)) {
            change.accepted = Some(Accepted { reason: line.reason.clone(), by: line.by.clone() });
            used = true;
        }
        let was_there = known.iter().any(|other| (&other.slug, &other.value) == (&line.slug, &line.value));
        let (address, words) = (line.address(), format!("{} {} ({})", line.slug, line.value, line.reason));
        if used && !was_there {
            reports.push(line.at(Change::new(Slug::SuppressionAdded, address, &line.by).after(words)));
        } else if !used {
            let why = match line.until {
                Some(until) if expired => format!("{words} held until {until}"),
                _ if Slug::find(&line.slug).is_none() => format!("there is no kind of change `{}`", line.slug),
                _ => format!("{words} covers nothing"),
            };
            let change = line.at(Change::new(Slug::SuppressionUnused, address, &line.by).after(why));
            // It has done its work, and may go.
            reports.push(if was_there { change.risk(Risk::Note) } else { change });
        }
    }
    diff.append(&mut reports);
    compared.diff.changes = diff;
    compared.diff.sort();
    Ok(())
}

impl Line {
    /// The change, shown at the line itself.
    fn at(&self, mut change: Change) -> Change {
        let (file, line) = &self.written;
        change.part = Some(format!("{WRITTEN}{file}:{line}"));
        change
    }

    fn address(&self) -> String {
        match &self.place {
            Place::Address(address) => address.clone(),
            Place::Declaration { path, first, .. } => format!("{path}:{first}"),
        }
    }
}

fn covers(line: &Line, change: &Change, compared: &Compared) -> bool {
    let bare = |text: &str| text.replace("https://", "");
    if line.slug != change.slug.word() || bare(&line.value) != bare(&change.bound()) {
        return false;
    }
    match &line.place {
        Place::Address(address) => *address == change.address,
        Place::Declaration { path, first, last } => compared
            .head
            .location(&change.address)
            .is_some_and(|it| it.path == *path && (*first..=*last).contains(&it.line)),
    }
}

/// The lines of one side.
fn lines(side: &Side) -> Result<Vec<Line>, Failure> {
    let mut found = Vec::new();
    if let Some(text) = &side.accepts {
        let document: Document = toml::from_str(text)
            .map_err(|error| Failure::usage(format!("`{FILE}` of {}: {}", side.name, error.message())))?;
        for entry in document.accept {
            if entry.reason.trim().is_empty() {
                let change = entry.change.get_ref();
                return Err(Failure::usage(format!("`{FILE}`: {change} at {} has no reason", entry.at)));
            }
            let until = match &entry.until {
                None => None,
                Some(text) => Some(date(text)?),
            };
            let by = FILE.to_owned();
            let Entry { change, at, value, reason, .. } = entry;
            let before = text.get(..change.span().start).unwrap_or_default();
            let written = (side.shown(FILE), number(before.matches('\n').count()));
            let (slug, place) = (change.into_inner(), Place::Address(at));
            found.push(Line { slug, place, value, reason, until, by, written });
        }
    }
    for (path, text) in side.texts() {
        found.extend(comments(&path, text));
    }
    Ok(found)
}

fn date(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| Failure::usage(format!("`{text}` is no date such as 2027-01-31")))
}

/// The comments of a file that accept something. Each is about the declaration that it stands in, or the next one.
fn comments(path: &str, text: &str) -> Vec<Line> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(said) = line.trim_start().strip_prefix(COMMENT) else { continue };
        let (what, reason) = said.split_once(": ").unwrap_or((said, ""));
        let (slug, value) = what.split_once(' ').unwrap_or((what, ""));
        let (reason, until) = match reason.rsplit_once(" until ") {
            Some((reason, date)) if date.trim().parse::<Date>().is_ok() => (reason, date.trim().parse().ok()),
            _ => (reason, None),
        };
        if reason.trim().is_empty() {
            continue;
        }
        let (first, last) = declaration(&lines, index);
        found.push(Line {
            slug: slug.to_owned(),
            place: Place::Declaration { path: path.to_owned(), first, last },
            value: value.trim().to_owned(),
            reason: reason.trim().to_owned(),
            until,
            by: format!("{path}:{}", number(index)),
            written: (path.to_owned(), number(index)),
        });
    }
    found
}

fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// The lines of the declaration around a line, or of the next one: declarations begin and end in the first column.
fn declaration(lines: &[&str], index: usize) -> (u32, u32) {
    let closes = |line: &&str| line.starts_with('}');
    let opens = |line: &&str| line.starts_with(|first: char| first.is_alphabetic());
    let above = lines.iter().take(index).rposition(|line| opens(line) || closes(line));
    let inside = above.and_then(|above| lines.get(above).filter(|line| opens(line)).map(|_| above));
    let first = inside.or_else(|| lines.iter().skip(index).position(opens).map(|below| index + below)).unwrap_or(index);
    let last = lines.iter().skip(first).position(closes).map_or(lines.len(), |below| first + below);
    (number(first), number(last))
}

/// Writes a line for each change that was asked for, `SLUG@ADDRESS`, into the project's file.
pub(super) fn write(
    folder: &Path,
    diff: &Diff,
    asked: &str,
    reason: &str,
    until: Option<&str>,
) -> Result<String, Failure> {
    let (slug, address) = asked.split_once('@').ok_or_else(|| {
        Failure::usage(format!("`{asked}` is not of the form SLUG@ADDRESS")).hint("host-added@webhook.promo, say")
    })?;
    if reason.trim().is_empty() {
        return Err(Failure::usage("a change is accepted for a reason: --reason TEXT"));
    }
    let until = until.map(date).transpose()?;
    let chosen: Vec<&Change> = diff
        .changes
        .iter()
        .filter(|change| change.accepted.is_none() && change.slug.word() == slug && change.address == address)
        .collect();
    if chosen.is_empty() {
        let there: Vec<String> =
            diff.changes.iter().map(|change| format!("{}@{}", change.slug.word(), change.address)).collect();
        let failure = Failure::usage(format!("there is no change {asked}"));
        return Err(match suggest::nearest(asked, there.iter().map(String::as_str)) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint("`wf diff --format json` tells the slug and the address of each"),
        });
    }
    let path = folder.join(FILE);
    let mut text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "# Changes that were accepted, each with its reason and for one value. `wf diff` reports lines that cover nothing.\n"
                .to_owned()
        }
        Err(error) => return Err(Failure::file(format!("cannot read `{}`", path.display()), &error)),
    };
    let mut told = String::new();
    for change in chosen {
        let entry = Entry {
            change: Spanned::new(0..0, slug.to_owned()),
            at: address.to_owned(),
            value: change.bound(),
            reason: reason.to_owned(),
            until: until.map(|until| until.to_string()),
        };
        let written = toml::to_string(&entry).map_err(|error| Failure::world(error.to_string()))?;
        text.push_str(&format!("\n[[accept]]\n{written}"));
        told.push_str(&format!("accepted: {slug}@{address} {}\n", entry.value));
    }
    write_whole(&path, &text).map_err(|error| Failure::file(format!("cannot write `{}`", path.display()), &error))?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_about_their_declaration() {
        let text = "event a {\n  x: int\n}\n\n// wf: accept host-added score.example.net: DPA signed, LEGAL-12\nwebhook w {\n  \
                    // wf: accept field-sent-added contact.email -> score.example.net: asked for until 2027-01-31\n}\n";
        let found = comments("a.wf", text);
        let place = Place::Declaration { path: "a.wf".to_owned(), first: 6, last: 8 };
        let told: Vec<_> = found.iter().map(|it| (it.slug.as_str(), it.value.as_str(), it.reason.as_str())).collect();
        assert_eq!(
            told,
            [
                ("host-added", "score.example.net", "DPA signed, LEGAL-12"),
                ("field-sent-added", "contact.email -> score.example.net", "asked for"),
            ]
        );
        assert!(found.iter().all(|line| line.place == place), "{found:?}");
        assert_eq!(found.last().and_then(|line| line.until), "2027-01-31".parse().ok());
        assert_eq!(comments("a.wf", "// wf: accept host-added x.example.net\nevent a {}\n"), []);
    }
}
