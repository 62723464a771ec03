//! Messages: what is sent, by channel.
//!
//! Like a webhook, a message names no event type: [`read`] looks at its parts and the text of its templates once,
//! [`Outline::check`] at what they refer to, once in each environment that sends it.

mod part;

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::channel::{Carries, PARTS};
use crate::check::settings::Settings;
use crate::check::template::Template;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{self, PartName};
use crate::names::{Entry, Names, near};
use crate::source::{Sources, Spanned};
use crate::syntax::ast::{Message, MessageChannel, PartValue};
use crate::types::Environment;
use part::Parts;

/// A message whose parts have been read; what they refer to has no type yet.
#[derive(Clone, Debug)]
pub(crate) struct Outline<'a> {
    description: Option<String>,
    email: Option<Email<'a>>,
    channels: BTreeMap<SmolStr, BTreeMap<PartName, Template<'a>>>,
    /// Whether nothing was found and nothing is broken: only then can there be a compiled message.
    complete: bool,
}

/// What goes out as an e-mail.
#[derive(Clone, Debug, Default)]
struct Email<'a> {
    from: Option<Template<'a>>,
    to: Option<Template<'a>>,
    reply_to: Option<Template<'a>>,
    subject: Option<Template<'a>>,
    html: Option<Template<'a>>,
    text: Option<Template<'a>>,
}

/// Reads the parts of a message.
pub(crate) fn read<'a>(
    names: &Names<'a>,
    sources: &'a Sources,
    entry: &Entry<'a, Message>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Outline<'a> {
    let message = entry.node;
    let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().filter(|finding| finding.is_error()).count();
    let before = errors(diagnostics);
    let mut outline =
        Outline { description: entry.description(), email: None, channels: BTreeMap::new(), complete: false };
    let mut seen: BTreeMap<&SmolStr, &Spanned<MessageChannel>> = BTreeMap::new();
    let mut written = 0;
    for channel in &message.channels {
        let name = &channel.node.channel;
        if let Some(first) = seen.get(&name.node) {
            diagnostics.push(
                Diagnostic::new(Code::SettingTwice, name.span)
                    .message(format!("a message has one `{}`", name.node))
                    .also(first.node.channel.span, "written here first")
                    .hint("put the parts together, or declare a second message"),
            );
            continue;
        }
        seen.insert(&name.node, channel);
        written += channel.node.parts.len();
        let mut parts = Parts { message, channel: &channel.node, sources, diagnostics };
        if name.node == "email" {
            outline.email = Some(email(&mut parts));
        } else if let Some(read) = by_channel(names, &mut parts) {
            outline.channels.insert(name.node.clone(), read);
        }
    }
    if message.channels.is_empty() && !message.broken {
        diagnostics.push(
            Diagnostic::new(Code::SettingMissing, message.name.span)
                .message(format!("the message `{}` has no content", message.name.node))
                .hint("write `email { from \"…\" subject \"…\" text \"…\" }`"),
        );
    }
    let broken = message.broken || message.channels.iter().any(|channel| channel.node.broken);
    outline.complete = errors(diagnostics) == before && !broken && written == outline.parts().count();
    outline
}

/// What goes out as an e-mail.
fn email<'a>(parts: &mut Parts<'a, '_>) -> Email<'a> {
    let channel = parts.channel;
    let written = channel.parts.iter().map(|part| part.as_ref().map(|part| (&part.name, &part.value)));
    let mut found =
        Settings::read("email", &channel.channel, &ir::Email::WORDS, written, channel.broken, parts.diagnostics);
    let from = found.required("from", "from \"Shop <hello@shop.example.com>\"", parts.diagnostics);
    let subject = found.required("subject", "subject \"…\"", parts.diagnostics);
    let (to, reply_to, html, text) = (found.take("to"), found.take("reply_to"), found.take("html"), found.take("text"));
    if html.is_none() && text.is_none() {
        found.missing("text", "text \"…\"` or `html file \"….html.vm\"", parts.diagnostics);
    }
    Email {
        from: from.and_then(|part| parts.line("from", part)),
        to: to.and_then(|part| parts.line("to", part)),
        reply_to: reply_to.and_then(|part| parts.line("reply_to", part)),
        subject: subject.and_then(|part| parts.line("subject", part)),
        html: html.and_then(|part| parts.body("html", part)),
        text: text.and_then(|part| parts.body("text", part)),
    }
}

