//! Messages: what is sent, by channel.
//!
//! Like a webhook, a message names no event type: [`read`] looks at its parts and the text of its templates once,
//! [`Outline::check`] at what they refer to, once in each environment that sends it.

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::later::not_yet;
use crate::check::settings::Settings;
use crate::check::template::{self, Origin, Template};
use crate::check::{address, file};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{self, Email};
use crate::names::{Entry, Names, near};
use crate::source::{Sources, Spanned};
use crate::syntax::ast::{Message, MessageChannel, PartValue};
use crate::syntax::text_block::TextBlock;
use crate::types::Environment;

/// The parts of an e-mail.
const EMAIL: &[&str] = &["from", "to", "reply_to", "subject", "html", "text"];

/// A message whose parts have been read; what they refer to has no type yet.
#[derive(Clone, Debug)]
pub(crate) struct Outline<'a> {
    description: Option<String>,
    from: Option<Template<'a>>,
    to: Option<Template<'a>>,
    reply_to: Option<Template<'a>>,
    subject: Option<Template<'a>>,
    html: Option<Template<'a>>,
    text: Option<Template<'a>>,
    /// Whether nothing was found and nothing is broken: only then can there be a compiled message.
    complete: bool,
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
    let mut outline = Outline {
        description: entry.description(),
        from: None,
        to: None,
        reply_to: None,
        subject: None,
        html: None,
        text: None,
        complete: false,
    };
    let mut email: Option<&Spanned<MessageChannel>> = None;
    for channel in &message.channels {
        if channel.node.channel.node != "email" {
            other_channel(names, channel, diagnostics);
        } else if let Some(first) = email {
            diagnostics.push(
                Diagnostic::new(Code::SettingTwice, channel.node.channel.span)
                    .message("a message has one `email`")
                    .also(first.node.channel.span, "written here first")
                    .hint("put the parts together, or declare a second message"),
            );
        } else {
            email = Some(channel);
            Parts { message, channel: &channel.node, sources, diagnostics }.read(&mut outline);
        }
    }
    if message.channels.is_empty() && !message.broken {
        diagnostics.push(
            Diagnostic::new(Code::SettingMissing, message.name.span)
                .message(format!("the message `{}` has no content", message.name.node))
                .hint("write `email { from \"…\" subject \"…\" text \"…\" }`"),
        );
    }
    let whole = email.is_some_and(|email| !email.node.broken && email.node.parts.len() == outline.parts().count());
    outline.complete = errors(diagnostics) == before && !message.broken && whole;
    outline
}

/// A channel that is not e-mail.
fn other_channel(names: &Names<'_>, channel: &Spanned<MessageChannel>, diagnostics: &mut Vec<Diagnostic>) {
    let name = &channel.node.channel;
    if names.channels.get(&name.node).is_none()
        && let Some(meant) = near(&name.node, ["email"])
    {
        diagnostics.push(
            Diagnostic::new(Code::UnknownName, name.span)
                .message(format!("there is no channel `{}`", name.node))
                .hint(format!("did you mean `{meant}`?"))
                .fix(Fix::replace(name.span, meant)),
        );
    } else if names.channel(name, diagnostics).is_some() {
        diagnostics.push(not_yet(name.span, "a message by another channel than `email`"));
    }
}

impl<'a> Outline<'a> {
    /// The parts that could be read.
    fn parts(&self) -> impl Iterator<Item = &Template<'a>> {
        let parts = [&self.from, &self.to, &self.reply_to, &self.subject, &self.html, &self.text];
        parts.into_iter().flatten()
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
        let lowered = |template: &Option<Template<'_>>| template.as_ref().map(Template::lowered);
        let email = Email {
            from: lowered(&self.from)?,
            to: lowered(&self.to),
            reply_to: lowered(&self.reply_to),
            subject: lowered(&self.subject)?,
            html: lowered(&self.html),
            text: lowered(&self.text),
        };
        let description = self.description.clone();
        Some(ir::Message { description, email: Some(email), channels: std::collections::BTreeMap::new() })
    }
}

/// Reads the parts of an e-mail.
struct Parts<'a, 'd> {
    message: &'a Message,
    channel: &'a MessageChannel,
    sources: &'a Sources,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a> Parts<'a, '_> {
    fn read(mut self, outline: &mut Outline<'a>) {
        let written = self.channel.parts.iter().map(|part| part.as_ref().map(|part| (&part.name, &part.value)));
        let broken = self.channel.broken;
        let mut parts = Settings::read("email", &self.channel.channel, EMAIL, written, broken, self.diagnostics);
        let from = parts.required("from", "from \"Shop <hello@shop.example.com>\"", self.diagnostics);
        let subject = parts.required("subject", "subject \"…\"", self.diagnostics);
        let (to, reply_to, html, text) =
            (parts.take("to"), parts.take("reply_to"), parts.take("html"), parts.take("text"));
        if html.is_none() && text.is_none() {
            parts.missing("text", "text \"…\"` or `html file \"….html.vm\"", self.diagnostics);
        }
        outline.from = from.and_then(|part| self.line("from", part));
        outline.to = to.and_then(|part| self.line("to", part));
        outline.reply_to = reply_to.and_then(|part| self.line("reply_to", part));
        outline.subject = subject.and_then(|part| self.line("subject", part));
        outline.html = html.and_then(|part| self.body("html", part));
        outline.text = text.and_then(|part| self.body("text", part));
    }

