//! Who is meant and what is said: segments and messages.

use smol_str::SmolStr;

use super::{Expr, Name};
use crate::source::Spanned;
use crate::syntax::text_block::TextBlock;

/// `segment NAME { condition }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Its name.
    pub name: Name,
    /// Who belongs to it.
    pub condition: Expr,
}

/// `message NAME { channel { … } … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its name.
    pub name: Name,
    /// One block for each channel, in the order written.
    pub channels: Vec<Spanned<MessageChannel>>,
    /// A channel's block could not be read.
    pub broken: bool,
}

/// `email { subject "…" … }`: what goes over one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageChannel {
    /// `email` or the name of a declared channel.
    pub channel: Name,
    /// The parts in the order written.
    pub parts: Vec<Spanned<Part>>,
    /// A part could not be read.
    pub broken: bool,
}

/// `subject "…"`: one part of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// `from`, `to`, `subject`, `html`, `text`, …: any word, known or not.
    pub name: Name,
    /// Its content.
    pub value: PartValue,
}

/// The content of a message's part.
#[derive(Clone, Debug, PartialEq)]
pub enum PartValue {
    /// A Velocity template, written here.
    Template(Spanned<TextBlock>),
    /// `file "promo.html.vm"`: a template in a file of its own; the place is the quoted path's.
    File(Spanned<SmolStr>),
    /// `contact.email`: a name, followed by fields and indexes.
    Path(Expr),
    /// `[file "a.pdf", file "b.pdf"]`.
    List(Vec<Spanned<PartValue>>),
    /// Could not be read.
    Broken,
}
