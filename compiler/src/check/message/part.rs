//! The parts of a message: one template each.

use crate::catalogue::Code;
use crate::check::template::{self, Origin, Template};
use crate::check::{address, file};
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{Sources, Span, Spanned};
use crate::syntax::ast::{Message, MessageChannel, PartValue};
use crate::syntax::conflict;
use crate::syntax::text_block::TextBlock;

/// Reads the parts of one channel of a message.
pub(super) struct Parts<'a, 'd> {
    pub(super) message: &'a Message,
    pub(super) channel: &'a MessageChannel,
    pub(super) sources: &'a Sources,
    pub(super) diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a> Parts<'a, '_> {
    /// A part that is one line, written here.
    pub(super) fn line(&mut self, name: &str, part: Spanned<&'a PartValue>) -> Option<Template<'a>> {
        match part.node {
            PartValue::Template(block) => {
                self.one_line(name, block)?;
                if matches!(name, "from" | "to" | "reply_to") {
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

    /// A part that may be long, or come from a file.
    pub(super) fn body(&mut self, name: &str, part: Spanned<&'a PartValue>) -> Option<Template<'a>> {
        match part.node {
            PartValue::Template(block) => self.inline(name, block),
            PartValue::File(path) => {
                let file = file::find(self.sources, path, self.diagnostics)?;
                let before = self.diagnostics.len();
                self.diagnostics.extend(conflict::find(self.sources.text(file)).findings(file));
                if self.diagnostics.len() > before {
                    return None;
                }
                let origin = Origin::file(file, self.sources.text(file));
                template::read(path.node.to_string(), origin, is_html(name), self.diagnostics)
            }
            other => self.no_template(name, part, other),
        }
    }

    fn inline(&mut self, name: &str, block: &'a Spanned<TextBlock>) -> Option<Template<'a>> {
        let title = [&*self.message.name.node, &*self.channel.channel.node, name].join(".");
        if block.node.text.trim().is_empty() {
            // A block that could not be read is empty as well, and reported.
            let written = self.sources.slice(block.span);
            if block.node.text.is_empty() && written.contains(|letter: char| letter != '"' && !letter.is_whitespace()) {
                return None;
            }
            let hint = "write what is sent, or remove the line";
            return self.invalid(block.span, format!("`{name}` is empty"), hint);
        }
        let template = template::read(title, Origin::Inline(&block.node), is_html(name), self.diagnostics);
        if matches!(name, "html" | "text" | "data") && template.is_some() && name_of_file(&block.node.text) {
            self.diagnostics.push(
                Diagnostic::new(Code::SentAsWritten, block.span)
                    .message(format!("`{name}` is this text, not the file of this name"))
                    .hint("a file is named as `file \"…\"`")
                    .fix(Fix::insert_before(block.span, "file ")),
            );
        }
        template
    }

    /// Holds that a part is one line.
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

    fn invalid<T>(&mut self, span: Span, message: String, hint: impl Into<String>) -> Option<T> {
        self.diagnostics.push(Diagnostic::new(Code::SettingInvalid, span).message(message).hint(hint));
        None
    }
}

/// Whether a part may be HTML; what a channel's `data` is, only its gateway knows.
fn is_html(part: &str) -> bool {
    matches!(part, "html" | "data")
}

/// Whether a text is nothing but the name of a template file.
fn name_of_file(text: &str) -> bool {
    let is_path = text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '/' | '_' | '-'));
    is_path && [".vm", ".html", ".htm", ".txt"].iter().any(|ending| text.ends_with(ending))
}
