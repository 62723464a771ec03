//! The declarations of one kind, by name.

use std::borrow::Cow;
use std::marker::PhantomData;

use smol_str::SmolStr;

use super::Index;
use super::reads::{Read, Reads};
use super::unit::Unit;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Guess};
use crate::source::Span;
use crate::syntax::ast::{self, DeclarationKind, Name};
use crate::vocabulary::CONNECTORS;

/// What is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Every kind.
    pub const ALL: [Kind; 8] = [
        Kind::Event,
        Kind::Connector,
        Kind::Webhook,
        Kind::Channel,
        Kind::Segment,
        Kind::Message,
        Kind::Workflow,
        Kind::Test,
    ];

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
    pub(crate) const fn wants_use(self) -> bool {
        !matches!(self, Kind::Workflow | Kind::Test)
    }
}

/// The tree of a declaration of one kind.
pub trait Tree {
    /// The tree, if the declaration is of that kind.
    fn of(kind: &DeclarationKind) -> Option<&Self>;
}

macro_rules! trees {
    ($($tree:ty: $($variant:ident)|+;)+) => {
        $(impl Tree for $tree {
            fn of(kind: &DeclarationKind) -> Option<&Self> {
                match kind {
                    $(DeclarationKind::$variant(node))|+ => Some(node),
                    _ => None,
                }
            }
        })+
    };
}

trees! {
    ast::Event: Event;
    ast::Connector: Connector;
    ast::Webhook: Webhook | Channel;
    ast::Segment: Segment;
    ast::Message: Message;
    ast::Workflow: Workflow;
    ast::Test: Test;
}

/// One declaration.
#[derive(Debug)]
pub struct Entry<'a, T> {
    /// What was written.
    pub node: &'a T,
    /// The text of the `///` lines above it.
    pub docs: Option<&'a SmolStr>,
    /// The name's place.
    pub name: &'a Name,
    /// The place of the whole declaration.
    pub span: Span,
}

impl<T> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Entry<'_, T> {}

impl<'a, T: Tree> Entry<'a, T> {
    /// A declaration, if it is of this kind.
    pub(crate) fn of(unit: &'a Unit) -> Option<Entry<'a, T>> {
        let kind = &unit.declaration.node.kind;
        Some(Entry { node: T::of(kind)?, docs: unit.docs(), name: kind.name()?, span: unit.span() })
    }
}

impl<T> Entry<'_, T> {
    /// The description for the compiled program.
    pub fn description(&self) -> Option<String> {
        self.docs.map(|docs| docs.as_str().to_owned())
    }
}

/// All declarations of one kind, as one check sees them.
#[derive(Debug)]
pub struct Table<'a, T> {
    kind: Kind,
    index: &'a Index,
    reads: &'a Reads,
    tree: PhantomData<&'a T>,
}

impl<T> Clone for Table<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Table<'_, T> {}

impl<'a, T: Tree> Table<'a, T> {
    pub(super) const fn new(kind: Kind, index: &'a Index, reads: &'a Reads) -> Table<'a, T> {
        Table { kind, index, reads, tree: PhantomData }
    }

    /// The declaration with this name.
    pub fn get(&self, name: &str) -> Option<Entry<'a, T>> {
        self.reads.note(Read::Declaration(self.kind, SmolStr::new(name)));
        Entry::of(self.index.find(self.kind, name)?)
    }

    /// Notes that something refers to the declaration with this name.
    pub fn mark_used(&self, name: &SmolStr) {
        self.reads.mark_used(self.kind, name);
    }

    /// The finding that there is no declaration with this name.
    pub(super) fn unknown(&self, name: &Name) -> Diagnostic {
        let (word, text) = (self.kind.word(), &name.node);
        let hint = if self.kind == Kind::Connector && CONNECTORS.iter().any(|kind| kind.word == text) {
            format!("what stands here is the name of a connector; declare one: `connector crm {text} {{ … }}`")
        } else if self.kind == Kind::Connector {
            format!("declare it: `connector {} bearer {{ … }}`, or `basic` or `api_key`", spelled(text))
        } else {
            format!("declare it: `{word} {} {{ … }}`", spelled(text))
        };
        let finding = Diagnostic::new(Code::UnknownName, name.span).message(format!("there is no {word} `{text}`"));
        match self.of_other_kind(text) {
            Some(hint) => finding.hint(hint),
            None => finding.hint(hint).guess(Guess::Meant { kind: self.kind, name: text.clone() }),
        }
    }

    /// What there is of this name, and how it is used.
    fn of_other_kind(&self, name: &SmolStr) -> Option<String> {
        let kinds = [Kind::Webhook, Kind::Message, Kind::Segment, Kind::Event, Kind::Workflow, Kind::Connector];
        let other = kinds.into_iter().filter(|kind| *kind != self.kind).find(|kind| {
            self.reads.note(Read::Declaration(*kind, name.clone()));
            self.index.find(*kind, name).is_some()
        })?;
        // It is used, though in the wrong way.
        self.reads.mark_used(other, name);
        let spelled = spelled(name);
        Some(match other {
            Kind::Webhook => format!("`{name}` is a webhook, which is called: `call {spelled}`"),
            Kind::Message => format!("`{name}` is a message, which is sent: `send {spelled}`"),
            Kind::Segment => format!("`{name}` is a segment: ask `contact in {spelled}`"),
            Kind::Event => format!("`{name}` is an event, which is raised: `emit {spelled} {{ … }}`"),
            Kind::Connector => format!("`{name}` is a connector, which a webhook names: `auth {spelled}`"),
            _ => format!("`{name}` is a workflow, which is started by what its `on` line names"),
        })
    }
}

/// Adds a step to a path as the language writes it: `.name`, `["any name"]`.
pub fn push_step(path: &mut String, name: &str) {
    match spelled(name) {
        quoted if quoted != name => path.extend(["[", &*quoted, "]"]),
        word => path.extend([".", &*word]),
    }
}

/// A name as it is written: quoted where it is more than a word.
pub fn spelled(name: &str) -> Cow<'_, str> {
    let mut letters = name.chars();
    let plain = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { Cow::Borrowed(name) } else { Cow::Owned(format!("{name:?}")) }
}