/// What goes out through a gateway: the parts that its request mentions. Nothing if there is no such channel.
fn by_channel<'a>(names: &Names<'a>, parts: &mut Parts<'a, '_>) -> Option<BTreeMap<PartName, Template<'a>>> {
    let channel = parts.channel;
    let name = &channel.channel;
    if names.channels.get(&name.node).is_none()
        && let Some(meant) = near(&name.node, ["email"])
    {
        parts.diagnostics.push(
            Diagnostic::new(Code::UnknownName, name.span)
                .message(format!("there is no channel `{}`", name.node))
                .hint(format!("did you mean `{meant}`?"))
                .fix(Fix::replace(name.span, meant)),
        );
        return None;
    }
    let declared = names.channel(name, parts.diagnostics)?;
    let carries = Carries::of(declared.node);
    let what = format!("message by the channel `{}`", name.node);
    let known = PARTS.map(|(part, _)| part);
    let written = channel.parts.iter().map(|part| part.as_ref().map(|part| (&part.name, &part.value)));
    let mut found = Settings::read(what, name, &known, written, channel.broken, parts.diagnostics);
    let mut read = BTreeMap::new();
    for (word, part) in PARTS {
        match found.take(word) {
            Some(value) => {
                if !carries.takes(word) {
                    parts.diagnostics.push(not_carried(channel, word, declared));
                }
                let template = if matches!(word, "title" | "image" | "link") {
                    parts.line(word, value)
                } else {
                    parts.body(word, value)
                };
                read.extend(template.map(|template| (part, template)));
            }
            None => {
                if let Some(place) = carries.needs(word) {
                    found.missing_for(word, &format!("{word} \"…\""), (place, "needed here"), parts.diagnostics);
                }
            }
        }
    }
    if channel.parts.is_empty() && !channel.broken && !PARTS.iter().any(|(word, _)| carries.needs(word).is_some()) {
        found.missing("text", "text \"…\"", parts.diagnostics);
    }
    Some(read)
}

/// The finding that a part is not mentioned in the request of its channel.
fn not_carried(channel: &MessageChannel, word: &str, declared: Entry<'_, crate::syntax::ast::Webhook>) -> Diagnostic {
    let part = channel.parts.iter().find(|part| part.node.name.node == word);
    let span = part.map_or(channel.channel.span, |part| part.node.name.span);
    Diagnostic::new(Code::UnknownSetting, span)
        .message(format!("the channel `{}` does not send a `{word}`", channel.channel.node))
        .also(declared.name.span, format!("its request does not mention `message.{word}`"))
        .hint(format!("remove the part, or write `message.{word}` into the body of the channel"))
}

impl<'a> Outline<'a> {
    /// The parts that could be read.
    fn parts(&self) -> impl Iterator<Item = &Template<'a>> {
        let email = self.email.iter().flat_map(|email| {
            [&email.from, &email.to, &email.reply_to, &email.subject, &email.html, &email.text].into_iter().flatten()
        });
        email.chain(self.channels.values().flat_map(BTreeMap::values))
    }

    /// The results that the templates name.
    pub(crate) fn results(&self) -> BTreeSet<SmolStr> {
        let mut results = BTreeSet::new();
        self.parts().for_each(|template| template.results(&mut results));
        results
    }

    /// Checks what the templates refer to, as the message is sent from `environment`, and brings it into the program.
    pub(crate) fn check(
        &self,
        environment: &Environment<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<ir::Message> {
        for template in self.parts() {
            template.check(environment, diagnostics);
        }
        if !self.complete {
            return None;
        }
        let email = match &self.email {
            Some(email) => Some(email.lowered()?),
            None => None,
        };
        let channels = self.channels.iter().map(|(name, parts)| {
            (name.clone(), parts.iter().map(|(part, template)| (*part, template.lowered())).collect())
        });
        Some(ir::Message { description: self.description.clone(), email, channels: channels.collect() })
    }
}

impl Email<'_> {
    fn lowered(&self) -> Option<ir::Email> {
        let lowered = |template: &Option<Template<'_>>| template.as_ref().map(Template::lowered);
        Some(ir::Email {
            from: lowered(&self.from)?,
            to: lowered(&self.to),
            reply_to: lowered(&self.reply_to),
            subject: lowered(&self.subject)?,
            html: lowered(&self.html),
            text: lowered(&self.text),
        })
    }
}

/// The paths of the templates that a message names, for whoever reads the files.
pub(crate) fn files(message: &Message) -> impl Iterator<Item = &Spanned<SmolStr>> {
    message.channels.iter().flat_map(|channel| &channel.node.parts).filter_map(|part| match &part.node.value {
        PartValue::File(path) => Some(path),
        _ => None,
    })
}
