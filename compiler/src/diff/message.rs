//! Changes of what is said: the parts of messages, their data and their links.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;
use velocity::{Place, Reference, SegmentKind};

use super::catalogue::{Risk, Slug};
use super::change::Change;
use super::way_out;
use super::{declaration, links};
use crate::ir::{Message, Program, Template};
use crate::pair::{Pair, pairs};

/// Compares messages.
pub(super) fn compare(base: &Program, head: &Program, changes: &mut Vec<Change>) {
    let sensitive = sensitive(head);
    for (name, pair) in pairs(&base.messages, &head.messages) {
        let known = changes.len();
        let added = match &pair {
            Pair::Added(new) => Some(*new),
            Pair::Removed(_) | Pair::Both(..) => None,
        };
        declaration::compare("message", name, pair, changes, |address, before, after, changes| {
            message(address, before, after, &sensitive, changes);
        });
        if let (Some(new), Some(change)) = (added, changes.get_mut(known)) {
            // What a new message says is read in full.
            change.words = Some(super::Words::between("", &whole(new)));
            let title = change.title.clone();
            for (channel, parts) in channels(new) {
                for (word, template) in parts {
                    let address = format!("message.{name}.{channel}.{word}");
                    references(&address, &title, None, template, &sensitive, changes);
                }
            }
        }
    }
}

/// The fields that authors have marked as sensitive.
pub(super) fn sensitive(program: &Program) -> BTreeSet<SmolStr> {
    let contact = program.contact.fields.iter().filter(|(_, field)| field.sensitive).map(|(name, _)| name);
    let events = program.events.values().flat_map(|event| &event.fields);
    contact.chain(events.filter(|(_, field)| field.sensitive).map(|(name, _)| name)).cloned().collect()
}

/// All that a message says.
fn whole(message: &Message) -> String {
    let mut text = String::new();
    for (channel, parts) in channels(message) {
        for (word, template) in parts {
            let space = if template.source.contains('\n') { '\n' } else { ' ' };
            text.push_str(&format!("{channel} {word}:{space}{}\n", template.source.trim_end()));
        }
    }
    text
}

/// The parts of one channel by their words.
pub(super) type Parts<'m> = BTreeMap<&'static str, &'m Template>;

fn channels(message: &Message) -> BTreeMap<&str, Parts<'_>> {
    let mut channels: BTreeMap<&str, Parts<'_>> = BTreeMap::new();
    if let Some(email) = &message.email {
        channels.insert("email", email.parts().collect());
    }
    for (channel, parts) in &message.channels {
        channels.insert(channel, parts.iter().map(|(part, template)| (part.word(), template)).collect());
    }
    channels
}

fn message(address: &str, base: &Message, head: &Message, sensitive: &BTreeSet<SmolStr>, changes: &mut Vec<Change>) {
    declaration::description(address, &base.description, &head.description, changes);
    let title = address.replacen('.', " ", 1);
    let (before, after) = (channels(base), channels(head));
    for (channel, pair) in pairs(&before, &after) {
        let address = format!("{address}.{channel}");
        match pair {
            Pair::Added(parts) => {
                changes.push(Change::new(Slug::ChannelAdded, &address, &title).after(channel));
                for (word, template) in parts {
                    references(&format!("{address}.{word}"), &title, None, template, sensitive, changes);
                }
            }
            Pair::Removed(_) => changes.push(Change::new(Slug::ChannelRemoved, address, &title).before(channel)),
            Pair::Both(before, after) => parts((&address, &title), before, after, sensitive, changes),
        }
    }
    way_out::compare(address, &title, &before, &after, changes);
    links::compare(address, &title, &before, &after, changes);
}

fn parts(
    (address, title): (&str, &str),
    before: &Parts<'_>,
    after: &Parts<'_>,
    sensitive: &BTreeSet<SmolStr>,
    changes: &mut Vec<Change>,
) {
    for (word, pair) in pairs(before, after) {
        let address = format!("{address}.{word}");
        let whole = |slug: Slug| Change::new(slug, address.clone(), title);
        let own_slug = match *word {
            "to" => Slug::RecipientChanged,
            "from" | "reply_to" => Slug::MessageSenderChanged,
            _ => Slug::MessagePartChanged,
        };
        match pair {
            Pair::Added(template) => {
                changes.push(whole(own_slug).after(&template.source).words("", &template.source));
                references(&address, title, None, template, sensitive, changes);
            }
            Pair::Removed(template) => {
                changes.push(whole(own_slug).before(&template.source).words(&template.source, ""));
            }
            Pair::Both(old, new) if old.source != new.source => {
                let slug = match *word {
                    "to" | "from" | "reply_to" => own_slug,
                    "subject" | "title" => Slug::MessageSubjectChanged,
                    _ => Slug::MessageTextChanged,
                };
                let change = whole(slug).before(&old.source).after(&new.source).words(&old.source, &new.source);
                if old.source.lines().eq(new.source.lines()) {
                    // Marked, each line would look as it did.
                    let ends = whole(slug).unaffected();
                    changes.push(ends.detail("only the ends of its lines are written otherwise"));
                } else if renders_alike(old, new) {
                    changes.push(change.unaffected().detail("nobody reads anything else"));
                } else {
                    changes.push(match unescaped(word, old, new) {
                        Some(shown) => change.risk(Risk::Danger).detail(format!(
                            "{shown} stands in the page as it is now: whoever writes that data writes the page"
                        )),
                        None => change,
                    });
                    references(&address, title, Some(old), new, sensitive, changes);
                }
            }
            // Only the name that errors are told under differs: a text that moved into a file, or back.
            Pair::Both(old, new) if old != new => {
                let moved = Change::new(Slug::DeclarationChanged, address, title).risk(Risk::Note);
                changes.push(moved.before(format!("in {}", old.name)).after(format!("in {}", new.name)));
            }
            Pair::Both(..) => {}
        }
    }
}

