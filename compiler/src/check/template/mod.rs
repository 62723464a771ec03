//! Velocity templates: read once, typed in each environment that sends them.
//!
//! A template may stand in a message or in a file of its own; either way a mistake is underlined where its author typed
//! it. What is known of its data is checked to the last name: a reference that cannot have a value would reach people as
//! the raw text `$contact.twon`.

mod borrowed;
mod calls;
mod directive;
mod method;
mod name;
mod reference;

use std::collections::BTreeSet;

use smol_str::SmolStr;
use velocity::Collected;

use crate::catalogue::Code;
use crate::check::credential;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir;
use crate::source::{FileId, Span};
use crate::syntax::text_block::TextBlock;
use crate::types::Environment;

/// Where a template's text comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// It is written in a message.
    Inline(&'a TextBlock),
    /// It is a file; a byte order mark before it is no part of it.
    File {
        /// The file.
        file: FileId,
        /// Its text without the mark.
        text: &'a str,
        /// The length of the mark.
        offset: u32,
    },
}

impl<'a> Origin<'a> {
    /// A file as a template.
    pub(crate) fn file(file: FileId, text: &'a str) -> Origin<'a> {
        match text.strip_prefix('\u{feff}') {
            Some(rest) => Origin::File { file, text: rest, offset: 3 },
            None => Origin::File { file, text, offset: 0 },
        }
    }

    /// The text of the template.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Origin::Inline(block) => &block.text,
            Origin::File { text, .. } => text,
        }
    }

    /// The place in the sources of a stretch of the text.
    fn place(self, range: std::ops::Range<usize>) -> Span {
        match self {
            Origin::Inline(block) => block.span(range),
            Origin::File { file, offset, .. } => {
                let at = |place: usize| u32::try_from(place).unwrap_or(u32::MAX).saturating_add(offset);
                Span::new(file, at(range.start), at(range.end))
            }
        }
    }
}

/// A template that could be read.
#[derive(Clone, Debug)]
pub(crate) struct Template<'a> {
    name: String,
    origin: Origin<'a>,
    collected: Collected,
    /// What may be a value in the spelling of another platform.
    foreign_words: Vec<(std::ops::Range<usize>, &'a str)>,
}

/// Reads a template, which may be HTML; reports what is wrong with its text alone.
pub(crate) fn read<'a>(
    name: String,
    origin: Origin<'a>,
    html: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Template<'a>> {
    let mut found = Vec::new();
    let passed = directive::refuse(origin, &mut found);
    borrowed::refuse(origin, html, &passed, &mut found);
    let parsed = ir::parse_template(&name, origin.text());
    if let Err(error) = &parsed
        && !found.iter().any(Diagnostic::is_error)
    {
        let place = origin.place(error.span().range());
        let finding = Diagnostic::new(Code::TemplateSyntax, place).message(error.message());
        let assigns = origin.text().get(error.span().range()) == Some("=") && error.message().contains("operator");
        found.push(if assigns && error.hint().is_none() {
            finding.hint("two values are compared with `==`").fix(Fix::replace(place, "=="))
        } else if error.message().ends_with("no `#end`") && !has_glued_end(origin.text()) {
            let directive = origin.text().get(error.span().range()).unwrap_or("");
            finding.hint(format!("what `{directive}` begins goes on to its `#end`, and there is none left for it"))
        } else if error.hint().is_none() && error.message().ends_with("where `(` is needed") {
            finding.hint("what a directive asks stands in brackets: `#if($event.agreed) … #end`")
        } else {
            finding.maybe_hint(error.hint())
        });
    }
    if let Some((range, what)) = credential::issued(origin.text()) {
        found.push(
            Diagnostic::new(Code::CredentialLiteral, origin.place(range))
                .label(format!("this looks like {what}"))
                .hint("a message reaches everybody: take it out, and revoke it"),
        );
    }
    let usable = !found.iter().any(Diagnostic::is_error);
    diagnostics.append(&mut found);
    let parsed = parsed.ok().filter(|_| usable)?;
    let mut foreign_words = borrowed::percent_words(origin.text());
    foreign_words.extend(borrowed::bracket_words(origin.text()));
    foreign_words.retain(|(word, _)| !passed.iter().any(|range| range.contains(&word.start)));
    let template = Template { name, origin, collected: parsed.collected(), foreign_words };
    calls::check(&template, diagnostics);
    Some(template)
}

/// Whether a word begins with `#end` and goes on: another directive.
fn has_glued_end(text: &str) -> bool {
    text.split("#end")
        .skip(1)
        .any(|behind| behind.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
}

impl Template<'_> {
    /// Checks what the template refers to, as it is sent from `environment`.
    pub(crate) fn check(&self, environment: &Environment<'_>, diagnostics: &mut Vec<Diagnostic>) {
        reference::check(self, environment, diagnostics);
        borrowed::values(self.origin, &self.foreign_words, environment, diagnostics);
    }

    /// The results that it names.
    pub(crate) fn results(&self, results: &mut BTreeSet<SmolStr>) {
        let references = self.collected.references.iter().chain(&self.collected.escaped);
        results.extend(references.filter_map(reference::result_name));
    }

    /// The template in the program.
    pub(crate) fn lowered(&self) -> ir::Template {
        ir::Template { name: self.name.clone(), source: self.origin.text().to_owned() }
    }

    /// What is written at a place of the template.
    fn source(&self, span: velocity::Span) -> &str {
        self.origin.text().get(span.range()).unwrap_or_default()
    }

    /// The place in the sources of a stretch of the template.
    fn place(&self, span: velocity::Span) -> Span {
        self.origin.place(span.range())
    }
}