    /// A part that becomes a header of the mail: one line, written here.
    fn line(&mut self, name: &str, part: Spanned<&'a PartValue>) -> Option<Template<'a>> {
        match part.node {
            PartValue::Template(block) => {
                self.one_line(name, block)?;
                if name != "subject" {
                    address::check(block, self.diagnostics);
                }
                self.inline(name, block)
            }
            PartValue::File(path) => {
                let hint = format!("write it here: `{name} \"…\"`");
                self.invalid(path.span, format!("`{name}` is one line and comes from no file"), hint)
            }
            other => self.no_template(name, part, other),
        }
    }

    /// A part that is a body of the mail.
    fn body(&mut self, name: &str, part: Spanned<&'a PartValue>) -> Option<Template<'a>> {
        match part.node {
            PartValue::Template(block) => self.inline(name, block),
            PartValue::File(path) => {
                let file = file::find(self.sources, path, self.diagnostics)?;
                let origin = Origin::file(file, self.sources.text(file));
                template::read(path.node.to_string(), origin, self.diagnostics)
            }
            other => self.no_template(name, part, other),
        }
    }

    fn inline(&mut self, name: &str, block: &'a Spanned<TextBlock>) -> Option<Template<'a>> {
        let title = format!("{}.{}.{name}", self.message.name.node, self.channel.channel.node);
        if block.node.text.trim().is_empty() {
            // A block that could not be read is empty as well, and reported.
            let written = self.sources.slice(block.span);
            if block.node.text.is_empty() && written.contains(|letter: char| letter != '"' && !letter.is_whitespace()) {
                return None;
            }
            let hint = "write what is sent, or remove the line";
            return self.invalid(block.span, format!("`{name}` is empty"), hint);
        }
        let template = template::read(title, Origin::Inline(&block.node), self.diagnostics);
        if matches!(name, "html" | "text") && template.is_some() && name_of_file(&block.node.text) {
            self.diagnostics.push(
                Diagnostic::new(Code::SentAsWritten, block.span)
                    .message(format!("`{name}` is this text, not the file of this name"))
                    .hint("a file is named as `file \"…\"`")
                    .fix(Fix::insert_before(block.span, "file ")),
            );
        }
        template
    }

    /// Holds that a header of the mail is one line.
    fn one_line(&mut self, name: &str, block: &Spanned<TextBlock>) -> Option<()> {
        let text = &block.node.text;
        let found = text.char_indices().find(|(_, character)| character.is_control() && *character != '\t');
        let Some((at, character)) = found else { return Some(()) };
        let what = crate::check::url::shown(character);
        let place = block.node.span(at..at + character.len_utf8());
        self.invalid::<()>(
            place,
            format!("`{name}` is one line; {what} cannot stand in it"),
            "write it in simple quotes",
        );
        None
    }

    fn no_template<T>(&mut self, name: &str, part: Spanned<&PartValue>, value: &PartValue) -> Option<T> {
        match value {
            PartValue::Broken => None,
            PartValue::Path(path) => {
                let hint = format!("put it into quotes: `{name} \"$…\"`");
                self.invalid(path.span, format!("`{name}` is a template"), hint)
            }
            _ => self.invalid(part.span, format!("`{name}` is one template"), format!("write `{name} \"…\"`")),
        }
    }

    fn invalid<T>(&mut self, span: crate::source::Span, message: String, hint: impl Into<String>) -> Option<T> {
        self.diagnostics.push(Diagnostic::new(Code::SettingInvalid, span).message(message).hint(hint));
        None
    }
}

/// The paths of the templates that a message names, for whoever reads the files.
pub(crate) fn files(message: &Message) -> impl Iterator<Item = &Spanned<SmolStr>> {
    message.channels.iter().flat_map(|channel| &channel.node.parts).filter_map(|part| match &part.node.value {
        PartValue::File(path) => Some(path),
        _ => None,
    })
}

/// Whether a text is nothing but the name of a template file.
fn name_of_file(text: &str) -> bool {
    let is_path = text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '/' | '_' | '-'));
    is_path && [".vm", ".html", ".htm", ".txt"].iter().any(|ending| text.ends_with(ending))
}
