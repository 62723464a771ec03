//! Blocks of named settings: which are known, which are missing, which are there twice.
//!
//! Connectors and the channels of messages are written alike: a word and its value, in any order, each once.

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::names::near;
use crate::source::{Span, Spanned};
use crate::syntax::ast::Name;

/// The settings of one block, by name.
pub(crate) struct Settings<'a, T> {
    /// What the block belongs to, in words: `connector of the kind basic`.
    what: String,
    /// Where a missing one is reported.
    place: Span,
    found: Vec<(&'a str, Spanned<&'a T>)>,
    /// A setting could not be read, so a missing one may be that one.
    broken: bool,
}

impl<'a, T> Settings<'a, T> {
    /// Reads what is `written` and reports what is unknown or there twice.
    pub(crate) fn read(
        what: impl Into<String>,
        owner: &Name,
        known: &[&'static str],
        written: impl Iterator<Item = Spanned<(&'a Name, &'a T)>>,
        broken: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Settings<'a, T> {
        let what = what.into();
        let mut found: Vec<(&'a str, Spanned<&'a T>)> = Vec::new();
        let mut broken = broken;
        for setting in written {
            let (name, value) = setting.node;
            if !known.contains(&name.node.as_str()) {
                // It may be meant for one that is missing.
                broken = true;
                diagnostics.push(unknown(&what, name, known));
            } else if let Some((_, first)) = found.iter().find(|(other, _)| *other == name.node.as_str()) {
                diagnostics.push(
                    Diagnostic::new(Code::SettingTwice, setting.span)
                        .message(format!("`{}` is written twice", name.node))
                        .also(first.span, "written here first")
                        .fix(Fix::delete(setting.span)),
                );
            } else {
                found.push((&name.node, setting.span.with(value)));
            }
        }
        Settings { what, place: owner.span, found, broken }
    }

    /// A setting that may be missing.
    pub(crate) fn take(&mut self, name: &str) -> Option<Spanned<&'a T>> {
        let index = self.found.iter().position(|(other, _)| *other == name)?;
        Some(self.found.swap_remove(index).1)
    }

    /// A setting that must be there; `example` says how it is written.
    pub(crate) fn required(
        &mut self,
        name: &str,
        example: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<&'a T>> {
        let found = self.take(name);
        if found.is_none() {
            self.missing(name, example, diagnostics);
        }
        found
    }

    /// Reports that a setting is missing.
    pub(crate) fn missing(&self, name: &str, example: &str, diagnostics: &mut Vec<Diagnostic>) {
        if !self.broken {
            diagnostics.push(self.no_such(name, example));
        }
    }

    /// Reports that a setting is missing that another place needs.
    pub(crate) fn missing_for(
        &self,
        name: &str,
        example: &str,
        (place, why): (Span, &str),
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if !self.broken {
            diagnostics.push(self.no_such(name, example).also(place, why));
        }
    }

    fn no_such(&self, name: &str, example: &str) -> Diagnostic {
        Diagnostic::new(Code::SettingMissing, self.place)
            .message(format!("this {} has no `{name}`", self.what))
            .hint(format!("write `{example}`"))
    }
}

fn unknown(what: &str, name: &Name, known: &[&'static str]) -> Diagnostic {
    with_near(
        Diagnostic::new(Code::UnknownSetting, name.span).message(format!(
            "{} {what} has no `{}`",
            article(what),
            name.node
        )),
        name,
        known,
    )
}

fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// A word that is none of the `kinds` of a `what`.
pub(crate) fn unknown_kind(what: &str, name: &Name, kinds: &[&'static str]) -> Diagnostic {
    let message = format!("there is no {what} of the kind `{}`", name.node);
    with_near(Diagnostic::new(Code::UnknownKind, name.span).message(message), name, kinds)
}

fn with_near(finding: Diagnostic, name: &Name, known: &[&'static str]) -> Diagnostic {
    match near(&name.node, known.iter().copied()) {
        Some(meant) => finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(name.span, meant)),
        None => finding.hint(format!("there are {}", listed(known))),
    }
}

/// Words as a list in a sentence.
pub(crate) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}