/// What a page shows now without escaping it, and did not before.
fn unescaped(word: &str, old: &Template, new: &Template) -> Option<String> {
    let raw = |template: &Template| -> Vec<String> {
        let references = template.parse().map(|parsed| parsed.references()).unwrap_or_default();
        let is_raw = |it: &&Reference| {
            matches!(it.root.as_str(), "esc" | "escTool" | "escapeTool")
                && matches!(it.path.first().map(|it| &it.kind), Some(SegmentKind::Method { name, .. }) if name == "raw")
        };
        references.iter().filter(is_raw).map(|it| written(it, &template.source)).collect()
    };
    if word != "html" {
        return None;
    }
    let known = raw(old);
    let shown = raw(new).into_iter().find(|it| !known.contains(it))?;
    Some(format!("${shown}"))
}

/// Whether only comments, braces around names or macros that nothing calls differ.
fn renders_alike(old: &Template, new: &Template) -> bool {
    matches!((old.parse(), new.parse()), (Ok(old), Ok(new)) if old.renders_as(&new))
}

/// What templates refer to: data that is shown now, and values that nothing stands in for any more.
fn references(
    address: &str,
    title: &str,
    before: Option<&Template>,
    after: &Template,
    sensitive: &BTreeSet<SmolStr>,
    changes: &mut Vec<Change>,
) {
    let (Some(before), Some(after)) = (before.map_or_else(|| Some(BTreeMap::new()), read), read(after)) else { return };
    for (written, Printed { safe, line, shown }) in &after {
        let change = |slug| Change::new(slug, address, title).value(written).line(Some(*line));
        match before.get(written) {
            None => {
                let marked = written.split('.').any(|name| sensitive.contains(name));
                let risk = if marked || is_personal(written) { Risk::Danger } else { Risk::Review };
                changes.push(change(Slug::TemplateVariableAdded).risk(risk).after(format!("${written}")));
            }
            Some(Printed { safe: true, shown: was, .. }) if !safe => {
                let change = change(Slug::TemplateVariableFallbackRemoved).before(was).after(shown);
                changes.push(change.detail(format!("whoever has no such value now reads the letters {shown}")));
            }
            Some(_) => {}
        }
    }
}

/// Data that a template prints.
struct Printed {
    /// Whether something stands in for it everywhere that it is printed.
    safe: bool,
    /// The line, from 1, in which it is printed first, or first without anything that stands in for it.
    line: usize,
    /// How it is written there, and what else keeps it from being printed as letters.
    shown: String,
}

/// The data that a template prints.
fn read(template: &Template) -> Option<BTreeMap<String, Printed>> {
    let parsed = template.parse().ok()?;
    let mut read: BTreeMap<String, Printed> = BTreeMap::new();
    for reference in parsed.references() {
        let printed = matches!(reference.place, Place::Text | Place::String | Place::Argument | Place::SetValue);
        if !printed || reference.binding.is_some() || velocity::Template::is_tool(&reference.root) {
            continue;
        }
        let name = written(&reference, &template.source);
        let prints_itself = matches!(reference.place, Place::Text | Place::String);
        let safe = !prints_itself || reference.quiet || reference.fallback || reference.is_tested();
        let line = line_of(&template.source, reference.span.range().start);
        let known = read.get(&name);
        if known.is_none_or(|known| known.safe && !safe) {
            let source = template.source.get(reference.span.range()).unwrap_or_default();
            let shown = match () {
                () if !safe || reference.quiet || reference.fallback => source.to_owned(),
                () if prints_itself => format!("{source} inside of what asks whether it is there"),
                () => format!("{source}, not printed as it stands"),
            };
            read.insert(name, Printed { safe, line, shown });
        }
    }
    Some(read)
}

/// The line of a place in a text, from 1.
pub(super) fn line_of(text: &str, place: usize) -> usize {
    1 + text.get(..place).map_or(0, |before| before.matches('\n').count())
}

/// A reference without `$`, `!`, braces and what stands in for it.
fn written(reference: &Reference, source: &str) -> String {
    let mut out = reference.root.to_string();
    for segment in &reference.path {
        out.push_str(source.get(segment.span.range()).unwrap_or_default());
    }
    out
}

/// Whether a reference is to what identifies a person.
fn is_personal(written: &str) -> bool {
    const WORDS: [&str; 8] =
        ["email", "phone", "address", "birthday", "postcode", "external_id", "last_name", "gender"];
    let written = written.to_lowercase();
    WORDS.iter().any(|word| written.contains(word))
}
