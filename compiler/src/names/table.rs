//! The declarations of one kind, by name.

use std::cell::Cell;
use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{Span, Spanned};
use crate::suggest::nearest;
use crate::syntax::ast::Name;
use crate::vocabulary::CONNECTORS;

/// What is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `event`.
    Event,
    /// `connector`.
    Connector,
    /// `webhook`.
    Webhook,
    /// `channel`.
    Channel,
    /// `segment`.
    Segment,
    /// `message`.
    Message,
    /// `workflow`.
    Workflow,
    /// `test`.
    Test,
}

impl Kind {
    /// The keyword.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Event => "event",
            Kind::Connector => "connector",
            Kind::Webhook => "webhook",
            Kind::Channel => "channel",
            Kind::Segment => "segment",
            Kind::Message => "message",
            Kind::Workflow => "workflow",
            Kind::Test => "test",
        }
    }

    /// Whether a declaration that nothing refers to is a slip: workflows and tests stand for themselves.
    const fn wants_use(self) -> bool {
        !matches!(self, Kind::Workflow | Kind::Test)
    }
}

/// One declaration.
#[derive(Clone, Debug)]
pub struct Entry<'a, T> {
    /// What was written.
    pub node: &'a T,
    /// The text of the `///` lines above it.
    pub docs: Option<&'a SmolStr>,
    /// The name's place.
    pub name: &'a Name,
    /// The place of the whole declaration.
    pub span: Span,
    /// Whether something refers to it. A note beside the checks: it changes nothing that they decide.
    used: Cell<bool>,
}

impl<T> Entry<'_, T> {
    /// Notes that something refers to it.
    pub fn mark_used(&self) {
        self.used.set(true);
    }

    /// The description for the compiled program.
    pub fn description(&self) -> Option<String> {
        self.docs.map(|docs| docs.as_str().to_owned())
    }
}

/// All declarations of one kind.
#[derive(Clone, Debug)]
pub struct Table<'a, T> {
    kind: Kind,
    entries: BTreeMap<SmolStr, Entry<'a, T>>,
}

impl<'a, T> Table<'a, T> {
    pub(super) const fn new(kind: Kind) -> Table<'a, T> {
        Table { kind, entries: BTreeMap::new() }
    }

    /// Takes a declaration in; of two with one name the first stays and the second is reported.
    pub(super) fn declare(
        &mut self,
        node: &'a T,
        name: &'a Name,
        docs: Option<&'a Spanned<SmolStr>>,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if let Some(first) = self.entries.get(&name.node) {
            let (word, text) = (self.kind.word(), &name.node);
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, name.span)
                    .message(format!("the {word} `{text}` is declared twice"))
                    .also(first.name.span, "declared first here")
                    .hint("rename one of them, or remove it"),
            );
            return;
        }
        let docs = docs.map(|docs| &docs.node);
        self.entries.insert(name.node.clone(), Entry { node, docs, name, span, used: Cell::new(false) });
    }

    /// The declaration with this name.
    pub fn get(&self, name: &str) -> Option<&Entry<'a, T>> {
        self.entries.get(name)
    }

    /// All of them by name.
    pub fn iter(&self) -> impl Iterator<Item = (&SmolStr, &Entry<'a, T>)> {
        self.entries.iter()
    }

    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(SmolStr::as_str)
    }

    /// The finding that there is no declaration with this name; with `guess`, what it may have been meant to be.
    pub(super) fn unknown(&self, name: &Name, guess: bool) -> Diagnostic {
        let (word, text) = (self.kind.word(), &name.node);
        let finding = Diagnostic::new(Code::UnknownName, name.span).message(format!("there is no {word} `{text}`"));
        match nearest(text, self.names().filter(|_| guess)) {
            Some(other) => {
                // What stands in quotes may have to: `expect exit "paid"`.
                let quoted = name.span.len() as usize != text.len();
                let instead = if quoted { format!("{other:?}") } else { spelled(other) };
                finding.hint(format!("did you mean `{other}`?")).fix(Fix::replace(name.span, instead))
            }
            None if self.kind == Kind::Connector && CONNECTORS.iter().any(|kind| kind.word == text) => finding.hint(
                format!("what stands here is the name of a connector; declare one: `connector crm {text} {{ … }}`"),
            ),
            None if self.kind == Kind::Connector => finding
                .hint(format!("declare it: `connector {} bearer {{ … }}`, or `basic` or `api_key`", spelled(text))),
            None => finding.hint(format!("declare it: `{word} {} {{ … }}`", spelled(text))),
        }
    }

    /// Warns of names that differ in case only.
    pub(super) fn report_alike(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut seen: BTreeMap<String, &Entry<'a, T>> = BTreeMap::new();
        let mut entries: Vec<_> = self.entries.values().collect();
        entries.sort_by_key(|entry| entry.name.span);
        for entry in entries {
            let Some(other) = seen.insert(entry.name.node.to_lowercase(), entry) else { continue };
            let (word, text, first) = (self.kind.word(), &entry.name.node, &other.name.node);
            diagnostics.push(
                Diagnostic::new(Code::SimilarNames, entry.name.span)
                    .message(format!("the {word} `{text}` differs from `{first}` in case only"))
                    .also(other.name.span, "the other one")
                    .hint("rename one of them, so that nobody takes one for the other"),
            );
        }
    }

    /// Warns of declarations that nothing refers to.
    pub(super) fn report_unused(&self, diagnostics: &mut Vec<Diagnostic>) {
        if !self.kind.wants_use() {
            return;
        }
        for entry in self.entries.values().filter(|entry| !entry.used.get()) {
            let (word, text) = (self.kind.word(), &entry.name.node);
            diagnostics.push(
                Diagnostic::new(Code::UnusedDeclaration, entry.name.span)
                    .message(format!("nothing uses the {word} `{text}`"))
                    .hint("remove it, or use it"),
            );
        }
    }
}

/// A name as it is written: quoted where it is more than a word.
pub fn spelled(name: &str) -> String {
    let mut letters = name.chars();
    let plain = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { name.to_owned() } else { format!("{name:?}") }
}
